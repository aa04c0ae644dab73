//! Questions in the mesh (spec 09, sections 7 and 8): commitments, holders, evidence, times, what a reader believes and
//! what reports earned. Records are written and hashes made here from the chapter; production decides.

mod beliefs;
mod commitments;
mod evidence;
mod holders;
mod merits;
mod play;
mod records;
mod times;

use serde_json::{Value as Json, json};

use super::VectorError;
use super::case::Numbers;
use super::group::{Plain, PlainGroup};
pub(crate) use play::play;

/// The file.
pub(super) const FILE: &str = "question_test.json";
/// Type of its groups.
pub(super) const PROCEDURE: &str = "Questions";
/// What a case gives, besides its steps.
pub(crate) const INPUTS: &[&str] = &["network"];

/// A case: what goes in at each step, and what must come of it.
struct Case {
    id: String,
    comment: &'static str,
    flag: &'static str,
    reqs: &'static [&'static str],
    invalid: bool,
    steps: Vec<(Json, Json)>,
}

impl Case {
    fn json(self) -> Json {
        let steps: Vec<Json> = self.steps.into_iter().map(|(i, o)| json!({ "in": i, "out": o })).collect();
        json!({
            "id": format!("question/{}", self.id), "comment": self.comment, "reqs": self.reqs, "flags": [self.flag],
            "result": if self.invalid { "invalid" } else { "valid" },
            "network": records::NETWORK.to_string(), "steps": steps,
        })
    }
}

/// The file.
pub(super) fn text(known: &Numbers) -> Result<String, VectorError> {
    let groups = [
        ("commitment", commitments::cases()),
        ("holders", holders::cases()),
        ("times", times::cases()),
        ("evidence", evidence::cases()),
        ("belief", beliefs::cases()),
        ("forged-belief", beliefs::forged()),
        ("merit", merits::cases()),
    ];
    let mut made = Vec::new();
    for (message, cases) in groups {
        let cases: Vec<Json> = cases.into_iter().map(Case::json).collect();
        for case in &cases {
            decide(case).map_err(|what| VectorError::Wrong(format!("{}: {what}", case["id"])))?;
        }
        made.push(PlainGroup::about(PROCEDURE, message, cases));
    }
    let header = ["Questions in the mesh: who holds them, what counts, and what a reader believes."];
    Plain { name: FILE, algorithm: "mindos-trust", header: &header, groups: made }.text(known)
}

/// Decides one case from what the file says alone.
pub(super) fn decide(case: &Json) -> Result<(), String> {
    super::truth::compare(case, &play(case)?)
}
