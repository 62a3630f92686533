"""Songs that are recordings or tracker modules: decoded by SDL_mixer in a separate process."""

import io
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import numpy as np
import pytest
from av.audio.stream import AudioStream

from pydoom import wad
from pydoom.audio import chip, recorded
from pydoom.audio.genmidi import InstrumentBank, read_genmidi
from pydoom.audio.music import SongPlayer
from pydoom.audio.recorded import RecordedSong, recorded_format
from pydoom.audio.song import SongError
from pydoom.audio.soundtrack import TIC_FRAMES, Soundtrack
from pydoom.data.infotables import load_info
from tests.narrow import some
from tests.unit import wadmaker

RATE = 44100
needs_pipes = pytest.mark.skipif(not recorded.AVAILABLE, reason="needs a POSIX system")
needs_chip = pytest.mark.skipif(not chip.AVAILABLE, reason="pyopl has no wheels for this machine")


def module() -> bytes:
    """A MOD of one pattern, with a square-wave note in every row."""
    wave = bytes([64] * 8 + [192] * 8) * 2
    head = b"test".ljust(20, b"\0") + b"square".ljust(22, b"\0")
    head += struct.pack(">HBBHH", len(wave) // 2, 0, 64, 0, len(wave) // 2)
    head += (bytes(22) + struct.pack(">HBBHH", 0, 0, 0, 0, 1)) * 30
    return head + bytes([1, 127]) + bytes(128) + b"M.K." + bytes([0x01, 0xAC, 0x10, 0, *bytes(12)]) * 64 + wave


def recording(container: str, codec: str, seconds: float = 0.5) -> bytes:
    """A tone of 440 Hz."""
    file = io.BytesIO()
    tone = (np.sin(np.arange(int(RATE * seconds)) * 2 * np.pi * 440 / RATE) * 12000).astype(np.int16)
    with av.open(file, "w", format=container) as output:
        stream = cast(AudioStream, output.add_stream(codec, rate=RATE, options={"strict": "experimental"}))
        stream.layout = "stereo"
        resampler = av.AudioResampler(
            format=stream.codec_context.format.name, layout="stereo", rate=RATE, frame_size=1152
        )
        frame = av.AudioFrame.from_ndarray(np.repeat(tone, 2).reshape(1, -1), format="s16", layout="stereo")
        frame.sample_rate = RATE
        frame.pts, frame.time_base = 0, Fraction(1, RATE)
        for piece in (*resampler.resample(frame), *resampler.resample(None)):
            output.mux(stream.encode(piece))
        output.mux(stream.encode(None))
    return file.getvalue()


SONGS: dict[str, Callable[[], bytes]] = {
    "MOD": module,
    "OGG": lambda: recording("ogg", "vorbis"),
    "MP3": lambda: recording("mp3", "libmp3lame"),
    "FLAC": lambda: recording("flac", "flac"),
}


@pytest.fixture
def bank(wad_path: Path) -> InstrumentBank:
    return some(read_genmidi(wad.load(wad_path).lump("GENMIDI")))


@pytest.fixture
def decoders(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[subprocess.Popen[bytes]]]:
    """The decoders started; they must be gone at the end."""
    started: list[subprocess.Popen[bytes]] = []
    popen = subprocess.Popen

    def start(*arguments: object, **options: object) -> subprocess.Popen[bytes]:
        started.append(popen(*arguments, **options))  # type: ignore[call-overload]  # handed on as given
        return started[-1]

    monkeypatch.setattr("pydoom.audio.recorded.subprocess.Popen", start)
    yield started
    assert all(decoder.poll() is not None for decoder in started)


@pytest.mark.parametrize("kind", SONGS)
def test_recordings_are_known_by_their_first_bytes(kind: str) -> None:
    assert recorded_format(SONGS[kind]()) == kind


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"ID3\x04", "MP3"),
        (b"\xff\xfb\x90\x64", "MP3"),
        (b"Extended Module: x", "XM"),
        (b"IMPMx", "IT"),
        (bytes(44) + b"SCRM", "S3M"),
        (b"RIFF\0\0\0\0WAVEfmt ", "WAV"),
        (b"MUS\x1a\0", None),
        (b"MThd\0\0", None),
        (b"\xff\xff\xff\xff", None),
        (b"", None),
    ],
)
def test_other_songs_are_not_taken_for_recordings(data: bytes, kind: str | None) -> None:
    assert recorded_format(data) == kind


@needs_pipes
@pytest.mark.parametrize("kind", SONGS)
def test_recordings_are_heard(kind: str) -> None:
    song = RecordedSong(SONGS[kind](), looping=False)
    samples = song.read(RATE // 2, 127, wait=True)
    song.close()
    assert samples.shape == (RATE // 2, 2)
    assert 4000 < np.abs(samples.astype(int)).max() < 14000


@needs_pipes
def test_a_song_once_ends_in_silence_and_a_looping_one_goes_on() -> None:
    data = recording("flac", "flac")
    for looping in (False, True):
        song = RecordedSong(data, looping)
        for _ in range(20):
            samples = song.read(RATE, 127, wait=True)
        song.close()
        assert samples.any() == looping


@needs_pipes
def test_volume_is_a_share_of_127() -> None:
    loudest = []
    for volume in (127, 64, 0):
        song = RecordedSong(module(), looping=True)
        loudest.append(int(np.abs(song.read(RATE // 4, volume, wait=True).astype(int)).max()))
        song.close()
    assert loudest == [8128, 8128 * 64 // 127, 0]


@needs_pipes
def test_without_waiting_there_is_silence_until_the_decoder_has_begun() -> None:
    song = RecordedSong(module(), looping=True)
    assert not song.read(4096, 127, wait=False).any()
    assert song.read(4096, 127, wait=True).any()
    song.close()


@needs_pipes
@needs_chip
@pytest.mark.parametrize(
    "data", [b"OggS and nothing more", b"fLaC" + bytes(500), module()[:1100], b"Extended Module: "]
)
def test_broken_recording_is_silent_with_one_warning(bank: InstrumentBank, data: bytes) -> None:
    said: list[str] = []
    player = SongPlayer(lambda _name: data, bank, said.append, wait=True)
    for _ in range(3):
        player.play("e1m1", True)
        samples = player.render(4096)
    assert not samples.any()
    assert len(said) == 1
    assert said[0].startswith("song e1m1 is silent: SDL_mixer cannot play it (")
    assert "CRITICAL" not in said[0] and len(said[0]) < 150


@needs_chip
def test_song_of_unknown_kind_is_silent_with_one_warning(bank: InstrumentBank) -> None:
    said: list[str] = []
    player = SongPlayer(lambda _name: b"no song", bank, said.append)
    player.play("e1m1", True)
    player.play("e1m1", True)
    player.play("e1m2", True)
    assert [line.partition(":")[0] for line in said] == ["song e1m1 is silent", "song e1m2 is silent"]


@needs_chip
def test_a_song_past_the_end_of_its_file_is_silence_said_once(bank: InstrumentBank) -> None:
    def load(name: str) -> bytes | None:
        raise wad.WadError(f"x.wad: truncated WAD (lump D_{name} lies past the end of the file)")

    said: list[str] = []
    player = SongPlayer(load, bank, said.append)
    player.play("intro", True)
    player.play("intro", True)
    assert said == ["song introa is silent: x.wad: truncated WAD (lump D_introa lies past the end of the file)"]


@needs_chip
def test_a_machine_that_cannot_decode_says_so(bank: InstrumentBank, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pydoom.audio.recorded.AVAILABLE", False)
    said: list[str] = []
    player = SongPlayer(lambda _name: module(), bank, said.append)
    player.play("e1m1", True)
    assert said == ["song e1m1 is silent: recorded songs need a POSIX system"]


@needs_pipes
@needs_chip
def test_a_song_that_is_stopped_paused_or_replaced(
    bank: InstrumentBank, decoders: list[subprocess.Popen[bytes]]
) -> None:
    player = SongPlayer(lambda name: module() if name != "nothing" else None, bank, pytest.fail, wait=True)
    player.play("one", True)
    assert player.render(4096).any()
    player.pause()
    assert not player.render(4096).any()
    player.resume()
    assert player.render(4096).any()
    player.play("nothing", True)
    assert not player.render(4096).any()
    player.play("two", True)
    player.play("three", True)
    player.set_volume(0)
    assert not player.render(4096).any()
    player.stop()
    assert len(decoders) == 3


@needs_pipes
def test_decoder_that_outputs_nothing_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pydoom.audio.recorded.PATIENCE_S", 0.2)
    stuck = [sys.executable, "-c", "import time; time.sleep(60)"]
    popen = subprocess.Popen
    monkeypatch.setattr("pydoom.audio.recorded.subprocess.Popen", lambda _command, **options: popen(stuck, **options))
    song = RecordedSong(module(), looping=True)
    with pytest.raises(SongError, match="its decoder outputs nothing"):
        song.read(4096, 127, wait=True)
    assert not song.read(4096, 127, wait=True).any()


def test_the_decoder_ends_with_the_game() -> None:
    """Nobody kills the decoder when the game crashes, but its pipe breaks."""
    script = (
        "import sys, subprocess, tests.unit.test_recorded_music as t\n"
        "song = t.RecordedSong(t.module(), True); song.read(100, 1, wait=True)\n"
        "print(song._decoder.pid, flush=True)\n"
        "import os; os._exit(1)\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=Path(__file__).parents[2]
    )
    pid = int(result.stdout)
    for _ in range(100):
        if not Path(f"/proc/{pid}").exists() or "Z" in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2]:
            return
        subprocess.run(["sleep", "0.1"], check=True)
    pytest.fail("the decoder is still there")


@needs_pipes
@needs_chip
def test_videos_have_recorded_songs_too(wad_path: Path, tmp_path: Path) -> None:
    pwad = tmp_path / "song.wad"
    pwad.write_bytes(wadmaker.pack_wad([("D_E1M1", module())], b"PWAD"))
    tracks = []
    for _ in range(2):
        track = Soundtrack(wad.load(wad_path, pwad), load_info().sounds)
        track.music.set_volume(127)
        track.music.play("e1m1", True)
        tracks.append(np.concatenate([track.tic() for _ in range(35)]))
        track.music.stop()
    assert len(tracks[0]) == 35 * TIC_FRAMES
    assert np.abs(tracks[0].astype(int)).max() > 4000
    assert (tracks[0] == tracks[1]).all()
