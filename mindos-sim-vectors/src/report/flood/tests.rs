use crate::flood::{
    result::{FloodResult, FloodRun, Sample, Served},
    scenario::{Attack, load},
};

#[test]
fn the_page_needs_nothing_else_and_draws_every_run() {
    let flood = load(None).unwrap();
    let runs = flood.attacks.iter().map(|&attack| FloodRun {
        attack,
        cpu_pct: 1.0,
        pings: Served { asked: 10, answered: 5, served_pct: Some(50.0), p50_ms: Some(1.0), p99_ms: None },
        intents: Served::default(),
        session_datagrams: 0,
        session_datagrams_lost: 0,
        sessions_lost: 0,
        newcomers: Served::default(),
        forged: 0,
        forged_lost: 0,
        unproven_bytes_in: 0,
        unproven_bytes_out: 0,
        amplification_worst: 0.0,
        half_open_peak: 0,
        sessions_peak: 0,
        state_bytes_peak: 0,
        trace_hash: String::new(),
        samples: (-9..=100)
            .map(|n| Sample { at_ms: n * 100, busy: 0.5, pings: 2, answered: 1, ..Sample::default() })
            .collect(),
    });
    let runs: Vec<FloodRun> = runs.collect();
    let page = super::render_flood(&flood, &FloodResult { runs, ..FloodResult::default() });
    assert!(!page.contains("<script") && !page.contains("http:") && !page.contains("https:"));
    for attack in Attack::all() {
        // In both drawings and in the table.
        assert!(page.matches(attack.words()).count() >= 3, "{}", attack.words());
    }
    assert!(!page.contains("NaN"));
}
