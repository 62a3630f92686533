"""Which edition of the game a WAD is, and which executable it shipped with (``D_IdentifyVersion``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydoom.sim.rules import GameMode, GameVersion

if TYPE_CHECKING:
    from pydoom.wad import Assets

_MODES: Final = {
    "shareware": GameMode.SHAREWARE,
    "registered": GameMode.REGISTERED,
    "commercial": GameMode.COMMERCIAL,
    "retail": GameMode.RETAIL,
}


def mode_of(assets: Assets, version: GameVersion | None = None) -> GameMode:
    """The game mode of an IWAD; executables before The Ultimate DOOM treat its WAD as the registered one."""
    mode = _MODES[assets.mode]
    if version is not None and version < GameVersion.ULTIMATE and mode == GameMode.RETAIL:
        return GameMode.REGISTERED
    return mode


def version_of(assets: Assets) -> GameVersion:
    """The executable to imitate with an IWAD."""
    mode = mode_of(assets)
    if mode == GameMode.RETAIL:
        return GameVersion.ULTIMATE
    if mode == GameMode.COMMERCIAL and assets.mission in ("tnt", "plutonia"):
        return GameVersion.FINAL
    return GameVersion.DOOM_1_9
