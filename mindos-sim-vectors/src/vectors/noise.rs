//! `mindos vectors noise`: holds the core's Noise against public vectors, which others made.
//!
//! The core runs BLAKE3 in production, for which there are none; its hash is a type parameter, and `hashes` plugs in
//! those of the public files. `file` reads a file, `play` decides one vector, [`cli`] tells.

pub mod cli;
mod file;
mod hashes;
mod play;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use play::Trouble;

/// What came of a file. Counts are of vectors unless they say otherwise.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct NoiseReport {
    /// Name of the file, as it was given.
    pub file: String,
    /// Whether something was checked and nothing failed.
    pub ok: bool,
    /// All of them.
    pub vectors: usize,
    /// Those of which everything held.
    pub passed: usize,
    /// Those of which something did not.
    pub failed: usize,
    /// Those that are about something else than the core does.
    pub skipped: usize,
    /// How many were skipped for which reason.
    pub reasons: BTreeMap<String, usize>,
    /// Handshake messages that held, of vectors that passed.
    pub handshake_messages: usize,
    /// Transport messages that held, of vectors that passed.
    pub transport_messages: usize,
    /// Handshake hashes that held, of vectors that passed; a vector may have none.
    pub handshake_hashes: usize,
    /// The first thing that did not hold, of every vector that failed.
    pub failures: Vec<NoiseFailure>,
}

/// Where a vector and the core differ.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct NoiseFailure {
    /// Index of the vector in its list.
    pub vector: usize,
    /// Its protocol.
    pub protocol_name: String,
    /// Index of the message in the vector's list, if it is about one.
    pub message: Option<usize>,
    /// What differs.
    pub what: &'static str,
    /// The first byte that differs, if both are bytes.
    pub at: Option<usize>,
    /// What the file says, in hex.
    pub expected: String,
    /// What came, in hex, or the refusal.
    pub got: String,
}

/// Decides all vectors of a file's text. `name` is for messages.
///
/// # Errors
/// What is wrong with the file and where, if it is not of the form of such vectors.
pub fn noise_vectors(name: &str, text: &str) -> Result<NoiseReport, String> {
    let vectors = file::read(text).map_err(|what| format!("{name}: {what}"))?;
    let mut report = NoiseReport { file: name.to_owned(), vectors: vectors.len(), ..NoiseReport::default() };
    for (index, vector) in vectors.iter().enumerate() {
        let place = |what: String| format!("{name}: vectors[{index}] ({}): {what}", vector.protocol_name);
        match play::play(vector) {
            Ok(held) => {
                report.passed += 1;
                report.handshake_messages += held.handshake_messages;
                report.transport_messages += held.transport_messages;
                report.handshake_hashes += usize::from(held.handshake_hash);
            }
            Err(Trouble::Skipped(reason)) => {
                report.skipped += 1;
                *report.reasons.entry(reason).or_default() += 1;
            }
            Err(Trouble::Malformed(what)) => return Err(place(what)),
            Err(Trouble::Wrong(wrong)) => {
                report.failed += 1;
                report.failures.push(NoiseFailure {
                    vector: index,
                    protocol_name: vector.protocol_name.clone(),
                    message: wrong.message,
                    what: wrong.what,
                    at: wrong.at,
                    expected: wrong.expected,
                    got: wrong.got,
                });
            }
        }
    }
    report.ok = report.failed == 0 && report.passed > 0;
    Ok(report)
}
