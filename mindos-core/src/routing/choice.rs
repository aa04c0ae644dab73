//! The choice among quotes: a pure function of what is stored with it, so that it replays bit for bit.

use alloc::vec::Vec;

use crate::{Duration, Instant, IntentId, NodeId};

/// A partner that was considered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Who.
    pub node: NodeId,
    /// Age of its load advertisement.
    pub advert_age: Duration,
    /// Expected time to the result, by the advertisement and the measured round trip.
    pub expected: Duration,
    /// Standing in parts per 2^16.
    pub standing: u16,
    /// Learned ratio of took to promised in parts per 2^16.
    pub synapse: u32,
    /// What it was ranked by; lower is better.
    pub score: u64,
    /// Whether it was asked for a quote.
    pub probed: bool,
}

/// A quote that was weighed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quoted {
    /// Who.
    pub node: NodeId,
    /// Nonce of the quote.
    pub nonce: u64,
    /// Price in milli-credits.
    pub price: u64,
    /// Expected finish after `at`, as quoted.
    pub finish_in: Duration,
    /// When the quote arrived.
    pub at: Instant,
    /// Standing in parts per 2^16.
    pub standing: u16,
    /// Learned ratio of took to promised in parts per 2^16.
    pub synapse: u32,
    /// What it was ranked by; lower is better.
    pub score: u64,
}

/// Why an intent went where it went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// The intent.
    pub intent: IntentId,
    /// When it was decided.
    pub at: Instant,
    /// Everybody who was considered, best first.
    pub candidates: Vec<Candidate>,
    /// The quotes within the budget.
    pub quotes: Vec<Quoted>,
    /// The choice: [`choose`] of `quotes`.
    pub chosen: Option<NodeId>,
}

/// Expected time, stretched by the synapse and by lack of standing: a neutral standing counts once, a
/// standing of 0.25 twice, a full one half.
pub(super) fn score(expected: Duration, synapse: u32, standing: u16) -> u64 {
    let learned = (u128::from(expected.0) * u128::from(synapse)) >> 16;
    let weighed = learned * (1 << 15) / u128::from(standing.max(1));
    weighed.min(u128::from(u64::MAX)) as u64
}

/// The rule: the lowest score; of equals the lowest NodeId.
pub fn choose(quotes: &[Quoted]) -> Option<Quoted> {
    // spec: ROUTE-008 82b9
    quotes.iter().min_by_key(|q| (q.score, q.node)).copied()
}
