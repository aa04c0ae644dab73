//! Which packets are lost: RFC 9002, with one packet-number space.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use mindos_wire::Ack;

use super::acks::MAX_DELAY;
use super::sending::Part;
use crate::{Duration, Instant};

/// A packet this much older than one that was acknowledged is lost.
const REORDERED: u64 = 3;
/// Round trip before one was measured.
const INITIAL_RTT: Duration = Duration::from_millis(333);
const GRANULARITY: Duration = Duration::from_millis(1);
/// Timeouts in a row after which the peer is given up.
const MAX_TIMEOUTS: u32 = 6;

/// A packet in flight.
#[derive(Debug)]
pub(super) struct Sent {
    pub(super) at: Instant,
    pub(super) bytes: usize,
    pub(super) parts: Vec<Part>,
}

#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub(super) acked: Vec<Sent>,
    pub(super) lost: Vec<Sent>,
}

/// Packets in flight and the round trip.
#[derive(Debug, Default)]
pub(super) struct Recovery {
    sent: BTreeMap<u64, Sent>,
    smoothed: Option<Duration>,
    variance: Duration,
    /// Highest counter ever sent.
    highest: u64,
    largest_acked: Option<u64>,
    timeouts: u32,
}

impl Recovery {
    pub(super) fn is_measured(&self) -> bool {
        self.smoothed.is_some()
    }

    pub(super) fn measured(&mut self, rtt: Duration) {
        match self.smoothed {
            None => (self.smoothed, self.variance) = (Some(rtt), Duration(rtt.0 / 2)),
            Some(s) => {
                self.variance = Duration((3 * self.variance.0 + s.0.abs_diff(rtt.0)) / 4);
                self.smoothed = Some(Duration((7 * s.0 + rtt.0) / 8));
            }
        }
    }

    pub(super) fn sent(&mut self, now: Instant, counter: u64, bytes: usize, parts: Vec<Part>) {
        self.highest = self.highest.max(counter);
        self.sent.insert(counter, Sent { at: now, bytes, parts });
    }

    pub(super) fn acked(&mut self, now: Instant, ack: &Ack<'_>) -> Outcome {
        let mut outcome = Outcome::default();
        let Some(largest) = ack.ranges.iter().last().map(|r| r.last()) else { return outcome };
        // A peer that acknowledges what was never sent must not make what will be sent look late.
        let largest = largest.min(self.highest);
        for range in ack.ranges.iter() {
            let counters: Vec<u64> = self.sent.range(range.first..=range.last()).map(|(c, _)| *c).collect();
            for counter in counters {
                let Some(sent) = self.sent.remove(&counter) else { continue };
                if counter == largest {
                    let delay = u64::from(ack.delay_us).min(MAX_DELAY.0);
                    self.measured(Duration(now.since(sent.at).0.saturating_sub(delay)));
                }
                outcome.acked.push(sent);
            }
        }
        if !outcome.acked.is_empty() {
            self.timeouts = 0;
            self.largest_acked = self.largest_acked.max(Some(largest));
            outcome.lost = self.detect_lost(now);
        }
        outcome
    }

    /// Packets that later ones overtook by too much or too long.
    fn detect_lost(&mut self, now: Instant) -> Vec<Sent> {
        let Some(largest) = self.largest_acked else { return Vec::new() };
        let late = self.reorder_time();
        let is_lost = |c: u64, s: &Sent| c < largest && (largest - c >= REORDERED || s.at + late <= now);
        let lost: Vec<u64> = self.sent.range(..largest).filter(|(c, s)| is_lost(**c, s)).map(|(c, _)| *c).collect();
        lost.iter().filter_map(|c| self.sent.remove(c)).collect()
    }

    fn rtt(&self) -> Duration {
        self.smoothed.unwrap_or(INITIAL_RTT)
    }

    fn reorder_time(&self) -> Duration {
        Duration(self.rtt().0 * 9 / 8).max(GRANULARITY)
    }

    fn timeout(&self) -> Duration {
        let variance = if self.smoothed.is_some() { self.variance } else { Duration(INITIAL_RTT.0 / 2) };
        let base = self.rtt() + variance.times(4).max(GRANULARITY) + MAX_DELAY;
        Duration(base.0 << self.timeouts.min(10))
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        let (oldest_counter, oldest) = self.sent.first_key_value()?;
        if self.largest_acked.is_some_and(|l| *oldest_counter < l) {
            return Some(oldest.at + self.reorder_time());
        }
        let (_, newest) = self.sent.last_key_value()?;
        Some(newest.at + self.timeout())
    }

    /// The deadline came. Either packets are lost, or the oldest is taken out as a probe: its parts go
    /// out again whatever the window says.
    pub(super) fn overdue(&mut self, now: Instant) -> Overdue {
        let lost = self.detect_lost(now);
        if !lost.is_empty() || self.deadline().is_none_or(|d| d > now) {
            return Overdue::Lost(lost);
        }
        match self.sent.pop_first() {
            Some((_, oldest)) => Overdue::Probe(oldest),
            None => Overdue::Lost(lost),
        }
    }

    /// A probe leaves. `false`: too many went unanswered, the peer is given up.
    pub(super) fn probed(&mut self) -> bool {
        self.timeouts += 1;
        self.timeouts <= MAX_TIMEOUTS
    }
}

/// What a passed deadline means.
pub(super) enum Overdue {
    Lost(Vec<Sent>),
    Probe(Sent),
}
