"""Damaged, foreign and hostile files: one clear line, never anything else."""

import struct
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pydoom import wad
from pydoom.wad import WadError
from tests.unit import wadmaker

SMALL = wadmaker.small_wad()


def use_everything(path: Path) -> None:
    """Decode everything in a WAD, as a game would sooner or later."""
    assets = wad.load(path)
    for texture in assets.textures:
        assert texture.pixels.shape == texture.mask.shape
        assert texture.wall_columns.shape == (texture.width, 128)
        for x in range(texture.width):
            assert len(texture.column_windows(x)) == len(texture.column_posts(x))
    for frames in assets.sprites.values():
        assert all(frame.patches for frame in frames)
    for number in range(len(assets.flat_names)):
        assert assets.flat(number).shape == (64, 64)
    assets.sound("pistol")
    for name in assets.map_names:
        assets.map(name)


def complaint_about(path: Path) -> str:
    with pytest.raises(WadError) as caught:
        use_everything(path)
    message = str(caught.value)
    assert "\n" not in message
    return message


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "not a WAD file (only 0 bytes)"),
        (b"MZ" + bytes(100), "does not begin with IWAD or PWAD"),
        (struct.pack("<4sII", b"IWAD", 10, 12), "the lump directory lies past the end"),
        (struct.pack("<4sII", b"IWAD", 0xFFFFFFFF, 12), "claims 4294967295 lumps"),
        (struct.pack("<4sII", b"IWAD", 0, 12), "neither E1M1 nor MAP01"),
        (wadmaker.pack_wad([("E1M1", b"")], b"PWAD"), "has no lumps between F_START and F_END"),
        (wadmaker.pack_wad([("ROBOTS", b"")], b"PWAD"), "a PWAD needs an IWAD under it"),
    ],
)
def test_foreign_file_is_identified(tmp_path: Path, content: bytes, complaint: str) -> None:
    path = tmp_path / "x.wad"
    path.write_bytes(content)
    message = complaint_about(path)
    assert complaint in message
    assert str(path) in message


def test_missing_file_and_folder_are_refused(tmp_path: Path) -> None:
    assert "No such file" in complaint_about(tmp_path / "nosuch.wad")
    assert not (tmp_path / "nosuch.wad").exists()
    assert "directory" in complaint_about(tmp_path).lower()


def test_wad_without_a_patch_its_textures_need_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.wad"
    path.write_bytes(wadmaker.pack_wad([lump for lump in wadmaker.small_lumps() if lump[0] != "HOLED"]))
    assert "texture WALL needs patch HOLED, which is missing" in complaint_about(path)


def test_reading_leaves_the_file_alone(tmp_path: Path) -> None:
    path = tmp_path / "x.wad"
    path.write_bytes(SMALL)
    path.chmod(0o444)
    use_everything(path)
    assert path.read_bytes() == SMALL


def test_patch_that_claims_to_be_huge_is_refused(tmp_path: Path) -> None:
    huge = struct.pack("<4h", 32767, 32767, 0, 0) + struct.pack("<I", 12) * 32767
    lumps = [(name, huge if name == "HOLED" else data) for name, data in wadmaker.small_lumps()]
    path = tmp_path / "x.wad"
    path.write_bytes(wadmaker.pack_wad(lumps))
    assert "is damaged: 32767x32767" in complaint_about(path)


def test_patch_whose_columns_repeat_one_long_column_is_refused(tmp_path: Path) -> None:
    width = 30000
    column = (b"\0\xff\0" + bytes(256)) * 500 + b"\xff"
    bomb = struct.pack("<4h", width, 1, 0, 0) + struct.pack("<I", 8 + 4 * width) * width + column
    lumps = [(name, bomb if name == "HOLED" else data) for name, data in wadmaker.small_lumps()]
    path = tmp_path / "x.wad"
    path.write_bytes(wadmaker.pack_wad(lumps))
    assert "overlap too much" in complaint_about(path)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    edits=st.lists(
        st.tuples(st.integers(0, len(SMALL) - 1), st.sampled_from([b"\0", b"\xff", b"\x80", b"\x7f\xff", b"\1\0"])),
        min_size=1,
        max_size=8,
    ),
    end=st.one_of(st.just(len(SMALL)), st.integers(0, len(SMALL))),
)
def test_mutated_wad_either_works_or_gives_one_line(tmp_path: Path, edits: list[tuple[int, bytes]], end: int) -> None:
    content = bytearray(SMALL)
    for at, value in edits:
        content[at : at + len(value)] = value
    _survives(tmp_path, bytes(content[:end]))


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lump=st.sampled_from(
        [name for name, data in wadmaker.small_lumps() if data and name not in ("PLAYPAL", "COLORMAP")]
    ),
    at=st.integers(0, 200),
    value=st.binary(min_size=1, max_size=6),
)
def test_mutated_lump_either_works_or_gives_one_line(tmp_path: Path, lump: str, at: int, value: bytes) -> None:
    lumps = []
    for name, data in wadmaker.small_lumps():
        place = at % (len(data) + 1)
        lumps.append((name, data[:place] + value + data[place + len(value) :] if name == lump else data))
    _survives(tmp_path, wadmaker.pack_wad(lumps))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=st.floats(0, 1, exclude_max=True))
def test_truncated_real_wad_gives_one_line(tmp_path: Path, wad_path: Path, cut: float) -> None:
    content = wad_path.read_bytes()
    path = tmp_path / "cut.wad"
    path.write_bytes(content[: int(len(content) * cut)])
    assert str(path) in complaint_about(path)


def _survives(folder: Path, content: bytes) -> None:
    path = folder / "mutant.wad"
    path.write_bytes(content)
    try:
        use_everything(path)
    except WadError as error:
        assert "\n" not in str(error)
