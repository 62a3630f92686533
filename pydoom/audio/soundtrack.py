"""The sound of a game, tic by tic and without a clock: for videos.

Each call of `tic` makes the samples of one tic, from the same sounds, mixed as for a listener. The song plays in
step with it on the caller's thread, so the same game gives the same samples.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from pydoom.audio.effects import MIXER_RATE, Pcm
from pydoom.audio.mixer import Mixer, MusicBuffer
from pydoom.audio.music import find_instruments, make_sequencer, play_song
from pydoom.game.sounds import MusicDevice, NullMusicDevice
from pydoom.sim.constants import TICRATE

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydoom.audio.genmidi import InstrumentBank
    from pydoom.data.info import SoundInfo
    from pydoom.wad import Assets

TIC_FRAMES: Final = MIXER_RATE // TICRATE
"""Samples of a tic: exactly 1,260."""


class TicMusic:
    """A `MusicDevice` that renders on request, on the caller's thread."""

    def __init__(self, load: Callable[[str], bytes | None], bank: InstrumentBank) -> None:
        """`load` finds a song's lump by its name (`Assets.music`)."""
        self._load = load
        self._sequencer = make_sequencer(bank)
        self.pause = self._sequencer.pause
        self.resume = self._sequencer.resume
        self.stop = self._sequencer.stop
        self.set_volume = self._sequencer.set_volume

    def play(self, name: str, looping: bool) -> None:
        """Play song `name` from its beginning; a missing or broken one is silence."""
        play_song(self._sequencer, self._load, name, looping)

    def render(self, frames: int) -> Pcm:
        """The next samples int16[frames, 2]."""
        return self._sequencer.render(frames)


class Soundtrack:
    """Effects and music of a session: the session plays through `device` and `music`."""

    def __init__(self, assets: Assets, sounds: list[SoundInfo]) -> None:
        """`sounds` is the table with links. No music where the machine or the WAD can't make it."""
        self._tunes = MusicBuffer()
        self.device = Mixer(assets.sound, sounds, self._tunes)
        bank = find_instruments(assets)
        self._music = TicMusic(assets.music, bank) if bank is not None else None
        self.music: MusicDevice = self._music if self._music is not None else NullMusicDevice()

    def tic(self) -> Pcm:
        """The samples of the next tic, int16[TIC_FRAMES, 2]."""
        if self._music is not None:
            self._tunes.put(self._music.render(TIC_FRAMES).astype(np.int16, copy=False))
        return self.device.render(TIC_FRAMES)
