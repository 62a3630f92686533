"""The bridge while everything around it breaks: engine, socket, itself, disk, and a storm of containers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest

from tests.bridges import Message, Talk, eventually
from tests.e2e.engines import BUSYBOX, PrivateEngine, copy_busybox, need_private_engines
from tests.e2e.real_bridge import RealBridge
from tests.narrow import some

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


@pytest.fixture(scope="module")
def private(engine: docker.DockerClient) -> Iterator[PrivateEngine]:
    need_private_engines()
    # a short path, since the engine makes sockets below it
    made = PrivateEngine(Path(tempfile.mkdtemp(prefix="pd-")))
    try:
        made.start()
        copy_busybox(engine, made)
        yield made
    finally:
        made.remove()


class Bridge(RealBridge):
    """A bridge to the private engine, without a filter: everything there is the test's."""

    def __init__(self, folder: Path, private: PrivateEngine, *extra: str) -> None:
        self.path = folder / "bridge.sock"
        self.audit = folder / "audit.jsonl"
        self.environment = dict(os.environ)
        self.command = [
            *(sys.executable, "-m", "hostbridge", "--socket", str(self.path), "--audit", str(self.audit)),
            *("--engine-url", private.url, *extra),
        ]
        self.start()


@pytest.fixture
def bridge(private: PrivateEngine, tmp_path: Path) -> Iterator[Bridge]:
    made = Bridge(tmp_path, private)
    yield made
    if made.process.poll() is None:
        made.stop()
    client = private.client()
    for each in client.api.containers(all=True):
        client.api.remove_container(each["Id"], force=True)
    client.close()


def run(private: PrivateEngine, name: str, always: bool = False) -> str:
    client = private.client()
    try:
        container = client.containers.run(
            BUSYBOX,
            name=name,
            detach=True,
            network_mode="none",
            restart_policy={"Name": "always"} if always else None,
        )
        return some(container.id)
    finally:
        client.close()


def running(private: PrivateEngine) -> set[str]:
    client = private.client()
    try:
        return {each["Names"][0].strip("/") for each in client.api.containers()}
    finally:
        client.close()


def watching(bridge: Bridge) -> tuple[Talk, Message]:
    talk = bridge.talk()
    return talk, talk.ask(type="watch")


def test_the_engine_is_restarted_and_the_roster_is_right_within_two_seconds(
    private: PrivateEngine, bridge: Bridge
) -> None:
    identity = run(private, "web", always=True)
    eventually(lambda: bridge.names() == ["web"])
    talk, _ = watching(bridge)
    private.stop()
    while (line := talk.read())["type"] != "engine":
        pass
    assert line["state"] == "down"
    assert talk.ask(type="kill", id=identity)["code"] in ("engine-down", "not-found")
    private.start()
    new = run(private, "new")
    began = time.monotonic()
    eventually(lambda: set(bridge.names()) == {"web", "new"}, 2)
    assert time.monotonic() - began < 2
    assert bridge.talk().ask(type="kill", id=new)["type"] == "ok"
    assert running(private) == {"web"}


def test_the_socket_is_deleted(private: PrivateEngine, bridge: Bridge) -> None:
    run(private, "web")
    eventually(lambda: bridge.names() == ["web"])
    talk, _ = watching(bridge)
    bridge.path.unlink()
    eventually(lambda: bridge.path.exists() and bridge.names() == ["web"])
    assert talk.ask(type="ping")["type"] == "pong"


def test_the_bridge_is_killed_in_the_middle_of_a_kill(private: PrivateEngine, bridge: Bridge) -> None:
    victim, other = run(private, "victim"), run(private, "other")
    eventually(lambda: len(bridge.names()) == 2)
    talk = bridge.talk()
    talk.send(type="kill", id=victim)
    bridge.stop(signal.SIGKILL)
    bridge.start()
    names = bridge.names()
    assert "other" in names
    assert set(names) == running(private)
    assert bridge.talk().ask(type="kill", id=other)["type"] == "ok"
    # the intent was on disk before anything happened
    if "victim" not in names:
        assert victim in bridge.audit.read_text()


def test_a_full_disk_stops_the_killing(private: PrivateEngine, tmp_path: Path, bridge: Bridge) -> None:
    identity = run(private, "web")
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", str(disk)], check=True)
    try:
        folder = tmp_path / "second"
        folder.mkdir()
        second = Bridge(folder, private, "--audit", str(disk / "audit.jsonl"))
        eventually(lambda: second.names() == ["web"])
        (disk / "filler").write_bytes(b"x" * 12 * 1024)
        fill = os.open(disk / "filler2", os.O_WRONLY | os.O_CREAT)
        try:
            while os.write(fill, b"x" * 512):
                pass
        except OSError:
            os.close(fill)
        answer = second.talk().ask(type="kill", id=identity)
        assert (answer["code"], "audit" in answer["message"]) == ("denied", True)
        assert running(private) == {"web"}
        (disk / "filler").unlink()
        assert second.talk().ask(type="kill", id=identity)["type"] == "ok"
        second.stop()
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=False)


def test_a_storm_of_containers(private: PrivateEngine, bridge: Bridge) -> None:
    keep = run(private, "keep")
    eventually(lambda: bridge.names() == ["keep"])
    talk, _ = watching(bridge)
    seen: dict[str, str] = {keep: "keep"}
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            try:
                line = talk.read()
            except (OSError, AssertionError):
                return
            if line["type"] == "added":
                assert line["container"]["id"] not in seen
                seen[line["container"]["id"]] = line["container"]["name"]
            elif line["type"] == "removed":
                del seen[line["id"]]

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    client = private.client()

    def storm(lane: int) -> None:
        own = private.client()
        for number in range(8):
            made = own.containers.run(BUSYBOX, name=f"s-{lane}-{number}", detach=True, network_mode="none")
            if number % 4:
                made.remove(force=True)
        own.close()

    lanes = [threading.Thread(target=storm, args=(lane,)) for lane in range(4)]
    for each in lanes:
        each.start()
    for each in lanes:
        each.join()
    truth = {each["Id"] for each in client.api.containers()}
    assert len(truth) == 1 + 4 * 2
    eventually(lambda: set(seen) == truth, 2)
    assert len(bridge.names()) == len(truth)
    stop.set()
    client.close()


def test_each_container_is_killed_once_when_several_clients_shoot_at_once(
    private: PrivateEngine, bridge: Bridge
) -> None:
    victims = [run(private, f"v-{number}") for number in range(5)]
    run(private, "bystander")
    eventually(lambda: len(bridge.names()) == 6)
    results: list[str] = []

    def shoot() -> None:
        talk = bridge.talk()
        for victim in victims:
            answer = talk.ask(type="kill", id=victim, weapon="shotgun")
            results.append(answer.get("code", "ok"))

    shooters = [threading.Thread(target=shoot) for _ in range(4)]
    for each in shooters:
        each.start()
    for each in shooters:
        each.join()
    assert results.count("ok") == 5
    assert set(results) <= {"ok", "conflict", "not-found"}
    assert running(private) == {"bystander"}
    assert bridge.audit.read_text().count('"event":"intent"') == 5


def test_every_action_on_a_real_engine(private: PrivateEngine, tmp_path: Path, bridge: Bridge) -> None:
    folder = tmp_path / "second"
    folder.mkdir()
    flags = [f"--weapon={pair}" for pair in ("fist=pause", "pistol=stop", "shotgun=kill", "chaingun=restart")]
    second = Bridge(folder, private, "--wound", *flags)
    try:
        ids = {name: run(private, name) for name in ("fist", "pistol", "shotgun", "chaingun", "rocket launcher"[:6])}
        eventually(lambda: len(second.names()) == 5)
        talk = second.talk()
        assert talk.ask(type="wound", id=ids["pistol"], weapon="pistol")["type"] == "ok"
        client = private.client()
        assert client.api.inspect_container(ids["pistol"])["HostConfig"]["CpuShares"] == 128
        began = client.api.inspect_container(ids["chaingun"])["State"]["StartedAt"]
        for weapon in ("fist", "pistol", "shotgun", "chaingun", "rocket"):
            assert talk.ask(type="kill", id=ids[weapon], weapon=weapon)["type"] == "ok"
        state = {name: inspect(client, identity) for name, identity in ids.items()}
        assert state == {
            "fist": "paused", "pistol": "exited", "shotgun": "exited", "chaingun": "running", "rocket": "removed",
        }  # fmt: skip
        assert client.api.inspect_container(ids["chaingun"])["State"]["StartedAt"] != began
        client.close()
        eventually(lambda: set(second.names()) == {"fist", "chaingun"})
    finally:
        second.stop()


def inspect(client: docker.DockerClient, identity: str) -> str:
    try:
        state: str = client.api.inspect_container(identity)["State"]["Status"]
    except docker.errors.NotFound:
        return "removed"
    return state
