"""Feeds the music player's samples to a channel of pygame's mixer."""

from __future__ import annotations

import pygame

from pydoom.audio.effects import Pcm
from pydoom.game.sounds import NUM_CHANNELS


class MixerSink:
    """The mixer channel after those of the sound effects: one chunk plays, the next waits in its queue.

    The mixer must be open. pygame's mixer may be called from the player's thread.
    """

    def __init__(self) -> None:
        pygame.mixer.set_num_channels(NUM_CHANNELS + 1)
        self._channel = pygame.mixer.Channel(NUM_CHANNELS)

    def ready(self) -> bool:
        """Whether the channel's queue has room."""
        return self._channel.get_queue() is None

    def put(self, samples: Pcm) -> None:
        """Play a chunk after the one that is playing."""
        self._channel.queue(pygame.mixer.Sound(buffer=samples.tobytes()))
