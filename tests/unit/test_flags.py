"""The flags of the original and of Chocolate Doom: each works or is refused by name, and the docs say which."""

from __future__ import annotations

import codecs
import gzip
import re
from pathlib import Path

import pytest

from pydoom.cli.grammar import OptionsError, make_parser
from pydoom.cli.main import main
from pydoom.cli.options import Options, parse_options
from pydoom.cli.responsefile import MAX_FILE_BYTES
from pydoom.cli.vanilla_flags import FLAGS, Flag
from pydoom.game.edition import mode_of
from pydoom.game.level import Level, find_level
from pydoom.game.rules import Rules
from pydoom.game.savegame import SaveFolder
from pydoom.game.session import Session
from pydoom.run.loop import Loop
from pydoom.run.machine import Machine
from pydoom.sim.rules import GameVersion, StrayMemory
from pydoom.wad import load
from tests.conftest import ROOT

PAGE = ROOT / "docs" / "flags.md"
MANUAL = Path("/usr/share/man/man6/chocolate-doom.6.gz")
ARGUMENTS = {
    "-config": ("settings.toml",),
    "-deh": ("patch.deh",),
    "-donut": ("0x10000", "22"),
    "-episode": ("1",),
    "-file": ("levels.wad",),
    "-gameversion": ("1.9",),
    "-iwad": ("doom.wad",),
    "-loadgame": ("0",),
    "-maxdemo": ("128",),
    "-mb": ("16",),
    "-merge": ("sprites.wad",),
    "-pack": ("tnt",),
    "-playdemo": ("demo1",),
    "-record": ("mine",),
    "-savedir": ("saves",),
    "-setmem": ("dosbox",),
    "-skill": ("0",),
    "-spechit": ("0x01C09C98",),
    "-statdump": ("stats.txt",),
    "-timedemo": ("demo1",),
    "-timer": ("20",),
    "-warp": ("1", "1"),
}
READ_BY_CHOCOLATE_DOOM = """
    1 2 3 aa af altdeath as autojoin avg borderless cdrom config connect deathmatch dedicated deh dehlump
    devparm display donut drone dumpsubstconfig dup episode extraconfig extratics fast file fullscreen
    gameversion geometry height iwad left loadgame localsearch longtics maxdemo mb merge mmap netdemo netlog
    noautoload noblit nocheats nodeh nodes nodraw nofullscreen nograbmouse nogui nomonsters nomouse nomusic
    nomusicpacks nosfx nosound nwtmerge oldsync opldev pack playdemo port privateserver query record
    reject_pad_with_ff respawn response right savedir search server servername setmem shorttics skill solo-net
    spechit statdump strictdemos testcontrols timedemo timer turbo version warp width window zonescan zonezero
"""
"""Everything its source looks for on DOOM's command line (M_CheckParm, M_ParmExists; April 2026), documented or not."""
READ_BY_THE_ORIGINAL = """
    altdeath avg cdrom comdev control deathmatch debugfile devparm drone dup episode extratics fast file left loadgame
    maxdemo mb net netdemo noblit nodraw nojoy nomonsters nomouse nomusic nosfx nosound playdemo port record regdev
    respawn right shdev skill statcopy timedemo timer turbo warp wart
"""
ENDS = ("-help", "-version")
"""They print something and end the program."""


def row(flag: Flag) -> str:
    """The line of a flag in the docs."""
    if flag.refusal:
        return f"| `{flag.name}` | refused | {flag.refusal} |"
    if flag.holds:
        return f"| `{flag.name}` | taken | {flag.holds} |"
    return f"| `{flag.name}` | works | `{' '.join(flag.ours)}` |"


def parsed(*words: str) -> Options:
    return parse_options(list(words))


@pytest.mark.parametrize("flag", FLAGS, ids=lambda flag: flag.name)
def test_each_flag_works_or_is_refused_by_name_with_what_to_use_instead(flag: Flag, tmp_path: Path) -> None:
    if flag.refusal:
        with pytest.raises(OptionsError, match=re.escape(flag.name)) as refused:
            parsed(flag.name)
        assert flag.refusal in str(refused.value)
    elif flag.name == "-response":
        (tmp_path / "words").write_text("-fast")
        assert parsed(flag.name, str(tmp_path / "words")).fast
    elif flag.name in ENDS:
        with pytest.raises(SystemExit) as ended:
            parsed(flag.name)
        assert ended.value.code == 0
    else:
        assert parsed(flag.name.upper(), *ARGUMENTS.get(flag.name, ()), "-respawn").respawn


def test_the_docs_have_the_table_and_nothing_else() -> None:
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `-")]
    assert rows == [row(flag) for flag in FLAGS]


def test_every_option_a_flag_stands_for_exists() -> None:
    known = make_parser()._option_string_actions
    for flag in FLAGS:
        if flag.ours and flag.name != "-response":
            assert flag.ours[0].partition("=")[0] in known, flag


def test_every_flag_of_chocolate_doom_s_manual_is_in_the_table() -> None:
    if not MANUAL.exists():
        pytest.skip("Chocolate Doom's manual page is not installed")
    text = gzip.decompress(MANUAL.read_bytes()).decode("utf-8").replace("\\-", "-")
    named = set(re.findall(r"^\\fB(-[a-z0-9][a-z0-9_-]*)", text, re.MULTILINE))
    assert len(named) > 60
    assert named <= {flag.name for flag in FLAGS}


def test_every_flag_that_the_sources_read_is_in_the_table() -> None:
    assert {f"-{name}" for name in (READ_BY_CHOCOLATE_DOOM + READ_BY_THE_ORIGINAL).split()} <= {f.name for f in FLAGS}


def test_rules_of_multiplayer_games() -> None:
    assert parsed("-solo-net", "-altdeath", "-avg").rules.deathmatch == 2
    rules = parsed("-solo-net", "-deathmatch", "-timer", "5", "-skill", "0").rules
    assert (rules.netgame, rules.deathmatch, rules.timelimit, rules.skill) == (True, 1, 5, -1)
    assert parsed("-avg").rules.timelimit == 20
    assert parsed("-solo-net").starts_level
    assert not parsed("-deathmatch").starts_level


def test_values_of_memory_are_read_as_c_reads_them() -> None:
    stray = parsed("-spechit", "0x84F968E8", "-donut", "010", "7").stray
    assert (stray.spechit, stray.donut_floorheight, stray.donut_floorpic) == (0x84F968E8 - (1 << 32), 8, 7)
    with pytest.raises(OptionsError, match="--spechit"):
        parsed("-spechit", "something")


def test_memory_at_address_0_and_behind_a_short_reject_can_be_chosen() -> None:
    assert parsed().stray == StrayMemory()
    dosbox = parsed("-setmem", "dosbox", "-reject_pad_with_ff").stray
    assert (dosbox.null_floor, dosbox.null_ceiling, dosbox.reject) == (-0x0F000000, 0, 0xFF)
    assert parsed("-setmem", "dos71").stray.null_floor == 0x00C90F9E


def test_the_executable_can_be_chosen() -> None:
    assert parsed().version is None
    assert parsed("-gameversion", "final").version == GameVersion.FINAL
    with pytest.raises(OptionsError, match="--gameversion"):
        parsed("-gameversion", "3.0")


def test_an_older_executable_takes_the_ultimate_doom_for_the_registered_one(wad_path: Path) -> None:
    assets = load(wad_path)
    assets.mode = "retail"
    assert mode_of(assets).name == "RETAIL"
    assert mode_of(assets, GameVersion.DOOM_1_9).name == "REGISTERED"


@pytest.mark.parametrize(
    ("words", "percent"), [((), 100), (("-turbo",), 200), (("-turbo", "5"), 10), (("-turbo", "9000"), 400)]
)
def test_turbo_is_kept_within_the_original_s_limits(words: tuple[str, ...], percent: int) -> None:
    assert parsed(*words).turbo == percent


def test_one_number_is_an_episode_of_doom_and_a_map_of_doom_2(wad_path: Path) -> None:
    assets = load(wad_path)
    mode = mode_of(assets)
    assert find_level("1", mode, assets.map_names) == Level(1, 1)
    assert Level.parse("2", mode) == Level(2, 1)


def test_coarse_turns_and_strict_demos() -> None:
    assert parsed("-shorttics").shorttics
    options = parsed("-record", "x", "-longtics", "-strictdemos", "-maxdemo", "2")
    assert not options.longtics
    assert options.max_demo_bytes == 2048


def test_flags_always_in_effect_are_accepted_with_their_arguments() -> None:
    assert parsed("-mb", "16", "-nogui", "-fast").fast


# -- played


def played(wad_path: Path, folder: Path, *words: str) -> list[list[str]]:
    """The rows of a headless game's trace, by column, until its recording is full."""
    trace = folder / "trace"
    record = ("--record", str(folder / "mine"), "-maxdemo", "1", "--trace", str(trace))
    assert main(["-iwad", str(wad_path), "--headless", "--no-config", *record, *words]) == 0
    return [line.split(",") for line in (folder / "trace.tics.csv").read_text().splitlines()]


def test_a_recording_ends_when_it_is_as_large_as_it_may_be(
    wad_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pydoom.run.loop.Loop._wait_for_tics", lambda _loop: 8)
    played(wad_path, tmp_path, "-warp", "1")
    data = (tmp_path / "mine.lmp").read_bytes()
    # the original ends with the first command that begins in the last 16 bytes
    assert len(data) == 13 + 4 * ((1024 - 16 - 13) // 4 + 1) + 1
    assert main(["-iwad", str(wad_path), "-timedemo", str(tmp_path / "mine")]) == 0


def test_skill_0_is_a_level_without_things_and_deathmatch_starts_at_its_own_places(wad_path: Path) -> None:
    assets = load(wad_path)
    for words, monsters in ((("-skill", "0"), 0), (("-skill", "1"), 4)):
        machine = Machine(assets)
        machine.session.start(parsed(*words).rules, Level(1, 1))
        assert machine.session.world.totalkills == monsters
    machine = Machine(assets)
    machine.session.start(parsed("-solo-net", "-deathmatch").rules, Level(1, 1))
    machine.tic()
    player = machine.session.world.players[0]
    start = next(thing for thing in assets.map("E1M1").things if thing[3] == 1)
    assert player.mo is not None
    assert (player.mo.x >> 16, player.mo.y >> 16) != (start[0], start[1])
    assert all(player.cards[:3])


@pytest.mark.parametrize("data", [bytes(300), bytes(24) + b"version 109".ljust(16, b"\0") + bytes(60)])
def test_a_game_that_cannot_be_loaded_at_the_start_ends_with_one_line(
    wad_path: Path, tmp_path: Path, data: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "doomsav1.dsg").write_bytes(data)
    words = ["-iwad", str(wad_path), "--headless", "--no-config", "-savedir", str(tmp_path), "-loadgame", "1"]
    assert main(words) == 2
    error = capsys.readouterr().err
    assert error.startswith("pydoom: --loadgame 1: ")
    assert error.count("\n") == 1


def test_a_saved_game_is_loaded_at_the_start(
    wad_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["-iwad", str(wad_path), "--headless", "--no-config", "-savedir", str(tmp_path), "-loadgame", "3"]
    assert main(words) == 2
    assert "--loadgame 3: there is no saved game in that slot" in capsys.readouterr().err
    session = Session(load(wad_path), saves=SaveFolder(tmp_path))
    session.start(Rules(skill=3), Level(1, 2))
    session.run_tic()
    session.save_game(3, "there")
    for _ in range(3):
        session.run_tic()
    loaded = []

    def run(loop: Loop) -> None:
        loop.run_frame()
        loaded.append(loop.session.world.map)

    monkeypatch.setattr(Loop, "run", run)
    assert main(words) == 0
    assert loaded == [2]


# -- response files


def test_arguments_of_a_response_file_replace_it(tmp_path: Path) -> None:
    file = tmp_path / "words.rsp"
    file.write_text('-warp 1 3\r\n  -iwad "my doom.wad"\n-skill\t4\n\n')
    for words in ([f"@{file}"], ["-response", str(file)], ["--response", str(file)]):
        options = parse_options([*words, "-fast"])
        assert (options.wad, options.warp, options.skill, options.fast) == ("my doom.wad", ("1", "3"), 4, True)


def test_the_mark_that_windows_editors_put_first_is_not_part_of_a_response_file(tmp_path: Path) -> None:
    file = tmp_path / "options.rsp"
    file.write_bytes(codecs.BOM_UTF8 + b"-warp 1 3\r\n")
    assert parse_options([f"@{file}"]).warp == ("1", "3")


@pytest.mark.parametrize(
    ("content", "complaint"), [('-iwad "my doom.wad', "quotation mark"), ('"a\n"', "quotation mark")]
)
def test_a_broken_response_file_is_reported_in_one_line(tmp_path: Path, content: str, complaint: str) -> None:
    file = tmp_path / "words.rsp"
    file.write_text(content)
    with pytest.raises(OptionsError, match=complaint):
        parsed(f"@{file}")


def test_a_missing_response_file_is_reported_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([f"@{tmp_path / 'nosuch'}"]) == 2
    assert "nosuch: No such file" in capsys.readouterr().err
    assert main(["-response"]) == 2


def test_a_response_file_too_large_for_a_command_line_is_refused(tmp_path: Path) -> None:
    (tmp_path / "long").write_bytes(bytes(MAX_FILE_BYTES + 1))
    with pytest.raises(OptionsError, match="too large"):
        parsed(f"@{tmp_path / 'long'}")
