"""Drawing what is behind the lines of the menus (the ``M_Draw`` functions of ``m_menu.c``)."""

from __future__ import annotations

from typing import Final

from pydoom.screens.menu_model import LINE_HEIGHT, Draw, MenuControl, MenuPage
from pydoom.screens.settings import MIN_SCREENBLOCKS
from pydoom.screens.video import Frame

WHERE: Final = ("THE DATA CENTRE", "THE GAME'S OWN LEVELS")
"""Where a new game can be played."""


def draw_main(menu: MenuControl, frame: Frame, _page: MenuPage) -> None:
    """``M_DrawMainMenu``."""
    menu.picture(frame, 94, 2, "M_DOOM")


def draw_skill(menu: MenuControl, frame: Frame, _page: MenuPage) -> None:
    """``M_DrawNewGame``."""
    menu.picture(frame, 96, 14, "M_NEWG")
    menu.picture(frame, 54, 38, "M_SKILL")


def draw_where(menu: MenuControl, frame: Frame, page: MenuPage) -> None:
    """Where to play: in the data centre or in the game's own levels. Only with a bridge; not in the original."""
    menu.picture(frame, 96, 14, "M_NEWG")
    for row, title in enumerate(WHERE):
        _draw_box(menu, frame, page.x, page.y + LINE_HEIGHT * 2 * row, title)


def draw_episode(menu: MenuControl, frame: Frame, _page: MenuPage) -> None:
    """``M_DrawEpisode``."""
    menu.picture(frame, 54, 38, "M_EPISOD")


def draw_options(menu: MenuControl, frame: Frame, page: MenuPage) -> None:
    """``M_DrawOptions``."""
    settings = menu.settings
    menu.picture(frame, 108, 15, "M_OPTTTL")
    menu.picture(frame, page.x + 175, page.y + LINE_HEIGHT * 2, "M_GDLOW" if settings.low_detail else "M_GDHIGH")
    menu.picture(frame, page.x + 120, page.y + LINE_HEIGHT, "M_MSGON" if settings.show_messages else "M_MSGOFF")
    _draw_slider(menu, frame, page.x, page.y + LINE_HEIGHT * 6, 10, settings.mouse_sensitivity)
    _draw_slider(menu, frame, page.x, page.y + LINE_HEIGHT * 4, 9, settings.screenblocks - MIN_SCREENBLOCKS)


def draw_sound(menu: MenuControl, frame: Frame, page: MenuPage) -> None:
    """``M_DrawSound``."""
    menu.picture(frame, 60, 38, "M_SVOL")
    _draw_slider(menu, frame, page.x, page.y + LINE_HEIGHT, 16, menu.settings.sfx_volume)
    _draw_slider(menu, frame, page.x, page.y + LINE_HEIGHT * 3, 16, menu.settings.music_volume)


def draw_load(menu: MenuControl, frame: Frame, page: MenuPage) -> None:
    """``M_DrawLoad``."""
    menu.picture(frame, 72, 28, "M_LOADG")
    _draw_slots(menu, frame, page)


def draw_save(menu: MenuControl, frame: Frame, page: MenuPage) -> None:
    """``M_DrawSave``."""
    menu.picture(frame, 72, 28, "M_SAVEG")
    _draw_slots(menu, frame, page)
    slot = menu.typing_slot
    if slot is not None:
        menu.write(frame, page.x + menu.width(menu.save_names[slot]), page.y + LINE_HEIGHT * slot, "_")


def help_drawer(name: str) -> Draw:
    """A function that covers the screen with the help page of this name (``M_DrawReadThis1``, ``M_DrawReadThis2``)."""

    def draw(menu: MenuControl, frame: Frame, _page: MenuPage) -> None:
        menu.help_shown = True
        menu.picture(frame, 0, 0, name)

    return draw


def _draw_slider(menu: MenuControl, frame: Frame, x: int, y: int, width: int, value: int) -> None:
    """``M_DrawThermo``."""
    menu.picture(frame, x, y, "M_THERML")
    for step in range(width):
        menu.picture(frame, x + 8 + step * 8, y, "M_THERMM")
    menu.picture(frame, x + 8 + width * 8, y, "M_THERMR")
    menu.picture(frame, x + 8 + value * 8, y, "M_THERMO")


def _draw_slots(menu: MenuControl, frame: Frame, page: MenuPage) -> None:
    """The names of the saved games in their boxes (``M_DrawSaveLoadBorder``)."""
    for slot, name in enumerate(menu.save_names):
        _draw_box(menu, frame, page.x, page.y + LINE_HEIGHT * slot, name)


def _draw_box(menu: MenuControl, frame: Frame, x: int, y: int, text: str) -> None:
    menu.picture(frame, x - 8, y + 7, "M_LSLEFT")
    for step in range(24):
        menu.picture(frame, x + step * 8, y + 7, "M_LSCNTR")
    menu.picture(frame, x + 24 * 8, y + 7, "M_LSRGHT")
    menu.write(frame, x, y, text)
