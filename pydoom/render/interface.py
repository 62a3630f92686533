"""What the game asks of a renderer, whichever it is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pydoom.sim.mobj import Mobj
    from pydoom.sim.player import Player
    from pydoom.sim.world import World


class ViewRenderer(ABC):
    """Draws views of a world into `frame`, uint8[height, width] of palette indexes.

    Only the view window is written. The frame keeps its contents: parts that a broken map leaves undrawn show the last
    frame, as in the original. `frame` may be replaced by any C-contiguous array of the same shape.
    """

    frame: NDArray[np.uint8]
    look_of: Callable[[Mobj], int] | None
    """How a thing is drawn: NORMAL, TINT, STONE or SHADOW (`pydoom.render.colours`); always NORMAL in the original."""
    fuzz_position: int
    """Place in the table of shadows, 0 to 49, carried from frame to frame (``fuzzpos``)."""

    @abstractmethod
    def set_view_size(self, screenblocks: int, detail: int = 0) -> None:
        """Change the view window: 3 to 11 screen blocks, detail 0 high or 1 low (``R_SetViewSize``)."""

    @abstractmethod
    def draw(self, world: World, player: Player, sky_texture: int | None = None) -> None:
        """Draw what `player` sees, and mark the linedefs seen for the automap.

        `sky_texture` is the sky's wall texture number; without it the sky follows from the level's number.
        """

    @abstractmethod
    def forget_graphics(self) -> None:
        """Load everything anew: textures have changed."""

    @abstractmethod
    def load_ahead(self, world: World) -> bool:
        """Load one of the graphics that the level will show; returns whether there may be more to load.

        Nothing depends on it but time: `draw` loads what is missing. Raises WadError for a damaged graphic.
        """

    @abstractmethod
    def seen_things(self) -> list[Mobj]:
        """The things that the last frame shows enough of, nearest first."""
