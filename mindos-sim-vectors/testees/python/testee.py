"""A testee (mindos-sim-vectors/vectors/README.md, section 6) over mindos_wire (chapter 02), mindos_truth, mindos_pools
and mindos_questions (09).

    mindos vectors run -- python3 testee.py
"""
from __future__ import annotations

import json
import re
import sys
from typing import Any, Callable, Dict, List, Sequence, Tuple

import mindos_pools as pools
import mindos_questions as questions
import mindos_truth as truth
import mindos_wire as wire

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


# What of an operation needs neither hashes nor signatures.
PARTS: Dict[str, Answer] = {"Questions": {"messages": ["times", "belief", "merit"]}}
OPERATIONS: Dict[str, Callable[[Dict[str, Any]], Answer]] = {
    "hello": hello, **{op: decode for op in CODECS}, "Minifloat": minifloat,
    "Truth": estimation, "Ratings": ratings, "Forecasts": forecasts,
    "Questions": asked}


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
