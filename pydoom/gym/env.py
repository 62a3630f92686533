"""The environment. One episode is one level: it ends with the player's death or at the exit, or is truncated."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

try:
    import gymnasium
    from gymnasium import spaces
except ImportError as error:
    raise ImportError("pydoom.gym needs Gymnasium: pip install 'pydoom-containers[gym]'", name="gymnasium") from error

from pydoom.api.actions import BUTTONS, Action
from pydoom.api.game import SEEDS, Game
from pydoom.api.views import AMMO, WEAPONS, PlayerView
from pydoom.gym.rewards import Rewards
from pydoom.sim.constants import TICRATE

DISCRETE: Final = (
    "",
    "forward",
    "backward",
    "turn_left",
    "turn_right",
    "strafe_left",
    "strafe_right",
    "attack",
    "use",
    "forward run",
    "forward turn_left",
    "forward turn_right",
    "forward attack",
)
"""The default actions: the buttons that each number holds."""
MULTI_BINARY: Final = BUTTONS[:9]
"""The buttons of ``actions="multibinary"``: all but the number keys."""
VARIABLES: Final = ("health", "armor", "weapon", *AMMO, "kills", "items", "secrets", "angle", "x", "y")
"""The contents of an observation's `variables`: `weapon` is an index in `WEAPONS`; angles in degrees, map units."""
DEFAULT_MAX_TICS: Final = TICRATE * 60 * 3
_MAP_EDGE: Final = 32768
"""An upper bound on coordinates in map units, and on everything else."""

Observation = dict[str, NDArray[Any]]


class DoomEnv(gymnasium.Env[Any, Any]):
    """DOOM for learners; every argument can be given to ``gymnasium.make``.

    - `wad`, `map`, `skill`, `monsters`, `screenblocks`: as for `pydoom.Game`
    - `actions`: "discrete" (numbers into `DISCRETE`), "multibinary" (of `MULTI_BINARY`), or a sequence of your own of
      button names as in "forward attack", which makes a `Discrete` space
    - `rewards`: the weights; see `Rewards` for the defaults
    - `frame_skip`: tics a step, 35 of which are a second
    - `max_tics`: after so many tics an episode is truncated; 0 never
    - `colours`: the screen is uint8[200,320,3], or with False palette indexes uint8[200,320]
    - `variables`: observe {"screen", "variables"}, or with False the screen alone; see `VARIABLES`

    Each reset draws a seed of the game from the environment's generator. Its `options` may give another "map" or
    "skill", which are kept.

    In "human" mode closing the window truncates the episode, and `info["closed"]` says so; after that a step raises
    GameError.
    """

    metadata: dict[str, Any] = {"render_modes": ["rgb_array", "human"], "render_fps": TICRATE}  # noqa: RUF012  # as Gymnasium declares it

    def __init__(
        self,
        wad: str | PathLike[str] | None = None,
        map: str | None = None,
        skill: int = 3,
        *,
        actions: str | Sequence[str] = "discrete",
        rewards: Rewards | None = None,
        frame_skip: int = 4,
        max_tics: int = DEFAULT_MAX_TICS,
        colours: bool = True,
        variables: bool = True,
        monsters: bool = True,
        screenblocks: int = 10,
        render_mode: str | None = None,
    ) -> None:
        if frame_skip < 1:
            raise ValueError(f"frame_skip must be at least 1, not {frame_skip}")
        if render_mode not in (None, *self.metadata["render_modes"]):
            raise ValueError(f"render_mode must be rgb_array or human, not {render_mode!r}")
        self.render_mode = render_mode
        self.metadata = {**type(self).metadata, "render_fps": TICRATE / frame_skip}
        self.game = Game(wad, map, skill, headless=render_mode != "human", monsters=monsters, screenblocks=screenblocks)
        self._rewards = rewards if rewards is not None else Rewards()
        self._frame_skip = frame_skip
        self._max_tics = max_tics
        self._colours = colours
        self._variables = variables
        self._multi_binary = actions == "multibinary"
        names = DISCRETE if isinstance(actions, str) else tuple(actions)
        if isinstance(actions, str) and actions not in ("discrete", "multibinary"):
            raise ValueError(
                f'actions must be "discrete", "multibinary" or a sequence of button names, not {actions!r}'
            )
        self._actions = [Action.of(name.split()) for name in names]
        self.action_space = (
            spaces.MultiBinary(len(MULTI_BINARY)) if self._multi_binary else spaces.Discrete(len(self._actions))
        )
        screen = spaces.Box(0, 255, (200, 320, 3) if colours else (200, 320), np.uint8)
        self.observation_space = (
            spaces.Dict(
                {"screen": screen, "variables": spaces.Box(-_MAP_EDGE, _MAP_EDGE, (len(VARIABLES),), np.float32)}
            )
            if variables
            else screen
        )
        self._level = self.game.map
        self._tics = 0
        self._player = self.game.world.player

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        """Begin an episode."""
        super().reset(seed=seed)
        options = options or {}
        start = int(self.np_random.integers(SEEDS))
        self.game.reset(seed=start, map=options.get("map"), skill=options.get("skill"))
        self._level = self.game.map
        self._tics = 0
        self._player = self.game.world.player
        return self._observe(), self._info(start)

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """Hold an action for `frame_skip` tics, fewer when the episode ends."""
        held = self._action(action)
        before = self._player
        tics = 0
        left = False
        while tics < self._frame_skip:
            self.game.step(held)
            tics += 1
            left = self.game.phase != "level" or self.game.map != self._level
            if left:
                break
            self._player = self.game.world.player
            if not self._player.alive:
                break
        self._tics += tics
        reward = self._rewards.of(before, self._player, tics=tics, left=left)
        terminated = left or not self._player.alive
        truncated = not terminated and (0 < self._max_tics <= self._tics or self.game.closed)
        return self._observe(), reward, terminated, truncated, self._info()

    def render(self) -> Any:
        """The screen, uint8[200,320,3]; in "human" mode the window shows it anyway."""
        return self.game.screen_rgb if self.render_mode == "rgb_array" else None

    def close(self) -> None:
        """Close the window of "human" mode."""
        self.game.close()

    def _action(self, action: Any) -> Action:
        if not self._multi_binary:
            return self._actions[int(action)]
        return Action.of(name for name, held in zip(MULTI_BINARY, action, strict=True) if held)

    def _observe(self) -> Observation | NDArray[np.uint8]:
        screen = self.game.screen_rgb if self._colours else self.game.screen
        return {"screen": screen, "variables": _variables(self._player)} if self._variables else screen

    def _info(self, seed: int | None = None) -> dict[str, Any]:
        player = self._player
        info: dict[str, Any] = {
            "map": self._level,
            "tic": self._tics,
            "health": player.health,
            "kills": player.kills,
            "items": player.items,
            "secrets": player.secrets,
            "closed": self.game.closed,
        }
        if seed is not None:
            info["seed"] = seed
        return info


def _variables(player: PlayerView) -> NDArray[np.float32]:
    values = (
        player.health,
        player.armor,
        WEAPONS.index(player.weapon),
        *(player.ammo[name] for name in AMMO),
        player.kills,
        player.items,
        player.secrets,
        player.angle,
        player.x,
        player.y,
    )
    return np.array(values, np.float32)
