"""Writes videos: takes a tic's picture and samples at a time, and has them encoded on a thread of its own.

What waits for the encoder is bounded (`QUEUE_BYTES`, `QUEUE_TICS`). Where there is time, the writer makes the game
wait; in live play it must not, and leaves pictures out: the one before is shown for longer, the sound goes on.
"""

from __future__ import annotations

import threading
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from pydoom.devices.encoder import Encoder
from pydoom.sim.constants import TICRATE

if TYPE_CHECKING:
    from pydoom.audio.effects import Pcm

QUEUE_BYTES: Final = 64 << 20
"""Of pictures on their way to the encoder: 30 seconds of 320x200, 0.8 seconds of 1920x1200."""
QUEUE_TICS: Final = TICRATE * 60
"""Of sound on its way to the encoder: 11 MB."""

Tic = tuple[int, NDArray[np.uint8] | None, NDArray[np.uint8], "Pcm"]


class VideoWriter:
    """A video being written. Raises DeviceError for names, places and machines it cannot serve.

    `tics` counts what was written, `dropped` the pictures that were left out for lack of time.
    """

    def __init__(self, path: Path, *, wait: bool = True) -> None:
        """`wait`: `write` may take as long as the encoder takes, and no picture is left out."""
        self.tics = 0
        self.dropped = 0
        self._encoder = Encoder(path)
        self._step = self._encoder.format.tics_a_picture
        self._next_picture = 0  # its tic
        self._wait = wait
        self._queue: deque[Tic] = deque()
        self._queued_bytes = 0
        self._closing = False
        self._error: Exception | None = None
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="video", daemon=True)
        self._thread.start()

    def write(self, picture: NDArray[np.uint8] | None, colours: NDArray[np.uint8], samples: Pcm) -> None:
        """Append a tic: indexes uint8[H,W] in colours uint8[256,3], samples int16[1260,2]; None: as the tic before.

        A waiting writer raises what the encoder raised; one that does not goes on without a word until `close`.
        """
        number = self.tics
        self.tics += 1
        if number < self._next_picture:
            picture = None
        elif picture is not None:
            self._next_picture = number + self._step
        size = 0 if picture is None else picture.nbytes
        with self._changed:
            if self._wait:
                self._changed.wait_for(lambda: self._has_room(size) or self._error is not None)
                if self._error is not None:
                    raise self._error
            if not self._has_room(size):
                self.dropped += picture is not None
                picture, size = None, 0
            if self._error is None and self._has_room(0):
                kept = None if picture is None else picture.copy()
                self._queue.append((number, kept, colours.copy(), samples))
                self._queued_bytes += size
                self._changed.notify_all()

    def close(self) -> None:
        """Finish the file; again does nothing. Raises what the encoder raised."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._thread.join()
        if self._error is not None:
            raise self._error

    def _has_room(self, size: int) -> bool:
        return self._queued_bytes + size <= QUEUE_BYTES and len(self._queue) < QUEUE_TICS

    # -- the encoder's thread

    def _run(self) -> None:
        try:
            while (tic := self._take()) is not None:
                self._encoder.tic(*tic)
            self._encoder.finish()
        except Exception as error:
            with self._changed:
                self._error = error
                self._queue.clear()  # the game must not wait for what nobody takes any more
                self._queued_bytes = 0
                self._changed.notify_all()

    def _take(self) -> Tic | None:
        """The next tic; None at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._queue or self._closing)
            if not self._queue:
                return None
            tic = self._queue.popleft()
            if tic[1] is not None:
                self._queued_bytes -= tic[1].nbytes
            self._changed.notify_all()
            return tic
