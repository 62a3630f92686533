"""The state of a level's specials besides their thinkers: active lists, buttons, scrollers, animations.

These were file-scope variables of ``p_spec.c``, ``p_plats.c``, ``p_ceilng.c`` and ``p_switch.c``. A `World` owns one
`SpecialsState`; this module imports nothing of the simulation at run time, so that `world` can import it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydoom.sim.specials.kinds import ButtonPart

if TYPE_CHECKING:
    from pydoom.sim.level import Line, SoundPoint
    from pydoom.sim.thinkers import Thinker

MAXPLATS: Final = 30
MAXCEILINGS: Final = 30
MAXBUTTONS: Final = 16


class Button:
    """A pressed switch that will spring back (``button_t``); free while `timer` is 0.

    `origin` is where its click when pressed comes from, the front sector's centre. `spring_origin` is where it clicks
    when springing back: the original passes the address of its pointer there, so that the place read is next to the
    map's origin.
    """

    __slots__ = ("line", "origin", "part", "spring_origin", "texture", "timer")

    def __init__(self, spring_origin: SoundPoint) -> None:
        self.spring_origin = spring_origin
        self.line: Line | None = None
        self.part: ButtonPart = ButtonPart.TOP
        self.texture: int = 0
        self.timer: int = 0  # tics
        self.origin: SoundPoint | None = None

    def release(self) -> None:
        """Free the slot."""
        self.line = None
        self.part = ButtonPart.TOP
        self.texture = 0
        self.timer = 0
        self.origin = None


class Animation:
    """A run of textures or flats `basepic` to `basepic + numpics - 1`, each shown for `speed` tics (``anim_t``).

    `phase` is the leveltime // speed that the translation table shows, -1 before the first tic.
    """

    __slots__ = ("basepic", "is_texture", "numpics", "phase", "speed")

    def __init__(self, is_texture: bool, basepic: int, numpics: int, speed: int) -> None:
        self.is_texture = is_texture
        self.basepic = basepic
        self.numpics = numpics
        self.speed = speed
        self.phase = -1


class SpecialsState:
    """The lists behind the specials of one world.

    `activeplats` and `activeceilings` are slots for `Plat`s and `Ceiling`s, None where free; `switches` maps a switch
    texture to (its place in the switch list, the texture of the opposite position).
    """

    __slots__ = (
        "activeceilings",
        "activeplats",
        "animations",
        "buttons",
        "leveltimer",
        "scrollers",
        "switches",
    )

    def __init__(self) -> None:
        self.activeplats: list[Thinker | None] = [None] * MAXPLATS
        self.activeceilings: list[Thinker | None] = [None] * MAXCEILINGS
        self.buttons: list[Button] = []
        self.scrollers: list[Line] = []
        self.animations: list[Animation] = []
        self.switches: dict[int, tuple[int, int]] = {}
        self.leveltimer: int | None = None  # tics left, None without a time limit
