"""Evidence as its readers see it (chapter 10, sections 1.4 and 6). Times in µs."""
from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Dict, List, Optional, Set, Tuple

import mindos_wire as wire
from mindos_blake3 import blake3
from mindos_ed25519 import verify
from mindos_identity import holds, statement
from mindos_leaf import SECOND, Leaf, little
from mindos_verdicts import Verdicts

RECORD, CONTENTS, HOUR = 1_024, 16_384, 3_600 * SECOND
NEWS, NEWCOMER, PATIENCE, SULK, ANSWERS = SECOND // 5, 5 * SECOND, 2 * SECOND, 60 * SECOND, 600 * SECOND
ABOUT_ONE, OF_ONE, IN_ALL, OPEN, CHECKS = 6, 32, 256, 64, 8
OF_MEMBER, CLEARED, FIRST = 16, 1_024, 4
MINUTE, BYTES = 60 * SECOND, 1_048_576
Value = Dict[str, Any]


@dataclass
class Piece:
    name: bytes
    subject: bytes
    accuser: bytes  # of an equivocation its author
    contents: List[bytes]
    records: List[bytes]
    expires: Optional[int] = None  # Unix seconds
    intent: bytes = b""
    capability: bytes = b""
    output: bytes = b""
    found: bool = False  # the host found that the result is wrong
    put: bool = False  # the host was asked
    asked_until: Optional[int] = None  # the host is asked
    appealed: bool = False  # again, after an appeal
    convicts: bool = False  # an equivocation

    def is_new(self) -> bool:
        """The host is asked about it for the first time."""
        return self.asked_until is not None and not self.appealed

    def names(self) -> List[bytes]:
        """What it is told of by: an equivocation by either of its records."""
        return list(map(blake3, self.records)) if self.convicts else [self.name]


@dataclass
class Wanted:
    about: bytes
    tellers: List[bytes]
    until: int = 0
    tried: List[bytes] = field(default_factory=list)


class Evidence:
    def __init__(self, leaf: Leaf, verdicts: Verdicts, checks: Set[bytes]) -> None:
        self.leaf, self.verdicts, self.checks = leaf, verdicts, checks
        self.pieces: Dict[bytes, Piece] = {}  # by name
        self.wanted: Dict[Tuple[bytes, bytes], Wanted] = {}  # by name, and by whom it is said to be about
        self.refused: Dict[bytes, int] = {}  # names that are not asked for, and until when
        self.sulks: Dict[bytes, int] = {}  # who is not asked, and until when
        self.roots: Dict[Tuple[bytes, bytes], bytes] = {}  # what a member told of another
        self.news: Dict[bytes, int] = {}
        self.newcomers: Dict[bytes, int] = {}
        self.cleared: Dict[bytes, None] = {}
        self.checked: List[Tuple[int, bytes, bytes]] = []  # when the host was asked: accuser, subject
        self.appeals: Dict[bytes, int] = {}
        self.given: List[Tuple[int, bytes, int]] = []
        self.out: Dict[str, List[Any]] = {}
        self.now = 0

    def put_out(self, name: str, entry: Any) -> None:
        self.out.setdefault(name, []).append(entry)

    def next_time(self) -> int:
        ends = [piece.asked_until for piece in self.pieces.values() if piece.asked_until is not None]
        hours = [at + HOUR for at, _, _ in self.checked if at + HOUR > self.now]
        return min([*ends, *hours, *self.news.values(), *self.newcomers.values(),
                    *(wanted.until for wanted in self.wanted.values())], default=2**63)

    # --- Spreading ---

    def about(self, subject: bytes) -> List[bytes]:
        """Names of what may be told about a member, rising."""
        return sorted(name for piece in self.pieces.values()
                      if piece.subject == subject and not piece.is_new() for name in piece.names())

    def have(self, now: int, sender: bytes, about: bytes, root: bytes, names: List[bytes]) -> str:
        if sender not in self.leaf.state or about not in self.leaf.state:
            return "member"
        self.roots[sender, about] = root
        if self.verdicts.kept_out(about):
            return ""
        asked = []
        for name in names:
            if self.by_name(name) is not None or self.refused.get(name, 0) > now:
                continue
            if (name, about) in self.wanted:
                if sender not in self.wanted[name, about].tellers:
                    self.wanted[name, about].tellers.append(sender)
                continue
            of_sender = [wanted for wanted in self.wanted.values() if wanted.tellers[:1] == [sender]]
            if self.sulks.get(sender, 0) > now or len(self.wanted) >= IN_ALL or len(of_sender) >= OF_ONE \
                    or sum(wanted.about == about for wanted in of_sender) >= ABOUT_ONE:
                continue
            self.wanted[name, about] = Wanted(about, [sender], now + PATIENCE)
            asked.append(name)
        if asked:
            self.put_out("want", {"to": sender.hex(), "names": [name.hex() for name in sorted(asked)]})
        return ""

    def by_name(self, name: bytes) -> Optional[Piece]:
        return next((piece for piece in self.pieces.values() if name in piece.names()), None)

    def want(self, now: int, sender: bytes, names: List[bytes]) -> str:
        if sender not in self.leaf.state:
            return "member"
        sent: List[Piece] = []
        for name in names:
            self.given = [entry for entry in self.given if entry[0] + MINUTE > now]
            piece = self.by_name(name)
            given = sum(size for _, node, size in self.given if node == sender)
            if piece is None or piece in sent or piece.is_new() or given >= BYTES:
                continue
            sent.append(piece)
            self.given.append((now, sender, sum(map(len, piece.contents + piece.records))))
            self.put_out("sent", {"to": sender.hex(), "contents": [content.hex() for content in piece.contents],
                                  "records": [record.hex() for record in piece.records]})
        return ""

    def newcomer(self, now: int, node: bytes) -> None:
        self.newcomers[node] = now + NEWCOMER

    def tell(self, node: bytes, subject: bytes) -> None:
        names = self.about(subject)
        root = blake3(b"".join(names))
        if names and not self.verdicts.kept_out(node) and self.roots.get((node, subject)) != root:
            self.put_out("have", {"to": node.hex(), "about": subject.hex(), "root": root.hex(),
                                  "names": [name.hex() for name in names]})

    # --- Taking ---

    def asked_of(self, name: bytes, sender: bytes) -> List[bytes]:
        """About whom a record was asked of a member."""
        return [about for (wanted, about), entry in self.wanted.items()
                if wanted == name and entry.tellers[:1] == [sender]]

    def fault(self, now: int, asked: List[bytes], value: Value, raw: bytes, before: Optional[Tuple[Value, bytes]],
              contents: List[bytes]) -> Tuple[str, Optional[Piece]]:
        clock, name = self.leaf.clock(now), blake3(raw)
        subject, accuser = value["subject"], value["author"]
        if clock is None:
            return "clock", None
        if name in self.verdicts.spent:
            return "spent", None
        if not asked:
            return "unasked", None
        if len(raw) > RECORD or before is not None and len(before[1]) > RECORD or sum(map(len, contents)) > CONTENTS:
            return "length", None
        if subject not in asked:
            return "subject", None
        if before is None:
            return "missing", None
        if value["kind"] != "result-refuted":
            return "parts", None
        receipt, receipt_raw = before
        if value["proof"] != blake3(receipt_raw) or receipt["author"] != accuser or receipt["worker"] != subject \
                or accuser == subject:
            return "parts", None
        by_name = {blake3(content): content for content in contents}
        intent_raw, output = by_name.get(receipt["intent"]), by_name.get(receipt["output"])
        if intent_raw is None or output is None:
            return "missing", None
        try:
            intent = wire.decode_record(intent_raw)
        except wire.Refused:
            return "parts", None
        if intent["type"] != 0x04 or intent["author"] != accuser \
                or intent["capability"][:4] != little(value["domain"], 4):
            return "parts", None
        if len(intent_raw) - len(intent["payload"]) > RECORD:
            return "length", None
        contexts = [by_name.get(context["hash"]) for context in intent["contexts"]]
        if any(context is None for context in contexts):
            return "missing", None
        piece = Piece(name, subject, accuser, [intent_raw, *(c for c in contexts if c is not None), output],
                      [receipt_raw, raw], value["expires"], receipt["intent"], intent["capability"], receipt["output"])
        for broken, word in ((intent["label"] != "public", "label"),
                             (value["expires"] < clock, "expired"), (value["expires"] > clock + 3_600, "far"),
                             (self.leaf.lines.retired(accuser), "retired"),
                             (self.verdicts.unheard(accuser), "unheard"),
                             (not self.leaf.is_vouched(accuser), "unvouched"),
                             (piece.intent in self.cleared, "cleared")):
            if broken:
                return word, None
        half = statement("mindos/receipt/1", self.leaf.network, piece.intent, accuser, subject,
                         little(receipt["epoch"], 8), little(receipt["price"], 8), piece.output)
        if not all(holds(self.leaf.network, record) for record in (raw, receipt_raw, intent_raw)) \
                or not verify(subject, half, receipt["worker_signature"]):
            return "signature", None
        return "", piece

    def take(self, now: int, sender: bytes, value: Value, raw: bytes, before: Optional[Tuple[Value, bytes]],
             contents: List[bytes]) -> str:
        name = blake3(raw)
        asked = self.asked_of(name, sender)
        word, piece = self.fault(now, asked, value, raw, before, contents)
        of_sender = word in ("missing", "parts", "signature")
        for about in asked:
            if not of_sender or len(self.wanted[name, about].tellers) < 2:
                del self.wanted[name, about]
        if piece is None:
            if asked and not of_sender and word not in ("subject", "clock"):
                self.refused[name] = now + SULK
            return word
        of_subject = [held for held in self.pieces.values() if held.subject == piece.subject and not held.convicts]
        of_both = [held for held in of_subject if held.accuser == piece.accuser]
        if of_both or len(of_subject) >= OF_MEMBER:
            ways = [held for held in of_both or of_subject if not held.found and held.asked_until is None]
            if not ways:
                return ""
            del self.pieces[min(ways, key=lambda held: held.expires or 0).name]
        self.pieces[piece.name] = piece
        self.put_out("held", f"{piece.subject.hex()} {piece.accuser.hex()}")
        self.ask_or_tell(now, piece)
        return ""

    def ask_or_tell(self, now: int, piece: Piece) -> None:
        if not self.ask(now, piece):
            self.news.setdefault(piece.subject, now + NEWS)

    def is_concerned(self, key: bytes) -> bool:
        return any(key in self.leaf.lines.line(node) for node in filter(self.leaf.is_partner, self.leaf.partners))

    def ask(self, now: int, piece: Piece, appealed: bool = False) -> bool:
        """Puts a piece to the host, if that may be and must be."""
        self.checked = [entry for entry in self.checked if entry[0] + HOUR > now]
        opened = sum(held.asked_until is not None for held in self.pieces.values())
        if piece.capability not in self.checks or piece.convicts or piece.asked_until is not None or opened >= OPEN:
            return False
        if not appealed:
            of_accuser = [entry for entry in self.checked if entry[1] == piece.accuser]
            if piece.put or not self.is_concerned(piece.subject) or len(of_accuser) >= CHECKS \
                    or any(entry[2] == piece.subject for entry in of_accuser):
                return False
            self.checked.append((now, piece.accuser, piece.subject))
        piece.put, piece.appealed, piece.asked_until = True, appealed, now + ANSWERS
        self.put_out("asked", piece.output.hex())
        return True

    def convict(self, now: int, author: bytes, one: bytes, other: bytes) -> None:
        """Holds an equivocation. It is named by the record that came last."""
        name = blake3(other)
        if name in self.verdicts.spent or blake3(one) in self.verdicts.spent or name in self.pieces:
            return
        self.pieces[name] = Piece(name, author, author, [], [one, other], convicts=True)
        self.news.setdefault(author, now + NEWS)
        self.judge(now)

    def other_of(self, value: Value, raw: bytes) -> Optional[bytes]:
        """A held record of the same author and sequence."""
        head = raw[3:43]
        return next((record for piece in self.pieces.values() for record in piece.records
                     if record[3:43] == head and record != raw), None)

    # --- Verdicts ---

    def answer(self, now: int, output: bytes, found: str) -> Optional[List[Tuple[bytes, bytes]]]:
        """Whom the answer shows to have accused falsely, and in which capability; None if nothing was asked."""
        asked = [piece for piece in self.pieces.values() if piece.asked_until is not None and piece.output == output]
        if not asked:
            return None
        wronged = []
        for piece in asked:
            appealed, piece.asked_until, piece.appealed = piece.appealed, None, False
            if found == "wrong":
                piece.found = True
                if not appealed:
                    self.verdicts.suspend(now, piece.subject)
                    self.news.setdefault(piece.subject, now + NEWS)
            elif found == "unknown":
                piece.found = False
                if not appealed:
                    self.news.setdefault(piece.subject, now + NEWS)
            else:
                self.cleared[piece.intent] = None
                if len(self.cleared) > CLEARED:
                    del self.cleared[next(iter(self.cleared))]
                self.verdicts.disbelieve(now, piece.accuser)
                piece.found = False
                wronged.append((piece.accuser, piece.capability))
                self.pieces = {held.name: held for held in self.pieces.values()
                               if held.accuser != piece.accuser or held.found or held.convicts}
            if appealed:
                self.looked_again(now, piece.subject)
        self.judge(now)
        return wronged

    def counting(self, node: bytes) -> Dict[bytes, List[bytes]]:
        """Evidence that counts against a member, by line of its accusers."""
        lines: Dict[bytes, List[bytes]] = {}
        line = self.leaf.lines.line(node)
        for piece in self.pieces.values():
            if piece.subject in line and piece.found and piece.name not in self.verdicts.spent \
                    and not self.verdicts.unheard(piece.accuser):
                lines.setdefault(self.leaf.lines.last(piece.accuser), []).append(piece.name)
        return lines

    def basis(self, node: bytes) -> List[bytes]:
        """Names of the records that convict a member, if any do."""
        proofs = [blake3(record) for piece in self.pieces.values() if piece.convicts and piece.subject == node
                  and piece.name not in self.verdicts.spent for record in piece.records]
        lines = self.counting(node)
        return [*proofs, *(name for names in lines.values() for name in names)] if proofs or len(lines) > 1 else []

    def judge(self, now: int) -> None:
        for node in {*self.leaf.state, *(piece.subject for piece in self.pieces.values())}:
            if node not in self.verdicts.quarantined and not self.verdicts.kept_out(node):
                basis = self.basis(node)
                if basis:
                    self.verdicts.quarantine(now, node, frozenset(basis))

    def looked_again(self, now: int, subject: bytes) -> None:
        """What a quarantine and a suspension rest on is counted again behind the last answer to an appeal."""
        for node in [*self.leaf.state]:
            line = self.leaf.lines.line(node)
            if subject not in line or any(piece.appealed for piece in self.pieces.values() if piece.subject in line):
                continue
            if node in self.verdicts.quarantined and not self.basis(node):
                del self.verdicts.quarantined[node]
            if not any(piece.found for piece in self.pieces.values() if piece.subject == node) \
                    and node not in self.verdicts.unshown:
                self.verdicts.suspended.pop(node, None)

    def appeal(self, now: int, sender: bytes, value: Value, raw: bytes) -> str:
        author = value["author"]
        if author != sender:
            return "author"
        if author not in self.leaf.state:
            return "member"
        if not self.verdicts.kept_out(author) and not self.verdicts.is_suspended(author):
            return "unconcerned"
        if any(now < self.appeals.get(key, -HOUR) + HOUR for key in self.leaf.lines.line(author)):
            return "early"
        if not holds(self.leaf.network, raw):
            return "signature"
        self.appeals[author] = now
        line = self.leaf.lines.line(author)
        for piece in list(self.pieces.values()):
            if piece.subject in line:
                self.ask(now, piece, appealed=True)
        return ""

    # --- What comes by itself, and how things stand ---

    def settle(self, now: int) -> None:
        self.now, clock = now, self.leaf.clock(now)
        if clock is not None:
            rests = {name for _, basis in self.verdicts.quarantined.values() for name in basis}
            self.pieces = {name: piece for name, piece in self.pieces.items()
                           if name in rests or piece.expires is None or piece.expires >= clock}
        self.pieces = {name: piece for name, piece in self.pieces.items() if name not in self.verdicts.spent}
        for piece in list(self.pieces.values()):
            if piece.asked_until is not None and piece.asked_until <= now:
                appealed, piece.asked_until, piece.appealed = piece.appealed, None, False
                if appealed:
                    self.looked_again(now, piece.subject)
                else:
                    self.news.setdefault(piece.subject, now)
        for key, wanted in list(self.wanted.items()):
            if wanted.until <= now:
                self.ask_next(now, key, wanted)
        for piece in list(self.pieces.values()):
            if not piece.put:
                self.ask(now, piece)
        self.judge(now)
        for subject in [subject for subject, at in self.news.items() if at <= now]:
            if any(piece.asked_until is not None for piece in self.pieces.values() if piece.subject == subject) \
                    and not self.about(subject):
                self.news[subject] = now + NEWS
                continue
            del self.news[subject]
            for node in self.leaf.successors(1):
                self.tell(node, subject)
        for node in [node for node, at in self.newcomers.items() if at <= now]:
            del self.newcomers[node]
            if node in self.leaf.successors(FIRST):
                for subject in {piece.subject for piece in self.pieces.values()}:
                    self.tell(node, subject)

    def ask_next(self, now: int, key: Tuple[bytes, bytes], wanted: Wanted) -> None:
        self.sulks[wanted.tellers.pop(0)] = now + SULK
        wanted.tellers = [node for node in wanted.tellers if self.sulks.get(node, 0) <= now]
        if not wanted.tellers:
            del self.wanted[key]
            return
        wanted.until = now + PATIENCE
        self.put_out("want", {"to": wanted.tellers[0].hex(), "names": [key[0].hex()]})

    def looked_at(self, node: bytes) -> bool:
        line = self.leaf.lines.line(node)
        return any(piece.asked_until is not None and not piece.found and piece.subject in line
                   for piece in self.pieces.values())

    def found_against(self, node: bytes) -> int:
        line = self.leaf.lines.line(node)
        return sum(piece.found for piece in self.pieces.values() if piece.subject in line)
