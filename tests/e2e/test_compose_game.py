"""The main job, end to end: compose the game, find the containers as demons, shoot one, and it is gone."""

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
        views.append(game.colours()[game.display.frame][10:168])  # the message line is another test's
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

    # without its hints the view is E1M1, pixel for pixel what the renderer draws with no container around
    expected = standing_views(10 * TICRATE)
    viewer.picture(tmp_path / "hint.png")
    viewer.tap("n")
    wait_for(
        "the start of E1M1",
        lambda: is_one_of(bot.game_pixels(viewer.picture(tmp_path / "start.png"))[10:168], expected),
        10,
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
    viewer.picture(tmp_path / "killed.png")
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
        lambda: bot.message_shown(bot.game_pixels(viewer.picture(tmp_path / "newcomer.png")), appears),
        20,
    )
    time.sleep(MIN_GOSSIP_TICS / TICRATE + 1)  # comings and goings are told one at a time
    leaver = sorted(left)[0]
    engine.containers.get(f"{leaver}-{run_id}").remove(force=True)
    has_left = f"{leaver}-{run_id} has left"
    wait_for(
        "the message of one that left",
        lambda: bot.message_shown(bot.game_pixels(viewer.picture(tmp_path / "left.png")), has_left),
        20,
    )


def is_one_of(view: np.ndarray, expected: list[np.ndarray]) -> bool:
    return any(np.array_equal(view, picture) for picture in expected)
