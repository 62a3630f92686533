"""Tells a watchdog that the game runs: a counter of frames in a file, written through memory, so that no tic waits."""

from __future__ import annotations

import mmap
from pathlib import Path
from typing import Final

from pydoom.devices.errors import DeviceError

COUNTER_BYTES: Final = 8


class Heartbeat:
    """The file at `path`: the number of frames shown since the start, little-endian."""

    def __init__(self, path: Path) -> None:
        """Raises `DeviceError` when the file cannot be written."""
        try:
            with path.open("w+b") as file:
                file.truncate(COUNTER_BYTES)
                self._memory = mmap.mmap(file.fileno(), COUNTER_BYTES)
        except OSError as error:
            raise DeviceError(f"--heartbeat {path}: {error.strerror or error}") from error
        self._frames = 0

    def beat(self) -> None:
        """Count one frame."""
        self._frames += 1
        self._memory[:] = self._frames.to_bytes(COUNTER_BYTES, "little")
