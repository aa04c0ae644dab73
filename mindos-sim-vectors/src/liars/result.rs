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
    /// (Honest observer, honest subject) of which the observer found a result wrong and gave no lease for a while, in
    /// percent of all such pairs.
    pub false_suspension_pct: f64,
    /// The pairs.
    pub false_suspensions: u64,
    /// Liars, by key, whose wrong result an honest host found and can show.
    pub provable: u32,
    /// Liars, by key, with none but wrong results that no evidence can show.
    pub unprovable: u32,
    /// Of the provable, to whom no honest mind would give a lease any more: each holds evidence of an honest accuser.
    /// If it is a load partner of the liar, it gives it no lease while its host does the work again, suspends it when
    /// that was wrong, or quarantines it; if it is none, it leases to it no earlier than after such a check.
    pub convicted: u32,
    /// Of these, whom at least one honest mind did not keep out by the end: no time counts them.
    pub missed: u32,
    /// Seconds from the first such result found until no honest mind would give its author a lease, of the convicted.
    pub conviction_s: Spread,
    /// Honest minds whose own host found it so by the end, in percent: load partners check. The mean over the
    /// convicted.
    pub confirmed_pct: f64,
    /// Of the provable, whom every honest mind quarantines.
    pub quarantined: u32,
    /// Seconds from the first such result found until every honest mind quarantines its author, of these.
    pub quarantine_s: Spread,
    /// Results of its own intents that an honest mind checked, on average.
    pub own_checks_per_mind: f64,
    /// Evidence of others that it checked, on average.
    pub evidence_checks_per_mind: f64,
    /// Time of honest minds that checks of their own results took, in percent of the time from the first request to
    /// the last; checks go beside work.
    pub own_check_load_pct: f64,
    /// The same of evidence.
    pub evidence_check_load_pct: f64,
    /// The same of work.
    pub work_load_pct: f64,
    /// Own results that honest hosts wanted to check and had no time for.
    pub own_checks_left: u64,
    /// Evidence that they could not check in time.
    pub evidence_checks_left: u64,
    /// Checks of evidence that was false, per honest mind, and the longest time in s that a worker got no lease of an
    /// honest mind for one.
    pub false_evidence_checks_per_mind: f64,
    /// See above.
    pub false_evidence_longest_s: f64,
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
    /// Leases of honest minds that each got, on average.
    pub leases: f64,
    /// Milli-credits that each earned by whole receipts of honest minds, on average.
    pub earned: f64,
    /// The same in the same world but that the minds of this kind are honest, if that was asked for; of the run on
    /// everything.
    pub earned_if_honest: Option<f64>,
    /// Standard deviation of `earned` over the runs in which another kind was honest, if there are two at least: how
    /// far chance moves it.
    pub earned_deviation: Option<f64>,
    /// Minds of it with a wrong result that an honest host found and can show, under any key.
    pub found: u32,
    /// Minds of it to which, at some moment, no honest mind would give a lease.
    pub kept_out: u32,
    /// Seconds from the first such result found until then, by key, median.
    pub kept_out_s: Option<f64>,
    /// Leases of honest minds that each got after it, on average.
    pub leases_after: f64,
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
