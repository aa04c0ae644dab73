//! The same work without MindOS, as a yardstick.
//!
//! Every policy schedules the same requests on the same minds over the same distances, with the same blackout and
//! return. A mind serves first come, first served, and skips a request that has expired before its turn. Packets take
//! half of the measured round trip each way, without jitter or loss, which favours the baselines; context takes no
//! transfer time. Work of a dead origin runs on as load and is left out of every figure.

mod omniscient;
mod realisable;

use std::collections::BTreeSet;

use crate::{geography::Geography, outcome::Outcome, service::Workload};

/// A city that goes dark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blackout {
    /// When it goes dark, in µs from the start of the run.
    pub at_us: u64,
    /// When it returns, in µs from the start of the run; `None` if never.
    pub return_us: Option<u64>,
    /// Its minds.
    pub dead: BTreeSet<u32>,
}

impl Blackout {
    /// Whether a mind is without power at a moment.
    pub fn is_dark(&self, node: u32, at_us: u64) -> bool {
        at_us >= self.at_us && self.return_us.is_none_or(|back| at_us < back) && self.dead.contains(&node)
    }
}

/// What a policy that could be built knows, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conditions {
    /// Time between two adverts of a mind, each mind with a phase of its own, in µs.
    pub advert_period_us: u64,
    /// Time from the cut until every origin knows the dead and hands their work out again, in µs.
    pub detect_us: u64,
}

/// How a mind is chosen for a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Policy {
    /// The mind that will finish first, by exact knowledge of every queue at every moment; deaths are known at the
    /// cut. Greedy, so no optimum, and impossible to build.
    Omniscient,
    /// Any mind believed alive.
    Random,
    /// Of two random minds, the one whose last advert promises the earlier finish.
    PowerOfTwo,
    /// Of all minds, the one with the shortest queue in its last advert; one of them by seed if there are several.
    StaleLeastLoaded,
    /// Of all minds, the one whose last advert promises the earliest finish. Everyone runs after the same mind.
    StaleEarliestFinish,
}

impl Policy {
    /// Those that could be built.
    pub const REALISABLE: [Self; 4] =
        [Self::Random, Self::PowerOfTwo, Self::StaleLeastLoaded, Self::StaleEarliestFinish];

    /// Name in results.
    pub fn name(self) -> &'static str {
        match self {
            Self::Omniscient => "omniscient",
            Self::Random => "random",
            Self::PowerOfTwo => "power_of_two",
            Self::StaleLeastLoaded => "stale_least_loaded",
            Self::StaleEarliestFinish => "stale_earliest_finish",
        }
    }
}

/// What becomes of every request under a policy. Requests of dark origins are not submitted and not in the result;
/// otherwise outcomes stand in order of submission.
pub fn run(
    policy: Policy,
    workload: &Workload,
    geography: &Geography,
    blackout: Option<&Blackout>,
    conditions: Conditions,
    seed: u64,
) -> Vec<Outcome> {
    let field = Field { workload, geography, blackout };
    match policy {
        Policy::Omniscient => omniscient::run(field),
        _ => realisable::run(field, policy, conditions, seed),
    }
}

/// What every policy works on.
#[derive(Clone, Copy)]
struct Field<'a> {
    workload: &'a Workload,
    geography: &'a Geography,
    blackout: Option<&'a Blackout>,
}

impl Field<'_> {
    fn nodes(&self) -> u32 {
        self.geography.nodes().min(self.workload.speeds_q16.len() as u32)
    }

    fn is_dark(&self, node: u32, at_us: u64) -> bool {
        self.blackout.is_some_and(|blackout| blackout.is_dark(node, at_us))
    }

    fn one_way_us(&self, from: u32, to: u32) -> u64 {
        u64::from(self.geography.one_way_us(from, to))
    }

    fn run_us(&self, task: usize, node: u32) -> u64 {
        self.workload.tasks[task].run_us(self.workload.speeds_q16[node as usize])
    }

    fn origin(&self, task: usize) -> u32 {
        self.workload.tasks[task].origin
    }

    /// Outcomes of all requests that were submitted, none of them completed yet.
    fn open(&self) -> Vec<Option<Outcome>> {
        let open = |task: &crate::service::Task| {
            (!self.is_dark(task.origin, task.at_us)).then_some(Outcome {
                origin: task.origin,
                submitted_us: task.at_us,
                completed_us: None,
                redispatched: false,
            })
        };
        self.workload.tasks.iter().map(open).collect()
    }
}

#[cfg(test)]
mod tests;
