"""DeHackEd patches: mutated text, and well-formed patches that make states lead into each other in every way."""

from __future__ import annotations

import random
from typing import ClassVar, Final

from pydoom import wad
from pydoom.data.infotables import load_info
from pydoom.game.dehacked import DehackedError, apply, parse
from pydoom.game.dehacked.errors import Report
from pydoom.game.level import Level
from pydoom.game.session import Session
from pydoom.sim.rules import SK_NIGHTMARE
from pydoom.sim.states import StateCycleError
from pydoom.sim.ticcmd import BT_ATTACK, BT_USE, TicCmd
from tests.conftest import WAD
from tests.fuzz import mutate
from tests.fuzz.fuzz_settings import one_line
from tests.fuzz.harness import Fuzzer

HEAD: Final = b"Patch File for DeHackEd v3.0\n\nDoom version = 19\nPatch format = 6\n\n"
WORDS: Final = (
    b"Thing 1\n", b"Frame 1\n", b"Pointer 0 (Frame 1)\n", b"Text 4 4\nTROOPOSS\n", b"Sound 1\n", b"Ammo 0\n",
    b"Weapon 2\n", b"Misc 0\n", b"Cheat 0\n", b"[STRINGS]\n", b"[CODEPTR]\nFRAME 1 = BFGSpray\n", b"INCLUDE x.deh\n",
    b"Bits = SOLID+x\n", b"Text 99999999 4\n", b"Text -1 -1\n", b"Codep Frame = 1\n", b"Duration = 0\n", b"= =\n",
    b"#\n", b"\r\n\r\n", b"\0",
)  # fmt: skip
ALIVE: Final = (
    "S_POSS_STND", "S_POSS_RUN1", "S_POSS_ATK1", "S_POSS_ATK2", "S_POSS_PAIN", "S_POSS_DIE1", "S_SPOS_RUN1",
    "S_SPOS_PAIN", "S_TROO_STND", "S_TROO_RUN1", "S_TROO_ATK1", "S_TROO_ATK3", "S_TROO_PAIN", "S_TROO_DIE1",
    "S_TBALL1", "S_TBALLX1", "S_BAR1", "S_BEXP", "S_BEXP2", "S_PUFF1", "S_BLOOD1", "S_PLAY", "S_PLAY_RUN1",
    "S_PLAY_PAIN", "S_PLAY_ATK1", "S_ARM1", "S_PISTOL", "S_PISTOL1", "S_PISTOL2", "S_PISTOLFLASH", "S_PUNCH",
    "S_PUNCH1", "S_TFOG", "S_EXPLODE1", "S_SKULL_RUN1",
)  # fmt: skip
"""States that a game on E1M1 passes through: changing them has an effect at once."""


class DehackedFuzzer(Fuzzer):
    """A patch is applied and a game played with it for some tics, in bounded time; or it is refused with one line."""

    name = "dehacked"
    cpu_seconds: ClassVar[float] = 60.0
    short_inputs: ClassVar[int] = 40

    def open(self) -> None:
        self._assets = wad.load(WAD)
        info = load_info()
        self._numbers = [each.index for each in info.states if each.name in ALIVE]
        self._actions = [each.index for each in info.states if each.action_name]
        self._acting = [number for number in self._numbers if info.states[number].action_name]
        self._valid = HEAD + b"Thing 2 (Trooper)\nHit points = 50\nSpeed = 8\nWidth = 1310720\nBits = 4194310\n\n"
        self._valid += b"Frame 176\nDuration = 4\nNext frame = 177\n\nText 4 4\nTROOPOSS\n\nMisc 0\nMax Health = 200\n"

    def make(self, random: random.Random) -> tuple[bytes, int]:
        if random.random() < 0.4:
            return mutate.mutated_text(random, self._valid, WORDS), random.randrange(1 << 30)
        parts = [HEAD]
        for _ in range(random.randint(1, 12)):
            parts.append(random.choice((self._frame, self._frame, self._pointer, self._thing))(random))
        return b"".join(parts), random.randrange(1 << 30)

    def check(self, data: tuple[bytes, int]) -> None:
        patch, seed = data
        info, report = load_info(), Report("x.deh")
        rng = random.Random(seed)
        try:
            apply(parse(patch, report), info, report)
            session = Session(self._assets, info)
            session.start(session.rules.alone(SK_NIGHTMARE), Level(1, 1))
            for _ in range(50):
                buttons = rng.choice((0, BT_ATTACK, BT_USE))
                session.run_tic({0: TicCmd(rng.choice((50, -50)), 0, rng.choice((0, 1280)), buttons=buttons)})
        except (DehackedError, StateCycleError, RecursionError) as error:
            one_line(error)  # the command line handles recursion itself
        for warning in report.warnings:
            one_line(Warning(warning))

    def _frame(self, rng: random.Random) -> bytes:
        number = rng.choice(self._numbers)
        fields = {"Duration": rng.choice((0, 0, 0, 1, -1, 7)), "Next frame": rng.choice((number, *self._numbers))}
        if rng.random() < 0.1:
            fields["Sprite subnumber"] = rng.choice((0, 1, 32768, 28))
        return _section(f"Frame {number}", fields)

    def _pointer(self, rng: random.Random) -> bytes:
        if not self._acting:
            return b""
        return _section(f"Pointer 1 (Frame {rng.choice(self._acting)})", {"Codep Frame": rng.choice(self._actions)})

    def _thing(self, rng: random.Random) -> bytes:
        frames = ("Initial frame", "First moving frame", "Injury frame", "Close attack frame", "Far attack frame")
        fields = {name: rng.choice((0, *self._numbers)) for name in frames if rng.random() < 0.4}
        for name in (
            "Hit points",
            "Speed",
            "Width",
            "Height",
            "Mass",
            "Missile damage",
            "Reaction time",
            "Pain chance",
        ):
            if rng.random() < 0.15:
                fields[name] = rng.choice((0, 1, -1, 100, 65536, 0x7FFFFFFF, -0x80000000, 32 << 16, 4000 << 16))
        if rng.random() < 0.3:
            fields["Bits"] = rng.randrange(1 << 28)
        return _section(f"Thing {rng.choice((1, 2, 3, 12, 31, 32, 38, 39))}", fields)


def _section(head: str, fields: dict[str, int]) -> bytes:
    lines = [head, *(f"{name} = {value}" for name, value in fields.items()), "", ""]
    return "\n".join(lines).encode()
