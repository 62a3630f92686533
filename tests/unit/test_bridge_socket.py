"""The bridge's socket and its place: whose it is, and what others can do to it."""

from __future__ import annotations

import contextlib
import os
import socket
import stat
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from hostbridge.backends.simulated import SimulatedBackend
from hostbridge.host import sockets
from hostbridge.host.sockets import InheritedSocket, ListeningSocket
from hostbridge.model import SetupError
from tests.bridges import Bridge, eventually

STRANGER = 54321
"""An unused user ID."""

needs_root = pytest.mark.skipif(os.getuid() != 0, reason="only root can play somebody else")


def still() -> SimulatedBackend:
    return SimulatedBackend(3, churn=0)


def test_the_socket_is_private_to_its_owner(tmp_path: Path) -> None:
    with Bridge(tmp_path, still()) as bridge:
        assert stat.S_IMODE(bridge.path.stat().st_mode) == 0o600
    assert list(tmp_path.glob("bridge*")) == []


def test_a_group_can_be_let_in(tmp_path: Path) -> None:
    listening = ListeningSocket(tmp_path / "new" / "s", group=os.getgid())
    assert stat.S_IMODE(listening.path.stat().st_mode) == 0o660
    assert stat.S_IMODE(listening.path.parent.stat().st_mode) == 0o750
    listening.close()


def test_a_stale_one_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with socket.socket(socket.AF_UNIX) as left_behind:
        left_behind.bind(str(path))
    listening = ListeningSocket(path)
    assert listening.intact()
    listening.close()


def test_a_live_one_is_never_stolen(tmp_path: Path) -> None:
    with Bridge(tmp_path, still()) as bridge:
        with pytest.raises(SetupError, match="another bridge"):
            ListeningSocket(bridge.path)
        assert len(bridge.names()) == 3
    foreign = tmp_path / "s"
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(foreign))
        other.listen()
        with pytest.raises(SetupError, match="already"):
            ListeningSocket(foreign)


def test_a_file_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "s").write_text("precious")
    with pytest.raises(SetupError, match="not a socket"):
        ListeningSocket(tmp_path / "s")
    assert [each.name for each in tmp_path.iterdir()] == ["s"], "no lock is left behind"


@pytest.mark.parametrize("path", ["x" * 120, "s/s"])
def test_impossible_places_are_refused(tmp_path: Path, path: str) -> None:
    (tmp_path / "s").write_text("a file, no folder")
    with pytest.raises(SetupError):
        ListeningSocket(tmp_path / path)


def test_a_deleted_socket_comes_back(tmp_path: Path) -> None:
    with Bridge(tmp_path, still()) as bridge, bridge.talk() as talk:
        bridge.path.unlink()

        def answers() -> bool:
            with contextlib.suppress(FileNotFoundError, ConnectionRefusedError):  # bound, and about to listen
                return bool(bridge.names())
            return False

        eventually(answers, 5)
        assert len(bridge.names()) == 3
        assert talk.ask(type="ping")["type"] == "pong"


def test_a_link_at_its_place_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "s").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(SetupError, match="not a socket"):
        ListeningSocket(tmp_path / "s")
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(tmp_path / "elsewhere"))
        other.listen()
        with pytest.raises(SetupError, match="not a socket"):
            ListeningSocket(tmp_path / "s")
    assert (tmp_path / "s").is_symlink()


def test_a_link_at_the_place_of_its_lock_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "s.lock").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(SetupError, match="cannot use"):
        ListeningSocket(tmp_path / "s")
    assert not (tmp_path / "elsewhere").exists()


def test_a_folder_that_everyone_can_change_is_refused_unless_it_has_a_sticky_bit(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    folder.chmod(0o777)
    with pytest.raises(SetupError, match="changed by everyone"):
        ListeningSocket(folder / "s")
    folder.chmod(0o1777)
    ListeningSocket(folder / "s").close()


@needs_root
@pytest.mark.parametrize("what", ["folder", "link"])
def test_even_root_does_not_use_a_folder_prepared_by_somebody_else(tmp_path: Path, what: str) -> None:
    folder = tmp_path / "folder"
    if what == "link":
        (tmp_path / "real").mkdir()
        folder.symlink_to(tmp_path / "real")
    else:
        folder.mkdir()
    os.chown(folder, STRANGER, STRANGER, follow_symlinks=False)
    with pytest.raises(SetupError, match="belongs to others"):
        ListeningSocket(folder / "s")
    ListeningSocket(folder / "s", owner=STRANGER).close()


def test_a_file_swapped_into_the_socket_s_place_is_not_given_to_the_group(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    precious = tmp_path / "precious"
    precious.write_text("")
    precious.chmod(0o600)
    before = precious.stat()

    class Swapped(socket.socket):
        def listen(self, *backlog: int) -> None:  # the moment between binding and opening to the group
            super().listen(*backlog)
            (tmp_path / "s").unlink()
            (tmp_path / "s").symlink_to(precious)

    monkeypatch.setattr(socket, "socket", Swapped)
    with pytest.raises(SetupError, match="cannot give"):
        ListeningSocket(tmp_path / "s", group=os.getgid())
    assert precious.stat() == before


def test_its_mode_does_not_depend_on_the_process_s_mask_and_leaves_that_alone(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        listening = ListeningSocket(tmp_path / "s")
        assert stat.S_IMODE((tmp_path / "s").stat().st_mode) == 0o600
        assert os.umask(0) == 0
        listening.close()
    finally:
        os.umask(old)


def test_of_two_bridges_started_at_once_one_listens(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hostbridge", "--backend", "simulated", "--socket", str(tmp_path / "s")]
    command += ["--audit", str(tmp_path / "log"), "-q"]
    running = [subprocess.Popen(command, stderr=subprocess.PIPE) for _ in range(3)]
    try:
        eventually(lambda: sum(each.poll() == 2 for each in running) == 2, 15)
        (winner,) = [each for each in running if each.poll() is None]
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(tmp_path / "s"))
            pid, uid, gid = struct.unpack("3i", client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
        assert (pid, uid, gid) == (winner.pid, os.getuid(), os.getgid())
    finally:
        for each in running:
            if each.poll() is None:
                each.terminate()
            each.communicate(timeout=10)


def test_an_abstract_socket_is_open_to_all_and_refused() -> None:
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(b"\0pydoom-test-%d" % os.getpid())
        made.listen()
        with pytest.raises(SetupError, match="abstract"):
            InheritedSocket(os.dup(made.fileno()))


def test_the_usual_place_is_known_where_nothing_can_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> str:
        raise FileNotFoundError("no usable temporary directory")

    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    monkeypatch.setattr("tempfile.gettempdir", none)
    assert str(sockets.default_path()) == f"/tmp/pydoom-{os.getuid()}/bridge.sock"
