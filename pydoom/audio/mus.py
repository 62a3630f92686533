"""The MUS reader (``mus2mid.c``): DOOM's own song format, 140 ticks a second, as a one-track song."""

from __future__ import annotations

import struct
from typing import Final

from pydoom.audio.song import Event, EventKind, Song, SongError

TICKS_PER_BEAT: Final = 70
"""Ticks per beat: at MIDI's default 120 beats a minute, the 140 ticks a second of MUS."""

_HEADER: Final = struct.Struct("<4sHHHHH")
_MUS_PERCUSSION: Final = 15
_MIDI_PERCUSSION: Final = 9
_ALL_NOTES_OFF: Final = 0x7B

_CONTROLLERS: Final = (0x00, 0x20, 0x01, 0x07, 0x0A, 0x0B, 0x5B, 0x5D, 0x40, 0x43, 0x78, 0x7B, 0x7E, 0x7F, 0x79)
"""MIDI controller of each MUS controller; 0 is the instrument change, from 10 on they have no value."""

_RELEASE_KEY: Final = 0
_PRESS_KEY: Final = 1
_PITCH_WHEEL: Final = 2
_SYSTEM_EVENT: Final = 3
_CONTROLLER: Final = 4
_SCORE_END: Final = 6


def read_mus(data: bytes) -> Song:
    """Read a MUS lump; SongError when it is cut short or holds an unknown event."""
    if len(data) < _HEADER.size:
        raise SongError("a MUS song is shorter than its header")
    return Song(TICKS_PER_BEAT, [_MusReader(data, _HEADER.unpack_from(data)[2]).read()])


class _MusReader:
    def __init__(self, data: bytes, start: int) -> None:
        self._data = data
        self._at = start
        self._delta = 0
        self._events: list[Event] = []
        self._channels: dict[int, int] = {}
        self._velocities = [127] * 16

    def read(self) -> list[Event]:
        """All events, up to and with the end of the score."""
        while True:
            descriptor = self._byte()
            channel = self._channel(descriptor & 0x0F)
            kind = descriptor >> 4 & 7
            if kind == _SCORE_END:
                self._add(EventKind.END_OF_TRACK, 0, 0, 0)
                return self._events
            self._event(kind, channel)
            if descriptor & 0x80:
                self._delta += self._time()

    def _event(self, kind: int, channel: int) -> None:
        if kind == _RELEASE_KEY:
            self._add(EventKind.NOTE_OFF, channel, self._byte() & 0x7F, 0)
        elif kind == _PRESS_KEY:
            key = self._byte()
            if key & 0x80:
                self._velocities[channel] = self._byte() & 0x7F
            self._add(EventKind.NOTE_ON, channel, key & 0x7F, self._velocities[channel])
        elif kind == _PITCH_WHEEL:
            wheel = self._byte() * 64
            self._add(EventKind.PITCH_BEND, channel, wheel & 0x7F, wheel >> 7 & 0x7F)
        elif kind == _SYSTEM_EVENT:
            self._add(EventKind.CONTROLLER, channel, self._controller(10, 14), 0)
        elif kind == _CONTROLLER:
            self._change_controller(channel)
        else:
            raise SongError(f"a MUS song has an event of unknown kind {kind}")

    def _change_controller(self, channel: int) -> None:
        number = self._byte()
        value = self._byte()
        if number == 0:
            self._add(EventKind.PROGRAM, channel, value & 0x7F, 0)
        elif number <= 9:
            self._add(EventKind.CONTROLLER, channel, _CONTROLLERS[number], min(value, 0x7F))
        else:
            raise SongError(f"a MUS song changes unknown controller {number}")

    def _controller(self, low: int, high: int) -> int:
        number = self._byte()
        if not low <= number <= high:
            raise SongError(f"a MUS song has unknown system event {number}")
        return _CONTROLLERS[number]

    def _channel(self, mus_channel: int) -> int:
        """Allocate MIDI channels in order of first use, each starting with all notes off."""
        if mus_channel == _MUS_PERCUSSION:
            return _MIDI_PERCUSSION
        if mus_channel not in self._channels:
            channel = max(self._channels.values(), default=-1) + 1
            channel += channel == _MIDI_PERCUSSION
            self._channels[mus_channel] = channel
            self._add(EventKind.CONTROLLER, channel, _ALL_NOTES_OFF, 0)
        return self._channels[mus_channel]

    def _add(self, kind: EventKind, channel: int, a: int, b: int) -> None:
        self._events.append(Event(self._delta, kind, channel, a, b))
        self._delta = 0

    def _time(self) -> int:
        delay = 0
        while True:
            byte = self._byte()
            delay = (delay * 128 + (byte & 0x7F)) & 0xFFFFFFFF
            if not byte & 0x80:
                return delay

    def _byte(self) -> int:
        try:
            value = self._data[self._at]
        except IndexError:
            raise SongError("a MUS song is cut short") from None
        self._at += 1
        return value
