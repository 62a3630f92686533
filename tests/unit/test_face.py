"""The face on the status bar."""

import pytest

from pydoom.data.tables import ANG90
from pydoom.screens import face as faces
from pydoom.screens.face import Face, pain_offset
from pydoom.sim.player import CF_GODMODE, Player
from tests.screenkit import thing_at


@pytest.fixture
def player() -> Player:
    player = Player(0)
    player.health = 100
    player.mo = thing_at(0, 0, ANG90)
    return player


def started(player: Player) -> Face:
    face = Face()
    face.start(player)
    face.update(player, 0)
    return face


def indexes(face: Face, player: Player, tics: int, random_number: int = 0) -> list[int]:
    result = []
    for _ in range(tics):
        face.update(player, random_number)
        result.append(face.index)
    return result


def test_all_forty_two_faces_have_lump_names() -> None:
    names = faces.face_names()
    assert len(names) == 42
    assert names[faces.DEAD_FACE] == "STFDEAD0"
    assert names[8 + faces.GRIN_OFFSET] == "STFEVL1"


@pytest.mark.parametrize(("health", "level"), [(200, 0), (100, 0), (80, 0), (79, 1), (59, 2), (39, 3), (19, 4), (0, 4)])
def test_pain_shows_in_five_levels(health: int, level: int) -> None:
    assert pain_offset(health) == level * faces.FACE_STRIDE


def test_an_idle_face_looks_elsewhere_every_seventeen_tics(player: Player) -> None:
    face = started(player)
    assert indexes(face, player, 17, random_number=5) == [0] * 16 + [2]


def test_a_new_weapon_brings_two_seconds_of_evil_grin(player: Player) -> None:
    face = started(player)
    player.weaponowned[2] = True
    player.bonuscount = 6
    shown = indexes(face, player, 71)
    assert shown[:70] == [faces.GRIN_OFFSET] * 70
    assert shown[70] == 0


def test_other_pickups_leave_the_face_alone(player: Player) -> None:
    face = started(player)
    player.bonuscount = 6
    assert indexes(face, player, 3) == [0, 0, 0]


@pytest.mark.parametrize(
    ("x", "y", "offset"),
    [(0, 100, faces.RAMPAGE_OFFSET), (100, 0, faces.TURN_OFFSET), (-100, 0, faces.TURN_OFFSET + 1)],
)
def test_the_face_turns_to_an_attacker(player: Player, x: int, y: int, offset: int) -> None:
    face = started(player)
    player.damagecount = 5
    player.attacker = thing_at(x, y, ANG90)
    assert indexes(face, player, 1) == [offset]


def test_hurting_oneself_shows_the_angry_face(player: Player) -> None:
    face = started(player)
    player.damagecount = 5
    assert indexes(face, player, 1) == [faces.RAMPAGE_OFFSET]


def test_the_ouch_face_comes_only_with_health_gained_while_hurt(player: Player) -> None:
    player.health = 60
    face = started(player)
    player.health = 10
    player.damagecount = 50
    assert indexes(face, player, 1) == [pain_offset(10) + faces.RAMPAGE_OFFSET]
    player.health = 40
    indexes(face, player, 40)
    player.health = 70
    assert indexes(face, player, 1) == [pain_offset(70) + faces.OUCH_OFFSET]


def test_two_seconds_of_firing_bring_the_rampage_face(player: Player) -> None:
    face = started(player)
    player.attackdown = True
    shown = indexes(face, player, 72)
    assert faces.RAMPAGE_OFFSET not in shown[:70]
    assert shown[70:] == [faces.RAMPAGE_OFFSET] * 2


def test_god_mode_and_death_have_faces_of_their_own(player: Player) -> None:
    face = started(player)
    player.cheats = CF_GODMODE
    assert indexes(face, player, 1) == [faces.GOD_FACE]
    player.health = 0
    assert indexes(face, player, 1) == [faces.DEAD_FACE]
