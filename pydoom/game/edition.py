"""Which edition of the game a WAD is, and which executable to imitate (``D_IdentifyVersion``, ``InitGameVersion``)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, Protocol

from pydoom.sim.rules import GameMode, GameVersion

if TYPE_CHECKING:
    from pydoom.game.rules import Rules
    from pydoom.wad import Assets

_MODES: Final = {
    "shareware": GameMode.SHAREWARE,
    "registered": GameMode.REGISTERED,
    "commercial": GameMode.COMMERCIAL,
    "retail": GameMode.RETAIL,
}
_FINAL_DOOM: Final = ("tnt", "plutonia")
_OWN_EXECUTABLES: Final = {"chex": GameVersion.CHEX, "hacx": GameVersion.HACX}
"""Games that only the file's name tells, and that have executables of their own."""
_WITH_DEMOS: Final = (GameVersion.DOOM_1_666, GameVersion.DOOM_1_7, GameVersion.DOOM_1_8, GameVersion.DOOM_1_9)
_OF_DEMOS: Final = {
    **dict.fromkeys(range(5), GameVersion.DOOM_1_2),  # these begin with the skill
    **{version.code: version for version in _WITH_DEMOS},
}
"""Executables by the first byte of the demos that they recorded."""


class _HasMission(Protocol):
    @property
    def mission(self) -> str:
        """doom, doom2, tnt or plutonia."""


def mode_of(assets: Assets, version: GameVersion | None = None) -> GameMode:
    """The game mode of an IWAD; executables before The Ultimate DOOM treat its WAD as the registered one."""
    mode = _MODES[assets.mode]
    if version is not None and version < GameVersion.ULTIMATE and mode == GameMode.RETAIL:
        return GameMode.REGISTERED
    return mode


def mission_of(assets: _HasMission, version: GameVersion) -> str:
    """Which story is told; executables before Final DOOM take its WADs for DOOM II."""
    mission = assets.mission
    return "doom2" if version < GameVersion.FINAL and mission in _FINAL_DOOM else mission


def rules_for(version: GameVersion, rules: Rules) -> Rules:
    """The rules of a game as far as the executable knows them: deathmatch 2.0 came with DOOM 1.4."""
    return replace(rules, deathmatch=1) if version <= GameVersion.DOOM_1_2 and rules.deathmatch == 2 else rules


def version_of(assets: Assets) -> GameVersion:
    """The executable to imitate with an IWAD: the one that its demos are for, where several shipped with it."""
    own = _OWN_EXECUTABLES.get(assets.path.stem.lower())
    if own is not None:
        return own
    if assets.mode == "retail":
        return GameVersion.ULTIMATE
    if assets.mission in _FINAL_DOOM:
        return GameVersion.FINAL
    for number in (1, 2, 3):
        _, demos = assets.lumps_by_file(f"DEMO{number}")[0]
        if demos and len(demos[-1].view) and demos[-1].view[0] in _OF_DEMOS:
            return _OF_DEMOS[demos[-1].view[0]]
    return GameVersion.DOOM_1_9
