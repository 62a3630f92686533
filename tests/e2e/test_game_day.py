"""A game day from end to end: a compose project, the real game, a real bridge, and a report that agrees with the
engine's own events in every figure.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import docker
import pytest

from pydoom.containers.fleet.lifecycle import Phase
from pydoom.wad import Assets
from tests.bridges import eventually
from tests.e2e.conftest import LABEL
from tests.e2e.gunman import CHAINGUN, PISTOL, ROCKETS, SHOTGUN, Gunman
from tests.e2e.real_bridge import RealBridge

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

COMPOSE: Final = """
x-usual: &usual
  image: busybox
  init: true
  stop_grace_period: 1s
  labels: {{{label}: "{run_id}"}}
  command: ["sleep", "86400"]
services:
  web: # three of them, without a health check
    <<: *usual
    deploy: {{replicas: 3}}
  shop: # it takes its time to be ready
    <<: *usual
    command: ["sh", "-c", "rm -f /ready; sleep 1; touch /ready; exec sleep 86400"]
    healthcheck: {{test: ["CMD-SHELL", "[ -f /ready ]"], interval: 1s, timeout: 2s, retries: 30}}
  worker: # nobody starts it again
    <<: *usual
    restart: "no"
  database: # protected
    <<: *usual
"""

PATIENCE: Final = 12
POLICY: Final = f"""
[containers]
include = ["label={LABEL}=RUN"]
protect = ["service=database"]
[kill]
action = "pause:20"
[kill.weapons]
shotgun = "remove"
chaingun = "restart"
"rocket launcher" = "stop"
pistol = {{action = "disconnect", seconds = 2}}
[recovery]
seconds = {PATIENCE}
"""

ACTIONS: Final = {"is stopped": "stop", "is disconnected": "disconnect", "is removed": "remove",
                  "is restarted": "restart"}  # fmt: skip
SENTENCE: Final = "4 done (1 stop, 1 disconnect, 1 remove, 1 restart), 2 recovered"

LATE_SECONDS: Final = 5.0
"""How long a busy machine may take to hear of the engine's events. Too early is never right."""

EARLY_SECONDS: Final = 0.15
"""Figures are rounded to a tenth of a second."""


class EngineEvents:
    """The engine's own events of this run's containers, as they happen."""

    def __init__(self, client: docker.DockerClient, run_id: str) -> None:
        self.seen: list[dict[str, Any]] = []
        self._client = docker.from_env()
        self._stream = self._client.events(decode=True, filters={"type": ["container", "network"]})
        self._run_id = run_id
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._stream.close()
        self._thread.join(10)
        self._client.close()

    def times(self, container_id: str, action: str) -> list[float]:
        """The moments of an action on a container, in seconds since 1970; without repetitions."""
        told = [
            (each["Action"], each["timeNano"] / 1e9)
            for each in tuple(self.seen)
            if container_id in (each["Actor"]["ID"], each["Actor"]["Attributes"].get("container"))
        ]
        # this engine tells of one disconnection twice
        again = {when for (one, _), (other, when) in pairwise(told) if one == other == "disconnect"}
        return [when for what, when in told if what == action and when not in again]

    def started_after(self, moment: float, service: str) -> list[float]:
        """When containers of a service have been started since."""
        return [
            each["timeNano"] / 1e9
            for each in tuple(self.seen)
            if each["Action"] == "start"
            and each["Actor"]["Attributes"].get("com.docker.compose.service") == service
            and each["Actor"]["Attributes"].get(LABEL) == self._run_id
            and each["timeNano"] / 1e9 > moment
        ]

    def _read(self) -> None:
        for event in self._stream:
            self.seen.append(event)


class Shop:
    """The compose project."""

    def __init__(self, client: docker.DockerClient, folder: Path, run_id: str) -> None:
        self._client = client
        self._run_id = run_id
        file = folder / "compose.yaml"
        file.write_text(COMPOSE.format(label=LABEL, run_id=run_id))
        self._command = ["docker", "compose", "-p", f"day-{run_id}", "-f", str(file)]

    def up(self, *services: str) -> None:
        made = subprocess.run([*self._command, "up", "-d", *services], capture_output=True, text=True, timeout=120)
        assert made.returncode == 0, made.stderr

    def down(self) -> None:
        subprocess.run([*self._command, "down", "-t", "0", "-v"], check=True, capture_output=True, timeout=120)

    def ids(self, service: str) -> list[str]:
        label = [f"{LABEL}={self._run_id}", f"com.docker.compose.service={service}"]
        return [each["Id"] for each in self._client.api.containers(filters={"label": label})]


@pytest.fixture
def shop(engine: docker.DockerClient, tmp_path: Path, run_id: str) -> Iterator[Shop]:
    if subprocess.run(["docker", "compose", "version"], capture_output=True).returncode:
        pytest.skip("docker compose is not installed")
    made = Shop(engine, tmp_path, run_id)
    try:
        made.up()
        yield made
    finally:
        made.down()


class LoggedBridge(RealBridge):
    """A bridge whose messages are kept."""

    def start(self) -> None:
        self.log = self.path.with_name("bridge.log")
        with self.log.open("ab") as file:
            self.process = subprocess.Popen(self.command, env=self.environment, stderr=file)
        eventually(self._answers, 15)


@pytest.fixture
def bridge(tmp_path: Path, run_id: str) -> Iterator[LoggedBridge]:
    policy = tmp_path / "policy.toml"
    policy.write_text(POLICY.replace("RUN", run_id))
    policy.chmod(0o600)
    made = LoggedBridge(tmp_path, run_id, "--policy", str(policy))
    yield made
    if made.process.poll() is None:
        made.stop()


@pytest.fixture
def events(engine: docker.DockerClient, run_id: str, shop: Shop) -> Iterator[EngineEvents]:
    made = EngineEvents(engine, run_id)
    yield made
    made.close()


def report(bridge: RealBridge, form: str) -> str:
    command = [sys.executable, "-m", "hostbridge", "report", "--format", form, str(bridge.audit)]
    return subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ).stdout


def about(told: float, real: float) -> bool:
    """Whether a measured time agrees with the engine's."""
    return -EARLY_SECONDS <= told - real <= LATE_SECONDS


def test_the_report_of_a_game_day_agrees_with_the_engine(
    assets: Assets, shop: Shop, bridge: LoggedBridge, events: EngineEvents
) -> None:
    webs, (till,), (worker,), (database,) = (shop.ids(each) for each in ("web", "shop", "worker", "database"))
    assert len(webs) == 3
    with Gunman(assets, bridge.path) as gunman:
        record = gunman.layer.record
        gunman.play_until(lambda: gunman.knows(*webs, till, worker, database))
        gunman.play_until(lambda: gunman.entry(till).info.health == "healthy")
        gunman.arm()

        def hit(container_id: str, weapon: int) -> None:
            before = len(record.level)
            gunman.shoot(container_id, weapon)
            gunman.play_until(lambda: len(record.level) > before)

        hit(worker, ROCKETS)  # first: it takes the longest until it has not recovered
        hit(webs[0], PISTOL)
        hit(webs[1], SHOTGUN)
        helper = threading.Thread(target=shop.up, args=("web",))
        helper.start()  # somebody starts what is missing
        hit(till, CHAINGUN)
        gunman.play_until(lambda: not helper.is_alive())
        deaths = {death.info.id: death for death in record.level}
        assert {each: deaths[each].what for each in deaths} == {
            worker: "is stopped", webs[0]: "is disconnected", webs[1]: "is removed", till: "is restarted",
        }  # fmt: skip
        gunman.play_until(lambda: sum(death.recovery is not None for death in record.level) == 3)
        gunman.play_until(lambda: gunman.entry(webs[0]).phase is Phase.ALIVE)
    refused = bridge.talk().ask(type="kill", id=database, weapon="shotgun")
    assert refused["code"] == "protected"
    told = json.loads(report(bridge, "json"))
    check_figures(told["figures"], events, worker, webs, till)
    check_times(told["kills"], events, worker, webs, till)
    (refusal,) = told["refusals"]
    assert (refusal["id"], refusal["result"], refusal["weapon"]) == (database, "protected", "shotgun")
    by_name = {kill["name"]: kill for kill in told["kills"]}
    for death in record.level:
        kill = by_name[death.info.name]
        assert (kill["action"], kill["weapon"]) == (ACTIONS[death.what], death.weapon)
        if death.recovery is not None:
            assert kill["recovered"] is death.recovery.back
            assert kill["recovery_seconds"] == pytest.approx(death.recovery.seconds, abs=0.1)
    for form in ("text", "markdown", "html"):
        assert SENTENCE in " ".join(report(bridge, form).split())
    assert bridge.stop(signal.SIGTERM) == 0
    assert f"this session: {SENTENCE}" in bridge.log.read_text()


def check_figures(told: dict[str, Any], events: EngineEvents, worker: str, webs: list[str], till: str) -> None:
    """Count in the engine's events what the report has counted."""
    by_action = Counter(
        remove=len(events.times(webs[1], "destroy")),
        restart=len(events.times(till, "restart")),
        stop=len(events.times(worker, "stop")),
        disconnect=len(events.times(webs[0], "disconnect")),
    )
    assert told["by_action"] == by_action
    assert told["done"] == by_action.total()
    assert told["healed"] == len(events.times(webs[0], "connect"))
    (gone,) = events.times(webs[1], "destroy")
    assert told["recovered"] == len(events.started_after(gone, "web")) + len(events.times(till, "start"))
    assert told["not_recovered"] == 1 - len(events.times(worker, "start"))
    assert told["refused"] == 1
    assert [told[each] for each in ("dry_runs", "failed", "unknown", "left_alone", "to_be_healed")] == [0] * 5


def check_times(told: list[dict[str, Any]], events: EngineEvents, worker: str, webs: list[str], till: str) -> None:
    """Compare each measured time with the engine's."""
    kills = {each["action"]: each for each in told}
    assert len(kills) == len(told)
    died, back = events.times(webs[1], "kill")[0], events.started_after(events.times(webs[1], "kill")[0], "web")[0]
    assert about(kills["remove"]["recovery_seconds"], back - died)
    went = events.times(till, "kill")[0]
    healthy = next(each for each in events.times(till, "health_status: healthy") if each > went)
    assert about(kills["restart"]["recovery_seconds"], healthy - went)
    assert not events.times(worker, "start")
    assert kills["stop"]["recovery_seconds"] >= PATIENCE - EARLY_SECONDS
    (cut,), (joined,) = events.times(webs[0], "disconnect"), events.times(webs[0], "connect")
    fault = kills["disconnect"]
    assert about(seconds(fault["healed_at"]) - seconds(fault["time"]), joined - cut)
    for kill, moment in (("remove", died), ("restart", went), ("stop", events.times(worker, "kill")[0]),
                         ("disconnect", cut)):  # fmt: skip
        assert -LATE_SECONDS <= seconds(kills[kill]["time"]) - moment <= EARLY_SECONDS, "the log comes first"


def seconds(stamp: str) -> float:
    """A moment of the report, in seconds since 1970."""
    return datetime.fromisoformat(stamp).timestamp()
