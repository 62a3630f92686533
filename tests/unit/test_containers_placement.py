"""Where containers' monsters appear and as what, in real levels."""

from __future__ import annotations

import pytest

from pydoom.containers.fleet.lifecycle import Phase
from pydoom.containers.level.placement import COURTYARD
from pydoom.containers.level.species import SpeciesRule
from pydoom.containers.link.events import (
    ContainerInfo,
    KillFailed,
    Listed,
    Removed,
)
from pydoom.data.mobj_ids import MT_BRUISER, MT_POSSESSED, MT_SERGEANT, MT_TROOP
from pydoom.sim import sight
from pydoom.wad import Assets
from tests.unit.containerplay import Play


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
    def test_no_monster_stands_in_another_or_in_a_wall(self, assets: Assets, number: int, count: int) -> None:
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
        play.client.news.append(Listed(tuple(ContainerInfo(f"id-{n}", f"n{n}") for n in range(50))))
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

    def test_waiting_containers_appear_when_there_is_room(self, play: Play) -> None:
        play.fleet(1500, tics=1)
        for _ in range(120):
            play.layer.before_tic(play.session)
        before = len(play.layer.roster.waiting())
        for entry in [each for each in play.layer.roster.entries.values() if each.mobj is not None][:50]:
            play.client.news.append(Removed(entry.info.id))
        for _ in range(150):
            play.layer.before_tic(play.session)
        assert len(play.layer.roster.waiting()) < before


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
            (SpeciesRule.DEMON, [MT_SERGEANT] * 6),
            (SpeciesRule.LABEL, [MT_TROOP, *[MT_SERGEANT] * 5]),
            (SpeciesRule.MEMORY, [MT_TROOP, MT_SERGEANT, MT_BRUISER, MT_POSSESSED, MT_SERGEANT, MT_SERGEANT]),
        ],
    )
    def test_a_rule_decides_and_what_the_wad_lacks_is_a_demon(
        self, assets: Assets, rule: SpeciesRule, species: list[int]
    ) -> None:
        play = Play(assets, rule=rule)
        play.tell(Listed(self.FLEET), tics=5)
        assert [play.monster(each).type for each in self.FLEET] == species
        play.run(200)
        complaints = {"there is no monster kraken", "no cacodemon in this wad"}
        assert complaints & set(play.said) == (set() if rule is SpeciesRule.DEMON else complaints)
        for each in self.FLEET:
            play.shoot(each, 5000)
        assert len(play.client.orders) == 6
        play.tell(*(KillFailed(each.id, "failed", "") for each in self.FLEET), tics=120)
        assert all(play.phase(each) is Phase.ALIVE for each in self.FLEET)
