"""What becomes of containers and their monsters, in the real first level."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pydoom.containers.fleet import fleet as fleet_module
from pydoom.containers.fleet.lifecycle import Phase
from pydoom.containers.fleet.roster import Entry
from pydoom.containers.level.bonds import look_of
from pydoom.containers.link.events import (
    Added,
    Changed,
    Connected,
    ContainerInfo,
    Disconnected,
    EngineState,
    Kill,
    KillDone,
    KillFailed,
    Listed,
    Removed,
    Wound,
)
from pydoom.data.flags import MF_COUNTKILL, MF_SHOOTABLE, MF_SOLID
from pydoom.data.info import WP_SHOTGUN
from pydoom.data.mobj_ids import MT_BARREL, MT_ROCKET, MT_TROOP
from pydoom.game.level import Level
from pydoom.game.rules import Rules
from pydoom.render.colours import NORMAL, TINT
from pydoom.sim import links, spawning
from pydoom.sim.constants import ONFLOORZ
from pydoom.sim.damage import damage_mobj
from pydoom.wad import Assets
from tests.unit.containerplay import Play


@pytest.fixture
def play(assets: Assets) -> Play:
    return Play(assets)


def label(play: Play, entry: Entry) -> str:
    """The name over the container's monster if there is room."""
    return play.layer.roster.labels(entry)[0]


class TestKills:
    def test_a_kill_is_sent_once_with_the_weapon_and_the_corpse_stays(self, play: Play) -> None:
        victim, other = play.fleet(2)
        play.world.players[0].readyweapon = WP_SHOTGUN
        play.shoot(victim)
        assert play.client.orders == [Kill(victim.id, "shotgun")]
        play.shoot(victim)
        play.tell(KillDone(victim.id, "remove", False), Removed(victim.id), tics=100)
        assert len(play.client.orders) == 1
        corpse = play.monster(victim)
        assert play.phase(victim) is Phase.GONE
        assert not corpse.removed
        assert corpse.health <= 0
        assert play.phase(other) is Phase.ALIVE
        assert "name-0 is removed (shotgun)" in play.said

    def test_removed_may_be_heard_before_the_answer(self, play: Play) -> None:
        (victim,) = play.fleet(1)
        play.shoot(victim)
        play.tell(Removed(victim.id), KillDone(victim.id, "remove", False))
        assert play.phase(victim) is Phase.GONE

    def test_a_rocket_says_what_it_was(self, play: Play) -> None:
        (victim,) = play.fleet(1)
        rocket = spawning.spawn_mobj(play.world, 0, 0, 0, MT_ROCKET)
        damage_mobj(play.world, play.monster(victim), rocket, play.player, 1000)
        assert play.client.orders == [Kill(victim.id, "rocket launcher")]

    def test_only_the_player_s_damage_counts(self, play: Play) -> None:
        (victim,) = play.fleet(1)
        monster = play.monster(victim)
        imp = spawning.spawn_mobj(play.world, 0, 0, ONFLOORZ, MT_TROOP)
        barrel = spawning.spawn_mobj(play.world, 0, 0, ONFLOORZ, MT_BARREL)
        damage_mobj(play.world, monster, imp, imp, 1000)
        damage_mobj(play.world, monster, None, None, 1000)
        damage_mobj(play.world, monster, barrel, None, 1000)
        damage_mobj(play.world, monster, barrel, imp, 1000)
        assert monster.health == monster.info.spawnhealth
        damage_mobj(play.world, monster, barrel, play.player, 1000)
        assert play.client.orders == [Kill(victim.id, "barrel")]

    def test_without_safety_everything_counts(self, assets: Assets) -> None:
        play = Play(assets, safety=False)
        (victim,) = play.fleet(1)
        damage_mobj(play.world, play.monster(victim), None, None, 1000)
        assert play.client.orders == [Kill(victim.id, "")]

    @pytest.mark.parametrize(
        ("code", "words"),
        [("protected", "is protected"), ("denied", "may not be killed"), ("engine-down", "engine down")],
    )
    def test_a_refused_kill_raises_the_monster_and_says_why(self, play: Play, code: str, words: str) -> None:
        (victim,) = play.fleet(1)
        play.shoot(victim)
        play.run(60)
        play.tell(KillFailed(victim.id, code, "?"), tics=90)
        monster = play.monster(victim)
        assert play.phase(victim) is Phase.ALIVE
        assert monster.health == monster.info.spawnhealth
        assert monster.flags & (MF_SOLID | MF_SHOOTABLE) == MF_SOLID | MF_SHOOTABLE
        assert monster.height == monster.info.height
        assert any(words in text for text in play.said)
        play.shoot(victim)
        assert len(play.client.orders) == 2

    def test_a_container_still_there_after_the_grace_time_rises(
        self, play: Play, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(fleet_module, "GRACE_TICS", 35)
        (victim,) = play.fleet(1)
        play.shoot(victim)
        play.tell(KillDone(victim.id, "remove", False), tics=30)
        assert play.phase(victim) is Phase.DYING
        play.run(60)
        assert play.phase(victim) is Phase.ALIVE
        assert "name-0 is still there" in play.said

    def test_a_dry_run_raises(self, play: Play) -> None:
        (victim,) = play.fleet(1)
        play.shoot(victim)
        play.tell(KillDone(victim.id, "remove", True), tics=60)
        assert play.phase(victim) is Phase.ALIVE
        assert "name-0 lives: dry run (pistol)" in play.said

    def test_a_kill_not_answered_by_a_lost_bridge_is_settled_by_the_next_list(self, play: Play) -> None:
        one, two = play.fleet(2)
        play.shoot(one)
        play.shoot(two)
        play.tell(Disconnected("gone"), tics=60)
        assert play.layer.status() == "BRIDGE AWAY"
        play.tell(Connected(), EngineState(True), Listed((two,)), tics=20)
        assert play.phase(one) is Phase.GONE
        assert play.phase(two) is Phase.ALIVE
        assert play.layer.status() == ""

    def test_a_corpse_with_something_on_it_waits_to_rise(self, play: Play) -> None:
        (victim,) = play.fleet(1)
        play.shoot(victim)
        play.run(60)
        corpse, player = play.monster(victim), play.player
        links.unset_thing_position(play.world, player)
        player.x, player.y = corpse.x, corpse.y
        links.set_thing_position(play.world, player)
        player.z = player.floorz = corpse.floorz
        play.tell(KillFailed(victim.id, "failed", ""), tics=20)
        assert play.phase(victim) is Phase.RISING
        links.unset_thing_position(play.world, player)
        player.x += 200 << 16
        links.set_thing_position(play.world, player)
        play.run(5)
        assert play.phase(victim) is Phase.ALIVE


class TestRoster:
    def test_newcomers_appear_and_departures_leave_no_corpse(self, play: Play) -> None:
        (first,) = play.fleet(1)
        second = ContainerInfo("new", "newcomer")
        play.tell(Added(second), tics=110)
        assert play.phase(second) is Phase.ALIVE
        monster = play.monster(first)
        play.tell(Removed(first.id), tics=60)
        assert monster.removed
        assert first.id not in play.layer.roster.entries
        assert {"newcomer appears", "name-0 has left"} <= set(play.said)

    def test_protected_containers_are_blue_and_cannot_be_hurt(self, play: Play) -> None:
        container = ContainerInfo("p", "precious", protected=True)
        play.tell(Listed((container,)))
        monster = play.monster(container)
        assert look_of(monster) == TINT
        play.shoot(container)
        play.run(5)
        assert monster.health == monster.info.spawnhealth
        assert play.client.orders == []
        assert "precious is protected" in play.said
        play.tell(Changed(replace(container, protected=False)))
        assert look_of(monster) == NORMAL
        play.shoot(container)
        assert play.client.orders == [Kill("p", "pistol")]

    def test_container_monsters_do_not_count_as_the_level_s_kills(self, play: Play) -> None:
        total = play.world.totalkills
        (victim,) = play.fleet(1)
        assert not play.monster(victim).flags & MF_COUNTKILL
        play.shoot(victim)
        assert (play.world.totalkills, play.world.players[0].killcount) == (total, 0)

    def test_one_that_an_arch_vile_has_raised_does_not_count_either(self, play: Play) -> None:
        (victim,) = play.fleet(1)
        play.monster(victim).flags |= MF_COUNTKILL  # as the arch-vile leaves it
        play.shoot(victim)
        assert play.world.players[0].killcount == 0

    def test_the_living_follow_into_the_next_level(self, play: Play) -> None:
        dead, alive = play.fleet(2)
        play.shoot(dead)
        play.tell(Removed(dead.id))
        play.session.start(Rules(), Level(1, 2))
        play.run(40)
        assert list(play.layer.roster.entries) == [alive.id]
        assert play.monster(alive) in play.world.thinkers

    def test_a_kill_in_progress_survives_the_change_of_level(self, play: Play) -> None:
        one, two = play.fleet(2)
        play.shoot(one)
        play.shoot(two)
        play.session.start(Rules(), Level(1, 2))
        play.tell(KillFailed(one.id, "conflict", ""), KillDone(two.id, "remove", False), Removed(two.id), tics=40)
        assert play.phase(one) is Phase.ALIVE
        assert two.id not in play.layer.roster.entries

    def test_the_first_wound_is_reported_if_the_bridge_wants_wounds(self, play: Play) -> None:
        play.tell(Connected(wound=True))
        (victim,) = play.fleet(1)
        play.shoot(victim, 5)
        play.shoot(victim, 5)
        assert play.client.orders == [Wound(victim.id, "pistol")]

    def test_the_engine_s_state_is_shown(self, play: Play) -> None:
        play.fleet(1)
        play.tell(EngineState(False), tics=60)
        assert play.layer.status() == "ENGINE DOWN"
        assert "the container engine is down" in play.said
        play.tell(EngineState(True), tics=60)
        assert play.layer.status() == ""


def test_a_container_that_is_started_again_rises_with_its_count(play: Play) -> None:
    (victim,) = play.fleet(1)
    play.shoot(victim)
    play.tell(KillDone(victim.id, "kill", False), Removed(victim.id), tics=60)
    play.tell(Added(victim), tics=40)
    entry = play.layer.roster.entries[victim.id]
    assert (entry.phase, label(play, entry)) == (Phase.ALIVE, "name-0 x1")


def test_a_container_recreated_under_a_killed_one_s_name_rises_from_its_corpse(play: Play) -> None:
    (victim,) = play.fleet(1)
    corpse = play.monster(victim)
    play.shoot(victim)
    play.tell(KillDone(victim.id, "remove", False), Removed(victim.id), tics=60)
    anew = ContainerInfo("another-id", victim.name, created=5)
    play.tell(Added(anew), tics=40)
    entry = play.layer.roster.entries[anew.id]
    assert (entry.phase, label(play, entry), entry.mobj) == (Phase.ALIVE, "name-0 x1", corpse)
    assert victim.id not in play.layer.roster.entries
    play.client.orders.clear()
    play.shoot(anew)
    assert play.client.orders == [Kill(anew.id, "pistol")]


def test_a_restart_between_the_shot_and_the_answer_raises_it_once(play: Play) -> None:
    (victim,) = play.fleet(1)
    play.shoot(victim)
    play.tell(Changed(replace(victim, restarts=1)), KillDone(victim.id, "restart", False), tics=60)
    entry = play.layer.roster.entries[victim.id]
    assert (entry.phase, label(play, entry)) == (Phase.ALIVE, "name-0 x1")
    assert [death.what for death in play.layer.record.level] == ["is restarted"]


def test_a_container_that_restarts_by_itself_shows_its_count(play: Play) -> None:
    (container,) = play.fleet(1)
    play.tell(Changed(replace(container, restarts=3)), tics=5)
    entry = play.layer.roster.entries[container.id]
    assert (entry.phase, label(play, entry)) == (Phase.ALIVE, "name-0 x3")


def test_a_session_without_a_level_is_left_alone(play: Play) -> None:
    gone, *_ = play.fleet(3)
    monster = play.monster(gone)
    play.session.start_title()
    play.run(2)
    newcomer = ContainerInfo("x", "x")
    play.tell(Removed(gone.id), Added(newcomer), tics=40)
    assert not monster.removed
    assert (play.phase(gone), play.phase(newcomer)) == (Phase.LEAVING, Phase.WAITING)
    play.session.start(Rules(), Level(1, 1))
    play.run(40)
    assert gone.id not in play.layer.roster.entries
    assert play.phase(newcomer) is Phase.ALIVE


def test_events_may_come_at_any_time_and_the_level_follows_at_the_next_tic(play: Play) -> None:
    gone, _ = play.fleet(2)
    monster = play.monster(gone)
    newcomer = ContainerInfo("new", "newcomer")
    thinkers = list(play.world.thinkers)
    play.client.news += [Removed(gone.id), Added(newcomer)]
    play.layer.hear()
    assert play.world.thinkers == thinkers
    assert not monster.removed
    play.run(3)
    assert monster.removed
    assert gone.id not in play.layer.roster.entries
    assert play.phase(newcomer) is Phase.ALIVE


def test_a_container_that_is_back_before_its_monster_has_left_keeps_it(play: Play) -> None:
    (container,) = play.fleet(1)
    monster = play.monster(container)
    play.tell(Removed(container.id), Added(container), tics=3)
    assert play.monster(container) is monster
    assert play.phase(container) is Phase.ALIVE
    play.shoot(container)
    assert play.client.orders == [Kill(container.id, "pistol")]


def test_a_container_recreated_again_and_again_rises_each_time(play: Play) -> None:
    (container,) = play.fleet(1)
    corpse = play.monster(container)
    for number in range(1, 4):
        play.shoot(container)
        play.tell(KillDone(container.id, "remove", False), Removed(container.id), tics=60)
        container = ContainerInfo(f"id-0-{number}", container.name)
        play.tell(Added(container), tics=40)
        assert play.monster(container) is corpse
        assert label(play, play.layer.roster.entries[container.id]) == f"name-0 x{number}"
    assert len(play.layer.roster.entries) == 1


def test_a_renamed_container_keeps_its_monster_which_bears_the_new_name(play: Play) -> None:
    (container,) = play.fleet(1)
    monster = play.monster(container)
    play.tell(Changed(replace(container, name="renamed")))
    assert play.monster(container) is monster
    assert label(play, play.layer.roster.entries[container.id]) == "renamed"
    play.shoot(container)
    play.tell(KillDone(container.id, "remove", False), Removed(container.id), tics=60)
    assert "renamed is removed (pistol)" in play.said


def test_what_happened_while_the_bridge_was_away_shows_when_it_is_back(play: Play) -> None:
    stays, goes = play.fleet(2)
    left, kept = play.monster(goes), play.monster(stays)
    play.tell(Disconnected("gone"), tics=60)
    assert (play.phase(stays), play.phase(goes)) == (Phase.ALIVE, Phase.ALIVE)
    newcomer = ContainerInfo("new", "newcomer", created=9)
    play.tell(Connected(), Listed((stays, newcomer)), tics=60)
    assert play.monster(stays) is kept
    assert left.removed
    assert goes.id not in play.layer.roster.entries
    assert play.phase(newcomer) is Phase.ALIVE
    assert "the bridge is back" in play.said


def test_a_kill_carries_the_connection_it_was_given_in(play: Play) -> None:
    one, two = play.fleet(2)
    play.shoot(one)
    play.tell(Disconnected("gone"), Connected(), Listed((one, two)))
    play.shoot(two)
    assert [order.connection for order in play.client.orders] == [1, 2]
