"""A program's view of the world: small frozen copies, in map units and degrees.

They are made when asked for and do not change afterwards; they contain no references to the simulation's own objects.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, overload
from weakref import ref

from pydoom.data.flags import MF_COUNTITEM, MF_COUNTKILL, MF_MISSILE, MF_SHOOTABLE, MF_SPECIAL
from pydoom.data.info import NUMAMMO, NUMWEAPONS
from pydoom.sim.fixed import FRACUNIT
from pydoom.sim.level import Sector
from pydoom.sim.mobj import Mobj
from pydoom.sim.player import NUMCARDS, NUMPOWERS, PST_DEAD, Player
from pydoom.sim.world import World

WEAPONS: Final = (
    "fist",
    "pistol",
    "shotgun",
    "chaingun",
    "rocket launcher",
    "plasma gun",
    "BFG 9000",
    "chainsaw",
    "super shotgun",
)
AMMO: Final = ("bullets", "shells", "cells", "rockets")
KEYS: Final = ("blue card", "yellow card", "red card", "blue skull", "yellow skull", "red skull")
POWERS: Final = ("invulnerability", "berserk", "invisibility", "radiation suit", "map", "light visor")

_CIRCLE_BAM: Final = 1 << 32


@dataclass(frozen=True, slots=True)
class PlayerView:
    """The player. `x`, `y`, `z`, `eye_z` in map units; `speed_*` in map units a tic; `angle` in degrees, east is 0."""

    x: float
    y: float
    z: float
    eye_z: float
    speed_x: float
    speed_y: float
    angle: float
    health: int
    armor: int
    alive: bool
    weapon: str
    weapons: tuple[str, ...]
    ammo: dict[str, int]
    keys: tuple[str, ...]
    powers: dict[str, int]
    """Active powers, with the tics since their pickup (berserk) or the tics left (the others)."""
    kills: int
    items: int
    secrets: int
    message: str | None


@dataclass(frozen=True, slots=True)
class ThingView:
    """A thing: monster, item, missile or decoration. Map units, degrees.

    `id` identifies things within one moment, in the order they act. `type` is the number in the original's table of
    things and `name` the name of its current sprite ("POSS"); `target` is the `id` of its target.
    """

    id: int
    type: int
    name: str
    x: float
    y: float
    z: float
    angle: float
    radius: float
    height: float
    health: int
    is_monster: bool
    is_shootable: bool
    is_item: bool
    is_missile: bool
    is_player: bool
    sector: int
    target: int | None


@dataclass(frozen=True, slots=True)
class SectorView:
    """A sector. Heights in map units, `light` 0 to 255."""

    index: int
    floor: float
    ceiling: float
    light: int
    special: int
    tag: int
    floor_texture: str
    ceiling_texture: str


class Things(Sequence[ThingView]):
    """The things of one moment, in the order they act. Each is copied when it is first accessed.

    A sequence, equal to a tuple of the same things. When the game goes on, the rest is copied if somebody still holds
    the sequence, so unused ones cost nothing.
    """

    __slots__ = ("__weakref__", "_ids", "_mobjs", "_names", "_views")

    def __init__(self, world: World) -> None:
        self._mobjs = [thinker for thinker in world.thinkers if isinstance(thinker, Mobj) and not thinker.removed]
        self._names = world.info.sprites
        self._ids: dict[int, int] = {}
        self._views: list[ThingView | None] = [None] * len(self._mobjs)

    def __len__(self) -> int:
        return len(self._views)

    @overload
    def __getitem__(self, index: int) -> ThingView: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[ThingView, ...]: ...
    def __getitem__(self, index: int | slice) -> ThingView | tuple[ThingView, ...]:
        if isinstance(index, slice):
            return tuple(self._view(number) for number in range(*index.indices(len(self))))
        return self._view(range(len(self))[index])

    def __iter__(self) -> Iterator[ThingView]:
        return map(self._view, range(len(self)))

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Things | tuple):
            return tuple(self) == tuple(other)
        return NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return repr(tuple(self))

    def __reduce__(self) -> tuple[type[tuple[ThingView, ...]], tuple[tuple[ThingView, ...]]]:
        return tuple, (tuple(self),)

    def _view(self, number: int) -> ThingView:
        view = self._views[number]
        if view is None:
            if not self._ids:
                self._ids = {id(mobj): place for place, mobj in enumerate(self._mobjs)}
            view = self._views[number] = _thing(number, self._mobjs[number], self._ids, self._names)
        return view

    def copy_all(self) -> None:
        """Copy everything not accessed yet, before it changes."""
        for number in range(len(self)):
            self._view(number)
        self._mobjs = []


class Moment:
    """The time between two changes of a game. Postponed copies must be made before it ends."""

    __slots__ = ("_things",)

    def __init__(self) -> None:
        self._things: ref[Things] | None = None

    def things(self, world: World) -> Things:
        """The things now; the same sequence for as long as somebody holds it."""
        things = self._things() if self._things is not None else None
        if things is None:
            things = Things(world)
            self._things = ref(things)
        return things

    def end(self) -> None:
        """Make the postponed copies: the game is about to change."""
        things = self._things() if self._things is not None else None
        if things is not None:
            things.copy_all()
        self._things = None


class WorldView:
    """The world at this moment; each attribute is a copy of the current state."""

    __slots__ = ("_moment", "_world")

    def __init__(self, world: World, moment: Moment) -> None:
        self._world = world
        self._moment = moment

    @property
    def tic(self) -> int:
        """Tics since the level began."""
        return self._world.leveltime

    @property
    def episode(self) -> int:
        """The episode, from 1."""
        return self._world.episode

    @property
    def map(self) -> int:
        """The map's number, from 1."""
        return self._world.map

    @property
    def skill(self) -> int:
        """The skill, 1 to 5."""
        return self._world.skill + 1

    @property
    def totals(self) -> tuple[int, int, int]:
        """Total kills, items and secrets of this level."""
        return self._world.totalkills, self._world.totalitems, self._world.totalsecret

    @property
    def player(self) -> PlayerView:
        """The player."""
        return _player(self._world.players[self._world.consoleplayer])

    @property
    def things(self) -> Things:
        """All things, including the player, in the order they act: a sequence that copies what is accessed."""
        return self._moment.things(self._world)

    @property
    def sectors(self) -> tuple[SectorView, ...]:
        """All sectors, by number."""
        flats = self._world.catalog.flat_names
        return tuple(_sector(sector, flats) for sector in self._world.sectors)


def _player(player: Player) -> PlayerView:
    mo = player.mo
    return PlayerView(
        x=mo.x / FRACUNIT,
        y=mo.y / FRACUNIT,
        z=mo.z / FRACUNIT,
        eye_z=player.viewz / FRACUNIT,
        speed_x=mo.momx / FRACUNIT,
        speed_y=mo.momy / FRACUNIT,
        angle=_degrees(mo.angle),
        health=player.health,
        armor=player.armorpoints,
        alive=player.playerstate != PST_DEAD,
        weapon=WEAPONS[player.readyweapon],
        weapons=tuple(WEAPONS[number] for number in range(NUMWEAPONS) if player.weaponowned[number]),
        ammo={AMMO[number]: player.ammo[number] for number in range(NUMAMMO)},
        keys=tuple(KEYS[number] for number in range(NUMCARDS) if player.cards[number]),
        powers={POWERS[number]: player.powers[number] for number in range(NUMPOWERS) if player.powers[number]},
        kills=player.killcount,
        items=player.itemcount,
        secrets=player.secretcount,
        message=player.message,
    )


def _thing(number: int, mobj: Mobj, ids: dict[int, int], names: list[str]) -> ThingView:
    flags = mobj.flags
    return ThingView(
        id=number,
        type=mobj.type,
        name=names[mobj.sprite],
        x=mobj.x / FRACUNIT,
        y=mobj.y / FRACUNIT,
        z=mobj.z / FRACUNIT,
        angle=_degrees(mobj.angle),
        radius=mobj.radius / FRACUNIT,
        height=mobj.height / FRACUNIT,
        health=mobj.health,
        is_monster=bool(flags & MF_COUNTKILL),
        is_shootable=bool(flags & MF_SHOOTABLE),
        is_item=bool(flags & (MF_SPECIAL | MF_COUNTITEM)),
        is_missile=bool(flags & MF_MISSILE),
        is_player=mobj.player is not None,
        sector=mobj.subsector.sector.index,
        target=ids.get(id(mobj.target)) if mobj.target is not None else None,
    )


def _sector(sector: Sector, flats: list[str]) -> SectorView:
    return SectorView(
        index=sector.index,
        floor=sector.floorheight / FRACUNIT,
        ceiling=sector.ceilingheight / FRACUNIT,
        light=sector.lightlevel,
        special=sector.special,
        tag=sector.tag,
        floor_texture=flats[sector.floorpic],
        ceiling_texture=flats[sector.ceilingpic],
    )


def _degrees(angle_bam: int) -> float:
    return math.fmod(angle_bam * 360 / _CIRCLE_BAM, 360.0)
