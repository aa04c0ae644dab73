//! What came of a world of liars, as `mindos sim liars --json` prints it. Field names and their order are a contract.

use serde::Serialize;

use crate::world::Kind;

/// The three runs, and what the last of them showed.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct LiarsResult {
    /// Name of the scenario.
    pub scenario: String,
    /// Seed of the run.
    pub seed: u64,
    /// Minds in all.
    pub nodes: u32,
    /// Minds that lie.
    pub liars: u32,
    /// Run by run: on what choices rested.
    pub runs: Vec<Run>,
    /// (Honest observer, honest subject) that was quarantined, in percent of all such pairs; of the run on everything,
    /// as all that follows.
    pub false_quarantine_pct: f64,
    /// The pairs.
    pub false_quarantines: u64,
    /// Liars, by key, whose wrong result an honest host found.
    pub provable: u32,
    /// Of these, whom every honest mind kept out.
    pub convicted: u32,
    /// Of these, whom at least one honest mind did not keep out by the end: no time counts them.
    pub missed: u32,
    /// Seconds from the first wrong result that an honest host found until every honest mind kept its author out, of
    /// the convicted.
    pub conviction_s: Spread,
    /// Seconds of that from the second such result, of another host, which is the one that convicts.
    pub spread_s: Spread,
    /// Results of its own intents that an honest mind checked, on average.
    pub own_checks_per_mind: f64,
    /// Evidence of others that it checked, on average.
    pub evidence_checks_per_mind: f64,
    /// Bytes of advice and evidence that a mind queued for others, on average.
    pub trust_bytes_per_node: f64,
    /// The same per second.
    pub trust_bytes_per_node_s: f64,
    /// Share of honest minds that keep a liar out, in percent, by time since its first wrong result was found; the
    /// median over convicted liars.
    pub news: Vec<News>,
    /// Wall time of the whole command in seconds.
    pub wall_s: f64,
}

/// Median and maximum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Spread {
    /// Median.
    pub p50: Option<f64>,
    /// Maximum.
    pub max: Option<f64>,
}

/// One run.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Run {
    /// What choices rested on: `nothing`, `own` or `everything`.
    pub reliance: String,
    /// Intents of honest minds.
    pub submitted: u64,
    /// With a result within their lifetime.
    pub completed: u64,
    /// With a right one.
    pub right: u64,
    /// These in percent of the submitted.
    pub right_pct: f64,
    /// The same in the last third of the run.
    pub right_last_third_pct: f64,
    /// By kind of mind.
    pub kinds: Vec<KindFigures>,
    /// Every ten seconds.
    pub samples: Vec<Sample>,
    /// Hash over everything that happened, in hexadecimal.
    pub trace_hash: String,
}

/// What one kind of mind got.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct KindFigures {
    /// The kind.
    pub kind: Kind,
    /// Minds of it.
    pub minds: u32,
    /// Leases that each got, on average.
    pub leases: f64,
    /// Milli-credits that each earned by whole receipts, on average.
    pub earned: f64,
}

/// Ten seconds of a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Sample {
    /// From the start of the run, in s.
    pub at_s: u32,
    /// Intents of honest minds that ended.
    pub ended: u32,
    /// Of them with a right result.
    pub right: u32,
    /// Leases that minds of each kind got, in the order of `kinds`.
    pub leases: Vec<u32>,
}

/// How far the news of a liar had come.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct News {
    /// Since its first wrong result was found, in s.
    pub after_s: f64,
    /// Honest minds that keep it out, in percent.
    pub known_pct: f64,
}

impl LiarsResult {
    /// The run on that.
    pub fn run(&self, reliance: &str) -> Option<&Run> {
        self.runs.iter().find(|r| r.reliance == reliance)
    }
}

impl Run {
    /// What a kind got.
    pub fn of(&self, kind: Kind) -> Option<&KindFigures> {
        self.kinds.iter().find(|k| k.kind == kind)
    }
}
