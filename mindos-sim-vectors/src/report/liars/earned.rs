//! What each kind earned, beside what its minds earn honestly.

use maud::{Markup, html};

use super::{chart, key};
use crate::liars::result::{KindFigures, Run};
use crate::report::svg::{Scale, Size, label, place, ticks};
use crate::world::Kind;

/// Height of a row, and of the room below all for the scale.
const ROW: f64 = 26.0;
const BELOW: f64 = 30.0;

/// Nothing if no kind was honest in turn.
pub(super) fn earned(run: &Run) -> Markup {
    let rows: Vec<(&KindFigures, f64)> = run
        .kinds
        .iter()
        .filter_map(|k| Some((k, k.earned_if_honest?)))
        .filter(|(k, _)| k.kind != Kind::Honest)
        .collect();
    if rows.is_empty() {
        return Markup::default();
    }
    html! {
        section {
            h2 { "What lying brought" }
            p { "Credits that a mind of each kind earned, and what the same minds earn in the same world if they are honest and all others are as before. Chance alone moves the first within the line: two standard deviations each way, over the runs in which another kind was honest." }
            ul.legend {
                li { svg.key aria-hidden="true" viewBox="0 0 14 14" { circle.mind cx="7" cy="7" r="5" {} } "earned" }
                li { (key("p2")) "by chance" }
                li { svg.key aria-hidden="true" viewBox="0 0 14 14" { path class="line p0" d="M7 1V13" {} } "the same minds honestly" }
            }
            @for size in Size::BOTH { (drawing(&rows, size)) }
        }
    }
}

fn drawing(rows: &[(&KindFigures, f64)], size: Size) -> Markup {
    let chance = |k: &KindFigures| 2.0 * k.earned_deviation.unwrap_or(0.0);
    let most = rows.iter().map(|(k, honestly)| honestly.max(k.earned + chance(k))).fold(1.0, f64::max) / 1e3;
    let xs = ticks(most, size.pick(8, 4));
    let (left, right) = (size.pick(170.0, 130.0), size.width() - 16.0);
    let x = Scale::linear((0.0, xs.last().copied().unwrap_or(most)), (left, right));
    let at = |credits: f64| place(x.at(credits / 1e3));
    let bottom = rows.len() as f64 * ROW + 4.0;
    let inner = html! {
        @for tick in &xs {
            path.grid d=(format!("M{} 0V{}", place(x.at(*tick)), place(bottom))) {}
            text.x x=(place(x.at(*tick))) y=(place(bottom + 18.0)) { (label(*tick)) }
        }
        @for (index, (k, honestly)) in rows.iter().enumerate() {
            @let y = (index as f64 + 0.5) * ROW;
            text.y x=(place(left - 10.0)) y=(place(y + 4.0)) { (k.kind.words()) }
            path class="line p2" d=(format!("M{} {}H{}", at(k.earned - chance(k)), place(y), at(k.earned + chance(k)))) {}
            path class="line p0" d=(format!("M{} {}V{}", at(*honestly), place(y - 9.0), place(y + 9.0))) {}
            circle.mind cx=(at(k.earned)) cy=(place(y)) r="5" {}
        }
    };
    chart(
        size,
        bottom + BELOW,
        "Credits that a mind of each kind earned, beside what the same minds earn honestly; the table below has the figures",
        inner,
    )
}
