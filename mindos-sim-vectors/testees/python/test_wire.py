"""Checks of the codec and the testee: `python3 -m unittest` in this folder."""
from __future__ import annotations

import json
import re
import unittest
from pathlib import Path
from typing import Any, Dict, Iterator, Tuple

import mindos_wire as wire
import testee

ROOT = Path(__file__).resolve().parents[3]
VECTORS = Path(__file__).resolve().parents[2] / "vectors" / "v1"
REGISTRY = ROOT / "spec" / "registry"


def cases(result: str) -> Iterator[Tuple[str, Dict[str, Any]]]:
    """Operation and case of all vectors with this result that this testee can do."""
    for path in sorted(VECTORS.glob("wire_*_test.json")):
        for group in json.loads(path.read_text("utf-8"))["testGroups"]:
            for case in group["tests"]:
                if case["result"] == result:
                    yield group["type"], case


def ask(**request: str) -> Dict[str, Any]:
    return testee.answer(json.dumps(request).encode())


class Vectors(unittest.TestCase):
    def test_valid_bytes_decode_to_their_value_which_encodes_to_them(self) -> None:
        for op, case in cases("valid"):
            with self.subTest(case["id"]):
                if op == "Minifloat":
                    answer = ask(id="1", op=op, quantity=case["quantity"])
                    expected = {"code": case["code"], "reads": case["reads"]}
                else:
                    answer = ask(id="1", op=op, bytes=case["bytes"])
                    expected = {"value": case["value"], "again": case["bytes"]}
                self.assertEqual(answer, {"id": "1", "status": "ok", **expected})

    def test_invalid_bytes_are_refused_by_class_and_position(self) -> None:
        for op, case in cases("invalid"):
            with self.subTest(case["id"]):
                expected = {"id": "1", "status": "err", "error": case["error"], "at": case["at"]}
                self.assertEqual(ask(id="1", op=op, bytes=case["bytes"]), expected)


class CanonicalForm(unittest.TestCase):
    def test_no_value_has_a_second_encoding_one_byte_away(self) -> None:
        """WIRE-006 over every typical case and every change of one byte in its first 300."""
        for op, case in cases("valid"):
            if not case["id"].endswith("/typical"):
                continue
            decode, encode = testee.CODECS[op]
            data = bytes.fromhex(case["bytes"])
            for at in range(min(len(data), 300)):
                for change in (0x01, 0x80, 0xff):
                    other = data[:at] + bytes([data[at] ^ change]) + data[at + 1:]
                    try:
                        value = decode(other)
                    except wire.Refused:
                        continue
                    self.assertEqual(encode(value), other, case["id"])

    def test_every_cut_of_a_frame_or_record_is_truncated(self) -> None:
        for op, case in cases("valid"):
            if op in ("DecodeFrame", "DecodeRecord") and case["id"].endswith("/typical"):
                data = bytes.fromhex(case["bytes"])
                for length in range(len(data)):
                    with self.assertRaises(wire.Refused) as caught:
                        testee.CODECS[op][0](data[:length])
                    self.assertEqual(caught.exception.error, "truncated")

    def test_an_encoding_follows_a_change_of_the_value(self) -> None:
        value = wire.decode_frame(bytes.fromhex("0208000700000001000000"))
        value["nonce"] = 8
        value["tail"] = [{"tag": 3, "value": b"\xab"}]
        self.assertEqual(wire.encode_frame(value).hex(), "020d00080000000100000003000100ab")

    def test_what_a_length_or_count_cannot_state_is_not_encoded(self) -> None:
        for frame in ({"type": 0x09, "locator": bytes(256)}, {"type": 0x80, "bytes": bytes(65536)},
                      {"type": 0x92, "records": [bytes([i // 256, i % 256]) * 16 for i in range(256)]}):
            with self.assertRaises(OverflowError):
                wire.encode_frame(frame)


class Registry(unittest.TestCase):
    @unittest.skipUnless(REGISTRY.is_dir(), "the specification is not here")
    def test_tables_hold_the_code_points_of_the_registry_and_no_others(self) -> None:
        def entries(file: str, table: str) -> Dict[int, str]:
            pattern = rf"\[\[{table}\]\]\n(?:code|kind) = (\S+)\nname = \"(.*)\""
            text = (REGISTRY / file).read_text("utf-8")
            return {int(code, 0): name for code, name in re.findall(pattern, text)}

        for table, file, name in ((wire.FRAMES, "frames.toml", "frame"),
                                  (wire.RECORDS, "records.toml", "record"),
                                  (wire.PACKETS, "packets.toml", "packet")):
            self.assertEqual({code: entry[0] for code, entry in table.items()}, entries(file, name))
        enums = (REGISTRY / "codes.toml").read_text("utf-8").split("[[enum]]\n")[1:]
        names = [re.findall(r'^name = "(.*)"', enum, re.M) for enum in enums]
        self.assertEqual({name: code.values for name, code in wire.CODES.items()},
                         {name: values for name, *values in names})


class Testee(unittest.TestCase):
    def test_hello_of_another_protocol_is_refused(self) -> None:
        self.assertEqual(ask(id="0", op="hello", protocol="1", suite="s")["status"], "ok")
        self.assertEqual(ask(id="0", op="hello", protocol="2", suite="s")["error"], "protocol")

    def test_what_it_cannot_do_is_skipped_and_nonsense_is_refused(self) -> None:
        self.assertEqual(ask(id="6", op="Juggle")["status"], "skip")
        self.assertEqual(ask(id="7", op="DecodeFrame", bytes="AB")["error"], "protocol")
        self.assertEqual(testee.answer(b"nonsense\n")["id"], "")


if __name__ == "__main__":
    unittest.main()
