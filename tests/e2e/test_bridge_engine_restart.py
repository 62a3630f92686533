"""The engine is restarted in the middle of faults: each is undone once and correctly, or left alone if it is no more.

A private engine, as an administrator restarts it: once with its containers, once while they live on (Docker's
`--live-restore`).
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import docker
import pytest
from docker.models.containers import Container

from tests.bridges import AuditLine, audit_lines, eventually
from tests.e2e.engines import BUSYBOX, PrivateEngine, copy_busybox, need_private_engines
from tests.e2e.real_bridge import RealBridge
from tests.narrow import some

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

SECONDS: Final = 5
"""Less than the engine takes to come back, on most machines; what comes first makes no difference."""

FAULTS: Final = {"paused": "fist", "slow": "chaingun", "cut": "plasma rifle", "tight": "bfg9000",
                 "renamed": "fist", "gone": "fist"}  # fmt: skip
"""Containers by name, and the weapon that each is shot with."""

WEAPONS: Final = ("fist=pause", "chaingun=throttle", "plasma rifle=disconnect", "bfg9000=squeeze")

UNTOUCHED: Final = {"running": True, "paused": False, "networks": ["shop"], "cpu": 0, "memory": 0}


@pytest.fixture
def private(engine: docker.DockerClient, request: pytest.FixtureRequest) -> Iterator[PrivateEngine]:
    """An engine that keeps its network namespace when it is started again."""
    need_private_engines()
    space = f"pd-{os.getpid()}"
    subprocess.run(["ip", "netns", "add", space], check=True)
    flags = ("--live-restore",) if request.param == "live-restore" else ()
    made = PrivateEngine(Path(tempfile.mkdtemp(prefix="pd-")), space, *flags)
    try:
        made.start()
        copy_busybox(engine, made)
        yield made
    finally:
        with contextlib.suppress(docker.errors.DockerException):
            remove_all(made)
        made.remove()
        subprocess.run(["ip", "netns", "delete", space], check=True)


def remove_all(private: PrivateEngine) -> None:
    """Remove all containers, which would outlive the engine."""
    client = private.client()
    for each in client.api.containers(all=True):
        client.api.remove_container(each["Id"], force=True)
    client.close()


class Bridge(RealBridge):
    """A bridge to the private engine that gives each weapon another fault."""

    def __init__(self, folder: Path, private: PrivateEngine) -> None:
        self.path = folder / "bridge.sock"
        self.audit = folder / "audit.jsonl"
        self.environment = dict(os.environ)
        self.command = [
            *(sys.executable, "-m", "hostbridge", "--socket", str(self.path), "--audit", str(self.audit)),
            *("--engine-url", private.url),
            *(flag for weapon in WEAPONS for flag in ("--weapon", f"{weapon}:{SECONDS}")),
        ]
        self.start()


def start_victims(private: PrivateEngine) -> dict[str, str]:
    """IDs by name. The engine starts them again after its own restart."""
    client = private.client()
    client.networks.create("shop", driver="bridge")
    found: dict[str, str] = {}
    for name in FAULTS:
        options: Any = {"restart_policy": {"Name": "always"}, "stop_signal": "SIGKILL"}
        made = client.containers.run(BUSYBOX, name=name, network="shop", detach=True, **options)
        found[name] = some(made.id)
    client.close()
    return found


def condition(container: Container) -> dict[str, object]:
    """Everything that the faults change; no limit counts as 0."""
    found: dict[str, Any] = container.attrs
    limits = found["HostConfig"]
    return {
        "running": found["State"]["Running"],
        "paused": found["State"]["Paused"],
        "networks": sorted(found["NetworkSettings"]["Networks"]),
        "cpu": max(0, limits["CpuQuota"]),
        "memory": limits["Memory"] if limits["Memory"] < 1 << 60 else 0,
    }


def healed(bridge: Bridge) -> list[AuditLine]:
    return [line for line in audit_lines(bridge.audit) if line["event"] == "healed"]


@pytest.mark.parametrize("private", ["usual", "live-restore"], indirect=True)
def test_an_engine_restarted_in_the_middle_of_faults(
    private: PrivateEngine, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    victims = start_victims(private)
    bridge = Bridge(tmp_path, private)
    lives_on = request.node.callspec.params["private"] == "live-restore"
    try:
        eventually(lambda: set(bridge.names()) == set(FAULTS), 15)
        talk = bridge.talk()
        for name, weapon in FAULTS.items():
            assert talk.ask(type="kill", id=victims[name], weapon=weapon)["type"] == "ok"
        client = private.client()
        client.containers.get(victims["renamed"]).rename("new-name")
        client.api.remove_container(victims["gone"], force=True)
        client.close()
        private.stop()
        private.start()
        eventually(lambda: len(healed(bridge)) == len(FAULTS), 40)
        client = private.client()
        for name in FAULTS:
            if name != "gone":
                eventually(lambda name=name: condition(client.containers.get(victims[name])) == UNTOUCHED, 20)  # type: ignore[misc]
        client.close()
        time.sleep(2)  # a second undoing would come now
        told = {line["id"]: line["result"] for line in healed(bridge)}
        assert len(healed(bridge)) == len(FAULTS)
        # a pause does not survive the restart of its container, and is over once the bridge looks
        pause = "healed" if lives_on else "changed"
        expected = {"paused": pause, "renamed": pause, "slow": "healed", "cut": "healed", "tight": "healed"}
        assert told == {victims[name]: expected.get(name, "gone") for name in FAULTS}
        assert json.loads((tmp_path / "undo.json").read_text())["entries"] == []
    finally:
        bridge.stop()
