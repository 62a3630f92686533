"""All screens of one game."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydoom.game import edition
from pydoom.game.displays import Displays
from pydoom.screens.automap import Automap
from pydoom.screens.finale import Finale
from pydoom.screens.font import Font
from pydoom.screens.hud import HeadsUp
from pydoom.screens.intermission import Intermission
from pydoom.screens.menu import Menu
from pydoom.screens.settings import Settings
from pydoom.screens.statusbar import StatusBar

if TYPE_CHECKING:
    from pydoom.data.info import GameInfo
    from pydoom.sim.rules import GameVersion
    from pydoom.wad import Assets


@dataclass(frozen=True, slots=True)
class Screens(Displays):
    """The screens themselves; a session knows only their protocols in `game.displays`."""

    statusbar: StatusBar
    hud: HeadsUp
    automap: Automap
    intermission: Intermission
    finale: Finale
    menu: Menu


def make_screens(assets: Assets, info: GameInfo, settings: Settings, version: GameVersion | None = None) -> Screens:
    """The screens of a game: graphics from its WAD, texts from its tables; `version` as for `Session`."""
    version = version if version is not None else edition.version_of(assets)
    font = Font(assets)
    statusbar = StatusBar(assets)
    hud = HeadsUp(font, settings, edition.mission_of(assets, version))
    return Screens(
        statusbar=statusbar,
        hud=hud,
        automap=Automap(assets, statusbar),
        intermission=Intermission(assets),
        finale=Finale(assets, font),
        menu=Menu(info, edition.mode_of(assets, version), version, assets, font, settings, hud),
    )
