"""The original's 32-bit arithmetic on 64-bit integers (``m_fixed.c``, ``tables.c``, ``R_PointOnSide``).

Fixed numbers are 16.16, angles unsigned 32-bit BAM; a result is truncated to 32 bits where C does it.

For mypyc, a conditional expression with a constant or a difference in it (``x if x < n else n - 1``) is any object: it
makes Python integers of its parts. So hot code has `smaller` and `larger`, or statements.
"""

from __future__ import annotations

from typing import Final

from librt.vecs import vec
from mypy_extensions import i32, i64

from pydoom.data.tables import FINESINE, FINETANGENT, TANTOANGLE

UNIT: Final = 0x10000
U32: Final = 0xFFFFFFFF
MAXINT: Final = 0x7FFFFFFF
MININT: Final = -0x80000000
ANG45: Final = 0x20000000
ANG90: Final = 0x40000000
ANG180: Final = 0x80000000
ANG270: Final = 0xC0000000

SINE: Final[vec[i32]] = vec[i32](FINESINE)
"""16.16 sine of 8192 fine angles and a quarter turn more; the cosine begins at COSINE."""
COSINE: Final = 2048
TANGENT: Final[vec[i32]] = vec[i32](FINETANGENT + FINESINE[:4096])
"""finetangent and what follows it in the original's memory: walls seen edge on index past its end."""
TANTOANGLE_TABLE: Final[vec[i32]] = vec[i32](TANTOANGLE)


def to_int32(value: i64) -> i64:
    """`value` cut to 32 bits with sign."""
    return ((value + 0x80000000) & 0xFFFFFFFF) - 0x80000000


def to_int16(value: i64) -> i64:
    """`value` cut to 16 bits with sign."""
    return ((value + 0x8000) & 0xFFFF) - 0x8000


def size_of(value: i64) -> i64:
    """``abs``."""
    return -value if value < 0 else value


def smaller(a: i64, b: i64) -> i64:
    """The smaller of two numbers."""
    if a < b:
        return a
    return b


def larger(a: i64, b: i64) -> i64:
    """The larger of two numbers."""
    if a > b:
        return a
    return b


def clamp(value: i64, low: i64, high: i64) -> i64:
    """`value` limited to `low` to `high`."""
    if value < low:
        return low
    return high if value > high else value


def fixed_mul(a: i64, b: i64) -> i64:
    """``FixedMul``."""
    return to_int32((a * b) >> 16)


def fixed_div(a: i64, b: i64) -> i64:
    """``FixedDiv``: saturates where the quotient does not fit."""
    over, under = size_of(a), size_of(b)
    negative = (a ^ b) < 0
    if over >> 14 >= under:
        if negative:
            return MININT
        return MAXINT
    quotient = (over << 16) // under
    return -quotient if negative else quotient


def whole_div(a: i64, b: i64) -> i64:
    """C's integer division, which rounds towards zero."""
    quotient = size_of(a) // size_of(b)
    return -quotient if (a ^ b) < 0 else quotient


def sine_of(angle: i64) -> i64:
    """Sine of a BAM angle from 0 to 360 degrees, 16.16."""
    return i64(SINE[angle >> 19])


def cosine_of(angle: i64) -> i64:
    """Cosine of a BAM angle from 0 to 360 degrees, 16.16."""
    return i64(SINE[(angle >> 19) + COSINE])


def _slope_angle(near: i64, far: i64) -> i64:
    """``SlopeDiv`` and ``tantoangle``: BAM up to 45 degrees of the slope near / far."""
    far &= U32
    if far < 512:
        return i64(TANTOANGLE_TABLE[2048])
    slope = ((near << 3) & U32) // (far >> 8)
    return i64(TANTOANGLE_TABLE[smaller(slope, 2048)])


def angle_of(dx: i64, dy: i64) -> i64:
    """BAM angle of the point (dx, dy) as seen from the origin (``R_PointToAngle``)."""
    dx, dy = to_int32(dx), to_int32(dy)
    if dx == 0 and dy == 0:
        return 0
    # the least int is its own absolute value in C
    width, height = to_int32(size_of(dx)), to_int32(size_of(dy))
    steep = height >= width
    lean = _slope_angle(width, height) if steep else _slope_angle(height, width)
    if dx >= 0:
        if dy >= 0:
            return ANG90 - 1 - lean if steep else lean
        return ANG270 + lean if steep else (-lean) & U32
    if dy >= 0:
        return ANG90 + lean if steep else ANG180 - 1 - lean
    return ANG270 - 1 - lean if steep else ANG180 + lean


def distance_of(dx: i64, dy: i64) -> i64:
    """Distance of the point (dx, dy) from the origin, 16.16 (``R_PointToDist``)."""
    far, near = size_of(to_int32(dx)), size_of(to_int32(dy))
    if near > far:
        far, near = near, far
    if far > MAXINT:
        # abs() leaves the lowest int negative: the original reads before its table of angles, we its first one
        far, near = near, 0
    fraction: i64 = 0
    if far:
        fraction = fixed_div(near, far)
    return fixed_div(far, sine_of(i64(TANTOANGLE_TABLE[fraction >> 5]) + ANG90))


def is_behind(x: i64, y: i64, line_x: i64, line_y: i64, dx: i64, dy: i64) -> bool:
    """Whether (x, y) is behind the line through (line_x, line_y) along (dx, dy) (``R_PointOnSide``)."""
    if dx == 0:
        return dy > 0 if x <= line_x else dy < 0
    if dy == 0:
        return dx < 0 if y <= line_y else dx > 0
    px, py = to_int32(x - line_x), to_int32(y - line_y)
    if (dy ^ dx ^ px ^ py) < 0:
        return (dy ^ px) < 0
    return fixed_mul(py, dx >> 16) >= fixed_mul(dy >> 16, px)
