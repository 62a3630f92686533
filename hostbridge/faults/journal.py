"""The undo journal: the faults to be undone, on disk before a container is touched.

One JSON file, which a new version replaces by a rename, so that it holds either the old text or the new one, whatever
happens in between. After a crash the bridge reads it at its next start and undoes what it finds. Only one bridge at a
time may have it open, or one would end another's faults early.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from hostbridge import parsing
from hostbridge.backends.base import Undo
from hostbridge.fault import MAX_SECONDS
from hostbridge.host import ownership, statefile
from hostbridge.model import KillAction, SetupError

VERSION: Final = 1
MAX_ENTRIES: Final = 1000
"""Most faults that may be waiting to be undone."""
MAX_BYTES: Final = 8 * 1024 * 1024


class JournalError(Exception):
    """The journal may not have reached the disk."""


class FaultStage(StrEnum):
    """How far a fault has come."""

    BEGUN = "begun"  # it may have been done, or half done
    DONE = "done"  # it was done, in full
    HEALING = "healing"  # it may have been undone, or half undone


@dataclass(frozen=True, slots=True)
class FaultEntry:
    """One fault to be undone."""

    kill: str  # its number in the audit log
    engine: str  # where the container is
    container_id: str
    name: str
    action: KillAction
    seconds: float
    until: float  # seconds since 1970
    undo: Undo
    stage: FaultStage = FaultStage.BEGUN


class Journal:
    """The entries of one file. Any thread may call; writes wait for the disk."""

    def __init__(self, path: Path) -> None:
        """Open and read it. Raises SetupError."""
        self.path = path.absolute()
        self._owners = ownership.owners()
        try:
            ownership.make_folder(self.path.parent, self._owners)
            self._lock = statefile.take_lock(self.path, self._owners)
        except BlockingIOError as error:
            raise SetupError(_trouble(path, "another bridge is using it")) from error
        except OSError as error:
            raise SetupError(_trouble(path, error.strerror)) from error
        try:
            self.entries = _read(self.path, self._owners)
        except OSError as error:
            os.close(self._lock)
            raise SetupError(_trouble(path, error.strerror)) from error

    def write(self, entries: Iterable[FaultEntry]) -> None:
        """Replace the file's contents; they are on disk when this returns. Raises JournalError."""
        listed = [asdict(each) for each in entries]
        text = json.dumps({"version": VERSION, "entries": listed}, indent=1).encode("ascii") + b"\n"
        if len(listed) > MAX_ENTRIES or len(text) > MAX_BYTES:
            raise JournalError("too many faults are waiting to be undone")
        try:
            statefile.replace(self.path, text, self._owners)
        except OSError as error:
            raise JournalError(f"cannot write the undo journal: {error.strerror or error}") from error

    def close(self) -> None:
        """Close it, so that another bridge can open it."""
        os.close(self._lock)


def _trouble(path: Path, why: str | None) -> str:
    return f"cannot use the undo journal {path}: {why}; choose another with --undo"


def _read(path: Path, owners: frozenset[int]) -> list[FaultEntry]:
    """The file's entries; none if there is no file. Raises OSError."""
    try:
        data = ownership.read_file(path, MAX_BYTES + 1, owners)
    except FileNotFoundError:
        return []
    try:
        if len(data) > MAX_BYTES:
            raise ValueError("it is too large")
        found = parsing.json_object(data)
        if found.get("version") != VERSION:
            raise ValueError(f"its version is {found.get('version')!r:.20}, not {VERSION}")
        return [_entry(each) for each in found["entries"]]
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        # starting a new one would leave containers damaged forever
        raise OSError(0, f"it is damaged ({type(error).__name__}: {error!s:.80}): move it away") from error


def _entry(found: Mapping[str, Any]) -> FaultEntry:
    texts = {key: found[key] for key in ("kill", "engine", "container_id", "name")}
    numbers = {key: found[key] for key in ("seconds", "until")}
    if not all(isinstance(each, str) for each in texts.values()) or not isinstance(found["undo"], dict):
        raise TypeError("not an entry")
    if any(isinstance(each, bool) or not isinstance(each, int | float) for each in numbers.values()):
        raise TypeError("not an entry")
    if not 0 <= numbers["seconds"] <= MAX_SECONDS or not abs(numbers["until"]) < 1e12:
        raise ValueError("not a time")
    return FaultEntry(
        **texts, **numbers, action=KillAction(found["action"]), undo=found["undo"], stage=FaultStage(found["stage"])
    )
