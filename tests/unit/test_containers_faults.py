"""Containers under faults: their monsters, the words for what happened, and their recovery."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest

from pydoom.containers.fleet.fleet import FLICKER_TICS, Fleet
from pydoom.containers.fleet.lifecycle import Phase
from pydoom.containers.fleet.words import LASTING, OUTCOMES, kill_sentence
from pydoom.containers.level.bonds import look_of
from pydoom.containers.link.events import (
    Changed,
    Connected,
    ContainerInfo,
    FaultBegun,
    FaultEnded,
    Kill,
    KillDone,
    KillFailed,
    KillMeaning,
    Listed,
    RecoveryNews,
    Removed,
    Suffering,
)
from pydoom.containers.picture.figures import state_of
from pydoom.data.flags import MF_SHADOW, MF_SHOOTABLE, MF_SOLID
from pydoom.data.info import WP_FIST, WP_SHOTGUN
from pydoom.game.level import Level
from pydoom.game.rules import Rules
from pydoom.game.savegame import SaveFolder
from pydoom.render.colours import NORMAL, SHADOW, STONE
from pydoom.wad import Assets
from tests.unit.containerplay import FakeClient, Play

LONG = 5 * 35
"""Tics enough for any demon to get up and take some steps."""


@pytest.fixture
def play(assets: Assets) -> Play:
    return Play(assets)


def under(container: ContainerInfo, action: str, seconds: float = 20.0) -> ContainerInfo:
    """The container as version 2 of the protocol describes it under this fault."""
    state = "paused" if action == "pause" else container.state
    return replace(container, state=state, faults=(Suffering(action, time.time() + seconds),))


def inflict(play: Play, container: ContainerInfo, action: str, tics: int = LONG) -> ContainerInfo:
    """Shoot the container with a weapon that does this, have the bridge do it, and return its new description."""
    meaning = KillMeaning(action, 20.0)
    play.tell(Connected(meaning=meaning), Listed(tuple(each.info for each in play.layer.roster.entries.values())))
    play.shoot(container)
    changed = under(container, action)
    play.tell(
        Changed(changed), FaultBegun(container.id, changed.faults[0]), KillDone(container.id, action, False), tics=tics
    )
    return changed


def said(play: Play) -> str:
    return "\n".join(play.said)


@pytest.mark.parametrize("action", sorted(LASTING))
class TestUnderAFault:
    def test_the_monster_gets_up_and_stands_still(self, play: Play, action: str) -> None:
        (victim,) = play.fleet(1)
        inflict(play, victim, action)
        monster = play.monster(victim)
        assert (play.phase(victim), monster.health) == (Phase.SUFFERING, monster.info.spawnhealth)
        assert monster.flags & (MF_SOLID | MF_SHOOTABLE) == MF_SOLID | MF_SHOOTABLE
        assert monster.state is play.world.states[monster.info.spawnstate]
        before = (monster.x, monster.y, monster.angle, monster.frame)
        play.run(LONG)
        assert (monster.x, monster.y, monster.angle, monster.frame) == before

    def test_it_is_drawn_in_stone_or_as_a_shadow_without_changing_the_simulation(self, play: Play, action: str) -> None:
        (victim,) = play.fleet(1)
        inflict(play, victim, action)
        monster = play.monster(victim)
        assert look_of(monster) == (STONE if action == "pause" else SHADOW)
        assert not monster.flags & MF_SHADOW

    def test_it_thinks_again_when_the_fault_is_healed(self, play: Play, action: str) -> None:
        (victim,) = play.fleet(1)
        inflict(play, victim, action)
        monster = play.monster(victim)
        play.tell(Changed(victim), FaultEnded(victim.id, action, "healed"), tics=5)
        assert (play.phase(victim), look_of(monster)) == (Phase.ALIVE, NORMAL)
        states = set()
        for _ in range(40):
            play.run(1)
            states.add(monster.state.index)
        assert len(states) > 1

    def test_message_list_and_tally_say_what_it_is(self, play: Play, action: str) -> None:
        (victim,) = play.fleet(1)
        inflict(play, victim, action)
        word = {"pause": "paused", "disconnect": "disconnected", "throttle": "throttled", "squeeze": "squeezed"}[action]
        assert f"name-0 is {word} (pistol)" in play.said
        assert "gone" not in said(play)
        assert state_of(play.layer.roster.entries[victim.id])[0] == word.upper()
        assert [death.fate for death in play.layer.record.level] == [word]

    def test_same_fault_again_is_not_sent_but_reported(self, play: Play, action: str) -> None:
        (victim,) = play.fleet(1)
        inflict(play, victim, action)
        orders = len(play.client.orders)
        for _ in range(50):
            play.shoot(victim)
            play.run(2)
        assert (len(play.client.orders), play.phase(victim)) == (orders, Phase.SUFFERING)
        assert "already" in said(play)

    def test_another_weapon_still_kills_it(self, play: Play, action: str) -> None:
        (victim,) = play.fleet(1)
        changed = inflict(play, victim, action)
        play.tell(
            Connected(meaning=KillMeaning(action, 20.0), weapons={"shotgun": KillMeaning("remove")}), Listed((changed,))
        )
        play.world.players[0].readyweapon = WP_SHOTGUN
        play.shoot(victim)
        assert play.client.orders[-1] == Kill(victim.id, "shotgun")
        play.tell(Removed(victim.id), KillDone(victim.id, "remove", False), tics=LONG)
        assert play.phase(victim) is Phase.GONE
        assert "name-0 is removed (shotgun)" in play.said

    def test_a_refused_kill_leaves_it_as_it_was(self, play: Play, action: str) -> None:
        (victim,) = play.fleet(1)
        changed = inflict(play, victim, action)
        play.tell(Connected(), Listed((changed,)))
        play.shoot(victim)
        play.tell(KillFailed(victim.id, "denied", "no"), tics=LONG)
        assert play.phase(victim) is Phase.SUFFERING

    def test_fault_lasts_into_the_next_level(self, play: Play, action: str) -> None:
        (victim,) = play.fleet(1)
        inflict(play, victim, action)
        play.session.start(Rules(), Level(1, 2))
        play.run(60)
        assert play.phase(victim) is Phase.SUFFERING
        assert play.monster(victim) in play.world.thinkers

    def test_loaded_game_shows_the_container_s_current_fault(self, play: Play, tmp_path: Path, action: str) -> None:
        (victim,) = play.fleet(1)
        inflict(play, victim, action)
        saves = SaveFolder(tmp_path, play.layer)
        saves.save(play.session, 0, "under a fault")
        saves.load(play.session, saves.path(0))
        play.run(5)
        assert play.phase(victim) is Phase.SUFFERING
        play.tell(Changed(victim), tics=5)
        saves.save(play.session, 1, "healed")
        saves.load(play.session, saves.path(0))
        play.run(5)
        monster = play.monster(victim)
        assert (play.phase(victim), look_of(monster)) == (Phase.ALIVE, NORMAL)
        assert 0 < monster.tics <= monster.state.tics


class TestPauses:
    def test_container_paused_by_somebody_else_stands_still_until_it_runs(self, play: Play) -> None:
        (container,) = play.fleet(1)
        play.tell(Changed(replace(container, state="paused")), tics=LONG)
        assert play.phase(container) is Phase.SUFFERING
        assert "name-0 is paused" in play.said
        play.tell(Changed(container), tics=LONG)
        assert play.phase(container) is Phase.ALIVE
        assert "name-0 runs again" in play.said

    def test_container_paused_before_the_game_stands_still(self, play: Play) -> None:
        container = ContainerInfo("p", "sleeper", state="paused")
        play.tell(Listed((container,)), tics=LONG)
        assert play.phase(container) is Phase.SUFFERING

    def test_container_resumed_early_by_somebody_else_lives(self, play: Play) -> None:
        (container,) = play.fleet(1)
        paused = inflict(play, container, "pause")
        play.tell(Changed(replace(paused, state="running")), tics=LONG)
        assert play.phase(container) is Phase.ALIVE
        play.tell(Changed(container), FaultEnded(container.id, "pause", "changed"), tics=LONG)
        assert "name-0 was changed by others" in play.said

    def test_a_bridge_of_version_1_pauses_for_good(self, play: Play) -> None:
        (container,) = play.fleet(1)
        play.tell(Connected(meaning=KillMeaning("pause")), Listed((container,)))
        play.shoot(container)
        play.tell(Changed(replace(container, state="paused")), KillDone(container.id, "pause", False), tics=LONG)
        assert play.phase(container) is Phase.SUFFERING
        play.shoot(container)
        assert len(play.client.orders) == 1

    def test_an_answer_before_the_description_changes_nothing(self, play: Play) -> None:
        (container,) = play.fleet(1)
        play.tell(Connected(meaning=KillMeaning("pause", 9)), Listed((container,)))
        play.shoot(container)
        play.tell(KillDone(container.id, "pause", False), tics=LONG)
        play.tell(Changed(under(container, "pause")), tics=LONG)
        assert play.phase(container) is Phase.SUFFERING


def test_a_fault_on_top_of_another_lasts_until_both_have_ended(play: Play) -> None:
    (container,) = play.fleet(1)
    paused = inflict(play, container, "pause")
    both = replace(paused, faults=(*paused.faults, Suffering("throttle", time.time() + 90)))
    play.tell(Changed(both), tics=5)
    play.tell(Changed(replace(both, state="running", faults=both.faults[1:])), tics=5)
    assert (play.phase(container), look_of(play.monster(container))) == (Phase.SUFFERING, SHADOW)
    play.tell(Changed(container), tics=5)
    assert play.phase(container) is Phase.ALIVE


def test_a_container_that_goes_while_it_suffers_leaves_without_a_corpse(play: Play) -> None:
    (container,) = play.fleet(1)
    inflict(play, container, "throttle")
    monster = play.monster(container)
    play.tell(Removed(container.id), FaultEnded(container.id, "throttle", "gone"), tics=5)
    assert monster.removed
    assert container.id not in play.layer.roster.entries


def test_a_monster_that_is_pushed_while_it_suffers_stays(play: Play) -> None:
    (container,) = play.fleet(1)
    changed = inflict(play, container, "throttle")
    play.tell(Connected(), Listed((changed,)))
    monster = play.monster(container)
    play.shoot(container, 20)
    play.run(2)
    assert monster.state is play.world.states[monster.info.spawnstate]
    assert (monster.momx, monster.momy) == (0, 0)


@pytest.mark.parametrize("action", sorted(OUTCOMES))
def test_every_action_has_its_word_and_only_kills_by_others_are_called_gone(play: Play, action: str) -> None:
    (victim,) = play.fleet(1)
    play.tell(Connected(meaning=KillMeaning(action)), Listed((victim,)))
    play.shoot(victim)
    if action in LASTING:
        play.tell(Changed(under(victim, action)))
    elif action != "restart":
        play.tell(Removed(victim.id))
    play.tell(KillDone(victim.id, action, False), tics=60)
    word = {"stop": "stopped", "remove": "removed", "pause": "paused", "throttle": "throttled", "squeeze": "squeezed"}
    wanted = word.get(action, f"{action}ed")
    assert [death.what for death in play.layer.record.level] == [f"is {wanted}"]
    assert f"name-0 is {wanted} (pistol)" in play.said
    if action != "restart":
        assert state_of(play.layer.roster.entries[victim.id])[0] == wanted.upper()


@pytest.mark.parametrize("meaning", ["pause", "remove"])
def test_a_victim_that_somebody_else_has_ended_is_gone(play: Play, meaning: str) -> None:
    (victim,) = play.fleet(1)
    play.tell(Connected(meaning=KillMeaning(meaning)), Listed((victim,)))
    play.shoot(victim)
    play.tell(KillFailed(victim.id, "not-found", "no such container"), tics=60)
    assert "name-0 is gone (pistol)" in play.said


def test_a_victim_that_goes_before_the_bridge_could_pause_it_is_gone_not_paused(play: Play) -> None:
    (victim,) = play.fleet(1)
    play.tell(Connected(meaning=KillMeaning("pause")), Listed((victim,)))
    play.shoot(victim)
    play.tell(Removed(victim.id), tics=60)
    assert "name-0 is gone (pistol)" in play.said


def test_a_dry_run_is_in_the_record_but_not_among_the_level_s_kills(play: Play) -> None:
    (victim,) = play.fleet(1)
    play.tell(Connected(dry_run=True), Listed((victim,)))
    play.shoot(victim)
    play.tell(KillDone(victim.id, "remove", True), tics=60)
    assert [death.fate for death in play.layer.record.level] == ["dry run"]
    kills = play.world.totalkills
    play.layer._count_kills(play.world)
    assert play.world.totalkills == kills


def test_monster_of_a_restarted_container_flickers_and_stays(play: Play) -> None:
    (victim,) = play.fleet(1)
    play.tell(Connected(meaning=KillMeaning("restart")), Listed((victim,)))
    play.shoot(victim)
    play.tell(KillDone(victim.id, "restart", False), tics=1)
    looks = []
    for _ in range(FLICKER_TICS):
        play.run(1)
        looks.append(look_of(play.monster(victim)))
    assert {SHADOW, NORMAL} == set(looks)
    play.run(FLICKER_TICS)
    assert (look_of(play.monster(victim)), play.phase(victim)) == (NORMAL, Phase.ALIVE)


def test_a_conflict_says_what_the_container_suffers_from(play: Play) -> None:
    (victim,) = play.fleet(1)
    play.shoot(victim)
    play.tell(Changed(under(victim, "disconnect")), KillFailed(victim.id, "conflict", "?"), tics=60)
    assert "name-0 is disconnected already" in play.said


class TestRecovery:
    def kill(self, play: Play) -> ContainerInfo:
        (victim,) = play.fleet(1)
        play.shoot(victim)
        play.tell(Removed(victim.id), KillDone(victim.id, "remove", False), tics=60)
        return victim

    def test_recovery_is_reported_with_its_seconds(self, play: Play) -> None:
        victim = self.kill(play)
        play.tell(RecoveryNews(victim.id, "shop/web", 3.2, True), tics=60)
        assert "shop/web back after 3.2 s" in play.said

    def test_missing_recovery_is_reported_too(self, play: Play) -> None:
        victim = self.kill(play)
        play.tell(RecoveryNews(victim.id, "db", 300.04, False), tics=60)
        assert "db not back after 300 s" in play.said

    def test_feed_and_tally_keep_it_with_the_kill_it_belongs_to(self, play: Play) -> None:
        news = RecoveryNews(self.kill(play).id, "web", 1.5, True)
        play.tell(RecoveryNews("stranger", "x", 9.0, True), news)
        assert [death.recovery for death in play.layer.record.level] == [news]
        assert [death.recovery for death in play.layer.record.feed] == [news]

    def test_a_long_name_is_cut_so_that_the_seconds_stay(self, play: Play) -> None:
        play.tell(RecoveryNews("1", "W" * 300, 3.2, True), tics=60)
        assert any(text.endswith("back after 3.2 s") and ".." in text for text in play.said)


def test_weapon_line_follows_the_weapon_in_hand(play: Play) -> None:
    fist = KillMeaning("pause", 10)
    play.tell(Connected(dry_run=True, weapons={"fist": fist}))
    player = play.world.players[0]
    aim = play.layer.aim(play.world)
    assert aim is not None
    assert (aim.meaning.action, aim.dry_run) == ("remove", True)
    player.pendingweapon = WP_FIST
    aim = play.layer.aim(play.world)
    assert aim is not None
    assert aim.meaning == fist


@pytest.mark.parametrize(
    ("connected", "sentence"),
    [
        (Connected(), "Shoot a monster, and its container is removed."),
        (Connected(meaning=KillMeaning("pause", 10)), "Shoot a monster, and its container is paused for 10 s."),
        (Connected(meaning=KillMeaning("kill", 0, "SIGHUP")), "Shoot a monster, and its container is killed (SIGHUP)."),
        (Connected(dry_run=True), "This is a dry run: shoot a monster, and nothing is done to its container."),
        (
            Connected(weapons={"fist": KillMeaning("stop")}),
            "Shoot a monster, and its container is removed. "
            "Some weapons do something else: the lower right corner of the screen says what.",
        ),
        (Connected(weapons={"fist": KillMeaning("remove")}), "Shoot a monster, and its container is removed."),
    ],
)
def test_what_a_kill_does_is_a_sentence_for_log_and_page(connected: Connected, sentence: str) -> None:
    assert kill_sentence(connected) == sentence


def test_what_a_kill_does_is_explained_again_only_when_another_bridge_says_something_else() -> None:
    client, told = FakeClient(), list[str]()
    fleet = Fleet(client, len, lambda text: None, told.append)
    client.news += [Connected(), Connected(), Connected(dry_run=True), Connected()]
    fleet.hear()
    assert told == [kill_sentence(each) for each in (Connected(), Connected(dry_run=True), Connected())]
