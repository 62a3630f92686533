"""The narrow interface between containers and the game: `before_tic` and `draw_overlay`.

A kill goes this way: the simulation tells the monster's bond (`level.bonds`), which tells the fleet (`fleet.fleet`),
which sends the order to the bridge's client (`link.client`). The answer comes back as events, which move the container
through its life cycle (`fleet.lifecycle`); `level.stage` moves the monster as the phase demands.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from pydoom.containers.fleet.fleet import Fleet
from pydoom.containers.fleet.groups import survey
from pydoom.containers.fleet.lifecycle import LIVING
from pydoom.containers.fleet.words import outcome
from pydoom.containers.level.bonds import WEAPON_NAMES
from pydoom.containers.level.species import Species
from pydoom.containers.level.stage import Stage
from pydoom.containers.link.events import REMOVE, BridgeLink
from pydoom.containers.picture.arrow import bearing
from pydoom.containers.picture.hints import Whereabouts, sentence
from pydoom.containers.picture.overlay import Overlay, nearest
from pydoom.containers.picture.summary import summary
from pydoom.containers.picture.weaponline import Aim
from pydoom.data.info import WP_NOCHANGE
from pydoom.game.state import GameState
from pydoom.sim.player import CF_NOCLIP
from pydoom.sim.rules import SK_NIGHTMARE, GameMode

if TYPE_CHECKING:
    from pydoom.fleetmap.site import FleetSite
    from pydoom.game.events import Event
    from pydoom.game.session import Session
    from pydoom.screens.border import ViewWindow
    from pydoom.screens.video import Frame
    from pydoom.sim.world import World


def _ignore(_text: str) -> None:
    """Ignore the message."""


class Containers:
    """The containers of one game.

    `complain` receives what does not fit into the frame: why the bridge is away. `announce` is called once, when the
    first level has its monsters, and says where they are. `explain` is told what a kill does, as the bridge says.
    """

    def __init__(
        self,
        link: BridgeLink,
        overlay: Overlay,
        species: Species,
        safety: bool = True,
        complain: Callable[[str], None] | None = None,
        announce: Callable[[str], None] | None = None,
        explain: Callable[[str], None] | None = None,
    ) -> None:
        self._link = link
        self._overlay = overlay
        self._hints = overlay.hints
        self._announce = announce if announce is not None else _ignore
        self._announced = False
        self._hits = 0
        self._fleet = Fleet(link, overlay.text.width, complain or _ignore, explain or _ignore)
        self._stage = Stage(self._fleet, species, safety)
        overlay.inspect_with(self._fleet.inspector)
        self.roster = self._fleet.roster
        self.record = self._fleet.record
        self.messages = self._fleet.messages
        self.inspector = self._fleet.inspector
        self.label_of = self._stage.label_of
        self.labels_loaded = self._stage.labels_loaded

    def hear(self) -> None:
        """Take in the bridge's events without changing the level: at any time, also in demos and pauses."""
        self._fleet.hear()

    def before_tic(self, session: Session) -> None:
        """Take in the bridge's events and bring the level up to date with them. Never waits."""
        world = session.world
        player = world.players[world.consoleplayer]
        if self._stage.changes(world):
            self._fleet.new_level()
            self._overlay.new_level()
            self._stage.found(session.datacentre if session.in_fleet else None)
        self.hear()
        self.inspector.tick()
        blind = session.in_fleet and session.datacentre.is_blind and session.gamestate == GameState.LEVEL
        if blind and self._fleet.listed:
            session.rebuild_level()
            return
        if session.gamestate == GameState.LEVEL and session.usergame and player.has_body:
            self._stage.tick(world)
            self.messages.ticker(player)
            self._tick_hints(session)
            if session.level_over:
                self._count_kills(world)

    def draw_overlay(self, session: Session, frame: Frame, window: ViewWindow) -> bool:
        """Draw names, hints, pages and tally over the view, the automap or the intermission.

        Returns whether the border around the view was drawn over.
        """
        return self._overlay.draw(
            session,
            frame,
            window,
            self.roster,
            self.record,
            lambda: self.whereabouts(session),
            self.status(),
            self.aim(session.world),
            self._fleet.troubled_probes(),
        )

    def responder(self, session: Session, event: Event) -> bool:
        """True when the event is for the containers' pages: TAB on the automap opens their list, F1 their help."""
        return self._overlay.responder(session, event, self.roster)

    def whereabouts(self, session: Session) -> Whereabouts:
        """How many containers there are, and where the nearest is from where the player stands."""
        world = session.world
        player = world.players[world.displayplayer]
        entry = nearest(self.roster, player.mo)
        mobj = entry.mobj if entry is not None else None
        free = bool(player.cheats & CF_NOCLIP)
        aim = self.aim(world)
        return Whereabouts(
            count=sum(entry.phase in LIVING for entry in self.roster.entries.values()),
            turn=bearing(player.mo, mobj) if mobj is not None else None,
            in_sight=self._overlay.seen_any,
            walled=mobj is not None and not free and self._stage.is_walled_off(world, player.mo, mobj),
            cheat=_noclip_cheat(world),
            dry_run=self._fleet.dry_run,
            outcome=outcome(aim.meaning.action if aim is not None else REMOVE.action),
            listed=self._fleet.listed,
            away=self._fleet.bridge_away,
        )

    def _tick_hints(self, session: Session) -> None:
        hits, self._hits = self._hits, self._fleet.hits
        ready = self._stage.is_ready
        self._hints.tick(ready, self._hits != hits)
        if ready and not self._announced:
            self._announced = True
            self._announce(sentence(self.whereabouts(session), self._hints.keys))

    def aim(self, world: World) -> Aim | None:
        """What the weapon in hand, or the one that is being raised, does to a container; None without a bridge."""
        player = world.players[world.consoleplayer]
        pending = player.pendingweapon
        weapon = player.readyweapon if pending == WP_NOCHANGE else pending
        meaning = self._fleet.kill_with(WEAPON_NAMES.get(weapon, ""))
        return Aim(meaning, self._fleet.dry_run) if meaning is not None else None

    def _count_kills(self, world: World) -> None:
        """Add the containers killed in this level to its results, as the level ends; not those of a dry run."""
        kills = sum(not death.is_rehearsed for death in self.record.level)
        world.players[world.consoleplayer].killcount += kills
        world.totalkills += kills

    def survey(self, seed: int) -> FleetSite | None:
        """The fleet's groups, to build a level from; None before the bridge has sent its list."""
        self.hear()
        if not self._fleet.listed:
            return None
        return survey([entry.info for entry in self.roster.entries.values() if entry.exists], seed)

    def status(self) -> str:
        """A permanent warning for the player; usually empty."""
        if self._fleet.bridge_away:
            return "BRIDGE AWAY"
        if self._fleet.engine_down:
            return "ENGINE DOWN"
        if not self._fleet.listed:
            return "WAITING FOR BRIDGE"
        waiting = len(self.roster.waiting())
        return f"{waiting} WAITING FOR ROOM" if waiting and self._stage.told_waiting else ""

    def summary(self) -> str:
        """One line about the containers, for outputs with room for text below the frame."""
        return summary(self.roster, self.status(), self._fleet.troubled_probes())

    def close(self) -> None:
        """End the connection to the bridge."""
        self._link.close()


def _noclip_cheat(world: World) -> str:
    """What to type to walk through walls; empty on nightmare, where cheats do not work."""
    if world.skill == SK_NIGHTMARE:
        return ""
    return "idclip" if world.mode == GameMode.COMMERCIAL else "idspispopd"
