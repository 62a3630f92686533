"""DOOM as a Gymnasium environment: ``gymnasium.make("pydoom.gym:pydoom/Doom-v0", map="E1M3")``.

Needs the extra: ``pip install 'pydoom-containers[gym]'``. Gymnasium imports the module before the colon, and importing
this one registers the environment; after ``import pydoom.gym`` the name alone is enough.
"""

from __future__ import annotations

from typing import Final

try:
    from gymnasium.envs import registration
except ImportError as error:
    raise ImportError("pydoom.gym needs Gymnasium: pip install 'pydoom-containers[gym]'", name="gymnasium") from error

ENV_ID: Final = "pydoom/Doom-v0"


def register() -> None:
    """Register the environment with Gymnasium; again does nothing. Imports neither the engine nor the environment."""
    if ENV_ID not in registration.registry:
        registration.register(ENV_ID, entry_point="pydoom.gym.env:DoomEnv")


register()
