"""The settings: their names, defaults, limits, flags and explanations.

A setting has a section and a name in the configuration file, and a flag on the command line. Values are bool, int, str
or, for keys, tuples of key names.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

from pydoom.config.keynames import MOUSE_BUTTONS, key_names, key_number
from pydoom.render.choice import RENDERERS

Value: TypeAlias = bool | int | str | tuple[str, ...]

SECTIONS: Final = {
    "video": "The window.",
    "view": "The view and its messages.",
    "sound": "Volumes.",
    "game": "How to play.",
    "mouse": "Mouse.",
    "controller": "Game controllers. Their buttons are keys with names such as pad_a; the sticks move and turn.",
    "keys": "Keys, by action. A key is the character it types, or one of: " + ", ".join(key_names()) + ".",
}
"""Sections of the file, with their explanations."""
_MOST_DIGITS: Final = 9
"""Most digits of a number on the command line: Python refuses to convert thousands."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting. `check` returns a valid value, normalised, or raises ValueError with what it should be."""

    section: str
    name: str
    default: Value
    help: str
    check: Callable[[object], Value]
    choices: str
    flag: str = ""

    @property
    def key(self) -> str:
        """``section.name``."""
        return f"{self.section}.{self.name}"

    @property
    def option(self) -> str:
        """The flag on the command line."""
        return self.flag or "--" + self.key.replace(".", "-").replace("_", "-")

    @property
    def explanation(self) -> str:
        """What it does, with its choices where that helps."""
        return f"{self.help}: {self.choices}" if self.choices else self.help

    def from_text(self, text: str) -> Value:
        """The value of an argument on the command line; raises ValueError."""
        if isinstance(self.default, int) and not isinstance(self.default, bool):
            if not text.removeprefix("-").isdecimal() or len(text) > _MOST_DIGITS:
                raise ValueError(f"a number from {self.choices}")
            return self.check(int(text))
        if isinstance(self.default, tuple):
            return self.check([name for name in text.split(",") if name])
        return self.check(text)


def _flag(section: str, name: str, default: bool, help: str, flag: str = "") -> Setting:
    def check(value: object) -> Value:
        if not isinstance(value, bool):
            raise ValueError("true or false")
        return value

    return Setting(section, name, default, help, check, "", flag)


def _number(section: str, name: str, default: int, limits: tuple[int, int], help: str, flag: str = "") -> Setting:
    low, high = limits

    def check(value: object) -> Value:
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise ValueError(f"a number from {low} to {high}")
        return value

    return Setting(section, name, default, help, check, f"{low} to {high}", flag)


def _choice(section: str, name: str, choices: tuple[str, ...], help: str, flag: str = "") -> Setting:
    wanted = " or ".join(f'"{choice}"' for choice in choices)

    def check(value: object) -> Value:
        if not isinstance(value, str) or value not in choices:
            raise ValueError(wanted)
        return value

    return Setting(section, name, choices[0], help, check, wanted, flag)


def _size(section: str, name: str, limits: tuple[tuple[int, int], tuple[int, int]], help: str, flag: str) -> Setting:
    """A width and a height as in 640x400, from the lower to the upper limit; the default is the lower one."""
    (least_width, least_height), (most_width, most_height) = limits
    choices = f"{least_width}x{least_height} to {most_width}x{most_height}"

    def check(value: object) -> Value:
        match = re.fullmatch(r"(\d{1,5})x(\d{1,5})", value, re.ASCII) if isinstance(value, str) else None
        if match is None:
            raise ValueError(f"a size from {choices}")
        width, height = int(match[1]), int(match[2])
        if not (least_width <= width <= most_width and least_height <= height <= most_height):
            raise ValueError(f"a size from {choices}")
        return f"{width}x{height}"

    return Setting(section, name, f"{least_width}x{least_height}", help, check, choices, flag)


def _text(section: str, name: str, help: str, flag: str = "") -> Setting:
    def check(value: object) -> Value:
        if not isinstance(value, str) or "\0" in value:
            raise ValueError("a text")
        return value

    return Setting(section, name, "", help, check, "", flag)


def _button(name: str, default: str, help: str) -> Setting:
    return _choice("mouse", name, (default, *(button for button in MOUSE_BUTTONS if button != default)), help)


def _keys(name: str, default: str, help: str) -> Setting:
    def check(value: object) -> Value:
        names = [value] if isinstance(value, str) else value
        if not isinstance(names, list) or not all(isinstance(each, str) for each in names):
            raise ValueError('a list of keys such as ["up", "w"]')
        unknown = next((each for each in names if key_number(each) is None), None)
        if unknown is not None:
            raise ValueError(f'a list of keys such as ["up", "w"]; {unknown!r} is no key')
        return tuple(each.lower() for each in names)

    return Setting("keys", name, tuple(default.split()), help, check, "", f"--key-{name.replace('_', '-')}")


SETTINGS: Final = (
    _flag("video", "fullscreen", False, "cover the screen; ALT+ENTER changes it", "--fullscreen"),
    _size("video", "resolution", ((320, 200), (1920, 1200)), "size of the frame in pixels", "--resolution"),
    _choice("video", "renderer", RENDERERS, "what draws the view; auto takes the fastest available", "--renderer"),
    _number("video", "scale", 0, (0, 16), "window size, a multiple of the frame; 0 is as large as fits", "--scale"),
    _choice("video", "aspect", ("4:3", "square"), "shape of the frame, 4:3 as on old screens", "--aspect"),
    _number("video", "gamma", 0, (0, 4), "brightness", "--gamma"),
    _text("video", "screenshots", "folder for screenshots; empty is the user's pictures folder", "--screenshots"),
    _number("view", "screenblocks", 10, (3, 11), "size of the view; 11 hides the status bar", "--screenblocks"),
    _choice("view", "detail", ("high", "low"), "detail of the view", "--detail"),
    _flag("view", "messages", True, "show messages", "--messages"),
    _flag("view", "hints", True, "show where containers are: a hint now and then, and an arrow", "--hints"),
    _flag("view", "inspect", True, "show details of the container aimed at", "--inspect"),
    _number("sound", "effects", 8, (0, 15), "volume of sound effects", "--sfx-volume"),
    _number("sound", "music", 8, (0, 15), "volume of music", "--music-volume"),
    _choice("game", "map", ("wad", "fleet"), "levels of a game with a bridge: the WAD's, or the data centre", "--map"),
    _number("game", "map_seed", 1, (0, 65535), "how the data centre's rooms look", "--map-seed"),
    _flag("game", "always_run", False, "run, and walk with the run key", "--always-run"),
    _flag("mouse", "grab", True, "hold the mouse in the window while playing", "--grab"),
    _number("mouse", "sensitivity", 5, (0, 9), "speed of turning with the mouse", "--mouse-sensitivity"),
    _flag("mouse", "walk", True, "walk by moving the mouse forwards", "--mouse-walk"),
    _button("fire", "left", "mouse button that fires"),
    _button("strafe", "right", "mouse button that lets the mouse move sideways; twice: use"),
    _button("forward", "middle", "mouse button that walks; twice: use"),
    _button("use", "none", "mouse button that opens doors"),
    _flag("controller", "enabled", True, "use game controllers", "--controller"),
    _number("controller", "deadzone", 33, (5, 95), "how far a stick must be pushed, percent", "--controller-deadzone"),
    _keys("forward", "up w pad_up", "walk"),
    _keys("backward", "down s pad_down", "walk backwards"),
    _keys("left", "left pad_left", "turn left"),
    _keys("right", "right pad_right", "turn right"),
    _keys("strafe_left", "comma a", "step left"),
    _keys("strafe_right", ". d", "step right"),
    _keys("strafe", "alt", "with left and right: step instead of turning"),
    _keys("speed", "shift pad_lefttrigger", "run"),
    _keys("fire", "ctrl pad_righttrigger", "fire"),
    _keys("use", "space e pad_a", "open doors, press switches"),
    _keys("weapon_1", "1", "fist or chainsaw"),
    _keys("weapon_2", "2", "pistol"),
    _keys("weapon_3", "3", "shotgun or super shotgun"),
    _keys("weapon_4", "4", "chaingun"),
    _keys("weapon_5", "5", "rocket launcher"),
    _keys("weapon_6", "6", "plasma rifle"),
    _keys("weapon_7", "7", "BFG 9000"),
    _keys("weapon_8", "8", "chainsaw"),
    _keys("next_weapon", "] wheeldown pad_rightshoulder", "next weapon"),
    _keys("previous_weapon", "[ wheelup pad_leftshoulder", "previous weapon"),
    _keys("pause", "pause", "pause"),
    _keys("menu", "escape pad_start", "open and close the menu"),
    _keys("map", "tab pad_back", "automap"),
    _keys("hints", "n", "containers: hints and arrow on or off"),
    _keys("inspect", "x", "containers: details of the one aimed at on or off"),
    _keys("map_zoom_in", "=", "automap: zoom in"),
    _keys("map_zoom_out", "-", "automap: zoom out"),
    _keys("map_whole", "0", "automap: show all"),
    _keys("map_follow", "f", "automap: follow the player or not"),
    _keys("map_grid", "g", "automap: grid"),
    _keys("map_mark", "m", "automap: set a mark"),
    _keys("map_clear", "c", "automap: remove all marks"),
    _keys("screenshot", "printscreen f12", "save a screenshot"),
    _keys("fullscreen", "", "full screen or window, besides ALT+ENTER"),
)  # fmt: skip


def default_values() -> dict[str, Value]:
    """Every setting's default, by ``section.name``."""
    return {setting.key: setting.default for setting in SETTINGS}
