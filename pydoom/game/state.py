"""What a session is showing (``gamestate_t``): readable by everybody, changed only by the session."""

from __future__ import annotations

from enum import IntEnum
from typing import Final

from pydoom.game.demotape import DemoTape
from pydoom.game.results import LevelStats
from pydoom.game.rules import Rules

NO_STATE: Final = -1
"""As the state of the previous frame: the next frame melts in, whatever it shows."""


class GameState(IntEnum):
    """What fills the screen."""

    LEVEL = 0
    INTERMISSION = 1
    FINALE = 2
    DEMOSCREEN = 3


class SessionState:
    """The state of a session. Attributes carry the original's names."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._demo = DemoTape()
        self._gametic = 0
        self._gamestate = GameState.DEMOSCREEN
        self._wipegamestate: int = GameState.DEMOSCREEN
        self._usergame = False
        self._viewactive = False
        self._sky_texture = 0
        self._singledemo = False
        self._over = False
        self._quit_requested = False
        self._levels_loaded = 0
        self._level_log: tuple[LevelStats, ...] = ()

    @property
    def rules(self) -> Rules:
        """The rules of the current game."""
        return self._rules

    @property
    def gametic(self) -> int:
        """Tics since the program started, melts and pauses not counted."""
        return self._gametic

    @property
    def gamestate(self) -> GameState:
        """What fills the screen."""
        return self._gamestate

    @property
    def wipegamestate(self) -> int:
        """What the previous frame showed, or NO_STATE."""
        return self._wipegamestate

    @property
    def usergame(self) -> bool:
        """Whether somebody plays: a game that can be saved or ended."""
        return self._usergame

    @property
    def viewactive(self) -> bool:
        """Whether the 3-D view is on the screen, not the automap."""
        return self._viewactive

    @property
    def sky_texture(self) -> int:
        """Number of the sky's texture. In DOOM II it never changes during a game."""
        return self._sky_texture

    @property
    def singledemo(self) -> bool:
        """Whether the program ends with the demo."""
        return self._singledemo

    @property
    def demoplayback(self) -> bool:
        """Whether a demo plays."""
        return self._demo.playing

    @property
    def demorecording(self) -> bool:
        """Whether a demo is recorded."""
        return self._demo.recording

    @property
    def over(self) -> bool:
        """Whether the single demo or the recording has ended."""
        return self._over

    @property
    def quit_requested(self) -> bool:
        """Whether the player wants to end the program."""
        return self._quit_requested

    @property
    def levels_loaded(self) -> int:
        """Count of loaded levels: each load releases all keys (``G_DoLoadLevel``)."""
        return self._levels_loaded

    @property
    def level_log(self) -> tuple[LevelStats, ...]:
        """The results of every level finished, for ``--statdump``."""
        return self._level_log
