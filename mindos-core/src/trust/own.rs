//! What leases of this node showed: promises kept and broken, results confirmed and refuted.

use alloc::collections::BTreeMap;

use super::{NEUTRAL, Outcome};
use crate::{Duration, Instant, NodeId};

/// Evidence counts in parts per 256, so that they can decay.
pub(super) const ONE: u64 = 256;
/// A broken promise weighs as much as this many kept ones.
const BROKEN: u64 = 4;
/// A refuted result weighs as much as this many broken promises: a host that checks one result in four finds one
/// wrong one for three that it took for right.
const REFUTED: u64 = 4;
/// Evidence halves in this time.
pub(super) const HALF_LIFE: Duration = Duration::from_secs(1_800);
/// Own evidence of so many outcomes outweighs all advice.
const CERTAIN: u64 = 8 * ONE;
/// What reports earned counts as kept promises: a 256th of one for so many parts of 2^16 of a score, one at most.
const EARNED: u64 = 16;
const MOST_EARNED: u64 = ONE;
/// A broken promise takes as much from that as so many kept ones, which is all.
const DISPROVED: u64 = 8;
const MAX_ENTRIES: usize = 4_096;

/// What is left of `count` after `age`: 235/256 for each eighth of a half-life, whose eighth power is a half.
pub(super) fn decayed(mut count: u64, age: Duration) -> u64 {
    let steps = age.0 / (HALF_LIFE.0 / 8);
    for _ in 0..steps.min(128) {
        count = count * 235 / 256;
    }
    count
}

/// What is known of one worker in one capability.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Entry {
    kept: u64,
    broken: u64,
    at: Instant,
}

impl Entry {
    /// Decayed to `now`.
    fn at(self, now: Instant) -> Self {
        let steps = now.since(self.at).0 / (HALF_LIFE.0 / 8);
        let age = Duration(HALF_LIFE.0 / 8).times(steps);
        Self { kept: decayed(self.kept, age), broken: decayed(self.broken, age), at: self.at + age }
    }

    fn plus(self, other: Self) -> Self {
        Self { kept: self.kept + other.kept, broken: self.broken + other.broken, at: self.at }
    }

    /// The mean of a Beta distribution with one kept and one broken promise assumed, `warned` being what advice adds
    /// to the broken ones, and `earned` what reports earned, in parts of 2^16 of a score. The more own evidence there
    /// is, the less both count; one broken promise leaves nothing of what was earned.
    pub(super) fn standing(&self, warned: u64, earned: u64) -> u16 {
        let left = CERTAIN.saturating_sub(self.kept + self.broken);
        let broken = self.broken + warned * left / CERTAIN;
        let left = CERTAIN.saturating_sub(self.kept + DISPROVED * self.broken);
        let good = self.kept + (earned / EARNED).min(MOST_EARNED) * left / CERTAIN;
        // spec: ROUTE-011 5d4b
        (((good + ONE) << 16) / (good + BROKEN * broken + 2 * ONE)).min(65_535) as u16
    }
}

/// Evidence by node and capability; at the cap the oldest gives way.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Own {
    entries: BTreeMap<(NodeId, [u8; 32]), Entry>,
}

impl Own {
    /// A lease was kept or broken.
    pub(super) fn outcome(&mut self, now: Instant, o: &Outcome) {
        let (kept, broken) = if o.kept { (ONE, 0) } else { (0, ONE) };
        self.add(now, (o.node, o.capability), kept, broken);
    }

    /// The host judged a result of a lease, beside whether it came in time.
    // spec: ROUTE-011 5d4b
    pub(super) fn verdict(&mut self, now: Instant, node: NodeId, capability: [u8; 32], right: bool) {
        let (kept, broken) = if right { (ONE, 0) } else { (0, REFUTED * ONE) };
        self.add(now, (node, capability), kept, broken);
    }

    fn add(&mut self, now: Instant, key: (NodeId, [u8; 32]), kept: u64, broken: u64) {
        if self.entries.len() >= MAX_ENTRIES && !self.entries.contains_key(&key) {
            let oldest = self.entries.iter().min_by_key(|(_, e)| e.at).map(|(k, _)| *k);
            oldest.and_then(|k| self.entries.remove(&k));
        }
        let entry = self.entries.entry(key).or_insert(Entry { at: now, ..Entry::default() });
        *entry = entry.at(now);
        (entry.kept, entry.broken) = (entry.kept + kept, entry.broken + broken);
    }

    /// All evidence about some nodes, taken as one.
    pub(super) fn of(&self, now: Instant, nodes: impl Iterator<Item = NodeId>, capability: &[u8; 32]) -> Entry {
        let all = nodes.filter_map(|n| self.entries.get(&(n, *capability))).map(|e| e.at(now));
        all.reduce(Entry::plus).unwrap_or_default()
    }

    /// Standing of one node by this evidence alone, at most neutral: what there is to warn of.
    pub(super) fn doubt(&self, now: Instant, node: NodeId, capability: &[u8; 32]) -> u16 {
        self.of(now, core::iter::once(node), capability).standing(0, 0).min(NEUTRAL)
    }
}
