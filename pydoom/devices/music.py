"""Feeds the music player's samples to a channel of pygame's mixer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pygame

from pydoom.audio.dmx import Dmx
from pydoom.audio.effects import Pcm
from pydoom.audio.music import MusicPlayer, find_instruments
from pydoom.game.sounds import NUM_CHANNELS

if TYPE_CHECKING:
    from pydoom.wad import Assets


class MixerSink:
    """The mixer channel after those of the sound effects: one chunk plays, the next waits in its queue.

    The mixer must be open; once it is closed, the sink accepts nothing more. pygame's mixer may be called from the
    player's thread, but not while it is being closed: close the player first.
    """

    def __init__(self) -> None:
        pygame.mixer.set_num_channels(NUM_CHANNELS + 1)
        self._channel = pygame.mixer.Channel(NUM_CHANNELS)

    def ready(self) -> bool:
        """Whether the channel's queue has room."""
        # a channel of a closed mixer must not be touched: pygame would crash
        return pygame.mixer.get_init() is not None and self._channel.get_queue() is None

    def put(self, samples: Pcm) -> None:
        """Play a chunk after the one that is playing."""
        if pygame.mixer.get_init() is not None:
            self._channel.queue(pygame.mixer.Sound(buffer=samples.tobytes()))


def open_music(assets: Assets, dmx: Dmx = Dmx.DOOM_1_9) -> MusicPlayer | None:
    """A player of the WAD's songs through the open mixer; None when the machine or the WAD can't make music.

    pygame closes it before it closes the mixer.
    """
    bank = find_instruments(assets, dmx)
    if bank is None:
        return None
    player = MusicPlayer(assets.music, bank, MixerSink(), assets.warn)
    # exit handlers run in reverse order, and the mixer registered its own when it was opened
    pygame.register_quit(player.close)
    return player
