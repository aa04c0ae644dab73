//! Which minds form the city that goes dark.
//!
//! A city is a centre and its nearest minds, together the stated share of all. A centre qualifies if all of them are
//! within 25 ms round trip of it; the centre is drawn by seed from those that qualify. If none does, the one with the
//! smallest radius is taken. Where two directions differ, the longer one counts.

use crate::{geography::Geography, rng::Stream, stats};

/// Largest radius of a city that qualifies, in µs of round trip.
pub const CITY_RADIUS_US: u32 = 25_000;
/// Above this many minds, and if no centre among as many drawn ones qualifies, the smallest of those is taken.
const MAX_CENTRES: usize = 4_096;

/// A city.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct City {
    /// The mind in the middle; a member.
    pub centre: u32,
    /// All members in rising order.
    pub members: Vec<u32>,
    /// Longest round trip from the centre to a member, in µs.
    pub radius_us: u32,
}

/// The city of `share` of all minds (rounded up, at least one).
pub fn choose_city(geography: &Geography, share: f64, seed: u64) -> City {
    let nodes = geography.nodes();
    let size = share_of(nodes, share);
    let mut centres: Vec<u32> = (0..nodes).collect();
    // The first qualifying centre of a random order is a uniform draw among all that qualify.
    Stream::new(seed, "city centre").shuffle(&mut centres);
    let mut best: Option<City> = None;
    for &centre in centres.iter().take(MAX_CENTRES.max(1)) {
        let city = around(geography, centre, size);
        if city.radius_us <= CITY_RADIUS_US {
            return city;
        }
        let smaller = best.as_ref().is_none_or(|best| (city.radius_us, city.centre) < (best.radius_us, best.centre));
        if smaller {
            best = Some(city);
        }
    }
    best.unwrap_or(City { centre: 0, members: Vec::new(), radius_us: 0 })
}

/// A share of all minds drawn by seed, in rising order; `purpose` keeps draws apart.
pub fn draw_share(nodes: u32, share: f64, seed: u64, purpose: &str) -> Vec<u32> {
    let mut all: Vec<u32> = (0..nodes).collect();
    Stream::new(seed, purpose).shuffle(&mut all);
    all.truncate(share_of(nodes, share));
    all.sort_unstable();
    all
}

fn share_of(nodes: u32, share: f64) -> usize {
    stats::part_of(share, u64::from(nodes)).max(1) as usize
}

/// A centre with its nearest minds, `size` in all; equal distances in order of their numbers.
fn around(geography: &Geography, centre: u32, size: usize) -> City {
    let distance = |node| geography.rtt_us(centre, node).max(geography.rtt_us(node, centre));
    // The centre is at distance 0; sorting by (not itself) keeps it first even beside another mind at 0.
    let mut near: Vec<(bool, u32, u32)> =
        (0..geography.nodes()).map(|node| (node != centre, distance(node), node)).collect();
    if size < near.len() {
        near.select_nth_unstable(size);
        near.truncate(size);
    }
    let radius_us = near.iter().map(|&(_, distance, _)| distance).max().unwrap_or(0);
    let mut members: Vec<u32> = near.into_iter().map(|(_, _, node)| node).collect();
    members.sort_unstable();
    City { centre, members, radius_us }
}

#[cfg(test)]
mod tests;
