"""The window for machines without a display: shows nothing, has no events."""

import numpy as np
from numpy.typing import NDArray

from pydoom.devices.gamewindow import GameWindow
from pydoom.game.events import Event


class NullWindow(GameWindow):
    """Accepts frames and drops them."""

    closed = False
    fullscreen = False

    def present(self, frame: NDArray[np.uint8], colours: NDArray[np.uint8]) -> None:
        """Ignore."""

    def poll(self) -> list[Event]:
        """Always empty."""
        return []

    def grab_mouse(self, wanted: bool) -> None:
        """Ignore."""

    def toggle_fullscreen(self) -> None:
        """Ignore."""

    def close(self) -> None:
        """Ignore."""
