"""One member of a leaf (chapter 10): what the others say goes in, what it thinks, tells and counts comes out. Times in
µs. Nothing is sent; what would leave is collected in `out`."""
from __future__ import annotations

from typing import Any, Dict, List, Optional, Set, Tuple

import mindos_wire as wire
from mindos_advice import Advice, Experience, Teller, domain_of, standing_of
from mindos_evidence import Evidence
from mindos_identity import holds, succession_of
from mindos_leaf import Leaf
from mindos_payments import Held, Payments
from mindos_verdicts import Verdicts

DEPOSIT, PAYMENT, RECEIPT, EVIDENCE, APPEAL, SUCCESSION = 0x20, 0x22, 0x0c, 0x1a, 0x1e, 0x0e
LONGEST_PAIR, LONGEST_PAYMENT = 1_024, 256
Out = Dict[str, Any]


def double_spend(one: wire.Value, other: wire.Value) -> bool:
    return one["deposit"] == other["deposit"] and one["payee"] != other["payee"] \
        and one["from"] < other["to"] and other["from"] < one["to"]


class Reader:
    def __init__(self, leaf: Leaf, issuers: Set[bytes], checks: Set[bytes]) -> None:
        self.leaf, self.verdicts = leaf, Verdicts(leaf.lines)
        self.experience, self.advice = Experience(), Advice()
        self.teller = Teller(self.experience)
        self.payments = Payments(leaf, self.verdicts, issuers)
        self.evidence = Evidence(leaf, self.verdicts, checks)
        self.now = 0
        self.out: Out = self.evidence.out

    # --- Time ---

    def pass_time(self, until: int) -> None:
        while True:
            due = min(self.teller.next_time(self.now), self.verdicts.next_time(), self.evidence.next_time(),
                      min(self.payments.returned.values(), default=2**63))
            if due > until:
                break
            self.now = max(self.now, due)
            self.settle()
        self.now = until
        self.settle()

    def settle(self) -> None:
        """Whatever follows by itself from what is known now."""
        self.verdicts.expire(self.now)
        self.evidence.settle(self.now)
        for node in self.leaf.members():
            if self.verdicts.kept_out(node):
                self.leaf.partners.discard(node)
            if self.verdicts.unheard(node):
                self.advice.advisers.pop(node, None)
        for issuer, payments in self.payments.tell_again(self.now):
            self.show(issuer, payments)
        for (domain, worker), standing in self.teller.due(self.now).items():
            for partner in sorted(filter(self.leaf.is_partner, self.leaf.partners)):
                entry = {"alias": str(self.leaf.alias(worker)), "standing": str(standing)}
                told = self.out.setdefault("told", [])
                same = [t for t in told if t["to"] == partner.hex() and t["domain"] == str(domain)]
                if same:
                    same[0]["entries"] = sorted([*same[0]["entries"], entry], key=lambda e: int(e["alias"]))
                else:
                    told.append({"to": partner.hex(), "domain": str(domain), "entries": [entry]})

    def show(self, issuer: bytes, payments: List[Held]) -> None:
        self.out.setdefault("sent", []).append(
            {"to": issuer.hex(), "contents": [], "records": [record.hex() for held in payments
                                                             for record in (held.deposit, held.record)]})

    # --- Inputs: each returns why it counts for nothing, or "" ---

    def experienced(self, worker: bytes, capability: bytes, kept: int, broken: int) -> None:
        self.experience.add(self.now, worker, capability, kept, broken)
        self.teller.learn(worker, capability)
        self.advice.weigh(self.now, domain_of(capability), worker, broken > 0)

    def judge(self, worker: bytes, capability: bytes, right: bool) -> None:
        self.experienced(worker, capability, int(right), 0 if right else 4)
        if not right:
            self.verdicts.suspend(self.now, worker)
            # No evidence of its own is written here.
            self.verdicts.unshown[worker] = self.verdicts.suspended[worker]

    def digest(self, sender: bytes, domain: int, entries: List[Tuple[int, int]]) -> str:
        if not self.leaf.is_partner(sender):
            return "unheard" if self.verdicts.kept_out(sender) else "partner"
        if not self.leaf.is_vouched(sender):
            return "unvouched"
        if self.verdicts.unheard(sender):
            return "unheard"
        for alias, standing in entries:
            worker = self.leaf.by_alias(alias)
            if worker is not None and worker != sender:
                self.advice.take(self.now, sender, domain, worker, standing)
        return ""

    def partner(self, node: bytes) -> None:
        if not self.verdicts.kept_out(node):
            self.leaf.ask_for_partnership(node)

    def succession(self, record: bytes) -> None:
        valid = succession_of(self.leaf.network, record)
        if valid is not None:
            self.leaf.retire(*valid)

    def member(self, node: bytes, state: str) -> None:
        served = self.leaf.serves(node)
        self.leaf.state[node] = state
        if self.leaf.serves(node) and not served:
            self.payments.back(self.now, node)
            self.evidence.newcomer(self.now, node)

    def stored(self) -> None:
        paid, sent = self.payments.stored()
        for payer, units in paid:
            self.out.setdefault("paid", []).append(f"{payer.hex()} {units}")
        for issuer, held in sent:
            self.show(issuer, [held])

    def message(self, sender: bytes, contents: List[bytes], records: List[bytes]) -> str:
        refused, before = "", None
        for raw in records:
            try:
                value = wire.decode_record(raw)
            except wire.Refused:
                refused, before = "", None
                continue
            refused = self.record(sender, contents, value, raw, before)
            before = value, raw
        return refused

    def record(self, sender: bytes, contents: List[bytes], value: wire.Value, raw: bytes,
               before: Optional[Tuple[wire.Value, bytes]]) -> str:
        if before is not None and self.is_equivocation(*before, value, raw):
            self.evidence.convict(self.now, value["author"], before[1], raw)
            return ""
        alone = self.evidence.other_of(value, raw)
        if alone is not None and self.is_equivocation(wire.decode_record(alone), alone, value, raw):
            self.evidence.convict(self.now, value["author"], alone, raw)
            return ""
        if value["type"] == PAYMENT:
            deposit = before if before is not None and before[0]["type"] == DEPOSIT else None
            refused, written, other = self.payments.take(self.now, sender, value, raw, deposit)
            if written:
                self.out["writes"] = "1"
            if other is not None:
                self.evidence.convict(self.now, value["author"], other, raw)
            return refused
        if value["type"] == EVIDENCE:
            receipt = before if before is not None and before[0]["type"] == RECEIPT else None
            return self.evidence.take(self.now, sender, value, raw, receipt, contents)
        if value["type"] == APPEAL:
            return self.evidence.appeal(self.now, sender, value, raw)
        return ""

    def is_equivocation(self, one: wire.Value, one_raw: bytes, other: wire.Value, other_raw: bytes) -> bool:
        """Two records that are a proof against their author, a member."""
        if one["author"] != other["author"] or one_raw == other_raw or one["author"] not in self.leaf.state:
            return False
        if one["sequence"] == other["sequence"] and SUCCESSION not in (one["type"], other["type"]):
            longest = LONGEST_PAIR
        elif one["type"] == other["type"] == PAYMENT and double_spend(one, other):
            longest = LONGEST_PAYMENT
        else:
            return False
        return max(len(one_raw), len(other_raw)) <= longest and \
            all(holds(self.leaf.network, raw) for raw in (one_raw, other_raw))

    def answer(self, output: bytes, found: str) -> str:
        wronged = self.evidence.answer(self.now, output, found)
        if wronged is None:
            return "unasked"
        for accuser, capability in wronged:
            self.experienced(accuser, capability, 0, 1)
        return ""

    # --- How things stand ---

    def standing(self, node: bytes, capability: bytes) -> Tuple[int, int]:
        warned = self.advice.warned(self.now, domain_of(capability), node)
        return warned, standing_of(*self.experience.of(self.now, self.leaf.lines.line(node), capability), warned)

    def stands(self) -> Out:
        until = {"suspended": self.verdicts.suspended,
                 "quarantined": {key: end for key, (end, _) in self.verdicts.quarantined.items()},
                 "ahead": {key: units for key, units in self.payments.ahead.items() if units}}
        out: Out = {name: [f"{key.hex()} {number}" for key, number in sorted(numbers.items())]
                    for name, numbers in until.items()}
        members = self.leaf.members()
        out["kept_out"] = [node.hex() for node in members if self.verdicts.kept_out(node)]
        out["no_lease"] = [node.hex() for node in members if self.verdicts.kept_out(node)
                           or self.verdicts.is_suspended(node) or self.evidence.looked_at(node)]
        found = {node: self.evidence.found_against(node) for node in members}
        out["accusers"] = [f"{node.hex()} {count}" for node, count in found.items() if count]
        out["advisers"] = [" ".join([node.hex(), *map(str, adviser.weight(self.now))])
                           for node, adviser in sorted(self.advice.advisers.items())]
        return {name: listed for name, listed in out.items() if listed}
