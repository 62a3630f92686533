"""A player's command for one tic (``d_ticcmd.h``), and the bits of its buttons (``d_event.h``)."""

from dataclasses import dataclass
from typing import Final

# TicCmd.buttons bits (d_event.h)
BT_ATTACK: Final = 1
BT_USE: Final = 2
BT_SPECIAL: Final = 128
BT_SPECIALMASK: Final = 3
BT_CHANGE: Final = 4
BT_WEAPONMASK: Final = 8 + 16 + 32
BT_WEAPONSHIFT: Final = 3
BTS_PAUSE: Final = 1
BTS_SAVEGAME: Final = 2
BTS_SAVEMASK: Final = 4 + 8 + 16
BTS_SAVESHIFT: Final = 2


@dataclass(slots=True, eq=False, repr=False)
class TicCmd:
    """A player's command for one tic (``ticcmd_t``): moves in units of 1/2048 map unit, turn in BAM >> 16."""

    forwardmove: int = 0
    sidemove: int = 0
    angleturn: int = 0
    chatchar: int = 0
    buttons: int = 0
    consistancy: int = 0
