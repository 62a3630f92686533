"""Encodes frames and samples into a file, in the calling thread, through PyAV (FFmpeg).

The file's ending decides the format. Needs the extra: ``pip install 'pydoom-containers[video]'``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

import numpy as np
from numpy.typing import NDArray

from pydoom.audio.soundtrack import TIC_FRAMES
from pydoom.devices.errors import DeviceError
from pydoom.sim.constants import TICRATE

if TYPE_CHECKING:
    from pydoom.audio.effects import Pcm

SAMPLE_RATE: Final = 44100
WIDTH_PX: Final = 640
"""Smaller frames are enlarged by a whole factor, to about this width."""


@dataclass(frozen=True, slots=True)
class Format:
    """The format for a file name's suffix: FFmpeg's names of encoders, pixel formats and options.

    `audio` is empty for formats without sound. `tics_per_frame`: the frames of the tics between are dropped.
    """

    video: str
    pixels: str
    options: Mapping[str, str]
    audio: str = ""
    audio_rate: int = SAMPLE_RATE
    tics_per_frame: int = 1


_FORMATS: Final = {
    ".mp4": Format("libx264", "yuv420p", {"preset": "veryfast", "crf": "26", "tune": "animation"}, "aac"),
    ".mkv": Format("libx264", "yuv420p", {"preset": "superfast", "crf": "18", "tune": "animation"}, "flac"),
    ".webm": Format(
        "libvpx-vp9", "yuv420p", {"deadline": "realtime", "cpu-used": "7", "crf": "34", "b": "0"}, "libopus", 48000
    ),
    # animated images, for pages that cannot show videos
    ".webp": Format("libwebp_anim", "yuv420p", {"quality": "32", "loop": "0"}, tics_per_frame=2),
    ".gif": Format("gif", "pal8", {}, tics_per_frame=2),
}


def format_of(path: Path) -> Format:
    """The format for this file name. Raises DeviceError for an unknown suffix or a missing folder."""
    found = _FORMATS.get(path.suffix.lower())
    if found is None:
        raise DeviceError(f"--record-video {path}: the name must end in {', '.join(_FORMATS)}")
    if not path.absolute().parent.is_dir():
        raise DeviceError(f"--record-video {path}: there is no folder {path.parent}")
    try:
        import av  # noqa: F401
    except ImportError as error:
        raise DeviceError("--record-video needs PyAV: pip install 'pydoom-containers[video]'") from error
    return found


def video_size(width: int, height: int) -> tuple[int, int]:
    """Width and height of the video for frames of this size: a fifth taller, as on old screens, and even."""
    scale = max(round(WIDTH_PX / width), 1)
    return width * scale // 2 * 2, height * scale * 6 // 5 // 2 * 2


class Encoder:
    """A file being written. Raises DeviceError if the file cannot be written, OSError when the disk is full."""

    def __init__(self, path: Path) -> None:
        self.format = format_of(path)
        import av

        # its type stubs know neither the formats nor what kind of stream an encoder's name gives
        self._av = cast(Any, av)
        options = self.format.options
        try:
            path.open("wb").close()  # fail now: FFmpeg would only create it at the first frame
        except OSError as error:
            raise DeviceError(f"--record-video {path}: {error.strerror}") from error
        self._file = self._av.open(str(path), "w", options={"loop": options["loop"]} if "loop" in options else {})
        self._video = self._file.add_stream(self.format.video, rate=TICRATE, options=dict(options))
        self._video.pix_fmt = self.format.pixels
        self._audio: Any = None
        if self.format.audio:
            self._audio = self._file.add_stream(self.format.audio, rate=self.format.audio_rate, layout="stereo")
        self._size = self._video.width, self._video.height = WIDTH_PX, WIDTH_PX * 3 // 4
        self._shown = False
        self._resampler: Any = None
        self._sounded = 0  # tics

    def tic(self, number: int, frame: NDArray[np.uint8] | None, colours: NDArray[np.uint8], samples: Pcm) -> None:
        """Write tic `number`: indexes uint8[H,W] in colours uint8[256,3], samples int16[1260,2].

        Without a frame the previous one stays on the screen; skipped tics are silent.
        """
        if frame is not None:
            self._show(number, frame, colours)
        if self._audio is not None:
            while self._sounded < number:
                self._sound(self._sounded, np.zeros((TIC_FRAMES, 2), np.int16))
            self._sound(number, samples)

    def finish(self) -> None:
        """Write what is still buffered, and close the file."""
        self._file.mux(self._video.encode(None))
        if self._resampler is not None:
            self._resample(None)
            self._file.mux(self._audio.encode(None))
        self._file.close()

    def _show(self, number: int, frame: NDArray[np.uint8], colours: NDArray[np.uint8]) -> None:
        height, width = frame.shape
        if not (self._shown or self._sounded):  # the file's header has not been written
            self._size = self._video.width, self._video.height = video_size(width, height)
        self._shown = True
        wide, high = self._size
        enlarged = frame[np.arange(high) * height // high].take(np.arange(wide) * width // wide, axis=1)
        if self.format.pixels == "pal8":
            opaque = np.full((256, 1), 255, np.uint8)
            av_frame = self._av.VideoFrame.from_ndarray((enlarged, np.concatenate([opaque, colours], 1)), format="pal8")
        else:
            av_frame = self._av.VideoFrame.from_ndarray(colours[enlarged], format="rgb24")
        av_frame.pts = number
        av_frame.time_base = Fraction(1, TICRATE)
        self._file.mux(self._video.encode(av_frame))

    def _sound(self, number: int, samples: Pcm) -> None:
        frame = self._av.AudioFrame.from_ndarray(
            np.ascontiguousarray(samples).reshape(1, -1), format="s16", layout="stereo"
        )
        frame.sample_rate = SAMPLE_RATE
        frame.pts = number * TIC_FRAMES
        frame.time_base = Fraction(1, SAMPLE_RATE)
        self._resample(frame)
        self._sounded = number + 1

    def _resample(self, frame: Any) -> None:
        if self._resampler is None:
            context = self._audio.codec_context
            context.open()
            # frame_size 0: the encoder takes pieces of any size
            self._resampler = self._av.AudioResampler(
                format=context.format, layout="stereo", rate=context.sample_rate, frame_size=context.frame_size or None
            )
        for piece in self._resampler.resample(frame):
            self._file.mux(self._audio.encode(piece))
