"""Steps per second of the Gymnasium environment, compared with ViZDoom's in the same run.

    python -m benchmarks.env [--wad FILE] [--seconds N] [--map E1M1]

Both play the same map of the same WAD with the same random actions, one tic a step, reading the 320x200 frame in
colours after each; then once more without reading frames. The best of three runs counts. ViZDoom comes with `pip
install -e .[bench]`; without it only our figures are printed.
"""

from __future__ import annotations

import argparse
import contextlib
import random
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any, TypedDict

_RUNS = 3
_CHECK_EVERY = 16
_BUTTONS = ("forward", "turn_left", "turn_right", "attack")


def _rate(step: Callable[[], None], seconds: float) -> float:
    """Calls of `step` per second: the best of a few runs."""
    best = 0.0
    for _ in range(_RUNS):
        began = now = time.perf_counter()
        count = 0
        while now - began < seconds:
            for _ in range(_CHECK_EVERY):
                step()
            count += _CHECK_EVERY
            now = time.perf_counter()
        best = max(best, count / (now - began))
    return best


class EnvOptions(TypedDict):
    """What the environments are made with."""

    wad: str
    map: str
    frame_skip: int
    max_tics: int


def gymnasium_rate(wad: Path, level: str, seconds: float, envs: int) -> float:
    """Steps per second of `envs` environments, each in a process of its own when there are several."""
    import gymnasium

    import pydoom.gym

    pydoom.gym.register()
    options: EnvOptions = {"wad": str(wad), "map": level, "frame_skip": 1, "max_tics": 0}
    env: gymnasium.Env[Any, Any] | gymnasium.vector.VectorEnv[Any, Any, Any]
    if envs == 1:
        env = gymnasium.make(pydoom.gym.ENV_ID, disable_env_checker=True, **options)
    else:
        env = gymnasium.make_vec(pydoom.gym.ENV_ID, num_envs=envs, vectorization_mode="async", **options)
    env.reset(seed=1)
    env.action_space.seed(1)

    def step() -> None:
        _, _, terminated, truncated, _ = env.step(env.action_space.sample())
        if envs == 1 and (terminated or truncated):
            env.reset()

    rate = _rate(step, seconds) * envs
    env.close()
    return rate


def pydoom_rate(wad: Path, level: str, seconds: float, draw: bool) -> float:
    """Tics per second of `pydoom.Game`."""
    import pydoom

    game = pydoom.Game(wad=wad, map=level)
    chance = random.Random(1)

    def step() -> None:
        game.step((chance.choice(_BUTTONS),))
        if draw:
            _ = game.screen_rgb
        if game.phase != "level" or not game.world.player.alive:
            game.reset()

    return _rate(step, seconds)


def vizdoom_rate(wad: Path, level: str, seconds: float, draw: bool) -> float | None:
    """Tics per second of ViZDoom; None where it is not installed."""
    try:
        import vizdoom
    except ImportError:
        return None
    wad = wad.resolve()
    # it writes its settings and more into the working directory
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        return _play_vizdoom(vizdoom, wad, level, seconds, draw)


def _play_vizdoom(vizdoom: ModuleType, wad: Path, level: str, seconds: float, draw: bool) -> float:
    game = vizdoom.DoomGame()
    game.set_doom_game_path(str(wad))
    game.set_doom_map(level)
    game.set_doom_skill(3)
    game.set_screen_resolution(vizdoom.ScreenResolution.RES_320X200)
    game.set_screen_format(vizdoom.ScreenFormat.RGB24)
    game.set_window_visible(False)
    game.set_sound_enabled(False)
    game.set_available_buttons(
        [vizdoom.Button.MOVE_FORWARD, vizdoom.Button.TURN_LEFT, vizdoom.Button.TURN_RIGHT, vizdoom.Button.ATTACK]
    )
    game.set_episode_timeout(0)
    game.init()
    chance = random.Random(1)
    actions = [[number == pressed for number in range(4)] for pressed in range(4)]

    def step() -> None:
        if draw:
            game.make_action(chance.choice(actions))
            state = game.get_state()
            _ = None if state is None else state.screen_buffer
        else:
            game.set_action(chance.choice(actions))
            game.advance_action(1, False)
        if game.is_episode_finished():
            game.new_episode()

    rate = _rate(step, seconds)
    game.close()
    return rate


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wad", type=Path, default=Path("wads/doom1.wad"))
    parser.add_argument("--map", default="E1M1")
    parser.add_argument("--seconds", type=float, default=3)
    options = parser.parse_args()
    if find_spec("vizdoom") is None:
        print("ViZDoom is not installed, so nothing to compare with: pip install -e .[bench]")
    print(f"{options.map}, steps of one tic per second, best of {_RUNS} runs")
    print(f"{'':24} {'pydoom':>8} {'ViZDoom':>14} {'ratio':>7}")
    for name, draw in (("stepping only", False), ("with frames", True)):
        ours = pydoom_rate(options.wad, options.map, options.seconds, draw)
        theirs = vizdoom_rate(options.wad, options.map, options.seconds, draw)
        yardstick = f"{theirs:14,.0f} {ours / theirs:7.3f}" if theirs else f"{'not installed':>14}"
        print(f"{name:24} {ours:8,.0f} {yardstick}", flush=True)
    for envs in (1, 2):
        rate = gymnasium_rate(options.wad, options.map, options.seconds, envs)
        print(f"{f'Gymnasium, {envs} at once':24} {rate:8,.0f}", flush=True)


if __name__ == "__main__":
    main()
