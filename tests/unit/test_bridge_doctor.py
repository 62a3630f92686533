"""What the bridge's command says about engines that do not answer, command lines that make no sense, and itself."""

from __future__ import annotations

import json
import socket
import time
from pathlib import Path

import docker
import pytest
import requests
import urllib3

from hostbridge.backends import trouble
from hostbridge.backends.docker import DockerBackend
from hostbridge.backends.endpoint import Endpoint
from hostbridge.backends.simulated import SimulatedBackend
from hostbridge.cli.main import main
from hostbridge.model import RequestError
from tests.bridges import Bridge, listening


def complaint(capsys: pytest.CaptureFixture[str], *words: str, status: int = 2) -> str:
    assert main(words) == status
    error = capsys.readouterr().err
    assert error.startswith("hostbridge: ")
    assert error.count("\n") == 1
    return error


@pytest.mark.parametrize("command", [["policy", "check"], ["up"]])
def test_a_missing_engine_says_how_to_start_or_find_it(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    error = complaint(capsys, *command, "--engine-url", f"unix://{tmp_path}/docker.sock")
    assert f"there is no unix://{tmp_path}/docker.sock" in error
    assert "systemctl start docker" in error


def test_a_port_without_a_listener(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"tcp://127.0.0.1:{free.getsockname()[1]}"
        assert f"nothing listens at {url}" in complaint(capsys, "policy", "check", "--engine-url", url)


def test_a_forbidden_socket_names_the_group_to_join(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "docker.sock").touch()

    def connect(_self: socket.socket, _address: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(socket.socket, "connect", connect)
    with pytest.raises(RequestError) as caught:
        DockerBackend(f"unix://{tmp_path}/docker.sock").list()
    assert "no permission for unix://" in caught.value.message
    assert "sudo usermod -aG " in caught.value.message


def test_causes_are_found_however_libraries_wrap_them() -> None:
    box = Endpoint("tcp://box:2375")
    inner = urllib3.exceptions.ProtocolError("Connection aborted.", ConnectionRefusedError(111, "refused"))
    wrapped = docker.errors.DockerException(str(inner))
    wrapped.__cause__ = requests.ConnectionError(inner)
    assert trouble.explain(wrapped, box)[0] == "nothing listens at tcp://box:2375"
    assert trouble.explain(TimeoutError(), box)[0] == "tcp://box:2375 does not answer in time"
    assert trouble.explain(ValueError("odd\nlines"), box) == ("odd", "")
    circle = ValueError("round")
    circle.__cause__ = RuntimeError(circle)
    assert trouble.explain(circle, box) == ("round", "")


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["status"], "--help lists commands"),
        (["--backend", "rkt"], "invalid choice: 'rkt'"),
        (["ping", "--bogus"], "--bogus"),
        (["policy"], "command"),
        (["up", "--vnc-port", "x"], "--vnc-port"),
        (["doctor", "--backend", "rkt"], "rkt"),
    ],
)
def test_invalid_command_lines_end_with_one_line(
    words: list[str], hint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert hint in complaint(capsys, *words)


def test_help_has_a_line_for_each_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    text = capsys.readouterr().out
    assert text.startswith("usage: hostbridge [options]\n")
    for command in ("up", "policy check", "ping", "doctor"):
        assert f"  hostbridge {command}  " in text


def test_ping_says_how_to_start_a_bridge(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ping", "--socket", str(tmp_path / "none.sock")]) == 1
    assert f"start one with hostbridge --socket {tmp_path}/none.sock" in capsys.readouterr().out


def findings(capsys: pytest.CaptureFixture[str], *words: str, status: int) -> dict[str, dict[str, str]]:
    assert main(["doctor", "--json", *words]) == status
    return {each["name"]: each for each in json.loads(capsys.readouterr().out)["checks"]}


def test_doctor_of_a_bridge_that_works(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Bridge(tmp_path, SimulatedBackend(1, 0, 0)) as running:
        words = ["--backend", "simulated", "--fleet", "7", "--dry-run", "--socket", str(running.path)]
        found = findings(capsys, *words, status=0)
    assert found["engine"]["message"] == "simulated answers, 7 containers are running"
    assert "dry run" in found["policy"]["message"]
    assert found["bridge"]["status"] == "ok"


def test_doctor_of_a_bridge_that_cannot_work(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "policy.toml").write_text("[nonsense]\n")
    (tmp_path / "bridge.sock").touch()
    words = ["--engine-url", f"unix://{tmp_path}/none.sock", "--policy", str(tmp_path / "policy.toml")]
    found = findings(capsys, *words, "--socket", str(tmp_path / "bridge.sock"), status=1)
    assert {name: each["status"] for name, each in found.items()} == {
        "engine": "missing",
        "policy": "missing",
        "bridge": "warning",
    }
    assert "systemctl" in found["engine"]["remedy"]
    assert main(["doctor", *words]) == 1
    assert "-> " in capsys.readouterr().out


def test_doctor_does_not_wait_for_a_hung_engine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("hostbridge.cli.doctor.ENGINE_SECONDS", 0.2)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as mute:
        mute.bind(str(tmp_path / "mute.sock"))
        mute.listen()
        words = ["--engine-url", f"unix://{tmp_path}/mute.sock", "--socket", str(tmp_path / "none.sock")]
        assert "does not answer" in findings(capsys, *words, status=1)["engine"]["message"]


HOSTILE = {
    "deep": b'{"type":' + b"[" * 30_000,
    "long number": b'{"server":' + b"7" * 5000 + b"}",
    "no object": b"[]",
    "no strings": b'{"server":1,"backend":null,"engine":{}}',
    "not utf-8": b"\xff\xfe{}",
    "endless": b"x" * 200_000,
    "nothing": b"",
}


@pytest.mark.parametrize("command", ["ping", "doctor"])
@pytest.mark.parametrize("answer", HOSTILE.values(), ids=HOSTILE.keys())
def test_whatever_answers_in_the_bridge_s_place_is_reported_in_one_line(
    command: str, answer: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "bridge.sock"
    with listening(path, lambda connection: connection.sendall(answer + b"\n")):
        assert main([command, "--socket", str(path), *(["--backend", "simulated"] if command == "doctor" else [])]) < 2
    out = capsys.readouterr().out
    assert out.count(f"no answer on {path}: ") == 1
    assert out.isascii()


@pytest.mark.parametrize("command", ["ping", "doctor"])
def test_escape_sequences_of_what_answers_are_not_printed(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "bridge.sock"
    answer = json.dumps({"server": "a\x1b[2Jb\n", "backend": "\x9b31m", "engine": "up\r"}).encode() + b"\n"
    with listening(path, lambda connection: connection.sendall(answer)):
        main([command, "--socket", str(path), *(["--backend", "simulated"] if command == "doctor" else [])])
    out = capsys.readouterr().out
    assert "a\\x1b[2Jb\\n" in out
    assert not any(each in out for each in "\x1b\x9b\r")


def test_an_answer_that_drips_is_cut_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hostbridge.cli.ping.TIMEOUT_SECONDS", 0.5)

    def drip(connection: socket.socket) -> None:
        for _ in range(100):
            connection.sendall(b" ")
            time.sleep(0.02)

    path = tmp_path / "bridge.sock"
    with listening(path, drip):
        assert main(["ping", "--socket", str(path)]) == 1
