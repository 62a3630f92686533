"""Options of windows and controllers; in a module of their own, so that parsing options needs no pygame."""

from dataclasses import dataclass, field
from typing import Final

TERMINAL_MODES: Final = ("auto", "blocks", "kitty", "sixel")
"""How a terminal shows frames: the best it can, as half blocks, or as pixels."""


@dataclass(frozen=True, slots=True)
class ControllerOptions:
    """How to use game controllers. A stick counts beyond `deadzone` percent of its range."""

    enabled: bool = True
    deadzone: int = 33


@dataclass(frozen=True, slots=True)
class WindowOptions:
    """How to open the window. `scale` multiplies the frame; 0 fits the screen, by a whole factor if possible."""

    scale: int = 0
    fullscreen: bool = False
    aspect: bool = True
    """Stretch the frame to the 4:3 shape it was drawn for."""
    position: tuple[int, int] | None = None
    borderless: bool = False
    cover_screen: bool = False
    """Borderless over the whole screen at 0,0, for X servers without a window manager."""
    grab_mouse: bool = True
    for_people: bool = False
    """Refuse SDL's fallback on a machine without a display: a window that nobody can see."""
    title: str = "pydoom"
    controllers: ControllerOptions = field(default_factory=ControllerOptions)
