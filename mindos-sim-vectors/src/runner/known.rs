//! The list of known failures.

use std::collections::BTreeSet;
use std::path::Path;

use super::RunError;
use super::suite::Suite;

/// Reads a list: one id a line, `#` begins a comment.
pub(super) fn known(path: &Path, suite: &Suite) -> Result<BTreeSet<String>, RunError> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| RunError::Refused(format!("{}: cannot be read: {error}", path.display())))?;
    parse(&text, suite).map_err(|what| RunError::Refused(format!("{}, {what}", path.display())))
}

/// An id that no case has is refused: it would excuse nothing, and hide that its case is gone or misspelt.
pub(super) fn parse(text: &str, suite: &Suite) -> Result<BTreeSet<String>, String> {
    let ids: BTreeSet<&str> = suite.cases().map(|case| case.id.as_str()).collect();
    let mut known = BTreeSet::new();
    for (i, line) in text.lines().enumerate() {
        let id = line.split('#').next().unwrap_or_default().trim();
        if id.is_empty() {
            continue;
        }
        if let Some(why) = suite.retired.get(id) {
            return Err(format!("line {}: {id} is retired ({why}): take it off", i + 1));
        }
        if !ids.contains(id) {
            return Err(format!("line {}: no case is called {id:?}", i + 1));
        }
        known.insert(id.to_owned());
    }
    Ok(known)
}
