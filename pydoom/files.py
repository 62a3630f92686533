"""Writing files: whether it is possible, and atomically."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path
from typing import Final

PRIVATE: Final = 0o600
SHARED: Final = 0o644
"""Permissions of new files: for the player only, or readable by everyone."""


def write_atomically(path: Path, data: bytes, *, mode: int = PRIVATE) -> None:
    """Write a file so that at any moment, even in a power cut, it is either the old one or the new one.

    Its folder is created if missing. A link stays a link, to the new file; a replaced file keeps its
    permissions, a new one gets `mode`. Raises OSError, and then leaves nothing behind.
    """
    path = Path(os.path.realpath(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(OSError):
        mode = path.stat().st_mode & 0o777
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
