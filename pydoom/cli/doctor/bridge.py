"""The bridge: whether its socket exists, lets us in, and speaks the protocol (docs/protocol.md)."""

from __future__ import annotations

import contextlib
import grp
import importlib.util
import os
import pwd
import socket
import stat
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from pydoom import parsing
from pydoom.cli.doctor.check import Check, Status
from pydoom.cli.options import Options
from pydoom.containers.link.wire import HELLO

HELLO_SECONDS: Final = 2.5
"""Seconds of silence that mean an original daemon."""
LIST_SECONDS: Final = 6.0
MOST_BYTES: Final = 16 << 20
VERSIONS: Final = (1, 2)
"""Versions of the protocol that the game makes do with."""
_LIST: Final = b'{"type":"list"}\n'
_UNIX: Final = "unix://"


class _BridgeTrouble(Exception):
    """The bridge cannot be used; says why and what to do."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.remedy = remedy


def default_socket() -> Path:
    """Where a bridge listens by default."""
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    if runtime and Path(runtime).is_dir():
        return Path(runtime) / "pydoom" / "bridge.sock"
    return Path(tempfile.gettempdir()) / f"pydoom-{os.getuid()}" / "bridge.sock"


def check_bridge(options: Options) -> Iterator[Check]:
    """Check the bridge given with ``--bridge``, or else the one at the usual place, if any."""
    scheme = options.bridge.partition("?")[0]
    if not options.bridge:
        yield _usual(default_socket())
    elif scheme in ("simulated", "simulated://"):
        yield _simulated()
    elif options.bridge.startswith(_UNIX) and len(options.bridge) > len(_UNIX):
        yield _at(Path(options.bridge.removeprefix(_UNIX)))
    else:
        yield Check(
            "bridge", Status.MISSING, f"--bridge {options.bridge}: not an address", "use unix:///PATH, or simulated"
        )


def _simulated() -> Check:
    if importlib.util.find_spec("hostbridge") is None:
        message = "--bridge simulated needs the hostbridge package beside pydoom"
        return Check("bridge", Status.MISSING, message, "install all of pydoom")
    return Check("bridge", Status.OK, "simulated containers")


def _usual(path: Path) -> Check:
    if not path.exists():
        message = "none at the usual place; plain DOOM needs none"
        return Check("bridge", Status.NOTE, message, f"hostbridge, then pydoom --bridge {_UNIX}{path}")
    found = _at(path)
    if found.status is Status.MISSING:
        return Check(found.name, Status.WARNING, found.message, found.remedy)
    return Check(found.name, found.status, found.message, found.remedy or f"pydoom --bridge {_UNIX}{path}")


def _at(path: Path) -> Check:
    try:
        return _talk(path)
    except _BridgeTrouble as trouble:
        return Check("bridge", Status.MISSING, str(trouble), trouble.remedy)
    except OSError as error:
        return Check("bridge", Status.MISSING, f"{path}: {error.strerror or error}", f"hostbridge --socket {path}")


def _talk(path: Path) -> Check:
    _check_file(path)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(HELLO_SECONDS)
        try:
            connection.connect(str(path))
        except PermissionError:
            raise _not_permitted(path) from None
        except ConnectionRefusedError:
            raise _BridgeTrouble(f"{path} is left over: nothing listens there", f"hostbridge --socket {path}") from None
        lines = _TimedLines(connection)
        hello = _hello(connection, lines, path)
        if hello is None:
            return _original(connection, path)
        containers = _list(connection, lines)
    return _verdict(path, hello, containers)


def _check_file(path: Path) -> None:
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        raise _BridgeTrouble(f"nothing at {path}: no bridge runs there", f"hostbridge --socket {path}") from None
    except PermissionError:
        raise _not_permitted(path) from None
    if not stat.S_ISSOCK(mode):
        raise _BridgeTrouble(f"{path} is not a socket", "give the path that hostbridge says it is listening on")


def _not_permitted(path: Path) -> _BridgeTrouble:
    user = _name_of_user()
    try:
        found = path.stat()
    except OSError:
        return _BridgeTrouble(f"{user} has no access to {path.parent}", "start hostbridge as the same user")
    group = _name_of_group(found.st_gid)
    message = f"{user} has no access to {path} ({stat.filemode(found.st_mode)}, group {group})"
    if found.st_mode & stat.S_IWGRP:
        return _BridgeTrouble(message, f"sudo usermod -aG {group} {user}, then log in again")
    return _BridgeTrouble(message, "start hostbridge as the same user, or with --group GROUP")


def _name_of_user() -> str:
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def _name_of_group(number: int) -> str:
    try:
        return grp.getgrgid(number).gr_name
    except KeyError:
        return str(number)


class _TimedLines:
    """Reads a connection's lines with deadlines."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._data = b""

    def next(self, deadline: float) -> bytes | None:
        """A line without its newline, or the rest at the end of the connection; None after the deadline."""
        while b"\n" not in self._data:
            left = deadline - time.monotonic()
            if left <= 0 or len(self._data) > MOST_BYTES:
                return None
            self._connection.settimeout(left)
            try:
                piece = self._connection.recv(65536)
            except TimeoutError:
                return None
            except ConnectionError:
                piece = b""
            if not piece:
                line, self._data = self._data, b""
                return line
            self._data += piece
        line, _, self._data = self._data.partition(b"\n")
        return line


def _hello(connection: socket.socket, lines: _TimedLines, path: Path) -> dict[str, Any] | None:
    """The bridge's answer; None if it stays silent."""
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        connection.sendall(HELLO)
    line = lines.next(time.monotonic() + HELLO_SECONDS)
    if line is None:
        return None
    if not line:
        uid = os.getuid()
        message = f"{path} hangs up: its bridge admits only other users, or too many clients are connected"
        raise _BridgeTrouble(message, f"start hostbridge with --allow-uid {uid}; it logs each refusal")
    try:
        answer = parsing.json_value(line)
    except ValueError:
        answer = None
    if isinstance(answer, dict) and answer.get("type") == "hello":
        return answer
    what = "a container engine or web server" if line.startswith(b"HTTP/") else "another program"
    message = f"what listens on {path} is not a bridge, but {what}"
    raise _BridgeTrouble(message, f"hostbridge, then pydoom --bridge {_UNIX}{default_socket()}")


def _list(connection: socket.socket, lines: _TimedLines) -> list[dict[str, Any]] | None:
    """The containers, or None if no list arrives."""
    found: list[dict[str, Any]] = []
    deadline = time.monotonic() + LIST_SECONDS
    try:
        connection.sendall(_LIST)
        while line := lines.next(deadline):
            answer = parsing.json_value(line)
            if answer["type"] == "list":
                found += answer["containers"]
                if not answer.get("more"):
                    return found
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return None


def _verdict(path: Path, hello: dict[str, Any], containers: list[dict[str, Any]] | None) -> Check:
    text = f"{hello.get('server', 'a bridge')} on {path}"
    if hello.get("version") not in VERSIONS:
        return Check("bridge", Status.WARNING, f"{text} speaks version {hello.get('version')}", "update hostbridge")
    backend = hello.get("backend", "")
    if hello.get("engine") == "down":
        return Check("bridge", Status.WARNING, f"{text}: its {backend} engine does not answer", "hostbridge doctor")
    if containers is None:
        return Check(
            "bridge", Status.WARNING, f"{text} does not list its containers", f"hostbridge ping --socket {path}"
        )
    protected = sum(bool(container.get("protected")) for container in containers)
    kill = (
        "dry run, no container is touched" if hello.get("dry_run") else f"a kill means {hello.get('action', 'remove')}"
    )
    count = f"{len(containers)} containers, {protected} of them protected"
    return Check("bridge", Status.OK, f"{text}: {backend}, {count}; {kill}")


def _original(connection: socket.socket, path: Path) -> Check:
    """Finish talking to an original ``dockerdoomd``: it waits for a command, and crashes if the client just leaves."""
    deadline = time.monotonic() + LIST_SECONDS
    names = b""
    try:
        connection.sendall(b"list\n")
        while (left := deadline - time.monotonic()) > 0 and len(names) < MOST_BYTES:
            connection.settimeout(left)
            piece = connection.recv(65536)
            if not piece:
                count = len(names.split())
                message = f"an original dockerdoomd on {path}: {count} containers, without their IDs"
                return Check("bridge", Status.WARNING, message, "hostbridge reports more, and protects itself")
            names += piece
    except OSError as error:
        raise _BridgeTrouble(f"{path} does not answer: {error}", f"hostbridge --socket {path}") from error
    raise _BridgeTrouble(f"{path} does not answer", f"hostbridge --socket {path}")
