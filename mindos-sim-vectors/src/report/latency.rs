//! How long intents wait, under MindOS and under every yardstick.

use maud::{Markup, html};

use super::svg::{Scale, Size, line, place};
use crate::{
    figures::{count, duration_ms, number},
    outcome::Summary,
    result::ms,
    stats::{percentile, ratio},
    story::RunStory,
    yardstick::PolicyFigures,
};

/// Shares of intents at which the axis has a line.
const SHARES: [(f64, &str); 4] = [(1.0, "100 %"), (0.1, "10 %"), (0.01, "1 %"), (0.001, "0.1 %")];
/// Latencies at which the axis has a mark, in seconds.
const MARKS: [(f64, &str); 7] =
    [(0.5, "0.5"), (1.0, "1"), (5.0, "5"), (10.0, "10"), (60.0, "60"), (180.0, "180"), (600.0, "600")];

/// A policy's name in words.
fn words(policy: &PolicyFigures) -> String {
    match policy.name.as_str() {
        "mindos" => "MindOS".to_owned(),
        "omniscient" => "omniscient scheduler".to_owned(),
        "power_of_two" => "power of two choices".to_owned(),
        "stale_least_loaded" => "least loaded by adverts".to_owned(),
        "stale_earliest_finish" => "earliest finish by adverts".to_owned(),
        other => other.replace('_', " "),
    }
}

/// The chart in both sizes with legend and table; nothing without policies.
pub(super) fn latency(story: &RunStory) -> Markup {
    if story.policies.iter().all(|policy| policy.summary.latencies_us.is_empty()) {
        return html! {};
    }
    html! {
        section {
            h2 { "How long intents wait" }
            p { "The share of intents that still wait after a time, all on the same requests, minds, distances and blackout. Lower and further left is better; where a line meets 1 % is its 99th percentile." }
            ul.legend { @for (index, policy) in story.policies.iter().enumerate() {
                li { svg.key.long aria-hidden="true" viewBox="0 0 28 10" { path class=(format!("line p{index}")) d="M1 5H27" {} } (words(policy)) }
            } }
            @for size in Size::BOTH { (draw(&story.policies, size)) }
            (table(&story.policies))
            p.caption { "A lost intent counts with its whole lifetime of 600 s. The omniscient scheduler knows every queue at every moment and every death at once; it cannot be built. The other yardsticks see adverts as old, and learn of deaths as late, as MindOS does." }
        }
    }
}

/// About a hundred points of the line, dense where it is steep in a logarithmic drawing.
fn curve(latencies_us: &[u64], x: &Scale, y: &Scale) -> String {
    let n = latencies_us.len();
    let mut waiting = n;
    let mut points = vec![(x.at(0.0), y.at(1.0))];
    // Below the lowest share that is drawn there is nothing to see.
    let lowest = n / 1_000;
    while waiting > lowest {
        let at = x.at(latencies_us[n - waiting] as f64 / 1e6);
        points.push((at, y.at(waiting as f64 / n as f64)));
        waiting = (waiting * 15 / 16).min(waiting - 1);
    }
    line(points)
}

fn draw(policies: &[PolicyFigures], size: Size) -> Markup {
    let (left, right, top, bottom) = (size.pick(58.0, 46.0), size.width() - 16.0, 16.0, size.pick(330.0, 250.0));
    let x = Scale::logarithmic((0.5, 600.0), (left, right));
    let y = Scale::logarithmic((0.001, 1.0), (bottom, top));
    let marks = MARKS.into_iter().filter(|&(at, _)| size == Size::Wide || at != 180.0);
    html! {
        svg class=(format!("chart {}", size.class())) role="img" viewBox=(format!("0 0 {} {}", place(size.width()), place(bottom + 46.0)))
            aria-label="Share of intents still waiting over time, by policy, both axes logarithmic; the table below has the percentiles" {
            @for (share, text) in SHARES {
                path class=(if share == 0.01 { "grid strong" } else { "grid" }) d=(format!("M{} {}H{}", place(left), place(y.at(share)), place(right))) {}
                text.y x=(place(left - 6.0)) y=(place(y.at(share) + 4.0)) { (text) }
            }
            @for (seconds, text) in marks {
                path.grid d=(format!("M{} {}V{}", place(x.at(seconds)), place(top), place(bottom + 5.0))) {}
                text.x x=(place(x.at(seconds))) y=(place(bottom + 18.0)) { (text) }
            }
            text.x x=(place((left + right) / 2.0)) y=(place(bottom + 36.0)) { "seconds since submission" }
            // MindOS last, on top.
            @for (index, policy) in policies.iter().enumerate().rev() {
                path class=(format!("line p{index}")) d=(curve(&policy.summary.latencies_us, &x, &y)) { title { (words(policy)) } }
            }
        }
    }
}

fn table(policies: &[PolicyFigures]) -> Markup {
    let omniscient =
        policies.iter().find(|policy| policy.name == "omniscient").and_then(|policy| policy.summary.p99_us);
    let at = |summary: &Summary, per_mille| {
        percentile(&summary.latencies_us, per_mille).map_or_else(|| "—".to_owned(), |us| duration_ms(ms(us)))
    };
    let versus = |summary: &Summary| {
        let value = summary.p99_us.zip(omniscient).and_then(|(ours, best)| ratio(ours, best));
        value.map_or_else(|| "—".to_owned(), |value| format!("{}×", number(value, 2)))
    };
    html! {
        div.scroll { table.policies {
            thead { tr {
                th { "policy" } th { "median" } th { "90 %" } th { "99 %" } th { "99 % over omniscient" }
                th { "in 60 s, around the cut" } th { "lost" }
            } }
            tbody { @for policy in policies { tr class=[(policy.name == "mindos").then_some("ours")] {
                th scope="row" { (words(policy)) }
                td { (at(&policy.summary, 500)) } td { (at(&policy.summary, 900)) } td { (at(&policy.summary, 990)) }
                td { (versus(&policy.summary)) }
                td { @if let Some(share) = policy.summary.within_60s_pct { (number(share, 1)) " %" } @else { "—" } }
                td { (count(policy.summary.lost)) }
            } } }
        } }
    }
}
