use super::{MAX_DURATION_US, SPEED_ONE_Q16, ServiceError, Task, Workload, work_us, workload};
use crate::{
    data,
    input::{Request, Trace},
    scenario::{Scenario, builtin},
};

fn scenario() -> Scenario {
    Scenario { nodes: 490, stretch: 1.0, ..builtin("city-blackout").unwrap() }
}

fn azure(scenario: &Scenario) -> Workload {
    workload(scenario, &data::azure_conv().unwrap()).unwrap()
}

fn load_of(workload: &Workload) -> f64 {
    let work: u64 = workload.tasks.iter().map(Task::work_us).sum();
    let speed: f64 = workload.speeds_q16.iter().map(|&speed| f64::from(speed)).sum::<f64>() / 65_536.0;
    work as f64 / (speed * workload.duration_us as f64)
}

#[test]
fn work_is_tokens_over_speed() {
    let task = Task { at_us: 0, origin: 0, context_tokens: 2_000, generated_tokens: 20, context_bytes: 8_000 };
    assert_eq!(task.work_us(), 2_000_000);
    assert_eq!(task.run_us(SPEED_ONE_Q16), 2_000_000);
    assert_eq!(task.run_us(2 * SPEED_ONE_Q16), 1_000_000);
    assert_eq!(work_us(1, 3 * SPEED_ONE_Q16), 1, "rounded up");
    assert_eq!(work_us(0, SPEED_ONE_Q16), 1);
    assert_eq!(work_us(u64::MAX, 0), u64::MAX);
}

#[test]
fn the_trace_is_compressed_to_the_load() {
    for load in [0.5, 0.85] {
        let workload = azure(&Scenario { load, ..scenario() });
        assert!((load_of(&workload) - load).abs() < 1e-4, "{}", load_of(&workload));
        assert_eq!((workload.tasks.len(), workload.trace_requests), (19_366, 19_366));
        assert_eq!(workload.tasks[0].at_us, 60_000_000);
        assert_eq!(workload.tasks.last().unwrap().at_us, workload.arrivals_end_us());
        assert!(workload.tasks.is_sorted_by_key(|task| task.at_us));
    }
}

#[test]
fn a_stretch_keeps_load_and_density() {
    let whole = azure(&scenario());
    let part = azure(&Scenario { stretch: 0.25, ..scenario() });
    assert_eq!((part.tasks.len(), part.trace_requests), (4_842, 19_366));
    assert!((load_of(&part) - 0.5).abs() < 1e-4);
    assert_eq!(part.speeds_q16, whole.speeds_q16);
    assert!((whole.duration_us / part.duration_us).abs_diff(4) <= 1);
}

#[test]
fn speeds_are_log_normal_and_origins_uniform() {
    let workload = azure(&Scenario { nodes: 20_000, liars: 0, ..scenario() });
    let mut speeds = workload.speeds_q16.clone();
    speeds.sort_unstable();
    let median = f64::from(speeds[10_000]) / 65_536.0;
    let upper = f64::from(speeds[16_827]) / 65_536.0; // one deviation up
    assert!((median - 1.0).abs() < 0.03 && (upper - 2.2255).abs() < 0.08, "{median} {upper}");
    let mut per_origin = vec![0u32; 490];
    for task in &azure(&scenario()).tasks {
        per_origin[task.origin as usize] += 1;
    }
    assert!(per_origin.iter().all(|&count| (10..80).contains(&count)));
}

#[test]
fn context_bytes_are_capped() {
    let workload = azure(&scenario());
    assert!(
        workload
            .tasks
            .iter()
            .all(|task| { u64::from(task.context_bytes) == (u64::from(task.context_tokens) * 4).min(60_000) })
    );
    assert_eq!(workload.tasks.iter().map(|task| task.context_bytes).max(), Some(56_200));
}

#[test]
fn one_seed_one_workload() {
    assert_eq!(azure(&scenario()), azure(&scenario()));
    assert_ne!(azure(&scenario()), azure(&Scenario { seed: 2, ..scenario() }));
}

#[test]
fn refuses_too_little_and_too_much() {
    let one = |generated_tokens| Trace { requests: vec![Request { at_us: 0, context_tokens: 0, generated_tokens }] };
    assert!(matches!(workload(&scenario(), &one(0)), Err(ServiceError::TooShort(0))));
    let long = Trace { requests: vec![one(u32::MAX).requests[0]; 10_000] };
    match workload(&scenario(), &long) {
        Err(ServiceError::TooLong(seconds)) => assert!(seconds > MAX_DURATION_US / 1_000_000),
        other => panic!("{other:?}"),
    }
    let fits = workload(&scenario(), &one(1_000_000)).unwrap();
    assert_eq!(fits.tasks[0].at_us, 60_000_000);
}
