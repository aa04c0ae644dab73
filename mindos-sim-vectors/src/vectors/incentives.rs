//! Incentives (spec 10): what advice weighs, what comes of payments and of evidence. Records are written and signed here
//! from the chapters; production decides, and each step says what must come of it.

mod advice;
mod evidence;
mod payment;
mod play;
mod records;
mod story;

use super::VectorError;
use super::case::Numbers;
use super::group::{Plain, PlainGroup};
pub(crate) use play::play;
use serde_json::Value as Json;
use story::Story;

/// The files, each with what it is about.
pub(super) const FILES: [(&str, &str); 3] = [
    ("advice_test.json", "Advice: what warnings weigh, and what standing comes of them."),
    ("payment_test.json", "Payments: what a payee takes, and what an issuer sees."),
    ("evidence_test.json", "Evidence: whom it suspends and keeps out, until when."),
];
/// Type of their groups.
pub(super) const PROCEDURE: &str = "Incentives";
/// What a case gives, besides its steps.
pub(crate) const INPUTS: &[&str] = &["about", "checks", "identity", "issuers", "members", "network", "roots", "unix_s"];

fn groups(file: &str) -> Vec<(&'static str, Vec<Story>)> {
    match file {
        "advice_test.json" => vec![("advice", advice::heard()), ("adviser", advice::told())],
        "payment_test.json" => {
            vec![("payee", payment::payee()), ("issuer", payment::issuer()), ("double-spend", payment::doubles())]
        }
        _ => vec![
            ("evidence", evidence::taken()),
            ("suspension", evidence::suspension()),
            ("quarantine", evidence::quarantine()),
            ("appeal", evidence::appeal()),
        ],
    }
}

/// One file.
pub(super) fn text(file: &str, header: &str, known: &Numbers) -> Result<String, VectorError> {
    let mut made = Vec::new();
    for (message, stories) in groups(file) {
        let cases = stories.into_iter().map(Story::case).collect::<Result<_, _>>().map_err(VectorError::Wrong)?;
        made.push(PlainGroup::about(PROCEDURE, message, cases));
    }
    Plain { name: file, algorithm: "mindos-trust", header: &[header], groups: made }.text(known)
}

/// Decides one case from what the file says alone.
pub(super) fn decide(case: &Json) -> Result<(), String> {
    let made = play(case)?;
    super::truth::compare(case, &made)?;
    if refuses(&made) == (case["result"] == "valid") {
        return Err("`result` is not what the steps say".to_owned());
    }
    Ok(())
}

/// Whether something is refused.
fn refuses(steps: &[Json]) -> bool {
    steps.iter().any(|step| step["out"].get("refused").is_some())
}
