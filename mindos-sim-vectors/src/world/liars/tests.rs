//! A small world of liars.

use super::*;
use crate::data;
use crate::liars::scenario::load;

fn small(seed: u64) -> LiarsResult {
    let liars = Liars { nodes: 40, seed, stretch: 0.05, warmup_s: 30, ..load(None).unwrap() };
    let setup = Setup::from_data(liars.world(), data::planetlab().unwrap(), &data::azure_conv().unwrap()).unwrap();
    run(&liars, &setup, &mut |_| {})
}

#[test]
fn liars_are_kept_out_and_honest_minds_are_not() {
    let r = small(1);
    let [nothing, everything] = ["nothing", "everything"].map(|n| r.run(n).unwrap());
    assert_eq!(r.false_quarantines, 0);
    assert!(r.convicted > 0 && r.provable >= r.convicted, "{} {}", r.provable, r.convicted);
    assert_eq!(r.missed, r.provable - r.convicted);
    // Work of one host after another is what checks cost, and those who are no partners make none.
    assert!(r.own_check_load_pct > 0.0 && r.evidence_check_load_pct > 0.0 && r.confirmed_pct < 100.0);
    assert_eq!(r.false_suspensions, 0);
    assert!(r.own_checks_per_mind > 0.0 && r.evidence_checks_per_mind > 0.0);
    assert!(everything.right_last_third_pct > nothing.right_last_third_pct);
    let wrong = |run: &Run| -> f64 {
        let kinds = [Kind::Wrong, Kind::Colluder, Kind::Whitewasher].map(|k| run.of(k).unwrap());
        kinds.iter().map(|k| k.leases * f64::from(k.minds)).sum()
    };
    assert!(wrong(everything) < wrong(nothing), "{} {}", wrong(everything), wrong(nothing));
    assert!(nothing.submitted > 0 && everything.completed <= everything.submitted);
    assert!(r.trust_bytes_per_node > 0.0);
}
