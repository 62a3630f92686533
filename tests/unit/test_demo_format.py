"""Demo files: what is read from them, what is written, and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pydoom.game.demo import VERSION_UNSAID, DemoError, DemoHeader, DemoWriter, parse_demo
from pydoom.sim.rules import GameVersion
from pydoom.sim.ticcmd import TicCmd

COMMAND = bytes((0x32, 0xD8, 0xFF, 0x01))


def header(**changes: object) -> DemoHeader:
    fields: dict[str, object] = {
        "version": 109,
        "skill": 2,
        "episode": 1,
        "map": 1,
        "deathmatch": 0,
        "respawn": False,
        "fast": False,
        "nomonsters": False,
        "consoleplayer": 0,
        "playeringame": [True, False, False, False],
    }
    return DemoHeader(**(fields | changes))  # type: ignore[arg-type]


def demo(commands: bytes = COMMAND, **changes: object) -> bytes:
    return header(**changes).encode() + commands + b"\x80"


def test_command_bytes_are_signed_and_the_turn_is_the_high_byte() -> None:
    reader = parse_demo(demo())
    cmd = TicCmd()
    assert reader.read(cmd)
    assert (cmd.forwardmove, cmd.sidemove, cmd.angleturn, cmd.buttons) == (50, -40, -256, 1)


def test_reading_past_the_marker_says_so_and_leaves_the_command_alone() -> None:
    reader = parse_demo(demo())
    cmd = TicCmd()
    reader.read(cmd)
    assert not reader.read(cmd)
    assert not reader.read(cmd)
    assert cmd.forwardmove == 50


def test_what_follows_the_marker_is_ignored() -> None:
    reader = parse_demo(demo() + b"footer of another engine")
    cmd = TicCmd()
    assert [reader.read(cmd), reader.read(cmd)] == [True, False]


def test_demo_of_1_91_turns_in_16_bits() -> None:
    reader = parse_demo(demo(bytes((0, 0, 0x34, 0xF2, 0)), version=111))
    cmd = TicCmd()
    reader.read(cmd)
    assert cmd.angleturn == 0xF234 - 0x10000


PLAYS = {
    GameVersion.DOOM_1_2: {VERSION_UNSAID, 109},
    GameVersion.DOOM_1_5: {109},
    GameVersion.DOOM_1_666: {106},
    GameVersion.DOOM_1_7: {107},
    GameVersion.DOOM_1_8: {108},
}
"""Versions of demos that the executables play in Chocolate Doom; all others play those of 1.9."""


@pytest.mark.parametrize("executable", list(GameVersion))
@pytest.mark.parametrize("version", [VERSION_UNSAID, 104, 105, 106, 107, 108, 109, 110])
def test_each_executable_plays_its_own_demos(executable: GameVersion, version: int) -> None:
    if version in PLAYS.get(executable, {109}):
        assert parse_demo(demo(version=version), executable).header.version == version
    else:
        with pytest.raises(DemoError, match=rf"\(read {version or 2}, should be {executable.code}\)"):
            parse_demo(demo(version=version), executable)


@pytest.mark.parametrize("executable", list(GameVersion))
def test_each_executable_plays_demos_of_1_91(executable: GameVersion) -> None:
    assert parse_demo(demo(bytes(5), version=111), executable).header.longtics


@pytest.mark.parametrize(
    ("version", "said"),
    [
        (VERSION_UNSAID, r"This appears to be v1\.0/v1\.1/v1\.2; play it with --gameversion 1\.2$"),
        (104, r"This appears to be v1\.4$"),
        (105, r"This appears to be v1\.5$"),
        (106, r"This appears to be v1\.6/v1\.666; play it with --gameversion 1\.666$"),
        (107, r"This appears to be v1\.7/v1\.7a; play it with --gameversion 1\.7$"),
        (203, r"This appears to be 2\.3 \(unknown\)$"),
    ],
)
def test_a_foreign_demo_is_called_by_its_version(version: int, said: str) -> None:
    with pytest.raises(DemoError, match=said):
        parse_demo(demo(version=version))


def test_the_header_of_1_2_has_neither_a_version_nor_rules() -> None:
    data = demo(version=VERSION_UNSAID, skill=4, episode=3, map=7, playeringame=[True, True, False, False])
    assert data == bytes((4, 3, 7, 1, 1, 0, 0)) + COMMAND + b"\x80"
    reader = parse_demo(data, GameVersion.DOOM_1_2)
    assert reader.header == header(
        version=VERSION_UNSAID, skill=4, episode=3, map=7, playeringame=[True, True, False, False]
    )
    cmd = TicCmd()
    assert [reader.read(cmd), reader.read(cmd)] == [True, False]
    assert cmd.forwardmove == 50


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\x02\x01\x01\x01\x00\x00", "header is incomplete"),
        (b"\x02\x01\x01\x01\x00\x00\x00", "no end marker"),
        (b"\x02\x01\x01\x00\x00\x00\x00\x80", "no players"),
        (b"\x02\x01\x01\x00\x01\x00\x00\x80", "player 0, who is not in the game"),
    ],
)
def test_damaged_demos_of_1_2_are_refused(data: bytes, message: str) -> None:
    with pytest.raises(DemoError, match=message):
        parse_demo(data, GameVersion.DOOM_1_2)


def test_demo_of_1_91_inside_a_wad_is_foreign_as_in_the_original() -> None:
    with pytest.raises(DemoError, match="different game version"):
        parse_demo(demo(bytes(5), version=111), allow_longtics=False)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "empty"),
        (b"\x02\x01\x01", "different game version"),
        (demo(version=110), "different game version"),
        (demo()[:8], "header is incomplete"),
        (demo()[:-1], "no end marker"),
        (demo()[:-1] + b"\x01\x80\x01\x01", "no end marker"),
        (demo(skill=5), "skill 5"),
        (demo(playeringame=[False] * 4), "no players"),
        (demo(consoleplayer=1), "player 1, who is not in the game"),
        (demo(consoleplayer=200), "player 200, who is not in the game"),
    ],
)
def test_damaged_and_hostile_demos_are_refused(data: bytes, message: str) -> None:
    with pytest.raises(DemoError, match=message):
        parse_demo(data)


@given(st.binary(max_size=200), st.sampled_from(GameVersion))
def test_any_bytes_are_refused_or_end(data: bytes, version: GameVersion) -> None:
    try:
        reader = parse_demo(data, version)
    except DemoError:
        return
    cmd = TicCmd()
    for _ in range(len(data)):
        if not reader.read(cmd):
            return
    raise AssertionError("the demo does not end")


def test_recorded_commands_come_back_and_are_rounded_to_what_the_file_holds() -> None:
    writer = DemoWriter(header())
    cmd = TicCmd()
    cmd.forwardmove, cmd.sidemove, cmd.angleturn, cmd.buttons = -50, 40, -1000, 7
    writer.write(cmd)
    assert cmd.angleturn == -1024
    reader = parse_demo(writer.finish())
    back = TicCmd()
    reader.read(back)
    assert (back.forwardmove, back.sidemove, back.angleturn, back.buttons) == (-50, 40, -1024, 7)
