//! The yardsticks: what others make of the same reports. Each is written down here from its definition, so that all
//! are measured in one run on the same evidence.

mod em;
mod graph;

use super::{Judged, Scene, judged::highest};

/// A yardstick.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Method {
    /// What most say.
    Majority,
    /// Dawid and Skene 1979: a confusion table an agent, by expectation and maximisation.
    DawidSkene,
    /// The same with one number an agent.
    OneCoin,
    /// Beta reputation: each vote weighs what its author's last ones were worth, in one pass.
    Beta,
    /// EigenTrust: agents vote on agents by agreeing with them.
    EigenTrust,
    /// Bittensor's rule: a median by stake, and stake for who agrees with it.
    Yuma,
    /// Dawid and Skene without the liars' reports, which nobody can know.
    Oracle,
}

impl Method {
    /// Every yardstick.
    pub const ALL: [Self; 7] =
        [Self::Majority, Self::DawidSkene, Self::OneCoin, Self::Beta, Self::EigenTrust, Self::Yuma, Self::Oracle];

    /// In JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Majority => "majority",
            Self::DawidSkene => "dawid_skene",
            Self::OneCoin => "one_coin",
            Self::Beta => "beta_reputation",
            Self::EigenTrust => "eigentrust",
            Self::Yuma => "yuma",
            Self::Oracle => "oracle",
        }
    }

    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Majority => "majority",
            Self::DawidSkene => "Dawid–Skene",
            Self::OneCoin => "one-coin",
            Self::Beta => "Beta reputation",
            Self::EigenTrust => "EigenTrust",
            Self::Yuma => "Bittensor (Yuma)",
            Self::Oracle => "oracle: liars removed",
        }
    }

    /// What it says of a scene. Those that estimate from a truth (Dawid–Skene, one-coin, Beta, the oracle) are told
    /// the anchors too.
    pub fn judge(self, scene: &Scene) -> Judged {
        match self {
            Self::Majority => majority(scene),
            Self::DawidSkene => em::judge(scene, em::Model::Table, false),
            Self::OneCoin => em::judge(scene, em::Model::OneCoin, false),
            Self::Beta => beta(scene),
            Self::EigenTrust => graph::eigentrust(scene),
            Self::Yuma => graph::yuma(scene),
            Self::Oracle => em::judge(scene, em::Model::Table, true),
        }
    }
}

fn majority(scene: &Scene) -> Judged {
    vote(scene, |_| 1.0)
}

/// A vote in which each agent's word has a weight.
fn vote(scene: &Scene, weight: impl Fn(u32) -> f64) -> Judged {
    Judged::by_weight(scene, |q, weights| {
        for &(agent, label) in &scene.questions[q] {
            weights[usize::from(label)] += weight(agent);
        }
    })
}

/// How much of Beta reputation's evidence stays from one question to the next.
const STAYS: f64 = 0.98;

/// In the order in which questions close: judged by the reputations of that moment, which then learn from the outcome
/// or, if it stays unknown, from the judgement.
fn beta(scene: &Scene) -> Judged {
    let mut reputation = vec![(1.0, 1.0); scene.agents];
    let mut judged = Judged::unknown(scene);
    for &q in &scene.order {
        let q = q as usize;
        let mut weights = vec![0.0; scene.options];
        for &(agent, label) in &scene.questions[q] {
            let (good, bad) = reputation[agent as usize];
            weights[usize::from(label)] += good / (good + bad);
        }
        let label = highest(&weights);
        judged.set(q, &weights, label);
        let outcome = scene.anchors[q].unwrap_or(label);
        for &(agent, label) in &scene.questions[q] {
            let (good, bad) = &mut reputation[agent as usize];
            (*good, *bad) = (*good * STAYS, *bad * STAYS);
            *if label == outcome { good } else { bad } += 1.0;
        }
    }
    judged
}

#[cfg(test)]
mod tests;
