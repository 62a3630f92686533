"""Small files that a bridge keeps for its next start: locked against other bridges, replaced as a whole."""

from __future__ import annotations

import contextlib
import fcntl
import os
from pathlib import Path

from hostbridge.host import ownership


def take_lock(path: Path, owners: frozenset[int]) -> int:
    """Lock the file at `path`, which need not exist, for as long as the returned descriptor is open.

    Raises BlockingIOError when another process has it, else OSError. Beside a device nothing is created.
    """
    with contextlib.suppress(FileNotFoundError):
        ownership.check_regular(path)
    lock = ownership.open_file(path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT, owners)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        raise
    return lock


def replace(path: Path, data: bytes, owners: frozenset[int]) -> None:
    """Make `data` the file's whole content, on the disk when this returns; it is never half written. Raises OSError."""
    new = path.with_name(path.name + ".new")
    with contextlib.suppress(FileNotFoundError):
        new.unlink()
    fd = ownership.open_file(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, owners)
    with open(fd, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
