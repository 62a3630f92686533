"""Plays song events on an OPL2 chip the way DOOM 1.9's DMX library did (``i_oplmusic.c``).

Nine voices of two operators. A note takes the voice that has been free longest; when all are busy, one that is a second
voice of a double instrument, or belongs to the highest channel, is taken away. Everything is register writes to a
`Chip`, so the rules can be tested without sound.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from pydoom.audio.genmidi import FIRST_PERCUSSION_KEY, PERCUSSION, Instrument, InstrumentBank, Operator
from pydoom.audio.opl_tables import FREQUENCY_CURVE, VOLUME
from pydoom.audio.song import Event, EventKind

VOICES: Final = 9
CHANNELS: Final = 16
MAX_VOLUME: Final = 127

_OPERATORS: Final = (0x00, 0x01, 0x02, 0x08, 0x09, 0x0A, 0x10, 0x11, 0x12)
_CARRIER: Final = 3
"""Register offset of a voice's second operator from its first."""
_OPERATOR_COUNT: Final = 21

_REG_TIMER_CONTROL: Final = 0x04
_REG_WAVEFORM_ENABLE: Final = 0x01
_REG_FM_MODE: Final = 0x08
_REGS_TREMOLO: Final = 0x20
_REGS_LEVEL: Final = 0x40
_REGS_ATTACK: Final = 0x60
_REGS_SUSTAIN: Final = 0x80
_REGS_FREQ_LOW: Final = 0xA0
_REGS_FREQ_HIGH: Final = 0xB0
_REGS_FEEDBACK: Final = 0xC0
_REGS_WAVEFORM: Final = 0xE0
_KEY_ON: Final = 0x20
_BOTH_SIDES: Final = 0x30

_MIDI_PERCUSSION: Final = 9
_MUS_PERCUSSION: Final = 15
_PERCUSSION_NOTE: Final = 60

_CONTROL_VOLUME: Final = 0x07
_CONTROL_ALL_NOTES_OFF: Final = 0x7B

_LOW_NOTES: Final = 284
_OCTAVE: Final = 12 * 32


class Chip(Protocol):
    """An OPL2 chip."""

    def write(self, register: int, value: int) -> None:
        """Set a register."""

    def generate(self, frames: int) -> NDArray[np.int16]:
        """The next `frames` samples int16[frames, 2]."""


class MidiChannel:
    """The settings of a MIDI channel. `volume` is what its notes get, `volume_base` what the song asked for."""

    __slots__ = ("bend", "instrument", "number", "volume", "volume_base")

    def __init__(self, number: int, instrument: Instrument) -> None:
        self.number = number
        self.instrument = instrument
        self.volume = 0
        self.volume_base = 0
        self.bend = 0


class ChipVoice:
    """One of the chip's voices; `carrier` and `modulator` are the level registers' last values."""

    __slots__ = (
        "carrier",
        "channel",
        "frequency",
        "index",
        "instrument",
        "key",
        "modulator",
        "note",
        "note_volume",
        "second",
    )

    def __init__(self, index: int) -> None:
        self.index = index
        self.instrument: Instrument | None = None
        self.second = 0
        self.channel: MidiChannel | None = None
        self.key = 0
        self.note = 0
        self.frequency = 0
        self.note_volume = 0
        self.carrier = 0
        self.modulator = 0


class OplDriver:
    """The chip's nine voices and the sixteen channels that share them."""

    def __init__(self, chip: Chip, bank: InstrumentBank, volume: int = MAX_VOLUME) -> None:
        self._chip = chip
        self._bank = bank
        self._volume = volume
        self._start_volume = volume
        self._voices = [ChipVoice(index) for index in range(VOICES)]
        self._free = list(self._voices)
        self._busy: list[ChipVoice] = []
        self._channels = [MidiChannel(number, bank.melodic[0]) for number in range(CHANNELS)]
        self._reset_registers()
        self.start_song()

    def start_song(self) -> None:
        """Set the channels to their defaults, as at the beginning of a song and of each repeat."""
        self._start_volume = self._volume
        for channel in self._channels:
            channel.instrument = self._bank.melodic[0]
            channel.volume_base = 100
            channel.volume = min(self._volume, 100)
            channel.bend = 0

    def stop_song(self) -> None:
        """Release every note."""
        for channel in self._channels:
            self._all_notes_off(channel)

    def set_volume(self, volume: int) -> None:
        """Set the music volume, 0 to 127."""
        if volume == self._volume:
            return
        self._volume = volume
        for channel in self._channels:
            # the original gives the percussion channel the music volume itself
            base = volume if channel.number == _MUS_PERCUSSION else channel.volume_base
            self._set_channel_volume(channel, base, clip_start=False)

    def hush(self) -> None:
        """Let the notes of melodic instruments end, as a pause does; drums fade by themselves."""
        for voice in self._voices:
            if voice.channel is not None and voice.instrument is not None and not voice.instrument.is_percussion:
                self._key_off(voice)

    def handle(self, event: Event) -> None:
        """Carry out a channel event."""
        kind = event.kind
        channel = self._channels[_mus_channel(event.channel)]
        if kind is EventKind.NOTE_ON and event.b > 0:
            self._note_on(channel, event.channel == _MIDI_PERCUSSION, event.a, event.b)
        elif kind is EventKind.NOTE_OFF or kind is EventKind.NOTE_ON:
            self._note_off(channel, event.a)
        elif kind is EventKind.CONTROLLER and event.a == _CONTROL_VOLUME:
            self._set_channel_volume(channel, event.b, clip_start=True)
        elif kind is EventKind.CONTROLLER and event.a == _CONTROL_ALL_NOTES_OFF:
            self._all_notes_off(channel)
        elif kind is EventKind.PROGRAM:
            channel.instrument = self._bank.melodic[event.a]
        elif kind is EventKind.PITCH_BEND:
            self._bend(channel, event.b - 64)

    def _note_on(self, channel: MidiChannel, is_percussion: bool, key: int, volume: int) -> None:
        note = key
        instrument = channel.instrument
        if is_percussion:
            if not 0 <= key - FIRST_PERCUSSION_KEY < PERCUSSION:
                return
            instrument = self._bank.percussion[key - FIRST_PERCUSSION_KEY]
            note = _PERCUSSION_NOTE
        self._start_note(channel, instrument, note, key, volume)

    def _start_note(self, channel: MidiChannel, instrument: Instrument, note: int, key: int, volume: int) -> None:
        """Play a note, on two voices if the instrument is double and there are two."""
        if not self._free:
            self._replace_voice()
        self._start_voice(channel, instrument, 0, note, key, volume)
        if instrument.double:
            self._start_voice(channel, instrument, 1, note, key, volume)

    def _note_off(self, channel: MidiChannel, key: int) -> None:
        self._release_all(lambda voice: voice.channel is channel and voice.key == key)

    def _all_notes_off(self, channel: MidiChannel) -> None:
        self._release_all(lambda voice: voice.channel is channel)

    def _release_all(self, is_meant: Callable[[ChipVoice], bool]) -> None:
        index = 0
        while index < len(self._busy):
            if is_meant(self._busy[index]):
                self._release(index)
            else:
                index += 1

    def _replace_voice(self) -> None:
        """Free a busy voice: the last that is a second voice or of a channel not below the one found before it."""
        chosen = 0
        for index, voice in enumerate(self._busy):
            if voice.second or number_of(voice) >= number_of(self._busy[chosen]):
                chosen = index
        self._release(chosen)

    def _release(self, index: int) -> None:
        """Free a busy voice (``ReleaseVoice``)."""
        voice = self._busy.pop(index)
        self._key_off(voice)
        voice.channel = None
        voice.note = 0
        self._free.append(voice)

    def _start_voice(
        self, channel: MidiChannel, instrument: Instrument, second: int, note: int, key: int, volume: int
    ) -> None:
        """Play one of an instrument's two voices on the next free voice, if there is one."""
        if not self._free:
            return
        voice = self._free.pop(0)
        self._busy.append(voice)
        voice.channel = channel
        voice.key = key
        voice.note = instrument.fixed_note if instrument.fixed else note
        self._set_instrument(voice, instrument, second)
        self._set_voice_volume(voice, volume)
        voice.frequency = 0
        self._update_frequency(voice)

    def _set_instrument(self, voice: ChipVoice, instrument: Instrument, second: int) -> None:
        if voice.instrument is instrument and voice.second == second:
            return
        voice.instrument = instrument
        voice.second = second
        data = instrument.voices[second]
        operator = _OPERATORS[voice.index]
        modulating = not data.feedback & 1
        voice.carrier = self._load_operator(operator + _CARRIER, data.carrier, silent=True)
        voice.modulator = self._load_operator(operator, data.modulator, silent=not modulating)
        self._chip.write(_REGS_FEEDBACK + voice.index, data.feedback | _BOTH_SIDES)

    def _load_operator(self, operator: int, data: Operator, silent: bool) -> int:
        """Write an operator's registers and return its level; with `silent`, at no volume until one is set."""
        level = data.scale | (0x3F if silent else data.level)
        write = self._chip.write
        write(_REGS_LEVEL + operator, level)
        write(_REGS_TREMOLO + operator, data.tremolo)
        write(_REGS_ATTACK + operator, data.attack)
        write(_REGS_SUSTAIN + operator, data.sustain)
        write(_REGS_WAVEFORM + operator, data.waveform)
        return level

    def _set_voice_volume(self, voice: ChipVoice, volume: int) -> None:
        voice.note_volume = volume
        if voice.instrument is None or voice.channel is None:
            return
        data = voice.instrument.voices[voice.second]
        channel_volume = 2 * (VOLUME[voice.channel.volume] + 1)
        level = 0x3F - (VOLUME[volume] * channel_volume >> 9)
        if level == voice.carrier & 0x3F:
            return
        voice.carrier = level | voice.carrier & 0xC0
        operator = _OPERATORS[voice.index]
        self._chip.write(_REGS_LEVEL + operator + _CARRIER, voice.carrier)
        # without modulation both operators are audible
        if data.feedback & 1 and data.modulator.level != 0x3F:
            modulator = max(data.modulator.level, level) | voice.modulator & 0xC0
            if modulator != voice.modulator:
                voice.modulator = modulator
                self._chip.write(_REGS_LEVEL + operator, modulator | data.modulator.scale & 0xC0)

    def _set_channel_volume(self, channel: MidiChannel, volume: int, clip_start: bool) -> None:
        channel.volume_base = volume
        volume = min(volume, self._volume)
        channel.volume = min(volume, self._start_volume) if clip_start else volume
        for voice in self._voices:
            if voice.channel is channel:
                self._set_voice_volume(voice, voice.note_volume)

    def _bend(self, channel: MidiChannel, bend: int) -> None:
        channel.bend = bend
        bent = [voice for voice in self._busy if voice.channel is channel]
        for voice in bent:
            self._update_frequency(voice)
        # bent voices move to the end of the list, which decides what is replaced later
        self._busy = [voice for voice in self._busy if voice.channel is not channel] + bent

    def _update_frequency(self, voice: ChipVoice) -> None:
        frequency = _frequency(voice)
        if frequency != voice.frequency:
            self._chip.write(_REGS_FREQ_LOW + voice.index, frequency & 0xFF)
            self._chip.write(_REGS_FREQ_HIGH + voice.index, frequency >> 8 | _KEY_ON)
            voice.frequency = frequency

    def _key_off(self, voice: ChipVoice) -> None:
        self._chip.write(_REGS_FREQ_HIGH + voice.index, voice.frequency >> 8)

    def _reset_registers(self) -> None:
        """``OPL_InitRegisters``; its loops run one too far, into registers that do not exist, as DOOM's did."""
        write = self._chip.write
        for register in range(_REGS_LEVEL, _REGS_LEVEL + _OPERATOR_COUNT + 1):
            write(register, 0x3F)
        for register in range(_REGS_ATTACK, _REGS_WAVEFORM + _OPERATOR_COUNT + 1):
            write(register, 0)
        for register in range(1, _REGS_LEVEL):
            write(register, 0)
        write(_REG_TIMER_CONTROL, 0x60)
        write(_REG_TIMER_CONTROL, 0x80)
        write(_REG_WAVEFORM_ENABLE, 0x20)
        write(_REG_FM_MODE, 0x40)


def _mus_channel(channel: int) -> int:
    """The channel as DMX numbers it: MUS channels, where percussion is 15."""
    if channel == _MIDI_PERCUSSION:
        return _MUS_PERCUSSION
    return _MIDI_PERCUSSION if channel == _MUS_PERCUSSION else channel


def number_of(voice: ChipVoice) -> int:
    """The number of a voice's channel."""
    return -1 if voice.channel is None else voice.channel.number


def _frequency(voice: ChipVoice) -> int:
    """The value of the voice's two frequency registers (``FrequencyForVoice``)."""
    instrument, channel = voice.instrument, voice.channel
    if instrument is None or channel is None:
        return 0
    note = voice.note
    if not instrument.fixed:
        note += instrument.voices[voice.second].note_offset
    if note < 0:
        note %= 12
    elif note > 95:
        note -= (note - 84) // 12 * 12
    index = 64 + 32 * note + channel.bend
    if voice.second:
        index += instrument.fine_tuning // 2 - 64
    index = max(index, 0)
    if index < _LOW_NOTES:
        return FREQUENCY_CURVE[index]
    octave, step = divmod(index - _LOW_NOTES, _OCTAVE)
    return FREQUENCY_CURVE[step + _LOW_NOTES] | min(octave, 7) << 10
