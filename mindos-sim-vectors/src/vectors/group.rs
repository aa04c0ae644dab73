//! Files whose cases are JSON already, but for their numbers.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json, json};

use super::case::{NOTES, Numbers, RETIRED};
use super::{SUITE, VectorError};

/// A file before its cases have numbers.
pub(super) struct Plain<'a> {
    /// Its whole name.
    pub(super) name: &'a str,
    pub(super) algorithm: &'a str,
    /// Lines for people.
    pub(super) header: &'a [&'a str],
    pub(super) groups: Vec<PlainGroup>,
}

/// Cases of one type, and what they share.
pub(super) struct PlainGroup {
    pub(super) procedure: &'static str,
    /// What the group has besides: its message, or a run.
    pub(super) members: Map<String, Json>,
    pub(super) tests: Vec<Json>,
}

impl PlainGroup {
    /// A group about a message.
    pub(super) fn about(procedure: &'static str, message: &str, tests: Vec<Json>) -> Self {
        let members = [("message".to_owned(), json!(message))].into_iter().collect();
        Self { procedure, members, tests }
    }
}

impl Plain<'_> {
    /// The text of the file. A case keeps the number that `known` has for it; a new one gets the next.
    pub(super) fn text(self, known: &Numbers) -> Result<String, VectorError> {
        let retired: Vec<_> = RETIRED.iter().filter(|r| format!("{}_test.json", r.0) == self.name).collect();
        let mut next = known.values().copied().chain(retired.iter().map(|r| r.2)).max().unwrap_or(0);
        let (mut used, mut flags, mut groups) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
        for PlainGroup { procedure, members, mut tests } in self.groups {
            for case in &mut tests {
                let id = case["id"].as_str().unwrap_or_default().to_owned();
                case["tcId"] = json!(known.get(&id).copied().unwrap_or_else(|| {
                    next += 1;
                    next
                }));
                flags.extend(
                    case["flags"].as_array().into_iter().flatten().filter_map(|f| f.as_str().map(String::from)),
                );
                if retired.iter().any(|r| r.1 == id) {
                    return Err(VectorError::Wrong(format!("{id}: a retired case does not come back")));
                }
                if !used.insert(id.clone()) {
                    return Err(VectorError::Wrong(format!("{id}: two cases of this id")));
                }
            }
            let mut group = members;
            group.insert("type".into(), json!(procedure));
            group.insert(
                "source".into(),
                json!({ "name": "mindos vectors generate", "version": env!("CARGO_PKG_VERSION") }),
            );
            group.insert("tests".into(), Json::Array(tests));
            groups.push(Json::Object(group));
        }
        let gone = |id: &&String| !used.contains(*id) && !retired.iter().any(|r| r.1 == id.as_str());
        if let Some(lost) = known.keys().find(gone) {
            return Err(VectorError::Wrong(format!(
                "{lost}: a published case is permanent, and the generator lost it"
            )));
        }
        let notes: Map<String, Json> = (NOTES.iter().filter(|note| flags.contains(note.0)))
            .map(|(flag, bug, effect)| ((*flag).to_owned(), json!({ "bugType": bug, "effect": effect })))
            .collect();
        let file = json!({
            "suite": SUITE,
            "algorithm": self.algorithm,
            "header": self.header,
            "numberOfTests": used.len(),
            "notes": notes,
            "testGroups": groups,
        });
        Ok(format!("{file:#}\n"))
    }
}
