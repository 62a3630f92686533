"""Directions to build in: what is to the right and ahead of somebody who stands somewhere and looks along an axis."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pydoom.fleetmap.canvas import Rect
from pydoom.fleetmap.draft import Point

NORTH: Final = (0, 1)
SOUTH: Final = (0, -1)
EAST: Final = (1, 0)
WEST: Final = (-1, 0)

_ANGLES: Final = {EAST: 0, NORTH: 90, WEST: 180, SOUTH: 270}


@dataclass(frozen=True, slots=True)
class Heading:
    """A point and the direction in which one looks from there; distances are counted to the right and ahead."""

    at: Point
    ahead: tuple[int, int]

    @property
    def angle(self) -> int:
        """The direction in degrees, as things have it."""
        return _ANGLES[self.ahead]

    @property
    def back(self) -> int:
        """The opposite direction in degrees."""
        return (self.angle + 180) % 360

    def point(self, right: int, ahead: int) -> Point:
        """The point that far to the right and ahead."""
        dx, dy = self.ahead
        return self.at[0] + dx * ahead + dy * right, self.at[1] + dy * ahead - dx * right

    def rect(self, right: int, ahead: int, width: int, depth: int) -> Rect:
        """The rectangle that begins at `right`, `ahead`, and is so wide to the right and so deep ahead."""
        (x1, y1), (x2, y2) = self.point(right, ahead), self.point(right + width, ahead + depth)
        return Rect(min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2))
