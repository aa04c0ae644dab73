//! A flat map from round trips: points whose distances resemble the measured ones.
//!
//! Stress majorisation: from a first guess by three landmarks, each point moves in turn to where its distances to all
//! others fit best, nearer ones counting more (weight 1/d²). Every move lowers the stress. The same input gives the
//! same bits: additions, multiplications, divisions and square roots only, in a fixed order.

use crate::geography::Geography;

/// Most minds that a map shows; of more, evenly spaced ones are taken.
pub const MAX_POINTS: usize = 600;
/// Moves of every point.
const ROUNDS: usize = 60;
/// Round trips below count as this, so that neighbours do not hide each other, in ms.
const NEAREST_MS: f64 = 6.0;
/// Round trips above count as this, so that a few bad lines do not shrink all else, in ms.
const FARTHEST_MS: f64 = 420.0;

/// A mind on the map. Coordinates are in ms of round trip, centred on 0, the map's longer axis along x.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// The mind.
    pub node: u32,
    /// Along the longer axis.
    pub x: f64,
    /// Across it.
    pub y: f64,
}

/// Places up to [`MAX_POINTS`] minds; `always` are among them, as far as there is room.
pub fn layout(geography: &Geography, always: &[u32]) -> Vec<Point> {
    let shown = choose(geography.nodes(), always);
    let n = shown.len();
    let distance: Vec<f64> = (0..n * n)
        .map(|cell| {
            let (a, b) = (shown[cell / n], shown[cell % n]);
            let both = f64::from(geography.rtt_us(a, b)) + f64::from(geography.rtt_us(b, a));
            if a == b { 0.0 } else { (both / 2_000.0).clamp(NEAREST_MS, FARTHEST_MS) }
        })
        .collect();
    let mut at = first_guess(&distance, n);
    for _ in 0..ROUNDS {
        for point in 0..n {
            at[point] = best_place(point, &distance[point * n..(point + 1) * n], &at);
        }
    }
    turn(&mut at);
    shown.into_iter().zip(at).map(|(node, (x, y))| Point { node, x, y }).collect()
}

/// The minds to show, in rising order.
fn choose(nodes: u32, always: &[u32]) -> Vec<u32> {
    if nodes as usize <= MAX_POINTS {
        return (0..nodes).collect();
    }
    let (half, all) = (MAX_POINTS as u64 / 2, u64::from(nodes));
    let step = always.len().div_ceil(half as usize).max(1);
    let mut shown: Vec<u32> = always.iter().copied().filter(|&node| node < nodes).step_by(step).collect();
    shown.extend((0..half).map(|index| (index * all / half) as u32));
    shown.sort_unstable();
    shown.dedup();
    shown
}

/// x from two landmarks far apart, y from a third far from both.
fn first_guess(distance: &[f64], n: usize) -> Vec<(f64, f64)> {
    let far = |score: &dyn Fn(usize) -> f64| {
        (0..n).max_by(|&a, &b| score(a).total_cmp(&score(b)).then(b.cmp(&a))).unwrap_or(0)
    };
    let d = |a: usize, b: usize| distance.get(a * n + b).copied().unwrap_or(0.0);
    let west = far(&|node| d(0, node));
    let east = far(&|node| d(west, node));
    let north = far(&|node| d(west, node).min(d(east, node)));
    let base = d(west, east).max(1.0);
    // A little of the number keeps equal points apart.
    (0..n)
        .map(|node| {
            let x = (d(west, node) * d(west, node) - d(east, node) * d(east, node)) / (2.0 * base);
            let nudge = (node * 37 % 101) as f64 / 101.0;
            (x + nudge, d(west, node).min(d(east, node)) - d(north, node) - nudge)
        })
        .collect()
}

/// Where a point fits best, all others held still.
fn best_place(point: usize, distance: &[f64], at: &[(f64, f64)]) -> (f64, f64) {
    let here = at[point];
    let (mut x, mut y, mut weights) = (0.0, 0.0, 0.0);
    for (other, (&there, &wanted)) in at.iter().zip(distance).enumerate() {
        if other == point {
            continue;
        }
        let (dx, dy) = (here.0 - there.0, here.1 - there.1);
        let apart = libm::sqrt(dx * dx + dy * dy).max(1e-6);
        let weight = 1.0 / (wanted * wanted);
        x += weight * (there.0 + wanted * dx / apart);
        y += weight * (there.1 + wanted * dy / apart);
        weights += weight;
    }
    if weights > 0.0 { (x / weights, y / weights) } else { here }
}

/// Centres the map and turns its longer axis along x.
fn turn(at: &mut [(f64, f64)]) {
    let n = at.len().max(1) as f64;
    let (cx, cy) = at.iter().fold((0.0, 0.0), |sum, point| (sum.0 + point.0 / n, sum.1 + point.1 / n));
    let (mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0);
    for point in at.iter_mut() {
        *point = (point.0 - cx, point.1 - cy);
        xx += point.0 * point.0;
        xy += point.0 * point.1;
        yy += point.1 * point.1;
    }
    // The longer axis of the covariance ellipse: the eigenvector of its larger eigenvalue.
    let spread = libm::sqrt((xx - yy) * (xx - yy) + 4.0 * xy * xy);
    let (ax, ay) = if xx >= yy { (xx - yy + spread, 2.0 * xy) } else { (2.0 * xy, yy - xx + spread) };
    let length = libm::sqrt(ax * ax + ay * ay);
    if length > 0.0 {
        let (ux, uy) = (ax / length, ay / length);
        for point in at.iter_mut() {
            *point = (point.0 * ux + point.1 * uy, point.1 * ux - point.0 * uy);
        }
    }
}

#[cfg(test)]
mod tests;
