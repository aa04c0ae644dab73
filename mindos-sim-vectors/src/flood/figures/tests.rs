use super::*;
use crate::flood::result::Served;

fn run(attack: Attack, served_pct: f64) -> FloodRun {
    let served =
        || Served { asked: 100, answered: 90, served_pct: Some(served_pct), p50_ms: Some(1.0), p99_ms: Some(2.0) };
    FloodRun {
        attack,
        cpu_pct: 40.0,
        pings: served(),
        intents: served(),
        session_datagrams: 0,
        session_datagrams_lost: 0,
        sessions_lost: 0,
        newcomers: Served::default(),
        forged: 0,
        forged_lost: 0,
        unproven_bytes_in: 0,
        unproven_bytes_out: 0,
        amplification_worst: 1.5,
        half_open_peak: 64,
        sessions_peak: 30,
        state_bytes_peak: 4_096,
        trace_hash: String::new(),
        samples: Vec::new(),
    }
}

#[test]
fn a_flood_is_held_against_the_run_without_one_and_a_yardstick_is_not() {
    let runs = vec![
        run(Attack::Calm, 100.0),
        run(Attack::Spoofed, 99.5),
        run(Attack::OnePath, 98.0),
        run(Attack::NoCookies, 3.0),
    ];
    let result = FloodResult { rate: 1_000, seconds: 1, runs, ..FloodResult::default() };
    let met: Vec<_> = figures(&result).iter().skip(1).take(4).map(|f| f.met).collect();
    assert_eq!(met, [None, Some(true), Some(false), None]);
    assert!(headline(&result).contains("served 98 % of") && headline(&result).contains("would serve 3 %"));
    assert!(headline(&result).contains("lost none"));
}

#[test]
fn an_amplifier_and_a_lost_session_miss_their_targets() {
    let mut bad = run(Attack::Spoofed, 100.0);
    (bad.amplification_worst, bad.sessions_lost, bad.half_open_peak) = (3.1, 1, 129);
    let result = FloodResult { runs: vec![run(Attack::Calm, 100.0), bad], ..FloodResult::default() };
    assert_eq!(figures(&result).iter().filter(|f| f.met == Some(false)).count(), 3);
}
