//! Many sets, attacks, shares of liars and seeds.

use std::{collections::BTreeMap, ops::RangeInclusive};

use mindos_core::trust::truth::Refused;

use super::{Attack, Form, Plan, Seconds, Set, Trial, trial};

/// Shares of liars.
pub(super) const FRACTIONS: [f64; 5] = [0.1, 0.2, 0.3, 0.4, 0.49];
/// Per cent of anchors in the second half of a sweep, and with sleepers, whom nothing else shows.
const ANCHORS: f64 = 2.0;
const ANCHORS_SLEEPER: f64 = 5.0;
/// So far below the oracle a run has collapsed.
const COLLAPSE: f64 = 0.2;
/// In `methods`, what the engine believes in one pass.
pub(crate) const ENGINE: &str = "mindos";

/// What is asked for.
#[derive(Clone, Debug)]
pub struct SweepPlan {
    /// The sets.
    pub sets: Vec<Set>,
    /// One run of everything for each.
    pub seeds: RangeInclusive<u64>,
    /// Least number of anchors where there are any.
    pub min_anchors: usize,
}

/// Means over the runs of one attack, share of liars and amount of anchors.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
pub struct Point {
    /// How liars lied.
    pub attack: Option<Attack>,
    /// Share of liars.
    pub fraction: f64,
    /// Per cent of anchors.
    pub anchors: f64,
    /// Number of runs.
    pub runs: usize,
    /// Runs in which the engine was more than 20 points below the oracle.
    pub collapses: usize,
    /// Mean accuracy of the engine's labels at each question's close.
    pub frozen_accuracy: f64,
    /// Means by method.
    pub methods: BTreeMap<&'static str, Means>,
    /// Mean accuracy by set and method.
    pub sets: BTreeMap<String, BTreeMap<&'static str, f64>>,
}

/// Means over runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Serialize)]
pub struct Means {
    /// Share of right labels.
    pub accuracy: f64,
    /// As in [`super::Score`].
    pub log_loss: f64,
    /// As in [`super::Score`].
    pub brier: f64,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Sweep {
    /// Names of the sets.
    pub sets: Vec<String>,
    /// First and last seed.
    pub seeds: (u64, u64),
    /// Without anchors, then with; clean, then attack by attack with rising share of liars.
    pub points: Vec<Point>,
    /// BLAKE3 of the digests of all runs.
    pub digest: String,
}

/// Does it; `progress` hears how many of how many runs are done.
///
/// # Errors
/// As [`trial`].
pub fn sweep(plan: &SweepPlan, seconds: Seconds<'_>, progress: &mut dyn FnMut(usize, usize)) -> Result<Sweep, Refused> {
    let (first, last) = (*plan.seeds.start(), *plan.seeds.end());
    let cases = cases();
    let all = cases.len() * plan.sets.len() * plan.seeds.clone().count();
    let mut done = 0;
    let mut hasher = blake3::Hasher::new();
    let mut points = Vec::with_capacity(cases.len());
    for (attack, fraction, anchors) in cases {
        let mut runs = Vec::new();
        for set in &plan.sets {
            for seed in plan.seeds.clone() {
                let min_anchors = if anchors > 0.0 { plan.min_anchors } else { 0 };
                let case = Plan { attack, fraction, anchors, min_anchors, seed };
                let run = trial(set, &case, Form::Online, seconds, &mut |_| {})?;
                hasher.update(run.digest.as_bytes());
                runs.push(run);
                done += 1;
                progress(done, all);
            }
        }
        points.push(point(&runs, attack, fraction, anchors));
    }
    Ok(Sweep {
        sets: plan.sets.iter().map(|set| set.name.clone()).collect(),
        seeds: (first, last),
        points,
        digest: hasher.finalize().to_hex().to_string(),
    })
}

/// Attack, share of liars and per cent of anchors, in the order of [`Sweep::points`].
fn cases() -> Vec<(Option<Attack>, f64, f64)> {
    let mut cases = Vec::new();
    for anchored in [false, true] {
        let with = |per_cent: f64| if anchored { per_cent } else { 0.0 };
        cases.push((None, 0.0, with(ANCHORS)));
        for attack in Attack::ALL {
            let anchors = with(if attack == Attack::Sleeper { ANCHORS_SLEEPER } else { ANCHORS });
            cases.extend(FRACTIONS.map(|fraction| (Some(attack), fraction, anchors)));
        }
    }
    cases
}

/// The means. Runs without a question that counts are left out.
fn point(runs: &[Trial], attack: Option<Attack>, fraction: f64, anchors: f64) -> Point {
    let mut point = Point { attack, fraction, anchors, ..Point::default() };
    let mut by_set: BTreeMap<(&str, &'static str), (f64, f64)> = BTreeMap::new();
    for run in runs {
        let (Some(accuracy), Some(log_loss), Some(brier)) = (run.accuracy, run.log_loss, run.brier) else { continue };
        point.runs += 1;
        point.frozen_accuracy += run.frozen_accuracy.unwrap_or_default();
        let oracle = run.baselines.get("oracle").and_then(|score| score.accuracy).unwrap_or_default();
        point.collapses += usize::from(accuracy < oracle - COLLAPSE);
        let own = (ENGINE, Means { accuracy, log_loss, brier });
        let others = run.baselines.iter().filter_map(|(name, score)| {
            let means = Means { accuracy: score.accuracy?, log_loss: score.log_loss?, brier: score.brier? };
            Some((*name, means))
        });
        for (name, means) in others.chain([own]) {
            let sum = point.methods.entry(name).or_default();
            sum.accuracy += means.accuracy;
            sum.log_loss += means.log_loss;
            sum.brier += means.brier;
            let of_set = by_set.entry((&run.set, name)).or_default();
            *of_set = (of_set.0 + means.accuracy, of_set.1 + 1.0);
        }
    }
    let n = point.runs.max(1) as f64;
    point.frozen_accuracy /= n;
    for sum in point.methods.values_mut() {
        *sum = Means { accuracy: sum.accuracy / n, log_loss: sum.log_loss / n, brier: sum.brier / n };
    }
    for ((set, name), (sum, runs)) in by_set {
        point.sets.entry(set.to_owned()).or_default().insert(name, sum / runs);
    }
    point
}

#[cfg(test)]
mod tests;
