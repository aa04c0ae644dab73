"""The MindOS wire format (spec/02-wire.md): values to bytes and back, and which bytes are refused.

Written from `spec/` and the vectors alone. Section numbers (§) and ids such as WIRE-009 are those of
chapter 02. First come the types of fields; then the tables FRAMES, RECORDS, PACKETS and RULES, which
say what the tables of the chapter say; then how a message is read and written by its table.

A value is a dict from field names to int, bytes, str (codes and names), lists and dicts. It holds
`type` or `kind`, leaves out lengths, counts and padding, and has a `tail` only if there are extensions.
"""
from __future__ import annotations

import re
from operator import itemgetter
from typing import Any, Callable, Dict, List, Tuple

Value = Dict[str, Any]


class Refused(Exception):
    """The bytes are not the encoding of any value (§2.8): class of the refusal, offset in the input."""

    def __init__(self, error: str, at: int) -> None:
        super().__init__(f"{error} at {at}")
        self.error, self.at = error, at


class Reader:
    """Takes bytes off the front of data[at:end]; never reserves what is not there (WIRE-010)."""

    def __init__(self, data: bytes, at: int, end: int) -> None:
        self.data, self.at, self.end = data, at, end

    def need(self, count: int) -> None:
        if count > self.end - self.at:
            raise Refused("truncated", self.at)  # WIRE-002, WIRE-033

    def take(self, count: int) -> bytes:
        self.need(count)
        self.at += count
        return self.data[self.at - count:self.at]


# --- Types of fields, §2.1 to §2.3. Each has `read` and `write`; `width` is 0 if it varies. ---


class Type:
    width = 0

    def read(self, reader: Reader) -> Any:
        raise NotImplementedError

    def write(self, value: Any) -> bytes:
        raise NotImplementedError


class UInt(Type):
    """u8 to u64, least significant byte first (WIRE-001). What does not fit is an OverflowError."""

    def __init__(self, width: int) -> None:
        self.width = width

    def read(self, reader: Reader) -> Any:
        return int.from_bytes(reader.take(self.width), "little")

    def write(self, value: Any) -> bytes:
        return value.to_bytes(self.width, "little")


class Code(UInt):
    """A byte that is one of the listed values: a code by its name, or a flag (WIRE-003, WIRE-004)."""

    def __init__(self, values: List[Any]) -> None:
        super().__init__(1)
        self.values = values

    def read(self, reader: Reader) -> Any:
        at, code = reader.at, super().read(reader)
        if code >= len(self.values):
            raise Refused("range", at)
        return self.values[code]

    def write(self, value: Any) -> bytes:
        return super().write(self.values.index(value))


def quantity_of(code: int) -> int:
    """The quantity that a minifloat's code states, §2.2 (WIRE-008)."""
    return ((2048 + code % 2048) << code // 2048) - 2048


def code_of(quantity: int) -> int:
    """The code of the largest quantity that is not above this one, §2.2 (WIRE-007)."""
    shifted = min(quantity, quantity_of(65535)) + 2048
    exponent = shifted.bit_length() - 12
    return 2048 * exponent + (shifted >> exponent) - 2048


class Minifloat(UInt):
    def read(self, reader: Reader) -> int:
        return quantity_of(super().read(reader))

    def write(self, value: int) -> bytes:
        return super().write(code_of(value))


class Bytes(Type):
    """Opaque bytes of a fixed number."""

    def __init__(self, width: int) -> None:
        self.width = width

    def read(self, reader: Reader) -> bytes:
        return reader.take(self.width)

    def write(self, value: bytes) -> bytes:
        if len(value) != self.width:
            raise ValueError(f"{len(value)} bytes in a field of {self.width}")
        return value


class VarBytes(Type):
    """bytes8 and bytes16: a length, then that many bytes (WIRE-005)."""

    def __init__(self, length_width: int) -> None:
        self.length = UInt(length_width)

    def read(self, reader: Reader) -> Any:
        return reader.take(self.length.read(reader))

    def write(self, value: Any) -> bytes:
        return self.length.write(len(value)) + value


class Name(VarBytes):
    """The name of a capability, §2.9; refused at its length byte (WIRE-042)."""

    LABEL = "[a-z0-9]([a-z0-9-]*[a-z0-9])?"
    PATTERN = re.compile(rf"{LABEL}(\.{LABEL})*/[1-9][0-9]{{0,4}}".encode())

    def read(self, reader: Reader) -> str:
        at, text = reader.at, super().read(reader)
        if not self.PATTERN.fullmatch(text) or int(text.rpartition(b"/")[2]) > 65535:
            raise Refused("range", at)
        return text.decode()

    def write(self, value: str) -> bytes:
        return super().write(value.encode())


class RestOfPacket(Type):
    """What is left of a packet, and no less than `least` bytes (§5)."""

    def __init__(self, least: int) -> None:
        self.least = least

    def read(self, reader: Reader) -> bytes:
        return reader.take(max(self.least, reader.end - reader.at))

    def write(self, value: bytes) -> bytes:
        return value


class Struct(Type):
    """Named fields one after another: an item of a list, or what stands before the tail of a body."""

    def __init__(self, **fields: Type) -> None:
        self.fields = fields
        self.width = sum(field.width for field in fields.values())

    def read(self, reader: Reader) -> Value:
        return {name: field.read(reader) for name, field in self.fields.items()}

    def write(self, value: Value) -> bytes:
        return b"".join(field.write(value[name]) for name, field in self.fields.items())


class ListOf(Type):
    """A count, then that many items of one width, §2.3; `follows` tells which item may follow which."""

    def __init__(self, count_width: int, item: Type, follows: Callable[[Any, Any], bool]) -> None:
        self.count, self.item, self.follows = UInt(count_width), item, follows

    def read(self, reader: Reader) -> List[Any]:
        count = self.count.read(reader)
        reader.need(count * self.item.width)
        items: List[Any] = []
        for _ in range(count):
            at, item = reader.at, self.item.read(reader)
            if items and not self.follows(items[-1], item):
                raise Refused("order", at)  # WIRE-009
            items.append(item)
        return items

    def write(self, value: List[Any]) -> bytes:
        return self.count.write(len(value)) + b"".join(map(self.item.write, value))


def rising(key: Callable[[Any], Any] = lambda item: item) -> Callable[[Any, Any], bool]:
    return lambda before, item: key(before) < key(item)


def as_they_come(_before: Any, _item: Any) -> bool:
    return True


def apart(before: Value, item: Value) -> bool:
    """Two ranges of an `ack`: at least one counter is missing between them (WIRE-019)."""
    return before["first"] + before["more"] + 1 < item["first"]


# --- The tables ---

CODES = {enum: Code(names.split()) for enum, names in {  # registry/codes.toml; the position is the code
    "effect": "pure idempotent fenced",
    "stakes": "low moderate high",
    "label": "public community household private",
    "tier": "sensor phone home hub datacentre",
    "member-state": "alive suspect down left retired",
    "decline-reason": "load policy budget deadline label trust",
    "result-status": "done failed",
    "cancel-outcome": "stopped finished",
    "evidence-kind": "quote-kept quote-broken result-confirmed result-refuted digest-false double-spend"
                     " equivocation",
    "quarantine-scope": "reports work roles",
}.items()}
U8, U16, U32, U64 = UInt(1), UInt(2), UInt(4), UInt(8)
B16, B32, B64, BYTES8, BYTES16 = Bytes(16), Bytes(32), Bytes(64), VarBytes(1), VarBytes(2)
FLAG, AMOUNT, NAME = Code([0, 1]), Minifloat(2), Name(1)

# Fields that begin several messages, and lists that several have.
PROBE = dict(nonce=U32, view=U32)
STATEMENT = dict(subject=U32, incarnation=U32, signature=B64)
SEGMENT = dict(domain=U32, cell=U32, steps=U8, tier=CODES["tier"], bits=U8, prefix=U32)
LEASED = dict(intent=B32, epoch=U64)
VIEW = ListOf(2, Struct(alias=U32, incarnation=U32, state=CODES["member-state"]), rising(
    lambda e: (e["alias"], e["incarnation"], CODES["member-state"].values.index(e["state"]))))
HASHES, NUMBERS, WEIGHTS = ListOf(1, B32, rising()), ListOf(2, U32, rising()), ListOf(1, U16, as_they_come)
COSIGNATURES = ListOf(1, Struct(member=B32, signature=B64), rising(itemgetter("member")))

Messages = Dict[int, Tuple[str, Struct]]
FRAMES: Messages = {  # §3
    0x01: ("padding", Struct(bytes=BYTES16)),
    0x02: ("ping", Struct(**PROBE)),
    0x04: ("ping-ack", Struct(**PROBE)),
    0x05: ("kem-key", Struct(second=FLAG, bytes=Bytes(592))),
    0x06: ("established", Struct()),
    0x07: ("kem-ciphertext", Struct(second=FLAG, bytes=Bytes(544))),
    0x08: ("close", Struct()),
    0x09: ("observed-address", Struct(locator=BYTES8)),
    0x0a: ("relay", Struct(peer=B32, packet=BYTES16)),
    0x0b: ("punch", Struct(peer=B32, locator=BYTES8, delay_us=U32)),
    0x0c: ("path-challenge", Struct(nonce=U64)),
    0x0e: ("path-response", Struct(nonce=U64)),
    0x10: ("ack", Struct(delay_us=U32, ranges=ListOf(1, Struct(first=U64, more=U32), apart))),
    0x12: ("fragment", Struct(message=U32, offset=U16, total=U16, data=BYTES16)),
    0x20: ("member", Struct(locator=BYTES8, beacon=BYTES16)),
    0x22: ("accuse", Struct(**STATEMENT)),
    0x24: ("certificate", Struct(subject=U32, incarnation=U32, accusers=ListOf(
        1, Struct(accuser=U32, signature=B64), rising(itemgetter("accuser", "signature"))))),
    0x26: ("alive", Struct(**STATEMENT)),
    0x28: ("leave", Struct(**STATEMENT)),
    0x2a: ("deny", Struct(subject=U32, incarnation=U32)),
    0x2c: ("view-digest", Struct(entries=VIEW)),
    0x2e: ("have", Struct(entries=VIEW)),
    0x30: ("want", Struct(aliases=NUMBERS)),
    0x34: ("succession", Struct(record=BYTES16)),
    0x42: ("segment-want", Struct(**SEGMENT)),
    0x44: ("segment-record", Struct(record=BYTES16)),
    0x50: ("subscribe", Struct()),
    0x52: ("subscribed", Struct(accepted=FLAG)),
    0x54: ("load-advert", Struct(
        sequence=U32, slots=AMOUNT, backlog_ms=AMOUNT, context_rate=AMOUNT, generated_rate=AMOUNT,
        context_free=AMOUNT, memory_kib=AMOUNT, link=AMOUNT, energy=AMOUNT,
        capabilities=ListOf(1, Struct(id=U32, competence=U8, price=U16), rising(itemgetter("id"))))),
    0x55: ("load-delta", Struct(sequence=U32, slots=AMOUNT, backlog_ms=AMOUNT)),
    0x56: ("capability", Struct(name=NAME, input=B32, output=B32)),
    0x58: ("capability-want", Struct(ids=NUMBERS)),
    0x60: ("seek", Struct(intent=B32, capability=B32, context_tokens=U32, generated_tokens=U32,
                          context_bytes=U32, label=CODES["label"], remaining_us=U64)),
    0x62: ("quote", Struct(intent=B32, nonce=U64, start_us=U64, finish_us=U64, price=U64, quality=U8)),
    0x64: ("lease", Struct(worker=B32, epoch=U64, nonce=U64, price_limit=U64, finish_limit_us=U64,
                           signature=B64, remaining_us=U64, intent=BYTES16)),
    0x66: ("progress", Struct(**LEASED, number=U32, done=U16, finish_us=U64)),
    0x68: ("result", Struct(**LEASED, status=CODES["result-status"], output=BYTES16)),
    0x6a: ("decline", Struct(**LEASED, reason=CODES["decline-reason"], nonce=U64, start_us=U64,
                             finish_us=U64, price=U64)),
    0x6c: ("cancel", Struct(**LEASED)),
    0x6e: ("cancelled", Struct(**LEASED, outcome=CODES["cancel-outcome"])),
    0x70: ("receipt", Struct(**LEASED, price=U64, output=B32, signature=B64)),
    0x80: ("context-data", Struct(bytes=BYTES16)),
    0x82: ("context-want", Struct(content=B32, first=U32, count=U16)),
    0x84: ("context-have", Struct(content=B32, size=U64)),
    0x86: ("context-chunk", Struct(content=B32, index=U32, path=ListOf(1, B32, as_they_come), data=BYTES16)),
    0x90: ("trust-record", Struct(record=BYTES16)),
    0x92: ("trust-want", Struct(records=HASHES)),
    0x94: ("standing-digest", Struct(domain=U32, entries=ListOf(
        2, Struct(alias=U32, standing=U16), rising(itemgetter("alias"))))),
    0x96: ("trust-have", Struct(about=B32, root=B32, records=HASHES)),
}

RECORDS: Messages = {  # §4
    0x02: ("beacon", Struct(x25519=B32, incarnation=U32, cell=U32, tier=CODES["tier"], roles=U16)),
    0x04: ("intent", Struct(
        capability=B32, context_tokens=U32, generated_tokens=U32, lifetime_us=U64, budget=U64,
        label=CODES["label"], depth=U8, effect=CODES["effect"], stakes=CODES["stakes"],
        contexts=ListOf(1, Struct(hash=B32, length=U32), rising(itemgetter("hash"))), payload=BYTES16)),
    0x08: ("digest", Struct(**SEGMENT, epoch=U32, population=U32, capabilities=ListOf(1, Struct(
        id=U32, free_slots=AMOUNT, start_p50_ms=AMOUNT, start_p90_ms=AMOUNT, standing=U8),
        rising(itemgetter("id"))))),
    0x0a: ("leaf-epoch", Struct(**SEGMENT, epoch=U32, begins=U64, seed=B32, cosignatures=COSIGNATURES)),
    0x0c: ("receipt", Struct(intent=B32, worker=B32, epoch=U64, price=U64, output=B32, worker_signature=B64)),
    0x0e: ("succession", Struct(successor=COSIGNATURES)),
    0x10: ("question", Struct(domain=U32, statement=B32, options=U8, closes=U64, reveals=U64, rule=B32)),
    0x12: ("commit", Struct(question=B32, commitment=B32)),
    0x14: ("reveal", Struct(question=B32, salt=B16, lineage=HASHES, weights=WEIGHTS)),
    0x16: ("anchor", Struct(question=B32, option=U8, source=B32)),
    0x18: ("belief", Struct(question=B32, evidence=B32, reports=U32, weights=WEIGHTS)),
    0x1a: ("evidence", Struct(subject=B32, domain=U32, kind=CODES["evidence-kind"], proof=B32)),
    0x1c: ("quarantine", Struct(subject=B32, scope=CODES["quarantine-scope"], until=U64, evidence=HASHES,
                                cosignatures=COSIGNATURES)),
    0x1e: ("appeal", Struct(quarantine=B32, evidence=HASHES)),
    0x20: ("deposit", Struct(payer=B32, units=U64)),
    # `from` is a word of the language.
    0x22: ("payment", Struct(**{"deposit": B32, "payee": B32, "from": U64, "to": U64})),
    0x24: ("merit", Struct(domain=U32, questions=U32, earned=ListOf(
        1, Struct(node=B32, earned=U32), rising(itemgetter("node"))))),
    0x26: ("forecast-question", Struct(domain=U32, statement=B32, options=U8, closes=U64, reveals=U64, rule=B32)),
}

PACKETS: Messages = {  # §5, what stands behind the kind
    1: ("hello", Struct(version=U8, suite=U16, network=U32, sender=U32, noise=B32, cookie=B16)),
    2: ("reply", Struct(receiver=U32, sender=U32, noise=RestOfPacket(96))),
    3: ("finish", Struct(receiver=U32, noise=RestOfPacket(64))),
    4: ("sealed", Struct(receiver=U32, counter=U64, ciphertext=RestOfPacket(16))),
    5: ("retry", Struct(receiver=U32, cookie=B16)),
}
HELLO, VERSION, MAX_PACKET, HELLO_PADDING, SIGNATURE = 1, 1, 1152, 132, 64

# What one message demands beyond its types. It is decided after the tail, in this order, and refused
# at the end of the body, also where it is about a single field: so the vectors have it.
Rule = Tuple[str, Callable[[Value], bool]]  # the class, and whether the value breaks the rule
SEGMENT_RULES: List[Rule] = [
    ("range", lambda v: v["steps"] > 8 or v["bits"] > 32),  # WIRE-035
    ("reserved", lambda v: bool(v["cell"] << 4 * v["steps"] & 0xffffffff
                                or v["prefix"] << v["bits"] & 0xffffffff))]  # WIRE-036
QUESTION_RULES: List[Rule] = [
    ("range", lambda v: v["options"] < 2 or v["reveals"] < v["closes"])]  # WIRE-037
WEIGHTS_RULES: List[Rule] = [
    ("range", lambda v: len(v["weights"]) < 2 or sum(v["weights"]) != 65535)]  # WIRE-038
RULES: Dict[str, List[Rule]] = {
    "ack": [("range", lambda v: any(r["first"] + r["more"] >> 64 for r in v["ranges"]))],  # WIRE-020
    "fragment": [("range", lambda v: not 0 < len(v["data"]) <= v["total"] - v["offset"])],  # WIRE-021
    "certificate": [("range", lambda v: len(v["accusers"]) < 2)],  # WIRE-022
    "succession": [("range", lambda v: len(v.get("successor", [])) > 1)],  # WIRE-046; the frame has no such field
    "decline": [("reserved", lambda v: v["nonce"] == 0
                 and any(v[f] for f in ("start_us", "finish_us", "price")))],  # WIRE-023
    "segment-want": SEGMENT_RULES, "digest": SEGMENT_RULES, "leaf-epoch": SEGMENT_RULES,
    "question": QUESTION_RULES, "forecast-question": QUESTION_RULES,
    "reveal": WEIGHTS_RULES, "belief": WEIGHTS_RULES,
    "quarantine": [("range", lambda v: len(v["evidence"]) < 2 or not v["cosignatures"])],  # WIRE-039
    "payment": [("range", lambda v: v["to"] <= v["from"])],  # WIRE-047
    "context-want": [("range", lambda v: v["count"] < 1 or v["first"] + v["count"] >> 32 > 0)],  # WIRE-040
    "context-chunk": [("range", lambda v: not v["data"])],  # WIRE-041
}

# --- Bodies: fields, tail, rules ---

EXTENSION = Struct(tag=U16, value=BYTES16)


def read_tail(reader: Reader) -> List[Value]:
    """Extensions up to the end of the body, §2.4 (WIRE-015); unknown odd ones are kept (WIRE-018)."""
    tail: List[Value] = []
    while reader.at < reader.end:
        at, extension = reader.at, EXTENSION.read(reader)
        if tail and extension["tag"] <= tail[-1]["tag"]:
            raise Refused("order", at)  # WIRE-016
        if extension["tag"] % 2 == 0:  # this version assigns no tag
            raise Refused("unknown-critical", at)  # WIRE-017
        tail.append(extension)
    return tail


def read_body(name: str, fields: Struct, reader: Reader) -> Value:
    value = fields.read(reader)
    tail = read_tail(reader)
    for error, broken in RULES.get(name, []):
        if broken(value):
            raise Refused(error, reader.end)
    return {**value, "tail": tail} if tail else value


def write_body(fields: Struct, value: Value) -> bytes:
    return fields.write(value) + b"".join(map(EXTENSION.write, value.get("tail", [])))


# --- Frames, §2.5 ---


def read_frame(reader: Reader) -> Value:
    """One frame off the front of what is left."""
    at = reader.at
    reader.need(3)  # a cut head is refused at its first byte: so the vectors have it
    kind = U8.read(reader)
    content = BYTES16.read(reader)
    if kind in FRAMES:
        body = Reader(reader.data, at + 3, reader.at)  # exactly the stated length (WIRE-011)
        return {"type": kind, **read_body(*FRAMES[kind], body)}
    if kind % 2 == 0:
        raise Refused("unknown-critical", at)  # WIRE-012
    return {"type": kind, "body": content}  # WIRE-013


def decode_frame(data: bytes) -> Value:
    reader = Reader(data, 0, len(data))
    value = read_frame(reader)
    if reader.at < len(data):
        raise Refused("trailing", reader.at)
    return value


def decode_frames(data: bytes) -> List[Value]:
    """A sequence up to the end of the input, not read past its first refusal (WIRE-014)."""
    reader = Reader(data, 0, len(data))
    values: List[Value] = []
    while reader.at < len(data):
        values.append(read_frame(reader))
    return values


def encode_frame(value: Value) -> bytes:
    kind: int = value["type"]
    body = write_body(FRAMES[kind][1], value) if kind in FRAMES else value["body"]
    return U8.write(kind) + BYTES16.write(body)


def encode_frames(values: List[Value]) -> bytes:
    return b"".join(map(encode_frame, values))


# --- Records, §2.6. Signatures are neither made nor verified here: that is chapter 03. ---

HEAD = Struct(author=B32, sequence=U64, expires=U64)


def decode_record(data: bytes) -> Value:
    reader = Reader(data, 0, len(data))
    kind = U8.read(reader)
    signed = BYTES16.read(reader)
    if reader.at < len(data):
        raise Refused("trailing", reader.at)  # WIRE-024
    if len(signed) < SIGNATURE:
        raise Refused("truncated", 3)
    reader = Reader(data, 3, len(data) - SIGNATURE)  # WIRE-026
    head = HEAD.read(reader)
    if kind not in RECORDS:
        raise Refused("unknown-critical", 0)  # WIRE-025
    return {"type": kind, **head, **read_body(*RECORDS[kind], reader), "signature": data[-SIGNATURE:]}


def encode_record(value: Value) -> bytes:
    body = HEAD.write(value) + write_body(RECORDS[value["type"]][1], value)
    return U8.write(value["type"]) + BYTES16.write(body + B64.write(value["signature"]))


# --- Packets, §5. Nothing is opened: that is chapter 04. ---


def decode_packet(data: bytes) -> Value:
    if len(data) > MAX_PACKET:
        raise Refused("trailing", MAX_PACKET)  # WIRE-027
    reader = Reader(data, 0, len(data))
    kind = U8.read(reader)
    if kind not in PACKETS:
        raise Refused("unknown-critical", 0)  # WIRE-028
    if kind == HELLO and len(data) > 1 and data[1] != VERSION:
        raise Refused("unknown-critical", 1)  # WIRE-029
    value = {"kind": kind, **PACKETS[kind][1].read(reader)}
    if kind == HELLO:
        not_zero = reader.take(HELLO_PADDING).lstrip(b"\0")
        if not_zero:
            raise Refused("reserved", reader.at - len(not_zero))  # WIRE-031
    if reader.at < len(data):
        raise Refused("trailing", reader.at)  # WIRE-032, WIRE-045
    return value


def encode_packet(value: Value) -> bytes:
    padding = bytes(HELLO_PADDING if value["kind"] == HELLO else 0)  # WIRE-030
    return U8.write(value["kind"]) + PACKETS[value["kind"]][1].write(value) + padding
