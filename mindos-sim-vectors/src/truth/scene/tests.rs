use super::{Attack, Plan, Scene};
use crate::{data::Crowd, truth::Set};

fn plan(attack: Attack, fraction: f64) -> Plan {
    Plan { attack: Some(attack), fraction, anchors: 0.0, min_anchors: 0, seed: 7 }
}

fn rte() -> Set {
    Crowd::Rte.set().unwrap()
}

/// Of the liars' reports, the share that is true.
fn honesty(scene: &Scene, counts: impl Fn(usize) -> bool) -> f64 {
    let (mut right, mut all) = (0.0, 0.0);
    for (q, reports) in scene.questions.iter().enumerate().filter(|(q, _)| counts(*q)) {
        for &(_, label) in reports.iter().filter(|r| scene.liars[r.0 as usize]) {
            all += 1.0;
            right += f64::from(u8::from(scene.truth[q] == Some(label)));
        }
    }
    right / all
}

#[test]
fn liars_are_their_share_of_agents_and_of_reports() {
    let set = rte();
    for fraction in [0.1, 0.2, 0.3, 0.4, 0.49] {
        for seed in 0..5 {
            let scene = Scene::new(&set, &Plan { seed, ..plan(Attack::Collude, fraction) });
            let liars = scene.liars.iter().filter(|liar| **liar).count() as f64;
            let lies = scene.questions.iter().flatten().filter(|r| scene.liars[r.0 as usize]).count() as f64;
            assert!((liars / 164.0 - fraction).abs() < 0.004, "{liars} of 164");
            assert!((lies / 8_000.0 - fraction).abs() < 0.03, "{lies} of 8000 at {fraction}");
        }
    }
}

#[test]
fn each_attack_lies_as_often_as_it_says() {
    let set = rte();
    let all = |_: usize| true;
    for (attack, expected) in
        [(Attack::Collude, 0.0), (Attack::Collude80, 0.2), (Attack::Sybil, 0.2), (Attack::Spam, 0.5)]
    {
        let honest = honesty(&Scene::new(&set, &plan(attack, 0.4)), all);
        assert!((honest - expected).abs() < 0.04, "{attack:?}: {honest}");
    }
    let honest = Scene::new(&set, &Plan { attack: None, ..plan(Attack::Spam, 0.4) });
    assert_eq!(honest.questions, set.questions);
}

#[test]
fn sybils_say_one_thing_and_colluders_of_80_do_not() {
    let set = rte();
    let of_one_mind = |attack| {
        let scene = Scene::new(&set, &plan(attack, 0.4));
        scene.questions.iter().all(|reports| {
            let mut said = reports.iter().filter(|r| scene.liars[r.0 as usize]).map(|r| r.1);
            let first = said.next();
            said.all(|label| Some(label) == first)
        })
    };
    assert!(of_one_mind(Attack::Sybil) && of_one_mind(Attack::Collude) && !of_one_mind(Attack::Collude80));
}

#[test]
fn sleepers_turn_at_half_time_and_only_what_follows_counts() {
    let set = rte();
    let scene = Scene::new(&set, &plan(Attack::Sleeper, 0.4));
    for &q in &scene.order[..400] {
        assert_eq!(scene.questions[q as usize], set.questions[q as usize]);
    }
    let late: Vec<bool> = (0..800).map(|q| scene.order[400..].contains(&q)).collect();
    assert_eq!(scene.scored, late);
    assert_eq!(honesty(&scene, |q| late[q]), 0.0);
}

#[test]
fn anchors_do_not_count_and_there_are_at_least_as_many_as_asked() {
    let set = rte();
    let anchored = |anchors, min_anchors| {
        let scene = Scene::new(&set, &Plan { attack: None, fraction: 0.0, anchors, min_anchors, seed: 3 });
        let n = scene.anchors.iter().flatten().count();
        assert_eq!(scene.scored.iter().filter(|scored| !**scored).count(), n);
        assert!(scene.anchors.iter().zip(&scene.truth).all(|(anchor, truth)| anchor.is_none() || anchor == truth));
        n
    };
    assert_eq!((anchored(0.0, 0), anchored(0.0, 5), anchored(100.0, 0)), (0, 5, 800));
    assert!((5..=30).contains(&anchored(2.0, 5)));
}

#[test]
fn equal_plans_make_equal_scenes_and_other_seeds_others() {
    let set = rte();
    let one = plan(Attack::Collude80, 0.3);
    assert_eq!(Scene::new(&set, &one), Scene::new(&set, &one));
    assert_ne!(Scene::new(&set, &one).order, Scene::new(&set, &Plan { seed: 8, ..one }).order);
}

#[test]
fn liars_take_what_most_say_for_true_where_nobody_knows() {
    let reports = "task,worker,label\n1,1,2\n1,2,2\n1,3,0\n";
    let set = Set::parse("tiny", ("r", reports.as_bytes()), None::<(&str, &[u8])>).unwrap();
    let scene = Scene::new(&set, &plan(Attack::Collude, 1.0));
    let said = scene.questions[0][0].1;
    assert!(said != 2 && scene.questions[0].iter().all(|r| r.1 == said));
}
