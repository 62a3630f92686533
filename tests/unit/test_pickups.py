import pytest

from pydoom.data import mobj_ids, strings
from pydoom.data.flags import MF_COUNTITEM, MF_DROPPED, MF_SHADOW
from pydoom.data.info import (
    AM_CELL,
    AM_CLIP,
    AM_MISL,
    AM_SHELL,
    WP_CHAINGUN,
    WP_CHAINSAW,
    WP_FIST,
    WP_NOCHANGE,
    WP_PISTOL,
    WP_SHOTGUN,
)
from pydoom.data.sound_ids import SFX_GETPOW, SFX_ITEMUP, SFX_WPNUP
from pydoom.sim import links, pickups
from pydoom.sim.fixed import FRACUNIT
from pydoom.sim.player import IT_REDCARD, PW_ALLMAP, PW_INVISIBILITY, PW_STRENGTH
from pydoom.sim.rules import SK_BABY, SK_MEDIUM, SK_NIGHTMARE, GameMode
from tests.unit.rooms import Rooms


class ItemRoom(Rooms):
    """A room with a player who has a pistol and 50 bullets; things lie in no list, so unlinking them is nothing."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__(GameMode.COMMERCIAL)
        monkeypatch.setattr(links, "unset_thing_position", lambda world, mobj: None)
        self.room = self.sector()
        self.world.playeringame[0] = True
        self.player = self.world.players[0]
        self.mo = self.thing(self.room, mobj_ids.MT_PLAYER, player=0)
        player = self.player
        player.health = self.mo.health = 100
        player.ammo = [50, 0, 0, 0]
        player.maxammo = [200, 50, 300, 50]
        player.weaponowned[WP_FIST] = player.weaponowned[WP_PISTOL] = True
        player.readyweapon = WP_PISTOL
        player.pendingweapon = WP_NOCHANGE


@pytest.fixture
def rooms(monkeypatch: pytest.MonkeyPatch) -> ItemRoom:
    return ItemRoom(monkeypatch)


def touch(rooms: ItemRoom, kind: int, flags: int = 0) -> bool:
    """The player walks over a thing of this type; returns whether it was taken."""
    special = rooms.thing(rooms.room, kind)
    info = rooms.world.info
    special.sprite = info.states[info.mobjinfo[kind].spawnstate].sprite
    special.flags |= flags
    pickups.touch_special_thing(rooms.world, special, rooms.mo)
    return bool(special.removed)


def test_clip_gives_ten_bullets_and_a_dropped_one_five(rooms: ItemRoom) -> None:
    assert touch(rooms, mobj_ids.MT_CLIP)
    assert rooms.player.ammo[AM_CLIP] == 60
    assert touch(rooms, mobj_ids.MT_CLIP, MF_DROPPED)
    assert rooms.player.ammo[AM_CLIP] == 65
    assert rooms.player.message == strings.GOTCLIP
    assert rooms.sounds.started == [(None, SFX_ITEMUP)] * 2
    assert rooms.player.bonuscount == 2 * pickups.BONUSADD


@pytest.mark.parametrize(("skill", "bullets"), [(SK_BABY, 20), (SK_MEDIUM, 10), (SK_NIGHTMARE, 20)])
def test_easiest_and_hardest_skill_double_ammunition(rooms: ItemRoom, skill: int, bullets: int) -> None:
    rooms.world.skill = skill
    touch(rooms, mobj_ids.MT_CLIP)
    assert rooms.player.ammo[AM_CLIP] == 50 + bullets


def test_ammunition_stops_at_the_maximum_and_the_rest_is_left(rooms: ItemRoom) -> None:
    rooms.player.ammo[AM_CLIP] = 195
    assert touch(rooms, mobj_ids.MT_CLIP)
    assert rooms.player.ammo[AM_CLIP] == 200
    assert not touch(rooms, mobj_ids.MT_CLIP)


def test_backpack_doubles_what_can_be_carried_once(rooms: ItemRoom) -> None:
    assert touch(rooms, mobj_ids.MT_MISC24)
    assert touch(rooms, mobj_ids.MT_MISC24)
    assert rooms.player.maxammo == [400, 100, 600, 100]
    assert rooms.player.ammo == [70, 8, 40, 2]


def test_first_shells_bring_up_the_shotgun(rooms: ItemRoom) -> None:
    rooms.player.weaponowned[WP_SHOTGUN] = True
    touch(rooms, mobj_ids.MT_MISC22)
    assert rooms.player.ammo[AM_SHELL] == 4
    assert rooms.player.pendingweapon == WP_SHOTGUN


def test_more_bullets_do_not_change_the_weapon(rooms: ItemRoom) -> None:
    rooms.player.readyweapon = WP_FIST
    rooms.player.weaponowned[WP_CHAINGUN] = True
    touch(rooms, mobj_ids.MT_CLIP)
    assert rooms.player.pendingweapon == WP_NOCHANGE
    rooms.player.ammo[AM_CLIP] = 0
    touch(rooms, mobj_ids.MT_CLIP)
    assert rooms.player.pendingweapon == WP_CHAINGUN


def test_found_shotgun_brings_eight_shells_and_a_dropped_one_four(rooms: ItemRoom) -> None:
    assert touch(rooms, mobj_ids.MT_SHOTGUN)
    assert rooms.player.ammo[AM_SHELL] == 8
    assert rooms.player.pendingweapon == WP_SHOTGUN
    assert rooms.sounds.started == [(None, SFX_WPNUP)]
    assert touch(rooms, mobj_ids.MT_SHOTGUN, MF_DROPPED)
    assert rooms.player.ammo[AM_SHELL] == 12


def test_weapon_owned_with_full_ammunition_is_left(rooms: ItemRoom) -> None:
    rooms.player.weaponowned[WP_CHAINSAW] = True
    assert not touch(rooms, mobj_ids.MT_MISC26)


def test_placed_weapons_stay_in_net_games_but_are_given_once(rooms: ItemRoom) -> None:
    rooms.world.netgame = True
    assert not touch(rooms, mobj_ids.MT_SHOTGUN)
    assert rooms.player.weaponowned[WP_SHOTGUN]
    assert rooms.player.ammo[AM_SHELL] == 8
    assert rooms.player.message is None
    assert rooms.sounds.started == [(None, SFX_WPNUP)]
    assert not touch(rooms, mobj_ids.MT_SHOTGUN)
    assert rooms.player.ammo[AM_SHELL] == 8


def test_deathmatch_weapons_bring_five_clips(rooms: ItemRoom) -> None:
    rooms.world.netgame, rooms.world.deathmatch = True, 1
    assert not touch(rooms, mobj_ids.MT_SHOTGUN)
    assert rooms.player.ammo[AM_SHELL] == 20


def test_altdeath_weapons_are_taken_away(rooms: ItemRoom) -> None:
    rooms.world.netgame, rooms.world.deathmatch = True, 2
    assert touch(rooms, mobj_ids.MT_SHOTGUN)


def test_key_is_taken_alone_and_stays_in_net_games(rooms: ItemRoom) -> None:
    assert touch(rooms, mobj_ids.MT_MISC5)
    assert rooms.player.cards[IT_REDCARD]
    assert rooms.player.message == strings.GOTREDCARD
    rooms.world.netgame = True
    rooms.player.message = None
    assert not touch(rooms, mobj_ids.MT_MISC5)
    assert rooms.player.message is None


def test_stimpack_heals_to_a_hundred_at_most(rooms: ItemRoom) -> None:
    assert not touch(rooms, mobj_ids.MT_MISC10)
    rooms.player.health = 95
    assert touch(rooms, mobj_ids.MT_MISC10)
    assert rooms.player.health == rooms.mo.health == 100


def test_medikit_is_never_really_needed(rooms: ItemRoom) -> None:
    rooms.player.health = 1
    assert touch(rooms, mobj_ids.MT_MISC11)
    assert rooms.player.health == 26
    assert rooms.player.message == strings.GOTMEDIKIT


def test_bonuses_go_to_two_hundred(rooms: ItemRoom) -> None:
    rooms.player.health = 199
    touch(rooms, mobj_ids.MT_MISC2)
    touch(rooms, mobj_ids.MT_MISC2)
    assert rooms.player.health == 200
    touch(rooms, mobj_ids.MT_MISC3)
    assert (rooms.player.armorpoints, rooms.player.armortype) == (1, 1)


def test_worse_armor_is_left(rooms: ItemRoom) -> None:
    assert touch(rooms, mobj_ids.MT_MISC1)
    assert (rooms.player.armorpoints, rooms.player.armortype) == (200, 2)
    assert not touch(rooms, mobj_ids.MT_MISC0)


def test_megasphere_exists_in_doom_2_only(rooms: ItemRoom) -> None:
    rooms.world.mode = GameMode.RETAIL
    assert not touch(rooms, mobj_ids.MT_MEGA)
    rooms.world.mode = GameMode.COMMERCIAL
    assert touch(rooms, mobj_ids.MT_MEGA)
    assert (rooms.player.health, rooms.player.armorpoints) == (200, 200)
    assert rooms.sounds.started == [(None, SFX_GETPOW)]


def test_berserk_heals_and_brings_up_the_fist(rooms: ItemRoom) -> None:
    rooms.player.health = 40
    assert touch(rooms, mobj_ids.MT_MISC13)
    assert rooms.player.health == 100
    assert rooms.player.powers[PW_STRENGTH] == 1
    assert rooms.player.pendingweapon == WP_FIST


def test_invisibility_can_be_renewed_and_the_map_not_taken_twice(rooms: ItemRoom) -> None:
    assert touch(rooms, mobj_ids.MT_INS)
    rooms.player.powers[PW_INVISIBILITY] = 5
    assert touch(rooms, mobj_ids.MT_INS)
    assert rooms.player.powers[PW_INVISIBILITY] == 60 * 35
    assert rooms.mo.flags & MF_SHADOW
    assert touch(rooms, mobj_ids.MT_MISC15)
    assert rooms.player.powers[PW_ALLMAP] == 1
    assert not touch(rooms, mobj_ids.MT_MISC15)


def test_items_count_and_corpses_take_nothing(rooms: ItemRoom) -> None:
    touch(rooms, mobj_ids.MT_MISC2, MF_COUNTITEM)
    assert rooms.player.itemcount == 1
    rooms.mo.health = 0
    assert not touch(rooms, mobj_ids.MT_MISC2)


def test_things_out_of_reach_stay(rooms: ItemRoom) -> None:
    rooms.mo.z = 9 * FRACUNIT
    assert not touch(rooms, mobj_ids.MT_MISC2)
    rooms.mo.z = 8 * FRACUNIT
    assert touch(rooms, mobj_ids.MT_MISC2)


def test_only_the_console_player_hears_the_pickup(rooms: ItemRoom) -> None:
    rooms.world.consoleplayer = 1
    touch(rooms, mobj_ids.MT_CLIP)
    assert rooms.sounds.started == []


def test_a_patch_replaces_messages_by_their_wording(rooms: ItemRoom) -> None:
    rooms.world.info.replaced_text[strings.GOTCLIP] = "Bullets!"
    touch(rooms, mobj_ids.MT_CLIP)
    assert rooms.player.message == "Bullets!"


@pytest.mark.parametrize(
    ("kind", "ammo", "amount"),
    [
        (mobj_ids.MT_MISC17, AM_CLIP, 50),
        (mobj_ids.MT_MISC18, AM_MISL, 1),
        (mobj_ids.MT_MISC19, AM_MISL, 5),
        (mobj_ids.MT_MISC20, AM_CELL, 20),
        (mobj_ids.MT_MISC21, AM_CELL, 100),
        (mobj_ids.MT_MISC23, AM_SHELL, 20),
    ],
)
def test_boxes_hold_five_clips(rooms: ItemRoom, kind: int, ammo: int, amount: int) -> None:
    rooms.player.ammo = [0, 0, 0, 0]
    assert touch(rooms, kind)
    assert rooms.player.ammo[ammo] == amount


def test_every_item_of_the_game_can_be_taken(rooms: ItemRoom) -> None:
    from pydoom.data.flags import MF_SPECIAL

    for info in rooms.world.info.mobjinfo:
        if info.flags & MF_SPECIAL:
            rooms.player.health, rooms.player.armorpoints, rooms.player.armortype = 10, 0, 0
            rooms.player.ammo = [0, 0, 0, 0]
            rooms.player.powers[PW_ALLMAP] = 0
            assert touch(rooms, info.index), info.name
