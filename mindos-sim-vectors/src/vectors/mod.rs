//! Conformance vectors: what any implementation in any language can check itself against.
//!
//! The generator owns the files of `vectors/v1/` (their format is specified in `vectors/README.md`):
//! [`generate`] writes them, [`check`] makes them again in memory, compares byte for byte, and then reads
//! the files on disk as a stranger would: decodes every case and holds result, class, position, value and
//! re-encoding against what the file says. The trace of a node is replayed on a fresh one.

mod case;
mod check;
pub mod cli;
mod cost;
mod files;
pub(crate) mod forecasts;
mod group;
mod handshake;
pub(crate) mod incentives;

pub mod noise;
pub(crate) mod question;
pub(crate) mod ratings;
mod read;
mod session;
mod sign;
mod signature;
pub(crate) mod succession;
mod trace;
pub(crate) mod truth;
mod wire;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

pub use check::{Report, check};
pub(crate) use cost::verify as verify_cost;
pub use files::generate;
pub(crate) use files::{MANIFEST, read, read_json};
pub(crate) use handshake::{Pattern as NoisePattern, Side as NoiseSide};
pub(crate) use session::{cookie, keys, transport};
pub(crate) use trace::replay;

/// Version of the suite: of the set of cases and of their format.
pub const SUITE: &str = "mindos-vectors/1.0.0-draft.1";

/// Where the vectors lie in the source tree.
pub fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors").join("v1")
}

/// Why vectors could not be made, or do not hold.
#[derive(Debug, thiserror::Error)]
pub enum VectorError {
    /// A file could not be read or written.
    #[error("{0}: {1}")]
    Io(String, #[source] std::io::Error),
    /// A file is not JSON.
    #[error("{0}: {1}")]
    Json(String, #[source] serde_json::Error),
    /// The generator states one thing and the code does another, or a permanent case would vanish.
    #[error("{0}")]
    Wrong(String),
}
