"""Ratings and forecasts (spec/09-trust.md, sections 2.9 and 2.10), in the arithmetic of `mindos_bits.py`.

Written from the chapter alone; section numbers (§) and ids are those of chapter 09.
"""
from __future__ import annotations

from typing import Dict, Iterable, List, Optional, Sequence, Tuple

from mindos_bits import FLOOR, ONE, div, exp2, ratio, softmax
from mindos_truth import proved_cap

# --- §2.9 Ratings ---


class Ratings:
    def __init__(self, roots: Iterable[bytes]) -> None:
        self.roots = set(roots)
        self.newest: Dict[Tuple[bytes, bytes], int] = {}  # by rater and rated; the oldest first
        self.since = 0
        self.sums: Dict[bytes, Tuple[int, int]] = {}  # good and bad

    def rate(self, rater: bytes, rated: bytes, rating: int) -> None:
        if rater == rated:
            return
        self.newest.pop((rater, rated), None)  # TRUST-009
        self.newest[rater, rated] = rating
        self.since += 1
        if self.since >= max(64, len(self.newest) // 4):
            self.settle()

    def weight(self, node: bytes) -> int:
        if node in self.roots:
            return ONE
        good, bad = self.sums.get(node, (0, 0))
        return max(0, good - bad) * ONE // (good + bad + (1 << 15))

    def standing(self, node: bytes) -> int:
        good, bad = self.sums.get(node, (0, 0))
        return min(65535, (good + (1 << 14)) * ONE // (good + bad + (1 << 15)))

    def settle(self) -> None:
        self.since, self.sums = 0, {}
        raters = {rater for rater, _ in self.newest}
        highest = dict.fromkeys(raters, 0)
        for _ in range(4):
            weights = {rater: self.weight(rater) for rater in raters}
            highest = {rater: max(highest[rater], weights[rater]) for rater in raters}
            sums: Dict[bytes, Tuple[int, int]] = {}
            for (rater, rated), rating in self.newest.items():
                good, bad = sums.get(rated, (0, 0))
                said = weights[rater] * abs(rating) // 10
                sums[rated] = (good + said, bad) if rating > 0 else (good, bad + said)
            self.sums = sums
        self.drop(highest)

    def drop(self, highest: Dict[bytes, int]) -> None:
        """The newest 1,024 of each rater stay, and of these 65,536."""
        left: Dict[bytes, int] = {}
        kept: List[Tuple[bytes, bytes]] = []
        for pair in reversed(self.newest):
            left[pair[0]] = left.get(pair[0], 0) + 1
            if left[pair[0]] <= 1024:
                kept.append(pair)
        kept.sort(key=lambda pair: -highest[pair[0]])  # stable: then the newest
        stay = set(kept[:65536])
        self.newest = {pair: rating for pair, rating in self.newest.items() if pair in stay}


# --- §2.10 Forecasts ---

EIGHTHS = (6, 7, 8, 10, 12, 16)


class Forecaster:
    def __init__(self) -> None:
        self.admitted = self.resolved = self.excess = self.proof = 0

    @property
    def voice(self) -> int:
        return self.admitted or proved_cap(self.proof)

    @property
    def weight(self) -> int:
        past = max(-ONE, min(4 * ONE, div(self.excess, self.resolved + 8) * 16))
        return exp2(past + ONE) * self.voice >> 8


def loss(shares: Sequence[int], outcome: int) -> int:
    """Quadratic."""
    return sum((p - (ONE if k == outcome else 0)) ** 2 >> 16 for k, p in enumerate(shares))


class Forecasts:
    def __init__(self, options: int) -> None:
        self.options = options
        self.known: Dict[bytes, Forecaster] = {}
        self.lost = dict.fromkeys(EIGHTHS, 0)

    def admit(self, name: bytes, parts: int) -> None:
        self.meet(name).admitted = min(256, parts)

    def meet(self, name: bytes) -> Forecaster:
        if name not in self.known:
            if len(self.known) >= 65536:
                order = sorted(self.known, key=lambda n: (self.known[n].admitted > 0,
                                                          self.known[n].resolved, n))
                for forgotten in order[:len(order) // 2]:
                    del self.known[forgotten]
            self.known[name] = Forecaster()
        return self.known[name]

    @property
    def eighths(self) -> int:
        """The exponent, times 8."""
        best = min(EIGHTHS, key=lambda e: self.lost[e])
        return best if self.lost[8] - self.lost[best] > 8 * ONE else 8

    def weights(self, names: Iterable[bytes]) -> Dict[bytes, int]:
        """Of the forecasts on one question, strangers together bounded by the others (TRUST-008)."""
        by_name = {name: self.known.get(name, Forecaster()) for name in names}
        weights = {name: f.weight for name, f in by_name.items()}
        strangers = sum(weights[name] for name, f in by_name.items() if not f.admitted)
        others = sum(weights.values()) - strangers
        if strangers > others > 0:
            for name, f in by_name.items():
                if not f.admitted:
                    weights[name] = weights[name] * others // strangers
        return weights

    def pooled(self, shares: Dict[bytes, List[int]], weights: Dict[bytes, int], eighths: int,
               without: Optional[bytes] = None) -> List[int]:
        total, sums = 0, [0] * self.options
        for name, own in shares.items():
            if name != without and weights[name]:
                total += weights[name]
                for k, share in enumerate(own):
                    sums[k] += weights[name] * max(FLOOR, ratio(share, ONE))
        return softmax([div(div(s, total) * eighths, 8) if total else 0 for s in sums])

    def shares(self, forecasts: Sequence[Tuple[bytes, Sequence[int]]]) -> Dict[bytes, List[int]]:
        first: Dict[bytes, List[int]] = {}
        for name, weights in forecasts:
            if len(weights) == self.options:
                first.setdefault(name, [w + (w >> 15) for w in weights])
        return first

    def pool(self, forecasts: Sequence[Tuple[bytes, Sequence[int]]]) -> List[int]:
        shares = self.shares(forecasts)
        return self.pooled(shares, self.weights(shares), self.eighths)

    def gains(self, forecasts: Sequence[Tuple[bytes, Sequence[int]]], outcome: int) -> List[Tuple[bytes, int]]:
        """What each forecast added, if this comes true, in the order of names."""
        if outcome >= self.options:
            return []
        shares, eighths = self.shares(forecasts), self.eighths
        weights = self.weights(shares)

        def score(without: Optional[bytes] = None) -> int:
            pool = self.pooled(shares, weights, eighths, without)
            return 2 * pool[outcome] - sum(p * p >> 16 for p in pool)

        return [(name, score() - score(name)) for name in sorted(shares)]

    def resolve(self, forecasts: Sequence[Tuple[bytes, Sequence[int]]], outcome: int) -> None:
        if outcome >= self.options:
            return
        shares, eighths = self.shares(forecasts), self.eighths
        weights = self.weights(shares)
        pool = self.pooled(shares, weights, eighths)
        others = {name: self.pooled(shares, weights, eighths, name) for name in shares}
        for e in EIGHTHS:
            share = self.pooled(shares, weights, e)[outcome]
            self.lost[e] -= max(FLOOR, ratio(share, ONE))
        for name, own in shares.items():
            forecaster = self.meet(name)
            forecaster.resolved += 1
            forecaster.excess += loss(own, outcome) - loss(pool, outcome)
            better = ratio(max(1, own[outcome]), max(1, others[name][outcome]))
            forecaster.proof += min(2 * ONE, better)
