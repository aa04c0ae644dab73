//! The simulator: real nodes on a simulated network, a simulated second at a time.
//!
//! The mesh is in its steady state; criterion times one simulated second, and the lines at the end count
//! events over all that ran.
#![allow(missing_docs, clippy::disallowed_types, clippy::disallowed_methods)]
#![allow(clippy::unwrap_used, reason = "a bench stops on the first surprise")]

use std::time::{Duration, Instant};

use criterion::Criterion;
use mindos_sim_vectors::scenario;
use mindos_sim_vectors::setup::Setup;
use mindos_sim_vectors::world::Sim;

const NODES: u32 = 64;
const SECOND_US: u64 = 1_000_000;
/// Joined, advertised, and at work if there is any.
const SETTLED_US: u64 = 120 * SECOND_US;

fn main() {
    let mut criterion =
        Criterion::default().sample_size(20).measurement_time(Duration::from_secs(10)).configure_from_args();
    let text = format!("name = \"bench\"\nnodes = {NODES}\nload = 0.5\n");
    let setup = Setup::new(scenario::parse("bench", &text).unwrap()).unwrap();
    for (name, quiet) in [("quiet", true), ("at load 0.5", false)] {
        seconds(&mut criterion, &setup, name, quiet);
    }
    criterion.final_summary();
}

fn seconds(criterion: &mut Criterion, setup: &Setup, name: &str, quiet: bool) {
    let settled = || {
        let mut sim = Sim::new(setup, quiet);
        sim.run_until(SETTLED_US);
        sim
    };
    let end = if quiet { u64::MAX } else { setup.workload.arrivals_end_us() };
    let (mut sim, mut events, mut took, mut simulated) = (None, 0, Duration::ZERO, 0);
    criterion.bench_function(&format!("{NODES} nodes, {name}, one simulated second"), |bencher| {
        bencher.iter_custom(|iterations| {
            let mut total = Duration::ZERO;
            for _ in 0..iterations {
                let mut world = sim.take().unwrap_or_else(settled);
                let before = world.events();
                let start = Instant::now();
                world.run_until(world.now_us() + SECOND_US);
                total += start.elapsed();
                events += world.events() - before;
                simulated += 1;
                // Without arrivals it would be another mesh: begin again.
                sim = (world.now_us() < end).then_some(world);
            }
            took += total;
            total
        });
    });
    if simulated > 0 {
        let seconds = took.as_secs_f64();
        println!(
            "{NODES} nodes, {name}: {events} events in {seconds:.2} s, {:.0} events/s, {:.0} events a simulated second",
            events as f64 / seconds,
            events as f64 / f64::from(simulated)
        );
    }
}
