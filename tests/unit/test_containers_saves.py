"""Containers' monsters in saved games."""

from __future__ import annotations

from pathlib import Path

import pytest

from pydoom.containers.fleet.lifecycle import Phase
from pydoom.containers.link.events import (
    Kill,
    KillFailed,
    Listed,
    Removed,
)
from pydoom.game.level import Level
from pydoom.game.rules import Rules
from pydoom.game.savegame import SaveFolder
from pydoom.sim.mobj import Mobj
from pydoom.wad import Assets
from tests.unit.containerplay import Play


@pytest.fixture
def play(assets: Assets) -> Play:
    return Play(assets)


class TestSavedGames:
    def save(self, play: Play, folder: Path) -> SaveFolder:
        saves = SaveFolder(folder, play.layer)
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
        saves = SaveFolder(saves.directory, fresh.layer)
        saves.load(fresh.session, saves.path(0))
        fresh.run(20)
        saves.save(fresh.session, 1, "again")
        saves.load(fresh.session, saves.path(1))
        fresh.run(20)
        fresh.tell(Listed((container,)))
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
        saves = SaveFolder(saves.directory, fresh.layer)
        saves.load(fresh.session, saves.path(0))
        fresh.run(3)
        fresh.session.start(Rules(), Level(1, 2))
        fresh.run(60)
        fresh.tell(Listed((container,)), tics=5)
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
