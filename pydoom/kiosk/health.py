"""Whether a running kiosk can be played: each of its processes is asked for something that only a working one gives.

The game counts its frames in a file (``--heartbeat``), also while it is paused. Xvfb, x11vnc, the VNC port and the page
have to answer in their protocols. Asking takes no place of a viewer's and does not wake the game.
"""

from __future__ import annotations

import json
import os
import socket
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydoom.kiosk import x11vnc
from pydoom.kiosk.listening import Place
from pydoom.kiosk.screen import COOKIE_KIND, XAUTHORITY_NAME, cookie_in, shows_a_frame

HEARTBEAT_NAME: Final = "heartbeat"
_RECORD_NAME: Final = "kiosk.json"
_ANSWER_SECONDS: Final = 2.0
"""How long each process may take to answer, and the game to its next frame."""
_MAX_RECORD_AGE_SECONDS: Final = 10.0
_MAX_BYTES: Final = 1 << 16
"""Of one part of an answer: the longest is the screen's name."""
_LOOK_SECONDS: Final = 0.01
_X_FOLDER: Final = Path("/tmp/.X11-unix")
_RFB_VERSION: Final = b"RFB 003.008\n"


@dataclass(frozen=True, slots=True)
class ReadyKiosk:
    """What a kiosk that is ready writes down for the check: its X display, and where it listens."""

    display: str
    vnc: Place
    web: Place | None

    def write(self, state: Path) -> None:
        """Write it into the kiosk's state folder; from then on the kiosk counts as ready."""
        places = [[place.address, place.port] for place in (self.vnc, self.web) if place is not None]
        new = state / f"{_RECORD_NAME}.new"
        new.write_text(json.dumps({"display": self.display, "places": places}))
        new.replace(state / _RECORD_NAME)

    @classmethod
    def read(cls, state: Path) -> ReadyKiosk:
        """Raises OSError when there is none."""
        told = json.loads((state / _RECORD_NAME).read_text())
        vnc, *web = (Place(*place) for place in told["places"])
        return cls(told["display"], vnc, web[0] if web else None)


def still_running(state: Path) -> None:
    """The kiosk itself says that it runs, every few seconds at most."""
    os.utime(state / _RECORD_NAME)


def problem(state: Path) -> str | None:
    """What is wrong with the kiosk of this state folder; None when it can be played."""
    try:
        record = ReadyKiosk.read(state)
        age = time.time() - (state / _RECORD_NAME).stat().st_mtime
    except OSError:
        return "no kiosk is ready"
    checks: list[tuple[str, Callable[[], bool]]] = [
        ("the kiosk itself does not move", lambda: age < _MAX_RECORD_AGE_SECONDS),
        ("Xvfb does not answer", lambda: _xvfb_answers(record.display, cookie_in(state / XAUTHORITY_NAME))),
        ("the game shows no new frame", lambda: _beats(state / HEARTBEAT_NAME)),
        ("the screen is empty", lambda: shows_a_frame(state)),
        ("x11vnc does not answer", lambda: _x11vnc_answers(Place(str(state / x11vnc.SOCKET_NAME), 0))),
        ("the VNC port does not answer", lambda: _port_answers(record.vnc)),
    ]
    if (web := record.web) is not None:
        checks.append(("the page does not answer", lambda: _page_answers(web)))
    for what, is_well in checks:
        try:
            if not is_well():
                return what
        except (OSError, EOFError) as error:
            return f"{what} ({str(error) or type(error).__name__})"
    return None


def _beats(heartbeat: Path) -> bool:
    before, deadline = heartbeat.read_bytes(), time.monotonic() + _ANSWER_SECONDS
    while time.monotonic() < deadline:
        time.sleep(_LOOK_SECONDS)
        if heartbeat.read_bytes() != before:
            return True
    return False


def _xvfb_answers(display: str, cookie: bytes) -> bool:
    """Open the display and say nothing more (the connection setup of the X protocol)."""
    with Place(str(_X_FOLDER / f"X{display.removeprefix(':')}"), 0).connect() as connection:
        connection.settimeout(_ANSWER_SECONDS)
        little_endian, major, minor = b"l", 11, 0
        header = struct.pack("<cxHHHHxx", little_endian, major, minor, len(COOKIE_KIND), len(cookie))
        connection.sendall(header + COOKIE_KIND + bytes(-len(COOKIE_KIND) % 4) + cookie + bytes(-len(cookie) % 4))
        success = b"\1"
        return _read(connection, 1) == success


def _x11vnc_answers(place: Place) -> bool:
    """Log in and fetch the screen's first pixel."""
    with place.connect() as connection:
        connection.settimeout(_ANSWER_SECONDS)
        if _read(connection, len(_RFB_VERSION)) != _RFB_VERSION:
            return False
        connection.sendall(_RFB_VERSION)
        _read(connection, _read(connection, 1)[0])
        no_security, shared = b"\1", b"\1"
        connection.sendall(no_security)
        if any(_read(connection, 4)):
            return False
        connection.sendall(shared)
        _read(connection, struct.unpack(">20xI", _read(connection, 24))[0])
        request, at_once, update = 3, 0, 0
        connection.sendall(struct.pack(">BBHHHH", request, at_once, 0, 0, 1, 1))
        return _read(connection, 1)[0] == update


def _port_answers(place: Place) -> bool:
    with place.connect() as connection:
        connection.settimeout(_ANSWER_SECONDS)
        return _read(connection, len(_RFB_VERSION)) == _RFB_VERSION


def _page_answers(place: Place) -> bool:
    with place.connect() as connection:
        connection.settimeout(_ANSWER_SECONDS)
        connection.sendall(b"GET /session HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        return _read(connection, 12) == b"HTTP/1.1 200"


def _read(connection: socket.socket, length: int) -> bytes:
    """So many bytes. Raises EOFError, or OSError if they do not all arrive in time, however they drip."""
    if length > _MAX_BYTES:
        raise EOFError(f"{length} bytes")
    data, deadline = b"", time.monotonic() + _ANSWER_SECONDS
    while len(data) < length:
        connection.settimeout(max(0.001, deadline - time.monotonic()))
        piece = connection.recv(length - len(data))
        if not piece:
            raise EOFError("connection closed")
        data += piece
    return data
