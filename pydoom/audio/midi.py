"""The MIDI reader (``midifile.c``): formats 0 and 1, as Freedoom and many PWADs use."""

from __future__ import annotations

import struct
from typing import Final

from pydoom.audio.song import Event, EventKind, Song, SongError

MAGIC: Final = b"MThd"

_TEMPO: Final = 0x51
_END_OF_TRACK: Final = 0x2F
_META: Final = 0xFF
_SYSEX: Final = (0xF0, 0xF7)
_MAX_TRACKS: Final = 64

_KINDS: Final = {
    0x80: EventKind.NOTE_OFF,
    0x90: EventKind.NOTE_ON,
    0xA0: EventKind.OTHER,
    0xB0: EventKind.CONTROLLER,
    0xC0: EventKind.PROGRAM,
    0xD0: EventKind.OTHER,
    0xE0: EventKind.PITCH_BEND,
}


def read_midi(data: bytes) -> Song:
    """Read a MIDI file; SongError when it is not one or is cut short."""
    if data[:4] != MAGIC or len(data) < 14:
        raise SongError("a MIDI song has no header")
    size, form, count, division = struct.unpack_from(">IHHh", data, 4)
    if size != 6 or form not in (0, 1) or not 1 <= count <= _MAX_TRACKS:
        raise SongError(f"a MIDI song has {count} tracks in format {form}")
    # negative: frames a second and ticks a frame
    ticks = -(division >> 8) * (division & 0xFF) if division < 0 else division
    if ticks <= 0:
        raise SongError("a MIDI song has no time division")
    tracks = []
    at = 14
    for _ in range(count):
        if data[at : at + 4] != b"MTrk":
            raise SongError("a MIDI song is missing a track")
        reader = _Track(data, at + 8)
        tracks.append(reader.read())
        at = reader.at
    return Song(ticks, tracks)


class _Track:
    def __init__(self, data: bytes, at: int) -> None:
        self.at = at
        self._data = data
        self._status = 0

    def read(self) -> list[Event]:
        """All events, up to and with the end of the track."""
        events: list[Event] = []
        while not events or events[-1].kind is not EventKind.END_OF_TRACK:
            events.append(self._event())
        return events

    def _event(self) -> Event:
        delta = self._length()
        if self._peek() & 0x80:
            self._status = self._byte()
        status = self._status
        kind = _KINDS.get(status & 0xF0)
        if kind is not None:
            a = self._byte()
            b = 0 if status & 0xF0 in (0xC0, 0xD0) else self._byte()
            return Event(delta, kind, status & 0x0F, a & 0x7F, b & 0x7F)
        if status in _SYSEX:
            self._bytes(self._length())
            return Event(delta, EventKind.OTHER)
        if status == _META:
            return self._meta(delta)
        raise SongError(f"a MIDI song has an event of unknown kind {status:#x}")

    def _meta(self, delta: int) -> Event:
        kind = self._byte()
        data = self._bytes(self._length())
        if kind == _END_OF_TRACK:
            return Event(delta, EventKind.END_OF_TRACK)
        if kind == _TEMPO and len(data) == 3 and any(data):
            return Event(delta, EventKind.TEMPO, a=int.from_bytes(data, "big"))
        return Event(delta, EventKind.OTHER)

    def _length(self) -> int:
        """A number of at most four groups of seven bits."""
        value = 0
        for _ in range(4):
            byte = self._byte()
            value = value << 7 | byte & 0x7F
            if not byte & 0x80:
                return value
        raise SongError("a MIDI song has a number that is too long")

    def _peek(self) -> int:
        if self.at >= len(self._data):
            raise SongError("a MIDI song is cut short")
        return self._data[self.at]

    def _byte(self) -> int:
        value = self._peek()
        self.at += 1
        return value

    def _bytes(self, count: int) -> bytes:
        data = self._data[self.at : self.at + count]
        if len(data) < count:
            raise SongError("a MIDI song is cut short")
        self.at += count
        return data
