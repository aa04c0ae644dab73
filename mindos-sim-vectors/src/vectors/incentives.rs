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

/// Groups by their message.
type Groups = Vec<(&'static str, Vec<Story>)>;

/// A file: its name, what it is about, its groups.
type File = (&'static str, &'static str, fn() -> Groups);

const FILES: [File; 3] = [
    ("advice_test.json", "Advice: what warnings weigh, and what standing comes of them.", advice::groups),
    ("payment_test.json", "Payments: what a payee takes, and what an issuer sees.", payment::groups),
    ("evidence_test.json", "Evidence: whom it suspends and keeps out, until when.", evidence::groups),
];
/// Type of their groups.
pub(super) const PROCEDURE: &str = "Incentives";
/// What a case gives, besides its steps.
pub(crate) const INPUTS: &[&str] = &["about", "checks", "identity", "issuers", "members", "network", "roots", "unix_s"];

/// The files, each with its text; `known` has the numbers of what is published.
pub(super) fn texts(
    known: impl Fn(&str) -> Result<Numbers, VectorError>,
) -> Result<Vec<(&'static str, String)>, VectorError> {
    let mut texts = Vec::new();
    for (name, header, groups) in FILES {
        let mut made = Vec::new();
        for (message, stories) in groups() {
            let cases = stories.into_iter().map(Story::case).collect::<Result<_, _>>().map_err(VectorError::Wrong)?;
            made.push(PlainGroup::about(PROCEDURE, message, cases));
        }
        let file = Plain { name, algorithm: "mindos-trust", header: &[header], groups: made };
        texts.push((name, file.text(&known(name)?)?));
    }
    Ok(texts)
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
