//! The congestion window: NewReno as RFC 9002 describes it, in bytes.

use mindos_wire::MAX_PACKET;

use crate::Instant;

const PACKET: u64 = MAX_PACKET as u64;
// spec: SES-023 ab74
const INITIAL: u64 = 10 * PACKET;
const MINIMUM: u64 = 2 * PACKET;

/// How much may be in flight.
#[derive(Clone, Debug)]
pub(super) struct Congestion {
    window: u64,
    threshold: u64,
    in_flight: u64,
    /// Losses of packets sent before this moment were answered already.
    recovery_start: Option<Instant>,
    /// One packet may leave beyond the window: a probe after a timeout.
    allowed: bool,
}

impl Default for Congestion {
    fn default() -> Self {
        Self { window: INITIAL, threshold: u64::MAX, in_flight: 0, recovery_start: None, allowed: false }
    }
}

impl Congestion {
    pub(super) fn may_send(&self) -> bool {
        self.allowed || self.in_flight + PACKET <= self.window
    }

    pub(super) fn allow_one(&mut self) {
        self.allowed = true;
    }

    pub(super) fn sent(&mut self, bytes: usize) {
        self.in_flight += bytes as u64;
        self.allowed = false;
    }

    /// A packet is taken out of flight without a verdict.
    pub(super) fn forget(&mut self, bytes: usize) {
        self.in_flight = self.in_flight.saturating_sub(bytes as u64);
    }

    pub(super) fn acked(&mut self, bytes: usize, sent: Instant) {
        let bytes = bytes as u64;
        self.in_flight = self.in_flight.saturating_sub(bytes);
        if self.recovery_start.is_some_and(|r| sent <= r) {
            return;
        }
        // Slow start doubles the window in a round trip, congestion avoidance adds a packet to it.
        self.window += if self.window < self.threshold { bytes } else { PACKET * bytes / self.window };
    }

    pub(super) fn lost(&mut self, now: Instant, bytes: usize, sent: Instant) {
        self.in_flight = self.in_flight.saturating_sub(bytes as u64);
        if self.recovery_start.is_some_and(|r| sent <= r) {
            return;
        }
        self.recovery_start = Some(now);
        self.window = (self.window / 2).max(MINIMUM);
        self.threshold = self.window;
    }
}
