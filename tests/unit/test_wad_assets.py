"""From a WAD's lumps to assets."""

from pathlib import Path

import numpy as np
import pytest

from pydoom import wad
from pydoom.wad import Assets, WadError
from tests.unit import wadmaker
from tests.unit.wadmaker import pack_patch, pack_wad


def load(folder: Path, lumps: wadmaker.Lumps, *pwads: wadmaker.Lumps) -> Assets:
    paths = []
    for number, (content, kind) in enumerate([(lumps, b"IWAD"), *((pwad, b"PWAD") for pwad in pwads)]):
        paths.append(folder / f"{number}.wad")
        paths[-1].write_bytes(pack_wad(content, kind))
    return wad.load(*paths)


@pytest.fixture
def assets(tmp_path: Path) -> Assets:
    return load(tmp_path, wadmaker.small_lumps())


@pytest.fixture(scope="module")
def shareware(wad_path: Path) -> Assets:
    return wad.load(wad_path)


def replaced(name: str, data: bytes) -> wadmaker.Lumps:
    return [(lump, data if lump == name else old) for lump, old in wadmaker.small_lumps()]


def test_shareware_wad_is_known_by_its_maps(shareware: Assets) -> None:
    assert (shareware.mode, shareware.mission, shareware.variant) == ("shareware", "doom", "vanilla")
    assert shareware.map_names == [f"E1M{number}" for number in range(1, 10)]


def test_shareware_tables_have_the_original_numbers(shareware: Assets) -> None:
    assert len(shareware.textures) == 125
    assert shareware.texture_names[0] == "AASTINKY"
    assert shareware.texture_number("-") == 0
    assert shareware.texture_number("nosuch") == -1
    assert shareware.texture_number("startan3") == shareware.texture_names.index("STARTAN3")
    # the golden trace of DEMO1 has floor 23 and ceiling 54, the sky, in E1M5's first sector
    first = shareware.map("E1M5").sectors
    assert shareware.flat_number(first.floorpic[0]) == 23
    assert shareware.flat_number("F_SKY1") == 54


def test_every_patch_and_map_of_the_shareware_wad_decodes(shareware: Assets) -> None:
    assert all(texture.wall_columns.shape == (texture.width, 128) for texture in shareware.textures)
    assert all(len(frame.patches) == len(frame.flip) for frames in shareware.sprites.values() for frame in frames)
    assert [len(shareware.map(name).linedefs) for name in shareware.map_names[:2]] == [475, 1033]
    assert shareware.demo("demo1")[0] == 109


def test_assets_are_read_only(shareware: Assets) -> None:
    level = shareware.map("E1M1")
    texture = shareware.textures[5]
    sound = shareware.sound("pistol")
    assert sound is not None
    arrays = [shareware.palettes, shareware.colormaps, shareware.flat(3), texture.pixels, texture.mask]
    arrays += [texture.wall_columns, shareware.patch("TITLEPIC").pixels, level.vertexes, level.sidedefs.sector]
    arrays += [level.linedefs, level.segs, level.blockmap, level.sectors.tag, sound.samples]
    assert not any(array.flags.writeable for array in arrays)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["freedoom1", "freedoom2"])
def test_freedoom_loads_with_all_its_maps_and_textures(name: str) -> None:
    path = Path("/usr/share/games/doom", f"{name}.wad")
    if not path.is_file():
        pytest.skip(f"{path} is missing: install Debian's package freedoom")
    assets = wad.load(path)
    assert assets.variant == "freedoom"
    assert assets.mode == ("retail" if name == "freedoom1" else "commercial")
    assert len(assets.map_names) == (36 if name == "freedoom1" else 32)
    assert all(len(assets.map(level).things) for level in assets.map_names)
    assert all(texture.wall_columns.shape == (texture.width, 128) for texture in assets.textures)
    assert all(frame.patches for frames in assets.sprites.values() for frame in frames)


def test_patch_keeps_holes_posts_and_offsets(assets: Assets) -> None:
    patch = assets.patch("holed")
    assert (patch.width, patch.height, patch.leftoffset, patch.topoffset) == (4, 16, 2, 15)
    posts = patch.posts
    column = range(posts.first[1], posts.first[2])
    assert [posts.top[post] for post in column] == [2, 8]
    places = [(posts.place[post], posts.place[post] + posts.length[post]) for post in column]
    assert [patch.data[start:end] for start, end in places] == [b"\x51\x52", b"\x53"]
    assert patch.mask[:, 1].nonzero()[0].tolist() == [2, 3, 8]
    assert patch.pixels[[2, 3, 8], 1].tolist() == [0x51, 0x52, 0x53]


def test_reading_past_a_post_gives_the_lump_then_zeros(assets: Assets) -> None:
    patch = assets.patch("holed")
    first, second = patch.windows(3)
    # padding, then the second post's row, length, padding, pixel, padding, then the end of the column and of the lump
    assert first.tolist()[:9] == [0x51, 0x52, 0xEE, 8, 1, 0xEE, 0x53, 0xEE, 0xFF]
    assert second.tolist()[:3] == [0x53, 0xEE, 0xFF]
    assert not first[9:].any()
    assert not second[3:].any()


def test_texture_draws_its_patches_in_order(assets: Assets) -> None:
    texture = assets.textures[assets.texture_number("WALL")]
    assert (texture.width, texture.height, texture.widthmask) == (8, 16, 7)
    assert texture.pixels[:, 0].tolist() == [1] * 16
    assert texture.pixels[:, 3].tolist() == [4] * 5 + [0x51, 0x52] + [4] * 4 + [0x53] + [4] * 4
    assert texture.mask.all()


def test_column_of_one_patch_is_read_from_its_lump_without_its_vertical_origin(tmp_path: Path) -> None:
    texture = wadmaker.pack_textures([wadmaker.pack_texture("ODD", 4, 16, [(0, 5, 1)])])
    odd = load(tmp_path, replaced("TEXTURE1", texture)).textures[0]
    assert odd.pixels[:, 0].nonzero()[0].tolist() == [7, 8, 13]
    assert odd.wall_columns[0, :5].tolist() == [0x51, 0x52, 0xEE, 8, 1]
    assert odd.column_posts(0) == [(2, b"\x51\x52"), (8, b"\x53")]
    assert odd.column_windows(0).shape == (2, 128)


def test_composed_column_is_followed_by_the_next_composed_column(assets: Assets) -> None:
    texture = assets.textures[assets.texture_number("WALL")]
    assert texture.wall_columns[2, :32].tolist() == [*texture.pixels[:, 2], *texture.pixels[:, 3]]
    assert not texture.wall_columns[5, 16:].any()


def test_composed_column_drawn_as_posts_misreads_pixels(assets: Assets) -> None:
    """Medusa: the three bytes before column 3 are column 2's last pixels: post at row 3, 3 rows long."""
    texture = assets.textures[assets.texture_number("WALL")]
    topdelta, pixels = texture.column_posts(3)[0]
    assert (topdelta, len(pixels)) == (3, 3)
    assert pixels == texture.pixels[:3, 3].tobytes()


def test_first_of_two_textures_with_one_name_wins(tmp_path: Path) -> None:
    twins = [wadmaker.pack_texture("WALL", width, 16, [(0, 0, 0)]) for width in (8, 4)]
    assets = load(tmp_path, replaced("TEXTURE1", wadmaker.pack_textures(twins)))
    assert assets.texture_number("WALL") == 0


def test_flats_are_numbered_from_the_lump_after_f_start(assets: Assets) -> None:
    assert assets.flat_names == ["F1_START", "FLOOR", "CEIL", "F1_END"]
    assert assets.flat_number("ceil") == 2
    assert assets.flat(2).tolist() == [[8] * 64] * 64


def test_sprites_know_rotations_and_mirrors(assets: Assets) -> None:
    (puff,) = assets.sprites["PUFF"]
    assert (puff.rotate, len(puff.patches), puff.flip) == (False, 1, (False,))
    (imp,) = assets.sprites["TROO"]
    assert imp.lump_names == (
        "TROOA1",
        "TROOA2A8",
        "TROOA3A7",
        "TROOA4A6",
        "TROOA5",
        "TROOA4A6",
        "TROOA3A7",
        "TROOA2A8",
    )
    assert imp.flip == (False,) * 5 + (True,) * 3


def test_sprite_with_missing_rotation_is_an_error_only_when_asked_for(tmp_path: Path) -> None:
    assets = load(tmp_path, [lump for lump in wadmaker.small_lumps() if lump[0] != "TROOA5"])
    assert assets.sprites["PUFF"]
    with pytest.raises(WadError, match="sprite TROO frame A is missing rotations"):
        assets.sprites["TROO"]


def test_map_comes_with_signed_and_unsigned_numbers(assets: Assets) -> None:
    level = assets.map("e1m1")
    assert level.vertexes.tolist() == [[0, 0], [0, 256], [256, 256], [256, 0]]
    assert level.linedefs[0].tolist() == [0, 1, 1, 0, 0, 0, -1]
    assert level.sidedefs.midtexture == ["WALL"] * 4
    assert (level.sectors.floorpic, level.sectors.ceilingheight.tolist()) == (["FLOOR"], [128])
    assert level.blockmap.tolist() == [0, 0, 1, 1, 5, 0, 0, 1, 2, 3, -1]
    assert level.things.tolist() == [[128, 128, 90, 1, 7]]


def test_short_reject_stays_as_it_is(tmp_path: Path) -> None:
    assert load(tmp_path, replaced("REJECT", b"")).map("E1M1").reject == b""


@pytest.mark.parametrize(
    ("lump", "data", "complaint"),
    [
        ("LINEDEFS", b"\x09\0\x01\0\x01\0\0\0\0\0\0\0\xff\xff", "a linedef names a vertex that is not there"),
        ("SSECTORS", b"\x05\0\0\0", "a subsector names segs that are not there"),
        ("NODES", b"\0" * 28, "its nodes are not a tree"),
        ("VERTEXES", b"", "a linedef names a vertex that is not there"),
    ],
)
def test_map_with_references_to_nothing_is_refused(tmp_path: Path, lump: str, data: bytes, complaint: str) -> None:
    with pytest.raises(WadError, match=f"map E1M1 is damaged: {complaint}"):
        load(tmp_path, replaced(lump, data)).map("E1M1")


def test_map_with_an_unknown_texture_is_refused(tmp_path: Path) -> None:
    assets = load(
        tmp_path, replaced("TEXTURE1", wadmaker.pack_textures([wadmaker.pack_texture("A", 8, 16, [(0, 0, 0)])]))
    )
    with pytest.raises(WadError, match="map E1M1 needs texture WALL, which is missing"):
        assets.map("E1M1")


def test_sound_loses_the_padding_dmx_does_not_play(assets: Assets) -> None:
    sound = assets.sound("pistol")
    assert sound is not None
    assert sound.rate == 11025
    assert sound.samples.tolist() == list(range(16, 84))
    assert assets.sound("nosuch") is None


@pytest.mark.parametrize("data", [b"", b"\3\0", wadmaker.sound(bytes(48)), b"\1" + wadmaker.sound(bytes(90))[1:]])
def test_broken_or_short_sound_is_skipped(tmp_path: Path, data: bytes) -> None:
    assert load(tmp_path, replaced("DSPISTOL", data)).sound("pistol") is None


def test_pwad_replaces_lumps_and_merges_flats_and_sprites(tmp_path: Path) -> None:
    patch = pack_patch([[(0, b"\x99")]], 1)
    assets = load(
        tmp_path,
        wadmaker.small_lumps(),
        [
            ("SS_START", b""),
            ("TROOA2A8", patch),
            ("NEWSA0", patch),
            ("SS_END", b""),
            ("FF_START", b""),
            ("CEIL", bytes([66]) * 4096),
            ("NEWFLAT", bytes([67]) * 4096),
            ("F_END", b""),
            *wadmaker.room("E1M2"),
        ],
    )
    assert assets.map_names == ["E1M1", "E1M2"]
    assert assets.sprites["TROO"][0].patches[1].width == 1
    assert assets.sprites["NEWS"][0].patches[0].pixels.tolist() == [[0x99]]
    assert assets.flat_names == ["F1_START", "FLOOR", "F1_END", "CEIL", "NEWFLAT"]
    assert np.unique(assets.flat(3)).tolist() == [66]


@pytest.mark.parametrize(
    ("names", "mode", "mission"),
    [
        (["E1M1"], "shareware", "doom"),
        (["E1M1", "E3M1"], "registered", "doom"),
        (["E1M1", "E3M1", "E4M1"], "retail", "doom"),
        (["MAP01"], "commercial", "doom2"),
    ],
)
def test_game_mode_follows_from_the_maps_present(tmp_path: Path, names: list[str], mode: str, mission: str) -> None:
    others = [lump for lump in wadmaker.small_lumps() if lump[0] != "E1M1"]
    assets = load(tmp_path, [*others, *((name, b"") for name in names)])
    assert (assets.mode, assets.mission) == (mode, mission)


def test_add_ons_have_no_say_in_which_game_it_is(tmp_path: Path) -> None:
    iwad, pwad = tmp_path / "doom.wad", tmp_path / "over.wad"
    iwad.write_bytes(wadmaker.small_wad())
    pwad.write_bytes(wadmaker.pack_wad([("E4M1", b""), ("DMENUPIC", b""), ("FREEDOOM", b"")], b"PWAD"))
    assets = wad.load(iwad, pwad)
    assert (assets.mode, assets.variant) == ("shareware", "vanilla")


@pytest.mark.parametrize(
    ("file", "lump", "game"),
    [
        ("heretic.wad", "EXTRA", "Heretic"),
        ("hexen.wad", "EXTRA", "Hexen"),
        ("strife1.wad", "EXTRA", "Strife"),
        ("other.wad", "M_HTIC", "Heretic or Hexen"),
        ("other.wad", "ENDSTRF", "Strife"),
    ],
)
def test_other_games_are_refused_by_their_names(tmp_path: Path, file: str, lump: str, game: str) -> None:
    path = tmp_path / file
    path.write_bytes(wadmaker.pack_wad([*wadmaker.small_lumps(), (lump, b"")]))
    with pytest.raises(wad.OtherGameError, match=f"{file}: this is {game}, whose rules are not imitated here: play it"):
        wad.load(path)


def test_hacx_and_the_bfg_edition_are_doom_ii_with_something_special(tmp_path: Path) -> None:
    lumps = [(name.replace("E1M1", "MAP01"), data) for name, data in wadmaker.small_lumps()]
    hacx, bfg = tmp_path / "HACX.wad", tmp_path / "doom2.wad"
    hacx.write_bytes(wadmaker.pack_wad(lumps))
    bfg.write_bytes(wadmaker.pack_wad([*lumps, ("DMENUPIC", b"")]))
    games = [wad.load(path) for path in (hacx, bfg)]
    assert [(game.mode, game.mission) for game in games] == [("commercial", "doom2")] * 2
    assert [game.variant for game in games] == ["hacx", "bfgedition"]
