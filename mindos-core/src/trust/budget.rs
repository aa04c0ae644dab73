//! What one peer may be given: hostile requests cost bounded work.

use alloc::collections::BTreeMap;

use crate::{Duration, Instant, NodeId};

/// Peers remembered; the one whose period began first gives way.
const MAX_PEERS: usize = 256;

/// Bytes of answers for each peer in each period.
#[derive(Debug)]
pub(super) struct Budget {
    period: Duration,
    bytes: usize,
    /// When a peer's period began, and what it was given since.
    given: BTreeMap<NodeId, (Instant, usize)>,
}

impl Budget {
    pub(super) const fn new(period: Duration, bytes: usize) -> Self {
        Self { period, bytes, given: BTreeMap::new() }
    }

    /// Whether a peer may have so many bytes more. They are counted if so.
    pub(super) fn allows(&mut self, now: Instant, peer: &NodeId, bytes: usize) -> bool {
        if self.given.len() >= MAX_PEERS && !self.given.contains_key(peer) {
            let first = self.given.iter().min_by_key(|g| g.1.0).map(|g| *g.0);
            first.and_then(|n| self.given.remove(&n));
        }
        let given = self.given.entry(*peer).or_insert((now, 0));
        if now.since(given.0) >= self.period {
            *given = (now, 0);
        }
        let fits = given.1 + bytes <= self.bytes;
        given.1 += if fits { bytes } else { 0 };
        fits
    }
}
