"""The WAD: which one is found, which game it is, and whether add-ons and patches fit it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from pydoom.cli.doctor.check import Check, Status
from pydoom.cli.options import Options
from pydoom.data.infotables import load_info
from pydoom.game.dehacked import DehackedError, patch_game
from pydoom.wad import Assets, OtherGameError, WadError, load
from pydoom.wad.advice import FETCH, advice
from pydoom.wad.fetch import SHA256
from pydoom.wad.find import find_add_on, find_iwad, search_places

_RELEASES: Final = {
    "f0cefca49926d00903cf57551d901abe": "DOOM shareware 1.9",
    "1cd63c5ddff1bf8ce844237f580e9cf3": "DOOM registered 1.9",
    "c4fe9fd920207691a9f493668e0a2083": "The Ultimate DOOM 1.9",
    "25e1459ca71d321525f84628f45ca8cd": "DOOM II 1.9",
    "4e158d9953c79ccf97bd0663244cc6b6": "TNT: Evilution 1.9",
    "75c8cf89566741fa9d22447604053bd7": "The Plutonia Experiment 1.9",
}
"""Known releases by MD5, the usual key in lists of WADs."""
_GAMES: Final = {
    "shareware": "DOOM shareware",
    "registered": "DOOM registered",
    "retail": "The Ultimate DOOM",
    "doom2": "DOOM II",
    "tnt": "TNT: Evilution",
    "plutonia": "The Plutonia Experiment",
}


def check_wads(options: Options) -> Iterator[Check]:
    """Check the IWAD, add-ons and patches."""
    try:
        found = find_iwad(options.wad)
    except WadError as error:
        yield Check("wad", Status.MISSING, str(error), f"{FETCH}, and play without --wad")
        return
    if found is None:
        places = ", ".join(map(str, search_places()))
        yield Check("wad", Status.MISSING, f"no DOOM WAD in {places}", FETCH)
        return
    path = found.path
    try:
        assets = load(path)
    except OtherGameError as error:
        yield Check("wad", Status.MISSING, str(error), "give the WAD of a DOOM game with --wad")
        return
    except WadError as error:
        yield Check("wad", Status.MISSING, str(error), advice(path))
        return
    yield Check("wad", Status.OK, f"{path} ({found.reason}): {_release(path, assets)}")
    yield from _own_patch(assets, options)
    yield from _over(path, options)


def _own_patch(assets: Assets, options: Options) -> Iterator[Check]:
    """Whether the patch that the game or the executable needs is there."""
    try:
        patch_game(load_info(), assets, version=options.version, own=not options.nodeh)
    except (DehackedError, OSError) as error:
        yield Check("patch", Status.MISSING, str(error), "get the patch, or play without it: --nodeh")


def _release(path: Path, assets: Assets) -> str:
    content = path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    known = _RELEASES.get(hashlib.md5(content, usedforsecurity=False).hexdigest())
    if known is not None and ("shareware" not in known or digest == SHA256):
        return f"{known}, as released (SHA-256 {digest[:16]}...)"
    if assets.variant in ("freedoom", "freedm"):
        game = "Freedoom"
    elif assets.variant == "hacx":
        game = "Hacx"
    elif assets.variant == "chex":
        game = "Chex Quest"
    else:
        game = _GAMES[assets.mode if assets.mission == "doom" else assets.mission]
    return f"{game}, not a known release (SHA-256 {digest[:16]}...)"


def _over(path: Path, options: Options) -> Iterator[Check]:
    if not (options.files or options.patches or options.dehlump):
        return
    try:
        assets = load(path, *map(find_add_on, options.files))
        warnings = patch_game(
            load_info(),
            assets,
            options.patches,
            version=options.version,
            own=not options.nodeh,
            lumps=options.dehlump,
        )
    except (WadError, DehackedError, OSError) as error:
        yield Check("add-ons", Status.MISSING, str(error), "play without it, or fix --file and --deh")
        return
    if warnings:
        yield Check("add-ons", Status.WARNING, f"{len(warnings)} warnings, such as: {warnings[0]}")
    else:
        yield Check("add-ons", Status.OK, ", ".join(map(str, (*options.files, *options.patches))) or "--dehlump")
