"""Trigonometry and random-number tables (``tables.c``, ``m_random.c``).

They cannot be recomputed: the original's own tables differ from the formulas in thousands of entries. They are
tuples of plain ints because the simulation indexes them one at a time; the renderer makes arrays of them once.
"""

from importlib.resources import files
from typing import Final

import numpy as np


def _load() -> dict[str, tuple[int, ...]]:
    with (files(__package__) / "tables.npz").open("rb") as stream, np.load(stream) as archive:
        return {name: tuple(archive[name].tolist()) for name in archive.files}


_tables = _load()

FINESINE: Final = _tables["finesine"]
"""16.16 sine of 8192 fine angles, and a quarter turn more: 10240 entries."""
FINECOSINE: Final = FINESINE[2048:]
"""16.16 cosine of 8192 fine angles."""
FINETANGENT: Final = _tables["finetangent"]
"""16.16 tangent of the 4096 fine angles from -90 to +90 degrees."""
TANTOANGLE: Final = _tables["tantoangle"]
"""BAM angle of slope i/2048, 2049 entries."""
RNDTABLE: Final = _tables["rndtable"]
"""The 256 bytes behind P_Random and M_Random."""

FINEANGLES: Final = 8192
FINEMASK: Final = FINEANGLES - 1
ANGLETOFINESHIFT: Final = 19
SLOPERANGE: Final = 2048
ANG45: Final = 0x20000000
ANG90: Final = 0x40000000
ANG180: Final = 0x80000000
ANG270: Final = 0xC0000000
ANGLE_MASK: Final = 0xFFFFFFFF
