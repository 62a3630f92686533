"""The child's side of `probe`: ``python -m pydoom.cli.doctor.probes NAME`` prints its result as one JSON object."""

from __future__ import annotations

import importlib
import json
import os
import sys
from collections.abc import Callable
from typing import Any, Final

from pydoom.core import is_compiled

PACKAGES: Final = {
    "numpy": "numpy",
    "omgifol": "omg",
    "platformdirs": "platformdirs",
    "pygame-ce": "pygame",
    "tqdm": "tqdm",
}
"""The distributions the game cannot do without, and their modules."""

COMPILED_PACKAGES: Final = {"librt": "librt.vecs", "mypy_extensions": "mypy_extensions"}
"""What a compiled core cannot do without."""


def needed_packages() -> dict[str, str]:
    """PACKAGES, and COMPILED_PACKAGES where the core is compiled."""
    return PACKAGES | COMPILED_PACKAGES if is_compiled() else PACKAGES


def packages() -> dict[str, Any]:
    """Why packages do not load, by distribution; empty for those that load."""
    found = {}
    for distribution, module in needed_packages().items():
        try:
            importlib.import_module(module)
        except Exception as error:  # a broken installation may raise anything
            found[distribution] = f"{type(error).__name__}: {error}"
        else:
            found[distribution] = ""
    return {"packages": found}


def display() -> dict[str, Any]:
    """Open a hidden window; returns the driver and the desktop's size."""
    import pygame

    pygame.display.init()
    desktop = pygame.display.get_desktop_sizes()[0]
    pygame.display.set_mode((320, 200), pygame.HIDDEN)
    return {"driver": pygame.display.get_driver(), "desktop": desktop}


def sound() -> dict[str, Any]:
    """Open the mixer as the game does; returns the driver, and whether there is music."""
    import pygame

    from pydoom.audio.chip import AVAILABLE
    from pydoom.audio.effects import MIXER_RATE

    pygame.mixer.init(MIXER_RATE, -16, 2)
    return {"driver": pygame.mixer.get_driver(), "music": AVAILABLE}


def controllers() -> dict[str, Any]:
    """The names of game controllers that are plugged in."""
    os.environ["SDL_VIDEODRIVER"] = "dummy"  # controllers need events, and events need a display
    import pygame

    pygame.display.init()
    pygame.joystick.init()
    return {"names": [pygame.joystick.Joystick(number).get_name() for number in range(pygame.joystick.get_count())]}


PROBES: Final[dict[str, Callable[[], dict[str, Any]]]] = {
    "packages": packages,
    "display": display,
    "sound": sound,
    "controllers": controllers,
}


def main(name: str) -> None:
    """Print the probe's result, or its error."""
    try:
        found = PROBES[name]()
    except Exception as error:  # any error is the answer
        found = {"error": str(error) or type(error).__name__}
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1])
