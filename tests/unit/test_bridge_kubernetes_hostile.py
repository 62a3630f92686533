"""A Kubernetes API server that drips, floods, lags or sends nonsense: cost is bounded, and killed pods stay away."""

from __future__ import annotations

import itertools
import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hostbridge.backends import kubeapi, kubernetes, pods
from hostbridge.backends.base import ALL
from hostbridge.backends.kubernetes import KubernetesBackend
from hostbridge.backends.podcache import PodCache
from hostbridge.faults import executioner
from hostbridge.model import LISTED_STATES, Code, KillAction, RequestError
from tests.bad_answers import ENDLESS, Answer
from tests.bridges import Bridge, eventually
from tests.kubernetes_api import ApiServer, pod
from tests.narrow import of_kind

pytestmark = pytest.mark.slow

SECONDS = 0.6


@pytest.fixture
def api() -> Iterator[ApiServer]:
    server = ApiServer()
    yield server
    server.answer = None
    server.stop()


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Short time limits for the API server."""
    monkeypatch.setattr(kubeapi, "LOOK_SECONDS", SECONDS)
    monkeypatch.setattr(kubeapi, "ACT_SECONDS", SECONDS)
    monkeypatch.setattr(kubeapi, "WATCH_SECONDS", SECONDS)
    monkeypatch.setattr(kubeapi, "MAX_PAGE", 1 << 20)
    monkeypatch.setattr(kubeapi, "MAX_ANSWER", 1 << 20)
    monkeypatch.setattr(executioner, "ANSWER_SECONDS", 2 * SECONDS)


@pytest.mark.parametrize("answer", ENDLESS.values(), ids=ENDLESS.keys())
@pytest.mark.parametrize("call", ["list", "examine", "act", "watch"])
def test_no_answer_exceeds_its_limits_on_time_and_size(
    api: ApiServer, call: str, answer: Answer, hurried: None
) -> None:
    api.add("web")
    backend = KubernetesBackend(["default"], host=api.url)
    (victim,) = backend.list()
    calls: dict[str, Callable[[], object]] = {
        "list": backend.list,
        "examine": lambda: backend.examine(victim.id),
        "act": lambda: backend.act(victim, KillAction.REMOVE),
        "watch": lambda: list(backend._api.watch("default", {}, "100", str)),
    }
    api.answer = answer
    began = time.monotonic()
    try:
        calls[call]()
    except RequestError as error:
        assert error.code is Code.ENGINE_DOWN
    else:
        assert call == "watch", "which just starts again"
    assert time.monotonic() - began < 10 * SECONDS, "and not forever"


def whole(body: bytes, status: str = "200 OK") -> Answer:
    """A whole answer with this body."""
    return lambda connection: connection.sendall(
        b"HTTP/1.1 %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % (status.encode(), len(body)) + body
    )


def items(*raw: object) -> bytes:
    return json.dumps({"metadata": {"resourceVersion": "7"}, "items": [*raw]}).encode()


def without(*path: str) -> dict[str, object]:
    made: dict[str, object] = {**pod("web", resourceVersion="7")}
    inner = made
    for key in path[:-1]:
        inner = of_kind(dict, inner[key])
    del inner[path[-1]]
    return made


NONSENSE = {
    "no JSON": b"<html>",
    "a list": b"[]",
    "a string": b'"pods"',
    "deep": b"[" * 100_000,
    "a number of 5,000 digits": b"1" * 5000,
    "no metadata": b'{"items": []}',
    "invalid metadata": b'{"metadata": 7, "items": []}',
    "invalid pods": items(1, None, "pod"),
    "invalid items": b'{"metadata": {"resourceVersion": "7"}, "items": 7}',
    "a pod without a name": items(without("metadata", "name")),
    "a pod without a UID": items(without("metadata", "uid")),
    "a pod without a version": items(without("metadata", "resourceVersion")),
    "a pod without a specification": items(without("spec")),
    "a name that is a path": items(pod("../../nodes/node-1", resourceVersion="7")),
    "a namespace that is a path": items(pod("web", "a/b", resourceVersion="7")),
    "a UID that is a list": items(pod("web", uid=["x"], resourceVersion="7")),  # type: ignore[arg-type]
    "invalid labels": items(pod("web", resourceVersion="7", labels=[1])),
    "invalid owners": items(pod("web", resourceVersion="7", ownerReferences=7)),
    "an endless list": json.dumps({"metadata": {"resourceVersion": "7", "continue": "x" * 20_000}}).encode(),
}


@pytest.mark.parametrize("body", NONSENSE.values(), ids=NONSENSE.keys())
def test_nonsense_is_a_server_that_is_down_and_changes_nothing(api: ApiServer, tmp_path: Path, body: bytes) -> None:
    uid = api.add("web")
    with Bridge(tmp_path, KubernetesBackend(["default"], host=api.url)) as bridge, bridge.talk() as talk:
        talk.ask(type="watch")
        api.answer = whole(body)
        bridge.feed.touch(ALL)
        assert talk.read()["state"] == "down"
        assert bridge.names() == ["web"]
        assert talk.ask(type="kill", id=uid)["code"] == "engine-down"
        api.answer = None
        eventually(lambda: bridge.roster.engine == "up", 3)
        assert bridge.names() == ["web"]


def test_a_list_that_never_ends_is_given_up(api: ApiServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kubeapi, "MAX_PODS", 1000)
    many = [pod(f"p-{number}", resourceVersion="7") for number in range(100)]
    api.answer = whole(json.dumps({"metadata": {"resourceVersion": "7", "continue": "more"}, "items": many}).encode())
    with pytest.raises(RequestError, match="the list has more than 1000 pods"):
        KubernetesBackend(["default"], host=api.url).list()


def test_a_list_that_drips_its_pages_is_given_up(api: ApiServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kubeapi, "LIST_SECONDS", 0.2)
    api.answer = whole(json.dumps({"metadata": {"resourceVersion": "7", "continue": "more"}, "items": []}).encode())
    with pytest.raises(RequestError, match="does not answer in time"):
        KubernetesBackend(["default"], host=api.url).list()


def test_a_kill_is_answered_in_time_whatever_the_server_does(api: ApiServer, tmp_path: Path, hurried: None) -> None:
    uid = api.add("web")
    with Bridge(tmp_path, KubernetesBackend(["default"], host=api.url)) as bridge, bridge.talk() as talk:
        api.answer = ENDLESS["drips its body"]
        assert talk.ask(type="kill", id=uid)["code"] == "engine-down"
        api.answer = None
        eventually(lambda: bridge.names() == ["web"] and bridge.roster.engine == "up")
        assert talk.ask(type="kill", id=uid)["type"] == "ok"


def test_a_flood_of_events_does_not_freeze_the_roster(
    api: ApiServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kubernetes, "EVENTS_A_SECOND", 200)
    api.add("noisy")
    with Bridge(tmp_path, KubernetesBackend(["default"], host=api.url), resync_seconds=0.3) as bridge:
        over = threading.Event()

        def flood() -> None:
            beats = itertools.count()
            while not over.is_set():
                for beat in itertools.islice(beats, 20):
                    api.change("noisy", labels={"beat": str(beat)})
                time.sleep(0.005)

        thread = threading.Thread(target=flood)
        thread.start()
        try:
            for number in range(3):
                with api.changed:
                    api.add(f"late-{number}")
                eventually(lambda: f"late-{number}" in bridge.names(), 5)  # noqa: B023
        finally:
            over.set()
            thread.join()


def test_a_silent_change_is_found_by_a_timer_that_traffic_does_not_restart(api: ApiServer, tmp_path: Path) -> None:
    api.add("silent")
    api.add("noisy")
    with Bridge(tmp_path, KubernetesBackend(["default"], host=api.url), resync_seconds=0.5) as bridge:
        eventually(lambda: any("watch" in each for each in api.requests))
        with api.changed:  # no event tells
            del api.pods["default", "silent"]
        for number in range(100):
            api.change("noisy", labels={"beat": str(number)})
            if bridge.names() == ["noisy"]:
                return
            time.sleep(0.05)
    raise AssertionError("it was never noticed")


def test_a_watch_that_ends_at_once_is_not_begun_without_a_pause(api: ApiServer, tmp_path: Path) -> None:
    with Bridge(tmp_path, KubernetesBackend(["default"], host=api.url)):
        eventually(lambda: any("watch" in each for each in api.requests))
        api.answer = whole(b"")
        api.compact()  # ends the watch that runs
        before = len(api.requests)
        time.sleep(0.8)
        assert len(api.requests) - before < 20


def test_sigterm_ends_a_backend_whose_watch_hangs(api: ApiServer, tmp_path: Path) -> None:
    with Bridge(tmp_path, KubernetesBackend(["default"], host=api.url)):
        eventually(lambda: any("watch" in each for each in api.requests))
        before = {each for each in threading.enumerate() if each.name == "pods"}
    eventually(lambda: not any(each.is_alive() for each in before))


def known(name: str, version: int, state: str = "Running") -> pods.Pod:
    raw = pod(name, resourceVersion=str(version))
    raw["status"]["phase"] = state
    return pods.read(raw, qualified=False)


def names(cache: PodCache) -> set[str]:
    return {each.name for each in cache.all() if each.container.state in LISTED_STATES}


def test_a_watch_that_lags_behind_a_list_revives_nobody() -> None:
    cache = PodCache()
    cache.take_list("", "10", [known("a", 5), known("b", 6)])
    cache.take_list("", "20", [known("a", 15)])
    cache.take_event("", "MODIFIED", known("b", 12))
    cache.take_event("", "MODIFIED", known("a", 12, "Failed"))
    assert names(cache) == {"a"}
    assert [each.version for each in cache.all()] == ["15"]


def test_a_list_that_was_asked_for_before_an_event_does_not_undo_it() -> None:
    cache = PodCache()
    cache.take_list("", "10", [known("a", 5), known("b", 6)])
    cache.take_event("", "DELETED", known("a", 12))
    cache.take_event("", "ADDED", known("c", 13))
    cache.take_event("", "MODIFIED", known("b", 14, "Failed"))
    cache.take_list("", "11", [known("a", 5), known("b", 6)])
    assert names(cache) == {"c"}


def test_one_whose_deletion_was_accepted_is_no_target_whatever_is_heard_later() -> None:
    cache = PodCache()
    cache.take_list("", "10", [known("a", 5)])
    cache.drop(known("a", 5).uid)
    cache.take_event("", "MODIFIED", known("a", 99))
    cache.take_list("", "100", [known("a", 99)])
    cache.take(known("a", 101))
    assert names(cache) == set()


def test_one_that_left_the_selection_may_come_back() -> None:
    cache = PodCache()
    cache.take_list("", "10", [known("a", 5)])
    cache.take_event("", "DELETED", known("a", 12))
    cache.take_event("", "MODIFIED", known("a", 11))
    assert names(cache) == set()
    cache.take_event("", "ADDED", known("a", 13))
    assert names(cache) == {"a"}


def test_a_list_of_one_namespace_leaves_the_others_alone() -> None:
    cache = PodCache()
    cache.take_list("default", "10", [known("a", 5)])
    cache.take_list("shop", "11", [pods.read(pod("b", "shop", resourceVersion="6"), qualified=True)])
    cache.take_list("default", "12", [])
    assert names(cache) == {"b"}


def test_a_killed_pod_stays_away_while_the_watch_says_nothing(
    api: ApiServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "delete", lambda pod: None)  # accepted, and not heard of again
    uid = api.add("web")
    with Bridge(tmp_path, KubernetesBackend(["default"], host=api.url)) as bridge, bridge.talk() as talk:
        eventually(lambda: any("watch" in each for each in api.requests))
        assert talk.ask(type="kill", id=uid)["type"] == "ok"
        happenings: tuple[Callable[[], None], ...] = (
            lambda: bridge.feed.touch(frozenset({uid})),
            lambda: api.change("web", labels={"still": "here"}),
            lambda: bridge.feed.touch(ALL),
        )
        for happen in happenings:
            happen()
            time.sleep(0.1)
            assert bridge.names() == []
