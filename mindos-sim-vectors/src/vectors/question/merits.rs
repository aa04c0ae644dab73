//! Merit: what gains on resolved questions add up to.

use std::collections::BTreeMap;

use serde_json::json;

use super::Case;
use crate::vectors::truth::noise;

/// Gains on one question, by node.
type Gains = Vec<(u32, i64)>;

/// By the text of the chapter: a sum for each node, then the 32 that earned most.
fn earned(questions: &[Gains]) -> (usize, Vec<String>) {
    let mut sums: BTreeMap<u32, i64> = BTreeMap::new();
    let last: Vec<&Gains> = questions.iter().rev().take(128).collect();
    for (i, gains) in last.iter().enumerate() {
        for (node, gain) in *gains {
            *sums.entry(*node).or_default() += gain * (128 - i as i64);
        }
    }
    let mut all: Vec<(i64, u32)> =
        sums.into_iter().map(|(node, sum)| (-(sum / 128), node)).filter(|e| e.0 < 0).collect();
    all.sort_unstable();
    all.truncate(32);
    all.sort_unstable_by_key(|e| e.1);
    let most = i64::from(u32::MAX);
    (last.len(), all.into_iter().map(|(sum, node)| format!("{node} {}", (-sum).min(most))).collect())
}

fn case(id: &'static str, flag: &'static str, questions: &[Gains], comment: &'static str) -> Case {
    let told: Vec<Vec<String>> =
        questions.iter().map(|q| q.iter().map(|(node, gain)| format!("{node} {gain}")).collect()).collect();
    let (count, earned) = earned(questions);
    let input = json!({ "type": "merit", "gains": told });
    let steps = vec![(input, json!({ "questions": count.to_string(), "earned": earned }))];
    Case { id: format!("merit/{id}"), comment, flag, reqs: &["TRUST-022"], invalid: false, steps }
}

pub(super) fn cases() -> Vec<Case> {
    let drawn = |questions: u32, nodes: u32| -> Vec<Gains> {
        let gain = |n, q| i64::from(noise(20_000, [n, q, 5])) - 9_000;
        (0..questions).map(|q| (0..nodes).map(|n| (n, gain(n, q))).collect()).collect()
    };
    vec![
        case("plain", "Normal", &drawn(9, 6), "nine questions"),
        case("nothing", "Boundary", &[], "nothing is resolved"),
        case("nobody", "Boundary", &[vec![(1, 0), (2, -500)], vec![]], "nobody earned anything"),
        case("small", "Boundary", &[vec![(1, 1), (2, 2)], vec![(3, 1)]], "the oldest weighs less than a whole"),
        case("rounded", "Boundary", &[vec![(1, 300)], vec![(1, -299), (2, 1)]], "the sum first, then the division"),
        case("full", "Boundary", &drawn(128, 5), "as many as count"),
        case("beyond", "Boundary", &drawn(131, 5), "what lies before the last 128 does not count"),
        case("many", "Boundary", &drawn(12, 60), "32 nodes, listed by name"),
        case(
            "equals",
            "Boundary",
            &[(0..40).rev().map(|n| (n, 1_000)).collect()],
            "of equals those of the lowest names",
        ),
        case("most", "Boundary", &vec![vec![(1, i64::from(i32::MAX)), (2, 9)]; 128], "more than the field holds"),
    ]
}
