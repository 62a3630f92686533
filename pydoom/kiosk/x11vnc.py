"""The VNC server for the virtual screen: x11vnc, which only shows it and passes on keys and mouse.

It listens on a Unix socket in the kiosk's state folder and asks for no password: the front does (`pydoom.kiosk.front`).
Anyone who can reach the display could control x11vnc through properties of the root window, including commands and
file transfers, unless it is told to ignore them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

SOCKET_NAME: Final = "x11vnc"
_PASSIVE: Final = ("-safer", "-nocmds", "-noultraext", "-nosel", "-nobell")
"""No remote control, no commands, no third-party extensions, no clipboard."""
_NO_TCP: Final = ("-rfbport", "0", "-rfbportv6", "-1", "-no6", "-noipv6")
# measured: 35 distinct frames a second; the defaults give about 30. Its threads (-threads) bring nothing behind the
# front, which never makes it wait for a viewer; they also do not serve Unix sockets, and leak file descriptors
_FAST: Final = ("-wait", "5", "-defer", "5", "-nocursor", "-norc")
_FILES_WITHOUT_VIEWERS: Final = 64
_MAX_FILES: Final = 512
"""Out of the 1,024 that it may open; a viewer takes one or two."""


def command(display: str, xauthority: Path, socket: Path) -> list[str]:
    """The command line of an x11vnc that shows `display` to anyone who connects to `socket`."""
    return [
        *("x11vnc", "-display", display, "-auth", str(xauthority), "-unixsock", str(socket)),
        *(*_NO_TCP, "-forever", "-shared", "-nopw", "-quiet", *_PASSIVE, *_FAST),
    ]


def is_worn_out(pid: int, viewers: int) -> bool:
    """Whether this x11vnc has leaked so many file descriptors that it should be replaced."""
    try:
        files = sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())
    except OSError:
        return False  # it has just exited, or this is not Linux
    return files > (_MAX_FILES if viewers else _FILES_WITHOUT_VIEWERS)
