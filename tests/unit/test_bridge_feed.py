"""How the bridge keeps its roster up to date: at fixed times, in the background, and never by an old answer."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import pytest

from hostbridge.backends.base import ALL, Backend
from hostbridge.backends.docker import DockerBackend
from hostbridge.backends.simulated import SimulatedBackend
from hostbridge.fleet import feed as feeding
from hostbridge.fleet.feed import Feed
from hostbridge.fleet.roster import Delta, EngineDown, EngineRoster, FullListing, Update
from hostbridge.model import RESTARTING, Code, Container, KillAction, RequestError
from hostbridge.policy.judge import Judge
from hostbridge.policy.rules import Policy
from hostbridge.policy.selectors import Selector
from tests.bridges import Bridge, eventually
from tests.fake_docker import FakeDocker, summary


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[FakeDocker]:
    made = FakeDocker(tmp_path)
    yield made
    made.stop()


class Chatty(SimulatedBackend):
    """Reports one container over and over, and nothing else."""

    def __init__(self) -> None:
        super().__init__(1, churn=0)
        self.listed = 0

    def list(self) -> Sequence[Container]:
        self.listed += 1
        return super().list()

    def changes(self) -> Iterator[frozenset[str]]:
        yield ALL
        (only,) = super().list()
        while not self.stopping.wait(0.02):
            yield frozenset({only.id})


def test_everything_is_listed_at_fixed_times_whatever_events_come_in_between() -> None:
    backend = Chatty()
    updates: list[Update] = []
    Feed(backend, updates.append, resync_seconds=0.2).start()
    try:
        eventually(lambda: backend.listed >= 4, 3)
        assert sum(isinstance(each, Delta) for each in updates) > 4
    finally:
        backend.close()


def test_without_events_nothing_more_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    backend = Chatty()
    monkeypatch.setattr(Chatty, "changes", SimulatedBackend.changes)
    Feed(backend, lambda update: None, resync_seconds=60).start()
    time.sleep(0.5)
    backend.close()
    assert backend.listed == 1


class BehindItsEvents(SimulatedBackend):
    """Lists a container as running for a moment after the event of its end, as Docker does."""

    ended: Container | None = None
    until = 0.0

    def look(self, ids: Iterable[str]) -> Sequence[Container]:
        stale = (self.ended,) if self.ended and time.monotonic() < self.until else ()
        return [*super().look(ids), *(each for each in stale if each.id in set(ids))]


def test_a_container_goes_though_the_engine_s_list_is_behind_its_event(tmp_path: Path) -> None:
    backend = BehindItsEvents(2, churn=0)
    with Bridge(tmp_path, backend) as bridge:
        backend.ended, backend.until = backend.list()[0], time.monotonic() + 0.3
        backend.act(backend.ended, KillAction.KILL)
        eventually(lambda: bridge.roster.get(backend.ended.id) is None if backend.ended else False)


def listing(*containers: Container, asked: float | None = None) -> FullListing:
    return FullListing(time.monotonic() if asked is None else asked, containers)


WEB = Container("1", "web")


def test_an_answer_from_before_the_kill_does_not_bring_the_container_back() -> None:
    roster = EngineRoster(Judge(Policy()))
    lines: list[bytes] = []
    asked = time.monotonic()
    roster.apply(listing(WEB))
    roster.subscribe(lines.append, 1)
    roster.end(WEB.id)
    roster.apply(listing(replace(WEB, restarts=1), asked=asked))
    roster.apply(Delta(asked, frozenset({WEB.id}), (WEB,)))
    assert (len(roster), len(lines)) == (0, 1)
    roster.apply(Delta(time.monotonic(), frozenset({WEB.id}), (WEB,)))
    assert len(roster) == 1, "one that was started again is there again"


class Slow(Backend):
    """A backend with a quick list and slow details."""

    name: ClassVar[str] = "slow"

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__()
        self.containers = {str(number): Container(str(number), name) for number, name in enumerate(names)}
        self.asked: list[str] = []
        self.known: set[str] = set()
        self.at_once = self.most_at_once = 0
        self.lock = threading.Lock()
        self.go = threading.Event()

    def list(self) -> Sequence[Container]:
        return [replace(each, memory=7 if each.id in self.known else 0) for each in self.containers.values()]

    def unknown(self, containers: Iterable[Container]) -> Sequence[str]:
        return [each.id for each in containers if each.id not in self.known]

    def learn(self, container_id: str) -> None:
        with self.lock:
            self.asked.append(self.containers[container_id].name)
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        assert self.go.wait(10)
        with self.lock:
            self.at_once -= 1
        if self.containers[container_id].name == "broken":
            raise RequestError(Code.ENGINE_DOWN, "no")
        self.known.add(container_id)

    def act(self, container: Container, action: KillAction) -> None:
        del self.containers[container.id]


def test_the_first_list_does_not_wait_for_slow_details(tmp_path: Path) -> None:
    backend = Slow([f"c-{number}" for number in range(40)])
    with Bridge(tmp_path, backend) as bridge, bridge.talk() as talk:
        found = talk.ask(type="list")
        assert (found["engine"], len(found["containers"])) == ("up", 40)
        eventually(lambda: backend.most_at_once == feeding.LEARNERS)
        assert talk.ask(type="kill", id="3")["type"] == "ok", "kills do not wait either"
        backend.go.set()
        eventually(lambda: {each["memory"] for each in talk.ask(type="list")["containers"]} == {7})
        assert "3" not in {each["id"] for each in talk.ask(type="list")["containers"]}


def test_monsters_are_inspected_first(tmp_path: Path) -> None:
    backend = Slow([f"safe-{number}" for number in range(20)] + ["web"] * 5)
    with Bridge(tmp_path, backend, Policy(protect=(Selector.parse("safe-*"),))):
        eventually(lambda: len(backend.asked) == feeding.LEARNERS)
        backend.go.set()
        eventually(lambda: len(backend.asked) == 25)
        # some may have started before the whole list was in the queue
        assert set(backend.asked[feeding.LEARNERS : feeding.LEARNERS + 5 - backend.asked[:4].count("web")]) <= {"web"}


def test_a_container_that_cannot_be_inspected_does_not_disturb_the_rest(tmp_path: Path) -> None:
    backend = Slow(["web", "broken"])
    backend.go.set()
    with Bridge(tmp_path, backend) as bridge, bridge.talk() as talk:
        eventually(lambda: {each["memory"] for each in talk.ask(type="list")["containers"]} == {0, 7})
        assert bridge.roster.engine == "up"


def test_details_do_not_make_an_engine_count_as_down(engine: FakeDocker, tmp_path: Path) -> None:
    engine.containers = [summary(number) for number in range(5)]
    engine.hook = lambda method, path: (500, b"{}") if path.endswith(("/stats", "/update")) else None
    states: list[str] = []
    with Bridge(tmp_path, DockerBackend(engine.url, details=True), Policy(wound=True)) as bridge, bridge.talk() as talk:
        bridge.roster.subscribe(lambda line: states.append(line.decode()), 1)
        assert talk.ask(type="wound", id=summary(1)["Id"])["code"] == "failed"
        eventually(lambda: sum("/stats" in each for each in engine.requests) == 5)
        time.sleep(0.1)
        assert not any('"engine"' in each for each in states)
        assert bridge.roster.engine == "up"


def test_a_container_in_a_restart_loop_stays_listed_and_can_be_killed(engine: FakeDocker, tmp_path: Path) -> None:
    engine.containers = [summary(1, "loop")]
    identity = summary(1)["Id"]
    with Bridge(tmp_path, DockerBackend(engine.url)) as bridge, bridge.talk() as talk:
        eventually(engine.listeners)
        talk.ask(type="watch")
        for state in (RESTARTING, "running", RESTARTING):
            engine.containers[0]["State"] = state
            engine.tell("die" if state == RESTARTING else "start", identity)
            eventually(lambda state=state: bridge.roster.get(identity).state == state)  # type: ignore[union-attr, misc]
            assert bridge.names() == ["loop"]
        changed = talk.read()  # the one restart, and no arrival or departure
        assert (changed["type"], changed["container"]["restarts"]) == ("changed", 1)
        assert changed["container"]["state"] == "running"
        talk.send(type="kill", id=identity)
        assert {talk.read()["type"], talk.read()["type"]} == {"ok", "removed"}


def test_a_container_that_died_in_a_failed_removal_goes_at_once(engine: FakeDocker, tmp_path: Path) -> None:
    engine.containers = [summary(1, "stuck")]

    def fail(method: str, path: str) -> tuple[int, bytes] | None:
        if method != "DELETE":
            return None
        engine.containers[0]["State"] = "dead"  # and no event says so
        return 500, b'{"message":"driver failed to remove root filesystem"}'

    engine.hook = fail
    with Bridge(tmp_path, DockerBackend(engine.url)) as bridge, bridge.talk() as talk:
        assert talk.ask(type="kill", id=summary(1)["Id"])["code"] == "failed"
        eventually(lambda: bridge.names() == [], 2)


def test_an_engine_that_goes_away_and_comes_back(tmp_path: Path) -> None:
    roster = EngineRoster(Judge(Policy()))
    roster.apply(listing(WEB))
    roster.apply(EngineDown("no"))
    assert (roster.engine, len(roster)) == ("down", 1)
    roster.apply(listing())
    assert (roster.engine, len(roster)) == ("up", 0)


def test_an_engine_that_says_nothing_of_one_that_is_being_removed_is_not_complained_about(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    engine = FakeDocker(tmp_path)
    engine.containers = [summary(1)]
    engine.hook = lambda method, path: (200, b"") if path.endswith("/stats") else None
    backend = DockerBackend(engine.url, details=True)
    try:
        backend.learn(summary(1)["Id"])
        assert [each.memory for each in backend.list()] == [0]
        assert backend.unknown(backend.list()) == []
        assert caplog.text == ""
    finally:
        engine.stop()
