"""A scripted player in the real game, in front of the monster of whichever container it is to shoot."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from pydoom.api.actions import Action
from pydoom.containers import connect
from pydoom.containers.fleet.lifecycle import LIVING, Phase
from pydoom.containers.fleet.roster import Entry
from pydoom.containers.layer import Containers
from pydoom.data.infotables import load_info
from pydoom.game.dehacked import patch_game
from pydoom.game.level import Level
from pydoom.game.rules import Rules
from pydoom.run.machine import Machine
from pydoom.sim import links
from pydoom.sim.constants import TICRATE
from pydoom.sim.mobj import Mobj
from pydoom.sim.player import CF_GODMODE
from pydoom.sim.ticcmd import TicCmd
from pydoom.wad import Assets

EYE: Final = (1900, -3550)
TARGET: Final = (1700, -3550)
ASIDE: Final = (2100, -3550)
"""Places in E1M1's courtyard, in map units: the player, who looks west; the monster to shoot; all others."""

WEST: Final = 0x80000000
PISTOL, SHOTGUN, CHAINGUN, ROCKETS = 2, 3, 4, 5
"""Number keys."""

PATIENCE_SECONDS: Final = 60.0


class Gunman:
    """The game without a window, 35 tics a second, with all weapons and without monsters of its own."""

    def __init__(self, assets: Assets, socket: Path) -> None:
        info = load_info()
        patch_game(info, assets)
        url = f"unix://{socket}"
        self.machine = Machine(assets, info=info, connect=lambda renderer: connect(url, assets, info, renderer))
        assert isinstance(self.machine.containers, Containers)
        self.layer = self.machine.containers
        self.session = self.machine.session
        self.session.start(Rules(nomonsters=True), Level(1, 1))
        self.player = self.session.world.players[0]
        self._cmd = TicCmd()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.layer.close()

    def arm(self) -> None:
        """Give the player all weapons, and make it invulnerable."""
        self.player.weaponowned = [True] * len(self.player.weaponowned)
        self.player.ammo = [200] * len(self.player.ammo)
        self.player.cheats |= CF_GODMODE

    def play_until(self, done: Callable[[], bool], action: Action | None = None) -> None:
        """Hold this action, standing still, until something has happened."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not done():
            assert time.monotonic() < deadline, "it did not happen in time"
            self.tic(action or Action())

    def tic(self, action: Action) -> None:
        """Play one tic and draw its frame."""
        began = time.monotonic()
        action.fill(self._cmd)
        self.machine.tic({0: self._cmd})
        self.machine.draw()
        time.sleep(max(0.0, 1 / TICRATE - (time.monotonic() - began)))

    def entry(self, container_id: str) -> Entry:
        """What the game knows about a container."""
        return self.layer.roster.entries[container_id]

    def knows(self, *container_ids: str) -> bool:
        """Whether all these containers have monsters that can be shot."""
        entries = self.layer.roster.entries
        return all(each in entries and entries[each].phase is Phase.ALIVE for each in container_ids)

    def shoot(self, container_id: str, weapon: int) -> None:
        """Take a weapon, aim and fire until the monster is dead."""
        target = self.entry(container_id)
        self.play_until(lambda: self.player.readyweapon == weapon - 1, Action(weapon=weapon))

        def is_dead() -> bool:
            self._line_up(target)  # again in each tic: monsters walk, and others may appear
            return target.phase is not Phase.ALIVE

        self.play_until(is_dead, Action(attack=True))

    def _line_up(self, target: Entry) -> None:
        """Put the player in front of the monster, and all others behind the player."""
        for entry in self.layer.roster.entries.values():
            if entry.mobj is not None and entry.phase in LIVING:
                entry.mobj.tics = -1  # it stands still
                self._put(entry.mobj, TARGET if entry is target else ASIDE)
        self._put(self.player.mo, EYE)
        self.player.mo.angle = WEST

    def _put(self, mobj: Mobj, place: tuple[int, int]) -> None:
        """Put a thing on the floor at this place."""
        links.unset_thing_position(self.session.world, mobj)
        mobj.x, mobj.y = place[0] << 16, place[1] << 16
        links.set_thing_position(self.session.world, mobj)
        mobj.z = mobj.floorz = mobj.subsector.sector.floorheight
