"""Writes videos: pictures and samples, a tic at a time, encoded by PyAV (FFmpeg) on a thread of their own.

The file's ending decides the format. Needs the extra: ``pip install 'pydoom[video]'``.
"""

from __future__ import annotations

import threading
from fractions import Fraction
from pathlib import Path
from queue import Queue
from typing import TYPE_CHECKING, Any, Final, cast

import numpy as np
from numpy.typing import NDArray

from pydoom.devices.errors import DeviceError

if TYPE_CHECKING:
    from pydoom.audio.effects import Pcm

TICRATE: Final = 35
SAMPLE_RATE: Final = 44100
WIDTH_PX: Final = 640
HEIGHT_PX: Final = 480
"""4:3, the shape the pictures were drawn for."""

_FORMATS: Final = {
    ".mp4": ("libx264", "aac", SAMPLE_RATE, {"preset": "veryfast", "crf": "26", "tune": "animation"}),
    ".mkv": ("libx264", "flac", SAMPLE_RATE, {"preset": "superfast", "crf": "18", "tune": "animation"}),
    ".webm": ("libvpx-vp9", "libopus", 48000, {"deadline": "realtime", "cpu-used": "7", "crf": "34", "b": "0"}),
}
_QUEUE_TICS: Final = TICRATE * 10
"""So far the encoder may fall behind before the game waits for it."""

Tic = tuple[NDArray[np.uint8], NDArray[np.uint8], "Pcm"]


def check_video_name(path: Path) -> None:
    """Raise DeviceError when no video can be written to such a file."""
    if path.suffix.lower() not in _FORMATS:
        raise DeviceError(f"--record-video {path}: the name must end in {', '.join(_FORMATS)}")
    try:
        import av  # noqa: F401
    except ImportError as error:
        raise DeviceError("--record-video needs PyAV: pip install 'pydoom[video]'") from error


class VideoWriter:
    """A video being written. Raises DeviceError for names and machines it cannot serve, OSError for bad places."""

    def __init__(self, path: Path) -> None:
        check_video_name(path)
        if not path.absolute().parent.is_dir():
            raise DeviceError(f"--record-video {path}: there is no folder {path.parent}")
        import av

        video_codec, audio_codec, rate, options = _FORMATS[path.suffix.lower()]
        self.tics = 0
        # its types know neither the formats nor what a codec's name stands for
        self._av = cast(Any, av)
        self._file = self._av.open(str(path), "w")
        self._video = self._file.add_stream(video_codec, rate=TICRATE, options=options)
        self._video.width, self._video.height = WIDTH_PX, HEIGHT_PX
        self._video.pix_fmt = "yuv420p"
        self._audio = self._file.add_stream(audio_codec, rate=rate, layout="stereo")
        self._resampler: Any = None
        self._queue: Queue[Tic | None] = Queue(_QUEUE_TICS)
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="video", daemon=True)
        self._thread.start()

    def write(self, picture: NDArray[np.uint8], colours: NDArray[np.uint8], samples: Pcm) -> None:
        """Append a tic: indexes uint8[H,W], colours uint8[256,3], samples int16[1260,2].

        Raises what the encoder raised.
        """
        if self._error is not None:
            raise self._error
        self._queue.put((picture.copy(), colours.copy(), samples))
        self.tics += 1

    def close(self) -> None:
        """Finish the file; again does nothing. Raises what the encoder raised."""
        if self._thread.is_alive():
            self._queue.put(None)
            self._thread.join()
        if self._error is not None:
            raise self._error

    # -- the encoder's thread

    def _run(self) -> None:
        try:
            number = 0
            while (tic := self._queue.get()) is not None:
                self._encode(number, *tic)
                number += 1
            self._finish()
        except Exception as error:
            self._error = error
            while self._queue.get() is not None:
                pass  # the game must not wait for what nobody takes any more

    def _encode(self, number: int, picture: NDArray[np.uint8], colours: NDArray[np.uint8], samples: Pcm) -> None:
        av = self._av
        height, width = picture.shape
        rows = np.arange(HEIGHT_PX) * height // HEIGHT_PX
        columns = np.arange(WIDTH_PX) * width // WIDTH_PX
        frame = av.VideoFrame.from_ndarray(colours[picture[rows].take(columns, axis=1)], format="rgb24")
        frame.pts = number
        frame.time_base = Fraction(1, TICRATE)
        self._file.mux(self._video.encode(frame))
        sound = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples).reshape(1, -1), format="s16", layout="stereo")
        sound.sample_rate = SAMPLE_RATE
        sound.pts = number * len(samples)
        sound.time_base = Fraction(1, SAMPLE_RATE)
        self._sound(sound)

    def _sound(self, frame: Any) -> None:
        if self._resampler is None:
            context = self._audio.codec_context
            context.open()
            # frame_size 0: the encoder takes pieces of any size
            self._resampler = self._av.AudioResampler(
                format=context.format, layout="stereo", rate=context.sample_rate, frame_size=context.frame_size or None
            )
        for piece in self._resampler.resample(frame):
            self._file.mux(self._audio.encode(piece))

    def _finish(self) -> None:
        if self._resampler is not None:
            self._sound(None)
        self._file.mux(self._video.encode(None))
        if self._resampler is not None:
            self._file.mux(self._audio.encode(None))
        self._file.close()
