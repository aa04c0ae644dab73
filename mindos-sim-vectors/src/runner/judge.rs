//! Whether an answer is what was expected.

use serde_json::{Map, Value as Json};

use super::suite::Expect;

/// The first thing in which an answer differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Difference {
    /// Where, as a path into the answer.
    pub(super) what: String,
    pub(super) expected: String,
    pub(super) got: String,
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
        return Err(Difference {
            what: what.to_owned(),
            expected: summary(expect.status, &expect.members),
            got: match answer.as_object() {
                Some(members) => summary(members.get("status").and_then(Json::as_str).unwrap_or("no status"), members),
                None => answer.to_string(),
            },
        });
    }
    expect.members.iter().try_for_each(|(key, value)| member(key, value, answer.get(key), optional))
}

/// What an answer says in one line.
fn summary(status: &str, members: &Map<String, Json>) -> String {
    let shown = ["error", "at", "why", "value", "code", "reads"].iter().filter_map(|key| {
        let value = members.get(*key)?;
        Some(format!(", {key} {}", value.as_str().map_or_else(|| value.to_string(), str::to_owned)))
    });
    std::iter::once(status.to_owned()).chain(shown).collect()
}

fn member(path: &str, expected: &Json, got: Option<&Json>, optional: &[&str]) -> Result<(), Difference> {
    let differs = || Difference {
        what: path.to_owned(),
        expected: expected.to_string(),
        got: got.map_or_else(|| "nothing".to_owned(), Json::to_string),
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
                Some((key, value)) => Err(Difference {
                    what: format!("{path}.{key}"),
                    expected: "nothing".to_owned(),
                    got: value.to_string(),
                }),
                None => Ok(()),
            }
        }
        (Json::Array(expected), Json::Array(got)) => {
            for (i, value) in expected.iter().enumerate() {
                member(&format!("{path}[{i}]"), value, got.get(i), optional)?;
            }
            match got.get(expected.len()) {
                Some(more) => Err(Difference {
                    what: format!("{path}[{}]", expected.len()),
                    expected: "nothing".to_owned(),
                    got: more.to_string(),
                }),
                None => Ok(()),
            }
        }
        (expected, got) if expected == got => Ok(()),
        _ => Err(differs()),
    }
}
