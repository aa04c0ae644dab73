//! The run second by second.

use maud::{Markup, html};

use super::svg::{Scale, Size, area, label, line, place, smooth, steps, ticks};
use crate::{
    figures::{count, number},
    setup::Setup,
    story::{Moment, RunStory, Sample, clock},
};

/// Seconds over which rates are averaged.
const WINDOW: usize = 9;

/// Seconds after the last thing that happened which are still drawn.
const AFTERMATH: usize = 15;
/// Seconds of joining, whose traffic may go beyond the scale.
const JOINING: usize = 30;

/// The samples up to a little after the last work, blackout or moment: the rest of the draining shows nothing.
fn eventful<'a>(setup: &Setup, story: &'a RunStory) -> &'a [Sample] {
    let busy = |s: &Sample| s.submitted > 0 || s.completed > 0 || s.busy > 0.0 || s.known_by_median > 0;
    let work = story.samples.iter().rposition(busy).unwrap_or(0);
    let seconds = |at_us: u64| (at_us / 1_000_000) as usize;
    let moment = story.moments.last().map_or(0, |moment| seconds(moment.at_us));
    let event = setup.events.last().map_or(0, |event| seconds(event.at_us));
    let end = work.max(moment).max(event) + AFTERMATH;
    story.samples.get(..end).unwrap_or(&story.samples)
}

/// The timeline in both sizes, its legend, its moments and its table.
pub(super) fn timeline(setup: &Setup, story: &RunStory) -> Markup {
    let samples = eventful(setup, story);
    html! {
        ul.legend {
            li { span.swatch.submitted {} "submitted" }
            li { span.swatch.completed {} "completed" }
            li { span.swatch.busy {} "busy" }
            li { span.swatch.last {} "known by the last survivor" }
            li { span.swatch.median {} "by the median survivor" }
        }
        @for size in Size::BOTH { (draw(setup, samples, &story.moments, size)) }
        @if !story.moments.is_empty() {
            ol.moments { @for moment in &story.moments { li { span.time { (clock(moment.at_us)) } " " (moment.label) } } }
        }
        (table(samples))
    }
}

/// One of the charts that share the axis of time.
struct Panel {
    title: String,
    top: f64,
    height: f64,
    ticks: Vec<f64>,
    unit: &'static str,
    lines: Vec<(&'static str, String)>,
}

struct Frame {
    size: Size,
    x: Scale,
    left: f64,
    right: f64,
    bottom: f64,
    seconds: f64,
}

fn draw(setup: &Setup, samples: &[Sample], moments: &[Moment], size: Size) -> Markup {
    let (left, right, top) = (size.pick(52.0, 44.0), size.width() - size.pick(20.0, 18.0), 30.0);
    let seconds = samples.last().map_or(1.0, |last| f64::from(last.second) + 1.0);
    let x = Scale::linear((0.0, seconds), (left, right));
    let (height, gap) = (size.pick(112.0, 86.0), 42.0);
    let panels = panels(setup, samples, &x, top + 24.0, height, gap);
    let bottom = panels.last().map_or(top, |panel| panel.top + panel.height);
    let frame = Frame { size, x, left, right, bottom, seconds };
    let dark = setup.blackout().map(|blackout| {
        let end = blackout.return_us.map_or(seconds, |back| back as f64 / 1e6);
        (x.at(blackout.at_us as f64 / 1e6), x.at(end))
    });
    html! {
        svg class=(format!("chart {}", size.class())) role="img" viewBox=(format!("0 0 {} {}", place(size.width()), place(bottom + 46.0)))
            aria-label="Requests, load, knowledge of the dead and control traffic over the time of the run; the table below says the same" {
            @if let Some((from, to)) = dark {
                rect.night x=(place(from)) y=(place(top)) width=(place((to - from).max(1.0))) height=(place(bottom - top)) {}
            }
            @for panel in &panels { (frame.panel(panel)) }
            (frame.time_axis())
            @for (moments, at) in flags(moments, &x, size) { (frame.flag(&moments, at, top)) }
        }
    }
}

fn panels(setup: &Setup, samples: &[Sample], x: &Scale, top: f64, height: f64, gap: f64) -> Vec<Panel> {
    let nodes = f64::from(setup.geography.nodes().max(1));
    let rate = |value: &dyn Fn(&Sample) -> f64| smooth(&samples.iter().map(value).collect::<Vec<_>>(), WINDOW);
    let (submitted, completed) = (rate(&|s| f64::from(s.submitted)), rate(&|s| f64::from(s.completed)));
    let busy = rate(&|s| f64::from(s.busy) * 100.0);
    let control = rate(&|s| s.control_bytes as f64 / nodes);
    let largest = |values: &[f64]| values.iter().copied().fold(0.0, f64::max);
    let median: Vec<f64> = samples.iter().map(|s| f64::from(s.known_by_median)).collect();
    let last: Vec<f64> = samples.iter().map(|s| f64::from(s.known_by_last)).collect();

    let place_of = |index: usize| top + index as f64 * (height + gap);
    let points = |values: &[f64], ticks: &[f64], top: f64| -> Vec<(f64, f64)> {
        let y = Scale::linear((0.0, ticks.last().copied().unwrap_or(1.0)), (top + height, top));
        samples.iter().zip(values).map(|(s, &value)| (x.at(f64::from(s.second) + 0.5), y.at(value))).collect()
    };
    let mut panels = Vec::new();
    let flow = ticks(largest(&submitted).max(largest(&completed)), 4);
    panels.push(Panel {
        title: "Requests per second".to_owned(),
        top: place_of(0),
        height,
        lines: vec![
            ("submitted", line(points(&submitted, &flow, place_of(0)))),
            ("completed", line(points(&completed, &flow, place_of(0)))),
        ],
        ticks: flow,
        unit: "",
    });
    let load = vec![0.0, 25.0, 50.0, 75.0, 100.0];
    panels.push(Panel {
        title: "Minds in power that are busy".to_owned(),
        top: place_of(1),
        height,
        lines: vec![("busy", area(&points(&busy, &load, place_of(1)), place_of(1) + height))],
        ticks: load,
        unit: " %",
    });
    if largest(&median) > 0.0 {
        let (known, at) = (ticks(largest(&median), 4), place_of(panels.len()));
        panels.push(Panel {
            title: "Minds known to be down".to_owned(),
            top: at,
            height,
            lines: vec![("median", steps(&points(&median, &known, at))), ("last", steps(&points(&last, &known, at)))],
            ticks: known,
            unit: "",
        });
    }
    if largest(&control) > 0.0 {
        // Joining costs much more than living; what lies beyond the scale is drawn at its top.
        let living = largest(control.get(JOINING..).unwrap_or_default());
        let beyond = living > 0.0 && living < largest(&control);
        let (bytes, at) = (ticks(if beyond { living } else { largest(&control) }, 4), place_of(panels.len()));
        panels.push(Panel {
            title: match beyond {
                true => "Control bytes/s per mind; joining: more".to_owned(),
                false => "Control bytes/s per mind".to_owned(),
            },
            top: at,
            height,
            lines: vec![("control", line(points(&control, &bytes, at)))],
            ticks: bytes,
            unit: "",
        });
    }
    panels
}

/// Moments whose flags would touch share one: the numbers of its first and last moment, and its place.
fn flags(moments: &[Moment], x: &Scale, size: Size) -> Vec<((usize, usize), f64)> {
    let mut flags: Vec<((usize, usize), f64)> = Vec::new();
    for (index, moment) in moments.iter().enumerate() {
        let at = x.at(moment.at_us as f64 / 1e6);
        match flags.last_mut() {
            Some((numbers, before)) if at - *before < size.pick(34.0, 34.0) => numbers.1 = index + 1,
            _ => flags.push(((index + 1, index + 1), at)),
        }
    }
    flags
}

impl Frame {
    fn panel(&self, panel: &Panel) -> Markup {
        let top = panel.ticks.last().copied().unwrap_or(1.0);
        let y = Scale::linear((0.0, top), (panel.top + panel.height, panel.top));
        html! {
            text.panel x=(place(self.left)) y=(place(panel.top - 10.0)) { (panel.title) }
            @for &tick in &panel.ticks {
                path.grid d=(format!("M{} {}H{}", place(self.left), place(y.at(tick)), place(self.right))) {}
                text.y x=(place(self.left - 6.0)) y=(place(y.at(tick) + 4.0)) { (label(tick)) @if self.size == Size::Wide { (panel.unit) } }
            }
            @for (class, path) in &panel.lines { path class=(format!("line {class}")) d=(path) {} }
        }
    }

    fn time_axis(&self) -> Markup {
        let step = [10.0, 30.0, 60.0, 120.0, 180.0, 300.0, 600.0, 1_800.0, 3_600.0, 14_400.0, 86_400.0]
            .into_iter()
            .find(|step| self.seconds / step <= self.size.pick(14.0, 6.0))
            .unwrap_or(self.seconds);
        let marks = (0..=40).map(|index| f64::from(index) * step).take_while(|&at| at <= self.seconds);
        html! {
            @for at in marks {
                path.axis d=(format!("M{} {}V{}", place(self.x.at(at)), place(self.bottom), place(self.bottom + 5.0))) {}
                text.x x=(place(self.x.at(at))) y=(place(self.bottom + 18.0)) { (clock((at * 1e6) as u64)) }
            }
            text.x x=(place((self.left + self.right) / 2.0)) y=(place(self.bottom + 36.0)) { "time of the run, minutes:seconds" }
        }
    }

    fn flag(&self, numbers: &(usize, usize), at: f64, top: f64) -> Markup {
        let text =
            if numbers.0 == numbers.1 { numbers.0.to_string() } else { format!("{}–{}", numbers.0, numbers.1) };
        let width = if numbers.0 == numbers.1 { 18.0 } else { 32.0 };
        let x = at.clamp(width / 2.0, self.size.width() - width / 2.0);
        html! {
            path.moment d=(format!("M{} {}V{}", place(at), place(top - 10.0), place(self.bottom))) {}
            rect.flag x=(place(x - width / 2.0)) y=(place(top - 28.0)) width=(place(width)) height="18" rx="9" {}
            text.flag x=(place(x)) y=(place(top - 15.0)) { (text) }
        }
    }
}

/// The same as a table, one line every half minute.
fn table(samples: &[Sample]) -> Markup {
    let every = (samples.len() / 40).max(30).next_multiple_of(30);
    html! {
        details {
            summary { "The same as a table" }
            div.scroll { table {
                thead { tr { th { "time" } th { "submitted" } th { "completed" } th { "busy" } th { "known down, median" } th { "known down, last" } } }
                tbody { @for chunk in samples.chunks(every) { @if let Some(first) = chunk.first() { tr {
                    td { (clock(u64::from(first.second) * 1_000_000)) }
                    td { (count(chunk.iter().map(|s| u64::from(s.submitted)).sum())) }
                    td { (count(chunk.iter().map(|s| u64::from(s.completed)).sum())) }
                    td { (number(chunk.iter().map(|s| f64::from(s.busy)).sum::<f64>() * 100.0 / chunk.len() as f64, 0)) " %" }
                    td { (chunk.iter().map(|s| s.known_by_median).max().unwrap_or(0)) }
                    td { (chunk.iter().map(|s| s.known_by_last).max().unwrap_or(0)) }
                } } } }
            } }
            p.caption { "Counts over " (every) " s from the time shown; the most known down in them." }
        }
    }
}
