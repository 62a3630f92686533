"""The picturediff tool: equal frames, different frames, and invalid files."""

from pathlib import Path

import numpy as np
import pygame
import pytest

from pydoom.cli import picturediff
from pydoom.cli.demofile import start_demo
from pydoom.run.machine import Machine
from pydoom.wad import load


@pytest.fixture
def ours(wad_path: Path, tmp_path: Path) -> Path:
    """Our own frame of DEMO1 after tic 3, as raw indexes."""
    file = tmp_path / "ours.raw"
    blank = tmp_path / "blank.raw"
    blank.write_bytes(bytes(64000))
    game = Machine(load(wad_path))
    start_demo(game.session, "DEMO1")
    file.write_bytes(picturediff.render_tic(game, 3).tobytes())
    return file


def run(wad: Path, frame: Path, output: Path, tic: int = 3) -> int:
    options = ["--wad", str(wad), "--demo", "DEMO1", "--tic", str(tic), "-o", str(output), str(frame)]
    return picturediff.main(options)


def test_equal_frames_give_status_0(
    wad_path: Path, ours: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(wad_path, ours, tmp_path / "out.png") == 0
    assert capsys.readouterr().out == "equal\n"


def test_a_differing_pixel_is_counted_located_and_marked(
    wad_path: Path, ours: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pixels = bytearray(ours.read_bytes())
    pixels[100 * 320 + 7] ^= 1
    ours.write_bytes(pixels)
    assert run(wad_path, ours, tmp_path / "out.png") == 1
    assert "1 pixels differ, in columns 7 to 7 and rows 100 to 100" in capsys.readouterr().out
    frame = pygame.surfarray.array3d(pygame.image.load(tmp_path / "out.png")).transpose(1, 0, 2)
    assert frame.shape == (200, 960, 3)
    marked = (frame[:, 640:] == picturediff.DIFFERENT).all(axis=2)
    assert np.argwhere(marked).tolist() == [[100, 7]]


def test_a_png_with_a_palette_is_read_as_indexes(wad_path: Path, ours: Path, tmp_path: Path) -> None:
    surface = pygame.image.frombuffer(ours.read_bytes(), (320, 200), "P")
    surface.set_palette([(i, i, i) for i in range(256)])
    pygame.image.save(surface, tmp_path / "theirs.png")
    assert run(wad_path, tmp_path / "theirs.png", tmp_path / "out.png") == 0


@pytest.mark.parametrize("content", [b"", b"garbage", bytes(63999)])
def test_an_invalid_frame_gives_one_line_and_status_2(
    wad_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    file = tmp_path / "theirs"
    file.write_bytes(content)
    assert run(wad_path, file, tmp_path / "out.png") == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_a_tic_after_the_end_of_the_demo_gives_status_2(
    wad_path: Path, ours: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(wad_path, ours, tmp_path / "out.png", tic=0) == 2
    assert "tic 0 has no frame" in capsys.readouterr().err


def test_a_game_without_the_patch_it_needs_gives_status_2(
    wad_path: Path, ours: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "chex.wad").symlink_to(wad_path)
    assert run(tmp_path / "chex.wad", ours, tmp_path / "out.png") == 2
    assert "put chex.deh" in capsys.readouterr().err
