"""The music player: a thread that turns songs into samples and keeps a sink supplied.

The game's thread only puts commands into a queue, so a tic never waits for music. What the sink does with the samples
(a window's mixer, a file, nothing) does not matter here.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Final, Protocol

from pydoom.audio.chip import AVAILABLE, PyOplChip
from pydoom.audio.effects import MIXER_RATE, Pcm
from pydoom.audio.genmidi import LUMP, InstrumentBank, read_genmidi
from pydoom.audio.midi import MAGIC, read_midi
from pydoom.audio.mus import read_mus
from pydoom.audio.opl import Chip, OplDriver
from pydoom.audio.sequencer import Sequencer
from pydoom.audio.song import Song, SongError

if TYPE_CHECKING:
    from pydoom.wad import Assets

CHUNK_FRAMES: Final = 4096
"""Frames handed to the sink at a time, 93 ms: whole mixer buffers, so that chunks follow each other without a gap."""
_POLL_S: Final = 0.02
OPL_ARRANGEMENTS: Final = {"intro": "introa"}
"""Songs with a version for this chip, which is played if the WAD has it (``S_ChangeMusic``)."""

Command = Callable[[Sequencer], None]


class PcmSink(Protocol):
    """Where samples go. Only the player's thread calls it."""

    def ready(self) -> bool:
        """Whether it can take another chunk now."""

    def put(self, samples: Pcm) -> None:
        """Play a chunk int16[CHUNK_FRAMES, 2] after what it has."""


def read_song(data: bytes) -> Song:
    """Read a song lump, MIDI or MUS; SongError when it is neither."""
    return read_midi(data) if data.startswith(MAGIC) else read_mus(data)


def make_sequencer(
    bank: InstrumentBank, rate: int = MIXER_RATE, make_chip: Callable[[int], Chip] = PyOplChip
) -> Sequencer:
    """A sequencer with a fresh chip."""
    chip = make_chip(rate)
    return Sequencer(chip, OplDriver(chip, bank), rate)


def find_instruments(assets: Assets) -> InstrumentBank | None:
    """The instruments of a WAD; None where the machine or the WAD can't make music."""
    if not AVAILABLE or not assets.has_lump(LUMP):
        return None
    return read_genmidi(assets.lump(LUMP))


def play_song(sequencer: Sequencer, load: Callable[[str], bytes | None], name: str, looping: bool) -> None:
    """Play song `name` from its beginning, found by `load` (`Assets.music`); a missing or broken one is silence."""
    sequencer.stop()
    data = load(OPL_ARRANGEMENTS.get(name, name)) or load(name)
    if data is None:
        return
    with suppress(SongError):
        sequencer.play(read_song(data), looping)


class MusicPlayer:
    """Plays the WAD's songs into a sink, on a thread of its own."""

    def __init__(self, load: Callable[[str], bytes | None], bank: InstrumentBank, sink: PcmSink) -> None:
        """`load` finds a song's lump by its name (`Assets.music`); it is called on the player's thread."""
        self._load = load
        self._bank = bank
        self._sink = sink
        self._commands: SimpleQueue[Command | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="music", daemon=True)
        self._thread.start()

    def play(self, name: str, looping: bool) -> None:
        """Play song `name` from its beginning; a missing or broken one is silence."""
        self._commands.put(lambda sequencer: play_song(sequencer, self._load, name, looping))

    def stop(self) -> None:
        """End the song."""
        self._commands.put(Sequencer.stop)

    def pause(self) -> None:
        """Hold the song."""
        self._commands.put(Sequencer.pause)

    def resume(self) -> None:
        """Resume a held song."""
        self._commands.put(Sequencer.resume)

    def set_volume(self, volume: int) -> None:
        """Set the volume, 0 to 127."""
        self._commands.put(lambda sequencer: sequencer.set_volume(volume))

    def close(self) -> None:
        """End the thread; the sink is not called any more. May be called again."""
        self._commands.put(None)
        self._thread.join(timeout=1.0)

    def _run(self) -> None:
        sequencer = make_sequencer(self._bank)
        started = False
        while True:
            try:
                command = self._commands.get(timeout=_POLL_S if started else None)
            except Empty:
                command = _nothing
            if command is None:
                return
            command(sequencer)
            started = True
            while self._commands.empty() and self._sink.ready():
                self._sink.put(sequencer.render(CHUNK_FRAMES))


def _nothing(sequencer: Sequencer) -> None:
    """Do nothing, when no command came in time."""
