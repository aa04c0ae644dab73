//! Packing and sealing: what is queued leaves at the end of `handle`, or with the flush timer.

use alloc::vec::Vec;

use mindos_wire::{Bytes16, Frame, GREASE, MAX_PACKET, Padding, SEALED_HEADER, SEALED_OVERHEAD, Tail, encode_frame};

use super::Node;
use super::ctx::session_ctx;
use crate::Instant;
use crate::entropy::Entropy;
use crate::outbox::{Class, Effect};
use crate::session::Sessions;
use crate::timer::Timer;

impl Node {
    /// Seals what may leave now on every session that was touched.
    pub(super) fn flush(&mut self, now: Instant) {
        while let Some(session) = self.dirty.pop_first() {
            self.flush_session(now, session, false);
        }
    }

    /// `all`: also what could wait for company.
    pub(super) fn flush_session(&mut self, now: Instant, session: u32, all: bool) {
        if !self.sessions.is_established(session) {
            return;
        }
        let Some(beacon) = &self.beacon else { return };
        let Some(delivery) = self.deliveries.get_mut(&session) else { return };
        while let Some(mut outgoing) = delivery.next_packet(now, SEALED_HEADER, Sessions::ROOM, all) {
            let mut packet = core::mem::take(&mut outgoing.packet);
            // Not in a probe: its way is measured, and it is never padded.
            if self.config.grease && outgoing.class != Class::Probe {
                grease(&mut self.grease, &mut packet, SEALED_HEADER + Sessions::ROOM);
            }
            if self.config.padding && outgoing.class != Class::Probe {
                pad(&mut packet);
            }
            let (bytes, class) = (packet.len() + 16, outgoing.class);
            let mut ctx = session_ctx!(self, beacon, now);
            let Some(counter) = self.sessions.seal(&mut ctx, session, packet, class) else { break };
            delivery.sent(now, counter, bytes, outgoing);
        }
        match delivery.flush_at(now) {
            Some(at) => self.timers.set_no_later(Timer::Flush(session), at),
            None => self.timers.cancel(Timer::Flush(session)),
        }
        match delivery.recovery_at() {
            // A round trip that shrank may put it into the past, which would look like sleep.
            Some(at) => self.timers.set(Timer::Recovery(session), at.max(now)),
            None => self.timers.cancel(Timer::Recovery(session)),
        }
        while let Some(effect) = self.effects.pop_front() {
            // Sealing asks for nothing but datagrams.
            if matches!(effect, Effect::Transmit { .. }) {
                self.emit(effect);
            }
        }
    }
}

/// Sizes of padded packets, in bytes.
const SIZES: [usize; 5] = [128, 256, 512, 1_024, MAX_PACKET];

/// Fills a packet, whose tag is still to come, up to the next of the sizes; only what is too near to the largest
/// stays as it is.
pub(super) fn pad(packet: &mut Vec<u8>) {
    const TAG: usize = SEALED_OVERHEAD - SEALED_HEADER;
    // Head and length of the frame.
    const LEAST: usize = 5;
    let len = packet.len() + TAG;
    if SIZES.contains(&len) {
        return;
    }
    // spec: SES-036 8c37
    if let Some(gap) = SIZES.iter().find_map(|size| size.checked_sub(len + LEAST)) {
        let zeros = [0; MAX_PACKET];
        let bytes = Bytes16(zeros.get(..gap).unwrap_or_default());
        // A vector takes whatever fits the frame's length.
        let _ = encode_frame(&Padding { bytes, tail: Tail::default() }, packet);
    }
}

/// Adds a frame that nobody knows to one packet in 64, if it has room.
fn grease(entropy: &mut Entropy, packet: &mut Vec<u8>, limit: usize) {
    let draw = entropy.next_u64().to_le_bytes();
    let [chance, which, length, body @ ..] = &draw;
    let frame = Frame::Ignored {
        ty: GREASE.get(usize::from(*which) % GREASE.len()).copied().unwrap_or(GREASE[0]),
        body: body.get(..usize::from(*length) % (body.len() + 1)).unwrap_or_default(),
    };
    if chance % 64 == 0 && packet.len() + 3 + body.len() <= limit {
        // A vector takes whatever fits the frame's length.
        let _ = frame.encode(packet);
    }
}
