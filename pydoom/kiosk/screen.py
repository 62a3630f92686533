"""The virtual screen: an Xvfb of the game's size whose pixels are also readable as a file.

Nobody can open the display without its cookie (MIT-MAGIC-COOKIE-1), which is new for each screen and in a file that
only the kiosk's user can read.

Xvfb's ``-fbdir`` maps the framebuffer into a file in XWD format. The health check reads it there, so it sees what a
viewer would see without being a viewer.
"""

from __future__ import annotations

import os
import secrets
import select
import struct
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydoom.kiosk.errors import KioskError

FRAMEBUFFER_NAME: Final = "Xvfb_screen0"
XAUTHORITY_NAME: Final = "xauthority"
COOKIE_KIND: Final = b"MIT-MAGIC-COOKIE-1"
_COOKIE_BYTES: Final = 16
_START_SECONDS: Final = 30.0
_MAX_LINE_BYTES: Final = 32
_FAMILY_WILD: Final = 0xFFFF
"""The entry is for whatever address the display is reached at (``FamilyWild`` of libXau)."""
_XWD_HEADER: Final = struct.Struct(">25I")


@dataclass(frozen=True, slots=True)
class Screen:
    """A running Xvfb: its process, its display name, such as ``":1"``, and the file with its cookie."""

    process: subprocess.Popen[bytes]
    display: str
    xauthority: Path

    def environment(self) -> dict[str, str]:
        """The variables with which a program opens this display."""
        return {"DISPLAY": self.display, "XAUTHORITY": str(self.xauthority)}


def start_xvfb(width: int, height: int, folder: Path) -> Screen:
    """Start Xvfb on a free display number and wait until it answers.

    `folder` receives the framebuffer file and the cookie. Raises `KioskError` when Xvfb is missing or does not start.
    """
    xauthority = folder / XAUTHORITY_NAME
    write_cookie(xauthority)
    reader, writer = os.pipe()
    command = [
        *("Xvfb", "-displayfd", str(writer), "-screen", "0", f"{width}x{height}x24", "-auth", str(xauthority)),
        *("-fbdir", str(folder), "-nolisten", "tcp", "-noreset", "-extension", "GLX"),
    ]
    try:
        process = subprocess.Popen(
            command, pass_fds=(writer,), start_new_session=True, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL
        )
    except FileNotFoundError as error:
        raise KioskError("Xvfb is not installed (Debian: apt install xvfb)") from error
    finally:
        os.close(writer)
    try:
        number = _line_from(reader, _START_SECONDS)
    finally:
        os.close(reader)
    if not number.isdecimal():
        process.kill()
        process.wait()
        raise KioskError("Xvfb did not start; is another one using the same display or lock files?")
    return Screen(process, f":{number}", xauthority)


def _line_from(pipe: int, seconds: float) -> str:
    """The line that a program writes into a pipe; empty if it writes none within `seconds`."""
    data, deadline = b"", time.monotonic() + seconds
    while not data.endswith(b"\n") and len(data) < _MAX_LINE_BYTES:
        ready, _, _ = select.select([pipe], [], [], max(0.0, deadline - time.monotonic()))
        piece = os.read(pipe, _MAX_LINE_BYTES) if ready else b""
        if not piece:
            break
        data += piece
    return data.decode("ascii", "replace").strip() if data.endswith(b"\n") else ""


def write_cookie(path: Path) -> None:
    """Write a new file with a random cookie for any display, in the format of ``~/.Xauthority``."""

    def counted(data: bytes) -> bytes:
        return struct.pack(">H", len(data)) + data

    any_address, any_display = b"", b""
    entry = struct.pack(">H", _FAMILY_WILD) + counted(any_address) + counted(any_display)
    # made with its mode at once: there is no moment at which others could open it
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(entry + counted(COOKIE_KIND) + counted(secrets.token_bytes(_COOKIE_BYTES)))


def cookie_in(path: Path) -> bytes:
    """The cookie of a file that `write_cookie` wrote."""
    return path.read_bytes()[-_COOKIE_BYTES:]


def screen_pixels(folder: Path) -> tuple[int, int, bytes]:
    """Width, height and raw BGRX pixels of the virtual screen whose framebuffer is in `folder`.

    Raises OSError when there is no screen, ValueError when the file is not one.
    """
    data = (folder / FRAMEBUFFER_NAME).read_bytes()
    if len(data) < _XWD_HEADER.size:
        raise ValueError("the framebuffer file is empty")
    header = _XWD_HEADER.unpack_from(data)
    header_size, version, width, height, colours = header[0], header[1], header[4], header[5], header[19]
    if version != 7:
        raise ValueError("the framebuffer file is not an XWD image")
    start = header_size + 12 * colours
    return width, height, data[start : start + header[12] * height]


def shows_a_frame(folder: Path) -> bool:
    """Whether anything but one flat colour is on the virtual screen."""
    try:
        width, height, pixels = screen_pixels(folder)
    except (OSError, ValueError):
        return False
    distinct = {pixels[at : at + 3] for at in range(0, width * height * 4, 4 * 97)}
    return len(distinct) > 8
