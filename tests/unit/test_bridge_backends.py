"""What docs/backends.md promises to authors of backends: its example is run as it is."""

from __future__ import annotations

import re
import shutil
import subprocess
import types
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import pytest

from hostbridge.backends.base import Backend
from hostbridge.backends.simulated import SimulatedBackend
from hostbridge.backends.swarm import SwarmBackend
from hostbridge.model import PAUSED, Code, Container, KillAction, RequestError
from hostbridge.policy.rules import Policy
from hostbridge.policy.selectors import Selector
from tests.bridges import Bridge, eventually
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def example() -> types.ModuleType:
    text = (ROOT / "docs" / "backends.md").read_text(encoding="utf-8")
    (source,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    module = types.ModuleType("example")
    exec(compile(source, "docs/backends.md", "exec"), module.__dict__)
    return module


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[Path]:
    if shutil.which("tmux") is None:
        pytest.skip("tmux is not installed")
    path = tmp_path / "tmux"
    for name in ("one", "two"):
        command = ["tmux", "-S", str(path), "-f", "/dev/null", "new-session", "-d", "-s", name, "sleep", "60"]
        subprocess.run(command, check=True)
    yield path
    subprocess.run(["tmux", "-S", str(path), "kill-server"], check=False, capture_output=True)


def test_the_documented_example_lists_and_kills(example: types.ModuleType, tmux: Path, tmp_path: Path) -> None:
    with Bridge(tmp_path, example.TmuxBackend(str(tmux))) as bridge, bridge.talk() as talk:
        ids = {each["name"]: each["id"] for each in talk.ask(type="list")["containers"]}
        assert set(ids) == {"one", "two"}
        assert talk.ask(type="kill", id=ids["one"])["type"] == "ok"
        eventually(lambda: bridge.names() == ["two"])
        assert talk.ask(type="kill", id=ids["two"], action="pause")["code"] == "denied"
        subprocess.run(["tmux", "-S", str(tmux), "new-session", "-d", "-s", "three", "sleep", "60"], check=True)
        eventually(lambda: set(bridge.names()) == {"two", "three"})


class Slow(SimulatedBackend):
    """A backend without events, which is polled."""

    poll_seconds = 0.05
    changes = Backend.changes


def test_a_backend_without_events_is_polled(tmp_path: Path) -> None:
    backend = Slow(1, churn=0)
    with Bridge(tmp_path, backend) as bridge, bridge.talk() as talk:
        (first,) = talk.ask(type="watch")["containers"]
        made = backend.create("late")
        assert talk.read()["container"]["id"] == made.id
        backend.act(made, KillAction.PAUSE)
        assert talk.read()["container"]["state"] == PAUSED
        backend.act(made, KillAction.REMOVE)
        assert talk.read() == {"type": "removed", "id": made.id}
        assert bridge.roster.get(first["id"]) is not None


class Pairs(Backend):
    """A backend whose containers come in pairs: an action on one hits both."""

    name: ClassVar[str] = "pairs"

    def __init__(self) -> None:
        super().__init__()
        left = Container("1", "left", created=1.0)
        self.both = (left, replace(left, id="2", name="right"))
        self.hit: list[str] = []

    def list(self) -> Sequence[Container]:
        return self.both

    def act(self, container: Container, action: KillAction) -> None:
        self.hit.append(container.id)

    def also_hit(
        self, container: Container, action: KillAction, is_spared: Callable[[Container], bool]
    ) -> Sequence[Container]:
        return [each for each in self.both if each.id != container.id and is_spared(each)]

    def look(self, ids: Iterable[str]) -> Sequence[Container]:
        return [each for each in self.both if each.id in set(ids)]


@pytest.mark.parametrize("rule", ["protect", "exclude"])
def test_an_action_that_would_hit_what_the_policy_spares_is_refused(rule: str, tmp_path: Path) -> None:
    backend = Pairs()
    right = (Selector.parse("right"),)
    policy = replace(Policy(), protect=right) if rule == "protect" else replace(Policy(), exclude=right)
    with Bridge(tmp_path, backend, policy) as bridge, bridge.talk() as talk:
        refused = talk.ask(type="kill", id="1")
        assert (refused["code"], "right" in refused["message"]) == ("protected", True)
        assert backend.hit == []
        assert [line.get("result") for line in bridge.audited()] == [None, "protected"]


def test_an_action_that_hits_only_what_may_be_hit_is_done(tmp_path: Path) -> None:
    backend = Pairs()
    with Bridge(tmp_path, backend) as bridge, bridge.talk() as talk:
        talk.send(type="kill", id="1")
        eventually(lambda: backend.hit == ["1"])


def test_fault_on_a_swarm_s_node_that_is_unknown_by_now_is_tried_again() -> None:
    backend = SwarmBackend("unix:///none", {"node1": "unix:///none"})
    with pytest.raises(RequestError, match="the engine of node node9 is not known: give it with --node") as caught:
        backend.heal("f" * 64, KillAction.PAUSE, {"node": "node9"}, True, lambda: None)
    assert caught.value.code is Code.ENGINE_DOWN
    backend.close()
