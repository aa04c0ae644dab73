"""Records that hold, and lines of keys (chapter 03, sections 1.2, 1.3, 1.6 and 1.8)."""
from __future__ import annotations

from typing import Any, Dict, List, Optional, Set, Tuple

import mindos_wire as wire
from mindos_blake3 import blake3
from mindos_ed25519 import verify

SUCCESSION = 0x0e
NEVER, NAMES, REVOKES = 2**64 - 1, 2**64 - 2, 2**64 - 1
LINKS, PREDECESSORS, LONGEST = 4, 8, 512
DAY = 86_400


def statement(label: str, network: int, *fields: bytes) -> bytes:
    return label.encode().ljust(16, b"\0") + network.to_bytes(4, "little") + b"".join(fields)


def holds(network: int, record: bytes) -> bool:
    """Whether the signature of a well-formed record is its author's."""
    return verify(record[3:35], statement("mindos/record/1", network, record[:-64]), record[-64:])


def succession_of(network: int, record: bytes) -> Optional[Tuple[bytes, Optional[bytes]]]:
    """Who gives up its key, and to whom, if the succession is valid."""
    try:
        value: Dict[str, Any] = wire.decode_record(record)
    except wire.Refused:
        return None
    if value["type"] != SUCCESSION or len(record) > LONGEST or value["expires"] != NEVER:
        return None
    author, named = value["author"], value["successor"]
    if value["sequence"] != (NAMES if named else REVOKES):
        return None
    for entry in named:
        agreed = statement("mindos/succeed/1", network, author, entry["member"])
        if entry["member"] == author or not verify(entry["member"], agreed, entry["signature"]):
            return None
    return (author, named[0]["member"] if named else None) if holds(network, record) else None


class Lines:
    """The successions that are known."""

    def __init__(self) -> None:
        self.named: Dict[bytes, Set[Optional[bytes]]] = {}

    def take(self, author: bytes, successor: Optional[bytes]) -> None:
        self.named.setdefault(author, set()).add(successor)

    def retired(self, node: bytes) -> bool:
        return node in self.named

    def successor(self, node: bytes) -> Optional[bytes]:
        named = self.named.get(node, {None})
        return next(iter(named)) if len(named) == 1 else None

    def predecessors(self, node: bytes) -> List[bytes]:
        found: List[bytes] = []
        link = [node]
        for _ in range(LINKS):
            link = sorted(key for key in self.named if self.successor(key) in link and key not in [node, *found])
            found += link[:PREDECESSORS - len(found)]
        return found

    def line(self, node: bytes) -> List[bytes]:
        """A node and those whose place it takes."""
        return [node, *self.predecessors(node)]

    def last(self, node: bytes) -> bytes:
        """Who is at the end of its line."""
        seen = {node}
        while True:
            successor = self.successor(node)
            if successor is None or successor in seen:
                return node
            seen.add(successor)
            node = successor


def cost_hash(network: int, node: bytes, epoch: int, segment: int, nonce: int) -> bytes:
    return blake3(statement("mindos/cost/1", network, node, epoch.to_bytes(4, "little"),
                            segment.to_bytes(8, "little"), nonce.to_bytes(8, "little")))


def cost_fault(unix_s: int, bits: int, epoch: int, segment: int, digest: bytes) -> Optional[str]:
    """The first rule that a cost proof breaks, for a receiver in segment 0."""
    if unix_s // DAY - epoch not in (0, 1):
        return "epoch"
    if segment:
        return "segment"
    return "bits" if 256 - int.from_bytes(digest, "big").bit_length() < bits else None
