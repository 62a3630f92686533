"""The names in the lines of a patch, and the fields of the tables they mean (``deh_thing.c`` and the like)."""

from __future__ import annotations

from typing import Final

THING_FIELDS: Final = {
    "id #": "doomednum",
    "initial frame": "spawnstate",
    "hit points": "spawnhealth",
    "first moving frame": "seestate",
    "alert sound": "seesound",
    "reaction time": "reactiontime",
    "attack sound": "attacksound",
    "injury frame": "painstate",
    "pain chance": "painchance",
    "pain sound": "painsound",
    "close attack frame": "meleestate",
    "far attack frame": "missilestate",
    "death frame": "deathstate",
    "exploding frame": "xdeathstate",
    "death sound": "deathsound",
    "speed": "speed",
    "width": "radius",
    "height": "height",
    "mass": "mass",
    "missile damage": "damage",
    "action sound": "activesound",
    "bits": "flags",
    "respawn frame": "raisestate",
}
FRAME_FIELDS: Final = {
    "sprite number": "sprite",
    "sprite subnumber": "frame",
    "duration": "tics",
    "next frame": "next",
    "unknown 1": "misc1",
    "unknown 2": "misc2",
}
FRAME_OVERFLOW_FIELDS: Final = {
    "duration": "ammo",
    "codep frame": "upstate",
    "next frame": "downstate",
    "unknown 1": "readystate",
    "unknown 2": "atkstate",
}
"""The original's editor had no room for the last frame: its fields ended up in the first weapon, the fist."""
WEAPON_FIELDS: Final = {
    "ammo type": "ammo",
    # the original's editor has these two the wrong way round
    "deselect frame": "upstate",
    "select frame": "downstate",
    "bobbing frame": "readystate",
    "shooting frame": "atkstate",
    "firing frame": "flashstate",
}
MISC_FIELDS: Final = {
    "initial health": "initial_health",
    "initial bullets": "initial_bullets",
    "max health": "max_health",
    "max armor": "max_armor",
    "green armor class": "green_armor_class",
    "blue armor class": "blue_armor_class",
    "max soulsphere": "max_soulsphere",
    "soulsphere health": "soulsphere_health",
    "megasphere health": "megasphere_health",
    "god mode health": "god_mode_health",
    "idfa armor": "idfa_armor",
    "idfa armor class": "idfa_armor_class",
    "idkfa armor": "idkfa_armor",
    "idkfa armor class": "idkfa_armor_class",
    "bfg cells/shot": "bfg_cells_per_shot",
}
INFIGHTING: Final = {202: 0, 221: 1}
"""Values of "Monsters Infight": bytes of the original's machine code."""

BACKGROUND_STRINGS: Final = {
    "BGFLATE1": "FLOOR4_8",
    "BGFLATE2": "SFLR6_1",
    "BGFLATE3": "MFLR8_4",
    "BGFLATE4": "MFLR8_3",
    "BGFLAT06": "SLIME16",
    "BGFLAT11": "RROCK14",
    "BGFLAT20": "RROCK07",
    "BGFLAT30": "RROCK17",
    "BGFLAT15": "RROCK13",
    "BGFLAT31": "RROCK19",
    "BGCASTCALL": "BOSSBACK",
}
"""Names of ``[STRINGS]`` sections that stand for graphics; the others are names of `data.strings`."""
UNNAMED_STRINGS: Final = frozenset(("PRESSKEY", "PRESSYN", "DOSY", "SCREENSHOT"))
"""Texts of `data.strings` that ``[STRINGS]`` sections can't replace."""
