//! `mindos vectors run`: drives any program that speaks the testee protocol, and says what it did wrong.
//!
//! In the order in which a run goes: `suite` reads the vectors and splits each case into what is asked and what is
//! expected · `process` is the testee at the other end of two pipes · `drive` asks case by case, restarts what
//! crashed and notes verdicts · `judge` holds an answer against what is expected · `known` reads the list of known
//! failures · `quote` bounds and cleans whatever the testee said · `report` sums up, for people and for machines. The
//! testee is told inputs only.

pub mod cli;
mod drive;
mod hello;
mod judge;
mod known;
mod process;
mod quote;
mod report;
mod suite;

#[cfg(test)]
mod tests;

use crate::vectors::VectorError;

/// Why a run could not take place.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The vectors could not be read.
    #[error(transparent)]
    Vectors(#[from] VectorError),
    /// The list of known failures, a pattern or a path is of no use.
    #[error("{0}")]
    Refused(String),
    /// The command could not be started.
    #[error("{0}: cannot be started: {1}")]
    Start(String, #[source] std::io::Error),
    /// The testee did not say hello.
    #[error("the testee did not say hello: {0}")]
    Hello(String),
    /// The report could not be written.
    #[error("{0}: cannot be written: {1}")]
    Write(String, #[source] std::io::Error),
}

/// Whether an id contains a pattern, in which `*` stands for anything.
fn selects(pattern: &str, id: &str) -> bool {
    let mut rest = id;
    pattern.split('*').all(|part| match rest.split_once(part) {
        Some((_, after)) => {
            rest = after;
            true
        }
        None => false,
    })
}
