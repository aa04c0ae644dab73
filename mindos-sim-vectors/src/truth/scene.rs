//! A set as an attacker leaves it, in the order in which its questions close.

use super::Set;
use crate::rng::Stream;

/// How liars lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
#[value(rename_all = "lowercase")]
pub enum Attack {
    /// Each says anything, at random.
    Spam,
    /// All say the same wrong thing.
    Collude,
    /// Each says the same wrong thing in 4 of 5 cases, each for itself, else the truth.
    Collude80,
    /// Honest until half of the questions have closed, then as `collude`; counted is the later half.
    Sleeper,
    /// Copies of one liar that says the wrong thing in 4 of 5 cases.
    Sybil,
}

impl Attack {
    /// Every attack.
    pub const ALL: [Self; 5] = [Self::Spam, Self::Collude, Self::Collude80, Self::Sleeper, Self::Sybil];

    /// As on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Spam => "spam",
            Self::Collude => "collude",
            Self::Collude80 => "collude80",
            Self::Sleeper => "sleeper",
            Self::Sybil => "sybil",
        }
    }
}

/// What happens to a set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plan {
    /// Nobody lies without one.
    pub attack: Option<Attack>,
    /// Share of the agents that lie.
    pub fraction: f64,
    /// Chance in per cent that a question's truth becomes known after it closes.
    pub anchors: f64,
    /// Of how many questions it becomes known at least.
    pub min_anchors: usize,
    /// Of everything random.
    pub seed: u64,
}

/// Draws of liars, of which the one is taken whose share of the reports is closest to its share of the agents.
const DRAWS: usize = 60;
/// How often those lie that do not always.
const OFTEN: f64 = 0.8;

/// A set as it is played. Vectors go by question as in the set.
#[derive(Clone, Debug, PartialEq)]
pub struct Scene {
    /// Options of each question.
    pub options: usize,
    /// Number of agents.
    pub agents: usize,
    /// Agent and label, agents rising.
    pub questions: Vec<Vec<(u32, u8)>>,
    /// Questions as they close.
    pub order: Vec<u32>,
    /// What was true, where it is known.
    pub truth: Vec<Option<u8>>,
    /// What becomes known after the question closed.
    pub anchors: Vec<Option<u8>>,
    /// Whether the question counts.
    pub scored: Vec<bool>,
    /// By agent, whether it lies.
    pub liars: Vec<bool>,
}

impl Scene {
    /// Plays a plan. Equal arguments give equal scenes.
    pub fn new(set: &Set, plan: &Plan) -> Self {
        let n = set.questions.len();
        let mut order: Vec<u32> = (0..n as u32).collect();
        Stream::new(plan.seed, "truth order").shuffle(&mut order);
        let mut late = vec![false; n];
        for &q in &order[n / 2..] {
            late[q as usize] = true;
        }
        let liars = match plan.attack {
            Some(_) => liars(set, plan),
            None => vec![false; set.agents],
        };
        let anchors = anchors(set, plan);
        let counts = |q: usize| {
            let in_time = plan.attack != Some(Attack::Sleeper) || late[q];
            set.truth[q].is_some() && anchors[q].is_none() && in_time
        };
        let mut scene = Self {
            options: set.options,
            agents: set.agents,
            questions: set.questions.clone(),
            order,
            truth: set.truth.clone(),
            scored: (0..n).map(counts).collect(),
            anchors,
            liars,
        };
        if let Some(attack) = plan.attack {
            scene.lie(attack, &late, plan.seed);
        }
        scene
    }

    /// Number of reports.
    pub fn reports(&self) -> usize {
        self.questions.iter().map(Vec::len).sum()
    }

    fn lie(&mut self, attack: Attack, late: &[bool], seed: u64) {
        let mut rng = Stream::new(seed, "truth lies");
        for (q, reports) in self.questions.iter_mut().enumerate() {
            // What nobody knows, liars take to be what most say.
            let truth = self.truth[q].unwrap_or_else(|| plurality(reports, self.options));
            let step = 1 + rng.below(self.options as u64 - 1);
            let wrong = ((u64::from(truth) + step) % self.options as u64) as u8;
            let script = if rng.happens(OFTEN) { wrong } else { truth };
            for (_, label) in reports.iter_mut().filter(|r| self.liars[r.0 as usize]) {
                *label = match attack {
                    Attack::Spam => rng.below(self.options as u64) as u8,
                    Attack::Collude => wrong,
                    Attack::Collude80 if rng.happens(OFTEN) => wrong,
                    Attack::Collude80 => truth,
                    Attack::Sleeper if late[q] => wrong,
                    Attack::Sleeper => *label,
                    Attack::Sybil => script,
                };
            }
        }
    }
}

/// Who lies, by agent.
fn liars(set: &Set, plan: &Plan) -> Vec<bool> {
    let mut wrote = vec![0usize; set.agents];
    for &(agent, _) in set.questions.iter().flatten() {
        wrote[agent as usize] += 1;
    }
    let wanted = libm::round(plan.fraction * set.agents as f64) as usize;
    let target = plan.fraction * set.reports() as f64;
    let mut rng = Stream::new(plan.seed, "truth liars");
    let mut all: Vec<u32> = (0..set.agents as u32).collect();
    let mut best = (f64::INFINITY, Vec::new());
    for _ in 0..DRAWS {
        rng.shuffle(&mut all);
        let drawn = &all[..wanted.min(all.len())];
        let carried: usize = drawn.iter().map(|&agent| wrote[agent as usize]).sum();
        let off = (carried as f64 - target).abs();
        if off < best.0 {
            best = (off, drawn.to_vec());
        }
    }
    let mut liars = vec![false; set.agents];
    for agent in best.1 {
        liars[agent as usize] = true;
    }
    liars
}

fn anchors(set: &Set, plan: &Plan) -> Vec<Option<u8>> {
    let mut rng = Stream::new(plan.seed, "truth anchors");
    let drawn = set.truth.iter().map(|truth| truth.filter(|_| rng.happens(plan.anchors / 100.0)));
    let mut anchors: Vec<Option<u8>> = drawn.collect();
    let mut others: Vec<usize> =
        (0..anchors.len()).filter(|&q| set.truth[q].is_some() && anchors[q].is_none()).collect();
    rng.shuffle(&mut others);
    let missing = plan.min_anchors.saturating_sub(anchors.iter().flatten().count());
    for q in others.into_iter().take(missing) {
        anchors[q] = set.truth[q];
    }
    anchors
}

/// The label that most reports have, the lowest of equals.
fn plurality(reports: &[(u32, u8)], options: usize) -> u8 {
    let count = |label: u8| reports.iter().filter(|r| r.1 == label).count();
    (0..options as u8).max_by_key(|&label| (count(label), std::cmp::Reverse(label))).unwrap_or_default()
}

#[cfg(test)]
mod tests;
