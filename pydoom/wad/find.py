"""Where the IWAD is (``d_iwad.c``): the folders that are searched, and in which order."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from platformdirs import user_data_path

from pydoom.wad.errors import WadError

DOOM_NAMES: Final = ("doom1.wad", "doom.wad", "doom2.wad", "tnt.wad", "plutonia.wad", "chex.wad", "hacx.wad")
FREEDOOM_NAMES: Final = ("freedoom1.wad", "freedoom2.wad", "freedm.wad")

DEFAULT_DATA_DIRS: Final = "/usr/local/share:/usr/share"
"""The default of ``$XDG_DATA_DIRS``."""
_UNDER_DATA_DIRS: Final = ("games/doom", "doom", "games/doom3bfg/base/wads")
_UNDER_STEAM: Final = (
    "Doom 2/base",
    "Doom 2/finaldoombase",
    "Master Levels of Doom/doom2",
    "Ultimate Doom/base",
    "Final Doom/base",
    "DOOM 3 BFG Edition/base/wads",
)


@dataclass(frozen=True, slots=True)
class FoundIwad:
    """An IWAD, and why it was chosen."""

    path: Path
    reason: str


def user_folder() -> Path:
    """The user's own data folder, where a fetched WAD is kept."""
    return Path(user_data_path("pydoom", appauthor=False))


def search_places(environ: Mapping[str, str] | None = None, cwd: Path | None = None) -> list[Path]:
    """The folders (or, from the environment, WAD files) to search, in order.

    They are Chocolate Doom's (``BuildIWADDirList``), plus ``wads`` here and pydoom's folder of the user.
    """
    environ = os.environ if environ is None else environ
    cwd = Path.cwd() if cwd is None else cwd
    places = [cwd, cwd / "wads"]
    if environ.get("DOOMWADDIR"):
        places.append(Path(environ["DOOMWADDIR"]))
    places += _paths(environ.get("DOOMWADPATH", ""))
    home = Path(environ["HOME"]) if environ.get("HOME") else None
    if environ.get("XDG_DATA_HOME"):
        places.append(Path(environ["XDG_DATA_HOME"]) / "games/doom")
    elif home is not None:
        places.append(home / ".local/share/games/doom")
    data_dirs = _paths(environ.get("XDG_DATA_DIRS") or DEFAULT_DATA_DIRS)
    places += [folder / under for under in _UNDER_DATA_DIRS for folder in data_dirs]
    if home is not None:
        places += [home / ".steam/root/steamapps/common" / under for under in _UNDER_STEAM]
    return [*places, user_folder()]


def _paths(text: str) -> list[Path]:
    return [Path(part) for part in text.split(os.pathsep) if part]


def find_iwad(
    wanted: str | Path | None = None, environ: Mapping[str, str] | None = None, cwd: Path | None = None
) -> FoundIwad | None:
    """The IWAD to play, or None when none is installed.

    `wanted` is what the user asked for: a path, or a file name to search for; WadError when not found. Without it,
    DOOM's own WADs in any folder come before Freedoom's, since the latter are often installed as a dependency.
    """
    places = search_places(environ, cwd)
    if wanted is not None:
        return _find_wanted(Path(wanted), places)
    for names, reason in (
        (DOOM_NAMES, "the first DOOM WAD found"),
        (FREEDOOM_NAMES, "Freedoom, as there is no DOOM WAD"),
    ):
        for path in _candidates(places, names):
            return FoundIwad(path, reason)
    return None


def find_add_on(name: Path, environ: Mapping[str, str] | None = None, cwd: Path | None = None) -> Path:
    """The add-on called `name`: a file, with or without ``.wad``, here or in the places of IWADs.

    Returns the name itself when there is no such file (``D_TryFindWADByName``).
    """
    if not name.name:
        return name
    for path in (name, name.with_name(f"{name.name}.wad")):
        if path.is_file():
            return path
    if name.parent == Path():
        for path in _candidates(search_places(environ, cwd), (name.name.lower(), f"{name.name.lower()}.wad")):
            return path
    return name


def find_companion(iwad: Path, name: str) -> Path | None:
    """The file called `name` next to an IWAD, or in the places of IWADs; None when there is none."""
    for path in _candidates([iwad.parent, *search_places()], (name,)):
        return path
    return None


def _find_wanted(wanted: Path, places: Sequence[Path]) -> FoundIwad:
    if wanted.is_file():
        return FoundIwad(wanted, "asked for")
    if wanted.is_dir():
        for path in _candidates([wanted], DOOM_NAMES + FREEDOOM_NAMES):
            return FoundIwad(path, f"the first WAD in {wanted}")
        raise WadError(f"{wanted}: no DOOM WAD in this folder (they are called doom1.wad, doom.wad, doom2.wad...)")
    if wanted.exists():
        raise WadError(f"{wanted}: a pipe or a device, not a file")
    if wanted.parent == Path():
        for path in _candidates(places, (wanted.name.lower(), f"{wanted.name.lower()}.wad")):
            return FoundIwad(path, f"asked for as {wanted}")
    raise WadError(f"{wanted}: no such file (`pydoom doctor` lists the WADs it finds)")


def _candidates(places: Sequence[Path], names: Sequence[str]) -> Iterator[Path]:
    """Files with these names in these folders, ignoring case; best first."""
    for place in places:
        try:
            if place.is_file():
                files = {place.name.lower(): place}
            else:
                files = {path.name.lower(): path for path in sorted(place.iterdir(), reverse=True)}
            yield from (files[name] for name in names if name in files and files[name].is_file())
        except OSError:
            continue
