use super::{Baseline, RunResult};
use crate::outcome::Summary;

#[test]
fn field_names_are_the_contract() {
    let mut result = RunResult::default();
    result.baselines.insert("random".to_owned(), Baseline { p99_vs_omniscient: Some(2.5) });
    let text = serde_json::to_string(&result).unwrap();
    let mut keys: Vec<&str> = text.split('"').skip(1).step_by(2).collect();
    keys.retain(|key| !key.is_empty());
    let contract = "scenario seed nodes killed survivors probe_interval_ms city_radius_ms detect_all_intervals \
        detection_holes false_downs control_bytes_per_node_s bytes_per_node_s heal_intervals \
        intents submitted completed lost duplicate_effects within_60s_pct omniscient_within_60s_pct \
        in_flight_at_cut redispatched latency_ms p50 p99 redispatched_latency_ms p50 max p99_vs_omniscient \
        baselines random p99_vs_omniscient probes_per_intent liars nodes leases_first_third leases_last_third \
        sessions_per_node p50 max trace_hash events wall_s peak_rss_mib";
    assert_eq!(keys, contract.split_whitespace().collect::<Vec<_>>());
    assert!(text.contains("\"detect_all_intervals\":null") && text.contains("\"heal_intervals\":null"));
}

#[test]
fn outcomes_fill_their_figures() {
    let mut result = RunResult::default();
    let summary = Summary { submitted: 3, completed: 2, lost: 1, p50_us: Some(1_500), ..Summary::default() };
    result.fill_outcomes(&summary);
    assert_eq!((result.intents.submitted, result.intents.lost), (3, 1));
    assert_eq!((result.latency_ms.p50, result.latency_ms.p99), (Some(1.5), None));
}
