//! What one peer may be given: hostile requests cost bounded work.

use alloc::collections::BTreeMap;

use crate::{Duration, Instant, NodeId};

/// Peers remembered. While the periods of so many run, others get nothing: what one may have is a bound for each.
const MAX_PEERS: usize = 1_024;

/// Bytes of answers for each peer in each period.
#[derive(Debug)]
pub(super) struct Budget {
    period: Duration,
    bytes: usize,
    /// When a peer's period began, with its first request, and what it was given since.
    given: BTreeMap<NodeId, (Instant, usize)>,
}

impl Budget {
    pub(super) const fn new(period: Duration, bytes: usize) -> Self {
        Self { period, bytes, given: BTreeMap::new() }
    }

    /// Whether a peer that had less than its share may have so many bytes more. They are counted if so.
    pub(super) fn allows(&mut self, now: Instant, peer: &NodeId, bytes: usize) -> bool {
        if self.given.len() >= MAX_PEERS && !self.given.contains_key(peer) {
            self.given.retain(|_, (since, _)| now.since(*since) < self.period);
            if self.given.len() >= MAX_PEERS {
                return false;
            }
        }
        let given = self.given.entry(*peer).or_insert((now, 0));
        if now.since(given.0) >= self.period {
            *given = (now, 0);
        }
        let may = given.1 < self.bytes;
        given.1 += if may { bytes } else { 0 };
        may
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(n: usize) -> NodeId {
        let mut id = [0; 32];
        id[..8].copy_from_slice(&(n as u64).to_be_bytes());
        NodeId(id)
    }

    #[test]
    fn each_peer_has_its_share_in_each_period() {
        let mut budget = Budget::new(Duration::from_secs(1), 10);
        let mut may = |s: u64, n: usize| budget.allows(Instant(s * 1_000_000), &peer(n), 6);
        assert_eq!([may(0, 1), may(0, 1), may(0, 1)], [true, true, false]);
        assert!(may(0, 2));
        assert!(may(1, 1));
    }

    #[test]
    fn many_peers_give_nobody_a_second_share() {
        let mut budget = Budget::new(Duration::from_secs(1), 10);
        let mut may = |s: u64, n: usize| budget.allows(Instant(s * 1_000_000), &peer(n), 10);
        assert!((0..MAX_PEERS).all(|n| may(0, n)));
        assert!(!may(0, MAX_PEERS), "who comes after waits");
        assert!((0..MAX_PEERS).all(|n| !may(0, n)));
        assert!(may(1, MAX_PEERS), "for a period at most");
    }
}
