"""Our sound against Debian's chocolate-doom, which SDL's disk driver makes write its samples to a file.

Effects: sample for sample within 2 steps of 32768, at one whole gain of 255 for each stretch between two updates.
Music: another emulator of the same chip, whose oscillators differ in phase, so loudness and spectrum are compared:
r.m.s. within 5 %, correlation of the spectrograms above 0.95, no drift beyond 5 ms in 25 s.
"""

import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from pydoom import wad
from pydoom.audio import chip, genmidi
from pydoom.audio.effects import EffectBank
from pydoom.audio.music import make_sequencer, read_song

REFERENCE = shutil.which("chocolate-doom") or shutil.which("chocolate-doom", path="/usr/games")
RATE = 44100
SLICE = 1024
"""Frames between two updates of a playing sound's gain in the reference."""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(REFERENCE is None, reason="needs Debian's package chocolate-doom"),
]


def record(
    folder: Path, wad_path: Path, seconds: float, *arguments: str, buffer_ms: int | None = None
) -> NDArray[np.float64]:
    """What the reference plays in `seconds`: float64[frames, 2]; faster than real time with a small `buffer_ms`."""
    assert REFERENCE is not None
    recording = folder / "sound.raw"
    environ = {
        **os.environ,
        "HOME": str(folder),
        "SDL_AUDIODRIVER": "disk",
        "SDL_DISKAUDIOFILE": str(recording),
        "SDL_VIDEODRIVER": "dummy",
    }
    if buffer_ms is not None:
        environ["SDL_DISKAUDIODELAY"] = str(buffer_ms)
    command = [REFERENCE, "-iwad", str(wad_path), "-nogui", *arguments]
    game = subprocess.Popen(command, env=environ, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        game.wait(seconds)
    except subprocess.TimeoutExpired:
        game.kill()
        game.wait()
    return np.fromfile(recording, "<i2").reshape(-1, 2).astype(float)


def first_sound(samples: NDArray[np.float64]) -> int:
    return int(np.flatnonzero(np.abs(samples).max(axis=1) > 0)[0])


def test_effect_has_the_references_samples(tmp_path: Path, wad_path: Path) -> None:
    played = record(tmp_path, wad_path, 8, "-playdemo", "demo1", "-nomusic")
    ours = EffectBank(wad.load(wad_path).sound).get("posit3")  # DEMO1 begins with a zombie's shout
    assert ours is not None
    start = first_sound(played)
    for slice_start in range(0, 4 * SLICE, SLICE):
        expected = ours[slice_start : slice_start + SLICE, 0].astype(float)
        for side in (0, 1):
            theirs = played[start + slice_start : start + slice_start + SLICE, side]
            gain = round(255 * (theirs @ expected) / (expected @ expected))
            assert gain > 0
            assert np.abs(theirs - expected * gain / 255).max() <= 2


@pytest.mark.skipif(not chip.AVAILABLE, reason="pyopl has no wheels for this machine")
def test_music_is_as_loud_and_has_the_same_spectrum_as_the_references(tmp_path: Path, wad_path: Path) -> None:
    played = record(tmp_path, wad_path, 7, "-warp", "1", "1", "-skill", "1", "-nosfx", buffer_ms=8)[:, 0]
    assets = wad.load(wad_path)
    bank = genmidi.read_genmidi(assets.lump("GENMIDI"))
    song = assets.music("e1m1")
    assert bank is not None
    assert song is not None
    sequencer = make_sequencer(bank)
    sequencer.set_volume(64)
    sequencer.play(read_song(song), looping=True)
    ours = np.concatenate([sequencer.render(4096) for _ in range(25 * RATE // 4096)])[:, 0].astype(float)
    # line up: the recording begins with the silence before the level
    start = lag(played[: 8 * RATE], ours[: 6 * RATE], 2**20)
    played = played[start : start + len(ours)]
    ours = ours[: len(played)]
    assert len(ours) > 20 * RATE
    assert ours.std() / played.std() == pytest.approx(1, abs=0.05)
    assert np.corrcoef(spectrogram(ours).ravel(), spectrogram(played).ravel())[0, 1] > 0.95
    end = slice(len(ours) - 4 * RATE, len(ours))
    assert abs(lag(loudness(played[end]), loudness(ours[end]), 2**19)) < 0.005 * RATE


def lag(theirs: NDArray[np.float64], ours: NDArray[np.float64], size: int) -> int:
    """The delay of `theirs` in frames, where both match best."""
    product = np.fft.rfft(theirs, size) * np.conj(np.fft.rfft(ours, size))
    best = int(np.argmax(np.fft.irfft(product)))
    return best - size if best > size // 2 else best


def loudness(samples: NDArray[np.float64]) -> NDArray[np.float64]:
    power = np.convolve(samples**2, np.ones(64) / 64, "same")
    envelope: NDArray[np.float64] = np.sqrt(power)
    envelope -= envelope.mean()
    return envelope


def spectrogram(samples: NDArray[np.float64]) -> NDArray[np.float64]:
    frames = samples[: len(samples) // 8192 * 8192].reshape(-1, 8192) * np.hanning(8192)
    spectrum: NDArray[np.float64] = np.abs(np.fft.rfft(frames, axis=1))
    return spectrum
