"""The original's limits, as far as a level's lumps show whether they are kept.

Those of a view (128 visplanes, 256 drawsegs, 16,384 openings) depend on where one stands; tests measure them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pydoom.wad import MapData

MAX_NUMBER: Final = 0x7FFF
"""Most records of a kind: they are numbered by signed words."""
MAX_SUBSECTORS: Final = 0x8000
MAX_SCROLLERS: Final = 64
"""``MAXLINEANIMS``: lines whose texture scrolls."""
MAX_PLATS: Final = 30
"""``MAXPLATS`` and ``MAXCEILINGS``: lifts, or crushers, that move at the same time."""
SAVEGAME_BYTES: Final = 0x2C000
"""``SAVEGAMESIZE``: a larger saved game ends the original with "Savegame buffer overrun"."""

_SCROLLS: Final = 48
_LIFTS: Final = frozenset({10, 21, 62, 88, 120, 121, 122, 123, 53, 54, 87, 89})
_HEADER_BYTES, _PLAYER_BYTES, _SECTOR_BYTES, _LINE_BYTES, _SIDE_BYTES, _MOBJ_BYTES = 50, 284, 14, 10, 10, 160


def check_limits(data: MapData) -> Iterator[str]:
    """Limits that the level breaks by itself."""
    for kind, count, most in (
        ("vertexes", len(data.vertexes), MAX_NUMBER),
        ("linedefs", len(data.linedefs), MAX_NUMBER),
        ("sidedefs", len(data.sidedefs), MAX_NUMBER),
        ("sectors", len(data.sectors), MAX_NUMBER),
        ("segs", len(data.segs), MAX_NUMBER),
        ("subsectors", len(data.subsectors), MAX_SUBSECTORS),
        ("nodes", len(data.nodes), MAX_NUMBER),
        ("things", len(data.things), MAX_NUMBER),
        ("scrolling lines", int((data.linedefs[:, 3] == _SCROLLS).sum()), MAX_SCROLLERS),
    ):
        if count > most:
            yield f"there are {count:,} {kind}, and {most:,} is the most"


def notes(data: MapData) -> list[str]:
    """What the original cannot do in this sound level."""
    found = []
    size = save_bytes(data)
    if size > SAVEGAME_BYTES:
        found.append(
            f"a saved game takes about {size:,} bytes: the original stops with a savegame buffer overrun at "
            f"{SAVEGAME_BYTES:,}, Chocolate Doom unless vanilla_savegame_limit is 0"
        )
    tags = {tag for special, tag in data.linedefs[:, 3:5].tolist() if special in _LIFTS}
    lifts = sum(1 for tag in data.sectors.tag.tolist() if tag in tags)
    if lifts > MAX_PLATS:
        found.append(f"there are {lifts} lifts, and the original stops when more than {MAX_PLATS} move at once")
    return found


def save_bytes(data: MapData) -> int:
    """About how long a game is that is saved when the level begins, in bytes (``p_saveg.c``)."""
    return (
        _HEADER_BYTES
        + _PLAYER_BYTES
        + len(data.sectors) * _SECTOR_BYTES
        + len(data.linedefs) * _LINE_BYTES
        + len(data.sidedefs) * _SIDE_BYTES
        + len(data.things) * _MOBJ_BYTES
    )
