"""Containers as monsters, in the real first level."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pydoom.containers import layer as layer_module
from pydoom.containers.bonds import is_protected
from pydoom.containers.events import (
    Added,
    Changed,
    Connected,
    ContainerInfo,
    Disconnected,
    EngineState,
    Event,
    Kill,
    KillDone,
    KillFailed,
    Order,
    Removed,
    Snapshot,
    Wound,
)
from pydoom.containers.layer import Containers
from pydoom.containers.messages import Messages, elide
from pydoom.containers.overlay import Overlay
from pydoom.containers.pages import age
from pydoom.containers.placement import COURTYARD
from pydoom.containers.roster import Phase
from pydoom.containers.species import Rule, Species
from pydoom.data.flags import MF_COUNTKILL, MF_SHOOTABLE, MF_SOLID
from pydoom.data.info import WP_SHOTGUN
from pydoom.data.mobj_ids import MT_BARREL, MT_BRUISER, MT_POSSESSED, MT_ROCKET, MT_SERGEANT, MT_TROOP
from pydoom.game.displays import LevelStats
from pydoom.game.events import KEY_PGDN, KEY_PGUP, KEY_TAB, KeyEvent
from pydoom.game.savegame import SaveFolder
from pydoom.game.session import Session
from pydoom.game.state import GameState
from pydoom.render.renderer import Renderer
from pydoom.screens.automap import Automap
from pydoom.screens.border import view_window
from pydoom.screens.font import Font
from pydoom.screens.intermission import Intermission
from pydoom.screens.statusbar import StatusBar
from pydoom.sim import links, sight, spawning
from pydoom.sim.constants import ONFLOORZ
from pydoom.sim.damage import damage_mobj
from pydoom.sim.model import Mobj
from pydoom.wad import Assets, load


@pytest.fixture(scope="module")
def assets(wad_path: Path) -> Assets:
    return load(wad_path)


class FakeClient:
    def __init__(self) -> None:
        self.news: list[Event] = []
        self.orders: list[Order] = []

    def events(self) -> Iterator[Event]:
        while self.news:
            yield self.news.pop(0)

    def send(self, order: Order) -> None:
        self.orders.append(order)

    def close(self) -> None:
        pass


class Play:
    """A session in a level with a container layer and a bridge that says what the test wants."""

    def __init__(self, assets: Assets, episode_map: int = 1, safety: bool = True, rule: Rule = Rule.DEMON) -> None:
        self.session = Session(assets)
        self.world = self.session.world
        self.world.playeringame[0] = True
        self.session.init_new(2, 1, episode_map)
        self.client = FakeClient()
        self.renderer = Renderer(assets)
        self.renderer.tinted = is_protected
        self.overlay = Overlay(Font(assets), assets.colormaps, self.renderer.seen_things)
        chosen = Species(rule, self.world.info, assets.sprites)
        self.layer = Containers(self.client, self.overlay, chosen, safety)
        self.said: list[str] = []
        self.run(2)
        while not self.layer._placement.prepare():
            pass
        self.tell(Connected())

    @property
    def player(self) -> Mobj:
        return self.world.players[0].mo

    def tell(self, *news: Event, tics: int = 2) -> None:
        self.client.news += news
        self.run(tics)

    def run(self, tics: int) -> None:
        player = self.world.players[0]
        for _ in range(tics):
            self.layer.before_tic(self.session)
            if player.message:
                self.said.append(player.message)
                player.message = None
            self.session.run_tic()

    def fleet(self, count: int, tics: int = 30) -> list[ContainerInfo]:
        made = [ContainerInfo(f"id-{number}", f"name-{number}", created=number) for number in range(count)]
        self.tell(Snapshot(tuple(made)), tics=tics)
        return made

    def monster(self, container: ContainerInfo) -> Mobj:
        found = self.layer.roster.entries[container.id].mobj
        assert found is not None
        return found

    def phase(self, container: ContainerInfo) -> Phase:
        return self.layer.roster.entries[container.id].phase

    def shoot(self, container: ContainerInfo, damage: int = 1000) -> None:
        damage_mobj(self.world, self.monster(container), self.player, self.player, damage)


@pytest.fixture
def play(assets: Assets) -> Play:
    return Play(assets)


class TestPlacement:
    def test_the_courtyard_of_the_first_level_comes_first(self, play: Play) -> None:
        left, bottom, right, top = COURTYARD
        for container in play.fleet(20):
            monster = play.monster(container)
            assert left < monster.x >> 16 < right
            assert bottom < monster.y >> 16 < top
            assert monster.subsector.sector.ceilingpic == play.world.skyflatnum

    @pytest.mark.parametrize(("number", "count"), [(1, 200), (2, 60), (3, 60), (8, 40)])
    def test_nobody_stands_in_another_or_in_a_wall_or_is_dropped(self, assets: Assets, number: int, count: int) -> None:
        play = Play(assets, number)
        fleet = play.fleet(count, tics=1)
        for _ in range(120):
            play.layer.before_tic(play.session)
        placed = [entry.mobj for entry in play.layer.roster.entries.values() if entry.mobj is not None]
        assert len(placed) + len(play.layer.roster.waiting()) == len(fleet)
        assert len(placed) == count
        for index, one in enumerate(placed):
            assert one.z == one.floorz == one.subsector.sector.floorheight
            assert one.ceilingz - one.floorz >= one.height
            for other in placed[index + 1 :]:
                reach = one.radius + other.radius
                assert abs(one.x - other.x) >= reach or abs(one.y - other.y) >= reach

    def test_outside_the_courtyard_nobody_appears_in_sight(self, assets: Assets) -> None:
        play = Play(assets, 2)
        play.client.news.append(Snapshot(tuple(ContainerInfo(f"id-{n}", f"n{n}") for n in range(50))))
        for _ in range(20):
            play.layer.before_tic(play.session)
        for entry in play.layer.roster.entries.values():
            assert entry.mobj is not None
            assert not sight.check_sight(play.world, play.player, entry.mobj)

    def test_the_same_container_appears_at_the_same_place(self, assets: Assets) -> None:
        places = []
        for _ in range(2):
            play = Play(assets, 3)
            monster = play.monster(play.fleet(1, tics=2)[0])
            places.append((monster.x, monster.y, monster.angle))
        assert places[0] == places[1]

    def test_a_fleet_too_large_waits_and_the_player_is_told(self, play: Play) -> None:
        fleet = play.fleet(1500, tics=1)
        for _ in range(120):
            play.layer.before_tic(play.session)
        waiting = play.layer.roster.waiting()
        placed = [entry for entry in play.layer.roster.entries.values() if entry.mobj is not None]
        assert len(waiting) + len(placed) == len(fleet)
        assert len(placed) > 200
        assert play.layer.status() == f"{len(waiting)} WAITING FOR ROOM"
        play.run(60)
        assert any("containers wait for room" in text for text in play.said)

    def test_those_who_wait_come_when_there_is_room(self, play: Play) -> None:
        play.fleet(1500, tics=1)
        for _ in range(120):
            play.layer.before_tic(play.session)
        before = len(play.layer.roster.waiting())
        for entry in [each for each in play.layer.roster.entries.values() if each.mobj is not None][:50]:
            play.client.news.append(Removed(entry.info.id))
        for _ in range(150):
            play.layer.before_tic(play.session)
        assert len(play.layer.roster.waiting()) < before


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
        assert "name-0 is gone (shotgun)" in play.said

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
        [("protected", "is protected"), ("denied", "may not be killed"), ("engine-down", "the engine is down")],
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
        monkeypatch.setattr(layer_module, "GRACE_TICS", 35)
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

    def test_a_paused_container_lies_until_it_runs_again(self, play: Play) -> None:
        (victim,) = play.fleet(1)
        play.shoot(victim)
        paused = replace(victim, state="paused")
        play.tell(Changed(paused), KillDone(victim.id, "pause", False), tics=600)
        assert play.phase(victim) is Phase.STOPPED
        play.tell(Changed(victim), tics=20)
        assert play.phase(victim) is Phase.ALIVE

    def test_a_kill_not_answered_by_a_lost_bridge_is_settled_by_the_next_list(self, play: Play) -> None:
        one, two = play.fleet(2)
        play.shoot(one)
        play.shoot(two)
        play.tell(Disconnected("gone"), tics=60)
        assert play.layer.status() == "BRIDGE AWAY"
        play.tell(Connected(), EngineState(True), Snapshot((two,)), tics=20)
        assert play.phase(one) is Phase.GONE
        assert play.phase(two) is Phase.ALIVE
        assert play.layer.status() == ""

    def test_a_corpse_with_somebody_on_it_waits_to_rise(self, play: Play) -> None:
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
    def test_newcomers_appear_and_those_who_leave_leave_no_corpse(self, play: Play) -> None:
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
        play.tell(Snapshot((container,)))
        monster = play.monster(container)
        assert is_protected(monster)
        play.shoot(container)
        play.run(5)
        assert monster.health == monster.info.spawnhealth
        assert play.client.orders == []
        assert "precious is protected" in play.said
        play.tell(Changed(replace(container, protected=False)))
        assert not is_protected(monster)
        play.shoot(container)
        assert play.client.orders == [Kill("p", "pistol")]

    def test_they_do_not_count_as_the_level_s_kills(self, play: Play) -> None:
        total = play.world.totalkills
        (victim,) = play.fleet(1)
        assert not play.monster(victim).flags & MF_COUNTKILL
        play.shoot(victim)
        assert (play.world.totalkills, play.world.players[0].killcount) == (total, 0)

    def test_the_living_follow_into_the_next_level(self, play: Play) -> None:
        dead, alive = play.fleet(2)
        play.shoot(dead)
        play.tell(Removed(dead.id))
        play.session.init_new(2, 1, 2)
        play.run(40)
        assert list(play.layer.roster.entries) == [alive.id]
        assert play.monster(alive) in play.world.thinkers

    def test_a_kill_under_way_survives_the_change_of_level(self, play: Play) -> None:
        one, two = play.fleet(2)
        play.shoot(one)
        play.shoot(two)
        play.session.init_new(2, 1, 2)
        play.tell(KillFailed(one.id, "conflict", ""), KillDone(two.id, "remove", False), Removed(two.id), tics=40)
        assert play.phase(one) is Phase.ALIVE
        assert two.id not in play.layer.roster.entries

    def test_the_first_wound_is_told_when_the_bridge_wants_to_know(self, play: Play) -> None:
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


class TestLabels:
    @pytest.fixture
    def facing(self, play: Play) -> Play:
        """The player looks at the only container monster, 200 units away."""
        (container,) = play.fleet(1, tics=2)
        monster, player = play.monster(container), play.player
        for mobj, x in ((monster, 1700), (player, 1900)):
            links.unset_thing_position(play.world, mobj)
            mobj.x, mobj.y = x << 16, -3550 << 16
            links.set_thing_position(play.world, mobj)
            mobj.z = mobj.floorz = mobj.subsector.sector.floorheight
        player.angle = 0x80000000
        play.world.players[0].viewz = player.z + (41 << 16)
        return play

    def draw(self, play: Play, screenblocks: int = 10) -> np.ndarray:
        play.renderer.set_view_size(screenblocks)
        play.renderer.draw(play.world, play.world.players[0])
        frame = np.full((200, 320), 1, np.uint8)
        play.layer.draw_overlay(play.session, frame, view_window(screenblocks))
        return frame != 1

    def test_the_name_is_over_the_monster(self, facing: Play) -> None:
        rows, columns = self.draw(facing).nonzero()
        assert rows.size
        assert abs(columns.mean() - 160) < 3
        assert 40 < rows.mean() < 84

    @pytest.mark.parametrize("screenblocks", [4, 8, 10])
    def test_it_stays_inside_the_view(self, facing: Play, screenblocks: int) -> None:
        window = view_window(screenblocks)
        drawn = self.draw(facing, screenblocks)
        inside = np.zeros_like(drawn)
        inside[window.y : window.y + window.height, window.x : window.x + window.width] = True
        assert drawn.any()
        assert not (drawn & ~inside).any()

    def test_a_protected_monster_is_drawn_in_blue(self, facing: Play) -> None:
        (entry,) = facing.layer.roster.entries.values()
        pictures = []
        for protected in (False, True):
            entry.bond.protected = protected
            facing.renderer.draw(facing.world, facing.world.players[0])
            pictures.append(facing.renderer.frame.copy())
        changed = pictures[1][pictures[0] != pictures[1]]
        assert changed.size > 1000
        assert np.isin(changed, [*range(192, 208), *range(240, 248), 0]).all()

    def test_none_behind_the_player_or_behind_a_wall_or_dead(self, facing: Play) -> None:
        facing.player.angle = 0
        assert not self.draw(facing).any()
        facing.player.angle = 0x80000000
        facing.shoot(next(iter(facing.layer.roster.entries.values())).info)
        assert not self.draw(facing).any()

    @pytest.mark.parametrize("turn", [-39, 39])
    def test_it_is_whole_at_the_edges_of_the_view(self, facing: Play, turn: int) -> None:
        (entry,) = facing.layer.roster.entries.values()
        entry.info = replace(entry.info, name="LEADTRY-LEGACY-C")
        whole = self.draw(facing).sum()
        facing.player.angle = (0x80000000 + turn * 0x100000000 // 360) % 0x100000000
        assert self.draw(facing).sum() == whole

    def test_walls_hide_names(self, play: Play) -> None:
        play.fleet(30)
        assert not self.draw(play).any()


def test_long_names_are_elided_in_the_middle() -> None:
    assert elide("short") == "short"
    text = elide("a-very-long-project-name-web-frontend-1")
    assert len(text) <= 22
    assert text.startswith("a-very-lon")
    assert text.endswith("frontend-1")


def test_messages_wait_for_each_other(play: Play) -> None:
    messages = Messages()
    player = play.world.players[0]
    player.message = None
    for number in range(3):
        messages.say(f"{number}")
    seen = []
    for _ in range(200):
        messages.ticker(player)
        if player.message:
            seen.append(player.message)
            player.message = None
    assert seen == ["0", "1", "2"]


def test_a_session_that_plays_no_level_is_left_alone(assets: Assets) -> None:
    play = Play(assets)
    play.fleet(3)
    play.session.start_title()
    play.tell(Removed("id-0"), Added(ContainerInfo("x", "x")), tics=40)
    assert len(play.layer.roster.entries) == 3


class TestSpecies:
    FLEET = (
        ContainerInfo("a", "imp", labels={"pydoom.monster": "Imp"}, memory=4 << 30),
        ContainerInfo("b", "nonsense", labels={"pydoom.monster": "kraken"}),
        ContainerInfo("c", "large", memory=4 << 30),
        ContainerInfo("d", "small", memory=8 << 20),
        ContainerInfo("e", "unknown"),
        ContainerInfo("f", "caco", labels={"pydoom.monster": "cacodemon"}),
    )

    @pytest.mark.parametrize(
        ("rule", "species"),
        [
            (Rule.DEMON, [MT_SERGEANT] * 6),
            (Rule.LABEL, [MT_TROOP, *[MT_SERGEANT] * 5]),
            (Rule.MEMORY, [MT_TROOP, MT_SERGEANT, MT_BRUISER, MT_POSSESSED, MT_SERGEANT, MT_SERGEANT]),
        ],
    )
    def test_a_rule_decides_and_what_the_wad_lacks_is_a_demon(
        self, assets: Assets, rule: Rule, species: list[int]
    ) -> None:
        play = Play(assets, rule=rule)
        play.tell(Snapshot(self.FLEET), tics=5)
        assert [play.monster(each).type for each in self.FLEET] == species
        play.run(200)
        complaints = {"there is no monster kraken", "no cacodemon in this wad"}
        assert complaints & set(play.said) == (set() if rule is Rule.DEMON else complaints)
        for each in self.FLEET:
            play.shoot(each, 5000)
        assert len(play.client.orders) == 6
        play.tell(*(KillFailed(each.id, "failed", "") for each in self.FLEET), tics=120)
        assert all(play.phase(each) is Phase.ALIVE for each in self.FLEET)


class TestPages:
    def press(self, play: Play, key: int) -> None:
        event = KeyEvent(key, True)
        if not play.layer.responder(play.session, event):
            play.session.responder(event)

    def picture(self, play: Play) -> np.ndarray:
        frame = np.full((200, 320), 90, np.uint8)
        play.layer.draw_overlay(play.session, frame, view_window(10))
        return frame

    def with_automap(self, play: Play, assets: Assets) -> Automap:
        automap = play.session.displays.automap = Automap(assets, StatusBar(assets))
        automap.start(play.session)
        automap.ticker(play.session)
        return automap

    def test_tab_leads_from_view_to_map_to_list_and_back(self, play: Play, assets: Assets) -> None:
        play.fleet(30)
        automap = self.with_automap(play, assets)
        steps = []
        for _ in range(4):
            self.press(play, KEY_TAB)
            steps.append((automap.active, play.overlay.listing))
        assert steps == [(True, False), (False, True), (False, False), (True, False)]

    def test_the_list_covers_the_view_only_and_has_pages(self, play: Play) -> None:
        play.fleet(30)
        play.overlay.listing = True
        first = self.picture(play)
        assert (first[168:] == 90).all()
        assert (first[:168] != 90).mean() > 0.9
        self.press(play, KEY_PGDN)
        second = self.picture(play)
        assert (first != second).any()
        for _ in range(5):
            self.press(play, KEY_PGUP)
        assert (self.picture(play) == first).all()

    def test_the_map_shows_dots_and_names_when_it_cheats(self, play: Play, assets: Assets) -> None:
        play.fleet(5)
        automap = self.with_automap(play, assets)
        self.press(play, KEY_TAB)
        automap.ticker(play.session)
        assert (self.picture(play) == 90).all()
        automap.cheating = 1
        automap._toggle_whole_map(play.world)
        assert (self.picture(play) != 90).sum() > 100

    def test_the_tally_names_who_died_and_by_which_weapon(self, play: Play, assets: Assets) -> None:
        fleet = play.fleet(8)
        for each in fleet[:7]:
            play.shoot(each)
            play.tell(Removed(each.id))
        assert [(death.name, death.weapon) for death in play.layer.record.level] == [
            (f"name-{number}", "pistol") for number in range(7)
        ]
        intermission = play.session.displays.intermission = Intermission(assets)
        intermission.start(play.session, LevelStats())
        play.session.gamestate = GameState.INTERMISSION
        first = self.picture(play)
        assert (first != 90).any()
        play.session.gametic += 70  # seven deaths do not fit
        assert (self.picture(play) != first).any()
        intermission._leave()
        assert (self.picture(play) == 90).all()
        play.session.init_new(2, 1, 2)
        play.run(3)
        assert play.layer.record.level == []

    def test_ages_are_short(self) -> None:
        assert [age(seconds) for seconds in (-1, 5, 90, 7200, 86400 * 12)] == [
            "0 SEC", "5 SEC", "1 MIN", "2 HR", "12 D"]  # fmt: skip


class TestSavedGames:
    def save(self, play: Play, folder: Path) -> SaveFolder:
        saves = SaveFolder(folder)
        saves.label_of, saves.labels_loaded = play.layer.label_of, play.layer.labels_loaded
        saves.save(play.session, 0, "test")
        return saves

    def test_monsters_find_their_containers_again(self, play: Play, tmp_path: Path) -> None:
        fleet = play.fleet(3)
        places = [(play.monster(each).x, play.monster(each).y) for each in fleet]
        saves = self.save(play, tmp_path)
        play.tell(Removed("id-1"), tics=100)
        saves.load(play.session, saves.path(0))
        play.run(1)
        assert [play.phase(fleet[0]), play.phase(fleet[2])] == [Phase.ALIVE, Phase.ALIVE]
        monster = play.monster(fleet[0])
        assert (monster.x, monster.y) == places[0]
        bound = [each for each in play.world.thinkers if isinstance(each, Mobj) and each.bond and not each.removed]
        assert len(bound) == 2
        play.shoot(fleet[2])
        assert play.client.orders == [Kill("id-2", "pistol")]

    def test_a_game_loaded_while_the_bridge_is_away_waits_for_its_list(
        self, play: Play, assets: Assets, tmp_path: Path
    ) -> None:
        (container, other) = play.fleet(2)
        saves = self.save(play, tmp_path)
        fresh = Play(assets)
        saves.label_of, saves.labels_loaded = fresh.layer.label_of, fresh.layer.labels_loaded
        saves.load(fresh.session, saves.path(0))
        fresh.run(20)
        saves.save(fresh.session, 1, "again")
        saves.load(fresh.session, saves.path(1))
        fresh.run(20)
        fresh.tell(Snapshot((container,)))
        assert fresh.phase(container) is Phase.ALIVE
        assert other.id not in fresh.layer.roster.entries
        bound = [each for each in fresh.world.thinkers if isinstance(each, Mobj) and each.bond and not each.removed]
        assert bound == [fresh.monster(container)]

    def test_monsters_of_a_loaded_game_are_forgotten_with_its_level(
        self, play: Play, assets: Assets, tmp_path: Path
    ) -> None:
        (container,) = play.fleet(1)
        saves = self.save(play, tmp_path)
        fresh = Play(assets)
        saves.labels_loaded = fresh.layer.labels_loaded
        saves.load(fresh.session, saves.path(0))
        fresh.run(3)
        fresh.session.init_new(2, 1, 2)
        fresh.run(60)
        fresh.tell(Snapshot((container,)), tics=5)
        assert fresh.monster(container) in fresh.world.thinkers

    def test_a_saved_corpse_whose_container_lives_rises(self, play: Play, tmp_path: Path) -> None:
        (victim,) = play.fleet(1)
        play.shoot(victim)
        play.run(60)
        saves = self.save(play, tmp_path)
        play.tell(KillFailed(victim.id, "failed", ""), tics=30)
        saves.load(play.session, saves.path(0))
        play.run(40)
        assert play.phase(victim) is Phase.ALIVE


def test_a_container_that_is_started_again_rises_with_its_count(play: Play) -> None:
    (victim,) = play.fleet(1)
    play.shoot(victim)
    play.tell(KillDone(victim.id, "kill", False), Removed(victim.id), tics=60)
    play.tell(Added(victim), tics=40)
    entry = play.layer.roster.entries[victim.id]
    assert (entry.phase, entry.label) == (Phase.ALIVE, "name-0 *1")


def test_a_container_made_anew_under_the_name_of_one_killed_rises_from_its_corpse(play: Play) -> None:
    (victim,) = play.fleet(1)
    corpse = play.monster(victim)
    play.shoot(victim)
    play.tell(KillDone(victim.id, "remove", False), Removed(victim.id), tics=60)
    anew = ContainerInfo("another-id", victim.name, created=5)
    play.tell(Added(anew), tics=40)
    entry = play.layer.roster.entries[anew.id]
    assert (entry.phase, entry.label, entry.mobj) == (Phase.ALIVE, "name-0 *1", corpse)
    assert victim.id not in play.layer.roster.entries
    play.client.orders.clear()
    play.shoot(anew)
    assert play.client.orders == [Kill(anew.id, "pistol")]


def test_a_restart_between_the_shot_and_the_answer_raises_it_once(play: Play) -> None:
    (victim,) = play.fleet(1)
    play.shoot(victim)
    play.tell(Changed(replace(victim, restarts=1)), KillDone(victim.id, "restart", False), tics=60)
    entry = play.layer.roster.entries[victim.id]
    assert (entry.phase, entry.label) == (Phase.ALIVE, "name-0 *1")
    assert [death.what for death in play.layer.record.level] == ["is restarted"]


def test_a_container_that_restarts_by_itself_shows_its_count(play: Play) -> None:
    (container,) = play.fleet(1)
    play.tell(Changed(replace(container, restarts=3)), tics=5)
    entry = play.layer.roster.entries[container.id]
    assert (entry.phase, entry.label) == (Phase.ALIVE, "name-0 *3")


def test_a_busy_fleet_does_not_talk_all_the_time(play: Play) -> None:
    play.fleet(1)
    play.said.clear()
    for number in range(100):
        play.tell(Added(ContainerInfo(f"new-{number}", f"new-{number}")), tics=3)
    assert 2 <= len(play.said) <= 4
