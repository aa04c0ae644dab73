//! Forecasts pooled by skill (spec 09, "Forecasts"), in integers.

#[cfg(test)]
mod tests;

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec;
use alloc::vec::Vec;

use super::truth::MAX_OPTIONS;
use super::truth::fixed::{ONE, exp2_neg, log2, log2_ratio, softmax};
use super::truth::strangers::voice;
use crate::NodeId;

/// Exponents of the pool, in eighths: below 8 it is more careful than its forecasters, above bolder.
const EXPONENTS: [i64; 6] = [6, 7, 8, 10, 12, 16];
/// Index of 1 in [`EXPONENTS`].
const PLAIN: usize = 2;
/// Bits that another exponent must have saved before it is used.
const CAUTION: i64 = 8 * ONE;
/// Forecasts as good as the pool that each forecaster is assumed to have made.
const ASSUMED: i64 = 8;
/// Halvings of a weight by one more of mean quadratic loss than the pool's.
const STEEP: i64 = 16;
/// No probability counts as less than 2^-10.
const FLOOR: i64 = -10 * ONE;
/// Bits that one question adds to a forecaster's proof at most.
const MOST: i64 = 2 * ONE;
/// Forecasters that are known. One more, and half are forgotten: those without admission first, then those with the
/// fewest resolved forecasts.
const MAX_FORECASTERS: usize = 65_536;

/// What is known of a forecaster.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct Skill {
    /// Parts per 256 of a voice that the reader's roots give it.
    admitted: u16,
    /// Its resolved forecasts, and its quadratic loss on them beyond the pool's, in parts per 2^16.
    resolved: u32,
    excess: i64,
    /// Bits that it gave to outcomes beyond those that the pool of the others gave.
    proof: i64,
}

impl Skill {
    /// Parts per 256 of a voice.
    fn voice(self) -> u16 {
        // spec: TRUST-008 cb83
        if self.admitted > 0 { self.admitted.min(256) } else { voice(self.proof) }
    }

    /// In parts per 2^16; twice a newcomer's at most, an eighth of it at least, times its voice.
    fn weight(self) -> i64 {
        let excess = (self.excess / (i64::from(self.resolved) + ASSUMED) * STEEP).clamp(-ONE, 4 * ONE);
        (exp2_neg(excess + ONE) * i64::from(self.voice())) >> 8
    }
}

/// A forecast: the probability of each option in parts per 65,535.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forecast {
    /// Who says so. Of several of one node the first counts.
    pub agent: NodeId,
    /// One for each option.
    pub weights: Vec<u16>,
}

/// The numbers of a forecaster.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Forecaster {
    /// Parts per 256 of a voice.
    pub voice: u16,
    /// What its forecasts weigh, in parts per 2^16, before strangers are bounded together.
    pub weight: u32,
    /// Resolved forecasts.
    pub resolved: u32,
    /// Its quadratic loss on them beyond the pool's, in parts per 2^16.
    pub excess: i64,
    /// Bits that it gave to outcomes beyond those that the others gave, in parts per 2^16.
    pub proof: i64,
}

/// The skill of forecasters in one domain, and how bold their pool is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Forecasts {
    skill: BTreeMap<NodeId, Skill>,
    /// Bits that each exponent has lost on resolved questions.
    lost: [i64; EXPONENTS.len()],
}

impl Forecasts {
    /// Nothing resolved yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// What the reader's roots give a forecaster: so many parts per 256 of a voice, 256 at most. 0 makes it a stranger,
    /// whose forecasts weigh nothing until resolved ones have proved that it knows more than the others.
    pub fn admit(&mut self, agent: NodeId, parts: u16) {
        self.skill_of(agent).admitted = parts.min(256);
    }

    /// What is known of a forecaster; `None` of who was neither admitted nor resolved anything.
    pub fn forecaster(&self, agent: &NodeId) -> Option<Forecaster> {
        let of = |s: &Skill| Forecaster {
            voice: s.voice(),
            weight: s.weight() as u32,
            resolved: s.resolved,
            excess: s.excess,
            proof: s.proof,
        };
        self.skill.get(agent).map(of)
    }

    /// Pools the forecasts on one question, which has `options` options. Forecasts of another number of
    /// options are left out. Shares in parts per 2^16.
    pub fn pool(&self, options: usize, forecasts: &[Forecast]) -> Vec<i64> {
        pooled(&sums(&self.weighed(options, forecasts), options), EXPONENTS[self.exponent()])
    }

    /// What each forecast on a question added, if option `outcome` came true and is not taken in yet: the quadratic score
    /// (2 p - sum of squares, in parts per 2^16) of the pool less that of the pool without it. In the order of the
    /// forecasts, of each node one; nothing if there is no such option.
    pub fn gains(&self, options: usize, forecasts: &[Forecast], outcome: u8) -> Vec<(NodeId, i32)> {
        let weighed = self.weighed(options, forecasts);
        let (sums, exponent) = (sums(&weighed, options), EXPONENTS[self.exponent()]);
        let score = |sums: &Sums| {
            let shares = pooled(sums, exponent);
            let square: i64 = shares.iter().map(|p| (p * p) >> 16).sum();
            shares.get(usize::from(outcome)).map(|p| 2 * p - square)
        };
        let gain = |(weight, f): &(i64, &Forecast)| {
            let mut others = sums.clone();
            others.add(-weight, f);
            Some((f.agent, (score(&sums)? - score(&others)?) as i32))
        };
        weighed.iter().filter_map(gain).collect()
    }

    /// Takes in that option `outcome` came true. Nothing if there is no such option.
    pub fn resolve(&mut self, options: usize, forecasts: &[Forecast], outcome: u8) {
        let outcome = usize::from(outcome);
        let weighed = self.weighed(options, forecasts);
        if outcome >= options || options > MAX_OPTIONS || weighed.is_empty() {
            return;
        }
        let sums = sums(&weighed, options);
        let now = EXPONENTS[self.exponent()];
        for (lost, exponent) in self.lost.iter_mut().zip(EXPONENTS) {
            *lost -= (log2(pooled(&sums, exponent)[outcome] as u64) - 16 * ONE).max(FLOOR);
        }
        let loss = quadratic(&pooled(&sums, now), outcome);
        for (weight, f) in weighed {
            let own: Vec<i64> = f.weights.iter().map(|&w| share(w)).collect();
            let mut others = sums.clone();
            others.add(-weight, f);
            // What the others give is what luck pays: who knows no more gains b bits, ever, once in 2^b.
            let paid = pooled(&others, now)[outcome];
            let skill = self.skill_of(f.agent);
            skill.resolved = skill.resolved.saturating_add(1);
            skill.excess += quadratic(&own, outcome) - loss;
            skill.proof += log2_ratio(own[outcome].max(1), paid.max(1)).min(MOST);
        }
    }

    /// A forecaster's entry; a new one if it has none, for which others may be forgotten.
    fn skill_of(&mut self, agent: NodeId) -> &mut Skill {
        if self.skill.len() >= MAX_FORECASTERS && !self.skill.contains_key(&agent) {
            let mut order: Vec<(bool, u32, NodeId)> =
                self.skill.iter().map(|(id, s)| (s.admitted > 0, s.resolved, *id)).collect();
            order.sort_unstable();
            for (_, _, id) in order.iter().take(MAX_FORECASTERS / 2) {
                self.skill.remove(id);
            }
        }
        self.skill.entry(agent).or_default()
    }

    /// The forecasts that fit the question, the first of each node, with their weights.
    fn weighed<'a>(&self, options: usize, forecasts: &'a [Forecast]) -> Vec<(i64, &'a Forecast)> {
        let mut seen = BTreeSet::new();
        let fitting = forecasts.iter().filter(|f| f.weights.len() == options && seen.insert(f.agent));
        let skilled: Vec<(Skill, &Forecast)> =
            fitting.map(|f| (self.skill.get(&f.agent).copied().unwrap_or_default(), f)).collect();
        let sum = |admitted: bool| -> i64 {
            skilled.iter().filter(|(s, _)| (s.admitted > 0) == admitted).map(|(s, _)| s.weight()).sum()
        };
        let (vouched, strangers) = (sum(true), sum(false));
        // Many strangers together weigh no more than those that the roots chose.
        let weight = |s: Skill| match s.admitted {
            0 if vouched > 0 && strangers > vouched => s.weight() * vouched / strangers,
            _ => s.weight(),
        };
        skilled.into_iter().map(|(s, f)| (weight(s), f)).collect()
    }

    /// The exponent in eighths that the pool has now.
    pub fn boldness(&self) -> u32 {
        EXPONENTS[self.exponent()] as u32
    }

    /// The exponent that lost least so far, if it saved enough.
    fn exponent(&self) -> usize {
        let best = (0..EXPONENTS.len()).min_by_key(|&i| self.lost[i]).unwrap_or(PLAIN);
        if self.lost[best] + CAUTION < self.lost[PLAIN] { best } else { PLAIN }
    }
}

/// Bits of each option by weight, and the weights.
#[derive(Clone)]
struct Sums {
    bits: Vec<i64>,
    all: i64,
}

impl Sums {
    fn add(&mut self, weight: i64, f: &Forecast) {
        self.all += weight;
        for (b, &w) in self.bits.iter_mut().zip(&f.weights) {
            *b += weight * (log2(share(w) as u64) - 16 * ONE).max(FLOOR);
        }
    }
}

fn sums(weighed: &[(i64, &Forecast)], options: usize) -> Sums {
    let mut sums = Sums { bits: vec![0; options], all: 0 };
    weighed.iter().for_each(|(weight, f)| sums.add(*weight, f));
    sums
}

fn pooled(sums: &Sums, exponent: i64) -> Vec<i64> {
    let mut bits: Vec<i64> = sums.bits.iter().map(|b| *b / sums.all.max(1) * exponent / 8).collect();
    softmax(&mut bits);
    bits
}

/// From parts per 65,535 to parts per 2^16.
fn share(weight: u16) -> i64 {
    i64::from(weight) + i64::from(weight >> 15)
}

/// Quadratic loss: the sum of squares of what is missing from the outcome.
fn quadratic(shares: &[i64], outcome: usize) -> i64 {
    let off = |(k, &p): (usize, &i64)| if k == outcome { ONE - p } else { p };
    shares.iter().enumerate().map(off).map(|d| (d * d) >> 16).sum()
}
