use super::truth;
use crate::{
    data::Crowd,
    truth::{Attack, SweepPlan, sweep},
};

#[test]
fn the_page_has_a_panel_for_each_attack_twice_and_needs_nothing_else() {
    let mut set = Crowd::Bluebirds.set().unwrap();
    set.questions.truncate(12);
    set.truth.truncate(12);
    set.name = "<b>&".to_owned();
    let plan = SweepPlan { sets: vec![set], seeds: 1..=1, min_anchors: 2 };
    let page = truth(&sweep(&plan, &|| 0.0, &mut |_, _| {}).unwrap(), &plan);
    assert_eq!(page.matches("<figure>").count(), 2 * Attack::ALL.len());
    assert_eq!(page.matches("class=\"line p0\" d=\"M50 ").count(), 2 * Attack::ALL.len());
    assert!(page.contains("&lt;b&gt;&amp;") && !page.contains("<b>"), "names are escaped");
    for outside in ["http://", "https://", "<script", "NaN"] {
        assert!(!page.contains(outside), "{outside}");
    }
}
