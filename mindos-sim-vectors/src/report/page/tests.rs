use super::render;
use crate::{
    baselines::Conditions,
    outcome::{Summary, summarise},
    result::{Liars, RunResult, Sessions},
    rng::Stream,
    scenario::{Scenario, builtin},
    setup::Setup,
    story::{Moment, Redispatch, RunStory, Sample, Spread, StoryLine},
    yardstick::compare,
};

/// An invented run on real data, for the looks of the page: the power of two choices stands in for MindOS.
fn invented(scenario: Scenario) -> (Setup, RunResult, RunStory) {
    let setup = Setup::new(scenario).unwrap();
    let blackout = setup.blackout().unwrap();
    let (cut, back) = (blackout.at_us, blackout.return_us.unwrap());
    let conditions = Conditions { advert_period_us: 10_000_000, detect_us: 4_000_000 };
    let policy = crate::baselines::Policy::PowerOfTwo;
    let outcomes = crate::baselines::run(policy, &setup.workload, &setup.geography, Some(&blackout), conditions, 9);
    let mut result = RunResult {
        scenario: setup.scenario.name.clone(),
        seed: setup.scenario.seed,
        nodes: 490,
        killed: 49,
        survivors: 441,
        probe_interval_ms: 1_000,
        city_radius_ms: setup.city_radius_us().map(|us| f64::from(us) / 1e3),
        detect_all_intervals: Some(4.37),
        heal_intervals: Some(7.9),
        control_bytes_per_node_s: 171.0,
        bytes_per_node_s: 402.0,
        probes_per_intent: Some(2.98),
        liars: Liars { nodes: 5, leases_first_third: 412, leases_last_third: 31 },
        sessions_per_node: Sessions { p50: 41, max: 77 },
        trace_hash: "9f2c".repeat(16),
        events: 14_200_311,
        wall_s: 41.3,
        peak_rss_mib: Some(212.0),
        ..RunResult::default()
    };
    let ours = summarise(&outcomes, &blackout.dead, Some(cut));
    let policies = compare(&setup, conditions, ours, &mut result);

    let seconds = (setup.workload.arrivals_end_us() / 1_000_000 + 60) as u32;
    let mut samples: Vec<Sample> = (0..seconds).map(|second| Sample { second, ..Sample::default() }).collect();
    let mut noise = Stream::new(1, "invented");
    for outcome in &outcomes {
        samples[(outcome.submitted_us / 1_000_000) as usize].submitted += 1;
        if let Some(sample) = outcome.completed_us.and_then(|at| samples.get_mut((at / 1_000_000) as usize)) {
            sample.completed += 1;
        }
    }
    for sample in &mut samples {
        let now = u64::from(sample.second) * 1_000_000;
        let dark = now >= cut && now < back;
        sample.busy =
            if sample.submitted > 0 { 0.5 + 0.1 * noise.unit() as f32 + 0.06 * f32::from(u8::from(dark)) } else { 0.0 };
        sample.known_by_median = if now > cut + 3_000_000 && now < back + 5_000_000 { 49 } else { 0 };
        sample.known_by_last = if now > cut + 4_000_000 && now < back + 2_000_000 { 49 } else { 0 };
        let burst = now >= cut && now < cut + 5_000_000;
        sample.control_bytes = 490 * (150 + noise.below(30) + if burst { 900 } else { 0 });
    }
    let known = |tenth: u32, from: f64, to: f64| {
        ((f64::from(tenth) / 10.0 - from) / (to - from) * 49.0).clamp(0.0, 49.0) as u32
    };
    let moment = |at_us: u64, label: &str| Moment { at_us, label: label.to_owned() };
    let line = |at_us: u64, text: &str| StoryLine { at_us, text: text.to_owned() };
    let story = RunStory {
        lines: vec![
            line(0, "490 minds start on 490 PlanetLab hosts and join through the first."),
            line(9_400_000, "All views agree: everyone knows everyone."),
            line(60_000_000, "The first request of the Azure trace arrives."),
            line(cut, "A city of 49 minds within 22 ms goes dark, with 61 intents in its hands."),
            line(cut + 1_310_000, "A monitor is the first to suspect one of them."),
            line(
                cut + 4_370_000,
                "The last survivor knows every dead mind; no living one was suspected of more than silence.",
            ),
            line(cut + 6_000_000, "All work of the dead is with others."),
            line(back, "The city returns and restarts from what it persisted."),
            line(back + 7_900_000, "All views agree again."),
        ],
        moments: vec![
            moment(60_000_000, "first request"),
            moment(cut, "city dark"),
            moment(cut + 1_310_000, "first suspicion"),
            moment(cut + 4_370_000, "all survivors know"),
            moment(back, "city returns"),
            moment(back + 7_900_000, "healed"),
        ],
        samples,
        spread: (0..120)
            .map(|tenth| Spread {
                after_us: u64::from(tenth) * 100_000,
                known_by_median: known(tenth, 1.6, 3.1),
                known_by_last: known(tenth, 2.2, 4.37),
            })
            .collect(),
        redispatches: (0..60)
            .map(|i| Redispatch {
                at_us: cut + 3_000_000 + i * 40_000,
                origin: i as u32,
                lost: 100,
                next: 200,
                latency_us: (i > 0).then_some(9_000_000 + i * 500_000),
            })
            .collect(),
        policies,
        notes: vec!["The lab checks every distinct signature once and remembers the answer across minds.".to_owned()],
    };
    (setup, result, story)
}

#[test]
fn the_page_is_whole_and_fetches_nothing() {
    let (setup, result, story) = invented(builtin("city-blackout").unwrap());
    let page = render(&setup, &result, &story);
    if let Ok(path) = std::env::var("MINDOS_REPORT_SAMPLE") {
        std::fs::write(path, &page).unwrap();
    }
    for part in [
        "The mesh",
        "The run",
        "How the news spread",
        "How long intents wait",
        "Every figure",
        "What happened",
        "NetLatency-Data",
        "CC-BY 4.0",
    ] {
        assert!(page.contains(part), "{part}");
    }
    for fetched in ["src=", "href=", "url(", "@import", "<script", "<link"] {
        assert!(!page.contains(fetched), "{fetched}");
    }
    assert!(!page.contains("NaN") && !page.contains("inf\""), "no broken number");
    assert!(page.len() < 600_000, "{} bytes", page.len());
    assert_eq!(page.matches("<svg").count(), page.matches("</svg>").count());
}

#[test]
fn text_is_escaped() {
    let attack = "<script>alert(1)</script>\"'&";
    let scenario = Scenario { title: attack.to_owned(), stretch: 0.05, ..builtin("city-blackout").unwrap() };
    let (mut setup, mut result, mut story) = invented(scenario);
    setup.scenario.name = attack.to_owned();
    setup.notes = vec![attack.to_owned()];
    result.trace_hash = attack.to_owned();
    story.lines[0].text = attack.to_owned();
    story.moments[0].label = attack.to_owned();
    story.notes = vec![attack.to_owned()];
    story.policies[2].name = attack.to_owned();
    result.baselines.insert(attack.to_owned(), Default::default());
    let page = render(&setup, &result, &story);
    assert!(!page.contains("<script"));
    assert!(page.matches("&lt;script&gt;").count() >= 8);
}

#[test]
fn an_empty_run_makes_a_page() {
    let scenario = Scenario { events: Vec::new(), liars: 0, stretch: 0.05, ..builtin("city-blackout").unwrap() };
    let setup = Setup::new(scenario).unwrap();
    let page = render(&setup, &RunResult::default(), &RunStory::default());
    assert!(page.contains("Every figure") && !page.contains("How the news spread") && !page.contains("NaN"));
    let story = RunStory {
        samples: vec![Sample::default()],
        spread: vec![Spread::default()],
        policies: Vec::new(),
        ..RunStory::default()
    };
    let mut result = RunResult { killed: 1, ..RunResult::default() };
    result.fill_outcomes(&Summary::default());
    assert!(!render(&setup, &result, &story).contains("NaN"));
}
