"""PWADs over an IWAD, merged as by DeuTex and w_merge.c: what is replaced, what is added, in which order."""

from pathlib import Path

import numpy as np
import omg
import pytest

from pydoom.wad import Assets, WadError
from pydoom.wad import load as load_files
from pydoom.wad.archive import Lump
from pydoom.wad.merge import merge
from tests.unit import wadmaker
from tests.unit.wadmaker import pack_patch

PICTURE = pack_patch([[(0, b"\x99")]], 1)


def lumps(*names: str, source: str = "") -> list[Lump]:
    return [Lump(name, memoryview(source.encode())) for name in names]


def names(merged: list[Lump]) -> list[str]:
    return [f"{lump.name}{'+' if lump.data == b'new' else ''}" for lump in merged]


def load(folder: Path, *pwads: wadmaker.Lumps) -> Assets:
    iwad = folder / "iwad.wad"
    iwad.write_bytes(wadmaker.small_wad())
    paths = [folder / f"{number}.wad" for number in range(len(pwads))]
    for path, pwad in zip(paths, pwads, strict=True):
        path.write_bytes(wadmaker.pack_wad(pwad, b"PWAD"))
    return load_files(iwad, *paths)


IWAD = lumps("PLAYPAL", "F_START", "A", "B", "C", "F_END", "S_START", "TROOA1", "TROOB2B8", "POSSA0", "S_END", "END")


def test_flats_of_a_pwad_go_to_the_end_in_their_own_order() -> None:
    pwad = lumps("FF_START", "C", "NEW", "A", "FF_END", source="new")
    merged = names(merge(IWAD, pwad))
    assert merged[1:7] == ["F_START", "B", "C+", "NEW+", "A+", "F_END"]


def test_sprite_for_all_rotations_replaces_those_with_rotations() -> None:
    merged = names(merge(IWAD, lumps("SS_START", "TROOA0", "S_END", source="new")))
    assert merged[6:] == ["S_START", "TROOB2B8", "POSSA0", "TROOA0+", "S_END", "END"]


def test_lump_showing_two_views_stays_until_both_are_replaced() -> None:
    half = merge(IWAD, lumps("S_START", "TROOB2", "S_END", source="new"))
    assert "TROOB2B8" in names(half)
    whole = merge(half, lumps("S_START", "TROOB8", "S_END", source="new"))
    assert "TROOB2B8" not in names(whole)


def test_only_the_last_of_two_sprites_for_a_view_is_taken() -> None:
    merged = names(merge(IWAD, lumps("S_START", "POSSA0", "POSSA1", "S_END", source="new")))
    assert merged.count("POSSA0+") == 1
    merged = names(merge(IWAD, lumps("S_START", "POSSA1", "POSSA0", "S_END", source="new")))
    assert "POSSA1+" not in merged


def test_everything_else_is_appended_without_the_markers() -> None:
    pwad = lumps("E1M1", "F_START", "X", "FF_END", "D_E1M1", "SS_START", "Y", "SS_END", "TEXTURE1", source="new")
    assert names(merge(IWAD, pwad))[-3:] == ["E1M1+", "D_E1M1+", "TEXTURE1+"]


def test_section_that_never_ends_adds_nothing() -> None:
    assert names(merge(IWAD, lumps("E1M1", "SS_START", "TROOA1", source="new"))) == [*names(IWAD), "E1M1+"]


def test_later_files_win_over_earlier_ones(tmp_path: Path) -> None:
    first = [("FF_START", b""), ("CEIL", bytes([66]) * 4096), ("FF_END", b""), ("DEMO1", b"one"), ("DEMO2", b"one")]
    second = [("FF_START", b""), ("CEIL", bytes([67]) * 4096), ("FF_END", b""), ("DEMO1", b"two")]
    assets = load(tmp_path, first, second)
    assert np.unique(assets.flat(assets.flat_number("CEIL"))).tolist() == [67]
    assert (assets.demo("DEMO1"), assets.demo("DEMO2")) == (b"two", b"one")


def test_texture_and_patch_lists_of_a_pwad_replace_the_old_ones(tmp_path: Path) -> None:
    definition = wadmaker.pack_texture("WALL", 8, 16, [(0, 0, 1)])
    pwad = [
        ("PNAMES", wadmaker.pack_names(["SOLID", "FRESH"])),
        ("TEXTURE1", wadmaker.pack_textures([wadmaker.pack_texture("BLANK", 8, 16, [(0, 0, 0)]), definition])),
        ("FRESH", pack_patch([[(0, bytes([0x77] * 16))] for _ in range(8)], 16)),
    ]
    assets = load(tmp_path, pwad)
    wall = assets.textures[assets.texture_number("WALL")]
    assert np.unique(wall.pixels).tolist() == [0x77]


def test_pwad_written_by_another_program_adds_maps_and_sprites(tmp_path: Path) -> None:
    wad = omg.WAD()
    source = tmp_path / "room.wad"
    source.write_bytes(wadmaker.pack_wad([*wadmaker.room("E1M1"), *wadmaker.room("E1M2")], b"PWAD"))
    wad.maps = omg.WAD(str(source)).maps
    wad.sprites["TROOA0"] = omg.Graphic(PICTURE)
    wad.flats["CEIL"] = omg.Flat(bytes([66]) * 4096)
    target = tmp_path / "other.wad"
    wad.to_file(str(target))
    iwad = tmp_path / "iwad.wad"
    iwad.write_bytes(wadmaker.small_wad())
    assets = load_files(iwad, target)
    assert assets.map_names == ["E1M1", "E1M2"]
    assert assets.map("E1M2").name == "E1M2"
    assert not assets.sprites["TROO"][0].rotate
    assert np.unique(assets.flat(assets.flat_number("CEIL"))).tolist() == [66]


@pytest.mark.parametrize(
    "content", [b"", b"PWAD", b"PWAD\xff\xff\xff\x7f\x0c\0\0\0", b"Rar!" * 9, b"PWAD\1\0\0\0\0\1\0\0"]
)
def test_hostile_pwad_is_refused_in_one_line(tmp_path: Path, content: bytes) -> None:
    iwad, pwad = tmp_path / "iwad.wad", tmp_path / "bad.wad"
    iwad.write_bytes(wadmaker.small_wad())
    pwad.write_bytes(content)
    with pytest.raises(WadError, match=r"bad\.wad: ") as caught:
        load_files(iwad, pwad)
    assert "\n" not in str(caught.value)
