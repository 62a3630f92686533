"""Sound mixed without a sound card, and sent to listeners."""

import socket
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from pydoom.audio.mixer import Mixer, MusicBuffer
from pydoom.data.info import SoundInfo
from pydoom.devices.errors import DeviceError
from pydoom.devices.stream import MAX_LISTENERS, PACKET_BYTES, SoundStream
from pydoom.wad import Sound

LOUD = Sound("loud", 44100, np.full(1000, 255, np.uint8))
QUIET = Sound("quiet", 44100, np.full(1000, 128, np.uint8))
TABLE = [
    SoundInfo("loud", 64, None, None, None),
    SoundInfo("other", 64, 0, None, None),
    SoundInfo("gone", 64, None, None, None),
]
CENTRE = 127
FULL = 127


def mixer(music: MusicBuffer | None = None) -> Mixer:
    return Mixer({"loud": LOUD, "quiet": QUIET}.get, TABLE, music)


def test_nothing_playing_is_silence_of_the_asked_length() -> None:
    assert not mixer().render(100).any()
    assert mixer().render(100).shape == (100, 2)


def test_sound_is_heard_until_it_ends() -> None:
    mix = mixer()
    mix.start(0, TABLE[0], FULL, CENTRE, 128)
    assert mix.render(600)[100:].all()
    assert mix.playing(0)
    tail = mix.render(600)
    assert tail[:300].all()
    assert not tail[400:].any()
    assert not mix.playing(0)


def test_link_plays_the_sound_it_points_to() -> None:
    linked, plain = mixer(), mixer()
    linked.start(0, TABLE[1], FULL, CENTRE, 128)
    plain.start(0, TABLE[0], FULL, CENTRE, 128)
    np.testing.assert_array_equal(linked.render(500), plain.render(500))


def test_missing_sound_is_silence() -> None:
    mix = mixer()
    mix.start(3, TABLE[2], FULL, CENTRE, 128)
    assert not mix.playing(3)
    assert not mix.render(50).any()


def test_separation_decides_the_side() -> None:
    mix = mixer()
    mix.start(0, TABLE[0], FULL, 0, 128)
    samples = mix.render(500)
    assert samples[:, 0].any()
    assert not samples[:, 1].any()
    mix.adjust(0, FULL, 254)
    samples = mix.render(400)
    assert not samples[:, 0].any()
    assert samples[:, 1].any()


def test_eight_loud_sounds_are_clipped_and_do_not_wrap() -> None:
    mix = mixer()
    for channel in range(8):
        mix.start(channel, TABLE[0], FULL, CENTRE, 128)
    assert (mix.render(500)[200:400] == 32767).all()


def test_stopped_sound_is_silent_at_once() -> None:
    mix = mixer()
    mix.start(0, TABLE[0], FULL, CENTRE, 128)
    mix.render(100)
    mix.stop(0)
    assert not mix.playing(0)
    assert not mix.render(100).any()


def test_same_calls_give_the_same_samples_however_they_are_cut() -> None:
    whole, pieces = mixer(), mixer()
    for mix in (whole, pieces):
        mix.start(0, TABLE[0], 90, 60, 128)
    cut = [pieces.render(frames) for frames in (1, 99, 512, 388)]
    np.testing.assert_array_equal(whole.render(1000), np.concatenate(cut))


def test_sounds_end_in_time_when_nobody_listens() -> None:
    mix = mixer()
    mix.start(0, TABLE[0], FULL, CENTRE, 128)
    mix.skip(999)
    assert mix.playing(0)
    mix.skip(1)
    assert not mix.playing(0)


def test_music_is_added_in_order_and_missing_music_is_silence() -> None:
    tunes = MusicBuffer()
    mix = mixer(tunes)
    tunes.put(np.full((300, 2), 7, np.int16))
    tunes.put(np.full((300, 2), 9, np.int16))
    first, second = mix.render(400), mix.render(400)
    assert (first[:300] == 7).all()
    assert (first[300:] == 9).all()
    assert (second[:200] == 9).all()
    assert not second[200:].any()


def test_music_player_is_asked_for_more_only_below_one_chunk() -> None:
    tunes = MusicBuffer()
    assert tunes.ready()
    tunes.put(np.zeros((4096, 2), np.int16))
    assert not tunes.ready()
    tunes.take(1)
    assert tunes.ready()


def listen(path: Path) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    listener.settimeout(5)
    listener.connect(str(path))
    return listener


@pytest.fixture
def stream(tmp_path: Path) -> Iterator[tuple[Path, Mixer]]:
    mix = mixer()
    sound = SoundStream(tmp_path / "sound", mix)
    yield tmp_path / "sound", mix
    sound.close()


def test_listener_hears_what_is_played(stream: tuple[Path, Mixer]) -> None:
    path, mix = stream
    with listen(path) as listener:
        listener.recv(PACKET_BYTES)
        mix.start(0, TABLE[0], FULL, CENTRE, 128)
        packets = [listener.recv(PACKET_BYTES + 1) for _ in range(20)]
    assert {len(packet) for packet in packets} == {PACKET_BYTES}
    assert any(np.frombuffer(packet, "<i2").max() > 10000 for packet in packets)


def test_listener_that_does_not_read_delays_nobody(stream: tuple[Path, Mixer]) -> None:
    path, _ = stream
    with listen(path), listen(path) as reader:
        for _ in range(60):
            assert len(reader.recv(PACKET_BYTES)) == PACKET_BYTES


def test_listener_that_leaves_makes_room_for_another(stream: tuple[Path, Mixer]) -> None:
    path, _ = stream
    for _ in range(MAX_LISTENERS + 2):
        with listen(path) as listener:
            assert len(listener.recv(PACKET_BYTES)) == PACKET_BYTES
        with listen(path) as listener:
            assert len(listener.recv(PACKET_BYTES)) == PACKET_BYTES


def test_socket_is_private_and_removed_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "sound"
    sound = SoundStream(path, mixer())
    assert path.stat().st_mode & 0o777 == 0o600
    sound.close()
    sound.close()
    assert not path.exists()


def test_impossible_socket_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(DeviceError, match="--sound-socket"):
        SoundStream(tmp_path / "missing" / "sound", mixer())
