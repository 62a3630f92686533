"""A map's indexes: what is used must exist, and what is unused does no harm.

The original follows indexes unchecked, so a map plays as long as what it uses is right: Memento Mori's MAP16 has
27 sidedefs that no line uses and that refer to missing sectors. `checked` raises WadError for what is used and
wrong, and redirects what is unused and wrong to something that exists, since the simulation builds everything.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pydoom.wad.archive import printable
from pydoom.wad.errors import WadError
from pydoom.wad.mapdata import Int32Array, MapData, Sidedefs
from pydoom.wad.nodes import MAX_RECORDS as MAX_TREE_RECORDS

MAX_SECTORS: Final = 32_768
MAX_RECORDS: Final = 65_536
"""Most records of any other kind but those of extended trees: maps refer to them by 16-bit numbers."""
MAX_SEG_VISITS: Final = MAX_TREE_RECORDS
"""Most segs of all subsectors together, which may share segs."""

Bools = NDArray[np.bool_]


def checked(data: MapData) -> MapData:
    """The map with every index inside what it points into, or WadError."""
    lines, sides = data.linedefs, data.sidedefs
    _check_sizes(data)
    _need(data, min(len(lines), len(data.segs), len(data.subsectors), len(data.sectors)) > 0, "it has no geometry")
    _need(data, _all_inside(lines[:, 0:2], len(data.vertexes)), "a linedef names a vertex that is not there")
    _need(data, _all_inside(lines[:, 5], len(sides)), "a linedef has no right sidedef")
    _need(data, _all_inside(lines[:, 6] + 1, len(sides) + 1), "a linedef names a sidedef that is not there")
    nodes, used_subsectors = _check_nodes(data)
    subsectors, used_segs = _check_subsectors(data, used_subsectors)
    return replace(
        data, sidedefs=_check_sides(data), nodes=nodes, subsectors=subsectors, segs=_check_segs(data, used_segs)
    )


def used_sides(data: MapData) -> Bools:
    """bool[sidedefs]: whether a line uses them."""
    named = data.linedefs[:, 5:7]
    used = np.zeros(len(data.sidedefs), np.bool_)
    used[named[named >= 0]] = True
    return used


def used_sectors(data: MapData) -> Bools:
    """bool[sectors]: whether a used sidedef refers to them."""
    used = np.zeros(len(data.sectors), np.bool_)
    used[data.sidedefs.sector[used_sides(data)]] = True
    return used


def _need(data: MapData, good: bool | np.bool_, what: str) -> None:
    if not good:
        raise WadError(f"map {printable(data.name)} is damaged: {what}")


def _inside(indexes: Int32Array, size: int) -> Bools:
    result: Bools = (indexes >= 0) & (indexes < size)
    return result


def _all_inside(indexes: Int32Array, size: int) -> bool:
    return bool(_inside(indexes, size).all())


def _check_sizes(data: MapData) -> None:
    _need(data, len(data.sectors) <= MAX_SECTORS, f"{len(data.sectors)} sectors")
    for most, kinds in (
        (MAX_RECORDS, ("vertexes", "linedefs", "sidedefs", "things")),
        (MAX_TREE_RECORDS, ("segs", "subsectors", "nodes")),
    ):
        for what in kinds:
            count = len(getattr(data, what))
            _need(data, count <= most, f"{count:,} {what}, and {most:,} is the most")


def _check_sides(data: MapData) -> Sidedefs:
    """The sidedefs; unused ones get no textures and an existing sector."""
    sides, used = data.sidedefs, used_sides(data)
    wrong = ~_inside(sides.sector, len(data.sectors))
    _need(data, not (wrong & used).any(), "a sidedef names a sector that is not there")
    if used.all():
        return sides

    def textures(names: list[str]) -> list[str]:
        return [name if kept else "-" for name, kept in zip(names, used.tolist(), strict=True)]

    return replace(
        sides,
        sector=_frozen(np.where(wrong, 0, sides.sector)),
        toptexture=textures(sides.toptexture),
        bottomtexture=textures(sides.bottomtexture),
        midtexture=textures(sides.midtexture),
    )


def _check_nodes(data: MapData) -> tuple[Int32Array, Bools]:
    """The nodes, and bool[subsectors]: those that walking down from the last node reaches."""
    children = data.nodes[:, 12:14].tolist()
    subsectors = np.zeros(len(data.subsectors), np.bool_)
    if not children:
        subsectors[0] = True
        return data.nodes, subsectors
    seen = {len(children) - 1}
    pending = list(seen)
    while pending:
        for child in children[pending.pop()]:
            if child < 0:
                _need(data, ~child < len(subsectors), "a node names a subsector that is not there")
                subsectors[~child] = True
                continue
            _need(data, child < len(children), "a node names a node that is not there")
            _need(data, child not in seen, "its nodes are not a tree")
            seen.add(child)
            pending.append(child)
    unused = np.ones(len(children), np.bool_)
    unused[list(seen)] = False
    return _replaced(data.nodes, unused, data.nodes[-1]), subsectors


def _check_subsectors(data: MapData, used: Bools) -> tuple[Int32Array, Bools]:
    """The subsectors, and bool[segs]: the segs of those in `used`."""
    counts, firsts = data.subsectors[:, 0], data.subsectors[:, 1]
    wrong = (counts <= 0) | (firsts < 0) | (firsts.astype(np.int64) + counts > len(data.segs))
    _need(data, not (used & (counts <= 0)).any(), "a subsector has no segs")
    _need(data, not (used & wrong).any(), "a subsector names segs that are not there")
    subsectors = _replaced(data.subsectors, wrong, data.subsectors[int(used.argmax())])
    visits = int(subsectors[:, 0].sum(dtype=np.int64))
    _need(data, visits <= MAX_SEG_VISITS, f"its subsectors have {visits:,} segs, and {MAX_SEG_VISITS:,} is the most")
    reach = np.zeros(len(data.segs) + 1, np.int64)
    np.add.at(reach, subsectors[:, 1], 1)
    np.add.at(reach, subsectors.sum(axis=1), -1)
    return subsectors, reach[:-1].cumsum() > 0


def _check_segs(data: MapData, used: Bools) -> Int32Array:
    segs, lines = data.segs, data.linedefs
    good_ends = _inside(segs[:, 0:2], len(data.vertexes) + len(data.added_vertexes)).all(axis=1)
    good_line = _inside(segs[:, 3], len(lines))
    good_side = _inside(segs[:, 4], 2)
    _need(data, (good_ends | ~used).all(), "a seg names a vertex that is not there")
    _need(data, (good_line | ~used).all(), "a seg names a linedef that is not there")
    _need(data, (good_side | ~used).all(), "a seg names a side that is not there")
    sides = lines[np.where(good_line, segs[:, 3], 0), 5 + np.where(good_side, segs[:, 4], 0)]
    _need(data, ((sides >= 0) | ~used).all(), "a seg lies on a side that is not there")
    wrong = ~(good_ends & good_line & good_side & (sides >= 0))
    return _replaced(segs, wrong, segs[int(used.argmax())])


def _replaced(rows: Int32Array, wrong: Bools, by: Int32Array) -> Int32Array:
    """`rows` with those that are `wrong` replaced by another."""
    if not wrong.any():
        return rows
    return _frozen(np.where(wrong[:, None], by, rows))


def _frozen(values: Int32Array) -> Int32Array:
    result: Int32Array = values.astype(np.int32)
    result.flags.writeable = False
    return result
