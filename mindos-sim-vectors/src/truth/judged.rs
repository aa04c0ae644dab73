//! What a method says of every question, and how good that is.

use super::Scene;

/// A probability of each option of each question, and a label.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    options: usize,
    shares: Vec<f64>,
    labels: Vec<u8>,
}

/// How good a judgement is on the questions that count; `None` where none does.
#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Serialize)]
pub struct Score {
    /// Share of right labels, 0 to 1.
    pub accuracy: Option<f64>,
    /// Mean of −ln of the truth's probability, which counts as at least 10^−6.
    pub log_loss: Option<f64>,
    /// Mean over the questions of the sum over the options of squared errors, 0 to 2.
    pub brier: Option<f64>,
}

impl Judged {
    /// Nothing is known yet: equal shares, label 0.
    pub fn unknown(scene: &Scene) -> Self {
        let (n, k) = (scene.questions.len(), scene.options);
        Self { options: k, shares: vec![1.0 / k as f64; n * k], labels: vec![0; n] }
    }

    /// Judges each question by weights of its options; the highest is the label, the first of equals.
    pub fn by_weight(scene: &Scene, mut weigh: impl FnMut(usize, &mut [f64])) -> Self {
        let mut judged = Self::unknown(scene);
        let mut weights = vec![0.0; scene.options];
        for q in 0..scene.questions.len() {
            weights.fill(0.0);
            weigh(q, &mut weights);
            judged.set(q, &weights, highest(&weights));
        }
        judged
    }

    /// What is said of a question from now on. Weights that add up to nothing leave its shares equal.
    pub fn set(&mut self, question: usize, weights: &[f64], label: u8) {
        let sum: f64 = weights.iter().sum();
        let even = 1.0 / self.options as f64;
        for (share, weight) in self.shares[question * self.options..][..self.options].iter_mut().zip(weights) {
            *share = if sum > 0.0 { weight / sum } else { even };
        }
        self.labels[question] = label;
    }

    /// Probabilities of a question's options.
    pub fn shares(&self, question: usize) -> &[f64] {
        &self.shares[question * self.options..][..self.options]
    }

    /// What is held true of a question.
    pub fn label(&self, question: usize) -> u8 {
        self.labels[question]
    }

    /// How good it is.
    pub fn score(&self, scene: &Scene) -> Score {
        let (mut right, mut loss, mut squares, mut n) = (0.0, 0.0, 0.0, 0.0);
        for (q, truth) in counted(scene) {
            n += 1.0;
            right += f64::from(u8::from(self.label(q) == truth));
            for (option, &share) in self.shares(q).iter().enumerate() {
                if option == usize::from(truth) {
                    loss -= libm::log(share.clamp(1e-6, 1.0));
                    squares += (1.0 - share) * (1.0 - share);
                } else {
                    squares += share * share;
                }
            }
        }
        let mean = |sum: f64| (n > 0.0).then(|| sum / n);
        Score { accuracy: mean(right), log_loss: mean(loss), brier: mean(squares) }
    }

    /// How well the share of option 1 tells the questions of which it is true; `None` with more than two options.
    pub fn auc(&self, scene: &Scene) -> Option<f64> {
        let told = counted(scene).map(|(q, truth)| (self.shares(q)[1], truth == 1));
        (self.options == 2).then(|| auc(told.collect())).flatten()
    }
}

/// The questions that count, with what is true of them.
fn counted(scene: &Scene) -> impl Iterator<Item = (usize, u8)> {
    let truths = scene.truth.iter().zip(&scene.scored).enumerate();
    truths.filter_map(|(q, (truth, scored))| truth.filter(|_| *scored).map(|truth| (q, truth)))
}

/// Share of right labels among the questions that count.
pub(super) fn accuracy(scene: &Scene, labels: &[u8]) -> Option<f64> {
    let right: Vec<bool> = counted(scene).map(|(q, truth)| labels[q] == truth).collect();
    let hits = right.iter().filter(|hit| **hit).count();
    (!right.is_empty()).then(|| hits as f64 / right.len() as f64)
}

/// The chance that one of the good has a higher number than one of the others, a tie counting half. `None` if either
/// are none.
pub(super) fn auc(mut told: Vec<(f64, bool)>) -> Option<f64> {
    told.sort_by(|a, b| a.0.total_cmp(&b.0));
    let good = told.iter().filter(|t| t.1).count() as f64;
    let bad = told.len() as f64 - good;
    let (mut won, mut below) = (0.0, 0.0);
    for tied in told.chunk_by(|a, b| a.0 == b.0) {
        let goods = tied.iter().filter(|t| t.1).count() as f64;
        let bads = tied.len() as f64 - goods;
        won += goods * (below + bads / 2.0);
        below += bads;
    }
    (good > 0.0 && bad > 0.0).then(|| won / (good * bad))
}

/// The first of the highest.
pub(super) fn highest(weights: &[f64]) -> u8 {
    let mut best = 0;
    for (option, weight) in weights.iter().enumerate() {
        if *weight > weights[best] {
            best = option;
        }
    }
    best as u8
}

#[cfg(test)]
mod tests;
