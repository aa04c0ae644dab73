//! Whether an answer is what was expected.

use std::fmt::{self, Display};

use serde_json::{Map, Value as Json};

use super::quote::quote;
use super::suite::Expect;

/// The first thing in which an answer differs. A run keeps one for each failure, so that their texts are bounded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Difference {
    /// Where, as a path into the answer.
    pub(super) what: String,
    pub(super) expected: String,
    pub(super) got: String,
}

impl Difference {
    pub(super) fn new(what: impl Display, expected: impl Display, got: impl Display) -> Self {
        Self { what: quote(what), expected: quote(expected), got: quote(got) }
    }
}

/// Holds an answer against what is expected. Members of the answer itself that are not expected are for people;
/// further inside there must be nothing more and, but for what is `optional`, nothing less.
pub(super) fn judge(expect: &Expect, optional: &[&str], answer: &Json) -> Result<(), Difference> {
    // A refusal has but two members: told as a whole it can be read.
    let refusals = ["status", "error", "at"].into_iter().find(|key| match (*key, expect.members.get(*key)) {
        ("status", _) => answer["status"] != expect.status,
        (_, Some(value)) => expect.status == "err" && answer[*key] != *value,
        (_, None) => false,
    });
    if let Some(what) = refusals {
        let expected = Summary(expect.status, &expect.members);
        return Err(match answer.as_object() {
            Some(members) => {
                let status = members.get("status").and_then(Json::as_str).unwrap_or("no status");
                Difference::new(what, expected, Summary(status, members))
            }
            None => Difference::new(what, expected, answer),
        });
    }
    expect.members.iter().try_for_each(|(key, value)| member(key, value, answer.get(key), optional))
}

/// What an answer says in one line: its status and its members.
struct Summary<'a>(&'a str, &'a Map<String, Json>);

impl Display for Summary<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)?;
        for key in ["error", "at", "why", "value", "code", "reads"] {
            match self.1.get(key) {
                Some(Json::String(text)) => write!(f, ", {key} {text}")?,
                Some(value) => write!(f, ", {key} {value}")?,
                None => {}
            }
        }
        Ok(())
    }
}

fn member(path: &str, expected: &Json, got: Option<&Json>, optional: &[&str]) -> Result<(), Difference> {
    let differs = || match got {
        Some(got) => Difference::new(path, expected, got),
        None => Difference::new(path, expected, "nothing"),
    };
    match (expected, got.ok_or_else(differs)?) {
        (Json::Object(expected), Json::Object(got)) => {
            for (key, value) in expected {
                match got.get(key) {
                    None if optional.contains(&key.as_str()) => {}
                    found => member(&format!("{path}.{key}"), value, found, optional)?,
                }
            }
            match got.iter().find(|(key, _)| !expected.contains_key(*key)) {
                Some((key, value)) => Err(Difference::new(format_args!("{path}.{key}"), "nothing", value)),
                None => Ok(()),
            }
        }
        (Json::Array(expected), Json::Array(got)) => {
            for (i, value) in expected.iter().enumerate() {
                member(&format!("{path}[{i}]"), value, got.get(i), optional)?;
            }
            match got.get(expected.len()) {
                Some(more) => Err(Difference::new(format_args!("{path}[{}]", expected.len()), "nothing", more)),
                None => Ok(()),
            }
        }
        (expected, got) if expected == got => Ok(()),
        _ => Err(differs()),
    }
}
