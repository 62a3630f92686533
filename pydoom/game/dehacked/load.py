"""Which patches a session applies, and in which order (``D_DoomMain``, ``DEH_LoadFile``, ``DEH_LoadLump``)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pydoom.data import strings
from pydoom.files import open_to_read
from pydoom.game.dehacked.apply import apply
from pydoom.game.dehacked.errors import DehackedError, Report
from pydoom.game.dehacked.parser import Include, TextSwap, parse
from pydoom.game.edition import version_of
from pydoom.sim.rules import GameVersion

if TYPE_CHECKING:
    from pydoom.data.info import GameInfo
    from pydoom.wad import Assets
    from pydoom.wad.archive import Lump

LUMP: Final = "DEHACKED"
CHEX_PATCH: Final = "chex.deh"
FRENCH_PATCH: Final = "french.deh"
_NOT_IN_FRENCH: Final = ("M_RDTHIS", "M_EPISOD", "M_EPI1", "M_EPI2", "M_EPI3", "WIOSTF")
BFG_TEXTS: Final = {
    strings.HUSTR_31: "level 31: idkfa",
    strings.HUSTR_32: "level 32: keen",
    # the name of MAP33, which comes after those of DOOM II
    strings.PHUSTR_1: "level 33: betray",
    "M_GDHIGH": "M_MSGON",
    "M_GDLOW": "M_MSGOFF",
    "M_SCRNSZ": "M_DISP",
}
"""The BFG Edition has its own names for the secret levels, and other words in these menu graphics."""
MAX_PATCH_BYTES: Final = 16 * 1024 * 1024
LEAST_COST: Final = 64 * 1024
"""The least that an included file or a lump counts for, so that there cannot be many."""
LUMP_NAME_LENGTH: Final = 8
SPRITE_NAME_LENGTH: Final = 4


def patch_game(
    info: GameInfo,
    assets: Assets,
    files: Sequence[Path] = (),
    *,
    version: GameVersion | None = None,
    own: bool = True,
    lumps: bool = False,
    cheats: bool = True,
) -> list[str]:
    """Apply what the game needs, then patch files, then with `lumps` the patches in PWADs; returns warnings.

    `version` overrides the executable that shipped with the IWAD. Without `own`, the game's own patch is left out.
    Raises DehackedError, and OSError for a file that cannot be read.
    """
    warnings: list[str] = []
    pwads = assets.lumps_by_file(LUMP)[1:]
    if assets.variant == "bfgedition":
        info.replaced_text.update(BFG_TEXTS)
    if own:
        version = version if version is not None else version_of(assets)
        warnings += _patch_iwad(info, assets, version, cheats=cheats)
    for file in files:
        included = _Included(info, assets, file, warnings, cheats)
        warnings += _patch(info, assets, read_patch_file(file), str(file), cheats=cheats, include=included.add)
    if lumps:
        for path, patches in pwads:
            name = f"{path.name}/{LUMP}"
            for data in _read_patch_lumps(patches, name):
                warnings += _patch(info, assets, data, name, cheats=cheats)
    _rename_lumps(info, assets)
    return warnings


def _patch_iwad(info: GameInfo, assets: Assets, version: GameVersion, *, cheats: bool) -> list[str]:
    """What the IWAD needs (``LoadIwadDeh``): patches inside Freedoom and Hacx, or in files next to the WAD.

    Early versions of Freedoom contain one that is not a patch, so its errors are ignored. Hacx and Chex Quest are no
    games without theirs.
    """
    iwad, patches = assets.lumps_by_file(LUMP)[0]
    name = f"{iwad.name}/{LUMP}"
    warnings: list[str] = []
    if assets.variant in ("freedoom", "freedm") and patches:
        try:
            for data in _read_patch_lumps(patches[-1:], name):
                _patch(info, assets, data, name, cheats=cheats, bex=False)
        except DehackedError as error:
            warnings.append(str(error))
    if version == GameVersion.HACX:
        if not patches:
            raise DehackedError(f"{iwad}: there is no lump {LUMP}, as in version 1.2 of Hacx")
        for data in _read_patch_lumps(patches[-1:], name):
            warnings += _patch(info, assets, data, name, cheats=cheats, allow_long=True, bex=False)
    if version == GameVersion.CHEX:
        path = assets.companion(CHEX_PATCH)
        if path is None:
            raise DehackedError(
                f"Chex Quest needs its DeHackEd patch: put {CHEX_PATCH} (in chexdeh.zip of the idgames archive) "
                f"next to {iwad}, or do without it: --nodeh"
            )
        warnings += _patch(info, assets, read_patch_file(path), str(path), cheats=cheats, bex=False)
    if _is_french(assets):
        path = assets.companion(FRENCH_PATCH)
        if path is None:
            warnings.append(f"{iwad}: texts are English without {FRENCH_PATCH} (in french.zip of the idgames archive)")
        else:
            warnings += _patch(info, assets, read_patch_file(path), str(path), cheats=cheats, bex=False)
    return warnings


def _is_french(assets: Assets) -> bool:
    """Whether the IWAD is DOOM II in French (``IsFrenchIWAD``), which lacks menu graphics that DOOM shares."""
    if assets.mission != "doom2":
        return False
    lumps = {name: bool(assets.lumps_by_file(name)[0][1]) for name in (*_NOT_IN_FRENCH, "WIOBJ")}
    return lumps.pop("WIOBJ") and not any(lumps.values())


def _read_patch_lumps(lumps: Sequence[Lump], name: str) -> Iterator[bytes]:
    """The bytes of each lump. Raises DehackedError when all of them are larger than a patch may be, or too many.

    Entries of a WAD's directory may share their bytes, so the size of the file bounds nothing.
    """
    left = MAX_PATCH_BYTES
    for lump in lumps:
        left -= max(len(lump.view), LEAST_COST)
        if left < 0:
            raise DehackedError(f"{name}:1: the DeHackEd patches in this file are too large or too many")
        yield lump.data


def read_patch_file(path: Path) -> bytes:
    """The bytes of a patch. Raises OSError, or DehackedError for a file far too big for one."""
    with open_to_read(path) as stream:
        data = stream.read(MAX_PATCH_BYTES + 1)
    if len(data) > MAX_PATCH_BYTES:
        raise DehackedError(f"{path}:1: not a DeHackEd patch: the file is too large")
    return data


class _Included:
    """Applies the files that a patch includes (``DEH_BEXInclStart``).

    They must be next to the patch, in the folder the game was started from, or below one of these: a patch has no
    business with other files. Together they may be as large as one patch.
    """

    def __init__(self, info: GameInfo, assets: Assets, file: Path, warnings: list[str], cheats: bool) -> None:
        self._info = info
        self._assets = assets
        self._file = file
        self._warnings = warnings
        self._cheats = cheats
        self._bytes_left = MAX_PATCH_BYTES

    def add(self, wanted: Include) -> None:
        """Apply one, or warn. Raises DehackedError when all of them are too large or too many."""
        report = Report(str(self._file))
        data, path = b"", None
        if self._bytes_left >= 0:
            try:
                path = self._find(wanted.name)
                if path is None:
                    report.warn(wanted.line, f"INCLUDE {wanted.name}: there is no such file next to the patch")
                else:
                    with open_to_read(path) as stream:
                        data = stream.read(self._bytes_left + 1)
            except OSError as error:
                report.warn(wanted.line, f"INCLUDE {wanted.name}: {error.strerror or error}")
        if len(data) > self._bytes_left:
            raise report.error(wanted.line, f"INCLUDE {wanted.name}: the included files are too large")
        self._bytes_left -= max(len(data), LEAST_COST)
        self._warnings += report.warnings
        if data:
            self._warnings += _patch(
                self._info, self._assets, data, str(path), cheats=self._cheats, signed=False, notext=wanted.notext
            )

    def _find(self, name: str) -> Path | None:
        """The file of this name, if it is a plain one. Raises OSError, such as for a name that is too long."""
        if Path(name).is_absolute():
            return None
        for folder in (Path(), self._file.parent):
            path = folder / name.replace("\\", "/")
            if path.is_file() and path.resolve().is_relative_to(folder.resolve()):
                return path
        return None


def _patch(
    info: GameInfo,
    assets: Assets,
    data: bytes,
    name: str,
    *,
    cheats: bool,
    allow_long: bool = False,
    bex: bool = True,
    signed: bool = True,
    notext: bool = False,
    include: Callable[[Include], object] | None = None,
) -> list[str]:
    report = Report(name)
    patch = parse(data, report, allow_long=allow_long, bex=bex, signed=signed)
    if notext:
        patch.parts = [part for part in patch.parts if not isinstance(part, TextSwap)]
    if not (patch.parts or signed):
        report.warn(1, "nothing here belongs to a DeHackEd patch")
    texts = dict(info.replaced_text)
    apply(patch, info, report, cheats=cheats, include=include)
    lines = {part.old: part.line for part in patch.parts if isinstance(part, TextSwap)}
    for old, new in list(info.replaced_text.items()):
        if new != texts.get(old) and _names_lump(old, new) and assets.has_lump(old) and not assets.has_lump(new):
            report.warn(lines.get(old, 1), f"{old} cannot become {new}: no WAD has that lump")
            info.replaced_text[old] = texts.get(old, old)
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
            if _names_lump(old, new)
        }
    )


def _names_lump(old: str, new: str) -> bool:
    """Whether a replaced text may be a lump's name."""
    return 0 < len(old) <= LUMP_NAME_LENGTH and bool(new) and " " not in old
