//! How the news of the blackout spread.

use maud::{Markup, html};

use super::svg::{Scale, Size, label, place, steps, ticks};
use crate::{result::RunResult, story::Spread};

/// The curves in both sizes with their legend; nothing if the run has no blackout.
pub(super) fn detection(result: &RunResult, spread: &[Spread]) -> Markup {
    if spread.is_empty() || result.killed == 0 {
        return html! {};
    }
    html! {
        section {
            h2 { "How the news spread" }
            p { "From the moment the city goes dark: how many of its " (result.killed) " minds the median survivor knows to be down, and how many even the last one does." }
            ul.legend {
                li { span.swatch.median {} "median survivor" }
                li { span.swatch.last {} "last survivor" }
                @if result.detect_all_intervals.is_some() { li { span.swatch.target {} "every survivor knows every dead mind" } }
            }
            @for size in Size::BOTH { (draw(result, spread, size)) }
        }
    }
}

fn draw(result: &RunResult, spread: &[Spread], size: Size) -> Markup {
    let (left, right, top, bottom) = (size.pick(52.0, 36.0), size.width() - 16.0, 20.0, size.pick(260.0, 210.0));
    let interval_us = f64::from(result.probe_interval_ms.max(1)) * 1_000.0;
    let done = result.detect_all_intervals;
    let seen = spread.last().map_or(1.0, |last| last.after_us as f64 / interval_us);
    let end = done.map_or(seen, |done| (done * 1.3).min(seen)).max(1.0);
    let time = ticks(end, size.pick(10, 6));
    let x = Scale::linear((0.0, time.last().copied().unwrap_or(end)), (left, right));
    let known = ticks(f64::from(result.killed), 5);
    let y = Scale::linear((0.0, known.last().copied().unwrap_or(1.0)), (bottom, top));
    let curve = |value: &dyn Fn(&Spread) -> u32| {
        let mut points = vec![(x.at(0.0), y.at(0.0))];
        let inside =
            spread.iter().filter(|spread| spread.after_us as f64 / interval_us <= *time.last().unwrap_or(&end));
        points
            .extend(inside.map(|spread| (x.at(spread.after_us as f64 / interval_us), y.at(f64::from(value(spread))))));
        steps(&points)
    };
    html! {
        svg class=(format!("chart {}", size.class())) role="img" viewBox=(format!("0 0 {} {}", place(size.width()), place(bottom + 46.0)))
            aria-label=(format!("Dead minds known by the median and by the last survivor over {} probe intervals after the cut", label(end))) {
            @for &tick in &known {
                path.grid d=(format!("M{} {}H{}", place(left), place(y.at(tick)), place(right))) {}
                text.y x=(place(left - 6.0)) y=(place(y.at(tick) + 4.0)) { (label(tick)) }
            }
            @for &tick in &time {
                path.axis d=(format!("M{} {}V{}", place(x.at(tick)), place(bottom), place(bottom + 5.0))) {}
                text.x x=(place(x.at(tick))) y=(place(bottom + 18.0)) { (label(tick)) }
            }
            text.x x=(place((left + right) / 2.0)) y=(place(bottom + 36.0)) { "probe intervals of " (result.probe_interval_ms) " ms after the cut" }
            path class="line median" d=(curve(&|spread| spread.known_by_median)) {}
            path class="line last" d=(curve(&|spread| spread.known_by_last)) {}
            @if let Some(done) = done {
                path.done d=(format!("M{} {}V{}", place(x.at(done)), place(top - 6.0), place(bottom))) {}
            }
        }
    }
}
