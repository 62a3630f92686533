"""States, mobj types, weapons, sounds, switches and animations (``info.c``, ``d_items.c``, ``sounds.c``).

These are the kinds of rows; `pydoom.data.infotables` reads the rows themselves. They are mutable, since DeHackEd
patches and ``-fast`` change the tables of one session.
"""

from collections.abc import Callable
from typing import Final

FF_FULLBRIGHT: Final = 0x8000
"""Bit of `State.frame`: draw at full brightness."""
FF_FRAMEMASK: Final = 0x7FFF

AM_CLIP: Final = 0
AM_SHELL: Final = 1
AM_CELL: Final = 2
AM_MISL: Final = 3
NUMAMMO: Final = 4
AM_NOAMMO: Final = 5

WP_FIST: Final = 0
WP_PISTOL: Final = 1
WP_SHOTGUN: Final = 2
WP_CHAINGUN: Final = 3
WP_MISSILE: Final = 4
WP_PLASMA: Final = 5
WP_BFG: Final = 6
WP_CHAINSAW: Final = 7
WP_SUPERSHOTGUN: Final = 8
NUMWEAPONS: Final = 9
WP_NOCHANGE: Final = 10

CHEAT_WORDS: Final = {
    "change music": "idmus",
    "chainsaw": "idchoppers",
    "god mode": "iddqd",
    "ammo & keys": "idkfa",
    "ammo": "idfa",
    "no clipping 1": "idspispopd",
    "no clipping 2": "idclip",
    "invincibility": "idbeholdv",
    "berserk": "idbeholds",
    "invisibility": "idbeholdi",
    "radiation suit": "idbeholdr",
    "auto-map": "idbeholda",
    "lite-amp goggles": "idbeholdl",
    "behold menu": "idbehold",
    "level warp": "idclev",
    "player position": "idmypos",
    "map cheat": "iddt",
}
"""What to type for each cheat, by the cheats' names in DeHackEd patches."""


class State:
    """One state of a mobj or player sprite (``state_t``).

    `frame` includes FF_FULLBRIGHT; `tics` is the duration in tics, -1 forever; `action` is the callable behind
    `action_name`, filled in by the simulation; `next` is the state that follows.
    """

    __slots__ = ("action", "action_name", "frame", "index", "misc1", "misc2", "name", "next", "sprite", "tics")

    def __init__(
        self, index: int, name: str, sprite: int, frame: int, tics: int, action_name: str, misc1: int, misc2: int
    ) -> None:
        self.index = index
        self.name = name
        self.sprite = sprite
        self.frame = frame
        self.tics = tics
        self.action_name = action_name
        self.action: Callable[..., None] | None = None
        self.next: State = self
        self.misc1 = misc1
        self.misc2 = misc2

    def __repr__(self) -> str:
        return f"<State {self.index} {self.name}>"


class MobjInfo:
    """One mobj type (``mobjinfo_t``): state and sound fields are numbers; radius and height 16.16 fixed.

    `speed` is map units a tic for monsters, 16.16 fixed for missiles, as in the original.
    """

    __slots__ = (
        "activesound",
        "attacksound",
        "damage",
        "deathsound",
        "deathstate",
        "doomednum",
        "flags",
        "height",
        "index",
        "mass",
        "meleestate",
        "missilestate",
        "name",
        "painchance",
        "painsound",
        "painstate",
        "radius",
        "raisestate",
        "reactiontime",
        "seesound",
        "seestate",
        "spawnhealth",
        "spawnstate",
        "speed",
        "xdeathstate",
    )

    def __init__(self, index: int, name: str, fields: dict[str, int]) -> None:
        self.index = index
        self.name = name
        self.doomednum = fields["doomednum"]
        self.spawnstate = fields["spawnstate"]
        self.spawnhealth = fields["spawnhealth"]
        self.seestate = fields["seestate"]
        self.seesound = fields["seesound"]
        self.reactiontime = fields["reactiontime"]
        self.attacksound = fields["attacksound"]
        self.painstate = fields["painstate"]
        self.painchance = fields["painchance"]
        self.painsound = fields["painsound"]
        self.meleestate = fields["meleestate"]
        self.missilestate = fields["missilestate"]
        self.deathstate = fields["deathstate"]
        self.xdeathstate = fields["xdeathstate"]
        self.deathsound = fields["deathsound"]
        self.speed = fields["speed"]
        self.radius = fields["radius"]
        self.height = fields["height"]
        self.mass = fields["mass"]
        self.damage = fields["damage"]
        self.activesound = fields["activesound"]
        self.flags = fields["flags"]
        self.raisestate = fields["raisestate"]

    def __repr__(self) -> str:
        return f"<MobjInfo {self.index} {self.name}>"


class WeaponInfo:
    """One weapon (``weaponinfo_t``): its ammo type and the numbers of its states."""

    __slots__ = ("ammo", "atkstate", "downstate", "flashstate", "name", "readystate", "upstate")

    def __init__(self, name: str, ammo: int, up: int, down: int, ready: int, attack: int, flash: int) -> None:
        self.name = name
        self.ammo = ammo
        self.upstate = up
        self.downstate = down
        self.readystate = ready
        self.atkstate = attack
        self.flashstate = flash


class SoundInfo:
    """One sound effect (``sfxinfo_t``). `link` is the number of the sound whose lump is played instead, or None."""

    __slots__ = ("link", "name", "pitch", "priority", "volume")

    def __init__(self, name: str, priority: int, link: int | None, pitch: int | None, volume: int | None) -> None:
        self.name = name
        self.priority = priority
        self.link = link
        self.pitch = pitch
        self.volume = volume


class SwitchInfo:
    """A pair of switch textures; `episode` 1 shareware, 2 registered, 3 DOOM II (``switchlist_t``)."""

    __slots__ = ("episode", "off", "on")

    def __init__(self, off: str, on: str, episode: int) -> None:
        self.off = off
        self.on = on
        self.episode = episode


class AnimationInfo:
    """A run of textures or flats shown in turn, each for `speed` tics (``animdef_t``)."""

    __slots__ = ("first", "is_texture", "last", "speed")

    def __init__(self, is_texture: bool, first: str, last: str, speed: int) -> None:
        self.is_texture = is_texture
        self.first = first
        self.last = last
        self.speed = speed


class MiscInfo:
    """Single numbers a DeHackEd patch may change (``deh_misc.h``): points of health and armor, armor classes, cells."""

    __slots__ = (
        "bfg_cells_per_shot",
        "blue_armor_class",
        "god_mode_health",
        "green_armor_class",
        "idfa_armor",
        "idfa_armor_class",
        "idkfa_armor",
        "idkfa_armor_class",
        "initial_bullets",
        "initial_health",
        "max_armor",
        "max_health",
        "max_soulsphere",
        "megasphere_health",
        "soulsphere_health",
        "species_infighting",
    )

    def __init__(self) -> None:
        self.initial_health = 100
        self.initial_bullets = 50
        self.max_health = 200
        self.max_armor = 200
        self.green_armor_class = 1
        self.blue_armor_class = 2
        self.max_soulsphere = 200
        self.soulsphere_health = 100
        self.megasphere_health = 200
        self.god_mode_health = 100
        self.idfa_armor = 200
        self.idfa_armor_class = 2
        self.idkfa_armor = 200
        self.idkfa_armor_class = 2
        self.bfg_cells_per_shot = 40
        self.species_infighting = 0


class GameInfo:
    """All tables of one session; DeHackEd and fast monsters may change them."""

    __slots__ = (
        "animations",
        "cheats",
        "clipammo",
        "maxammo",
        "misc",
        "mobjinfo",
        "original_actions",
        "pars",
        "replaced_text",
        "sounds",
        "sprites",
        "states",
        "switches",
        "weapons",
    )

    def __init__(
        self,
        sprites: list[str],
        states: list[State],
        mobjinfo: list[MobjInfo],
        weapons: list[WeaponInfo],
        sounds: list[SoundInfo],
        switches: list[SwitchInfo],
        animations: list[AnimationInfo],
    ) -> None:
        self.sprites = sprites
        self.states = states
        # for every state before any patch, since patches refer to actions by the states that had them
        self.original_actions: list[str] = [state.action_name for state in states]
        self.mobjinfo = mobjinfo
        self.weapons = weapons
        self.sounds = sounds
        self.switches = switches
        self.animations = animations
        self.maxammo: list[int] = [200, 50, 300, 50]
        self.clipammo: list[int] = [10, 4, 20, 1]
        self.misc = MiscInfo()
        self.cheats: dict[str, str] = dict(CHEAT_WORDS)
        self.replaced_text: dict[str, str] = {}
        # seconds by episode (0: DOOM II) and map, where a patch changes them
        self.pars: dict[tuple[int, int], int] = {}

    def text(self, original: str) -> str:
        """The text or name for `original`: a patch's replacement, or itself (``DEH_String``)."""
        return self.replaced_text.get(original, original)
