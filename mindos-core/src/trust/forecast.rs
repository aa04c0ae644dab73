//! Forecasts pooled by skill (spec 09, "Forecasts"), in integers.

use alloc::collections::BTreeMap;
use alloc::vec;
use alloc::vec::Vec;

use super::truth::MAX_OPTIONS;
use super::truth::fixed::{ONE, exp2_neg, log2, softmax};
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
/// Forecasters whose skill is kept; at the cap the one with the fewest resolved forecasts gives way.
const MAX_FORECASTERS: usize = 65_536;

/// Resolved forecasts of a node, and its quadratic loss on them beyond the pool's, in parts per 2^16.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct Skill {
    resolved: u32,
    excess: i64,
}

/// A forecast: the probability of each option in parts per 65,535.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forecast {
    /// Who says so. Of several of one node, the caller gives the newest.
    pub agent: NodeId,
    /// One for each option.
    pub weights: Vec<u16>,
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

    /// Pools the forecasts on one question, which has `options` options. Forecasts of another number of
    /// options are left out. Shares in parts per 2^16.
    pub fn pool(&self, options: usize, forecasts: &[Forecast]) -> Vec<i64> {
        pooled(&self.skill, options, forecasts, EXPONENTS[self.exponent()])
    }

    /// Takes in that option `outcome` came true. Nothing if there is no such option.
    pub fn resolve(&mut self, options: usize, forecasts: &[Forecast], outcome: u8) {
        let outcome = usize::from(outcome);
        if outcome >= options || options > MAX_OPTIONS || forecasts.is_empty() {
            return;
        }
        let pool = self.pool(options, forecasts);
        for (lost, exponent) in self.lost.iter_mut().zip(EXPONENTS) {
            let shares = pooled(&self.skill, options, forecasts, exponent);
            *lost -= (log2(shares[outcome] as u64) - 16 * ONE).max(FLOOR);
        }
        let loss = quadratic(&pool, outcome);
        for f in forecasts.iter().filter(|f| f.weights.len() == options) {
            let own: Vec<i64> = f.weights.iter().map(|&w| share(w)).collect();
            if self.skill.len() >= MAX_FORECASTERS && !self.skill.contains_key(&f.agent) {
                let least = self.skill.iter().min_by_key(|s| s.1.resolved).map(|s| *s.0);
                least.and_then(|id| self.skill.remove(&id));
            }
            let skill = self.skill.entry(f.agent).or_default();
            skill.resolved = skill.resolved.saturating_add(1);
            skill.excess += quadratic(&own, outcome) - loss;
        }
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

fn pooled(skill: &BTreeMap<NodeId, Skill>, options: usize, forecasts: &[Forecast], exponent: i64) -> Vec<i64> {
    let mut bits = vec![0i64; options];
    let mut all = 0;
    for f in forecasts.iter().filter(|f| f.weights.len() == options) {
        let s = skill.get(&f.agent).copied().unwrap_or_default();
        // Twice a newcomer's weight at most, a sixteenth at least.
        let excess = (s.excess / (i64::from(s.resolved) + ASSUMED) * STEEP).clamp(-ONE, 4 * ONE);
        let weight = exp2_neg(excess + ONE);
        all += weight;
        for (b, &w) in bits.iter_mut().zip(&f.weights) {
            *b += weight * (log2(share(w) as u64) - 16 * ONE).max(FLOOR);
        }
    }
    bits.iter_mut().for_each(|b| *b = *b / all.max(1) * exponent / 8);
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

#[cfg(test)]
mod tests {
    use super::*;

    fn forecast(n: u8, yes: u16) -> Forecast {
        Forecast { agent: NodeId([n; 32]), weights: vec![65_535 - yes, yes] }
    }

    fn brier(forecasts: &Forecasts, now: &[Forecast], outcome: usize) -> i64 {
        quadratic(&forecasts.pool(2, now), outcome)
    }

    #[test]
    fn who_was_right_before_weighs_more() {
        let mut forecasts = Forecasts::new();
        for n in 0..60u8 {
            let (yes, no) = if n % 3 == 0 { (60_000, 5_000) } else { (5_000, 60_000) };
            forecasts.resolve(2, &[forecast(1, yes), forecast(2, no)], u8::from(n % 3 == 0));
        }
        let pool = forecasts.pool(2, &[forecast(1, 60_000), forecast(2, 5_000)]);
        assert!(pool[1] > ONE * 3 / 4, "{pool:?}");
    }

    #[test]
    fn careful_forecasters_are_made_bolder_and_rash_ones_more_careful() {
        let (mut careful, mut rash) = (Forecasts::new(), Forecasts::new());
        for n in 0..200u32 {
            let right = u8::from(n % 8 != 0);
            careful.resolve(2, &[forecast(1, 39_000), forecast(2, 39_000)], right);
            rash.resolve(2, &[forecast(1, 65_400), forecast(2, 65_400)], u8::from(n % 4 != 0));
        }
        assert!(careful.boldness() > 8 && rash.boldness() < 8);
    }

    #[test]
    fn a_pool_of_one_is_that_forecast_and_of_none_says_nothing() {
        let forecasts = Forecasts::new();
        assert!(forecasts.pool(2, &[forecast(1, 50_000)])[1].abs_diff(50_000) < 8);
        assert_eq!(forecasts.pool(2, &[]), [ONE / 2, ONE / 2]);
        assert!(brier(&forecasts, &[forecast(1, 65_535)], 1) < 256);
    }

    #[test]
    fn what_fits_no_question_changes_nothing() {
        let mut forecasts = Forecasts::new();
        forecasts.resolve(2, &[forecast(1, 9)], 2);
        forecasts.resolve(2, &[], 0);
        forecasts.resolve(99, &[forecast(1, 9)], 0);
        assert_eq!(forecasts, Forecasts::new());
        let three = Forecast { agent: NodeId([1; 32]), weights: vec![1, 2, 3] };
        forecasts.resolve(2, &[three], 0);
        assert!(forecasts.skill.is_empty());
    }
}
