use super::Method;
use crate::truth::{Plan, Scene, Set};

/// Agents a to c are right, d and e mostly wrong; f turns everything round. Labels by question, then the truth.
const SAID: [(&str, &str); 8] = [
    ("000111", "0"),
    ("111010", "1"),
    ("000101", "0"),
    ("111100", "1"),
    ("000011", "0"),
    ("111000", "1"),
    ("000111", "0"),
    ("110000", "1"),
];

fn scene(anchors: f64) -> Scene {
    let mut reports = "task,worker,label\n".to_owned();
    let mut truth = "task,label\n".to_owned();
    for (q, (said, true_label)) in SAID.iter().enumerate() {
        for (agent, label) in said.chars().enumerate() {
            reports += &format!("{q},{agent},{label}\n");
        }
        truth += &format!("{q},{true_label}\n");
    }
    let set = Set::parse("tiny", ("r", reports.as_bytes()), Some(("t", truth.as_bytes()))).unwrap();
    let mut scene = Scene::new(&set, &Plan { attack: None, fraction: 0.0, anchors, min_anchors: 0, seed: 1 });
    // As in the file, so that what a reputation learns can be followed by hand.
    scene.order = (0..8).collect();
    scene
}

fn labels(method: Method, scene: &Scene) -> String {
    let judged = method.judge(scene);
    (0..SAID.len()).map(|q| judged.label(q).to_string()).collect()
}

#[test]
fn a_majority_is_the_share_of_votes_and_the_lowest_of_equals() {
    let judged = Method::Majority.judge(&scene(0.0));
    assert_eq!(judged.shares(7), [4.0 / 6.0, 2.0 / 6.0]);
    assert_eq!(labels(Method::Majority, &scene(0.0)), "01010000", "ties of three to three go to 0");
}

#[test]
fn estimation_and_reputation_find_who_is_right() {
    for method in [Method::OneCoin, Method::DawidSkene, Method::Yuma, Method::Beta] {
        let found = labels(method, &scene(0.0));
        let right = found.chars().zip("01010101".chars()).filter(|(a, b)| a == b).count();
        assert!(right >= 7, "{method:?}: {found}");
    }
}

#[test]
fn beta_reputation_follows_its_definition() {
    let judged = Method::Beta.judge(&scene(0.0));
    assert_eq!(judged.shares(0), [0.5, 0.5], "all are equal at first");
    // 0 won the tie: a to c now stand at 1.98 / 2.96, d to f at 0.98 / 2.96.
    let (good, bad) = (1.98, 0.98);
    let one = (3.0 * good + bad) / (3.0 * good + 3.0 * bad);
    assert!((judged.shares(1)[1] - one).abs() < 1e-12);
}

#[test]
fn the_oracle_does_not_hear_liars() {
    let mut scene = scene(0.0);
    scene.liars = vec![false, false, false, true, true, true];
    assert_eq!(labels(Method::Oracle, &scene), "01010101");
}

#[test]
fn estimation_without_error_is_sure_of_itself() {
    let mut scene = scene(0.0);
    scene.liars = vec![false, false, true, true, true, true];
    let judged = Method::Oracle.judge(&scene);
    // Two agents that never differ: after all rounds each question is as good as certain.
    assert!((0..8).all(|q| judged.shares(q).iter().any(|share| *share > 0.999)));
}

#[test]
fn anchors_turn_an_estimation_that_liars_had_won() {
    // d to f agree on the opposite of the truth, a and b are right, c is gone.
    let mut scene = scene(0.0);
    for (q, reports) in scene.questions.iter_mut().enumerate() {
        let truth = scene.truth[q].unwrap();
        *reports = (0..5).map(|agent| (agent, if agent < 2 { truth } else { 1 - truth })).collect();
    }
    assert_eq!(labels(Method::OneCoin, &scene), "10101010");
    for q in 0..6 {
        scene.anchors[q] = scene.truth[q];
    }
    assert!(labels(Method::OneCoin, &scene).ends_with("01"));
    assert!(labels(Method::DawidSkene, &scene).ends_with("01"));
}

#[test]
fn bittensors_rule_pays_who_agrees_with_the_stake() {
    let mut scene = scene(0.0);
    for reports in &mut scene.questions {
        *reports = vec![(0, 1), (1, 1), (2, 0)];
    }
    let judged = Method::Yuma.judge(&scene);
    // The third was clipped twenty times, each time losing a tenth of its stake, as those who say nothing do.
    let third = libm::pow(0.9, 20.0) / 6.0;
    assert!((judged.shares(0)[0] - third / (1.0 - 3.0 * third)).abs() < 1e-12);
}

#[test]
fn eigentrust_gives_nothing_but_the_new_start_to_who_agrees_with_nobody() {
    let mut scene = scene(0.0);
    for reports in &mut scene.questions {
        *reports = vec![(0, 1), (1, 1), (2, 0)];
    }
    let judged = Method::EigenTrust.judge(&scene);
    // Whom nobody trusts keeps a walk's new start, and trusts all alike: t = 0.1/3 + 0.9 t/3; d to f have no reports.
    let n = 6.0;
    let idle: f64 = 0.1 / n / (1.0 - 0.9 * 4.0 / n);
    let pair = (1.0 - 4.0 * idle) / 2.0;
    assert!((judged.shares(0)[0] - idle / (idle + 2.0 * pair)).abs() < 1e-4);
}
