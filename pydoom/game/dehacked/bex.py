"""Boom's additions to patches (BEX), as far as DOOM 1.9 supports them: actions, bits and lumps by name, par times.

As in Crispy Doom (``deh_bexptr.c``, ``deh_bexpars.c``, ``deh_thing.c``); Chocolate Doom knows ``[STRINGS]`` only.
Anything that needs the rules of Boom or its successors gets a warning.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from pydoom.data import flags
from pydoom.data.info import GameInfo
from pydoom.game.dehacked.errors import Report
from pydoom.game.dehacked.parser import Assignment, Section, decimal
from pydoom.game.sounds import MUSIC_NAMES

NO_ACTION: Final = "null"
BITS: Final = {
    name.removeprefix("MF_"): value for name, value in vars(flags).items() if name.startswith("MF_") and value > 0
} | {
    # two bits; the name means the lower one
    "TRANSLATION": 0x4000000,
    "TRANSLATION1": 0x4000000,
    "TRANSLATION2": 0x8000000,
    "UNUSED1": 0x8000000,
    "UNUSED2": 0x10000000,
    "UNUSED3": 0x20000000,
    "UNUSED4": 0x40000000,
}
"""Bits of things by name."""
EPISODES: Final = 4
MAPS_OF_EPISODE: Final = 9
COMMERCIAL_MAPS: Final = 32

_SHOWN_NAMES: Final = 5
_FRAME: Final = re.compile(r"frame\s+(\d{1,9})", re.IGNORECASE | re.ASCII)
_PAR: Final = re.compile(r"par((?:\s+[-+]?\d{1,32}){2,3})(?:\s|$)", re.ASCII)
_BIT_SEPARATORS: Final = re.compile(r"[,+| \t\f\r]+")
_LUMP_NAME: Final = re.compile(r"[A-Z0-9_\-\[\]\\]+", re.IGNORECASE | re.ASCII)
_SPRITE_LETTERS: Final = 4
_SUFFIX_LETTERS: Final = 6
"""Most letters of a lump's name after DS or D_."""


def action_names(info: GameInfo) -> dict[str, str]:
    """DOOM's actions by their BEX names, in lower case."""
    return {name.removeprefix("A_").lower(): name for name in info.original_actions if name} | {NO_ACTION: ""}


def set_action(info: GameInfo, names: Mapping[str, str], assignment: Assignment, report: Report) -> None:
    """``Frame 184 = Scream``; `names` are those of `action_names`."""
    frame = _FRAME.fullmatch(assignment.name)
    if frame is None:
        report.warn(assignment.line, f"this should be Frame and a number, not {assignment.name!r}")
    elif int(frame[1]) >= len(info.states):
        report.warn(assignment.line, f"there is no frame {int(frame[1])}")
    else:
        action = names.get(assignment.value.lower())
        if action is None:
            report.warn(
                assignment.line, f"DOOM has no action {assignment.value!r}: frame {int(frame[1])} keeps its own"
            )
        else:
            info.states[int(frame[1])].action_name = action


def set_par(info: GameInfo, assignment: Assignment, report: Report) -> None:
    """``par 1 3 120`` or ``par 17 300``: episode and map, or map of DOOM II, and seconds."""
    match = _PAR.match(assignment.name)
    if match is None:
        report.warn(assignment.line, "this should be par, episode and map (or map alone), and seconds")
        return
    *place, seconds = map(decimal, match[1].split())
    episode, number = place if len(place) > 1 else (0, place[0])
    most = MAPS_OF_EPISODE if episode else COMMERCIAL_MAPS
    if not (1 <= number <= most and (len(place) == 1 or 1 <= episode <= EPISODES)):
        report.warn(assignment.line, f"there is no level {' '.join(map(str, place))}")
        return
    info.pars[episode, number] = seconds


def rename_lump(info: GameInfo, section: Section, assignment: Assignment, report: Report) -> None:
    """``TROO = IMPX`` in ``[SPRITES]``, ``PISTOL = SHOTGN`` in ``[SOUNDS]``, ``E1M1 = ROMERO`` in ``[MUSIC]``."""
    names, letters = {
        "[sprites]": (info.sprites, _SPRITE_LETTERS),
        "[sounds]": ([sound.name for sound in info.sounds], _SUFFIX_LETTERS),
        "[music]": ([name for name in MUSIC_NAMES if name], _SUFFIX_LETTERS),
    }[section.kind]
    old, new = assignment.name.lower(), assignment.value
    known = next((name for name in names if name.lower() == old), None)
    if known is None:
        report.warn(assignment.line, f"DOOM has no {assignment.name!r} among its {section.kind.strip('[]')}")
    elif not _LUMP_NAME.fullmatch(new) or len(new) > letters or (letters == _SPRITE_LETTERS != len(new)):
        report.warn(assignment.line, f"{new!r} is not a valid lump name")
    else:
        info.replaced_text[known] = new.upper() if letters == _SPRITE_LETTERS else new.lower()


def bits(assignment: Assignment, report: Report) -> int:
    """The value of ``Bits``: a number, or names joined by + , | or spaces."""
    if assignment.number or assignment.value.lstrip("+-")[:1] in ("", *"0123456789"):
        return assignment.number
    names = [name for name in _BIT_SEPARATORS.split(assignment.value.upper()) if name]
    unknown = [name for name in names if name not in BITS]
    if unknown:
        more = f" and {len(unknown) - _SHOWN_NAMES} more" if len(unknown) > _SHOWN_NAMES else ""
        report.warn(assignment.line, f"DOOM has no bits {', '.join(map(repr, unknown[:_SHOWN_NAMES]))}{more}")
    value = 0
    for name in names:
        value |= BITS.get(name, 0)
    return value
