"""How rooms look: textures, flats, lamps, decorations and light that go together.

Each theme names more than a WAD may have; `themes` keeps what there is, and drops what nothing is left of. The names up
to the first of DOOM II's come from the shareware WAD, so no WAD of the series is without themes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from pydoom.fleetmap.doomednums import (
    BIG_TREE,
    BLUE_TORCH,
    CANDELABRA,
    CANDLE,
    COLUMN_LAMP,
    EVIL_EYE,
    FLOATING_SKULL,
    GREEN_TORCH,
    GREY_TREE,
    RED_TORCH,
    SHORT_BLUE_TORCH,
    SHORT_GREEN_PILLAR,
    SHORT_GREEN_TORCH,
    SHORT_RED_TORCH,
    SHORT_TECH_LAMP,
    STALAGMITE,
    TALL_GREEN_PILLAR,
    TALL_RED_PILLAR,
    TALL_TECH_LAMP,
    TECH_PILLAR,
)
from pydoom.fleetmap.stock import Stock

DOOR_WIDTH: Final = 128
DOOR_HEIGHT: Final = 96


@dataclass(frozen=True, slots=True)
class Theme:
    """Alternatives for each part of a room. `light` is the darkest and the brightest level, from 0 to 255.

    `heights` are those of ceilings in map units.

    `walls` and `trims` cover walls of any height, `racks` the blocks that stand about, `doors` are seen from outside.
    """

    name: str
    walls: tuple[str, ...]
    trims: tuple[str, ...]
    racks: tuple[str, ...]
    floors: tuple[str, ...]
    inlays: tuple[str, ...]
    ceilings: tuple[str, ...]
    lamps: tuple[str, ...]
    doors: tuple[str, ...]
    things: tuple[int, ...]
    light: tuple[int, int]
    heights: tuple[int, ...] = (128, 144, 160)
    pools: tuple[str, ...] = ()

    def stocked(self, stock: Stock) -> Theme | None:
        """What is left of the theme in this WAD; None without a wall of its own."""
        walls = stock.walls(self.walls)
        if not walls:
            return None
        return replace(
            self,
            walls=walls,
            trims=stock.walls(self.trims) or walls,
            racks=stock.walls(self.racks) or walls,
            floors=stock.floors(self.floors) or (stock.plain_flat,),
            inlays=stock.floors(self.inlays) or (stock.plain_flat,),
            ceilings=stock.floors(self.ceilings) or (stock.plain_flat,),
            lamps=stock.floors(self.lamps) or stock.floors(_LAMPS) or (stock.plain_flat,),
            doors=stock.fitting((*self.doors, *_DOORS), DOOR_WIDTH, DOOR_HEIGHT)[:3] or (stock.plain_wall,),
            things=stock.kinds(self.things),
            pools=stock.floors(self.pools),
        )


_LAMPS: Final = ("TLITE6_1", "TLITE6_4", "FLAT2", "CEIL1_2")
_DOORS: Final = ("BIGDOOR2", "BIGDOOR1", "BIGDOOR4", "BIGDOOR3")
_TECH: Final = (COLUMN_LAMP, TECH_PILLAR, TALL_TECH_LAMP, SHORT_TECH_LAMP)
_NUKAGE: Final = ("NUKAGE1",)
_WATER: Final = ("FWATER1", "NUKAGE1")

THEMES: Final = (
    Theme(
        "offices",
        ("STARTAN2", "STARTAN1", "STARTAN3", "STARBR2"),
        ("LITE2", "SUPPORT2", "LITE3"),
        ("COMPUTE3", "COMPTALL", "TEKWALL4"),
        ("FLOOR4_8", "FLOOR5_1", "FLOOR0_3"),
        ("FLAT14", "CEIL4_3", "FLAT5_5"),
        ("CEIL3_5", "CEIL3_2", "CEIL3_1"),
        ("TLITE6_4", "TLITE6_6", "CEIL1_2"),
        ("BIGDOOR4", "BIGDOOR2"),
        (COLUMN_LAMP, TALL_TECH_LAMP),
        (176, 208),
    ),
    Theme(
        "silver labs",
        ("STARGR1", "GRAY7", "STARGR2", "SILVER1"),
        ("SHAWN2", "SUPPORT2", "SILVER2"),
        ("COMPUTE1", "COMPSTA1", "SILVER3"),
        ("FLAT20", "FLAT18", "FLOOR0_6"),
        ("FLAT23", "CONS1_5", "FLAT14"),
        ("FLAT18", "CEIL3_5", "FLAT19"),
        ("FLAT2", "TLITE6_1", "GRNLITE1"),
        ("BIGDOOR1", "BIGDOOR2", "SPCDOOR3"),
        (COLUMN_LAMP, TECH_PILLAR, TALL_TECH_LAMP),
        (192, 224),
    ),
    Theme(
        "machine room",
        ("COMPTALL", "COMP2", "COMPWERD"),
        ("COMPSPAN", "LITEBLU4", "METAL1"),
        ("COMP2", "COMPTALL", "COMPUTE1", "COMPWERD"),
        ("FLAT14", "CEIL4_2", "FLOOR1_1"),
        ("CEIL4_3", "FLAT22", "COMP01"),
        ("CEIL5_1", "CEIL4_2", "CEIL3_5"),
        ("FLAT22", "TLITE6_1", "CEIL1_3"),
        ("BIGDOOR2", "BIGDOOR7"),
        _TECH,
        (160, 192),
    ),
    Theme(
        "blue core",
        ("COMPTILE", "COMPBLUE", "TEKGREN2"),
        ("LITEBLU4", "LITEBLU1", "COMPSPAN"),
        ("COMPUTE1", "COMPTALL", "COMPBLUE"),
        ("FLAT14", "FLOOR1_1"),
        ("FLAT22", "FLAT23"),
        ("CEIL4_2", "CEIL4_3"),
        ("FLAT22", "FLAT2"),
        ("BIGDOOR1", "BIGDOOR2"),
        (COLUMN_LAMP, SHORT_BLUE_TORCH, BLUE_TORCH, SHORT_TECH_LAMP),
        (160, 192),
    ),
    Theme(
        "brown works",
        ("BROWN1", "BROWN96", "BROWNPIP", "BRONZE1"),
        ("SUPPORT3", "METAL1", "BRONZE3"),
        ("PIPE2", "BROWNPIP", "TEKWALL1", "PIPEWAL2"),
        ("FLOOR7_1", "FLOOR5_2", "FLAT5"),
        ("FLOOR4_5", "FLOOR4_1", "STEP1"),
        ("CEIL5_2", "CEIL3_1"),
        ("TLITE6_5", "TLITE6_6"),
        ("BIGDOOR4", "SPCDOOR1"),
        (COLUMN_LAMP, TECH_PILLAR),
        (160, 208),
    ),
    Theme(
        "slime plant",
        ("SLADWALL", "BROWNGRN", "NUKESLAD", "SLIME1", "SLADPOIS"),
        ("SLADWALL", "BROWNGRN", "SUPPORT3"),
        ("SLADPOIS", "BRNPOIS", "SLADRIP1", "PIPES"),
        ("FLOOR5_3", "FLOOR7_1", "FLAT5"),
        ("FLOOR4_5", "STEP2"),
        ("CEIL5_2", "FLOOR7_1"),
        ("TLITE6_6", "TLITE6_4", "GRNLITE1"),
        ("BIGDOOR4", "BIGDOOR2"),
        (COLUMN_LAMP, SHORT_GREEN_TORCH, GREEN_TORCH),
        (160, 192),
        pools=_NUKAGE,
    ),
    Theme(
        "grey stone",
        ("STONE2", "STONE3", "STONE", "STONE6", "STONE4"),
        ("SUPPORT2", "GRAYTALL", "STONE5"),
        ("GRAY4", "GRAY5", "STONE"),
        ("FLAT5_4", "FLAT1", "MFLR8_1"),
        ("FLOOR0_3", "FLOOR6_2", "FLAT10"),
        ("FLAT1", "MFLR8_1", "FLAT5_4"),
        ("TLITE6_1", "FLAT2"),
        ("BIGDOOR1", "BIGDOOR2", "BIGDOOR5"),
        (CANDELABRA, COLUMN_LAMP, RED_TORCH, FLOATING_SKULL),
        (160, 192),
        (144, 160, 192),
        _WATER,
    ),
    Theme(
        "green tiles",
        ("STARG3", "STARG1", "STARG2", "TEKGREN1"),
        ("SUPPORT2", "TEKGREN3", "LITE3"),
        ("COMPUTE1", "TEKGREN4", "COMPTALL"),
        ("FLOOR0_1", "FLOOR3_3", "FLAT5_5"),
        ("FLOOR0_3", "FLOOR4_6", "FLAT3"),
        ("CEIL3_2", "CEIL3_1"),
        ("TLITE6_6", "TLITE6_4"),
        ("BIGDOOR2", "BIGDOOR4"),
        (COLUMN_LAMP, TECH_PILLAR, TALL_GREEN_PILLAR),
        (176, 208),
        pools=_WATER,
    ),
    Theme(
        "tech vault",
        ("TEKWALL4", "TEKWALL1", "TEKWALL6", "TEKBRON1"),
        ("METAL1", "SHAWN2", "TEKBRON2"),
        ("TEKWALL5", "TEKWALL2", "COMPTALL", "TEKWALL1"),
        ("FLOOR4_8", "FLOOR5_1", "CEIL3_3"),
        ("CONS1_1", "FLAT23"),
        ("CEIL5_1", "CEIL5_2"),
        ("TLITE6_5", "TLITE6_1"),
        ("BIGDOOR2", "BIGDOOR4", "SPCDOOR2"),
        (TECH_PILLAR, COLUMN_LAMP, TALL_TECH_LAMP),
        (160, 192),
    ),
    Theme(
        "red alert",
        ("GRAYTALL", "GRAY5", "STARGR1"),
        ("REDWALL1", "REDWALL"),
        ("REDWALL1", "GRAY4", "REDWALL"),
        ("FLOOR0_6", "FLOOR6_2", "FLAT20"),
        ("FLOOR6_1", "FLOOR1_7"),
        ("CEIL5_1", "FLAT18"),
        ("FLOOR1_7", "TLITE6_5"),
        ("BIGDOOR2", "BIGDOOR1"),
        (COLUMN_LAMP, RED_TORCH, SHORT_RED_TORCH),
        (160, 192),
    ),
    Theme(
        "chapel",
        ("MARBLE1", "MARBLE2", "MARBGRAY", "GSTONE1"),
        ("MARBFACE", "GSTONE2", "MARBLE3"),
        ("MARBFAC2", "MARBFAC3", "MARBLE3"),
        ("DEM1_6", "FLOOR7_2", "DEM1_5"),
        ("FLOOR7_2", "FLAT1_1"),
        ("FLOOR7_2", "CEIL1_1"),
        ("TLITE6_5", "FLOOR1_7"),
        ("BIGDOOR6", "BIGDOOR5"),
        (CANDELABRA, TALL_RED_PILLAR, SHORT_GREEN_PILLAR, SHORT_BLUE_TORCH, EVIL_EYE),
        (160, 192),
        (160, 192),
        ("BLOOD1",),
    ),
    Theme(
        "library",
        ("WOOD5", "WOOD1", "PANEL7", "PANEL1", "WOOD3"),
        ("WOODMET1", "PANCASE2", "SUPPORT3"),
        ("PANBOOK", "PANCASE1", "WOODGARG", "WOOD4"),
        ("FLAT5_1", "FLAT5_2", "FLOOR0_7"),
        ("FLAT8", "CEIL1_1", "FLAT14"),
        ("CEIL1_1", "CEIL3_2"),
        ("CEIL1_3", "CEIL1_2", "TLITE6_4"),
        ("BIGDOOR7", "BIGDOOR5"),
        (CANDELABRA, CANDLE, SHORT_RED_TORCH),
        (160, 192),
    ),
    Theme(
        "brick house",
        ("BIGBRIK1", "BRICK7", "BRICK10", "BRICK4", "BIGBRIK2"),
        ("BRICKLIT", "BSTONE3", "BRICK12"),
        ("BSTONE1", "BRICK6", "MODWALL1"),
        ("FLAT5_7", "FLAT8", "RROCK14", "FLOOR0_1"),
        ("FLAT1_2", "RROCK09", "FLOOR4_6"),
        ("RROCK10", "CEIL3_5"),
        ("CEIL1_2", "TLITE6_4"),
        ("BIGDOOR7", "SPCDOOR4"),
        (COLUMN_LAMP, SHORT_TECH_LAMP, TALL_TECH_LAMP, BIG_TREE),
        (160, 192),
        (144, 160, 192),
        _WATER,
    ),
    Theme(
        "garden",
        ("ZIMMER7", "STUCCO", "TANROCK2", "BRICK1"),
        ("BSTONE2", "WOODVERT", "STUCCO1"),
        ("ZIMMER8", "STUCCO3", "ROCK4"),
        ("GRASS1", "RROCK19", "FLAT10"),
        ("FLAT10", "GRASS2", "RROCK20"),
        ("CEIL1_1", "FLAT10"),
        ("CEIL1_2", "TLITE6_4"),
        ("SPCDOOR1", "BIGDOOR7"),
        (BIG_TREE, GREY_TREE, STALAGMITE),
        (176, 208),
        (160, 192),
        _WATER,
    ),
)
"""Every theme, those of the shareware WAD first."""


def themes(stock: Stock) -> tuple[Theme, ...]:
    """The themes that this WAD has; at least one."""
    found = tuple(theme for theme in (theme.stocked(stock) for theme in THEMES) if theme is not None)
    return found or (_plain(stock),)


def _plain(stock: Stock) -> Theme:
    """For a WAD that has nothing of DOOM's: one wall, one flat."""
    wall, flat = (stock.plain_wall,), (stock.plain_flat,)
    return Theme("plain", wall, wall, wall, flat, flat, flat, flat, wall, (), (160, 192))
