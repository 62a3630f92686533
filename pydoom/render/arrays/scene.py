"""What every stage of a frame shares."""

from __future__ import annotations

from dataclasses import dataclass

from pydoom.render.arrays.arith import I64
from pydoom.render.arrays.atlas import Atlas
from pydoom.render.arrays.level import LevelArrays
from pydoom.render.arrays.view import ViewTables
from pydoom.render.camera import Camera


@dataclass(slots=True, frozen=True)
class Scene:
    """One frame's level, graphics, window and viewpoint.

    `textures`, `flats` int64: what each texture and flat number shows at present (animations).
    """

    level: LevelArrays
    atlas: Atlas
    view: ViewTables
    camera: Camera
    textures: I64
    flats: I64
