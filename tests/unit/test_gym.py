"""The Gymnasium environment: what Gymnasium's checker requires, and what learners rely on."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypedDict, Unpack

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

from pydoom.api.game import Game
from pydoom.gym import ENV_ID, register
from pydoom.gym.env import DISCRETE, VARIABLES, DoomEnv
from pydoom.gym.rewards import Rewards
from tests.narrow import of_kind


@pytest.fixture(autouse=True)
def registered() -> None:
    register()


class EnvOptions(TypedDict, total=False):
    """What an environment can be made with."""

    map: str
    frame_skip: int
    max_tics: int
    actions: str | Sequence[str]
    render_mode: str
    colours: bool
    variables: bool
    rewards: Rewards


def make(wad_path: Path, **options: Unpack[EnvOptions]) -> gymnasium.Env[Any, Any]:
    return gymnasium.make(ENV_ID, wad=str(wad_path), **options)


@pytest.mark.filterwarnings("error::UserWarning")
@pytest.mark.parametrize("actions", ["discrete", "multibinary"])
def test_gymnasium_s_own_checker_finds_nothing(wad_path: Path, actions: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")  # it checks all render modes, including windows
    env = make(wad_path, actions=actions, render_mode="rgb_array")
    check_env(env.unwrapped)
    env.close()


def test_the_default_observation_is_the_screen_and_the_variables(wad_path: Path) -> None:
    env = make(wad_path)
    seen, info = env.reset(seed=1)
    assert seen["screen"].shape == (200, 320, 3)
    variables = dict(zip(VARIABLES, seen["variables"], strict=True))
    assert (variables["health"], variables["bullets"]) == (100, 50)
    assert info["map"] == "E1M1"


def test_a_screen_of_indexes_alone_can_be_asked_for(wad_path: Path) -> None:
    env = make(wad_path, colours=False, variables=False)
    seen, _ = env.reset()
    assert (seen.shape, seen.dtype) == ((200, 320), np.uint8)


def test_an_environment_begins_with_the_first_map_of_its_wad() -> None:
    wad = Path("/usr/share/games/doom/freedoom2.wad")
    if not wad.is_file():
        pytest.skip(f"{wad} is missing: install Debian's package freedoom")
    assert make(wad).reset()[1]["map"] == "MAP01"


def test_levels_are_chosen_when_made_and_at_a_reset(wad_path: Path) -> None:
    env = make(wad_path, map="E1M2")
    assert env.reset()[1]["map"] == "E1M2"
    assert env.reset(options={"map": "E1M4"})[1]["map"] == "E1M4"


def test_a_seeded_episode_repeats(wad_path: Path) -> None:
    ends = []
    for _ in range(2):
        env = make(wad_path)
        env.reset(seed=5)
        env.action_space.seed(5)
        for _ in range(20):
            last = env.step(env.action_space.sample())
        ends.append(last)
    assert np.array_equal(ends[0][0]["screen"], ends[1][0]["screen"])
    assert ends[0][1:] == ends[1][1:]


def test_an_episode_is_truncated_at_the_time_limit(wad_path: Path) -> None:
    env = make(wad_path, frame_skip=5, max_tics=20)
    env.reset()
    assert [env.step(0)[3] for _ in range(4)] == [False, False, False, True]


def test_death_ends_an_episode_and_is_punished(wad_path: Path) -> None:
    env = make(wad_path, rewards=Rewards(health=0, death=-3))
    env.reset()
    _kill(of_kind(DoomEnv, env.unwrapped).game)
    _, reward, terminated, truncated, _ = env.step(0)
    assert (reward, terminated, truncated) == (-3, True, False)


def _kill(game: Game) -> None:
    from pydoom.sim import damage

    world = game._session.world
    damage.damage_mobj(world, world.players[0].mo, None, None, 10_000)


def test_the_exit_ends_an_episode_and_is_rewarded(wad_path: Path) -> None:
    from pydoom.sim.rules import Exit

    env = make(wad_path)
    env.reset()
    of_kind(DoomEnv, env.unwrapped).game._session.world.exit = Exit.NORMAL
    _, reward, terminated, _, _ = env.step(0)
    assert (reward, terminated) == (Rewards().exit, True)


def test_closing_the_window_truncates_the_episode(wad_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    env = make(wad_path)
    env.reset()
    monkeypatch.setattr(Game, "closed", True)
    _, _, terminated, truncated, info = env.step(0)
    assert (terminated, truncated, info["closed"]) == (False, True, True)


def test_own_actions_make_a_discrete_space(wad_path: Path) -> None:
    env = make(wad_path, actions=["", "forward attack"])
    assert env.action_space == gymnasium.spaces.Discrete(2)
    assert make(wad_path).action_space == gymnasium.spaces.Discrete(len(DISCRETE))


@pytest.mark.parametrize("options", [{"frame_skip": 0}, {"actions": "joystick"}, {"render_mode": "hologram"}])
def test_nonsense_is_refused(wad_path: Path, options: EnvOptions) -> None:
    with pytest.raises((ValueError, gymnasium.error.Error)):
        gymnasium.make(ENV_ID, wad=str(wad_path), **options)


def test_environments_run_side_by_side(wad_path: Path) -> None:
    envs = gymnasium.make_vec(ENV_ID, num_envs=2, vectorization_mode="sync", wad=str(wad_path))
    seen, _ = envs.reset(seed=3)
    assert seen["screen"].shape == (2, 200, 320, 3)
    _, rewards, *_ = envs.step(envs.action_space.sample())
    assert rewards.shape == (2,)
    envs.close()


@pytest.mark.slow
def test_environments_run_in_processes_of_their_own(wad_path: Path) -> None:
    envs = gymnasium.make_vec(ENV_ID, num_envs=2, vectorization_mode="async", wad=str(wad_path))
    seen, _ = envs.reset(seed=3)
    assert not np.array_equal(seen["variables"][0], [0] * len(VARIABLES))
    envs.step(envs.action_space.sample())
    envs.close()
