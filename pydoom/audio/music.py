"""The music player: a thread that turns songs into samples and keeps a sink supplied.

The game's thread only puts commands into a queue, so a tic never waits for music. What the sink does with the samples
(a window's mixer, a file, nothing) does not matter here.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Final, Protocol

from pydoom.audio.chip import AVAILABLE, PyOplChip
from pydoom.audio.dmx import Dmx
from pydoom.audio.effects import MIXER_RATE, Pcm
from pydoom.audio.genmidi import LUMP, InstrumentBank, read_genmidi
from pydoom.audio.midi import MAGIC, read_midi
from pydoom.audio.mus import read_mus
from pydoom.audio.old_opl import make_driver
from pydoom.audio.opl import Chip
from pydoom.audio.recorded import RecordedSong, recorded_format
from pydoom.audio.sequencer import Sequencer
from pydoom.audio.song import Song, SongError
from pydoom.wad import WadError

if TYPE_CHECKING:
    from pydoom.wad import Assets

CHUNK_FRAMES: Final = 4096
"""Frames handed to the sink at a time, 93 ms: whole mixer buffers, so that chunks follow each other without a gap."""
MAX_SONG_BYTES: Final = 4 << 20
"""Most bytes of a song: an event takes two bytes in a lump, and fifty times that in memory."""
_POLL_S: Final = 0.02
OPL_ARRANGEMENTS: Final = {"intro": "introa"}
"""Songs with a version for this chip, which is played if the WAD has it (``S_ChangeMusic``)."""

_FULL_VOLUME: Final = 127

Command = Callable[["SongPlayer"], None]


class PcmSink(Protocol):
    """Where samples go. Only the player's thread calls it."""

    def ready(self) -> bool:
        """Whether it can take another chunk now."""

    def put(self, samples: Pcm) -> None:
        """Play a chunk int16[CHUNK_FRAMES, 2] after what it has."""


def read_song(data: bytes) -> Song:
    """Read a song lump, MIDI or MUS; SongError when it is neither, or far too long for one."""
    if len(data) > MAX_SONG_BYTES:
        raise SongError(f"the song is too long: {len(data):,} bytes, and {MAX_SONG_BYTES:,} is the most")
    return read_midi(data) if data.startswith(MAGIC) else read_mus(data)


def make_sequencer(
    bank: InstrumentBank, rate: int = MIXER_RATE, make_chip: Callable[[int], Chip] = PyOplChip
) -> Sequencer:
    """A sequencer with a fresh chip."""
    chip = make_chip(rate)
    return Sequencer(chip, make_driver(chip, bank), rate)


def find_instruments(assets: Assets, dmx: Dmx = Dmx.DOOM_1_9) -> InstrumentBank | None:
    """The instruments of a WAD, for a version of DMX; None where the machine or the WAD can't make music."""
    if not AVAILABLE or not assets.has_lump(LUMP):
        return None
    return read_genmidi(assets.lump(LUMP), dmx)


class SongPlayer:
    """Plays a WAD's songs into samples, one at a time: MUS and MIDI with the chip, recordings as they are.

    A missing or broken song is silent; `complain` is called once for each such song.
    """

    def __init__(
        self,
        load: Callable[[str], bytes | None],
        bank: InstrumentBank,
        complain: Callable[[str], object],
        *,
        wait: bool = False,
    ) -> None:
        """`load` finds a song's lump by its name (`Assets.music`).

        `wait` is for output without a clock, such as videos: rendering waits for the decoder instead of giving silence.
        """
        self._load = load
        self._complain = complain
        self._wait = wait
        self._sequencer = make_sequencer(bank)
        self._recorded: RecordedSong | None = None
        self._name = ""
        self._silent: set[str] = set()
        self._volume = _FULL_VOLUME
        self._paused = False

    def play(self, name: str, looping: bool) -> None:
        """Play song `name` from its beginning."""
        self.stop()
        self._paused = False
        self._name = OPL_ARRANGEMENTS.get(name, name)
        try:
            data = self._load(self._name)
            if not data:
                self._name = name
                data = self._load(name)
            if data is None or (self._name in self._silent and recorded_format(data)):
                return
            if recorded_format(data) is None:
                self._sequencer.play(read_song(data), looping)
            else:
                self._recorded = RecordedSong(data, looping)
        except (SongError, WadError) as error:
            self._give_up(error)

    def stop(self) -> None:
        """End the song."""
        self._sequencer.stop()
        if self._recorded is not None:
            self._recorded.close()
            self._recorded = None

    def pause(self) -> None:
        """Hold the song."""
        self._paused = True
        self._sequencer.pause()

    def resume(self) -> None:
        """Resume a held song."""
        self._paused = False
        self._sequencer.resume()

    def set_volume(self, volume: int) -> None:
        """Set the volume, 0 to 127."""
        self._volume = volume
        self._sequencer.set_volume(volume)

    def render(self, frames: int) -> Pcm:
        """The next samples int16[frames, 2]."""
        if self._recorded is None or self._paused:
            return self._sequencer.render(frames)
        try:
            return self._recorded.read(frames, self._volume, wait=self._wait)
        except SongError as error:
            self._give_up(error)
            return self._sequencer.render(frames)

    def _give_up(self, error: SongError | WadError) -> None:
        self.stop()
        if self._name not in self._silent:
            self._silent.add(self._name)
            self._complain(f"song {self._name} is silent: {error}")


class MusicPlayer:
    """Plays the WAD's songs into a sink, on a thread of its own."""

    def __init__(
        self,
        load: Callable[[str], bytes | None],
        bank: InstrumentBank,
        sink: PcmSink,
        complain: Callable[[str], object] = lambda _message: None,
    ) -> None:
        """`load` finds a song's lump by its name (`Assets.music`); it is called on the player's thread.

        So is `complain`, with one line about each song that cannot be played.
        """
        self._load = load
        self._bank = bank
        self._sink = sink
        self._complain = complain
        self._commands: SimpleQueue[Command | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="music", daemon=True)
        self._thread.start()

    def play(self, name: str, looping: bool) -> None:
        """Play song `name` from its beginning; a missing or broken one is silence."""
        self._commands.put(lambda player: player.play(name, looping))

    def stop(self) -> None:
        """End the song."""
        self._commands.put(SongPlayer.stop)

    def pause(self) -> None:
        """Hold the song."""
        self._commands.put(SongPlayer.pause)

    def resume(self) -> None:
        """Resume a held song."""
        self._commands.put(SongPlayer.resume)

    def set_volume(self, volume: int) -> None:
        """Set the volume, 0 to 127."""
        self._commands.put(lambda player: player.set_volume(volume))

    def close(self) -> None:
        """End the thread; the sink is not called any more. May be called again."""
        self._commands.put(None)
        self._thread.join(timeout=1.0)

    def _run(self) -> None:
        player = SongPlayer(self._load, self._bank, self._complain)
        started = False
        while True:
            try:
                command = self._commands.get(timeout=_POLL_S if started else None)
            except Empty:
                command = _nothing
            if command is None:
                player.stop()
                return
            command(player)
            started = True
            while self._commands.empty() and self._sink.ready():
                self._sink.put(player.render(CHUNK_FRAMES))


def _nothing(player: SongPlayer) -> None:
    """Do nothing, when no command came in time."""
