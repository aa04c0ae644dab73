//! Cases of forecasts (spec 09, section 2.10): probabilities, their pool, and what outcomes teach.

use std::collections::BTreeSet;

use mindos_core::{
    NodeId,
    trust::forecast::{Forecast, Forecasts},
};
use serde_json::{Map, Value as Json, json};

use super::VectorError;
use super::case::Numbers;
use super::group::{Plain, PlainGroup};
use super::read::number;
use super::truth::{name, noise};

/// The file.
pub(super) const FILE: &str = "truth_forecasts_test.json";
/// Type of its groups.
pub(super) const PROCEDURE: &str = "Forecasts";
/// What a case gives, besides its steps.
pub(crate) const INPUTS: &[&str] = &["options"];

fn admit(forecaster: u32, parts: u32) -> Json {
    json!({ "type": "admit", "forecaster": forecaster.to_string(), "parts": parts.to_string() })
}

/// A forecast: its author, then weights.
fn said(forecaster: u32, weights: &[u32]) -> String {
    let weights: Vec<String> = weights.iter().map(u32::to_string).collect();
    format!("{forecaster} {}", weights.join(" "))
}

fn binary(forecaster: u32, yes: u32) -> String {
    said(forecaster, &[65_535 - yes, yes])
}

fn pool(forecasts: &[String]) -> Json {
    json!({ "type": "pool", "forecasts": forecasts })
}

fn resolve(forecasts: &[String], outcome: u32) -> Json {
    json!({ "type": "resolve", "forecasts": forecasts, "outcome": outcome.to_string() })
}

fn gains(forecasts: &[String], outcome: u32) -> Json {
    json!({ "type": "gains", "forecasts": forecasts, "outcome": outcome.to_string() })
}

fn case(id: &str, flag: &str, options: u32, comment: &str, steps: Vec<Json>) -> Result<Json, String> {
    let steps: Vec<Json> = steps.into_iter().map(|input| json!({ "in": input })).collect();
    let mut case = json!({
        "id": format!("forecasts/{id}"), "comment": comment, "reqs": ["TRUST-001", "TRUST-008"], "flags": [flag],
        "result": "valid", "options": options.to_string(), "steps": steps,
    });
    let made = play(&case)?;
    for (step, made) in case["steps"].as_array_mut().into_iter().flatten().zip(made) {
        step["out"] = made["out"].clone();
    }
    Ok(case)
}

fn cases() -> Result<Vec<Json>, String> {
    let mut plain: Vec<Json> = (0..3).map(|n| admit(n, 256)).collect();
    for q in 0..20 {
        let outcome = noise(2, [q, 7, 0]);
        let bold = |n: u32| if noise(100, [n, q, 1]) < 60 + 15 * n { outcome } else { 1 - outcome };
        let now: Vec<String> = (0..3).map(|n| binary(n, 9_000 + 15_000 * n * bold(n) + 4_000 * bold(n))).collect();
        plain.extend([pool(&now), resolve(&now, outcome)]);
    }
    let mut careful: Vec<Json> = (0..2).map(|n| admit(n, 256 - 128 * n)).collect();
    let mut rash = careful.clone();
    for q in 0..40 {
        let now = [binary(0, 39_000), binary(1, 37_500)];
        careful.push(resolve(&now, u32::from(q % 8 != 0)));
        let now = [binary(0, 65_535), binary(1, 64_000)];
        rash.push(resolve(&now, u32::from(q % 4 != 0)));
    }
    let mut strangers = vec![admit(0, 256), admit(1, 64)];
    for q in 0..40 {
        let outcome = noise(2, [q, 9, 0]);
        let knows = if noise(100, [q, 3, 3]) < 92 { outcome } else { 1 - outcome };
        let mut now = vec![binary(0, 30_000), binary(1, 34_000)];
        now.extend((7..10).map(|n| binary(n, 5_000 + 55_000 * knows)));
        now.push(binary(11, 60_000 - 55_000 * knows));
        strangers.push(resolve(&now, outcome));
        if q % 8 == 7 {
            strangers.push(pool(&now));
        }
    }
    let mut three: Vec<Json> = (0..2).map(|n| admit(n, 256)).collect();
    for q in 0..10 {
        let outcome = noise(3, [q, 7, 0]);
        let now: Vec<String> = (0..2)
            .map(|n| {
                let sure = 20_000 + 9_000 * n;
                said(n, &[0, 1, 2].map(|z| if z == outcome { 65_535 - 2 * (32_000 - sure) } else { 32_000 - sure }))
            })
            .collect();
        three.extend([pool(&now), resolve(&now, outcome)]);
    }
    let odd = [binary(0, 50_000), said(0, &[65_535, 0]), said(1, &[1, 2, 3]), binary(2, 65_535), binary(3, 0)];
    let odd = vec![
        pool(&odd),
        admit(0, 999),
        admit(1, 256),
        pool(&odd),
        resolve(&odd, 0),
        pool(&[]),
        resolve(&[], 1),
        resolve(&odd, 2),
        admit(0, 0),
        pool(&odd),
    ];
    let mut earned: Vec<Json> = (0..3).map(|n| admit(n, 256 - 64 * n)).collect();
    for q in 0..16 {
        let outcome = noise(3, [q, 7, 0]);
        let knows = if noise(100, [q, 5, 3]) < 85 { outcome } else { (outcome + 1) % 3 };
        let at = |n: u32, sure: u32, option: u32| {
            said(n, &[0, 1, 2].map(|z| if z == option { 65_535 - 2 * (32_000 - sure) } else { 32_000 - sure }))
        };
        let now = [
            at(0, 20_000 + noise(9_000, [q, 1, 1]), knows),
            at(1, 12_000, noise(3, [q, 2, 2])),
            at(2, 10_667, 0),
            at(7, 31_000, outcome),
            at(0, 1, 0),
            said(9, &[65_535, 0]),
        ];
        earned.extend([gains(&now, outcome), resolve(&now, outcome)]);
    }
    let alone = [binary(5, 60_000), binary(0, 40_000)];
    earned.extend([gains(&[], 0), gains(&[said(0, &[65_535, 0, 0])], 0), gains(&alone, 1), gains(&alone, 3)]);
    Ok(vec![
        case("plain", "Normal", 2, "three forecasters of different skill", plain)?,
        case("careful", "Normal", 2, "who is too careful is made bolder", careful)?,
        case("rash", "Normal", 2, "who is too bold is made more careful; a share of 0", rash)?,
        case("strangers", "Stranger", 2, "strangers that know prove it, and weigh no more than the others", strangers)?,
        case("three-options", "Normal", 3, "three options", three)?,
        case("odd", "Boundary", 2, "nobody vouched for, twice the same, weights that do not fit", odd)?,
        case("gains", "Normal", 3, "what each forecast added before its question was resolved", earned)?,
    ])
}

/// The file.
pub(super) fn text(known: &Numbers) -> Result<String, VectorError> {
    let groups = vec![PlainGroup::about(PROCEDURE, "forecasts", cases().map_err(VectorError::Wrong)?)];
    let header = ["What comes true, from probabilities."];
    Plain { name: FILE, algorithm: "mindos-trust", header: &header, groups }.text(known)
}

fn forecasts(input: &Json, named: &mut BTreeSet<u32>) -> Result<Vec<Forecast>, String> {
    let mut forecasts = Vec::new();
    for text in input["forecasts"].as_array().ok_or("`forecasts` is no list")? {
        let mut parts = text.as_str().unwrap_or_default().split(' ');
        let agent: u32 = parts.next().and_then(|n| n.parse().ok()).ok_or("a forecast has no author")?;
        let weights: Option<Vec<u16>> = parts.map(|w| w.parse().ok()).collect();
        named.insert(agent);
        forecasts.push(Forecast { agent: NodeId(name(agent)), weights: weights.ok_or("a weight is no number")? });
    }
    Ok(forecasts)
}

/// What is said at each step of a case or request.
pub(crate) fn play(request: &Json) -> Result<Vec<Json>, String> {
    let options: usize = number(request, "options")?;
    if !(2..=16).contains(&options) {
        return Err("`options` is not 2 to 16".to_owned());
    }
    let (mut domain, mut named) = (Forecasts::new(), BTreeSet::new());
    let mut made = Vec::new();
    for step in request["steps"].as_array().ok_or("`steps` is no list")? {
        let input = &step["in"];
        let out = match input["type"].as_str().unwrap_or_default() {
            "admit" => {
                let forecaster: u32 = number(input, "forecaster")?;
                named.insert(forecaster);
                domain.admit(NodeId(name(forecaster)), number(input, "parts")?);
                json!({})
            }
            "pool" => {
                let shares = domain.pool(options, &forecasts(input, &mut named)?);
                json!({ "shares": shares.iter().map(i64::to_string).collect::<Vec<_>>() })
            }
            "gains" => {
                let mut gains = domain.gains(options, &forecasts(input, &mut named)?, number(input, "outcome")?);
                gains.sort_unstable();
                // Names begin with the forecaster's number.
                let number = |n: NodeId| n.0.first_chunk::<4>().map_or(0, |b| u32::from_be_bytes(*b));
                let told = gains.into_iter().map(|(node, gain)| format!("{} {gain}", number(node)));
                json!({ "gains": told.collect::<Vec<_>>() })
            }
            "resolve" => {
                domain.resolve(options, &forecasts(input, &mut named)?, number(input, "outcome")?);
                let of = |n: &u32| {
                    let f = domain.forecaster(&NodeId(name(*n)))?;
                    let numbers = format!("{} {} {} {} {}", f.voice, f.weight, f.resolved, f.excess, f.proof);
                    Some((n.to_string(), json!(numbers)))
                };
                let all: Map<String, Json> = named.iter().filter_map(of).collect();
                json!({ "eighths": domain.boldness().to_string(), "forecasters": all })
            }
            other => return Err(format!("no step is of type {other:?}")),
        };
        made.push(json!({ "out": out }));
    }
    Ok(made)
}

/// Decides one case from what the file says alone.
pub(super) fn decide(case: &Json) -> Result<(), String> {
    super::truth::compare(case, &play(case)?)
}
