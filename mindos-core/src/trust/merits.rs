//! Merits that this reader believes (spec 09, section 8): what reports earned lifts a stranger's start.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use crate::{Duration, Instant, NodeId};

/// A merit that was believed so long ago is forgotten.
const LASTS: Duration = Duration::from_secs(3_600);
/// Domains; at the cap the one that was believed first gives way.
const MAX_DOMAINS: usize = 256;

/// What nodes earned, by domain.
#[derive(Debug, Default)]
pub(super) struct Merits(BTreeMap<u32, (Instant, BTreeMap<NodeId, u32>)>);

impl Merits {
    /// What a majority of a domain's holders stated takes the place of what they stated before.
    pub(super) fn believe(&mut self, now: Instant, domain: u32, earned: Vec<(NodeId, u32)>) {
        if self.0.len() >= MAX_DOMAINS && !self.0.contains_key(&domain) {
            let oldest = self.0.iter().min_by_key(|(d, m)| (m.0, **d)).map(|(d, _)| *d);
            oldest.and_then(|d| self.0.remove(&d));
        }
        self.0.insert(domain, (now, earned.into_iter().collect()));
    }

    /// What some nodes earned together, in parts of 2^16 of a score.
    pub(super) fn of(&self, now: Instant, nodes: impl Iterator<Item = NodeId>, domain: u32) -> u64 {
        let current = self.0.get(&domain).filter(|m| now.since(m.0) < LASTS);
        current.map_or(0, |(_, earned)| nodes.filter_map(|n| earned.get(&n)).map(|e| u64::from(*e)).sum())
    }
}
