"""16.16 fixed-point and 32-bit arithmetic with C's rules (``m_fixed.c``).

Python's ``//`` and ``>>`` floor, C's ``/`` truncates toward zero; Python's ints never wrap, C's do. Hot loops write
these one-liners out by hand.
"""

from typing import Final

FRACBITS: Final = 16
FRACUNIT: Final = 1 << FRACBITS
MAXINT: Final = 0x7FFFFFFF
MININT: Final = -0x80000000


def to_int32(value: int) -> int:
    """`value` wrapped to a signed 32-bit integer."""
    return ((value + 0x80000000) & 0xFFFFFFFF) - 0x80000000


def abs32(value: int) -> int:
    """``abs`` of a 32-bit int, as in C: the least int is its own absolute value."""
    return value if value == MININT else abs(value)


def fixed_mul(a: int, b: int) -> int:
    """``FixedMul``: 16.16 product, floored, wrapped to 32 bits."""
    return (((a * b) >> 16) + 0x80000000 & 0xFFFFFFFF) - 0x80000000


def fixed_div(a: int, b: int) -> int:
    """``FixedDiv``: 16.16 quotient truncated toward zero; saturates where it would overflow (and for b = 0).

    The least int has no absolute value in 32 bits: as divisor it always saturates.
    """
    dividend = abs(a)
    divisor = abs(b)
    if (dividend >> 14) >= divisor or divisor > MAXINT:
        if dividend > MAXINT and 0 < divisor <= MAXINT:
            return to_int32((dividend << 16) // divisor * (1 if b < 0 else -1))
        return MININT if (a ^ b) < 0 else MAXINT
    quotient = (dividend << 16) // divisor
    return -quotient if (a ^ b) < 0 else quotient


def c_div(a: int, b: int) -> int:
    """Integer quotient truncated toward zero, as in C. Raises ZeroDivisionError for b = 0."""
    quotient = abs(a) // abs(b)
    return -quotient if (a ^ b) < 0 else quotient
