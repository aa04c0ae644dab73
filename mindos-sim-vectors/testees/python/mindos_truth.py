"""Whom to believe (spec/09-trust.md, sections 2.1 to 2.3 and 2.8): a domain, its settlements and gains.

Written from the chapter alone, and in its words. Section numbers (§) and ids such as TRUST-005 are those
of chapter 09. What a settlement estimates stands in `mindos_estimation.py`, the arithmetic in
`mindos_bits.py`, ratings and forecasts in `mindos_pools.py`. Names are bytes; they order agents and
questions.
"""
from __future__ import annotations

from typing import Dict, List, Optional, Sequence, Set, Tuple

from mindos_bits import ONE, div, first_highest, ratio, stir
from mindos_estimation import (HIGH, Agent, Question, Report, Sample, Unit, belief_of, best_reading,
                               mean_of, option_bits, question_bits, tempered)


class Refused(Exception):
    """What was given fits no question of the reader, and changed nothing."""


# --- §2.2 Blocs ---


class Pairs:
    """8,192 sets of 4 places: a pair of indices, then agreed and possible."""

    def __init__(self) -> None:
        self.sets: Dict[int, List[List[int]]] = {}

    def place(self, a: int, b: int) -> List[int]:
        at = ((a * 0x9e3779b1 ^ b * 0x85ebca77) & 0xffffffff) >> 19
        places = self.sets.setdefault(at, [])
        for pair in places:
            if pair[:2] == [a, b]:
                return pair
        pair = [a, b, 0, 0]
        if len(places) < 4:
            places.append(pair)
        else:
            places[min(range(4), key=lambda i: places[i][3])] = pair
        return pair

    def add(self, a: int, b: int, equal: bool, chance: int) -> None:
        pair = self.place(min(a, b), max(a, b))
        pair[2] += (ONE if equal else 0) - chance - div(pair[2], 32)
        pair[3] += ONE - chance - pair[3] // 32

    def all(self) -> List[List[int]]:
        return [pair for _, places in sorted(self.sets.items()) for pair in places]

    def renumber(self, new: Dict[int, int]) -> None:
        """Indices close up: pairs of the forgotten go, the others find their places anew."""
        kept = [pair for pair in self.all() if pair[0] in new and pair[1] in new]
        self.sets = {}
        for a, b, agreed, possible in kept:
            self.place(new[a], new[b])[2:] = agreed, possible


def quotient(agreed: int, possible: int) -> int:
    """How much two agree, or −1 if it is not as one."""
    q = div(agreed * ONE, possible + ONE)
    return q if possible >= 3 * ONE and q >= HIGH else -1


def blocs_of(pairs: Pairs) -> Dict[int, int]:
    """The bloc of each agent in one, by index."""
    partners: Dict[int, Dict[int, Tuple[int, int]]] = {}
    for a, b, agreed, possible in pairs.all():
        partners.setdefault(a, {})[b] = partners.setdefault(b, {})[a] = (agreed, possible)
    sums = {a: sum(max(0, agreed) for agreed, _ in of.values()) for a, of in partners.items()}
    bloc: Dict[int, int] = {}
    opened = 0
    for a in sorted((a for a in sums if sums[a] >= HIGH), key=lambda a: (-sums[a], a)):
        if a in bloc:
            continue
        together: Dict[int, Tuple[int, int]] = {}
        for b, (agreed, possible) in partners[a].items():
            if b in bloc:
                x, y = together.get(bloc[b], (0, 0))
                together[bloc[b]] = (x + agreed, y + possible)
        joined = max(((quotient(*both), -k) for k, both in together.items()), default=(-1, 0))
        if joined[0] >= 0:
            bloc[a] = -joined[1]
            continue
        partner = max(((quotient(*both), -b) for b, both in partners[a].items() if b not in bloc),
                      default=(-1, 0))
        if partner[0] >= 0 and opened < 64:
            bloc[a] = bloc[-partner[1]] = opened
            opened += 1
    return bloc


# --- §2.3 Voices ---


def proof_of(options: int, right: int, outcomes: Sequence[int]) -> int:
    """Bits that an agent has proved, right in so many anchored reports; how often each outcome came."""
    n, m = sum(outcomes), max(outcomes)
    p, q = (m, n) if m * options > n else (1, options)
    if right * q <= n * p:
        return 0
    wrong = n - right
    proof = right * ratio(right * q, n * p) - ratio(n + 1, 1)
    return proof + (wrong * ratio(wrong * q, n * (q - p)) if wrong else 0)


def proved_cap(proof: int) -> int:
    return min(256, max(0, (proof - 10 * ONE) >> 12))


# --- §2.1 Settlement ---


class Domain:
    def __init__(self, options: int) -> None:
        self.options = options
        self.agents: Dict[bytes, Agent] = {}  # by name, in the order of their indices
        self.waiting: List[Question] = []
        self.waiting_reports = 0
        self.window: List[Question] = []
        self.memory = [0] * options
        self.pairs = Pairs()
        self.blocs: Dict[int, int] = {}
        self.mean = mean_of(options, 0, 0)
        self.option_bits = option_bits(self.memory)

    def admit(self, name: bytes, parts: int) -> None:
        agent = self.known(name)
        if agent:
            agent.admitted = min(256, parts)

    def known(self, name: bytes) -> Optional[Agent]:
        """The agent of this name, known from now on if there is room."""
        if name not in self.agents and len(self.agents) < 32768:
            self.agents[name] = Agent(name, len(self.agents), self.options)
        return self.agents.get(name)

    def cap(self, name: bytes) -> int:
        return self.agents[name].cap if name in self.agents else 0

    def voiced(self, reports: Sequence[Report]) -> int:
        """How many are by agents with a cap."""
        return sum(self.cap(report.name) > 0 for report in reports)

    def close(self, name: bytes, at: int, given: Sequence[Report]) -> Tuple[int, List[int]]:
        """The belief in a question that closes, before the settlement that this may bring."""
        if any(q.name == name for q in [*self.window, *self.waiting]):
            raise Refused("closed")  # TRUST-006
        if len(given) > 1024:
            raise Refused("too-many")  # TRUST-005
        if any(report.label >= self.options for report in given):
            raise Refused("option")  # TRUST-005
        question = Question(name, at, self.seated(name, given), self.options)
        belief = self.expected(question)
        self.waiting.append(question)
        self.waiting_reports += max(1, self.voiced(question.reports))
        voiced = min(16384, sum(r.voiced for q in self.window for r in q.reports))
        if self.waiting_reports >= max(64, voiced // 3):
            self.settle()
        return belief

    def seated(self, name: bytes, given: Sequence[Report]) -> List[Report]:
        """The reports that stay, by agent."""
        first: Dict[bytes, Report] = {}
        for report in given:
            first.setdefault(report.name, report)
        reports = [first[agent] for agent in sorted(first)]
        named = {s for report in reports if self.cap(report.name) > 0 for s in report.sources}
        regarded = sorted(named)[:64]  # §2.3
        seed = stir(0, name)
        for report in reports:
            report.sources &= frozenset(regarded)
            seed = stir(seed ^ report.label, report.name)
        voiced = [r for r in reports if self.cap(r.name) > 0]
        others = sorted((r for r in reports if self.cap(r.name) == 0),
                        key=lambda r: (stir(seed, r.name), r.name))
        return sorted(voiced + others[:max(8, len(voiced) // 3)], key=lambda r: r.name)

    def anchor(self, name: bytes, outcome: int) -> None:
        self.asked(name, outcome, [*self.window, *self.waiting]).outcome = outcome

    def asked(self, name: bytes, option: int, among: Sequence[Question]) -> Question:
        if option >= self.options:
            raise Refused("option")
        for question in among:
            if question.name == name:
                return question
        raise Refused("gone")

    def settle(self) -> None:
        self.compare_late()
        self.put()
        self.drop()
        self.forget()
        self.estimate()

    def compare(self, question: Question, late: Optional[Set[Agent]] = None) -> None:
        reports = [r for r in question.reports if r.agent.cap > 0][:40]
        n = len(reports)
        if n < 3:
            return
        labels = [r.label for r in reports]
        chance = sum(v * (v - 1) for v in map(labels.count, set(labels))) * ONE // (n * (n - 1))
        for i, one in enumerate(reports):
            for other in reports[:i]:
                if late is None or one.agent in late or other.agent in late:
                    self.pairs.add(one.agent.index, other.agent.index,
                                   one.label == other.label, chance)

    def compare_late(self) -> None:
        """Step 1."""
        reported = {r.agent for q in self.window for r in q.reports}
        late = {a for a in reported if a.cap > 0 and not a.compared}
        if late:
            for question in self.window:
                self.compare(question, late)
        for agent in late:
            agent.compared = True

    def put(self) -> None:
        """Step 2."""
        for question in sorted(self.waiting, key=lambda q: (q.at, q.name)):
            for report in question.reports:
                report.agent = self.known(report.name)
                if report.agent:
                    report.voiced = report.agent.cap > 0
                    report.agent.compared |= report.voiced
                    report.agent.heard_at = question.at
            question.reports = [r for r in question.reports if r.agent]
            self.compare(question)
            self.window.append(question)
        self.waiting, self.waiting_reports = [], 0

    def drop(self) -> None:
        """Step 3."""
        voiced = sum(r.voiced for q in self.window for r in q.reports)
        excess = sum(len(q.reports) for q in self.window) - voiced - 4096
        for question in self.window:
            kept = []
            for report in question.reports:
                if report.voiced or excess <= 0:
                    kept.append(report)
                else:
                    excess -= 1
            question.reports = kept
        while voiced > 16384 or len(self.window) > 16384:
            question = self.window.pop(0)
            voiced -= sum(r.voiced for r in question.reports)
            for report in question.reports:
                memory = report.agent.memory
                row = memory[report.label]
                for z, share in enumerate(question.posterior):
                    row[z] = min(65535, row[z] + (share >> 8))
                total = sum(map(sum, memory))
                if total > 40 * 256:
                    report.agent.memory = [[c * 40 * 256 // total for c in r] for r in memory]
            for z, share in enumerate(question.posterior):
                self.memory[z] += share
        total = sum(self.memory)
        if total > 2000 * ONE:
            self.memory = [c * 2000 * ONE // total for c in self.memory]

    def forget(self) -> None:
        """Step 4."""
        present = {r.agent for q in self.window for r in q.reports}
        silent = [a for a in self.agents.values() if a not in present]
        silent.sort(key=lambda a: (a.cap > 0, a.heard_at, a.index))
        gone = set(silent[:max(0, len(silent) - 4096)])
        if gone:
            kept = [a for a in self.agents.values() if a not in gone]
            self.pairs.renumber({a.index: new for new, a in enumerate(kept)})
            self.agents = {a.name: a for a in kept}
            for new, agent in enumerate(kept):
                agent.index = new

    def estimate(self) -> None:
        """Step 5."""
        self.blocs = blocs_of(self.pairs)
        for question in self.window:
            question.voices = self.voices(question.reports)
            question.voiced = sum(voice > 0 for voice in question.voices)
        sample = Sample(self.options, self.memory, self.window, self.agents.values())
        last = best_reading(sample).last
        self.mean, self.option_bits = last.mean, last.options
        for agent, units in last.units.items():
            agent.units = units
        for at, question in enumerate(self.window):
            question.posterior, question.bits = last.posterior[at], last.bits[at]
        self.prove(sample)

    def prove(self, sample: Sample) -> None:
        """What each agent has proved by the anchored reports of the window (§2.3)."""
        for agent, reports in sample.held.items():
            outcomes, right = [0] * self.options, 0
            for held in reports:
                outcome = self.window[held.question].outcome
                if outcome is not None:
                    outcomes[outcome] += 1
                    right += outcome == held.label
            agent.proved = proved_cap(proof_of(self.options, right, outcomes))

    def voices(self, reports: Sequence[Report]) -> List[int]:
        """§2.3."""
        caps, voices = [self.cap(r.name) for r in reports], []
        known = [self.agents.get(r.name) for r in reports]
        blocs = [self.blocs.get(agent.index) if agent else None for agent in known]
        sources = [r.sources for r in reports]
        for i, report in enumerate(reports):
            total = caps[i]
            if total and (blocs[i] is not None or sources[i]):
                total += sum(
                    caps[j] for j, other in enumerate(reports)
                    if j != i and caps[j] and other.label == report.label
                    and (blocs[i] is not None and blocs[i] == blocs[j] or sources[i] & sources[j]))
            voices.append(caps[i] * 256 // max(256, total))
        return voices

    def newest_unit(self, name: bytes) -> Unit:
        """An agent's last unit, or what is assumed of one that is not settled yet."""
        agent = self.agents.get(name)
        if agent and agent.units and agent.heard_at >= 0:
            return agent.units[-1]
        return self.newcomer()

    def newcomer(self) -> Unit:
        """What is assumed of one of whom no report was ever in the window."""
        wrong, k = (ONE - self.mean) // (self.options - 1), range(self.options)
        bits = [[ratio(self.mean if label == z else wrong, ONE) for z in k] for label in k]
        return Unit([], 0, bits, ONE)

    def expected(self, question: Question) -> Tuple[int, List[int]]:
        """The belief in a question that no settlement has estimated."""
        voices, labels = self.voices(question.reports), [r.label for r in question.reports]
        units = [self.newest_unit(r.name) for r in question.reports]
        bits = question_bits(self.options, zip(voices, labels, units))
        label = first_highest([b + o for b, o in zip(bits, self.option_bits)])
        return belief_of(label, bits, self.option_bits, self.voiced(question.reports),
                         zip(voices, labels))

    def belief(self, question: Question) -> Tuple[int, List[int]]:
        """The belief in a question of the window, by the last settlement."""
        return belief_of(first_highest(question.posterior), question.bits, self.option_bits,
                         question.voiced, zip(question.voices, [r.label for r in question.reports]))

    def reporters(self) -> List[Tuple[Agent, int, bool]]:
        """Each agent that has reported: its reports in the window, and whether it turned."""
        counts = {agent: 0 for agent in self.agents.values() if agent.heard_at >= 0}
        for question in self.window:
            for report in question.reports:
                counts[report.agent] += 1
        return [(agent, count, len(agent.units) == 2) for agent, count in counts.items()]

    # --- §2.8 Gains ---

    def gains(self, name: bytes, outcome: int) -> List[Tuple[bytes, int]]:
        """What each report added, if this outcome came true; in the order of names."""
        question = self.asked(name, outcome, self.window)
        reports = question.reports
        units = [self.newest_unit(r.name) for r in reports]
        voiced = self.voiced(reports)

        def score(p: List[int]) -> int:
            return 2 * p[outcome] - sum(share * share >> 16 for share in p)

        newcomer = self.newcomer()
        everybody = self.voices(reports)
        gains = []
        for i, report in enumerate(reports):
            others = reports[:i] + reports[i + 1:]
            alone = self.voices(others)
            alone.insert(i, 0)
            rows = [(voice, r.label, unit) for voice, r, unit in zip(alone, reports, units)]
            without = tempered(question_bits(self.options, rows), voiced, self.option_bits)
            added = max(0, sum(everybody) - sum(alone))
            rows.append((added, report.label, newcomer))
            with_it = tempered(question_bits(self.options, rows), voiced, self.option_bits)
            gain = 0 if report.label == first_highest(without) else score(with_it) - score(without)
            gains.append((report.name, gain))
        return gains
