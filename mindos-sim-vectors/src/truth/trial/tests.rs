use super::{Trial, trial};
use crate::{
    data::Crowd,
    truth::{Attack, Form, Plan, Set},
};

fn under(crowd: Crowd, attack: Option<Attack>, fraction: f64, anchors: f64, seed: u64) -> Trial {
    let plan = Plan { attack, fraction, anchors, min_anchors: 0, seed };
    trial(&crowd.set().unwrap(), &plan, Form::Online, &|| 0.0, &mut |_| {}).unwrap()
}

/// Mean accuracy over three seeds.
fn mean(crowd: Crowd, attack: Option<Attack>, fraction: f64, anchors: f64) -> f64 {
    (1..=3).map(|seed| under(crowd, attack, fraction, anchors, seed).accuracy.unwrap()).sum::<f64>() / 3.0
}

#[test]
fn clean_sets_are_read_as_well_as_by_the_best() {
    assert!(mean(Crowd::Rte, None, 0.0, 0.0) >= 0.92);
    assert!(mean(Crowd::Bluebirds, None, 0.0, 0.0) >= 0.86);
    assert!(mean(Crowd::BarzanTweets, None, 0.0, 0.0) >= 0.69);
}

#[test]
fn forty_per_cent_of_colluders_do_not_win() {
    assert!(mean(Crowd::Bluebirds, Some(Attack::Collude), 0.4, 0.0) >= 0.8);
    assert!(mean(Crowd::Rte, Some(Attack::Collude), 0.4, 0.0) >= 0.88);
}

#[test]
fn sleepers_are_found_with_five_per_cent_of_anchors() {
    assert!(mean(Crowd::Rte, Some(Attack::Sleeper), 0.4, 5.0) >= 0.85);
}

#[test]
fn beliefs_are_no_surer_than_they_may_be() {
    for crowd in Crowd::ALL {
        let told = under(crowd, None, 0.0, 0.0, 1);
        let best = told.baselines["majority"].log_loss.unwrap().min(told.baselines["dawid_skene"].log_loss.unwrap());
        assert!(told.log_loss.unwrap() <= best, "{}: {:?} above {best}", told.set, told.log_loss);
    }
}

#[test]
fn what_is_told_is_all_there_is_and_the_same_again() {
    let told = under(Crowd::Bluebirds, Some(Attack::Sybil), 0.2, 0.0, 4);
    assert_eq!(told, under(Crowd::Bluebirds, Some(Attack::Sybil), 0.2, 0.0, 4));
    let json = serde_json::to_value(&told).unwrap();
    for key in "set method attack fraction anchors seed accuracy frozen_accuracy log_loss brier auc reports \
        visits_per_report reports_per_s bytes_per_agent_domain window_bytes digest baselines"
        .split_whitespace()
    {
        assert!(!json[key].is_null() || key == "reports_per_s", "{key}");
    }
    for name in "majority dawid_skene one_coin beta_reputation eigentrust yuma mindos_batch oracle".split(' ') {
        assert!(json["baselines"][name]["accuracy"].is_number(), "{name}");
    }
    assert!(told.bytes_per_agent_domain <= 256.0 && told.visits_per_report <= 80.0);
}

#[test]
fn without_truth_there_is_no_score_but_a_belief() {
    let reports = "task,worker,label\n1,1,1\n1,2,1\n1,3,0\n";
    let set = Set::parse("tiny", ("r", reports.as_bytes()), None::<(&str, &[u8])>).unwrap();
    let plan = Plan { attack: None, fraction: 0.0, anchors: 0.0, min_anchors: 0, seed: 1 };
    let told = trial(&set, &plan, Form::Batch, &|| 0.0, &mut |_| {}).unwrap();
    assert_eq!((told.accuracy, told.frozen_accuracy, told.scored, told.method), (None, None, 0, "mindos batch"));
}
