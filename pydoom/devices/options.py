"""How a window is to be opened; apart from the window, so that reading options needs no pygame."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WindowOptions:
    """How to open the window. `scale` multiplies the picture; 0 is as large as fits the screen."""

    scale: int = 0
    fullscreen: bool = False
    aspect: bool = True
    """Stretch the picture to the 4:3 shape it was drawn for."""
    position: tuple[int, int] | None = None
    borderless: bool = False
    cover_screen: bool = False
    """Borderless over the whole screen at 0,0, for X servers without a window manager."""
    grab_mouse: bool = True
    title: str = "pydoom"
