"""Recovery after a kill: by service or by name, healthy, as many as before, and in time."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from hostbridge.backends.base import Backend
from hostbridge.backends.simulated import SimulatedBackend
from hostbridge.fault import Fault
from hostbridge.model import PROJECT_LABEL, RESTARTING, Container, KillAction
from hostbridge.policy.rules import Policy
from tests.bridges import Bridge, Message, Talk, eventually


class Town(SimulatedBackend):
    """Containers that the test creates and changes."""

    def __init__(self) -> None:
        super().__init__(0, churn=0)

    def add(self, name: str, service: str = "", **more: object) -> Container:
        made = self.create(name)
        labels = {PROJECT_LABEL: "shop"} if service else {}
        return self.change(made, service=service, labels=labels, **more)

    def change(self, container: Container, **changes: object) -> Container:
        with self._something:
            changed = self._containers[container.id] = replace(container, **changes)  # type: ignore[arg-type]
            self._touch(container.id)
        return changed


def settled(bridge: Bridge, backend: Town) -> None:
    """Wait until the bridge's roster equals the backend's."""
    eventually(lambda: {each.id: each for each in bridge.roster.newest_first()} == {
        each.id: each for each in backend.list()
    })  # fmt: skip


def until(talk: Talk, *kinds: str) -> Message:
    """The next message of one of these kinds."""
    while True:
        said = talk.read()
        if said["type"] in kinds:
            return said


def watching(bridge: Bridge, backend: Town) -> Talk:
    settled(bridge, backend)
    talk = Talk(bridge.connect())
    talk.ask(type="hello", version=2)
    talk.ask(type="watch")
    return talk


def test_container_recreated_under_its_name_has_recovered(tmp_path: Path) -> None:
    backend = Town()
    web = backend.add("web")
    with Bridge(tmp_path, backend) as bridge:
        talk = watching(bridge, backend)
        talk.send(type="kill", id=web.id)
        until(talk, "ok")
        backend.add("other")
        time.sleep(0.3)
        backend.add("web")
        said = until(talk, "recovered", "not-recovered")
        assert (said["type"], said["id"], said["service"]) == ("recovered", web.id, "web")
        assert 0.3 <= said["seconds"] < 5
        (line,) = eventually(lambda: [each for each in bridge.audited() if each["event"] == "recovered"])
        assert (line["kill"], line["seconds"]) == (bridge.audited()[0]["kill"], said["seconds"])


def test_a_service_has_recovered_when_as_many_are_healthy_as_before(tmp_path: Path) -> None:
    backend = Town()
    replicas = [backend.add(f"api-{number}", "api", health="healthy") for number in range(3)]
    with Bridge(tmp_path, backend) as bridge:
        talk = watching(bridge, backend)
        for victim in replicas[:2]:
            talk.send(type="kill", id=victim.id)
            until(talk, "ok")
        first = backend.add("api-3", "api", health="starting")
        second = backend.add("api-4", "api", health="healthy")
        settled(bridge, backend)
        assert not [each for each in bridge.audited() if "recovered" in each["event"]], "two of three are well"
        backend.change(first, health="unhealthy")
        settled(bridge, backend)
        backend.change(second, state=RESTARTING)
        settled(bridge, backend)
        backend.change(first, health="healthy")
        settled(bridge, backend)
        backend.change(second, health="healthy")
        assert {until(talk, "recovered")["id"] for _ in range(2)} == {each.id for each in replicas[:2]}


def test_another_project_s_service_of_the_same_name_does_not_count(tmp_path: Path) -> None:
    backend = Town()
    victim = backend.add("api-0", "api")
    with Bridge(tmp_path, backend) as bridge:
        talk = watching(bridge, backend)
        talk.send(type="kill", id=victim.id)
        until(talk, "ok")
        backend.change(backend.create("blog-api-0"), service="api", labels={PROJECT_LABEL: "blog"})
        settled(bridge, backend)
        time.sleep(0.1)
        assert not [each for each in bridge.audited() if each["event"] == "recovered"]
        backend.add("api-1", "api")
        assert until(talk, "recovered")["service"] == "shop/api"


def test_group_that_does_not_recover_in_time_is_reported(tmp_path: Path) -> None:
    backend = Town()
    web = backend.add("web")
    with Bridge(tmp_path, backend, Policy(recovery_seconds=1)) as bridge:
        talk = watching(bridge, backend)
        talk.send(type="kill", id=web.id)
        said = until(talk, "recovered", "not-recovered")
        assert (said["type"], said["service"]) == ("not-recovered", "web")
        eventually(lambda: [each["event"] for each in bridge.audited()] == ["intent", "result", "not-recovered"])


@pytest.mark.parametrize("fault", [Fault(KillAction.RESTART), Fault(KillAction.PAUSE, 0.5)], ids=str)
def test_restart_and_pause_recover_when_the_container_is_well_again(tmp_path: Path, fault: Fault) -> None:
    backend = Town()
    web = backend.add("web")
    with Bridge(tmp_path, backend, Policy(fault=fault)) as bridge:
        talk = watching(bridge, backend)
        talk.send(type="kill", id=web.id)
        assert until(talk, "recovered")["seconds"] >= round(fault.seconds, 1)


class Stubborn(Town):
    """Its containers ignore signals."""

    def send_signal(self, container: Container, signal: str) -> None:
        self._touched.add(container.id)


def test_a_container_that_ignores_its_signal_has_nothing_to_recover_from(tmp_path: Path) -> None:
    backend = Stubborn()
    web = backend.add("web")
    with Bridge(tmp_path, backend, Policy(fault=Fault(KillAction.KILL, signal="SIGHUP"), recovery_seconds=1)) as bridge:
        talk = watching(bridge, backend)
        talk.send(type="kill", id=web.id)
        until(talk, "ok")
        eventually(lambda: not bridge.recovery._awaited)
        assert [each["event"] for each in bridge.audited()] == ["intent", "result"]


class Quick(Town):
    """Its containers are restarted before anybody sees them down."""

    def send_signal(self, container: Container, signal: str) -> None:
        self.change(container, restarts=container.restarts + 1)


def test_a_container_that_is_restarted_at_once_has_recovered(tmp_path: Path) -> None:
    backend = Quick()
    web = backend.add("web")
    with Bridge(tmp_path, backend, Policy(fault=Fault(KillAction.KILL, signal="SIGTERM"))) as bridge:
        talk = watching(bridge, backend)
        talk.send(type="kill", id=web.id)
        assert until(talk, "recovered")["seconds"] < 5


@pytest.mark.parametrize("fault", [Fault.of(KillAction.THROTTLE), Fault.of(KillAction.REMOVE)], ids=str)
def test_nothing_is_awaited_in_a_dry_run_or_after_a_fault_that_leaves_it_running(tmp_path: Path, fault: Fault) -> None:
    backend = Town()
    web = backend.add("web")
    dry = fault.action is KillAction.REMOVE
    with Bridge(tmp_path, backend, Policy(fault=fault, dry_run=dry)) as bridge, bridge.talk() as talk:
        settled(bridge, backend)
        assert talk.ask(type="kill", id=web.id)["type"] == "ok"
        assert bridge.recovery._awaited == []


def test_container_that_was_not_well_before_is_not_awaited(tmp_path: Path) -> None:
    backend = Town()
    web = backend.add("web", health="unhealthy")
    with Bridge(tmp_path, backend) as bridge, bridge.talk() as talk:
        settled(bridge, backend)
        assert talk.ask(type="kill", id=web.id)["type"] == "ok"
        assert bridge.recovery._awaited == []


class Swarmlike(Town):
    """An engine whose restart replaces the whole service, and that has to be asked for changes."""

    replaced_by = frozenset({KillAction.RESTART})
    is_slow_to_tell = True
    poll_seconds = 3600.0
    calls = 0

    def act(self, container: Container, action: KillAction) -> None:
        """It begins, and the first new one is there before the answer."""
        self.add("api-new", "api", health="starting")
        time.sleep(0.1)

    def changes(self) -> Iterator[frozenset[str]]:
        return Backend.changes(self)

    def list(self) -> Sequence[Container]:
        self.calls += 1
        return super().list()


def test_restart_that_replaces_the_service_is_over_when_all_of_it_is_new(tmp_path: Path) -> None:
    backend = Swarmlike()
    old = [backend.add(f"api-{number}", "api") for number in range(2)]
    with Bridge(tmp_path, backend, Policy(fault=Fault(KillAction.RESTART))) as bridge:
        talk = watching(bridge, backend)
        talk.send(type="kill", id=old[1].id)
        until(talk, "ok")
        for number, each in enumerate(old):
            with backend._something:
                del backend._containers[each.id]
            before = backend.calls
            eventually(lambda before=before: backend.calls > before + 1)  # type: ignore[misc]
            assert not [line for line in bridge.audited() if "recovered" in line["event"]]
            backend.add(f"api-{number + 2}", "api")
        assert until(talk, "recovered", "not-recovered")["type"] == "recovered"
        calls = backend.calls
        time.sleep(0.4)
        assert backend.calls <= calls + 1, "nobody waits any more"
