//! What became of the intents of a run, and the figures that follow: one rule for MindOS and every baseline.

use std::collections::BTreeSet;

use crate::{
    service::LIFETIME_US,
    stats::{percent, percentile},
};

/// The time in which work is expected back after a cut, in µs.
pub const WITHIN_US: u64 = 60_000_000;

/// What became of one intent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The mind that submitted it.
    pub origin: u32,
    /// When, in µs from the start of the run.
    pub submitted_us: u64,
    /// When its result was back at the origin, in µs from the start of the run; `None` if never.
    pub completed_us: Option<u64>,
    /// Whether it was handed out again after the loss of its worker.
    pub redispatched: bool,
}

impl Outcome {
    /// Time from submission to result in µs; `None` if there was no result within the intent's lifetime.
    pub fn latency_us(&self) -> Option<u64> {
        let latency = self.completed_us?.saturating_sub(self.submitted_us);
        (latency <= LIFETIME_US).then_some(latency)
    }

    /// Whether it was under way at a moment.
    pub fn in_flight_at(&self, at_us: u64) -> bool {
        self.submitted_us <= at_us && self.completed_us.is_none_or(|done| done > at_us)
    }
}

/// Figures over the intents of surviving origins.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Summary {
    /// Intents submitted.
    pub submitted: u64,
    /// Intents whose result came back within their lifetime.
    pub completed: u64,
    /// Intents without a result, expiry included.
    pub lost: u64,
    /// Median latency in µs; a lost intent counts with its whole lifetime. `None` without intents.
    pub p50_us: Option<u64>,
    /// 99th percentile of the latency in µs, likewise.
    pub p99_us: Option<u64>,
    /// Share in percent that was back 60 s after submission, over the intents in flight at the cut or submitted in
    /// the 60 s after it; `None` without a cut or without such intents.
    pub within_60s_pct: Option<f64>,
    /// Intents in flight at the cut; 0 without a cut.
    pub in_flight_at_cut: u64,
    /// Intents handed out again.
    pub redispatched: u64,
    /// Median latency of those in µs; `None` if there are none.
    pub redispatched_p50_us: Option<u64>,
    /// Longest latency of those in µs.
    pub redispatched_max_us: Option<u64>,
    /// Every latency in rising order, in µs; a lost intent counts with its whole lifetime.
    pub latencies_us: Vec<u64>,
}

/// The figures over the intents whose origin is not among the `dead`, with the cut at `cut_us` if there was one.
pub fn summarise(outcomes: &[Outcome], dead: &BTreeSet<u32>, cut_us: Option<u64>) -> Summary {
    let counted: Vec<&Outcome> = outcomes.iter().filter(|outcome| !dead.contains(&outcome.origin)).collect();
    let sorted = |filter: &dyn Fn(&Outcome) -> bool| {
        let kept = counted.iter().filter(|outcome| filter(outcome));
        let mut latencies: Vec<u64> = kept.map(|outcome| outcome.latency_us().unwrap_or(LIFETIME_US)).collect();
        latencies.sort_unstable();
        latencies
    };
    let latencies_us = sorted(&|_| true);
    let redispatched = sorted(&|outcome| outcome.redispatched);
    let completed = counted.iter().filter(|outcome| outcome.latency_us().is_some()).count() as u64;
    let around_cut = cut_us.map_or_else(Vec::new, |cut| {
        sorted(&|outcome| outcome.in_flight_at(cut) || (cut..=cut + WITHIN_US).contains(&outcome.submitted_us))
    });
    let in_time = around_cut.partition_point(|&latency| latency <= WITHIN_US) as u64;
    let in_flight = cut_us.map_or(0, |cut| counted.iter().filter(|outcome| outcome.in_flight_at(cut)).count());
    Summary {
        submitted: counted.len() as u64,
        completed,
        lost: counted.len() as u64 - completed,
        p50_us: percentile(&latencies_us, 500),
        p99_us: percentile(&latencies_us, 990),
        within_60s_pct: percent(in_time, around_cut.len() as u64),
        in_flight_at_cut: in_flight as u64,
        redispatched: redispatched.len() as u64,
        redispatched_p50_us: percentile(&redispatched, 500),
        redispatched_max_us: redispatched.last().copied(),
        latencies_us,
    }
}

#[cfg(test)]
mod tests;
