"""Comparing saved games written by different programs."""

from collections.abc import Mapping

from pydoom.game.dsg import ArchivedGame
from pydoom.sim.level import ML_MAPPED

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
    """All of a save that two programs must agree on; which lines the map shows depends on what was drawn."""

    def facts(fields: Mapping[str, int]) -> dict[str, int]:
        return {name: value & 0xFFFFFFFF for name, value in fields.items() if name not in POINTERS}

    return {
        "header": saved.header,
        "players": {number: facts(player) for number, player in saved.players.items()},
        "sectors": [facts(sector) for sector in saved.sectors],
        "lines": [(line | {"flags": line["flags"] & ~ML_MAPPED}, sides) for line, sides in saved.lines],
        "mobjs": [facts(mobj) for mobj in saved.mobjs],
        "specials": [(kind, facts(special)) for kind, special in saved.specials],
    }
