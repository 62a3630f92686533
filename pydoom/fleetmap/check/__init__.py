"""A strict check of a level: what an editor's checker, a node builder and the original's limits would say.

`check_level` looks at a level as it was loaded, whoever built it, and shares no code with the builder. It returns one
sentence for each fault; `notes` says where the original runs into a limit although nothing is wrong.

- `geometry`: lines, vertexes, sectors, and what lies where
- `walls`: textures where something can be seen, and none that would show wrong colours
- `tree`: nodes, subsectors and segs
- `tables`: block map and reject
- `things`: where things stand
- `limits`: the original's
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydoom.fleetmap.check.geometry import Geometry, check_lines, check_sectors, check_vertexes
from pydoom.fleetmap.check.limits import check_limits
from pydoom.fleetmap.check.limits import notes as notes
from pydoom.fleetmap.check.tables import check_blockmap, check_reject
from pydoom.fleetmap.check.things import check_things
from pydoom.fleetmap.check.tree import check_tree
from pydoom.fleetmap.check.walls import check_walls

if TYPE_CHECKING:
    from pydoom.data.info import GameInfo
    from pydoom.wad import Assets, MapData


def check_level(data: MapData, assets: Assets, info: GameInfo) -> list[str]:
    """All faults of a level, whose textures and flats are those of `assets`; empty for a sound one."""
    faults = [*check_vertexes(data), *check_lines(data), *check_sectors(data), *check_limits(data)]
    if faults:
        return faults  # what follows relies on sound lines
    geometry = Geometry(data)
    return [
        *check_walls(data, assets),
        *check_tree(data, geometry),
        *check_blockmap(data),
        *check_reject(data, geometry),
        *check_things(data, geometry, info),
    ]
