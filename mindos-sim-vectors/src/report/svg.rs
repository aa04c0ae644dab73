//! Little helpers for charts: scales, ticks, lines.

use std::fmt::Write;

use crate::figures::number;

/// How large a chart is drawn. Two sizes go into the page and the style sheet shows one, so that letters have the same
/// size on a desk and in a hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Size {
    /// For 700 pixels and more.
    Wide,
    /// For a phone.
    Narrow,
}

impl Size {
    /// Both sizes.
    pub(super) const BOTH: [Self; 2] = [Self::Wide, Self::Narrow];

    /// Width of the drawing in its own units.
    pub(super) fn width(self) -> f64 {
        match self {
            Self::Wide => 1040.0,
            Self::Narrow => 350.0,
        }
    }

    /// Class of the drawing in the style sheet.
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Wide => "wide",
            Self::Narrow => "narrow",
        }
    }

    /// One of two values by size.
    pub(super) fn pick<T>(self, wide: T, narrow: T) -> T {
        match self {
            Self::Wide => wide,
            Self::Narrow => narrow,
        }
    }
}

/// A scale from values to places, linear or logarithmic.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    from: (f64, f64),
    to: (f64, f64),
    logarithmic: bool,
}

impl Scale {
    /// Maps values from `from.0..from.1` to places `to.0..to.1`.
    pub(super) fn linear(from: (f64, f64), to: (f64, f64)) -> Self {
        Self { from, to, logarithmic: false }
    }

    /// The same with equal ratios at equal distances; values must be above 0.
    pub(super) fn logarithmic(from: (f64, f64), to: (f64, f64)) -> Self {
        Self { from, to, logarithmic: true }
    }

    /// Where a value lies. Values beyond the ends lie at the ends.
    pub(super) fn at(&self, value: f64) -> f64 {
        let value = value.max(self.from.0).min(self.from.1);
        let along = if self.logarithmic {
            libm::log(value / self.from.0) / libm::log(self.from.1 / self.from.0)
        } else {
            (value - self.from.0) / (self.from.1 - self.from.0)
        };
        let along = if along.is_finite() { along } else { 0.0 };
        self.to.0 + along * (self.to.1 - self.to.0)
    }
}

/// Round values from 0 to at least `top`, about `wanted` of them.
pub(super) fn ticks(top: f64, wanted: usize) -> Vec<f64> {
    let rough = (top / wanted.max(1) as f64).max(1e-9);
    let power = libm::pow(10.0, libm::floor(libm::log10(rough)));
    let step = [1.0, 2.0, 5.0, 10.0].into_iter().map(|step| step * power).find(|&step| step >= rough * 0.999);
    let step = step.unwrap_or(10.0 * power);
    let count = libm::ceil(top / step - 1e-9).max(1.0) as usize;
    (0..=count.min(20)).map(|index| index as f64 * step).collect()
}

/// A place as text, to a tenth of a unit.
pub(super) fn place(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map(str::to_owned).unwrap_or(text)
}

/// A tick's label.
pub(super) fn label(value: f64) -> String {
    number(value, if value < 10.0 { 1 } else { 0 })
}

/// The path of a line through points.
pub(super) fn line(points: impl IntoIterator<Item = (f64, f64)>) -> String {
    let mut path = String::new();
    for (x, y) in points {
        let command = if path.is_empty() { 'M' } else { 'L' };
        // Writing to a string cannot fail.
        let _ = write!(path, "{command}{} {}", place(x), place(y));
    }
    path
}

/// The path of a line that stays at a value until the next one.
pub(super) fn steps(points: &[(f64, f64)]) -> String {
    let mut corners = Vec::with_capacity(points.len() * 2);
    for (index, &(x, y)) in points.iter().enumerate() {
        if let Some(&(_, before)) = index.checked_sub(1).and_then(|before| points.get(before)) {
            corners.push((x, before));
        }
        corners.push((x, y));
    }
    line(corners)
}

/// The area between a line and `floor`.
pub(super) fn area(points: &[(f64, f64)], floor: f64) -> String {
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return String::new() };
    let mut path = line(points.iter().copied());
    let _ = write!(path, "L{} {}L{} {}Z", place(last.0), place(floor), place(first.0), place(floor));
    path
}

/// The mean of a moving window of `width` values around each value.
pub(super) fn smooth(values: &[f64], width: usize) -> Vec<f64> {
    let half = width / 2;
    (0..values.len())
        .map(|index| {
            let window = &values[index.saturating_sub(half)..(index + half + 1).min(values.len())];
            window.iter().sum::<f64>() / window.len() as f64
        })
        .collect()
}

#[cfg(test)]
mod tests;
