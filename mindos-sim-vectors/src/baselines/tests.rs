use std::collections::BTreeSet;

use super::{Blackout, Conditions, Policy, run};
use crate::{
    city::choose_city,
    data,
    geography::Geography,
    input::LatencyMatrix,
    outcome::{Outcome, Summary, summarise},
    scenario::{Scenario, builtin},
    service::{SPEED_ONE_Q16, Task, Workload, workload},
};

const SECOND: u64 = 1_000_000;
const CONDITIONS: Conditions = Conditions { advert_period_us: 10 * SECOND, detect_us: 5 * SECOND };

/// Three minds, 100 ms round trip apart, of speeds 1, 2 and 1/2.
fn small(tasks: &[(u64, u32)]) -> (Workload, Geography) {
    let rtts = (0..9).map(|cell| if cell % 4 == 0 { 0 } else { 100_000 }).collect();
    let task = |&(at_s, origin): &(u64, u32)| Task {
        at_us: at_s * SECOND,
        origin,
        context_tokens: 0,
        generated_tokens: 200, // 10 s at speed 1
        context_bytes: 0,
    };
    let workload = Workload {
        speeds_q16: vec![SPEED_ONE_Q16, 2 * SPEED_ONE_Q16, SPEED_ONE_Q16 / 2],
        tasks: tasks.iter().map(task).collect(),
        warmup_us: 0,
        duration_us: 1_000 * SECOND,
        trace_requests: tasks.len(),
    };
    (workload, Geography::new(LatencyMatrix::from_rtts(3, rtts).unwrap(), 3, 1))
}

fn latencies_ms(outcomes: &[Outcome]) -> Vec<Option<u64>> {
    outcomes.iter().map(|outcome| outcome.latency_us().map(|us| us / 1_000)).collect()
}

#[test]
fn omniscient_takes_the_earliest_result_with_both_ways_counted() {
    let (workload, geography) = small(&[(0, 0), (0, 0), (0, 0), (100, 1)]);
    let outcomes = run(Policy::Omniscient, &workload, &geography, None, CONDITIONS, 1);
    // Mind 1 in 5 s and a round trip; mind 0 itself in 10 s; mind 1 again; mind 1 at home.
    assert_eq!(latencies_ms(&outcomes), [Some(5_100), Some(10_000), Some(10_100), Some(5_000)]);
}

#[test]
fn omniscient_hands_work_of_the_dead_out_at_the_cut() {
    let (workload, geography) = small(&[(0, 0), (3, 1), (10, 0), (21, 0)]);
    let blackout = Blackout { at_us: 2 * SECOND, return_us: Some(20 * SECOND), dead: BTreeSet::from([1]) };
    let outcomes = run(Policy::Omniscient, &workload, &geography, Some(&blackout), CONDITIONS, 1);
    // The request of the dark origin at 3 s is not there; at 21 s mind 1 serves again.
    assert_eq!(latencies_ms(&outcomes), [Some(12_000), Some(12_000), Some(5_100)]);
    assert_eq!(outcomes.iter().map(|outcome| outcome.redispatched).collect::<Vec<_>>(), [true, false, false]);
}

#[test]
fn a_cut_after_the_last_request_still_counts() {
    let (workload, geography) = small(&[(0, 0)]);
    let blackout = Blackout { at_us: 2 * SECOND, return_us: None, dead: BTreeSet::from([1]) };
    let outcomes = run(Policy::Omniscient, &workload, &geography, Some(&blackout), CONDITIONS, 1);
    assert_eq!(latencies_ms(&outcomes), [Some(12_000)]);
}

#[test]
fn stale_adverts_herd_on_the_fastest_mind() {
    let (workload, geography) = small(&[(30, 0), (30, 0), (30, 0), (30, 0)]);
    let outcomes = run(Policy::StaleEarliestFinish, &workload, &geography, None, CONDITIONS, 1);
    assert_eq!(latencies_ms(&outcomes), [Some(5_100), Some(10_100), Some(15_100), Some(20_100)]);
    let spread = small(&[(30, 0), (41, 0), (42, 0)]);
    let later = run(Policy::StaleEarliestFinish, &spread.0, &spread.1, None, CONDITIONS, 1);
    assert_eq!(later[1].latency_us(), Some(5_100_000), "an advert in between says that the queue is empty again");
}

#[test]
fn realisable_policies_learn_of_deaths_late_and_of_returns_by_advert() {
    let (workload, geography) = small(&[(100, 0), (103, 0), (110, 0), (140, 0)]);
    let blackout = Blackout { at_us: 102 * SECOND, return_us: Some(120 * SECOND), dead: BTreeSet::from([1]) };
    let outcomes = run(Policy::StaleEarliestFinish, &workload, &geography, Some(&blackout), CONDITIONS, 1);
    // Both meet the dead mind and go to mind 0 at 107 s, one after the other, though the second would have been done
    // earlier on mind 2: adverts are old. The fourth meets mind 1 again.
    assert_eq!(outcomes[0].latency_us(), Some(17 * SECOND));
    assert_eq!(outcomes[1].latency_us(), Some(24 * SECOND));
    assert!(outcomes[0].redispatched && outcomes[1].redispatched && !outcomes[2].redispatched);
    assert_eq!(outcomes[3].latency_us(), Some(5_100_000));
}

#[test]
fn least_loaded_goes_where_the_advertised_queue_is_shortest() {
    // Between two requests every mind advertises, so each request knows which minds are busy.
    let (workload, geography) = small(&[(30, 0), (41, 0), (53, 0)]);
    let outcomes = run(Policy::StaleLeastLoaded, &workload, &geography, None, CONDITIONS, 1);
    assert!(outcomes.iter().all(|outcome| outcome.latency_us() <= Some(20_200_000)), "none waits: {outcomes:?}");
}

#[test]
fn a_mind_forgets_its_queue_in_a_blackout() {
    let (workload, geography) = small(&[(0, 1), (0, 1), (0, 1), (0, 1), (0, 1), (0, 1), (31, 0)]);
    let blackout = Blackout { at_us: SECOND, return_us: Some(2 * SECOND), dead: BTreeSet::from([1]) };
    for policy in [Policy::Omniscient, Policy::StaleEarliestFinish] {
        let outcomes = run(policy, &workload, &geography, Some(&blackout), CONDITIONS, 1);
        assert_eq!(outcomes[6].latency_us(), Some(5_100_000), "{policy:?}");
    }
}

#[test]
fn expired_requests_are_skipped_and_lost() {
    let (workload, geography) = small(&[(0, 1); 200]);
    let outcomes = run(Policy::StaleEarliestFinish, &workload, &geography, None, CONDITIONS, 1);
    let summary = summarise(&outcomes, &BTreeSet::new(), None);
    assert_eq!((summary.completed, summary.lost), (120, 80), "600 s at 5 s each on one mind");
}

fn planetlab(seed: u64) -> (Scenario, Workload, Geography, Blackout) {
    let scenario = Scenario { seed, nodes: 490, stretch: 1.0, ..builtin("city-blackout").unwrap() };
    let workload = workload(&scenario, &data::azure_conv().unwrap()).unwrap();
    let geography = Geography::new(data::planetlab().unwrap(), 490, seed);
    let dead = choose_city(&geography, 0.1, seed).members.into_iter().collect();
    let third = workload.duration_us / 3;
    let blackout =
        Blackout { at_us: workload.warmup_us + third, return_us: Some(workload.warmup_us + 2 * third), dead };
    (scenario, workload, geography, blackout)
}

fn figures(policy: Policy, seed: u64) -> Summary {
    let (_, workload, geography, blackout) = planetlab(seed);
    let outcomes = run(policy, &workload, &geography, Some(&blackout), CONDITIONS, seed);
    summarise(&outcomes, &blackout.dead, Some(blackout.at_us))
}

#[test]
fn on_real_data_the_policies_rank_as_expected() {
    let omniscient = figures(Policy::Omniscient, 1);
    assert_eq!(omniscient.lost, 0);
    assert!(omniscient.submitted > 17_000 && omniscient.redispatched > 0);
    for policy in Policy::REALISABLE {
        let realisable = figures(policy, 1);
        assert_eq!(realisable.submitted, omniscient.submitted);
        assert!(realisable.p99_us > omniscient.p99_us, "{policy:?}");
        assert_eq!(realisable, figures(policy, 1), "one seed, one future");
    }
}
