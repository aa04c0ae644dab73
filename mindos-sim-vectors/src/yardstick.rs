//! Every policy on the work of a run, next to MindOS.

use crate::{
    baselines::{Conditions, Policy, run},
    outcome::{Summary, summarise},
    result::{Baseline, RunResult},
    setup::Setup,
    stats::ratio,
};

/// Name of MindOS among the policies.
pub const OURS: &str = "mindos";

/// The figures of one policy.
#[derive(Clone, Debug, PartialEq)]
pub struct PolicyFigures {
    /// Its name as in the JSON result.
    pub name: String,
    /// Its figures.
    pub summary: Summary,
}

/// Runs every baseline on a setup, completes `result` with what compares to them (`fill_outcomes` of `ours`, the
/// omniscient's share within 60 s, every ratio) and gives the figures of all, MindOS first, the omniscient second.
pub fn compare(setup: &Setup, conditions: Conditions, ours: Summary, result: &mut RunResult) -> Vec<PolicyFigures> {
    let blackout = setup.blackout();
    let dead = blackout.as_ref().map(|blackout| blackout.dead.clone()).unwrap_or_default();
    let cut_us = blackout.as_ref().map(|blackout| blackout.at_us);
    let figures = |policy: Policy| {
        let (work, map) = (&setup.workload, &setup.geography);
        let outcomes = run(policy, work, map, blackout.as_ref(), conditions, setup.scenario.seed);
        PolicyFigures { name: policy.name().to_owned(), summary: summarise(&outcomes, &dead, cut_us) }
    };
    let omniscient = figures(Policy::Omniscient);
    let versus = |summary: &Summary| ratio(summary.p99_us?, omniscient.summary.p99_us?);

    result.fill_outcomes(&ours);
    result.intents.omniscient_within_60s_pct = omniscient.summary.within_60s_pct;
    result.p99_vs_omniscient = versus(&ours);
    let realisable: Vec<PolicyFigures> = Policy::REALISABLE.into_iter().map(figures).collect();
    for policy in &realisable {
        let baseline = Baseline { p99_vs_omniscient: versus(&policy.summary) };
        result.baselines.insert(policy.name.clone(), baseline);
    }
    let mut all = vec![PolicyFigures { name: OURS.to_owned(), summary: ours }, omniscient];
    all.extend(realisable);
    all
}

#[cfg(test)]
mod tests;
