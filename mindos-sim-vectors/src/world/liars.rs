//! Worlds of liars: the same one three times, with choices that rest on nothing, on own experience, on everything.

mod watch;

use std::collections::BTreeMap;
use std::num::NonZero;
use std::sync::Mutex;
use std::sync::mpsc::{self, Sender};
use std::thread;

use mindos_core::trust::Reliance;

use super::cast::Cast;
use super::sim::Sim;
use crate::liars::result::{KindFigures, LiarsResult, News, Run, Spread};
use crate::liars::scenario::Liars;
use crate::service::LIFETIME_US;
use crate::setup::Setup;
use crate::stats::{deviation, percentile};
use crate::story::{Progress, StoryLine};
use crate::world::Kind;
pub(super) use watch::Watch;

const SECOND: u64 = 1_000_000;
/// After the last request, work in flight gets so much time.
const DRAIN_US: u64 = 60 * SECOND;

/// Runs a world three times and tells `tell` how the one on everything goes.
pub fn run(liars: &Liars, setup: &Setup, tell: &mut dyn FnMut(Progress<'_>)) -> LiarsResult {
    let kinds = liars.cast(setup.geography.nodes());
    let mut result = LiarsResult {
        scenario: liars.name.clone(),
        seed: liars.seed,
        nodes: setup.geography.nodes(),
        liars: kinds.iter().filter(|k| **k != Kind::Honest).count() as u32,
        ..LiarsResult::default()
    };
    let world = |reliance| Sim::with_cast(setup, false, Cast::of(liars, kinds.clone(), half_us(setup), reliance));
    let (nothing, own, everything) = thread::scope(|scope| {
        let others = [Reliance::Nothing, Reliance::Own].map(|reliance| {
            scope.spawn(move || {
                let mut sim = world(reliance);
                live(&mut sim, setup, &mut |_| {});
                figures(&sim, setup)
            })
        });
        let mut sim = world(Reliance::Everything);
        live(&mut sim, setup, tell);
        let [nothing, own] = others.map(|o| o.join().unwrap_or_default());
        (nothing, own, sim)
    });
    let run = figures(&everything, setup);
    result.runs = [("nothing", nothing), ("own", own), ("everything", run)]
        .map(|(name, run)| Run { reliance: name.to_owned(), ..run })
        .into();
    immune(&everything, setup, &mut result);
    result
}

/// Runs the world on everything once more for each of these kinds of liar, with its minds honest, as many at a time as
/// there are processors: what they would have earned.
pub fn turn(
    liars: &Liars,
    setup: &Setup,
    turned: &[Kind],
    result: &mut LiarsResult,
    tell: &mut dyn FnMut(Progress<'_>),
) {
    let cast = liars.cast(setup.geography.nodes());
    let left = Mutex::new(turned.iter().filter(|k| **k != Kind::Honest && cast.contains(k)));
    let next = || left.lock().ok()?.next();
    let work = |done: Sender<(Kind, Run)>| {
        while let Some(kind) = next() {
            let cast = Cast::of(liars, cast.clone(), half_us(setup), Reliance::Everything).turning(*kind);
            let mut sim = Sim::with_cast(setup, false, cast);
            live(&mut sim, setup, &mut |_| {});
            // Whoever waits does so until all are done.
            let _ = done.send((*kind, figures(&sim, setup)));
        }
    };
    let mut runs = BTreeMap::new();
    thread::scope(|scope| {
        let (done, all) = mpsc::channel();
        for _ in 0..thread::available_parallelism().map_or(1, NonZero::get) {
            let done = done.clone();
            scope.spawn(|| work(done));
        }
        drop(done);
        for (kind, run) in all {
            let text = format!("Once more, with honest minds for {}.", kind.words());
            tell(Progress::Story(&StoryLine { at_us: setup.workload.arrivals_end_us(), text }));
            runs.insert(kind, run);
        }
    });
    for place in result.runs.iter_mut().filter(|r| r.reliance == "everything").flat_map(|r| &mut r.kinds) {
        let earned = runs.iter().filter_map(|(turned, run)| Some((*turned, run.of(place.kind)?.earned)));
        let (honestly, others): (Vec<_>, Vec<_>) = earned.partition(|(turned, _)| *turned == place.kind);
        place.earned_if_honest = honestly.first().map(|e| e.1);
        let others: Vec<f64> = others.into_iter().map(|e| e.1).collect();
        place.earned_deviation = deviation(&others).filter(|_| place.minds > 0);
    }
}

fn half_us(setup: &Setup) -> u64 {
    setup.workload.warmup_us + setup.workload.duration_us / 2
}

fn live(sim: &mut Sim, setup: &Setup, tell: &mut dyn FnMut(Progress<'_>)) {
    let end_us = setup.workload.arrivals_end_us();
    let (mut told, until) = (0, end_us + DRAIN_US.min(LIFETIME_US));
    while sim.now_us() < until {
        sim.run_until((sim.now_us() + SECOND).min(until));
        tell(Progress::Time { now_us: sim.now_us(), end_us });
        let Some(watch) = &sim.watch else { return };
        for line in watch.story().iter().skip(told) {
            tell(Progress::Story(line));
        }
        told = watch.story().len();
    }
    let text = "The last results are in.".to_owned();
    tell(Progress::Story(&StoryLine { at_us: sim.now_us(), text }));
}

fn figures(sim: &Sim, setup: &Setup) -> Run {
    let Some(watch) = &sim.watch else { return Run::default() };
    let honest: Vec<_> = sim
        .observer
        .outcomes
        .iter()
        .filter(|o| sim.cast.kinds().get(o.origin as usize) == Some(&Kind::Honest))
        .collect();
    let submitted = honest.iter().filter(|o| o.submitted_us < u64::MAX).count() as u64;
    let last = setup.workload.warmup_us + setup.workload.duration_us * 2 / 3;
    let late = honest.iter().filter(|o| o.submitted_us >= last).count() as u64;
    let (right, right_late) = watch.right(last, &sim.observer.outcomes);
    let pct = |part: u64, of: u64| if of == 0 { 0.0 } else { part as f64 * 100.0 / of as f64 };
    let all = watch.convictions();
    let kinds = Kind::ALL.map(|kind| {
        let hosts = (0_u32..).zip(sim.cast.kinds()).filter(|(_, k)| **k == kind).map(|(h, _)| h as usize);
        let (minds, leases, earned, after) = hosts.fold((0, 0, 0, 0), |(n, l, e, a), h| {
            (n + 1, l + watch.leases[h], e + watch.earned[h], a + watch.leases_after[h])
        });
        let each = |sum: u64| if minds == 0 { 0.0 } else { sum as f64 / f64::from(minds) };
        let (found, kept_out) = watch.of_kind(kind);
        let mut times: Vec<u64> = all.iter().filter(|(k, _)| *k == kind).map(|(_, t)| *t).collect();
        times.sort_unstable();
        let kept_out_s = percentile(&times, 500).map(|us| us as f64 / 1e6);
        KindFigures {
            kind,
            minds,
            leases: each(leases),
            earned: each(earned),
            earned_if_honest: None,
            earned_deviation: None,
            found,
            kept_out,
            kept_out_s,
            leases_after: each(after),
        }
    });
    Run {
        reliance: String::new(),
        submitted,
        completed: honest.iter().filter(|o| o.completed_us.is_some()).count() as u64,
        right,
        right_pct: pct(right, submitted),
        right_last_third_pct: pct(right_late, late),
        kinds: kinds.into(),
        samples: watch.samples.clone(),
        trace_hash: sim.trace_hash(),
    }
}

/// What the immune response did.
fn immune(sim: &Sim, setup: &Setup, result: &mut LiarsResult) {
    let Some(watch) = &sim.watch else { return };
    let honest = watch.honest() as u64;
    let (suspended, quarantined) = watch.false_pairs();
    let pairs = (honest * (honest - 1)).max(1) as f64;
    result.false_quarantines = quarantined as u64;
    result.false_quarantine_pct = result.false_quarantines as f64 * 100.0 / pairs;
    result.false_suspensions = suspended as u64;
    result.false_suspension_pct = result.false_suspensions as f64 * 100.0 / pairs;
    let times = watch.convictions();
    let (provable, unprovable) = watch.provable();
    (result.provable, result.unprovable) = (provable as u32, unprovable as u32);
    let times: Vec<_> = times.into_iter().filter(|t| t.0 != Kind::Honest).collect();
    result.convicted = times.len() as u32;
    result.confirmed_pct = watch.confirmed();
    result.missed = result.provable.saturating_sub(result.convicted);
    let spread = |mut all: Vec<u64>| {
        all.sort_unstable();
        let s = |us: u64| us as f64 / 1e6;
        Spread { p50: percentile(&all, 500).map(s), max: all.last().copied().map(s) }
    };
    result.conviction_s = spread(times.into_iter().map(|t| t.1).collect());
    let quarantines = watch.quarantines();
    result.quarantined = quarantines.len() as u32;
    result.quarantine_s = spread(quarantines);
    let each = |checks: u64| checks as f64 / honest.max(1) as f64;
    let served_us = (setup.workload.duration_us * honest.max(1)) as f64;
    let load = |time_us: u64| time_us as f64 * 100.0 / served_us;
    let (own, evidence) = (watch.own_checks, watch.evidence_checks);
    (result.own_checks_per_mind, result.evidence_checks_per_mind) = (each(own.count), each(evidence.count));
    (result.own_check_load_pct, result.evidence_check_load_pct) = (load(own.time_us), load(evidence.time_us));
    (result.own_checks_left, result.evidence_checks_left) = (own.left, evidence.left);
    result.false_evidence_checks_per_mind = each(evidence.of_false);
    result.false_evidence_longest_s = evidence.longest_us as f64 / 1e6;
    result.work_load_pct = load(watch.work_us);
    let bytes: u64 = sim.hosts.iter().filter_map(|h| h.node.as_ref()).map(|n| n.stats().trust_bytes).sum();
    result.trust_bytes_per_node = bytes as f64 / f64::from(result.nodes);
    result.trust_bytes_per_node_s = result.trust_bytes_per_node / (sim.now_us() as f64 / 1e6);
    result.news = (0..=60)
        .map(|half| f64::from(half) / 2.0)
        .map(|after_s| {
            let known_pct = watch.known_after((after_s * 1e6) as u64).unwrap_or(0.0);
            News { after_s, known_pct }
        })
        .collect();
}

#[cfg(test)]
mod tests;
