"""A level on the drawing board: what it is made of, before there are vertexes, segs and nodes.

All measures are whole map units. Lines are parallel to an axis, their ends multiples of 8. Lines touch at their ends
only, no two lie on each other, and each sector is closed by the lines around it. A line's front is on its right as one
looks from its start to its end, as in the original's LINEDEFS, and so are flags, specials and tags. Textures and flats
exist in the loaded WAD, or are among the signs; "-" is no texture.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

Point = tuple[int, int]
"""x, y in map units."""

NO_TEXTURE: Final = "-"

SIGN_WIDTH: Final = 256
SIGN_HEIGHT: Final = 32
"""Size of a sign's texture in pixels; it hangs unscaled over its door."""


@dataclass(frozen=True, slots=True)
class Group:
    """Containers that share a room: `population` of them can be hit, `protected` more only be looked at."""

    name: str
    population: int
    protected: int = 0


@dataclass(frozen=True, slots=True)
class DraftSector:
    """One record of SECTORS; `light` is from 0 to 255."""

    floor: int
    ceiling: int
    floor_flat: str
    ceiling_flat: str
    light: int
    special: int = 0
    tag: int = 0


@dataclass(frozen=True, slots=True)
class DraftSide:
    """One record of SIDEDEFS; `sector` is an index into the draft's sectors."""

    sector: int
    upper: str = NO_TEXTURE
    lower: str = NO_TEXTURE
    middle: str = NO_TEXTURE
    x_offset: int = 0
    y_offset: int = 0


@dataclass(frozen=True, slots=True)
class DraftLine:
    """One record of LINEDEFS, with its sides. `flags` are complete: ML_BLOCKING and ML_TWOSIDED are among them."""

    start: Point
    end: Point
    front: DraftSide
    back: DraftSide | None = None
    flags: int = 0
    special: int = 0
    tag: int = 0


@dataclass(frozen=True, slots=True)
class DraftThing:
    """One record of THINGS: `angle` in degrees, `type` is the editor's number."""

    x: int
    y: int
    angle: int
    type: int
    options: int = 7


@dataclass(frozen=True, slots=True)
class DraftPlace:
    """Where a container's monster can stand: there is room for the widest species, and for a neighbour at 64 units.

    `group` is the index of the group whose room it is, -1 for the loading dock, where any may appear. A `protected`
    place can be seen, not reached.
    """

    x: int
    y: int
    angle: int
    group: int
    protected: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """A whole level. `name` is the lump's: E1M1, MAP01.

    `things` are without monsters. `places` are the containers', those to be filled first first. `signs` are textures to
    be made, by name: the text on each, to be drawn SIGN_WIDTH x SIGN_HEIGHT.
    """

    name: str
    sectors: tuple[DraftSector, ...]
    lines: tuple[DraftLine, ...]
    things: tuple[DraftThing, ...]
    places: tuple[DraftPlace, ...] = ()
    signs: Mapping[str, str] = field(default_factory=dict)
