"""From the session's songs to the mixer's music channel."""

import threading
from pathlib import Path

import numpy as np
import pygame
import pytest

from pydoom import wad
from pydoom.audio import chip
from pydoom.audio.genmidi import read_genmidi
from pydoom.audio.music import CHUNK_FRAMES, MusicPlayer, PcmSink
from pydoom.data import music_ids
from pydoom.data.infotables import load_info
from pydoom.devices.music import MixerSink, open_music
from pydoom.game.sounds import MusicDevice, Sounds
from pydoom.sim.hooks import Catalog
from pydoom.sim.world import World

needs_chip = pytest.mark.skipif(not chip.AVAILABLE, reason="pyopl has no wheels for this machine")


class NoCatalog(Catalog):
    """A catalog nobody asks."""

    texture_heights: list[int] = []  # noqa: RUF012
    flat_names: list[str] = []  # noqa: RUF012

    def texture_number(self, name: str) -> int:
        raise KeyError(name)

    def flat_number(self, name: str) -> int:
        raise KeyError(name)


class RecordingDevice(MusicDevice):
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.calls: list[tuple[object, ...]] = []

    def play(self, name: str, looping: bool) -> None:
        self.calls.append(("play", name, looping))

    def stop(self) -> None:
        self.calls.append(("stop",))

    def pause(self) -> None:
        self.calls.append(("pause",))

    def resume(self) -> None:
        self.calls.append(("resume",))

    def set_volume(self, volume: int) -> None:
        self.calls.append(("volume", volume))


def test_a_change_of_music_ends_the_current_song() -> None:
    device = RecordingDevice()
    sounds = Sounds(World(NoCatalog(), load_info()), music=device)
    sounds.change_music(music_ids.MUS_INTRO, False)
    sounds.set_music_volume(8)
    sounds.change_music(music_ids.MUS_E1M1, True)
    assert device.calls == [("play", "intro", False), ("volume", 64), ("stop",), ("play", "e1m1", True)]


@pytest.fixture
def mixer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SDL_AUDIODRIVER", "dummy")
    pygame.mixer.init(44100, -16, 2, 1024)


def test_sink_takes_two_chunks_and_nothing_once_the_mixer_is_closed(mixer: None) -> None:
    sink = MixerSink()
    chunk = np.zeros((CHUNK_FRAMES, 2), np.int16)
    for _ in range(2):
        assert sink.ready()
        sink.put(chunk)
    assert not sink.ready()
    pygame.mixer.quit()
    assert not sink.ready()
    sink.put(chunk)


@needs_chip
def test_machine_with_a_mixer_gets_a_player(mixer: None, wad_path: Path) -> None:
    player = open_music(wad.load(wad_path))
    assert player is not None
    player.play("e1m1", True)
    player.close()
    pygame.mixer.quit()


@needs_chip
def test_title_song_is_the_version_arranged_for_the_chip(wad_path: Path) -> None:
    assets = wad.load(wad_path)
    bank = read_genmidi(assets.lump("GENMIDI"))
    assert bank is not None
    asked: list[str] = []
    done = threading.Event()

    class FullSink(PcmSink):
        def ready(self) -> bool:
            done.set()
            return False

        def put(self, samples: object) -> None:
            raise AssertionError

    def load(name: str) -> bytes | None:
        asked.append(name)
        return assets.music(name)

    player = MusicPlayer(load, bank, FullSink())
    player.play("intro", False)
    assert done.wait(5)
    player.close()
    assert asked == ["introa"]
