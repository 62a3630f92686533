"""Which sounds are heard, how loud, where, on which channel - and what they cost in random numbers."""

import pytest

from pydoom.data import sound_ids as sfx
from pydoom.data.info import SoundInfo
from pydoom.game.level import Level
from pydoom.game.rules import Rules
from pydoom.game.session import Session
from pydoom.game.sounds import REFERENCE_VOLUME, SoundDevice, approximate_distance, attenuated_volume, stereo_separation
from pydoom.sim.level import SoundPoint
from pydoom.wad import Assets

UNIT = 1 << 16


class Recorder(SoundDevice):
    """A sound device that records its calls; sounds never end."""

    def __init__(self) -> None:
        self.started: list[tuple[int, str, int, int]] = []
        self.busy: set[int] = set()

    def start(self, channel: int, sound: SoundInfo, volume: int, separation: int, pitch: int) -> None:
        self.started.append((channel, sound.name, volume, separation))
        self.busy.add(channel)

    def stop(self, channel: int) -> None:
        self.busy.discard(channel)

    def playing(self, channel: int) -> bool:
        return channel in self.busy

    def adjust(self, channel: int, volume: int, separation: int) -> None:
        pass


@pytest.fixture
def session(assets: Assets) -> Session:
    session = Session(assets, sound_device=Recorder())
    session.start(Rules(), Level(1, 1))
    return session


def device(session: Session) -> Recorder:
    recorder = session.sounds.device
    assert isinstance(recorder, Recorder)
    recorder.started.clear()
    return recorder


def away(session: Session, units: int) -> SoundPoint:
    mo = session.world.players[0].mo
    assert mo is not None
    return SoundPoint(mo.x + units * UNIT, mo.y)


def test_volume_falls_off_between_200_and_1200_units() -> None:
    heard = [attenuated_volume(64, distance * UNIT, 1) for distance in (0, 199, 200, 700, 1184, 1190, 1201)]
    assert heard == [64, 64, 64, 32, 1, 0, 0]


def test_map_8_is_heard_everywhere() -> None:
    assert attenuated_volume(64, 5000 * UNIT, 8) == 15


def test_a_sound_costs_one_random_number_when_audible(session: Session) -> None:
    before = session.world.random.rndindex
    session.sounds.start(away(session, 1000), sfx.SFX_PISTOL)
    assert session.world.random.rndindex == before + 1
    session.sounds.start(away(session, 1195), sfx.SFX_PISTOL)
    assert session.world.random.rndindex == before + 1


def test_pickups_and_menu_clicks_keep_their_pitch_and_cost_nothing(session: Session) -> None:
    before = session.world.random.rndindex
    session.sounds.start(None, sfx.SFX_ITEMUP)
    session.sounds.start(None, sfx.SFX_TINK)
    assert session.world.random.rndindex == before


def test_silence_costs_the_same_random_numbers_as_noise(session: Session) -> None:
    session.sounds.set_volume(0)
    recorder = device(session)
    before = session.world.random.rndindex
    session.sounds.start(None, sfx.SFX_PISTOL)
    assert session.world.random.rndindex == before + 1
    assert recorder.started == []


def test_left_and_right(session: Session) -> None:
    mo = session.world.players[0].mo
    assert mo is not None
    mo.angle = 0x40000000  # north
    assert stereo_separation(mo, away(session, 500)) > 200
    assert stereo_separation(mo, away(session, -500)) < 50


def test_one_origin_has_one_voice(session: Session) -> None:
    recorder = device(session)
    origin = away(session, 100)
    session.sounds.start(origin, sfx.SFX_PISTOL)
    session.sounds.start(origin, sfx.SFX_SHOTGN)
    assert [(channel, name) for channel, name, _, _ in recorder.started] == [(0, "pistol"), (0, "shotgn")]


def test_a_ninth_sound_takes_the_channel_of_one_with_no_higher_priority(session: Session) -> None:
    recorder = device(session)
    for units in range(8):
        session.sounds.start(away(session, units + 1), sfx.SFX_PISTOL)
    session.sounds.start(away(session, 50), sfx.SFX_SHOTGN)
    assert recorder.started[-1][:2] == (0, "shotgn")
    session.sounds.start(away(session, 60), sfx.SFX_DOROPN)  # the lowest priority
    assert recorder.started[-1][1] == "shotgn"


def test_a_new_level_begins_in_silence(session: Session) -> None:
    recorder = device(session)
    session.sounds.start(None, sfx.SFX_PISTOL)
    session.sounds.level_started()
    assert recorder.busy == set()


def test_reference_volume_is_the_original_s_default() -> None:
    assert REFERENCE_VOLUME == 64


def test_distances_of_half_the_map_wrap_as_in_the_original() -> None:
    west, east = SoundPoint(-20000 * UNIT, 0), SoundPoint(20000 * UNIT, 0)
    assert approximate_distance(west, east) == (65536 - 40000) * UNIT
    corner = SoundPoint(12000 * UNIT, 32000 * UNIT)
    assert approximate_distance(west, corner) == (32000 + 32000 - 16000 - 65536) * UNIT
