"""What the keys of [keys] and the mouse buttons are called on a help page, from the longest wording to the shortest.

Keys are preferred to a controller's buttons, and no more than two are named for an action.
"""

from __future__ import annotations

from typing import Final

from pydoom.config.use import Configuration

_ARROWS: Final = ["UP", "LEFT", "DOWN", "RIGHT"]
_WEAPONS: Final = 7


def moving(configuration: Configuration) -> tuple[str, ...]:
    """The keys that walk and turn, and a second set of letters that walks and steps aside: ARROWS, WASD."""
    forward, backward, left, right, step_left, step_right = (
        _names(configuration, action)
        for action in ("forward", "backward", "left", "right", "strafe_left", "strafe_right")
    )
    first = [*forward[:1], *left[:1], *backward[:1], *right[:1]]
    second = [*forward[1:2], *step_left[-1:], *backward[1:2], *step_right[-1:]]
    words = "ARROWS" if first == _ARROWS else _together(first)
    letters = [_together(second)] if len(second) == len(_ARROWS) and all(len(name) == 1 for name in second) else []
    return _forms([*([words] if words else []), *letters], f"{first[0]}, ..." if first else "")


def firing(configuration: Configuration) -> tuple[str, ...]:
    """The key and the mouse button that fire: CTRL, MOUSE."""
    button = str(configuration.values["mouse.fire"]).upper()
    mouse = {"NONE": [], "LEFT": ["MOUSE"]}.get(button, [f"{button} MOUSE"])
    return _forms([*_names(configuration, "fire")[:1], *mouse])


def using(configuration: Configuration) -> tuple[str, ...]:
    """The keys that open doors: SPACE, E."""
    return _forms(_names(configuration, "use")[:2])


def weapons(configuration: Configuration) -> tuple[str, ...]:
    """The keys that pick weapons: 1 TO 7."""
    names = [name for number in range(1, _WEAPONS + 1) for name in _names(configuration, f"weapon_{number}")[:1]]
    if names == [str(number) for number in range(1, _WEAPONS + 1)]:
        return (f"1 TO {_WEAPONS}",)
    return _forms([" ".join(names)] if names else [], f"{names[0]}, ..." if names else "")


def menu(configuration: Configuration) -> tuple[str, ...]:
    """The key that opens the menu."""
    return _forms(_names(configuration, "menu")[:1])


def _names(configuration: Configuration, action: str) -> list[str]:
    """The names of an action's keys in capitals, without the controller's buttons if there are others."""
    names = configuration.key_names(action)
    return [name for name in names if not name.startswith("PAD_")] or list(names)


def _together(names: list[str]) -> str:
    """Keys that belong together: WASD, or UP/HOME/DOWN/END."""
    return ("" if all(len(name) == 1 for name in names) else "/").join(names)


def _forms(parts: list[str], shortest: str = "") -> tuple[str, ...]:
    """All parts, then fewer from the end, then `shortest`; empty when there are no parts."""
    forms = [", ".join(parts[:count]) for count in range(len(parts), 0, -1)]
    return tuple(dict.fromkeys([*forms, *([shortest] if shortest else [])]))
