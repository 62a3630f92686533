"""Where a frame is seen from and how it is lit (``R_SetupFrame``)."""

from __future__ import annotations

from dataclasses import dataclass

from pydoom.data.tables import FINECOSINE, FINESINE
from pydoom.sim.fixed import to_int32
from pydoom.sim.player import Player
from pydoom.sim.world import World


@dataclass(slots=True, frozen=True)
class Camera:
    """The viewpoint: 16.16 coordinates, BAM angle with its 16.16 sine and cosine.

    `extra_light` is added to light levels; `fixed_colormap` is a colormap number for everything, 0 for none;
    `sky_flat` is the flat number that stands for the sky and `sky_texture` the wall texture shown there. On a `tall`
    level the distance between the eyes and a height may overflow 32 bits.
    """

    x: int
    y: int
    z: int
    angle: int
    sin: int
    cos: int
    extra_light: int
    fixed_colormap: int
    sky_flat: int
    sky_texture: int
    tall: bool


def camera_of(world: World, player: Player, sky_texture: int) -> Camera:
    """The view through a player's eyes."""
    mo = player.mo
    fine = mo.angle >> 19
    return Camera(
        to_int32(mo.x),
        to_int32(mo.y),
        to_int32(player.viewz),
        mo.angle,
        FINESINE[fine],
        FINECOSINE[fine],
        player.extralight,
        player.fixedcolormap,
        world.skyflatnum,
        sky_texture,
        world.tall,
    )
