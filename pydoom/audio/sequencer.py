"""Plays a song's events at their times while the chip makes samples (``OPL_Mix_Callback`` of ``opl_sdl.c``).

Time is counted in whole microseconds, and each stretch of samples advances it by the whole microseconds it lasts, as
there. A looping song starts again 5 ms after its end.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from pydoom.audio.opl import Chip, OplDriver
from pydoom.audio.song import Event, EventKind, Song

SECOND_US: Final = 1_000_000
_DEFAULT_US_PER_BEAT: Final = 500_000
_RESTART_US: Final = 5_000
_MAX_EVENTS_AT_ONCE: Final = 100_000
"""Most events without time between them: a song with more is broken and must not hang the player."""


class _TrackCursor:
    """A track being played: its next event and when that is due."""

    __slots__ = ("due_us", "events", "place")

    def __init__(self, events: list[Event]) -> None:
        self.events = events
        self.place = 0
        self.due_us = 0


class Sequencer:
    """Renders a song to samples."""

    def __init__(self, chip: Chip, driver: OplDriver, rate: int) -> None:
        self._chip = chip
        self._driver = driver
        self._rate = rate
        self._song: Song | None = None
        self._looping = False
        self._paused = False
        self._now_us = 0
        self._us_per_beat = _DEFAULT_US_PER_BEAT
        self._cursors: list[_TrackCursor] = []
        self._restart_us: int | None = None
        self._silent = False

    @property
    def playing(self) -> bool:
        """Whether anything is left to play."""
        return bool(self._cursors) or self._restart_us is not None

    def play(self, song: Song, looping: bool) -> None:
        """Start a song from its beginning."""
        self.stop()
        self._song = song
        self._looping = looping
        self._us_per_beat = _DEFAULT_US_PER_BEAT
        self._paused = False
        self._start()

    def stop(self) -> None:
        """End the song; its notes die away."""
        self._song = None
        self._cursors = []
        self._restart_us = None
        self._driver.stop_song()

    def pause(self) -> None:
        """Hold the song."""
        self._paused = True
        self._driver.hush()

    def resume(self) -> None:
        """Resume the song."""
        self._paused = False

    def set_volume(self, volume: int) -> None:
        """Set the volume, 0 to 127. At 0 there is silence; the original's chip continues at its faintest, -47 dB."""
        self._driver.set_volume(volume)
        self._silent = volume == 0

    def render(self, frames: int) -> NDArray[np.int16]:
        """The next samples int16[frames, 2]."""
        pieces = []
        filled = 0
        while filled < frames:
            count = min(self._frames_to_next_event(), frames - filled) if not self._paused else frames - filled
            if count:
                pieces.append(self._chip.generate(count))
                filled += count
            self._advance(count)
        samples = np.concatenate(pieces)
        return np.zeros_like(samples) if self._silent else samples

    def _start(self) -> None:
        song = self._song
        if song is None:
            return
        self._restart_us = None
        self._cursors = [_TrackCursor(events) for events in song.tracks]
        for cursor in self._cursors:
            self._schedule(cursor)
        self._driver.start_song()

    def _schedule(self, cursor: _TrackCursor) -> None:
        song = self._song
        if song is not None:
            delta = cursor.events[cursor.place].delta
            cursor.due_us = self._now_us + delta * self._us_per_beat // song.ticks_per_beat

    def _due_us(self) -> int | None:
        if self._restart_us is not None:
            return self._restart_us
        return min((cursor.due_us for cursor in self._cursors), default=None)

    def _frames_to_next_event(self) -> int:
        due = self._due_us()
        if due is None:
            return self._rate
        return max(0, -(-(due - self._now_us) * self._rate // SECOND_US))

    def _advance(self, frames: int) -> None:
        """Advance time and play what is due by then."""
        if self._paused:
            return
        self._now_us += frames * SECOND_US // self._rate
        for _ in range(_MAX_EVENTS_AT_ONCE):
            due = self._due_us()
            if due is None or due > self._now_us:
                return
            if self._restart_us is not None:
                self._start()
            else:
                self._play_event(min(self._cursors, key=_due))
        self.stop()

    def _play_event(self, cursor: _TrackCursor) -> None:
        event = cursor.events[cursor.place]
        cursor.place += 1
        if event.kind is EventKind.END_OF_TRACK:
            self._cursors.remove(cursor)
            if not self._cursors and self._looping:
                self._restart_us = self._now_us + _RESTART_US
            return
        if event.kind is EventKind.TEMPO:
            self._change_tempo(event.a)
        else:
            self._driver.handle(event)
        self._schedule(cursor)

    def _change_tempo(self, us_per_beat: int) -> None:
        """Shift the other tracks' next events along with the tempo (``OPL_AdjustCallbacks``)."""
        for cursor in self._cursors:
            cursor.due_us = self._now_us + (cursor.due_us - self._now_us) * us_per_beat // self._us_per_beat
        self._us_per_beat = us_per_beat


def _due(cursor: _TrackCursor) -> int:
    return cursor.due_us
