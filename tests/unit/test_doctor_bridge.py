"""What the doctor says about bridges: real ones, and anything else behind a socket."""

from __future__ import annotations

import importlib.util
import socket
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from hostbridge.admission import Access
from hostbridge.backends.simulated import SimulatedBackend
from hostbridge.policy.rules import Policy
from hostbridge.policy.selectors import Selector
from pydoom.cli.doctor import bridge
from pydoom.cli.doctor.check import Check, Status
from pydoom.cli.options import parse_options
from tests.bridges import Bridge, listening


def check(path: Path | str) -> Check:
    url = f"unix://{path}" if isinstance(path, Path) else path
    (found,) = bridge.check_bridge(parse_options(["--bridge", url] if url else []))
    return found


def test_a_bridge_that_answers_is_described(tmp_path: Path) -> None:
    policy = replace(Policy(), protect=(Selector.parse("*1"),))
    with Bridge(tmp_path, SimulatedBackend(12, 0, 0), policy) as running:
        found = check(running.path)
    assert found.status is Status.OK
    assert "hostbridge" in found.message
    assert "12 containers" in found.message
    assert "protected" in found.message
    assert "a kill means remove" in found.message


def test_the_usual_place_is_checked_without_a_given_bridge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    found = check("")
    assert (found.status, "hostbridge" in found.remedy) == (Status.NOTE, True)
    (tmp_path / "pydoom").mkdir(mode=0o700)
    with Bridge(tmp_path / "pydoom", SimulatedBackend(3, 0, 0)):
        found = check("")
    assert found.status is Status.OK
    assert found.remedy == f"pydoom --bridge unix://{tmp_path}/pydoom/bridge.sock"


def test_a_bridge_that_was_not_asked_for_never_prevents_play(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    (tmp_path / "pydoom").mkdir()
    (tmp_path / "pydoom" / "bridge.sock").touch()
    assert check("").status is Status.WARNING


def test_dry_run_is_reported(tmp_path: Path) -> None:
    with Bridge(tmp_path, SimulatedBackend(1, 0, 0), replace(Policy(), dry_run=True)) as running:
        assert "dry run" in check(running.path).message


def test_a_bridge_that_admits_only_others_is_told_apart_from_a_missing_one(tmp_path: Path) -> None:
    with Bridge(tmp_path, SimulatedBackend(1, 0, 0), access=Access(frozenset({4711}), frozenset())) as running:
        found = check(running.path)
    assert found.status is Status.MISSING
    assert "--allow-uid" in found.remedy


def test_a_missing_socket_and_a_file_that_is_not_one(tmp_path: Path) -> None:
    found = check(tmp_path / "bridge.sock")
    assert (found.status, found.remedy) == (Status.MISSING, f"hostbridge --socket {tmp_path}/bridge.sock")
    (tmp_path / "file").touch()
    assert "not a socket" in check(tmp_path / "file").message


def test_a_socket_that_was_left_over(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server:
        server.bind(str(tmp_path / "old.sock"))
    assert "nothing listens" in check(tmp_path / "old.sock").message


def test_no_permission_names_the_group_to_join(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "bridge.sock"

    def refuse(_self: socket.socket, _address: str) -> None:
        raise PermissionError(13, "Permission denied")

    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server:
        server.bind(str(path))
        monkeypatch.setattr(socket.socket, "connect", refuse)
        path.chmod(0o660)
        found = check(path)
        assert "has no access to" in found.message
        assert found.remedy.startswith("sudo usermod -aG ")
        path.chmod(0o600)
        assert "--group" in check(path).remedy


def test_an_engine_s_own_socket_is_not_a_bridge(tmp_path: Path) -> None:
    path = tmp_path / "docker.sock"
    with listening(path, lambda connection: connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")):
        found = check(path)
    assert found.status is Status.MISSING
    assert "is not a bridge, but a container engine" in found.message


@pytest.mark.parametrize("words", [b"\x00\xff\xfe\n", b"[1,2]\n", b'{"type":"goodbye"}\n', b"[" * 100_000 + b"\n"])
def test_other_programs_are_not_bridges(tmp_path: Path, words: bytes) -> None:
    path = tmp_path / "other.sock"
    with listening(path, lambda connection: connection.sendall(words)):
        assert "is not a bridge, but another program" in check(path).message


def test_an_original_daemon_is_recognised_and_heard_to_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bridge, "HELLO_SECONDS", 0.3)
    heard: list[bytes] = []

    def dockerdoomd(connection: socket.socket) -> None:
        while not heard or b"list\n" not in heard[-1]:
            heard.append(connection.recv(4096))
        connection.sendall(b"web\n")
        connection.sendall(b"db\n")

    path = tmp_path / "dockerdoom.socket"
    with listening(path, dockerdoomd):
        found = check(path)
    assert found.status is Status.WARNING
    assert "dockerdoomd" in found.message
    assert "2 containers" in found.message


def test_a_bridge_that_never_answers_is_not_awaited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bridge, "HELLO_SECONDS", 0.2)
    monkeypatch.setattr(bridge, "LIST_SECONDS", 0.2)
    checked = threading.Event()

    def say_nothing(_connection: socket.socket) -> None:
        checked.wait(20)

    with listening(tmp_path / "mute.sock", say_nothing):
        assert "does not answer" in check(tmp_path / "mute.sock").message
        checked.set()


@pytest.mark.parametrize(
    ("hello", "hint"),
    [
        (b'{"type":"hello","version":9,"server":"new","engine":"up"}\n', "version 9"),
        (b'{"type":"hello","version":1,"server":"x","backend":"docker","engine":"down"}\n', "does not answer"),
        (b'{"type":"hello","version":2,"server":"x","backend":"docker","engine":"down"}\n', "does not answer"),
        (b'{"type":"hello","version":3,"server":"x","backend":"docker","engine":"up"}\n', "speaks version 3"),
        (b'{"type":"hello","version":1,"server":"x","backend":"docker","engine":"up"}\n', "does not list"),
    ],
)
def test_half_a_bridge_is_a_warning(tmp_path: Path, hello: bytes, hint: str) -> None:
    with listening(tmp_path / "half.sock", lambda connection: connection.sendall(hello)):
        found = check(tmp_path / "half.sock")
    assert (found.status, hint in found.message) == (Status.WARNING, True)


def test_simulated_containers_need_only_the_bridge_s_package(monkeypatch: pytest.MonkeyPatch) -> None:
    assert check("simulated?fleet=5").status is Status.OK
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    assert check("simulated").status is Status.MISSING


def test_an_invalid_address() -> None:
    assert "unix:///PATH" in check("/run/bridge.sock").remedy
