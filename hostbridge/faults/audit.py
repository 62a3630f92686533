"""The audit log: one JSON object a line, appended and on the disk before a container is touched.

Each kill has two lines with the same `kill` number: the intent (written and fsynced first, so that a full disk means
a refused kill and not an unlogged one) and the result. Other lines stand for themselves. The file may be renamed or
removed at any time, as rotation does: the next line begins a new one.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import itertools
import json
import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Final

from hostbridge.host import ownership
from hostbridge.host.ownership import UntrustedError
from hostbridge.model import Container, Peer, SetupError

MAX_VALUE: Final = 1024
"""Longest logged value in characters: an engine may send text of any length."""

WAIT_SECONDS: Final = 2.0
"""Seconds a line may wait for earlier lines and for other bridges that write to the same file."""

LOCK_POLL_SECONDS: Final = 0.01

STOPPED: Final = "bridge stopped"
"""Why a probe is unknown from the end of a bridge on."""

log = logging.getLogger("hostbridge")

Listener = Callable[[Mapping[str, object]], None]
"""Takes a line of the log as it was written. Must neither wait nor raise."""


class AuditError(Exception):
    """The line may not have reached the disk."""


class Audit:
    """Appends lines to `path`; ``-`` is the standard output. Threads may share it, and bridges may share the file."""

    def __init__(self, path: str, owner: int | None = None) -> None:
        """`owner` may own the file besides root and ourselves: the user we are about to become."""
        self._lock = threading.Lock()
        self._listeners: tuple[Listener, ...] = ()
        self._numbers = itertools.count(1)
        self.session = f"{int(time.time())}-{os.getpid()}"
        self._owner = owner
        self._owners = ownership.owners(owner)
        self._path = Path(path).absolute() if path != "-" else None
        self._fd = sys.stdout.fileno() if self._path is None else self._prepare(self._path)
        self._lock_fd = self._open_lock(self._path) if self._path else -1

    def follow(self, listener: Listener) -> None:
        """Call `listener` with each line from now on, once it is on the disk, in the thread that wrote it."""
        self._listeners = (*self._listeners, listener)

    @property
    def path(self) -> Path | None:
        """The log's path; None for the standard output."""
        return self._path

    def check(self) -> None:
        """Make sure that we can still write lines after dropping root. Raises SetupError."""
        if self._path is not None:
            try:
                self._follow(self._path)
            except OSError as error:
                raise SetupError(_cannot_write(self._path, error)) from error

    def intent(
        self, who: Peer, container: Container, action: str, weapon: str, dry_run: bool, seconds: float = 0.0
    ) -> str:
        """Log what is about to be done; return the number of this kill. Raises AuditError when it is not on disk."""
        kill = f"{self.session}-{next(self._numbers)}"
        record: dict[str, object] = {"event": "intent", "kill": kill}
        record |= {"uid": who.uid, "gid": who.gid, "pid": who.pid}
        record |= {"id": container.id, "name": container.name, "image": container.image, "node": container.node}
        record |= {"action": str(action), "weapon": weapon, "dry_run": dry_run}
        if seconds:
            record["seconds"] = seconds
        self._write(record)
        return kill

    def result(self, kill: str, result: str, message: str = "") -> None:
        """Log how it went: ``ok`` or an error code."""
        self._write({"event": "result", "kill": kill, "result": result, "message": message})

    def healed(self, kill: str, container_id: str, name: str, action: str, result: str) -> None:
        """Log the result of undoing a fault; `kill` is the number of its intent. Raises AuditError."""
        record: dict[str, object] = {"event": "healed", "kill": kill, "id": container_id, "name": name}
        self._write(record | {"action": str(action), "result": result})

    def recovery(self, event: str, kill: str, container_id: str, service: str, seconds: float) -> None:
        """Log that a victim's group has recovered or has not; `event` says which. Raises AuditError."""
        record: dict[str, object] = {"event": event, "kill": kill, "id": container_id}
        self._write(record | {"service": service, "seconds": seconds})

    def probe(self, probe: str, state: str, reason: str) -> None:
        """Log how a probe is from now on: ``up``, ``failing``, or ``unknown`` while nobody asks. Raises AuditError."""
        self._write({"event": "probe", "probe": probe, "state": state, "reason": reason})

    def hook(self, hook: str, result: str, count: int, reason: str) -> None:
        """Log that messages have not reached a hook; `result` is ``failed`` or ``dropped``. Raises AuditError."""
        self._write({"event": "hook", "hook": hook, "result": result, "count": count, "reason": reason})

    def refused(
        self, who: Peer, container_id: str, request: str, weapon: str, code: str, message: str, unlogged: int = 0
    ) -> None:
        """Log a refused kill or wound; `unlogged` earlier ones of the same user were left out."""
        record: dict[str, object] = {"event": "refused", "uid": who.uid, "gid": who.gid, "pid": who.pid}
        record |= {"request": request, "id": container_id, "weapon": weapon, "result": code, "message": message}
        self._write(record | ({"unlogged": unlogged} if unlogged else {}))

    def question(self, who: Peer, container: Container, request: str, unlogged: int = 0) -> None:
        """Log that a client is about to be told something about a container; `unlogged` lines were left out before.

        Raises AuditError.
        """
        record: dict[str, object] = {"event": "question", "uid": who.uid, "gid": who.gid, "pid": who.pid}
        record |= {"request": request, "id": container.id, "name": container.name}
        self._write(record | ({"unlogged": unlogged} if unlogged else {}))

    def reader(self) -> BinaryIO:
        """The log's file, to be read: the one that was written, whatever is at its path now. Raises OSError."""
        return os.fdopen(os.dup(self._fd), "rb")

    def close(self) -> None:
        """Close the file."""
        if self._path is not None:
            os.close(self._fd)
            os.close(self._lock_fd)

    def _write(self, record: dict[str, object]) -> None:
        stamped: dict[str, object] = {"time": datetime.now(UTC).isoformat(timespec="milliseconds")}
        stamped |= {key: value[:MAX_VALUE] if isinstance(value, str) else value for key, value in record.items()}
        line = json.dumps(stamped, separators=(",", ":")).encode("ascii") + b"\n"
        deadline = time.monotonic() + WAIT_SECONDS
        if not self._lock.acquire(timeout=WAIT_SECONDS):
            raise AuditError("cannot write the audit log: the disk is too slow, or another bridge holds the file")
        try:
            self._append(line, deadline)
        except OSError as error:
            raise AuditError(f"cannot write the audit log: {error.strerror or error}") from error
        finally:
            self._lock.release()
        for listener in self._listeners:
            listener(stamped)

    def _append(self, line: bytes, deadline: float) -> None:
        if self._path is None:
            os.write(self._fd, line)
            return
        self._follow(self._path)
        with _locked(self._lock_fd, deadline):
            size = os.fstat(self._fd).st_size
            if size and os.pread(self._fd, 1, size - 1) != b"\n":
                line = b"\n" + line  # an earlier writer died in the middle of a line
            try:
                if os.write(self._fd, line) != len(line):
                    raise OSError(errno.ENOSPC, "no space left for a whole line")
                os.fsync(self._fd)
            except OSError:
                os.ftruncate(self._fd, size)  # half a line would spoil the next one
                raise

    def _follow(self, path: Path) -> None:
        """Reopen the file when it was renamed or removed: nobody reads what goes to the old one."""
        with contextlib.suppress(FileNotFoundError):
            if os.path.samestat(path.lstat(), os.fstat(self._fd)):
                ownership.check_folder(path.parent, self._owners)
                ownership.check_file(self._fd, path, self._owners)
                return
        fd = self._open(path)
        os.close(self._fd)
        self._fd = fd

    def _prepare(self, path: Path) -> int:
        try:
            ownership.make_folder(path.parent, self._owners, owner=self._owner)
            return self._open(path)
        except OSError as error:
            raise SetupError(_cannot_write(path, error)) from error

    def _open_lock(self, path: Path) -> int:
        """Open the lock file of bridges that share the log. The log itself will not do: any reader could lock it."""
        try:
            return ownership.open_file(path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT, self._owners)
        except UntrustedError as error:
            raise SetupError(f"cannot write the audit log {path}: {error.strerror}") from error
        except OSError:
            return os.dup(self._fd)  # we may write to the log and not to its folder

    def _open(self, path: Path) -> int:
        """Open a trusted file for appending. Raises OSError."""
        return ownership.open_file(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, self._owners)


def _cannot_write(path: Path, error: OSError) -> str:
    return f"cannot write the audit log {path}: {error.strerror}; choose another with --audit"


@contextlib.contextmanager
def _locked(fd: int, deadline: float) -> Iterator[None]:
    """Hold an inter-process lock. Raises TimeoutError when it is not free by `deadline`."""
    while True:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise TimeoutError(errno.ETIMEDOUT, "another process holds the lock") from None
            time.sleep(LOCK_POLL_SECONDS)
    try:
        yield
    finally:
        fcntl.flock(fd, fcntl.LOCK_UN)


def default_path() -> str:
    """The log's usual place; a user without a home directory has none."""
    home = os.path.expanduser("~")
    state = os.environ.get("XDG_STATE_HOME") or os.path.join(home, ".local", "state")
    return os.path.join(state, "pydoom", "audit.jsonl") if os.path.isabs(state) else "-"


def open_log(path: str | None, owner: int | None = None) -> Audit:
    """The log at `path`, or at its usual place, or on the standard output where that cannot be written (containers).

    Raises SetupError when the given path cannot be written.
    """
    if path:
        return Audit(path, owner)
    try:
        return Audit(default_path(), owner)
    except SetupError:
        log.warning("the audit log goes to the standard output: %s cannot be written", default_path())
        return Audit("-")
