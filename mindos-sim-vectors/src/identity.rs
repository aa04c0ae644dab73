//! Identities for people: key files, and proofs of cost from the command line.

pub mod cli;
mod file;
mod succession;
#[cfg(test)]
mod tests;

use std::io;

/// Why a command about identities did nothing.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// A file could not be read or made.
    #[error("{0}: {1}")]
    Io(String, #[source] io::Error),
    /// There is a file already; a key that is overwritten is lost.
    #[error("{0}: exists; expected a name that is free, for a key that is overwritten is lost")]
    Exists(String),
    /// There is a file already, and what stands in it may be all that is left.
    #[error("{0}: exists; expected a name that is free")]
    Taken(String),
    /// A file holds no record.
    #[error("{0}: no record; expected hex digits, as `mindos identity succeed` and `revoke` write them")]
    NoRecord(String),
    /// One key twice.
    #[error("both files hold one key; expected a successor with another key")]
    Itself,
    /// A file is no key file. Says where and what was expected, never what stands there: it may be a key.
    #[error("{0}, {1}; expected {expected}", expected = file::EXPECTED)]
    NoKey(String, String),
    /// The operating system gave no randomness.
    #[error("no randomness from the operating system: {0}")]
    Randomness(getrandom::Error),
    /// No nonce is left to try.
    #[error("no nonce of all 2^64 holds")]
    Exhausted,
    /// The result could not be written.
    #[error("output: {0}")]
    Output(#[source] io::Error),
}
