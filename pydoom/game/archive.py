"""From a world to a saved game and back (the ``P_Archive`` and ``P_UnArchive`` functions).

What the original does not save is lost here too: who a monster is after, plats in stasis, fire flicker, running
buttons, fractions of heights, and the random numbers' index.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

from pydoom.core import attribute_names
from pydoom.game.dsg import ArchivedGame, Fields, Header, SpecialClass, numbered
from pydoom.sim import links, states, thinkers
from pydoom.sim.fixed import FRACBITS
from pydoom.sim.level import Line, MapThing, Sector, Side, Subsector
from pydoom.sim.mobj import Mobj
from pydoom.sim.overflow import extent
from pydoom.sim.player import Player, PspDef
from pydoom.sim.specials import ceilings, plats
from pydoom.sim.specials.ceilings import Ceiling
from pydoom.sim.specials.doors import Door
from pydoom.sim.specials.floors import FloorMove
from pydoom.sim.specials.kinds import CeilingType, DoorType, FloorType, PlatStatus, PlatType
from pydoom.sim.specials.lights import Glow, LightFlash, Strobe
from pydoom.sim.specials.plats import Plat
from pydoom.sim.world import World

_SAME_MOBJ_FIELDS: Final = [
    "x",
    "y",
    "z",
    "angle",
    "sprite",
    "frame",
    "floorz",
    "ceilingz",
    "radius",
    "height",
    "momx",
    "momy",
    "momz",
    "validcount",
    "type",
    "tics",
    "flags",
    "health",
    "movedir",
    "movecount",
    "reactiontime",
    "threshold",
    "lastlook",
]
"""Fields of a mobj that are numbers of the same name in the file."""
_SAME_PLAYER_FIELDS: Final = [
    "playerstate",
    "viewz",
    "viewheight",
    "deltaviewheight",
    "bob",
    "health",
    "armorpoints",
    "armortype",
    "readyweapon",
    "pendingweapon",
    "cheats",
    "refire",
    "killcount",
    "itemcount",
    "secretcount",
    "damagecount",
    "bonuscount",
    "extralight",
    "fixedcolormap",
    "colormap",
]
_PLAYER_BOOLS: Final = ("backpack", "attackdown", "usedown", "didsecret")
_CMD_FIELDS: Final = ("forwardmove", "sidemove", "angleturn", "consistancy", "chatchar", "buttons")

# array fields of a player: the name of its elements in the file, the attribute, whether they are booleans
_PLAYER_ARRAYS: Final = (
    ("power", "powers", False),
    ("card", "cards", True),
    ("frag", "frags", False),
    ("weaponowned", "weaponowned", True),
    ("ammo", "ammo", False),
    ("maxammo", "maxammo", False),
)

Special: TypeAlias = Ceiling | Door | FloorMove | Plat | LightFlash | Strobe | Glow
"""The thinkers besides mobjs that the original saves."""

_SPECIAL_CLASSES: Final[dict[type[Special], SpecialClass]] = {
    Ceiling: SpecialClass.CEILING,
    Door: SpecialClass.DOOR,
    FloorMove: SpecialClass.FLOOR,
    Plat: SpecialClass.PLAT,
    LightFlash: SpecialClass.FLASH,
    Strobe: SpecialClass.STROBE,
    Glow: SpecialClass.GLOW,
}
_RUNNING: Final = 1
"""Written in place of the address of a thinker's function; 0 means in stasis."""


# -- from the world


def archive(world: World, description: str, label_of: Callable[[Mobj], str | None] | None = None) -> ArchivedGame:
    """Everything of the running level that the format holds. `label_of` may name mobjs for `unarchive`."""
    header = Header(
        description,
        world.skill,
        world.episode,
        world.map,
        list(world.playeringame),
        world.leveltime & 0xFFFFFF,
        world.version.code,
    )
    saved = ArchivedGame(header)
    for player in world.players:
        if world.playeringame[player.number]:
            saved.players[player.number] = _archive_player(player)
    saved.sectors = [_archive_sector(sector) for sector in world.sectors]
    sides = world.sides
    saved.lines = [
        (
            {"flags": line.flags, "special": line.special, "tag": line.tag},
            [_archive_side(sides[number]) for number in line.sidenum if number != -1],
        )
        for line in world.lines
    ]
    for thinker in world.thinkers:
        if thinker.removed:
            continue
        if isinstance(thinker, Mobj):
            label = label_of(thinker) if label_of is not None else None
            if label is not None:
                saved.labels[len(saved.mobjs)] = label
            saved.mobjs.append(_archive_mobj(thinker))
        elif isinstance(thinker, Special) and _is_saved(world, thinker):
            saved.specials.append((_SPECIAL_CLASSES[type(thinker)], _archive_special(thinker)))
    return saved


def _archive_player(player: Player) -> Fields:
    fields = {name: int(getattr(player, name)) for name in (*_SAME_PLAYER_FIELDS, *_PLAYER_BOOLS)}
    fields |= {name: getattr(player.cmd, name) for name in _CMD_FIELDS}
    for name, attribute, _ in _PLAYER_ARRAYS:
        values = getattr(player, attribute)
        fields |= {key: int(value) for key, value in zip(numbered(name, len(values)), values, strict=True)}
    for index, psp in enumerate(player.psprites):
        fields[f"psp{index}_state"] = psp.state.index if psp.state is not None else 0
        fields |= {f"psp{index}_{name}": getattr(psp, name) for name in ("tics", "sx", "sy")}
    return fields


def _archive_sector(sector: Sector) -> Fields:
    return {
        "floorheight": sector.floorheight >> FRACBITS,
        "ceilingheight": sector.ceilingheight >> FRACBITS,
        "floorpic": sector.floorpic,
        "ceilingpic": sector.ceilingpic,
        "lightlevel": sector.lightlevel,
        "special": sector.special,
        "tag": sector.tag,
    }


def _archive_side(side: Side) -> Fields:
    return {
        "textureoffset": side.textureoffset >> FRACBITS,
        "rowoffset": side.rowoffset >> FRACBITS,
        "toptexture": side.toptexture,
        "bottomtexture": side.bottomtexture,
        "midtexture": side.midtexture,
    }


def _archive_mobj(mobj: Mobj) -> Fields:
    fields = {name: int(getattr(mobj, name)) for name in _SAME_MOBJ_FIELDS}
    fields["function"] = _RUNNING
    fields["state"] = mobj.state.index
    fields["player"] = mobj.player.number + 1 if mobj.player is not None else 0
    spawn = mobj.spawnpoint
    fields |= {f"spawn_{name}": getattr(spawn, name) for name in ("x", "y", "angle", "type", "options")}
    return fields


def _is_saved(world: World, thinker: Special) -> bool:
    """Whether the original saves this special: of those in stasis, only ceilings that have a slot."""
    if isinstance(thinker, Plat):
        return thinker.status != PlatStatus.IN_STASIS
    if isinstance(thinker, Ceiling) and thinker.direction == 0:
        return thinker in world.specials.activeceilings
    return True


def _archive_special(thinker: Special) -> Fields:
    names = [name for name in attribute_names(type(thinker)) if name not in ("sector", "removed")]
    fields = {name: int(getattr(thinker, name)) for name in names}
    fields["sector"] = thinker.sector.index
    in_stasis = isinstance(thinker, Ceiling) and thinker.direction == 0
    fields["function"] = 0 if in_stasis else _RUNNING
    return fields


# -- into the world


def unarchive(world: World, saved: ArchivedGame) -> list[tuple[Mobj, str]]:
    """Restore a freshly set up level to its saved state; returns the mobjs that had labels."""
    world.leveltime = saved.header.leveltime
    for number, fields in saved.players.items():
        _unarchive_player(world, world.players[number], fields)
    for sector, fields in zip(world.sectors, saved.sectors, strict=True):
        _unarchive_sector(sector, fields)
    extent.measure(world)
    for line, (fields, sides) in zip(world.lines, saved.lines, strict=True):
        _unarchive_line(world, line, fields, sides)
    _clear_thinkers(world)
    loaded = [_unarchive_mobj(world, fields) for fields in saved.mobjs]
    for kind, fields in saved.specials:
        _unarchive_special(world, kind, fields)
    return [(loaded[place], label) for place, label in saved.labels.items()]


def _unarchive_player(world: World, player: Player, fields: Fields) -> None:
    for name in _SAME_PLAYER_FIELDS:
        setattr(player, name, fields[name])
    for name in _PLAYER_BOOLS:
        setattr(player, name, bool(fields[name]))
    for name in _CMD_FIELDS:
        setattr(player.cmd, name, fields[name])
    for name, attribute, is_bool in _PLAYER_ARRAYS:
        values = getattr(player, attribute)
        values[:] = [bool(fields[key]) if is_bool else fields[key] for key in numbered(name, len(values))]
    for index, psp in enumerate(player.psprites):
        _unarchive_psprite(world, psp, fields, f"psp{index}_")
    player.message = None
    player.attacker = None


def _unarchive_psprite(world: World, psp: PspDef, fields: Fields, prefix: str) -> None:
    number = fields[prefix + "state"]
    psp.state = world.states[number] if number else None
    psp.tics = fields[prefix + "tics"]
    psp.sx = fields[prefix + "sx"]
    psp.sy = fields[prefix + "sy"]


def _unarchive_sector(sector: Sector, fields: Fields) -> None:
    sector.floorheight = fields["floorheight"] << FRACBITS
    sector.ceilingheight = fields["ceilingheight"] << FRACBITS
    sector.floorpic = fields["floorpic"]
    sector.ceilingpic = fields["ceilingpic"]
    sector.lightlevel = fields["lightlevel"]
    sector.special = fields["special"]
    sector.tag = fields["tag"]
    sector.specialdata = None
    sector.soundtarget = None


def _unarchive_line(world: World, line: Line, fields: Fields, sides: list[Fields]) -> None:
    line.flags = fields["flags"]
    line.special = fields["special"]
    line.tag = fields["tag"]
    numbers = [number for number in line.sidenum if number != -1]
    for number, values in zip(numbers, sides, strict=True):
        side = world.sides[number]
        side.textureoffset = values["textureoffset"] << FRACBITS
        side.rowoffset = values["rowoffset"] << FRACBITS
        side.toptexture = values["toptexture"]
        side.bottomtexture = values["bottomtexture"]
        side.midtexture = values["midtexture"]


def _clear_thinkers(world: World) -> None:
    """Remove everything that the level started with.

    Items go through the ordinary removal, and so into the queue of those that come back in a deathmatch.
    """
    for thinker in list(world.thinkers):
        if isinstance(thinker, Mobj) and not thinker.removed:
            states.remove_mobj(world, thinker)
    world.thinkers.clear()


def _unarchive_mobj(world: World, fields: Fields) -> Mobj:
    nowhere: Subsector = world.subsectors[0]
    mobj = Mobj(nowhere, world.info.mobjinfo[fields["type"]], world.states[fields["state"]])
    for name in _SAME_MOBJ_FIELDS:
        setattr(mobj, name, fields[name])
    mobj.spawnpoint = MapThing(
        fields["spawn_x"],
        fields["spawn_y"],
        fields["spawn_angle"],
        fields["spawn_type"],
        fields["spawn_options"],
    )
    if fields["player"] > 0:
        mobj.player = world.players[fields["player"] - 1]
        mobj.player.mo = mobj
    links.set_thing_position(world, mobj)
    mobj.floorz = mobj.subsector.sector.floorheight
    mobj.ceilingz = mobj.subsector.sector.ceilingheight
    thinkers.add_thinker(world, mobj)
    return mobj


def _unarchive_special(world: World, kind: SpecialClass, fields: Fields) -> None:
    sector = world.sectors[fields["sector"]]
    thinker: Special
    if kind == SpecialClass.CEILING:
        thinker = Ceiling(sector, CeilingType(fields["type"]))
    elif kind == SpecialClass.DOOR:
        thinker = Door(sector, DoorType(fields["type"]), fields["direction"], fields["topheight"])
    elif kind == SpecialClass.FLOOR:
        thinker = FloorMove(
            sector, FloorType(fields["type"]), fields["direction"], fields["speed"], fields["floordestheight"]
        )
    elif kind == SpecialClass.PLAT:
        thinker = Plat(sector, PlatType(fields["type"]), fields["tag"])
    elif kind == SpecialClass.FLASH:
        thinker = LightFlash(sector, fields["maxlight"], fields["minlight"])
    elif kind == SpecialClass.STROBE:
        thinker = Strobe(sector, fields["maxlight"], fields["minlight"], fields["darktime"])
    else:
        thinker = Glow(sector, fields["maxlight"], fields["minlight"])
    for name in attribute_names(type(thinker)):
        if name not in ("sector", "removed", "type", "status", "oldstatus"):
            setattr(thinker, name, fields[name])
    thinkers.add_thinker(world, thinker)
    if kind <= SpecialClass.PLAT:
        sector.specialdata = thinker
    if isinstance(thinker, Ceiling):
        ceilings.add_active_ceiling(world, thinker)
    elif isinstance(thinker, Plat):
        _set_plat_status(thinker, fields)
        plats.add_active_plat(world, thinker)


def _set_plat_status(plat: Plat, fields: Fields) -> None:
    plat.status = PlatStatus(fields["status"])
    # for a plat that was never stopped, the original saves uninitialised memory
    if fields["oldstatus"] in set(PlatStatus):
        plat.oldstatus = PlatStatus(fields["oldstatus"])
