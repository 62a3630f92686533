"""What the game needs from its output: a window, a terminal, a recording, or nothing at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pydoom.game.events import Event


class GameWindow(Protocol):
    """A window or a substitute for one."""

    closed: bool
    fullscreen: bool

    def present(self, frame: NDArray[np.uint8], colours: NDArray[np.uint8]) -> None:
        """Show palette indexes uint8[H,W] in colours uint8[256,3]."""

    def poll(self) -> list[Event]:
        """The events since the last call."""

    def grab_mouse(self, wanted: bool) -> None:
        """Grab or release the pointer."""

    def toggle_fullscreen(self) -> None:
        """Toggle between window and full screen."""

    def close(self) -> None:
        """Close the window."""
