"""Sound effects: from the lump's bytes to the mixer's samples."""

import numpy as np
import pytest

from pydoom.audio import effects
from pydoom.audio.effects import NORM_PITCH, EffectBank, expand, panning, shift_pitch
from pydoom.wad import Sound


def tone(rate: int, frames: int = 200) -> Sound:
    wave = 128 + 100 * np.sin(np.arange(frames) * 2 * np.pi / 40)
    return Sound("DSTONE", rate, wave.astype(np.uint8))


@pytest.mark.parametrize(("rate", "frames"), [(11025, 800), (22050, 400), (44100, 200), (16000, 551)])
def test_expanded_sound_lasts_as_long_as_before(rate: int, frames: int) -> None:
    pcm = expand(tone(rate))
    assert pcm.shape == (frames, 2)
    assert pcm.dtype == np.int16
    assert (pcm[:, 0] == pcm[:, 1]).all()


def test_slow_tone_keeps_its_shape_through_the_filter() -> None:
    sound = tone(11025)
    there = (sound.samples.astype(float) - 128) * 256
    assert np.abs(expand(sound)[40:760:4, 0] - there[10:190]).max() < 150


def test_silence_stays_silence() -> None:
    assert not expand(Sound("DSNONE", 11025, np.full(100, 128, np.uint8))).any()


def test_odd_rates_are_smoothed_by_the_one_pole_filter() -> None:
    step = Sound("DSSTEP", 8000, np.repeat(np.array([0, 255], np.uint8), 50))
    mono = expand(step)[:, 0].astype(int)
    edge = int(np.flatnonzero(np.diff(mono) > 0)[0])
    alpha = (1 / 44100) / (1 / (3.14 * 8000) + 1 / 44100)
    assert mono[edge] == -32768
    assert mono[edge + 1] == int(alpha * 32767 + (1 - alpha) * -32768)


def test_panning_is_the_original_law() -> None:
    assert panning(127, 128) == (126, 128)
    assert panning(127, 0) == (254, 0)
    assert panning(64, 255) == (0, 128)
    assert panning(0, 128) == (0, 0)


def test_higher_pitch_is_shorter_and_lower_is_longer() -> None:
    pcm = expand(tone(11025))
    assert len(shift_pitch(pcm, 144)) == int(len(pcm) * (1 - 16 / 128))
    assert len(shift_pitch(pcm, 112)) == int(len(pcm) * (1 + 16 / 128))


def test_bank_ignores_pitch_unless_asked_and_keeps_what_it_made() -> None:
    asked: list[str] = []

    def load(name: str) -> Sound | None:
        asked.append(name)
        return tone(11025) if name == "tone" else None

    plain = EffectBank(load)
    assert plain.get("tone", 100) is plain.get("tone")
    assert plain.get("nosuch") is None
    assert asked == ["tone", "nosuch"]
    varied = EffectBank(load, vary_pitch=True).get("tone", 100)
    pcm = plain.get("tone")
    assert varied is not None
    assert pcm is not None
    assert len(varied) > len(pcm)


def test_sounds_at_other_pitches_are_forgotten_when_they_take_too_much_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    bank = EffectBank(lambda name: tone(11025), vary_pitch=True)
    longest = bank.get("tone", 96)
    assert longest is not None
    monkeypatch.setattr(effects, "MAX_SHIFTED_BYTES", 3 * longest.nbytes)
    for pitch in range(96, 160):
        kept = bank.get("tone", pitch)
        if pitch != NORM_PITCH:
            assert bank.get("tone", pitch) is kept, "the last one is kept"
    assert bank.get("tone", 96) is not longest
    again = bank.get("tone", 96)
    assert again is not None
    assert np.array_equal(again, longest)
