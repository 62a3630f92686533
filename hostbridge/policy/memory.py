"""The judge's memory in a file, so that protection survives a restart of the bridge.

The file lies beside the audit log and is as trustworthy: it is read and written only where nobody else can
change or replace it, it is written atomically, and a damaged file stops the bridge at its start
instead of counting as empty. An entry holds as long as its container exists and its rule stays
in the policy.
"""

from __future__ import annotations

import json
import logging
import os
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from hostbridge import parsing
from hostbridge.host import ownership, statefile
from hostbridge.host.ownership import UntrustedError
from hostbridge.model import SetupError
from hostbridge.parsing import ParseError
from hostbridge.policy.rules import Policy, Verdict

SUFFIX: Final = ".protected"
VERSION: Final = 1
MAX_BYTES: Final = 16 * 1024 * 1024
MAX_ENTRIES: Final = 10_000
"""Most protected containers; beyond it, the last judged ones are kept."""
MAX_ID: Final = 128
MAX_REASON: Final = 1024
GATHER_SECONDS: Final = 0.2
"""Seconds to gather changes, which come in bursts, for one write."""
RETRY_SECONDS: Final = 30.0

log = logging.getLogger("hostbridge")

Entries = Mapping[str, Verdict]


class InUseError(SetupError):
    """Another bridge uses the file."""


class Memory:
    """The file, and the thread that writes it."""

    def __init__(self, path: Path, owner: int | None = None) -> None:
        """Read the file. `owner` may own it besides root and ourselves. Raises SetupError, such as InUseError."""
        self._path = path
        self._owners = ownership.owners(owner)
        self._entries: Callable[[], Entries] | None = None
        self._wanted = threading.Event()
        self._closing = threading.Event()
        self._lock = self._take_lock()
        try:
            self._known = self._read()
        except SetupError:
            os.close(self._lock)
            raise
        self._thread = threading.Thread(target=self._work, name="memory", daemon=True)
        self._thread.start()

    def recall(self, policy: Policy) -> dict[str, Verdict]:
        """The remembered verdicts that the policy's rules still support."""
        reasons = policy.lasting_reasons()
        return {key: verdict for key, verdict in self._known.items() if verdict.reason in reasons}

    def write(self, entries: Callable[[], Entries]) -> None:
        """Schedule a write of what `entries` then returns. Any thread may call this; returns at once."""
        self._entries = entries
        self._wanted.set()

    def close(self, seconds: float) -> None:
        """Write pending changes, if possible within this time."""
        self._closing.set()
        self._wanted.set()
        self._thread.join(seconds)
        os.close(self._lock)

    def _take_lock(self) -> int:
        """Lock the file against other bridges. Raises SetupError."""
        try:
            return statefile.take_lock(self._path, self._owners)
        except BlockingIOError as error:
            raise InUseError(f"another bridge keeps {self._path}") from error
        except OSError as error:
            raise SetupError(self._trouble(error)) from error

    def _read(self) -> dict[str, Verdict]:
        try:
            data = ownership.read_file(self._path, MAX_BYTES + 1, self._owners)
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise SetupError(self._trouble(error)) from error
        try:
            if len(data) > MAX_BYTES:
                raise ParseError(f"more than {MAX_BYTES} bytes")
            return _entries_of(parsing.json_object(data))
        except (ParseError, LookupError, TypeError, AttributeError) as error:
            raise SetupError(
                f"{self._path} is damaged ({error}): it says which containers were protected; remove it, and "
                "containers are judged as they are now"
            ) from error

    def _work(self) -> None:
        while True:
            self._wanted.wait()
            self._closing.wait(GATHER_SECONDS)
            self._wanted.clear()
            entries = self._entries
            if entries is not None:
                try:
                    self._replace(entries())
                except OSError as error:
                    log.error("%s", self._trouble(error))
                    if not self._closing.wait(RETRY_SECONDS):
                        self._wanted.set()
            if self._closing.is_set() and not self._wanted.is_set():
                return

    def _replace(self, entries: Entries) -> None:
        """Replace the file atomically. Raises OSError."""
        rows = [
            {"id": key, "listed": verdict.listed, "reason": verdict.reason}
            for key, verdict in entries.items()
            if len(key) <= MAX_ID and len(verdict.reason) <= MAX_REASON
        ]
        data = json.dumps({"version": VERSION, "protected": rows[-MAX_ENTRIES:]}).encode("ascii")
        statefile.replace(self._path, data, self._owners)

    def _trouble(self, error: OSError) -> str:
        why = error.strerror or str(error)
        if isinstance(error, UntrustedError):
            return f"no safe place to remember protected containers in: {why}"
        return f"cannot remember protected containers in {self._path}: {why}"


def _entries_of(document: Mapping[str, Any]) -> dict[str, Verdict]:
    """Raises ParseError, LookupError or TypeError."""
    if document["version"] != VERSION:
        raise ParseError(f"version {str(document['version'])[:20]} is not known")
    rows = document["protected"]
    if not isinstance(rows, list) or len(rows) > MAX_ENTRIES:
        raise ParseError("no list of containers, or too many")
    found: dict[str, Verdict] = {}
    for row in rows:
        key, listed, reason = row["id"], row["listed"], row["reason"]
        if not (isinstance(key, str) and isinstance(listed, bool) and isinstance(reason, str)):
            raise ParseError("an entry of the wrong type")
        if not key or len(key) > MAX_ID or len(reason) > MAX_REASON:
            raise ParseError("an entry that is empty or too long")
        found[key] = Verdict(listed, True, reason, lasts=True)
    return found
