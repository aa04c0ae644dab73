//! The service model: how fast minds are, what a request costs, and when and where requests appear.
//!
//! At speed 1 a mind reads 2,000 context tokens and writes 20 generated tokens a second, one request at a time. Speeds
//! are log-normal with σ 0.8 and median 1. The arrivals of a trace are stretched or compressed until work at speed 1
//! over (sum of speeds × duration) is the wanted load; origins are uniform. All of it in integers but the draw of the
//! speeds.

use crate::{input::Trace, rng::Stream, scenario::Scenario, stats};

/// Speed 1 in the unit of [`Workload::speeds_q16`].
pub const SPEED_ONE_Q16: u32 = 1 << 16;
/// Deviation of the logarithm of a speed.
pub const SPEED_SIGMA: f64 = 0.8;
/// Time of one context token at speed 1, in µs.
pub const CONTEXT_TOKEN_US: u64 = 500;
/// Time of one generated token at speed 1, in µs.
pub const GENERATED_TOKEN_US: u64 = 50_000;
/// How long an intent lives, in µs.
pub const LIFETIME_US: u64 = 600_000_000;
/// Context bytes of a token.
pub const BYTES_PER_TOKEN: u64 = 4;
/// Most context bytes of a request.
pub const MAX_CONTEXT_BYTES: u64 = 60_000;
/// Longest run, in µs: a week.
pub const MAX_DURATION_US: u64 = 7 * 86_400 * 1_000_000;
/// Shortest run, in µs.
pub const MIN_DURATION_US: u64 = 1_000_000;

/// One request with its place in the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Task {
    /// Submission in µs from the start of the run, warm-up included.
    pub at_us: u64,
    /// The mind that submits it.
    pub origin: u32,
    /// Tokens to read.
    pub context_tokens: u32,
    /// Tokens to write.
    pub generated_tokens: u32,
    /// Bytes of context that travel with it, at most [`MAX_CONTEXT_BYTES`].
    pub context_bytes: u32,
}

impl Task {
    /// Time at speed 1, in µs.
    pub fn work_us(&self) -> u64 {
        u64::from(self.context_tokens) * CONTEXT_TOKEN_US + u64::from(self.generated_tokens) * GENERATED_TOKEN_US
    }

    /// Time at a speed, in µs, rounded up; at least 1.
    pub fn run_us(&self, speed_q16: u32) -> u64 {
        work_us(self.work_us(), speed_q16)
    }
}

/// Time that work takes at a speed, in µs, rounded up; at least 1. Speed 0 counts as the slowest.
pub fn work_us(work_at_speed_one_us: u64, speed_q16: u32) -> u64 {
    let speed = speed_q16.max(1);
    if work_at_speed_one_us < 1 << 48 {
        return (work_at_speed_one_us << 16).div_ceil(u64::from(speed)).max(1);
    }
    let scaled = u128::from(work_at_speed_one_us) << 16;
    u64::try_from(scaled.div_ceil(u128::from(speed))).unwrap_or(u64::MAX).max(1)
}

/// What a run has to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workload {
    /// Speed of each mind, in units of 2^-16.
    pub speeds_q16: Vec<u32>,
    /// Requests in order of submission.
    pub tasks: Vec<Task>,
    /// Time before the first request, in µs.
    pub warmup_us: u64,
    /// Time from the first request to the end of arrivals, in µs.
    pub duration_us: u64,
    /// Requests in the whole trace, of which `tasks.len()` are played from its start.
    pub trace_requests: usize,
}

impl Workload {
    /// End of arrivals, in µs from the start of the run.
    pub fn arrivals_end_us(&self) -> u64 {
        self.warmup_us + self.duration_us
    }
}

/// A trace does not make a run.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ServiceError {
    /// Too little work.
    #[error(
        "the requests are work for {0} µs at this load; expected at least 1 s: take more of the trace or fewer nodes"
    )]
    TooShort(u64),
    /// Too much work.
    #[error(
        "the requests are work for {0} s at this load; expected at most a week: take less of the trace or more nodes"
    )]
    TooLong(u64),
}

/// The workload of a scenario on a trace.
///
/// # Errors
/// [`ServiceError`] if the run would last less than a second or more than a week.
pub fn workload(scenario: &Scenario, trace: &Trace) -> Result<Workload, ServiceError> {
    let speeds_q16 = draw_speeds(scenario.nodes, scenario.seed);
    let all = &trace.requests;
    let played = stats::part_of(scenario.stretch, all.len() as u64) as usize;
    let requests = all.get(..played).unwrap_or_default();
    let warmup_us = u64::from(scenario.warmup_s) * 1_000_000;

    let mut origins = Stream::new(scenario.seed, "origins");
    let mut tasks: Vec<Task> = requests
        .iter()
        .map(|request| Task {
            at_us: request.at_us,
            origin: origins.below(u64::from(scenario.nodes)) as u32,
            context_tokens: request.context_tokens,
            generated_tokens: request.generated_tokens,
            context_bytes: (u64::from(request.context_tokens) * BYTES_PER_TOKEN).min(MAX_CONTEXT_BYTES) as u32,
        })
        .collect();

    let duration_us = duration_us(&tasks, &speeds_q16, scenario.load)?;
    let span = u128::from(tasks.last().map_or(0, |last| last.at_us)).max(1);
    for task in &mut tasks {
        // at ≤ span, so the scaled time is at most the duration.
        task.at_us = warmup_us + (u128::from(task.at_us) * u128::from(duration_us) / span) as u64;
    }
    Ok(Workload { speeds_q16, tasks, warmup_us, duration_us, trace_requests: all.len() })
}

/// How long the work must take for the wanted load.
fn duration_us(tasks: &[Task], speeds_q16: &[u32], load: f64) -> Result<u64, ServiceError> {
    const PARTS: f64 = 1e6;
    let work: u128 = tasks.iter().map(|task| u128::from(task.work_us())).sum();
    let speed: u128 = speeds_q16.iter().map(|&speed| u128::from(speed)).sum();
    let load_parts = (libm::round(load * PARTS) as u128).max(1);
    let duration = (work << 16) * PARTS as u128 / (speed.max(1) * load_parts);
    match u64::try_from(duration).unwrap_or(u64::MAX) {
        short if short < MIN_DURATION_US => Err(ServiceError::TooShort(short)),
        long if long > MAX_DURATION_US => Err(ServiceError::TooLong(long / 1_000_000)),
        fits => Ok(fits),
    }
}

/// Log-normal speeds of median 1.
fn draw_speeds(nodes: u32, seed: u64) -> Vec<u32> {
    let mut stream = Stream::new(seed, "speeds");
    let one = f64::from(SPEED_ONE_Q16);
    let draw = |_| libm::round(libm::exp(SPEED_SIGMA * stream.normal()) * one).clamp(1.0, f64::from(u32::MAX)) as u32;
    (0..nodes).map(draw).collect()
}

#[cfg(test)]
mod tests;
