"""How the sound libraries of DOOM 1.666 and DOOM II 1.666 shared the chip's voices.

Every register written in half a minute of five of DOOM's songs is the same as in Chocolate Doom; these are the rules.
"""

from dataclasses import replace

import pytest

from pydoom.audio.dmx import Dmx, dmx_of
from pydoom.audio.genmidi import InstrumentBank, Operator
from pydoom.audio.old_opl import Doom2Driver, DoomDriver, make_driver
from pydoom.audio.opl import OplDriver
from pydoom.sim.rules import GameVersion
from tests.unit.test_audio_opl import FakeChip, instrument, off, on, program

QUICK, DOUBLE, SLOW = 0, 1, 2


@pytest.fixture
def chip() -> FakeChip:
    return FakeChip()


@pytest.fixture
def bank() -> InstrumentBank:
    quick = instrument()
    double = instrument(double=True)
    voice = quick.voices[0]
    fading = Operator(1, 0x11, 0x51, 2, 0x40, 0x10)
    slow = replace(quick, voices=(replace(voice, carrier=fading),) * 2)
    return InstrumentBank((quick, double, slow, *[quick] * 125), (quick,) * 47)


def released(chip: FakeChip) -> list[int]:
    """The voices whose keys went up since the log was cleared, in order."""
    return [register - 0xB0 for register, value in chip.writes if 0xB0 <= register < 0xB9 and not value & 0x20]


def test_the_executable_and_the_game_tell_the_library() -> None:
    assert dmx_of(GameVersion.DOOM_1_666, "doom") == Dmx.DOOM_1_666
    assert dmx_of(GameVersion.DOOM_1_666, "doom2") == Dmx.DOOM2_1_666
    assert {dmx_of(version, "doom") for version in GameVersion if version != GameVersion.DOOM_1_666} == {Dmx.DOOM_1_9}


def test_a_bank_has_the_driver_of_its_library(chip: FakeChip, bank: InstrumentBank) -> None:
    drivers = [type(make_driver(chip, replace(bank, dmx=dmx))) for dmx in Dmx]
    assert drivers == [DoomDriver, Doom2Driver, OplDriver]


def test_doom_plays_the_first_voice_of_a_double_instrument_twice(chip: FakeChip, bank: InstrumentBank) -> None:
    driver = DoomDriver(chip, bank)
    driver.handle(program(DOUBLE))
    driver.handle(on(60))
    assert chip.sounding() == [0, 1]
    assert chip.registers[0xA0] == chip.registers[0xA1]


def test_doom_takes_the_first_voice_of_the_highest_channel(chip: FakeChip, bank: InstrumentBank) -> None:
    driver = DoomDriver(chip, bank)
    for number in range(9):
        driver.handle(on(60 + number, channel=(1, 3, 2)[number % 3]))
    chip.writes.clear()
    driver.handle(on(80))
    assert released(chip) == [1]


def test_doom_ii_takes_a_quickly_fading_voice_but_never_the_last_three(chip: FakeChip, bank: InstrumentBank) -> None:
    driver = Doom2Driver(chip, bank)
    for number in range(9):
        driver.handle(program(SLOW if number in (2, 7) else QUICK, channel=number))
        driver.handle(on(60 + number, channel=number))
    chip.writes.clear()
    driver.handle(on(80, channel=1))
    quick, slow = (bank.melodic[number].voices[0].carrier for number in (QUICK, SLOW))
    assert quick.attack > slow.attack
    assert released(chip) == [1]


def test_doom_ii_never_takes_a_lower_channel_s_voice_but_the_first(chip: FakeChip, bank: InstrumentBank) -> None:
    driver = Doom2Driver(chip, bank)
    for number in range(9):
        driver.handle(on(60 + number, channel=number))
    chip.writes.clear()
    driver.handle(on(80, channel=12))
    assert released(chip) == [0]


def test_doom_ii_starts_the_second_voice_first_and_a_released_one_takes_the_next_with_it(
    chip: FakeChip, bank: InstrumentBank
) -> None:
    driver = Doom2Driver(chip, bank)
    driver.handle(program(DOUBLE))
    driver.handle(on(60))
    driver.handle(on(70, channel=1))
    assert chip.sounding() == [0, 1, 2]
    chip.writes.clear()
    driver.handle(off(60))
    assert released(chip) == [0, 1]
    assert chip.sounding() == [2]


def test_doom_ii_is_silent_for_ever_once_a_second_voice_is_the_last_in_the_list(
    chip: FakeChip, bank: InstrumentBank
) -> None:
    quick, double, slow = bank.melodic[:3]
    double = replace(double, voices=(quick.voices[0], slow.voices[0]))
    driver = Doom2Driver(chip, replace(bank, melodic=(quick, double, *bank.melodic[2:])))
    driver.handle(program(DOUBLE))
    driver.handle(on(60))
    for number in range(7):
        driver.handle(on(61 + number, channel=1))
    chip.writes.clear()
    driver.handle(program(QUICK))
    driver.handle(on(80))  # takes the quick first voice, and leaves the second alone
    assert released(chip) == [1]
    for key in range(61, 81):
        driver.handle(off(key, channel=0 if key == 80 else 1))
    assert chip.sounding() == [0]
    driver.handle(off(60))
    driver.handle(on(60))
    assert chip.sounding() == []
