//! A small experiment, quick enough for every day.

use super::*;
use crate::centres::scenario::load;

fn small() -> Centres {
    Centres {
        regions: 2,
        agents_per_region: 12,
        rounds: 8,
        liars: vec![0.0, 0.25],
        ages_s: vec![0, 600],
        ..load(None).unwrap()
    }
}

#[test]
fn agents_report_through_nodes_and_readers_are_told_what_a_majority_of_holders_computed() {
    let result = run(&small(), &mut |_| {}).unwrap();
    for mesh in &result.mesh {
        assert_eq!(mesh.without_majority, 0);
        assert!((mesh.reports - 12.0).abs() < 1e-9, "{mesh:?}");
        assert!(mesh.accuracy_pct > 70.0, "{mesh:?}");
    }
    assert_eq!(result.models.len(), 2);
    assert_eq!(run(&small(), &mut |_| {}).unwrap().trace_hash, result.trace_hash);
}

#[test]
fn the_line_lies_between_the_runs_around_it() {
    let at = |liars_pct, accuracy_pct| MeshRun { liars_pct, accuracy_pct, ..MeshRun::default() };
    let mesh = [at(0.0, 90.0), at(20.0, 80.0), at(40.0, 20.0)];
    assert_eq!(overtaken(&mesh, 85.0), Some(10.0));
    assert_eq!(overtaken(&mesh, 50.0), Some(30.0));
    assert_eq!(overtaken(&mesh, 95.0), Some(0.0));
    assert_eq!(overtaken(&mesh, 10.0), None);
}
