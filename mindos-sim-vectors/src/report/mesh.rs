//! The mesh as a map of round trips.

use std::collections::BTreeSet;

use maud::{Markup, html};

use super::{
    layout::{Point, layout},
    svg::{Size, place},
};
use crate::{baselines::Blackout, figures::number, setup::Setup};

/// The map in both sizes, with its legend.
pub(super) fn mesh(setup: &Setup) -> Markup {
    let blackout = setup.blackout();
    let dead: Vec<u32> = blackout.iter().flat_map(|blackout| blackout.dead.iter().copied()).collect();
    let marked: Vec<u32> = setup.liars.iter().chain(&dead).copied().collect();
    let map = Map {
        setup,
        points: layout(&setup.geography, &marked),
        liars: setup.liars.iter().copied().collect(),
        blackout,
    };
    let shown = map.points.len();
    html! {
        @for size in Size::BOTH { (map.draw(size)) }
        ul.legend {
            li { svg.key aria-hidden="true" viewBox="0 0 14 14" { circle.mind cx="7" cy="7" r="5" {} } "a mind; larger is faster" }
            @if !dead.is_empty() {
                li { svg.key aria-hidden="true" viewBox="0 0 14 14" { circle.dark cx="7" cy="7" r="5" {} } "in the city that goes dark (" (dead.len()) ")" }
            }
            @if !setup.liars.is_empty() {
                li { svg.key aria-hidden="true" viewBox="0 0 14 14" { path.liar d="M7 1L13 7L7 13L1 7Z" {} } "advertises more than it keeps (" (setup.liars.len()) ")" }
            }
        }
        p.caption {
            "Distances on this map resemble measured round-trip times, not geography. Point at a mind to read about it."
            @if shown < setup.geography.nodes() as usize { " " (shown) " of " (setup.geography.nodes()) " minds are drawn." }
        }
    }
}

struct Map<'a> {
    setup: &'a Setup,
    points: Vec<Point>,
    liars: BTreeSet<u32>,
    blackout: Option<Blackout>,
}

/// From map coordinates to the drawing.
struct Frame {
    scale: f64,
    middle: (f64, f64),
    offset: (f64, f64),
    width: f64,
    height: f64,
}

impl Frame {
    fn at(&self, point: &Point) -> (f64, f64) {
        let x = self.offset.0 + (point.x - self.middle.0) * self.scale;
        let y = self.offset.1 + (point.y - self.middle.1) * self.scale;
        // The few minds behind very long lines are held at the border.
        (x.clamp(6.0, self.width - 6.0), y.clamp(6.0, self.height - 6.0))
    }
}

/// The range that holds all but the outermost fiftieth on either side.
fn middle_range(mut values: Vec<f64>) -> (f64, f64) {
    values.sort_unstable_by(f64::total_cmp);
    let cut = values.len() / 50;
    match (values.get(cut), values.get(values.len().saturating_sub(cut + 1))) {
        (Some(&low), Some(&high)) if high > low => (low, high),
        _ => (-1.0, 1.0),
    }
}

impl Map<'_> {
    fn frame(&self, size: Size) -> Frame {
        let (width, margin) = (size.width(), size.pick(46.0, 18.0));
        let xs = middle_range(self.points.iter().map(|point| point.x).collect());
        let ys = middle_range(self.points.iter().map(|point| point.y).collect());
        let tallest = size.pick(620.0, 330.0);
        let scale = ((width - 2.0 * margin) / (xs.1 - xs.0)).min((tallest - 2.0 * margin) / (ys.1 - ys.0));
        let height = (ys.1 - ys.0) * scale + 2.0 * margin + 24.0;
        Frame {
            scale,
            middle: ((xs.0 + xs.1) / 2.0, (ys.0 + ys.1) / 2.0),
            offset: (width / 2.0, (height - 24.0) / 2.0),
            width,
            height,
        }
    }

    fn is_dead(&self, node: u32) -> bool {
        self.blackout.as_ref().is_some_and(|blackout| blackout.dead.contains(&node))
    }

    fn draw(&self, size: Size) -> Markup {
        let frame = self.frame(size);
        let bar = [200.0, 100.0, 50.0, 20.0, 10.0].into_iter().find(|ms| ms * frame.scale <= frame.width / 4.0);
        html! {
            svg class=(format!("chart {}", size.class())) role="img" viewBox=(format!("0 0 {} {}", place(frame.width), place(frame.height)))
                aria-label=(format!("Map of {} minds by round-trip time", self.points.len())) {
                // What matters most is drawn last, on top.
                @for layer in 0..3 {
                    @for point in self.points.iter().filter(|point| self.layer(point.node) == layer) { (self.mind(point, &frame, size)) }
                }
                (self.city_label(&frame))
                @if let Some(ms) = bar { (scale_bar(ms, &frame)) }
            }
        }
    }

    fn layer(&self, node: u32) -> u8 {
        if self.liars.contains(&node) { 2 } else { u8::from(self.is_dead(node)) }
    }

    /// A name beside the dark city.
    fn city_label(&self, frame: &Frame) -> Markup {
        let dead = || self.points.iter().filter(|point| self.is_dead(point.node)).map(|point| frame.at(point));
        let right = dead().map(|(x, _)| x).fold(0.0, f64::max);
        let left = dead().map(|(x, _)| x).fold(frame.width, f64::min);
        let y = dead().map(|(_, y)| y).sum::<f64>() / dead().count().max(1) as f64 + 4.0;
        html! {
            @if right + 90.0 < frame.width { text.city x=(place(right + 12.0)) y=(place(y)) { "the dark city" } }
            @else if dead().count() > 0 { text.city.y x=(place(left - 12.0)) y=(place(y)) { "the dark city" } }
        }
    }

    fn mind(&self, point: &Point, frame: &Frame, size: Size) -> Markup {
        let (x, y) = frame.at(point);
        let speed =
            self.setup.workload.speeds_q16.get(point.node as usize).map_or(1.0, |&q16| f64::from(q16) / 65_536.0);
        let radius = (libm::sqrt(speed) * size.pick(3.6, 2.3)).clamp(size.pick(1.8, 1.3), size.pick(9.0, 5.5));
        let dead = self.is_dead(point.node);
        let mut title = format!("mind {}: speed {}", point.node, number(speed, 2));
        if dead {
            title.push_str(", in the city that goes dark");
        }
        if self.liars.contains(&point.node) {
            title.push_str(", advertises more than it keeps");
            let r = radius.max(size.pick(4.5, 3.0)) + 1.5;
            let d = format!(
                "M{} {}L{} {}L{} {}L{} {}Z",
                place(x),
                place(y - r),
                place(x + r),
                place(y),
                place(x),
                place(y + r),
                place(x - r),
                place(y)
            );
            return html! { path.liar d=(d) { title { (title) } } };
        }
        html! {
            circle class=(if dead { "dark" } else { "mind" }) cx=(place(x)) cy=(place(y)) r=(place(radius)) { title { (title) } }
        }
    }
}

fn scale_bar(ms: f64, frame: &Frame) -> Markup {
    let (left, y) = (14.0, frame.height - 12.0);
    let right = left + ms * frame.scale;
    html! {
        path.axis d=(format!("M{} {}V{}H{}V{}", place(left), place(y - 5.0), place(y), place(right), place(y - 5.0))) {}
        text x=(place(right + 8.0)) y=(place(y + 1.0)) { (number(ms, 0)) " ms round trip" }
    }
}
