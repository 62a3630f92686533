"""The GENMIDI lump: how an OPL chip plays each General MIDI instrument (``genmidi_instr_t`` of ``i_oplmusic.c``)."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

from pydoom.audio.dmx import Dmx

MELODIC: Final = 128
PERCUSSION: Final = 47
FIRST_PERCUSSION_KEY: Final = 35
LUMP: Final = "GENMIDI"

_HEADER: Final = b"#OPL_II#"
_INSTRUMENT: Final = struct.Struct("<HBB 6BB6BBh 6BB6BBh")
_FIXED: Final = 1
_DOUBLE: Final = 4


@dataclass(frozen=True, slots=True)
class Operator:
    """Register values of one operator."""

    tremolo: int
    attack: int
    sustain: int
    waveform: int
    scale: int
    level: int


@dataclass(frozen=True, slots=True)
class Voice:
    """Two operators and how they are connected; `note_offset` in half tones."""

    modulator: Operator
    feedback: int
    carrier: Operator
    note_offset: int


@dataclass(frozen=True, slots=True, eq=False)
class Instrument:
    """One instrument; `double` ones play both voices, the second detuned by `fine_tuning`."""

    fixed: bool
    double: bool
    fine_tuning: int
    fixed_note: int
    voices: tuple[Voice, Voice]
    is_percussion: bool


@dataclass(frozen=True, slots=True)
class InstrumentBank:
    """The 128 melodic instruments, the drums of keys 35 to 81, and the library that plays them."""

    melodic: tuple[Instrument, ...]
    percussion: tuple[Instrument, ...]
    dmx: Dmx = Dmx.DOOM_1_9


def read_genmidi(data: bytes, dmx: Dmx = Dmx.DOOM_1_9) -> InstrumentBank | None:
    """Read the lump for `dmx`; None when it is too short (its header is ignored, as in the original)."""
    count = MELODIC + PERCUSSION
    if len(data) < len(_HEADER) + count * _INSTRUMENT.size:
        return None
    instruments = tuple(
        _instrument(_INSTRUMENT.unpack_from(data, len(_HEADER) + number * _INSTRUMENT.size), number >= MELODIC)
        for number in range(count)
    )
    return InstrumentBank(instruments[:MELODIC], instruments[MELODIC:], dmx)


def _instrument(fields: tuple[int, ...], is_percussion: bool) -> Instrument:
    flags, tuning, note = fields[:3]
    voices = (_voice(fields[3:18]), _voice(fields[18:33]))
    return Instrument(bool(flags & _FIXED), bool(flags & _DOUBLE), tuning, note, voices, is_percussion)


def _voice(fields: tuple[int, ...]) -> Voice:
    return Voice(Operator(*fields[:6]), fields[6], Operator(*fields[7:13]), fields[14])
