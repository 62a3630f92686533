"""The sound of a game, tic by tic and without a clock: for videos.

Each call of `tic` makes the samples of one tic, from the same sounds, mixed as for a listener. The song plays in
step with it on the caller's thread, so the same game gives the same samples.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from pydoom.audio.dmx import Dmx
from pydoom.audio.effects import MIXER_RATE, Pcm
from pydoom.audio.mixer import Mixer, MusicBuffer
from pydoom.audio.music import SongPlayer, find_instruments
from pydoom.game.sounds import MusicDevice, NullMusicDevice
from pydoom.sim.constants import TICRATE

if TYPE_CHECKING:
    from pydoom.data.info import SoundInfo
    from pydoom.wad import Assets

TIC_FRAMES: Final = MIXER_RATE // TICRATE
"""Samples of a tic: exactly 1,260."""


class Soundtrack:
    """Effects and music of a session: the session plays through `device` and `music`."""

    def __init__(self, assets: Assets, sounds: list[SoundInfo], dmx: Dmx = Dmx.DOOM_1_9) -> None:
        """`sounds` is the table with links. No music where the machine or the WAD can't make it."""
        self._tunes = MusicBuffer()
        self.device = Mixer(assets.sound, sounds, self._tunes)
        bank = find_instruments(assets, dmx)
        self._music = SongPlayer(assets.music, bank, assets.warn, wait=True) if bank is not None else None
        self.music: MusicDevice = self._music if self._music is not None else NullMusicDevice()

    def tic(self) -> Pcm:
        """The samples of the next tic, int16[TIC_FRAMES, 2]."""
        if self._music is not None:
            self._tunes.put(self._music.render(TIC_FRAMES).astype(np.int16, copy=False))
        return self.device.render(TIC_FRAMES)
