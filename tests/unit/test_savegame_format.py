import struct

import pytest

from pydoom.game import dsg
from pydoom.game.dsg import ArchivedGame, Header, SaveError, Shape, SpecialClass

SHAPE = Shape(
    sectors=1,
    sides_of_lines=[2, 1],
    textures=10,
    flats=5,
    thing_states=frozenset(range(90, 967)),
    weapon_states=frozenset(range(1, 90)),
    mobj_types=137,
    mobj_size=128 << 16,
    frames_of_sprites=[29] * 138,
)
FLAT = dict.fromkeys(dsg.SECTOR.names, 1)
SIDE = dict.fromkeys(dsg.SIDE.names, 2)
LINE = {"flags": 4, "special": 1, "tag": 7}


def small_game(**changes: object) -> ArchivedGame:
    """One player with a body in one sector with two lines, and a ceiling moving."""
    saved = ArchivedGame(Header("a game", 2, 1, 3, [True, False, False, False], 0x010203))
    saved.players = {0: {"health": 77, "readyweapon": 1, "pendingweapon": 10, "psp0_state": 12}}
    saved.sectors = [FLAT]
    saved.lines = [(LINE, [SIDE, SIDE]), (LINE, [SIDE])]
    saved.mobjs = [{"type": 0, "state": 149, "player": 1, "x": -1, "angle": 0x80000000}]
    saved.specials = [(SpecialClass.CEILING, {"type": 3, "speed": 65536, "direction": -1, "function": 1})]
    for name, value in changes.items():
        setattr(saved, name, value)
    return saved


def test_header_is_fifty_bytes_as_in_the_original() -> None:
    data = dsg.pack(small_game())
    assert data[:24] == b"a game".ljust(24, b"\0")
    assert data[24:40] == b"version 109\0\0\0\0\0"
    assert data[40:43] == bytes((2, 1, 3))
    assert data[43:47] == bytes((1, 0, 0, 0))
    assert data[47:50] == bytes((1, 2, 3))  # level time, most significant byte first


def test_player_mobj_and_special_begin_at_multiples_of_four() -> None:
    data = dsg.pack(small_game())
    assert data[50:52] == b"\0\0"
    world = 52 + dsg.PLAYER.size
    assert struct.unpack_from("<7h", data, world) == (1,) * 7
    mobj = world + 14 + 2 * 6 + 3 * 10
    assert data[mobj] == 1
    body = (mobj + 4) & ~3
    assert struct.unpack_from("<i", data, body + 12) == (-1,)
    special = body + dsg.MOBJ.size + 1
    assert data[special - 1] == 0  # no more mobjs
    assert data[special] == SpecialClass.CEILING
    assert data[-2:] == bytes((SpecialClass.END, 0x1D))
    assert len(data) == ((special + 4) & ~3) + dsg.SPECIALS[SpecialClass.CEILING].size + 2


@pytest.mark.parametrize(
    ("kind", "size"),
    [("CEILING", 48), ("DOOR", 40), ("FLOOR", 42), ("PLAT", 56), ("FLASH", 36), ("STROBE", 36), ("GLOW", 28)],
)
def test_specials_have_the_original_sizes(kind: str, size: int) -> None:
    assert dsg.SPECIALS[SpecialClass[kind]].size == size


def test_player_and_mobj_have_the_original_sizes() -> None:
    assert (dsg.PLAYER.size, dsg.MOBJ.size) == (280, 154)


def test_what_is_written_is_read_again() -> None:
    saved = dsg.parse(dsg.pack(small_game()), SHAPE)
    assert saved.header == small_game().header
    assert saved.players[0]["health"] == 77
    assert saved.lines == [(LINE, [SIDE, SIDE]), (LINE, [SIDE])]
    assert saved.mobjs[0]["x"] == -1
    assert saved.mobjs[0]["angle"] == 0x80000000
    assert saved.specials[0][1]["direction"] == -1
    assert dsg.pack(saved) == dsg.pack(small_game())


def test_long_names_are_cut_to_23_characters() -> None:
    saved = small_game()
    saved.header.description = "x" * 40
    assert dsg.read_description(dsg.pack(saved)) == "x" * 23


def test_labels_come_after_the_end_mark_where_the_original_does_not_look() -> None:
    plain, labelled = dsg.pack(small_game()), dsg.pack(small_game(labels={0: "sleepy \N{SNOWMAN}"}))
    assert labelled.startswith(plain)
    assert dsg.parse(labelled, SHAPE).labels == {0: "sleepy \N{SNOWMAN}"}


@pytest.mark.parametrize(
    "rest", [b"garbage", b"\npydoom labels {", b"\npydoom labels [1]", b'\npydoom labels {"9":""}']
)
def test_bytes_after_the_end_mark_never_matter(rest: bytes) -> None:
    assert dsg.parse(dsg.pack(small_game()) + rest, SHAPE).labels == {}


def test_save_cut_anywhere_is_refused() -> None:
    data = dsg.pack(small_game())
    for length in range(len(data)):
        with pytest.raises(SaveError):
            dsg.parse(data[:length], SHAPE)


def test_other_versions_are_refused() -> None:
    data = dsg.pack(small_game()).replace(b"version 109", b"version 110")
    with pytest.raises(SaveError, match=r"not a saved game of DOOM 1\.666 to 1\.9"):
        dsg.parse(data, SHAPE)


@pytest.mark.parametrize(
    "changes",
    [
        {"players": {0: {"playerstate": 3}}},
        {"players": {0: {"readyweapon": 9}}},
        {"players": {0: {"fixedcolormap": 34}}},
        {"players": {0: {"health": -1}}},
        {"players": {0: {"psp1_state": 967}}},
        {"players": {0: {"psp0_state": 174}}},  # a soldier's state
        {"sectors": [{"floorpic": 5}]},
        {"sectors": [{"ceilingpic": -1}]},
        {"lines": [(LINE, [SIDE, SIDE]), (LINE, [{"midtexture": 10}])]},
        {"mobjs": []},
        {"mobjs": [{"player": 2}]},
        {"mobjs": [{"player": 1, "type": 137}]},
        {"mobjs": [{"player": 1, "state": -1}]},
        {"mobjs": [{"player": 1, "state": 80}]},  # a weapon's state
        {"mobjs": [{"player": 1, "radius": 0x7FFFFFFF}]},
        {"mobjs": [{"player": 1, "movedir": 9}]},
        {"mobjs": [{"player": 1, "sprite": 138}]},
        {"mobjs": [{"player": 1, "frame": 29 | 0x8000}]},
        {"specials": [(SpecialClass.GLOW, {"sector": 1})]},
        {"specials": [(SpecialClass.DOOR, {"type": 8})]},
        {"specials": [(SpecialClass.PLAT, {"status": 4})]},
        {"specials": [(SpecialClass.FLOOR, {"type": 11, "texture": 5})]},
    ],
)
def test_references_to_nothing_are_refused(changes: dict[str, object]) -> None:
    with pytest.raises(SaveError, match="damaged"):
        dsg.parse(dsg.pack(small_game(**changes)), SHAPE)


def test_unset_flat_of_an_ordinary_floor_is_accepted() -> None:
    special = (SpecialClass.FLOOR, {"type": 3, "texture": 12345})
    assert dsg.parse(dsg.pack(small_game(specials=[special])), SHAPE).specials[0][1]["texture"] == 12345
