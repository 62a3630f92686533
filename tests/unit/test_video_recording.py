"""Recorded videos: they contain the game's frames and sound, always the same."""

import sys
import threading
import time
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image, ImageSequence

from pydoom.audio.soundtrack import TIC_FRAMES, Soundtrack
from pydoom.cli.main import main
from pydoom.data.infotables import load_info
from pydoom.devices.errors import DeviceError
from pydoom.devices.null import NullWindow
from pydoom.devices.recording import Recorder, RecordingWindow
from pydoom.devices.speakers import Speakers
from pydoom.devices.video import QUEUE_BYTES, VideoWriter
from pydoom.game.sounds import SoundDevice
from pydoom.run.headless import play_through
from pydoom.run.machine import Machine
from pydoom.wad import Assets

pytestmark = pytest.mark.slow

TICS = 40
SILENCE = np.zeros((TIC_FRAMES, 2), np.int16)
BLANK = np.zeros((200, 320), np.uint8)
GREYS = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)


def decode(path: Path) -> tuple[list[np.ndarray], np.ndarray, int]:
    """Frames, samples float[N] of the left ear, and samples a second."""
    with av.open(str(path)) as file:
        frames = [each.to_ndarray(format="rgb24") for each in file.decode(video=0)]
    resampler = av.AudioResampler(format="fltp", layout="stereo")
    with av.open(str(path)) as file:
        rate = file.streams.audio[0].rate
        pieces = [piece.to_ndarray()[0] for frame in file.decode(audio=0) for piece in resampler.resample(frame)]
    return frames, np.concatenate(pieces), rate


def frame_times(path: Path) -> list[float]:
    """When each frame is shown, in seconds."""
    with av.open(str(path)) as file:
        return [float(each.time) for each in file.decode(video=0)]


def sound_seconds(path: Path) -> float:
    """How long the sound lasts."""
    with av.open(str(path)) as file:
        return sum(frame.samples / frame.sample_rate for frame in file.decode(audio=0))


@pytest.mark.parametrize("ending", [".mp4", ".webm", ".mkv"])
def test_a_timedemo_is_recorded_with_frames_and_sound(wad_path: Path, tmp_path: Path, ending: str) -> None:
    file = tmp_path / f"demo{ending}"
    flags = ["--headless", "--timedemo", "DEMO1", "--record-video", str(file), "--video-tics", f"30:{29 + TICS}"]
    assert main(["--wad", str(wad_path), *flags]) == 0
    frames, samples, rate = decode(file)
    assert len(frames) == TICS
    assert frames[0].shape == (480, 640, 3)
    assert len(samples) / rate == pytest.approx(TICS / 35, abs=0.06)
    assert np.abs(samples).max() > 0.01
    assert np.abs(frames[0].astype(int) - frames[-1]).mean() > 2


def loudness(wad_path: Path, folder: Path, *flags: str) -> float:
    """Mean square of the samples of DEMO1's first shots and song, recorded with these flags."""
    file = folder / "loudness.mkv"
    words = ["--timedemo", "DEMO1", "--record-video", str(file), "--video-tics", "0:105"]
    assert main(["--wad", str(wad_path), *words, *flags]) == 0
    return float(np.square(decode(file)[1]).mean())


def test_a_video_has_the_volumes_asked_for(wad_path: Path, tmp_path: Path) -> None:
    usual = loudness(wad_path, tmp_path)
    assert loudness(wad_path, tmp_path, "--sfx-volume", "15", "--music-volume", "15") > 1.5 * usual
    song, effects = (loudness(wad_path, tmp_path, f"--{kind}-volume", "0") for kind in ("sfx", "music"))
    assert 0 < song < effects < 1.1 * usual
    assert loudness(wad_path, tmp_path, "-nosfx", "-nomusic") == 0


def test_a_video_has_the_volumes_of_the_settings_file(wad_path: Path, tmp_path: Path) -> None:
    settings = tmp_path / "silent.toml"
    settings.write_text("[sound]\neffects = 0\nmusic = 0\n")
    assert loudness(wad_path, tmp_path, "--config", str(settings)) == 0


def test_the_recorded_frames_are_the_game_s(assets: Assets, tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "demo.mkv", assets, load_info().sounds)
    game = Machine(assets, speakers=recorder.speakers)
    game.session.play_demo(assets.demo("DEMO1"), single=True)
    shown = []
    for frame in play_through(game):
        recorder.tic(game.display.framebuffer, game.colours())
        if frame is not None:
            shown.append(game.colours()[game.display.frame])
        if len(shown) == 10:
            break
    recorder.close()
    frames, _, _ = decode(tmp_path / "demo.mkv")
    small = frames[-1][1::12, ::2].astype(int)  # every fifth row of the original's
    wanted = shown[-1][0::5].astype(int)
    assert np.abs(small - wanted).mean() < 12


def test_the_same_game_sounds_the_same(assets: Assets) -> None:
    tracks = []
    for _ in range(2):
        track = Soundtrack(assets, load_info().sounds)
        game = Machine(assets, speakers=Speakers(track.device, track.music))
        session = game.session
        session.play_demo(assets.demo("DEMO1"), single=True)
        pieces = []
        for number, _ in enumerate(play_through(game, draw=False)):
            session.sounds.update(session.world.players[0].mo)
            pieces.append(track.tic())
            if number == 200:
                break
        tracks.append(np.concatenate(pieces))
    assert tracks[0].shape == (201 * TIC_FRAMES, 2)
    assert np.array_equal(tracks[0], tracks[1])
    assert np.abs(tracks[0].astype(int)).max() > 1000


def test_a_session_is_recorded_by_the_clock(assets: Assets, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("pydoom.devices.recording.time.monotonic", lambda: now[0])
    recorder = Recorder(tmp_path / "play.mp4", assets, load_info().sounds)
    game = Machine(assets, speakers=recorder.speakers)
    window = RecordingWindow(NullWindow(), recorder)
    for _ in range(8):  # a slow machine: a frame every three tics
        window.present(game.display.framebuffer, game.colours())
        now[0] += 3 / 35 + 1e-6
    window.close()
    assert frame_times(tmp_path / "play.mp4") == pytest.approx([tic * 3 / 35 for tic in range(8)], abs=0.002)
    assert sound_seconds(tmp_path / "play.mp4") == pytest.approx((7 * 3 + 1) / 35, abs=0.06)


def test_the_session_is_still_heard_while_it_is_recorded(assets: Assets, tmp_path: Path) -> None:
    class Heard(SoundDevice):
        started = 0

        def start(self, *_: object) -> None:
            self.started += 1

        def stop(self, channel: int) -> None: ...

        def playing(self, channel: int) -> bool:
            return False

        def adjust(self, *_: object) -> None: ...

    heard = Heard()
    recorder = Recorder(tmp_path / "play.mp4", assets, load_info().sounds, heard=Speakers(heard))
    game = Machine(assets, speakers=recorder.speakers)
    game.session.sounds.start(None, 1)
    recorder.tic(game.display.framebuffer, game.colours())
    recorder.close()
    assert heard.started == 1


def test_frames_of_any_size_are_recorded_at_their_size(tmp_path: Path) -> None:
    writer = VideoWriter(tmp_path / "large.mp4")
    half = np.zeros((800, 1280), np.uint8)
    half[:, 640:] = 255
    writer.write(half, GREYS, SILENCE)
    writer.close()
    (frame,), _, _ = decode(tmp_path / "large.mp4")
    assert frame.shape == (960, 1280, 3)
    assert frame[:, :600].mean() < 20
    assert frame[:, 680:].mean() > 235


@pytest.mark.parametrize("ending", [".webp", ".gif"])
def test_animations_show_every_second_tic(tmp_path: Path, ending: str) -> None:
    writer = VideoWriter(tmp_path / f"clip{ending}")
    for tic in range(12):
        writer.write(np.full((200, 320), 20 * tic, np.uint8), GREYS, SILENCE)
    writer.close()
    with Image.open(tmp_path / f"clip{ending}") as clip:
        assert clip.size == (640, 480)
        assert clip.info["loop"] == 0  # forever
        shades, milliseconds = [], 0
        for frame in ImageSequence.Iterator(clip):
            shades.append(frame.convert("L").getpixel((320, 240)))
            milliseconds += clip.info["duration"]
    assert shades == pytest.approx(range(0, 240, 40), abs=3)
    assert milliseconds == pytest.approx(12000 / 35, abs=40)


# -- an encoder that is too slow


class Gate:
    """Blocks an encoder until it is opened."""

    def __init__(self, writer: VideoWriter, monkeypatch: pytest.MonkeyPatch) -> None:
        self.opened = threading.Event()
        encode = writer._encoder.tic
        monkeypatch.setattr(writer._encoder, "tic", lambda *tic: (self.opened.wait(60), encode(*tic)))


def test_live_play_drops_frames_and_keeps_the_sound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pydoom.devices.video.QUEUE_BYTES", 5 * BLANK.nbytes)
    writer = VideoWriter(tmp_path / "play.mkv", wait=False)
    gate = Gate(writer, monkeypatch)
    for tic in range(70):
        writer.write(np.full_like(BLANK, 3 * tic), GREYS, SILENCE)
    assert writer.dropped >= 70 - 6
    gate.opened.set()
    writer.close()
    times = frame_times(tmp_path / "play.mkv")
    assert len(times) == 70 - writer.dropped
    assert times[:5] == pytest.approx([tic / 35 for tic in range(5)], abs=0.002)
    assert sound_seconds(tmp_path / "play.mkv") == pytest.approx(2, abs=0.01)


def test_memory_is_bounded_whatever_the_frame_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = VideoWriter(tmp_path / "play.mkv", wait=False)
    gate = Gate(writer, monkeypatch)
    large = np.zeros((1200, 1920), np.uint8)
    for _ in range(60):
        writer.write(large, GREYS, SILENCE)
    waiting = [frame for _, frame, _, _ in writer._queue if frame is not None]
    assert sum(frame.nbytes for frame in waiting) <= QUEUE_BYTES
    assert writer.dropped >= 60 - QUEUE_BYTES // large.nbytes - 1
    writer._queue.clear()
    gate.opened.set()
    writer.close()


def test_an_encoder_that_stands_still_costs_silence_and_no_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pydoom.devices.video.QUEUE_TICS", 100)
    writer = VideoWriter(tmp_path / "play.mkv", wait=False)
    gate = Gate(writer, monkeypatch)
    loud = np.full_like(SILENCE, 8000)
    for _ in range(100 + 70):
        writer.write(None, GREYS, loud)
    assert len(writer._queue) <= 100
    gate.opened.set()
    while writer._queue:
        time.sleep(0.01)
    writer.write(BLANK, GREYS, loud)
    writer.close()
    with av.open(str(tmp_path / "play.mkv")) as file:
        pieces = [each.to_ndarray()[0] for each in file.decode(audio=0)]
    samples = np.concatenate([piece.reshape(-1, 2)[:, 0] for piece in pieces])
    assert len(samples) == (100 + 71) * TIC_FRAMES  # in step with the frames
    assert (samples == 0).sum() == pytest.approx(70 * TIC_FRAMES, abs=2 * TIC_FRAMES)


def test_without_a_clock_the_game_waits_for_the_encoder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pydoom.devices.video.QUEUE_BYTES", 5 * BLANK.nbytes)
    writer = VideoWriter(tmp_path / "demo.mkv")
    gate = Gate(writer, monkeypatch)

    def produce() -> None:
        for _ in range(20):
            writer.write(BLANK, GREYS, SILENCE)

    producer = threading.Thread(target=produce)
    producer.start()
    producer.join(0.3)
    assert producer.is_alive()
    assert len(writer._queue) == 5
    gate.opened.set()
    producer.join(30)
    writer.close()
    assert len(frame_times(tmp_path / "demo.mkv")) == 20
    assert writer.dropped == 0


def test_a_player_is_told_how_many_frames_are_missing(
    assets: Assets, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pydoom.devices.video.QUEUE_BYTES", 0)
    recorder = Recorder(tmp_path / "play.mkv", assets, load_info().sounds, wait=False)
    for _ in range(3):
        recorder.tic(BLANK, GREYS)
    recorder.close()
    assert recorder.shortfall.startswith("the video lacks 3 frames of 3")


# -- what cannot be done


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DeviceError, match=r"must end in \.mp4, \.mkv, \.webm, \.webp, \.gif"):
        VideoWriter(tmp_path / "clip.avi")


def test_without_pyav_one_line_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(DeviceError, match=r"pip install 'pydoom-containers\[video\]'"):
        VideoWriter(tmp_path / "clip.mp4")


@pytest.mark.parametrize("place", ["nowhere/a.mp4", "folder.mp4"])
def test_an_unwritable_file_is_one_line(
    wad_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], place: str
) -> None:
    (tmp_path / "folder.mp4").mkdir()
    file = str(tmp_path / place)
    assert main(["--wad", str(wad_path), "--headless", "--timedemo", "DEMO1", "--record-video", file]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert place.split("/")[0] in said


@pytest.mark.parametrize("wait", [True, False])
def test_what_the_encoder_raises_reaches_the_caller_in_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wait: bool
) -> None:
    def break_down(*_: object) -> None:
        raise OSError("no space left on device")

    writer = VideoWriter(tmp_path / "a.mp4", wait=wait)
    monkeypatch.setattr(writer._encoder, "tic", break_down)
    writer.write(BLANK, GREYS, SILENCE)
    writer._thread.join()
    if wait:
        with pytest.raises(OSError, match="no space left"):
            writer.write(BLANK, GREYS, SILENCE)
    else:
        writer.write(BLANK, GREYS, SILENCE)  # a game goes on
    with pytest.raises(OSError, match="no space left"):
        writer.close()
