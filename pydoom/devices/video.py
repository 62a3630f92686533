"""Writes videos: takes one tic's frame and samples at a time, and encodes them on a thread of its own.

The queue to the encoder is bounded (`QUEUE_BYTES`, `QUEUE_TICS`). Where there is time, the writer makes the game
wait; in live play it must not, so it drops frames: the previous one is shown for longer, the sound goes on.
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
"""Most bytes of queued frames: 30 seconds at 320x200, 0.8 seconds at 1920x1200."""
QUEUE_TICS: Final = TICRATE * 60
"""Most queued tics of sound: 11 MB."""

Tic = tuple[int, NDArray[np.uint8] | None, NDArray[np.uint8], "Pcm"]


class VideoWriter:
    """A video being written. Raises DeviceError if the file or this machine does not allow it.

    `tics` counts the tics written, `dropped` the frames dropped for lack of time.
    """

    def __init__(self, path: Path, *, wait: bool = True) -> None:
        """`wait`: `write` may take as long as the encoder, and no frame is dropped."""
        self.tics = 0
        self.dropped = 0
        self._encoder = Encoder(path)
        self._step = self._encoder.format.tics_per_frame
        self._next_frame = 0  # its tic
        self._wait = wait
        self._queue: deque[Tic] = deque()
        self._queued_bytes = 0
        self._closing = False
        self._error: Exception | None = None
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="video", daemon=True)
        self._thread.start()

    def write(self, frame: NDArray[np.uint8] | None, colours: NDArray[np.uint8], samples: Pcm) -> None:
        """Append a tic: indexes uint8[H,W] in colours uint8[256,3], samples int16[1260,2]; None repeats a frame.

        A waiting writer raises the encoder's exceptions here; the other kind only in `close`.
        """
        number = self.tics
        self.tics += 1
        if number < self._next_frame:
            frame = None
        elif frame is not None:
            self._next_frame = number + self._step
        size = 0 if frame is None else frame.nbytes
        with self._changed:
            if self._wait:
                self._changed.wait_for(lambda: self._has_room(size) or self._error is not None)
                if self._error is not None:
                    raise self._error
            if not self._has_room(size):
                self.dropped += frame is not None
                frame, size = None, 0
            if self._error is None and self._has_room(0):
                kept = None if frame is None else frame.copy()
                self._queue.append((number, kept, colours.copy(), samples))
                self._queued_bytes += size
                self._changed.notify_all()

    def close(self) -> None:
        """Finish the file; a second call does nothing. Raises the encoder's exceptions."""
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
                self._queue.clear()  # the game must not wait for a queue that nobody empties any more
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
