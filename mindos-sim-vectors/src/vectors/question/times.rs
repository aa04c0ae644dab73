//! What counts at close: when a question takes which record, and from whom.

use serde_json::{Value as Json, json};

use super::Case;
use super::records::{CLOSES, REVEALS};

const S: i64 = 1_000_000;

/// A record at so many µs after `closes`, or after `reveals`; from its author or a fellow; whether it is taken.
type At = (&'static str, &'static str, i64, bool);

fn case(id: &'static str, flag: &'static str, met: Option<i64>, records: &[At], comment: &'static str) -> Case {
    let us = |seconds: u64, after: i64| (seconds * S as u64).saturating_add_signed(after).to_string();
    let told = |r: &At| json!({ "kind": r.0, "from": r.1, "at_us": us(CLOSES, r.2) });
    let records_told: Vec<Json> = records.iter().map(told).collect();
    let input = json!({
        "type": "times", "closes": CLOSES.to_string(), "reveals": REVEALS.to_string(),
        "met_us": met.map(|after| us(CLOSES, after)).unwrap_or_default(), "records": records_told,
    });
    let taken: Vec<&str> = records.iter().map(|r| if r.3 { "1" } else { "0" }).collect();
    let invalid = taken.contains(&"0");
    let reqs = &["TRUST-013", "TRUST-014"];
    Case { id: format!("times/{id}"), comment, flag, reqs, invalid, steps: vec![(input, json!({ "taken": taken }))] }
}

pub(super) fn cases() -> Vec<Case> {
    let end = (REVEALS - CLOSES) as i64 * S;
    let both = |kind, at, taken| [(kind, "author", at, taken), (kind, "fellow", at, taken)];
    let [early, opens] = [both("reveal", 2 * S, false), both("reveal", 2 * S + 1, true)].map(|b| b.to_vec());
    vec![
        case(
            "in-time",
            "Normal",
            None,
            &[
                ("question", "author", -30 * S, true),
                ("commit", "author", -S, true),
                ("commit", "fellow", -S, true),
                ("reveal", "author", 4 * S, true),
                ("anchor", "author", -S, true),
                ("anchor", "fellow", 9_000 * S, true),
            ],
            "each in its time",
        ),
        case("commit-last", "Boundary", None, &[("commit", "author", 0, true)], "a commit as the question closes"),
        case("commit-late", "Boundary", None, &[("commit", "author", 1, false)], "a microsecond later"),
        case("commit-fellow", "Boundary", None, &[("commit", "fellow", 2 * S, true)], "a fellow passes it on for 2 s"),
        case("commit-fellow-late", "Boundary", None, &[("commit", "fellow", 2 * S + 1, false)], "and no longer"),
        case("reveal-early", "Boundary", None, &early, "nobody shows a report while commits may come"),
        case("reveal-first", "Boundary", None, &opens, "a microsecond later"),
        case("reveal-before-close", "Copies", None, &both("reveal", -S, false), "a reveal before the close"),
        case("reveal-last", "Boundary", None, &[("reveal", "author", end, true)], "a reveal in the last moment"),
        case("reveal-late", "Boundary", None, &[("reveal", "author", end + 1, false)], "a microsecond later"),
        case("reveal-fellow", "Boundary", None, &[("reveal", "fellow", end + 2 * S, true)], "of a fellow for 2 s more"),
        case("reveal-fellow-late", "Boundary", None, &[("reveal", "fellow", end + 2 * S + 1, false)], "no longer"),
        case(
            "question-late",
            "Boundary",
            None,
            &[("question", "author", 0, true), ("question", "author", 1, false), ("question", "fellow", end, true)],
            "a question that is closed comes from a fellow alone",
        ),
        case(
            "met-late",
            "Normal",
            Some(end + 10 * S),
            &[
                ("commit", "fellow", end + 70 * S, true),
                ("reveal", "fellow", end + 70 * S, true),
                ("commit", "fellow", end + 70 * S + 1, false),
                ("reveal", "fellow", end + 70 * S + 1, false),
                ("commit", "author", end + 11 * S, false),
                ("reveal", "author", end + 11 * S, false),
                ("anchor", "author", end + 11 * S, true),
            ],
            "a question that was met after its end takes evidence of fellows for a minute, and none of authors",
        ),
        case(
            "met-between",
            "Normal",
            Some(10 * S),
            &[
                ("commit", "fellow", 20 * S, true),
                ("commit", "author", 20 * S, false),
                ("reveal", "author", 20 * S, true),
                ("reveal", "author", end + 1, false),
                ("commit", "fellow", 70 * S + 1, false),
            ],
            "one that was met after its commits",
        ),
    ]
}
