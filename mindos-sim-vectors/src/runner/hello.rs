//! What a testee says it can do.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json, json};

use super::quote::quote;
use super::suite::{Group, Suite};
use crate::testee::{Operation, PROTOCOL};

/// The answer to `hello`.
pub(super) struct Hello {
    pub(super) implementation: String,
    pub(super) version: String,
    /// Operations, each with the messages that it is restricted to.
    operations: Vec<(Operation, Option<BTreeSet<String>>)>,
}

/// The request, without its id.
pub(super) fn request(suite: &str) -> Map<String, Json> {
    let members = [("op", "hello"), ("protocol", PROTOCOL), ("suite", suite)];
    members.into_iter().map(|(key, value)| (key.to_owned(), json!(value))).collect()
}

impl Hello {
    /// Reads the answer. What no group of the suite knows is refused: a misspelt name would skip in silence.
    pub(super) fn read(answer: &Json, suite: &Suite) -> Result<Self, String> {
        if answer["status"] != "ok" {
            return Err(format!("it answered {answer}"));
        }
        let text = |key: &str| {
            answer[key].as_str().map(quote).ok_or_else(|| format!("its answer has no `{key}`, which is a string"))
        };
        let declared = answer["operations"].as_array().ok_or("its answer has no `operations`, which is a list")?;
        let operations = declared.iter().map(|entry| operation(entry, suite)).collect::<Result<_, _>>()?;
        Ok(Self { implementation: text("implementation")?, version: text("version")?, operations })
    }

    /// Whether the testee said that it can run a group.
    pub(super) fn declares(&self, group: &Group) -> bool {
        let covers = |messages: &Option<BTreeSet<String>>| messages.as_ref().is_none_or(|m| m.contains(&group.message));
        self.operations.iter().any(|(operation, messages)| *operation == group.operation && covers(messages))
    }
}

fn operation(entry: &Json, suite: &Suite) -> Result<(Operation, Option<BTreeSet<String>>), String> {
    let name = entry["op"].as_str().ok_or("an entry of `operations` has no `op`, which is a string")?;
    let operation = Operation::named(name).ok_or_else(|| format!("it declares the unknown operation {name:?}"))?;
    let Some(messages) = entry.get("messages") else { return Ok((operation, None)) };
    let messages = messages.as_array().ok_or_else(|| format!("`messages` of {name} is no list"))?;
    let known = |message: &Json| {
        let message = message.as_str().ok_or_else(|| format!("`messages` of {name} holds no strings"))?;
        let mut groups = suite.groups.iter().filter(|group| group.operation == operation);
        match groups.any(|group| group.message == message) {
            true => Ok(message.to_owned()),
            false => Err(format!("it declares the message {message:?} of {name}, of which there are no vectors")),
        }
    };
    Ok((operation, Some(messages.iter().map(known).collect::<Result<_, String>>()?)))
}
