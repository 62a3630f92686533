"""Recorded games: the LMP formats of DOOM up to 1.2, of later ones, and of the high-resolution 1.91 (``g_game.c``).

A demo is a header and one command of four bytes (five with `longtics`) for each player and tic, ended by 0x80. The
header begins with the executable's version, except up to 1.2, where it begins with the skill and says less. Bytes in,
commands out; no files, no world. `parse_demo` checks everything that could make a game run forever or fail half-way, so
that a damaged or hostile file is refused with one line before it runs.
"""

from dataclasses import dataclass
from typing import Final

from pydoom.sim.player import MAXPLAYERS
from pydoom.sim.rules import NAMES_BY_CODE, SK_NIGHTMARE, GameVersion
from pydoom.sim.ticcmd import TicCmd

DEMO_MARKER: Final = 0x80
VERSION_UNSAID: Final = 0
"""Stands for the version in headers up to 1.2, which do not say it."""
VERSION_LONGTICS: Final = 111
HEADER_SIZE: Final = 9 + MAXPLAYERS
EARLY_HEADER_SIZE: Final = 3 + MAXPLAYERS
"""Size of a header up to 1.2."""
_NAMES: Final = {
    104: "v1.4",
    105: "v1.5",
    106: "v1.6/v1.666",
    107: "v1.7/v1.7a",
    108: "v1.8",
    109: "v1.9",
    VERSION_LONGTICS: "v1.91 hack demo?",
}
_CUT_HEADER: Final = "the demo is cut short: its header is incomplete"
_SPARE_BYTES: Final = 16
"""Bytes that the original leaves free at the end of its buffer."""
MAX_DEMO_SIZE: Final = 64 << 20


class DemoError(Exception):
    """A demo cannot be played; the message says why."""


@dataclass(slots=True)
class DemoHeader:
    """How a recorded game was started. `version` is the executable's (109 is 1.9), VERSION_UNSAID up to 1.2."""

    version: int
    skill: int
    episode: int
    map: int
    deathmatch: int
    respawn: bool
    fast: bool
    nomonsters: bool
    consoleplayer: int
    playeringame: list[bool]

    @property
    def longtics(self) -> bool:
        """Whether turns are stored in 16 bits instead of 8."""
        return self.version == VERSION_LONGTICS

    @property
    def size(self) -> int:
        """Its size in the file, in bytes."""
        return EARLY_HEADER_SIZE if self.version == VERSION_UNSAID else HEADER_SIZE

    def encode(self) -> bytes:
        """The header in the file's format."""
        if self.version == VERSION_UNSAID:
            return bytes([self.skill & 0xFF, self.episode, self.map, *self.playeringame])
        return bytes(
            [
                self.version,
                self.skill & 0xFF,
                self.episode,
                self.map,
                self.deathmatch,
                self.respawn,
                self.fast,
                self.nomonsters,
                self.consoleplayer,
                *self.playeringame,
            ]
        )


class DemoReader:
    """The commands of a demo, one player and tic at a time (``G_ReadDemoTiccmd``)."""

    def __init__(self, header: DemoHeader, data: bytes) -> None:
        self.header = header
        self._data = data
        self._position = header.size
        self._longtics = header.longtics

    @property
    def length_tics(self) -> int:
        """How many tics the demo lasts from its beginning."""
        commands = _commands(self.header, self._data).index(DEMO_MARKER)
        return commands // max(sum(self.header.playeringame), 1)

    def read(self, cmd: TicCmd) -> bool:
        """Fill `cmd` with the next command; False at the end of the demo, with `cmd` untouched."""
        data = self._data
        position = self._position
        forward = data[position]
        if forward == DEMO_MARKER:
            return False
        side = data[position + 1]
        cmd.forwardmove = forward - 256 if forward > 127 else forward
        cmd.sidemove = side - 256 if side > 127 else side
        if self._longtics:
            turn = data[position + 2] | data[position + 3] << 8
            position += 1
        else:
            turn = data[position + 2] << 8
        cmd.angleturn = turn - 0x10000 if turn > 0x7FFF else turn
        cmd.buttons = data[position + 3]
        self._position = position + 4
        return True


class DemoWriter:
    """Collects the commands of a game being recorded (``G_WriteDemoTiccmd``)."""

    def __init__(self, header: DemoHeader, max_bytes: int | None = None) -> None:
        self.header = header
        self._most = None if max_bytes is None else max_bytes - _SPARE_BYTES
        self._data = bytearray(header.encode())

    def write(self, cmd: TicCmd) -> bool:
        """Append `cmd` and round it to what the file holds, so that the recording plays exactly like the demo.

        False when the file has reached its maximum size and stays as it is.
        """
        if self._most is not None and len(self._data) > self._most:
            return False
        turn = cmd.angleturn & 0xFFFF
        forward = cmd.forwardmove & 0xFF
        self._data += bytes((forward, cmd.sidemove & 0xFF))
        if self.header.longtics:
            self._data += bytes((turn & 0xFF, turn >> 8))
        else:
            self._data.append(turn >> 8)
            turn &= 0xFF00
        self._data.append(cmd.buttons & 0xFF)
        cmd.angleturn = turn - 0x10000 if turn > 0x7FFF else turn
        return True

    def finish(self) -> bytes:
        """The whole file, with its end marker."""
        return bytes(self._data) + bytes((DEMO_MARKER,))


def parse_demo(data: bytes, version: GameVersion = GameVersion.DOOM_1_9, *, allow_longtics: bool = True) -> DemoReader:
    """Check a demo and return its reader; `version` is the executable that is to play it.

    `allow_longtics` is False for demos inside a WAD, where the original rejects the 1.91 format. Raises
    DemoError for a foreign version, impossible settings or a file without an end.
    """
    if not data:
        raise DemoError("the demo is empty")
    is_early = data[0] <= SK_NIGHTMARE
    if is_early:
        is_playable = version <= GameVersion.DOOM_1_2
    else:
        is_playable = data[0] == version.code or (data[0] == VERSION_LONGTICS and allow_longtics)
    if not is_playable:
        raise DemoError(_wrong_version(data[0], version))
    header = _read_early_header(data) if is_early else _read_header(data)
    _check_header(header)
    if DEMO_MARKER not in _commands(header, data):
        raise DemoError("the demo is cut short: it has no end marker")
    return DemoReader(header, data)


def _commands(header: DemoHeader, data: bytes) -> bytes:
    """The first byte of each command, of which the first marker ends the demo."""
    return data[header.size :: 5 if header.longtics else 4]


def _read_header(data: bytes) -> DemoHeader:
    if len(data) < HEADER_SIZE:
        raise DemoError(_CUT_HEADER)
    return DemoHeader(
        version=data[0],
        skill=data[1],
        episode=data[2],
        map=data[3],
        deathmatch=data[4],
        respawn=bool(data[5]),
        fast=bool(data[6]),
        nomonsters=bool(data[7]),
        consoleplayer=data[8],
        playeringame=[bool(flag) for flag in data[9:HEADER_SIZE]],
    )


def _read_early_header(data: bytes) -> DemoHeader:
    if len(data) < EARLY_HEADER_SIZE:
        raise DemoError(_CUT_HEADER)
    return DemoHeader(
        version=VERSION_UNSAID,
        skill=data[0],
        episode=data[1],
        map=data[2],
        deathmatch=0,
        respawn=False,
        fast=False,
        nomonsters=False,
        consoleplayer=0,
        playeringame=[bool(flag) for flag in data[3:EARLY_HEADER_SIZE]],
    )


def _check_header(header: DemoHeader) -> None:
    if header.skill > SK_NIGHTMARE:
        raise DemoError(f"the demo asks for skill {header.skill}, which does not exist (0 to {SK_NIGHTMARE})")
    if not any(header.playeringame):
        raise DemoError("the demo has no players")
    if header.consoleplayer >= MAXPLAYERS or not header.playeringame[header.consoleplayer]:
        raise DemoError(f"the demo is shown by player {header.consoleplayer}, who is not in the game")


def _wrong_version(found: int, version: GameVersion) -> str:
    """The original's words for a demo whose first byte is `found`, and what to do about it."""
    if found <= SK_NIGHTMARE:
        name, player = "v1.0/v1.1/v1.2", "1.2"
    else:
        name = _NAMES.get(found, f"{found // 100}.{found % 100} (unknown)")
        player = NAMES_BY_CODE.get(found, "")
    remedy = f"; play it with --gameversion {player}" if player else ""
    return (
        f"Demo is from a different game version! (read {found}, should be {version.code}) "
        f"This appears to be {name}{remedy}"
    )
