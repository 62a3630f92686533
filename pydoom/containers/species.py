"""Which monster a container is.

By default the pink demon, as in the original. On request a container's label says, or its memory: the more it uses,
the tougher the monster. A species that the WAD has no pictures of is a demon again.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from pydoom.data import mobj_ids as mt

if TYPE_CHECKING:
    from pydoom.containers.events import ContainerInfo
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
    "cacodemon": mt.MT_HEAD,
    "hellknight": mt.MT_KNIGHT,
    "baron": mt.MT_BRUISER,
    "revenant": mt.MT_UNDEAD,
}
"""Values of the label. None wider or taller than the room a place has (see `placement`), no lost souls, and
no spectres, since that is how protected containers look."""

BY_MEMORY: Final[Sequence[tuple[int, int]]] = (
    (2048 * MEGABYTE, mt.MT_BRUISER),
    (512 * MEGABYTE, mt.MT_SERGEANT),
    (128 * MEGABYTE, mt.MT_TROOP),
    (32 * MEGABYTE, mt.MT_SHOTGUY),
    (1, mt.MT_POSSESSED),
)
"""From how many bytes on a container is which monster."""


class Rule(StrEnum):
    """What decides."""

    DEMON = "demon"
    LABEL = "label"
    MEMORY = "memory"


class Species:
    """Finds the mobj type for containers; `sprites` are the names of the sprites that the WAD has."""

    def __init__(self, rule: Rule, info: GameInfo, sprites: Container[str]) -> None:
        self._rule = rule
        self._info = info
        self._sprites = sprites

    def of(self, container: ContainerInfo) -> int:
        """The mobj type of this container's monster."""
        wanted = self._wanted(container)
        sprite = self._info.states[self._info.mobjinfo[wanted].spawnstate].sprite
        return wanted if self._info.sprites[sprite] in self._sprites else DEMON

    def _wanted(self, container: ContainerInfo) -> int:
        if self._rule is Rule.DEMON:
            return DEMON
        label = container.labels.get(LABEL, "").strip().lower()
        if label in NAMES:
            return NAMES[label]
        if self._rule is Rule.MEMORY:
            return next((kind for size, kind in BY_MEMORY if container.memory >= size), DEMON)
        return DEMON
