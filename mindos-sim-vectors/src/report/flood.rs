//! The report of a flood: a small chart for each run, and every figure.

use maud::{Markup, html};

use super::page::{document, figure_table};
use super::svg::{Scale, Size, area, label, line, place, ticks};
use crate::{
    figures::{count, number},
    flood::{
        figures::{figures, headline},
        result::{FloodResult, FloodRun},
        scenario::Flood,
    },
};

/// Room around the drawing of a run: left, right, above and below.
const MARGIN: [f64; 4] = [40.0, 14.0, 34.0, 34.0];

/// The report as one HTML page.
pub fn render_flood(flood: &Flood, result: &FloodResult) -> String {
    let figures = figures(result);
    let title = if flood.title.is_empty() { &flood.name } else { &flood.title };
    let missed = figures.iter().filter(|figure| figure.met == Some(false)).count();
    document(
        title,
        html! {
                header {
                    p.eyebrow { "MindOS lab · " (flood.name) " · " (count(result.peers.into())) " peers · seed " (result.seed) }
                    h1 { (title) }
                    p.lead { (headline(result)) }
                    p class=(if missed > 0 { "verdict missed" } else { "verdict" }) {
                        @if missed == 0 { "✓ all targets met" } @else { "✗ " (missed) " targets missed" }
                    }
                }
                section {
                    h2 { "Served while flooded" }
                    p { "One real node on a modelled core, the same seconds in each drawing. The flood begins at 0." }
                    ul.legend {
                        li { span.swatch.completed {} "probes of peers answered within a second" }
                        li { span.swatch.busy {} "the core computes" }
                    }
                    @for size in Size::BOTH { (draw(&result.runs, size)) }
                    (runs(result))
                }
                section { h2 { "Every figure" } (figure_table(&figures)) }
                (colophon(flood, result))
        },
    )
}

/// A drawing for each run, in three columns or one.
fn draw(runs: &[FloodRun], size: Size) -> Markup {
    let columns = size.pick(3, 1);
    let (width, height) = (size.width() / columns as f64, size.pick(190.0, 170.0));
    let rows = runs.len().div_ceil(columns);
    html! {
        svg class=(format!("chart {}", size.class())) role="img" viewBox=(format!("0 0 {} {}", place(size.width()), place(rows as f64 * height)))
            aria-label="For each run the share of probes served and of the core's time used, over time; the table below has the figures" {
            @for (index, run) in runs.iter().enumerate() {
                (panel(run, ((index % columns) as f64 * width, (index / columns) as f64 * height), (width, height)))
            }
        }
    }
}

fn panel(run: &FloodRun, (x0, y0): (f64, f64), (width, height): (f64, f64)) -> Markup {
    let [before, behind, above, below] = MARGIN;
    let (left, right, top, bottom) = (x0 + before, x0 + width - behind, y0 + above, y0 + height - below);
    let end = run.samples.last().map_or(1.0, |sample| sample.at_ms as f64 / 1e3);
    let x = Scale::linear((-1.0, end), (left, right));
    let y = Scale::linear((0.0, 100.0), (bottom, top));
    let points = |value: &dyn Fn(&crate::flood::result::Sample) -> Option<f64>| -> Vec<(f64, f64)> {
        let at = |s: &crate::flood::result::Sample| Some((x.at(s.at_ms as f64 / 1e3), y.at(value(s)?)));
        run.samples.iter().filter_map(at).collect()
    };
    let busy = points(&|s| Some(s.busy * 100.0));
    let served = points(&|s| (s.pings > 0).then(|| f64::from(s.answered) * 100.0 / f64::from(s.pings)));
    html! {
        text.panel x=(place(left)) y=(place(y0 + 20.0)) { (run.attack.words()) }
        @for tick in [0.0, 50.0, 100.0] {
            path.grid d=(format!("M{} {}H{}", place(left), place(y.at(tick)), place(right))) {}
            text.y x=(place(left - 6.0)) y=(place(y.at(tick) + 4.0)) { (label(tick)) }
        }
        @for tick in ticks(end, 5).into_iter().filter(|tick| *tick <= end) {
            text.x x=(place(x.at(tick))) y=(place(bottom + 17.0)) { (label(tick)) @if tick == 0.0 { " s" } }
        }
        path class="line busy" stroke="none" d=(area(&busy, bottom)) {}
        path.moment d=(format!("M{} {}V{}", place(x.at(0.0)), place(top), place(bottom))) {}
        path class="line completed" d=(line(served)) {}
    }
}

fn runs(result: &FloodResult) -> Markup {
    let share = |pct: Option<f64>| pct.map_or_else(|| "—".to_owned(), |pct| format!("{} %", number(pct, 1)));
    let ms = |ms: Option<f64>| ms.map_or_else(|| "—".to_owned(), |ms| number(ms, 1));
    html! {
        div.scroll { table.policies {
            thead { tr {
                th { "flood" } th { "probes" } th { "median, ms" } th { "99 %, ms" } th { "work" } th { "core" }
                th { "sessions lost" } th { "newcomers in" } th { "unfinished" } th { "bytes out / in" }
            } }
            tbody { @for run in &result.runs { tr {
                th scope="row" { (run.attack.words()) }
                td { (share(run.pings.served_pct)) } td { (ms(run.pings.p50_ms)) } td { (ms(run.pings.p99_ms)) }
                td { (share(run.intents.served_pct)) } td { (number(run.cpu_pct, 1)) " %" }
                td { (run.sessions_lost) }
                td { (run.newcomers.answered) " of " (run.newcomers.asked) }
                td { (run.half_open_peak) }
                td { (number(run.amplification(), 2)) }
            } } }
        } }
        p.caption { "Bytes out / in are those of packets that proved nothing and that the socket did not lose. The last row is a yardstick that is modelled: the node sees none of its packets, and each costs the machine what the answer to one costs. Who hears at many addresses uses up the handshakes that a node begins in a second and keeps newcomers out; no session suffers." }
    }
}

fn colophon(flood: &Flood, result: &FloodResult) -> Markup {
    let m = &flood.machine;
    let us = |ns: u64| number(ns as f64 / 1e3, 2);
    html! {
        footer {
            h2 { "About this run" }
            dl.facts {
                div { dt { "core" } dd {
                    "one; a datagram takes " (us(m.datagram_in_ns)) " µs in and " (us(m.datagram_out_ns)) " µs out, a multiplication "
                    (us(m.dh_ns)) " µs, a verification " (us(m.verify_ns)) " µs, 64 bytes hashed " (us(m.hash_ns)) " µs, a packet sealed or opened "
                    (us(m.aead_ns)) " µs and " (us(m.aead_kib_ns)) " µs a KiB"
                } }
                div { dt { "socket" } dd { "holds " (count(m.queue as u64)) " datagrams; more are lost" } }
                div { dt { "peers" } dd {
                    (count(result.peers.into())) ", each with a probe every " (flood.ping_ms) " ms and work every " (flood.intent_ms) " ms; "
                    (flood.newcomers_per_s) " newcomers a second"
                } }
                div { dt { "trace hash" } dd.hash { (result.trace_hash) } }
            }
            ul.notes {
                li { "Cryptography is that of production. Its time is simulated: calls are counted and charged with the times above, which were measured; that of a datagram is assumed." }
                li { "The attacker's answers take no time, and its packets arrive at random moments." }
            }
        }
    }
}

#[cfg(test)]
mod tests;
