//! The figures of a run, as `mindos sim --json` prints them. Field names and their order are a contract.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::outcome::Summary;

/// Every figure of a run. Times in intervals are counted in probe intervals from the cut or the return. A figure that
/// a run cannot have (no city went dark, no intent was submitted) is null.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct RunResult {
    /// Name of the scenario.
    pub scenario: String,
    /// Seed of the run.
    pub seed: u64,
    /// Minds in all.
    pub nodes: u32,
    /// Minds that lost power.
    pub killed: u32,
    /// The others.
    pub survivors: u32,
    /// Length of a probe interval in ms.
    pub probe_interval_ms: u32,
    /// Longest round trip from the city's centre to a member, in ms.
    pub city_radius_ms: Option<f64>,
    /// Intervals until every survivor knew every dead mind; null if never.
    pub detect_all_intervals: Option<f64>,
    /// Pairs of (survivor, dead) still unknown 12 intervals after the cut.
    pub detection_holes: u64,
    /// (Observer, subject, incarnation) that went down while the subject ran and was reachable.
    pub false_downs: u64,
    /// Control bytes per mind and second, from the quiet control run.
    pub control_bytes_per_node_s: f64,
    /// All bytes per mind and second of the main run.
    pub bytes_per_node_s: f64,
    /// Intervals from the return until all view hashes agreed; null if never.
    pub heal_intervals: Option<f64>,
    /// What became of the intents of surviving origins.
    pub intents: Intents,
    /// Latency of those intents.
    pub latency_ms: Latency,
    /// Latency of those that were handed out again.
    pub redispatched_latency_ms: RedispatchedLatency,
    /// 99th percentile of the latency over the omniscient scheduler's.
    pub p99_vs_omniscient: Option<f64>,
    /// The realisable baselines by name.
    pub baselines: BTreeMap<String, Baseline>,
    /// Live probes per intent, re-dispatch included.
    pub probes_per_intent: Option<f64>,
    /// What became of the minds that lie.
    pub liars: Liars,
    /// Sessions that a mind holds.
    pub sessions_per_node: Sessions,
    /// Hash over everything that happened, in hexadecimal.
    pub trace_hash: String,
    /// Events that the simulator processed.
    pub events: u64,
    /// Wall time of the whole command in seconds.
    pub wall_s: f64,
    /// Largest resident memory in MiB; null where the system does not tell.
    pub peak_rss_mib: Option<f64>,
}

/// What became of the intents of surviving origins.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Intents {
    /// Submitted.
    pub submitted: u64,
    /// With a result within their lifetime.
    pub completed: u64,
    /// Without, expiry included.
    pub lost: u64,
    /// Results delivered twice to the host.
    pub duplicate_effects: u64,
    /// Share in percent back within 60 s, of those in flight at the cut or submitted in the 60 s after it.
    pub within_60s_pct: Option<f64>,
    /// The same of the omniscient scheduler.
    pub omniscient_within_60s_pct: Option<f64>,
    /// In flight at the cut.
    pub in_flight_at_cut: u64,
    /// Handed out again after the loss of their worker.
    pub redispatched: u64,
}

/// Percentiles of a latency in ms.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Latency {
    /// Median.
    pub p50: Option<f64>,
    /// 99th percentile.
    pub p99: Option<f64>,
}

/// Median and maximum of a latency in ms.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct RedispatchedLatency {
    /// Median.
    pub p50: Option<f64>,
    /// Maximum.
    pub max: Option<f64>,
}

/// A realisable baseline.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Baseline {
    /// 99th percentile of its latency over the omniscient scheduler's.
    pub p99_vs_omniscient: Option<f64>,
}

/// Minds that advertise more than they keep.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Liars {
    /// How many there are.
    pub nodes: u32,
    /// Leases that they got in the first third of the run.
    pub leases_first_third: u64,
    /// Leases that they got in the last third.
    pub leases_last_third: u64,
}

/// Sessions per mind.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Sessions {
    /// Median.
    pub p50: u32,
    /// Maximum.
    pub max: u32,
}

/// Microseconds in milliseconds.
pub fn ms(us: u64) -> f64 {
    us as f64 / 1_000.0
}

impl RunResult {
    /// Fills what follows from the outcomes: `intents` but for duplicates and the omniscient's share, and both
    /// latencies.
    pub fn fill_outcomes(&mut self, summary: &Summary) {
        self.intents.submitted = summary.submitted;
        self.intents.completed = summary.completed;
        self.intents.lost = summary.lost;
        self.intents.within_60s_pct = summary.within_60s_pct;
        self.intents.in_flight_at_cut = summary.in_flight_at_cut;
        self.intents.redispatched = summary.redispatched;
        self.latency_ms = Latency { p50: summary.p50_us.map(ms), p99: summary.p99_us.map(ms) };
        self.redispatched_latency_ms =
            RedispatchedLatency { p50: summary.redispatched_p50_us.map(ms), max: summary.redispatched_max_us.map(ms) };
    }
}

#[cfg(test)]
mod tests;
