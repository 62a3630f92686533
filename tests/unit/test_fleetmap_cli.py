"""``pydoom fleetmap``: levels from groups, files and bridges, and what it refuses."""

import json
from collections import Counter
from pathlib import Path

import pytest

from pydoom import wad
from pydoom.cli import fleetmap
from pydoom.cli.main import main
from pydoom.fleetmap.doomednums import DEMON

PROTECTED_IN_TOTAL = 3


def write(target: Path, *words: str | Path) -> int:
    return main(["fleetmap", "--output", str(target), *map(str, words)])


def types(wad_path: Path, level: Path, name: str = "E1M1") -> Counter[int]:
    """How many things of each type are in a written level."""
    return Counter(wad.load(wad_path, level).map(name).things[:, 3].tolist())


def test_groups_from_the_command_line_have_their_monsters(wad_path: Path, tmp_path: Path) -> None:
    level = tmp_path / "fleet.wad"
    assert write(level, "--wad", wad_path, "--groups", "web:12,db:3+2, a name:1+1") == 0
    things = types(wad_path, level)
    assert things[DEMON] == 16 + PROTECTED_IN_TOTAL
    assert [things[player] for player in (1, 2, 3, 4)] == [1, 1, 1, 1]


def test_groups_from_a_file(wad_path: Path, tmp_path: Path) -> None:
    fleet, level = tmp_path / "fleet.json", tmp_path / "fleet.wad"
    fleet.write_text(json.dumps({"web": 4, "db:1": [2, 1]}))
    assert write(level, "--wad", wad_path, "--fleet", fleet) == 0
    assert types(wad_path, level)[DEMON] == 7


def test_a_simulated_fleet_is_the_same_for_the_same_seed(wad_path: Path, tmp_path: Path) -> None:
    levels = [tmp_path / f"{number}.wad" for number in range(3)]
    for level, seed in zip(levels, (4, 4, 5), strict=True):
        assert write(level, "--wad", wad_path, "--simulate", "30", "--seed", str(seed)) == 0
    first, again, other = (level.read_bytes() for level in levels)
    assert first == again != other
    assert types(wad_path, levels[0])[DEMON] == 30


def test_the_fleet_behind_a_bridge(wad_path: Path, tmp_path: Path) -> None:
    level = tmp_path / "fleet.wad"
    assert write(level, "--wad", wad_path, "--bridge", "simulated?fleet=25&churn=0") == 0
    assert types(wad_path, level)[DEMON] == 25


def test_monsters_and_starts_can_be_left_out(wad_path: Path, tmp_path: Path) -> None:
    level = tmp_path / "fleet.wad"
    assert write(level, "--wad", wad_path, "--nomonsters", "--players", "1", "--map", "e1m3") == 0
    things = types(wad_path, level, "E1M3")
    assert things[DEMON] == 0
    assert [things[player] for player in (1, 2)] == [1, 0]


def test_what_is_written_passes_the_check(wad_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    level = tmp_path / "fleet.wad"
    assert write(level, "--wad", wad_path, "--simulate", "60") == 0
    capsys.readouterr()
    assert main(["fleetmap", "--wad", str(wad_path), "--check", str(level)]) == 0
    assert capsys.readouterr().out == f"{level}: E1M1 is sound\n"


def test_the_check_names_the_faults_of_other_levels(wad_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fleetmap", "--wad", str(wad_path), "--check", str(wad_path), "--map", "E1M1"]) == 1
    assert f"{wad_path}: E1M1: line 298 has sector 72 on both sides" in capsys.readouterr().out


def test_the_check_is_of_the_level_that_the_file_has(
    wad_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    level = tmp_path / "fleet.wad"
    assert write(level, "--wad", wad_path, "--map", "E1M3") == 0
    capsys.readouterr()
    assert main(["fleetmap", "--wad", str(wad_path), "--check", str(level)]) == 0
    assert capsys.readouterr().out == f"{level}: E1M3 is sound\n"
    assert main(["fleetmap", "--wad", str(wad_path), "--check", str(level), "--map", "E1M1"]) == fleetmap.USER_ERROR
    assert f"{level} has no level E1M1" in capsys.readouterr().err


def test_notes_say_what_the_original_cannot_do(
    wad_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    level = tmp_path / "fleet.wad"
    assert write(level, "--wad", wad_path, "--groups", "web:1000") == 0
    assert main(["fleetmap", "--wad", str(wad_path), "--check", str(level)]) == 0
    assert "savegame buffer overrun" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--groups", "web"], "'web' is not NAME:CONTAINERS"),
        (["--groups", "web:1,web:2"], "'web:2' is not"),
        (["--groups", "web:1+"], "'' in 'web:1+' is not a number"),
        (["--groups", "web:1001"], "'1001' in 'web:1001' is not a number up to 1000"),
        (["--groups", "web:-1"], "'-1' in 'web:-1' is not a number"),
        (["--groups", "web:²"], "is not a number"),
        (["--groups", ":5"], "':5' is not"),
        (["--bridge", "tcp://somewhere"], "expected unix:///PATH"),
        (["--map", "MAP01"], "--map MAP01: "),
        (["--wad", "/nonexistent.wad"], "/nonexistent.wad"),
    ],
)
def test_wrong_words_are_one_clear_line(
    wad_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], complaint: str
) -> None:
    level = tmp_path / "fleet.wad"
    assert write(level, "--wad", wad_path, *words) == fleetmap.USER_ERROR
    error = capsys.readouterr().err
    assert complaint in error
    assert error.startswith("pydoom fleetmap: ")
    assert error.count("\n") == 1
    assert not level.exists()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{",
        b'{"web": -1}',
        b'{"web": 1.5}',
        b'{"web": true}',
        b'{"web": [1, 2, 3]}',
        b"[" * 100_000,
        b"\xff",
    ],
)
def test_a_bad_file_of_groups_is_one_clear_line(
    wad_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    fleet = tmp_path / "fleet.json"
    fleet.write_bytes(content)
    assert write(tmp_path / "fleet.wad", "--wad", wad_path, "--fleet", fleet) == fleetmap.USER_ERROR
    error = capsys.readouterr().err
    assert str(fleet) in error
    assert error.count("\n") == 1


def test_a_huge_file_of_groups_is_refused(wad_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fleet = tmp_path / "fleet.json"
    fleet.write_bytes(b" " * (fleetmap.MAX_FILE_BYTES + 1))
    assert write(tmp_path / "fleet.wad", "--wad", wad_path, "--fleet", fleet) == fleetmap.USER_ERROR
    assert "too large" in capsys.readouterr().err


def test_a_place_that_cannot_be_written_is_one_clear_line(
    wad_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"")
    assert write(file / "fleet.wad", "--wad", wad_path) == fleetmap.USER_ERROR
    assert capsys.readouterr().err.count("\n") == 1


def test_it_says_where_to_write(wad_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fleetmap", "--wad", str(wad_path)]) == fleetmap.USER_ERROR
    assert "--output FILE says where the level goes" in capsys.readouterr().err
