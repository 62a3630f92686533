"""A map as the simulation takes it: the lumps of ``doomdata.h``, in any kind of array.

`wad.maps.MapData` is one; it is described there. The simulation knows only that its arrays become lists of ints.
"""

from __future__ import annotations

from typing import Protocol


class Numbers(Protocol):
    """A column of ints."""

    def tolist(self) -> list[int]:
        """As a list."""


class Rows(Protocol):
    """Rows of ints."""

    def tolist(self) -> list[list[int]]:
        """As a list of lists."""


class SectorSource(Protocol):
    """SECTORS, column by column: heights in map units, names of flats."""

    @property
    def floorheight(self) -> Numbers:
        """Map units."""

    @property
    def ceilingheight(self) -> Numbers:
        """Map units."""

    @property
    def floorpic(self) -> list[str]:
        """Names of flats."""

    @property
    def ceilingpic(self) -> list[str]:
        """Names of flats."""

    @property
    def lightlevel(self) -> Numbers:
        """0 to 255, though maps may hold anything."""

    @property
    def special(self) -> Numbers:
        """The sectors' specials."""

    @property
    def tag(self) -> Numbers:
        """The sectors' tags, which lines refer to."""


class SidedefSource(Protocol):
    """SIDEDEFS, column by column: offsets in pixels, names of textures ("-" for none)."""

    @property
    def textureoffset(self) -> Numbers:
        """Pixels."""

    @property
    def rowoffset(self) -> Numbers:
        """Pixels."""

    @property
    def toptexture(self) -> list[str]:
        """Names of the upper textures."""

    @property
    def bottomtexture(self) -> list[str]:
        """Names of the lower textures."""

    @property
    def midtexture(self) -> list[str]:
        """Names of the middle textures."""

    @property
    def sector(self) -> Numbers:
        """Indexes of sectors."""


class MapSource(Protocol):
    """All lumps of a map. Indexes are unsigned, a missing sidedef is -1, and all point at something that exists."""

    @property
    def name(self) -> str:
        """The lump's name, for messages."""

    @property
    def vertexes(self) -> Rows:
        """x, y."""

    @property
    def added_vertexes(self) -> Rows:
        """x, y in 16.16 of what the node builder added; numbered after `vertexes`."""

    @property
    def linedefs(self) -> Rows:
        """v1, v2, flags, special, tag, right sidedef, left sidedef."""

    @property
    def sidedefs(self) -> SidedefSource:
        """By columns, since they hold names."""

    @property
    def sectors(self) -> SectorSource:
        """By columns, since they hold names."""

    @property
    def segs(self) -> Rows:
        """v1, v2, angle (signed BAM), linedef, side, offset in map units."""

    @property
    def subsectors(self) -> Rows:
        """Number of segs, first seg."""

    @property
    def nodes(self) -> Rows:
        """x, y, dx, dy, two boxes (top, bottom, left, right), two children: nodes' numbers, or ~ of subsectors'."""

    @property
    def things(self) -> Rows:
        """x, y, angle in degrees, type, options."""

    @property
    def blockmap(self) -> Numbers:
        """The lump's words, offsets counted from its first; lists end with -1."""

    @property
    def reject(self) -> bytes:
        """The lump, perhaps too short."""
