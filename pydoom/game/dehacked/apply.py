"""Applying a patch to the tables of a session (``deh_ammo.c``, ``deh_frame.c``, ``deh_thing.c`` and the like).

Unknown names are warnings, as in the original. References to states, sprites and sounds that do not exist, for which
the original would read stray memory, make the patch useless and are errors.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Final

from pydoom.data import strings
from pydoom.data.info import AM_NOAMMO, NUMAMMO, NUMWEAPONS, GameInfo, State
from pydoom.game.dehacked import bex, tables
from pydoom.game.dehacked.cheats import rename_cheat
from pydoom.game.dehacked.errors import Report
from pydoom.game.dehacked.parser import (
    BEX_SECTIONS,
    PARS_SECTION,
    STRINGS_SECTION,
    Assignment,
    DehackedPatch,
    Include,
    Section,
    TextSwap,
    heading_number,
    heading_pattern,
)

VANILLA_FRAMES: Final = 966
VANILLA_SOUNDS: Final = 107
MAX_FRAME_BYTES: Final = 0xFFFF

_HEADINGS: Final = {
    "ammo": heading_pattern("Ammo"),
    "frame": heading_pattern("Frame"),
    "pointer": heading_pattern(r"Pointer[ \t\n\v\f\r]*[-+]?[0-9]\w*[ \t\n\v\f\r]*\([ \t\n\v\f\r]*[^ \t\n\v\f\r]+"),
    "sound": heading_pattern("Sound"),
    "thing": heading_pattern("Thing"),
    "weapon": heading_pattern("Weapon"),
}
_IGNORED: Final = {
    "frame": ("codep frame",),
    "sound": ("offset", "zero/one", "zero 4", "zero 1", "zero 2", "zero 3", "neg. one 1", "neg. one 2"),
}
"""Fields that have no meaning here: memory addresses of the original and values that only they used."""


def apply(
    patch: DehackedPatch,
    info: GameInfo,
    report: Report,
    *,
    cheats: bool = True,
    include: Callable[[Include], object] | None = None,
) -> None:
    """Change `info` as the patch says; without `cheats`, its new cheats are ignored. Raises DehackedError.

    `include` applies another file; without it, the patch may not include any.
    """
    applier = _Applier(info, report, patch, cheats)
    for part in patch.parts:
        if isinstance(part, TextSwap):
            info.replaced_text[part.old] = part.new
        elif isinstance(part, Include):
            if include is None:
                report.warn(part.line, f"INCLUDE {part.name}: included files and lumps may not include files")
            else:
                include(part)
        else:
            applier.section(part)


class _Applier:
    def __init__(self, info: GameInfo, report: Report, patch: DehackedPatch, cheats: bool) -> None:
        self._info = info
        self._report = report
        self._long_cheats = patch.long_cheats
        self._boom = patch.bex
        self._cheats = cheats
        self._unknown_strings: list[Assignment] = []
        self._counts = {
            "state": len(info.states),
            "sprite": len(info.sprites),
            "sound": len(info.sounds),
        }

    def section(self, section: Section) -> None:
        change = self._target(section)
        if change is None:
            return
        for assignment in section.assignments:
            change(assignment)
        if self._unknown_strings:
            first, count = self._unknown_strings[0], len(self._unknown_strings)
            more = f" and {count - 1} more" if count > 1 else ""
            self._report.warn(first.line, f"DOOM has no text named {first.name!r}{more}")
            self._unknown_strings = []

    def _target(self, section: Section) -> Callable[[Assignment], None] | None:
        """What to do with each line of a section; None when its heading is malformed."""
        kind, info = section.kind, self._info
        if kind == "misc":
            return self._misc
        if kind == "cheat":
            return self._cheat
        if kind == STRINGS_SECTION:
            return self._string
        if kind.startswith("["):
            return self._bex(section)
        number = heading_number(_HEADINGS[kind], section.heading)
        if number is None:
            self._report.warn(section.line, f"this heading should be {kind.capitalize()} and a number")
            return None
        if kind == "thing":
            number -= 1  # patches count things from 1
        size = {
            "ammo": NUMAMMO,
            "frame": len(info.states),
            "pointer": len(info.states),
            "sound": len(info.sounds),
            "thing": len(info.mobjinfo),
            "weapon": NUMWEAPONS,
        }[kind]
        if not 0 <= number < size:
            self._report.warn(section.line, f"there is no {section.heading.strip()}")
            return None
        return self._numbered(kind, number)

    def _bex(self, section: Section) -> Callable[[Assignment], None] | None:
        """What to do with each line of one of Boom's sections; None if DOOM has nothing like it."""
        info, report = self._info, self._report
        if section.kind == "[codeptr]":
            return lambda assignment: bex.set_action(info, self._action_names, assignment, report)
        if section.kind == PARS_SECTION:
            return lambda assignment: bex.set_par(info, assignment, report)
        if section.kind in BEX_SECTIONS:
            return lambda assignment: bex.rename_lump(info, section, assignment, report)
        return None

    @cached_property
    def _action_names(self) -> Mapping[str, str]:
        return bex.action_names(self._info)

    def _numbered(self, kind: str, number: int) -> Callable[[Assignment], None]:
        info = self._info
        if kind == "ammo":
            return lambda assignment: self._ammo(number, assignment)
        if kind == "frame":
            if number >= VANILLA_FRAMES:
                return self._overflow
            return lambda assignment: self._frame(info.states[number], assignment)
        if kind == "pointer":
            return lambda assignment: self._pointer(info.states[number], assignment)
        if kind == "sound":
            return lambda assignment: self._sound(number, assignment)
        if kind == "thing":
            return lambda assignment: self._set(info.mobjinfo[number], tables.THING_FIELDS, assignment)
        return lambda assignment: self._set(info.weapons[number], tables.WEAPON_FIELDS, assignment)

    # -- kinds of sections

    def _ammo(self, number: int, assignment: Assignment) -> None:
        name = assignment.name.lower()
        if name == "per ammo":
            self._info.clipammo[number] = assignment.number
        elif name == "max ammo":
            self._info.maxammo[number] = assignment.number
        else:
            self._unknown(assignment)

    def _frame(self, state: State, assignment: Assignment) -> None:
        field = self._field(tables.FRAME_FIELDS, assignment, ignored=_IGNORED["frame"])
        if field == "next":
            state.next = self._info.states[self._checked("state", assignment)]
        elif field == "sprite":
            state.sprite = self._checked("sprite", assignment)
        elif field == "frame":
            if not 0 <= assignment.number <= MAX_FRAME_BYTES:
                raise self._report.error(assignment.line, f"there is no sprite subnumber {assignment.number}")
            state.frame = assignment.number
        elif field is not None:
            setattr(state, field, assignment.number)

    def _overflow(self, assignment: Assignment) -> None:
        if assignment.name.lower() not in tables.FRAME_OVERFLOW_FIELDS:
            raise self._report.error(assignment.line, f"the last frame cannot have a {assignment.name!r}")
        self._set(self._info.weapons[0], tables.FRAME_OVERFLOW_FIELDS, assignment)

    def _pointer(self, state: State, assignment: Assignment) -> None:
        if assignment.name.lower() != "codep frame":
            self._unknown(assignment)
        elif not 0 <= assignment.number < len(self._info.states):
            self._report.warn(assignment.line, f"there is no frame {assignment.number}")
        else:
            state.action_name = self._info.original_actions[assignment.number]

    def _sound(self, number: int, assignment: Assignment) -> None:
        if number >= VANILLA_SOUNDS:
            self._report.warn(assignment.line, f"sound {number} did not exist in DOOM 1.9")
        if assignment.name.lower() == "value":
            self._info.sounds[number].priority = assignment.number
        elif assignment.name.lower() in _IGNORED["sound"]:
            self._report.warn(assignment.line, f"{assignment.name!r} is not supported")
        else:
            self._unknown(assignment)

    def _misc(self, assignment: Assignment) -> None:
        name = assignment.name.lower()
        if name == "monsters infight":
            infighting = tables.INFIGHTING.get(assignment.number)
            if infighting is None:
                self._report.warn(assignment.line, "monsters infight is 202 (off) or 221 (on)")
            else:
                self._info.misc.species_infighting = infighting
            return
        field = self._field(tables.MISC_FIELDS, assignment)
        if field is not None:
            setattr(self._info.misc, field, assignment.number)

    def _cheat(self, assignment: Assignment) -> None:
        if self._cheats:
            rename_cheat(self._info, assignment, self._report, allow_long=self._long_cheats)

    def _string(self, assignment: Assignment) -> None:
        name = assignment.name.upper() if self._boom else assignment.name
        original = tables.BACKGROUND_STRINGS.get(name)
        if original is None and name not in tables.UNNAMED_STRINGS:
            original = getattr(strings, name, None) if re.fullmatch("[A-Z][A-Z0-9_]*", name) else None
        if isinstance(original, str):
            self._info.replaced_text[original] = assignment.value
        elif self._boom:
            self._unknown_strings.append(assignment)

    # -- fields

    def _set(self, target: object, fields: Mapping[str, str], assignment: Assignment) -> None:
        field = self._field(fields, assignment)
        if field is None:
            return
        value = assignment.number
        if field == "flags" and self._boom:
            value = bex.bits(assignment, self._report)
        if field.endswith("state"):
            value = self._checked("state", assignment)
        elif field.endswith("sound"):
            value = self._checked("sound", assignment)
        elif field == "ammo" and not (0 <= value < 2 * NUMAMMO or value == AM_NOAMMO):
            self._report.warn(assignment.line, f"there is no ammo type {value}; the weapon uses none")
            value = AM_NOAMMO
        elif field == "mass" and value == 0:
            self._report.warn(assignment.line, "a thing without mass cannot be hit; it gets a mass of 1")
            value = 1
        setattr(target, field, value)

    def _checked(self, kind: str, assignment: Assignment) -> int:
        value = assignment.number
        if not 0 <= value < self._counts[kind]:
            what = "frame" if kind == "state" else kind
            raise self._report.error(assignment.line, f"{assignment.name}: there is no {what} {value}")
        return value

    def _field(self, fields: Mapping[str, str], assignment: Assignment, *, ignored: tuple[str, ...] = ()) -> str | None:
        name = assignment.name.lower()
        field = fields.get(name)
        if name in ignored:
            self._report.warn(assignment.line, f"{assignment.name!r} is not supported")
        elif field is None:
            self._unknown(assignment)
        return field

    def _unknown(self, assignment: Assignment) -> None:
        self._report.warn(assignment.line, f"there is no field {assignment.name!r} here")
