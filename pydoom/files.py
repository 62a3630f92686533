"""Files of the user's: opened to be read if they are files at all, and written atomically."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import tempfile
from io import BufferedReader
from pathlib import Path
from typing import Final

PRIVATE: Final = 0o600
SHARED: Final = 0o644
"""Permissions of new files: for the player only, or readable by everyone."""


def open_to_read(path: Path) -> BufferedReader:
    """Open a regular file. Raises OSError for anything else: a pipe may never say a word, and a device never end."""
    return open(path, "rb", opener=_open_regular)


def _open_regular(path: str, flags: int) -> int:
    """The descriptor of a file or a folder, which `open` itself refuses."""
    # so that opening a pipe does not wait for somebody who writes to it
    descriptor = os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
    if _is_special(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise _not_a_file(path)
    return descriptor


def _is_special(mode: int) -> bool:
    """Whether a file's mode is that of a pipe, a socket or a device."""
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def _not_a_file(path: str | Path) -> OSError:
    return OSError(errno.EINVAL, "a pipe or a device, not a file", str(path))


def write_atomically(path: Path, data: bytes, *, mode: int = PRIVATE) -> None:
    """Write a file so that at any moment, even in a power cut, it is either the old one or the new one.

    Its folder is created if missing. A link stays a link, to the new file; a replaced file keeps its
    permissions, a new one gets `mode`. Raises OSError, and then leaves nothing behind; also for a device, in whose
    place there would be a file.
    """
    path = Path(os.path.realpath(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileNotFoundError):
        found = path.stat().st_mode
        if _is_special(found):
            raise _not_a_file(path)
        mode = found & 0o777
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-", suffix=".part")
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(temporary, mode)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def why_not_writable(folder: Path) -> str:
    """Why files cannot be written in `folder` (created if missing); empty if they can."""
    place = Path(os.path.realpath(folder))
    while not place.exists() and place != place.parent:
        place = place.parent
    if not place.is_dir():
        return f"{place} is not a folder"
    return "" if os.access(place, os.W_OK | os.X_OK) else f"no permission to write in {place}"


def _sync_folder(folder: Path) -> None:
    """Sync the folder, so that the new name itself is on the disk, where possible."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
