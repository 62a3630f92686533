"""PWADs and DeHackEd patches on the command line: in order, and refused in one line with status 2."""

from pathlib import Path

import pytest

from pydoom import wad
from pydoom.cli.main import main
from pydoom.cli.options import parse_options
from pydoom.game.session import Session
from tests.unit import wadmaker

PATCH = "Patch File for DeHackEd v3.0\n\n"
DEMO = bytes((109, 2, 1, 2, 0, 0, 0, 0, 0, 1, 0, 0, 0)) + bytes((50, 0, 1, 0)) * 10 + b"\x80"


def pwad(path: Path, lumps: wadmaker.Lumps) -> Path:
    path.write_bytes(wadmaker.pack_wad(lumps, b"PWAD"))
    return path


def run(wad: Path, *options: str | Path) -> int:
    return main(["--wad", str(wad), "--headless", "--no-draw", *map(str, options)])


def test_files_and_patches_keep_their_order() -> None:
    options = parse_options(["--file", "a.wad", "b.wad", "--deh", "x.deh", "--file", "c.wad", "--deh", "y.deh"])
    assert [str(path) for path in options.files] == ["a.wad", "b.wad", "c.wad"]
    assert [str(path) for path in options.patches] == ["x.deh", "y.deh"]


def test_demo_in_a_pwad_plays_on_a_map_in_another(tmp_path: Path) -> None:
    iwad = tmp_path / "iwad.wad"
    iwad.write_bytes(wadmaker.small_wad())
    level = pwad(tmp_path / "level.wad", wadmaker.room("E1M2"))
    demo = pwad(tmp_path / "demo.wad", [("DEMO7", DEMO)])
    session = Session(wad.load(iwad, level, demo))
    session.play_demo(session.assets.demo("demo7"), single=True)
    for _ in range(5):
        session.run_tic()
    assert (session.world.map, session.world.leveltime) == (2, 5)


def test_patch_of_a_pwad_counts_only_with_dehlump(
    wad_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = pwad(tmp_path / "bad.wad", [("DEHACKED", (PATCH + "Thing 1\nDeath frame = 9999\n").encode())])
    demo = tmp_path / "short.lmp"
    demo.write_bytes(DEMO)
    assert run(wad_path, "--file", bad, "--timedemo", demo) == 0
    assert run(wad_path, "--file", bad, "--dehlump", "--timedemo", demo) == 2
    assert capsys.readouterr().err == "pydoom: bad.wad/DEHACKED:4: Death frame: there is no frame 9999\n"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", ':1: not a DeHackEd patch: it does not begin with "Patch File for DeHackEd v3.0"'),
        (PATCH + "Frame 5\nNext frame = 967\n", ":4: Next frame: there is no frame 967"),
        (PATCH + "Text 4 99\nPOSS", ":3: the new text is longer than the 7 characters doom.exe has room for"),
    ],
)
def test_bad_patch_ends_with_one_line(
    wad_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str, message: str
) -> None:
    patch = tmp_path / "bad.deh"
    patch.write_text(content)
    assert run(wad_path, "--deh", patch, "--timedemo", "demo1") == 2
    assert capsys.readouterr().err == f"pydoom: {patch}{message}\n"


def test_missing_patch_ends_with_one_line(wad_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(wad_path, "--deh", "/nowhere/x.deh", "--timedemo", "demo1") == 2
    assert capsys.readouterr().err == "pydoom: /nowhere/x.deh: No such file or directory\n"


def test_hostile_pwad_ends_with_one_line(wad_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hostile = tmp_path / "hostile.wad"
    hostile.write_bytes(b"PWAD\xff\xff\xff\x7f\x0c\0\0\0")
    assert run(wad_path, "--file", hostile, "--timedemo", "demo1") == 2
    assert capsys.readouterr().err == f"pydoom: {hostile}: damaged WAD (its header claims 2147483647 lumps)\n"


def test_odd_lines_of_a_patch_are_warnings(wad_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    patch, demo = tmp_path / "odd.deh", tmp_path / "short.lmp"
    patch.write_text(PATCH + "Thing 1\n" + "Nonsense = 1\n" * 50)
    demo.write_bytes(DEMO)
    assert run(wad_path, "--deh", patch, "--timedemo", demo) == 0
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == f"pydoom: warning: {patch}:4: there is no field 'Nonsense' here"
    assert len(lines) == 20


def test_endless_loops_of_states_end_with_one_line(
    wad_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    patch, demo = tmp_path / "round.deh", tmp_path / "short.lmp"
    patch.write_text(PATCH + "Frame 12\nDuration = 0\nNext frame = 12\n\nPointer 0 (Frame 12)\nCodep Frame = 0\n")
    demo.write_bytes(DEMO)
    assert run(wad_path, "--deh", patch, "--timedemo", demo) == 2
    assert "leads back to itself without any time passing" in capsys.readouterr().err
