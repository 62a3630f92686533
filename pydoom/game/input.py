"""How a session looks at an input event before any screen does (the beginning of ``G_Responder``)."""

from __future__ import annotations

from pydoom.game.events import Event, JoystickEvent, KeyEvent, MouseEvent
from pydoom.sim.player import MAXPLAYERS
from pydoom.sim.world import World


def is_anything_pressed(event: Event) -> bool:
    """Whether a key or a button went down."""
    if isinstance(event, KeyEvent):
        return event.down
    return isinstance(event, MouseEvent | JoystickEvent) and bool(event.buttons)


def is_press(event: Event, key: int) -> bool:
    """Whether `key` went down."""
    return isinstance(event, KeyEvent) and event.down and event.key == key


def show_next_view(world: World) -> None:
    """Switch the view to the next player in the game."""
    while True:
        world.displayplayer = (world.displayplayer + 1) % MAXPLAYERS
        if world.playeringame[world.displayplayer] or world.displayplayer == world.consoleplayer:
            return
