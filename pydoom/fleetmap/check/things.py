"""Things: known kinds, inside of a sector, with room to stand, and a start for every player that there is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import numpy as np

from pydoom.data.flags import MF_SOLID

if TYPE_CHECKING:
    from pydoom.data.info import GameInfo, MobjInfo
    from pydoom.fleetmap.check.geometry import Geometry
    from pydoom.wad import MapData

PLAYERS: Final = range(1, 5)
DEATHMATCH: Final = 11
_PLAYER_RADIUS, _PLAYER_HEIGHT = 16, 56
_FRACUNIT: Final = 1 << 16


def check_things(data: MapData, geometry: Geometry, info: GameInfo) -> Iterator[str]:
    """The faults of all things."""
    kinds = {kind.doomednum: kind for kind in info.mobjinfo if kind.doomednum > 0}
    counts = Counter(data.things[:, 3].tolist())
    if counts[1] != 1:
        yield f"there are {counts[1]} starts for player 1"
    yield from (f"there are {counts[player]} starts for player {player}" for player in PLAYERS if counts[player] > 1)
    starts = [player for player in PLAYERS if counts[player]]
    if starts != list(range(1, len(starts) + 1)):
        yield f"there are starts for the players {starts} only"
    solid: list[tuple[int, int, int, int]] = []
    for number, (x, y, _, kind, _) in enumerate(data.things.tolist()):
        name = f"thing {number} (type {kind} at {x}, {y})"
        if kind not in PLAYERS and kind != DEATHMATCH and kind not in kinds:
            yield f"{name} is of no known type"
            continue
        if geometry.sector_at(x, y) < 0:
            yield f"{name} is in the void"
            continue
        radius, height, is_solid = _body(kinds.get(kind))
        if is_solid:
            yield from _check_room(data, geometry, name, x, y, radius, height)
            if kind != DEATHMATCH:
                solid.append((x, y, radius, number))
    yield from _check_crowd(solid)


def _body(kind: MobjInfo | None) -> tuple[int, int, bool]:
    """Radius and height in map units, and whether it needs room; None is a player's start."""
    if kind is None:
        return _PLAYER_RADIUS, _PLAYER_HEIGHT, True
    return kind.radius // _FRACUNIT, kind.height // _FRACUNIT, bool(kind.flags & MF_SOLID)


def _check_room(
    data: MapData, geometry: Geometry, name: str, x: int, y: int, radius: int, height: int
) -> Iterator[str]:
    """A thing's box meets no one-sided line, and nothing that it covers is too low."""
    x1, y1, x2, y2 = geometry.ends.T
    near = (
        (np.minimum(x1, x2) < x + radius)
        & (np.maximum(x1, x2) > x - radius)
        & (np.minimum(y1, y2) < y + radius)
        & (np.maximum(y1, y2) > y - radius)
    )
    # a slanted line may miss the box although their boxes meet
    crossing = [line for line in np.flatnonzero(near).tolist() if _crosses(geometry.ends[line].tolist(), x, y, radius)]
    touched = geometry.sectors[crossing]
    if (touched[:, 1] < 0).any():
        yield f"{name} is stuck in a wall"
        return
    under = {geometry.sector_at(x, y), *touched.ravel().tolist()}
    floor = max(int(data.sectors.floorheight[sector]) for sector in under)
    ceiling = min(int(data.sectors.ceilingheight[sector]) for sector in under)
    if ceiling - floor < height:
        yield f"{name} has {ceiling - floor} units of height and needs {height}"


def _crosses(ends: list[int], x: int, y: int, radius: int) -> bool:
    x1, y1, x2, y2 = ends
    sides = [
        (corner_x - x1) * (y2 - y1) - (corner_y - y1) * (x2 - x1)
        for corner_x in (x - radius, x + radius)
        for corner_y in (y - radius, y + radius)
    ]
    return min(sides) < 0 < max(sides)


def _check_crowd(solid: list[tuple[int, int, int, int]]) -> Iterator[str]:
    """No two solid things stand in each other."""
    if not solid:
        return
    places = np.array(solid)
    for x, y, radius, number in solid:
        together = radius + places[:, 2]
        close = (np.abs(places[:, 0] - x) < together) & (np.abs(places[:, 1] - y) < together)
        for other in places[close & (places[:, 3] > number), 3].tolist():
            yield f"things {number} and {other} stand in each other"
