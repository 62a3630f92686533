"""DOOM for programs: `pydoom.Game` and its companions. `pydoom` itself exports these names too."""

from pydoom.api.actions import BUTTONS, Action, ActionError
from pydoom.api.game import Game, GameError, SavedGame
from pydoom.api.views import PlayerView, SectorView, ThingView, WorldView

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
    "WorldView",
]
