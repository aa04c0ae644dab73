//! Standing from what others rate (spec 09, "Ratings"): relative to the reader's roots, in one pass.

use alloc::collections::BTreeMap;

use crate::NodeId;

/// One, in parts per 2^16.
const ONE: u64 = 1 << 16;
/// Weight of ratings that are assumed on each side before any came.
const ASSUMED: u64 = ONE / 4;
/// Neither side of what is kept grows beyond this.
const MOST: u64 = 1 << 40;
/// Full marks.
pub const MAX_RATING: i8 = 10;
/// Nodes that are kept; at the cap the one with the least evidence gives way, roots never.
const MAX_NODES: usize = 65_536;

/// What raters of standing said of a node, in parts per 2^16 of a full rating.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct Rated {
    good: u64,
    bad: u64,
    root: bool,
}

/// Ratings as a reader with these roots hears them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Ratings {
    nodes: BTreeMap<NodeId, Rated>,
}

impl Ratings {
    /// Nobody has standing but `roots`.
    pub fn new(roots: impl IntoIterator<Item = NodeId>) -> Self {
        Self { nodes: roots.into_iter().map(|id| (id, Rated { root: true, ..Rated::default() })).collect() }
    }

    /// Takes in a rating, cut to -10 to 10; it weighs what its author weighs now. Nothing if that is zero, and
    /// a node does not rate itself.
    pub fn rate(&mut self, from: NodeId, to: NodeId, rating: i8) {
        // spec: TRUST-007 4636
        let weight = self.weight(&from);
        if weight == 0 || from == to {
            return;
        }
        if self.nodes.len() >= MAX_NODES && !self.nodes.contains_key(&to) {
            let least = self.nodes.iter().filter(|n| !n.1.root).min_by_key(|n| n.1.good + n.1.bad).map(|n| *n.0);
            least.and_then(|id| self.nodes.remove(&id));
        }
        let share = weight * u64::from(rating.unsigned_abs().min(MAX_RATING as u8)) / MAX_RATING as u64;
        let rated = self.nodes.entry(to).or_default();
        let side = if rating < 0 { &mut rated.bad } else { &mut rated.good };
        *side = (*side + share).min(MOST);
    }

    /// Standing in parts per 2^16: above a half, more good than bad was heard.
    pub fn standing(&self, node: &NodeId) -> u16 {
        let Some(r) = self.nodes.get(node) else { return 1 << 15 };
        (((r.good + ASSUMED) * ONE) / (r.good + r.bad + 2 * ASSUMED)).min(65_535) as u16
    }

    /// What a node's word weighs, in parts per 2^16: a root's all, a newcomer's nothing.
    fn weight(&self, node: &NodeId) -> u64 {
        match self.nodes.get(node) {
            Some(r) if r.root => ONE,
            Some(r) => r.good.saturating_sub(r.bad) * ONE / (r.good + r.bad + 2 * ASSUMED),
            None => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(n: u8) -> NodeId {
        NodeId([n; 32])
    }

    // spec: TRUST-007 4636
    #[test]
    fn newcomers_change_nothing_whatever_they_say() {
        let mut ratings = Ratings::new([node(0)]);
        ratings.rate(node(0), node(1), 8);
        ratings.rate(node(1), node(2), -10);
        let before = ratings.clone();
        for n in 100..200 {
            ratings.rate(node(n), node(2), 10);
            ratings.rate(node(n), node(n - 1), 10);
        }
        assert_eq!(ratings, before);
        assert!(ratings.standing(&node(2)) < 1 << 15 && ratings.standing(&node(1)) > 1 << 15);
        assert_eq!(ratings.standing(&node(150)), 1 << 15);
    }

    #[test]
    fn who_is_rated_down_loses_its_word() {
        let mut ratings = Ratings::new([node(0)]);
        ratings.rate(node(0), node(1), 5);
        ratings.rate(node(0), node(1), -6);
        ratings.rate(node(1), node(2), 10);
        assert_eq!(ratings.standing(&node(2)), 1 << 15);
    }

    #[test]
    fn nobody_praises_itself() {
        let mut ratings = Ratings::new([node(0)]);
        ratings.rate(node(0), node(1), 1);
        let before = ratings.clone();
        ratings.rate(node(1), node(1), 10);
        assert_eq!(ratings, before);
    }
}
