"""Ed25519 (RFC 8032) in plain integers: signatures by the strict rule of chapter 03, section 1.3. For tests only: it
takes milliseconds, and not the same time for every secret."""
from __future__ import annotations

from functools import lru_cache
from hashlib import sha512
from typing import Optional, Tuple

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)  # of -1
Point = Tuple[int, int, int, int]  # X, Y, Z, T with x = X/Z, y = Y/Z, xy = T/Z
ZERO: Point = (0, 1, 1, 0)


def add(p: Point, q: Point) -> Point:
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def double(p: Point) -> Point:
    a, b, c = p[0] * p[0] % P, p[1] * p[1] % P, 2 * p[2] * p[2] % P
    h = a + b
    e, g = h - (p[0] + p[1]) ** 2 % P, a - b
    f = c + g
    return e * f % P, g * h % P, f * g % P, e * h % P


def negative(p: Point) -> Point:
    return -p[0] % P, p[1], p[2], -p[3] % P


def same(p: Point, q: Point) -> bool:
    return (p[0] * q[2] - q[0] * p[2]) % P == 0 and (p[1] * q[2] - q[1] * p[2]) % P == 0


def sum_of(s: int, p: Point, k: int, q: Point) -> Point:
    """s·p + k·q."""
    either, total = add(p, q), ZERO
    for bit in range(max(s.bit_length(), k.bit_length()) - 1, -1, -1):
        total = double(total)
        which = (s >> bit & 1) + 2 * (k >> bit & 1)
        if which:
            total = add(total, (p, q, either)[which - 1])
    return total


@lru_cache(maxsize=256)
def point_of(encoding: bytes) -> Optional[Point]:
    """The point that a canonical encoding states."""
    number = int.from_bytes(encoding, "little")
    sign, y = number >> 255, number & (1 << 255) - 1
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if (x * x - square) % P or x == 0 and sign:
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


def encoding_of(p: Point) -> bytes:
    inverse = pow(p[2], P - 2, P)
    x, y = p[0] * inverse % P, p[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


BASE = point_of((4 * pow(5, P - 2, P) % P).to_bytes(32, "little")) or ZERO


def is_small(p: Point) -> bool:
    return same(double(double(double(p))), ZERO)


def verify(key: bytes, message: bytes, signature: bytes) -> bool:
    a, r = point_of(key), point_of(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= ORDER or is_small(a) or is_small(r):
        return False
    k = int.from_bytes(sha512(signature[:32] + key + message).digest(), "little") % ORDER
    return same(sum_of(s, BASE, k, negative(a)), r)


def public_key(seed: bytes) -> bytes:
    secret = int.from_bytes(sha512(seed).digest()[:32], "little") & (1 << 254) - 8 | 1 << 254
    return encoding_of(sum_of(secret, BASE, 0, ZERO))
