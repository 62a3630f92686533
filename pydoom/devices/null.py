"""The window's twin for machines without a display: shows nothing, hears of nothing."""

import numpy as np
from numpy.typing import NDArray

from pydoom.game.events import Event


class NullWindow:
    """Accepts pictures and forgets them."""

    closed = False
    fullscreen = False

    def present(self, picture: NDArray[np.uint8], colours: NDArray[np.uint8]) -> None:
        """Ignore."""

    def poll(self) -> list[Event]:
        """Nothing ever happens."""
        return []

    def grab_mouse(self, wanted: bool) -> None:
        """Ignore."""

    def toggle_fullscreen(self) -> None:
        """Ignore."""

    def close(self) -> None:
        """Ignore."""
