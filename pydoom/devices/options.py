"""How windows and controllers are to be used; apart from them, so that reading options needs no pygame."""

from dataclasses import dataclass, field
from typing import Final

TERMINAL_MODES: Final = ("auto", "blocks", "kitty", "sixel")
"""How a terminal can show pictures: as well as it can, as half blocks, or as pixels."""


@dataclass(frozen=True, slots=True)
class ControllerOptions:
    """How to use game controllers. A stick counts beyond `deadzone` percent of its way."""

    enabled: bool = True
    deadzone: int = 33


@dataclass(frozen=True, slots=True)
class WindowOptions:
    """How to open the window. `scale` multiplies the picture; 0 is as large as fits the screen, whole if it can be."""

    scale: int = 0
    fullscreen: bool = False
    aspect: bool = True
    """Stretch the picture to the 4:3 shape it was drawn for."""
    position: tuple[int, int] | None = None
    borderless: bool = False
    cover_screen: bool = False
    """Borderless over the whole screen at 0,0, for X servers without a window manager."""
    grab_mouse: bool = True
    for_people: bool = False
    """Refuse what SDL makes up on a machine without a display: a window that nobody can see."""
    title: str = "pydoom"
    controllers: ControllerOptions = field(default_factory=ControllerOptions)
