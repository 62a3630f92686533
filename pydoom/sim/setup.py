"""From the lumps of a map to a running level (``p_setup.c``).

`setup_level` takes `wad.maps.MapData` as a `MapSource`, so that the simulation need not import the WAD reader. The
order of the steps decides the order of thinkers and random numbers and is the original's.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from pydoom.data.tables import ANGLE_MASK
from pydoom.sim import mapthings, reborn
from pydoom.sim.constants import MAPBLOCKSHIFT, MAXRADIUS
from pydoom.sim.errors import LevelError
from pydoom.sim.fixed import MAXINT, MININT, c_div, to_int32
from pydoom.sim.level import (
    BOXBOTTOM,
    BOXLEFT,
    BOXRIGHT,
    BOXTOP,
    ML_TWOSIDED,
    ST_HORIZONTAL,
    ST_POSITIVE,
    ST_VERTICAL,
    Line,
    MapThing,
    Node,
    Sector,
    Seg,
    Side,
    Subsector,
    Vertex,
)
from pydoom.sim.overflow import extent
from pydoom.sim.rules import Exit, GameMode, GameVersion
from pydoom.sim.specials import update
from pydoom.sim.world import BlockBox, BlockEnd, BspEntry, SightLine

if TYPE_CHECKING:
    from pydoom.sim.mapsource import MapSource, SectorSource, SidedefSource
    from pydoom.sim.world import World

SKY_FLAT: Final = "F_SKY1"

COMMERCIAL_TYPES: Final = frozenset({64, 65, 66, 67, 68, 69, 71, 84, 88, 89})
"""Editor numbers of DOOM II's monsters. In DOOM, the original stops reading a map's things at the first of them."""

BLOCK_HEADER: Final = 4
"""Words before the offsets in BLOCKMAP: origin x, y, columns, rows."""
END_OF_LIST: Final = -1


def setup_level(world: World, mapdata: MapSource, episode: int, map: int, skill: int) -> None:
    """``P_SetupLevel``: replace the level of `world` by the map in `mapdata` and spawn everything in it.

    Raises LevelError, with the map's name, for a map that cannot be played.
    """
    world.sight_by_blocks = world.version <= GameVersion.DOOM_1_2
    world.skill = skill
    world.episode = episode
    world.map = map
    world.exit = Exit.NONE
    world.totalkills = world.totalitems = world.totalsecret = 0
    for player in world.players:
        player.killcount = player.secretcount = player.itemcount = 0
    # a value no real view has: the first frame has not been shown yet
    world.players[world.consoleplayer].viewz = 1
    world.thinkers = []
    world.leveltime = 0
    world.bodyqueue = []
    world.deathmatchstarts = []
    try:
        _load_geometry(world, mapdata)
        _load_things(world, mapdata)
        if world.deathmatch:
            _spawn_deathmatch_players(world)
        world.item_respawn_queue = []
        update.spawn_specials(world)
    except LevelError as error:
        raise LevelError(f"map {mapdata.name}: {error}") from error
    except IndexError as dangling:  # not `error`, which is a LevelError in compiled code
        raise LevelError(f"map {mapdata.name}: it contains a reference to something that does not exist") from dangling


def _load_geometry(world: World, mapdata: MapSource) -> None:
    world.skyflatnum = world.catalog.flat_number(SKY_FLAT)
    words = mapdata.blockmap.tolist()
    world.blockmap = words
    world.bmaporgx = words[0] << 16
    world.bmaporgy = words[1] << 16
    world.bmapwidth = words[2]
    world.bmapheight = words[3]
    world.blocklinks = [None] * (world.bmapwidth * world.bmapheight)
    world.vertexes = [Vertex(x << 16, y << 16) for x, y in mapdata.vertexes.tolist()]
    world.vertexes += [Vertex(x, y) for x, y in mapdata.added_vertexes.tolist()]
    world.sectors = _sectors(world, mapdata.sectors)
    world.sides = _sides(world, mapdata.sidedefs)
    world.lines = _lines(world, mapdata.linedefs.tolist())
    world.segs = _segs(world, mapdata.segs.tolist())
    world.subsectors = [
        Subsector(index, world.segs[first].sidedef.sector, count, first)
        for index, (count, first) in enumerate(mapdata.subsectors.tolist())
    ]
    world.nodes = _nodes(mapdata.nodes.tolist())
    world.blocklines = _blocklines(world)
    _group_lines(world)
    world.reject = padded_reject(
        mapdata.reject, len(world.sectors), sum(len(sector.lines) for sector in world.sectors), world.stray.reject
    )
    _prepare_fast_tables(world)


def _sectors(world: World, lump: SectorSource) -> list[Sector]:
    """``P_LoadSectors``."""
    numbers: dict[str, int] = {}
    for name in {*lump.floorpic, *lump.ceilingpic}:
        numbers[name] = world.catalog.flat_number(name)
        if numbers[name] < 0:
            raise LevelError(f"there is no flat {name}")
    return [
        Sector(index, floor << 16, ceiling << 16, numbers[floorpic], numbers[ceilingpic], light, special, tag)
        for index, (floor, ceiling, floorpic, ceilingpic, light, special, tag) in enumerate(
            zip(
                lump.floorheight.tolist(),
                lump.ceilingheight.tolist(),
                lump.floorpic,
                lump.ceilingpic,
                lump.lightlevel.tolist(),
                lump.special.tolist(),
                lump.tag.tolist(),
                strict=True,
            )
        )
    ]


def _sides(world: World, lump: SidedefSource) -> list[Side]:
    """``P_LoadSideDefs``."""
    numbers: dict[str, int] = {}
    for name in {*lump.toptexture, *lump.bottomtexture, *lump.midtexture}:
        numbers[name] = world.catalog.texture_number(name)
        if numbers[name] < 0:
            raise LevelError(f"there is no texture {name}")
    sectors = world.sectors
    return [
        Side(index, x << 16, y << 16, numbers[top], numbers[bottom], numbers[middle], sectors[sector])
        for index, (x, y, top, bottom, middle, sector) in enumerate(
            zip(
                lump.textureoffset.tolist(),
                lump.rowoffset.tolist(),
                lump.toptexture,
                lump.bottomtexture,
                lump.midtexture,
                lump.sector.tolist(),
                strict=True,
            )
        )
    ]


def _lines(world: World, rows: list[list[int]]) -> list[Line]:
    """``P_LoadLineDefs``."""
    vertexes = world.vertexes
    sides = world.sides
    lines = []
    for index, (v1, v2, flags, special, tag, right, left) in enumerate(rows):
        if right < 0:
            raise LevelError(f"linedef {index} has no right sidedef")
        back = sides[left].sector if left >= 0 else None
        lines.append(
            Line(index, vertexes[v1], vertexes[v2], flags, special, tag, (right, left), sides[right].sector, back)
        )
    return lines


def _segs(world: World, rows: list[list[int]]) -> list[Seg]:
    """``P_LoadSegs``."""
    nowhere = Sector(-1, world.stray.null_floor, world.stray.null_ceiling, 0, 0, 0, 0, 0)
    segs = []
    for index, (v1, v2, angle, linedef, side, offset) in enumerate(rows):
        line = world.lines[linedef]
        sidedef = world.sides[line.sidenum[side]]
        other = line.sidenum[side ^ 1]
        back: Sector | None = None
        if line.flags & ML_TWOSIDED:
            back = world.sides[other].sector if other >= 0 else nowhere
        segs.append(
            Seg(
                index,
                world.vertexes[v1],
                world.vertexes[v2],
                offset << 16,
                angle & ANGLE_MASK,
                sidedef,
                line,
                sidedef.sector,
                back,
            )
        )
    return segs


def _nodes(rows: list[list[int]]) -> list[Node]:
    """``P_LoadNodes``."""
    return [
        Node(
            x << 16,
            y << 16,
            dx << 16,
            dy << 16,
            ([edge << 16 for edge in boxes[:4]], [edge << 16 for edge in boxes[4:]]),
            (front, back),
        )
        for x, y, dx, dy, *boxes, front, back in rows
    ]


def _blocklines(world: World) -> list[list[Line]]:
    """``P_LoadBlockMap``: the lines of each block.

    Every list begins with a 0 that the original takes for linedef 0, so that line is in every block. Blocks that share
    their words share the list.
    """
    words = world.blockmap
    lists: dict[int, list[Line]] = {}
    for offset in words[BLOCK_HEADER : BLOCK_HEADER + world.bmapwidth * world.bmapheight]:
        if offset not in lists:
            end = words.index(END_OF_LIST, offset)
            lists[offset] = [world.lines[number] for number in words[offset:end]]
    return [lists[offset] for offset in words[BLOCK_HEADER : BLOCK_HEADER + world.bmapwidth * world.bmapheight]]


def _group_lines(world: World) -> None:
    """``P_GroupLines``: the lines, the middle and the blocks of each sector."""
    for line in world.lines:
        line.frontsector.lines.append(line)
        if line.backsector is not None and line.backsector is not line.frontsector:
            line.backsector.lines.append(line)
    for sector in world.sectors:
        box = sector_box(sector.lines)
        sector.soundorg.x = c_div(to_int32(box[BOXRIGHT] + box[BOXLEFT]), 2)
        sector.soundorg.y = c_div(to_int32(box[BOXTOP] + box[BOXBOTTOM]), 2)
        top = to_int32(box[BOXTOP] - world.bmaporgy + MAXRADIUS) >> MAPBLOCKSHIFT
        bottom = to_int32(box[BOXBOTTOM] - world.bmaporgy - MAXRADIUS) >> MAPBLOCKSHIFT
        right = to_int32(box[BOXRIGHT] - world.bmaporgx + MAXRADIUS) >> MAPBLOCKSHIFT
        left = to_int32(box[BOXLEFT] - world.bmaporgx - MAXRADIUS) >> MAPBLOCKSHIFT
        sector.blockbox = [
            min(top, world.bmapheight - 1),
            max(bottom, 0),
            max(left, 0),
            min(right, world.bmapwidth - 1),
        ]


def sector_box(lines: Sequence[Line]) -> list[int]:
    """``M_AddToBox`` over the ends of `lines`: top, bottom, left, right.

    As in the original a point that lowers one edge is not looked at for the opposite one.
    """
    box = [MININT, MAXINT, MAXINT, MININT]
    for line in lines:
        for vertex in (line.v1, line.v2):
            if vertex.x < box[BOXLEFT]:
                box[BOXLEFT] = vertex.x
            elif vertex.x > box[BOXRIGHT]:
                box[BOXRIGHT] = vertex.x
            if vertex.y < box[BOXBOTTOM]:
                box[BOXBOTTOM] = vertex.y
            elif vertex.y > box[BOXTOP]:
                box[BOXTOP] = vertex.y
    return box


def padded_reject(lump: bytes, sector_count: int, line_count: int, beyond: int = 0) -> bytes:
    """``P_LoadReject``: REJECT, continued where it is too short with what the original finds behind it in memory.

    That is the header of the zone block with `line_count` line pointers; what follows are bytes `beyond`.
    """
    needed = (sector_count * sector_count + 7) // 8
    missing = needed - len(lump)
    if missing <= 0:
        return lump
    size = ((line_count * 4 + 3) & ~3) + 24
    pu_level = 50
    zone_id = 0x1D4A11
    header = b"".join(word.to_bytes(4, "little") for word in (size, 0, pu_level, zone_id))
    return lump + header[:missing].ljust(missing, bytes((beyond,)))


def _prepare_fast_tables(world: World) -> None:
    """The same geometry once more, as tuples in the order that the hot loops need."""
    world.bsp = [_bsp_entry(node) for node in world.nodes]
    world.bsp_starts = {}
    extent.measure(world)
    boxes = [_block_box(line) for line in world.lines]
    ends = [_block_end(line) for line in world.lines]
    shared_boxes: dict[int, list[BlockBox]] = {}
    shared_ends: dict[int, list[BlockEnd]] = {}
    for block in world.blocklines:
        if id(block) not in shared_boxes:
            shared_boxes[id(block)] = [boxes[line.index] for line in block]
            shared_ends[id(block)] = [ends[line.index] for line in block]
    world.blockboxes = [shared_boxes[id(block)] for block in world.blocklines]
    world.blockends = [shared_ends[id(block)] for block in world.blocklines]
    world.sightlines = [
        [_sight_line(seg) for seg in world.segs[subsector.firstline : subsector.firstline + subsector.numlines]]
        for subsector in world.subsectors
    ]


def _bsp_entry(node: Node) -> BspEntry:
    return node.x, node.y, node.dx, node.dy, node.dx >> 16, node.dy >> 16, *node.children


def _block_box(line: Line) -> BlockBox:
    top, bottom, left, right = line.bbox
    if line.slopetype in (ST_HORIZONTAL, ST_VERTICAL):
        return top, bottom, left, right, line, None
    slant = (line.slopetype == ST_POSITIVE, line.v1.x, line.v1.y, line.dx >> 16, line.dy >> 16)
    return top, bottom, left, right, line, slant


def _block_end(line: Line) -> BlockEnd:
    return line.v1.x, line.v1.y, line.v2.x, line.v2.y, line


def _sight_line(seg: Seg) -> SightLine:
    line = seg.linedef
    return line, line.v1.x, line.v1.y, line.v2.x, line.v2.y, seg.frontsector, seg.backsector


def _load_things(world: World, mapdata: MapSource) -> None:
    """``P_LoadThings``."""
    started = set()
    for x, y, angle, type, options in mapdata.things.tolist():
        if type in COMMERCIAL_TYPES and world.mode != GameMode.COMMERCIAL:
            break
        started.add(type)
        world.spawned = 0  # the things of a map do not count towards SPAWN_LIMIT
        mapthings.spawn_map_thing(world, MapThing(x, y, angle, type, options))
    if world.deathmatch:
        return
    for number, playing in enumerate(world.playeringame):
        if playing and number + 1 not in started:
            raise LevelError(f"it has no start for player {number + 1}")


def _spawn_deathmatch_players(world: World) -> None:
    for number, playing in enumerate(world.playeringame):
        if playing:
            world.players[number].leave_body()
            reborn.deathmatch_spawn_player(world, number)
