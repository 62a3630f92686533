"""The game in a terminal: the window's twin for machines reached through a line of text.

Pictures are coloured half blocks, or pixels where the terminal announces them (kitty's protocol, sixels); the bottom
line is for the status. It speaks to the terminal through a file of its own that never blocks: a picture is left out
while the line is still busy with those before it (`pydoom.devices.terminal_pace`), so a slow line costs pictures, and
never tics nor time. What the program writes to stderr meanwhile is kept and shown afterwards. The terminal is restored
by `close`, at the end of the program however it comes, on SIGTERM and SIGHUP, and while Ctrl-Z has the program stopped.
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

from pydoom.devices.errors import DeviceError
from pydoom.devices.terminal_blocks import HalfBlocks
from pydoom.devices.terminal_encoder import ASPECT, FrameEncoder
from pydoom.devices.terminal_graphics import KittyGraphics
from pydoom.devices.terminal_keys import Heard, Holds, Interrupt, KeyParser, Reply, Suspend
from pydoom.devices.terminal_line import TerminalWire
from pydoom.devices.terminal_pace import QUESTION, Pace
from pydoom.devices.terminal_sixel import Sixels
from pydoom.game.events import Event

_ENTER: Final = b"\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J"
_LEAVE: Final = b"\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1049l"
_KEYBOARD_ON: Final = b"\x1b[>27u"
"""Kitty's keyboard protocol: tell keys from sequences, kinds of events, every key, and the text typed."""
_KEYBOARD_OFF: Final = b"\x1b[<u"
_QUESTIONS: Final = b"\x1b[?u\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\\x1b[16t" + QUESTION + b"\x1b[c"
"""Keyboard protocol? Graphics? How large is a cell? And what every terminal answers: a status, and its attributes."""
_ANSWER_S: Final = 0.6
_SIXEL_ATTRIBUTE: Final = 4
_HOLD_BACK: Final = b"\x1b[?2026h"
_SHOW: Final = b"\x1b[?2026l"
"""Around a picture: terminals that know this show it at once instead of in parts."""
_CLOSE_S: Final = 1.0
_ESCAPE_S: Final = 0.02
"""When nothing has followed an escape character for so long, it was the key."""
_NO_PICTURES: Final = ("dumb", "unknown")
"""What TERM says where nothing but lines of text can be shown."""
_MULTIPLEXERS: Final = ("tmux", "screen")
"""They announce sixels whatever the terminal around them can do."""


class TerminalWindow:
    """A terminal taken over. Raises DeviceError when stdin and stdout are not one."""

    def __init__(self, mode: str = "auto", aspect: float = ASPECT, status: Callable[[], str] = str) -> None:
        """`status` is asked before every frame what the bottom line says."""
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
        if "keyboard" in answers:
            self._kitty_keyboard = self._holds.tells_releases = True
            self._line.send(_KEYBOARD_ON)
            self._goodbye = _KEYBOARD_OFF + self._goodbye
        self._size = os.get_terminal_size(self._fd)
        self._encoder = self._choose(mode, aspect, answers)
        self._goodbye = self._encoder.farewell + self._goodbye

    def _answers(self) -> Iterator[Reply]:
        """What the terminal says about itself, until it has answered the last question or takes too long."""
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
        columns, rows = self._picture_size()
        if mode == "auto":
            mode = _best_mode(answers)
        if mode == "blocks":
            return HalfBlocks(columns, rows, aspect)
        cell = answers["cell"].numbers if "cell" in answers else ()
        cell_px = (cell[2], cell[1]) if len(cell) == 3 and cell[1] and cell[2] else None
        encoder = KittyGraphics if mode == "kitty" else Sixels
        return encoder(columns, rows, aspect, cell_px)

    def _picture_size(self) -> tuple[int, int]:
        return self._size.columns, max(self._size.lines - 1, 1)

    # -- the window's protocol

    def present(self, picture: NDArray[np.uint8], colours: NDArray[np.uint8]) -> None:
        """Show a picture: palette indexes uint8[H,W], colours uint8[256,3]. Never waits for the line."""
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
        data = self._encoder.draw(picture, colours) + self._status_line()
        if data:
            self._pace.sent(now, len(data))
            self._line.send(_HOLD_BACK + data + _SHOW + QUESTION)

    def poll(self) -> list[Event]:
        """What happened since the last call. Ctrl-C, or the end of the terminal, sets `closed`."""
        self._listen()
        if self._suspend:
            self._stop()
        if self._stopped:
            self._return()
        events, self._events = self._events, []
        return events + self._holds.expire(time.monotonic())

    def grab_mouse(self, wanted: bool) -> None:
        """There is no mouse."""

    def toggle_fullscreen(self) -> None:
        """A terminal has the size it has."""

    def close(self) -> None:
        """Give the terminal back as it was; again does nothing."""
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
        """What the terminal told since the last time. Answers to `QUESTION` are taken note of."""
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
            self._encoder.resize(*self._picture_size())
            self._shown_status = None
            self._line.send(b"\x1b[0m\x1b[2J")

    def _status_line(self) -> bytes:
        text = "".join(char if char.isprintable() else "?" for char in self._status())
        if text == self._shown_status or self._size.lines < 2:
            return b""
        self._shown_status = text
        shown = text if len(text) <= self._size.columns else text[: max(self._size.columns - 1, 0)] + "…"
        return f"\x1b[{self._size.lines};1H\x1b[0m\x1b[2K{shown}".encode()

    # -- leaving and coming back

    def _leave(self) -> None:
        """Give the terminal back, once it has answered what it was asked: nobody else would know what to make of it."""
        # a picture on its way must be ended first, or the terminal takes the rest for a part of it
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
        """What Ctrl-Z does to other programs: leave the terminal to the shell until it says to go on."""
        self._suspend = False
        self._leave()
        before = signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        os.kill(0, signal.SIGTSTP)
        signal.signal(signal.SIGTSTP, before)
        self._stopped = True

    def _return(self) -> None:
        """The program goes on, and whatever was on the terminal is not there any more."""
        self._stopped = self._suspend = False
        tty.setraw(self._fd)
        self._line.send(_ENTER + (_KEYBOARD_ON if self._kitty_keyboard else b""))
        self._events += self._holds.let_go()
        self._pace = Pace()
        self._encoder.forget()
        self._shown_status = None

    def _catch_signals(self) -> None:
        """Until the game has handlers of its own, and for the line's end, restore the terminal before dying."""
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
    """Keeps what goes to stderr out of the picture, if it is a terminal, and shows it afterwards."""

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
    """The terminal of stdin and stdout, as a file of our own: what we set there holds for nobody else."""
    if os.environ.get("TERM") in _NO_PICTURES:
        raise DeviceError(f"--terminal needs a terminal that can show pictures, and TERM is {os.environ['TERM']}")
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
