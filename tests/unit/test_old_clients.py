"""Clients of version 1 and of the text protocol, while faults, recoveries, probes and hooks go on around them.

`conversations/version1.txt` was recorded with the bridge as it was when 1 was the newest version: lines of the client
(``>``), of the bridge (``<``), and what happened meanwhile (``*``).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hostbridge.backends.simulated import SimulatedBackend
from hostbridge.fault import Fault
from hostbridge.model import Container, KillAction
from hostbridge.policy.outside import HookRule, ProbeRule, WebPlace
from hostbridge.policy.rules import Policy
from hostbridge.policy.selectors import Selector
from tests.bridges import Message, Talk, eventually
from tests.dockerdoomd import NC, DockerdoomClient
from tests.unit.test_outside import FakeHelper, Helped

RECORDED = Path(__file__).parent / "conversations" / "version1.txt"
WEAPONS = {"chaingun": Fault.of(KillAction.THROTTLE, 0.2)}
POLICY = Policy(
    protect=(Selector.parse("name=*-db-*"),),
    weapons=WEAPONS,
    wound=True,
    probes=(ProbeRule("shop", WebPlace.of("http://127.0.0.1:1/")),),
    hooks=(HookRule("ops", WebPlace.of("http://127.0.0.1:1/")),),
)


class ThreeShops(SimulatedBackend):
    """The containers of the recording."""

    def __init__(self) -> None:
        super().__init__(0, churn=0)
        for number, name in enumerate(("shop-web-1", "shop-web-2", "shop-db-1")):
            self.put(number, name)

    def put(self, number: int, name: str) -> Container:
        service = name.split("-")[1]
        labels = {"com.docker.compose.project": "shop", "com.docker.compose.service": service, "secret": "x"}
        made = Container(f"{number}" * 64, name, "nginx:1.27", created=1700000000.0 + number, labels=labels,
                         service=service)  # fmt: skip
        self.show(made)
        return made

    def show(self, container: Container) -> None:
        with self._something:
            self._containers[container.id] = container
            self._touch(container.id)


class Around:
    """Everything that version 1 has no word for, seen by a client of version 2."""

    def __init__(self, bridge: Helped) -> None:
        self.seen: set[str] = set()
        self._helper = FakeHelper(bridge)
        self._talk = Talk(bridge.connect())
        self._talk.ask(type="hello", version=2)
        self._talk.ask(type="watch")
        self._failing = False

    def happen(self) -> None:
        """A probe changes, and a fault begins and ends."""
        self._failing = not self._failing
        self._helper.result(ok=not self._failing, reason="503" if self._failing else "200")
        self.until("probe")
        self._talk.send(type="kill", id="2" * 64, weapon="chaingun")  # protected: an error for this client alone
        self.until("error")

    def throttle(self, container_id: str) -> None:
        self._talk.send(type="kill", id=container_id, weapon="chaingun")
        self.until("healed")

    def until(self, kind: str) -> Message:
        while (said := self._talk.read())["type"] != kind:
            self.seen.add(said["type"])
        self.seen.add(kind)
        return said

    def close(self) -> None:
        self._helper.close()


@pytest.fixture
def bridge(tmp_path: Path) -> Iterator[Helped]:
    made = Helped(tmp_path, POLICY)
    made.backend = ThreeShops()
    with made:
        eventually(lambda: len(made.roster) == 3)
        yield made


def rounds(lines: Sequence[str]) -> Iterator[tuple[list[str], list[dict[str, Any]]]]:
    """What the client says or what happens, and what the bridge says to it, in any order."""
    given: list[str] = []
    answers: list[dict[str, Any]] = []
    for line in lines:
        if line[0] == "<":
            answers.append(json.loads(line[2:]))
            continue
        if answers:
            yield given, answers
            given, answers = [], []
        given.append(line)
    yield given, answers


def in_order(messages: Sequence[Any]) -> list[str]:
    return sorted(json.dumps(each, sort_keys=True) for each in messages)


def test_recorded_conversation_of_version_1_is_the_same(bridge: Helped) -> None:
    assert isinstance(bridge.backend, ThreeShops)
    around = Around(bridge)
    client = Talk(bridge.connect())
    late = Container("", "")
    for given, answers in rounds(RECORDED.read_text().splitlines()):
        around.happen()
        if given == ["* shop-web-3 appears"]:
            around.throttle("1" * 64)
            late = bridge.backend.put(3, "shop-web-3")
            around.until("recovered")
        elif given == ["* shop-web-3 has 7 bytes of memory"]:
            late = replace(late, memory=7)
            bridge.backend.show(late)
        elif given == ["* a text client kills shop-web-3"]:
            assert bridge.ask(b"list\n") == b"shop-web-3\nshop-db-1\n"
            assert bridge.ask(b"kill shop-web-3\n") == b""
        else:
            client.socket.sendall("".join(f"{line[2:]}\n" for line in given).encode())
        said: list[Any] = [client.read() for _ in answers]
        for each in (*answers, *said):
            if "message" in each:
                each["message"] = "a sentence for people"
            if each["type"] == "hello":
                each["server"] = each["server"].partition("/")[0]
                each["weapons"] = {weapon: fault.action for weapon, fault in WEAPONS.items()}
        assert in_order(said) == in_order(answers)
    around.happen()
    assert client.ask(type="ping", seq="end") == {"type": "pong", "seq": "end"}, "and nothing else was said"
    assert {"probe", "fault", "healed", "recovered"} <= around.seen
    assert bridge.ask(b"list", half_close=True) == b"shop-db-1\n"
    assert bridge.ask(b"dance\n") == b""
    around.close()


@pytest.mark.skipif(NC is None, reason="nc is not installed")
def test_the_original_s_client_plays_on_while_probes_and_faults_change(bridge: Helped) -> None:
    around = Around(bridge)
    game = DockerdoomClient(bridge.path)
    game.poll()
    assert game.names == [b"shop-db-1", b"shop-web-2", b"shop-web-1"]
    around.happen()
    around.throttle("1" * 64)
    game.shoot(b"shop-web-1")
    eventually(lambda: bridge.names() == ["shop-db-1", "shop-web-2"])
    around.happen()
    game.poll()
    assert game.names == [b"shop-db-1", b"shop-web-2"]
    game.shoot(b"shop-db-1")
    game.poll()
    assert game.names == [b"shop-db-1", b"shop-web-2"], "it is protected"
    around.close()
