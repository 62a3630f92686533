"""The one narrow door between containers and the game: `before_tic` and `draw_overlay`.

To follow a kill: the simulation tells the monster's bond (`level.bonds`), which tells the fleet (`fleet.fleet`), which
sends the order to the bridge's client (`link.client`). The answer and the news come back as events, which move the
container on in the table of its life (`fleet.lifecycle`); `level.stage` does to the monster what its phase says.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from pydoom.containers.fleet.fleet import Fleet
from pydoom.containers.level.species import Species
from pydoom.containers.level.stage import Stage
from pydoom.containers.link.events import BridgeLink
from pydoom.containers.picture.overlay import Overlay
from pydoom.containers.picture.summary import summary
from pydoom.game.state import GameState

if TYPE_CHECKING:
    from pydoom.game.events import Event
    from pydoom.game.session import Session
    from pydoom.screens.border import ViewWindow
    from pydoom.screens.video import Frame


def _ignore(_text: str) -> None:
    """Nobody listens."""


class Containers:
    """The containers of one game. `complain` is told what has no room in the frame: why the bridge is away."""

    def __init__(
        self,
        link: BridgeLink,
        overlay: Overlay,
        species: Species,
        safety: bool = True,
        complain: Callable[[str], None] | None = None,
    ) -> None:
        self._link = link
        self._overlay = overlay
        self._fleet = Fleet(link, complain if complain is not None else _ignore)
        self._stage = Stage(self._fleet, species, safety)
        self.roster = self._fleet.roster
        self.record = self._fleet.record
        self.messages = self._fleet.messages
        self.label_of = self._stage.label_of
        self.labels_loaded = self._stage.labels_loaded

    def hear(self) -> None:
        """Take in the bridge's news and change nothing in the level: at any time, in demos and pauses as well."""
        self._fleet.hear()

    def before_tic(self, session: Session) -> None:
        """Take in the bridge's news and bring the level up to date with them. Never waits."""
        world = session.world
        player = world.players[world.consoleplayer]
        if self._stage.changes(world):
            self._fleet.new_level()
        self.hear()
        if session.gamestate == GameState.LEVEL and session.usergame and player.has_body:
            self._stage.tick(world)
            self.messages.ticker(player)

    def draw_overlay(self, session: Session, frame: Frame, window: ViewWindow) -> None:
        """What is to be seen of the containers over the view, the automap or the intermission."""
        self._overlay.draw(session, frame, window, self.roster, self.record, self.status())

    def responder(self, session: Session, event: Event) -> bool:
        """True when the event is for the list of containers: TAB on the automap leads on to it."""
        return self._overlay.responder(session, event, len(self.roster.entries))

    def status(self) -> str:
        """What the player should know all the time; usually nothing."""
        if self._fleet.bridge_away:
            return "BRIDGE AWAY"
        if self._fleet.engine_down:
            return "ENGINE DOWN"
        waiting = len(self.roster.waiting())
        return f"{waiting} WAITING FOR ROOM" if waiting and self._stage.told_waiting else ""

    def summary(self) -> str:
        """One line for places with room for text below the frame."""
        return summary(self.roster, self.status())

    def close(self) -> None:
        """The game ends."""
        self._link.close()
