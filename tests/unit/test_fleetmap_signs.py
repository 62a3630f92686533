"""Signs, and levels written as WAD files."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from omg import WAD

from pydoom import wad
from pydoom.fleetmap.draft import SIGN_HEIGHT, SIGN_WIDTH, Draft, DraftLine, DraftSide
from pydoom.fleetmap.signs import plain_text, sign_patches
from pydoom.fleetmap.wadfile import wad_of
from pydoom.wad import Assets
from pydoom.wad.archive import Lump, read_wad
from pydoom.wad.pack import pack_wad
from pydoom.wad.patches import Patch, read_patch
from tests.drafts import grid_level
from tests.unit import wadmaker

BRIGHT_REDS = range(176, 184)
"""Of the font's colours, those that no plate has."""


def sign(assets: Assets, text: str) -> Patch:
    (data,) = sign_patches({"SIGN": text}, assets).values()
    return read_patch(Lump("SIGN", memoryview(data)))


def letters(patch: Patch) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of what is written on a sign."""
    rows, columns = np.nonzero(np.isin(patch.pixels, BRIGHT_REDS))
    return int(columns.min()), int(rows.min()), int(columns.max()), int(rows.max())


def with_sign(draft: Draft, text: str) -> Draft:
    """The draft with a sign on its first solid wall."""
    first = next(number for number, line in enumerate(draft.lines) if line.back is None)
    old = draft.lines[first]
    line = DraftLine(old.start, old.end, DraftSide(old.front.sector, middle="FMSIGN"), None, old.flags)
    lines = (*draft.lines[:first], line, *draft.lines[first + 1 :])
    return Draft(draft.name, draft.sectors, lines, draft.things, (), {"FMSIGN": text})


def test_short_names_are_written_larger_than_long_ones(assets: Assets) -> None:
    heights = []
    for text in ("WEB", "KUBE-SYSTEM"):
        left, top, right, bottom = letters(sign(assets, text))
        heights.append(bottom - top)
        assert abs((left + right) - SIGN_WIDTH) < 12, "centred"
    assert heights[0] > heights[1] >= 8


def test_long_names_have_two_lines_divided_at_a_separator(assets: Assets) -> None:
    whole = sign(assets, "ingress-nginx-controller").pixels
    parts = [sign(assets, part).pixels for part in ("ingress-nginx-", "controller")]
    for line, part in zip((slice(2, 14), slice(18, 30)), parts, strict=True):
        written = np.isin(whole[line], BRIGHT_REDS).any(axis=0)
        alone = np.isin(part, BRIGHT_REDS).any(axis=0)
        assert written.sum() > 60
        assert alone.any()
    assert letters(sign(assets, "ingress-nginx-controller"))[1] < 4


@given(st.text(max_size=300))
def test_any_name_gives_a_whole_sign(assets: Assets, text: str) -> None:
    patch = sign(assets, text)
    assert (patch.width, patch.height) == (SIGN_WIDTH, SIGN_HEIGHT)
    assert patch.mask.all()


def test_names_that_differ_at_their_ends_have_different_signs(assets: Assets) -> None:
    name = "team-a/a-very-long-name-of-a-namespace-in-production-eu-west-"
    assert (sign(assets, f"{name}1").pixels != sign(assets, f"{name}2").pixels).any()
    assert (sign(assets, f"1{name}").pixels != sign(assets, f"2{name}").pixels).any()


def test_a_name_keeps_clear_of_the_sign_s_edges(assets: Assets) -> None:
    left, top, right, bottom = letters(sign(assets, "W" * 200))
    assert left >= 4
    assert right < SIGN_WIDTH - 4
    assert top >= 0
    assert bottom < SIGN_HEIGHT


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("web", "WEB"),
        ("müller_straße", "MULLER_STRASSE"),
        ("  two\n words ", "TWO WORDS"),
        ("café 数据", "CAFE ??"),
        ("{x}", "?X?"),
        ("", ""),
    ],
)
def test_names_are_written_in_the_font_s_letters(name: str, shown: str) -> None:
    assert plain_text(name) == shown


def test_names_without_any_letter_of_the_font_become_different_numbers() -> None:
    one, other = plain_text("数据库"), plain_text("データ")
    assert one.startswith("#")
    assert other.startswith("#")
    assert one != other


def test_a_wad_without_the_font_or_any_plate_has_blank_signs(tmp_path: Path) -> None:
    path = tmp_path / "small.wad"
    path.write_bytes(wadmaker.small_wad())
    assert (sign(wad.load(path), "WEB").pixels == 0).all()


# -- files


def test_a_written_level_loads_over_its_iwad_with_its_sign(wad_path: Path, assets: Assets, tmp_path: Path) -> None:
    draft = with_sign(grid_level(3).draft, "PAYMENTS")
    level = tmp_path / "fleet.wad"
    level.write_bytes(wad_of(draft, assets))
    loaded = wad.load(wad_path, level)
    assert loaded.map("E1M1").sidedefs.midtexture.count("FMSIGN") == 1
    texture = loaded.textures[loaded.texture_number("FMSIGN")]
    assert (texture.pixels == sign(assets, "PAYMENTS").pixels).all()


def test_textures_of_the_iwad_keep_their_numbers_and_looks(wad_path: Path, assets: Assets, tmp_path: Path) -> None:
    level = tmp_path / "fleet.wad"
    level.write_bytes(wad_of(with_sign(grid_level(3).draft, "PAYMENTS"), assets))
    loaded = wad.load(wad_path, level)
    assert loaded.texture_names == [*assets.texture_names, "FMSIGN"]
    for number in range(0, len(assets.textures), 7):
        assert (loaded.textures[number].pixels == assets.textures[number].pixels).all()


def test_signs_are_added_to_the_second_list_of_textures_where_there_is_one(tmp_path: Path) -> None:
    small = wadmaker.small_lumps()
    second = wadmaker.pack_textures([wadmaker.pack_texture("OTHER", 8, 16, [(0, 0, 1)])])
    path, level = tmp_path / "two.wad", tmp_path / "fleet.wad"
    path.write_bytes(wadmaker.pack_wad([*small, ("TEXTURE2", second)]))
    draft = with_sign(grid_level(3).draft, "X")
    level.write_bytes(wad_of(draft, wad.load(path)))
    assert wad.load(path, level).texture_names == ["BLANK", "WALL", "OTHER", "FMSIGN"]


def test_omgifol_reads_what_is_written(assets: Assets, tmp_path: Path) -> None:
    level = tmp_path / "fleet.wad"
    level.write_bytes(wad_of(with_sign(grid_level(3).draft, "X"), assets))
    read = WAD(str(level))
    assert list(read.maps) == ["E1M1"]
    assert len(read.maps["E1M1"]["THINGS"].data) == 10


def test_a_packed_wad_reads_back(tmp_path: Path) -> None:
    lumps = [("MAP01", b""), ("LUMP", b"12345"), ("LONGNAME", bytes(100))]
    path = tmp_path / "some.wad"
    path.write_bytes(pack_wad(lumps))
    read = read_wad(path)
    assert read.kind == "PWAD"
    assert [(lump.name, lump.data) for lump in read.lumps] == lumps
