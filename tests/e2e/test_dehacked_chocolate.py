"""The same DeHackEd patch in pydoom and in Chocolate Doom: a demo that saves the game must save the same game.

A saved game holds every mobj, player, sector and line, so it shows whatever a patch made different until then.
"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from pydoom import wad
from pydoom.data import mobj_ids, state_ids
from pydoom.data.info import GameInfo
from pydoom.data.infotables import load_info
from pydoom.game import savegame
from pydoom.game.dehacked import patch_game
from pydoom.game.demo import HEADER_SIZE
from pydoom.game.savegame import SaveFolder
from pydoom.game.session import Session
from pydoom.sim.ticcmd import BT_SPECIAL, BTS_SAVEGAME
from pydoom.wad.archive import read_wad
from tests.narrow import some
from tests.savegames import without_pointers
from tests.unit import wadmaker

CHOCOLATE = shutil.which("chocolate-doom") or shutil.which("chocolate-doom", path="/usr/games")
CRISPY = shutil.which("crispy-doom") or shutil.which("crispy-doom", path="/usr/games")
FREEDOOM = Path("/usr/share/games/doom/freedoom1.wad")
PATIENCE_S = 60
TICS = 1400

PATCH = b"""Patch File for DeHackEd v3.0
# Hit points, speeds, sounds, actions: whatever changes what happens
Doom version = 19
Patch format = 6

Thing 1 (Player)
Speed = 7
Mass = 60

Thing 2 (Trooper)
Hit points = 70
Pain chance = 250
Width = 1048576
Alert sound = 12
Exploding frame = 0x1E5

Thing 3 (Sargeant)
Hit points = 55
Bits = 4194310
Reaction time = 3

Thing 12 (Imp)
Death frame = 515
Speed = 13
Height = 3000000
Far attack frame = 184

Thing 31 (Barrel)
Hit points = 5
Bits = 4718086

Thing 38 (Bullet puff)
Initial frame = 130

Frame 207
Duration = 1

Frame 184
Duration = 3
Next frame = 185

Frame 447
Sprite number = 5
Sprite subnumber = 32769

Frame 966
Duration = 3

Pointer 70 (Frame 207)
Codep Frame = 174

Pointer 12 (Frame 452)
Codep Frame = 453

Weapon 1
Shooting frame = 13

Weapon 2
Ammo type = 0
Bobbing frame = 18

Ammo 0 (Bullets)
Max ammo = 333
Per ammo = 17

Sound 1 (pistol)
Value = 10

Misc 0
Initial Health = 9000
Initial Bullets = 88
Max Health = 170
Green Armor Class = 2
Monsters Infight = 221

Text 20 23
Picked up the armor.Now you have an armour!
Text 4 4
POSSSARG

Cheat 0
God mode = godly

"""


def demo_that_saves(data: bytes, tics: int) -> bytes:
    """The first `tics` commands of a demo of one player, a command to save into slot 1, and a little more."""
    commands = data[HEADER_SIZE : HEADER_SIZE + 4 * tics]
    assert len(commands) == 4 * tics
    return data[:HEADER_SIZE] + commands + bytes([0, 0, 0, BT_SPECIAL | BTS_SAVEGAME | 1 << 2]) + bytes(4 * 5) + b"\x80"


def saved_by_chocolate(
    folder: Path, iwad: Path, demo: bytes, *options: str | Path, program: str | None = CHOCOLATE
) -> bytes:
    (folder / "saving.lmp").write_bytes(demo)
    environment = os.environ | {"HOME": str(folder), "SDL_VIDEODRIVER": "dummy", "SDL_AUDIODRIVER": "dummy"}
    environment.pop("XDG_CONFIG_HOME", None)
    command = [some(program), "-iwad", iwad, "-nosound", "-nogui", "-nodraw", "-savedir", folder, *options]
    result = subprocess.run(
        [*command, "-timedemo", "saving.lmp"], env=environment, cwd=folder, capture_output=True, timeout=PATIENCE_S
    )
    saves = list(folder.glob("**/doomsav1.dsg"))
    assert saves, result.stderr.decode(errors="replace")[-2000:] + result.stdout.decode(errors="replace")[-2000:]
    return saves[0].read_bytes()


def saved_by_us(folder: Path, assets: wad.Assets, info: GameInfo, demo: bytes) -> tuple[Session, bytes]:
    saves = SaveFolder(folder / "ours")
    session = Session(assets, info, saves=saves)
    session.play_demo(demo, single=True)
    while not session.over:
        session.run_tic()
    return session, saves.path(1).read_bytes()


def assert_same_games(session: Session, ours: bytes, theirs: bytes) -> None:
    first, second = (without_pointers(savegame.parse(data, session)) for data in (ours, theirs))
    for part in first:
        assert first[part] == second[part], part


@pytest.mark.e2e
@pytest.mark.skipif(CHOCOLATE is None, reason="chocolate-doom is not installed")
@pytest.mark.parametrize("name", ["DEMO1", "DEMO2", "DEMO3"])
def test_patched_demo_plays_the_same_in_chocolate_doom(wad_path: Path, tmp_path: Path, name: str) -> None:
    patch = tmp_path / "all.deh"
    patch.write_bytes(PATCH)
    assets, info = wad.load(wad_path), load_info()
    assert patch_game(info, assets, [patch]) == []
    demo = demo_that_saves(assets.demo(name), TICS)
    session, ours = saved_by_us(tmp_path, assets, info, demo)
    assert_same_games(session, ours, saved_by_chocolate(tmp_path, wad_path, demo, "-deh", patch))


@pytest.mark.e2e
@pytest.mark.skipif(CHOCOLATE is None, reason="chocolate-doom is not installed")
@pytest.mark.skipif(not FREEDOOM.is_file(), reason="Freedoom is not installed")
def test_merged_pwad_plays_the_same_in_chocolate_doom(tmp_path: Path) -> None:
    """Freedoom's E1M2 as E1M1, new flats and a new sprite, its own patch and one in the PWAD."""
    freedoom = read_wad(FREEDOOM).lumps
    start = next(number for number, lump in enumerate(freedoom) if lump.name == "E1M2")
    level = freedoom[start + 1 : start + 11]
    patched = b"Patch File for DeHackEd v3.0\n\nThing 2\nHit points = 1\n\nMisc 0\nInitial Health = 150\n\n"
    pwad = tmp_path / "merged.wad"
    pwad.write_bytes(
        wadmaker.pack_wad(
            [
                ("E1M1", b""),
                *((lump.name, lump.data) for lump in level),
                ("FF_START", b""),
                ("NUKAGE1", bytes([9]) * 4096),
                ("NUKAGE2", bytes([9]) * 4096),
                ("NUKAGE3", bytes([9]) * 4096),
                ("AAAFLAT", bytes([9]) * 4096),
                ("FF_END", b""),
                ("SS_START", b""),
                ("POSSA0", wadmaker.pack_patch([[(0, b"\x99")]], 1)),
                ("SS_END", b""),
                ("DEHACKED", patched),
            ],
            b"PWAD",
        )
    )
    assets, info = wad.load(FREEDOOM, pwad), load_info()
    assert patch_game(info, assets, lumps=True) == []
    demo = demo_that_saves(assets.demo("DEMO1"), 700)
    demo = demo[:2] + bytes([1, 1]) + demo[4:]
    session, ours = saved_by_us(tmp_path, assets, info, demo)
    theirs = saved_by_chocolate(tmp_path, FREEDOOM, demo, "-merge", pwad, "-dehlump")
    assert_same_games(session, ours, theirs)


BEX_PATCH = f"""Patch File for DeHackEd v3.0
Doom version = 21
Patch format = 6

Thing 12 (Imp)
Bits = SOLID+SHOOTABLE | COUNTKILL, FLOAT NOGRAVITY

Thing 2 (Trooper)
bits = solid+shootable+countkill

[CODEPTR]
Frame {state_ids.S_POSS_ATK2} = TroopAttack
FRAME {state_ids.S_SPOS_ATK2} = bspiattack
Frame {state_ids.S_TROO_RUN1} = NULL
Frame {state_ids.S_PISTOL2} = FireShotgun

[PARS]
par 1 1 5

INCLUDE more.bex
"""


@pytest.mark.e2e
@pytest.mark.skipif(CRISPY is None, reason="crispy-doom is not installed")
@pytest.mark.parametrize("name", ["DEMO1", "DEMO2", "DEMO3"])
def test_boom_s_additions_play_the_same_way_in_crispy_doom(wad_path: Path, tmp_path: Path, name: str) -> None:
    patch = tmp_path / "bex.deh"
    patch.write_text(BEX_PATCH)
    (tmp_path / "more.bex").write_text("Patch File for DeHackEd v3.0\n\nThing 2\nHit points = 100\n")
    assets, info = wad.load(wad_path), load_info()
    assert patch_game(info, assets, [patch]) == []
    assert info.mobjinfo[mobj_ids.MT_POSSESSED].spawnhealth == 100
    demo = demo_that_saves(assets.demo(name), TICS)
    session, ours = saved_by_us(tmp_path, assets, info, demo)
    assert_same_games(session, ours, saved_by_chocolate(tmp_path, wad_path, demo, "-deh", patch, program=CRISPY))
