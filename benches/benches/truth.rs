//! The truth engine on public data: one pass over a set in random order, settlements on the way.
//!
//! Timed is the engine alone, by the lab's own driver. Sets in folders that `MINDOS_TRUTH_SETS` names, separated by
//! colons, are measured besides the shipped ones.
#![allow(missing_docs, clippy::disallowed_types, clippy::disallowed_methods)]
#![allow(clippy::unwrap_used, reason = "a bench stops on the first surprise")]

use std::path::Path;
use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput};
use mindos_sim_vectors::data::Crowd;
use mindos_sim_vectors::truth::{Form, Plan, Scene, Set, run};

fn main() {
    let mut criterion =
        Criterion::default().sample_size(30).measurement_time(Duration::from_secs(4)).configure_from_args();
    let mut sets: Vec<Set> = Crowd::ALL.into_iter().map(|crowd| crowd.set().unwrap()).collect();
    for folder in std::env::var("MINDOS_TRUTH_SETS").unwrap_or_default().split(':').filter(|f| !f.is_empty()) {
        let name = Path::new(folder).file_name().unwrap_or_default().to_string_lossy().into_owned();
        sets.push(Set::load(&name, &Path::new(folder).join("reports.csv"), None).unwrap());
    }
    for set in &sets {
        one(&mut criterion, set);
    }
    criterion.final_summary();
}

fn one(criterion: &mut Criterion, set: &Set) {
    let scene = Scene::new(set, &Plan { attack: None, fraction: 0.0, anchors: 0.0, min_anchors: 0, seed: 1 });
    let start = Instant::now();
    let clock = || start.elapsed().as_secs_f64();
    let mut group = criterion.benchmark_group("truth engine, one pass");
    group.throughput(Throughput::Elements(scene.reports() as u64));
    group.bench_function(&set.name, |bencher| {
        bencher.iter_custom(|iterations| {
            let spent: f64 = (0..iterations).map(|_| run(&scene, Form::Online, &clock).unwrap().seconds).sum();
            Duration::from_secs_f64(spent)
        });
    });
    group.finish();
}
