"""What is on the automap and in which colours: grid, walls, players, things (the drawers of ``am_map.c``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

import numpy as np

from pydoom.data.tables import ANGLETOFINESHIFT, FINECOSINE, FINESINE
from pydoom.screens.automap_lines import MAP_HEIGHT, draw_lines
from pydoom.screens.video import Frame
from pydoom.sim.fixed import FRACUNIT, c_div, fixed_mul, to_int32
from pydoom.sim.level import ML_DONTDRAW, ML_MAPPED, ML_SECRET, Line
from pydoom.sim.player import PW_ALLMAP, PW_INVISIBILITY, Player

if TYPE_CHECKING:
    from pydoom.game.control import GameControl
    from pydoom.sim.world import World

Segment = tuple[int, int, int, int]
Segments = list[Segment]

_REDS: Final = 256 - 5 * 16
_GRAYS: Final = 6 * 16
_BROWNS: Final = 4 * 16
_YELLOWS: Final = 256 - 32 + 7
_GREENS: Final = 7 * 16
_WHITE: Final = 256 - 47
_TELEPORTER: Final = _REDS + 8
_UNSEEN: Final = _GRAYS + 3
_GRID: Final = _GRAYS + 8
_INVISIBLE: Final = 246
_PLAYER_COLOURS: Final = (_GREENS, _GRAYS, _BROWNS, _REDS)
_TELEPORT_SPECIAL: Final = 39
_THING_SIZE: Final = 16 * FRACUNIT
_BLOCK: Final = 128 * FRACUNIT

_R: Final = 8 * 16 * FRACUNIT // 7
_PLAYER_ARROW: Final[Segments] = [
    (-_R + _R // 8, 0, _R, 0),
    (_R, 0, _R - _R // 2, _R // 4),
    (_R, 0, _R - _R // 2, -(_R // 4)),
    (-_R + _R // 8, 0, -_R - _R // 8, _R // 4),
    (-_R + _R // 8, 0, -_R - _R // 8, -(_R // 4)),
    (-_R + 3 * _R // 8, 0, -_R + _R // 8, _R // 4),
    (-_R + 3 * _R // 8, 0, -_R + _R // 8, -(_R // 4)),
]
_S: Final = _R // 6
_CHEAT_ARROW: Final[Segments] = [
    (-_R + _R // 8, 0, _R, 0),
    (_R, 0, _R - _R // 2, _S),
    (_R, 0, _R - _R // 2, -_S),
    (-_R + _R // 8, 0, -_R - _R // 8, _S),
    (-_R + _R // 8, 0, -_R - _R // 8, -_S),
    (-_R + 3 * _R // 8, 0, -_R + _R // 8, _S),
    (-_R + 3 * _R // 8, 0, -_R + _R // 8, -_S),
    (-(_R // 2), 0, -(_R // 2), -_S),
    (-(_R // 2), -_S, -(_R // 2) + _S, -_S),
    (-(_R // 2) + _S, -_S, -(_R // 2) + _S, _R // 4),
    (-_S, 0, -_S, -_S),
    (-_S, -_S, 0, -_S),
    (0, -_S, 0, _R // 4),
    (_S, _R // 4, _S, -(_R // 7)),
    (_S, -(_R // 7), _S + _R // 32, -(_R // 7) - _R // 32),
    (_S + _R // 32, -(_R // 7) - _R // 32, _S + _R // 10, -(_R // 7)),
]
_HALF: Final = FRACUNIT // 2
_SEVEN_TENTHS: Final = int(0.7 * FRACUNIT)
_TRIANGLE: Final[Segments] = [
    (-_HALF, -_SEVEN_TENTHS, FRACUNIT, 0),
    (FRACUNIT, 0, -_HALF, _SEVEN_TENTHS),
    (-_HALF, _SEVEN_TENTHS, -_HALF, -_SEVEN_TENTHS),
]


class MapWindow(Protocol):
    """What drawing needs of the automap: the part of the level in view, in 16.16 map units, and what to show of it."""

    x: int
    y: int
    width: int
    height: int
    scale: int
    """16.16 pixels a map unit."""
    grid: bool
    cheating: int
    """0 what was seen, 1 all lines, 2 all lines and things."""


def draw_map(frame: Frame, automap: MapWindow, game: GameControl, player: Player) -> None:
    """Draw everything but crosshair and marks on a black ground."""
    world = game.world
    segments: Segments = []
    colours: list[int] = []
    if automap.grid:
        segments += _grid(automap, game.world)
        colours += [_GRID] * len(segments)
    _add_walls(segments, colours, world, automap.cheating, bool(player.powers[PW_ALLMAP]))
    _add_players(segments, colours, game, player, automap.cheating)
    if automap.cheating == 2:
        _add_things(segments, colours, world)
    frame[:MAP_HEIGHT] = 0
    draw_lines(
        frame,
        np.array(segments, np.int64).reshape(-1, 4),
        np.array(colours, np.uint8),
        automap.x,
        automap.y,
        to_int32(automap.x + automap.width),
        to_int32(automap.y + automap.height),
        automap.scale,
    )


def _grid_start(edge: int, origin: int) -> int:
    distance = to_int32(edge - origin)
    remainder = distance - c_div(distance, _BLOCK) * _BLOCK
    return to_int32(edge + _BLOCK - remainder) if remainder else edge


def _grid(automap: MapWindow, world: World) -> Segments:
    """The blocks of the blockmap (``AM_drawGrid``)."""
    left, bottom = automap.x, automap.y
    right, top = to_int32(left + automap.width), to_int32(bottom + automap.height)
    columns = range(_grid_start(left, world.bmaporgx), right, _BLOCK)
    rows = range(_grid_start(bottom, world.bmaporgy), top, _BLOCK)
    return [(x, bottom, x, top) for x in columns] + [(left, y, right, y) for y in rows]


def _add_walls(segments: Segments, colours: list[int], world: World, cheating: int, allmap: bool) -> None:
    """``AM_drawWalls``."""
    for line in world.lines:
        if cheating or line.flags & ML_MAPPED:
            if line.flags & ML_DONTDRAW and not cheating:
                continue
            colour = _wall_colour(line, cheating)
            if colour is None:
                continue
        elif allmap and not line.flags & ML_DONTDRAW:
            colour = _UNSEEN
        else:
            continue
        segments.append((line.v1.x, line.v1.y, line.v2.x, line.v2.y))
        colours.append(colour)


def _wall_colour(line: Line, cheating: int) -> int | None:
    back, front = line.backsector, line.frontsector
    if back is None:
        return _REDS
    if line.special == _TELEPORT_SPECIAL:
        return _TELEPORTER
    if line.flags & ML_SECRET:
        return _REDS
    if back.floorheight != front.floorheight:
        return _BROWNS
    if back.ceilingheight != front.ceilingheight:
        return _YELLOWS
    return _GRAYS if cheating else None


def _add_players(segments: Segments, colours: list[int], game: GameControl, player: Player, cheating: int) -> None:
    """``AM_drawPlayers``."""
    world = game.world
    if not world.netgame:
        arrow = _CHEAT_ARROW if cheating else _PLAYER_ARROW
        _add_character(segments, arrow, 0, player.mo.angle, player.mo.x, player.mo.y)
        colours += [_WHITE] * len(arrow)
        return
    for number, other in enumerate(world.players):
        if world.deathmatch and not game.singledemo and other is not player:
            continue
        if not world.playeringame[number]:
            continue
        colour = _INVISIBLE if other.powers[PW_INVISIBILITY] else _PLAYER_COLOURS[number]
        _add_character(segments, _PLAYER_ARROW, 0, other.mo.angle, other.mo.x, other.mo.y)
        colours += [colour] * len(_PLAYER_ARROW)


def _add_things(segments: Segments, colours: list[int], world: World) -> None:
    """``AM_drawThings``."""
    for sector in world.sectors:
        thing = sector.things
        while thing is not None:
            _add_character(segments, _TRIANGLE, _THING_SIZE, thing.angle, thing.x, thing.y)
            colours += [_GREENS] * len(_TRIANGLE)
            thing = thing.snext


def _add_character(segments: Segments, shape: Segments, size: int, angle: int, x: int, y: int) -> None:
    """Turn, scale (0: leave) and place a shape (``AM_drawLineCharacter``, ``AM_rotate``)."""
    fine = angle >> ANGLETOFINESHIFT
    sine, cosine = FINESINE[fine], FINECOSINE[fine]

    def place(px: int, py: int) -> tuple[int, int]:
        if size:
            px, py = fixed_mul(size, px), fixed_mul(size, py)
        if angle:
            px, py = (
                fixed_mul(px, cosine) - fixed_mul(py, sine),
                fixed_mul(px, sine) + fixed_mul(py, cosine),
            )
        return to_int32(px + x), to_int32(py + y)

    for x1, y1, x2, y2 in shape:
        segments.append((*place(x1, y1), *place(x2, y2)))
