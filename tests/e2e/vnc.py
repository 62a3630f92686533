"""A VNC viewer for tests: vncdotool's client with the few things that playing needs."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest
from PIL import Image
from vncdotool import api

KEY_SECONDS = 0.06
"""Seconds between letters: SDL drops repeated ones that come faster."""


class Viewer:
    """A connected viewer. `port` is a VNC port of 127.0.0.1."""

    def __init__(self, port: int, password: str) -> None:
        self.client = api.connect(f"127.0.0.1::{port}", password=password, timeout=20)

    def screenshot(self, file: Path) -> np.ndarray:
        """What is on the screen now: uint8[H, W, 3], also saved to `file`."""
        self.client.captureScreen(str(file))
        return np.asarray(Image.open(file).convert("RGB"))

    def type(self, letters: str) -> None:
        for letter in letters:
            self.tap(letter)

    def tap(self, key: str, seconds: float = KEY_SECONDS) -> None:
        self.hold(key, seconds)
        time.sleep(KEY_SECONDS)

    def hold(self, key: str, seconds: float) -> None:
        self.client.keyDown(key)
        time.sleep(seconds)
        self.client.keyUp(key)

    def close(self) -> None:
        self.client.disconnect()


T = TypeVar("T")


def wait_for(what: str | Callable[[], str], condition: Callable[[], T | None], seconds: float = 30.0) -> T:
    """The first true value of `condition`, polled; fails with `what` (evaluated then) when none comes in time."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() >= deadline:
            pytest.fail(f"waited {seconds:.0f} s for {what() if callable(what) else what}")
        time.sleep(0.1)
