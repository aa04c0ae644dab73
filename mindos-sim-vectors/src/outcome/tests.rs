use std::collections::BTreeSet;

use super::{Outcome, Summary, summarise};
use crate::service::LIFETIME_US;

const SECOND: u64 = 1_000_000;

fn outcome(origin: u32, submitted_s: u64, completed_s: Option<u64>) -> Outcome {
    let completed_us = completed_s.map(|second| second * SECOND);
    Outcome { origin, submitted_us: submitted_s * SECOND, completed_us, redispatched: false }
}

#[test]
fn counts_only_surviving_origins() {
    let outcomes = [outcome(1, 0, Some(10)), outcome(2, 0, None), outcome(3, 0, Some(20))];
    let summary = summarise(&outcomes, &BTreeSet::from([2]), None);
    assert_eq!((summary.submitted, summary.completed, summary.lost), (2, 2, 0));
    assert_eq!(summary.latencies_us, [10 * SECOND, 20 * SECOND]);
    assert_eq!((summary.within_60s_pct, summary.in_flight_at_cut), (None, 0));
}

#[test]
fn a_late_result_is_lost_and_weighs_its_lifetime() {
    let outcomes = [outcome(1, 0, Some(601)), outcome(1, 5, None), outcome(1, 0, Some(600))];
    let summary = summarise(&outcomes, &BTreeSet::new(), None);
    assert_eq!((summary.completed, summary.lost), (1, 2));
    assert_eq!(summary.p99_us, Some(LIFETIME_US));
}

#[test]
fn within_60_s_counts_the_intents_around_the_cut() {
    let outcomes = [
        outcome(1, 50, Some(99)),   // done before
        outcome(1, 50, Some(105)),  // in flight, in time
        outcome(1, 30, Some(101)),  // in flight, 71 s
        outcome(1, 160, Some(200)), // submitted just in the window, in time
        outcome(1, 161, Some(400)), // after it
    ];
    let summary = summarise(&outcomes, &BTreeSet::new(), Some(100 * SECOND));
    assert_eq!(summary.in_flight_at_cut, 2);
    assert!((summary.within_60s_pct.unwrap() - 200.0 / 3.0).abs() < 1e-9);
}

#[test]
fn redispatched_have_figures_of_their_own() {
    let again = |latency| Outcome { redispatched: true, ..outcome(1, 0, Some(latency)) };
    let summary = summarise(&[again(7), outcome(1, 0, Some(1)), again(9)], &BTreeSet::new(), None);
    assert_eq!((summary.redispatched, summary.redispatched_p50_us), (2, Some(7 * SECOND)));
    assert_eq!(summary.redispatched_max_us, Some(9 * SECOND));
    assert_eq!(summarise(&[], &BTreeSet::new(), Some(1)), Summary::default());
}
