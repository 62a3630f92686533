"""The game in a terminal: a window for machines reached over a terminal line.

Frames are coloured half blocks, or pixels where the terminal announces them (kitty's protocol, sixels); the bottom
line is for the status. It writes to the terminal through a file of its own that never blocks: a frame is dropped
while the line is still busy with earlier ones (`pydoom.devices.terminal_pace`), so a slow line costs frames, but
neither tics nor time. What the program writes to stderr meanwhile is kept and shown afterwards. The terminal is
restored by `close`, at any end of the program, on SIGTERM and SIGHUP, and while Ctrl-Z has stopped the program.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
import sys
import tempfile
import termios
import time
import tty
from collections.abc import Callable, Iterator
from types import FrameType
from typing import IO, Any, Final

import numpy as np
from numpy.typing import NDArray

from pydoom.devices import terminal_depth
from pydoom.devices.errors import DeviceError
from pydoom.devices.terminal_blocks import HalfBlocks
from pydoom.devices.terminal_colours import Colours24, Colours256
from pydoom.devices.terminal_depth import has_only_256
from pydoom.devices.terminal_encoder import ASPECT, FrameEncoder
from pydoom.devices.terminal_graphics import KittyGraphics
from pydoom.devices.terminal_keys import Heard, Holds, Interrupt, KeyParser, Reply, Suspend
from pydoom.devices.terminal_line import TerminalWire
from pydoom.devices.terminal_pace import QUESTION, Pace
from pydoom.devices.terminal_sixel import Sixels
from pydoom.game.events import Event

_ENTER: Final = b"\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J"
_CLEAR: Final = b"\x1b[0m\x1b[2J"
_LEAVE: Final = b"\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1049l"
_KEYBOARD_ON: Final = b"\x1b[>31u"
"""Flags of kitty's keyboard protocol: unambiguous keys, event types, the key's place on a US keyboard, all keys as
sequences, and the typed text."""
_KEYBOARD_OFF: Final = b"\x1b[<u"
_QUESTIONS: Final = (
    b"\x1b[?u\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\\x1b[16t" + terminal_depth.QUESTION + QUESTION + b"\x1b[c"
)
"""Queries: keyboard protocol, graphics, cell size, colours; then two that all terminals answer: status, attributes."""
_ANSWER_S: Final = 0.6
_SIXEL_ATTRIBUTE: Final = 4
_HOLD_BACK: Final = b"\x1b[?2026h"
_SHOW: Final = b"\x1b[?2026l"
"""Sent around a frame: terminals that know this show it at once instead of in parts."""
_CLOSE_S: Final = 1.0
_ESCAPE_S: Final = 0.02
"""Seconds after which an escape character with nothing behind it was the Esc key."""
_TEXT_ONLY: Final = ("dumb", "unknown")
"""Values of TERM for terminals that show only lines of text."""
_MULTIPLEXERS: Final = ("tmux", "screen")
"""Multiplexers that announce sixels whether or not the terminal around them can show them."""


class TerminalWindow:
    """The terminal of stdin and stdout as a window. Raises DeviceError when they are not one."""

    def __init__(self, mode: str = "auto", aspect: float = ASPECT, status: Callable[[], str] = str) -> None:
        """`status` is called before every frame for the text of the bottom line."""
        self.closed = False
        self.fullscreen = False
        self._status = status
        self._fd = _open_terminal()
        self._settings: list[Any] = termios.tcgetattr(self._fd)
        self._parser = KeyParser()
        self._holds = Holds()
        self._line = TerminalWire(self._fd)
        self._pace = Pace()
        self._events: list[Event] = []
        self._last_heard = 0.0
        self._suspend = self._stopped = False
        self._shown_status: str | None = None
        self._left = False
        self._kitty_keyboard = False
        self._goodbye = _LEAVE
        self._stderr = _KeptErrors()
        atexit.register(self.close)
        self._catch_signals()
        tty.setraw(self._fd)
        self._line.send(_ENTER + _QUESTIONS)
        self._pace.sent(time.monotonic(), 0)
        answers = {reply.kind: reply for reply in self._answers()}
        self._line.send(_CLEAR)  # remove anything a terminal has printed for queries it does not know
        if "keyboard" in answers:
            self._kitty_keyboard = self._holds.tells_releases = True
            self._line.send(_KEYBOARD_ON)
            self._goodbye = _KEYBOARD_OFF + self._goodbye
        self._size = os.get_terminal_size(self._fd)
        self._encoder = self._choose(mode, aspect, answers)
        self._goodbye = self._encoder.farewell + self._goodbye

    def _answers(self) -> Iterator[Reply]:
        """The terminal's answers to the queries, until the last one or a time-out."""
        until = time.monotonic() + _ANSWER_S
        while (left := until - time.monotonic()) > 0:
            self._line.wait(left)
            for heard in self._hear():
                if isinstance(heard, Reply):
                    yield heard
                    if heard.kind == "attributes":
                        return
            if self._line.gone:
                return

    def _choose(self, mode: str, aspect: float, answers: dict[str, Reply]) -> FrameEncoder:
        columns, rows = self._frame_size()
        if mode == "auto":
            mode = _best_mode(answers)
        if mode == "blocks":
            answer = answers["colours"].text if "colours" in answers else ""
            colours = Colours256() if has_only_256(os.environ, answer) else Colours24()
            return HalfBlocks(columns, rows, aspect, colours=colours)
        cell = answers["cell"].numbers if "cell" in answers else ()
        cell_px = (cell[2], cell[1]) if len(cell) == 3 and cell[1] and cell[2] else None
        encoder = KittyGraphics if mode == "kitty" else Sixels
        return encoder(columns, rows, aspect, cell_px)

    def _frame_size(self) -> tuple[int, int]:
        return self._size.columns, max(self._size.lines - 1, 1)

    # -- the window's protocol

    def present(self, frame: NDArray[np.uint8], colours: NDArray[np.uint8]) -> None:
        """Show a frame: palette indexes uint8[H,W], colours uint8[256,3]. Never waits for the line."""
        if self.closed:
            return
        if self._line.gone:
            self.closed = True
            return
        self._listen()
        now = time.monotonic()
        if self._line.busy or not self._pace.allows(now):
            return
        self._follow_size()
        self._encoder.follow_pace(self._pace)
        data = self._encoder.draw(frame, colours) + self._status_line()
        if data:
            self._pace.sent(now, len(data))
            self._line.send(_HOLD_BACK + data + _SHOW + QUESTION)

    def poll(self) -> list[Event]:
        """The events since the last call. Ctrl-C, or losing the terminal, sets `closed`."""
        self._listen()
        if self._suspend:
            self._stop()
        if self._stopped:
            self._return()
        events, self._events = self._events, []
        return events + self._holds.expire(time.monotonic())

    def grab_mouse(self, wanted: bool) -> None:
        """Ignore: there is no mouse."""

    def toggle_fullscreen(self) -> None:
        """Ignore: a terminal has a fixed size."""

    def close(self) -> None:
        """Restore the terminal; a second call does nothing."""
        if self._left:
            return
        self._left = self.closed = True
        self._leave()
        self._line.close(_CLOSE_S)
        os.close(self._fd)
        self._stderr.give_back()
        atexit.unregister(self.close)

    # -- the line

    def _hear(self) -> Iterator[Heard]:
        """What the terminal has sent since the last call. Answers to `QUESTION` update the pace."""
        now = time.monotonic()
        came = self._line.received()
        if not came and now - self._last_heard > _ESCAPE_S:
            came = [(now, b"")]
        for when, data in came:
            self._last_heard = when
            for heard in self._parser.feed(data):
                if isinstance(heard, Reply) and heard.kind == "alive":
                    self._pace.answered(when)
                yield heard
        if self._line.gone:
            self.closed = True

    def _listen(self) -> None:
        for heard in self._hear():
            if isinstance(heard, Interrupt):
                self.closed = True
            elif isinstance(heard, Suspend):
                self._suspend = True
            elif not isinstance(heard, Reply):
                self._events += self._holds.press(heard, time.monotonic())

    def _follow_size(self) -> None:
        try:
            size = os.get_terminal_size(self._fd)
        except OSError:
            return
        if size != self._size:
            self._size = size
            self._encoder.resize(*self._frame_size())
            self._shown_status = None
            self._line.send(_CLEAR)

    def _status_line(self) -> bytes:
        text = "".join(char if char.isprintable() else "?" for char in self._status())
        if text == self._shown_status or self._size.lines < 2:
            return b""
        self._shown_status = text
        shown = text if len(text) <= self._size.columns else text[: max(self._size.columns - 1, 0)] + "…"
        return f"\x1b[{self._size.lines};1H\x1b[0m\x1b[2K{shown}".encode()

    # -- leaving and coming back

    def _leave(self) -> None:
        """Restore the terminal once all its answers are in: the shell would take them for input."""
        # finish a half-sent frame first, or the terminal takes what follows for a part of it
        self._line.send(b"\x1b\\" + _SHOW + self._goodbye)
        self._line.flush(_CLOSE_S)
        until = time.monotonic() + _ANSWER_S
        while self._pace.owed and not self._line.gone and (left := until - time.monotonic()) > 0:
            self._line.wait(left)
            for _ in self._hear():
                pass
        with contextlib.suppress(termios.error):
            termios.tcsetattr(self._fd, termios.TCSAFLUSH, self._settings)

    def _stop(self) -> None:
        """Do what Ctrl-Z does to other programs: leave the terminal to the shell until resumed."""
        self._suspend = False
        self._leave()
        before = signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        os.kill(0, signal.SIGTSTP)
        signal.signal(signal.SIGTSTP, before)
        self._stopped = True

    def _return(self) -> None:
        """Take the terminal over again after a stop; nothing of ours is on it any more."""
        self._stopped = self._suspend = False
        tty.setraw(self._fd)
        self._line.send(_ENTER + (_KEYBOARD_ON if self._kitty_keyboard else b""))
        self._events += self._holds.let_go()
        self._pace = Pace()
        self._encoder.forget()
        self._shown_status = None

    def _catch_signals(self) -> None:
        """Restore the terminal on fatal signals, until the game installs its own handlers, and on a hang-up."""
        for number in (signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) == signal.SIG_DFL:
                signal.signal(number, self._die)
        signal.signal(signal.SIGTSTP, self._want_stop)
        signal.signal(signal.SIGCONT, self._note_stop)

    def _want_stop(self, _number: int, _frame: FrameType | None) -> None:
        self._suspend = True

    def _note_stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stopped = True

    def _die(self, number: int, _frame: FrameType | None) -> None:
        self.close()
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)


class _KeptErrors:
    """Keeps stderr's output, if it goes to a terminal, off the frame and shows it afterwards."""

    def __init__(self) -> None:
        self._file: IO[bytes] | None = None
        if not os.isatty(2):
            return
        sys.stderr.flush()
        self._real = os.dup(2)
        self._file = tempfile.TemporaryFile()  # noqa: SIM115  # given back by give_back
        os.dup2(self._file.fileno(), 2)

    def give_back(self) -> None:
        if self._file is None:
            return
        sys.stderr.flush()
        os.dup2(self._real, 2)
        os.close(self._real)
        self._file.seek(0)
        os.write(2, self._file.read())
        self._file.close()
        self._file = None


def _open_terminal() -> int:
    """The terminal of stdin and stdout, as an open file of our own, so that its flags affect nobody else."""
    if os.environ.get("TERM") in _TEXT_ONLY:
        raise DeviceError(f"--terminal needs a terminal that can position text, and TERM is {os.environ['TERM']}")
    try:
        if not (sys.stdin.isatty() and sys.stdout.isatty()):
            raise DeviceError("--terminal needs a terminal: stdin and stdout must not be redirected")
        return os.open(os.ttyname(sys.stdout.fileno()), os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    except OSError as error:
        raise DeviceError(f"--terminal: the terminal cannot be opened: {error.strerror or error}") from error


def _best_mode(answers: dict[str, Reply]) -> str:
    multiplexer = "TMUX" in os.environ or os.environ.get("TERM", "").startswith(_MULTIPLEXERS)
    if "kitty" in answers and answers["kitty"].text.endswith(";OK"):
        return "kitty"
    if "attributes" in answers and _SIXEL_ATTRIBUTE in answers["attributes"].numbers and not multiplexer:
        return "sixel"
    return "blocks"
