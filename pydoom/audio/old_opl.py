"""The drivers of DOOM 1.666: how its DMX libraries share the chip's voices among notes (``i_oplmusic.c``).

DOOM 1.666 and DOOM II 1.666 had two versions of the library; those of 1.2 to 1.8 are not known and play as 1.9's.
"""

from __future__ import annotations

from typing import Final

from pydoom.audio.dmx import Dmx
from pydoom.audio.genmidi import Instrument, InstrumentBank
from pydoom.audio.opl import VOICES, Chip, ChipVoice, MidiChannel, OplDriver, number_of

_LOWEST_PRIORITY: Final = 0x8000
_SPARED: Final = 3
"""Voices at the end of the list that DOOM II's driver never takes away."""


def make_driver(chip: Chip, bank: InstrumentBank) -> OplDriver:
    """The driver for a bank's version of the library."""
    return {Dmx.DOOM_1_666: DoomDriver, Dmx.DOOM2_1_666: Doom2Driver, Dmx.DOOM_1_9: OplDriver}[bank.dmx](chip, bank)


class DoomDriver(OplDriver):
    """DOOM's: both voices of a double instrument are its first one, and the highest channel loses a voice."""

    def _start_note(self, channel: MidiChannel, instrument: Instrument, note: int, key: int, volume: int) -> None:
        while len(self._busy) > VOICES - 1:
            self._replace_voice()
        for _ in range(2 if instrument.double else 1):
            self._start_voice(channel, instrument, 0, note, key, volume)

    def _replace_voice(self) -> None:
        """Free the first busy voice of the highest channel."""
        self._release(max(range(len(self._busy)), key=lambda index: number_of(self._busy[index])))


class Doom2Driver(OplDriver):
    """DOOM II's: a voice that is released takes the next in the list with it if it was a second one.

    When there is no next one, all voices are lost and the music is silent from then on.
    """

    def _start_note(self, channel: MidiChannel, instrument: Instrument, note: int, key: int, volume: int) -> None:
        if len(self._busy) == VOICES:
            self._release(self._least_important(channel))
        if len(self._busy) == VOICES - 1 and instrument.double:
            self._release(self._least_important(channel))
        if instrument.double:
            self._start_voice(channel, instrument, 1, note, key, volume)
        self._start_voice(channel, instrument, 0, note, key, volume)

    def _least_important(self, channel: MidiChannel) -> int:
        """Index of a busy voice of this channel or a higher one that fades early (``ReplaceExistingVoiceDoom2``)."""
        chosen, least = 0, _LOWEST_PRIORITY
        for index, voice in enumerate(self._busy[: len(self._busy) - _SPARED]):
            if _priority(voice) < least and number_of(voice) >= channel.number:
                chosen, least = index, _priority(voice)
        return chosen

    def _release(self, index: int) -> None:
        if index >= len(self._busy):
            self._busy.clear()
            self._free.clear()
            return
        is_second = self._busy[index].second != 0
        super()._release(index)
        if is_second:
            self._release(index)


def _priority(voice: ChipVoice) -> int:
    """The longer a voice sounds, the higher."""
    if voice.instrument is None:
        return 0
    carrier = voice.instrument.voices[voice.second].carrier
    return 0x0F - (carrier.attack >> 4) + 0x0F - (carrier.sustain & 0x0F)
