"""Versions of DMX, the sound library of DOOM's executables (``opl_driver_ver_t``)."""

from enum import Enum

from pydoom.sim.rules import GameVersion


class Dmx(Enum):
    """A version that shares the chip's voices among notes in its own way."""

    DOOM_1_666 = 0
    DOOM2_1_666 = 1
    DOOM_1_9 = 2


def dmx_of(version: GameVersion, mission: str) -> Dmx:
    """The version in an executable of DOOM, or of DOOM II and what followed (``S_Init``)."""
    if version != GameVersion.DOOM_1_666:
        return Dmx.DOOM_1_9
    return Dmx.DOOM_1_666 if mission == "doom" else Dmx.DOOM2_1_666
