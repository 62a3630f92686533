"""DOOM in Python, where every Docker container is a monster.

Programs use `pydoom.Game`; see `pydoom.api`, whose names are available here too, and imported only on demand.
"""

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from pydoom.api import BUTTONS as BUTTONS
    from pydoom.api import Action as Action
    from pydoom.api import ActionError as ActionError
    from pydoom.api import Game as Game
    from pydoom.api import GameError as GameError

__version__ = "0.1.0"

_API: Final = ("BUTTONS", "Action", "ActionError", "Game", "GameError")


def __getattr__(name: str) -> Any:
    if name in _API:
        from pydoom import api

        return getattr(api, name)
    raise AttributeError(f"module 'pydoom' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*globals(), *_API]
