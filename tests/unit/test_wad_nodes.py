"""Extended BSP trees: DeePBSP's, ZDoom's plain and compressed ones, and the errors for damaged ones."""

import struct
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest

from pydoom import wad
from pydoom.sim.fixed import FRACUNIT
from pydoom.wad import Assets, WadError, nodes
from tests import trees
from tests.trees import Tree
from tests.unit import wadmaker
from tests.unit.test_renderer import assert_same_views
from tests.viewpoints import load_world, odd_views

ROOT = [0, 128, 256, 0, *[0] * 8, trees.LONG_LEAF, trees.LONG_LEAF]
KINDS: dict[str, Callable[[Mapping[str, bytes]], dict[str, bytes]]] = {
    "XNOD": lambda lumps: Tree.of(lumps).zdoom(),
    "ZNOD": lambda lumps: Tree.of(lumps).zdoom(deflated=True),
    "DeePBSP": trees.deepbsp,
}


def room_with(folder: Path, changed: Mapping[str, bytes]) -> Assets:
    """The square room with some lumps replaced."""
    path = folder / "room.wad"
    lumps = [(name, changed.get(name, data)) for name, data in wadmaker.small_lumps()]
    path.write_bytes(wadmaker.pack_wad(lumps))
    return wad.load(path)


def room_tree() -> Tree:
    return Tree.of(dict(wadmaker.room("E1M1")))


@pytest.mark.parametrize("kind", KINDS)
def test_a_map_is_the_same_with_an_extended_tree(assets: Assets, wad_path: Path, tmp_path: Path, kind: str) -> None:
    content = wad.archive.read_wad(wad_path).lumps
    start = [lump.name for lump in content].index("E1M1")
    lumps = {lump.name: lump.data for lump in content[start + 1 : start + 11]}
    pwad = tmp_path / "extended.wad"
    extended = lumps | KINDS[kind](lumps)
    pwad.write_bytes(wadmaker.pack_wad([("E1M1", b""), *extended.items()], b"PWAD"))
    plain, read = assets.map("E1M1"), wad.load(wad_path, pwad).map("E1M1")
    for name in ("vertexes", "linedefs", "subsectors", "nodes", "blockmap"):
        assert np.array_equal(getattr(plain, name), getattr(read, name)), name
    # DOOM's own node builder gave pieces of a line the line's angle, though their ends are rounded
    turned = (read.segs[:, 2] - plain.segs[:, 2]) >> 16
    assert np.abs(turned).max() <= (0 if kind == "DeePBSP" else 0x400)
    assert np.abs(read.segs[:, 5] - plain.segs[:, 5]).max() <= 1
    assert np.array_equal(np.delete(read.segs, (2, 5), 1), np.delete(plain.segs, (2, 5), 1))
    world = load_world(assets, read)
    assert_same_views(assets, world, odd_views(world, 3, seed=1))


def test_added_vertexes_lie_between_whole_units(tmp_path: Path) -> None:
    tree = room_tree()
    place = (0, 100 * FRACUNIT + 12345)
    tree.split(0, place)
    data = room_with(tmp_path, tree.zdoom()).map("E1M1")
    assert data.segs[:2, 0:2].tolist() == [[0, 4], [4, 1]]
    assert data.segs[:, 5].tolist() == [0, 100, 0, 0, 0]
    assert data.segs[:, 2].view(np.uint32).tolist() == [0x3FFFFFFF, 0x3FFFFFFF, 0, 0xC0000000, 0x80000000 - 1]
    world = load_world(wad.load(tmp_path / "room.wad"), data)
    vertex = world.segs[0].v2
    assert (vertex.x, vertex.y) == place


def test_more_records_than_16_bits_can_count(tmp_path: Path) -> None:
    tree = room_tree()
    tree.segs *= 20_000
    tree.counts = [4] * 20_000
    tree.nodes = [
        [0, 128, 256, 0, *[0] * 8, number - 1 if number else trees.LONG_LEAF, trees.LONG_LEAF + number + 1]
        for number in range(19_999)
    ]
    tree.added = [(0, 0)] * 70_000
    data = room_with(tmp_path, tree.zdoom(deflated=True)).map("E1M1")
    assert (len(data.segs), len(data.subsectors), len(data.added_vertexes)) == (80_000, 20_000, 70_000)


def zdoom(change: Callable[[Tree], object]) -> dict[str, bytes]:
    tree = room_tree()
    tree.nodes = [ROOT.copy()]
    change(tree)
    return tree.zdoom()


def deepbsp_room(seg: list[int], subsector: list[int]) -> dict[str, bytes]:
    return {
        "SEGS": struct.pack("<2i4h", *seg) * 4,
        "SSECTORS": struct.pack("<Hi", *subsector),
        "NODES": trees.DEEPBSP,
    }


def cut(size: int) -> dict[str, bytes]:
    return {"NODES": zdoom(lambda tree: None)["NODES"][:size]}


WRONG = {
    "vertexes of another map": (
        zdoom(lambda tree: setattr(tree, "kept", 5)),
        "its nodes were built for 5 vertexes, and it has 4",
    ),
    "line without vertexes": (
        zdoom(lambda tree: setattr(tree, "kept", 2)),
        "a linedef names a vertex that is not there",
    ),
    "segs left over": (zdoom(lambda tree: tree.counts.append(1)), "its nodes have 4 segs, but 5 in all subsectors"),
    "huge subsector": (
        zdoom(lambda tree: tree.counts.append(0xFFFFFFFF)),
        "its nodes have 4 segs, but 4,294,967,299 in all subsectors",
    ),
    "vertex": (zdoom(lambda tree: tree.segs[1].__setitem__(0, 4)), "a seg names a vertex that is not there"),
    "vertex -1": (zdoom(lambda tree: tree.segs[1].__setitem__(0, 0xFFFFFFFF)), "a seg names a vertex that is not"),
    "line": (zdoom(lambda tree: tree.segs[1].__setitem__(2, 4)), "a seg names a linedef that is not there"),
    "side": (zdoom(lambda tree: tree.segs[1].__setitem__(3, 1)), "a seg lies on a side that is not there"),
    "subsector": (
        zdoom(lambda tree: tree.nodes[0].__setitem__(12, trees.LONG_LEAF + 1)),
        "a node names a subsector that is not there",
    ),
    "node": (zdoom(lambda tree: tree.nodes[0].__setitem__(12, 1)), "a node names a node that is not there"),
    "cycle": (zdoom(lambda tree: tree.nodes[0].__setitem__(12, 0)), "its nodes are not a tree"),
    "no segs": (zdoom(lambda tree: vars(tree).update(counts=[], segs=[])), "it has no geometry"),
    "too many": ({"NODES": b"XNOD" + struct.pack("<2I", 4, 1 << 31)}, "its nodes claim 2,147,483,648 vertexes, and"),
    "nothing": ({"NODES": b"XNOD"}, r"its nodes are cut short \(in the vertexes\)"),
    "cut in subsectors": (cut(18), r"its nodes are cut short \(in the subsectors\)"),
    "cut in segs": (cut(50), r"its nodes are cut short \(in the segs\)"),
    "cut in nodes": (cut(-1), r"its nodes are cut short \(in the nodes\)"),
    "no stream": ({"NODES": b"ZNOD"}, "its nodes are cut short"),
    "no deflated stream": ({"NODES": b"ZNODtext"}, "its nodes cannot be inflated"),
    "cut stream": (
        {"NODES": room_tree().zdoom(deflated=True)["NODES"][:-6]},
        "its nodes are cut short",
    ),
    "stream of something else": ({"NODES": b"ZNOD" + zlib.compress(b"hi")}, r"cut short \(in the vertexes\)"),
    "deflated bomb": (
        {"NODES": b"ZNOD" + zlib.compress(bytes(64 << 20), 9)},
        "its nodes inflate to more than 14,417,936 bytes",
    ),
    "DeePBSP's vertex": (
        deepbsp_room([-1, 1, 0, 0, 0, 0], [4, 0]),
        "a seg names a vertex that is not there",
    ),
    "DeePBSP's subsector": (
        deepbsp_room([0, 1, 0, 0, 0, 0], [4, -1]),
        "a subsector names segs that are not there",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_damaged_tree_is_reported_in_one_line(tmp_path: Path, what: str) -> None:
    lumps, complaint = WRONG[what]
    with pytest.raises(WadError, match=f"room.wad: map E1M1 is damaged: .*{complaint}") as caught:
        room_with(tmp_path, lumps).map("E1M1")
    assert "\n" not in str(caught.value)


def test_decompression_bomb_is_stopped_at_the_size_of_the_largest_tree() -> None:
    assert nodes._LONGEST_TREE < 16 << 20


def test_side_above_1_is_the_second_side(tmp_path: Path) -> None:
    lumps = zdoom(lambda tree: tree.segs[1].__setitem__(3, 200))
    with pytest.raises(WadError, match="a seg lies on a side that is not there"):
        room_with(tmp_path, lumps).map("E1M1")


@pytest.mark.parametrize("kind", ["XGLN", "XGL2", "XGL3", "ZGLN", "ZGL2", "ZGL3"])
def test_trees_for_opengl_are_reported_as_such(tmp_path: Path, kind: str) -> None:
    lumps = {"SEGS": b"", "SSECTORS": kind.encode() + bytes(20), "NODES": b""}
    with pytest.raises(WadError, match=rf"room.wad: map E1M1 has only nodes for OpenGL \({kind}\): rebuild its nodes"):
        room_with(tmp_path, lumps).map("E1M1")
