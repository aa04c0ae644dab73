//! Why a file was refused.

use std::io;

/// A file was refused. Nothing of it was used.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    /// The file could not be opened or read.
    #[error("{file}: cannot be read: {source}")]
    Io {
        /// The file as the user named it.
        file: String,
        /// What the operating system said.
        source: io::Error,
    },
    /// A line or a field of it is malformed.
    #[error("{file}, line {line}{}: found {found}; expected {expected}", in_field(.field))]
    Malformed {
        /// The file as the user named it.
        file: String,
        /// Line number, from 1.
        line: u64,
        /// Column number or name, if one field is to blame.
        field: Option<String>,
        /// What stood there, shortened and with control characters escaped.
        found: String,
        /// What would have been accepted.
        expected: String,
    },
    /// The file as a whole is unusable.
    #[error("{file}: {reason}")]
    Unusable {
        /// The file as the user named it.
        file: String,
        /// What is wrong and what was expected.
        reason: String,
    },
}

fn in_field(field: &Option<String>) -> String {
    field.as_ref().map(|field| format!(", column {field}")).unwrap_or_default()
}

/// Text from a file, quoted for a message: at most 40 characters, nothing that could drive a terminal.
pub(crate) fn quoted(text: &str) -> String {
    let mut shown: String = text.chars().take(40).flat_map(char::escape_debug).collect();
    if text.chars().nth(40).is_some() {
        shown.push('…');
    }
    format!("\"{shown}\"")
}
