"""The history of a game: how it began, and every action since. Replayed, it gives the same game, tic by tic.

Bytes in, values out. `GameHistory.parse` trusts nothing, so it can read files from anywhere.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Final

from pydoom import parsing
from pydoom.api.actions import Action
from pydoom.api.errors import GameError
from pydoom.sim.constants import TICRATE

_MAGIC: Final = b"pydoom saved game 1\n"
_ENTRY: Final = struct.Struct("<bbhBI")
"""Forward, side, turn; attack, use and weapon as bits 0, 1 and 2 to 4; tics."""
_USE: Final = 1 << 1
_WEAPON_SHIFT: Final = 2
_MOST_BUTTONS: Final = 7 << _WEAPON_SHIFT | _USE | 1
_MOST_TICS_AT_ONCE: Final = (1 << 32) - 1
MOST_TICS: Final = TICRATE * 60 * 60 * 24
"""Longer games, of more than a day, are not loaded from bytes."""
_MOST_BYTES: Final = 1 << 16
"""Longest first line, which names the game."""


class ActionLog:
    """Actions with the tics they were held for, packed. Logs of one game share their common beginning."""

    __slots__ = ("_data", "_length")

    def __init__(self, data: bytearray | None = None) -> None:
        self._data = data if data is not None else bytearray()
        self._length = len(self._data)

    def add(self, action: Action, tics: int) -> None:
        """Append `action`, held for `tics` tics."""
        if len(self._data) != self._length:  # another log has continued from here
            self._data = self._data[: self._length]
        buttons = action.attack | action.use * _USE | action.weapon << _WEAPON_SHIFT
        while tics > 0:
            held = min(tics, _MOST_TICS_AT_ONCE)
            self._data += _ENTRY.pack(action.forward, action.side, action.turn, buttons, held)
            tics -= held
        self._length = len(self._data)

    def copy(self) -> ActionLog:
        """A log of the same actions that stays the same when this one grows. Costs nothing."""
        log = ActionLog(self._data)
        log._length = self._length
        return log

    def packed(self) -> bytes:
        """The entries, 9 bytes each."""
        return bytes(self._data[: self._length])

    def __iter__(self) -> Iterator[tuple[Action, int]]:
        """The actions with their tics. Raises ActionError for impossible actions."""
        for forward, side, turn, buttons, tics in _ENTRY.iter_unpack(self.packed()):
            weapon = buttons >> _WEAPON_SHIFT
            yield Action(forward, side, turn, bool(buttons & 1), bool(buttons & _USE), weapon), tics


@dataclass(frozen=True, slots=True)
class Beginning:
    """How a game began.

    `game` is its title for people, and `wads` are the SHA-256 digests of its files; `skill` is 1 to 5.
    """

    game: str
    wads: tuple[str, ...]
    map: str
    skill: int
    seed: int
    fast: bool
    respawn: bool
    monsters: bool


@dataclass(frozen=True, slots=True)
class GameHistory:
    """A game from its beginning to one moment; `state` is the checksum of that moment (see `Game`)."""

    beginning: Beginning
    log: ActionLog
    state: int

    def pack(self) -> bytes:
        """The history as bytes, for a file or another process."""
        head = json.dumps(asdict(self.beginning) | {"state": self.state})
        return _MAGIC + head.encode("ascii") + b"\n" + zlib.compress(self.log.packed())

    @classmethod
    def parse(cls, data: bytes) -> GameHistory:
        """Read what `pack` wrote. Raises GameError for anything else; never runs or trusts the contents."""
        line, newline, packed = data[len(_MAGIC) :].partition(b"\n")
        if not data.startswith(_MAGIC) or not newline or len(line) > _MOST_BYTES:
            raise GameError("this is not a saved game of pydoom.Game")
        try:
            head = parsing.json_value(line)
            beginning, state = _beginning(head), head["state"]
        except (ValueError, KeyError, TypeError):
            raise GameError("the saved game is damaged: its first line") from None
        if not _is_count(state, 1 << 32):
            raise GameError("the saved game is damaged: its checksum")
        return cls(beginning, ActionLog(_log_data(packed)), state)


def _is_count(value: object, limit: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < limit


def _beginning(head: dict[str, Any]) -> Beginning:
    """Parse the first line. Raises KeyError, TypeError or ValueError if it is malformed."""
    game, wads, level = head["game"], tuple(head["wads"]), head["map"]
    flags = head["fast"], head["respawn"], head["monsters"]
    if not all(isinstance(text, str) and text.isprintable() for text in (game, level, *wads)):
        raise ValueError
    if not all(isinstance(flag, bool) for flag in flags):
        raise ValueError
    if not (_is_count(head["skill"], 6) and head["skill"] and _is_count(head["seed"], 1 << 8)):
        raise ValueError
    return Beginning(game, wads, level, head["skill"], head["seed"], *flags)


def _log_data(packed: bytes) -> bytearray:
    most = MOST_TICS * _ENTRY.size
    unpacker = zlib.decompressobj()
    try:
        data = unpacker.decompress(packed, most + 1)
    except zlib.error:
        raise GameError("the saved game is damaged: its actions") from None
    if len(data) <= most and not unpacker.eof:
        raise GameError("the saved game is cut short")
    if len(data) % _ENTRY.size or len(data) > most:
        raise GameError("the saved game is damaged: its actions")
    tics = 0
    for forward, side, turn, buttons, held in _ENTRY.iter_unpack(data):
        tics += held
        if -128 in (forward, side) or turn == -0x8000 or buttons > _MOST_BUTTONS:
            raise GameError("the saved game is damaged: an impossible action")
    if tics > MOST_TICS:
        raise GameError(f"the saved game is {tics} tics long: more than a day")
    return bytearray(data)
