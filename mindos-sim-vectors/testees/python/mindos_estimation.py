"""Estimation (spec/09-trust.md, sections 2.4 to 2.7): from a window of reports and voices to beliefs.

Written from the chapter alone, and in its words: unit, round, reading. Section numbers (§) and ids are
those of chapter 09. A table of counts or bits is indexed [label][truth].
"""
from __future__ import annotations

from typing import Dict, Iterable, List, NamedTuple, Optional, Sequence, Tuple

from mindos_bits import FLOOR, ONE, div, exp2, first_highest, log2, ratio, shares_of, softmax

HIGH = 55705  # 0.85 · 2^16
Table = List[List[int]]

# --- What is kept ---


class Unit(NamedTuple):
    """An agent before, or after, its turn (§2.4)."""
    counts: Table
    said: int  # A
    bits: Table
    informedness: int


class Agent:
    def __init__(self, name: bytes, index: int, options: int) -> None:
        self.name, self.index = name, index
        self.admitted: Optional[int] = None  # None is a stranger
        self.proved = 0
        self.memory: Table = [[0] * options for _ in range(options)]
        self.compared = False
        self.heard_at = -1  # time of the newest question of the window on which it has reported
        self.units: List[Unit] = []  # one, or two if it turned, by the last settlement

    @property
    def cap(self) -> int:
        return self.proved if self.admitted is None else self.admitted


class Report:
    def __init__(self, name: bytes, label: int, sources: Iterable[bytes]) -> None:
        self.name, self.label, self.sources = name, label, frozenset(sources)
        self.agent: Optional[Agent] = None  # until its question is put into the window
        self.voiced = False  # put there with a voice


class Question:
    def __init__(self, name: bytes, at: int, reports: List[Report], options: int) -> None:
        self.name, self.at, self.reports = name, at, reports
        self.outcome: Optional[int] = None
        self.posterior = [ONE // options] * options
        self.bits = [0] * options
        self.voices: List[int] = []
        self.voiced = 0  # reports with a voice above 0, at the last settlement


# --- §2.4 Rounds ---


def tabulate(counts: Table, said: int, mean: int, one_coin: bool) -> Unit:
    """Step 3: what a unit's labels say of the truth, from its counts and A."""
    options = range(len(counts))
    right = sum(counts[k][k] for k in options)
    accuracy = min(ONE, (right + 4 * mean) * ONE // (said + 4 * ONE))
    assumed = (ONE - accuracy) // (len(counts) - 1)
    used = [[0] * len(counts) for _ in options] if one_coin else counts
    tops = [[used[label][z] + len(counts) * (accuracy if label == z else assumed) for z in options]
            for label in options]
    bottoms = [sum(row[z] for row in used) + len(counts) * ONE for z in options]
    bits = [[max(FLOOR, ratio(tops[label][z], bottoms[z])) for z in options] for label in options]
    d = sum(tops[z][z] * ONE // bottoms[z] for z in options)
    return Unit(counts, said, bits, min(ONE, max(0, div(d - ONE, len(counts) - 1))))


def mean_of(options: int, c: int, n: int) -> int:
    return max(ONE // options + ONE // 10, min(HIGH, (7 * ONE + c) // (10 + n)))


def part(x: int) -> int:
    return x * log2(x) >> 8 if x > 0 else 0


def like(c: int, n: int) -> int:
    return part(c >> 8) + part(256 * n - (c >> 8)) - part(256 * n)


def turn_of(c: Sequence[int], n: Sequence[int]) -> int:
    """Step 2: the block at whose end an agent turned, or 7; its sums by block."""
    all_c, all_n = sum(c), sum(n)
    if all_n < 8:
        return 7
    best, turn = 9 * ONE, 7
    c0 = n0 = 0
    for block in range(7):
        c0, n0 = c0 + c[block], n0 + n[block]
        if n[block] and min(n0, all_n - n0) >= 4:
            gain = like(c0, n0) + like(all_c - c0, all_n - n0) - like(all_c, all_n)
            if gain > best:
                best, turn = gain, block
    return turn


def option_bits(counts: Sequence[int]) -> List[int]:
    """Step 4: F_k to bits."""
    total = sum(counts) + len(counts) * ONE
    return [ratio(20 * len(counts) * (f + ONE) + total, 21 * len(counts) * total) for f in counts]


def question_bits(options: int, reports: Iterable[Tuple[int, int, Optional[Unit]]],
                  deaf: bool = True) -> List[int]:
    """Step 5: voice, label and unit of each report to the bits of each option (TRUST-004)."""
    bits = [0] * options
    for voice, label, unit in reports:
        if voice and unit and (unit.informedness > 0 or not deaf):
            for z, b in enumerate(unit.bits[label]):
                bits[z] += voice * b
    return [b >> 8 for b in bits]


def tempered(bits: Sequence[int], voiced: int, options: Sequence[int]) -> List[int]:
    """§2.7: the shares of the options from bits of so many reports with a voice."""
    below = 10 + 3 * (max(1, voiced) - 1)
    return softmax([div(b * 10, below) + o for b, o in zip(bits, options)])


class Held(NamedTuple):
    """A report of the window as rounds need it."""
    question: int
    label: int
    block: int
    weight: int  # W
    voice: int


class Sample:
    """What a settlement estimates from: the window with its voices."""

    def __init__(self, options: int, memory: List[int], window: List[Question],
                 agents: Iterable[Agent]) -> None:
        self.options, self.memory, self.window = options, memory, window
        self.anchors = sum(q.outcome is not None for q in self.window)
        self.held: Dict[Agent, List[Held]] = {agent: [] for agent in agents}
        capped = sum(r.agent.cap > 0 for q in self.window for r in q.reports)
        before = 0
        self.by_question: List[List[Tuple[Agent, Held]]] = []
        for at, question in enumerate(self.window):
            row = []
            for report, voice in zip(question.reports, question.voices):
                block = 8 * before // capped if before < capped else 7
                before += report.agent.cap > 0
                held = Held(at, report.label, block, 1 if question.outcome is None else 2, voice)
                self.held[report.agent].append(held)
                row.append((report.agent, held))
            self.by_question.append(row)

    def first_posterior(self) -> List[List[int]]:
        """§2.5."""
        worth = {}
        for agent, reports in self.held.items():
            anchored = [h for h in reports if h.weight == 2]
            right = sum(self.window[h.question].outcome == h.label for h in anchored)
            top, bottom = (20 * right + 14) * (self.options - 1), 20 * (len(anchored) - right) + 6
            worth[agent] = max(0, ratio(top, bottom) >> 8) if self.anchors else 1
        posterior = []
        for row in self.by_question:
            votes = [0] * self.options
            for agent, held in row:
                votes[held.label] += held.voice * worth[agent]
            posterior.append(shares_of(votes))
        return posterior


class Round:
    """What a round makes of a posterior (§2.4)."""

    def __init__(self, sample: Sample, posterior: List[List[int]], one_coin: bool) -> None:
        self.sample, self.one_coin = sample, one_coin
        options = sample.options
        posterior = [p if q.outcome is None else [ONE * (k == q.outcome) for k in range(options)]
                     for q, p in zip(sample.window, posterior)]
        self.turns: Dict[Agent, int] = {}
        all_c = all_n = 0
        for agent, reports in sample.held.items():
            c, n = [0] * 8, [0] * 8
            for at, label, block, weight, _ in reports:
                c[block] += weight * posterior[at][label]
                n[block] += weight
            self.turns[agent] = turn_of(c, n)
            if agent.cap > 0:
                all_c, all_n = all_c + sum(c), all_n + sum(n)
        self.mean = mean_of(options, all_c, all_n)
        self.units = {agent: self.units_of(agent, posterior) for agent in sample.held}
        if one_coin:
            self.options = [ratio(1, options)] * options
        else:
            self.options = option_bits([f + sum(p[k] for p in posterior)
                                        for k, f in enumerate(sample.memory)])
        self.bits = [question_bits(options, ((held.voice, held.label, self.unit(agent, held))
                                             for agent, held in row)) for row in sample.by_question]
        self.posterior = [softmax([b + o for b, o in zip(bits, self.options)]) for bits in self.bits]

    def units_of(self, agent: Agent, posterior: List[List[int]]) -> List[Unit]:
        turn = self.turns[agent]
        tables = [[[c << 8 for c in row] for row in agent.memory]]
        said = [sum(map(sum, tables[0]))]
        if turn < 7:
            tables.append([[0] * len(row) for row in agent.memory])
            said.append(0)
        for at, label, block, weight, _ in self.sample.held[agent]:
            said[block > turn] += weight * ONE
            row = tables[block > turn][label]
            for z, share in enumerate(posterior[at]):
                row[z] += weight * share
        return [tabulate(counts, a, self.mean, self.one_coin) for counts, a in zip(tables, said)]

    def unit(self, agent: Agent, held: Held) -> Unit:
        return self.units[agent][held.block > self.turns[agent]]


class Reading:
    """What some rounds make of a first posterior (§2.6)."""

    def __init__(self, sample: Sample, posterior: List[List[int]], rounds: int,
                 one_coin: bool = False) -> None:
        for _ in range(rounds):
            self.last = Round(sample, posterior, one_coin)
            posterior = self.last.posterior
        self.sample = sample
        self.anchored = sum(self.explained(at) for at, q in enumerate(sample.window)
                            if q.outcome is not None)
        self.all_voices = self.silent_voices = informed = unturned = 0
        for row in sample.by_question:
            for agent, held in row:
                informedness = self.last.unit(agent, held).informedness
                self.all_voices += held.voice
                self.silent_voices += held.voice if informedness == 0 else 0
                informed += held.voice * informedness >> 8
                unturned += held.voice if self.last.turns[agent] == 7 else 0
        h, i, s = (ratio(max(1, part), max(1, self.all_voices)) for part in
                   (self.all_voices - self.silent_voices, informed, unturned))
        self.heard = 2 * h + (i - 8 * ONE) + 2 * s
        self.score = self.anchored + 3 * self.heard

    def fit(self) -> int:
        """Bits of all that was said, if this reading is right."""
        total = 0
        for row in self.sample.by_question:
            said = question_bits(self.sample.options, ((held.voice, held.label, self.last.unit(agent, held))
                                                       for agent, held in row), deaf=False)
            both = [b + o for b, o in zip(said, self.last.options)]
            total += max(both) + ratio(sum(exp2(max(both) - b) for b in both), ONE)
        return total

    def explained(self, at: int) -> int:
        """Bits of an anchored question's outcome, each report judged by its unit without it."""
        outcome, last = self.sample.window[at].outcome, self.last
        reports = []
        for agent, held in self.sample.by_question[at]:
            unit = last.unit(agent, held)
            if held.voice and unit.informedness > 0:
                counts = [list(row) for row in unit.counts]
                counts[held.label][outcome] = max(0, counts[held.label][outcome] - 2 * ONE)
                bits = tabulate(counts, max(0, unit.said - 2 * ONE), last.mean, last.one_coin).bits
                unit = unit._replace(bits=bits)
            reports.append((held.voice, held.label, unit))
        shares = tempered(question_bits(self.sample.options, reports), self.sample.window[at].voiced,
                          last.options)
        return max(-6 * ONE, ratio(shares[outcome], ONE))

    def restart(self) -> List[List[int]]:
        """The posterior if those were right who are not heard in this reading."""
        posterior = []
        for row, heard in zip(self.sample.by_question, self.last.posterior):
            silent = [0] * self.sample.options
            for agent, held in row:
                if self.last.unit(agent, held).informedness == 0:
                    silent[held.label] += held.voice
            voices = sum(held.voice for _, held in row)
            posterior.append(shares_of(silent) if voices and 4 * sum(silent) >= voices else heard)
        return posterior


def best_reading(sample: Sample) -> Reading:
    first = sample.first_posterior()
    best = made = Reading(sample, first, 5)
    for _ in range(2):
        if 100 * made.silent_voices < 15 * made.all_voices:
            break
        made = Reading(sample, made.restart(), 3)
        if made.score > best.score + 2 * ONE:
            best = made
    coin = Reading(sample, first, 5, one_coin=True)
    simple, fit = coin.fit(), best.fit()
    if ((coin.heard - best.heard) * -simple > 2 * ONE * (fit - simple)
            or sample.anchors >= 10 and coin.anchored > best.anchored):
        best = coin
    return best


# --- §2.7 Beliefs ---


def belief_of(label: int, bits: Sequence[int], options: Sequence[int], voiced: int,
              reports: Iterable[Tuple[int, int]]) -> Tuple[int, List[int]]:
    """Label and weights (TRUST-002), of a question's label and bits, m, and voice and label of its
    reports."""
    k = len(options)
    votes = [0] * k
    for voice, said in reports:
        votes[said] += voice
    shares = tempered(bits, voiced, options)
    published = [(shares[z] + (votes[z] * ONE + 256 * ONE // k) // (sum(votes) + 256)) // 2
                 for z in range(k)]
    other = first_highest(published)
    if other != label:
        half = (published[other] + published[label]) // 2
        published[label], published[other] = half + 1, half - 1
    weights = [share * 65535 // sum(published) for share in published]
    weights[first_highest(weights)] += 65535 - sum(weights)
    return first_highest(weights), weights
