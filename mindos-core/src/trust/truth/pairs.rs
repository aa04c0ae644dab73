//! How often two agents agree beyond what the question made likely (spec 09, "Blocs").

use alloc::vec;
use alloc::vec::Vec;

use super::fixed::ONE;

/// Sets of four pairs that the table holds.
const SETS: usize = 8_192;
const WAYS: usize = 4;
/// Of one question, the first this many reports are compared with each other.
pub(super) const COMPARED: usize = 40;
/// What is left of old evidence when new evidence comes: 31/32.
const DECAY: i32 = 32;

/// Agreement of agents `a` < `b`: in `agreed` of `possible`, both in parts per 2^16.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Pair {
    pub(super) a: u16,
    pub(super) b: u16,
    pub(super) agreed: i32,
    pub(super) possible: i32,
}

/// A bounded table: a pair has one set, and in a full set the pair with the least evidence gives way.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Pairs {
    /// Empty until the first question; `a` = `b` marks a free place.
    places: Vec<Pair>,
    /// Places that are not free, as they were filled.
    taken: Vec<u16>,
}

impl Pairs {
    pub(super) const fn new() -> Self {
        Self { places: Vec::new(), taken: Vec::new() }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Pair> {
        self.taken.iter().map(|&place| &self.places[usize::from(place)])
    }

    pub(super) fn bytes(&self) -> usize {
        self.places.capacity() * size_of::<Pair>() + self.taken.capacity() * size_of::<u16>()
    }

    /// Renames the agents of all pairs; pairs of agents without a new name are dropped.
    pub(super) fn rename(&mut self, new: &[Option<u16>]) {
        let old = core::mem::take(&mut self.places);
        self.taken.clear();
        for p in old.into_iter().filter(|p| p.a != p.b) {
            let name = |x: u16| new.get(usize::from(x)).copied().flatten();
            if let (Some(a), Some(b)) = (name(p.a), name(p.b)) {
                *self.place(a.min(b), a.max(b)) = Pair { a: a.min(b), b: a.max(b), ..p };
            }
        }
    }

    /// Takes in one closed question: `reports` are (agent, label), of which each agent has one. Pairs without one
    /// that is `new` stay as they are.
    pub(super) fn compare(&mut self, reports: &[(u16, u8)], new: impl Fn(u16) -> bool) {
        let reports = reports.get(..COMPARED).unwrap_or(reports);
        let n = reports.len() as i64;
        if n < 3 {
            return;
        }
        let mut votes = [0i64; super::MAX_OPTIONS];
        for r in reports {
            votes[usize::from(r.1)] += 1;
        }
        // What two reports on this question agree by chance; all alike tell nothing.
        let chance = (votes.iter().map(|v| v * (v - 1)).sum::<i64>() * ONE / (n * (n - 1))) as i32;
        for (i, x) in reports.iter().enumerate() {
            for y in reports[..i].iter().filter(|y| new(x.0) || new(y.0)) {
                let same = if x.1 == y.1 { ONE as i32 } else { 0 };
                let p = self.place(x.0.min(y.0), x.0.max(y.0));
                p.agreed += same - chance - p.agreed / DECAY;
                p.possible += ONE as i32 - chance - p.possible / DECAY;
            }
        }
    }

    fn place(&mut self, a: u16, b: u16) -> &mut Pair {
        if self.places.is_empty() {
            self.places = vec![Pair::default(); SETS * WAYS];
        }
        let hash = u32::from(a).wrapping_mul(0x9e37_79b1) ^ u32::from(b).wrapping_mul(0x85eb_ca77);
        let set = (hash >> 19) as usize * WAYS;
        let ways = &self.places[set..set + WAYS];
        let way = ways.iter().position(|p| (p.a, p.b) == (a, b)).unwrap_or_else(|| {
            // A free place has no evidence.
            let least = (0..WAYS).min_by_key(|&w| if ways[w].a == ways[w].b { -1 } else { ways[w].possible });
            least.unwrap_or_default()
        });
        let place = &mut self.places[set + way];
        if (place.a, place.b) != (a, b) {
            if place.a == place.b {
                self.taken.push((set + way) as u16);
            }
            *place = Pair { a, b, ..Pair::default() };
        }
        place
    }
}
