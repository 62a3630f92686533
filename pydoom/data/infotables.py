"""Reads the tables of states, mobj types, weapons, sounds, switches and animations from the CSV files beside it.

Names in the files are the original's (``info.c``, ``d_items.c``, ``sounds.c``, ``p_switch.c``, ``p_spec.c``).
"""

import csv
from importlib.resources import files
from types import ModuleType
from typing import Final

from pydoom.data import flags as mobj_flags
from pydoom.data import mobj_ids, sound_ids, sprite_ids, state_ids
from pydoom.data.info import (
    AM_CELL,
    AM_CLIP,
    AM_MISL,
    AM_NOAMMO,
    AM_SHELL,
    FF_FULLBRIGHT,
    AnimationInfo,
    GameInfo,
    MobjInfo,
    SoundInfo,
    State,
    SwitchInfo,
    WeaponInfo,
)

_AMMO_BY_NAME: Final = {
    "am_clip": AM_CLIP,
    "am_shell": AM_SHELL,
    "am_cell": AM_CELL,
    "am_misl": AM_MISL,
    "am_noammo": AM_NOAMMO,
}


def load_info() -> GameInfo:
    """A fresh copy of all tables, as in the original, before any patch."""
    return GameInfo(
        sprites=[name.removeprefix("SPR_") for name in _names(sprite_ids, "SPR_")],
        states=_load_states(),
        mobjinfo=_load_mobjinfo(),
        weapons=_load_weapons(),
        sounds=_load_sounds(),
        switches=[SwitchInfo(row["off"], row["on"], int(row["episode"])) for row in _rows("switches")],
        animations=[
            AnimationInfo(row["texture"] == "1", row["first"], row["last"], int(row["speed"]))
            for row in _rows("animations")
        ],
    )


def _names(module: ModuleType, prefix: str) -> list[str]:
    return [name for name in vars(module) if name.startswith(prefix)]


def _rows(table: str) -> list[dict[str, str]]:
    text = (files(__package__) / f"{table}.csv").read_text(encoding="ascii")
    return list(csv.DictReader(text.splitlines()))


def _state_number(name: str) -> int:
    return int(getattr(state_ids, name))


def _sound_number(name: str) -> int:
    return int(getattr(sound_ids, name.upper()))


def _load_states() -> list[State]:
    rows = _rows("states")
    states = [
        State(
            index,
            row["name"],
            int(getattr(sprite_ids, "SPR_" + row["sprite"])),
            int(row["frame"]) | (FF_FULLBRIGHT if row["fullbright"] == "1" else 0),
            int(row["tics"]),
            row["action"],
            int(row["misc1"]),
            int(row["misc2"]),
        )
        for index, row in enumerate(rows)
    ]
    for state, row in zip(states, rows, strict=True):
        state.next = states[_state_number(row["next"])]
    return states


def _mobj_field(key: str, text: str) -> int:
    if key.endswith("state"):
        return _state_number(text)
    if key.endswith("sound"):
        return _sound_number(text)
    if key == "flags":
        return sum(int(getattr(mobj_flags, name)) for name in text.split("|") if name)
    return int(text)


def _load_mobjinfo() -> list[MobjInfo]:
    return [
        MobjInfo(
            int(getattr(mobj_ids, row["name"])),
            row["name"],
            {key: _mobj_field(key, text) for key, text in row.items() if key != "name"},
        )
        for row in _rows("mobjinfo")
    ]


def _load_weapons() -> list[WeaponInfo]:
    return [
        WeaponInfo(
            row["name"],
            _AMMO_BY_NAME[row["ammo"]],
            *(_state_number(row[key]) for key in ("up", "down", "ready", "attack", "flash")),
        )
        for row in _rows("weapons")
    ]


def _load_sounds() -> list[SoundInfo]:
    return [
        SoundInfo(
            row["name"],
            int(row["priority"]),
            _sound_number(row["link"]) if row["link"] else None,
            int(row["pitch"]) if row["pitch"] else None,
            int(row["volume"]) if row["volume"] else None,
        )
        for row in _rows("sounds")
    ]
