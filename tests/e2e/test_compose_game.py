"""The main job, end to end: compose the game, find the containers as demons, shoot one, and check that it is gone."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import docker
import numpy as np
import pytest
from docker.models.containers import Container
from PIL import Image

from pydoom.containers.fleet.messages import MIN_GOSSIP_TICS
from pydoom.game.level import Level
from pydoom.run.machine import Machine
from pydoom.sim.constants import TICRATE
from pydoom.sim.rules import SK_MEDIUM
from pydoom.wad import load
from tests.conftest import WAD
from tests.e2e import bot
from tests.e2e.conftest import Composed, running_names, wait_for
from tests.e2e.vnc import Viewer

pytestmark = pytest.mark.e2e


def audit_entries(composed: Composed) -> list[dict[str, object]]:
    """What the bridge wrote down."""
    result = subprocess.run(
        [*composed.command, "exec", "-T", "bridge", "cat", "/var/lib/pydoom/audit.jsonl"],
        env=composed.environment,
        capture_output=True,
        text=True,
    )
    return [json.loads(line) for line in result.stdout.splitlines()]


def standing_views(tics: int) -> list[np.ndarray]:
    """The view of a player who stands at the start of E1M1, after each of the first tics: uint8[158, 320, 3]."""
    game = Machine(load(WAD))
    game.session.new_game(SK_MEDIUM, Level(1, 1))
    views = []
    for _ in range(tics):
        game.tic()
        game.draw()
        views.append(without_texts(game.colours()[game.display.frame][:168]))
    return views


def test_shooting_a_monster_removes_exactly_its_container(
    engine: docker.DockerClient,
    run_id: str,
    start_victim: Callable[[str], Container],
    composed: Composed,
    viewer: Viewer,
    tmp_path: Path,
) -> None:
    victims = {"alpha", "bravo", "charlie", "delta"}
    for name in sorted(victims):
        start_victim(name)

    turn_hints_off(viewer, tmp_path)
    # without its hints the view is E1M1, pixel for pixel what the renderer draws with no container around
    expected = standing_views(10 * TICRATE)
    start = tmp_path / "start.png"
    wait_for(
        lambda: f"the start of E1M1; {nearest_difference(start, expected)}",
        lambda: is_one_of(game_view(viewer.screenshot(start)), expected),
        20,
    )

    for cheat in ("iddqd", "idkfa", "idspispopd"):
        viewer.type(cheat)
    viewer.tap("3")
    viewer.hold("right", 0.55)  # through the wall on the right into the hidden courtyard
    viewer.hold("up", 1.2)
    bot.face_a_demon(viewer, tmp_path / "courtyard.png")
    assert running_names(engine, run_id) == victims, "nothing dies before the first shot"

    def shoot() -> bool:
        bot.face_a_demon(viewer, tmp_path / "aim.png")
        viewer.hold("ctrl", 0.3)
        time.sleep(1.2)
        return running_names(engine, run_id) != victims

    wait_for("a container to go", shoot, 90)
    viewer.screenshot(tmp_path / "killed.png")
    time.sleep(2)
    left = running_names(engine, run_id)
    (gone,) = victims - left
    audit = audit_entries(composed)
    assert [entry["name"] for entry in audit if entry["event"] == "intent"] == [f"{gone}-{run_id}"]
    assert [entry["result"] for entry in audit if entry["event"] == "result"] == ["ok"]

    # one comes, one is removed behind the game's back
    start_victim("echo")
    appears = f"echo-{run_id} appears"
    wait_for(
        "the newcomer's message",
        lambda: bot.message_shown(bot.game_pixels(viewer.screenshot(tmp_path / "newcomer.png")), appears),
        20,
    )
    time.sleep(MIN_GOSSIP_TICS / TICRATE + 1)  # arrivals and departures are shown one at a time
    leaver = sorted(left)[0]
    engine.containers.get(f"{leaver}-{run_id}").remove(force=True)
    has_left = f"{leaver}-{run_id} has left"
    wait_for(
        "the message of one that left",
        lambda: bot.message_shown(bot.game_pixels(viewer.screenshot(tmp_path / "left.png")), has_left),
        20,
    )


def turn_hints_off(viewer: Viewer, tmp_path: Path) -> None:
    """Press N until the game says that it has turned them off: it ignores keys before the level has started."""

    def says_off() -> bool:
        viewer.tap("n")
        time.sleep(0.5)  # its message stays for four seconds
        return bot.message_shown(bot.game_pixels(viewer.screenshot(tmp_path / "hints.png")), "hints off")

    wait_for("the hints to be off", says_off)


def game_view(screen: np.ndarray) -> np.ndarray:
    """The view without the message line, and blank where the weapon's action is written: uint8[158, 320, 3]."""
    return without_texts(bot.game_pixels(screen)[:168])


def without_texts(view: np.ndarray) -> np.ndarray:
    """Without what is written over the view even without hints; the weapon's line is at the lower right."""
    bare = view[10:].copy()
    bare[-16:, -100:] = 0
    return bare


def is_one_of(view: np.ndarray, expected: list[np.ndarray]) -> bool:
    return any(np.array_equal(view, frame) for frame in expected)


def nearest_difference(file: Path, expected: list[np.ndarray]) -> str:
    """How the view in a screenshot differs from the most similar of the expected ones, for a failure's message."""
    view = game_view(np.asarray(Image.open(file).convert("RGB")))
    differing = min(((view != frame).any(axis=2) for frame in expected), key=np.count_nonzero)
    rows, columns = np.nonzero(differing)
    if rows.size == 0:
        return "equal by now"
    return f"{rows.size} pixels differ, columns {columns.min()}-{columns.max()}, rows {rows.min()}-{rows.max()}"
