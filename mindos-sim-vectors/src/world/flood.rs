//! A flood let happen: one metered node, its peers, newcomers, and an attacker.
//!
//! `meter` charges cryptography in simulated time, `machine` is the core and the socket under attack, `attacker` forges,
//! `stage` lets time pass, `observe` counts. Nothing here reads a clock.

mod attacker;
mod machine;
mod meter;
mod observe;
mod stage;
#[cfg(test)]
mod tests;

use crate::flood::result::{FloodResult, FloodRun};
use crate::flood::scenario::{Attack, Flood};
use crate::story::{Progress, StoryLine};
use stage::Stage;

/// Between two looks at the clock of the progress bar, in ns.
const STEP: u64 = 100_000_000;

/// Runs every attack of a flood, one after the other and each from the beginning.
pub fn run(flood: &Flood, tell: &mut dyn FnMut(Progress<'_>)) -> FloodResult {
    let each_us = u64::from(flood.settle_s + flood.seconds) * 1_000_000;
    let end_us = each_us * flood.attacks.len() as u64;
    let mut trace = blake3::Hasher::new();
    let mut runs = Vec::with_capacity(flood.attacks.len());
    for (&attack, number) in flood.attacks.iter().zip(0..) {
        let run = one(flood, attack, &mut |now_us| {
            tell(Progress::Time { now_us: number * each_us + now_us.min(each_us), end_us });
        });
        trace.update(run.trace_hash.as_bytes());
        tell(Progress::Story(&StoryLine { at_us: (number + 1) * each_us, text: sentence(&run) }));
        runs.push(run);
    }
    FloodResult {
        scenario: flood.name.clone(),
        seed: flood.seed,
        rate: flood.rate,
        seconds: flood.seconds,
        peers: flood.peers,
        runs,
        trace_hash: trace.finalize().to_hex().to_string(),
        wall_s: 0.0,
    }
}

fn one(flood: &Flood, attack: Attack, at: &mut dyn FnMut(u64)) -> FloodRun {
    let mut stage = Stage::new(flood, attack);
    while stage.now_ns() < stage.end_ns() {
        let next = stage.now_ns() + STEP;
        stage.run_until(next);
        at(stage.now_ns() / 1_000);
    }
    stage.into_run()
}

fn sentence(run: &FloodRun) -> String {
    let served = run.pings.served_pct.unwrap_or(0.0);
    format!(
        "{}: {served:.2} % of probes and {} of {} pieces of work served, {} of {} newcomers in, {} sessions lost.",
        run.attack.words(),
        run.intents.answered,
        run.intents.asked,
        run.newcomers.answered,
        run.newcomers.asked,
        run.sessions_lost
    )
}
