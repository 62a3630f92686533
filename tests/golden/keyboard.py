"""Plays a game from a list of key presses, as the main loop would, and keeps a row of every frame.

The rows are those of the original with the same keys: one tic, one frame, and in a melt one frame a step.
"""

import lzma
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pydoom.cli.grammar import GAME_VERSIONS
from pydoom.data.infotables import load_info
from pydoom.game import events as ev
from pydoom.game.events import KeyEvent
from pydoom.game.level import Level
from pydoom.game.rules import Rules
from pydoom.game.ticcmd import Bindings, Controls
from pydoom.run.machine import Machine
from pydoom.screens.settings import Settings
from pydoom.sim.level import SoundOrigin
from pydoom.sim.rules import GameVersion
from pydoom.wad import Assets

DATA = Path(__file__).parent / "data" / "played"
PLAYED = tuple(sorted(path.name.removesuffix(".keys.xz") for path in DATA.glob("*.keys.xz")))
COLUMNS = "tic,melting,gametic,gamestate,rndindex,prndindex,crc,colours_crc,sounds"
ORIGINAL_KEYS = Bindings(
    forward=frozenset({ev.KEY_UPARROW}),
    backward=frozenset({ev.KEY_DOWNARROW}),
    strafe_left=frozenset({ord(",")}),
    strafe_right=frozenset({ord(".")}),
    use=frozenset({ev.KEY_SPACE}),
    next_weapon=frozenset(),
    previous_weapon=frozenset(),
)


@dataclass
class Script:
    """What is played: on which WAD ("shareware" or "rooms"), by which executable, how it starts, the keys of a tic."""

    wad: str
    version: GameVersion
    screenblocks: int
    start: list[str]
    keys: dict[int, list[KeyEvent]]
    tics: int


def read_script(name: str) -> Script:
    head, *lines = lzma.decompress((DATA / f"{name}.keys.xz").read_bytes()).decode("ascii").splitlines()
    wad, screenblocks, *start = head.split()
    wad, _, version = wad.partition("@")
    keys: dict[int, list[KeyEvent]] = {}
    tics = 0
    for line in lines:
        tic, action, *key = line.split()
        if action == "end":
            tics = int(tic)
        else:
            number = int(key[0])
            down = action == "down"
            keys.setdefault(int(tic), []).append(KeyEvent(number, down, number if down and 32 <= number < 127 else 0))
    return Script(wad, GAME_VERSIONS[version or "1.9"], int(screenblocks), start, keys, tics)


def golden(name: str) -> list[str]:
    header, *rows = lzma.decompress((DATA / f"{name}.frames.csv.xz").read_bytes()).decode("ascii").splitlines()
    assert header == COLUMNS
    return rows


class Keyboard:
    """One game and its keys."""

    def __init__(self, assets: Assets, name: str, saves: Path) -> None:
        self.script = read_script(name)
        self.game = Machine(
            assets,
            Settings(screenblocks=self.script.screenblocks),
            load_info(),
            save_folder=saves,
            controls=Controls(ORIGINAL_KEYS),
            version=self.script.version,
        )
        session = self.game.session
        self._sounds: list[str] = []
        self._listen()
        kind, *level = self.script.start
        if kind == "title":
            session.start_title()
        elif kind == "demo":
            session.play_demo((DATA / f"{name}.lmp").read_bytes(), single=True)
        else:
            skill, episode, number = map(int, level)
            session.start(Rules(skill=skill), Level(episode, number))

    def _listen(self) -> None:
        """Note the number of every requested sound and song."""
        sounds = self.game.session.sounds
        start, change_music = sounds.start, sounds.change_music

        def noted_start(origin: SoundOrigin | None, number: int) -> None:
            self._sounds.append(str(number))
            start(origin, number)

        def noted_music(number: int, looping: bool) -> None:
            self._sounds.append(f"m{number}")
            change_music(number, looping)

        vars(sounds).update(start=noted_start, change_music=noted_music)

    def rows(self) -> Iterator[str]:
        """Play to the end, tic 0 without a frame."""
        game, session = self.game, self.game.session
        for tic in range(self.script.tics):
            self._run_tic(tic)
            if session.over or session.quit_requested:
                return
            if not tic:
                continue
            game.update_sounds()
            melt = game.draw()
            if melt is None:
                yield self._row(tic, False, game.frame)
                continue
            while not melt.step():
                yield self._row(tic, True, game.display.melting(melt))
            yield self._row(tic, True, game.frame)

    def _run_tic(self, tic: int) -> None:
        game = self.game
        for event in self.script.keys.get(tic, ()):
            game.responder(event)
            if game.session.quit_requested:
                return
        game.tic(game.commands())

    def _row(self, tic: int, melting: bool, frame: NDArray[np.uint8]) -> str:
        session, random = self.game.session, self.game.session.world.random
        sums = f"{zlib.crc32(frame.tobytes()):08x},{zlib.crc32(self.game.colours().tobytes()):08x}"
        sounds = "+".join(self._sounds)
        self._sounds.clear()
        return (
            f"{tic},{int(melting)},{session.gametic},{int(session.gamestate)},{random.rndindex},{random.prndindex},"
            f"{sums},{sounds}"
        )
