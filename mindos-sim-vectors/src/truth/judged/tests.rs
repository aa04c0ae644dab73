use super::{Judged, accuracy, auc, highest};
use crate::truth::{Plan, Scene, Set};

/// Three questions with the truths 1, 0 and unknown.
fn scene() -> Scene {
    let reports = "task,worker,label\n1,1,1\n2,1,0\n3,1,0\n".as_bytes();
    let truth = "task,label\n1,1\n2,0\n".as_bytes();
    let set = Set::parse("tiny", ("r", reports), Some(("t", truth))).unwrap();
    Scene::new(&set, &Plan { attack: None, fraction: 0.0, anchors: 0.0, min_anchors: 0, seed: 1 })
}

#[test]
fn scores_are_those_of_a_hand_calculation() {
    let scene = scene();
    let weights = [[1.0, 3.0], [1.0, 1.0], [1.0, 0.0]];
    let judged = Judged::by_weight(&scene, |q, row| row.copy_from_slice(&weights[q]));
    let score = judged.score(&scene);
    assert_eq!(score.accuracy, Some(1.0));
    let by_hand = (libm::log(4.0 / 3.0) + libm::log(2.0)) / 2.0;
    assert!((score.log_loss.unwrap() - by_hand).abs() < 1e-12);
    assert_eq!(score.brier, Some((2.0 * 0.0625 + 2.0 * 0.25) / 2.0));
    assert_eq!(judged.auc(&scene), Some(1.0));
    assert_eq!(accuracy(&scene, &[0, 0, 0]), Some(0.5));
}

#[test]
fn nothing_counts_nothing_scores() {
    let mut scene = scene();
    scene.scored.fill(false);
    let judged = Judged::unknown(&scene);
    assert_eq!((judged.score(&scene).accuracy, judged.auc(&scene), accuracy(&scene, &[0; 3])), (None, None, None));
}

#[test]
fn certainty_of_the_wrong_costs_a_lot_but_not_everything() {
    let scene = scene();
    let judged = Judged::by_weight(&scene, |q, row| row[q.min(1) ^ usize::from(q == 0) ^ 1] = 1.0);
    assert!(judged.score(&scene).log_loss.unwrap() < 14.0);
}

#[test]
fn auc_counts_ties_half() {
    assert_eq!(auc(vec![(0.1, false), (0.9, true)]), Some(1.0));
    assert_eq!(auc(vec![(0.5, false), (0.5, true)]), Some(0.5));
    assert_eq!(auc(vec![(0.5, true), (0.5, false), (0.7, false), (0.6, true)]), Some(0.375));
    assert_eq!(auc(vec![(0.5, true)]), None);
}

#[test]
fn the_first_of_equals_is_highest() {
    assert_eq!((highest(&[0.2, 0.4, 0.4]), highest(&[0.0, 0.0])), (1, 0));
}
