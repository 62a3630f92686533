"""The command line: user errors end with one line and status 2; valid options do what they say."""

import os
import re
import zipfile
from pathlib import Path

import pytest

from pydoom.cli.grammar import OptionsError
from pydoom.cli.main import main
from pydoom.cli.options import parse_options
from pydoom.cli.play import _say_goodbye
from pydoom.game.demo import MAX_DEMO_SIZE
from pydoom.game.trace import FRAME_COLUMNS, MOBJ_COLUMNS, SECTOR_COLUMNS, TIC_COLUMNS
from pydoom.wad import Assets

HEADER = bytes((109, 2, 1, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0))
TEN_TICS = HEADER + bytes((50, 0, 1, 0)) * 10 + b"\x80"


@pytest.fixture
def demo(tmp_path: Path) -> Path:
    path = tmp_path / "ten.lmp"
    path.write_bytes(TEN_TICS)
    return path


def run(wad: Path, *options: str | Path) -> int:
    return main(["--wad", str(wad), "--headless", *map(str, options)])


def test_timedemo_says_how_fast_it_was(wad_path: Path, demo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(wad_path, "--no-draw", "--timedemo", demo) == 0
    assert re.fullmatch(r"timed 10 gametics in \d+ realtics: [\d.]+ seconds, [\d.]+ tics/s\n", capsys.readouterr().out)


@pytest.mark.parametrize(("seen", "rows", "lines"), [(True, 26, 25), (True, 25, 0), (False, 26, 0)])
def test_the_farewell_is_shown_where_there_is_room_and_somebody_to_see_it(
    seen: bool,
    rows: int,
    lines: int,
    assets: Assets,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("LINES", str(rows))
    monkeypatch.setattr("sys.stdout.isatty", lambda: seen)
    _say_goodbye(assets)
    assert capsys.readouterr().out.count("\n") == lines


def test_playdemo_finds_lumps_files_and_files_without_suffix(wad_path: Path, demo: Path) -> None:
    assert run(wad_path, "--no-draw", "--playdemo", demo) == 0
    assert run(wad_path, "--no-draw", "--playdemo", demo.with_suffix("")) == 0


def test_trace_files_have_the_documented_columns(wad_path: Path, demo: Path, tmp_path: Path) -> None:
    assert run(wad_path, "--timedemo", demo, "--trace", tmp_path / "t", "--trace-mobjs", "2:3") == 0

    def lines(kind: str) -> list[str]:
        return (tmp_path / f"t.{kind}.csv").read_text().splitlines()

    assert (lines("tics")[0], lines("frames")[0]) == (TIC_COLUMNS, FRAME_COLUMNS)
    assert (lines("mobjs")[0], lines("sectors")[0]) == (MOBJ_COLUMNS, SECTOR_COLUMNS)
    assert len(lines("tics")) == 1 + 10
    assert len(lines("frames")) == 1 + 9
    assert {line.split(",")[0] for line in lines("mobjs")[1:]} == {"2", "3"}


def test_a_trace_is_the_same_without_drawing_but_for_the_automap(wad_path: Path, demo: Path, tmp_path: Path) -> None:
    run(wad_path, "--timedemo", demo, "--trace", tmp_path / "drawn")
    run(wad_path, "--timedemo", demo, "--trace", tmp_path / "plain", "--no-draw")
    seen = TIC_COLUMNS.split(",").index("line_crc")

    def rows(prefix: str) -> list[list[str]]:
        rows = [line.split(",") for line in (tmp_path / f"{prefix}.tics.csv").read_text().splitlines()]
        return [row[:seen] + row[seen + 1 :] for row in rows]

    assert rows("drawn") == rows("plain")
    assert not (tmp_path / "plain.frames.csv").exists()


def test_statdump_of_an_unfinished_level_is_empty(wad_path: Path, demo: Path, tmp_path: Path) -> None:
    run(wad_path, "--no-draw", "--playdemo", demo, "--statdump", tmp_path / "stats")
    assert (tmp_path / "stats").read_text() == ""


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--playdemo", "nosuch"], "no demo nosuch"),
        (["--playdemo", "/dev/zero"], "a pipe or a device, not a file"),
        (["--timedemo", "DEMO3", "--trace", "/nowhere/x"], "No such file"),
        (["--warp", "3", "1"], "no level E3M1"),
        (["--warp", "somewhere"], "--warp somewhere"),
        (["--warp", "1", "2", "3"], "--warp 1 2 3"),
        (["--bogus"], "--bogus"),
        (["--skill", "6"], "--skill"),
        (["--screenblocks", "2"], "--screenblocks"),
        (["--trace-mobjs", "9:3"], "9:3"),
        (["--turbo", "fast"], "fast"),
        (["--playdemo", "DEMO1", "--timedemo", "DEMO1"], "exclude each other"),
        (["--record", "x", "--playdemo", "DEMO1"], "--record"),
        (["--bridge", "ftp://somewhere"], "ftp://somewhere"),
        (["--file", "."], "Is a directory"),
        (["--file", "/"], "Is a directory"),
        (["--record", "."], "this is a folder"),
        (["--record", ".."], "this is a folder"),
        (["--record", "/dev/null"], "this is a pipe or a device"),
        (["--statdump", "/dev/null"], "this is a pipe or a device"),
        (["--wad", "/dev/zero"], "a pipe or a device, not a file"),
        (["--file", "/dev/zero"], "a pipe or a device, not a file"),
        (["--deh", "/dev/zero"], "a pipe or a device, not a file"),
        (["--config", "/dev/zero"], "a pipe or a device, not a file"),
        (["@/dev/zero"], "a pipe or a device, not a file"),
        (["--record", ""], "--record: expected a name"),
        (["--playdemo", ""], "--playdemo: expected a name"),
        (["--file", ""], "--file: expected a name"),
        (["--save-folder", ""], "--save-folder: expected a name"),
        (["--trace", ""], "--trace: expected a name"),
    ],
)
def test_wrong_options_end_with_one_line(
    wad_path: Path, options: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(wad_path, *options) == 2
    error = capsys.readouterr().err
    assert complaint in error
    assert error.startswith("pydoom: ")
    assert error.count("\n") == 1


def test_a_file_too_large_for_a_demo_ends_with_one_line(
    wad_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "large.lmp").touch()
    os.truncate(tmp_path / "large.lmp", MAX_DEMO_SIZE + 1)
    assert run(wad_path, "--playdemo", tmp_path / "large.lmp") == 2
    assert capsys.readouterr().err == f"pydoom: {tmp_path / 'large.lmp'} is too large for a demo\n"


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (b"", "empty"),
        (TEN_TICS[:-1], "no end marker"),
        (b"\xc8" + TEN_TICS[1:], "different game version"),
        (TEN_TICS[:1] + b"\x63" + TEN_TICS[2:], "skill 99"),
        (TEN_TICS[:3] + b"\x63" + TEN_TICS[4:], "E1M99"),
        (TEN_TICS[:9] + bytes(4) + TEN_TICS[13:], "no players"),
    ],
)
def test_hostile_demos_end_with_one_line(
    wad_path: Path, tmp_path: Path, data: bytes, complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bad.lmp").write_bytes(data)
    assert run(wad_path, "--playdemo", tmp_path / "bad.lmp") == 2
    error = capsys.readouterr().err
    assert complaint in error
    assert error.count("\n") == 1


def test_a_file_that_is_not_a_wad_ends_with_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "no.wad").write_bytes(os.urandom(100))
    assert main(["--wad", str(tmp_path / "no.wad"), "--headless"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize("option", ["--wad", "--file"])
@pytest.mark.parametrize("name", ["levels.zip", "levels.pk3", "levels.wad", "levels"])
def test_an_archive_is_called_one_and_not_taken_for_a_lump(
    wad_path: Path, tmp_path: Path, option: str, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with zipfile.ZipFile(tmp_path / name, "w") as archive:
        archive.writestr("levels.wad", b"PWAD" + bytes(8))
    options = [option, str(tmp_path / name)]
    assert main(["--headless", *([] if option == "--wad" else ["--wad", str(wad_path)]), *options]) == 2
    error = capsys.readouterr().err
    assert "a ZIP archive" in error
    assert "unpack it first" in error
    assert error.count("\n") == 1


def test_play_starts_at_once_with_a_level_and_otherwise_with_the_title() -> None:
    assert not parse_options([]).starts_level
    for options in (["--warp", "1"], ["--skill", "2"], ["--record", "x"], ["--bridge", "simulated"]):
        assert parse_options(options).starts_level


def test_help_is_not_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse_options(["--help"])
    assert ended.value.code == 0
    assert "--timedemo" in capsys.readouterr().out


def test_options_error_is_the_parser_s_only_exception() -> None:
    with pytest.raises(OptionsError):
        parse_options(["--skill", "high"])
