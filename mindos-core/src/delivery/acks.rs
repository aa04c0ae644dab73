//! What arrived, and when to say so.

use alloc::collections::VecDeque;
use alloc::vec::Vec;
use mindos_wire::{Ack, AckRange, List, Tail, encode_frame};

use crate::{Duration, Instant};

/// An acknowledgement waits at most this long for company.
pub(super) const MAX_DELAY: Duration = Duration::from_millis(20);
/// Ranges kept; the oldest are forgotten first, at worst for a needless retransmission.
const MAX_RANGES: usize = 24;

/// Counters received, as inclusive ranges, newest first.
#[derive(Debug, Default)]
pub(super) struct Acks {
    ranges: VecDeque<(u64, u64)>,
    /// Eliciting packets that are not acknowledged yet, and since when.
    pending: u32,
    since: Instant,
    newest_at: Instant,
    gap: bool,
}

impl Acks {
    pub(super) fn received(&mut self, now: Instant, counter: u64, eliciting: bool) {
        let newest = self.ranges.front().map(|r| r.1);
        if newest.is_none_or(|n| counter > n) {
            self.newest_at = now;
        }
        self.gap |= eliciting && newest.is_some_and(|n| n.checked_add(1) != Some(counter));
        self.insert(counter);
        if eliciting {
            if self.pending == 0 {
                self.since = now;
            }
            self.pending += 1;
        }
    }

    fn insert(&mut self, c: u64) {
        let at = self.ranges.iter().position(|r| r.0 <= c.saturating_add(1)).unwrap_or(self.ranges.len());
        match self.ranges.get_mut(at) {
            Some(r) if c >= r.0 && c <= r.1 => return,
            Some(r) if r.1.checked_add(1) == Some(c) => r.1 = c,
            Some(r) if c.checked_add(1) == Some(r.0) => r.0 = c,
            _ => self.ranges.insert(at, (c, c)),
        }
        // The grown range may touch a neighbour.
        for i in [at, at.wrapping_sub(1)] {
            if let (Some(&newer), Some(&older)) = (self.ranges.get(i), self.ranges.get(i.wrapping_add(1)))
                && older.1.saturating_add(1) >= newer.0
            {
                self.ranges.remove(i + 1);
                if let Some(r) = self.ranges.get_mut(i) {
                    *r = (older.0.min(newer.0), newer.1);
                }
            }
        }
        self.ranges.truncate(MAX_RANGES);
    }

    pub(super) fn is_pending(&self) -> bool {
        self.pending > 0
    }

    /// Two packets, a gap, or the delay is over.
    pub(super) fn is_due(&self, now: Instant) -> bool {
        // spec: SES-020 b9d8
        self.pending > 1 || self.pending == 1 && (self.gap || now >= self.since + MAX_DELAY)
    }

    pub(super) fn due_at(&self) -> Option<Instant> {
        self.is_pending().then(|| self.since + MAX_DELAY)
    }

    pub(super) fn write(&mut self, now: Instant, packet: &mut Vec<u8>) {
        let ranges: Vec<AckRange> = self
            .ranges
            .iter()
            .rev()
            .map(|(first, last)| AckRange { first: *first, more: (last - first) as u32 })
            .collect();
        let delay_us = now.since(self.newest_at).0.min(u64::from(u32::MAX)) as u32;
        // A `Vec` takes every frame.
        let _ = encode_frame(&Ack { delay_us, ranges: List::new(&ranges), tail: Tail::default() }, packet);
        self.pending = 0;
        self.gap = false;
    }
}
