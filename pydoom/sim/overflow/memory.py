"""What the original overwrites when its lists of intercepts and special lines overflow (``p_maputl.c``, ``p_map.c``).

The order of the variables in memory is that of doom.exe 1.9 as PrBoom+ and Chocolate Doom know it. Addresses, which the
original writes as well, differ in every process, also of Chocolate Doom; they are not written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydoom.sim.fixed import to_int32
from pydoom.sim.level import MapThing

if TYPE_CHECKING:
    from pydoom.sim.level import Line
    from pydoom.sim.world import LastMove, World

SPECHIT_LIMIT: Final = 8
"""Special lines that the original has room for in one move."""
LINE_SIZE: Final = 0x3E
"""Bytes between two linedefs in the original's memory."""

INTERCEPT_LIMIT: Final = 128
"""Intercepts that the original has room for in one trace, and the number of the last harmless one."""
NOTHING_NEAR: Final = (1, 0, 1, 0)
"""A value of `World.near`: distances may wrap everywhere."""

_INTERCEPT_SIZE: Final = 12
_LOWFLOOR: Final = 12
_OPENBOTTOM: Final = 16
_OPENTOP: Final = 20
_BULLETSLOPE: Final = 160
_PLAYERSTARTS: Final = 176
_PLAYERSTARTS_END: Final = 216
_BMAPWIDTH: Final = 220
_BMAPORGX: Final = 228
_BMAPORGY: Final = 232
_BMAPHEIGHT: Final = 240

_ROWS: Final = 256
"""Number of rows that 32-bit coordinates can distinguish."""
_BLOCK_HEADER: Final = 4
_END_OF_LIST: Final = -1


def write_special_line(world: World, box: list[int], line: Line) -> None:
    """``SpechitOverrun``: `line` has just been found and lies behind the list, on the box of the move and the crushing.

    What happens past the sixth such line is unknown; Chocolate Doom carries on, too.
    """
    move: LastMove = world.move
    address = to_int32(world.stray.spechit + line.index * LINE_SIZE)
    beyond = len(move.spechit) - SPECHIT_LIMIT
    if beyond <= 4:
        box[beyond - 1] = address
    elif beyond == 5:
        move.crushchange = address != 0
    elif beyond == 6:
        move.nofit = address != 0


def write_intercept(world: World, index: int, frac: int, is_line: bool) -> None:
    """``InterceptsOverrun``: intercept number `index` lies behind the list, on other variables of the play simulation.

    It is three words: the fraction, whether it is a line, and an address. With the blockmap's size and origin gone,
    things and lines are no more found where they are: the "all ghosts" effect, until the level ends.
    """
    location = (index - INTERCEPT_LIMIT - 1) * _INTERCEPT_SIZE
    for offset, value in ((location, frac), (location + 4, int(is_line))):
        if offset == _LOWFLOOR:
            world.move.lowfloor = value
        elif offset == _OPENBOTTOM:
            world.move.openbottom = value
        elif offset == _OPENTOP:
            world.move.opentop = value
        elif offset == _BULLETSLOPE:
            world.bulletslope = value
        elif _PLAYERSTARTS <= offset < _PLAYERSTARTS_END:
            _write_player_start(world, (offset - _PLAYERSTARTS) // 2, value)
        elif offset == _BMAPWIDTH:
            world.bmapwidth = value
            _lose_blockmap(world)
        elif offset == _BMAPORGX:
            world.bmaporgx = value
        elif offset == _BMAPORGY:
            world.bmaporgy = value
        elif offset == _BMAPHEIGHT:
            world.bmapheight = min(value, _ROWS)


def _write_player_start(world: World, word: int, value: int) -> None:
    """Put the two halves of `value` into 16-bit words `word` and `word + 1` of the player starts."""
    for half in (value, value >> 16):
        number, field = divmod(word, 5)
        start = world.playerstarts[number]
        fields = [0] * 5 if start is None else [start.x, start.y, start.angle, start.type, start.options]
        fields[field] = ((half & 0xFFFF) ^ 0x8000) - 0x8000
        world.playerstarts[number] = MapThing(*fields)
        word += 1


def _lose_blockmap(world: World) -> None:
    """Prepare for a blockmap of one column, or none, whose origin and height may be anything.

    It may then be as high as coordinates go. Rows past the blocks of the level read on in the BLOCKMAP lump, as the
    original does; where it would read past the lump, and for the lists of things, there is nothing here.
    """
    world.near = NOTHING_NEAR
    missing = range(len(world.blocklines), _ROWS)
    world.blocklines.extend(_list_at(world, _BLOCK_HEADER + block) for block in missing)
    world.blocklinks.extend(None for _ in missing)


def _list_at(world: World, place: int) -> list[Line]:
    """The lines of the block whose list's offset is word number `place` of BLOCKMAP, if there is one."""
    words = world.blockmap
    if place >= len(words) or words[place] < 0:
        return []
    try:
        end = words.index(_END_OF_LIST, words[place])
    except ValueError:
        return []
    numbers = words[words[place] : end]
    return [world.lines[number] for number in numbers] if max(numbers, default=0) < len(world.lines) else []
