"""Sound effects as the mixer needs them: 16-bit stereo at the mixer's rate (Chocolate Doom's ``i_sdlsound.c``).

Sounds whose rate is the mixer's divided by a power of two go through a windowed-sinc filter as SDL's converter has it;
others are repeated sample by sample and smoothed by the original's one-pole low-pass filter. Volume and separation are
left to the mixer: `panning` turns them into left and right gains.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pydoom.wad import Sound

Pcm = NDArray[np.int16]
"""Samples int16[frames, 2]: left, right."""

MIXER_RATE: Final = 44100
NORM_PITCH: Final = 128
MAX_SHIFTED_BYTES: Final = 32 * 1024 * 1024
"""How much of sounds at other pitches is kept at a time."""

_ZERO_CROSSINGS: Final = 5
_STEPS: Final = 512
"""Filter entries between two zero crossings of the sinc."""
_STOP_BAND_DB: Final = 80.0


def expand(sound: Sound, rate: int = MIXER_RATE) -> Pcm:
    """The sound at the mixer's rate; raises WadError when its file exceeds the budget for sound."""
    frames = sound.frames_at(rate)
    mono = _resample(sound, rate, frames) if _is_octave(sound.rate, rate) else _repeat(sound, rate, frames)
    return np.repeat(mono[:, None], 2, axis=1)


def shift_pitch(pcm: Pcm, pitch: int) -> Pcm:
    """The same sound faster (`pitch` above 128) or slower, by picking samples (``PitchShift``).

    Sizes are in bytes and the length is forced odd, as there.
    """
    size = pcm.nbytes
    shifted = int(np.float32(1 + (1 - np.float32(pitch) / NORM_PITCH)) * size) | 1
    words = np.arange(shifted // 2, dtype=np.float32)
    picked = (words / np.float32(shifted) * np.float32(size)).astype(np.int64)
    flat = pcm.reshape(-1)[np.minimum(picked, pcm.size - 1)]
    return flat[: len(flat) // 2 * 2].reshape(-1, 2)


def panning(volume: int, separation: int) -> tuple[int, int]:
    """Left and right gains, 0 to 255, for a volume 0 to 127 and a separation 0 (left) to 254 (right)."""
    left = (254 - separation) * volume // 127
    right = separation * volume // 127
    return max(0, min(left, 255)), max(0, min(right, 255))


class EffectBank:
    """Expanded sound effects, made when first played and then cached."""

    def __init__(self, load: Callable[[str], Sound | None], rate: int = MIXER_RATE, vary_pitch: bool = False) -> None:
        """`load` finds a sound by name (`Assets.sound`); `vary_pitch` is off as in DOOM 1.9 with Chocolate Doom."""
        self._load = load
        self._rate = rate
        self._vary_pitch = vary_pitch
        self._cache: dict[str, Pcm | None] = {}
        self._shifted: dict[tuple[str, int], Pcm] = {}  # the longest unused first
        self._shifted_bytes = 0

    def get(self, name: str, pitch: int = NORM_PITCH) -> Pcm | None:
        """The effect `name` ("pistol") at `pitch`; None when the WAD has none that can be played."""
        if name not in self._cache:
            sound = self._load(name)
            self._cache[name] = None if sound is None else expand(sound, self._rate)
        plain = self._cache[name]
        if plain is None or pitch == NORM_PITCH or not self._vary_pitch:
            return plain
        return self._shift(name, plain, pitch)

    def _shift(self, name: str, plain: Pcm, pitch: int) -> Pcm:
        found = self._shifted.pop((name, pitch), None)
        if found is None:
            found = shift_pitch(plain, pitch)
            self._shifted_bytes += found.nbytes
        self._shifted[name, pitch] = found
        while self._shifted_bytes > MAX_SHIFTED_BYTES and len(self._shifted) > 1:
            self._shifted_bytes -= self._shifted.pop(next(iter(self._shifted))).nbytes
        return found


def _is_octave(rate: int, mixer_rate: int) -> bool:
    ratio, rest = divmod(mixer_rate, rate)
    return rest == 0 and ratio & (ratio - 1) == 0


@lru_cache(maxsize=8)
def _filter(rate: int, mixer_rate: int) -> NDArray[np.float32]:
    """float32[phases, taps]: what each output phase takes of the input samples around it (SDL 2's ``SDL_audiocvt.c``).

    SDL's table of the filter has two quirks that shift it by a part of an entry: its window begins one entry late, and
    the fraction of the *sample* is used to interpolate between entries.
    """
    beta = 0.1102 * (_STOP_BAND_DB - 8.7)
    size = _ZERO_CROSSINGS * _STEPS + 1
    at = np.arange(size)
    window = np.i0(beta * np.sqrt(1 - (np.maximum(at - 1, 0) / (size - 1)) ** 2)) / np.i0(beta)
    wing = np.sinc(at / _STEPS) * window
    steps = np.append(np.diff(wing), 0.0)
    phases = mixer_rate // rate
    taps = np.zeros((phases, 2 * _ZERO_CROSSINGS + 2))
    reach = np.arange(_ZERO_CROSSINGS + 1)
    for phase in range(phases):
        fraction = phase / phases
        for part, places in ((fraction, _ZERO_CROSSINGS - reach), (1 - fraction, _ZERO_CROSSINGS + 1 + reach)):
            entries = int(part * _STEPS) + reach * _STEPS
            inside = entries < size
            taps[phase, places[inside]] = wing[entries[inside]] + part * steps[entries[inside]]
    return taps.astype(np.float32)


def _resample(sound: Sound, rate: int, frames: int) -> NDArray[np.int16]:
    level = sound.samples.astype(np.float32) / np.float32(128) - np.float32(1)
    taps = _filter(sound.rate, rate)
    padded = np.pad(level, (_ZERO_CROSSINGS, _ZERO_CROSSINGS + 1))
    mono = np.stack([np.convolve(padded, phase[::-1], "valid") for phase in taps], axis=1).reshape(-1)[:frames]
    scaled: NDArray[np.float32] = np.clip(mono * np.float32(32767), -32768, 32767)
    return scaled.astype(np.int16)


def _repeat(sound: Sound, rate: int, frames: int) -> NDArray[np.int16]:
    """The naive conversion and its low-pass filter, both in the original's fixed-point steps."""
    if frames == 0:
        return np.zeros(0, np.int16)
    step = (len(sound.samples) << 8) // frames
    wide = sound.samples[(np.arange(frames, dtype=np.int64) * step) >> 8].astype(np.int32) * 257 - 32768
    delta = 1.0 / rate
    alpha = delta / (1.0 / (3.14 * sound.rate) + delta)
    smooth = wide.tolist()
    last = smooth[0]
    for index in range(1, frames):
        # each step is cut to a whole number, so no closed form gives the same samples
        last = int(alpha * smooth[index] + (1 - alpha) * last)
        smooth[index] = last
    return np.array(smooth, np.int16)
