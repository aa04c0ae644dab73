//! What is true, what an agent sees of it, and what the five models make of public data.

use super::scenario::Centres;
use crate::rng::Stream;

/// The state is known at steps of so many seconds.
const STEP_S: u32 = 10;
/// Central models.
pub const MODELS: usize = 5;
/// Noise of a public average, in the standard deviation of the state.
const PUBLIC_NOISE: f64 = 0.1;

/// A question about a region.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// The region.
    pub region: u32,
    /// When it is asked, in s from the first one.
    pub at_s: u32,
    /// Whether the state is above its median.
    pub truth: bool,
    /// By agent of the region: the probability that it gives to "above".
    pub signals: Vec<f64>,
    /// By age of the public data: the probability that each model gives to "above".
    pub models: Vec<[f64; MODELS]>,
}

/// All questions, by time, then region.
pub fn questions(c: &Centres) -> Vec<Question> {
    let oldest = c.ages_s.last().copied().unwrap_or(0);
    let before = oldest.div_ceil(STEP_S) + 1;
    let steps = (before + (c.rounds * c.round_s).div_ceil(STEP_S) + 1) as usize;
    let provinces = c.regions.div_ceil(c.regions_per_province);
    let path = |label: String| process(c.seed, &label, steps, c.memory_s);
    let common: Vec<Vec<f64>> = (0..provinces).map(|p| path(format!("province {p}"))).collect();
    let own: Vec<Vec<f64>> = (0..c.regions).map(|r| path(format!("region {r}"))).collect();
    let state = |region: u32, step: usize| {
        let of_province = common[(region / c.regions_per_province) as usize][step];
        libm::sqrt(c.common) * of_province + libm::sqrt(1.0 - c.common) * own[region as usize][step]
    };
    let members = |region: u32| {
        let first = region / c.regions_per_province * c.regions_per_province;
        first..(first + c.regions_per_province).min(c.regions)
    };
    let average = |region: u32, step: usize| {
        let members = members(region);
        let n = f64::from(members.end - members.start);
        members.map(|r| state(r, step)).sum::<f64>() / n
    };
    let mut noise = Stream::new(c.seed, "noise of agents");
    let sigma: Vec<f64> =
        (0..c.agents()).map(|_| c.signal_noise * libm::exp(c.noise_spread * noise.normal())).collect();
    let mut seen = Stream::new(c.seed, "signals");
    let mut public = Stream::new(c.seed, "public data");
    let mut own_error = Stream::new(c.seed, "errors of models");
    let mut all = Vec::new();
    for round in 0..c.rounds {
        for region in 0..c.regions {
            // Regions ask one after the other, evenly over the round.
            let at_s = round * c.round_s + region * c.round_s / c.regions;
            let step = (before + at_s / STEP_S) as usize;
            let x = state(region, step);
            let first = region * c.agents_per_region;
            let signals = (first..first + c.agents_per_region)
                .map(|agent| {
                    let s = sigma[agent as usize];
                    let y = x + s * seen.normal();
                    phi(y / (s * libm::sqrt(1.0 + s * s)))
                })
                .collect();
            let models = c.ages_s.iter().map(|age| {
                let then = step - (age / STEP_S) as usize;
                let data = average(region, then) + PUBLIC_NOISE * public.normal();
                let (mean, deviation) = forecast(c, members(region).len() as f64, f64::from(*age));
                let p = phi(mean * data / deviation);
                let odds = libm::log(p.clamp(1e-9, 1.0 - 1e-9) / (1.0 - p).clamp(1e-9, 1.0));
                core::array::from_fn(|_| logistic(odds + c.model_noise * own_error.normal()))
            });
            all.push(Question { region, at_s, truth: x > 0.0, signals, models: models.collect() });
        }
    }
    all
}

/// What a public average of some age says of the state now, by the true law of both: the factor that makes it a mean,
/// and the standard deviation that is left.
fn forecast(c: &Centres, n: f64, age_s: f64) -> (f64, f64) {
    let together = c.common + (1.0 - c.common) / n;
    let covariance = together * libm::exp(-age_s / c.memory_s);
    let variance = together + PUBLIC_NOISE * PUBLIC_NOISE;
    let factor = covariance / variance;
    (factor, libm::sqrt((1.0 - factor * covariance).max(1e-9)))
}

/// An Ornstein-Uhlenbeck process of variance 1 at steps of [`STEP_S`].
fn process(seed: u64, label: &str, steps: usize, memory_s: f64) -> Vec<f64> {
    let mut stream = Stream::new(seed, label);
    let keep = libm::exp(-f64::from(STEP_S) / memory_s);
    let fresh = libm::sqrt(1.0 - keep * keep);
    let mut x = stream.normal();
    (0..steps)
        .map(|_| {
            let now = x;
            x = keep * x + fresh * stream.normal();
            now
        })
        .collect()
}

/// The standard normal distribution function.
fn phi(x: f64) -> f64 {
    0.5 * libm::erfc(-x / core::f64::consts::SQRT_2)
}

fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + libm::exp(-x))
}

/// What the models say together: the mean of their log-odds, as a probability.
pub fn pooled(models: &[f64; MODELS]) -> f64 {
    let odds = |p: f64| libm::log(p.clamp(1e-9, 1.0) / (1.0 - p).clamp(1e-9, 1.0));
    logistic(models.iter().map(|p| odds(*p)).sum::<f64>() / MODELS as f64)
}

#[cfg(test)]
mod tests;
