"""The objects made from settings: options of the menu, the window and the controls."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import platformdirs

from pydoom.config.keynames import MOUSE_BUTTONS, key_number
from pydoom.config.table import Value, default_values
from pydoom.devices.options import ControllerOptions, WindowOptions
from pydoom.game import events as ev
from pydoom.game.keymap import KeyMap
from pydoom.game.ticcmd import Bindings, Controls
from pydoom.screens.settings import Settings

_CONTROLS: Final = (
    "forward",
    "backward",
    "left",
    "right",
    "strafe_left",
    "strafe_right",
    "fire",
    "use",
    "strafe",
    "speed",
    "pause",
    "next_weapon",
    "previous_weapon",
)
"""Settings in [keys] that are fields of `Bindings` with the same names."""
_WEAPON_KEYS: Final = 8
_FIXED_KEYS: Final = {"menu": ev.KEY_ESCAPE, "map": ev.KEY_TAB}
_MAP_KEYS: Final = {
    "map_zoom_in": ev.KEY_EQUALS,
    "map_zoom_out": ev.KEY_MINUS,
    "map_whole": ord("0"),
    "map_follow": ord("f"),
    "map_grid": ord("g"),
    "map_mark": ord("m"),
    "map_clear": ord("c"),
}


class Configuration:
    """All settings of one run, by ``section.name``: defaults, overridden by each of `layers` in turn."""

    def __init__(self, *layers: Mapping[str, Value]) -> None:
        self.values = default_values()
        for layer in layers:
            self.values |= layer

    def _flag(self, key: str) -> bool:
        return self.values[key] is True

    def _number(self, key: str) -> int:
        value = self.values[key]
        return value if isinstance(value, int) else 0

    def _keys(self, action: str) -> frozenset[int]:
        names = self.values[f"keys.{action}"]
        numbers = (key_number(name) for name in names) if isinstance(names, tuple) else ()
        return frozenset(number for number in numbers if number is not None)

    def _button(self, action: str) -> int:
        return MOUSE_BUTTONS[str(self.values[f"mouse.{action}"])]

    def settings(self) -> Settings:
        """The options of the menu."""
        return Settings(
            show_messages=self._flag("view.messages"),
            show_hints=self._flag("view.hints"),
            show_inspection=self._flag("view.inspect"),
            screenblocks=self._number("view.screenblocks"),
            low_detail=self.values["view.detail"] == "low",
            mouse_sensitivity=self._number("mouse.sensitivity"),
            sfx_volume=self._number("sound.effects"),
            music_volume=self._number("sound.music"),
            gamma=self._number("video.gamma"),
        )

    def changes(self, settings: Settings, fullscreen: bool | None) -> dict[str, Value]:
        """The settings changed while playing; `fullscreen` is None if there was no window."""
        now: dict[str, Value] = {
            "view.messages": settings.show_messages,
            "view.hints": settings.show_hints,
            "view.inspect": settings.show_inspection,
            "view.screenblocks": settings.screenblocks,
            "view.detail": "low" if settings.low_detail else "high",
            "mouse.sensitivity": settings.mouse_sensitivity,
            "sound.effects": settings.sfx_volume,
            "sound.music": settings.music_volume,
            "video.gamma": settings.gamma,
        }
        if fullscreen is not None:
            now["video.fullscreen"] = fullscreen
        return {key: value for key, value in now.items() if value != self.values[key]}

    def bindings(self) -> Bindings:
        """What keys and mouse buttons do in a level."""
        return Bindings(
            **{action: self._keys(action) for action in _CONTROLS},
            weapons=tuple(self._keys(f"weapon_{number}") for number in range(1, _WEAPON_KEYS + 1)),
            mouse_fire=self._button("fire"),
            mouse_strafe=self._button("strafe"),
            mouse_forward=self._button("forward"),
            mouse_use=self._button("use"),
            mouse_forward_moves=self._flag("mouse.walk"),
        )

    def controls(self) -> Controls:
        """The translation of keys and mouse into commands."""
        controls = Controls(self.bindings())
        controls.always_run = self._flag("game.always_run")
        return controls

    def key_map(self) -> KeyMap:
        """The translation of remapped keys for the menu and the automap, which know one fixed key for each action."""
        bound = {key for name in self.values if name.startswith("keys.") for key in self._keys(name[len("keys.") :])}
        always = {key: original for key, original in ev.KEYPAD.items() if key not in bound}
        always |= {key: fixed for action, fixed in _FIXED_KEYS.items() for key in self._keys(action)}
        in_map = {key: fixed for action, fixed in _MAP_KEYS.items() for key in self._keys(action)}
        if ev.KEY_TAB not in always:
            always[ev.KEY_TAB] = 0
        freed = set(_MAP_KEYS.values()) - set(in_map)
        return KeyMap(always, in_map | dict.fromkeys(freed, 0))

    def screenshot_keys(self) -> frozenset[int]:
        """Keys that save a screenshot."""
        return self._keys("screenshot")

    def hint_keys(self) -> frozenset[int]:
        """Keys that turn the containers' hints on and off."""
        return self._keys("hints")

    def inspect_keys(self) -> frozenset[int]:
        """Keys that turn the details of the container aimed at on and off."""
        return self._keys("inspect")

    def key_name(self, action: str) -> str:
        """The name of the first key of an action in [keys], in capitals; empty when it has none."""
        return next(iter(self.key_names(action)), "")

    def key_names(self, action: str) -> tuple[str, ...]:
        """The names of all keys of an action in [keys], in capitals."""
        names = self.values[f"keys.{action}"]
        return tuple(name.upper() for name in names) if isinstance(names, tuple) else ()

    def fullscreen_keys(self) -> frozenset[int]:
        """Keys that change between window and full screen."""
        return self._keys("fullscreen")

    def screenshot_folder(self) -> Path:
        """Where screenshots go."""
        folder = self.values["video.screenshots"]
        return Path(str(folder)).expanduser() if folder else platformdirs.user_pictures_path() / "pydoom"

    @property
    def resolution(self) -> tuple[int, int]:
        """Width and height of the frame in pixels."""
        width, height = str(self.values["video.resolution"]).split("x")
        return int(width), int(height)

    @property
    def in_fleet(self) -> bool:
        """Whether a game with a bridge starts in levels built from the fleet."""
        return self.values["game.map"] == "fleet"

    @property
    def map_seed(self) -> int:
        """The seed of those levels."""
        return self._number("game.map_seed")

    @property
    def renderer(self) -> str:
        """Which of `render.choice.RENDERERS` draws the view."""
        return str(self.values["video.renderer"])

    def window(
        self, *, position: tuple[int, int] | None = None, borderless: bool = False, cover_screen: bool = False
    ) -> WindowOptions:
        """Options for opening the window; the arguments are those that are not settings."""
        return WindowOptions(
            scale=self._number("video.scale"),
            fullscreen=self._flag("video.fullscreen"),
            aspect=self.values["video.aspect"] == "4:3",
            position=position,
            borderless=borderless,
            cover_screen=cover_screen,
            grab_mouse=self._flag("mouse.grab") and not cover_screen,
            for_people=True,
            controllers=ControllerOptions(self._flag("controller.enabled"), self._number("controller.deadzone")),
        )
