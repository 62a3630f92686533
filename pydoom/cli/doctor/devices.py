"""Window, sound and game controllers, each tried in a process of its own."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import Final

from pydoom.cli.doctor.check import Check, Status
from pydoom.cli.doctor.probe import ProbeError, ask
from pydoom.cli.options import Options
from pydoom.kiosk.supervisor import missing_packages

_UNSEEN: Final = ("dummy", "offscreen")
_UNHEARD: Final = ("dummy", "disk")


def check_display(options: Options) -> Iterator[Check]:
    """Check whether a window opens."""
    for flag, given in (("--headless", options.headless), ("--terminal", bool(options.terminal))):
        if given:
            yield Check("display", Status.NOTE, f"not needed with {flag}")
            return
    chosen = os.environ.get("SDL_VIDEODRIVER", "")
    try:
        found = ask("display")
    except ProbeError as error:
        yield Check("display", Status.MISSING, f"no window opens: {error}", _instead(chosen))
        return
    driver = str(found["driver"])
    width, height = found["desktop"]
    if driver not in _UNSEEN:
        yield Check("display", Status.OK, f"a window opens on {driver}, {width}x{height}")
    elif chosen:
        message = f"SDL_VIDEODRIVER={chosen} opens an invisible window"
        yield Check("display", Status.WARNING, message, "unset SDL_VIDEODRIVER")
    else:
        yield Check("display", Status.MISSING, "there is no display here", _instead(chosen))


def _instead(chosen: str) -> str:
    """Advice for playing without a window."""
    if chosen:
        return "unset SDL_VIDEODRIVER"
    ways = ["pydoom --terminal"] if sys.stdin.isatty() else []
    lacking = missing_packages()
    kiosk = f"apt install {' '.join(lacking)} && " if lacking else ""
    ways.append(f"{kiosk}python -m pydoom.kiosk (VNC and browser)")
    return ", or ".join(ways)


def check_sound(options: Options) -> Iterator[Check]:
    """Check whether effects and music can be played."""
    if options.headless or options.nosound:
        flag = "--headless" if options.headless else "--nosound"
        yield Check("sound", Status.NOTE, f"not needed with {flag}")
        return
    try:
        found = ask("sound")
    except ProbeError as error:
        yield Check("sound", Status.WARNING, f"no sound: {error}", "pydoom --nosound plays without sound")
        return
    driver = str(found["driver"])
    if driver in _UNHEARD:
        yield Check("sound", Status.WARNING, f"SDL_AUDIODRIVER={driver}: it is inaudible", "unset SDL_AUDIODRIVER")
    else:
        yield Check("sound", Status.OK, f"effects through {driver}")
    if found["music"]:
        yield Check("music", Status.OK, "pyopl emulates the music chip")
    else:
        remedy = f"{sys.executable} -m pip install pyopl (where there are no wheels: needs a compiler)"
        yield Check("music", Status.WARNING, "no music: pyopl is not installed", remedy)


def check_controllers(options: Options) -> Iterator[Check]:
    """Check which game controllers are plugged in."""
    if options.headless or options.terminal or options.settings.get("controller.enabled") is False:
        yield Check("controllers", Status.NOTE, "not used")
        return
    try:
        names = ask("controllers")["names"]
    except ProbeError as error:
        yield Check(
            "controllers", Status.WARNING, f"not usable: {error}", "pydoom --no-controller plays without controllers"
        )
        return
    if names:
        yield Check("controllers", Status.OK, ", ".join(map(str, names)))
    else:
        yield Check("controllers", Status.NOTE, "none plugged in")
