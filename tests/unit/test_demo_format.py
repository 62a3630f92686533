"""Demo files: what is read from them, what is written, and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pydoom.game.demo import DemoError, DemoHeader, DemoWriter, parse_demo
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


@pytest.mark.parametrize("version", [104, 105, 106, 107, 108, 109])
def test_demos_of_1_4_to_1_9_are_accepted(version: int) -> None:
    assert parse_demo(demo(version=version)).header.version == version


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


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_or_end(data: bytes) -> None:
    try:
        reader = parse_demo(data)
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
