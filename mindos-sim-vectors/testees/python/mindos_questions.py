"""Questions in the mesh (chapter 09, section 7), where neither hashes nor signatures are needed: when a question takes a
record, what a reader believes, and what
reports earned (section 8). BLAKE3 and Ed25519 are not in the standard library."""
from __future__ import annotations

from collections import Counter
from typing import Any, Dict, List, NamedTuple, Optional, Sequence, Tuple

import mindos_wire as wire
from mindos_bits import div

SECOND = 1_000_000
LATE = 2  # seconds that a fellow has more, and that no reveal is taken after `closes`
MET_LATE = 60  # seconds of evidence from fellows about a question that was met late


class Times(NamedTuple):
    """The times of a question, in seconds, and when it was met, in µs, if that was late."""
    closes: int
    reveals: int
    met: Optional[int]

    def takes(self, kind: str, is_fellow: bool, at: int) -> bool:
        if kind == "anchor":
            return True
        if kind == "reveal" and at <= (self.closes + LATE) * SECOND:
            return False
        end = self.reveals if kind == "reveal" else self.closes
        if at <= end * SECOND:
            return True
        if not is_fellow:
            return False
        if kind == "question" or self.met is not None and at <= self.met + MET_LATE * SECOND:
            return True
        return at <= (end + LATE) * SECOND


Stated = Tuple[bytes, int, Tuple[int, ...]]  # evidence, reports, weights


class Reader:
    """Asked these holders for the belief in a question. Signatures are not verified."""

    def __init__(self, question: bytes, options: int, holders: List[bytes]) -> None:
        self.question, self.options, self.holders = question, options, holders
        self.answers: Dict[bytes, Stated] = {}

    def take(self, sender: bytes, record: bytes) -> bool:
        """Whether a record counts as the sender's belief."""
        try:
            value: Dict[str, Any] = wire.decode_record(record)
        except wire.Refused:
            return False
        if value["type"] != 0x18 or value["author"] != sender or value["question"] != self.question:
            return False
        if sender not in self.holders or sender in self.answers or len(value["weights"]) != self.options:
            return False
        self.answers[sender] = value["evidence"], value["reports"], tuple(value["weights"])
        return True

    def agreed(self, members: int) -> Tuple[int, Optional[Stated]]:
        """How many agree, and on what, if that is to be believed in a leaf of so many members."""
        if not self.answers:
            return 0, None
        stated, count = Counter(self.answers.values()).most_common(1)[0]
        enough = 2 * count > len(self.holders) and len(self.holders) >= min(3, members)
        return count, stated if enough else None

    def waits(self) -> bool:
        return len(self.answers) < len(self.holders)


LAST = 128  # resolved questions that count
EARNERS = 32  # nodes that a merit lists


def merit(resolved: Sequence[Sequence[Tuple[bytes, int]]]) -> Tuple[int, List[Tuple[bytes, int]]]:
    """How many questions count, and what nodes earned, by name; from the gains on each, the last question last."""
    last, sums = resolved[-LAST:], Counter[bytes]()
    for i, gains in enumerate(reversed(last)):
        for node, gain in gains:
            sums[node] += gain * (LAST - i)
    earned = [(node, min(div(total, LAST), 2**32 - 1)) for node, total in sums.items() if div(total, LAST) > 0]
    return len(last), sorted(sorted(earned, key=lambda entry: (-entry[1], entry[0]))[:EARNERS])
