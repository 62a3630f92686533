"""Comparing saved games written by different programs."""

from collections.abc import Mapping

from pydoom.game.dsg import ArchivedGame, SpecialClass
from pydoom.sim.level import ML_MAPPED
from pydoom.sim.specials.doors import INITIAL_WAIT, WAITING
from pydoom.sim.specials.kinds import CeilingType, FloorType, PlatStatus, PlatType

POINTERS = frozenset(
    [
        "prev",
        "next",
        "function",
        "snext",
        "sprev",
        "bnext",
        "bprev",
        "subsector",
        "info",
        "target",
        "tracer",
        "mo",
        "message",
        "attacker",
        "validcount",
    ]
)
"""Fields that hold memory addresses, or (validcount) count what the program happened to look at."""


def without_pointers(saved: ArchivedGame) -> dict[str, object]:
    """The parts of a save that two programs must agree on; the lines on the map depend on what was drawn."""

    def facts(fields: Mapping[str, int]) -> dict[str, int]:
        return {name: value & 0xFFFFFFFF for name, value in fields.items() if name not in POINTERS}

    return {
        "header": saved.header,
        "players": {number: facts(player) for number, player in saved.players.items()},
        "sectors": [facts(sector) for sector in saved.sectors],
        "lines": [(line | {"flags": line["flags"] & ~ML_MAPPED}, sides) for line, sides in saved.lines],
        "mobjs": [facts(mobj) for mobj in saved.mobjs],
        "specials": [(kind, facts(_set_fields(kind, special))) for kind, special in saved.specials],
    }


def _set_fields(kind: SpecialClass, fields: Mapping[str, int]) -> dict[str, int]:
    """The fields of a special that the original sets for its type; the others hold what was in memory."""
    unset: set[str] = set()
    if kind == SpecialClass.FLOOR and fields["type"] not in (FloorType.DONUT_RAISE, FloorType.LOWER_AND_CHANGE):
        unset = {"newspecial", "texture"}
    elif kind == SpecialClass.PLAT:
        unset = {"oldstatus"} if fields["status"] == PlatStatus.WAITING else {"oldstatus", "count"}
        if fields["type"] in (PlatType.RAISE_AND_CHANGE, PlatType.RAISE_TO_NEAREST_AND_CHANGE):
            unset |= {"low", "count"}  # one that is blocked goes down to `low`, and waits there
    elif kind == SpecialClass.CEILING:
        unset = {"olddirection"} if fields["direction"] else set()
        if fields["type"] == CeilingType.RAISE_TO_HIGHEST:
            unset |= {"bottomheight"}
        elif fields["type"] in (CeilingType.LOWER_AND_CRUSH, CeilingType.LOWER_TO_FLOOR):
            unset |= {"topheight"}
    elif kind == SpecialClass.DOOR and fields["direction"] not in (WAITING, INITIAL_WAIT):
        unset = {"topcountdown"}
    return {name: value for name, value in fields.items() if name not in unset}
