"""Files whose items are valid but too much together: one clear line, before the work is done."""

import struct
from pathlib import Path

import numpy as np
import pytest

from pydoom import wad
from pydoom.audio.effects import MIXER_RATE, EffectBank, expand
from pydoom.render.arrays.atlas import Atlas
from pydoom.wad import Assets, WadError
from pydoom.wad.archive import read_wad
from pydoom.wad.mapcheck import MAX_SEG_VISITS
from tests.unit import wadmaker

pytestmark = pytest.mark.slow


def load(folder: Path, changes: dict[str, bytes], more: wadmaker.Lumps | None = None) -> Assets:
    lumps = [(name, changes.get(name, data)) for name, data in wadmaker.small_lumps()]
    path = folder / "bomb.wad"
    path.write_bytes(wadmaker.pack_wad([*lumps, *(more or [])]))
    return wad.load(path)


def wide_patch(width: int, column: bytes) -> bytes:
    """All columns begin at the same place."""
    return struct.pack("<4h", width, 1, 0, 0) + struct.pack("<I", 8 + 4 * width) * width + column


EMPTY_POSTS = b"\0\0\0\0" * 500 + b"\xff"


def test_twenty_thousand_places_of_one_wide_patch(tmp_path: Path) -> None:
    texture = wadmaker.pack_texture("WALL", 32000, 16, [(0, 0, 0)] * 20_000)
    assets = load(
        tmp_path,
        {"SOLID": wide_patch(32000, b"\0\1\0\7\0\xff"), "TEXTURE1": wadmaker.pack_textures([texture, texture])},
    )
    with pytest.raises(
        WadError, match=r"bomb.wad: too much to load: more than 2,000,000 columns of patches in its tex"
    ):
        _ = assets.textures[0].wall_columns


def test_textures_that_share_one_definition(tmp_path: Path) -> None:
    texture = wadmaker.pack_texture("WALL", 8, 16, [(0, 0, 0)] * 20_000)
    shared = struct.pack("<I", 100) + struct.pack("<I", 4 + 4 * 100) * 100 + texture
    with pytest.raises(WadError, match=r"bomb.wad: too much to load: more than 500,000 patches in its textures"):
        load(tmp_path, {"TEXTURE1": shared})


def test_wide_textures(tmp_path: Path) -> None:
    texture = wadmaker.pack_texture("WALL", 32000, 16, [(0, 0, 0)])
    assets = load(tmp_path, {"TEXTURE1": wadmaker.pack_textures([texture] * 40)})
    with pytest.raises(WadError, match="more than 1,000,000 columns in its textures"):
        for each in assets.textures:
            _ = each.wall_columns


def test_columns_of_many_empty_posts_in_textures(tmp_path: Path) -> None:
    texture = wadmaker.pack_texture("WALL", 2000, 16, [(0, 0, 0)] * 20)
    assets = load(
        tmp_path, {"SOLID": wide_patch(2000, EMPTY_POSTS), "TEXTURE1": wadmaker.pack_textures([texture, texture])}
    )
    with pytest.raises(WadError, match="more than 2,000,000 posts drawn into its textures"):
        _ = assets.textures[0].pixels


def test_sprites_of_four_thousand_columns_of_five_hundred_empty_posts(tmp_path: Path) -> None:
    bomb = wide_patch(4000, EMPTY_POSTS)
    small = wadmaker.small_lumps()
    sprites = [name for name, _ in small[[name for name, _ in small].index("S_START") + 1 :] if len(name) >= 6]
    assets = load(tmp_path, dict.fromkeys(sprites, bomb))
    atlas = Atlas(assets, list(assets.sprites))
    with pytest.raises(WadError, match=r"bomb.wad: too much to load: more than 1,500,000 posts in its patches"):
        atlas.load_frames(np.arange(len(atlas.frame_patch)))


def test_huge_patches_that_share_their_bytes(tmp_path: Path) -> None:
    patch = struct.pack("<4h", 2048, 4096, 0, 0) + struct.pack("<I", 8 + 4 * 2048) * 2048 + b"\xff"
    assets = load(tmp_path, {}, [(f"PIC{number}", patch) for number in range(40)])
    with pytest.raises(WadError, match="more than 268,435,456 pixels in its graphics"):
        for number in range(40):
            assets.patch(f"PIC{number}")


def test_masked_columns_that_are_read_as_posts(tmp_path: Path) -> None:
    texture = wadmaker.pack_texture("WALL", 4000, 16, [(0, 0, 0)])
    # the three bytes before each column's first pixel are its header, so this is 500 posts a column
    assets = load(
        tmp_path, {"SOLID": wide_patch(4000, EMPTY_POSTS), "TEXTURE1": wadmaker.pack_textures([texture, texture])}
    )
    with pytest.raises(WadError, match="too much to load"):
        Atlas(assets, []).load_masked_walls(np.array([0]))


@pytest.mark.parametrize("rate", [1, 17])
def test_a_sound_at_an_absurd_rate(tmp_path: Path, rate: int) -> None:
    assets = load(tmp_path, {"DSPISTOL": wadmaker.sound(bytes(20_000), rate)})
    with pytest.raises(WadError, match=rf"bomb.wad: sound DSPISTOL is damaged: .* seconds at a rate of {rate}"):
        EffectBank(assets.sound).get("pistol")


def test_hours_of_sounds(tmp_path: Path) -> None:
    minute = wadmaker.sound(bytes(60 * 1000 + 32), 1000)
    assets = load(tmp_path, {}, [(f"DSS{number}", minute) for number in range(20)])
    with pytest.raises(WadError, match=r"bomb.wad: too much to load: more than 30,000,000 samples in its sounds"):
        for number in range(20):
            sound = assets.sound(f"s{number}")
            assert sound is not None
            sound.frames_at(MIXER_RATE)


def test_a_short_sound_at_a_low_rate_is_played(tmp_path: Path) -> None:
    sound = load(tmp_path, {"DSPISTOL": wadmaker.sound(bytes(82), 100)}).sound("pistol")
    assert sound is not None
    assert len(expand(sound)) == 50 * 441


def test_subsectors_that_all_hold_all_segs(tmp_path: Path) -> None:
    segs = struct.pack("<6h", 0, 1, 0x4000, 0, 0, 0) * 30_000
    bomb = load(tmp_path, {"SEGS": segs, "SSECTORS": struct.pack("<2H", 30_000, 0) * 30_000})
    with pytest.raises(WadError, match=r"bomb.wad: map E1M1 is damaged: its subsectors have 900,000,000 segs"):
        bomb.map("E1M1")


def test_more_flats_than_anyone_needs(tmp_path: Path) -> None:
    flats = [("F_START", b""), *[(f"F{number}", bytes(4096)) for number in range(20)], ("F_END", b"")]
    path = tmp_path / "over.wad"
    body = wadmaker.pack_wad(flats, b"PWAD")
    _, start = struct.unpack_from("<II", body, 4)
    entries = body[start + 16 : start + 32] * 9000
    path.write_bytes(
        struct.pack("<4sII", b"PWAD", 9002, start) + body[12:start] + body[start : start + 16] + entries + body[-16:]
    )
    with pytest.raises(WadError, match=r"over.wad: too much to load: more than 8,192 flats"):
        load_over(tmp_path, path)


def load_over(folder: Path, over: Path) -> Assets:
    base = folder / "base.wad"
    base.write_bytes(wadmaker.pack_wad(wadmaker.small_lumps()))
    return wad.load(base, over)


@pytest.mark.parametrize("name", ["doom1.wad", "freedoom1.wad", "freedoom2.wad"])
def test_real_games_take_a_fifth_of_any_budget_at_most(wad_path: Path, name: str) -> None:
    path = wad_path if name == wad_path.name else Path("/usr/share/games/doom") / name
    if not path.is_file():
        pytest.skip("Freedoom is not installed")
    file = read_wad(path)
    assets = Assets([file])
    for texture in assets.textures:
        assert texture.patches
    for frames in assets.sprites.values():
        assert all(frame.patches for frame in frames)
    for lump in assets.lump_names:
        if lump.startswith("DS") and (sound := assets.sound(lump[2:])) is not None:
            sound.frames_at(MIXER_RATE)
    for level in assets.map_names:
        data = assets.map(level)
        assert data.subsectors[:, 0].sum() * 5 <= MAX_SEG_VISITS
    for cost, spent in file.lumps[0].source.spent.items():
        assert spent * 5 <= cost.limit, f"{cost.what}: {spent}"
