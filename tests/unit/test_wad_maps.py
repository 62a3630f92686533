"""Maps with holes, garbage and features of other engines."""

import struct
from pathlib import Path

import numpy as np
import pytest

from pydoom import wad
from pydoom.sim import setup
from pydoom.wad import Assets, WadError
from pydoom.wad.blockmap import build_blockmap
from tests.unit import wadmaker

FREEDOOM = Path("/usr/share/games/doom/freedoom2.wad")


def load(folder: Path, lumps: wadmaker.Lumps) -> Assets:
    path = folder / "small.wad"
    path.write_bytes(wadmaker.pack_wad(lumps))
    return wad.load(path)


def changed(lump: str, *, append: bytes = b"", data: bytes | None = None) -> wadmaker.Lumps:
    return [
        (name, (old if data is None else data) + append if name == lump else old)
        for name, old in wadmaker.small_lumps()
    ]


def without(lump: str) -> wadmaker.Lumps:
    return [each for each in wadmaker.small_lumps() if each[0] != lump]


# -- what nothing uses


@pytest.mark.parametrize(
    ("lump", "unused"),
    [
        ("SIDEDEFS", struct.pack("<hh8s8s8sH", 0, 0, b"NOSUCH", b"-", b"-", 999)),
        ("SECTORS", struct.pack("<hh8s8shhh", 0, 128, b"NOSUCH", b"NONE", 160, 0, 0)),
        ("SEGS", struct.pack("<6H", 999, 999, 0, 999, 7, 0)),
        ("SSECTORS", struct.pack("<2H", 99, 99)),
        ("SSECTORS", struct.pack("<2H", 0, 0)),
        ("THINGS", b"\1\2\3"),
        ("LINEDEFS", b"\xff" * 13),
        ("VERTEXES", b"\xff" * 3),
        ("BLOCKMAP", b"\xff" * 9),
        ("REJECT", b"\xff" * 9),
    ],
)
def test_unused_records_do_no_harm(tmp_path: Path, lump: str, unused: bytes) -> None:
    data = load(tmp_path, changed(lump, append=unused)).map("E1M1")
    assert data.sidedefs.sector.max() < len(data.sectors)
    assert data.segs[:, 3].max() < len(data.linedefs)
    assert data.segs[:, 0:2].max() < len(data.vertexes)
    assert (data.subsectors.sum(axis=1) <= len(data.segs)).all()
    assert (data.subsectors[:, 0] > 0).all()


def test_an_unreachable_node_does_no_harm(tmp_path: Path) -> None:
    unreached = struct.pack("<12h2H", *[0] * 12, 999, 999)
    root = struct.pack("<12h2H", 0, 0, 0, 1, *[0] * 8, 0x8000, 0x8000)
    data = load(tmp_path, changed("NODES", append=unreached + root)).map("E1M1")
    assert data.nodes[:, 12:14].tolist() == [[~0, ~0]] * 2


@pytest.mark.parametrize(
    ("lump", "at", "value", "complaint"),
    [
        ("SIDEDEFS", 28, b"\xe7\3", "a sidedef names a sector that is not there"),
        ("SEGS", 6, b"\xe7\3", "a seg names a linedef that is not there"),
        ("SEGS", 0, b"\xe7\3", "a seg names a vertex that is not there"),
        ("SSECTORS", 0, b"\0\0", "a subsector has no segs"),
    ],
)
def test_wrong_records_that_are_used_are_refused(
    tmp_path: Path, lump: str, at: int, value: bytes, complaint: str
) -> None:
    old = dict(wadmaker.small_lumps())[lump]
    with pytest.raises(WadError, match=f"small.wad: map E1M1 is damaged: {complaint}"):
        load(tmp_path, changed(lump, data=old[:at] + value + old[at + len(value) :])).map("E1M1")


def past_the_end(folder: Path, lump: str) -> Assets:
    content = bytearray(wadmaker.pack_wad([*wadmaker.small_lumps(), ("EXTRA", b"extra")]))
    count, start = struct.unpack_from("<II", content, 4)
    for entry in range(start, start + 16 * count, 16):
        if content[entry + 8 : entry + 16].rstrip(b"\0") == lump.encode():
            struct.pack_into("<I", content, entry, 0x7FFFFFFF)
    path = folder / "cut.wad"
    path.write_bytes(content)
    return wad.load(path)


def test_a_lump_past_the_end_of_the_file_refuses_only_itself(tmp_path: Path) -> None:
    assets = past_the_end(tmp_path, "EXTRA")
    assert assets.map("E1M1").name == "E1M1"
    with pytest.raises(WadError, match=r"cut.wad: truncated WAD \(lump EXTRA lies past the end of the file\)"):
        assets.lump("EXTRA")


@pytest.mark.parametrize("lump", ["FLOOR", "SEGS"])
def test_a_map_that_uses_a_lump_past_the_end_is_refused(tmp_path: Path, lump: str) -> None:
    with pytest.raises(WadError, match=f"cut.wad: truncated WAD .lump {lump} lies past the end"):
        past_the_end(tmp_path, lump).map("E1M1")


@pytest.mark.parametrize("lump", ["REJECT", "BLOCKMAP"])
def test_what_can_be_built_anew_may_lie_past_the_end(tmp_path: Path, lump: str) -> None:
    data = past_the_end(tmp_path, lump).map("E1M1")
    assert data.blockmap.tolist()[:4] == [0, 0, *([1, 1] if lump == "REJECT" else [3, 3])]
    assert data.reject == (b"" if lump == "REJECT" else b"\0")


@pytest.mark.parametrize("directory", [0, 12, 0xFFFFFFFF])
def test_a_wad_without_lumps_adds_nothing(tmp_path: Path, directory: int) -> None:
    iwad, empty = tmp_path / "iwad.wad", tmp_path / "empty.wad"
    iwad.write_bytes(wadmaker.small_wad())
    empty.write_bytes(struct.pack("<4sII", b"PWAD", 0, directory))
    assert wad.load(iwad, empty).lump_names == wad.load(iwad).lump_names
    with pytest.raises(WadError, match=r"empty.wad: not a DOOM game: it has neither E1M1 nor MAP01"):
        wad.load(empty)


def test_a_missing_texture_is_blamed_on_the_file_that_names_it(tmp_path: Path) -> None:
    base, over = tmp_path / "base.wad", tmp_path / "over.wad"
    base.write_bytes(wadmaker.pack_wad(wadmaker.small_lumps()))
    room = [
        (name, data.replace(b"WALL\0\0\0\0", b"NOSUCH\0\0") if name == "SIDEDEFS" else data)
        for name, data in wadmaker.room("E1M1")
    ]
    over.write_bytes(wadmaker.pack_wad(room, b"PWAD"))
    with pytest.raises(WadError, match=r"over.wad: map E1M1 needs texture NOSUCH, which is missing"):
        wad.load(base, over).map("E1M1")
    over.write_bytes(wadmaker.pack_wad([("PNAMES", wadmaker.pack_names(["SOLID", "NOSUCH"]))], b"PWAD"))
    with pytest.raises(WadError, match="texture WALL needs patch NOSUCH, which is missing"):
        wad.load(base, over)


# -- BLOCKMAP and REJECT


@pytest.mark.parametrize(
    "lump",
    [
        None,
        b"",
        b"\0" * 8,
        bytes(0x10000 * 2),
        struct.pack("<4h3H", 0, 0, 1, 1, 5, 0, 3),  # no end
        struct.pack("<4h4H", 0, 0, 1, 1, 5, 0, 99, 0xFFFF),  # a line that is not there
        struct.pack("<4h2H", 0, 0, 1, 1, 999, 0xFFFF),  # a list that is not there
        struct.pack("<4h2H", 0, 0, -1, 1, 5, 0xFFFF),
    ],
)
def test_an_unusable_blockmap_is_rebuilt(tmp_path: Path, lump: bytes | None) -> None:
    lumps = without("BLOCKMAP") if lump is None else changed("BLOCKMAP", data=lump)
    blockmap = load(tmp_path, lumps).map("E1M1").blockmap.tolist()
    # 3 x 3 blocks, since the room's far walls lie on the edge of the next
    assert blockmap[:4] == [0, 0, 3, 3]
    lists = [blockmap[at : blockmap.index(-1, at)] for at in blockmap[4:13]]
    assert lists == [[0, 3, 0], [0, 3], [0, 3, 2], [0, 0], [0], [0, 2], [0, 1, 0], [0, 1], [0, 2, 1]]


def test_a_line_is_in_every_block_it_crosses() -> None:
    rng = np.random.default_rng(1)
    vertexes = rng.integers(-2000, 2000, (200, 2), np.int32)
    blockmap = build_blockmap(vertexes, np.arange(200, dtype=np.int32).reshape(100, 2)).tolist()
    x0, y0, columns, rows = blockmap[:4]
    for line in range(100):
        (x1, y1), (x2, y2) = vertexes[2 * line].tolist(), vertexes[2 * line + 1].tolist()
        for step in range(1, 1000):
            x, y = x1 + (x2 - x1) * step / 1000 - x0, y1 + (y2 - y1) * step / 1000 - y0
            if min(x % 128, y % 128) < 2 or max(x % 128, y % 128) > 126:
                continue  # the original counts in whole units
            at = blockmap[4 + int(y // 128) * columns + int(x // 128)]
            assert line in blockmap[at : blockmap.index(-1, at)][1:]
    assert max(blockmap[4 : 4 + columns * rows]) < len(blockmap)


def test_lines_that_cross_too_many_blocks_are_one_clear_line() -> None:
    corners = np.array([[-32768, -32768], [32767, 32767]], np.int32)
    with pytest.raises(WadError, match="its lines cross more than 1,000,000 blocks"):
        build_blockmap(corners, np.tile(np.array([[0, 1]], np.int32), (2000, 1)))


def test_a_missing_reject_is_padded_as_a_short_one(tmp_path: Path) -> None:
    assert load(tmp_path, without("REJECT")).map("E1M1").reject == b""
    assert setup.padded_reject(b"", 8, 3)[:4] == struct.pack("<I", 3 * 4 + 24)


# -- other engines


def test_hexen_s_and_udmf_maps_say_what_they_need(tmp_path: Path) -> None:
    small = wadmaker.small_lumps()
    at = [name for name, _ in small].index("BLOCKMAP") + 1
    hexen = [*small[:at], ("BEHAVIOR", b"ACS\0"), *small[at:]]
    with pytest.raises(WadError, match=r"small.wad: map E1M1 is in Hexen's format and needs an engine that reads it"):
        load(tmp_path, hexen).map("E1M1")
    with pytest.raises(WadError, match=r"small.wad: map E1M1 is in the text format UDMF and needs an engine"):
        load(tmp_path, [(name if name != "THINGS" else "TEXTMAP", data) for name, data in small]).map("E1M1")


@pytest.mark.parametrize(
    ("line_type", "sector_type", "said"),
    [
        (202, 0, "was made for Boom: linedef type 202 do nothing in DOOM"),
        (0x3000, 64, "was made for Boom: linedef type 12288, sector type 64 do nothing in DOOM"),
        (271, 0, "was made for MBF: linedef type 271 do nothing in DOOM"),
        (1024, 0x1000, "was made for MBF21: linedef type 1024, sector type 4096 do nothing in DOOM"),
        (141, 17, None),
    ],
)
def test_a_map_for_boom_is_played_and_its_features_named(
    tmp_path: Path, line_type: int, sector_type: int, said: str | None
) -> None:
    lumps = []
    for name, data in wadmaker.small_lumps():
        if name == "LINEDEFS":
            data = data[:6] + struct.pack("<H", line_type) + data[8:]
        if name == "SECTORS":
            data = data[:22] + struct.pack("<H", sector_type) + data[24:]
        lumps.append((name, data))
    assets = load(tmp_path, lumps)
    warnings: list[str] = []
    assets.warn = warnings.append
    assets.map("E1M1")
    assets.map("E1M1")
    assert warnings == ([] if said is None else [f"{tmp_path / 'small.wad'}: map E1M1 {said}"])
