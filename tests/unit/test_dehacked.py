"""DeHackEd patches: parsing, changes to the tables, and the line for which a broken patch is refused."""

import os
import struct
import tracemalloc
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pydoom import wad
from pydoom.data import mobj_ids, sound_ids, state_ids, strings
from pydoom.data.info import AM_NOAMMO, GameInfo
from pydoom.data.infotables import load_info
from pydoom.game.dehacked import DehackedError, apply, bex, parse, patch_game
from pydoom.game.dehacked.errors import Report
from pydoom.game.dehacked.parser import max_text_length
from pydoom.game.events import KeyEvent
from pydoom.game.level import Level
from pydoom.game.rules import Rules
from pydoom.game.session import Session
from pydoom.screens.hud import level_title
from pydoom.screens.title import TitlePage
from pydoom.sim.actions import MOBJ_ACTIONS, PSPRITE_ACTIONS
from pydoom.sim.rules import GameMode, GameVersion
from tests.unit import wadmaker

HEAD = "Patch File for DeHackEd v3.0\n\n"


def patched(text: str, *, cheats: bool = True) -> tuple[GameInfo, list[str]]:
    """The tables after a patch with these sections, and its warnings."""
    info, report = load_info(), Report("x.deh")
    apply(parse((HEAD + text).encode("latin-1"), report), info, report, cheats=cheats)
    return info, report.warnings


def complaint(text: str) -> str:
    with pytest.raises(DehackedError) as caught:
        patched(text)
    message = str(caught.value)
    assert "\n" not in message
    return message


# -- reading


@pytest.mark.parametrize("head", ["", "PATCH FILE FOR DEHACKED V3.0\n", "Patch File for DeHackEd v3.0 \n", "\0\1\2"])
def test_file_without_the_signature_is_not_a_patch(head: str) -> None:
    with pytest.raises(DehackedError, match=r'^x\.deh:1: not a DeHackEd patch: it does not begin with "Patch File'):
        parse(head.encode(), Report("x.deh"))


@pytest.mark.parametrize("version", ["v2.3", "v3.0"])
@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["", "with a byte order mark"])
def test_lines_may_end_as_in_dos(version: str, mark: str) -> None:
    report = Report("x.deh")
    patch = parse(f"{mark}Patch File for DeHackEd {version}\r\n\r\nThing 1\r\nMass = 5\r\n".encode(), report)
    info = load_info()
    apply(patch, info, report)
    assert info.mobjinfo[mobj_ids.MT_PLAYER].mass == 5


def test_comments_and_unknown_sections_are_ignored() -> None:
    info, warnings = patched("# Thing 1\nDoom version = 19\n\nCredits\nThing 2\n\nThing 1\n# Mass = 1\nMass = 2\n")
    assert warnings == []
    assert info.mobjinfo[0].mass == 2


def test_section_lasts_until_the_empty_line() -> None:
    info, warnings = patched("Thing 1\nMass = 1\nThing 2\nMass = 3\n")
    assert (info.mobjinfo[0].mass, info.mobjinfo[1].mass) == (3, 100)
    assert warnings == ["x.deh:5: not an assignment; is an empty line missing before it?"]


@pytest.mark.parametrize(
    ("value", "number"),
    [("12", 12), (" -3 ", -3), ("+4", 4), ("7 apples", 7), ("x", 0), ("", 0), ("4294967295", -1), ("9" * 5000, -1)],
)
def test_numbers_are_read_as_in_c(value: str, number: int) -> None:
    assert patched(f"Misc 0\nInitial Health = {value}\n")[0].misc.initial_health == number


@pytest.mark.parametrize("number", ["2", "0x2", "02", "+2"])
def test_headings_take_numbers_in_c_notation(number: str) -> None:
    assert patched(f"Thing {number} (Trooper)\nHit points = 9\n")[0].mobjinfo[1].spawnhealth == 9


# -- tables


def test_thing_gets_new_fields_whatever_their_case() -> None:
    info, _ = patched("Thing 12 (Imp)\nHIT POINTS = 600\nwidth = 65536\nDeath sound = 5\nBits = 4194310\n")
    imp = info.mobjinfo[mobj_ids.MT_TROOP]
    assert (imp.spawnhealth, imp.radius, imp.deathsound, imp.flags) == (600, 65536, 5, 4194310)


def test_frame_gets_sprite_duration_and_next_frame() -> None:
    info, _ = patched("Frame 174\nSprite number = 3\nSprite subnumber = 32770\nDuration = -1\nNext frame = 2\n")
    state = info.states[174]
    assert (state.sprite, state.frame, state.tics, state.next.index) == (3, 32770, -1, 2)


def test_pointer_names_the_frame_whose_action_is_taken() -> None:
    info, _ = patched(
        f"Pointer 1 (Frame {state_ids.S_PLAY})\nCodep Frame = {state_ids.S_POSS_STND}\n\n"
        f"Pointer 2 (Frame {state_ids.S_POSS_STND})\nCodep Frame = {state_ids.S_PLAY}\n\n"
        f"Pointer 3 (Frame {state_ids.S_SPOS_STND})\nCodep Frame = {state_ids.S_POSS_STND}\n"
    )
    names = [
        info.states[number].action_name for number in (state_ids.S_PLAY, state_ids.S_POSS_STND, state_ids.S_SPOS_STND)
    ]
    # frame 3's is the action that frame had before the patch
    assert names == ["A_Look", "", "A_Look"]


def test_last_frame_overflows_into_the_fist() -> None:
    info, _ = patched("Frame 966\nDuration = 3\nCodep frame = 7\nNext frame = 8\nUnknown 1 = 9\nUnknown 2 = 10\n")
    fist = info.weapons[0]
    assert (fist.ammo, fist.upstate, fist.downstate, fist.readystate, fist.atkstate) == (3, 7, 8, 9, 10)
    assert complaint("Frame 966\nSprite number = 3\n") == "x.deh:4: the last frame cannot have a 'Sprite number'"


def test_weapon_frames_go_where_the_editor_put_them() -> None:
    info, _ = patched("Weapon 2\nAmmo type = 1\nDeselect frame = 20\nSelect frame = 21\nFiring frame = 22\n")
    weapon = info.weapons[2]
    assert (weapon.ammo, weapon.upstate, weapon.downstate, weapon.flashstate) == (1, 20, 21, 22)
    info, warnings = patched("Weapon 2\nAmmo type = -7\n")
    assert info.weapons[2].ammo == AM_NOAMMO
    assert "uses none" in warnings[0]


def test_ammo_sound_and_misc_sections() -> None:
    info, warnings = patched(
        "Ammo 3\nMax ammo = 9\nPer ammo = 2\n\nSound 1\nValue = 3\n\n"
        "Misc 0\nMegasphere health = 123\nBFG Cells/Shot = 1\nMonsters Infight = 221\n"
    )
    assert warnings == []
    assert (info.maxammo[3], info.clipammo[3], info.sounds[sound_ids.SFX_PISTOL].priority) == (9, 2, 3)
    assert (info.misc.megasphere_health, info.misc.bfg_cells_per_shot, info.misc.species_infighting) == (123, 1, 1)


def test_every_misc_number_has_a_field() -> None:
    names = ["Initial Bullets", "Max Health", "Max Armor", "Green Armor Class", "Blue Armor Class", "Max Soulsphere"]
    names += ["Soulsphere Health", "God Mode Health", "IDFA Armor", "IDFA Armor Class", "IDKFA Armor"]
    names += ["IDKFA Armor Class"]
    assert patched("Misc 0\n" + "".join(f"{name} = 77\n" for name in names))[1] == []


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        ("Thing 0\nMass = 1\n", "x.deh:3: there is no Thing 0"),
        ("Thing 138\nMass = 1\n", "x.deh:3: there is no Thing 138"),
        ("Frame 967\nDuration = 1\n", "x.deh:3: there is no Frame 967"),
        ("Thing x\nMass = 1\n", "x.deh:3: this heading should be Thing and a number"),
        ("Thing 1\nMagic = 1\n", "x.deh:4: there is no field 'Magic' here"),
        ("Frame 1\nCodep frame = 1\n", "x.deh:4: 'Codep frame' is not supported"),
        ("Pointer 0 (Frame 1)\nCodep Frame = 999\n", "x.deh:4: there is no frame 999"),
        ("Misc 0\nMonsters Infight = 1\n", "x.deh:4: monsters infight is 202 (off) or 221 (on)"),
        ("Cheat 0\nNo such = x\n", "x.deh:4: unknown cheat 'No such'"),
        ("Thing 1\nMass = 0\n", "x.deh:4: a thing without mass cannot be hit; it gets a mass of 1"),
    ],
)
def test_invalid_lines_are_skipped_with_a_warning(text: str, warning: str) -> None:
    assert patched(text)[1] == [warning]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Thing 1\nInitial frame = 967\n", "x.deh:4: Initial frame: there is no frame 967"),
        ("Thing 1\nAlert sound = -1\n", "x.deh:4: Alert sound: there is no sound -1"),
        ("Frame 5\nSprite number = 138\n", "x.deh:4: Sprite number: there is no sprite 138"),
        ("Frame 5\nNext frame = 70000\n", "x.deh:4: Next frame: there is no frame 70000"),
        ("Frame 5\nSprite subnumber = -1\n", "x.deh:4: there is no sprite subnumber -1"),
        ("\n\nWeapon 0\nShooting frame = 1000\n", "x.deh:6: Shooting frame: there is no frame 1000"),
    ],
)
def test_reference_to_a_missing_entry_refuses_the_patch(text: str, message: str) -> None:
    assert complaint(text) == message


# -- texts


def test_text_section_counts_characters_over_line_ends() -> None:
    old = strings.QUITMSG
    info, warnings = patched(f"Text {len(old)} 7\n{old}Go\naway\n\nThing 1\nMass = 1\n")
    assert warnings == []
    assert info.text(old) == "Go\naway"
    assert info.mobjinfo[0].mass == 1


@pytest.mark.parametrize(("old", "longest"), [(0, 3), (1, 3), (3, 3), (4, 7), (5, 7), (20, 23)])
def test_text_may_fill_the_last_word_of_four_bytes(old: int, longest: int) -> None:
    assert max_text_length(old) == longest


def test_text_longer_than_doom_exe_has_room_for_is_refused() -> None:
    assert "x.deh:3: the new text is longer than the 7 characters" in complaint("Text 4 8\nPOSSPOSSPOSS\n")
    info, _ = patched("# *allow-long-strings*\nText 4 8\nPOSSPOSSPOSS\n")
    assert info.text("POSS") == "POSSPOSS"


@pytest.mark.parametrize("heading", ["Text 99 4", "Text 4 -1", "Text -2 0"])
def test_impossible_text_is_refused(heading: str) -> None:
    assert complaint(f"{heading}\nPOSSSARG").startswith("x.deh:3: ")


STRINGS = "[STRINGS]\nGOTARMOR = Got \\\n   it\\n!\nNO_SUCH = x\nNEITHER = y\nBGFLATE1 = NUKAGE1\n"


def test_strings_are_replaced_by_their_names() -> None:
    info, warnings = patched(STRINGS.replace("GOTARMOR", "GotArmor"))
    assert info.replaced_text == {strings.GOTARMOR: "Got it\n!", "FLOOR4_8": "NUKAGE1"}
    assert warnings == ["x.deh:6: DOOM has no text named 'NO_SUCH' and 1 more"]


def test_an_iwad_s_own_strings_need_permission_as_in_chocolate_doom() -> None:
    for head, replaced in (
        ("", {}),
        ("# *allow-extended-strings*\n", {strings.GOTARMOR: "Got it\n!", "FLOOR4_8": "NUKAGE1"}),
    ):
        info, report = load_info(), Report("x.deh")
        apply(parse((HEAD + head + STRINGS + "\n[PARS]\npar 1 9\n").encode(), report, bex=False), info, report)
        assert (info.replaced_text, info.pars, report.warnings) == (replaced, {}, [])


# -- what Boom added


def test_actions_by_name() -> None:
    info, warnings = patched(
        "[CODEPTR]\nFRAME 174 = Explode\n\nframe 175 = NULL\nFrame 1 = lIGHT1\nFrame 5 = Mushroom\n"
        "Frame 967 = Look\nFrame = Look\nSprite 3 = Look\nFrame x\n"
    )
    assert [info.states[number].action_name for number in (174, 175, 1)] == ["A_Explode", "", "A_Light1"]
    assert warnings == [
        "x.deh:12: not an assignment; is an empty line missing before it?",
        "x.deh:8: DOOM has no action 'Mushroom': frame 5 keeps its own",
        "x.deh:9: there is no frame 967",
        "x.deh:10: this should be Frame and a number, not 'Frame'",
        "x.deh:11: this should be Frame and a number, not 'Sprite 3'",
    ]


def test_every_action_has_a_name(assets: wad.Assets) -> None:
    names = bex.action_names(load_info())
    assert set(names.values()) == {"", *MOBJ_ACTIONS, *PSPRITE_ACTIONS}
    assert names["bfgsound"] == "A_BFGsound"


def test_bits_by_name() -> None:
    for text in ("SOLID+SHOOTABLE+COUNTKILL", "solid | Shootable|COUNTKILL", "SOLID, SHOOTABLE\tCOUNTKILL", "4194310"):
        info, warnings = patched(f"Thing 2\nBits = {text}\n")
        assert (info.mobjinfo[1].flags, warnings) == (0x400006, [])
    assert patched("Thing 2\nBits = TRANSLATION1 + TRANSLATION2 + translation\n")[0].mobjinfo[1].flags == 0xC000000
    assert patched("Thing 2\nBits = 0\n")[0].mobjinfo[1].flags == 0
    info, warnings = patched("Thing 2\nBits = SOLID + FRIEND + TOUCHY + BOUNCES + TRANSLUCENT + A + B + C\n")
    assert info.mobjinfo[1].flags == 2
    assert warnings == ["x.deh:4: DOOM has no bits 'FRIEND', 'TOUCHY', 'BOUNCES', 'TRANSLUCENT', 'A' and 2 more"]


def test_par_times() -> None:
    info, warnings = patched("[PARS]\npar 1 3 99\npar 5 77 # a comment\npar 1 10 5\npar 5 1 1\npar 33 1\npar\nx 1 1\n")
    assert info.pars == {(1, 3): 99, (0, 5): 77}
    assert [warning.partition(": ")[2] for warning in warnings] == [
        "there is no level 1 10",
        "there is no level 5 1",
        "there is no level 33",
        *["this should be par, episode and map (or map alone), and seconds"] * 2,
    ]
    assert Level(1, 3).par_tics(GameMode.RETAIL, info.pars) == 99 * 35
    assert Level(1, 5).par_tics(GameMode.COMMERCIAL, info.pars) == 77 * 35
    assert Level(1, 5).par_tics(GameMode.RETAIL, info.pars) == 165 * 35


def test_sprites_sounds_and_music_by_name() -> None:
    info, warnings = patched(
        "[SPRITES]\nTROO = impx\nNONE = ABCD\nPOSS = TOOLONG\n\n[SOUNDS]\nPISTOL = SHOTGN\n\n[MUSIC]\nE1M1 = ROMERO\n"
        "RUNNIN = ../../x\n"
    )
    assert [info.text(name) for name in ("TROO", "pistol", "e1m1", "runnin")] == ["IMPX", "shotgn", "romero", "runnin"]
    assert warnings == [
        "x.deh:5: DOOM has no 'NONE' among its sprites",
        "x.deh:6: 'TOOLONG' is not a valid lump name",
        "x.deh:13: '../../x' is not a valid lump name",
    ]


def test_what_doom_has_nothing_of_is_named_once() -> None:
    _, warnings = patched("[HELPER]\ntype = 3\nmore = 4\n\nstill = 5\n\n[Whatever]\nx\n\nThing 1\nMass = 2\n")
    assert warnings == ["x.deh:3: [HELPER] is not supported", "x.deh:9: [Whatever] is not supported"]


def test_boom_s_sections_go_on_behind_an_empty_line() -> None:
    info, warnings = patched(
        "[STRINGS]\nGOTARMOR = one\n\nGOTMEGA = two \\\n   three\n\n"
        "Thing 1\nMass = 7\n\nGOTSTIM = no\n\n[PARS]\n\npar 1 1 5\n"
    )
    assert info.replaced_text == {strings.GOTARMOR: "one", strings.GOTMEGA: "two three"}
    assert (info.mobjinfo[0].mass, info.pars, warnings) == (7, {(1, 1): 5}, [])


def included(folder: Path, text: str, **others: str) -> tuple[GameInfo, list[str]]:
    """The tables after a patch in a folder with other files."""
    iwad, patch, info = folder / "iwad.wad", folder / "mods/x.deh", load_info()
    (folder / "mods/deep").mkdir(parents=True, exist_ok=True)
    iwad.write_bytes(wadmaker.small_wad())
    (folder / "outside.bex").write_text("Thing 1\nMass = 66\n")
    for name, content in others.items():
        (folder / f"mods/{name}.bex").write_text(content)
    (folder / "mods/deep/below.bex").write_text("Thing 1\nMass = 9\n")
    patch.write_text(HEAD + text)
    warnings = patch_game(info, wad.load(iwad), [patch])
    return info, [warning.replace(str(folder), "") for warning in warnings]


def test_files_are_included(tmp_path: Path) -> None:
    other = "Text 4 4\nTROOPUFF\n\nThing 1\nMass = 5\n\nThing 2\nMass = 5\n"
    info, warnings = included(
        tmp_path,
        "Thing 1\nMass = 4\n\ninclude NOTEXT a.bex\n\nThing 2\nMass = 6\n\nINCLUDE deep/below.bex\n",
        a=HEAD + other,
    )
    assert (info.mobjinfo[0].mass, info.mobjinfo[1].mass, info.sprites[0], warnings) == (9, 6, "TROO", [])


def test_included_files_may_not_include_others(tmp_path: Path) -> None:
    info, warnings = included(tmp_path, "INCLUDE a.bex\n", a="INCLUDE a.bex\n\nINCLUDE x.deh\n\nThing 1\nMass = 5\n")
    assert info.mobjinfo[0].mass == 5
    assert warnings == [
        f"/mods/a.bex:{line}: INCLUDE {name}: included files and lumps may not include files"
        for line, name in ((1, "a.bex"), (3, "x.deh"))
    ]


@pytest.mark.parametrize(
    "name", ["/etc/passwd", "../outside.bex", "deep", "pipe", "link.bex", "none.bex", "deep/../../outside.bex"]
)
def test_only_plain_files_beside_the_patch_are_included(tmp_path: Path, name: str) -> None:
    (tmp_path / "mods").mkdir()
    os.mkfifo(tmp_path / "mods/pipe")
    (tmp_path / "mods/link.bex").symlink_to(tmp_path / "outside.bex")
    info, warnings = included(tmp_path, f"INCLUDE {name}\n")
    assert info.mobjinfo[0].mass == 100
    assert warnings == [f"/mods/x.deh:3: INCLUDE {name}: there is no such file next to the patch"]


def test_a_text_of_something_else_is_called_that(tmp_path: Path) -> None:
    assert included(tmp_path, "INCLUDE a.bex\n", a="hello\n")[1] == [
        "/mods/a.bex:1: nothing here belongs to a DeHackEd patch"
    ]


def test_included_files_are_bounded_together(tmp_path: Path) -> None:
    with pytest.raises(DehackedError, match=r"INCLUDE a\.bex: the included files are too large"):
        included(tmp_path, "INCLUDE a.bex\n\n" * 1000, a="# nothing\n")


@pytest.mark.parametrize("last", ["a.bex", "none.bex"])
def test_files_that_are_missing_count_as_included(tmp_path: Path, last: str) -> None:
    with pytest.raises(DehackedError, match=rf"INCLUDE {last}: the included files are too large"):
        included(tmp_path, "INCLUDE none.bex\n\n" * 257 + f"INCLUDE {last}\n", a="Thing 1\nMass = 5\n")


@pytest.mark.parametrize("name", ["x" * 256, "deep/" * 1000 + "x"])
def test_name_longer_than_a_file_can_have_is_warned_about(tmp_path: Path, name: str) -> None:
    warnings = included(tmp_path, f"INCLUDE {name}\n")[1]
    assert warnings == [f"/mods/x.deh:3: INCLUDE {name}: File name too long"]


def test_lumps_may_not_include_files(tmp_path: Path) -> None:
    iwad, pwad = tmp_path / "iwad.wad", tmp_path / "p.wad"
    iwad.write_bytes(wadmaker.small_wad())
    pwad.write_bytes(wadmaker.pack_wad([("DEHACKED", (HEAD + "INCLUDE p.wad\n").encode())], b"PWAD"))
    warnings = patch_game(load_info(), wad.load(iwad, pwad), lumps=True)
    assert warnings == ["p.wad/DEHACKED:3: INCLUDE p.wad: included files and lumps may not include files"]


# -- cheats


def test_cheat_gets_a_new_word_of_at_most_the_old_length() -> None:
    info, warnings = patched("Cheat 0\nGod mode = xyzzy\xff\nAmmo = plughs\nAmmo & Keys = \n")
    assert (info.cheats["god mode"], info.cheats["ammo"], info.cheats["ammo & keys"]) == ("xyzzy", "plug", "")
    assert warnings == ["x.deh:5: this cheat has room for 4 characters only"]
    assert patched("Cheat 0\nGod mode = xyzzy\n", cheats=False)[0].cheats["god mode"] == "iddqd"


def test_even_long_cheats_have_a_limit() -> None:
    head = "# *allow-long-cheats*\nCheat 0\n"
    assert patched(f"{head}God mode = {'x' * 24}\n")[0].cheats["god mode"] == "x" * 24
    assert complaint(f"{head}Level Warp = {'x' * 23}\n") == "x.deh:5: this cheat is too long"


# -- a session with a patch


@pytest.fixture
def assets(tmp_path: Path) -> wad.Assets:
    path = tmp_path / "iwad.wad"
    path.write_bytes(wadmaker.small_wad())
    return wad.load(path)


def test_text_renames_sprites_sounds_and_graphics(assets: wad.Assets, tmp_path: Path) -> None:
    patch = tmp_path / "names.deh"
    patch.write_text(HEAD + "Text 4 4\nTROOPUFF\n\nText 6 6\npistolshotgn\n\nText 5 5\nSOLIDHOLED\n")
    info = load_info()
    assert patch_game(info, assets, [patch]) == []
    assert (info.sprites[0], info.sounds[sound_ids.SFX_PISTOL].name) == ("PUFF", "shotgn")
    assert assets.patch("SOLID").name == "HOLED"
    wall = assets.textures[assets.texture_number("WALL")]
    assert {patch.name for patch, _, _ in wall.patches} == {"SOLID", "HOLED"}


def test_a_missing_picture_is_blamed_on_the_patch_that_names_it(assets: wad.Assets, tmp_path: Path) -> None:
    patch = tmp_path / "names.deh"
    patch.write_text(HEAD + "Thing 1\nMass = 1\n\nText 5 4\nSOLIDNONE\n")
    assert patch_game(load_info(), assets, [patch]) == [f"{patch}:6: SOLID cannot become NONE: no WAD has that lump"]
    assert assets.patch("SOLID").name == "SOLID"


def test_players_begin_with_what_the_patch_gives_them(assets: wad.Assets) -> None:
    info, _ = patched("Misc 0\nInitial Health = 7\nInitial Bullets = 8\n\nAmmo 0\nMax ammo = 9\n")
    session = Session(assets, info=info)
    session.start(Rules(), Level(1, 1))
    player = session.world.players[0]
    assert (player.health, player.ammo[0], player.maxammo[0]) == (7, 8, 9)


def test_actions_of_things_do_nothing_in_weapons(assets: wad.Assets) -> None:
    info, _ = patched(
        f"Pointer 0 (Frame {state_ids.S_PISTOL})\nCodep Frame = {state_ids.S_POSS_STND}\n\n"
        f"Pointer 1 (Frame {state_ids.S_PLAY})\nCodep Frame = {state_ids.S_PISTOL}\n"
    )
    session = Session(assets, info=info)
    session.start(Rules(), Level(1, 1))
    for _ in range(40):
        session.run_tic()
    assert session.world.players[0].psprites[0].state is not None


def test_renamed_cheat_is_typed_by_its_new_name_only(assets: wad.Assets) -> None:
    info, _ = patched("Cheat 0\nGod mode = xyzzy\nLevel Warp = go\n\nMisc 0\nGod Mode Health = 66\n")
    session = Session(assets, info=info)
    session.start(Rules(), Level(1, 1))
    player = session.world.players[0]
    for letter in "iddqd":
        session.responder(KeyEvent(ord(letter)))
    assert player.health == 100
    for letter in "xyzzy":
        session.responder(KeyEvent(ord(letter)))
    assert player.health == 66
    # as in the original, a cheat with parameters that gets shorter is lost
    for letter in "go11":
        session.responder(KeyEvent(ord(letter)))
    session.run_tic()
    assert session.world.map == 1


def test_monsters_of_a_kind_fight_only_when_the_patch_says_so() -> None:
    assert load_info().misc.species_infighting == 0
    assert patched("Misc 0\nMonsters Infight = 221\n")[0].misc.species_infighting == 1
    assert patched("Misc 0\nMonsters Infight = 202\n")[0].misc.species_infighting == 0


def test_patches_in_pwads_wait_for_permission(tmp_path: Path) -> None:
    iwad, pwad = tmp_path / "iwad.wad", tmp_path / "p.wad"
    iwad.write_bytes(wadmaker.small_wad())
    pwad.write_bytes(wadmaker.pack_wad([("DEHACKED", (HEAD + "Thing 1\nMass = 3\nBad = 1\n").encode())], b"PWAD"))
    assets = wad.load(iwad, pwad)
    info = load_info()
    patch_game(info, assets)
    assert info.mobjinfo[0].mass == 100
    assert patch_game(info, assets, lumps=True) == ["p.wad/DEHACKED:5: there is no field 'Bad' here"]
    assert info.mobjinfo[0].mass == 3


@pytest.mark.parametrize(("patch_bytes", "count"), [(500, 300), (1 << 20, 40), ((16 << 20) + 1, 1)])
def test_patches_in_a_pwad_are_bounded_together(tmp_path: Path, patch_bytes: int, count: int) -> None:
    body = HEAD.encode().ljust(patch_bytes, b"#")
    entry = struct.pack("<II8s", 12, len(body), b"DEHACKED")  # all of them are the same bytes
    iwad, pwad = tmp_path / "iwad.wad", tmp_path / "p.wad"
    iwad.write_bytes(wadmaker.small_wad())
    pwad.write_bytes(struct.pack("<4sII", b"PWAD", count, 12 + len(body)) + body + entry * count)
    assets = wad.load(iwad, pwad)
    assert patch_game(load_info(), assets) == []
    with pytest.raises(DehackedError, match=r"^p.wad/DEHACKED:1: the DeHackEd patches .* are too large or too many$"):
        patch_game(load_info(), assets, lumps=True)


def test_patches_that_are_not_applied_are_not_copied(tmp_path: Path) -> None:
    body = HEAD.encode().ljust(1 << 16, b"#")
    entry = struct.pack("<II8s", 12, len(body), b"DEHACKED")
    iwad, pwad = tmp_path / "iwad.wad", tmp_path / "p.wad"
    iwad.write_bytes(wadmaker.small_wad())
    pwad.write_bytes(struct.pack("<4sII", b"PWAD", 2000, 12 + len(body)) + body + entry * 2000)
    assets = wad.load(iwad, pwad)
    tracemalloc.start()
    try:
        patch_game(load_info(), assets)
        assert tracemalloc.get_traced_memory()[1] < 20 << 20
    finally:
        tracemalloc.stop()


def commercial(folder: Path, file: str, *lumps: tuple[str, bytes]) -> wad.Assets:
    path = folder / file
    path.write_bytes(wadmaker.pack_wad([*((n.replace("E1M1", "MAP01"), d) for n, d in wadmaker.small_lumps()), *lumps]))
    return wad.load(path)


def test_hacx_is_patched_by_its_own_lump(tmp_path: Path) -> None:
    longer = strings.GOTARMOR + " and much more than there was room for"
    text = f"Text {len(strings.GOTARMOR)} {len(longer)}\n{strings.GOTARMOR}{longer}\n\nThing 1\nMass = 3\n"
    info = load_info()
    assert patch_game(info, commercial(tmp_path, "hacx.wad", ("DEHACKED", (HEAD + text).encode()))) == []
    assert info.mobjinfo[0].mass == 3
    assert info.text(strings.GOTARMOR) == longer


@pytest.mark.parametrize(
    ("lumps", "said"),
    [
        ([], "hacx.wad: there is no lump DEHACKED, as in version 1.2 of Hacx"),
        ([("DEHACKED", b"no patch")], "hacx.wad/DEHACKED:1: not a DeHackEd patch"),
    ],
)
def test_hacx_is_no_game_without_its_patch(tmp_path: Path, lumps: wadmaker.Lumps, said: str) -> None:
    with pytest.raises(DehackedError, match=said):
        patch_game(load_info(), commercial(tmp_path, "hacx.wad", *lumps))


def test_another_iwad_s_patch_is_not_taken(tmp_path: Path) -> None:
    info = load_info()
    patch_game(info, commercial(tmp_path, "doom2.wad", ("DEHACKED", (HEAD + "Thing 1\nMass = 3\n").encode())))
    assert info.mobjinfo[0].mass == 100


def test_the_bfg_edition_has_other_names_and_pictures(tmp_path: Path) -> None:
    picture = wadmaker.pack_patch([[(0, b"\x99")]], 1)
    words = [(name, picture) for name in ("M_GDHIGH", "M_GDLOW", "M_MSGON", "M_MSGOFF", "M_SCRNSZ", "M_DISP")]
    assets = commercial(tmp_path, "doom2.wad", ("DMENUPIC", picture), ("INTERPIC", picture), *words)
    info = load_info()
    assert patch_game(info, assets) == []
    assert [assets.patch(name).name for name in ("M_GDHIGH", "M_GDLOW", "M_SCRNSZ")] == [
        "M_MSGON",
        "M_MSGOFF",
        "M_DISP",
    ]
    assert info.text(strings.HUSTR_31) == "level 31: idkfa"
    session = Session(assets, info=info)
    session.start(Rules(), Level(1, 1))
    session.world.map = 33
    assert level_title(session.world, assets.mission) == ""
    session.world.version = GameVersion.FINAL
    assert level_title(session.world, assets.mission) == "level 33: betray"
    session.start_title()
    session.run_tic()
    frame = np.zeros((200, 320), np.uint8)
    TitlePage(assets).draw(frame, session)
    assert session.page_name == "TITLEPIC"
    assert frame[0, 0] == 0x99


# -- damage

WORDS = ["Thing", "Frame", "Pointer", "Text", "Ammo", "Weapon", "Misc", "Cheat", "Sound", "[STRINGS]"]
WORDS += ["[CODEPTR]", "[PARS]", "[SPRITES]", "[HELPER]", "INCLUDE x", "par 1 1 1", "Bits", "SOLID", "TROO"]
WORDS += ["Hit points", "Next frame", "Duration", "Codep Frame", "Value", "God mode", "GOTARMOR", "Initial frame"]
WORDS += ["=", " ", "\n", "\n\n", "\r\n", "\\", "#", "*allow-extended-strings*", "*allow-long-cheats*", "(Frame 5)"]
PIECES = st.one_of(st.sampled_from(WORDS), st.integers(-5, 1100).map(str), st.text(max_size=4), st.integers().map(str))


@settings(deadline=None, max_examples=60)
@given(st.lists(PIECES, max_size=60).map("".join))
@example("Text 5\n")
@example("Pointer 0 (Frame\n")
@example("Thing 08\nMass = 1")
@example("Thing 0x\nMass = 1")
def test_damaged_patch_is_applied_or_refused_in_one_line(text: str) -> None:
    report = Report("x.deh")
    try:
        apply(parse((HEAD + text).encode("utf-8", "replace"), report), load_info(), report)
    except DehackedError as error:
        assert str(error).startswith("x.deh:")
        assert str(error).isprintable()
    assert all(warning.isprintable() for warning in report.warnings)


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_bytes_after_the_signature_never_crash_the_parser(data: bytes) -> None:
    with suppress(DehackedError):
        parse(HEAD.encode() + data, Report("x.deh"))
