"""Terminal play: what is sent for a frame, key events, and restoring the terminal."""

import io
import os
import pty
import re
import struct
import termios
import time
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image

from pydoom.devices import terminal
from pydoom.devices.errors import DeviceError
from pydoom.devices.terminal_blocks import DEFAULT_BUDGET_BYTES, HalfBlocks
from pydoom.devices.terminal_graphics import KittyGraphics, png
from pydoom.devices.terminal_keys import Heard, Holds, Interrupt, Key, KeyParser, Reply, Suspend
from pydoom.devices.terminal_pace import QUESTION
from pydoom.devices.terminal_sixel import Sixels
from pydoom.game import events as ev
from pydoom.game.events import KeyEvent

COLOURS = np.stack([np.arange(256)] * 3, axis=1).astype(np.uint8)
COLOURS[1] = (255, 0, 0)
COLOURS[2] = (0, 0, 255)


def frame(value: int = 0) -> np.ndarray:
    return np.full((200, 320), value, np.uint8)


class Screen:
    """A fake terminal that understands half blocks; `cells` are (upper, lower) colours by row and column."""

    def __init__(self) -> None:
        self.cells: dict[tuple[int, int], tuple[str, str]] = {}

    def feed(self, data: bytes) -> None:
        row = column = 0
        front = back = ""
        for move, colours, char in re.findall(r"\x1b\[([\d;]*[HC])|\x1b\[([\d;]*)m|([^\x1b])", data.decode()):
            if move.endswith("H"):
                row, column = (int(part) for part in move[:-1].split(";"))
            elif move:
                column += int(move[:-1])
            elif char:
                halves = {" ": (back, back), "█": (front, front), "▀": (front, back), "▄": (back, front)}
                self.cells[row, column] = halves[char]
                column += 1
            for kind, red, green, blue in re.findall(r"(38|48);2;(\d+);(\d+);(\d+)", colours):
                colour = f"{red},{green},{blue}"
                front, back = (colour, back) if kind == "38" else (front, colour)


# -- half blocks


def test_a_frame_fills_the_rows_of_the_terminal_at_4_to_3() -> None:
    blocks = HalfBlocks(160, 49, budget=10**6)
    screen = Screen()
    screen.feed(blocks.draw(frame(1), COLOURS))
    rows = {row for row, _ in screen.cells}
    columns = {column for _, column in screen.cells}
    assert (min(rows), max(rows)) == (1, 49)
    assert len(columns) == 130  # 4:3 of 98 pixels
    assert min(columns) == 16
    assert set(screen.cells.values()) == {("255,0,0", "255,0,0")}


def test_a_cell_shows_two_pixels() -> None:
    striped = frame(1)
    striped[1::2] = 2
    blocks = HalfBlocks(320, 100, aspect=1, budget=10**6)
    screen = Screen()
    screen.feed(blocks.draw(striped, COLOURS))
    assert set(screen.cells.values()) == {("255,0,0", "0,0,255")}
    assert len(screen.cells) == 320 * 100


def test_unchanged_cells_are_not_sent() -> None:
    blocks = HalfBlocks(160, 49, budget=10**6)
    blocks.draw(frame(1), COLOURS)
    assert blocks.draw(frame(1), COLOURS) == b""
    changed = frame(1)
    changed[100, 160] = 2
    assert 0 < len(blocks.draw(changed, COLOURS)) < 100


def test_no_frame_exceeds_the_budget_and_the_rest_follows() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (200, 320), np.uint8)
    colours = np.random.default_rng(2).integers(0, 256, (256, 3), np.uint8)
    blocks = HalfBlocks(160, 49, budget=20_000)
    screen, whole = Screen(), Screen()
    for _ in range(30):
        data = blocks.draw(noise, colours)
        assert len(data) <= 20_000
        screen.feed(data)
    assert data == b""
    whole.feed(HalfBlocks(160, 49, budget=10**7).draw(noise, colours))
    assert screen.cells == whole.cells


def test_the_most_different_cells_come_first() -> None:
    blocks = HalfBlocks(160, 49, budget=10**6)
    blocks.draw(frame(0), COLOURS)
    blocks.budget = 300
    changed = frame(40)
    changed[96:104] = 255
    screen = Screen()
    screen.feed(blocks.draw(changed, COLOURS))
    assert all("255,255,255" in colours for colours in screen.cells.values())


def test_a_tiny_terminal_does_not_crash() -> None:
    assert HalfBlocks(1, 1).draw(frame(1), COLOURS)


# -- pixels


def test_png_is_the_frame() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (200, 320), np.uint8)
    read = Image.open(io.BytesIO(png(noise, COLOURS))).convert("RGB")
    assert np.array_equal(np.asarray(read), COLOURS[noise])


def test_kitty_commands_are_short_enough_and_end() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (200, 320), np.uint8)
    kitty = KittyGraphics(160, 49)
    commands = re.findall(rb"\x1b_G([^;]*);([^\x1b]*)\x1b\\", kitty.draw(noise, COLOURS))
    assert all(len(data) <= 4096 for _, data in commands)
    assert [control[-1:] for control, _ in commands] == [b"1"] * (len(commands) - 1) + [b"0"]
    assert kitty.draw(noise, COLOURS) == b""


def test_frames_of_any_size_are_shown() -> None:
    small = np.random.default_rng(1).integers(0, 4, (200, 320), np.uint8)
    large = small.repeat(2, axis=0).repeat(2, axis=1)
    assert Sixels(40, 12).draw(large, COLOURS) == Sixels(40, 12).draw(small, COLOURS)
    assert HalfBlocks(80, 25).draw(large, COLOURS) == HalfBlocks(80, 25).draw(small, COLOURS)


# -- keys


@pytest.mark.parametrize(
    ("data", "heard"),
    [
        (b"w", [Key(ord("w"), ord("w"))]),
        (b"W", [Key(ord("w"), ord("W"), 1)]),
        (b"\x1b[A", [Key(ev.KEY_UPARROW)]),
        (b"\x1bOA", [Key(ev.KEY_UPARROW)]),
        (b"\x1b[1;2D", [Key(ev.KEY_LEFTARROW, 0, 1)]),
        (b"\x1b[21~", [Key(ev.KEY_F10)]),
        (b"\x1bOP", [Key(ev.KEY_F1)]),
        (b"\r\t\x7f", [Key(ev.KEY_ENTER), Key(ev.KEY_TAB), Key(ev.KEY_BACKSPACE)]),
        (b"\x03", [Interrupt()]),
        (b"\x1a", [Suspend()]),
        (b"\x1b[122;5u", [Suspend()]),
        (b"\x1b[0n", [Reply("alive", (0,))]),
        (b"\x1bx", [Key(ord("x"), ord("x"), 2)]),
        (b"\x1b[57442;5u", [Key(ev.KEY_RCTRL, 0, 0, False)]),
        (b"\x1b[97;1:1;97u", [Key(ord("a"), ord("a"), 0, False)]),
        (b"\x1b[97;1:3u", [Key(ord("a"), 0, 0, True)]),
        (b"\x1b[1;1:3A", [Key(ev.KEY_UPARROW, 0, 0, True)]),
        (b"\x1b[99;5u", [Interrupt()]),
        (b"\x1b[?11u", [Reply("keyboard", (11,))]),
        (b"\x1b[?62;4c", [Reply("attributes", (62, 4))]),
        (b"\x1b_Gi=31;OK\x1b\\", [Reply("kitty", text="Gi=31;OK")]),
        (b"\x1bP1$r0;48;2;1;2;3m\x1b\\", [Reply("colours", text="1$r0;48;2;1;2;3m")]),
        (b"\x1bP0$r\x1b\\", []),
        (b"\x1b[6;20;10t", [Reply("cell", (6, 20, 10))]),
        ("ñ".encode() + b"a", [Key(ord("a"), ord("a"))]),
        # another layout's key in the place of a US one, a letter of another script, a key that repeats
        (b"\x1b[113::97;1:1;113u", [Key(ord("a"), ord("q"), 0, False)]),
        (b"\x1b[1092::97;1:1;1092u", [Key(ord("a"), 0, 0, False)]),
        (b"\x1b[1092;1:1;1092u", [Key(ord("a"), 0, 0, False)]),
        (b"\x1b[1089::99;5u", [Interrupt()]),
        (b"\x1b[97;1:2;97u", [Key(ord("a"), ord("a"), 0, False, True)]),
        (b"\x1b[57407;1:1;56u", [Key(ev.KEY_KP_8, ord("8"), 0, False)]),
        (b"\x1b[57419;1:1u", [Key(ev.KEY_KP_8, 0, 0, False)]),
        ("фЫ".encode(), [Key(ord("a")), Key(ord("s"), 0, 1)]),
        ("é€".encode(), [Key(ord("2"))]),
        (b"\xffw", [Key(ord("w"), ord("w"))]),
        (b"\x1b[9999999999;1:1;9999999999u", []),
    ],
)
def test_bytes_become_keys_and_answers_however_they_are_cut(data: bytes, heard: list[Heard]) -> None:
    assert KeyParser().feed(data) == heard
    if len(data) < 3 or data[:1] != b"\x1b":
        return
    parser = KeyParser()
    assert [each for byte in data for each in parser.feed(bytes([byte]))] == heard


def test_characters_of_other_scripts_may_come_in_pieces() -> None:
    parser = KeyParser()
    assert [each for byte in "фa".encode() for each in parser.feed(bytes([byte]))] == [Key(ord("a")), Key(97, 97)]
    assert KeyParser().feed(b"\xd1w") == [Key(ord("w"), ord("w"))]


@pytest.mark.parametrize("repeated", [False, True])
def test_a_terminal_that_tells_of_repeats_passes_them_on(repeated: bool) -> None:
    heard = Key(ord("a"), ord("a"), 0, False, repeated)
    assert Holds(tells_releases=True).press(heard, 1.0) == [KeyEvent(ord("a"), True, ord("a"), repeated)]


def test_a_lone_escape_is_the_key_when_nothing_follows() -> None:
    parser = KeyParser()
    assert parser.feed(b"\x1b") == []
    assert parser.feed(b"") == [Key(ev.KEY_ESCAPE)]
    assert parser.feed(b"\x1b\x1b[A") == [Key(ev.KEY_ESCAPE), Key(ev.KEY_UPARROW)]


def test_a_tapped_key_goes_up_by_itself() -> None:
    holds = Holds()
    assert holds.press(Key(ev.KEY_LEFTARROW), 10.0) == [KeyEvent(ev.KEY_LEFTARROW)]
    assert holds.expire(10.1) == []
    assert holds.expire(10.2) == [KeyEvent(ev.KEY_LEFTARROW, False)]
    assert holds.expire(11.0) == []


def test_a_key_that_repeats_stays_down() -> None:
    holds = Holds()
    holds.press(Key(ord("w"), ord("w")), 0.0)
    for tick in range(20):
        now = 0.5 + tick * 0.05
        holds.press(Key(ord("w"), ord("w")), now)
        assert holds.expire(now + 0.04) == []
    assert holds.expire(now + 0.2) == [KeyEvent(ord("w"), False)]


def test_firing_does_not_stop_a_held_walk() -> None:
    holds = Holds()
    holds.press(Key(ord("w"), ord("w")), 0.0)
    holds.press(Key(ord("w"), ord("w")), 0.2)
    holds.press(Key(ord("x"), ord("x")), 0.3)
    assert KeyEvent(ord("w"), False) not in holds.expire(0.4)


def test_the_opposite_direction_ends_a_hold() -> None:
    holds = Holds()
    holds.press(Key(ev.KEY_UPARROW), 0.0)
    assert holds.press(Key(ev.KEY_DOWNARROW), 0.01) == [KeyEvent(ev.KEY_UPARROW, False), KeyEvent(ev.KEY_DOWNARROW)]


def test_x_fires_where_ctrl_cannot_be_heard() -> None:
    assert Holds().press(Key(ord("x"), ord("x")), 0.0) == [KeyEvent(ord("x"), True, ord("x")), KeyEvent(ev.KEY_RCTRL)]
    assert Holds(True).press(Key(ord("x"), ord("x"), 0, False), 0.0) == [KeyEvent(ord("x"), True, ord("x"))]


def test_a_terminal_that_reports_releases_is_believed() -> None:
    holds = Holds(True)
    assert holds.press(Key(ev.KEY_RCTRL, 0, 0, False), 0.0) == [KeyEvent(ev.KEY_RCTRL)]
    assert holds.expire(100.0) == []
    assert holds.press(Key(ev.KEY_RCTRL, 0, 0, True), 100.0) == [KeyEvent(ev.KEY_RCTRL, False)]


def test_keys_held_when_the_terminal_is_left_go_up() -> None:
    told, guessed = Holds(True), Holds()
    told.press(Key(ev.KEY_RCTRL, 0, 0, False), 0.0)
    guessed.press(Key(ev.KEY_UPARROW), 0.0)
    assert told.let_go() == [KeyEvent(ev.KEY_RCTRL, False)]
    assert guessed.let_go() == [KeyEvent(ev.KEY_UPARROW, False)]
    assert told.let_go() == guessed.let_go() == []


# -- the terminal


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """The other end of an 80x25 terminal, with answers to the queries prepared: no special features."""
    ours, theirs = pty.openpty()
    set_size(theirs, 25, 80)
    monkeypatch.setattr(terminal, "_open_terminal", lambda: os.open(os.ttyname(theirs), os.O_RDWR | os.O_NONBLOCK))
    tty_before = termios.tcgetattr(theirs)
    os.set_blocking(ours, False)
    # the answer must not be echoed nor waited for in lines, but the terminal is not raw yet
    monkeypatch.setattr(terminal, "_QUESTIONS", b"")
    monkeypatch.setattr(terminal, "_ANSWER_S", 0.01)
    yield ours
    assert termios.tcgetattr(theirs) == tty_before
    os.close(ours)
    os.close(theirs)


def set_size(fd: int, rows: int, columns: int) -> None:
    import fcntl

    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def read(fd: int) -> bytes:
    data = b""
    try:
        while piece := os.read(fd, 65536):
            data += piece
            time.sleep(0.002)
    except BlockingIOError:
        return data
    return data


def present(window: terminal.TerminalWindow, line: int, shown: np.ndarray) -> bytes:
    """Present a frame until all of it has been sent."""
    data = b""
    until = time.monotonic() + 5
    silent_from = until
    while time.monotonic() < min(until, silent_from + 0.1):
        window.present(shown, COLOURS)
        time.sleep(0.01)
        if piece := read(line):
            data += piece
            silent_from = time.monotonic()
    return data


def test_the_terminal_is_taken_over_and_given_back(line: int) -> None:
    window = terminal.TerminalWindow()
    time.sleep(0.1)
    assert b"\x1b[?1049h" in read(line)
    window.close()
    window.close()
    data = read(line)
    assert data.endswith(b"\x1b[?25h\x1b[?1049l")


@pytest.mark.parametrize(
    ("term", "colorterm", "answer", "sgr"),
    [
        ("xterm-256color", "", b"", "38;5;|48;5;"),
        ("xterm-256color", "truecolor", b"", "[34]8;2;"),
        ("xterm-256color", "", b"\x1bP1$r0;48:2::1:2:3m\x1b\\", "[34]8;2;"),
        ("xterm-256color", "", b"\x1bP1$r0;48;5;16m\x1b\\", "38;5;|48;5;"),
        ("xterm-256color", "", b"\x1bP0$r\x1b\\", "38;5;|48;5;"),
        ("xterm-kitty", "", b"", "[34]8;2;"),
        ("xterm", "", b"", "[34]8;2;"),
    ],
)
def test_a_terminal_gets_the_colours_that_it_has(
    line: int, monkeypatch: pytest.MonkeyPatch, term: str, colorterm: str, answer: bytes, sgr: str
) -> None:
    monkeypatch.setenv("TERM", term)
    monkeypatch.setenv("COLORTERM", colorterm)
    monkeypatch.setattr(terminal, "_ANSWER_S", 0.1)
    replies = [Reply("colours", text=answer[2:-2].decode())] if answer else []
    monkeypatch.setattr(terminal.TerminalWindow, "_answers", lambda _window: iter(replies))
    window = terminal.TerminalWindow("blocks")
    data = present(window, line, np.arange(64000, dtype=np.int64).reshape(200, 320).astype(np.uint8)).decode()
    window.close()
    read(line)
    found = set(re.findall(r"[34]8;[25];", data))
    assert found
    assert all(re.fullmatch(sgr, each) for each in found)


def test_frames_keys_and_status_go_through(line: int) -> None:
    window = terminal.TerminalWindow("blocks", status=lambda: "2 containers: web, db\x1b[2J")
    data = present(window, line, frame(1))
    assert "▀" in data.decode() or b" " in data
    assert b"\x1b[25;1H" in data
    assert b"2 containers: web, db?[2J" in data
    os.write(line, b"\x1b[A")
    time.sleep(0.02)
    assert window.poll() == [KeyEvent(ev.KEY_UPARROW)]
    window.close()


def test_ctrl_c_closes(line: int) -> None:
    window = terminal.TerminalWindow("blocks")
    os.write(line, b"\x03")
    time.sleep(0.02)
    window.poll()
    assert window.closed
    window.close()


def test_another_size_is_followed(line: int) -> None:
    window = terminal.TerminalWindow("blocks")
    present(window, line, frame(1))
    set_size(window._fd, 12, 40)
    data = present(window, line, frame(1))
    assert b"\x1b[2J" in data
    assert max(int(row) for row in re.findall(rb"\x1b\[(\d+);\d+H", data)) == 12
    window.close()


def test_a_blocked_line_costs_frames(line: int) -> None:
    window = terminal.TerminalWindow("blocks")
    noise = np.random.default_rng(1)
    for _ in range(40):
        window.present(noise.integers(0, 256, (200, 320), np.uint8), COLOURS)
    assert len(read(line)) < 4 * DEFAULT_BUDGET_BYTES, "the others were left out"
    window.close()


def test_a_terminal_that_answers_gets_no_late_frames(line: int) -> None:
    window = terminal.TerminalWindow("blocks")
    os.write(line, b"\x1b[0n")
    time.sleep(0.02)
    window.poll()
    noise = np.random.default_rng(1)
    sent = b""
    for _ in range(20):
        window.present(noise.integers(0, 256, (200, 320), np.uint8), COLOURS)
        time.sleep(0.02)
        sent += read(line)
    assert sent.count(b"\x1b[?2026l") == 1, "one frame under way, and no answer"
    os.write(line, b"\x1b[0n")
    time.sleep(0.02)
    assert QUESTION in present(window, line, frame(1))
    window.close()


@pytest.mark.parametrize("kind", ["dumb", "unknown"])
def test_a_dumb_terminal_is_refused(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    monkeypatch.setenv("TERM", kind)
    with pytest.raises(DeviceError, match=f"TERM is {kind}"):
        terminal.TerminalWindow()


def test_without_a_terminal_the_error_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("sys.stdin", io.StringIO())
    with pytest.raises(DeviceError, match="needs a terminal"):
        terminal.TerminalWindow()
