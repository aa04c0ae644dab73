use super::{Form, run};
use crate::{
    data::Crowd,
    truth::{Attack, Plan, Scene, Set},
};

fn scene(set: &Set) -> Scene {
    Scene::new(set, &Plan { attack: Some(Attack::Collude), fraction: 0.3, anchors: 2.0, min_anchors: 0, seed: 5 })
}

#[test]
fn within_the_window_one_pass_ends_where_the_batch_does() {
    let scene = scene(&Crowd::Bluebirds.set().unwrap());
    let online = run(&scene, Form::Online, &|| 0.0).unwrap();
    let batch = run(&scene, Form::Batch, &|| 0.0).unwrap();
    assert_eq!(online.digest, batch.digest);
    assert_eq!((online.agents, online.seconds), (39, 0.0));
}

#[test]
fn the_same_scene_gives_the_same_digest_and_another_another() {
    let set = Crowd::BarzanTweets.set().unwrap();
    let digest = |scene: &Scene| run(scene, Form::Online, &|| 0.0).unwrap().digest;
    let first = scene(&set);
    assert_eq!(digest(&first), digest(&first));
    let other = Plan { attack: None, fraction: 0.0, anchors: 0.0, min_anchors: 0, seed: 5 };
    assert_ne!(digest(&first), digest(&Scene::new(&set, &other)));
}

/// More reports than the window holds: four agents, one of them always wrong.
fn large() -> Set {
    let mut reports = "task,worker,label\n".to_owned();
    let mut truth = "task,label\n".to_owned();
    for q in 0..5_000 {
        let label = q * 7 / 3 % 2;
        truth += &format!("{q},{label}\n");
        for agent in 0..4 {
            let wrong = agent == 3 || (q * 13 + agent * 5) % 7 == 0;
            reports += &format!("{q},{agent},{}\n", if wrong { 1 - label } else { label });
        }
    }
    Set::parse("large", ("r", reports.as_bytes()), Some(("t", truth.as_bytes()))).unwrap()
}

#[test]
fn what_left_the_window_was_read_before_it_left() {
    let set = large();
    let scene = Scene::new(&set, &Plan { attack: None, fraction: 0.0, anchors: 0.0, min_anchors: 0, seed: 1 });
    for form in [Form::Online, Form::Batch] {
        let run = run(&scene, form, &|| 0.0).unwrap();
        let score = run.judged.score(&scene);
        assert!(score.accuracy.unwrap() > 0.95, "{form:?}: {score:?}");
        let unread = (0..5_000).filter(|&q| run.judged.shares(q)[0] == 0.5).count();
        assert_eq!(unread, 0, "{form:?}");
    }
}
