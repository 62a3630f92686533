"""The first level of the game with containers in it, for tests of `pydoom.containers`."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pydoom.containers.fleet.lifecycle import Phase
from pydoom.containers.layer import Containers
from pydoom.containers.level.bonds import look_of
from pydoom.containers.level.placement import Place, Placement
from pydoom.containers.level.species import Species, SpeciesRule
from pydoom.containers.link.events import (
    BridgeEvent,
    BridgeLink,
    Connected,
    ContainerInfo,
    Listed,
    Order,
)
from pydoom.containers.picture.overlay import Overlay
from pydoom.game.displays import Displays
from pydoom.game.level import Level
from pydoom.game.rules import Rules
from pydoom.game.session import Session
from pydoom.render.choice import make_renderer
from pydoom.screens.font import Font
from pydoom.sim.damage import damage_mobj
from pydoom.sim.mobj import Mobj
from pydoom.wad import Assets

LEVEL_PREPARED_TICS = 40
"""Tics after which all places of the first levels have been found."""

_PLACES: dict[int, list[list[Place]]] = {}
"""What was found in each level of the shareware's episode: the same for every player who has just started it."""


class FakeClient(BridgeLink):
    def __init__(self) -> None:
        self.news: list[BridgeEvent] = []
        self.orders: list[Order] = []

    def events(self) -> Iterator[BridgeEvent]:
        while self.news:
            yield self.news.pop(0)

    def send(self, order: Order) -> None:
        self.orders.append(order)

    def close(self) -> None:
        pass


class Play:
    """A session in a level with a container layer and a fake bridge."""

    def __init__(
        self,
        assets: Assets,
        episode_map: int = 1,
        safety: bool = True,
        rule: SpeciesRule = SpeciesRule.DEMON,
        displays: Displays | None = None,
        announce: Callable[[str], None] | None = None,
    ) -> None:
        self.session = Session(assets, displays=displays)
        self.world = self.session.world
        self.session.start(Rules(), Level(1, episode_map))
        self.client = FakeClient()
        self.renderer = make_renderer(assets)
        self.renderer.look_of = look_of
        self.overlay = Overlay(Font(assets), assets.colormaps, self.renderer.seen_things)
        chosen = Species(rule, self.world.info, assets.sprites)
        self.layer = Containers(self.client, self.overlay, chosen, safety, announce=announce)
        self.said: list[str] = []
        self.run(2)
        self._find_places(episode_map)
        self.tell(Connected())

    def _find_places(self, episode_map: int) -> None:
        """Have the whole level searched; what the first search of it found serves the others too, for it takes long."""
        placement = self.layer._stage._placement
        assert isinstance(placement, Placement)
        if episode_map in _PLACES:
            placement.groups = [list(places) for places in _PLACES[episode_map]]
            placement._columns.clear()
        for _ in range(LEVEL_PREPARED_TICS):
            self.layer.before_tic(self.session)
        assert placement.is_prepared
        _PLACES.setdefault(episode_map, [list(places) for places in placement.groups])

    @property
    def player(self) -> Mobj:
        return self.world.players[0].mo

    def tell(self, *news: BridgeEvent, tics: int = 2) -> None:
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
        self.tell(Listed(tuple(made)), tics=tics)
        return made

    def monster(self, container: ContainerInfo) -> Mobj:
        found = self.layer.roster.entries[container.id].mobj
        assert found is not None
        return found

    def phase(self, container: ContainerInfo) -> Phase:
        return self.layer.roster.entries[container.id].phase

    def shoot(self, container: ContainerInfo, damage: int = 1000) -> None:
        damage_mobj(self.world, self.monster(container), self.player, self.player, damage)
