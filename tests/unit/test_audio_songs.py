"""MUS, MIDI and GENMIDI readers."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pydoom import wad
from pydoom.audio import genmidi
from pydoom.audio.midi import read_midi
from pydoom.audio.mus import read_mus
from pydoom.audio.music import read_song
from pydoom.audio.song import Event, EventKind, SongError

END = 0x60


def mus(*score: int) -> bytes:
    return struct.pack("<4sHHHHH", b"MUS\x1a", len(score), 14, 1, 0, 0) + bytes(score)


def midi(*tracks: bytes, division: int = 96) -> bytes:
    head = struct.pack(">4sIHHH", b"MThd", 6, int(len(tracks) > 1), len(tracks), division)
    return head + b"".join(b"MTrk" + struct.pack(">I", len(track)) + track for track in tracks)


def events(data: bytes) -> list[Event]:
    (track,) = read_song(data).tracks
    return track


def test_first_use_of_a_mus_channel_turns_its_notes_off() -> None:
    assert events(mus(0x13, 60, END)) == [
        Event(0, EventKind.CONTROLLER, 0, 0x7B, 0),
        Event(0, EventKind.NOTE_ON, 0, 60, 127),
        Event(0, EventKind.CONTROLLER, 1, 0x7B, 0),
        Event(0, EventKind.END_OF_TRACK),
    ]


def test_mus_percussion_is_midi_channel_9_and_others_pass_it_by() -> None:
    score = [value for channel in range(11) for value in (channel, 60)]
    track = events(mus(0x1F, 38, *score, END | 15))
    assert track[0] == Event(0, EventKind.NOTE_ON, 9, 38, 127)
    assert [event.channel for event in track if event.kind is EventKind.NOTE_OFF] == [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11]


def test_mus_velocity_stays_until_it_changes_and_time_adds_up() -> None:
    track = events(mus(0x1F, 0x80 | 40, 90, 0x9F, 41, 0x81, 0x0A, 0x1F, 42, END | 15))
    assert track[:3] == [
        Event(0, EventKind.NOTE_ON, 9, 40, 90),
        Event(0, EventKind.NOTE_ON, 9, 41, 90),
        Event(138, EventKind.NOTE_ON, 9, 42, 90),
    ]


def test_mus_controllers_and_bends_become_midi_ones() -> None:
    track = events(mus(0x4F, 0, 30, 0x4F, 3, 200, 0x4F, 4, 10, 0x2F, 129, 0x3F, 11, END | 15))
    assert track[:-1] == [
        Event(0, EventKind.PROGRAM, 9, 30),
        Event(0, EventKind.CONTROLLER, 9, 7, 127),
        Event(0, EventKind.CONTROLLER, 9, 10, 10),
        Event(0, EventKind.PITCH_BEND, 9, 64, 64),
        Event(0, EventKind.CONTROLLER, 9, 0x7B),
    ]


@pytest.mark.parametrize("score", [(), (0x1F,), (0x1F, 60), (0x5F, END), (0x4F, 12, 0, END), (0x3F, 3, END)])
def test_broken_mus_is_refused(score: tuple[int, ...]) -> None:
    with pytest.raises(SongError):
        read_mus(mus(*score))


def test_midi_running_status_tempo_and_time() -> None:
    track = b"\0\x90\x3c\x64" + b"\x83\x00\x3c\x00" + b"\0\xff\x51\x03\x07\xa1\x20" + b"\x05\xff\x2f\0"
    assert events(midi(track)) == [
        Event(0, EventKind.NOTE_ON, 0, 60, 100),
        Event(384, EventKind.NOTE_ON, 0, 60, 0),
        Event(0, EventKind.TEMPO, 0, 500_000),
        Event(5, EventKind.END_OF_TRACK),
    ]


def test_midi_format_1_keeps_its_tracks_apart() -> None:
    song = read_midi(midi(b"\0\xff\x2f\0", b"\0\xf0\x02\x01\x02\x00\xc3\x05\0\xff\x2f\0", division=120))
    assert song.ticks_per_beat == 120
    assert [len(track) for track in song.tracks] == [1, 3]
    assert song.tracks[1][1] == Event(0, EventKind.PROGRAM, 3, 5)


@given(st.binary(max_size=300), st.sampled_from([b"", b"MThd", mus()[:14], midi(b"")]))
def test_any_bytes_are_a_song_or_an_error(data: bytes, start: bytes) -> None:
    try:
        song = read_song(start + data)
    except SongError:
        return
    assert all(track[-1].kind is EventKind.END_OF_TRACK for track in song.tracks)


def test_every_song_of_the_shareware_wad_reads(wad_path: object) -> None:
    assets = wad.load(str(wad_path))
    names = [name[2:] for name in assets.lump_names if name.startswith("D_")]
    assert len(names) == 13
    for name in names:
        data = assets.music(name)
        assert data is not None
        assert len(read_song(data).tracks[0]) > 50
    first = assets.music("e1m1")
    assert first is not None
    assert sum(event.delta for event in read_song(first).tracks[0]) == 96 * 140


def test_genmidi_of_the_shareware_wad_has_its_instruments(wad_path: object) -> None:
    bank = genmidi.read_genmidi(wad.load(str(wad_path)).lump("GENMIDI"))
    assert bank is not None
    assert (len(bank.melodic), len(bank.percussion)) == (128, 47)
    assert all(drum.is_percussion for drum in bank.percussion)
    assert any(instrument.double for instrument in bank.melodic)
    assert genmidi.read_genmidi(b"#OPL_II#") is None


@pytest.mark.parametrize("beginning", [b"MUS\x1a", b"MThd"])
def test_song_far_too_long_is_refused_before_it_is_read(beginning: bytes) -> None:
    with pytest.raises(SongError, match="the song is too long: 4,194,305 bytes"):
        read_song(beginning.ljust((4 << 20) + 1, b"\0"))
