//! Standing from what others rate (spec 09, "Ratings"): relative to the reader's roots.
//!
//! What is believed follows from the newest rating of each pair of nodes, whatever the order in which they came.

#[cfg(test)]
mod tests;

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec;
use alloc::vec::Vec;

use crate::NodeId;

/// One, in parts per 2^16.
const ONE: u64 = 1 << 16;
/// Weight of ratings that are assumed on each side before any came.
const ASSUMED: u64 = ONE / 4;
/// Steps from the roots that weight goes.
const STEPS: u32 = 4;
/// Full marks.
pub const MAX_RATING: i8 = 10;
/// Ratings before the first settlement, and between two at least.
const FIRST: usize = 64;
/// Ratings that are kept over a settlement, and those of one node among them.
const MAX_PAIRS: usize = 65_536;
const MAX_OF_ONE: usize = 1_024;

/// What nodes of weight said of a node, in parts per 2^16 of a full rating.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct Rated {
    good: u64,
    bad: u64,
}

impl Rated {
    fn weight(self) -> u64 {
        self.good.saturating_sub(self.bad) * ONE / (self.good + self.bad + 2 * ASSUMED)
    }
}

/// Ratings as a reader with these roots hears them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Ratings {
    roots: BTreeSet<NodeId>,
    /// The newest rating by who gave it and whom it is of, with its number.
    pairs: BTreeMap<(NodeId, NodeId), (i8, u64)>,
    /// Ratings that ever came, and those since the last settlement.
    came: u64,
    waiting: usize,
    /// As of the last settlement: of whom something of weight was said.
    rated: BTreeMap<NodeId, Rated>,
}

impl Ratings {
    /// Nobody's word weighs anything but that of `roots`, which weighs all.
    pub fn new(roots: impl IntoIterator<Item = NodeId>) -> Self {
        Self { roots: roots.into_iter().collect(), ..Self::default() }
    }

    /// Takes in a rating, cut to -10 to 10, in place of what its author said of that node before. It counts from
    /// the next settlement on, which this may bring. A node does not rate itself: nothing happens then.
    pub fn rate(&mut self, from: NodeId, to: NodeId, rating: i8) {
        if from == to {
            return;
        }
        self.came += 1;
        self.pairs.insert((from, to), (rating.clamp(-MAX_RATING, MAX_RATING), self.came));
        self.waiting += 1;
        if self.waiting >= FIRST.max(self.pairs.len() / 4) {
            self.settle();
        }
    }

    /// Reckons all standings anew.
    // spec: TRUST-009 b609
    pub fn settle(&mut self) {
        self.waiting = 0;
        let mut names: Vec<NodeId> = self.pairs.keys().flat_map(|(from, to)| [*from, *to]).collect();
        names.sort_unstable();
        names.dedup();
        let place = |id: &NodeId| names.binary_search(id).unwrap_or_default();
        let words: Vec<(usize, usize, i8)> =
            self.pairs.iter().map(|((from, to), (rating, _))| (place(from), place(to), *rating)).collect();
        let root: Vec<bool> = names.iter().map(|id| self.roots.contains(id)).collect();
        // spec: TRUST-007 4636
        let weigh = |rated: &[Rated]| -> Vec<u64> {
            rated.iter().zip(&root).map(|(rated, root)| if *root { ONE } else { rated.weight() }).collect()
        };
        let mut rated = vec![Rated::default(); names.len()];
        // The highest weight that any step took: a word without any changed nothing, anywhere.
        let mut most = vec![0; names.len()];
        for _ in 0..STEPS {
            let weights = weigh(&rated);
            rated.fill(Rated::default());
            most.iter_mut().zip(&weights).for_each(|(most, weight)| *most = (*most).max(*weight));
            for &(from, to, rating) in &words {
                let share = weights[from] * u64::from(rating.unsigned_abs()) / MAX_RATING as u64;
                let side = if rating < 0 { &mut rated[to].bad } else { &mut rated[to].good };
                *side += share;
            }
        }
        self.forget(&most, place);
        let some = names.iter().zip(&rated).filter(|(_, r)| r.good + r.bad > 0);
        self.rated = some.map(|(id, r)| (*id, *r)).collect();
    }

    /// Keeps the newest [`MAX_OF_ONE`] ratings of each node, and of these [`MAX_PAIRS`]: those of nodes of more
    /// weight, then the newest.
    fn forget(&mut self, weights: &[u64], place: impl Fn(&NodeId) -> usize) {
        if self.pairs.len() <= MAX_OF_ONE {
            return;
        }
        let mut order: Vec<(usize, u64, NodeId, NodeId)> =
            self.pairs.iter().map(|(&(from, to), &(_, number))| (place(&from), number, from, to)).collect();
        order.sort_unstable_by_key(|o| (o.0, core::cmp::Reverse(o.1)));
        let mut gone = Vec::new();
        let mut kept = Vec::with_capacity(order.len());
        for of_one in order.chunk_by(|a, b| a.0 == b.0) {
            let (new, old) = of_one.split_at(of_one.len().min(MAX_OF_ONE));
            kept.extend_from_slice(new);
            gone.extend_from_slice(old);
        }
        if kept.len() > MAX_PAIRS {
            kept.sort_unstable_by_key(|o| core::cmp::Reverse((weights[o.0], o.1)));
            gone.extend(kept.drain(MAX_PAIRS..));
        }
        for (_, _, from, to) in gone {
            self.pairs.remove(&(from, to));
        }
    }

    /// What a node's word weighs in parts per 2^16, as of the last settlement: a root's all, a stranger's nothing.
    pub fn weight(&self, node: &NodeId) -> u32 {
        if self.roots.contains(node) { ONE as u32 } else { self.rated.get(node).map_or(0, |r| r.weight() as u32) }
    }

    /// Standing in parts per 2^16 as of the last settlement: above a half, more good than bad was heard.
    pub fn standing(&self, node: &NodeId) -> u16 {
        let r = self.rated.get(node).copied().unwrap_or_default();
        (((r.good + ASSUMED) * ONE) / (r.good + r.bad + 2 * ASSUMED)).min(65_535) as u16
    }
}
