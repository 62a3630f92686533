"""Which game a save belongs to: the IWAD's game and the add-ons over it, and the folder of its saves."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pydoom.wad import Assets

_TITLES: Final = {
    "doom1": "DOOM shareware",
    "doom": "DOOM registered",
    "ultimate": "The Ultimate DOOM",
    "doom2": "DOOM II",
    "tnt": "TNT: Evilution",
    "plutonia": "The Plutonia Experiment",
    "freedoom1": "Freedoom: Phase 1",
    "freedoom2": "Freedoom: Phase 2",
    "freedm": "FreeDM",
    "hacx": "Hacx",
    "chex": "Chex Quest",
    "bfgedition": "DOOM II, BFG Edition",
}
"""The games' titles by key."""
_USUAL_FILES: Final = frozenset({*_TITLES, "doomu", "doom2f"})
"""Names under which IWADs are sold; an IWAD with another name counts as a game of its own."""
_KEYS_BY_MODE: Final = {"shareware": "doom1", "registered": "doom", "retail": "ultimate"}
_LONGEST_NAME: Final = 100
"""Most characters of a folder's name; file systems allow 255 bytes."""


@dataclass(frozen=True, slots=True)
class Origin:
    """A game by its key, such as "doom2", and the names of the add-ons over it, in order."""

    game: str
    add_ons: tuple[str, ...] = ()

    @classmethod
    def of(cls, assets: Assets) -> Origin:
        """The game that is played with these WADs."""
        iwad, *add_ons = assets.paths
        stem = iwad.stem.lower()
        return cls(_key(assets) if stem in _USUAL_FILES else stem, tuple(path.name.lower() for path in add_ons))

    @property
    def title(self) -> str:
        """The title for people: "DOOM II with valiant.wad"."""
        name = _TITLES.get(self.game, self.game)
        return f"{name} with {', '.join(self.add_ons)}" if self.add_ons else name


def _key(assets: Assets) -> str:
    if assets.variant == "freedoom":
        return "freedoom1" if assets.mission == "doom" else "freedoom2"
    if assets.variant != "vanilla":
        return assets.variant
    return _KEYS_BY_MODE[assets.mode] if assets.mission == "doom" else assets.mission


def folder_name(origin: Origin, patches: Iterable[Path] = ()) -> str:
    """The name of the folder for the saves of a game with these DeHackEd patches: "doom2+valiant"."""
    parts = [origin.game, *(Path(name).stem for name in origin.add_ons), *(path.stem.lower() for path in patches)]
    plain = [re.sub(r"[^a-z0-9._-]+", "_", part).lstrip(".") for part in parts]
    name = "+".join(plain)
    if plain == parts and len(name) <= _LONGEST_NAME:
        return name
    # a checksum keeps names apart that are equal once they are shortened
    mark = hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()[:8]
    return f"{name[:_LONGEST_NAME]}-{mark}"
