"""The audit log: one JSON object a line, appended and on the disk before a container is touched.

Two lines for each kill, with the same `kill` number: the intent (written and fsynced first, so that a full disk means
a refused kill and not an unlogged one) and the result.
"""

from __future__ import annotations

import itertools
import json
import logging
import os
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

from hostbridge.model import Action, Container, Peer, SetupError

log = logging.getLogger("hostbridge")


class AuditError(Exception):
    """The line could not be written for certain."""


class Audit:
    """Appends lines to `path`; ``-`` is the standard output. Threads may share it."""

    def __init__(self, path: str) -> None:
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._session = f"{int(time.time())}-{os.getpid()}"
        self._owned = path != "-"
        self._fd = _open(path) if self._owned else sys.stdout.fileno()

    def intent(self, who: Peer, container: Container, action: Action, weapon: str, dry_run: bool) -> str:
        """Log what is about to be done; return the number of this kill. Raises AuditError when it is not on disk."""
        kill = f"{self._session}-{next(self._numbers)}"
        record: dict[str, object] = {"event": "intent", "kill": kill}
        record |= {"uid": who.uid, "gid": who.gid, "pid": who.pid}
        record |= {"id": container.id, "name": container.name, "image": container.image, "node": container.node}
        record |= {"action": str(action), "weapon": weapon, "dry_run": dry_run}
        self._write(record)
        return kill

    def result(self, kill: str, result: str, message: str = "") -> None:
        """Log how it went: ``ok`` or an error code."""
        self._write({"event": "result", "kill": kill, "result": result, "message": message})

    def refused(self, who: Peer, container_id: str, weapon: str, code: str, message: str) -> None:
        """Log a kill that was not even tried."""
        record: dict[str, object] = {"event": "refused", "uid": who.uid, "gid": who.gid, "pid": who.pid}
        self._write(record | {"id": container_id, "weapon": weapon, "result": code, "message": message})

    def close(self) -> None:
        """Close the file."""
        if self._owned:
            os.close(self._fd)

    def _write(self, record: dict[str, object]) -> None:
        stamped = {"time": datetime.now(UTC).isoformat(timespec="milliseconds")} | record
        line = json.dumps(stamped, separators=(",", ":")).encode("ascii") + b"\n"
        try:
            with self._lock:
                self._append(line)
        except OSError as error:
            raise AuditError(f"cannot write the audit log: {error.strerror or error}") from error

    def _append(self, line: bytes) -> None:
        if not self._owned:
            os.write(self._fd, line)
            return
        size = os.fstat(self._fd).st_size
        try:
            written = os.write(self._fd, line)
            if written != len(line):
                raise OSError(28, "no space left for a whole line")
            os.fsync(self._fd)
        except OSError:
            os.ftruncate(self._fd, size)  # half a line would spoil the next one
            raise


def _open(path: str) -> int:
    try:
        Path(path).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise SetupError(f"cannot write the audit log {path}: {error.strerror}; choose another with --audit") from error


def default_path() -> str:
    """Where the log goes when the user does not say and it can be written."""
    state = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return str(Path(state) / "pydoom" / "audit.jsonl")


def open_log(path: str | None) -> Audit:
    """The log at `path`, or at its usual place; on a read-only system (a container) the standard output is that.

    Raises SetupError when the given path cannot be written.
    """
    if path:
        return Audit(path)
    try:
        return Audit(default_path())
    except SetupError:
        log.warning("the audit log goes to the standard output: %s cannot be written", default_path())
        return Audit("-")
