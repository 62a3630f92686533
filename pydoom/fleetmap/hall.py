"""The hall where everyone starts, and what opens from it: the vault's window, the loading dock and the exit.

The hall ends in the north at y = 0, where the avenue begins.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from pydoom.fleetmap.canvas import SKY, Canvas, DraftArea, Dressing, Rect
from pydoom.fleetmap.dice import Dice
from pydoom.fleetmap.doomednums import (
    AREA_MAP,
    BACKPACK,
    BFG9000,
    BLUE_ARMOUR,
    BOX_OF_BULLETS,
    BOX_OF_ROCKETS,
    BOX_OF_SHELLS,
    CELL_PACK,
    CHAINGUN,
    CHAINSAW,
    COLUMN_LAMP,
    DEATHMATCH,
    GREEN_ARMOUR,
    MEDIKIT,
    PLASMA_RIFLE,
    PLAYER_1,
    ROCKET_LAUNCHER,
    SHOTGUN,
    SOULSPHERE,
    SUPER_SHOTGUN,
    TALL_TECH_LAMP,
    TECH_PILLAR,
)
from pydoom.fleetmap.draft import SIGN_HEIGHT, SIGN_WIDTH, DraftPlace, DraftThing
from pydoom.fleetmap.heading import EAST, SOUTH, Heading
from pydoom.fleetmap.portal import PORTAL_DEPTH, build_portal
from pydoom.fleetmap.rooms import CELL, Look
from pydoom.fleetmap.stock import Stock
from pydoom.sim.level import ML_BLOCKING

HALL: Final = Rect(-576, -896, 576, 0)
CEILING: Final = 160
"""Height of the hall's ceiling in map units; that of the sky over its court, and of the vault's window sill, follow."""
SKY_HEIGHT: Final = 256
SILL: Final = 16
EXIT_SWITCH: Final = 11
"""Special of the switch that ends the level."""

DOCK_SIGN: Final = "FMDOCK"
VAULT_SIGN: Final = "FMVAULT"
EXIT_SIGN: Final = "FMEXIT"
SIGNS: Final[Mapping[str, str]] = {DOCK_SIGN: "LOADING DOCK", VAULT_SIGN: "PROTECTED", EXIT_SIGN: "EXIT"}

VAULT_LAMPS: Final = 12
"""About as many lamps are in the vault's ceiling, however large it is."""


@dataclass(slots=True)
class Hall:
    """What was built: things, and the places in vault and dock."""

    things: list[DraftThing] = field(default_factory=list)
    places: list[DraftPlace] = field(default_factory=list)


def build_hall(
    canvas: Canvas, stock: Stock, look: Look, seed: int, population: int, protected: int, players: int
) -> Hall:
    """Paint the hall and all around it; returns what is in it."""
    built = Hall()
    area = replace(
        look.area(), ceiling=CEILING, light=192, origin=(HALL.west, HALL.south), riser=stock.wall("SUPPORT2", "METAL1")
    )
    ground = canvas.area(area)
    canvas.paint(HALL, ground)
    _build_atrium(canvas, stock, area, look)
    _stock_up(built, stock, population)
    _place_players(built, players)
    if protected:
        _build_vault(canvas, built, stock, area, protected)
    _build_dock(canvas, built, stock, area, seed, population)
    _build_exit(canvas, built, stock, area)
    return built


# -- the hall itself


def _build_atrium(canvas: Canvas, stock: Stock, area: DraftArea, look: Look) -> None:
    """A sunken court under the sky, with the mainframe in its middle and pillars around."""
    rim = Rect(-384, -704, 384, -192)
    lit = canvas.area(
        replace(area, ceiling_flat=stock.flat("TLITE6_1", "FLAT2", "TLITE6_4"), floor_flat=look.inlay, light=224)
    )
    court = canvas.area(
        replace(
            area,
            floor=-8,
            ceiling=SKY_HEIGHT,
            ceiling_flat=SKY,
            light=224,
            floor_flat=stock.flat("FLOOR0_3", "FLAT5_4"),
        )
    )
    base = canvas.area(
        replace(area, ceiling=SKY_HEIGHT, ceiling_flat=SKY, light=240, floor_flat=stock.flat("FLAT14", "CEIL4_2"))
    )
    machine = canvas.area(DraftArea(wall=stock.wall("COMPTALL", "COMP2"), solid=True))
    pillar = canvas.area(DraftArea(wall=stock.wall("LITE3", "LITE5", "SUPPORT2"), solid=True))
    canvas.paint(rim, lit)
    canvas.paint(rim.grown(-64), court)
    canvas.paint(Rect(-128, -576, 128, -320), base)
    canvas.paint(Rect(-64, -512, 64, -384), machine)
    for x in (-448, -192, 160, 416):
        for y in (-768, -160):
            canvas.paint(Rect(x, y, x + 32, y + 32), pillar)
    for x in (-448, 416):  # not before the middle of the vault's window, nor before the dock's sign
        for y in (-640, -288):
            canvas.paint(Rect(x, y, x + 32, y + 32), pillar)


def _pedestals(stock: Stock) -> list[tuple[int, int, int]]:
    """Things that are worth a place of their own: type, x, y."""
    weapons = stock.kinds(
        (SHOTGUN, CHAINGUN, ROCKET_LAUNCHER, CHAINSAW, SUPER_SHOTGUN, PLASMA_RIFLE, BFG9000, BLUE_ARMOUR)
    )
    spots = [(-256, -256), (256, -256), (-256, -640), (256, -640), (-256, -448), (256, -448), (-96, -640), (96, -640)]
    return [(kind, x, y) for kind, (x, y) in zip(weapons, spots, strict=False)]


def _stock_up(built: Hall, stock: Stock, population: int) -> None:
    """Weapons in the court, ammunition and armour along the walls; more of it for more monsters."""
    built.things += [DraftThing(x, y, 270, kind) for kind, x, y in _pedestals(stock)]
    boxes = min(2 + population // 20, 9)
    shelves = (
        (BOX_OF_SHELLS, HALL.west + 96, -800),
        (BOX_OF_BULLETS, HALL.east - 96, -800),
        (BOX_OF_ROCKETS, HALL.west + 96, -96),
        (CELL_PACK, HALL.east - 96, -96),
    )
    for kind, x, y in shelves:
        step = 40 if x < 0 else -40
        built.things += [DraftThing(x + step * number, y, 0, kind) for number in range(boxes) if kind in stock.things]
    others = (
        (GREEN_ARMOUR, -64, -768),
        (BACKPACK, 64, -768),
        (AREA_MAP, 0, -736),
        (SOULSPHERE, 0, -256),
        (MEDIKIT, -512, -240),
        (MEDIKIT, 512, -240),
        (MEDIKIT, -512, -656),
        (MEDIKIT, 512, -656),
    )
    built.things += [DraftThing(x, y, 270, kind) for kind, x, y in others if kind in stock.things]
    lamps = stock.kinds((COLUMN_LAMP, TALL_TECH_LAMP, TECH_PILLAR))[:1]
    built.things += [DraftThing(x, y, 270, kind) for kind in lamps for x in (-168, 168) for y in (-32, HALL.south + 32)]


def _place_players(built: Hall, players: int) -> None:
    """Starts along the south wall, and one in each corner for deathmatches."""
    for number in range(players):
        x = (0, -96, 96, 192)[number]
        built.things.append(DraftThing(x, HALL.south + 80, 90, PLAYER_1 + number))
    for x, y, angle in ((-528, -848, 45), (528, -848, 135), (-528, -48, 315), (528, -48, 225)):
        built.things.append(DraftThing(x, y, angle, DEATHMATCH))


# -- what opens from it


def _annex(area: DraftArea, stock: Stock, wall: str, *floors: str) -> DraftArea:
    """The floor of a plain chamber beside the hall, whose own is `area`: one wall texture, the first flat there is."""
    return replace(
        area,
        ceiling=CEILING,
        floor_flat=stock.flat(*floors),
        ceiling_flat=stock.flat("CEIL5_1", "CEIL3_5"),
        light=160,
        wall=wall,
        riser=wall,
        lintel=wall,
    )


def _gate(stock: Stock) -> str:
    """The texture of the doors of dock and exit."""
    return next(iter(stock.fitting(("BIGDOOR2", "BIGDOOR4", "BIGDOOR1"), 128, 128)), stock.plain_wall)


# -- the vault


def _build_vault(canvas: Canvas, built: Hall, stock: Stock, area: DraftArea, protected: int) -> None:
    """A vault in the west, behind three panes that nobody can pass."""
    panes = 3
    middle = -448
    rows = panes * SIGN_WIDTH // CELL
    columns = max(4, math.ceil((protected + protected // 4 + 4) / rows))
    steel = stock.wall("SHAWN2", "METAL1")
    shelf = canvas.area(
        replace(
            area,
            floor=SILL,
            ceiling=CEILING - SIGN_HEIGHT,
            floor_flat=stock.flat("FLAT23", "FLAT18"),
            ceiling_flat=stock.flat("FLAT23", "FLAT18"),
            light=208,
            wall=steel,
        )
    )
    inside = replace(
        area,
        ceiling=CEILING - SIGN_HEIGHT,
        floor_flat=stock.flat("FLAT14", "CEIL4_2"),
        ceiling_flat=stock.flat("CEIL4_2", "CEIL5_1"),
        light=176,
        wall=stock.wall("COMPTILE", "COMPBLUE", "SHAWN2"),
        riser=steel,
        lintel=steel,
    )
    east = HALL.west - CELL
    south, north = middle - panes * SIGN_WIDTH // 2, middle + panes * SIGN_WIDTH // 2
    hollow = Rect(east - columns * CELL, south, east, north)
    vault = canvas.area(replace(inside, origin=(hollow.west, hollow.south)))
    lamp = canvas.area(replace(inside, ceiling_flat=stock.flat("FLAT22", "TLITE6_1")))
    canvas.paint(hollow, vault)
    # few in a large vault: all of it is seen through the windows, with the original's 128 visplanes
    pitch = max(3, math.isqrt(columns * rows // VAULT_LAMPS) + 1)
    for column in range(1, columns, pitch):
        for row in range(1, rows, pitch):
            corner = (hollow.west + column * CELL, hollow.south + row * CELL)
            canvas.paint(Rect(corner[0], corner[1], corner[0] + CELL, corner[1] + CELL), lamp)
    for pane in range(panes):
        low = south + pane * SIGN_WIDTH
        high = low + SIGN_WIDTH
        # a thin pier on either side, so that the window is a row of panes
        canvas.paint(Rect(east, low + (16 if pane != 1 else 0), HALL.west, high - (16 if pane != 1 else 0)), shelf)
        sign = VAULT_SIGN if pane == 1 else ""
        canvas.dress((HALL.west, low), (HALL.west, high), Dressing(sign, flags=ML_BLOCKING))
        canvas.dress((east, high), (east, low), Dressing("", flags=ML_BLOCKING))
    cells = [(column, row) for column in range(columns) for row in range(rows)]
    # those next to the window first, every other cell before the rest
    cells.sort(key=lambda cell: ((cell[0] % 2 + cell[1] % 2 * 2) in (1, 2), -cell[0] // 2, cell[1] % 2, cell[1]))
    built.places += [
        DraftPlace(
            hollow.west + column * CELL + CELL // 2, hollow.south + row * CELL + CELL // 2, 0, -1, protected=True
        )
        for column, row in cells
    ]


# -- the loading dock


def _build_dock(canvas: Canvas, built: Hall, stock: Stock, area: DraftArea, seed: int, population: int) -> None:
    """A quay in the east, and before it a yard under the sky with gates for lorries, for whatever arrives later."""
    dice = Dice(seed, "dock")
    rows = 12
    wanted = min(max(36, population // 3), 300)
    columns = max(6, math.ceil(wanted * 1.25 / rows))
    door = Heading((HALL.east, -448), EAST)
    inside = _annex(area, stock, stock.wall("BROWN96", "METAL1", "BROWN1"), "FLOOR5_1", "FLOOR4_8")
    gate = _gate(stock)
    build_portal(canvas, door, stock, area, inside, DOCK_SIGN, gate, width=SIGN_WIDTH)
    south = -448 - rows * CELL // 2
    quay = Rect(HALL.east + PORTAL_DEPTH, south, HALL.east + PORTAL_DEPTH + 4 * CELL, south + rows * CELL)
    yard = Rect(quay.east, south, quay.east + columns * CELL, south + rows * CELL)
    canvas.paint(quay, canvas.area(replace(inside, origin=(quay.west, quay.south))))
    lamp = canvas.area(replace(inside, ceiling_flat=stock.flat("TLITE6_5", "TLITE6_6"), light=208))
    for row in (1, 4, 7, 10):
        canvas.paint(Rect(quay.west + CELL, south + row * CELL, quay.west + 2 * CELL, south + (row + 1) * CELL), lamp)
    stone = stock.wall("STONE2", "BROWN1", "STONE")
    open_air = replace(
        inside,
        floor=-24,
        ceiling=192,
        ceiling_flat=SKY,
        floor_flat=stock.flat("FLAT5_4", "FLAT1"),
        light=208,
        wall=stone,
        lintel=stone,
        origin=(yard.west, yard.south),
    )
    canvas.paint(yard, canvas.area(open_air))
    niche = canvas.area(replace(open_air, ceiling=-24 + 128, ceiling_flat=stock.flat("CEIL5_1"), light=176, wall=gate))
    for row in (1, 5, 9):
        low = south + row * CELL
        canvas.paint(Rect(yard.east, low, yard.east + 16, low + 128), niche)
        canvas.dress((yard.east + 16, low + 128), (yard.east + 16, low), Dressing(gate))
    crates = _stack_crates(canvas, stock, open_air, yard, dice)
    cells = [
        (x, y, y // CELL % 2 + 2 * (x // CELL % 2))
        for x in range(yard.west + CELL // 2, yard.east, CELL)
        for y in range(south + CELL // 2, yard.north, CELL)
        if not any(crate.west < x < crate.east and crate.south < y < crate.north for crate in crates)
    ]
    cells += [(x, y, 4) for x in (quay.east - CELL // 2,) for y in range(south + CELL // 2, yard.north, CELL)]
    cells.sort(key=lambda cell: ((0, 2, 3, 1, 4)[cell[2]], cell[0], cell[1]))
    built.places += [DraftPlace(x, y, 180, -1) for x, y, _ in cells]
    lamps = stock.kinds((COLUMN_LAMP, TECH_PILLAR))
    if lamps:
        built.things += [DraftThing(quay.west + 32, y, 0, lamps[0]) for y in (south + 32, south + rows * CELL - 32)]


def _stack_crates(canvas: Canvas, stock: Stock, yard: DraftArea, where: Rect, dice: Dice) -> list[Rect]:
    """Crates that one can look over, on cells of the yard."""
    side = next(iter(stock.fitting(("CRATE1", "CRATE2", "DOOR1", "BRNSMALC"), 64, 64)), stock.plain_wall)
    top = stock.flat("CRATOP2", "CRATOP1", "FLAT5_5", "FLOOR4_1")
    crate = canvas.area(replace(yard, floor=yard.floor + 64, floor_flat=top, riser=side, light=yard.light))
    found = []
    for column in range(1, where.width // CELL - 1, 2):
        row = dice.below(where.depth // CELL)
        rect = Rect(
            where.west + column * CELL,
            where.south + row * CELL,
            where.west + (column + 1) * CELL,
            where.south + (row + 1) * CELL,
        )
        found.append(rect)
        canvas.paint(rect, crate)
    return found


# -- the exit


def _build_exit(canvas: Canvas, built: Hall, stock: Stock, area: DraftArea) -> None:
    """A chamber in the south, with the switch that ends the round."""
    door = Heading((0, HALL.south), SOUTH)
    wall = stock.wall("GRAY5", "STARGR1", "METAL1")
    inside = replace(_annex(area, stock, wall, "FLOOR0_6", "FLAT20"), ceiling=128, light=176)
    build_portal(canvas, door, stock, area, inside, EXIT_SIGN, _gate(stock))
    chamber = door.rect(-128, PORTAL_DEPTH, 256, 192)
    canvas.paint(chamber, canvas.area(replace(inside, origin=(chamber.west, chamber.south))))
    lamp = canvas.area(replace(inside, ceiling_flat=stock.flat("TLITE6_5", "FLOOR1_7"), light=224))
    canvas.paint(door.rect(-64, PORTAL_DEPTH + 64, 128, 64), lamp)
    switch = stock.wall("SW1GRAY", "SW1GRAY1", "SW1COMP", "SW1STRTN", "SW1BRN1")
    end = PORTAL_DEPTH + 192
    canvas.dress(door.point(-32, end), door.point(32, end), Dressing(switch, special=EXIT_SWITCH))
    lamps = stock.kinds((TALL_TECH_LAMP, COLUMN_LAMP))
    if lamps:
        built.things += [DraftThing(*door.point(right, end - 32), door.back, lamps[0]) for right in (-96, 96)]
