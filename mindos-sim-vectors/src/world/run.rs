//! A whole run: the main simulation, the quiet control run beside it, the yardsticks, the figures.

use std::collections::BTreeSet;
use std::thread;

use super::sim::Sim;
use crate::baselines::Conditions;
use crate::outcome::summarise;
use crate::result::{RunResult, ms};
use crate::service::LIFETIME_US;
use crate::setup::Setup;
use crate::stats::{percentile, ratio};
use crate::story::{Moment, Progress, RunStory, StoryLine};
use crate::yardstick::compare;

/// Between two probes of a node, in µs.
const INTERVAL_US: u64 = 1_000_000;
/// Control bytes are counted from this long after the last start.
const CONTROL_FROM_US: u64 = 60_000_000;
/// And until this long after it.
const CONTROL_TO_US: u64 = 180_000_000;
/// Between two looks at who knows what.
const LOOK_US: u64 = 50_000;
/// The time in which the dead are looked at closely.
const CLOSELY_US: u64 = 20 * INTERVAL_US;
/// Period of load advertisements.
const ADVERT_US: u64 = 10_000_000;

/// Runs a setup and tells `tell` how it goes.
pub fn run(setup: &Setup, tell: &mut dyn FnMut(Progress<'_>)) -> (RunResult, RunStory) {
    thread::scope(|scope| {
        let control = scope.spawn(|| control_bytes(setup));
        let (mut result, mut story) = main_run(setup, tell);
        result.control_bytes_per_node_s = control.join().unwrap_or(f64::NAN);
        let line = StoryLine {
            at_us: story.lines.last().map_or(0, |l| l.at_us),
            text: format!(
                "A quiet mesh of {} minds costs {:.0} bytes per mind and second.",
                result.nodes, result.control_bytes_per_node_s
            ),
        };
        tell(Progress::Story(&line));
        story.lines.push(line);
        (result, story)
    })
}

/// Bytes per node and second of the same mesh without requests and faults.
fn control_bytes(setup: &Setup) -> f64 {
    let mut sim = Sim::new(setup, true);
    let joined = sim.joined_us();
    sim.run_until(joined + CONTROL_FROM_US);
    let before = sim.observer.bytes;
    sim.run_until(joined + CONTROL_TO_US);
    let seconds = (CONTROL_TO_US - CONTROL_FROM_US) as f64 / 1e6;
    (sim.observer.bytes - before) as f64 / seconds / f64::from(setup.geography.nodes())
}

struct Teller<'t> {
    tell: &'t mut dyn FnMut(Progress<'_>),
    story: RunStory,
}

impl Teller<'_> {
    fn say(&mut self, at_us: u64, text: String) {
        let line = StoryLine { at_us, text };
        (self.tell)(Progress::Story(&line));
        self.story.lines.push(line);
    }

    fn mark(&mut self, at_us: u64, label: &str) {
        self.story.moments.push(Moment { at_us, label: label.to_owned() });
    }
}

fn main_run(setup: &Setup, tell: &mut dyn FnMut(Progress<'_>)) -> (RunResult, RunStory) {
    let mut sim = Sim::new(setup, false);
    let mut teller = Teller { tell, story: RunStory { notes: setup.notes.clone(), ..RunStory::default() } };
    let (nodes, end) = (setup.geography.nodes(), setup.workload.arrivals_end_us());
    let progress = |sim: &Sim, t: &mut Teller<'_>| (t.tell)(Progress::Time { now_us: sim.now_us(), end_us: end });

    teller.say(
        0,
        format!("{nodes} minds start and join through one another; {} requests will come.", setup.workload.tasks.len()),
    );
    let stops: Vec<u64> = setup.events.iter().map(|e| e.at_us).chain([end]).collect();
    let mut told = BTreeSet::new();
    for stop in stops {
        while sim.now_us() < stop {
            let step = if closely(&sim) { LOOK_US } else { INTERVAL_US };
            let next = (sim.now_us() + step).min(stop);
            sim.run_until(next);
            sim.look(12 * INTERVAL_US);
            progress(&sim, &mut teller);
            narrate(&sim, &mut teller, &mut told, setup);
        }
    }
    sim.count_sessions();
    // Everybody's work is finished, or its lifetime is over.
    while sim.observer.open() > 0 && sim.now_us() < end + LIFETIME_US + INTERVAL_US {
        let next = sim.now_us() + INTERVAL_US;
        sim.run_until(next);
        sim.look(12 * INTERVAL_US);
        narrate(&sim, &mut teller, &mut told, setup);
    }
    let at = sim.now_us();
    teller.say(
        at,
        format!(
            "All work of running origins is back; {} leases were kept, {} broken.",
            sim.observer.judged.0, sim.observer.judged.1
        ),
    );
    let result = figures(setup, &sim, &mut teller.story);
    (result, teller.story)
}

/// Whether something is spreading that wants to be timed finely.
fn closely(sim: &Sim) -> bool {
    sim.observer.blackout.as_ref().is_some_and(|b| {
        let since = b.return_us.unwrap_or(b.cut_us);
        sim.now_us() < since + CLOSELY_US
    })
}

/// Tells what happened since the last look, once each, in order of time.
fn narrate(sim: &Sim, t: &mut Teller<'_>, told: &mut BTreeSet<&'static str>, setup: &Setup) {
    let Some(b) = &sim.observer.blackout else { return };
    let nodes = setup.geography.nodes() as usize;
    let intervals = |us: u64| (us - b.cut_us) as f64 / INTERVAL_US as f64;
    if told.insert("cut") {
        let radius = setup
            .city_radius_us()
            .map_or(String::new(), |r| format!(" within {:.1} ms of its centre", ms(u64::from(r))));
        let open = sim.observer.outcomes.iter().filter(|o| o.in_flight_at(b.cut_us)).count();
        t.say(
            b.cut_us,
            format!(
                "A city goes dark: {} of {nodes} minds{radius} lose power, with {open} requests under way.",
                b.dead.len()
            ),
        );
        t.mark(b.cut_us, "city dark");
    }
    if let Some(at) = b.first_down_us.filter(|_| told.insert("down")) {
        t.say(
            at,
            format!("{:.1} s after the cut the first one is down, by the signatures of four monitors.", intervals(at)),
        );
        t.mark(at, "first down");
    }
    if let Some(at) = b.all_known_us.filter(|_| told.insert("all")) {
        let again = sim.observer.redispatches.len();
        t.say(at, format!("{:.1} s after the cut the last of {} survivors knows all {} dead; {again} requests went to other minds.", intervals(at), nodes - b.dead.len(), b.dead.len()));
        t.mark(at, "all know");
    }
    if let Some(at) = b.return_us.filter(|_| told.insert("return")) {
        t.say(at, format!("The city returns: {} minds restart from what they had persisted.", b.dead.len()));
        t.mark(at, "city returns");
    }
    if let (Some(at), Some(back)) = (b.healed_us, b.return_us)
        && told.insert("healed")
    {
        t.say(
            at,
            format!("{:.1} s later every mind holds the same view again.", (at - back) as f64 / INTERVAL_US as f64),
        );
        t.mark(at, "healed");
    }
}

fn figures(setup: &Setup, sim: &Sim, story: &mut RunStory) -> RunResult {
    let o = &sim.observer;
    let nodes = setup.geography.nodes();
    let blackout = o.blackout.as_ref();
    let dead: BTreeSet<u32> = blackout.map(|b| b.dead.clone()).unwrap_or_default();
    let in_intervals = |us: u64| us as f64 / INTERVAL_US as f64;
    let mut result = RunResult {
        scenario: setup.scenario.name.clone(),
        seed: setup.scenario.seed,
        nodes,
        killed: dead.len() as u32,
        survivors: nodes - dead.len() as u32,
        probe_interval_ms: (INTERVAL_US / 1_000) as u32,
        city_radius_ms: setup.city_radius_us().map(|r| ms(u64::from(r))),
        detect_all_intervals: blackout.and_then(|b| Some(in_intervals(b.all_known_us? - b.cut_us))),
        detection_holes: blackout.and_then(|b| b.holes).unwrap_or(0),
        false_downs: o.false_downs.len() as u64,
        bytes_per_node_s: o.bytes as f64 / (sim.now_us() as f64 / 1e6) / f64::from(nodes),
        heal_intervals: blackout.and_then(|b| Some(in_intervals(b.healed_us? - b.return_us?))),
        trace_hash: sim.trace_hash(),
        events: sim.events(),
        ..RunResult::default()
    };
    let ours = summarise(&o.outcomes, &dead, blackout.map(|b| b.cut_us));
    let detect_us = blackout.and_then(median_detection).unwrap_or(0);
    story.policies = compare(setup, Conditions { advert_period_us: ADVERT_US, detect_us }, ours, &mut result);
    result.intents.duplicate_effects = o.duplicates;
    result.probes_per_intent =
        ratio(sim.probes(), o.outcomes.iter().filter(|o| o.submitted_us < u64::MAX).count() as u64);
    let (first, third) = (setup.workload.warmup_us, setup.workload.duration_us / 3);
    let between = |from: u64, to: u64| o.liar_leases.iter().filter(|t| (from..to).contains(*t)).count() as u64;
    result.liars.nodes = setup.liars.len() as u32;
    result.liars.leases_first_third = between(first, first + third);
    result.liars.leases_last_third = between(first + 2 * third, first + 3 * third);
    let mut sessions = o.sessions.clone();
    sessions.sort_unstable();
    result.sessions_per_node.p50 = percentile(&sessions, 500).unwrap_or(0);
    result.sessions_per_node.max = sessions.last().copied().unwrap_or(0);
    story.samples = o.samples.clone();
    story.spread = blackout.map(|b| b.spread.clone()).unwrap_or_default();
    story.redispatches = o.redispatches.clone();
    result
}

/// Median time from the cut until a survivor knew a dead mind.
fn median_detection(b: &super::observe::Blackout) -> Option<u64> {
    let mut times: Vec<u64> = b.known.values().map(|at| at - b.cut_us).collect();
    times.sort_unstable();
    percentile(&times, 500)
}
