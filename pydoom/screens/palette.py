"""Which of the fourteen palettes is shown (``ST_doPaletteStuff``), and its colours after gamma correction.

The original keeps five gamma tables (``gammatable``); they follow one formula, so they are computed here. Even table 0
changes colours: it starts 1, 2, 3, ...
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pydoom.sim.player import PW_IRONFEET, PW_STRENGTH, Player
from pydoom.sim.rules import GameVersion

STARTREDPALS: Final = 1
NUMREDPALS: Final = 8
STARTBONUSPALS: Final = 9
NUMBONUSPALS: Final = 4
RADIATIONPAL: Final = 13
GAMMA_LEVELS: Final = 5


def palette_number(player: Player, version: GameVersion = GameVersion.DOOM_1_9) -> int:
    """The PLAYPAL number for the state of `player`: red pain or berserk, gold pick-ups, green radiation suit.

    In Chex Quest nothing is red, and pain is as green as slime.
    """
    red = player.damagecount
    strength = player.powers[PW_STRENGTH]
    if strength:
        red = max(red, 12 - (strength >> 6))
    if red and version == GameVersion.CHEX:
        return RADIATIONPAL
    if red:
        return STARTREDPALS + min((red + 7) >> 3, NUMREDPALS - 1)
    if player.bonuscount:
        return STARTBONUSPALS + min((player.bonuscount + 7) >> 3, NUMBONUSPALS - 1)
    ironfeet = player.powers[PW_IRONFEET]
    if ironfeet > 4 * 32 or ironfeet & 8:
        return RADIATIONPAL
    return 0


@lru_cache(maxsize=GAMMA_LEVELS)
def gamma_table(level: int) -> NDArray[np.uint8]:
    """The corrected colour values for 0 to 255 at gamma `level` 0 to 4: uint8[256], read-only."""
    exponent = 1 - level / 8
    values = 255 * ((np.arange(256) + 1) / 256) ** exponent
    table = np.floor(values + 0.5).astype(np.uint8)
    table.flags.writeable = False
    return table


def shown_colours(palette: NDArray[np.uint8], gamma: int) -> NDArray[np.uint8]:
    """The colours of `palette`, uint8[256,3], on the screen (``I_SetPalette``): VGA has only six bits a channel."""
    return gamma_table(gamma)[palette] & np.uint8(0xFC)


def in_colours(frame: NDArray[np.uint8], colours: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A frame, uint8[H,W] with H * W even, in `colours`, uint8[256,3]: a new uint8[H,W,3].

    Goes by pairs of pixels, which are numbers of 16 bits, through a table of all pairs: three times as fast as pixel by
    pixel. A pair's six bytes are written as eight, of which the next pair overwrites two.
    """
    pairs = np.ascontiguousarray(frame).reshape(-1).view("<u2")
    room = np.empty(6 * len(pairs) + 2, np.uint8)
    np.ndarray(len(pairs), "<u8", room, 0, (6,))[:] = _colours_of_pairs(colours.tobytes()).take(pairs, mode="clip")
    return room[:-2].reshape(*frame.shape, 3)


@lru_cache(maxsize=8)
def _colours_of_pairs(colours: bytes) -> NDArray[np.uint64]:
    """The six bytes of each pair of colours, uint64[65536]; the first one's number is in the lower 8 bits."""
    single = np.zeros((256, 8), np.uint8)
    single[:, :3] = np.frombuffer(colours, np.uint8).reshape(256, 3)
    first: NDArray[np.uint64] = single.view("<u8").ravel()
    pairs: NDArray[np.uint64] = first | first[:, None] << np.uint64(24)
    return pairs.ravel()
