//! The figures of a flood, as `mindos sim flood --json` prints them. Field names and their order are a contract.

use serde::Serialize;

use super::scenario::Attack;

/// Every figure of a flood.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct FloodResult {
    /// Name of the scenario.
    pub scenario: String,
    /// Seed of all runs.
    pub seed: u64,
    /// Forged packets a second.
    pub rate: u32,
    /// Length of each flood in s.
    pub seconds: u32,
    /// Nodes with a session.
    pub peers: u32,
    /// The runs, in the scenario's order.
    pub runs: Vec<FloodRun>,
    /// Hash over everything that happened in all runs, in hexadecimal.
    pub trace_hash: String,
    /// Wall time of the whole command in seconds.
    pub wall_s: f64,
}

/// One attack. Counts are of the flood's time, shares in percent; null where there is nothing to take a share of.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FloodRun {
    /// Who attacked.
    pub attack: Attack,
    /// Share of the time in which the flooded machine computed.
    pub cpu_pct: f64,
    /// Probes of the peers, answered within a second.
    pub pings: Served,
    /// Work of the peers, done and answered within two seconds.
    pub intents: Served,
    /// Datagrams of the peers that reached the machine.
    pub session_datagrams: u64,
    /// Those of them that its full socket lost.
    pub session_datagrams_lost: u64,
    /// Peers whose session ended, or had to be made again.
    pub sessions_lost: u32,
    /// Nodes that came in the first four fifths of the flood, and got a session before its end.
    pub newcomers: Served,
    /// Forged packets that reached the machine.
    pub forged: u64,
    /// Those of them that its full socket lost.
    pub forged_lost: u64,
    /// Bytes of forged packets that it took, from addresses that proved nothing.
    pub unproven_bytes_in: u64,
    /// Bytes that it sent there.
    pub unproven_bytes_out: u64,
    /// Most bytes sent for one received, of all forged packets.
    pub amplification_worst: f64,
    /// Most unfinished handshakes that others began, at one time.
    pub half_open_peak: u64,
    /// Most sessions at one time.
    pub sessions_peak: u64,
    /// Bytes that these and the waiting datagrams take at most, from sizes in the scenario.
    pub state_bytes_peak: u64,
    /// Hash over everything that happened, in hexadecimal.
    pub trace_hash: String,
    /// Every tenth of a second of the flood and the second before it; for the report.
    #[serde(skip)]
    pub samples: Vec<Sample>,
}

/// Something asked of a node, and how it went.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Served {
    /// How often.
    pub asked: u64,
    /// How often it was answered.
    pub answered: u64,
    /// Share answered.
    pub served_pct: Option<f64>,
    /// Median time to the answer in ms.
    pub p50_ms: Option<f64>,
    /// 99th percentile.
    pub p99_ms: Option<f64>,
}

/// What a tenth of a second was like.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sample {
    /// Its end, in ms from the beginning of the flood; negative before.
    pub at_ms: i64,
    /// Share of it in which the machine computed, 0 to 1.
    pub busy: f64,
    /// Probes of peers in it.
    pub pings: u32,
    /// Those of them that were answered, whenever.
    pub answered: u32,
    /// Unfinished handshakes at its end.
    pub half_open: u32,
    /// Peers with a session at its end.
    pub sessions: u32,
}

impl FloodRun {
    /// Bytes sent to addresses that proved nothing, for each received from them; 0 if none was.
    pub fn amplification(&self) -> f64 {
        if self.unproven_bytes_in == 0 { 0.0 } else { self.unproven_bytes_out as f64 / self.unproven_bytes_in as f64 }
    }
}
