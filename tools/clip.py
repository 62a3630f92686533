"""Makes the README's clip and the images in the docs: a scripted player among simulated containers.

    python -m tools.clip [--wad FILE] [--pictures FOLDER] VIDEO

Needs Freedoom's first part (Debian: apt install freedoom), whose graphics may be redistributed. The level, the
containers and their places are the same every time, and the player decides by the world alone, so the clip is the same
too.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from tqdm import tqdm

from pydoom.api import Game
from pydoom.api.actions import Action
from pydoom.containers import connect
from pydoom.containers.fleet.lifecycle import Phase
from pydoom.containers.layer import Containers
from pydoom.data.infotables import load_info
from pydoom.devices.recording import Recorder
from pydoom.game.dehacked import patch_game
from pydoom.game.events import KEY_TAB, KeyEvent
from pydoom.game.level import Level
from pydoom.game.rules import Rules
from pydoom.game.sounds import NUM_CHANNELS
from pydoom.run.machine import Machine
from pydoom.screens.screenshot import encode_png
from pydoom.screens.settings import Settings
from pydoom.sim import collision, sight
from pydoom.sim.constants import TICRATE
from pydoom.sim.fixed import FRACUNIT
from pydoom.sim.mobj import Mobj
from pydoom.sim.ticcmd import TicCmd
from pydoom.wad import WadError, load
from pydoom.wad.find import find_iwad

EPISODE, MAP, SKILL = 2, 7, 2
FLEET: Final = "simulated?fleet=120&churn=0&seed=4"
PLACE: Final = (-1792, -180)
"""A place in front of the base, in map units."""
FACING: Final = 70.0
PREPARE_SECONDS: Final = 30
VOLUME: Final = 8
LOUDEST: Final = 15

CIRCLE: Final = 1 << 16
"""Turn of a command, at most."""
TURN_LIMIT: Final = 1500
NEAREST, FURTHEST = 60, 1400
"""Map units to a target."""
ON_TARGET: Final = 300
"""Largest error of an aim, in a command's units of turn: less than two degrees."""
SHOTGUN, CHAINGUN, ROCKETS = 3, 4, 5
"""Number keys."""


@dataclass(slots=True)
class Aim:
    """The monster aimed at, its distance in map units, and how far to turn to it, left positive."""

    target: Mobj
    distance: float
    turn: int


class Scene:
    """A game with containers as monsters and a scripted player among them."""

    def __init__(self, wad: Path, video: Path) -> None:
        assets, info = load(wad), load_info()
        patch_game(info, assets)
        self.recorder = Recorder(video, assets, info.sounds)
        self.game = Machine(
            assets,
            Settings(sfx_volume=LOUDEST, music_volume=VOLUME),
            info,
            speakers=self.recorder.speakers,
            connect=lambda renderer: connect(FLEET, assets, info, renderer, species="memory"),
        )
        session = self.session = self.game.session
        session.start(Rules(skill=SKILL, nomonsters=True), Level(EPISODE, MAP))
        assert isinstance(self.game.containers, Containers)
        self.containers = self.game.containers
        self.player = session.world.players[0]
        self._cmd = TicCmd()

    def prepare(self) -> None:
        """Give all containers their monsters and the player all weapons, and put the player in front of them."""
        roster = self.containers.roster
        deadline = time.monotonic() + PREPARE_SECONDS
        while not roster.entries or roster.waiting():
            if time.monotonic() > deadline:
                raise SystemExit("the containers did not come: is there room for them, and does the bridge run?")
            time.sleep(0.01)
            self.containers.before_tic(self.session)
        for cheat in ("iddqd", "idkfa"):
            self.type(cheat)
        for _ in range(5 * TICRATE):  # until the cheats' messages are gone
            self.tic(Action(weapon=ROCKETS))
            self.game.draw()
        mobj = self.player.mo
        collision.teleport_move(self.session.world, mobj, PLACE[0] * FRACUNIT, PLACE[1] * FRACUNIT)
        mobj.z = mobj.floorz
        mobj.angle = int(FACING / 360 * (1 << 32))

    def type(self, word: str) -> None:
        """Press one key after the other."""
        for character in word:
            self.press(ord(character))

    def press(self, key: int) -> None:
        """Press and release a key."""
        for down in (True, False):
            self.game.responder(KeyEvent(key, down))

    def tic(self, action: Action) -> None:
        """Run a tic; give the bridge the same time for an answer as in play."""
        if any(entry.phase is Phase.DYING for entry in self.containers.roster.entries.values()):
            time.sleep(1 / TICRATE)
        action.fill(self._cmd)
        self.game.tic({0: self._cmd})
        self.game.update_sounds()

    def aim(self, target: Mobj | None) -> Aim | None:
        """The living container in sight to shoot at: still `target`, or one near the player and the frame's centre."""
        world, mobj = self.session.world, self.player.mo
        found = []
        for entry in self.containers.roster.entries.values():
            other = entry.mobj
            if entry.phase is not Phase.ALIVE or other is None or not sight.check_sight(world, mobj, other):
                continue
            dx, dy = (other.x - mobj.x) / FRACUNIT, (other.y - mobj.y) / FRACUNIT
            direction = math.atan2(dy, dx) / math.tau * CIRCLE
            turn = round(direction - (mobj.angle >> 16)) % CIRCLE
            aim = Aim(other, math.hypot(dx, dy), turn - CIRCLE if turn > CIRCLE // 2 else turn)
            if NEAREST <= aim.distance <= FURTHEST:
                found.append(aim)
        return min(found, key=lambda aim: (aim.target is not target, abs(aim.turn) / 20 + aim.distance), default=None)


# -- what the player does


def look_around(tics: int, turn: int, forward: int) -> Iterator[Action]:
    """Do the same for `tics`."""
    for _ in range(tics):
        yield Action(turn=turn, forward=forward)


def hunt(scene: Scene, weapon: int, kills: int, tics: int, forward: int = 0) -> Iterator[Action]:
    """Take the weapon and shoot one after the other, until `kills` are dead or time is up."""
    target: Mobj | None = None
    yield Action(weapon=weapon, forward=forward)
    for _ in range(tics):
        if target is not None and target.health <= 0:
            target, kills = None, kills - 1
        if kills <= 0:
            return
        aim = scene.aim(target)
        if aim is None:
            yield Action(turn=TURN_LIMIT // 2)
            continue
        target = aim.target
        turn = max(-TURN_LIMIT, min(TURN_LIMIT, round(aim.turn * 0.4)))
        yield Action(turn=turn, forward=forward, attack=abs(aim.turn) < ON_TARGET)


def script(scene: Scene) -> Iterator[tuple[Action, str]]:
    """Each tic's action, and the name of the screenshot to take of it, if any."""

    def play(actions: Iterator[Action], name: str = "", at: int = 0) -> Iterator[tuple[Action, str]]:
        for number, action in enumerate(actions):
            yield action, name if number == at else ""

    yield from play(look_around(45, 110, 8), "monsters", 3)
    yield from play(hunt(scene, ROCKETS, kills=1, tics=80))
    yield from play(hunt(scene, CHAINGUN, kills=3, tics=110), "rocket", 3)
    yield from play(hunt(scene, SHOTGUN, kills=2, tics=80))
    yield from play(look_around(20, 0, 0))
    scene.press(KEY_TAB)
    scene.type("iddt")
    yield from play(look_around(30, 0, 0), "automap", 20)
    scene.press(KEY_TAB)
    yield from play(look_around(50, 0, 0), "list", 20)


def main() -> None:
    """Make the clip."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--wad", default="freedoom1.wad", help="Freedoom's first part, by default where it is installed"
    )
    parser.add_argument("--pictures", type=Path, help="folder for the images")
    parser.add_argument("video", type=Path, help="what `pydoom --record-video` takes")
    options = parser.parse_args()
    try:
        found = find_iwad(options.wad)
    except WadError as error:
        parser.error(f"{error} (Debian: apt install freedoom; or get it from https://freedoom.github.io)")
    assert found is not None  # it was asked for by name
    wad = found.path
    scene = Scene(wad, options.video)
    try:
        scene.prepare()
        record(scene, options.pictures)
        if options.pictures is not None:
            play_for_the_api_page(wad, options.pictures / "api.png")
    finally:
        scene.game.close()


def record(scene: Scene, pictures: Path | None) -> None:
    """Play the script, and record video and sound."""
    game = scene.game
    recorder = scene.recorder
    for channel in range(NUM_CHANNELS):  # sounds from preparing the scene
        recorder.speakers.sound.stop(channel)
    for action, name in tqdm(script(scene), unit="tic", disable=None):
        scene.tic(action)
        game.draw()
        recorder.tic(game.frame, game.colours())
        if name and pictures is not None:
            keep(pictures / f"{name}.png", game.frame, game.colours())
    recorder.close()


def play_for_the_api_page(wad: Path, path: Path) -> None:
    """Save what `pydoom.Game` shows after some steps."""
    with Game(wad, "E1M1") as game:
        game.step("forward run", 30)
        game.step("attack", 4)
        keep(path, game.screen, game.palette)


def keep(path: Path, frame: np.ndarray, colours: np.ndarray) -> None:
    """Write a frame as it looks on a screen: twice as large, a fifth taller."""
    enlarged = frame[np.arange(480) * 200 // 480].repeat(2, axis=1)
    path.write_bytes(encode_png(enlarged, colours))


if __name__ == "__main__":
    main()
