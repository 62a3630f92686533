"""Doors: sectors whose ceiling goes up and comes down again (``p_doors.c``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydoom.data import strings
from pydoom.data.sound_ids import SFX_BDCLS, SFX_BDOPN, SFX_DORCLS, SFX_DOROPN, SFX_OOF
from pydoom.sim import thinkers
from pydoom.sim.constants import TICRATE
from pydoom.sim.fixed import FRACUNIT, to_int32
from pydoom.sim.player import IT_BLUECARD, IT_BLUESKULL, IT_REDCARD, IT_REDSKULL, IT_YELLOWCARD, IT_YELLOWSKULL
from pydoom.sim.specials import planes, sectors
from pydoom.sim.specials.kinds import DoorType, MoveResult
from pydoom.sim.thinkers import Thinker

if TYPE_CHECKING:
    from pydoom.sim.level import Line, Sector
    from pydoom.sim.mobj import Mobj
    from pydoom.sim.player import Player
    from pydoom.sim.world import World

DOOR_SPEED: Final = 2 * FRACUNIT
"""Fixed map units a tic; blazing doors go four times as fast."""
DOOR_WAIT: Final = 150
"""Tics a door stays open."""

UP: Final = 1
WAITING: Final = 0
DOWN: Final = -1
INITIAL_WAIT: Final = 2

MANUAL_BLAZE_RAISE: Final = 117
MANUAL_BLAZE_OPEN: Final = 118

_BLUE: Final = (IT_BLUECARD, IT_BLUESKULL)
_YELLOW: Final = (IT_YELLOWCARD, IT_YELLOWSKULL)
_RED: Final = (IT_REDCARD, IT_REDSKULL)

# manual door special -> the keys of which one is needed, and the message to a player without one
_MANUAL_LOCKS: Final = {
    26: (_BLUE, strings.PD_BLUEK),
    32: (_BLUE, strings.PD_BLUEK),
    27: (_YELLOW, strings.PD_YELLOWK),
    34: (_YELLOW, strings.PD_YELLOWK),
    28: (_RED, strings.PD_REDK),
    33: (_RED, strings.PD_REDK),
}

# the same for switches that open locked doors elsewhere
_SWITCH_LOCKS: Final = {
    99: (_BLUE, strings.PD_BLUEO),
    133: (_BLUE, strings.PD_BLUEO),
    134: (_RED, strings.PD_REDO),
    135: (_RED, strings.PD_REDO),
    136: (_YELLOW, strings.PD_YELLOWO),
    137: (_YELLOW, strings.PD_YELLOWO),
}

# manual door special -> what it does; those that stay open work once
_MANUAL_TYPES: Final = {
    1: DoorType.NORMAL,
    26: DoorType.NORMAL,
    27: DoorType.NORMAL,
    28: DoorType.NORMAL,
    31: DoorType.OPEN,
    32: DoorType.OPEN,
    33: DoorType.OPEN,
    34: DoorType.OPEN,
    117: DoorType.BLAZE_RAISE,
    118: DoorType.BLAZE_OPEN,
}
MANUAL_DOORS: Final = frozenset(_MANUAL_TYPES)
_REVERSIBLE: Final = frozenset((1, 26, 27, 28, 117))
_BLAZING: Final = frozenset((DoorType.BLAZE_RAISE, DoorType.BLAZE_OPEN, DoorType.BLAZE_CLOSE))


class Door(Thinker):
    """A moving door (``vldoor_t``). Heights and speed are 16.16 fixed, waits are tics.

    `direction` is UP, WAITING (at the top, or closed for 30 seconds), DOWN or INITIAL_WAIT. A door in a level's
    sector that closes after 30 seconds leaves `topheight` and `topwait` unset in the original; here they are where
    the ceiling is and the usual wait.
    """

    __slots__ = ("direction", "sector", "speed", "topcountdown", "topheight", "topwait", "type")

    def __init__(self, sector: Sector, type: DoorType, direction: int, topheight: int) -> None:
        super().__init__()
        self.type = type
        self.sector = sector
        self.topheight = topheight
        self.speed: int = DOOR_SPEED * 4 if type in _BLAZING else DOOR_SPEED
        self.direction = direction
        self.topwait: int = DOOR_WAIT
        self.topcountdown: int = 0

    def think(self, world: World) -> None:
        """``T_VerticalDoor``."""
        direction = self.direction
        if direction == WAITING:
            self.topcountdown -= 1
            if not self.topcountdown:
                self._end_wait(world)
        elif direction == INITIAL_WAIT:
            self.topcountdown -= 1
            if not self.topcountdown and self.type == DoorType.RAISE_IN_5_MINS:
                self.direction = UP
                self.type = DoorType.NORMAL
                world.sounds.start(self.sector.soundorg, SFX_DOROPN)
        elif direction == DOWN:
            self._move_down(world)
        elif direction == UP:
            self._move_up(world)

    def _end_wait(self, world: World) -> None:
        origin = self.sector.soundorg
        if self.type == DoorType.BLAZE_RAISE:
            self.direction = DOWN
            world.sounds.start(origin, SFX_BDCLS)
        elif self.type == DoorType.NORMAL:
            self.direction = DOWN
            world.sounds.start(origin, SFX_DORCLS)
        elif self.type == DoorType.CLOSE_30_THEN_OPEN:
            self.direction = UP
            world.sounds.start(origin, SFX_DOROPN)

    def _move_down(self, world: World) -> None:
        kind = self.type
        result = planes.move_ceiling(world, self.sector, self.speed, self.sector.floorheight, 0, DOWN)
        if result == MoveResult.PASTDEST:
            if kind in (DoorType.BLAZE_RAISE, DoorType.BLAZE_CLOSE):
                self._finish(world)
                world.sounds.start(self.sector.soundorg, SFX_BDCLS)
            elif kind in (DoorType.NORMAL, DoorType.CLOSE):
                self._finish(world)
            elif kind == DoorType.CLOSE_30_THEN_OPEN:
                self.direction = WAITING
                self.topcountdown = TICRATE * 30
        elif result == MoveResult.CRUSHED:
            if kind not in (DoorType.BLAZE_CLOSE, DoorType.CLOSE):
                self.direction = UP
                world.sounds.start(self.sector.soundorg, SFX_DOROPN)

    def _move_up(self, world: World) -> None:
        if planes.move_ceiling(world, self.sector, self.speed, self.topheight, 0, UP) != MoveResult.PASTDEST:
            return
        if self.type in (DoorType.BLAZE_RAISE, DoorType.NORMAL):
            self.direction = WAITING
            self.topcountdown = self.topwait
        elif self.type in (DoorType.CLOSE_30_THEN_OPEN, DoorType.BLAZE_OPEN, DoorType.OPEN):
            self._finish(world)

    def _finish(self, world: World) -> None:
        self.sector.specialdata = None
        thinkers.remove_thinker(world, self)


def _add_door(world: World, door: Door) -> None:
    thinkers.add_thinker(world, door)
    door.sector.specialdata = door


def _top_height(sector: Sector) -> int:
    """Where a door opens to: four map units below the lowest ceiling around."""
    return to_int32(sectors.lowest_ceiling_surrounding(sector) - 4 * FRACUNIT)


def _has_key(player: Player, keys: tuple[int, int]) -> bool:
    return player.cards[keys[0]] or player.cards[keys[1]]


def _refuse(world: World, player: Player, message: str) -> None:
    player.message = world.info.text(message)
    world.sounds.start(None, SFX_OOF)


def ev_do_locked_door(world: World, line: Line, type: DoorType, thing: Mobj) -> bool:
    """Move the doors tagged by `line` if the player has its key; returns whether any moved (``EV_DoLockedDoor``)."""
    player = thing.player
    if player is None:
        return False
    lock = _SWITCH_LOCKS.get(line.special)
    if lock is not None and not _has_key(player, lock[0]):
        _refuse(world, player, lock[1])
        return False
    return ev_do_door(world, line, type)


def ev_do_door(world: World, line: Line, type: DoorType) -> bool:
    """Move the doors tagged by `line`; returns whether any was free to move (``EV_DoDoor``)."""
    moved = False
    for sector in sectors.tagged_sectors(world, line):
        if sector.specialdata is not None:
            continue
        moved = True
        if type == DoorType.CLOSE_30_THEN_OPEN:
            _add_door(world, Door(sector, type, DOWN, sector.ceilingheight))
            world.sounds.start(sector.soundorg, SFX_DORCLS)
            continue
        closes = type in (DoorType.CLOSE, DoorType.BLAZE_CLOSE)
        door = Door(sector, type, DOWN if closes else UP, _top_height(sector))
        _add_door(world, door)
        if closes:
            world.sounds.start(sector.soundorg, SFX_BDCLS if type in _BLAZING else SFX_DORCLS)
        elif door.topheight != sector.ceilingheight:
            world.sounds.start(sector.soundorg, SFX_BDOPN if type in _BLAZING else SFX_DOROPN)
    return moved


def ev_vertical_door(world: World, line: Line, thing: Mobj) -> None:
    """Open, or reverse, the door behind `line` by hand (``EV_VerticalDoor``).

    A one-sided line stops the original with an error; here nothing happens.
    """
    special = line.special
    player = thing.player
    lock = _MANUAL_LOCKS.get(special)
    if lock is not None:
        if player is None:
            return
        if not _has_key(player, lock[0]):
            _refuse(world, player, lock[1])
            return
    if line.sidenum[1] == -1:
        return
    sector = world.sides[line.sidenum[1]].sector
    if sector.specialdata is not None and special in _REVERSIBLE:
        _reverse(sector.specialdata, thing)
        return

    blazing = special in (MANUAL_BLAZE_RAISE, MANUAL_BLAZE_OPEN)
    world.sounds.start(sector.soundorg, SFX_BDOPN if blazing else SFX_DOROPN)
    type = _MANUAL_TYPES[special]
    _add_door(world, Door(sector, type, UP, _top_height(sector)))
    if type in (DoorType.OPEN, DoorType.BLAZE_OPEN):
        line.special = 0


# The fields that the original's 32-bit structures have where a door has its direction: using a moving plat, floor or
# ceiling through a manual door line reads and writes that.
_DIRECTION_FIELD: Final = {"Door": "direction", "Plat": "wait", "FloorMove": "newspecial", "Ceiling": "speed"}


def _reverse(mover: Thinker, thing: Mobj) -> None:
    """Make a door that is coming down go up, any other come down; only players close doors."""
    field = _DIRECTION_FIELD[type(mover).__name__]
    if getattr(mover, field) == DOWN:
        setattr(mover, field, UP)
    elif thing.player is not None:
        setattr(mover, field, DOWN)


def spawn_door_close_in_30(world: World, sector: Sector) -> None:
    """A door that closes 30 seconds into the level (``P_SpawnDoorCloseIn30``)."""
    door = Door(sector, DoorType.NORMAL, WAITING, sector.ceilingheight)
    door.topcountdown = 30 * TICRATE
    _add_door(world, door)
    sector.special = 0


def spawn_door_raise_in_5_mins(world: World, sector: Sector) -> None:
    """A door that opens five minutes into the level (``P_SpawnDoorRaiseIn5Mins``)."""
    door = Door(sector, DoorType.RAISE_IN_5_MINS, INITIAL_WAIT, _top_height(sector))
    door.topcountdown = 5 * 60 * TICRATE
    _add_door(world, door)
    sector.special = 0
