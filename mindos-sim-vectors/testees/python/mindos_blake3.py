"""BLAKE3, plain hash of 32 bytes. The standard library has none; this is made to be read, not to be fast."""
from __future__ import annotations

from typing import List, Sequence

MASK = 0xffffffff
IV = [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19]
ORDER = [2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8]
CORNERS = [(0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15),
           (0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14)]
CHUNK, BLOCK = 1024, 64
CHUNK_START, CHUNK_END, PARENT, ROOT = 1, 2, 4, 8


def compress(chaining: Sequence[int], words: Sequence[int], counter: int, length: int, flags: int) -> List[int]:
    v = [*chaining, *IV[:4], counter & MASK, counter >> 32, length, flags]
    m = list(words)
    for _ in range(7):
        for i, (a, b, c, d) in enumerate(CORNERS):
            for word, first, second in ((m[2 * i], 16, 12), (m[2 * i + 1], 8, 7)):
                v[a] = v[a] + v[b] + word & MASK
                x = v[d] ^ v[a]
                v[d] = (x >> first | x << 32 - first) & MASK
                v[c] = v[c] + v[d] & MASK
                x = v[b] ^ v[c]
                v[b] = (x >> second | x << 32 - second) & MASK
        m = [m[i] for i in ORDER]
    return [low ^ high for low, high in zip(v[:8], v[8:])]


def words_of(block: bytes) -> List[int]:
    padded = block.ljust(BLOCK, b"\0")
    return [int.from_bytes(padded[i:i + 4], "little") for i in range(0, BLOCK, 4)]


def chunk(data: bytes, counter: int, flags: int) -> List[int]:
    chaining, last = IV, max(len(data) - 1, 0) // BLOCK
    for i in range(last + 1):
        block = data[i * BLOCK:(i + 1) * BLOCK]
        ends = (CHUNK_START if i == 0 else 0) | (CHUNK_END | flags if i == last else 0)
        chaining = compress(chaining, words_of(block), counter, len(block), ends)
    return chaining


def tree(data: bytes, counter: int, flags: int) -> List[int]:
    """The chaining value of what begins at chunk `counter`; the left part is the largest power of two of chunks."""
    if len(data) <= CHUNK:
        return chunk(data, counter, flags)
    left = 1 << ((len(data) - 1) // CHUNK).bit_length() - 1
    halves = tree(data[:left * CHUNK], counter, 0) + tree(data[left * CHUNK:], counter + left, 0)
    return compress(IV, halves, 0, BLOCK, PARENT | flags)


def blake3(data: bytes) -> bytes:
    return b"".join(word.to_bytes(4, "little") for word in tree(data, 0, ROOT))
