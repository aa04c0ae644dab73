//! Worlds of liars: the same one three times, with choices that rest on nothing, on own experience, on everything.

mod watch;

use std::thread;

use mindos_core::trust::Reliance;

use super::cast::Cast;
use super::sim::Sim;
use crate::liars::result::{KindFigures, LiarsResult, News, Run, Spread};
use crate::liars::scenario::Liars;
use crate::service::LIFETIME_US;
use crate::setup::Setup;
use crate::stats::percentile;
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
    let world = |reliance| {
        let half = setup.workload.warmup_us + setup.workload.duration_us / 2;
        Sim::with_cast(setup, false, Cast::of(kinds.clone(), liars.price, liars.check_one_in, half, reliance))
    };
    let (nothing, own, mut everything) = thread::scope(|scope| {
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
    immune(&mut everything, &mut result);
    result
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
    let honest: Vec<_> = sim.observer.outcomes.iter().filter(|o| sim.cast.kind(o.origin) == Kind::Honest).collect();
    let submitted = honest.iter().filter(|o| o.submitted_us < u64::MAX).count() as u64;
    let last = setup.workload.warmup_us + setup.workload.duration_us * 2 / 3;
    let late = honest.iter().filter(|o| o.submitted_us >= last).count() as u64;
    let (right, right_late) = watch.right(last, &sim.observer.outcomes);
    let pct = |part: u64, of: u64| if of == 0 { 0.0 } else { part as f64 * 100.0 / of as f64 };
    let kinds = Kind::ALL.map(|kind| {
        let hosts = (0_u32..).zip(sim.cast.kinds()).filter(|(_, k)| **k == kind).map(|(h, _)| h as usize);
        let (minds, leases, earned) =
            hosts.fold((0, 0, 0), |(n, l, e), h| (n + 1, l + watch.leases[h], e + watch.earned[h]));
        let each = |sum: u64| if minds == 0 { 0.0 } else { sum as f64 / f64::from(minds) };
        KindFigures { kind, minds, leases: each(leases), earned: each(earned) }
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
fn immune(sim: &mut Sim, result: &mut LiarsResult) {
    let Some(watch) = &sim.watch else { return };
    let honest = sim.cast.kinds().iter().filter(|k| **k == Kind::Honest).count() as u64;
    result.false_quarantines = watch.false_pairs() as u64;
    result.false_quarantine_pct = result.false_quarantines as f64 * 100.0 / (honest * (honest - 1)).max(1) as f64;
    let times = watch.convictions(honest as usize);
    result.provable = watch.provable() as u32;
    result.convicted = times.len() as u32;
    result.missed = result.provable - result.convicted;
    let each = |checks: u64| checks as f64 / honest.max(1) as f64;
    (result.own_checks_per_mind, result.evidence_checks_per_mind) =
        (each(watch.own_checks), each(watch.evidence_checks));
    let spread = |of: &mut dyn Iterator<Item = u64>| {
        let mut all: Vec<u64> = of.collect();
        all.sort_unstable();
        let s = |us: u64| us as f64 / 1e6;
        Spread { p50: percentile(&all, 500).map(s), max: all.last().copied().map(s) }
    };
    result.conviction_s = spread(&mut times.iter().map(|t| t.0));
    result.spread_s = spread(&mut times.iter().filter_map(|t| t.1));
    let bytes: u64 = sim.hosts.iter().filter_map(|h| h.node.as_ref()).map(|n| n.stats().trust_bytes).sum();
    result.trust_bytes_per_node = bytes as f64 / f64::from(result.nodes);
    result.trust_bytes_per_node_s = result.trust_bytes_per_node / (sim.now_us() as f64 / 1e6);
    result.news = (0..=60)
        .map(|half| f64::from(half) / 2.0)
        .map(|after_s| {
            let known_pct = watch.known_after((after_s * 1e6) as u64, honest as usize).unwrap_or(0.0);
            News { after_s, known_pct }
        })
        .collect();
}

#[cfg(test)]
mod tests;
