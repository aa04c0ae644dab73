"""Payments as a payee and as an issuer see them (chapter 10, sections 1.5 and 7)."""
from __future__ import annotations

from typing import Any, Dict, List, NamedTuple, Optional, Set, Tuple

from mindos_blake3 import blake3
from mindos_identity import holds
from mindos_leaf import SECOND, Leaf
from mindos_verdicts import Verdicts

DAY = 86_400
LONGEST, AHEAD_S, GRACE_S, PARTS, WAIT = 256, 400 * DAY, 300, 64, 5 * SECOND
Value = Dict[str, Any]


class Held(NamedTuple):
    payee: bytes
    begin: int
    end: int
    deposit: bytes
    record: bytes


def common(held: Held, payment: Value) -> bool:
    return held.begin < payment["to"] and payment["from"] < held.end


class Payments:
    """What one node holds as payee or issuer; of each deposit all payments by payee and first unit."""

    def __init__(self, leaf: Leaf, verdicts: Verdicts, issuers: Set[bytes]) -> None:
        self.leaf, self.verdicts, self.issuers = leaf, verdicts, issuers
        self.books: Dict[bytes, Dict[Tuple[bytes, int], Held]] = {}
        self.writing: List[Tuple[bytes, bytes, Held, int]] = []  # payer, issuer, payment, new units
        self.counted: Dict[bytes, Dict[Tuple[bytes, int], Held]] = {}  # by issuer: deposit and first unit
        self.ahead: Dict[bytes, int] = {}
        self.returned: Dict[bytes, int] = {}  # when an issuer is told again

    def fault(self, now: int, sender: bytes, payment: Value, raw: bytes, before: Optional[Tuple[Value, bytes]]) -> str:
        """Why a payment is refused, but for what is held already."""
        clock = self.leaf.clock(now)
        if clock is None:
            return "clock"
        if sender not in self.leaf.state or payment["author"] not in self.leaf.state:
            return "member"
        if before is None:
            return "alone"
        deposit, deposit_raw = before
        if len(raw) > LONGEST or len(deposit_raw) > LONGEST:
            return "length"
        issues = deposit["author"] == self.leaf.own and payment["payee"] != self.leaf.own
        if issues and sender != payment["payee"]:
            return "address"
        if not issues and (payment["payee"] != self.leaf.own or sender != payment["author"]):
            return "address"
        if payment["deposit"] != blake3(deposit_raw) or deposit["payer"] != payment["author"] \
                or deposit["payer"] == deposit["author"]:
            return "deposit"
        if not self.trusts(deposit["author"]):
            return "issuer"
        if self.verdicts.kept_out(payment["author"]):
            return "payer"
        if payment["to"] > deposit["units"]:
            return "units"
        if payment["to"] - payment["from"] < -(-deposit["units"] // PARTS):
            return "narrow"
        if clock > deposit["expires"] + (GRACE_S if issues else 0):
            return "expired"
        if deposit["expires"] > clock + AHEAD_S:
            return "far"
        return "outlives" if deposit["expires"] > payment["expires"] else ""

    def trusts(self, issuer: bytes) -> bool:
        if issuer == self.leaf.own or self.leaf.is_root(issuer):
            return True
        return issuer in self.issuers and not self.leaf.lines.retired(issuer)

    def take(self, now: int, sender: bytes, payment: Value, raw: bytes, before: Optional[Tuple[Value, bytes]]
             ) -> Tuple[str, bool, Optional[bytes]]:
        """Why it is refused or "", whether something is written, and the record that makes a double spend with it."""
        fault = self.fault(now, sender, payment, raw, before)
        if fault or before is None:
            return fault, False, None
        deposit, deposit_raw = before
        payee, key = payment["payee"], (payment["payee"], payment["from"])
        book = self.books.get(payment["deposit"], {})
        if key in book and payment["to"] <= book[key].end:
            return "", False, None
        doubles = [held for held in book.values() if held.payee != payee and common(held, payment)]
        overlaps = any(common(held, payment) for other, held in book.items() if other != key and held.payee == payee)
        if not doubles and overlaps:
            return "overlap", False, None
        if not all(holds(self.leaf.network, record) for record in (deposit_raw, raw)):
            return "signature", False, None
        if doubles:
            return "double", False, doubles[0].record
        held = Held(payee, payment["from"], payment["to"], deposit_raw, raw)
        new = held.end - (book[key].end if key in book else held.begin)
        self.books.setdefault(payment["deposit"], {})[key] = held
        if payee == self.leaf.own:
            self.writing.append((payment["author"], deposit["author"], held, new))
        return "", payee == self.leaf.own, None

    def stored(self) -> Tuple[List[Tuple[bytes, int]], List[Tuple[bytes, Held]]]:
        """Payers with units that count from now on, and what goes to issuers."""
        paid, sent = [], []
        for payer, issuer, held, new in self.writing:
            paid.append((payer, new))
            self.ahead[payer] = self.ahead.get(payer, 0) + new
            if issuer != self.leaf.own:
                self.counted.setdefault(issuer, {})[blake3(held.deposit), held.begin] = held
                if self.leaf.serves(issuer):
                    sent.append((issuer, held))
        self.writing = []
        return paid, sent

    def back(self, now: int, node: bytes) -> None:
        if node in self.counted:
            self.returned[node] = now + WAIT

    def tell_again(self, now: int) -> List[Tuple[bytes, List[Held]]]:
        """What goes to issuers that returned, a message for each."""
        due = [node for node, at in self.returned.items() if at <= now]
        for node in due:
            del self.returned[node]
        return [(node, list(self.counted[node].values())) for node in due if self.leaf.serves(node)]
