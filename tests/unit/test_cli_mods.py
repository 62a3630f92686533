"""PWADs and DeHackEd patches on the command line: in order, and refused in one line with status 2."""

from pathlib import Path

import pytest

from pydoom import wad
from pydoom.cli import play
from pydoom.cli.demofile import read_demo
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


def test_a_demo_file_with_its_extension_comes_before_a_lump_and_a_lump_before_other_files(
    wad_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assets = wad.load(wad_path)
    lump = assets.demo("DEMO1")
    assert read_demo("demo1", assets).data == lump
    Path("demo1").write_bytes(DEMO)
    assert read_demo("demo1", assets).data == lump
    Path("demo1.lmp").write_bytes(DEMO)
    assert read_demo("demo1", assets).data == DEMO
    assert read_demo("demo1.lmp", assets).data == DEMO
    Path("mine").write_bytes(DEMO)
    assert read_demo("mine", assets).data == DEMO


def test_demos_in_the_format_of_1_91_get_a_warning(
    wad_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    demo = tmp_path / "fine.lmp"
    demo.write_bytes(b"\x6f" + DEMO[1:13] + bytes(5) + b"\x80")
    assert run(wad_path, "--timedemo", demo) == 0
    assert capsys.readouterr().err == (
        f"pydoom: warning: {demo} is in the Doom 1.91 demo format, which the original cannot play; "
        "--strictdemos refuses it\n"
    )
    assert run(wad_path, "--timedemo", demo, "--strictdemos") == 2
    assert "read 111, should be 109" in capsys.readouterr().err


def test_an_old_demo_plays_with_the_executable_that_its_error_names(
    wad_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    demo = tmp_path / "old.lmp"
    demo.write_bytes(bytes((2, 1, 1, 1, 0, 0, 0)) + bytes(4) + b"\x80")
    assert run(wad_path, "--timedemo", demo) == 2
    assert capsys.readouterr().err == (
        f"pydoom: {demo}: Demo is from a different game version! (read 2, should be 109) "
        "This appears to be v1.0/v1.1/v1.2; play it with --gameversion 1.2\n"
    )
    assert run(wad_path, "--timedemo", demo, "-gameversion", "1.2") == 0


def test_a_pack_is_only_for_the_maps_of_doom_ii(wad_path: Path, tmp_path: Path) -> None:
    iwad = tmp_path / "other.wad"
    iwad.write_bytes(wadmaker.pack_wad([(n.replace("E1M1", "MAP01"), d) for n, d in wadmaker.small_lumps()]))
    for path, mission in ((iwad, "plutonia"), (wad_path, "doom")):
        assert play._load(path, parse_options(["--pack", "plutonia"])).mission == mission
