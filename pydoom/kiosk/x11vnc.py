"""The VNC server for the virtual screen: x11vnc, which does nothing but show it and pass keys and mouse on.

Whoever can reach the display can tell x11vnc what to do through properties of the root window, run commands and file
transfers included, unless it is told to ignore them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

_PASSIVE: Final = ("-safer", "-allowedcmds", "afteraccept,gone", "-noultraext", "-nosel", "-nobell")
"""No remote control, no commands but the hooks that tell of viewers, no clipboard."""
# measured: 35 distinct frames a second; the defaults give about 30
_FAST: Final = ("-wait", "5", "-defer", "5", "-nocursor", "-norc")


def command(display: str, xauthority: str, where: Sequence[str]) -> list[str]:
    """The command line of an x11vnc for `display`; `where` says on what it listens and for whom."""
    return [
        *("x11vnc", "-display", display, "-auth", xauthority, *where),
        *("-no6", "-noipv6", "-forever", "-shared", "-quiet", *_PASSIVE, *_FAST),
    ]
