"""A newcomer's mistakes: each ends with a line or two that say what to do, and never a traceback."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pydoom.cli.main import main
from pydoom.containers.link import client
from pydoom.containers.link.events import Disconnected
from pydoom.kiosk.cli import main as kiosk
from tests.bridges import listening
from tests.conftest import ROOT
from tests.unit import wadmaker


def complaint(capsys: pytest.CaptureFixture[str], *words: str | Path) -> str:
    """What the game says when it refuses to start."""
    assert main([str(word) for word in words]) == 2
    error = capsys.readouterr().err
    assert error.startswith("pydoom: ")
    assert error.count("\n") == 1
    return error


# -- the WAD


def test_no_wad_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("pydoom.cli.play.find_iwad", lambda _wanted: None)
    error = complaint(capsys, "--headless")
    assert "--wad" in error
    assert "python -m pydoom.wad.fetch --yes" in error


@pytest.mark.parametrize(
    ("name", "content", "hint"),
    [
        ("doom2.wad", None, "pydoom doctor"),
        ("half.wad", wadmaker.pack_wad(wadmaker.small_lumps())[:-40], "copy it here again"),
        ("mod.wad", wadmaker.pack_wad([("MAP01", b"")], b"PWAD"), "--file"),
        ("doom.zip", b"PK\x03\x04" + bytes(64), "unpack"),
    ],
)
def test_a_wad_that_cannot_be_played(
    name: str, content: bytes | None, hint: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    error = complaint(capsys, "--wad", path, "--headless")
    assert hint in error
    assert str(path) in error


# -- files


def test_places_for_files_written_at_the_end_are_looked_at_first(
    wad_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    for flag in ("--record", "--statdump"):
        error = complaint(capsys, "--wad", wad_path, "--headless", flag, tmp_path / "file" / "x")
        assert flag in error
        assert str(tmp_path / "file") in error


def test_a_broken_settings_file_names_the_way_round_it(
    wad_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bad.toml").write_text("[video\n")
    error = complaint(capsys, "--wad", wad_path, "--headless", "--config", tmp_path / "bad.toml")
    assert f"{tmp_path}/bad.toml:1" in error
    assert "--no-config" in error


# -- the machine


def play(tmp_path: Path, wad_path: Path, *words: str, **environment: str) -> str:
    """What the game says on a machine without display, sound card or terminal until it ends or shows a frame."""
    kept = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    kept = {name: value for name, value in kept.items() if not name.startswith("SDL_")}
    command = [sys.executable, "-m", "pydoom", "--wad", str(wad_path), "--no-config", *words]
    log = tmp_path / "stderr"
    with log.open("wb") as stderr:
        running = subprocess.Popen(
            command, env=kept | environment, cwd=ROOT, stderr=stderr, stdin=subprocess.DEVNULL, stdout=stderr
        )
        deadline = time.monotonic() + 30
        while running.poll() is None and time.monotonic() < deadline and b"\n" not in log.read_bytes():
            time.sleep(0.1)
        running.terminate()
        running.wait(20)
    return log.read_text()


def test_no_display_names_the_other_ways_to_play(tmp_path: Path, wad_path: Path) -> None:
    for driver in ({}, {"SDL_VIDEODRIVER": "x11"}):
        said = play(tmp_path, wad_path, **driver)
        assert said.startswith("pydoom: no window: ")
        assert "--terminal" in said
        assert "python -m pydoom.kiosk" in said
        assert said.count("\n") == 1


def test_missing_sound_is_reported_in_one_line(tmp_path: Path, wad_path: Path) -> None:
    said = play(tmp_path, wad_path, SDL_VIDEODRIVER="dummy", SDL_AUDIODRIVER="nonsense")
    assert said.startswith("pydoom: warning: no sound: ")
    assert "--nosound" in said
    assert said.count("\n") == 1


def test_an_impossible_save_folder_is_reported_at_the_start(tmp_path: Path, wad_path: Path) -> None:
    (tmp_path / "file").touch()
    folder = str(tmp_path / "file" / "saves")
    said = play(tmp_path, wad_path, "--save-folder", folder, SDL_VIDEODRIVER="dummy", SDL_AUDIODRIVER="dummy")
    assert said.startswith(f"pydoom: warning: games cannot be saved in {folder}: ")
    assert "--save-folder" in said


def test_no_terminal(wad_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "needs a terminal" in complaint(capsys, "--wad", wad_path, "--terminal", "--no-config")


# -- the bridge


def reason(path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Why the game says that the bridge is away."""
    monkeypatch.setattr(client, "START_SECONDS", 0.0)
    talk = client.BridgeClient(path)
    talk.start()
    try:
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            for event in talk.events():
                if isinstance(event, Disconnected):
                    return event.reason
            time.sleep(0.02)
    finally:
        talk.close()
    raise AssertionError("the game says nothing")


def test_no_bridge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "bridge.sock"
    wanted = f"nothing listens on {path}: start it with `hostbridge --socket {path}`"
    assert reason(path, monkeypatch) == wanted
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server:
        server.bind(str(path))
    assert reason(path, monkeypatch) == wanted


def test_a_bridge_without_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_self: socket.socket, _address: str) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    said = reason(tmp_path / "bridge.sock", monkeypatch)
    assert "no permission" in said
    assert "--group" in said


def test_a_socket_that_is_not_a_bridge_s(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "docker.sock"

    def engine(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with listening(path, engine):
        said = reason(path, monkeypatch)
    assert said.startswith(f"what listens on {path} is not a bridge")
    assert "pydoom doctor" in said


@pytest.mark.slow
def test_a_missing_bridge_is_reported_on_stderr_and_the_game_goes_on(tmp_path: Path, wad_path: Path) -> None:
    said = play(tmp_path, wad_path, "--headless", "--bridge", f"unix://{tmp_path}/none.sock")
    assert said == (
        f"pydoom: warning: the bridge is away: nothing listens on {tmp_path}/none.sock: "
        f"start it with `hostbridge --socket {tmp_path}/none.sock`\n"
    )


# -- optional parts


def test_a_video_without_its_package(
    wad_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    words: list[str | Path] = [
        "--wad",
        wad_path,
        "--headless",
        "--timedemo",
        "DEMO1",
        "--record-video",
        tmp_path / "x.mp4",
    ]
    assert "pip install 'pydoom-containers[video]'" in complaint(capsys, *words)


def test_gymnasium_without_its_package() -> None:
    hide = "import sys; sys.modules['gymnasium'] = None\n"
    for use in ("import pydoom.gym; pydoom.gym.register()", "import pydoom.gym.env"):
        done = subprocess.run([sys.executable, "-c", hide + use], cwd=ROOT, capture_output=True, text=True)
        assert done.stderr.endswith("ImportError: pydoom.gym needs Gymnasium: pip install 'pydoom-containers[gym]'\n")


# -- the kiosk


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["--bogus"], "--help"),
        (["--vnc-port", "70000"], "'70000' is not a port"),
        (["--size", "huge"], "640x400"),
    ],
)
def test_wrong_options_of_the_kiosk(words: list[str], hint: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert kiosk(words) == 2
    error = capsys.readouterr().err
    assert hint in error
    assert error.count("\n") == 1


@pytest.mark.parametrize("flag", ["--vnc-port", "--web-port"])
def test_a_port_of_the_kiosk_that_is_taken(
    flag: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("pydoom.kiosk.supervisor.missing_packages", list)
    with socket.socket() as taken, socket.socket() as free:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        free.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        other = "--web-port" if flag == "--vnc-port" else "--vnc-port"
        assert kiosk([flag, str(port), other, str(free.getsockname()[1])]) == 2
    assert f"choose another with {flag} {port + 1}" in capsys.readouterr().err


def test_the_kiosk_without_its_programs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert kiosk([]) == 2
    assert "apt install xvfb x11vnc" in capsys.readouterr().err
