"""The virtual screen: an Xvfb of the game's size whose pixels are also readable as a file.

Xvfb's ``-fbdir`` maps the framebuffer into a file in XWD format. The health check reads it there, so it sees what a
viewer would see without being a viewer.
"""

from __future__ import annotations

import os
import struct
import subprocess
from pathlib import Path
from typing import Final

from pydoom.kiosk.errors import KioskError

FRAMEBUFFER_NAME: Final = "Xvfb_screen0"
_XWD_HEADER: Final = struct.Struct(">25I")


def start_xvfb(width: int, height: int, folder: Path) -> tuple[subprocess.Popen[bytes], str]:
    """Start Xvfb on a free display number and wait until it answers.

    `folder` receives the framebuffer file. Returns the process and its display name, such as ``":1"``. Raises
    `KioskError` when Xvfb is missing or does not start.
    """
    reader, writer = os.pipe()
    command = [
        *("Xvfb", "-displayfd", str(writer), "-screen", "0", f"{width}x{height}x24"),
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
    with os.fdopen(reader, "rb") as stream:
        number = stream.readline().strip().decode()
    if not number:
        process.kill()
        raise KioskError("Xvfb did not start; is another one using the same display or lock files?")
    return process, f":{number}"


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
