//! The report of five centres: who is right how often, by share of liars and by age of the public data, and the line
//! between.

use maud::{Markup, html};

use super::page::{document, figure_table};
use super::svg::{Scale, Size, area, label, line, place};
use crate::{
    centres::{
        figures::{figures, headline},
        result::{CentresResult, MeshRun},
        scenario::Centres,
    },
    figures::{count, number},
};

/// The report as one HTML page.
pub fn render_centres(c: &Centres, result: &CentresResult) -> String {
    document(
        &c.title,
        html! {
            header {
                p.eyebrow { "MindOS lab · " (c.name) " · " (count(result.agents.into())) " agents · seed " (result.seed) }
                h1 { (c.title) }
                p.lead { (headline(result)) }
            }
            section {
                h2 { "When agents lie" }
                p { "The liars know the truth and all say the contrary. Models do not depend on them: each level line is the five together, with public data of an age." }
                ul.legend {
                    li { span.swatch.completed {} "the mesh: what a majority of holders believes at the end" }
                    li { span.swatch.median {} "the same when each question had just closed" }
                    li { span.swatch.submitted {} "a plain majority of the same reports" }
                    li { span.swatch.last {} "the five models" }
                }
                @for size in Size::BOTH { (by_liars(result, size)) }
            }
            section {
                h2 { "When data age" }
                p { "After " (number(c.memory_s, 0)) " s a correlation of the state with its past has fallen to 37 %. Level lines are the mesh, with a share of liars." }
                ul.legend {
                    li { span.swatch.last {} "the five models" }
                    li { span.swatch.completed {} "the mesh" }
                }
                @for size in Size::BOTH { (by_age(result, size)) }
            }
            section {
                h2 { "Where one side overtakes the other" }
                p { "In the shaded part the mesh is right more often, above it the models are. Where the line ends at the upper edge, the mesh was ahead at every share of liars that was run." }
                @for size in Size::BOTH { (border(result, size)) }
            }
            section { h2 { "Every figure" } (figure_table(&figures(result))) }
            (colophon(c, result))
        },
    )
}

/// A frame with an axis of percent upwards.
struct Plot {
    size: Size,
    x: Scale,
    y: Scale,
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
}

impl Plot {
    fn new(size: Size, x: (f64, f64), y: (f64, f64)) -> Self {
        let (left, right) = (44.0, size.width() - size.pick(150.0, 84.0));
        let (top, bottom) = (16.0, size.pick(330.0, 230.0));
        let (x, y) = (Scale::linear(x, (left, right)), Scale::linear(y, (bottom, top)));
        Self { size, x, y, left, right, top, bottom }
    }

    fn draw(&self, says: &str, ys: &[f64], xs: &[(f64, String)], below: &str, inner: Markup) -> Markup {
        let view = format!("0 0 {} {}", place(self.size.width()), place(self.bottom + 46.0));
        html! {
            svg class=(format!("chart {}", self.size.class())) role="img" viewBox=(view) aria-label=(says) {
                @for tick in ys {
                    path.grid d=(format!("M{} {}H{}", place(self.left), place(self.y.at(*tick)), place(self.right))) {}
                    text.y x=(place(self.left - 6.0)) y=(place(self.y.at(*tick) + 4.0)) { (label(*tick)) }
                }
                @for (at, text) in xs {
                    path.axis d=(format!("M{} {}V{}", place(self.x.at(*at)), place(self.bottom), place(self.bottom + 4.0))) {}
                    text.x x=(place(self.x.at(*at))) y=(place(self.bottom + 18.0)) { (text) }
                }
                text.x x=(place((self.left + self.right) / 2.0)) y=(place(self.bottom + 37.0)) { (below) }
                (inner)
            }
        }
    }

    fn curve(&self, class: &str, points: impl IntoIterator<Item = (f64, f64)>) -> Markup {
        let points = points.into_iter().map(|(x, y)| (self.x.at(x), self.y.at(y)));
        html! { path class=(format!("line {class}")) d=(line(points)) {} }
    }

    /// Level lines with a name behind each; names that would overlap are moved apart.
    fn levels(&self, class: &str, levels: &[(f64, String)]) -> Markup {
        let mut named: Vec<(f64, f64, &str)> =
            levels.iter().map(|(v, name)| (self.y.at(*v), self.y.at(*v), name.as_str())).collect();
        named.sort_by(|a, b| a.0.total_cmp(&b.0));
        for i in 1..named.len() {
            named[i].1 = named[i].1.max(named[i - 1].1 + 14.0);
        }
        html! { @for (at, text, name) in named {
            path class=(format!("line {class}")) stroke-dasharray="5 4" stroke-opacity=".75" d=(format!("M{} {}H{}", place(self.left), place(at), place(self.right))) {}
            text x=(place(self.right + 7.0)) y=(place(text + 4.0)) { (name) }
        } }
    }
}

fn lowest(values: impl Iterator<Item = f64>) -> f64 {
    libm::floor(values.fold(100.0, f64::min) / 10.0).max(0.0) * 10.0
}

fn tens(from: f64) -> Vec<f64> {
    let step = if from < 50.0 { 20.0 } else { 10.0 };
    (0..).map(|i| from + f64::from(i) * step).take_while(|v| *v <= 100.0).collect()
}

fn age(seconds: u32) -> String {
    match seconds {
        0 => "0 s old".to_owned(),
        s if s < 120 => format!("{s} s old"),
        s => format!("{} min old", number(f64::from(s) / 60.0, 1)),
    }
}

fn by_liars(r: &CentresResult, size: Size) -> Markup {
    let most = r.mesh.iter().map(|m| m.liars_pct).fold(1.0, f64::max);
    let values = r.mesh.iter().flat_map(|m| [m.accuracy_pct, m.at_close_pct, m.majority_pct]);
    let low = lowest(values.chain(r.models.iter().map(|m| m.accuracy_pct)));
    let plot = Plot::new(size, (0.0, most), (low, 100.0));
    let levels: Vec<(f64, String)> = r.models.iter().map(|m| (m.accuracy_pct, age(m.age_s))).collect();
    let curve = |class, of: fn(&MeshRun) -> f64| plot.curve(class, r.mesh.iter().map(|m| (m.liars_pct, of(m))));
    let xs: Vec<(f64, String)> = r.mesh.iter().map(|m| (m.liars_pct, number(m.liars_pct, 0))).collect();
    let says = "Share of questions that the mesh gets right against the share of liars, with the five models as level lines; the table below has the figures";
    let inner = html! {
        (plot.levels("last", &levels))
        (curve("submitted", |m| m.majority_pct))
        (curve("median", |m| m.at_close_pct))
        (curve("p0", |m| m.accuracy_pct))
    };
    plot.draw(says, &tens(low), &xs, "% of the agents lie", inner)
}

fn by_age(r: &CentresResult, size: Size) -> Markup {
    // Ages are far apart: each gets the same room.
    let last = r.models.len().saturating_sub(1).max(1) as f64;
    let low = lowest(r.mesh.iter().map(|m| m.accuracy_pct).chain(r.models.iter().map(|m| m.accuracy_pct)));
    let plot = Plot::new(size, (0.0, last), (low, 100.0));
    let levels: Vec<(f64, String)> =
        r.mesh.iter().map(|m| (m.accuracy_pct, format!("{} % lie", number(m.liars_pct, 0)))).collect();
    let xs = ages(r);
    let says = "Share of questions that the five models get right against the age of their data, with the mesh as level lines; the table below has the figures";
    let inner = html! {
        (plot.levels("completed", &levels))
        (plot.curve("last", r.models.iter().enumerate().map(|(i, m)| (i as f64, m.accuracy_pct))))
    };
    plot.draw(says, &tens(low), &xs, "age of the public data in minutes", inner)
}

fn ages(r: &CentresResult) -> Vec<(f64, String)> {
    let text = |s: u32| number(f64::from(s) / 60.0, 1);
    r.models.iter().enumerate().map(|(i, m)| (i as f64, text(m.age_s))).collect()
}

fn border(r: &CentresResult, size: Size) -> Markup {
    let last = r.models.len().saturating_sub(1).max(1) as f64;
    let most = r.mesh.iter().map(|m| m.liars_pct).fold(1.0, f64::max);
    let plot = Plot::new(size, (0.0, last), (0.0, most));
    let line_of = r.models.iter().enumerate().map(|(i, m)| (i as f64, m.overtake_at_liars_pct.unwrap_or(most)));
    let points: Vec<(f64, f64)> = line_of.map(|(x, y)| (plot.x.at(x), plot.y.at(y))).collect();
    let ys: Vec<f64> = (0..=(most / 10.0) as u32).map(|i| f64::from(i) * 10.0).collect();
    let says = "Share of liars above which the five models are right more often than the mesh, against the age of their data; the table below has the figures";
    let inner = html! {
        path class="line busy" stroke="none" d=(area(&points, plot.bottom)) {}
        path class="line p0" d=(line(points.iter().copied())) {}
        text x=(place(plot.left + 14.0)) y=(place(plot.bottom - 16.0)) { "the mesh is ahead" }
        text.y x=(place(plot.right - 10.0)) y=(place(plot.top + 16.0)) { (format!("up to {} % were run", number(most, 0))) }
    };
    plot.draw(says, &ys, &ages(r), "age of the public data in minutes", inner)
}

fn colophon(c: &Centres, r: &CentresResult) -> Markup {
    html! {
        footer {
            h2 { "About this run" }
            dl.facts {
                div { dt { "state" } dd { "made up: " (number(c.common * 100.0, 0)) " % of a region's variance is its province's, of " (c.regions_per_province) " regions each" } }
                div { dt { "signals" } dd { "noise of " (number(c.signal_noise, 2)) " times the state's deviation in the median; one honest report alone is right in " (number(r.agent_accuracy_pct, 1)) " %" } }
                div { dt { "models" } dd { "share averages of provinces, know the law by which they age, and err each by " (number(c.model_noise, 2)) " in log-odds" } }
                div { dt { "mesh" } dd { "production nodes on measured round trips; commits, reveals and beliefs over the wire, five holders for each region" } }
                div { dt { "trace hash" } dd.hash { (r.trace_hash) } }
            }
            ul.notes {
                li { "Which side is ahead where follows from the assumptions above. They are keys of the scenario." }
                li { "No outcome becomes known to the mesh: agents are judged by agreement alone." }
            }
        }
    }
}

#[cfg(test)]
mod tests;
