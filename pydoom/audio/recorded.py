"""Songs that are recordings or tracker modules: OGG, MP3, FLAC, WAV, MOD, XM, S3M, IT.

SDL_mixer decodes them in a separate process (`decode`) into a pipe, so that a song is never in memory as a whole, and
the pipe makes the decoder wait for the player.
"""

from __future__ import annotations

import os
import re
import select
import subprocess
import sys
import tempfile
import time
from typing import Final

import numpy as np

from pydoom.audio.decode import CANNOT_PLAY, RATE
from pydoom.audio.effects import Pcm
from pydoom.audio.song import SongError

AVAILABLE: Final = os.name == "posix"
"""Whether this machine has what SDL's disk driver needs to write into a pipe."""
PATIENCE_S: Final = 10.0
"""A decoder that outputs nothing for this long is stopped."""

_FRAME_BYTES: Final = 4
_MOST_SILENCE_BYTES: Final = 10 * RATE * _FRAME_BYTES
_FULL_VOLUME: Final = 127
_MOST_COMPLAINT_BYTES: Final = 2000
_BEGINNINGS: Final = {
    "OGG": re.compile(rb"OggS"),
    "FLAC": re.compile(rb"fLaC"),
    "MP3": re.compile(rb"ID3|\xff[\xe2\xe3\xf2\xf3\xfa\xfb]", re.DOTALL),
    "XM": re.compile(rb"Extended Module: "),
    "IT": re.compile(rb"IMPM"),
    "S3M": re.compile(rb".{44}SCRM", re.DOTALL),
    "WAV": re.compile(rb"RIFF.{4}WAVE", re.DOTALL),
    "MOD": re.compile(rb".{1080}(?:M[.!]K[.!]|FLT[48]|OCTA|CD81|[1-9]CHN|[1-3][0-9]C[HN])", re.DOTALL),
}


def recorded_format(data: bytes) -> str | None:
    """What kind of recording a song is, by its first bytes; None for MUS, MIDI and anything unknown."""
    return next((name for name, beginning in _BEGINNINGS.items() if beginning.match(data)), None)


class RecordedSong:
    """A song being decoded. `close` it after use. Before the song begins and after its end, `read` returns silence.

    The song begins with its first sound: how much silence SDL's driver writes before that is a matter of chance.
    """

    def __init__(self, data: bytes, looping: bool) -> None:
        """Raises SongError on machines that cannot decode."""
        if not AVAILABLE:
            raise SongError("recorded songs need a POSIX system")
        self._given_up_at: float | None = time.monotonic() + PATIENCE_S
        self._begun = False
        self._rest = b""
        self._silence_left = _MOST_SILENCE_BYTES
        with tempfile.TemporaryFile() as song:
            song.write(data)
            song.seek(0)
            try:
                self._decoder = subprocess.Popen(
                    [sys.executable, "-m", "pydoom.audio.decode", "-1" if looping else "0"],
                    stdin=song,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    bufsize=0,
                )
            except OSError as error:
                raise SongError(f"its decoder cannot be started ({error.strerror or error})") from error

    def read(self, frames: int, volume: int, *, wait: bool) -> Pcm:
        """The next samples, int16[frames, 2], at a volume of 0 to 127; with `wait`, however long they take.

        Raises SongError when the song cannot be decoded.
        """
        samples = np.zeros((frames, 2), np.int16)
        data = self._read(frames * _FRAME_BYTES, wait)
        count = len(data) // _FRAME_BYTES
        heard = np.frombuffer(data, np.int16, 2 * count).reshape(count, 2)
        samples[:count] = heard.astype(np.int32) * volume // _FULL_VOLUME
        return samples

    def close(self) -> None:
        """End the decoder. May be called again."""
        self._decoder.kill()
        self._decoder.wait()
        for pipe in (self._decoder.stdout, self._decoder.stderr):
            if pipe is not None:
                pipe.close()
        self._given_up_at = None

    def _read(self, size: int, wait: bool) -> bytes:
        """Up to `size` bytes, whole frames; fewer if the decoder has no more yet."""
        pipe = self._decoder.stdout
        data, self._rest = self._rest, b""
        while len(data) < size and pipe is not None and not pipe.closed and self._given_up_at is not None:
            now = time.monotonic()
            patience = max(0.0, self._given_up_at - now) if wait else 0.0
            if not select.select([pipe], [], [], patience)[0]:
                if now + patience >= self._given_up_at:
                    self.close()
                    raise SongError("its decoder outputs nothing")
                break
            piece = os.read(pipe.fileno(), size - len(data))
            if not piece:
                self._end()
                break
            self._begun = True
            self._given_up_at = now + PATIENCE_S
            data = self._without_silence(data + piece)
        whole = len(data) - len(data) % _FRAME_BYTES
        self._rest = data[whole:]
        return data[:whole]

    def _without_silence(self, data: bytes) -> bytes:
        """Drop silence at the beginning of the song, in whole frames."""
        if self._silence_left <= 0:
            return data
        silent = len(data) - len(data.lstrip(b"\0"))
        self._silence_left = self._silence_left - silent if silent == len(data) else 0
        return data[silent - silent % _FRAME_BYTES :]

    def _end(self) -> None:
        """Find out why the decoder ended."""
        complaint = b""
        if self._decoder.stderr is not None:
            complaint = self._decoder.stderr.read(_MOST_COMPLAINT_BYTES) or b""
        status = self._decoder.wait()
        self.close()
        if status == CANNOT_PLAY or not self._begun:
            text = complaint.decode("utf-8", "replace").strip().rpartition("\n")[2]
            raise SongError(f"SDL_mixer cannot play it ({text or f'exit status {status}'})")
