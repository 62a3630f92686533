"""The original's 32-bit arithmetic on whole arrays (``m_fixed.c``, ``tables.c``, ``R_PointToAngle``).

Angles are uint32 BAM and wrap by themselves; products and quotients are taken in int64 and truncated to int32 where C
truncates them. The trigonometry tables are int64 so that products need no conversion.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from pydoom.data import tables

I32 = NDArray[np.int32]
I64 = NDArray[np.int64]
U32 = NDArray[np.uint32]
U8 = NDArray[np.uint8]
Bool = NDArray[np.bool_]

MAXINT: Final = 0x7FFFFFFF
MININT: Final = -0x80000000
U32_MASK: Final = 0xFFFFFFFF

SINE: Final[I64] = np.array(tables.FINESINE, np.int64)
COSINE: Final[I64] = SINE[2048:]
TANGENT: Final[I64] = np.concatenate([np.array(tables.FINETANGENT, np.int64), SINE[:4096]])
"""finetangent, and what follows it in the original's memory: it is indexed past its end by walls seen edge on."""
TANTOANGLE: Final[U32] = np.array(tables.TANTOANGLE, np.uint32)

# angle of an octant = base + sign * tantoangle[slope]; octant = 4 * (x < 0) + 2 * (y < 0) + (|y| >= |x|)
OCTANT_BASE: Final[U32] = np.array(
    [0, 0x3FFFFFFF, 0, 0xC0000000, 0x7FFFFFFF, 0x40000000, 0x80000000, 0xBFFFFFFF], np.uint32
)
OCTANT_SIGN: Final[U32] = np.array([1, U32_MASK, U32_MASK, 1, U32_MASK, 1, 1, U32_MASK], np.uint32)


def to_int32(values: I64) -> I64:
    """int64 values cut to 32 bits with sign, as C does when it stores them."""
    return values.astype(np.int32).astype(np.int64)


def fixed_mul(a: I64, b: I64 | int) -> I64:
    """``FixedMul`` of int64 arrays that hold 32-bit values."""
    return to_int32((a * b) >> 16)


def fixed_div(a: I64, b: I64) -> I64:
    """``FixedDiv`` of int64 arrays that hold 32-bit values."""
    size_a, size_b = np.abs(a), np.abs(b)
    saturated = (size_a >> 14) >= size_b
    quotient = (size_a << 16) // np.maximum(size_b, 1)
    negative = (a ^ b) < 0
    quotient = np.where(saturated, np.where(negative, -MININT, MAXINT), quotient)
    return np.where(negative, -quotient, quotient)


def point_to_angle(dx: I32, dy: I32) -> U32:
    """``R_PointToAngle``: BAM angles of the points (dx, dy) from the origin, int32 map coordinates."""
    # compared with sign, as in C: the least int is its own absolute value, and less than any other
    width, height = np.abs(dx), np.abs(dy)
    steep = height >= width
    near = np.minimum(width, height).view(np.uint32)
    far = np.maximum(width, height).view(np.uint32)
    near <<= 3
    divisor = far >> 8
    # no division for points nearer than 512: they count as 45 degrees
    close = len(far) > 0 and far.min() < 512
    if close:
        divisor[far < 512] = 1
        near[far < 512] = 2048
    near //= divisor
    angle = TANTOANGLE.take(near, mode="clip")
    octant = (dx < 0).view(np.int8) * np.int8(4)
    octant += (dy < 0).view(np.int8) * np.int8(2)
    octant += steep.view(np.int8)
    angle *= OCTANT_SIGN.take(octant)
    angle += OCTANT_BASE.take(octant)
    if close:
        angle[(dx | dy) == 0] = 0
    return angle


def point_to_dist(dx: I64, dy: I64) -> I64:
    """``R_PointToDist``: distance of the points (dx, dy) from the origin, 16.16."""
    width, height = np.abs(dx), np.abs(dy)
    far = np.maximum(width, height)
    near = np.minimum(width, height)
    lowest = far > MAXINT
    if lowest.any():
        # abs() leaves the lowest int negative: the original reads before its table of angles, we its first one
        far = np.where(lowest, near, far)
        near = np.where(lowest, 0, near)
    fraction = (near << 16) // np.maximum(far, 1)
    cosine = SINE.take((TANTOANGLE.take(fraction >> 5, mode="clip") + tables.ANG90) >> 19)
    distance = (far << 16) // cosine
    distance[(far >> 14) >= cosine] = MAXINT
    return distance


def point_on_line_side(px: I64, py: I64, lx: I64, ly: I64, dx: I64, dy: I64) -> Bool:
    """``R_PointOnSegSide`` and ``R_PointOnSide``: whether points lie behind lines through (lx, ly) along (dx, dy)."""
    x, y = to_int32(px - lx), to_int32(py - ly)
    left = (x * (dy >> 16)) >> 16
    right = (y * (dx >> 16)) >> 16
    signs_differ = (dy ^ dx ^ x ^ y) < 0
    back = np.where(signs_differ, (dy ^ x) < 0, right >= left)
    back = np.where(dy == 0, np.where(py <= ly, dx < 0, dx > 0), back)
    return np.where(dx == 0, np.where(px <= lx, dy > 0, dy < 0), back)


def ragged(counts: I64) -> tuple[I64, I64]:
    """For groups of `counts` elements laid end to end: the offset of each element in its group, and the group ends."""
    ends = counts.cumsum()
    total = int(ends[-1]) if len(ends) else 0
    return np.arange(total) - (ends - counts).repeat(counts), ends
