"""Every executable that both programs imitate: random demos of its version must save the same games.

`PYDOOM_GAMEVERSION_SEEDS=FIRST:LAST` plays the demos of these seeds instead of one for each executable.
"""

import os
import random
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from pydoom import wad
from pydoom.cli.grammar import GAME_VERSIONS
from pydoom.data.infotables import load_info
from pydoom.game.dehacked import patch_game
from pydoom.game.demo import EARLY_HEADER_SIZE
from pydoom.game.savegame import SaveFolder
from pydoom.game.session import Session
from pydoom.sim.rules import GameVersion
from pydoom.sim.ticcmd import BT_SPECIAL, BTS_SAVEGAME
from tests.e2e import bent_maps
from tests.e2e.test_bent_maps_chocolate import FREEDOOM, saved_if_it_can
from tests.e2e.test_dehacked_chocolate import CHOCOLATE, assert_same_games
from tests.narrow import some
from tests.unit import wadmaker

TICS = 500
FIRST, LAST = (int(number) for number in os.environ.get("PYDOOM_GAMEVERSION_SEEDS", "0:1").split(":"))
VERSIONS = [name for name in GAME_VERSIONS if name != "1.5"]
"""Those that Debian's Chocolate Doom knows."""
FLICKERING_FIRE = 17
"""A sector's special that Debian's wrongly has in version 1.2, and 3.1.1 has not."""
EMPTY_PATCH = b"Patch File for DeHackEd v3.0\nDoom version = 19\nPatch format = 6\n"

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(CHOCOLATE is None, reason="chocolate-doom is not installed"),
    pytest.mark.skipif(not all(iwad.is_file() for iwad in FREEDOOM), reason="Freedoom is not installed"),
]


def random_demo(rng: random.Random, version: GameVersion) -> bytes:
    """A demo of the first level that saves the game at its end, perhaps with the header of 1.2."""
    body = bent_maps.random_demo(rng, TICS)[13:-1]
    head = bytes([version.code, rng.randrange(5), 1, 1, 0, rng.randrange(2), 0, 0, 0, 1, 0, 0, 0])
    if version == GameVersion.DOOM_1_2 and rng.random() < 0.7:
        head = bytes([rng.randrange(5), 1, 1, 1, 0, 0, 0])
        assert len(head) == EARLY_HEADER_SIZE
    return head + body + bytes([0, 0, 0, BT_SPECIAL | BTS_SAVEGAME | 1 << 2]) + bytes(20) + b"\x80"


def random_level(rng: random.Random, version: GameVersion) -> tuple[Path, bytes]:
    """An IWAD and a PWAD with one of its levels, full of monsters around the player and of special lines."""
    name = rng.choice(bent_maps.LEVELS)
    commercial = name.startswith("MAP")
    level = bent_maps.read_level(FREEDOOM[commercial], name)
    for bend in (bent_maps.company, bent_maps.specials):
        if rng.random() < 0.7:
            bend(level, rng)
    if version == GameVersion.DOOM_1_2:
        for sector in level.sectors:
            if sector[5] == FLICKERING_FIRE:
                sector[5] = 0
    return FREEDOOM[commercial], wadmaker.pack_wad(level.packed("MAP01" if commercial else "E1M1"), b"PWAD")


@pytest.mark.parametrize("seed", range(FIRST, LAST))
@pytest.mark.parametrize("name", VERSIONS)
def test_executable_plays_the_same_in_chocolate_doom(tmp_path: Path, name: str, seed: int) -> None:
    version = GAME_VERSIONS[name]
    rng = random.Random(f"{name} {seed}")
    iwad, pwad = random_level(rng, version)
    demo = random_demo(rng, version)
    (tmp_path / "level.wad").write_bytes(pwad)
    # where Chex Quest's rules look for their patch
    (tmp_path / iwad.name).symlink_to(iwad)
    (tmp_path / "chex.deh").write_bytes(EMPTY_PATCH)
    iwad = tmp_path / iwad.name
    theirs = saved_if_it_can(tmp_path, iwad, demo, "-file", tmp_path / "level.wad", "-gameversion", name)
    if theirs is None:
        assert seed  # the level ended, or the original gave up; the usual demos come so far
        return
    assets, info = wad.load(iwad, tmp_path / "level.wad"), load_info()
    patch_game(info, assets, version=version)
    saves = SaveFolder(tmp_path / "ours")
    session = Session(assets, info, saves=saves, version=version)
    session.play_demo(demo, single=True)
    while not session.over:
        session.run_tic()
    assert_same_games(session, saves.path(1).read_bytes(), theirs)


@pytest.mark.parametrize(
    ("name", "first_byte", "said"),
    [
        ("1.9", 106, "read 106, should be 109"),
        ("1.9", 2, "read 2, should be 109"),
        ("1.666", 109, "read 109, should be 106"),
        ("1.2", 104, "read 104, should be 109"),
    ],
)
def test_both_refuse_a_demo_of_another_version(tmp_path: Path, name: str, first_byte: int, said: str) -> None:
    (tmp_path / "old.lmp").write_bytes(struct.pack("13B", first_byte, 2, 1, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0) + b"\x80")
    options = ["-iwad", str(FREEDOOM[0]), "-gameversion", name, "-nosound", "-timedemo", "old.lmp"]
    environment = os.environ | {"HOME": str(tmp_path), "SDL_VIDEODRIVER": "dummy", "SDL_AUDIODRIVER": "dummy"}
    for program in (some(CHOCOLATE), "pydoom"):
        command = [program, "-nogui"] if program != "pydoom" else [sys.executable, "-m", "pydoom"]
        done = subprocess.run([*command, *options], env=environment, cwd=tmp_path, capture_output=True, timeout=60)
        assert done.returncode
        assert said in done.stderr.decode()
