"""A testee (mindos-sim-vectors/vectors/README.md, section 6) over mindos_wire (chapter 02), mindos_identity (03),
mindos_truth, mindos_pools, mindos_questions (09) and mindos_incentives (10).

    mindos vectors run -- python3 testee.py
"""
from __future__ import annotations

import json
import re
import sys
from typing import Any, Callable, Dict, List, Sequence, Tuple

import mindos_identity as identity
import mindos_leaf as leaf
import mindos_pools as pools
import mindos_questions as questions
import mindos_truth as truth
import mindos_wire as wire
from mindos_ed25519 import public_key, verify
from mindos_incentives import Reader

Answer = Dict[str, Any]
CODECS: Dict[str, Any] = {
    "DecodeFrame": (wire.decode_frame, wire.encode_frame),
    "DecodeFrames": (wire.decode_frames, wire.encode_frames),
    "DecodeRecord": (wire.decode_record, wire.encode_record),
    "DecodePacket": (wire.decode_packet, wire.encode_packet),
}


class Malformed(Exception):
    """The request is not one that a runner may send."""


def as_json(value: Any) -> Any:
    """Integers as decimal digits, bytes as hex, codes and names as they are (section 2)."""
    if isinstance(value, dict):
        return {name: as_json(member) for name, member in value.items()}
    if isinstance(value, list):
        return [as_json(item) for item in value]
    return value.hex() if isinstance(value, bytes) else str(value)


def member(request: Dict[str, Any], name: str, pattern: str, meaning: str) -> str:
    text = request.get(name)
    if not isinstance(text, str) or not re.fullmatch(pattern, text):
        raise Malformed(f"`{name}` is not {meaning}")
    return text


def hello(request: Dict[str, Any]) -> Answer:
    if request.get("protocol") != "1":
        raise Malformed("this testee speaks protocol 1")
    return {"status": "ok", "implementation": "mindos-python", "version": "0.1.0",
            "operations": [{"op": op, **PARTS.get(op, {})} for op in OPERATIONS if op != "hello"]}


def decode(request: Dict[str, Any]) -> Answer:
    data = bytes.fromhex(member(request, "bytes", "([0-9a-f]{2})*", "lower-case hex"))
    decoder, encoder = CODECS[request["op"]]
    try:
        value = decoder(data)
    except wire.Refused as refused:
        return {"status": "err", "error": refused.error, "at": str(refused.at)}
    return {"status": "ok", "value": as_json(value), "again": encoder(value).hex()}


def minifloat(request: Dict[str, Any]) -> Answer:
    code = wire.code_of(int(member(request, "quantity", "0|[1-9][0-9]{0,19}", "a decimal")))
    return {"status": "ok", "code": str(code), "reads": str(wire.quantity_of(code))}


# --- Steps of chapter 09: a machine that is new in each request, a function by type of step. ---


def number(name: bytes) -> str:
    return str(int.from_bytes(name[:4], "big"))


def name_of(digits: str) -> bytes:
    return int(digits).to_bytes(4, "big").ljust(32, b"\0")


def padded(start: str) -> bytes:
    return bytes.fromhex(start).ljust(32, b"\0")


def said(belief: Tuple[int, List[int]]) -> str:
    return " ".join(map(str, [belief[0], *belief[1]]))


def options_of(request: Dict[str, Any]) -> int:
    return int(member(request, "options", "[2-9]|1[0-6]", "a number of options"))


def truth_step(domain: truth.Domain, step: Dict[str, Any]) -> Answer:
    if step["type"] == "admit":
        domain.admit(name_of(step["agent"]), int(step["parts"]))
        return {}
    if step["type"] == "settle":
        domain.settle()
        return {"beliefs": {q.name[:4].hex(): said(domain.belief(q)) for q in domain.window},
                "agents": {number(agent.name): f"{agent.units[-1].informedness} {count} {turned:d}"
                           for agent, count, turned in domain.reporters()}}
    question = padded(step["question"])
    if step["type"] == "close":
        sources = step.get("sources", {})
        reports = [truth.Report(name_of(str(n)), int(label, 16), map(padded, sources.get(str(n), [])))
                   for n, label in enumerate(step["reports"]) if label != "."]
        return {"belief": said(domain.close(question, int(step["at"]), reports))}
    outcome = int(step["outcome"])
    if step["type"] == "anchor":
        domain.anchor(question, outcome)
        return {}
    return {"gains": [f"{number(name)} {gain}" for name, gain in domain.gains(question, outcome)]}


def estimation(request: Dict[str, Any]) -> Answer:
    domain, steps = truth.Domain(options_of(request)), []
    for step in request["steps"]:
        try:
            out = truth_step(domain, step["in"])
        except truth.Refused as refused:
            out = {"refused": str(refused)}
        steps.append({"out": out})
    return {"status": "ok", "steps": steps}


def ratings(request: Dict[str, Any]) -> Answer:
    roots = list(map(name_of, request["roots"]))
    reader, named, steps = pools.Ratings(roots), dict.fromkeys(roots), []
    for step in (step["in"] for step in request["steps"]):
        if step["type"] == "rate":
            rater, rated = name_of(step["from"]), name_of(step["to"])
            named.update({rater: None, rated: None})
            reader.rate(rater, rated, int(step["rating"]))
            steps.append({"out": {}})
            continue
        if step["type"] == "settle":
            reader.settle()
        steps.append({"out": {"nodes": {number(node): f"{reader.standing(node)} {reader.weight(node)}"
                                        for node in named}}})
    return {"status": "ok", "steps": steps}


def forecasts(request: Dict[str, Any]) -> Answer:
    domain, named, steps = pools.Forecasts(options_of(request)), {}, []
    for step in (step["in"] for step in request["steps"]):
        if step["type"] == "admit":
            name = name_of(step["forecaster"])
            named[name] = None
            domain.admit(name, int(step["parts"]))
            steps.append({"out": {}})
            continue
        given: List[Tuple[bytes, Sequence[int]]] = []
        for forecast in step["forecasts"]:
            forecaster, *weights = forecast.split()
            given.append((name_of(forecaster), list(map(int, weights))))
            named[name_of(forecaster)] = None
        if step["type"] == "pool":
            steps.append({"out": {"shares": [str(share) for share in domain.pool(given)]}})
            continue
        if step["type"] == "gains":
            gains = domain.gains(given, int(step["outcome"]))
            steps.append({"out": {"gains": [f"{number(name)} {gain}" for name, gain in gains]}})
            continue
        domain.resolve(given, int(step["outcome"]))
        known = ((name, domain.known[name]) for name in named if name in domain.known)
        steps.append({"out": {"eighths": str(domain.eighths), "forecasters": {
            number(name): f"{f.voice} {f.weight} {f.resolved} {f.excess} {f.proof}"
            for name, f in known}}})
    return {"status": "ok", "steps": steps}


def flags(taken: List[bool]) -> List[str]:
    return [f"{yes:d}" for yes in taken]


def question_step(step: Dict[str, Any]) -> Answer:
    if step["type"] == "times":
        met = int(step["met_us"]) if step["met_us"] else None
        times = questions.Times(int(step["closes"]), int(step["reveals"]), met)
        return {"taken": flags([times.takes(record["kind"], record["from"] == "fellow", int(record["at_us"]))
                                for record in step["records"]])}
    if step["type"] == "merit":
        gains = [[(name_of(node), int(gain)) for node, gain in map(str.split, question)] for question in step["gains"]]
        count, earned = questions.merit(gains)
        return {"questions": str(count), "earned": [f"{number(node)} {amount}" for node, amount in earned]}
    if step["type"] != "belief":
        raise ValueError("no such step here")
    reader = questions.Reader(bytes.fromhex(step["question"]), int(step["options"]),
                              list(map(bytes.fromhex, step["holders"])))
    out: Answer = {"taken": flags([reader.take(bytes.fromhex(record["from"]), bytes.fromhex(record["record"]))
                                   for record in step["records"]])}
    agreeing, stated = reader.agreed(int(step["members"]))
    if stated is None and step["over"] == "0" and reader.waits():
        return {**out, "waits": "1"}
    out.update(agreeing=str(agreeing), weights=[])
    if stated is not None:
        evidence, reports, weights = stated
        out.update(weights=list(map(str, weights)), evidence=evidence.hex(), reports=str(reports))
    return out


def asked(request: Dict[str, Any]) -> Answer:
    return {"status": "ok", "steps": [{"out": question_step(step["in"])} for step in request["steps"]]}


# --- Chapters 03 and 10 ---


def nodes(names: List[str]) -> List[bytes]:
    return list(map(bytes.fromhex, names))


def signature(request: Dict[str, Any]) -> Answer:
    key, message, signed = (bytes.fromhex(request[name]) for name in ("key", "message", "signature"))
    return {"status": "ok", "holds": f"{verify(key, message, signed):d}"}


def cost(request: Dict[str, Any]) -> Answer:
    network, unix_s, bits, epoch, segment, nonce = (
        int(request[name]) for name in ("network", "unix_s", "bits", "epoch", "segment", "nonce"))
    digest = identity.cost_hash(network, bytes.fromhex(request["node"]), epoch, segment, nonce)
    fault = identity.cost_fault(unix_s, bits, epoch, segment, digest)
    return {"status": "err", "error": fault} if fault else {"status": "ok", "hash": digest.hex()}


def succession(request: Dict[str, Any]) -> Answer:
    lines, valid = identity.Lines(), [identity.succession_of(int(request["network"]), record)
                                      for record in nodes(request["records"])]
    for taken in filter(None, valid):
        lines.take(*taken)
    node = bytes.fromhex(request["node"])
    successor = lines.successor(node)
    outcome = successor.hex() if successor else "nobody" if lines.retired(node) else ""
    return {"status": "ok", "holds": flags([taken is not None for taken in valid]), "outcome": outcome}


def incentive(reader: Reader, step: Dict[str, Any]) -> str:
    """Why what happens counts for nothing, or ""."""
    kind, node = step["type"], bytes.fromhex(step.get("node", step.get("from", "")))
    if kind == "digest":
        entries = [(int(entry["alias"]), int(entry["standing"])) for entry in step["entries"]]
        return reader.digest(node, int(step["domain"]), entries)
    if kind == "have":
        return reader.evidence.have(reader.now, node, bytes.fromhex(step["about"]), bytes.fromhex(step["root"]),
                                    nodes(step["names"]))
    if kind == "want":
        return reader.evidence.want(reader.now, node, nodes(step["names"]))
    if kind == "message":
        return reader.message(node, nodes(step["contents"]), nodes(step["records"]))
    if kind == "answer":
        return reader.answer(bytes.fromhex(step["output"]), step["found"])
    if kind == "outcome":
        kept = step["kept"] == "1"
        reader.experienced(node, bytes.fromhex(step["capability"]), int(kept), int(not kept))
    elif kind == "judge":
        reader.judge(node, bytes.fromhex(step["capability"]), step["right"] == "1")
    elif kind == "partner":
        reader.partner(node)
    elif kind == "member":
        reader.member(node, step["state"])
    elif kind == "clock":
        reader.leaf.tell(reader.now, int(step["unix_s"]))
    elif kind == "succession":
        reader.succession(bytes.fromhex(step["record"]))
    elif kind == "stored":
        reader.stored()
    elif kind != "time":
        raise ValueError("no such step here")
    return ""


def incentives(request: Dict[str, Any]) -> Answer:
    given = [leaf.Given(bytes.fromhex(member["node"]), member["state"], member["vouched"] == "1",
                        member["partner"] == "1") for member in request["members"]]
    known = leaf.Leaf(public_key(bytes.fromhex(request["identity"])), int(request["network"]),
                      int(request["unix_s"]) if request["unix_s"] else None, nodes(request["roots"]), given)
    reader, steps = Reader(known, set(nodes(request["issuers"])), set(nodes(request["checks"]))), []
    for step in request["steps"]:
        reader.pass_time(int(step["at_us"]))
        refused = incentive(reader, step["in"])
        reader.settle()
        out = {**reader.out, **reader.stands(), **({"refused": refused} if refused else {})}
        for name in {"have", "told", "want"} & set(out):
            out[name] = sorted(out[name], key=lambda entry: json.dumps(entry, separators=(",", ":"), sort_keys=True))
        if "asked" in out:
            out["asked"] = sorted(out["asked"])
        if request["about"]:
            out["about"] = ["{} {}".format(*reader.standing(*nodes([pair["node"], pair["capability"]])))
                            for pair in request["about"]]
        steps.append({"out": out})
        reader.out.clear()
    return {"status": "ok", "steps": steps}


# What of an operation is done.
PARTS: Dict[str, Answer] = {"Questions": {"messages": ["times", "belief", "merit"]}}
OPERATIONS: Dict[str, Callable[[Dict[str, Any]], Answer]] = {
    "hello": hello, **{op: decode for op in CODECS}, "Minifloat": minifloat,
    "Truth": estimation, "Ratings": ratings, "Forecasts": forecasts,
    "Questions": asked, "VerifySignature": signature, "VerifyCost": cost, "Succession": succession,
    "Incentives": incentives}


def answer(line: bytes) -> Answer:
    """The answer to one request."""
    ident = ""
    try:
        try:
            request = json.loads(line)
        except ValueError as error:
            raise Malformed(f"the request is not JSON: {error}") from None
        if not isinstance(request, dict):
            raise Malformed("the request is no object")
        if isinstance(request.get("id"), str):
            ident = request["id"]
        op = member(request, "op", r"\w+", "a name")
        if op not in OPERATIONS:
            return {"id": ident, "status": "skip", "why": f'no operation is called "{op}" here'}
        try:
            return {"id": ident, **OPERATIONS[op](request)}
        except (KeyError, TypeError, ValueError) as error:
            raise Malformed(f"a member is not what it should be: {error!r}") from None
    except Malformed as error:
        return {"id": ident, "status": "err", "error": "protocol", "why": str(error)}


if __name__ == "__main__":
    for request_line in sys.stdin.buffer:
        print(json.dumps(answer(request_line)), flush=True)
