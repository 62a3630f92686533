"""The sound output of a game: a device for sound effects and one for music."""

from __future__ import annotations

from dataclasses import dataclass, field

from pydoom.game.sounds import MusicDevice, NullMusicDevice, NullSoundDevice, SoundDevice


@dataclass(frozen=True, slots=True)
class Speakers:
    """Silence by default; the volumes are set by the game."""

    sound: SoundDevice = field(default_factory=NullSoundDevice)
    music: MusicDevice = field(default_factory=NullMusicDevice)
