"""Old and new on the two ends of one socket: our game with the original daemon, the original games with our bridge."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hostbridge.backends.simulated import SimulatedBackend
from hostbridge.model import KillAction
from hostbridge.protocol.names import number_of
from pydoom.containers.link import client as client_module
from pydoom.containers.link.client import BridgeClient
from pydoom.containers.link.events import BridgeEvent, Connected, Disconnected, Kill, KillFailed, Listed
from tests.bridges import Bridge, eventually
from tests.dockerdoomd import NC, DockerdoomClient, KubedoomClient, OriginalDaemon

pytestmark = pytest.mark.slow


@contextmanager
def game(path: Path) -> Iterator[tuple[BridgeClient, list[BridgeEvent]]]:
    """Our game's client, and all it tells, as the game would hear it."""
    client = BridgeClient(path)
    heard: list[BridgeEvent] = []
    over = threading.Event()

    def listen() -> None:
        while not over.wait(0.02):
            heard.extend(client.events())

    listener = threading.Thread(target=listen)
    client.start()
    listener.start()
    try:
        yield client, heard
    finally:
        over.set()
        listener.join()
        client.close()


def last_list(heard: list[BridgeEvent]) -> list[str]:
    lists = [each for each in tuple(heard) if isinstance(each, Listed)]
    return [each.name for each in lists[-1].containers] if lists else []


class TestOurGameWithTheOriginalDaemon:
    @pytest.fixture(autouse=True)
    def hurry(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(client_module, "HELLO_SECONDS", 0.2)
        monkeypatch.setattr(client_module, "TEXT_POLL_SECONDS", 0.2)

    def test_it_lists_and_kills_in_text(self, tmp_path: Path) -> None:
        daemon = OriginalDaemon(tmp_path / "s", ["web", "db"])
        with game(tmp_path / "s") as (client, heard):
            eventually(lambda: last_list(heard) == ["web", "db"])
            assert [each.text_only for each in heard if isinstance(each, Connected)] == [True]
            client.send(Kill("web", "shotgun"))
            eventually(lambda: last_list(heard) == ["db"])
        assert daemon.heard.count("kill web") == 1

    def test_containers_that_come_later_are_seen(self, tmp_path: Path) -> None:
        daemon = OriginalDaemon(tmp_path / "s", ["web"])
        with game(tmp_path / "s") as (_, heard):
            eventually(lambda: last_list(heard) == ["web"])
            daemon.names.append("new")
            eventually(lambda: last_list(heard) == ["web", "new"])

    def test_a_slow_list_is_awaited_to_its_end_and_kills_follow(self, tmp_path: Path) -> None:
        names = [f"c{number}" for number in range(20)]
        daemon = OriginalDaemon(tmp_path / "s", list(names), seconds_each=0.04)
        with game(tmp_path / "s") as (client, heard):
            eventually(lambda: last_list(heard) == names)
            client.send(Kill("c7", "pistol"))
            client.send(Kill("c8", "pistol"))
            eventually(lambda: last_list(heard) == [each for each in names if each not in ("c7", "c8")])
        assert daemon.dead == ""

    def test_the_daemon_survives_a_game_that_ends_in_the_middle_of_a_list(self, tmp_path: Path) -> None:
        daemon = OriginalDaemon(tmp_path / "s", ["web", "db", "cache"])
        with game(tmp_path / "s") as (_, heard):
            eventually(lambda: last_list(heard))
            daemon.seconds_each = 0.3
            count = len(daemon.heard)
            eventually(lambda: daemon.heard[count:] == ["list"])
        time.sleep(1)
        assert daemon.dead == ""

    def test_every_command_is_one_piece_of_its_own_connection(self, tmp_path: Path) -> None:
        daemon = OriginalDaemon(tmp_path / "s", ["web", "db"])
        with game(tmp_path / "s") as (client, heard):
            eventually(lambda: last_list(heard))
            client.send(Kill("web", "shotgun"))
            eventually(lambda: "kill web" in daemon.heard)
            eventually(lambda: daemon.heard[-1] == "list")
        hello, *rest = daemon.heard
        assert hello.startswith("{")
        assert set(rest) == {"list", "kill web"}

    def test_others_get_a_turn_between_our_polls(self, tmp_path: Path) -> None:
        OriginalDaemon(tmp_path / "s", ["web"])
        with game(tmp_path / "s") as (_, heard):
            eventually(lambda: last_list(heard))
            with socket.socket(socket.AF_UNIX) as other:
                other.settimeout(2)
                other.connect(str(tmp_path / "s"))
                other.sendall(b"list\n")
                assert other.recv(100) == b"web\n"

    def test_when_the_daemon_dies_the_game_is_told_and_goes_on(self, tmp_path: Path) -> None:
        daemon = OriginalDaemon(tmp_path / "s", ["web"])
        with game(tmp_path / "s") as (client, heard):
            eventually(lambda: last_list(heard))
            daemon.names.clear()  # the original does not survive an empty list
            eventually(lambda: daemon.dead)
            eventually(lambda: any(isinstance(each, Disconnected) for each in heard))
            client.send(Kill("web", "fist"))
            eventually(lambda: any(isinstance(each, KillFailed) for each in heard))


@pytest.mark.skipif(NC is None, reason="needs nc")
class TestTheOriginalGamesWithOurBridge:
    def test_dockerdoom_lists_and_kills(self, tmp_path: Path) -> None:
        backend = SimulatedBackend(0, churn=0)
        names = ["web", "a-project-with-a-long-name-database-server-1"]
        made = {name: backend.create(name).id for name in names}
        with Bridge(tmp_path, backend) as bridge:
            doom = DockerdoomClient(bridge.path)
            doom.poll()
            assert set(doom.names) == {b"web", b"ith-a-long-name-database-server-1"[-31:]}
            for name in tuple(doom.names):
                doom.shoot(name)
            eventually(lambda: set(backend.killed) == set(made.values()))
            doom.poll()
            assert doom.names == []

    def test_kubedoom_lists_and_kills_by_hash(self, tmp_path: Path) -> None:
        backend = SimulatedBackend(0, churn=0)
        names = ["default/web-7d4b9c6f5-x2x9z", "kube-system/dns", "default/a-pod-with-a-name-longer-than-31-bytes"]
        made = {name.encode(): backend.create(name).id for name in names}
        with Bridge(tmp_path, backend) as bridge:
            doom = KubedoomClient(bridge.path)
            doom.poll()
            assert set(doom.names) == set(made)
            for number, name in enumerate(made, 1):
                doom.shoot(name)
                eventually(lambda: len(backend.killed) == number)  # noqa: B023
            assert backend.killed == list(made.values())

    def test_a_game_that_leaves_at_once_still_kills(self, tmp_path: Path) -> None:
        backend = SimulatedBackend(0, churn=0)
        web = backend.create("web")
        with Bridge(tmp_path, backend) as bridge:
            with bridge.connect() as client:
                client.sendall(b"kill web\n")
            eventually(lambda: backend.killed == [web.id])

    def test_a_silent_client_delays_nobody(self, tmp_path: Path) -> None:
        backend = SimulatedBackend(3, churn=0)
        with Bridge(tmp_path, backend) as bridge, bridge.connect():
            doom = DockerdoomClient(bridge.path)
            doom.poll()
            assert len(doom.names) == 3


class TestNumbers:
    @pytest.mark.parametrize(("name", "number"), [("", 5381), ("a", 177670), ("web", 193510019)])
    def test_hashes_are_bernstein_s(self, name: str, number: int) -> None:
        assert number_of(name) == number

    def test_hashes_fit_31_bits(self) -> None:
        assert all(0 <= number_of(f"pod-{number}" * 3) < 2**31 for number in range(1000))

    def test_a_numeric_name_is_a_name_unless_it_may_be_another_s_hash(self, tmp_path: Path) -> None:
        backend = SimulatedBackend(0, churn=0)
        numbered = backend.create("193510019")
        with Bridge(tmp_path, backend) as bridge:
            web = backend.create("web")
            eventually(lambda: bridge.roster.get(web.id))
            bridge.ask(b"kill 193510019\n")
            time.sleep(0.1)
            assert backend.killed == []
            backend.act(web, KillAction.REMOVE)
            eventually(lambda: not bridge.roster.get(web.id))
            bridge.ask(b"kill 193510019\n")
            eventually(lambda: backend.killed == [web.id, numbered.id])

    def test_a_hash_that_matches_nothing_does_nothing(self, tmp_path: Path) -> None:
        backend = SimulatedBackend(3, churn=0)
        with Bridge(tmp_path, backend) as bridge:
            for number in (b"0", b"1", b"-1", b"99999999999", b"-2147483648"):
                bridge.ask(b"kill %s\n" % number)
            time.sleep(0.1)
            assert backend.killed == []
