"""Checks of chapter 09: `python3 -m unittest` in this folder."""
from __future__ import annotations

import json
import math
import random
import unittest
from pathlib import Path
from typing import Any, Dict, Iterator, List, Tuple

import mindos_bits as bits
import mindos_pools as pools
import mindos_questions as questions
import mindos_truth as truth
import testee
from mindos_bits import ONE
from mindos_estimation import turn_of

VECTORS = Path(__file__).resolve().parents[2] / "vectors" / "v1"
INPUTS = ("network", "options", "roots")


def cases() -> Iterator[Tuple[str, Dict[str, Any]]]:
    for path in [*sorted(VECTORS.glob("truth*_test.json")), VECTORS / "question_test.json"]:
        for group in json.loads(path.read_text("utf-8"))["testGroups"]:
            covered = testee.PARTS.get(group["type"], {}).get("messages", [group["message"]])
            for case in group["tests"] if group["message"] in covered else []:
                yield group["type"], case


def name(n: int) -> bytes:
    return testee.name_of(str(n))


def closed(domain: truth.Domain, n: int, labels: str) -> Tuple[int, List[int]]:
    """The belief in question n, on which agents 0, 1 … report these labels."""
    reports = [truth.Report(name(agent), int(label, 16), []) for agent, label in enumerate(labels)]
    return domain.close(name(n), n, reports)


def vouched(options: int, agents: int) -> truth.Domain:
    domain = truth.Domain(options)
    for agent in range(agents):
        domain.admit(name(agent), 256)
    return domain


class Vectors(unittest.TestCase):
    def test_every_step_has_the_stated_outcome(self) -> None:
        for op, case in cases():
            with self.subTest(case["id"]):
                request = {"id": "1", "op": op, "steps": [{"in": step["in"]} for step in case["steps"]],
                           **{key: case[key] for key in INPUTS if key in case}}
                steps = [{"out": step["out"]} for step in case["steps"]]
                self.assertEqual(testee.answer(json.dumps(request).encode()),
                                 {"id": "1", "status": "ok", "steps": steps})


class Arithmetic(unittest.TestCase):
    def test_log2_and_exp2_are_within_two_of_the_exact_value(self) -> None:
        draw = random.Random(1)
        for _ in range(5000):
            x = draw.randrange(1, 1 << draw.randrange(1, 90))
            self.assertTrue(-2.01 < bits.log2(x) - ONE * math.log2(x) < 1, x)
            y = draw.randrange(17 * ONE)
            self.assertLess(abs(bits.exp2(y) - ONE * 2 ** (-y / ONE)), 2, y)

    def test_division_rounds_towards_zero(self) -> None:
        self.assertEqual([bits.div(a, 32) for a in (-33, -31, 31, 33)], [-1, 0, 0, 1])

    def test_softmax_gives_equals_the_same_and_all_at_most_everything(self) -> None:
        self.assertEqual(bits.softmax([5, 5, -40 * ONE]), [32768, 32768, 0])


class Beliefs(unittest.TestCase):
    def test_weights_add_up_before_and_after_a_settlement(self) -> None:
        draw, domain = random.Random(2), vouched(3, 7)
        for n in range(30):
            label, weights = closed(domain, n, "".join(draw.choice("0112") for _ in range(7)))
            self.assertEqual((sum(weights), weights[label]), (65535, max(weights)))
        domain.settle()
        for question in domain.window:
            self.assertEqual(sum(domain.belief(question)[1]), 65535)

    def test_what_is_refused_changes_nothing(self) -> None:
        domain, other = vouched(2, 3), vouched(2, 3)
        for reader in (domain, other):
            closed(reader, 1, "001")
        for n, labels in ((1, "110"), (2, "002"), (3, "0" * 1025)):
            with self.assertRaises(truth.Refused):
                closed(domain, n, labels)
        with self.assertRaises(truth.Refused):
            domain.anchor(name(9), 0)
        domain.settle()
        other.settle()
        self.assertEqual([domain.belief(q) for q in domain.window], [other.belief(q) for q in other.window])

    def test_strangers_move_no_belief(self) -> None:
        draw, alone, crowded = random.Random(3), vouched(2, 4), vouched(2, 4)
        for n in range(40):
            labels = "".join(draw.choice("001") for _ in range(4))
            self.assertEqual(closed(alone, n, labels), closed(crowded, n, labels + "1" * 50))
        alone.settle()
        crowded.settle()
        self.assertEqual([alone.belief(q) for q in alone.window],
                         [crowded.belief(q) for q in crowded.window])

    def test_copies_become_one_bloc_with_one_voice(self) -> None:
        draw, domain = random.Random(4), vouched(2, 9)
        for n in range(60):
            copied = draw.choice("01")
            closed(domain, n, copied * 4 + "".join(draw.choice("01") for _ in range(5)))
        domain.settle()
        self.assertEqual([domain.blocs.get(agent) for agent in range(9)], [0] * 4 + [None] * 5)
        self.assertEqual(domain.window[0].voices[:4], [64] * 4)

    def test_a_bloc_has_no_gains(self) -> None:
        draw, domain = random.Random(5), vouched(2, 7)
        for n in range(60):
            copied = draw.choice("01")
            closed(domain, n, copied * 3 + "".join(draw.choice([copied, "0", "1"]) for _ in range(4)))
        domain.settle()
        gains = dict(domain.gains(domain.window[5].name, 0))
        self.assertEqual([gains[name(agent)] for agent in range(3)], [0] * 3)


class Unsaid(unittest.TestCase):
    """What the chapter had left open, and no vector settles."""

    def test_a_turn_leaves_four_reports_on_both_sides(self) -> None:
        self.assertEqual(turn_of([0] * 7 + [30 * ONE], [3, 0, 0, 0, 0, 0, 0, 30]), 7)
        self.assertEqual(turn_of([0] * 7 + [30 * ONE], [3, 1, 0, 0, 0, 0, 0, 30]), 1)

    def test_the_first_of_several_reasons_is_given(self) -> None:
        domain = vouched(2, 2)
        closed(domain, 1, "00")
        for n, labels, reason in ((1, "2" * 1025, "closed"), (2, "2" * 1025, "too-many"), (2, "2", "option")):
            with self.assertRaisesRegex(truth.Refused, reason):
                closed(domain, n, labels)
        for unknown, option, reason in ((9, 2, "option"), (9, 1, "gone")):
            with self.assertRaisesRegex(truth.Refused, reason):
                domain.anchor(name(unknown), option)

    def test_gains_are_of_questions_of_the_window(self) -> None:
        domain = vouched(2, 2)
        closed(domain, 1, "00")
        with self.assertRaisesRegex(truth.Refused, "gone"):
            domain.gains(name(1), 0)
        domain.settle()
        self.assertEqual(len(domain.gains(name(1), 0)), 2)

    def test_an_admission_of_nothing_silences_who_has_proved_itself(self) -> None:
        domain = vouched(2, 3)
        for n in range(40):
            closed(domain, n, str(n % 2) * 4)
            domain.anchor(name(n), n % 2)
        domain.settle()
        self.assertGreater(domain.cap(name(3)), 0)
        domain.admit(name(3), 0)
        self.assertEqual(domain.cap(name(3)), 0)

    def test_sources_that_only_strangers_name_are_not_regarded(self) -> None:
        domain = vouched(2, 2)
        shared = [bytes([0xff]) * 32]
        for question, agents in ((1, 2), (2, 40)):
            domain.close(name(question), question,
                         [truth.Report(name(n), 0, shared if n < 2 else [name(m) for m in range(64)])
                          for n in range(agents)])
        domain.settle()
        self.assertEqual([q.voices[:2] for q in domain.window], [[128, 128], [128, 128]])


class Pools(unittest.TestCase):
    def test_praise_from_newcomers_changes_nothing(self) -> None:
        reader = pools.Ratings([name(0)])
        reader.rate(name(0), name(1), 5)
        reader.settle()
        before = reader.standing(name(1)), reader.standing(name(2))
        for n in range(10, 200):
            reader.rate(name(n), name(2), 10)
            reader.rate(name(n), name(1), -10)
        reader.settle()
        self.assertEqual((reader.standing(name(1)), reader.standing(name(2))), before)

    def test_only_the_newest_rating_of_a_pair_counts_and_none_of_oneself(self) -> None:
        reader = pools.Ratings([name(0)])
        for rating in (10, 10, -10):
            reader.rate(name(0), name(1), rating)
        reader.rate(name(0), name(0), 10)
        reader.settle()
        self.assertEqual(reader.sums, {name(1): (0, ONE)})

    def test_a_thousand_and_twenty_four_ratings_of_a_rater_are_kept(self) -> None:
        reader = pools.Ratings([name(0)])
        for n in range(1, 1101):
            reader.rate(name(0), name(n), 1)
        reader.settle()
        self.assertEqual([rated for _, rated in reader.newest], [name(n) for n in range(77, 1101)])

    def test_a_stranger_is_pooled_only_once_it_has_proved_itself(self) -> None:
        domain = pools.Forecasts(2)
        sure = [(name(1), [65535, 0]), (name(2), [30000, 35535])]
        domain.admit(name(2), 256)
        before = domain.pool(sure)
        self.assertEqual(before, domain.pool(sure[1:]))
        for _ in range(30):
            domain.resolve(sure, 0)
        self.assertGreater(domain.known[name(1)].voice, 0)
        self.assertGreater(domain.pool(sure)[0], before[0])


class Questions(unittest.TestCase):
    def test_a_record_that_is_in_time_for_anybody_is_for_a_fellow(self) -> None:
        draw = random.Random(6)
        for _ in range(2000):
            times = questions.Times(100, 108, draw.choice([None, 105 * questions.SECOND, 120 * questions.SECOND]))
            kind, at = draw.choice(["question", "commit", "reveal", "anchor"]), draw.randrange(90, 200) * questions.SECOND
            self.assertLessEqual(times.takes(kind, False, at), times.takes(kind, True, at))

    def test_two_of_five_alike_are_never_believed(self) -> None:
        reader = questions.Reader(bytes(32), 2, [name(n) for n in range(5)])
        reader.answers = {name(n): (bytes(32), 1, (n // 2, 0)) for n in range(4)}
        self.assertEqual(reader.agreed(9), (2, None))


class Testee(unittest.TestCase):
    def test_a_request_without_its_members_is_refused(self) -> None:
        for request in ({"op": "Truth", "options": "1", "steps": []}, {"op": "Ratings", "steps": []},
                        {"op": "Truth", "options": "2", "steps": [{"in": {"type": "close"}}]}):
            answer = testee.answer(json.dumps({"id": "1", **request}).encode())
            self.assertEqual((answer["id"], answer["error"]), ("1", "protocol"))


if __name__ == "__main__":
    unittest.main()
