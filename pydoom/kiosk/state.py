"""The folder of a running kiosk's sockets, cookie and virtual screen, which only its user can enter.

There is one for each VNC port, which is how the health check finds it. It is locked while its kiosk runs, so that a
second kiosk of the same user neither uses nor removes the first one's.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import stat
import tempfile
from pathlib import Path

from pydoom.kiosk.errors import KioskError


def folder_for(port: int) -> Path:
    """The state folder of the kiosk with this VNC port, whether it runs or not."""
    return _common_folder() / str(port)


class StateFolder:
    """The folder of one running kiosk, empty at first. `close` removes it. A context manager."""

    def __init__(self, port: int) -> None:
        """Raise `KioskError` if a kiosk with this VNC port is running, or if others could enter the folder."""
        common = _common_folder()
        common.mkdir(mode=0o700, parents=True, exist_ok=True)
        _check_private(common)
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        self._lock = os.open(common / f"{port}.lock", flags, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(self._lock)
            raise KioskError(
                f"another kiosk of yours uses VNC port {port}: stop it, or choose another with --vnc-port {port + 1}"
            ) from error
        self.path = folder_for(port)
        shutil.rmtree(self.path, ignore_errors=True)
        self.path.mkdir(mode=0o700)

    def close(self) -> None:
        """Remove the folder and let another kiosk have the port. The lock's file stays: removing it would race."""
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(self._lock)

    def __enter__(self) -> StateFolder:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _common_folder() -> Path:
    return Path(tempfile.gettempdir()) / f"pydoom-kiosk-{os.getuid()}"


def _check_private(folder: Path) -> None:
    """Raise `KioskError` unless `folder` is a directory of this user's that nobody else can enter."""
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise KioskError(f"{folder} must be a folder of yours with mode 700: remove it, or set TMPDIR to another place")
