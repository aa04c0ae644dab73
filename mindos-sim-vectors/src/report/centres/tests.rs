//! The page is whole, with little and with nothing to draw.

use super::*;
use crate::centres::{result::ModelsAt, scenario::load};

#[test]
fn every_figure_is_on_the_page_and_nothing_is_fetched() {
    let mesh = |liars_pct, accuracy_pct| MeshRun {
        liars_pct,
        accuracy_pct,
        at_close_pct: 60.0,
        majority_pct: 55.5,
        ..MeshRun::default()
    };
    let models =
        |age_s, accuracy_pct, overtake| ModelsAt { age_s, accuracy_pct, brier: 0.2, overtake_at_liars_pct: overtake };
    let result = CentresResult {
        mesh: vec![mesh(0.0, 91.2), mesh(40.0, 47.3)],
        models: vec![models(0, 81.4, Some(22.0)), models(600, 63.9, None)],
        ..CentresResult::default()
    };
    let page = render_centres(&load(None).unwrap(), &result);
    for text in ["91.2 %", "47.3 %", "81.4 %", "22 % liars on", "never ahead of the mesh", "55.5 %"] {
        assert!(page.contains(text), "{text}");
    }
    assert!(!page.contains("<script") && !page.contains("http:") && !page.contains("NaN"));
}

#[test]
fn a_result_of_nothing_is_a_page_too() {
    let page = render_centres(&load(None).unwrap(), &CentresResult::default());
    assert!(page.starts_with("<!DOCTYPE html>") && !page.contains("NaN"));
}
