"""What the session is showing and what it is about to do (``gamestate_t``, ``gameaction_t``)."""

from enum import IntEnum
from typing import Final

NO_STATE: Final = -1
"""Value of `Session.wipegamestate` that makes the next picture melt in, whatever it shows."""


class GameState(IntEnum):
    """What fills the screen."""

    LEVEL = 0
    INTERMISSION = 1
    FINALE = 2
    DEMOSCREEN = 3


class GameAction(IntEnum):
    """What the next tic does before anything else."""

    NOTHING = 0
    LOADLEVEL = 1
    NEWGAME = 2
    LOADGAME = 3
    SAVEGAME = 4
    PLAYDEMO = 5
    COMPLETED = 6
    VICTORY = 7
    WORLDDONE = 8
