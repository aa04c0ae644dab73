//! The report of a world of liars: who is served right, who gets leases, how the news spread, and every figure.

mod earned;

use maud::{Markup, html};

use super::page::{document, figure_table};
use super::svg::{Scale, Size, label, line, place, smooth, ticks};
use crate::{
    data,
    figures::{count, number},
    liars::{
        figures::{figures, headline, words},
        result::{LiarsResult, Run},
        scenario::Liars,
    },
    setup::Setup,
    world::Kind,
};

/// Room around a drawing: left, right, above and below.
const MARGIN: [f64; 4] = [46.0, 16.0, 20.0, 36.0];
/// Samples that a drawn value is the mean of.
const WINDOW: usize = 3;
/// Class of the line of each run, in the order of the runs.
const RUNS: [&str; 3] = ["p5", "p4", "p0"];

/// The report as one HTML page.
pub fn render_liars(liars: &Liars, setup: &Setup, result: &LiarsResult) -> String {
    let figures = figures(result);
    let title = if liars.title.is_empty() { &liars.name } else { &liars.title };
    let missed = figures.iter().filter(|figure| figure.met == Some(false)).count();
    let warmup_s = setup.workload.warmup_us as f64 / 1e6;
    document(
        title,
        html! {
                header {
                    p.eyebrow { "MindOS lab · " (liars.name) " · " (count(result.nodes.into())) " minds · seed " (result.seed) }
                    h1 { (title) }
                    p.lead { (headline(result)) }
                    p class=(if missed > 0 { "verdict missed" } else { "verdict" }) {
                        @if missed == 0 { "✓ all targets met" } @else { "✗ " (missed) @if missed == 1 { " target missed" } @else { " targets missed" } }
                    }
                }
                section {
                    h2 { "Served right" }
                    p { "Of the intents of honest minds that ended in ten seconds, the share with a right result. The same world three times; only what a choice of workers rests on differs." }
                    ul.legend { @for (run, class) in result.runs.iter().zip(RUNS) { li { (key(class)) (words(run)) } } }
                    @for size in Size::BOTH { (served(result, warmup_s, size)) }
                }
                section {
                    h2 { "Leases by kind" }
                    p { "Leases that a mind of each kind got in a minute, in the run on everything, beside that on nothing. Honest minds have the same drawing at the same scale." }
                    ul.legend { li { (key(RUNS[2])) "on everything" } li { (key(RUNS[0])) "on nothing" } }
                    @for size in Size::BOTH { (leases(result, warmup_s, size)) }
                }
                section {
                    h2 { "How the news of a liar spread" }
                    p { "Share of honest minds that give a liar no lease, by time since an honest host found its first wrong result; the median over those to whom none does in the end. Who is a load partner of the liar does the work again, gives it no lease meanwhile, and none for ten minutes when it was wrong; others hold the evidence, and check it before they lease to it. Quarantine takes a second accuser." }
                    @for size in Size::BOTH { (news(result, size)) }
                }
                @if let Some(run) = result.run("everything") { (earned::earned(run)) }
                section { h2 { "Every figure" } (figure_table(&figures)) }
                (colophon(liars, setup, result))
        },
    )
}

/// A short piece of a line, for a legend.
fn key(class: &str) -> Markup {
    html! { svg.key.long viewBox="0 0 28 10" aria-hidden="true" { path class=(format!("line {class}")) d="M1 5H27" {} } }
}

/// Where things are drawn.
#[derive(Clone, Copy)]
struct Frame {
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
}

impl Frame {
    fn at((x, y): (f64, f64), (width, height): (f64, f64)) -> Self {
        let [before, behind, above, below] = MARGIN;
        Self { left: x + before, right: x + width - behind, top: y + above, bottom: y + height - below }
    }

    fn x(self, from: f64, to: f64) -> Scale {
        Scale::linear((from, to.max(from + 1.0)), (self.left, self.right))
    }

    fn y(self, top: f64) -> Scale {
        Scale::linear((0.0, top), (self.bottom, self.top))
    }

    fn grid(self, x: Scale, xs: &[f64], y: Scale, ys: &[f64], unit: &str) -> Markup {
        html! {
            @for tick in ys {
                path.grid d=(format!("M{} {}H{}", place(self.left), place(y.at(*tick)), place(self.right))) {}
                text.y x=(place(self.left - 6.0)) y=(place(y.at(*tick) + 4.0)) { (label(*tick)) }
            }
            @for tick in xs {
                text.x x=(place(x.at(*tick))) y=(place(self.bottom + 18.0)) { (label(*tick)) @if *tick == 0.0 { (unit) } }
            }
        }
    }
}

fn chart(size: Size, height: f64, label: &str, inner: Markup) -> Markup {
    html! {
        svg class=(format!("chart {}", size.class())) role="img" aria-label=(label)
            viewBox=(format!("0 0 {} {}", place(size.width()), place(height))) { (inner) }
    }
}

/// Seconds of the samples after the warm-up, from the first request.
fn seconds(run: &Run, warmup_s: f64) -> Vec<f64> {
    run.samples.iter().map(|s| f64::from(s.at_s) + 5.0 - warmup_s).collect()
}

fn end_of(result: &LiarsResult, warmup_s: f64) -> f64 {
    result.runs.iter().flat_map(|r| seconds(r, warmup_s)).fold(10.0, f64::max)
}

fn served(result: &LiarsResult, warmup_s: f64, size: Size) -> Markup {
    let height = size.pick(300.0, 240.0);
    let frame = Frame::at((0.0, 0.0), (size.width(), height));
    let end = end_of(result, warmup_s);
    let (x, y) = (frame.x(0.0, end), frame.y(100.0));
    let curve = |run: &Run| {
        let values: Vec<(f64, f64, f64)> = seconds(run, warmup_s)
            .into_iter()
            .zip(&run.samples)
            .filter(|(at, s)| *at >= 0.0 && s.ended >= 5)
            .map(|(at, s)| (at, f64::from(s.right), f64::from(s.ended)))
            .collect();
        let right = smooth(&values.iter().map(|v| v.1).collect::<Vec<_>>(), WINDOW);
        let ended = smooth(&values.iter().map(|v| v.2).collect::<Vec<_>>(), WINDOW);
        let places = values.iter().zip(right.iter().zip(&ended));
        line(places.map(|(v, (r, e))| (x.at(v.0), y.at(r * 100.0 / e))))
    };
    let xs: Vec<f64> = ticks(end, size.pick(8, 4)).into_iter().filter(|t| *t <= end).collect();
    let lines = html! {
        (frame.grid(x, &xs, y, &[0.0, 25.0, 50.0, 75.0, 100.0], " s"))
        @for (run, class) in result.runs.iter().zip(RUNS) { path class=(format!("line {class}")) d=(curve(run)) {} }
    };
    chart(
        size,
        height,
        "Share of intents served right over time, in percent, for each run; the table below has the figures",
        lines,
    )
}

/// Leases a minute of a mind of one kind, by sample.
fn rate(run: &Run, kind: usize) -> Vec<f64> {
    let minds = run.kinds.get(kind).map_or(1, |k| k.minds).max(1);
    let each: Vec<f64> = run
        .samples
        .iter()
        .map(|s| f64::from(s.leases.get(kind).copied().unwrap_or(0)) * 6.0 / f64::from(minds))
        .collect();
    smooth(&each, WINDOW)
}

fn leases(result: &LiarsResult, warmup_s: f64, size: Size) -> Markup {
    let columns = size.pick(3, 1);
    let (width, height) = (size.width() / columns as f64, size.pick(170.0, 150.0));
    let drawn: Vec<(&Run, &str)> = ["nothing", "everything"]
        .into_iter()
        .zip([RUNS[0], RUNS[2]])
        .filter_map(|(name, class)| Some((result.run(name)?, class)))
        .collect();
    let kinds: Vec<usize> = (0..Kind::ALL.len())
        .filter(|k| drawn.iter().any(|(r, _)| r.kinds.get(*k).is_some_and(|f| f.minds > 0)))
        .collect();
    let all = drawn.iter().flat_map(|(r, _)| kinds.iter().flat_map(|k| rate(r, *k)));
    let top = ticks(all.fold(1.0, f64::max), 3);
    let (most, end) = (top.last().copied().unwrap_or(1.0), end_of(result, warmup_s));
    let rows = kinds.len().div_ceil(columns);
    let panels = html! {
        @for (index, kind) in kinds.iter().enumerate() {
            @let corner = ((index % columns) as f64 * width, (index / columns) as f64 * height + 6.0);
            @let frame = Frame::at(corner, (width, height));
            @let (x, y) = (frame.x(0.0, end), frame.y(most));
            @let xs: Vec<f64> = ticks(end, 3).into_iter().filter(|t| *t <= end).collect();
            text.panel x=(place(frame.left)) y=(place(frame.top - 8.0)) { (Kind::ALL[*kind].words()) }
            (frame.grid(x, &xs, y, &top, " s"))
            @for (run, class) in &drawn {
                @let points = seconds(run, warmup_s).into_iter().zip(rate(run, *kind)).filter(|(at, _)| *at >= 0.0);
                path class=(format!("line {class}")) d=(line(points.map(|(at, v)| (x.at(at), y.at(v))))) {}
            }
        }
    };
    chart(
        size,
        rows as f64 * height + 6.0,
        "Leases a minute of a mind of each kind over time; the table below has the sums",
        panels,
    )
}

fn news(result: &LiarsResult, size: Size) -> Markup {
    let height = size.pick(260.0, 220.0);
    let frame = Frame::at((0.0, 0.0), (size.width(), height));
    let end = result.news.last().map_or(30.0, |n| n.after_s);
    let (x, y) = (frame.x(0.0, end), frame.y(100.0));
    let lines = html! {
        (frame.grid(x, &ticks(end, size.pick(6, 3)), y, &[0.0, 25.0, 50.0, 75.0, 100.0], " s"))
        path class="line p0" d=(line(result.news.iter().map(|n| (x.at(n.after_s), y.at(n.known_pct))))) {}
    };
    chart(
        size,
        height,
        "Share of honest minds that give a liar no lease, by seconds since its first wrong result was found",
        lines,
    )
}

fn colophon(liars: &Liars, setup: &Setup, result: &LiarsResult) -> Markup {
    html! {
        footer {
            h2 { "About this run" }
            dl.facts {
                div { dt { "requests" } dd {
                    (count(setup.workload.tasks.len() as u64)) " of the trace, load " (number(liars.load, 2)) ", "
                    (liars.price) " milli-credits a second of reference work"
                } }
                div { dt { "checks" } dd { "one result in " (liars.check_one_in) ", each of a mind that somebody accuses, and each that is too long for evidence" } }
                @for run in &result.runs { div { dt { (run.reliance) } dd.hash { (run.trace_hash) } } }
            }
            ul.notes {
                li { "Nodes, bytes and cryptography are those of production; liars differ by what their hosts do, and by frames that the lab sends for them." }
                li { "Of a share of the requests the context is sent, of the others it counts as work alone; no evidence can be written about contexts above 16 KiB. A check is the work done again at the speed of the mind, beside its work, one check after another. Liars do not act together beyond slander, false evidence and filling the places of evidence." }
                li { "A liar that some honest mind did not keep out by the end is missed, and in none of the times." }
                li { "Whoever is to check a result can compute the right one. Work for which nobody can has no evidence, only experience and advice." }
                @for note in &setup.notes { li { (note) } }
            }
            h3 { "Data" }
            ul.notes { @for line in data::attribution(&setup.scenario) { li { (line) } } }
        }
    }
}
