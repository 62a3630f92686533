"""The players' commands of a tic: from keyboards or a demo, and what the program itself adds (``G_Ticker``)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from pydoom.game.demotape import DemoTape
from pydoom.game.turbo import TurboWatch
from pydoom.sim.player import MAXPLAYERS
from pydoom.sim.ticcmd import BT_SPECIAL, BTS_PAUSE, BTS_SAVEGAME, BTS_SAVESHIFT, TicCmd

if TYPE_CHECKING:
    from pydoom.sim.world import World

_NO_COMMAND: Final = TicCmd()
_UNNAMED: Final = "NET GAME"


class TicCommands:
    """Gives the players of a world their commands. Pauses and saves are commands too, so that demos hold them."""

    def __init__(self, world: World, demo: DemoTape) -> None:
        self._world = world
        self._demo = demo
        self._turbo = TurboWatch()
        self._pause = False
        self._save_slot: int | None = None
        self._save_description = ""

    def pause(self) -> None:
        """Pause or resume with the next command."""
        self._pause = True

    def save(self, slot: int, description: str) -> None:
        """Save with the next command (``G_SaveGame``)."""
        self._save_slot = slot
        self._save_description = description

    def take_description(self) -> str:
        """The name for the game that a command saves; demos do not contain it."""
        description, self._save_description = self._save_description, ""
        return description or _UNNAMED

    def level_started(self) -> None:
        """Forget requests from the previous level."""
        self._pause = False
        self._save_slot = None
        self._turbo = TurboWatch()

    def special_buttons(self) -> int:
        """Buttons of a pending pause or save, which go into the console player's command (``G_BuildTiccmd``)."""
        buttons = 0
        if self._pause:
            self._pause = False
            buttons = BT_SPECIAL | BTS_PAUSE
        if self._save_slot is not None:
            buttons = BT_SPECIAL | BTS_SAVEGAME | (self._save_slot << BTS_SAVESHIFT)
            self._save_slot = None
        return buttons

    def give(
        self,
        commands: Mapping[int, TicCmd],
        special: int,
        gametic: int,
        demo_ended: Callable[[], object],
        message: Callable[[str], None],
    ) -> None:
        """Give every player their command from `commands` or the demo, and record it.

        `special` buttons replace the console player's; `message` shows who is too fast.
        """
        world, demo = self._world, self._demo
        for number in range(MAXPLAYERS):
            if not world.playeringame[number]:
                continue
            cmd = world.players[number].cmd
            _copy_command(commands.get(number, _NO_COMMAND), cmd)
            if special and number == world.consoleplayer:
                cmd.buttons = special
            if not demo.read(cmd):
                demo_ended()
            if not demo.write(cmd):
                demo_ended()
            text = self._turbo.message(number, cmd.forwardmove, gametic)
            if text:
                message(text)


def _copy_command(source: TicCmd, target: TicCmd) -> None:
    target.forwardmove = source.forwardmove
    target.sidemove = source.sidemove
    target.angleturn = source.angleturn
    target.chatchar = source.chatchar
    target.buttons = source.buttons
    target.consistancy = source.consistancy
