"""Playing in levels built from the fleet: who stands where, what comes next, and saved games."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from pydoom.cli.main import main
from pydoom.containers.fleet.groups import survey
from pydoom.containers.fleet.roster import MonsterRoster
from pydoom.containers.level.rooms import RoomPlacement
from pydoom.containers.link.events import Added, Connected, ContainerInfo, Kill, Listed, Removed
from pydoom.containers.picture.mapmarks import draw_map_marks
from pydoom.containers.picture.text import OutlinedText
from pydoom.fleetmap.build import BuiltLevel, build
from pydoom.fleetmap.draft import Draft, Group
from pydoom.fleetmap.errors import FleetMapError
from pydoom.fleetmap.plan import MAX_CONTAINERS, MAX_GROUPS
from pydoom.fleetmap.site import OTHERS, FleetSite
from pydoom.game import datacentre, dsg
from pydoom.game.events import KEY_TAB, KeyEvent
from pydoom.game.level import Level
from pydoom.game.rules import Rules
from pydoom.game.savegame import SaveFolder
from pydoom.game.session import Session
from pydoom.game.state import GameState
from pydoom.run.machine import Machine
from pydoom.screens.automap import Automap
from pydoom.screens.font import Font
from pydoom.sim import links
from pydoom.sim.mobj import Mobj
from pydoom.sim.rules import Exit
from pydoom.sim.ticcmd import BT_USE, TicCmd
from pydoom.wad import Assets
from tests.unit.containerplay import Play


def container(name: str, group: str = "", *, project: str = "", service: str = "", **more: object) -> ContainerInfo:
    labels = {"pydoom.group": group} if group else {}
    return ContainerInfo(f"id-{name}", name, labels=labels, project=project, service=service, **more)  # type: ignore[arg-type]


SHOP = [container(f"shop-{number}", "shop") for number in range(5)]
MAIL = [container(f"mail-{number}", "mail") for number in range(2)]
SAFE = [container("database", "shop", protected=True)]


def play_in(assets: Assets, containers: list[ContainerInfo], tics: int = 4) -> Play:
    play = Play(assets)
    play.session.datacentre.survey = lambda: play.layer.survey(1)
    play.tell(Listed(tuple(containers)))
    play.session.start(Rules(), Level(1, 1), in_fleet=True)
    play.run(tics)
    return play


def room_of(play: Play, monster: Mobj) -> int | str:
    """The group in whose room a monster stands, or what else it is."""
    (place,) = [p for p in play.session.datacentre.places if (p.x << 16, p.y << 16) == (monster.x, monster.y)]
    return "vault" if place.protected else "dock" if place.group < 0 else place.group


def test_each_container_stands_in_its_groups_room_and_protected_ones_in_the_vault(assets: Assets) -> None:
    play = play_in(assets, [*SHOP, *MAIL, *SAFE])
    names = [group.name for group in play.session.datacentre.site.groups]
    assert names == ["mail", "shop"]
    assert {room_of(play, play.monster(each)) for each in MAIL} == {0}
    assert {room_of(play, play.monster(each)) for each in SHOP} == {1}
    assert room_of(play, play.monster(SAFE[0])) == "vault"


def test_a_group_that_arrives_later_comes_through_the_loading_dock_until_the_next_level(assets: Assets) -> None:
    play = play_in(assets, SHOP)
    late = container("search-1", "search")
    play.tell(Added(late))
    assert room_of(play, play.monster(late)) == "dock"
    newcomer = container("shop-9", "shop")
    play.tell(Added(newcomer))
    assert room_of(play, play.monster(newcomer)) == 0
    play.session.start(Rules(), Level(1, 1), in_fleet=True)
    play.run(4)
    assert [group.name for group in play.session.datacentre.site.groups] == ["search", "shop"]
    assert room_of(play, play.monster(late)) == 0


def test_a_fleet_that_outgrows_its_room_goes_through_the_dock_into_any_room(assets: Assets) -> None:
    play = play_in(assets, [*SHOP, *MAIL])
    many = [container(f"mail-{number}", "mail") for number in range(10, 210)]
    play.tell(Listed((*SHOP, *MAIL, *many)), tics=150)
    monsters = [play.layer.roster.entries[each.id].mobj for each in many]
    rooms = [room_of(play, monster) for monster in monsters if monster is not None]
    assert rooms[0] == 0
    assert {0, 1, "dock"} == set(rooms)
    assert "WAITING FOR ROOM" in play.layer.status()


def test_a_level_that_began_before_the_fleet_was_known_is_built_again(assets: Assets) -> None:
    play = Play(assets)
    play.session.datacentre.survey = lambda: play.layer.survey(1)
    play.session.start(Rules(), Level(1, 1), in_fleet=True)
    play.run(3)
    assert play.session.datacentre.is_blind
    play.tell(Connected(), Listed(tuple(SHOP)), tics=4)
    assert not play.session.datacentre.is_blind
    assert room_of(play, play.monster(SHOP[0])) == 0


def test_the_exit_leads_to_todays_shape_of_the_fleet_for_ever(assets: Assets) -> None:
    play = play_in(assets, SHOP)
    session = play.session
    for level in (2, 3, 4, 5, 6, 7, 1):
        play.tell(Added(container(f"new-{level}", f"group {level}")))
        session.world.exit = Exit.NORMAL
        session.run_tic()
        session.run_tic()
        session.world_done()
        session.run_tic()
        assert session.world.map == level
        assert f"group {level}" in [group.name for group in session.datacentre.site.groups]


def test_a_saved_game_finds_its_level_although_the_fleet_has_changed(assets: Assets, tmp_path: Path) -> None:
    play = play_in(assets, [*SHOP, *MAIL], tics=40)
    folder = SaveFolder(tmp_path, play.layer)
    folder.save(play.session, 1, "before")
    before = (len(play.world.sectors), len(play.world.lines), play.monster(MAIL[0]).x, play.player.x)
    play.tell(*(Removed(each.id) for each in SHOP), Added(container("new", "a group of its own")))
    play.session.start(Rules(), Level(1, 1), in_fleet=True)
    play.run(4)
    assert play.session.datacentre.site.number_of("shop") < 0
    folder.load(play.session, folder.path(1))
    play.run(1)
    assert (len(play.world.sectors), len(play.world.lines), play.monster(MAIL[0]).x, play.player.x) == before
    late = play.monster(container("new", "a group of its own"))
    assert room_of(play, late) == "dock"


def test_the_level_of_a_saved_game_is_built_once(
    assets: Assets, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    play = play_in(assets, SHOP)
    folder = SaveFolder(tmp_path)
    folder.save(play.session, 1, "with a bridge")
    built: list[str] = []

    def counted(draft: Draft) -> BuiltLevel:
        built.append(draft.name)
        return build(draft)

    monkeypatch.setattr(datacentre, "build", counted)
    other = Session(assets)
    folder.load(other, folder.path(1))
    assert built == ["E1M1"]


def test_a_saved_game_of_the_data_centre_loads_without_a_bridge(assets: Assets, tmp_path: Path) -> None:
    play = play_in(assets, SHOP)
    folder = SaveFolder(tmp_path)
    folder.save(play.session, 1, "with a bridge")
    other = Session(assets)
    folder.load(other, folder.path(1))
    other.run_tic()
    assert other.in_fleet
    assert len(other.world.lines) == len(play.world.lines)


@pytest.mark.parametrize(
    "change",
    [
        {"print": "0" * 16},
        {"seed": 2},
        {"groups": [["shop", 300, 0]]},
        {"groups": "shop"},
        {"groups": [["shop", -3, 0]]},
        {"groups": [["shop", 10**9, 0]]},
        {"groups": [["shop", True, 0]]},
        {"groups": [["shop" * 1000, 1, 0]]},
        {"groups": [[f"{number}", 1, 0] for number in range(101)]},
        {"players": 5},
        {"seed": -1},
    ],
)
def test_a_save_with_a_foreign_or_damaged_fleet_changes_nothing(
    assets: Assets, tmp_path: Path, change: dict[str, object]
) -> None:
    play = play_in(assets, SHOP)
    folder = SaveFolder(tmp_path)
    folder.save(play.session, 1, "")
    data = folder.path(1).read_bytes()
    head, _, rest = data.partition(dsg.FLEET_MAGIC)
    line, _, origin = rest.partition(b"\n")
    note = {**json.loads(line), **change}
    folder.path(1).write_bytes(head + dsg.FLEET_MAGIC + json.dumps(note).encode() + b"\n" + origin)
    lines = play.world.lines
    folder.load(play.session, folder.path(1))
    assert play.world.lines is lines
    assert "data centre" in (play.world.players[0].message or "")


@pytest.mark.parametrize("line", [b"{", b"[1]", b"null1", b"[" * 100_000, b'"text"', b"3"])
def test_a_save_whose_fleet_is_no_description_of_one_changes_nothing(
    assets: Assets, tmp_path: Path, line: bytes
) -> None:
    play = play_in(assets, SHOP)
    folder = SaveFolder(tmp_path)
    folder.save(play.session, 1, "")
    head, _, rest = folder.path(1).read_bytes().partition(dsg.FLEET_MAGIC)
    folder.path(1).write_bytes(head + dsg.FLEET_MAGIC + line + b"\n" + rest.partition(b"\n")[2])
    lines = play.world.lines
    folder.load(play.session, folder.path(1))
    assert play.world.lines is lines
    assert "damaged" in (play.world.players[0].message or "")


def test_the_rooms_are_named_on_the_automap(assets: Assets) -> None:
    machine = Machine(assets)
    machine.session.datacentre.survey = lambda: FleetSite((Group("Vault", 4), Group("müller", 2, 1)))
    machine.session.start(Rules(), Level(1, 1), in_fleet=True)
    machine.tic()
    rooms = machine.session.datacentre.rooms
    assert sorted(room.name for room in rooms) == ["LOADING DOCK", "MULLER", "VAULT", "VAULT"]
    machine.responder(KeyEvent(KEY_TAB, True))
    machine.tic()
    machine.draw()
    bare = machine.frame.copy()
    automap = machine.session.displays.automap
    assert isinstance(automap, Automap)
    draw_map_marks(machine.frame, automap, MonsterRoster(), OutlinedText(Font(assets)), "", rooms=rooms)
    assert not np.array_equal(machine.frame, bare)


# -- groups


def test_groups_are_projects_or_nodes_and_the_label_decides() -> None:
    fleet = [
        container("a", project="shop"),
        container("b", project="shop"),
        container("c", project="mail", protected=True),
        container("d", "mine", project="mail"),
        container("e", node="worker-1"),
        container("f"),
    ]
    assert survey(fleet, 7) == FleetSite(
        (Group("mail", 0, 1), Group("mine", 1), Group("others", 1), Group("shop", 2), Group("worker-1", 1)), 7
    )


def test_the_services_of_a_single_project_are_groups() -> None:
    fleet = [container(f"{name}-1", project="shop", service=name) for name in ("web", "web", "cache")]
    assert survey(fleet, 1) == FleetSite((Group("cache", 1), Group("web", 2)), 1, by_service=True)


def test_too_many_groups_share_a_room_and_too_many_containers_are_cut() -> None:
    site = FleetSite.of({f"group {number:03d}": (1 + number, 0) for number in range(150)}, 1, False)
    assert len(site.groups) == MAX_GROUPS
    assert sum(group.population for group in site.groups) <= MAX_CONTAINERS
    assert {OTHERS, "group 149"} <= {group.name for group in site.groups}
    assert FleetSite.from_json(site.to_json()) == site


def test_containers_of_the_groups_that_share_a_room_stand_in_it(assets: Assets) -> None:
    many = [container(f"{group}-{number}", f"group {group:03d}") for group in range(102) for number in range(2)]
    few = [container(f"few-{group}", f"few {group}") for group in range(3)]
    play = play_in(assets, [*many, *few], tics=20)
    shared = play.session.datacentre.site.number_of(OTHERS)
    assert {room_of(play, play.monster(each)) for each in few} == {shared}


def test_a_name_longer_than_a_label_may_be_is_no_trouble(assets: Assets) -> None:
    long = container("x", "n" * 5000)
    play = play_in(assets, [long, container("y", "\udcff\0\n")])
    FleetSite.from_json(play.session.datacentre.site.to_json())
    assert room_of(play, play.monster(long)) in (0, 1)


@pytest.mark.parametrize("value", [None, 3, [], {}, {"groups": []}, {"groups": [[1, 2, 3]], "seed": 1}])
def test_the_description_of_a_site_is_checked(value: object) -> None:
    with pytest.raises(FleetMapError):
        FleetSite.from_json(value)


def test_placement_in_the_data_centre_looks_at_no_place_twice(assets: Assets) -> None:
    play = play_in(assets, [])
    placement = RoomPlacement(play.world, play.session.datacentre)
    found = set()
    for number in range(400):
        place, _ = placement.find(container(f"c{number}"), 50)
        if place is not None:
            assert place not in found
            found.add(place)
    assert placement.exhausted
    placement.start_over()
    assert not placement.exhausted


# -- the command line


def test_the_data_centre_needs_a_bridge(wad_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--wad", str(wad_path), "--headless", "--map", "fleet"]) == 2
    assert "--bridge" in capsys.readouterr().err


def test_a_demo_is_not_recorded_in_the_data_centre(
    wad_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--wad", str(wad_path), "--headless", "--map", "fleet", "--bridge", "simulated"]
    assert main([*words, "--record", str(tmp_path / "x")]) == 2
    assert "--record" in capsys.readouterr().err


# -- playing by keys


def stand_at(play: Play, x: int, y: int, angle: int) -> None:
    body = play.player
    links.unset_thing_position(play.world, body)
    body.x, body.y, body.angle = x << 16, y << 16, angle * (1 << 30) // 90 & 0xFFFFFFFF
    links.set_thing_position(play.world, body)


def act(play: Play, tics: int, **fields: int) -> None:
    for _ in range(tics):
        play.layer.before_tic(play.session)
        play.session.run_tic({0: TicCmd(**fields)})


def test_a_player_opens_the_door_walks_in_and_shoots_a_container(assets: Assets) -> None:
    play = play_in(assets, MAIL)
    place = play.session.datacentre.places[0]
    inward = (place.angle + 180) % 360
    (door, *_) = [line for line in play.world.lines if line.special == 1 and line.v1.y >> 16 > 0]
    assert door.backsector is not None
    x, y = (door.v1.x + door.v2.x) >> 17, door.v1.y >> 16
    stand_at(play, x, y + (-40 if inward == 90 else 40), inward)
    act(play, 1, buttons=BT_USE)
    act(play, 60)
    assert door.backsector.ceilingheight - door.backsector.floorheight >= 88 << 16
    before = play.player.y
    act(play, 15, forwardmove=50)
    assert abs(play.player.y - before) > 100 << 16
    play.shoot(MAIL[0])
    play.run(2)
    assert [order.id for order in play.client.orders if isinstance(order, Kill)] == [MAIL[0].id]


def test_the_switch_behind_the_exits_door_ends_the_level(assets: Assets) -> None:
    play = play_in(assets, MAIL)
    (switch,) = [line for line in play.world.lines if line.special == 11]
    x, y = (switch.v1.x + switch.v2.x) >> 17, switch.v1.y >> 16
    stand_at(play, x, y + 40, 270)
    act(play, 1, buttons=BT_USE)
    assert play.session.level_over
    act(play, 1)
    assert play.session.gamestate == GameState.INTERMISSION
