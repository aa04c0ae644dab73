//! First packets that were answered (spec 04): the unfinished ones, and how many there were lately.

use alloc::collections::{BTreeMap, VecDeque};

use super::link::FirstPacket;
use crate::{Duration, Instant, PathId};

/// Unfinished handshakes of one path, and handshakes begun on it within `LATELY`.
pub(super) const MAX_OF_PATH: usize = 4;
const LATELY: Duration = Duration::from_secs(1);
/// Handshakes begun on all paths within `JUST_NOW`: bounds what answers cost of a processor. As many in a second would
/// cost as much, but all at its beginning, and what comes for the sessions meanwhile would not find room in a socket.
const MAX_JUST_NOW: usize = 16;
const JUST_NOW: Duration = Duration(62_500);

/// Answers by their first packet. As many as there are half-open sessions.
#[derive(Debug, Default)]
#[cfg_attr(feature = "model", derive(Clone, PartialEq, Eq, Hash))]
pub(super) struct Answers {
    unfinished: BTreeMap<FirstPacket, (u32, PathId)>,
    /// How many of these each path has: a flood from one address asks for it with every packet.
    of_path: BTreeMap<PathId, usize>,
    /// When and where the last handshakes were begun, whatever became of them; at most 256.
    lately: VecDeque<(Instant, PathId)>,
}

impl Answers {
    /// Unfinished ones.
    pub(super) fn len(&self) -> usize {
        self.unfinished.len()
    }

    /// The session that this first packet began.
    pub(super) fn get(&self, first: &FirstPacket) -> Option<u32> {
        self.unfinished.get(first).map(|(index, _)| *index)
    }

    /// Whether who asks on this path has to prove that it hears there; `room` is that for unfinished handshakes.
    ///
    /// Who proves nothing gets half of everything: false addresses cannot use up what is left for true ones, not even
    /// with first packets that are refused and leave nothing unfinished.
    pub(super) fn need_proof(&mut self, now: Instant, path: PathId, room: usize) -> bool {
        while self.lately.front().is_some_and(|(at, _)| now.since(*at) >= LATELY) {
            self.lately.pop_front();
        }
        self.len() >= room.div_ceil(2)
            || self.are_just_now(now, MAX_JUST_NOW / 2)
            || self.of(path) >= MAX_OF_PATH
            || self.lately_of(path) >= MAX_OF_PATH / 2
    }

    /// Counts one that is being begun. `false`: it would be one too many, of this path or of all.
    pub(super) fn begin(&mut self, now: Instant, path: PathId) -> bool {
        let may = !self.are_just_now(now, MAX_JUST_NOW) && self.lately_of(path) < MAX_OF_PATH;
        if may {
            self.lately.push_back((now, path));
        }
        may
    }

    /// An answer is given.
    pub(super) fn insert(&mut self, path: PathId, first: FirstPacket, index: u32) {
        self.remove(&first);
        self.unfinished.insert(first, (index, path));
        *self.of_path.entry(path).or_default() += 1;
    }

    /// A handshake is finished, or given up.
    pub(super) fn remove(&mut self, first: &FirstPacket) {
        let Some((_, path)) = self.unfinished.remove(first) else { return };
        match self.of(path) {
            0 | 1 => self.of_path.remove(&path),
            n => self.of_path.insert(path, n - 1),
        };
    }

    /// Whether that many were begun just now.
    fn are_just_now(&self, now: Instant, count: usize) -> bool {
        let oldest = self.lately.len().checked_sub(count).and_then(|at| self.lately.get(at));
        oldest.is_some_and(|(at, _)| now.since(*at) < JUST_NOW)
    }

    fn of(&self, path: PathId) -> usize {
        self.of_path.get(&path).copied().unwrap_or(0)
    }

    fn lately_of(&self, path: PathId) -> usize {
        self.lately.iter().filter(|(_, p)| *p == path).count()
    }
}
