//! Packing and sealing: what is queued leaves at the end of `handle`, or with the flush timer.

use mindos_wire::SEALED_HEADER;

use super::Node;
use super::conduct::session_ctx;
use crate::outbox::Effect;
use crate::session::Sessions;
use crate::timer::Timer;
use crate::{Instant, session};

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
            let packet = core::mem::take(&mut outgoing.packet);
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
