"""Which game an IWAD is (``d_iwad.c``, ``D_IdentifyVersion``): by its file's name, else by its contents.

Add-ons do not matter: the original decides before it loads them. IWADs of other games with this format are refused by
name.
"""

from __future__ import annotations

from collections.abc import Set
from typing import Final, Literal

from pydoom.wad.archive import WadFile
from pydoom.wad.errors import OtherGameError, WadError

Mode = Literal["shareware", "registered", "retail", "commercial"]
Mission = Literal["doom", "doom2", "tnt", "plutonia"]
Variant = Literal["vanilla", "freedoom", "freedm", "bfgedition", "hacx", "chex"]

_ELSEWHERE: Final = "play it with an engine that does, such as Chocolate Doom"
_OTHER_NAMES: Final = {
    "heretic": "Heretic",
    "hexen": "Hexen",
    "strife1": "Strife",
}
_OTHER_LUMPS: Final = {
    "M_HTIC": "Heretic or Hexen",
    "ENDSTRF": "Strife",
}
"""Lumps that no DOOM game has."""


def identify(iwad: WadFile) -> tuple[Mode, Mission, Variant]:
    """Mode, mission and variant of the game; raises OtherGameError for another, WadError for none."""
    names = {lump.name for lump in iwad.lumps}
    stem = iwad.path.stem.lower()
    other = _OTHER_NAMES.get(stem) or next((game for lump, game in _OTHER_LUMPS.items() if lump in names), None)
    if other is not None:
        raise OtherGameError(f"{iwad.path}: this is {other}, whose rules are not imitated here: {_ELSEWHERE}")
    mission = _mission(iwad, stem)
    return _mode(mission, names), mission, _variant(names, stem)


def _mission(iwad: WadFile, stem: str) -> Mission:
    """Which story: by the file's name for the two that only the name tells apart, else by its first map."""
    first = next((lump.name for lump in iwad.lumps if lump.name in ("MAP01", "E1M1")), None)
    if first is None:
        hint = " (a PWAD needs an IWAD under it)" if iwad.kind == "PWAD" else ""
        raise WadError(f"{iwad.path}: not a DOOM game: it has neither E1M1 nor MAP01{hint}")
    if first == "E1M1":
        return "doom"
    if stem == "tnt":
        return "tnt"
    return "plutonia" if stem == "plutonia" else "doom2"


def _mode(mission: Mission, names: Set[str]) -> Mode:
    if mission != "doom":
        return "commercial"
    if "E4M1" in names:
        return "retail"
    return "registered" if "E3M1" in names else "shareware"


def _variant(names: Set[str], stem: str) -> Variant:
    """What is special about it: Freedoom, Hacx and Chex Quest are games of their own, the BFG Edition is drawn anew."""
    if "FREEDOOM" in names:
        return "freedm" if "FREEDM" in names else "freedoom"
    if stem == "hacx":
        return "hacx"
    if stem == "chex":
        return "chex"
    return "bfgedition" if "DMENUPIC" in names else "vanilla"
