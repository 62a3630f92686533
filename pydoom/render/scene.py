"""What every stage of a frame looks at."""

from __future__ import annotations

from dataclasses import dataclass

from pydoom.render.arith import I64
from pydoom.render.atlas import Atlas
from pydoom.render.camera import Camera
from pydoom.render.level import LevelArrays
from pydoom.render.view import View


@dataclass(slots=True, frozen=True)
class Scene:
    """One frame's level, pictures, window and viewpoint.

    `textures`, `flats` int64: what each texture and flat number shows at present (animations).
    """

    level: LevelArrays
    atlas: Atlas
    view: View
    camera: Camera
    textures: I64
    flats: I64
