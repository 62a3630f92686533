"""Sound effects as the DMX library stored them (``CacheSFX`` of Chocolate Doom's ``i_sdlsound.c``)."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pydoom.wad.archive import Lump, printable
from pydoom.wad.source import Cost, Source

_HEADER: Final = struct.Struct("<HHI")
_FORMAT_SAMPLES: Final = 3
_MIN_SAMPLES: Final = 49
MAX_FRAMES: Final = 5_000_000
"""Most samples of one sound at the mixer's rate: almost two minutes at 44,100 Hz."""
_PAD: Final = 16
"""Samples that DMX skips at either end of a lump."""


@dataclass(frozen=True, eq=False, slots=True)
class Sound:
    """A sound effect: `rate` samples a second, `samples` uint8[N] around 128, read-only."""

    name: str
    rate: int
    samples: NDArray[np.uint8]
    source: Source = field(default_factory=Source, repr=False)

    def frames_at(self, rate: int) -> int:
        """How many samples it has at `rate`; pays for them from the budget of its file, or raises WadError."""
        frames = len(self.samples) * rate // self.rate
        what = f"sound {printable(self.name)}"
        if frames > MAX_FRAMES:
            raise self.source.error(f"{what} is damaged: {frames // rate:,} seconds at a rate of {self.rate}")
        self.source.spend(Cost.SOUND_FRAMES, frames, what)
        return frames


def read_sound(lump: Lump) -> Sound | None:
    """Decode a sound lump; None when it is not one or too short, which the original silently skips."""
    data = lump.data
    if len(data) < _HEADER.size:
        return None
    kind, rate, length = _HEADER.unpack_from(data)
    if kind != _FORMAT_SAMPLES or rate == 0 or not _MIN_SAMPLES <= length <= len(data) - _HEADER.size:
        return None
    samples = np.frombuffer(data, np.uint8, length - 2 * _PAD, _HEADER.size + _PAD)
    return Sound(lump.name, rate, samples, lump.source)
