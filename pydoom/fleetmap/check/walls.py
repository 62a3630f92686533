"""Textures: some wherever a part of a wall can be seen, and none that repeats past its end or has holes there.

The original draws nothing for a missing texture (the hall of mirrors), and for one that is not 128 high whatever lies
behind it in memory where it ends. A missing upper texture between two skies is right: the sky is drawn there.
Sectors that move are looked at where they begin; a door is closed then, which shows more of its walls than ever after.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from pydoom.sim.level import ML_DONTPEGBOTTOM, ML_DONTPEGTOP

if TYPE_CHECKING:
    from pydoom.wad import Assets, MapData

SKY: Final = "F_SKY1"
_REPEATING: Final = 128
"""Height of textures that repeat: the drawer masks rows with 127."""


def check_walls(data: MapData, assets: Assets) -> Iterator[str]:
    """The faults of all sides."""
    sectors = data.sectors
    for number, (*_, flags, _, _, right, left) in enumerate(data.linedefs.tolist()):
        for side, other in ((right, left), (left, right)):
            if side < 0:
                continue
            front = int(data.sidedefs.sector[side])
            back = int(data.sidedefs.sector[other]) if other >= 0 else None
            y = int(data.sidedefs.rowoffset[side])
            name = f"line {number}, sector {front}"
            floor, ceiling = int(sectors.floorheight[front]), int(sectors.ceilingheight[front])
            top, bottom, middle = (
                names[side]
                for names in (data.sidedefs.toptexture, data.sidedefs.bottomtexture, data.sidedefs.midtexture)
            )
            if back is None:
                height = ceiling - floor
                first = _height(assets, middle) - height + y if flags & ML_DONTPEGBOTTOM else y
                yield from _part(assets, f"{name}: the middle", middle, first, height)
                continue
            back_floor, back_ceiling = int(sectors.floorheight[back]), int(sectors.ceilingheight[back])
            both_skies = sectors.ceilingpic[front] == sectors.ceilingpic[back] == SKY
            if ceiling > back_ceiling and not both_skies:
                height = ceiling - max(back_ceiling, floor)
                first = y if flags & ML_DONTPEGTOP else _height(assets, top) - (ceiling - back_ceiling) + y
                yield from _part(assets, f"{name}: the upper part", top, first, height)
            if back_floor > floor:
                height = min(back_floor, ceiling) - floor
                first = ceiling - back_floor + y if flags & ML_DONTPEGBOTTOM else y
                yield from _part(assets, f"{name}: the lower part", bottom, first, height)
            if not _is_missing(middle) and len(assets.textures[assets.texture_number(middle)].patches) > 1:
                yield f"{name}: {middle} hangs in an opening and is of several patches (the Medusa effect)"


def _part(assets: Assets, where: str, texture: str, first_row: int, height: int) -> Iterator[str]:
    """What is wrong with a part of a wall that shows `height` rows of a texture."""
    if height <= 0:
        return
    if _is_missing(texture):
        yield f"{where} has no texture"
        return
    rows = _height(assets, texture)
    if rows != _REPEATING and not 0 <= first_row <= first_row + height <= rows:
        yield f"{where} shows rows {first_row} to {first_row + height} of {texture}, which has {rows}"
    elif not assets.textures[assets.texture_number(texture)].mask.all():
        yield f"{where} has {texture}, which has holes"


def _is_missing(texture: str) -> bool:
    return texture.startswith("-")


def _height(assets: Assets, texture: str) -> int:
    return 0 if _is_missing(texture) else assets.texture_heights[assets.texture_number(texture)]
