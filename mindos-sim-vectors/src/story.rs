//! What a run tells beside its figures: the story in order of time, and what the report draws.

use crate::yardstick::PolicyFigures;

/// One line of the story.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoryLine {
    /// When, in µs from the start of the run.
    pub at_us: u64,
    /// One sentence.
    pub text: String,
}

/// A moment that the timeline marks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// When, in µs from the start of the run.
    pub at_us: u64,
    /// A few words, such as `city dark` or `all survivors know`.
    pub label: String,
}

/// What one second of the run was like.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sample {
    /// The second, from the start of the run.
    pub second: u32,
    /// Share of the minds in power that are busy, 0 to 1.
    pub busy: f32,
    /// Intents submitted in this second.
    pub submitted: u32,
    /// Results delivered in this second.
    pub completed: u32,
    /// Minds that the median survivor knows down.
    pub known_by_median: u32,
    /// Minds that the least informed survivor knows down.
    pub known_by_last: u32,
    /// Control bytes of all minds in this second.
    pub control_bytes: u64,
}

/// How far the news of the blackout had spread at a moment; as finely spaced as wished.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spread {
    /// When, in µs after the cut.
    pub after_us: u64,
    /// Dead minds that the median survivor knows down.
    pub known_by_median: u32,
    /// Dead minds that the least informed survivor knows down.
    pub known_by_last: u32,
}

/// An intent handed out again after the loss of its worker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redispatch {
    /// When, in µs from the start of the run.
    pub at_us: u64,
    /// Its origin.
    pub origin: u32,
    /// The worker that was lost.
    pub lost: u32,
    /// The worker that got it.
    pub next: u32,
    /// Time from submission to result in µs; `None` if it had none.
    pub latency_us: Option<u64>,
}

/// Everything about a run that is no figure. What stays empty is left out of the report.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RunStory {
    /// The story in order of time.
    pub lines: Vec<StoryLine>,
    /// Moments to mark, in order of time.
    pub moments: Vec<Moment>,
    /// Every second of the run, in order.
    pub samples: Vec<Sample>,
    /// The spread of the news, in order of time.
    pub spread: Vec<Spread>,
    /// Intents handed out again, in order of time.
    pub redispatches: Vec<Redispatch>,
    /// MindOS and the baselines on the same work, as [`crate::yardstick::compare`] gives them.
    pub policies: Vec<PolicyFigures>,
    /// What a reader of the figures should know, one sentence each.
    pub notes: Vec<String>,
}

/// How far a run has come.
#[derive(Clone, Copy, Debug)]
pub enum Progress<'a> {
    /// Simulated time has passed.
    Time {
        /// Now, in µs from the start of the run.
        now_us: u64,
        /// When arrivals end, in µs from the start of the run; draining goes on after it.
        end_us: u64,
    },
    /// Something worth telling has happened.
    Story(&'a StoryLine),
}

/// Minutes and seconds of a moment, to a tenth where it has one.
pub fn clock(at_us: u64) -> String {
    let tenths = at_us / 100_000;
    let (minutes, rest) = (tenths / 600, tenths % 600);
    if rest.is_multiple_of(10) {
        format!("{minutes}:{:02}", rest / 10)
    } else {
        format!("{minutes}:{:02}.{}", rest / 10, rest % 10)
    }
}
