"""How notes get the chip's voices, and when (`i_oplmusic.c`)."""

import threading

import numpy as np
import pytest
from numpy.typing import NDArray

from pydoom.audio.effects import Pcm
from pydoom.audio.genmidi import Instrument, InstrumentBank, Operator, Voice
from pydoom.audio.music import CHUNK_FRAMES, MusicPlayer, PcmSink
from pydoom.audio.opl import Chip, OplDriver
from pydoom.audio.sequencer import Sequencer
from pydoom.audio.song import Event, EventKind, Song

RATE = 44100
KEY_ON = 0x20


class FakeChip(Chip):
    """Remembers registers, and in its samples says how many writes came before."""

    def __init__(self) -> None:
        self.registers = [0] * 256
        self.writes: list[tuple[int, int]] = []
        self.frames = 0
        self.log: list[tuple[int, int, int]] = []

    def write(self, register: int, value: int) -> None:
        self.registers[register] = value
        self.writes.append((register, value))
        self.log.append((self.frames, register, value))

    def generate(self, frames: int) -> NDArray[np.int16]:
        self.frames += frames
        return np.zeros((frames, 2), np.int16)

    def sounding(self) -> list[int]:
        return [voice for voice in range(9) if self.registers[0xB0 + voice] & KEY_ON]


def instrument(double: bool = False, fixed: bool = False, feedback: int = 0, drum: bool = False) -> Instrument:
    operator = Operator(1, 0xF1, 0x52, 2, 0x40, 0x10)
    voice = Voice(operator, feedback, operator, 0)
    return Instrument(fixed, double, 0x90, 47, (voice, voice), drum)


@pytest.fixture
def bank() -> InstrumentBank:
    melodic = [instrument() for _ in range(128)]
    melodic[1] = instrument(double=True)
    melodic[2] = instrument(feedback=1)
    return InstrumentBank(tuple(melodic), tuple(instrument(fixed=True, drum=True) for _ in range(47)))


@pytest.fixture
def chip() -> FakeChip:
    return FakeChip()


@pytest.fixture
def driver(chip: FakeChip, bank: InstrumentBank) -> OplDriver:
    return OplDriver(chip, bank)


def on(key: int, channel: int = 0, velocity: int = 100) -> Event:
    return Event(0, EventKind.NOTE_ON, channel, key, velocity)


def off(key: int, channel: int = 0) -> Event:
    return Event(0, EventKind.NOTE_OFF, channel, key)


def program(number: int, channel: int = 0) -> Event:
    return Event(0, EventKind.PROGRAM, channel, number)


def control(number: int, value: int, channel: int = 0) -> Event:
    return Event(0, EventKind.CONTROLLER, channel, number, value)


def test_notes_take_voices_in_turn_and_give_them_back_last(driver: OplDriver, chip: FakeChip) -> None:
    driver.handle(on(60))
    driver.handle(on(64))
    assert chip.sounding() == [0, 1]
    driver.handle(off(60))
    assert chip.sounding() == [1]
    driver.handle(on(67))
    assert chip.sounding() == [1, 2]


def test_velocity_zero_is_a_note_off(driver: OplDriver, chip: FakeChip) -> None:
    driver.handle(on(60))
    driver.handle(on(60, velocity=0))
    assert chip.sounding() == []


def test_double_instrument_plays_two_detuned_voices(driver: OplDriver, chip: FakeChip) -> None:
    driver.handle(program(1))
    driver.handle(on(60))
    assert chip.sounding() == [0, 1]
    first, second = (chip.registers[0xA0 + voice] | (chip.registers[0xB0 + voice] & 0x1F) << 8 for voice in (0, 1))
    assert first != second
    driver.handle(off(60))
    assert chip.sounding() == []


def test_tenth_note_replaces_the_newest_of_the_highest_channel(driver: OplDriver, chip: FakeChip) -> None:
    for key in range(4):
        driver.handle(on(60 + key, channel=3))
    for key in range(5):
        driver.handle(on(70 + key, channel=1))
    chip.writes.clear()
    driver.handle(on(80))
    assert chip.writes[0][0] == 0xB0 + 3
    assert len(chip.sounding()) == 9


def test_second_voice_is_taken_away_before_notes_of_higher_channels(driver: OplDriver, chip: FakeChip) -> None:
    for key in range(7):
        driver.handle(on(70 + key, channel=5))
    driver.handle(program(1))
    driver.handle(on(60))
    chip.writes.clear()
    driver.handle(on(80, channel=1))
    assert chip.writes[0][0] == 0xB0 + 8


def test_drums_have_their_own_fixed_notes_and_keys_out_of_range_are_silent(driver: OplDriver, chip: FakeChip) -> None:
    driver.handle(on(34, channel=9))
    driver.handle(on(82, channel=9))
    assert chip.sounding() == []
    driver.handle(on(35, channel=9))
    driver.handle(on(81, channel=9))
    assert chip.registers[0xA0] == chip.registers[0xA1]


def test_middle_a_has_its_frequency(driver: OplDriver, chip: FakeChip) -> None:
    driver.handle(on(69))
    number = chip.registers[0xA0] | (chip.registers[0xB0] & 3) << 8
    block = chip.registers[0xB0] >> 2 & 7
    # the curve is an octave high: instruments in GENMIDI are an octave low
    assert number * 49716 / 2 ** (20 - block) == pytest.approx(880, rel=0.001)


def test_pitch_bend_retunes_sounding_notes(driver: OplDriver, chip: FakeChip) -> None:
    driver.handle(on(60))
    before = chip.registers[0xA0]
    driver.handle(Event(0, EventKind.PITCH_BEND, 0, 0, 127))
    assert chip.registers[0xA0] != before
    assert chip.sounding() == [0]


def test_volume_of_song_channel_and_note_multiply(driver: OplDriver, chip: FakeChip) -> None:
    driver.handle(control(7, 127))
    driver.handle(on(60, velocity=127))
    assert chip.registers[0x43] & 0x3F == 0
    driver.handle(control(7, 0))
    quiet = chip.registers[0x43] & 0x3F
    assert quiet == 0x3F
    driver.handle(control(7, 64))
    assert 0 < chip.registers[0x43] & 0x3F < 0x3F
    assert chip.registers[0x43] & 0xC0 == 0x40


def test_music_volume_is_a_ceiling_for_every_channel(driver: OplDriver, chip: FakeChip) -> None:
    driver.handle(control(7, 127))
    driver.handle(on(60, velocity=127))
    driver.set_volume(0)
    assert chip.registers[0x43] & 0x3F == 0x3F
    driver.set_volume(127)
    assert chip.registers[0x43] & 0x3F == 0


def test_song_started_quietly_stays_under_that_volume_when_its_channels_change(
    chip: FakeChip, bank: InstrumentBank
) -> None:
    driver = OplDriver(chip, bank, volume=40)
    driver.set_volume(127)
    driver.handle(control(7, 127))
    driver.handle(on(60, velocity=127))
    clipped = chip.registers[0x43] & 0x3F
    driver.start_song()
    driver.handle(control(7, 127))
    assert chip.registers[0x43] & 0x3F < clipped


def test_instrument_without_modulation_sets_the_level_of_both_operators(driver: OplDriver, chip: FakeChip) -> None:
    driver.handle(program(2))
    driver.handle(control(7, 30))
    driver.handle(on(60))
    assert chip.registers[0x40] & 0x3F == chip.registers[0x43] & 0x3F


def test_all_notes_off_and_pause(driver: OplDriver, chip: FakeChip) -> None:
    driver.handle(on(60))
    driver.handle(on(50, channel=9))
    driver.hush()
    assert chip.sounding() == [1]
    driver.handle(control(0x7B, 0, channel=9))
    assert chip.sounding() == []


def sequencer(chip: FakeChip, bank: InstrumentBank) -> Sequencer:
    return Sequencer(chip, OplDriver(chip, bank), RATE)


def key_ons(chip: FakeChip) -> list[int]:
    return [frame for frame, register, value in chip.log if 0xB0 <= register <= 0xB8 and value & KEY_ON]


def test_events_are_played_at_their_sample(chip: FakeChip, bank: InstrumentBank) -> None:
    player = sequencer(chip, bank)
    song = Song(70, [[on(60), on(64)._replace(delta=70), Event(70, EventKind.END_OF_TRACK)]])
    player.play(song, looping=False)
    assert len(player.render(RATE * 2)) == RATE * 2
    first, second = key_ons(chip)
    assert first == 0
    assert second == pytest.approx(RATE / 2, abs=2)
    assert not player.playing


def test_looping_song_begins_again_after_five_milliseconds(chip: FakeChip, bank: InstrumentBank) -> None:
    player = sequencer(chip, bank)
    player.play(Song(70, [[on(60), Event(70, EventKind.END_OF_TRACK)]]), looping=True)
    player.render(RATE * 2)
    assert np.diff(key_ons(chip)).tolist() == pytest.approx([RATE * 0.505] * 3, abs=3)
    assert player.playing


def test_tempo_change_of_one_track_moves_the_others(chip: FakeChip, bank: InstrumentBank) -> None:
    conductor = [Event(96, EventKind.TEMPO, a=250_000), Event(0, EventKind.END_OF_TRACK)]
    notes = [on(60)._replace(delta=192), Event(0, EventKind.END_OF_TRACK)]
    player = sequencer(chip, bank)
    player.play(Song(96, [conductor, notes]), looping=False)
    player.render(RATE)
    assert key_ons(chip)[0] == pytest.approx(RATE * 0.75, abs=3)


def test_paused_song_goes_on_where_it_was(chip: FakeChip, bank: InstrumentBank) -> None:
    player = sequencer(chip, bank)
    player.play(Song(70, [[on(60)._replace(delta=70), Event(0, EventKind.END_OF_TRACK)]]), looping=False)
    player.render(RATE // 4)
    player.pause()
    player.render(RATE)
    assert key_ons(chip) == []
    player.resume()
    player.render(RATE // 2)
    assert key_ons(chip)[0] == pytest.approx(RATE * 1.5, abs=3)


def test_endless_events_without_time_do_not_hang_the_player(chip: FakeChip, bank: InstrumentBank) -> None:
    player = sequencer(chip, bank)
    player.play(Song(70, [[control(1, 0)] * 200_000 + [Event(0, EventKind.END_OF_TRACK)]]), looping=True)
    assert len(player.render(1024)) == 1024
    assert not player.playing


class CollectingSink(PcmSink):
    """Takes a few chunks, then is full."""

    def __init__(self, room: int) -> None:
        self.chunks: list[Pcm] = []
        self.full = threading.Event()
        self._room = room

    def ready(self) -> bool:
        return len(self.chunks) < self._room

    def put(self, samples: Pcm) -> None:
        self.chunks.append(samples)
        if len(self.chunks) == self._room:
            self.full.set()


def test_player_fills_its_sink_from_its_own_thread(bank: InstrumentBank) -> None:
    pytest.importorskip("pyopl")
    score = bytes([0x40, 3, 127, 0x90, 0x80 | 60, 127, 0x46, 0x00, 60, 0x60])
    song = b"MUS\x1a" + bytes([len(score), 0, 14, 0, 1, 0, 0, 0, 0, 0]) + score
    sink = CollectingSink(4)
    player = MusicPlayer(lambda name: song if name == "song" else None, bank, sink)
    player.play("nosuch", True)
    player.play("song", True)
    assert sink.full.wait(5)
    player.close()
    assert all(chunk.shape == (CHUNK_FRAMES, 2) for chunk in sink.chunks)
    assert np.abs(np.concatenate(sink.chunks)).max() > 100
