//! What reports earn (spec 09, "Gains") on a drawn stream, by kind of report.

use std::collections::BTreeMap;

use mindos_core::{
    NodeId,
    trust::truth::{Admission, Refused, Report, Truth},
};

use crate::rng::Stream;

/// Questions with two options; all fit into the window.
const QUESTIONS: u32 = 1_000;
/// Agents with signals of their own, right in 62, 65 … 83 per cent.
const OWN: u32 = 8;
/// How often the one whom others copy is right, and the liars if they did not lie.
const COPIED: f64 = 0.75;
const LIAR: f64 = 0.8;
/// Share of the questions on which an occasional liar says the opposite of what it saw.
const LIES: f64 = 0.25;

/// Why somebody said something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// What one saw oneself.
    Signal,
    /// The same, with two others who repeat it word by word.
    Copied,
    /// What these say.
    Copy,
    /// What most of the nine above say.
    Repetition,
    /// The opposite of what one saw, by who is honest on three of four questions.
    Lie,
    /// The opposite of what one saw, always.
    AlwaysLie,
}

impl Kind {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Signal => "a signal of one's own",
            Self::Copied => "a signal that two others copy",
            Self::Copy => "a copy of it",
            Self::Repetition => "what most say already",
            Self::Lie => "a lie, now and then",
            Self::AlwaysLie => "a lie, always",
        }
    }
}

/// What reports of one kind earned.
#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Serialize)]
pub struct Earned {
    /// How many.
    pub reports: u32,
    /// Mean marginal gain in quadratic score, which is −1 to 1.
    pub mean: f64,
    #[serde(skip)]
    sum: i64,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Gains {
    /// Of everything random.
    pub seed: u64,
    /// Questions.
    pub questions: u32,
    /// Share of right labels.
    pub accuracy: f64,
    /// By kind of report.
    pub kinds: BTreeMap<Kind, Earned>,
    /// BLAKE3 of the sums of gains, in parts per 2^16.
    pub digest: String,
}

/// Draws the stream, lets the engine judge it in one pass, and asks for all gains.
///
/// # Errors
/// As the engine refuses; there is nothing to refuse in such a stream.
pub fn gains(seed: u64) -> Result<Gains, Refused> {
    let mut rng = Stream::new(seed, "truth gains");
    let mut engine = Truth::new(2);
    let mut stream = Vec::new();
    for q in 0..QUESTIONS {
        let truth = u8::from(rng.happens(0.5));
        let said = question(truth, &mut rng);
        let mut reports = Vec::new();
        for (agent, &(_, label)) in (0..).zip(&said) {
            engine.admit(NodeId(name(agent)), Admission::Vouched(256))?;
            reports.push(Report { agent: NodeId(name(agent)), label, lineage: &[] });
        }
        engine.close(q.into(), name(q), &reports)?;
        stream.push((truth, said));
    }
    engine.settle();
    let mut right = 0;
    let mut kinds: BTreeMap<Kind, Earned> = BTreeMap::new();
    for (q, (truth, said)) in (0..).zip(&stream) {
        right += u32::from(engine.belief(&name(q)).is_some_and(|belief| belief.label == *truth));
        // Gains come by agent, as the reports do.
        for ((kind, _), (_, gain)) in said.iter().zip(engine.gains(&name(q), *truth)?) {
            let earned = kinds.entry(*kind).or_default();
            (earned.reports, earned.sum) = (earned.reports + 1, earned.sum + i64::from(gain));
        }
    }
    let mut hasher = blake3::Hasher::new();
    for earned in kinds.values_mut() {
        earned.mean = earned.sum as f64 / f64::from(earned.reports) / 65_536.0;
        hasher.update(&earned.sum.to_le_bytes());
    }
    let accuracy = f64::from(right) / f64::from(QUESTIONS);
    Ok(Gains { seed, questions: QUESTIONS, accuracy, kinds, digest: hasher.finalize().to_hex().to_string() })
}

/// What everybody says, by agent.
fn question(truth: u8, rng: &mut Stream) -> Vec<(Kind, u8)> {
    let mut sees = |right: f64| if rng.happens(right) { truth } else { 1 - truth };
    let mut said: Vec<(Kind, u8)> =
        (0..OWN).map(|agent| (Kind::Signal, sees(0.62 + 0.03 * f64::from(agent)))).collect();
    let copied = sees(COPIED);
    said.push((Kind::Copied, copied));
    let most = u8::from(2 * said.iter().filter(|s| s.1 == 1).count() > said.len());
    said.extend([(Kind::Copy, copied); 2]);
    said.push((Kind::Repetition, most));
    let (first, second, third) = (sees(LIAR), sees(LIAR), sees(LIAR));
    for label in [first, second] {
        said.push(if rng.happens(LIES) { (Kind::Lie, 1 - label) } else { (Kind::Signal, label) });
    }
    said.push((Kind::AlwaysLie, 1 - third));
    said
}

fn name(number: u32) -> [u8; 32] {
    let mut name = [0; 32];
    name[..4].copy_from_slice(&number.to_be_bytes());
    name
}

#[cfg(test)]
mod tests;
