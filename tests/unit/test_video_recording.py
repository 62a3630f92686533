"""Recorded videos: the pictures and the sound of a game are in them, and always the same ones."""

from pathlib import Path

import av
import numpy as np
import pytest

from pydoom import cli
from pydoom.assembly import assemble
from pydoom.audio.soundtrack import TIC_FRAMES, Soundtrack
from pydoom.devices.errors import DeviceError
from pydoom.devices.null import NullWindow
from pydoom.devices.recording import Recorder, RecordingWindow
from pydoom.devices.video import HEIGHT_PX, WIDTH_PX, VideoWriter
from pydoom.headless import play_through
from pydoom.wad import Assets, load

TICS = 40
SILENCE = np.zeros((TIC_FRAMES, 2), np.int16)


@pytest.fixture(scope="module")
def assets(wad_path: Path) -> Assets:
    return load(wad_path)


def decode(path: Path) -> tuple[list[np.ndarray], np.ndarray, int]:
    """Pictures, samples float[N] of the left ear, and samples a second."""
    with av.open(str(path)) as file:
        pictures = [frame.to_ndarray(format="rgb24") for frame in file.decode(video=0)]
    resampler = av.AudioResampler(format="fltp", layout="stereo")
    with av.open(str(path)) as file:
        rate = file.streams.audio[0].rate
        pieces = [piece.to_ndarray()[0] for frame in file.decode(audio=0) for piece in resampler.resample(frame)]
    return pictures, np.concatenate(pieces), rate


@pytest.mark.parametrize("ending", [".mp4", ".webm", ".mkv"])
def test_a_timedemo_is_recorded_with_pictures_and_sound(wad_path: Path, tmp_path: Path, ending: str) -> None:
    file = tmp_path / f"demo{ending}"
    flags = ["--headless", "--timedemo", "DEMO1", "--record-video", str(file), "--video-tics", f"30:{29 + TICS}"]
    assert cli.main(["--wad", str(wad_path), *flags]) == 0
    pictures, samples, rate = decode(file)
    assert len(pictures) == TICS
    assert pictures[0].shape == (HEIGHT_PX, WIDTH_PX, 3)
    assert len(samples) / rate == pytest.approx(TICS / 35, abs=0.06)
    assert np.abs(samples).max() > 0.01
    assert np.abs(pictures[0].astype(int) - pictures[-1]).mean() > 2


def test_the_recorded_pictures_are_the_game_s(assets: Assets, tmp_path: Path) -> None:
    game = assemble(assets)
    game.session.play_demo(assets.demo("DEMO1"), single=True)
    recorder = Recorder(tmp_path / "demo.mkv", game.session)
    shown = []
    for picture in play_through(game):
        recorder.tic(game.display.frame, game.colours())
        if picture is not None:
            shown.append(game.colours()[game.display.frame])
        if len(shown) == 10:
            break
    recorder.close()
    pictures, _, _ = decode(tmp_path / "demo.mkv")
    small = pictures[-1][1::12, ::2].astype(int)  # every fifth row of the original's
    wanted = shown[-1][0::5].astype(int)
    assert np.abs(small - wanted).mean() < 12


def test_the_same_game_sounds_the_same(assets: Assets) -> None:
    tracks = []
    for _ in range(2):
        game = assemble(assets)
        session = game.session
        track = Soundtrack(assets, session.world.info.sounds)
        session.sounds.device = track.device
        session.sounds.connect_music(track.music)
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
    game = assemble(assets)
    window = RecordingWindow(NullWindow(), Recorder(tmp_path / "play.mp4", game.session))
    for _ in range(8):  # a slow machine: a picture every three tics
        window.present(game.display.frame, game.colours())
        now[0] += 3 / 35 + 1e-6
    window.close()
    pictures, _, _ = decode(tmp_path / "play.mp4")
    assert len(pictures) == 7 * 3 + 1


def test_the_session_is_still_heard_while_it_is_recorded(assets: Assets, tmp_path: Path) -> None:
    class Heard:
        started = 0

        def start(self, *_: object) -> None:
            self.started += 1

        def stop(self, channel: int) -> None: ...

        def playing(self, channel: int) -> bool:
            return False

        def adjust(self, *_: object) -> None: ...

    game = assemble(assets)
    heard = Heard()
    game.session.sounds.device = heard
    recorder = Recorder(tmp_path / "play.mp4", game.session)
    game.session.sounds.start(None, 1)
    recorder.tic(game.display.frame, game.colours())
    recorder.close()
    assert heard.started == 1


def test_pictures_of_any_size_are_recorded(tmp_path: Path) -> None:
    writer = VideoWriter(tmp_path / "large.mp4")
    colours = np.array([[0, 0, 0], [255, 255, 255]], np.uint8)
    half = np.zeros((800, 1280), np.uint8)
    half[:, 640:] = 1
    writer.write(half, colours, SILENCE)
    writer.close()
    (picture,), _, _ = decode(tmp_path / "large.mp4")
    assert picture[:, :300].mean() < 20
    assert picture[:, 340:].mean() > 235


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DeviceError, match=r"must end in \.mp4, \.mkv, \.webm"):
        VideoWriter(tmp_path / "clip.gif")


def test_a_folder_that_is_not_there_is_one_line(
    wad_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = str(tmp_path / "nowhere" / "a.mp4")
    assert cli.main(["--wad", str(wad_path), "--headless", "--timedemo", "DEMO1", "--record-video", place]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_what_the_encoder_raises_reaches_the_caller(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(*_: object) -> None:
        raise OSError("no space left on device")

    writer = VideoWriter(tmp_path / "a.mp4")
    monkeypatch.setattr(writer, "_encode", break_down)
    writer.write(np.zeros((200, 320), np.uint8), np.zeros((256, 3), np.uint8), SILENCE)
    with pytest.raises(OSError, match="no space left"):
        writer.close()
