//! The page around the drawings.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::{detection::detection, headline::headline, latency::latency, mesh::mesh, timeline::timeline};
use crate::{
    data,
    figures::{Figure, count, duration_ms, figures, number},
    result::RunResult,
    scenario::Source,
    setup::Setup,
    story::{RunStory, clock},
};

const STYLE: &str = include_str!("style.css");
/// Redispatches that the page lists.
const MOST_REDISPATCHES: usize = 200;

/// The report as one HTML page.
pub fn render(setup: &Setup, result: &RunResult, story: &RunStory) -> String {
    let figures = figures(result, setup.scenario.loss);
    let title = if setup.scenario.title.is_empty() { &setup.scenario.name } else { &setup.scenario.title };
    document(
        title,
        html! {
                header {
                    p.eyebrow { "MindOS lab · " (setup.scenario.name) " · " (count(result.nodes.into())) " minds · seed " (result.seed) }
                    h1 { (title) }
                    p.lead { (headline(result)) }
                    (tiles(result, &figures))
                }
                section { h2 { "The mesh" } (mesh(setup)) }
                @if !story.samples.is_empty() { section { h2 { "The run" } (timeline(setup, story)) } }
                (detection(result, &story.spread))
                (latency(story))
                section { h2 { "Every figure" } (figure_table(&figures)) }
                (story_lines(story))
                (colophon(setup, result, story))
        },
    )
}

/// The verdict and four figures that matter most.
fn tiles(result: &RunResult, figures: &[Figure]) -> Markup {
    let with_target = figures.iter().filter(|figure| figure.met.is_some()).count();
    let met = figures.iter().filter(|figure| figure.met == Some(true)).count();
    let never = || "never".to_owned();
    html! {
        p class=(if met < with_target { "verdict missed" } else { "verdict" }) {
            @if met == with_target { "✓ all " (with_target) " targets met" } @else { "✗ " (with_target - met) " of " (with_target) " targets missed" }
        }
        dl.tiles {
            @if result.killed > 0 { div {
                dt { "until every survivor knows" }
                dd { (result.detect_all_intervals.map_or_else(never, |intervals| duration_ms(intervals * f64::from(result.probe_interval_ms)))) }
            } }
            div { dt { "of " (count(result.intents.submitted)) " intents lost" } dd { (count(result.intents.lost)) } }
            @if let Some(ratio) = result.p99_vs_omniscient { div {
                dt { "99th percentile over omniscient" } dd { (number(ratio, 2)) "×" }
            } }
            @if result.killed > 0 { div {
                dt { "until all views agree after the return" }
                dd { (result.heal_intervals.map_or_else(never, |intervals| duration_ms(intervals * f64::from(result.probe_interval_ms)))) }
            } }
        }
    }
}

/// A whole page: what stands in its head, and its content.
pub(super) fn document(title: &str, content: Markup) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { "MindOS: " (title) }
                style { (PreEscaped(STYLE)) }
            }
            body { main { (content) } }
        }
    };
    page.into_string()
}

pub(super) fn figure_table(figures: &[Figure]) -> Markup {
    html! {
        div.scroll { table.figures {
            thead { tr { th { "figure" } th { "value" } th { "target" } th { "met" } } }
            tbody { @for figure in figures { tr {
                th scope="row" { (figure.name) }
                td { (figure.value) }
                td { @if let Some(target) = &figure.target { (target) } }
                td { @match figure.met {
                    Some(true) => span.yes { "✓" span.hidden { " yes" } },
                    Some(false) => span.no { "✗" span.hidden { " no" } },
                    None => "",
                } }
            } } }
        } }
    }
}

fn story_lines(story: &RunStory) -> Markup {
    html! {
        @if !story.lines.is_empty() { section {
            h2 { "What happened" }
            ol.story { @for line in &story.lines { li { span.time { (clock(line.at_us)) } span { (line.text) } } } }
        } }
        @if !story.redispatches.is_empty() { section {
            h2 { "Work handed out again" }
            details {
                summary { (count(story.redispatches.len() as u64)) " intents lost their worker and went to another" }
                div.scroll { table {
                    thead { tr { th { "time" } th { "origin" } th { "lost worker" } th { "next worker" } th { "submission to result" } } }
                    tbody { @for again in story.redispatches.iter().take(MOST_REDISPATCHES) { tr {
                        td { (clock(again.at_us)) } td { (again.origin) } td { (again.lost) } td { (again.next) }
                        td { @match again.latency_us { Some(us) => (duration_ms(us as f64 / 1e3)), None => "lost" } }
                    } } }
                } }
                @if story.redispatches.len() > MOST_REDISPATCHES { p.caption { "The first " (MOST_REDISPATCHES) "." } }
            }
        } }
    }
}

fn colophon(setup: &Setup, result: &RunResult, story: &RunStory) -> Markup {
    let source = |source: &Source, own: &str| match source {
        Source::File(path) => path.display().to_string(),
        _ => own.to_owned(),
    };
    let attribution = data::attribution(&setup.scenario);
    html! {
        footer {
            h2 { "About this run" }
            dl.facts {
                div { dt { "scenario" } dd { (setup.scenario.name) ", seed " (result.seed) } }
                div { dt { "latencies" } dd { (source(&setup.scenario.latency, data::PLANETLAB)) } }
                div { dt { "requests" } dd { (source(&setup.scenario.tasks, data::AZURE_CONV)) ", load " (number(setup.scenario.load, 2)) } }
                div { dt { "network" } dd {
                    "jitter " (number(setup.scenario.jitter * 100.0, 2)) " %, loss " (number(setup.scenario.loss * 100.0, 2))
                    " %, duplicates " (number(setup.scenario.duplicate * 100.0, 2)) " %, reordering " (number(setup.scenario.reorder * 100.0, 2)) " %"
                } }
                div { dt { "trace hash" } dd.hash { (result.trace_hash) } }
            }
            @if !setup.notes.is_empty() || !story.notes.is_empty() {
                ul.notes { @for note in setup.notes.iter().chain(&story.notes) { li { (note) } } }
            }
            @if !attribution.is_empty() {
                h3 { "Data" }
                ul.notes { @for line in attribution { li { (line) } } }
            }
        }
    }
}

#[cfg(test)]
mod tests;
