"""Own experience (chapter 06, 1.5), and warnings of others (chapter 10, sections 1.2, 1.3, 3 and 4). Counts are in parts
of 256, times in µs."""
from __future__ import annotations

from typing import Dict, List, NamedTuple, Set, Tuple

from mindos_leaf import SECOND

ONE = 256
TICK = 225 * SECOND
STRANGER = 32_768
MOVED, PAUSE, ENTRIES, FORGOTTEN = 8_192, 10 * SECOND, 16, 1_800 * SECOND
ADVISERS, WARNINGS, ALL_WARNINGS = 128, 128, 4_096


def domain_of(capability: bytes) -> int:
    return int.from_bytes(capability[:4], "little")


def severity_of(standing: int) -> int:
    return max(STRANGER - standing, 0) * ONE // STRANGER


class Decaying:
    """Numbers that lose 21 of 256 parts every 225 s."""

    def __init__(self, since: int, *numbers: int) -> None:
        self.since, self.ticks, self.numbers = since, 0, list(numbers)

    def at(self, now: int) -> List[int]:
        due = (now - self.since) // TICK
        while self.ticks < due and any(self.numbers):
            self.numbers = [number * 235 // ONE for number in self.numbers]
            self.ticks += 1
        self.ticks = max(self.ticks, due)
        return self.numbers


def standing_of(kept: int, broken: int, warned: int) -> int:
    told = warned * max(8 * ONE - kept - broken, 0) // (8 * ONE)
    return min((kept + ONE) * 2**16 // (kept + 4 * (broken + told) + 2 * ONE), 65_535)


class Experience:
    """Promises kept and broken, by worker and capability."""

    def __init__(self) -> None:
        self.counts: Dict[Tuple[bytes, bytes], Decaying] = {}

    def add(self, now: int, worker: bytes, capability: bytes, kept: int, broken: int) -> None:
        counts = self.counts.setdefault((worker, capability), Decaying(now, 0, 0))
        before = counts.at(now)
        counts.numbers = [before[0] + kept * ONE, before[1] + broken * ONE]

    def of(self, now: int, line: List[bytes], capability: bytes) -> Tuple[int, int]:
        """Kept and broken, of a worker and those whose place it takes."""
        each = [self.counts[worker, capability].at(now) for worker in line if (worker, capability) in self.counts]
        return sum(kept for kept, _ in each), sum(broken for _, broken in each)


class Weight(NamedTuple):
    good: int
    bad: int
    known: int
    honest: int
    weight: int


class Adviser:
    def __init__(self, first: int) -> None:
        self.counts = Decaying(first, 0, 0)  # good, bad
        self.warnings: Dict[Tuple[int, bytes], Decaying] = {}  # by domain and worker
        self.weighed: Set[Tuple[int, bytes]] = set()

    def weight(self, now: int) -> Weight:
        good, bad = self.counts.at(now)
        known = (good + ONE) * ONE // (good + 8 * ONE)
        honest = (good + ONE) * ONE // (good + 4 * bad + ONE)
        return Weight(good, bad, known, honest, known * honest // ONE)


class Advice:
    """What others warned of."""

    def __init__(self) -> None:
        self.advisers: Dict[bytes, Adviser] = {}

    def take(self, now: int, sender: bytes, domain: int, worker: bytes, standing: int) -> None:
        severity, key = severity_of(standing), (domain, worker)
        if not severity:
            if sender in self.advisers:
                self.advisers[sender].warnings.pop(key, None)
            return
        if sender not in self.advisers and len(self.advisers) == ADVISERS:
            del self.advisers[next(iter(self.advisers))]
        adviser = self.advisers.setdefault(sender, Adviser(now))
        adviser.warnings.pop(key, None)  # the newest stands last
        if len(adviser.warnings) == WARNINGS:
            del adviser.warnings[next(iter(adviser.warnings))]
        if sum(len(each.warnings) for each in self.advisers.values()) == ALL_WARNINGS:
            oldest = min((each for each in self.advisers.values() if each.warnings),
                         key=lambda each: next(iter(each.warnings.values())).since)
            del oldest.warnings[next(iter(oldest.warnings))]
        adviser.warnings[key] = Decaying(now, severity)

    def weigh(self, now: int, domain: int, worker: bytes, failed: bool) -> None:
        """An experience of the reader's own: each warning of this worker is weighed, once."""
        key = domain, worker
        for adviser in self.advisers.values():
            if key in adviser.warnings and key not in adviser.weighed:
                adviser.weighed.add(key)
                good, bad = adviser.counts.at(now)
                adviser.counts.numbers = [good + ONE, bad] if failed else [good, bad + ONE]

    def warned(self, now: int, domain: int, worker: bytes) -> int:
        """In parts of 256 of a broken promise."""
        proven = unproven = 0
        for adviser in self.advisers.values():
            if (domain, worker) in adviser.warnings:
                good, _, _, _, weight = adviser.weight(now)
                told = weight * adviser.warnings[domain, worker].at(now)[0] // ONE
                proven, unproven = (proven + told, unproven) if good else (proven, unproven + told)
        return min(proven + min(unproven, 160), 1_024)


class Teller:
    """What the reader itself tells its partners: of workers it has new experience with, and no other."""

    def __init__(self, experience: Experience) -> None:
        self.experience, self.last = experience, -PAUSE
        self.told: Dict[Tuple[bytes, bytes], Tuple[int, int]] = {}  # by worker and capability: standing, and when
        self.news: Dict[Tuple[bytes, bytes], None] = {}

    def learn(self, worker: bytes, capability: bytes) -> None:
        self.news[worker, capability] = None

    def due(self, now: int) -> Dict[Tuple[int, bytes], int]:
        """What leaves now, by domain and worker: all that moved, or first warnings within 10 s of the last telling."""
        self.told = {key: told for key, told in self.told.items() if told[1] + FORGOTTEN > now}
        standing = {key: min(standing_of(*self.experience.counts[key].at(now), 0), STRANGER) for key in self.news}
        moved = {key: own for key, own in standing.items()
                 if abs(own - self.told.get(key, (STRANGER, 0))[0]) >= MOVED}
        may = [key for key in moved if now >= self.last + PAUSE or key not in self.told]
        leaving = {key: moved[key] for key in may[:ENTRIES]}
        self.news = {key: None for key in moved if key not in leaving}
        if leaving:
            self.last = now
            self.told.update({key: (own, now) for key, own in leaving.items()})
        lowest: Dict[Tuple[int, bytes], int] = {}
        for (worker, capability), own in leaving.items():
            key = domain_of(capability), worker
            lowest[key] = min(own, lowest.get(key, own))
        return lowest

    def next_time(self, now: int) -> int:
        """When what waits may leave."""
        return max(self.last + PAUSE, now + 1) if self.news else 2**63
