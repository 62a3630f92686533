"""DOOM for programs: `pydoom.Game` and its companions. `pydoom` itself exports these names too."""

from pydoom.api.actions import BUTTONS, Action, ActionError
from pydoom.api.errors import GameError
from pydoom.api.game import Game, SavedGame
from pydoom.api.views import PlayerView, SectorView, Things, ThingView, WorldView

__all__ = [
    "BUTTONS",
    "Action",
    "ActionError",
    "Game",
    "GameError",
    "PlayerView",
    "SavedGame",
    "SectorView",
    "ThingView",
    "Things",
    "WorldView",
]
