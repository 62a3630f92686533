import lzma
import os
import stat
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pydoom.data import strings
from pydoom.game import archive, dsg, savegame
from pydoom.game.dsg import SaveError
from pydoom.game.level import Level
from pydoom.game.savegame import LabelKeeper, SaveFolder
from pydoom.game.session import Session
from pydoom.game.state import GameState
from pydoom.sim.mobj import Mobj
from pydoom.sim.specials import ceilings, lights, plats
from pydoom.sim.specials.kinds import CeilingType, PlatType
from pydoom.wad import Assets
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
        (b"\0" * 100, "this is not a saved game of DOOM 1.9"),
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
