"""Who is suspended, kept out or not heard, and until when (chapter 10, sections 6.2 to 6.5). Times in µs."""
from __future__ import annotations

from typing import Dict, FrozenSet, Tuple

from mindos_identity import Lines
from mindos_leaf import SECOND

SUSPENSION, QUARANTINE, UNHEARD = 600 * SECOND, 3_600 * SECOND, 3_600 * SECOND
SUSPENDED, SPENT = 1_024, 1_024


class Verdicts:
    def __init__(self, lines: Lines) -> None:
        self.lines = lines
        self.suspended: Dict[bytes, int] = {}
        self.unshown: Dict[bytes, int] = {}  # until when a finding holds that no evidence shows
        self.quarantined: Dict[bytes, Tuple[int, FrozenSet[bytes]]] = {}  # until when, and on which records
        self.false: Dict[bytes, int] = {}
        self.spent: Dict[bytes, None] = {}

    def expire(self, now: int) -> None:
        self.suspended = {key: until for key, until in self.suspended.items() if until > now}
        self.unshown = {key: until for key, until in self.unshown.items() if until > now}
        self.false = {key: until for key, until in self.false.items() if until > now}
        for key, (until, basis) in list(self.quarantined.items()):
            if until <= now:
                del self.quarantined[key]
                self.spent.update(dict.fromkeys(basis))
        for name in list(self.spent)[:max(len(self.spent) - SPENT, 0)]:
            del self.spent[name]

    def next_time(self) -> int:
        return min([*self.suspended.values(), *self.false.values(),
                    *(until for until, _ in self.quarantined.values())], default=2**63)

    def suspend(self, now: int, key: bytes) -> None:
        self.suspended[key] = now + SUSPENSION
        if len(self.suspended) > SUSPENDED:
            del self.suspended[min(self.suspended, key=self.suspended.__getitem__)]

    def quarantine(self, now: int, key: bytes, basis: FrozenSet[bytes]) -> None:
        self.quarantined[key] = now + QUARANTINE, basis

    def disbelieve(self, now: int, key: bytes) -> None:
        self.false[key] = now + UNHEARD

    def is_suspended(self, node: bytes) -> bool:
        return any(key in self.suspended for key in self.lines.line(node))

    def kept_out(self, node: bytes) -> bool:
        return any(key in self.quarantined for key in self.lines.line(node))

    def unheard(self, node: bytes) -> bool:
        return self.kept_out(node) or any(key in self.false for key in self.lines.line(node))
