"""What recovers on a real engine, and how soon: measured against the engine's own times.

Compose services, scaled, with and without a health check, are in `test_game_day`.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import docker
import pytest
from docker.models.containers import Container

from tests.bridges import eventually
from tests.e2e.conftest import LABEL
from tests.e2e.real_bridge import RealBridge
from tests.narrow import some

pytestmark = pytest.mark.e2e

MORTAL = ["sh", "-c", "trap 'exit 1' USR1; while :; do sleep 0.05; done"]
"""Ends on SIGUSR1, which is not its stop signal, so that its restart policy holds."""

EARLY_SECONDS, LATE_SECONDS = 0.15, 5.0
"""Rounded to a tenth of a second; a busy machine hears of the engine's events late."""


@pytest.fixture
def start(engine: docker.DockerClient, run_id: str) -> Iterator[Callable[..., Container]]:
    def begin(name: str, **options: Any) -> Container:
        made = engine.containers.run(
            "busybox", MORTAL, name=f"{name}-{run_id}", labels={LABEL: run_id}, detach=True, network_mode="none",
            stop_signal="SIGKILL", **options,
        )  # fmt: skip
        assert isinstance(made, Container)
        return made

    yield begin
    for container in engine.containers.list(all=True, filters={"label": f"{LABEL}={run_id}"}, sparse=True):
        container.remove(force=True)


def recovery(bridge: RealBridge) -> dict[str, Any] | None:
    """The line about a recovery, once it is in the log."""
    lines = [json.loads(line) for line in bridge.audit.read_text().splitlines()]
    return next((line for line in lines if line["event"] in ("recovered", "not-recovered")), None)


def started(container: Container) -> float:
    """When it was started last, in seconds since 1970."""
    container.reload()
    stamp = container.attrs["State"]["StartedAt"]
    return datetime.fromisoformat(f"{stamp[:26].rstrip('Z')}+00:00").timestamp()


def agrees(line: dict[str, Any], seconds: float) -> bool:
    return bool(-EARLY_SECONDS <= line["seconds"] - seconds <= LATE_SECONDS)


def test_plain_container_started_again_by_hand_under_its_name_has_recovered(
    start: Callable[..., Container], start_bridge: Callable[..., RealBridge]
) -> None:
    old = start("web")
    bridge = start_bridge("--action", "remove")
    eventually(lambda: bridge.names() == [old.name])
    shot = time.time()
    assert bridge.talk().ask(type="kill", id=old.id)["type"] == "ok"
    time.sleep(1)
    assert recovery(bridge) is None
    new = start("web")
    line = eventually(lambda: recovery(bridge), 20)
    assert (line["event"], line["service"], line["id"]) == ("recovered", new.name, old.id)
    assert agrees(line, started(new) - shot)


def test_stopped_container_started_again_by_hand_has_recovered(
    start: Callable[..., Container], start_bridge: Callable[..., RealBridge]
) -> None:
    web = start("web")
    bridge = start_bridge("--action", "stop")
    eventually(lambda: bridge.names() == [web.name])
    shot = time.time()
    assert bridge.talk().ask(type="kill", id=web.id)["type"] == "ok"
    time.sleep(0.5)
    web.start()
    line = eventually(lambda: recovery(bridge), 20)
    assert line["event"] == "recovered" and agrees(line, started(web) - shot)


@pytest.mark.parametrize("policy", ["always", "on-failure"])  # a signal counts as a stop for unless-stopped
def test_container_that_its_restart_policy_brings_back_has_recovered(
    start: Callable[..., Container], start_bridge: Callable[..., RealBridge], tmp_path: Path, policy: str
) -> None:
    web = start("web", restart_policy={"Name": policy})
    rules = tmp_path / "policy.toml"
    rules.write_text('[kill.weapons]\npistol = {action = "kill", signal = "USR1"}\n')
    rules.chmod(0o600)
    bridge = start_bridge("--policy", str(rules))
    eventually(lambda: bridge.names() == [web.name])
    shot = time.time()
    assert bridge.talk().ask(type="kill", id=web.id, weapon="pistol")["type"] == "ok"
    line = eventually(lambda: recovery(bridge), 20)
    assert (line["event"], line["service"]) == ("recovered", web.name)
    assert started(web) > shot and agrees(line, started(web) - shot)


def test_container_that_stays_down_has_not_recovered(
    start: Callable[..., Container], start_bridge: Callable[..., RealBridge], tmp_path: Path
) -> None:
    web = start("web", restart_policy={"Name": "no"})
    rules = tmp_path / "policy.toml"
    rules.write_text('[kill]\naction = "kill"\n[recovery]\nseconds = 2\n')
    rules.chmod(0o600)
    bridge = start_bridge("--policy", str(rules))
    eventually(lambda: bridge.names() == [web.name])
    assert bridge.talk().ask(type="kill", id=some(web.id))["type"] == "ok"
    line = eventually(lambda: recovery(bridge), 20)
    assert line["event"] == "not-recovered" and line["seconds"] >= 2
