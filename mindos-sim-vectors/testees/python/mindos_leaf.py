"""Members of a leaf as one of them sees them: who counts, who follows whom (chapters 03, 05 and 06)."""
from __future__ import annotations

from typing import Dict, Iterable, List, NamedTuple, Optional, Set

from mindos_blake3 import blake3
from mindos_identity import Lines

RINGS, GUESTS = 8, 18
SECOND = 1_000_000


class Given(NamedTuple):
    """A member as it is at first."""
    node: bytes
    state: str
    vouched: bool
    partner: bool


def little(number: int, width: int) -> bytes:
    return number.to_bytes(width, "little")


class Leaf:
    EPOCH = little(0, 4)

    def __init__(self, own: bytes, network: int, unix_s: Optional[int], roots: Iterable[bytes],
                 members: Iterable[Given]) -> None:
        self.own, self.network, self.roots, self.lines = own, network, set(roots), Lines()
        given = list(members)
        self.state: Dict[bytes, str] = {member.node: member.state for member in given}
        self.vouched = {member.node for member in given if member.vouched}
        self.partners = {member.node for member in given if member.partner}
        self.guests: Set[bytes] = set()
        self.unix_s, self.told_at = unix_s, 0

    def clock(self, at: int) -> Optional[int]:
        """Unix seconds at `at`, if they are known."""
        return None if self.unix_s is None else self.unix_s + (at - self.told_at) // SECOND

    def tell(self, at: int, unix_s: int) -> None:
        self.unix_s, self.told_at = unix_s, at

    def serves(self, node: bytes) -> bool:
        return self.state.get(node) in ("alive", "suspect")

    def is_partner(self, node: bytes) -> bool:
        return node in self.partners and self.serves(node)

    def is_root(self, node: bytes) -> bool:
        """A root whose key is retired is none, and who takes its place is one."""
        return not self.lines.retired(node) and not self.roots.isdisjoint(self.lines.line(node))

    def is_vouched(self, node: bytes) -> bool:
        return node in self.vouched

    def ask_for_partnership(self, node: bytes) -> None:
        if self.serves(node) and node not in self.partners and len(self.guests & self.partners) < GUESTS:
            self.guests.add(node)
            self.partners.add(node)

    def retire(self, author: bytes, successor: Optional[bytes]) -> None:
        self.lines.take(author, successor)
        if author in self.state:
            self.state[author] = "retired"
            self.partners.discard(author)

    def by_alias(self, alias: int) -> Optional[bytes]:
        """The member of this alias, unless it names several or the reader."""
        named = [node for node in [self.own, *self.state] if self.alias(node) == alias]
        return named[0] if len(named) == 1 and named[0] != self.own else None

    def alias(self, node: bytes) -> int:
        return int.from_bytes(blake3(self.EPOCH + node)[:4], "little")

    def successors(self, count: int) -> Set[bytes]:
        """The first `count` behind the reader on each ring that are in service."""
        found: Set[bytes] = set()
        for ring in range(RINGS):
            def place(node: bytes) -> int:
                return int.from_bytes(blake3(self.EPOCH + bytes([ring]) + node)[:8], "little")
            own = place(self.own)
            serving = [node for node in self.state if self.serves(node)]
            found.update(sorted(serving, key=lambda node: (place(node) - own) % 2**64)[:count])
        return found

    def members(self) -> List[bytes]:
        return sorted(self.state)
