//! A trace of one whole node: everything that went in, and everything that came out.
//!
//! All time and randomness are inputs, so a fresh node with the same configuration and restored records that
//! is given the same inputs puts out the same, bit for bit.

mod hosts;
mod inputs;
mod node;
mod outputs;
mod story;

use serde_json::{Value as Json, json};

use super::case::Numbers;
use super::{SUITE, VectorError};
use node::Traced;

/// File of the trace.
pub(super) const FILE: &str = "node_trace_test.json";
/// Type of its group.
pub(super) const PROCEDURE: &str = "NodeTrace";

const ID: &str = "node/trace/worker";

/// What the trace exercises: the recorded outputs differ if one of these is not met.
const REQS: [&str; 14] = [
    "ID-003", "ID-004", "INT-019", "MESH-001", "MESH-002", "MESH-003", "SES-001", "SES-002", "SES-003", "SES-009",
    "SES-011", "SES-013", "SES-014", "SES-020",
];

/// The text of the file. The only case keeps the number that `known` has for it.
pub(super) fn text(known: &Numbers) -> Result<String, VectorError> {
    if let Some(lost) = known.keys().find(|id| *id != ID) {
        return Err(VectorError::Wrong(format!("{lost}: a published case is permanent, and the generator lost it")));
    }
    let (node, steps) = story::tell().map_err(|what| VectorError::Wrong(format!("{ID}: {what}")))?;
    let case = json!({
        "tcId": known.get(ID).copied().unwrap_or(1),
        "id": ID,
        "comment": "a worker restarts from its records, joins, probes, serves one intent, meets hostile bytes, and leaves",
        "reqs": REQS,
        "flags": ["Replay"],
        "result": "valid",
        "node": node,
        "steps": steps,
    });
    let file = json!({
        "suite": SUITE,
        "algorithm": "mindos-node",
        "header": ["One node as a state machine: inputs with their times, and all outputs. See README.md."],
        "numberOfTests": 1,
        "notes": { "Replay": {
            "bugType": "DETERMINISM",
            "effect": "Depends on something besides its configuration, its restored records and its inputs, or acts otherwise.",
        } },
        "testGroups": [{
            "type": PROCEDURE,
            "message": "node",
            "source": { "name": "mindos vectors generate", "version": env!("CARGO_PKG_VERSION") },
            "tests": [case],
        }],
    });
    Ok(format!("{file:#}\n"))
}

/// Feeds inputs to a fresh node, and gives every step with all that the node says. Of `steps` only the time and the
/// input are read.
pub(crate) fn replay(node: &Json, steps: &[Json]) -> Result<Vec<Json>, String> {
    let mut node = Traced::restore(node)?;
    let step = |(i, step): (usize, &Json)| {
        let told = |what: String| format!("step {i}: {what}");
        let at = inputs::number(step, "at_us").map_err(told)?;
        match &step["in"]["type"] {
            kind if kind == "start" => Ok(node.start(at)),
            _ => Ok(node.step(at, inputs::read(&step["in"]).map_err(told)?)),
        }
    };
    steps.iter().enumerate().map(step).collect()
}

/// Replays a case and compares everything that the node says.
pub(super) fn decide(case: &Json) -> Result<(), String> {
    let steps = case["steps"].as_array().ok_or("there are no steps")?;
    for (i, (made, step)) in replay(&case["node"], steps)?.iter().zip(steps).enumerate() {
        for key in ["handled", "error", "out", "next_timer_us", "timer"] {
            if made[key] != step[key] {
                return Err(format!("step {i}: {key} is {}, expected {}", made[key], step[key]));
            }
        }
    }
    Ok(())
}
