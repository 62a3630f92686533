"""The editor's numbers of things (``doomednum`` in ``info.c``), as THINGS has them."""

from __future__ import annotations

from typing import Final

# starts
PLAYER_1: Final = 1
DEATHMATCH: Final = 11

# monsters
DEMON: Final = 3002

# weapons
CHAINSAW: Final = 2005
SHOTGUN: Final = 2001
SUPER_SHOTGUN: Final = 82
CHAINGUN: Final = 2002
ROCKET_LAUNCHER: Final = 2003
PLASMA_RIFLE: Final = 2004
BFG9000: Final = 2006

# ammunition
CLIP: Final = 2007
BOX_OF_BULLETS: Final = 2048
SHELLS: Final = 2008
BOX_OF_SHELLS: Final = 2049
BOX_OF_ROCKETS: Final = 2046
CELL_PACK: Final = 17
BACKPACK: Final = 8

# health, armour, power-ups
HEALTH_BONUS: Final = 2014
STIMPACK: Final = 2011
MEDIKIT: Final = 2012
SOULSPHERE: Final = 2013
ARMOUR_BONUS: Final = 2015
GREEN_ARMOUR: Final = 2018
BLUE_ARMOUR: Final = 2019
AREA_MAP: Final = 2026

# lights and decorations
COLUMN_LAMP: Final = 2028
TALL_TECH_LAMP: Final = 85
SHORT_TECH_LAMP: Final = 86
CANDLE: Final = 34
CANDELABRA: Final = 35
BLUE_TORCH: Final = 44
GREEN_TORCH: Final = 45
RED_TORCH: Final = 46
SHORT_BLUE_TORCH: Final = 55
SHORT_GREEN_TORCH: Final = 56
SHORT_RED_TORCH: Final = 57
TECH_PILLAR: Final = 48
TALL_GREEN_PILLAR: Final = 30
SHORT_GREEN_PILLAR: Final = 31
TALL_RED_PILLAR: Final = 32
EVIL_EYE: Final = 41
FLOATING_SKULL: Final = 42
GREY_TREE: Final = 43
BIG_TREE: Final = 54
STALAGMITE: Final = 47
