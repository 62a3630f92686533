"""Which patches a session applies, and in which order (``D_DoomMain``, ``DEH_LoadFile``, ``DEH_LoadLump``)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pydoom.data import strings
from pydoom.game.dehacked.apply import apply
from pydoom.game.dehacked.errors import DehackedError, Report
from pydoom.game.dehacked.parser import parse

if TYPE_CHECKING:
    from pydoom.data.info import GameInfo
    from pydoom.wad import Assets
    from pydoom.wad.identify import Variant

LUMP: Final = "DEHACKED"
BFG_TEXTS: Final = {
    strings.HUSTR_31: "level 31: idkfa",
    strings.HUSTR_32: "level 32: keen",
    # the name of MAP33, which lies behind those of DOOM II
    strings.PHUSTR_1: "level 33: betray",
    "M_GDHIGH": "M_MSGON",
    "M_GDLOW": "M_MSGOFF",
    "M_SCRNSZ": "M_DISP",
}
"""The BFG Edition calls its secret levels otherwise, and has other words in these pictures of the menu."""
MAX_PATCH_BYTES: Final = 16 * 1024 * 1024
LUMP_NAME_LENGTH: Final = 8
SPRITE_NAME_LENGTH: Final = 4


def patch_game(
    info: GameInfo,
    assets: Assets,
    files: Sequence[Path] = (),
    *,
    lumps: bool = False,
    cheats: bool = True,
) -> list[str]:
    """Apply what the IWAD needs, then patch files, then with `lumps` the patches in PWADs; returns warnings.

    Raises DehackedError, and OSError for a file that cannot be read.
    """
    warnings: list[str] = []
    (iwad, iwad_patches), *pwads = assets.lumps_by_file(LUMP)
    warnings += _patch_iwad(info, assets.variant, iwad, iwad_patches, cheats=cheats)
    for file in files:
        warnings += _patch(info, read_patch_file(file), str(file), cheats=cheats)
    if lumps:
        for path, patches in pwads:
            for data in patches:
                warnings += _patch(info, data, f"{path.name}/{LUMP}", cheats=cheats)
    _rename_lumps(info, assets)
    return warnings


def _patch_iwad(info: GameInfo, variant: Variant, iwad: Path, patches: Sequence[bytes], *, cheats: bool) -> list[str]:
    """What the IWAD needs (``LoadIwadDeh``): Freedoom's and Hacx's own patches, and the BFG Edition's names.

    Early versions of Freedoom contain one that is not a patch, so its errors are ignored; Hacx is no game without it.
    """
    name = f"{iwad.name}/{LUMP}"
    if variant == "bfgedition":
        info.replaced_text.update(BFG_TEXTS)
    elif variant == "hacx":
        if not patches:
            raise DehackedError(f"{iwad}: this Hacx has no lump {LUMP}: version 1.2 is needed")
        return _patch(info, patches[-1], name, cheats=cheats, allow_long=True)
    elif variant != "vanilla" and patches:
        try:
            _patch(info, patches[-1], name, cheats=cheats)
        except DehackedError as error:
            return [str(error)]
    return []


def read_patch_file(path: Path) -> bytes:
    """The bytes of a patch. Raises OSError, or DehackedError for a file far too big for one."""
    with path.open("rb") as stream:
        data = stream.read(MAX_PATCH_BYTES + 1)
    if len(data) > MAX_PATCH_BYTES:
        raise DehackedError(f"{path}:1: not a DeHackEd patch: the file is too large")
    return data


def _patch(info: GameInfo, data: bytes, name: str, *, cheats: bool, allow_long: bool = False) -> list[str]:
    report = Report(name)
    apply(parse(data, report, allow_long=allow_long), info, report, cheats=cheats)
    return report.warnings


def _rename_lumps(info: GameInfo, assets: Assets) -> None:
    """Apply replaced texts that are names of sprites, sounds and graphics."""
    info.sprites = [info.text(name)[:SPRITE_NAME_LENGTH].upper() for name in info.sprites]
    for sound in info.sounds:
        sound.name = info.text(sound.name)
    assets.rename(
        {
            old.upper(): new.upper()[:LUMP_NAME_LENGTH]
            for old, new in info.replaced_text.items()
            if 0 < len(old) <= LUMP_NAME_LENGTH and new and " " not in old
        }
    )
