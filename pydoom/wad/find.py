"""Where the IWAD is (``d_iwad.c``): the folders that are searched, and in which order."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from platformdirs import user_data_path

from pydoom.wad.errors import WadError

DOOM_NAMES: Final = ("doom1.wad", "doom.wad", "doom2.wad", "tnt.wad", "plutonia.wad")
FREEDOOM_NAMES: Final = ("freedoom1.wad", "freedoom2.wad", "freedm.wad")

SYSTEM_FOLDERS: Final = (
    Path("/usr/share/games/doom"),
    Path("/usr/local/share/games/doom"),
    Path("/usr/share/doom"),
    Path("/usr/local/share/doom"),
)


def user_folder() -> Path:
    """The user's own data folder, where a fetched WAD is kept."""
    return Path(user_data_path("pydoom", appauthor=False))


def search_places(environ: Mapping[str, str] | None = None, cwd: Path | None = None) -> list[Path]:
    """The folders (or, from the environment, WAD files) looked at, first to last."""
    environ = os.environ if environ is None else environ
    cwd = Path.cwd() if cwd is None else cwd
    places = [cwd, cwd / "wads"]
    if environ.get("DOOMWADDIR"):
        places.append(Path(environ["DOOMWADDIR"]))
    places += [Path(part) for part in environ.get("DOOMWADPATH", "").split(os.pathsep) if part]
    return [*places, *SYSTEM_FOLDERS, user_folder()]


def find_iwad(
    wanted: str | Path | None = None, environ: Mapping[str, str] | None = None, cwd: Path | None = None
) -> Path | None:
    """The IWAD to play, or None when none is installed.

    `wanted` is what the user asked for: a path, or a file name to search for; WadError when it is nowhere. Without it,
    DOOM's own WADs in any place come before Freedoom's in any other, since the latter are often installed unasked.
    """
    places = search_places(environ, cwd)
    if wanted is not None:
        return _find_wanted(Path(wanted), places)
    for names in (DOOM_NAMES, FREEDOOM_NAMES):
        for path in _candidates(places, names):
            return path
    return None


def _find_wanted(wanted: Path, places: Sequence[Path]) -> Path:
    if wanted.is_file():
        return wanted
    if wanted.is_dir():
        for path in _candidates([wanted], DOOM_NAMES + FREEDOOM_NAMES):
            return path
        raise WadError(f"{wanted}: no DOOM WAD in this folder (they are called doom1.wad, doom.wad, doom2.wad...)")
    if wanted.parent == Path():
        for path in _candidates(places, (wanted.name.lower(), f"{wanted.name.lower()}.wad")):
            return path
    raise WadError(f"{wanted}: no such file (`pydoom doctor` tells which WADs there are)")


def _candidates(places: Sequence[Path], names: Sequence[str]) -> Iterator[Path]:
    """Files of these lower-case names in these places, in any case; best first."""
    for place in places:
        try:
            if place.is_file():
                files = {place.name.lower(): place}
            else:
                files = {path.name.lower(): path for path in sorted(place.iterdir(), reverse=True)}
            yield from (files[name] for name in names if name in files and files[name].is_file())
        except OSError:
            continue
