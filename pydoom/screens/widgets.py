"""The widgets of the status bar (``st_lib.c``): numbers, percentages and icons that redraw themselves when they change.

They draw over a persistent screen and take what was behind them from `backdrop`, the empty bar: uint8[200,320] of
which rows 0 to 31 belong to screen rows 168 to 199.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pydoom.screens.video import Frame, Picture, draw_patch

ST_Y: Final = 168
NOT_A_NUMBER: Final = 1994
"""The value that is not shown: ammo of a fist."""


def restore(frame: Frame, backdrop: Frame, x: int, y: int, width: int, height: int) -> None:
    """Restore the empty bar in a rectangle of the screen (``V_CopyRect``)."""
    frame[y : y + height, x : x + width] = backdrop[y - ST_Y : y - ST_Y + height, x : x + width]


class Number:
    """A right-justified number of at most `width` digits whose upper right corner is (x, y) (``st_number_t``)."""

    __slots__ = ("_digits", "_minus", "_shown", "_width", "x", "y")

    def __init__(self, x: int, y: int, digits: Sequence[Picture], width: int, minus: Picture | None) -> None:
        self.x = x
        self.y = y
        self._digits = digits
        self._width = width
        self._minus = minus
        self._shown: int | None = None

    def forget(self) -> None:
        """Redraw next time even without a change, since something else was drawn over the bar."""
        self._shown = None

    def draw(self, frame: Frame, backdrop: Frame, value: int, refresh: bool) -> None:
        """``STlib_drawNum``."""
        if value == self._shown and not refresh:
            return
        self._shown = value
        digit_width = self._digits[0].width
        area = self._width * digit_width
        restore(frame, backdrop, self.x - area, self.y, area, self._digits[0].height)
        if value == NOT_A_NUMBER:
            return
        negative = value < 0
        if negative:
            if self._width == 2:
                value = max(value, -9)
            elif self._width == 3:
                value = max(value, -99)
            value = -value
        x = self.x
        if not value:
            draw_patch(frame, x - digit_width, self.y, self._digits[0])
        room = self._width
        while value and room:
            x -= digit_width
            draw_patch(frame, x, self.y, self._digits[value % 10])
            value //= 10
            room -= 1
        if negative and self._minus is not None:
            draw_patch(frame, x - 8, self.y, self._minus)


class Percent:
    """A three-digit number before a percent sign (``st_percent_t``)."""

    __slots__ = ("_sign", "number")

    def __init__(self, number: Number, sign: Picture) -> None:
        self.number = number
        self._sign = sign

    def draw(self, frame: Frame, backdrop: Frame, value: int, refresh: bool) -> None:
        """``STlib_updatePercent``: the sign itself is drawn only when all is."""
        if refresh:
            draw_patch(frame, self.number.x, self.number.y, self._sign)
        self.number.draw(frame, backdrop, value, refresh)


class Icon:
    """One of several patches at (x, y) (``st_multicon_t``). Number -1 leaves what is there, as in the original.

    So does any other number out of range, which only a DeHackEd patch's impossible health can ask for.
    """

    __slots__ = ("_pictures", "_shown", "x", "y")

    def __init__(self, x: int, y: int, pictures: Sequence[Picture]) -> None:
        self.x = x
        self.y = y
        self._pictures = pictures
        self._shown = -1

    def draw(self, frame: Frame, backdrop: Frame, number: int, refresh: bool) -> None:
        """``STlib_updateMultIcon``."""
        if not 0 <= number < len(self._pictures) or (number == self._shown and not refresh):
            return
        if self._shown != -1:
            old = self._pictures[self._shown]
            restore(frame, backdrop, self.x - old.leftoffset, self.y - old.topoffset, old.width, old.height)
        draw_patch(frame, self.x, self.y, self._pictures[number])
        self._shown = number


class Badge:
    """A patch that is shown or not (``st_binicon_t``)."""

    __slots__ = ("_picture", "_shown", "x", "y")

    def __init__(self, x: int, y: int, picture: Picture) -> None:
        self.x = x
        self.y = y
        self._picture = picture
        self._shown = False

    def draw(self, frame: Frame, backdrop: Frame, there: bool, refresh: bool) -> None:
        """``STlib_updateBinIcon``."""
        if there == self._shown and not refresh:
            return
        picture = self._picture
        if there:
            draw_patch(frame, self.x, self.y, picture)
        else:
            left, top = self.x - picture.leftoffset, self.y - picture.topoffset
            restore(frame, backdrop, left, top, picture.width, picture.height)
        self._shown = there
