"""The two random-number streams (``m_random.c``): one table, two indexes.

P_Random is part of the simulation and must be called exactly as often as the original calls it; M_Random serves
effects (status-bar face, sound pitch, melt) and never influences play.
"""

from pydoom.data.tables import RNDTABLE


class Random:
    """Both indexes; `prndindex` and `rndindex` are traced and saved.

    `start` is what `clear` sets P_Random's index to: 0 in the original, where every game begins alike.
    """

    __slots__ = ("prndindex", "rndindex", "start")

    def __init__(self) -> None:
        self.prndindex = 0
        self.rndindex = 0
        self.start = 0

    def p_random(self) -> int:
        """Next play-simulation random number, 0 to 255."""
        index = self.prndindex = (self.prndindex + 1) & 0xFF
        return RNDTABLE[index]

    def m_random(self) -> int:
        """Next effects random number, 0 to 255."""
        index = self.rndindex = (self.rndindex + 1) & 0xFF
        return RNDTABLE[index]

    def sub_random(self) -> int:
        """``P_SubRandom``: first number minus second, -255 to 255."""
        first = self.p_random()
        return first - self.p_random()

    def clear(self) -> None:
        """``M_ClearRandom``: both indexes to where they start."""
        self.prndindex = self.start
        self.rndindex = 0
