"""A testee (mindos-sim-vectors/vectors/README.md, section 6) over mindos_wire.

    mindos vectors run -- python3 testee.py
"""
from __future__ import annotations

import json
import re
import sys
from typing import Any, Callable, Dict

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
    return {"status": "ok", "implementation": "mindos-wire-python", "version": "0.1.0",
            "operations": [{"op": op} for op in [*CODECS, "Minifloat"]]}


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


OPERATIONS: Dict[str, Callable[[Dict[str, Any]], Answer]] = {
    "hello": hello, "Minifloat": minifloat, **{op: decode for op in CODECS}}


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
        return {"id": ident, **OPERATIONS[op](request)}
    except Malformed as error:
        return {"id": ident, "status": "err", "error": "protocol", "why": str(error)}


if __name__ == "__main__":
    for request_line in sys.stdin.buffer:
        print(json.dumps(answer(request_line)), flush=True)
