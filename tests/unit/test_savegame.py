import lzma
import os
import re
import stat
from pathlib import Path

import omg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pydoom.cli.main import main
from pydoom.data import strings
from pydoom.game import archive, dsg, savegame
from pydoom.game.dsg import SaveError
from pydoom.game.level import Level
from pydoom.game.oldsaves import adopt_old_saves
from pydoom.game.origin import Origin, folder_name
from pydoom.game.savegame import LabelKeeper, SaveFolder
from pydoom.game.session import Session
from pydoom.game.state import GameState
from pydoom.run.loop import Loop
from pydoom.sim.mobj import Mobj
from pydoom.sim.specials import ceilings, lights, plats
from pydoom.sim.specials.kinds import CeilingType, PlatType
from pydoom.wad import Assets, load
from tests.unit.rooms import Rooms

ORIGINAL = Path(__file__).parent.parent / "golden" / "data" / "saves" / "e1m8_raising_floor.chocolate.dsg.xz"
SLOW = settings(
    deadline=None, max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@pytest.fixture
def session(assets: Assets) -> Session:
    """Five tics into E1M1."""
    session = Session(assets)
    session.new_game(2, Level(1, 1))
    for _ in range(5):
        session.run_tic()
    return session


@pytest.fixture(scope="module")
def original() -> bytes:
    """A game that Chocolate Doom saved on E1M8."""
    return lzma.decompress(ORIGINAL.read_bytes())


def everything(session: Session) -> bytes:
    return dsg.pack(archive.archive(session.world, ""))


def test_saved_game_continues_in_another_session(session: Session, assets: Assets, tmp_path: Path) -> None:
    folder = SaveFolder(tmp_path)
    folder.save(session, 3, "at the start")
    assert session.world.players[0].message == strings.GGSAVED
    other = Session(assets)
    folder.load(other, folder.path(3))
    assert other.gamestate == GameState.LEVEL
    assert other.usergame
    assert other.world.leveltime == 5
    assert everything(other) == everything(session)


def test_slots_show_their_descriptions(session: Session, tmp_path: Path) -> None:
    folder = SaveFolder(tmp_path / "made" / "when needed")
    assert folder.description(0) is None
    folder.save(session, 0, "kitchen")
    assert folder.description(0) == "kitchen"
    assert folder.path(0).name == "doomsav0.dsg"
    folder.path(1).write_bytes(b"short")
    assert folder.description(1) is None


def test_failed_save_keeps_the_old_one_and_leaves_nothing_behind(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = SaveFolder(tmp_path)
    folder.save(session, 0, "old")

    def no_room(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", no_room)
    folder.save(session, 0, "new")
    assert session.world.players[0].message == "could not save: No space left on device"
    assert folder.description(0) == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["doomsav0.dsg"]


def test_save_is_private_to_the_player(session: Session, tmp_path: Path) -> None:
    folder = SaveFolder(tmp_path)
    folder.save(session, 0, "x")
    assert not stat.S_IMODE(folder.path(0).stat().st_mode) & 0o077


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "could not load doomsav0.dsg: No such file or directory"),
        (b"", "the saved game is cut short"),
        (b"\0" * 100, "this is not a saved game of DOOM 1.666 to 1.9"),
        (b"x".ljust(24, b"\0") + b"version 109".ljust(16, b"\0") + bytes(3), "the saved game is cut short"),
    ],
)
def test_damaged_save_gets_one_clear_line_and_play_goes_on(
    session: Session, tmp_path: Path, content: bytes | None, message: str
) -> None:
    folder = SaveFolder(tmp_path)
    if content is not None:
        folder.path(0).write_bytes(content)
    before, thinkers = everything(session), list(session.world.thinkers)
    folder.load(session, folder.path(0))
    assert session.world.players[0].message == message
    assert everything(session) == before
    assert all(old is new for old, new in zip(thinkers, session.world.thinkers, strict=True))


def test_save_of_a_map_that_the_wad_lacks_is_refused(session: Session, original: bytes) -> None:
    data = bytearray(original)
    data[41] = 2
    with pytest.raises(SaveError, match="is on E2M8, which this WAD does not have"):
        savegame.parse(bytes(data), session)


def test_monsters_with_labels_find_them_again(session: Session, assets: Assets, tmp_path: Path) -> None:
    monsters = [thinker for thinker in session.world.thinkers if isinstance(thinker, Mobj)][10:12]
    names = {id(monsters[0]): "web-1", id(monsters[1]): "db-1"}
    found: list[tuple[Mobj, str]] = []

    class Labels(LabelKeeper):
        def label_of(self, mobj: Mobj) -> str | None:
            return names.get(id(mobj))

        def labels_loaded(self, labelled: list[tuple[Mobj, str]]) -> None:
            found.extend(labelled)

    folder = SaveFolder(tmp_path, Labels())
    folder.save(session, 0, "x")
    folder.load(Session(assets), folder.path(0))
    assert [(mobj.x, mobj.y, label) for mobj, label in found] == [
        (monsters[0].x, monsters[0].y, "web-1"),
        (monsters[1].x, monsters[1].y, "db-1"),
    ]


def test_stopped_ceilings_are_saved_but_stopped_plats_and_flickering_fires_are_lost() -> None:
    rooms = Rooms()
    crusher, lift = rooms.sector(tag=1), rooms.sector(tag=2)
    crush_line, lift_line = rooms.join(crusher, tag=1), rooms.join(lift, tag=2)
    ceilings.ev_do_ceiling(rooms.world, crush_line, CeilingType.CRUSH_AND_RAISE)
    plats.ev_do_plat(rooms.world, lift_line, PlatType.PERPETUAL_RAISE)
    lights.spawn_fire_flicker(rooms.world, crusher)
    ceilings.ev_ceiling_crush_stop(rooms.world, crush_line)
    plats.ev_stop_plat(rooms.world, lift_line)
    ((kind, fields),) = archive.archive(rooms.world, "").specials
    assert kind == dsg.SpecialClass.CEILING
    assert (fields["function"], fields["direction"], fields["olddirection"]) == (0, 0, -1)


def test_original_save_loads_and_is_saved_unchanged(assets: Assets, original: bytes) -> None:
    session = Session(assets)
    first = savegame.parse(original, session)
    savegame.resume(session, first)
    again = archive.archive(session.world, first.header.description)
    assert len(dsg.pack(again)) == len(original)
    assert again.header == first.header
    assert again.sectors == first.sectors
    assert again.lines == first.lines


@SLOW
@given(data=st.data())
def test_save_with_wrong_bytes_is_refused_or_can_be_played(
    assets: Assets, original: bytes, data: st.DataObject
) -> None:
    damaged = bytearray(original)
    for _ in range(data.draw(st.integers(1, 8))):
        damaged[data.draw(st.integers(24, len(original) - 1))] = data.draw(st.integers(0, 255))
    session = Session(assets)
    try:
        saved = savegame.parse(bytes(damaged), session)
    except SaveError as error:
        assert "\n" not in str(error)
        return
    savegame.resume(session, saved)
    for _ in range(3):
        session.run_tic()


@SLOW
@given(length=st.integers(0, 60000), extra=st.binary(max_size=50))
def test_save_cut_short_or_with_garbage_appended_never_crashes(
    assets: Assets, original: bytes, length: int, extra: bytes
) -> None:
    session = Session(assets)
    data = original[:length] + extra
    if length >= len(original):
        assert savegame.parse(data, session).header.map == 8
    else:
        # garbage may happen to complete the file; anything but an exception of another kind will do
        try:
            savegame.parse(data, session)
        except SaveError as error:
            assert str(error)


# -- whose save it is


def game_of(tmp_path: Path, wad_path: Path, *add_ons: Path, name: str = "doom1.wad") -> Session:
    """A session of the shareware WAD under another name, perhaps with add-ons over it, in E1M1."""
    iwad = tmp_path / name
    if not iwad.exists():
        iwad.symlink_to(wad_path)
    session = Session(load(iwad, *add_ons))
    session.new_game(2, Level(1, 1))
    session.run_tic()
    return session


def add_on(path: Path, wad_path: Path, *, other_level: bool = False) -> Path:
    """A PWAD with a lump that changes nothing, or with E1M2 in the place of E1M1."""
    wad = omg.WAD()
    if other_level:
        wad.maps["E1M1"] = omg.WAD(str(wad_path)).maps["E1M2"]
    else:
        wad.data["README"] = omg.Lump(b"nothing")
    wad.to_file(str(path))
    return path


def refusal(session: Session, path: Path) -> str:
    with pytest.raises(SaveError) as refused:
        savegame.read(path, session)
    return str(refused.value)


def test_a_save_of_another_game_is_refused_by_its_name(wad_path: Path, tmp_path: Path, assets: Assets) -> None:
    saves = SaveFolder(tmp_path)
    saves.save(game_of(tmp_path, wad_path, name="arena.wad"), 0, "elsewhere")
    assert refusal(Session(assets), saves.path(0)) == "this was saved in arena"
    saves.save(game_of(tmp_path, wad_path, name="doom2.wad"), 1, "only the file's name is another game's")
    savegame.read(saves.path(1), Session(assets))


def test_a_save_with_other_add_ons_is_refused_only_if_it_does_not_fit(wad_path: Path, tmp_path: Path) -> None:
    saves, plain = SaveFolder(tmp_path), game_of(tmp_path, wad_path)
    readme, level = add_on(tmp_path / "Readme.wad", wad_path), add_on(tmp_path / "x.wad", wad_path, other_level=True)
    saves.save(game_of(tmp_path, wad_path, readme), 0, "fits")
    savegame.read(saves.path(0), plain)
    saves.save(game_of(tmp_path, wad_path, readme, level), 1, "does not")
    assert refusal(plain, saves.path(1)) == "this was saved in DOOM shareware with readme.wad, x.wad"


def test_a_save_of_another_program_that_does_not_fit_may_be_another_game_s(
    wad_path: Path, tmp_path: Path, original: bytes
) -> None:
    level = add_on(tmp_path / "x.wad", wad_path, other_level=True)
    foreign = dsg.pack(archive.archive(game_of(tmp_path, wad_path, level).world, "from elsewhere"))
    with pytest.raises(SaveError, match="saved in a game other than DOOM shareware, or damaged"):
        savegame.parse(foreign, game_of(tmp_path, wad_path))
    with pytest.raises(SaveError, match="cut short"):
        savegame.parse(original[:3000], game_of(tmp_path, wad_path))


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"[",
        b"7",
        b"[]",
        b"[7]",
        b'["a\\n"]',
        b"[" * 100_000,
        b'["doom2", {}]',
        b'["' + b"x" * 300 + b'"]',
        b"\xff",
    ],
)
def test_a_note_of_the_game_that_makes_no_sense_is_none(line: bytes) -> None:
    assert dsg.read_origin(dsg.ORIGIN_MAGIC + line) is None


def test_labels_and_the_game_stand_side_by_side(session: Session, tmp_path: Path) -> None:
    saved = archive.archive(session.world, "x")
    saved.labels, saved.origin = {0: "web-1"}, Origin("doom1", ("é.wad",))
    data = dsg.pack(saved)
    assert savegame.parse(data, session).labels == {0: "web-1"}
    assert dsg.read_origin(data) == Origin("doom1", ("é.wad",))


@pytest.mark.parametrize(
    ("origin", "patches", "name"),
    [
        (Origin("doom2"), (), "doom2"),
        (Origin("doom2", ("valiant.wad",)), ("Fix.deh",), "doom2+valiant+fix"),
    ],
)
def test_each_game_has_a_folder_called_like_it(origin: Origin, patches: tuple[str, ...], name: str) -> None:
    assert folder_name(origin, map(Path, patches)) == name


def test_folders_stay_apart_however_games_are_called() -> None:
    games = [Origin("doom2", (add_on,)) for add_on in ("a b.wad", "a_b.wad", "a/b.wad", "..wad", "x" * 300, "x" * 301)]
    names = [folder_name(game) for game in games]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z0-9._+-]{1,120}", name) and not name.startswith(".") for name in names)


# -- saves from the time when all games shared one folder


def test_a_game_copies_the_old_saves_that_fit_it_and_leaves_them(wad_path: Path, tmp_path: Path) -> None:
    shared = tmp_path / "saves"
    saves = SaveFolder(shared)
    ours, folder = game_of(tmp_path, wad_path), shared / "doom1"
    level = add_on(tmp_path / "x.wad", wad_path, other_level=True)
    saves.save(ours, 0, "ours")
    saves.save(game_of(tmp_path, wad_path, level), 1, "another game's")
    saves.path(2).write_bytes(b"damaged")
    before = {path.name: path.read_bytes() for path in shared.iterdir()}
    assert adopt_old_saves(shared, folder, ours) == 1
    assert SaveFolder(folder).description(0) == "ours"
    assert [path.name for path in folder.iterdir()] == ["doomsav0.dsg"]
    assert {path.name: path.read_bytes() for path in shared.iterdir() if path.is_file()} == before
    SaveFolder(folder).save(ours, 0, "newer")
    assert adopt_old_saves(shared, folder, ours) == 0
    assert SaveFolder(folder).description(0) == "newer"


def test_copying_old_saves_fails_as_a_whole(wad_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shared, ours = tmp_path / "saves", game_of(tmp_path, wad_path)
    SaveFolder(shared).save(ours, 0, "ours")
    before = sorted(path.name for path in shared.iterdir())

    def no_room(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", no_room)
    with pytest.raises(OSError, match="No space"):
        adopt_old_saves(shared, shared / "doom1", ours)
    assert sorted(path.name for path in shared.iterdir()) == before


def test_the_program_saves_in_a_folder_of_the_game_and_takes_its_old_saves_along(
    wad_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("pydoom.cli.play.user_folder", lambda: tmp_path)
    SaveFolder(tmp_path / "saves").save(game_of(tmp_path, wad_path), 4, "old")
    loops: list[Loop] = []
    monkeypatch.setattr(Loop, "run", lambda loop: loops.append(loop))
    words = ["--wad", str(wad_path), "--headless", "--no-config"]
    assert main([*words, "--loadgame", "4"]) == 0
    assert loops[0].session.saved_name(4) == "old"
    assert (tmp_path / "saves" / "doom1" / "doomsav4.dsg").exists()
    assert "copied 1 of this game from" in capsys.readouterr().err
    assert main([*words, "--file", str(add_on(tmp_path / "more.wad", wad_path))]) == 0
    assert (tmp_path / "saves" / "doom1+more" / "doomsav4.dsg").exists()
