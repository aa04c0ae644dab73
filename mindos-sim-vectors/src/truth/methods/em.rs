//! Estimation by expectation and maximisation.

use super::super::{Judged, Scene};

/// What is estimated of an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Model {
    /// How often it says what when what is true.
    Table,
    /// How often it is right.
    OneCoin,
}

/// Rounds; all sets have settled long before.
const ROUNDS: usize = 60;
/// Counts before any came, so that nothing is impossible.
const ASSUMED: f64 = 0.01;

/// Judges a scene, without the liars' reports if they are known.
pub(super) fn judge(scene: &Scene, model: Model, liars_known: bool) -> Judged {
    let k = scene.options;
    let heard = |agent: u32| !liars_known || !scene.liars[agent as usize];
    let mut judged = Judged::by_weight(scene, |q, weights| {
        for &(_, label) in scene.questions[q].iter().filter(|r| heard(r.0)) {
            weights[usize::from(label)] += 1.0;
        }
    });
    for _ in 0..ROUNDS {
        let mut counts = vec![ASSUMED; scene.agents * k * k];
        let mut options = vec![ASSUMED; k];
        for (q, reports) in scene.questions.iter().enumerate() {
            let known = scene.anchors[q].map(usize::from);
            for truth in 0..k {
                let share = known.map_or(judged.shares(q)[truth], |known| f64::from(u8::from(known == truth)));
                options[truth] += share;
                for &(agent, label) in reports.iter().filter(|r| heard(r.0)) {
                    counts[(agent as usize * k + truth) * k + usize::from(label)] += share;
                }
            }
        }
        for table in counts.chunks_exact_mut(k * k) {
            match model {
                Model::Table => logarithms(table, k),
                Model::OneCoin => coin(table, k),
            }
        }
        let all: f64 = options.iter().sum();
        let prior = |truth: usize| if model == Model::Table { libm::log(options[truth] / all) } else { 0.0 };
        let prior: Vec<f64> = (0..k).map(prior).collect();
        judged = Judged::by_weight(scene, |q, weights| {
            weights.copy_from_slice(&prior);
            for &(agent, label) in scene.questions[q].iter().filter(|r| heard(r.0)) {
                for (truth, weight) in weights.iter_mut().enumerate() {
                    *weight += counts[(agent as usize * k + truth) * k + usize::from(label)];
                }
            }
            let top = weights.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            weights.iter_mut().for_each(|weight| *weight = libm::exp(*weight - top));
        });
    }
    judged
}

/// Counts of what an agent says, by truth, become logarithms of their shares.
fn logarithms(table: &mut [f64], k: usize) {
    for row in table.chunks_exact_mut(k) {
        let sum: f64 = row.iter().sum();
        row.iter_mut().for_each(|count| *count = libm::log(*count / sum));
    }
}

/// The same with one chance of being right, all errors being equally likely; before any report it is 0.7.
fn coin(table: &mut [f64], k: usize) {
    let all: f64 = table.iter().sum();
    let right: f64 = (0..k).map(|truth| table[truth * k + truth]).sum();
    let chance = ((right + 0.7) / (all + 1.0)).clamp(1e-4, 1.0 - 1e-4);
    let (hit, miss) = (libm::log(chance), libm::log((1.0 - chance) / (k as f64 - 1.0)));
    for (i, count) in table.iter_mut().enumerate() {
        *count = if i / k == i % k { hit } else { miss };
    }
}
