"""A song as tracks of timed events: what the MUS and MIDI readers make and the OPL player plays."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import NamedTuple


class SongError(Exception):
    """A song can't be parsed; the original then plays nothing."""


class EventKind(IntEnum):
    """What an event does; the readers drop MIDI's other events."""

    NOTE_OFF = 0
    NOTE_ON = 1
    CONTROLLER = 2
    PROGRAM = 3
    PITCH_BEND = 4
    TEMPO = 5
    END_OF_TRACK = 6
    OTHER = 7


class Event(NamedTuple):
    """One event `delta` ticks after the one before.

    `channel` is MIDI's (9 is percussion); `a` and `b` are the key and velocity, the controller and value, the
    instrument, the low and high seven bits of the pitch bend, or the microseconds per beat.
    """

    delta: int
    kind: EventKind
    channel: int = 0
    a: int = 0
    b: int = 0


@dataclass(frozen=True, slots=True)
class Song:
    """`ticks_per_beat` and the tracks, each ending with END_OF_TRACK."""

    ticks_per_beat: int
    tracks: list[list[Event]] = field(repr=False)
