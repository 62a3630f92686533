"""What the player can change in the options menu, shared by menu, HUD, display, input and sound (``m_menu.c``)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

MIN_SCREENBLOCKS: Final = 3
MAX_SCREENBLOCKS: Final = 11


@dataclass(slots=True)
class Settings:
    """The options, with the original's defaults."""

    show_messages: bool = True
    show_hints: bool = True
    """Whether to show hints and the arrow to containers; no effect without a bridge."""
    show_inspection: bool = True
    """Whether to show what is known about the container aimed at; no effect without a bridge."""
    screenblocks: int = 10
    """View size: 3 to 9 bordered, 10 full width above the status bar, 11 without status bar."""
    low_detail: bool = False
    view_set: int = 0
    """How often the view's size or detail has been set in this run, even to the same value."""
    mouse_sensitivity: int = 5
    """0 to 9."""
    sfx_volume: int = 8
    """0 to 15."""
    music_volume: int = 8
    """0 to 15."""
    gamma: int = 0
    """0 to 4."""
