//! Cases of ratings (spec 09, section 2.9): what nodes say of each other, and what standing and weight follow.

use std::collections::BTreeSet;

use mindos_core::{NodeId, trust::rating::Ratings};
use serde_json::{Map, Value as Json, json};

use super::VectorError;
use super::case::Numbers;
use super::group::{Plain, PlainGroup};
use super::read::number;
use super::truth::name;

/// The file.
pub(super) const FILE: &str = "truth_ratings_test.json";
/// Type of its groups.
pub(super) const PROCEDURE: &str = "Ratings";
/// What a case gives, besides its steps.
pub(crate) const INPUTS: &[&str] = &["roots"];

/// From, to, rating; all zero is a settlement.
type Step = (u32, u32, i8);
const SETTLE: Step = (0, 0, 0);

fn case(id: &str, flag: &str, roots: &[u32], comment: &str, steps: &[Step]) -> Result<Json, String> {
    let roots: Vec<String> = roots.iter().map(u32::to_string).collect();
    let input = |&(from, to, rating): &Step| match (from, to, rating) {
        SETTLE => json!({ "in": { "type": "settle" } }),
        _ => json!({ "in": {
            "type": "rate", "from": from.to_string(), "to": to.to_string(), "rating": rating.to_string()
        } }),
    };
    let mut steps: Vec<Json> = steps.iter().map(input).collect();
    // What stands at the end, whether or not a settlement came of itself.
    steps.push(json!({ "in": { "type": "read" } }));
    let mut case = json!({
        "id": format!("ratings/{id}"), "comment": comment, "reqs": ["TRUST-001", "TRUST-007", "TRUST-009"],
        "flags": [flag], "result": "valid", "roots": roots, "steps": steps,
    });
    let made = play(&case)?;
    for (step, made) in case["steps"].as_array_mut().into_iter().flatten().zip(made) {
        step["out"] = made["out"].clone();
    }
    Ok(case)
}

fn cases() -> Result<Vec<Json>, String> {
    let chain = [(0, 1, 8), (1, 2, 6), (2, 3, -4), (0, 2, 3), (3, 4, 10), SETTLE];
    let mut reversed: Vec<Step> = chain.iter().rev().skip(1).copied().collect();
    reversed.push(SETTLE);
    let newest = [(0, 1, 9), (1, 2, 10), (1, 2, 10), (1, 2, 10), SETTLE, (1, 2, -3), (0, 1, 2), SETTLE];
    let mut strangers = vec![(0, 1, 7), (1, 3, -9), SETTLE];
    strangers.extend((10..16).flat_map(|from| (10..16).filter(move |to| from != *to).map(move |to| (from, to, 10))));
    strangers.extend((10..16).map(|from| (from, 3, 10)));
    strangers.push(SETTLE);
    let far: Vec<Step> = (0..7).map(|n| (n, n + 1, 10)).chain([SETTLE]).collect();
    let roots = [(0, 2, 10), (1, 2, -10), (0, 3, 10), (1, 3, -4), (3, 2, 5), (2, 3, -10), SETTLE];
    let circle = [(0, 1, 2), (1, 2, 10), (2, 1, 10), (2, 3, 10), (3, 1, 10), (1, 1, 10), SETTLE];
    let itself: Vec<Step> = (0..66).map(|n| (n % 3, 3 + n, 1 + (n % 9) as i8)).collect();
    Ok(vec![
        case("chain", "Normal", &[0], "weight goes from the root onwards", &chain)?,
        case("reversed", "Normal", &[0], "the same, last rating first", &reversed)?,
        case("newest", "Copies", &[0], "of one pair the newest rating counts", &newest)?,
        case("strangers", "Stranger", &[0], "strangers praise a bad node and each other", &strangers)?,
        case("far", "Boundary", &[0], "weight goes three nodes far, and standing four", &far)?,
        case("two-roots", "Normal", &[0, 1], "two roots that contradict each other", &roots)?,
        case("circle", "Copies", &[0], "nodes that praise each other, and one that praises itself", &circle)?,
        case("by-itself", "Boundary", &[0, 1, 2], "a settlement that comes of itself", &itself)?,
    ])
}

/// The file.
pub(super) fn text(known: &Numbers) -> Result<String, VectorError> {
    let groups = vec![PlainGroup::about(PROCEDURE, "ratings", cases().map_err(VectorError::Wrong)?)];
    let header = ["Whom to believe, from ratings."];
    Plain { name: FILE, algorithm: "mindos-trust", header: &header, groups }.text(known)
}

/// What is said at each step of a case or request.
pub(crate) fn play(request: &Json) -> Result<Vec<Json>, String> {
    let mut named = BTreeSet::new();
    for root in request["roots"].as_array().ok_or("`roots` is no list")? {
        let root: u32 = root.as_str().and_then(|s| s.parse().ok()).ok_or("a root is no number")?;
        named.insert(root);
    }
    let mut ratings = Ratings::new(named.iter().map(|&root| NodeId(name(root))));
    let mut made = Vec::new();
    for step in request["steps"].as_array().ok_or("`steps` is no list")? {
        let input = &step["in"];
        let out = match input["type"].as_str().unwrap_or_default() {
            "rate" => {
                let (from, to): (u32, u32) = (number(input, "from")?, number(input, "to")?);
                named.extend([from, to]);
                ratings.rate(NodeId(name(from)), NodeId(name(to)), number(input, "rating")?);
                json!({})
            }
            "settle" => {
                ratings.settle();
                read(&ratings, &named)
            }
            "read" => read(&ratings, &named),
            other => return Err(format!("no step is of type {other:?}")),
        };
        made.push(json!({ "out": out }));
    }
    Ok(made)
}

/// Standing and weight of every node that was named.
fn read(ratings: &Ratings, named: &BTreeSet<u32>) -> Json {
    let of = |n: &u32| {
        let id = NodeId(name(*n));
        (n.to_string(), json!(format!("{} {}", ratings.standing(&id), ratings.weight(&id))))
    };
    json!({ "nodes": named.iter().map(of).collect::<Map<String, Json>>() })
}

/// Decides one case from what the file says alone.
pub(super) fn decide(case: &Json) -> Result<(), String> {
    super::truth::compare(case, &play(case)?)
}
