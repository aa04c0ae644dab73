//! Holds the files on disk against the generator and against the code.

use std::collections::BTreeSet;
use std::path::Path;

use mindos_wire::Minifloat;
use serde_json::Value as Json;

use super::case::Procedure;
use super::files::{self, MANIFEST};
use super::session::{cookie, keys, transport};
use super::{
    SUITE, VectorError, cost, forecasts, handshake, incentives, question, ratings, signature, succession, trace, truth,
};
use crate::inspect::{Kind, decode, hex, unhex};

/// Decides a case from what it says alone.
type Decide = fn(&Json) -> Result<(), String>;

/// Types of groups whose cases stand for themselves, beside those of the wire format.
const OTHERS: [(&str, Decide); 12] = [
    (trace::PROCEDURE, trace::decide),
    (signature::PROCEDURE, signature::decide),
    (cost::PROCEDURE, cost::decide),
    (succession::PROCEDURE, succession::decide),
    (keys::PROCEDURE, keys::decide),
    (transport::PROCEDURE, transport::decide),
    (cookie::PROCEDURE, cookie::decide),
    (truth::PROCEDURE, truth::decide),
    (ratings::PROCEDURE, ratings::decide),
    (forecasts::PROCEDURE, forecasts::decide),
    (question::PROCEDURE, question::decide),
    (incentives::PROCEDURE, incentives::decide),
];

/// What a check found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Files compared.
    pub files: usize,
    /// Cases that must be accepted.
    pub valid: usize,
    /// Cases that must be refused.
    pub invalid: usize,
    /// Everything that does not hold, in words; empty if all is well.
    pub problems: Vec<String>,
}

/// Checks the vectors in `dir`.
///
/// # Errors
/// If a file cannot be read, or the generator itself fails.
pub fn check(dir: &Path) -> Result<Report, VectorError> {
    let mut report = Report::default();
    let made = files::make(dir)?;
    for (name, text) in &made {
        report.files += 1;
        match files::read(&dir.join(name))? {
            Some(disk) if disk == *text => {}
            Some(disk) => report.problems.push(difference(name, &disk, text)),
            None => report.problems.push(format!("{name}: missing; `mindos vectors generate` writes it")),
        }
        let cases = if name == MANIFEST { None } else { files::read_json(&dir.join(name))? };
        if let Some(json) = cases {
            file(name, &json, &mut report);
        }
    }
    for name in stray(dir)?.difference(&made.keys().cloned().collect()) {
        report.problems.push(format!("{name}: the generator does not make this file"));
    }
    Ok(report)
}

/// The JSON files of `dir`.
fn stray(dir: &Path) -> Result<BTreeSet<String>, VectorError> {
    let entries = std::fs::read_dir(dir).map_err(|e| VectorError::Io(dir.display().to_string(), e))?;
    let names = entries.filter_map(|e| e.ok()?.file_name().into_string().ok());
    Ok(names.filter(|n| n.ends_with(".json")).collect())
}

/// The first line in which two texts differ.
fn difference(name: &str, disk: &str, made: &str) -> String {
    let same = disk.lines().zip(made.lines()).take_while(|(a, b)| a == b).count();
    let line = |text: &str| text.lines().nth(same).unwrap_or("the end").trim().to_string();
    format!("{name}:{}: differs\n  on disk:   {}\n  generated: {}", same + 1, line(disk), line(made))
}

/// Decides every case of one file from what the file says alone.
fn file(name: &str, json: &Json, report: &mut Report) {
    let mut problems = Vec::new();
    if json["suite"] != SUITE {
        problems.push(format!("{name}: suite {} instead of {SUITE}", json["suite"]));
    }
    let mut cases = 0;
    for run in json["vectors"].as_array().into_iter().flatten() {
        cases += 1;
        report.valid += 1;
        if let Err(what) = handshake::decide_run(run) {
            problems.push(format!("{name}: {}: {what}", run["name"].as_str().unwrap_or("a run without name")));
        }
    }
    for group in json["testGroups"].as_array().into_iter().flatten() {
        let procedure = group["type"].as_str().and_then(Procedure::named);
        let other = OTHERS.iter().find(|other| group["type"] == other.0).map(|other| other.1);
        let refusals = group["type"] == handshake::PROCEDURE;
        if procedure.is_none() && other.is_none() && !refusals {
            problems.push(format!("{name}: unknown group type {}", group["type"]));
            continue;
        }
        for case in group["tests"].as_array().into_iter().flatten() {
            cases += 1;
            match case["result"].as_str() {
                Some("valid") => report.valid += 1,
                _ => report.invalid += 1,
            }
            let outcome = match (procedure, other) {
                (Some(Procedure::Minifloat), _) => minifloat(case),
                (Some(Procedure::Decode(kind)), _) => decoding(kind, case),
                (None, Some(decide)) => decide(case),
                (None, None) => handshake::decide_refusal(group, case),
            };
            if let Err(what) = outcome {
                problems.push(format!("{name}: {}: {what}", case["id"].as_str().unwrap_or("a case without id")));
            }
        }
    }
    if json["numberOfTests"] != cases {
        problems.push(format!("{name}: numberOfTests is {} and there are {cases}", json["numberOfTests"]));
    }
    report.problems.append(&mut problems);
}

fn decoding(kind: Kind, case: &Json) -> Result<(), String> {
    let bytes = case["bytes"].as_str().and_then(unhex).ok_or("bytes are not hex")?;
    match (case["result"].as_str(), decode(kind, &bytes)) {
        (Some("valid"), Ok(d)) if d.json() != case["value"] => Err(format!("decodes to {}", d.json())),
        (Some("valid"), Ok(d)) if d.again != bytes => Err(format!("encodes again to {}", hex(&d.again))),
        (Some("valid"), Ok(_)) => Ok(()),
        (Some("valid"), Err(r)) => Err(format!("is valid, and was refused: {}", r.error)),
        (Some("invalid"), Ok(d)) => Err(format!("is invalid, and was accepted as {}", d.json())),
        (Some("invalid"), Err(r)) if case["error"] != r.error.class.name() => {
            Err(format!("expected a refusal as {}, got {}", case["error"], r.error))
        }
        (Some("invalid"), Err(r)) if case["at"].as_str().and_then(|s| s.parse().ok()) != Some(r.error.at) => {
            Err(format!("expected the refusal at byte {}, got {}", case["at"], r.error))
        }
        (Some("invalid"), Err(_)) => Ok(()),
        _ => Err("result is neither valid nor invalid".into()),
    }
}

fn minifloat(case: &Json) -> Result<(), String> {
    let number =
        |key: &str| case[key].as_str().and_then(|s| s.parse::<u64>().ok()).ok_or(format!("{key} is no number"));
    let (quantity, code, reads) = (number("quantity")?, number("code")?, number("reads")?);
    let made = Minifloat::floor(quantity);
    if u64::from(made.0) != code {
        return Err(format!("quantity {quantity} encodes to {}, expected {code}", made.0));
    }
    if made.quantity() != reads {
        return Err(format!("code {code} reads {}, expected {reads}", made.quantity()));
    }
    Ok(())
}
