"""Turns pictures and samples into a file, in the calling thread; PyAV (FFmpeg) does the work.

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
"""Smaller pictures are enlarged by a whole number, to about this width."""


@dataclass(frozen=True, slots=True)
class Format:
    """What a file name's ending means: FFmpeg's names of encoders, pixels and options.

    `audio` is empty where there is no sound. `tics_a_picture`: pictures of tics between are left out.
    """

    video: str
    pixels: str
    options: Mapping[str, str]
    audio: str = ""
    audio_rate: int = SAMPLE_RATE
    tics_a_picture: int = 1


_FORMATS: Final = {
    ".mp4": Format("libx264", "yuv420p", {"preset": "veryfast", "crf": "26", "tune": "animation"}, "aac"),
    ".mkv": Format("libx264", "yuv420p", {"preset": "superfast", "crf": "18", "tune": "animation"}, "flac"),
    ".webm": Format(
        "libvpx-vp9", "yuv420p", {"deadline": "realtime", "cpu-used": "7", "crf": "34", "b": "0"}, "libopus", 48000
    ),
    # animated pictures, for pages that show no videos
    ".webp": Format("libwebp_anim", "yuv420p", {"quality": "32", "loop": "0"}, tics_a_picture=2),
    ".gif": Format("gif", "pal8", {}, tics_a_picture=2),
}


def format_of(path: Path) -> Format:
    """The format of a file of this name. Raises DeviceError where no video can be written."""
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
    """Width and height of the video for pictures of this size: a fifth taller, the shape they were drawn for; even."""
    scale = max(round(WIDTH_PX / width), 1)
    return width * scale // 2 * 2, height * scale * 6 // 5 // 2 * 2


class Encoder:
    """A file being written. Raises DeviceError for names and places it cannot serve, OSError when the disk is full."""

    def __init__(self, path: Path) -> None:
        self.format = format_of(path)
        import av

        # its types know neither the formats nor what an encoder's name stands for
        self._av = cast(Any, av)
        options = self.format.options
        try:
            path.open("wb").close()  # FFmpeg would do it with the first picture
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

    def tic(self, number: int, picture: NDArray[np.uint8] | None, colours: NDArray[np.uint8], samples: Pcm) -> None:
        """Write tic `number`: indexes uint8[H,W] in colours uint8[256,3], samples int16[1260,2].

        Without a picture the one before stays on the screen; tics that are left out are silent.
        """
        if picture is not None:
            self._show(number, picture, colours)
        if self._audio is not None:
            while self._sounded < number:
                self._sound(self._sounded, np.zeros((TIC_FRAMES, 2), np.int16))
            self._sound(number, samples)

    def finish(self) -> None:
        """Write what is still on its way, and close the file."""
        self._file.mux(self._video.encode(None))
        if self._resampler is not None:
            self._resample(None)
            self._file.mux(self._audio.encode(None))
        self._file.close()

    def _show(self, number: int, picture: NDArray[np.uint8], colours: NDArray[np.uint8]) -> None:
        height, width = picture.shape
        if not (self._shown or self._sounded):  # the file's head has not been written
            self._size = self._video.width, self._video.height = video_size(width, height)
        self._shown = True
        wide, high = self._size
        enlarged = picture[np.arange(high) * height // high].take(np.arange(wide) * width // wide, axis=1)
        if self.format.pixels == "pal8":
            opaque = np.full((256, 1), 255, np.uint8)
            frame = self._av.VideoFrame.from_ndarray((enlarged, np.concatenate([opaque, colours], 1)), format="pal8")
        else:
            frame = self._av.VideoFrame.from_ndarray(colours[enlarged], format="rgb24")
        frame.pts = number
        frame.time_base = Fraction(1, TICRATE)
        self._file.mux(self._video.encode(frame))

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
