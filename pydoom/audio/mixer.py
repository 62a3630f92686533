"""Mixes sound effects and music into samples without a sound card: what a listener over the network hears.

`Mixer` is a `SoundDevice` of `game.sounds`. The game's thread starts and stops sounds, another thread asks for samples,
and neither ever waits for the other: a sound on a channel is one object, replaced as a whole, whose position only the
mixing thread advances. The same calls in the same order give the same samples.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pydoom.audio.effects import EffectBank, Pcm, panning
from pydoom.data.info import SoundInfo
from pydoom.game.sounds import NUM_CHANNELS
from pydoom.wad import Sound

_FULL_GAIN: Final = 255
_MUSIC_AHEAD_FRAMES: Final = 4096
"""Samples below which the music player makes another chunk."""


class _Playing:
    """A sound being played: samples int16[frames, 2], gains int32[2] of 255, and the frames already heard."""

    __slots__ = ("gains", "place", "samples")

    def __init__(self, samples: Pcm, gains: NDArray[np.int32]) -> None:
        self.samples = samples
        self.gains = gains
        self.place = 0


class MusicBuffer:
    """The queue of music for a mixer: a `PcmSink` of `audio.music`. One thread puts, one takes."""

    def __init__(self) -> None:
        self._chunks: deque[Pcm] = deque()

    def ready(self) -> bool:
        """Whether less than a chunk is waiting."""
        return sum(len(chunk) for chunk in tuple(self._chunks)) < _MUSIC_AHEAD_FRAMES

    def put(self, samples: Pcm) -> None:
        """Append a chunk."""
        self._chunks.append(samples)

    def take(self, frames: int) -> Pcm:
        """Up to `frames` samples int16[N, 2]; fewer when the player is late or idle."""
        pieces: list[Pcm] = []
        while frames and self._chunks:
            chunk = self._chunks.popleft()
            pieces.append(chunk[:frames])
            if len(chunk) > frames:
                self._chunks.appendleft(chunk[frames:])
            frames -= len(pieces[-1])
        return np.concatenate(pieces) if pieces else np.zeros((0, 2), np.int16)


class Mixer:
    """Eight channels of effects, and music."""

    def __init__(
        self,
        find_sound: Callable[[str], Sound | None],
        sounds: list[SoundInfo],
        music: MusicBuffer | None = None,
    ) -> None:
        """`find_sound` looks a sound up by name (`Assets.sound`); `sounds` is the table with links."""
        self._effects = EffectBank(find_sound)
        self._sounds = sounds
        self._music = music
        self._channels: list[_Playing | None] = [None] * NUM_CHANNELS

    # -- the game's thread

    def start(self, channel: int, sound: SoundInfo, volume: int, separation: int, pitch: int) -> None:
        """Play `sound`. The pitch is ignored, as the reference does by default."""
        del pitch
        name = sound.name if sound.link is None else self._sounds[sound.link].name
        samples = self._effects.get(name)
        self._channels[channel] = None if samples is None else _Playing(samples, _gains(volume, separation))

    def stop(self, channel: int) -> None:
        """Silence a channel."""
        self._channels[channel] = None

    def playing(self, channel: int) -> bool:
        """Whether the channel's sound has not ended yet."""
        playing = self._channels[channel]
        return playing is not None and playing.place < len(playing.samples)

    def adjust(self, channel: int, volume: int, separation: int) -> None:
        """Volume 0 to 127, separation 0 (left) to 255 (right)."""
        playing = self._channels[channel]
        if playing is not None:
            playing.gains = _gains(volume, separation)

    # -- the mixing thread

    def render(self, frames: int) -> Pcm:
        """The next `frames` samples int16[frames, 2]; loud peaks are clipped."""
        mixed = np.zeros((frames, 2), np.int32)
        for playing in tuple(self._channels):
            if playing is None:
                continue
            piece = playing.samples[playing.place : playing.place + frames]
            if len(piece):
                mixed[: len(piece)] += piece * playing.gains // _FULL_GAIN
                playing.place += len(piece)
        if self._music is not None:
            tune = self._music.take(frames)
            mixed[: len(tune)] += tune
        clipped: Pcm = mixed.clip(-32768, 32767).astype(np.int16)
        return clipped

    def skip(self, frames: int) -> None:
        """Let time pass while nobody listens: effects end when they would have, the music waits."""
        for playing in tuple(self._channels):
            if playing is not None:
                playing.place += frames


def _gains(volume: int, separation: int) -> NDArray[np.int32]:
    return np.array(panning(volume, separation), np.int32)
