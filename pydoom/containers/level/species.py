"""Which monster a container is.

By default the pink demon, as in the original. On request a container's label decides, or its memory: the more it uses,
the tougher the monster. A species that the WAD has no sprites for becomes a demon.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from pydoom.containers.fleet.names import elide
from pydoom.data import mobj_ids as mt

if TYPE_CHECKING:
    from pydoom.containers.link.events import ContainerInfo
    from pydoom.data.info import GameInfo

LABEL: Final = "pydoom.monster"
DEMON: Final = mt.MT_SERGEANT
MEGABYTE: Final = 1 << 20

NAMES: Final = {
    "zombieman": mt.MT_POSSESSED,
    "shotgunguy": mt.MT_SHOTGUY,
    "chaingunner": mt.MT_CHAINGUY,
    "imp": mt.MT_TROOP,
    "demon": mt.MT_SERGEANT,
    "spectre": mt.MT_SHADOWS,
    "cacodemon": mt.MT_HEAD,
    "hellknight": mt.MT_KNIGHT,
    "baron": mt.MT_BRUISER,
    "revenant": mt.MT_UNDEAD,
}
"""Values of the label. None is wider or taller than a place (see `placement`), and lost souls are missing
because they leave no corpse."""

BY_MEMORY: Final[Sequence[tuple[int, int]]] = (
    (2048 * MEGABYTE, mt.MT_BRUISER),
    (512 * MEGABYTE, mt.MT_SERGEANT),
    (128 * MEGABYTE, mt.MT_TROOP),
    (32 * MEGABYTE, mt.MT_SHOTGUY),
    (1, mt.MT_POSSESSED),
)
"""The least memory in bytes for each monster."""


class SpeciesRule(StrEnum):
    """What decides the species."""

    DEMON = "demon"
    LABEL = "label"
    MEMORY = "memory"


class Species:
    """Finds the mobj type for containers; `sprites` are the names of the sprites that the WAD has."""

    def __init__(self, rule: SpeciesRule, info: GameInfo, sprites: Container[str]) -> None:
        self._rule = rule
        self._info = info
        self._sprites = sprites
        self._told: set[str] = set()

    def complaint(self, container: ContainerInfo) -> str:
        """What is wrong with a container's label, once for each wrong species; usually empty."""
        label = container.labels.get(LABEL, "").strip().lower()
        if self._rule is SpeciesRule.DEMON or not label or label in self._told:
            return ""
        if label in NAMES and self._has_sprites(NAMES[label]):
            return ""
        self._told.add(label)
        return f"no {elide(label)} in this wad" if label in NAMES else f"there is no monster {elide(label)}"

    def of(self, container: ContainerInfo) -> int:
        """The mobj type of this container's monster."""
        wanted = self._wanted(container)
        return wanted if self._has_sprites(wanted) else DEMON

    def _has_sprites(self, kind: int) -> bool:
        sprite = self._info.states[self._info.mobjinfo[kind].spawnstate].sprite
        return self._info.sprites[sprite] in self._sprites

    def _wanted(self, container: ContainerInfo) -> int:
        if self._rule is SpeciesRule.DEMON:
            return DEMON
        label = container.labels.get(LABEL, "").strip().lower()
        if label in NAMES:
            return NAMES[label]
        if self._rule is SpeciesRule.MEMORY:
            return next((kind for size, kind in BY_MEMORY if container.memory >= size), DEMON)
        return DEMON
