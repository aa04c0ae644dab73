use super::{count, duration_ms, figures, number};
use crate::result::{Baseline, Liars, RunResult};

fn good() -> RunResult {
    let mut result = RunResult {
        nodes: 490,
        killed: 49,
        detect_all_intervals: Some(4.2),
        heal_intervals: Some(7.0),
        p99_vs_omniscient: Some(1.3),
        probes_per_intent: Some(3.0),
        control_bytes_per_node_s: 150.0,
        liars: Liars { nodes: 5, leases_first_third: 100, leases_last_third: 25 },
        ..RunResult::default()
    };
    result.intents.within_60s_pct = Some(99.2);
    result.intents.omniscient_within_60s_pct = Some(100.0);
    result.baselines.insert("random".to_owned(), Baseline { p99_vs_omniscient: Some(40.0) });
    result
}

fn failed(result: &RunResult, loss: f64) -> Vec<String> {
    figures(result, loss).into_iter().filter(|figure| figure.met == Some(false)).map(|figure| figure.name).collect()
}

#[test]
fn a_good_run_meets_every_target() {
    assert_eq!(failed(&good(), 0.0), Vec::<String>::new());
    assert_eq!(figures(&good(), 0.0).iter().filter(|figure| figure.met.is_some()).count(), 12);
}

#[test]
fn every_target_can_be_missed() {
    let bad: [fn(&mut RunResult); 12] = [
        |run| run.detect_all_intervals = None,
        |run| run.detect_all_intervals = Some(6.01),
        |run| run.detection_holes = 1,
        |run| run.heal_intervals = Some(12.5),
        |run| run.false_downs = 1,
        |run| run.intents.lost = 1,
        |run| run.intents.duplicate_effects = 1,
        |run| run.intents.within_60s_pct = Some(98.9),
        |run| run.p99_vs_omniscient = Some(2.01),
        |run| run.probes_per_intent = Some(3.21),
        |run| run.liars.leases_last_third = 26,
        |run| run.control_bytes_per_node_s = 240.1,
    ];
    for change in bad {
        let mut result = good();
        change(&mut result);
        assert_eq!(failed(&result, 0.0).len(), 1, "{result:?}");
    }
    let mut result = good();
    result.baselines.insert("better".to_owned(), Baseline { p99_vs_omniscient: Some(1.3) });
    assert_eq!(failed(&result, 0.0), ["— of better"]);
}

#[test]
fn loss_grants_two_more_intervals() {
    let result = RunResult { detect_all_intervals: Some(7.5), ..good() };
    assert_eq!(failed(&result, 0.0).len(), 1);
    assert_eq!(failed(&result, 0.05).len(), 0);
}

#[test]
fn without_a_blackout_nothing_is_asked_of_one() {
    let result = RunResult { killed: 0, detect_all_intervals: None, heal_intervals: None, ..good() };
    assert_eq!(failed(&result, 0.0).len(), 0);
}

#[test]
fn numbers_read_well() {
    assert_eq!(number(1_234_567.891, 2), "1,234,567.89");
    assert_eq!(number(-1_000.0, 0), "-1,000");
    assert_eq!((number(2.50, 2).as_str(), count(999).as_str()), ("2.5", "999"));
    assert_eq!(duration_ms(3.178), "3.18 ms");
    assert_eq!(duration_ms(12_018.0), "12.02 s");
    assert_eq!(duration_ms(600_000.0), "600 s");
}
