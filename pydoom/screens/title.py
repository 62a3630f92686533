"""The pages of the title loop (``D_PageDrawer``) and the pause sign."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydoom.screens.border import ViewWindow
from pydoom.screens.video import Frame, PictureSource, draw_patch

if TYPE_CHECKING:
    from pydoom.game.control import GameControl

_PAUSE_WIDTH: Final = 68
_TITLE: Final = "TITLEPIC"
_INSTEAD_OF_TITLE: Final = ("INTERPIC", "DMENUPIC")
"""The BFG Edition's DOOM II has no title."""


class TitlePage:
    """Shows the current page of the loop: title, credits or order form."""

    def __init__(self, pictures: PictureSource) -> None:
        self._pictures = pictures

    def draw(self, frame: Frame, game: GameControl) -> None:
        """Cover the screen with the page."""
        page = game.page_name
        if page == _TITLE and not self._pictures.has_lump(page):
            page = next(filter(self._pictures.has_lump, _INSTEAD_OF_TITLE), page)
        draw_patch(frame, 0, 0, self._pictures.patch(page))


def draw_pause(frame: Frame, pictures: PictureSource, window: ViewWindow, automap: bool) -> None:
    """Write PAUSE over the view, or at the top of the automap."""
    y = 4 if automap else window.y + 4
    draw_patch(frame, window.x + (window.width - _PAUSE_WIDTH) // 2, y, pictures.patch("M_PAUSE"))
