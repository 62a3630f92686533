"""The demo being played or recorded: its commands, its rules and where it ends (the demo part of ``g_game.c``)."""

from __future__ import annotations

from pathlib import Path

from pydoom.files import SHARED, write_atomically
from pydoom.game.demo import VERSION_LONGTICS, VERSION_UNSAID, DemoHeader, DemoReader, DemoWriter
from pydoom.game.level import Level
from pydoom.game.rules import Rules
from pydoom.sim.rules import GameVersion
from pydoom.sim.ticcmd import TicCmd


class DemoTape:
    """Plays or records one demo at a time."""

    def __init__(self) -> None:
        self._reader: DemoReader | None = None
        self._writer: DemoWriter | None = None
        self._path = Path()

    @property
    def playing(self) -> bool:
        """Whether commands come from a demo."""
        return self._reader is not None

    @property
    def recording(self) -> bool:
        """Whether commands are recorded."""
        return self._writer is not None

    @property
    def length_tics(self) -> int:
        """Length in tics of the demo that is playing; 0 without one."""
        return self._reader.length_tics if self._reader is not None else 0

    def play(self, demo: DemoReader) -> None:
        """Take commands from `demo` from now on."""
        self._reader = demo

    def stop_playing(self) -> None:
        """Take no more commands from a demo."""
        self._reader = None

    def record(self, path: Path, header: DemoHeader, max_bytes: int | None = None) -> None:
        """Record commands from now on, for a file at `path` of `max_bytes` at most (``G_BeginRecording``)."""
        self._writer = DemoWriter(header, max_bytes)
        self._path = path

    def stop_recording(self) -> None:
        """Write the file. Raises OSError."""
        writer, self._writer = self._writer, None
        if writer is not None:
            write_atomically(self._path, writer.finish(), mode=SHARED)

    def read(self, cmd: TicCmd) -> bool:
        """Fill `cmd` from the demo, if one plays; False at its end."""
        return self._reader is None or self._reader.read(cmd)

    def write(self, cmd: TicCmd) -> bool:
        """Record `cmd` while recording, rounded to what the file holds. False when the file is full."""
        return self._writer is None or self._writer.write(cmd)


def header_of(rules: Rules, level: Level, version: GameVersion, *, longtics: bool) -> DemoHeader:
    """The header of a recording of a level that has just begun, by the executable `version`."""
    code = VERSION_UNSAID if version <= GameVersion.DOOM_1_2 else version.code
    return DemoHeader(
        version=VERSION_LONGTICS if longtics else code,
        skill=rules.skill,
        episode=level.episode,
        map=level.map,
        deathmatch=rules.deathmatch,
        respawn=rules.respawn,
        fast=rules.fast,
        nomonsters=rules.nomonsters,
        consoleplayer=rules.consoleplayer,
        playeringame=list(rules.players),
    )


def rules_of(header: DemoHeader, before: Rules) -> Rules:
    """The rules of a demo (``G_DoPlayDemo``); what its header leaves out stays as it was `before`."""
    return Rules(
        skill=header.skill,
        fast=header.fast,
        respawn=header.respawn,
        nomonsters=header.nomonsters,
        deathmatch=header.deathmatch,
        netgame=before.netgame or header.playeringame[1],
        players=tuple(header.playeringame),
        consoleplayer=header.consoleplayer,
        timelimit=before.timelimit,
    )
