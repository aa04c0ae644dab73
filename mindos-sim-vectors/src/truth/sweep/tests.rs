use super::{ENGINE, SweepPlan, cases, sweep};
use crate::{
    data::Crowd,
    truth::{Attack, Set},
};

/// The first questions of a set.
fn some(crowd: Crowd, questions: usize) -> Set {
    let mut set = crowd.set().unwrap();
    set.questions.truncate(questions);
    set.truth.truncate(questions);
    set
}

#[test]
fn every_attack_has_every_share_with_and_without_anchors() {
    let cases = cases();
    assert_eq!(cases.len(), 2 * (1 + 5 * 5));
    assert!(cases[..26].iter().all(|case| case.2 == 0.0));
    assert!(cases[26..].iter().all(|case| case.2 == if case.0 == Some(Attack::Sleeper) { 5.0 } else { 2.0 }));
}

#[test]
fn means_are_over_sets_and_seeds_and_come_out_the_same_again() {
    let plan =
        || SweepPlan { sets: vec![some(Crowd::Rte, 40), some(Crowd::BarzanTweets, 40)], seeds: 1..=2, min_anchors: 3 };
    let (mut done, mut all) = (0, 0);
    let result = sweep(&plan(), &|| 0.0, &mut |d, a| (done, all) = (d, a)).unwrap();
    assert_eq!((done, all, result.points.len()), (208, 208, 52));
    assert_eq!(result, sweep(&plan(), &|| 0.0, &mut |_, _| {}).unwrap());
    for point in &result.points {
        assert_eq!((point.runs, point.methods.len(), point.sets.len()), (4, 9, 2));
        let of_sets: f64 = point.sets.values().map(|methods| methods[ENGINE]).sum::<f64>() / 2.0;
        assert!((of_sets - point.methods[ENGINE].accuracy).abs() < 1e-12);
    }
}
