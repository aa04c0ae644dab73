//! Messages on their way in: fragments in any order, each message handed out once.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use mindos_wire::Fragment;

use crate::DropReason;

/// Bytes of unfinished messages kept for one session.
const MAX_HELD: usize = 256 << 10;
/// Holes in one message: honest parts are not this small.
const MAX_HOLES: usize = 1_024;
/// Messages ahead of the oldest missing one.
const MAX_AHEAD: u32 = 4_096;

#[derive(Debug)]
struct Partial {
    bytes: Vec<u8>,
    total: usize,
    /// Holes, as offset → end.
    holes: BTreeMap<usize, usize>,
}

/// Reassembly. Nothing is allocated from a declared total: a partial message reaches to the end of the
/// furthest part that arrived, and counts as that long.
#[derive(Debug, Default)]
pub(super) struct Inbox {
    partial: BTreeMap<u32, Partial>,
    held: usize,
    /// Every message below this was handed out.
    floor: u32,
    /// Handed out above the floor.
    done: BTreeSet<u32>,
}

impl Inbox {
    pub(super) fn insert(&mut self, f: &Fragment<'_>) -> Result<Option<Vec<u8>>, DropReason> {
        // spec: SES-017 1068
        if f.message < self.floor || self.done.contains(&f.message) {
            return Ok(None);
        }
        if f.message - self.floor >= MAX_AHEAD {
            return Err(DropReason::Full);
        }
        let (total, start) = (usize::from(f.total), usize::from(f.offset));
        let end = start + f.data.0.len();
        if start == 0 && end == total && !self.partial.contains_key(&f.message) {
            self.finish(f.message);
            return Ok(Some(f.data.0.to_vec()));
        }
        let known = self.partial.get(&f.message).map_or(0, |p| p.bytes.len());
        if self.held + end.saturating_sub(known) > MAX_HELD {
            return Err(DropReason::Full);
        }
        let partial = self.partial.entry(f.message).or_insert_with(|| Partial {
            bytes: Vec::new(),
            total,
            holes: BTreeMap::from([(0, total)]),
        });
        // spec: SES-018 a002
        if partial.total != total {
            return Err(DropReason::UnexpectedFrame);
        }
        if partial.holes.len() > MAX_HOLES {
            return Err(DropReason::Full);
        }
        if partial.bytes.len() < end {
            self.held += end - partial.bytes.len();
            partial.bytes.resize(end, 0);
        }
        if let Some(place) = partial.bytes.get_mut(start..end) {
            place.copy_from_slice(f.data.0);
        }
        let first = partial.holes.range(..=start).next_back().map_or(start, |(s, _)| *s);
        let touched: Vec<(usize, usize)> =
            partial.holes.range(first..end).filter(|(_, e)| **e > start).map(|(s, e)| (*s, *e)).collect();
        for (s, e) in touched {
            partial.holes.remove(&s);
            if s < start {
                partial.holes.insert(s, start);
            }
            if e > end {
                partial.holes.insert(end, e);
            }
        }
        if !partial.holes.is_empty() {
            return Ok(None);
        }
        let bytes = self.partial.remove(&f.message).map(|p| p.bytes).unwrap_or_default();
        self.held -= bytes.len();
        self.finish(f.message);
        Ok(Some(bytes))
    }

    fn finish(&mut self, message: u32) {
        self.done.insert(message);
        while self.done.remove(&self.floor) {
            self.floor += 1;
        }
    }
}
