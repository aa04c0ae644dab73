//! Whom to believe (spec 06): machines write evidence, nobody writes reputation.
//!
//! Standing is this reader's own: it rests on leases that this node itself gave. The truth engine will
//! stand behind the same trait.

pub mod forecast;
pub(crate) mod question;
pub mod rating;
#[cfg(test)]
mod tests;
pub mod truth;

use alloc::collections::BTreeMap;

use crate::identity::Lines;
use crate::{Duration, Instant, NodeId};

/// How a lease of this node ended. Only an accepted lease can be broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The worker.
    pub node: NodeId,
    /// BLAKE3 of the capability's name.
    pub capability: [u8; 32],
    /// Whether the result came within 25 % (and the slack) of what was accepted.
    pub kept: bool,
    /// What was accepted.
    pub promised: Duration,
    /// What it took, or had taken when the lease was given up.
    pub took: Duration,
}

/// What other machines read of trust.
pub trait Standing {
    /// Parts per 2^16; 32,768 is neutral.
    fn standing(&self, now: Instant, node: &NodeId, capability: &[u8; 32]) -> u16;
}

/// What somebody unknown has.
pub const NEUTRAL: u16 = 1 << 15;

/// Evidence counts in parts per 256, so that they can decay.
const ONE: u64 = 256;
/// A broken promise weighs as much as this many kept ones.
const BROKEN: u64 = 4;
/// Evidence halves in this time.
const HALF_LIFE: Duration = Duration::from_secs(1_800);
const MAX_ENTRIES: usize = 4_096;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct Entry {
    kept: u64,
    broken: u64,
    at: Instant,
}

impl Entry {
    /// Decayed to `now`, an eighth of a half-life a step.
    fn at(mut self, now: Instant) -> Self {
        let steps = now.since(self.at).0 / (HALF_LIFE.0 / 8);
        for _ in 0..steps.min(128) {
            // 235/256 to the eighth power is a half.
            (self.kept, self.broken) = (self.kept * 235 / 256, self.broken * 235 / 256);
        }
        self.at = self.at + Duration(HALF_LIFE.0 / 8).times(steps);
        self
    }
}

/// Evidence by node and capability; at the cap the oldest gives way.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Trust {
    entries: BTreeMap<(NodeId, [u8; 32]), Entry>,
    /// Whose evidence counts for whom besides.
    lines: Lines,
}

impl Trust {
    pub(crate) fn evidence(&mut self, now: Instant, outcome: &Outcome) {
        let key = (outcome.node, outcome.capability);
        if self.entries.len() >= MAX_ENTRIES && !self.entries.contains_key(&key) {
            let oldest = self.entries.iter().min_by_key(|(_, e)| e.at).map(|(k, _)| *k);
            oldest.and_then(|k| self.entries.remove(&k));
        }
        let entry = self.entries.entry(key).or_insert(Entry { at: now, ..Entry::default() });
        *entry = entry.at(now);
        if outcome.kept {
            entry.kept += ONE;
        } else {
            entry.broken += ONE;
        }
    }
}

impl Trust {
    /// A key was given up: its evidence stays its own, and counts for its successor while it has one.
    pub(crate) fn succeed(&mut self, node: NodeId, successor: Option<NodeId>) {
        self.lines.set(node, successor);
    }
}

impl Standing for Trust {
    fn standing(&self, now: Instant, node: &NodeId, capability: &[u8; 32]) -> u16 {
        // spec: ROUTE-011 5d4b
        let all = core::iter::once(*node).chain(self.lines.predecessors(node));
        let all = all.filter_map(|n| self.entries.get(&(n, *capability))).map(|e| e.at(now));
        let sum = |a: Entry, b: Entry| Entry { kept: a.kept + b.kept, broken: a.broken + b.broken, at: now };
        let Some(e) = all.reduce(sum) else { return NEUTRAL };
        // The mean of a Beta distribution with one kept and one broken promise assumed.
        (((e.kept + ONE) << 16) / (e.kept + BROKEN * e.broken + 2 * ONE)).min(65_535) as u16
    }
}
