"""Sound effects through pygame's mixer: eight channels with volume and direction (``i_sdlsound.c``)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import pygame

from pydoom.audio.effects import MIXER_RATE, EffectBank, panning
from pydoom.data.info import SoundInfo
from pydoom.devices.errors import DeviceError
from pydoom.devices.quiet import without_stderr
from pydoom.game.sounds import NUM_CHANNELS
from pydoom.wad import Sound

_BUFFER_FRAMES: Final = 1024


class PygameMixer:
    """Plays the WAD's sounds. `find_sound` looks one up by name; `sounds` is the table with links.

    Raises pygame.error when there is no sound device.
    """

    def __init__(self, find_sound: Callable[[str], Sound | None], sounds: list[SoundInfo]) -> None:
        self._effects = EffectBank(find_sound)
        self._sounds = sounds
        self._ready: dict[str, pygame.mixer.Sound | None] = {}
        pygame.mixer.init(MIXER_RATE, -16, 2, _BUFFER_FRAMES)
        pygame.mixer.set_num_channels(NUM_CHANNELS)
        self._channels = [pygame.mixer.Channel(number) for number in range(NUM_CHANNELS)]

    def start(self, channel: int, sound: SoundInfo, volume: int, separation: int, pitch: int) -> None:
        """Play `sound`. The pitch is ignored, as in Chocolate Doom by default."""
        del pitch
        name = sound.name if sound.link is None else self._sounds[sound.link].name
        if name not in self._ready:
            samples = self._effects.get(name)
            self._ready[name] = None if samples is None else pygame.mixer.Sound(buffer=samples.tobytes())
        ready = self._ready[name]
        if ready is not None:
            self._channels[channel].play(ready)
            self.adjust(channel, volume, separation)

    def stop(self, channel: int) -> None:
        """Silence a channel."""
        self._channels[channel].stop()

    def playing(self, channel: int) -> bool:
        """Whether the channel's sound has not ended yet."""
        return bool(self._channels[channel].get_busy())

    def adjust(self, channel: int, volume: int, separation: int) -> None:
        """Volume 0 to 127, separation 0 (left) to 255 (right)."""
        left, right = panning(volume, separation)
        self._channels[channel].set_volume(left / 255, right / 255)

    def close(self) -> None:
        """Close the sound device."""
        pygame.mixer.quit()


def open_mixer(find_sound: Callable[[str], Sound | None], sounds: list[SoundInfo]) -> PygameMixer:
    """A mixer. Raises DeviceError on a machine without a sound device."""
    try:
        with without_stderr():
            return PygameMixer(find_sound, sounds)
    except pygame.error as error:
        raise DeviceError(f"no sound: {error} (--nosound plays without sound)") from error
