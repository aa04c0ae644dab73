"""Checks of chapters 03 and 10: `python3 -m unittest` in this folder."""
from __future__ import annotations

import json
import random
import unittest
from pathlib import Path
from typing import Any, Dict, Iterator, Tuple

import mindos_advice as advice
import testee
from mindos_blake3 import blake3
from mindos_ed25519 import BASE, ORDER, encoding_of, public_key, sum_of, verify
from mindos_identity import Lines
from mindos_leaf import SECOND, Given, Leaf
from mindos_verdicts import Verdicts

HERE = Path(__file__).resolve().parent
VECTORS = HERE.parents[1] / "vectors" / "v1"
INPUTS = ("about", "checks", "identity", "issuers", "members", "network", "roots", "unix_s")


def cases(*files: str) -> Iterator[Tuple[str, Dict[str, Any]]]:
    for file in files:
        for group in json.loads((VECTORS / f"{file}_test.json").read_text("utf-8"))["testGroups"]:
            for case in group["tests"]:
                yield group["type"], case


def ask(**request: Any) -> Dict[str, Any]:
    return testee.answer(json.dumps({"id": "1", **request}).encode())


def node(n: int) -> bytes:
    return bytes([n]) * 32


class Vectors(unittest.TestCase):
    def test_every_step_has_the_stated_outcome(self) -> None:
        for op, case in cases("advice", "payment", "evidence"):
            with self.subTest(case["id"]):
                steps = [{"at_us": step["at_us"], "in": step["in"]} for step in case["steps"]]
                stated = [{"out": step["out"]} for step in case["steps"]]
                answer = ask(op=op, steps=steps, **{name: case[name] for name in INPUTS})
                self.assertEqual(answer["status"], "ok")
                self.assertEqual(answer["steps"], stated)

    def test_signatures_hold_by_the_strict_rule(self) -> None:
        for op, case in cases("sig_strict"):
            with self.subTest(case["id"]):
                answer = ask(op=op, **{name: case[name] for name in ("key", "message", "signature")})
                self.assertEqual(answer["holds"], f"{case['result'] == 'valid':d}")

    def test_costs_and_successions_are_as_stated(self) -> None:
        for op, case in cases("id_cost", "id_succession"):
            with self.subTest(case["id"]):
                answer = ask(**{**case, "op": op, "id": "1"})
                for name in ("hash", "error", "holds", "outcome"):
                    self.assertEqual(answer.get(name), case.get(name))


class Primitives(unittest.TestCase):
    def test_blake3_of_nothing_and_of_a_tree(self) -> None:
        self.assertEqual(blake3(b"").hex()[:16], "af1349b9f5f9a1a6")
        self.assertEqual(blake3(bytes(n % 251 for n in range(31744))).hex()[:16], "62b6960e1a44bcc1")

    def test_the_base_has_the_order_of_the_group(self) -> None:
        self.assertEqual(sum_of(ORDER, BASE, 0, BASE)[0], 0)
        self.assertEqual(encoding_of(BASE).hex(), "58" + "66" * 31)

    def test_one_flipped_bit_fails(self) -> None:
        _, case = next(cases("sig_strict"))
        key, message, signature = (bytes.fromhex(case[name]) for name in ("key", "message", "signature"))
        self.assertTrue(verify(key, message, signature))
        for at in range(0, 64, 7):
            flipped = signature[:at] + bytes([signature[at] ^ 1]) + signature[at + 1:]
            self.assertFalse(verify(key, message, flipped), at)

    def test_the_key_of_a_seed_is_that_of_rfc_8032(self) -> None:
        seed = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
        self.assertEqual(public_key(seed).hex()[:16], "d75a980182b10ab7")


class Identity(unittest.TestCase):
    def test_a_contradiction_ends_in_nobody_in_any_order(self) -> None:
        draw = random.Random(1)
        for _ in range(200):
            taken = [(node(draw.randrange(4)), draw.choice([None, node(5), node(6)])) for _ in range(6)]
            forth, back = Lines(), Lines()
            for line, order in ((forth, taken), (back, taken[::-1])):
                for author, successor in order:
                    line.take(author, successor)
            for n in range(7):
                self.assertEqual(forth.successor(node(n)), back.successor(node(n)))
                self.assertEqual(forth.predecessors(node(n)), back.predecessors(node(n)))

    def test_predecessors_are_bounded(self) -> None:
        lines = Lines()
        for n in range(1, 8):
            lines.take(node(n), node(n + 1))
        self.assertEqual(lines.predecessors(node(8)), [node(7), node(6), node(5), node(4)])
        for n in range(20, 40):
            lines.take(node(n), node(50))
        self.assertEqual(lines.predecessors(node(50)), [node(n) for n in range(20, 28)])


class Advice(unittest.TestCase):
    def test_who_was_never_right_warns_of_five_at_most(self) -> None:
        heard = advice.Advice()
        for n in range(100):
            heard.take(0, node(n), 7, node(200), 0)
        self.assertEqual(heard.warned(0, 7, node(200)), 160)

    def test_a_decay_jumps_as_it_steps(self) -> None:
        draw = random.Random(2)
        for _ in range(50):
            start = draw.randrange(5000)
            steps, jump = advice.Decaying(0, start, 3), advice.Decaying(0, start, 3)
            for tick in range(1, 30):
                steps.at(tick * advice.TICK)
            self.assertEqual(steps.numbers, jump.at(29 * advice.TICK))

    def test_bounds_hold_and_the_oldest_gives_way(self) -> None:
        heard = advice.Advice()
        for n in range(200):
            heard.take(n, node(n), 7, node(250), 0)
        self.assertEqual(list(heard.advisers), [node(n) for n in range(72, 200)])
        for n in range(200):
            heard.take(300, node(199), n, node(250), 0)
        self.assertEqual(len(heard.advisers[node(199)].warnings), advice.WARNINGS)

    def test_what_was_told_half_an_hour_ago_is_told_anew(self) -> None:
        for later, told in ((1_799, 0), (1_800, 1)):
            known = advice.Experience()
            teller = advice.Teller(known)
            for at in (0, later * SECOND):
                known.add(at, node(1), node(2), 0, 4)
                teller.learn(node(1), node(2))
                left = teller.due(at)
            self.assertEqual(len(left), told)


class Verdict(unittest.TestCase):
    def test_a_verdict_goes_with_the_line_and_ends(self) -> None:
        lines = Lines()
        verdicts = Verdicts(lines)
        verdicts.quarantine(0, node(1), frozenset([node(9)]))
        lines.take(node(1), node(2))
        verdicts.expire(3_600 * SECOND - 1)
        self.assertTrue(verdicts.kept_out(node(2)))
        verdicts.expire(3_600 * SECOND)
        self.assertEqual((verdicts.kept_out(node(2)), list(verdicts.spent)), (False, [node(9)]))

    def test_an_alias_of_two_is_of_none(self) -> None:
        leaf = Leaf(node(0), 7, None, [], [Given(node(n), "alive", True, False) for n in (1, 2)])
        self.assertEqual(leaf.by_alias(leaf.alias(node(1))), node(1))
        leaf.alias = lambda _: 5  # type: ignore[method-assign]
        self.assertIsNone(leaf.by_alias(5))
        self.assertEqual(leaf.successors(2), {node(1), node(2)})


if __name__ == "__main__":
    unittest.main()
