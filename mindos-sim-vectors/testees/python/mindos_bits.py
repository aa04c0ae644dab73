"""The arithmetic of chapter 09 (spec/09-trust.md, section 1.2): integers only, the same everywhere.

A share is in parts of 2^16 (`ONE`), bits are logarithms to base 2 in parts of 2^16.
"""
from __future__ import annotations

import math
from typing import List, Sequence

ONE = 1 << 16
FLOOR = -10 * ONE

LOG = [round(ONE * math.log2(1 + i / 256)) for i in range(257)]
EXP = [round(ONE * 2 ** (-i / 256)) for i in range(257)]


def div(a: int, b: int) -> int:
    """a / b for b > 0, rounded towards zero."""
    return a // b if a >= 0 else -(-a // b)


def log2(x: int) -> int:
    if x == 0:
        return -64 * ONE
    e = x.bit_length() - 1
    y = x - (1 << e)
    y = y << (24 - e) if e <= 24 else y >> (e - 24)
    i, f = y >> 16, y & 0xffff
    return (e << 16) + LOG[i] + ((LOG[i + 1] - LOG[i]) * f >> 16)


def ratio(a: int, b: int) -> int:
    """log2(a : b)."""
    return log2(a) - log2(b)


def exp2(y: int) -> int:
    """2^−y as a share, of y ≥ 0 bits."""
    if y >= 17 * ONE:
        return 0
    i, f = y >> 8 & 255, y & 255
    return (EXP[i] + ((EXP[i + 1] - EXP[i]) * f >> 8)) >> (y >> 16)


def softmax(bits: Sequence[int]) -> List[int]:
    highest = max(bits)
    parts = [exp2(highest - b) for b in bits]
    total = sum(parts)
    return [part * ONE // total for part in parts]


def stir(h: int, name: bytes) -> int:
    mask = (1 << 64) - 1
    for at in range(0, 32, 8):
        z = h ^ int.from_bytes(name[at:at + 8], "little")
        z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9 & mask
        z = (z ^ z >> 27) * 0x94d049bb133111eb & mask
        h = z ^ z >> 31
    return h


def first_highest(numbers: Sequence[int]) -> int:
    return max(range(len(numbers)), key=numbers.__getitem__)


def shares_of(parts: Sequence[int]) -> List[int]:
    """What each has of all, or the same each if there is nothing."""
    total = sum(parts)
    return [part * ONE // total if total else ONE // len(parts) for part in parts]
