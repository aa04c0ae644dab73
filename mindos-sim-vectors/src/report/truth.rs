//! A sweep of truth scoring as one HTML page: accuracy against the share of liars, attack by attack.

use maud::{Markup, html};

use super::{
    page::document,
    svg::{Scale, line, place},
};
use crate::{
    data::truth_attribution,
    figures::{count, number},
    truth::{Attack, BATCH, ENGINE, Method, Point, Sweep, SweepPlan},
};

/// Drawn methods, by class of line; the first is drawn last, on top.
const DRAWN: [(&str, &str); 8] = [
    (ENGINE, "MindOS"),
    ("oracle", "oracle: liars removed"),
    ("majority", "majority"),
    ("dawid_skene", "Dawid–Skene"),
    ("one_coin", "one-coin"),
    ("yuma", "Bittensor (Yuma)"),
    ("beta_reputation", "Beta reputation"),
    ("eigentrust", "EigenTrust"),
];

/// What an attack does, for its panel.
fn words(attack: Attack) -> (&'static str, &'static str) {
    match attack {
        Attack::Spam => ("Spam", "liars say anything"),
        Attack::Collude => ("Collusion", "all say the same wrong thing"),
        Attack::Collude80 => ("Careful liars", "collusion, but each in 4 of 5 cases only"),
        Attack::Sleeper => ("Sleepers", "honest until half time; the later half counts"),
        Attack::Sybil => ("Sybils", "copies of one liar that lies in 4 of 5 cases"),
    }
}

/// The page of a sweep.
pub fn truth(sweep: &Sweep, plan: &SweepPlan) -> String {
    let (without, with): (Vec<&Point>, Vec<&Point>) = sweep.points.iter().partition(|point| point.anchors == 0.0);
    let (first, last) = sweep.seeds;
    document(
        "whom to believe",
        html! {
                    header {
                        p.eyebrow { "MindOS lab · truth · " (sweep.sets.len()) " sets · seeds " (first) " to " (last) }
                        h1 { "Whom to believe when some lie" }
                        p.lead { (lead(&without, &with)) }
                    }
                    (half("No outcome becomes known", "All that a method has is who says what.", &without))
                    (half("A few outcomes become known", "After its close the truth of 2 % of the questions becomes known, of 5 % with sleepers. Counted are the others. Dawid–Skene, one-coin, Beta reputation and the oracle are told them too.", &with))
                    (by_set(&without))
                    (colophon(sweep, plan))
        },
    )
}

fn accuracy(point: &Point, method: &str) -> Option<f64> {
    point.methods.get(method).map(|means| means.accuracy * 100.0)
}

fn tenths(value: Option<f64>) -> String {
    value.map_or_else(|| "—".to_owned(), |value| format!("{value:.1}"))
}

fn find<'a>(points: &[&'a Point], attack: Attack, fraction: f64) -> Option<&'a Point> {
    points.iter().find(|point| point.attack == Some(attack) && point.fraction == fraction).copied()
}

/// The page in three sentences, the worst among them.
fn lead(points: &[&Point], with: &[&Point]) -> String {
    let Some(point) = find(points, Attack::Collude, 0.4) else { return String::new() };
    let of = |method| tenths(accuracy(point, method));
    let told = format!(
        "If 40 % of the agents tell the same lies, MindOS is right in {} % of the questions, a majority in {} %, \
         Dawid–Skene in {} %; with the liars removed it would be {} %. In {} of {} of these runs it was more than 20 \
         points below that.",
        of(ENGINE),
        of("majority"),
        of("dawid_skene"),
        of("oracle"),
        point.collapses,
        point.runs
    );
    let missing = |point: &Point| accuracy(point, "oracle").unwrap_or(0.0) - accuracy(point, ENGINE).unwrap_or(0.0);
    let Some(worst) = points.iter().max_by(|a, b| missing(a).total_cmp(&missing(b))) else { return told };
    let Some(attack) = worst.attack else { return told };
    format!(
        "{told} Worst is {} at {} %: {} %, and {} % where a few outcomes become known.",
        words(attack).0.to_lowercase(),
        number(worst.fraction * 100.0, 0),
        tenths(accuracy(worst, ENGINE)),
        tenths(find(with, attack, worst.fraction).and_then(|point| accuracy(point, ENGINE)))
    )
}

fn half(title: &str, text: &str, points: &[&Point]) -> Markup {
    html! {
        section {
            h2 { (title) }
            p { (text) }
            ul.legend { @for (index, (_, name)) in DRAWN.iter().enumerate() {
                li { svg.key.long aria-hidden="true" viewBox="0 0 28 10" { path class=(format!("line p{index}")) d="M1 5H27" {} } (name) }
            } }
            div.panels { @for attack in Attack::ALL { (panel(attack, points)) } }
            details {
                summary { "Every figure: accuracy in %" }
                (table(points))
            }
        }
    }
}

/// The points of an attack, the clean one first.
fn of<'a>(attack: Attack, points: &[&'a Point]) -> Vec<&'a Point> {
    points.iter().filter(|point| point.attack.is_none_or(|this| this == attack)).copied().collect()
}

fn panel(attack: Attack, points: &[&Point]) -> Markup {
    let (title, what) = words(attack);
    let (left, right, top, bottom) = (50.0, 338.0, 14.0, 214.0);
    let x = Scale::linear((0.0, 0.5), (left, right));
    let y = Scale::linear((0.0, 100.0), (bottom, top));
    let points = of(attack, points);
    let curve = |method: &str| {
        line(points.iter().filter_map(|point| Some((x.at(point.fraction), y.at(accuracy(point, method)?)))))
    };
    html! {
        figure {
            figcaption { strong { (title) } " " (what) }
            svg.chart role="img" viewBox="0 0 350 252" aria-label=(format!("{title}: accuracy of eight methods against the share of liars from 0 to 49 %; the table below has the figures")) {
                @for tick in [0.0, 25.0, 50.0, 75.0, 100.0] {
                    path.grid d=(format!("M{} {}H{}", place(left), place(y.at(tick)), place(right))) {}
                    text.y x=(place(left - 5.0)) y=(place(y.at(tick) + 4.0)) { (number(tick, 0)) @if tick == 100.0 { " %" } }
                }
                @for tick in [0.0, 0.1, 0.2, 0.3, 0.4, 0.5] {
                    path.axis d=(format!("M{} {}V{}", place(x.at(tick)), place(bottom), place(bottom + 4.0))) {}
                    text.x x=(place(x.at(tick))) y=(place(bottom + 17.0)) { (number(tick * 100.0, 0)) }
                }
                text.x x=(place((left + right) / 2.0)) y=(place(bottom + 33.0)) { "% of the agents lie" }
                @for (index, (method, name)) in DRAWN.iter().enumerate().rev() {
                    path class=(format!("line p{index}")) d=(curve(method)) { title { (name) } }
                }
            }
        }
    }
}

fn table(points: &[&Point]) -> Markup {
    let methods = [ENGINE, BATCH].into_iter().chain(Method::ALL.map(Method::name));
    let methods: Vec<&str> = methods.collect();
    let heads = ["MindOS", "in batch form"].into_iter().chain(Method::ALL.map(Method::words));
    html! {
        div.scroll { table.policies {
            thead { tr { th { "attack" } th { "liars" } @for head in heads { th { (head) } } th { "labels at the close" } th { "collapsed" } } }
            tbody { @for point in points { tr {
                th scope="row" { (point.attack.map_or("none", |attack| words(attack).0)) }
                td { (number(point.fraction * 100.0, 0)) " %" }
                @for method in &methods { td { @if *method == ENGINE { strong { (tenths(accuracy(point, method))) } } @else { (tenths(accuracy(point, method))) } } }
                td { (tenths(Some(point.frozen_accuracy * 100.0))) }
                td { (point.collapses) " of " (point.runs) }
            } } }
        } }
        p.caption { "Collapsed: more than 20 points below the oracle. Labels at the close: MindOS's, before anything was learnt from the question." }
    }
}

fn by_set(points: &[&Point]) -> Markup {
    let Some(clean) = points.iter().find(|point| point.attack.is_none()) else { return html! {} };
    let at = |point: Option<&Point>, set: &str, method: &str| {
        tenths(point.and_then(|point| point.sets.get(set)?.get(method)).map(|accuracy| accuracy * 100.0))
    };
    let liars = find(points, Attack::Collude, 0.4);
    let methods = [ENGINE, "majority", "dawid_skene", "oracle"];
    html! {
        section {
            h2 { "Set by set" }
            p { "Accuracy in %, without anchors: clean, and when 40 % collude." }
            div.scroll { table.policies {
                thead { tr { th { "set" } @for text in ["clean", "40 % collude"] { @for name in ["MindOS", "majority", "Dawid–Skene", "oracle"] { @if text != "clean" || name != "oracle" { th { (name) ", " (text) } } } } } }
                tbody { @for set in clean.sets.keys() { tr {
                    th scope="row" { (set) }
                    @for method in &methods[..3] { td { (at(Some(clean), set, method)) } }
                    @for method in methods { td { (at(liars, set, method)) } }
                } } }
            } }
        }
    }
}

fn colophon(sweep: &Sweep, plan: &SweepPlan) -> Markup {
    let (first, last) = sweep.seeds;
    let thanks: Vec<_> = sweep.sets.iter().filter_map(|set| truth_attribution(set)).collect();
    html! {
        footer {
            h2 { "About this run" }
            dl.facts {
                @for set in &plan.sets { div { dt { (set.name) } dd {
                    (count(set.questions.len() as u64)) " questions, " (count(set.agents as u64)) " agents, "
                    (count(set.reports() as u64)) " reports, " (set.options) " options"
                } } }
                div { dt { "seeds" } dd { (first) " to " (last) ": order of questions, liars, lies and anchors" } }
                @if plan.min_anchors > 0 { div { dt { "anchors" } dd { "at least " (plan.min_anchors) } } }
                div { dt { "all beliefs" } dd.hash { (sweep.digest) } }
            }
            @if !thanks.is_empty() {
                h3 { "Data" }
                ul.notes { @for line in thanks { li { (line) } } }
            }
        }
    }
}

#[cfg(test)]
mod tests;
