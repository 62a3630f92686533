"""What the last frame really shows: the things whose sprites walls and floors have not hidden.

The renderer knows it anyway, to the pixel; nothing here runs unless asked. Sprites that hide each other
count as seen.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from pydoom.render.arrays.arith import fixed_mul
from pydoom.render.arrays.things import Clipping, Sprites
from pydoom.render.arrays.view import ViewTables
from pydoom.sim.mobj import Mobj

LEAST_PART: Final = 2
"""A thing counts as seen when at least 1 pixel in 2 of its sprite's box is open to view: a name over the tip of a head
behind a distant window would only puzzle."""


def seen_things(view: ViewTables, sprites: Sprites, clipping: Clipping) -> list[Mobj]:
    """The things of `sprites` of which enough is left between `clipping`, nearest first."""
    height = fixed_mul(sprites.texturemid, sprites.scale)
    foot = fixed_mul(sprites.texturemid - (sprites.gz_top - sprites.gz), sprites.scale)
    first = np.maximum(view.centery - (height >> 16), 0)
    last = np.minimum(view.centery - (foot >> 16), view.height - 1)
    widths = sprites.width
    top = np.maximum(clipping.top + 1, first.repeat(widths))
    bottom = np.minimum(clipping.bottom - 1, last.repeat(widths))
    owner = np.arange(len(widths)).repeat(widths)
    pixels = np.bincount(owner, np.maximum(bottom - top + 1, 0), len(widths))
    whole = widths * np.maximum(last - first + 1, 0)
    enough = ((pixels > 0) & (pixels * LEAST_PART >= whole)).nonzero()[0]
    return [sprites.things[number] for number in enough.tolist()[::-1]]
