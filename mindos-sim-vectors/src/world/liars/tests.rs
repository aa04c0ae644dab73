//! A small world of liars.

use super::*;
use crate::data;
use crate::liars::scenario::load;

fn world(seed: u64) -> (Liars, Setup) {
    let liars = Liars { nodes: 40, seed, stretch: 0.05, warmup_s: 30, ..load(None).unwrap() };
    let setup = Setup::from_data(liars.world(), data::planetlab().unwrap(), &data::azure_conv().unwrap()).unwrap();
    (liars, setup)
}

fn small(seed: u64) -> LiarsResult {
    let (liars, setup) = world(seed);
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

#[test]
fn who_lies_is_seen_beside_what_it_earns_honestly() {
    let (liars, setup) = world(3);
    let liars = Liars { kinds: [("wrong".to_owned(), 1.0)].into(), ..liars };
    let mut r = run(&liars, &setup, &mut |_| {});
    let mut lines = Vec::new();
    turn(&liars, &setup, &Kind::ALL, &mut r, &mut |p| {
        if let Progress::Story(line) = p {
            lines.push(line.text.clone());
        }
    });
    let all = r.run("everything").unwrap();
    let turned: Vec<Kind> = all.kinds.iter().filter(|k| k.earned_if_honest.is_some()).map(|k| k.kind).collect();
    assert_eq!(turned, [Kind::Wrong]);
    let wrong = all.of(Kind::Wrong).unwrap();
    assert!(wrong.earned_if_honest.unwrap() > 2.0 * wrong.earned, "{wrong:?}");
    assert_eq!(lines, ["Once more, with honest minds for wrong results."]);
    assert!(r.run("own").unwrap().kinds.iter().all(|k| k.earned_if_honest.is_none()));
}

#[test]
fn a_lie_that_spares_the_work_is_done_sooner() {
    let (liars, setup) = world(3);
    let busy = |lie_takes| {
        let liars = Liars { lie_takes, kinds: [("wrong".to_owned(), 1.0)].into(), ..liars.clone() };
        let kinds = liars.cast(setup.geography.nodes());
        let liar = kinds.iter().position(|k| *k == Kind::Wrong).unwrap() as u32;
        let given = super::super::cast::Given { unseen: false, of_stuffer: false };
        let cast = Cast::of(&liars, kinds, 0, Reliance::Nothing);
        [liar, 0].map(|host| cast.result(host, 0, b"work", given, 1_000_000).1)
    };
    assert_eq!(busy(0.25), [250_000, 1_000_000]);
    assert_eq!(busy(1.0), [1_000_000; 2]);
}
