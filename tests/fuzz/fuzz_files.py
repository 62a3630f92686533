"""Files that the game reads: WADs, demos, saved games, songs. All are tried with the shareware WAD or a small one."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path
from typing import ClassVar, Final

import numpy as np

from pydoom import wad
from pydoom.audio.effects import MIXER_RATE, EffectBank
from pydoom.audio.genmidi import read_genmidi
from pydoom.audio.music import make_sequencer, read_song
from pydoom.audio.opl import Chip
from pydoom.audio.song import SongError
from pydoom.game import archive, dsg, savegame
from pydoom.game.demo import DemoError, parse_demo
from pydoom.game.dsg import SaveError
from pydoom.game.level import Level
from pydoom.game.session import Session
from pydoom.run.machine import Machine
from pydoom.sim.errors import LevelError
from pydoom.sim.states import StateCycleError
from pydoom.sim.ticcmd import BT_ATTACK, BT_USE, TicCmd
from pydoom.wad import WadError
from tests.conftest import WAD
from tests.fuzz import mutate
from tests.fuzz.fuzz_settings import one_line
from tests.fuzz.harness import Fuzzer
from tests.unit import wadmaker

MAP_LUMPS: Final = (
    "THINGS", "LINEDEFS", "SIDEDEFS", "VERTEXES", "SEGS", "SSECTORS", "NODES", "SECTORS", "REJECT", "BLOCKMAP",
)  # fmt: skip
PICTURES: Final = ("STBAR", "TITLEPIC", "PLAYA1", "TROOA1", "PUFFA0", "WALL00_3", "DOOR2_1")


def play(machine: Machine, tics: int, seed: int) -> None:
    """Let a player run about, shoot and push for some tics, and draw each tic."""
    rng = random.Random(seed)
    for number in range(tics):
        buttons = rng.choice((0, BT_ATTACK, BT_USE, BT_ATTACK | BT_USE))
        cmd = TicCmd(rng.choice((50, 25, -25)), rng.choice((-40, 0, 40)), rng.choice((0, 1280, -1280)), buttons=buttons)
        machine.tic({0: cmd})
        if number % 5 == 0:
            machine.draw()


class SmallWadFuzzer(Fuzzer):
    """A small mutated WAD is decoded to its last graphic and sound, and its level is played and drawn; or it is refused
    with one line.
    """

    name = "smallwad"
    short_inputs: ClassVar[int] = 150

    def open(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="fuzz-")
        self._path = Path(self._folder.name) / "small.wad"
        self._lumps = wadmaker.small_lumps()

    def close(self) -> None:
        self._folder.cleanup()

    def make(self, random: random.Random) -> bytes:
        lumps = [*self._lumps]
        for _ in range(random.randint(0, 3)):
            at = random.randrange(len(lumps))
            name, data = lumps[at]
            how = random.randrange(6)
            if how == 0:
                del lumps[at]
            elif how == 1:
                lumps.insert(random.randrange(len(lumps)), lumps[at])
            elif how == 2:
                lumps[at] = name, random.choice(lumps)[1]
            elif how == 3:
                lumps[at] = name, mutate.mutated_bytes(random, data)
            else:
                lumps[at] = name, mutate.mutated_fields(random, data)
        data = wadmaker.pack_wad(lumps)
        return mutate.mutated_fields(random, data, 2) if random.random() < 0.2 else data

    def check(self, data: bytes) -> None:
        self._path.write_bytes(data)
        try:
            assets = wad.load(self._path)
            for texture in assets.textures:
                assert texture.pixels.shape == texture.mask.shape
                texture.column_posts(0)
            for number in range(len(assets.flat_names)):
                assets.flat(number)
            heard(assets, "pistol")
            for name in assets.map_names:
                assets.map(name)
        except WadError as error:
            one_line(error)


def heard(assets: wad.Assets, name: str) -> None:
    """Convert a sound to the mixer's rate, as the game does before playing it."""
    EffectBank(assets.sound).get(name)


class PwadFuzzer(Fuzzer):
    """A PWAD with a mutated level, graphic or sound of the shareware WAD: the level is played and drawn, or
    refused with one line.
    """

    name = "pwad"
    cpu_seconds: ClassVar[float] = 30.0
    short_inputs: ClassVar[int] = 12

    def open(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="fuzz-")
        self._path = Path(self._folder.name) / "add.wad"
        original = wad.load(WAD)
        self._others = {name: original.lump(name) for name in (*PICTURES, "TEXTURE1", "PNAMES", "DSPISTOL")}
        self._maps = _maps_of(WAD)

    def close(self) -> None:
        self._folder.cleanup()

    def make(self, random: random.Random) -> tuple[str, bytes, int]:
        name = random.choice(list(self._maps))
        lumps = [(lump, data) for lump, data in self._maps[name]]
        for _ in range(random.randint(1, 3)):
            at = random.randrange(len(lumps))
            lump, data = lumps[at]
            how = random.randrange(8)
            if how == 0:
                lumps[at] = lump, mutate.mutated_bytes(random, data)
            elif how == 1:
                lumps[at] = lump, data * 2
            elif how == 2:
                lumps[at] = lump, b""
            elif how == 3:
                lumps.append((random.choice(list(self._others)), b""))
                lump = lumps[-1][0]
                lumps[-1] = lump, mutate.mutated_fields(random, self._others[lump], 8)
            else:
                lumps[at] = lump, mutate.mutated_fields(random, data, 8)
        return name, wadmaker.pack_wad([(name, b""), *lumps], b"PWAD"), random.randrange(1 << 30)

    def check(self, data: tuple[str, bytes, int]) -> None:
        name, content, seed = data
        self._path.write_bytes(content)
        try:
            machine = Machine(wad.load(WAD, self._path))
            machine.session.start(machine.session.rules, Level(int(name[1]), int(name[3])))
            play(machine, 25, seed)
        except (WadError, LevelError, StateCycleError) as error:
            one_line(error)


def _maps_of(path: Path) -> dict[str, list[tuple[str, bytes]]]:
    """The lumps of each level of a WAD."""
    data = path.read_bytes()
    count, at = np.frombuffer(data, "<i4", 2, 4).tolist()
    entries = np.frombuffer(data, [("at", "<i4"), ("size", "<i4"), ("name", "S8")], count, at).tolist()
    names = [name.decode("ascii") for _, _, name in entries]
    found = {}
    for number, name in enumerate(names):
        if names[number + 1 : number + 11] == list(MAP_LUMPS):
            lumps = entries[number + 1 : number + 11]
            found[name] = [(lump.decode("ascii"), data[start : start + size]) for start, size, lump in lumps]
    return found


class _SessionFuzzer(Fuzzer):
    """Base of the fuzzers that need a game on the shareware WAD."""

    def open(self) -> None:
        self._assets = wad.load(WAD)


class DemoFuzzer(_SessionFuzzer):
    """A mutated demo is played (its first tics, at least), or refused with one line."""

    name = "demo"
    short_inputs: ClassVar[int] = 40

    def open(self) -> None:
        super().open()
        self._demos = [self._assets.demo(f"DEMO{number}") for number in (1, 2, 3)]

    def make(self, random: random.Random) -> bytes:
        data = random.choice(self._demos)
        data = data[: 13 + 4 * random.randrange(200)] + b"\x80"
        head = mutate.mutated_fields(random, data[:13], 3) if random.random() < 0.6 else data[:13]
        rest = random.choice((data[13:], mutate.mutated_bytes(random, data[13:], 20), random.randbytes(400) + b"\x80"))
        return mutate.mutated_bytes(random, head + rest, 2) if random.random() < 0.2 else head + rest

    def check(self, data: bytes) -> None:
        try:
            for longtics in (False, True):
                parse_demo(data, allow_longtics=longtics)
            session = Session(self._assets)
            session.play_demo(data, single=True, allow_longtics=True)
            for _ in range(70):
                session.run_tic()
                if session.over:
                    return
        except (DemoError, WadError, LevelError) as error:
            one_line(error)


class SaveFuzzer(_SessionFuzzer):
    """A mutated save is loaded, played, drawn and saved again, or refused with one line before the game is touched."""

    name = "save"
    cpu_seconds: ClassVar[float] = 20.0
    short_inputs: ClassVar[int] = 60

    def open(self) -> None:
        super().open()
        self._machine = Machine(self._assets)
        session = self._machine.session
        self._saves = []
        for number in (1, 3, 8):
            session.start(session.rules, Level(1, number))
            play(self._machine, 100, number)
            self._saves.append(dsg.pack(archive.archive(session.world, "fuzz")))

    def make(self, random: random.Random) -> tuple[bytes, int]:
        data = random.choice(self._saves)
        how = random.random()
        if how < 0.7:
            data = mutate.mutated_fields(random, data, random.choice((1, 3, 30)))
        elif how < 0.9:
            data = mutate.mutated_bytes(random, data, 4)
        else:
            data = data[: random.randrange(len(data))]
        return data, random.randrange(1 << 30)

    def check(self, data: tuple[bytes, int]) -> None:
        content, seed = data
        session = self._machine.session
        before = session.world.leveltime
        try:
            saved = savegame.parse(content, session)
        except SaveError as error:
            one_line(error)
            assert session.world.leveltime == before
            return
        try:
            savegame.resume(session, saved)
            play(self._machine, 20, seed)
            dsg.pack(archive.archive(session.world, "again"))
        except (WadError, LevelError, StateCycleError) as error:
            one_line(error)


class _SilentChip(Chip):
    """Accepts everything and plays nothing."""

    def write(self, register: int, value: int) -> None:
        assert 0 <= register < 0x200, register
        assert 0 <= value < 0x100, value

    def generate(self, frames: int) -> np.ndarray[tuple[int, ...], np.dtype[np.int16]]:
        return np.zeros((frames, 2), np.int16)


class SongFuzzer(_SessionFuzzer):
    """A mutated song or instrument bank is played (its first seconds, at least), or refused with one line."""

    name = "song"
    short_inputs: ClassVar[int] = 100

    def open(self) -> None:
        super().open()
        self._songs = [self._assets.lump(f"D_{name}") for name in ("E1M1", "INTER", "INTRO", "VICTOR")]
        self._songs.append(_midi())
        self._bank = self._assets.lump("GENMIDI")

    def make(self, random: random.Random) -> tuple[bytes, bytes]:
        song = random.choice(self._songs)
        bank = mutate.mutated_bytes(random, self._bank) if random.random() < 0.3 else self._bank
        return mutate.mutated_bytes(random, song[: random.choice((200, 2000, 100_000))], 10), bank

    def check(self, data: tuple[bytes, bytes]) -> None:
        content, instruments = data
        bank = read_genmidi(instruments) or read_genmidi(self._bank)
        assert bank is not None
        try:
            song = read_song(content)
        except SongError as error:
            one_line(error)
            return
        sequencer = make_sequencer(bank, MIXER_RATE, lambda rate: _SilentChip())
        sequencer.play(song, looping=True)
        for _ in range(40):
            assert sequencer.render(4096).shape == (4096, 2)


def _midi() -> bytes:
    """A small MIDI file: tempo, program change, notes, running status, end of track."""
    track = bytes.fromhex("00ff510307a120 00c01e 00903c64 304050 60803c40 008040 40 83 60 ff2f00".replace(" ", ""))
    return b"MThd" + bytes.fromhex("00000006000100010060") + b"MTrk" + len(track).to_bytes(4, "big") + track
