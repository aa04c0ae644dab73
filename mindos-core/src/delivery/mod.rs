//! Messages over packets (spec 04): fragments, acknowledgement ranges, retransmission, a congestion
//! window. One `Delivery` per session; no other machine retransmits, fragments or counts congestion.

mod acks;
mod congestion;
mod inbox;
mod recovery;
mod sending;
#[cfg(test)]
mod tests;

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use crate::outbox::{Class, How};
use crate::{DropReason, Duration, Instant};
use acks::Acks;
use congestion::Congestion;
use inbox::Inbox;
use mindos_wire::{Ack, Fragment};
use recovery::{Overdue, Recovery};
use sending::{Part, Sending};

/// Unreliable frames that wait for a session that is being made: the newest few are enough.
const WAITING: usize = 8;
/// Longest unreliable frames: with an acknowledgement of the most ranges they fit one packet.
const MAX_UNRELIABLE: usize = 768;

/// A packet to seal: frames with room for the header before them.
pub(crate) struct Outgoing {
    pub(crate) packet: Vec<u8>,
    pub(crate) class: Class,
    parts: Vec<Part>,
}

/// The delivery of one session, in both directions.
#[derive(Debug, Default)]
pub(crate) struct Delivery {
    unreliable: VecDeque<Vec<u8>>,
    /// Unreliable frames may wait for the flush timer.
    urgent: bool,
    sending: Sending,
    recovery: Recovery,
    congestion: Congestion,
    acks: Acks,
    inbox: Inbox,
}

impl Delivery {
    /// Queues frames. `false`: the queue of messages is full, nothing was taken.
    pub(crate) fn queue(&mut self, how: How, frames: Vec<u8>) -> bool {
        match how {
            How::Reliable(class) => self.sending.push(class, frames),
            // More than a packet holds: in fragments, then.
            _ if frames.len() > MAX_UNRELIABLE => self.sending.push(Class::Message, frames),
            How::Now | How::Soon => {
                self.urgent |= how == How::Now;
                if self.unreliable.len() == WAITING && !self.recovery.is_measured() {
                    self.unreliable.pop_front();
                }
                self.unreliable.push_back(frames);
                true
            }
        }
    }

    /// The handshake measured the round trip.
    pub(crate) fn measured(&mut self, rtt: Duration) {
        self.recovery.measured(rtt);
    }

    /// The next packet that may leave now, in at most `room` bytes behind `header` bytes of room.
    /// `flush`: also what could wait.
    pub(crate) fn next_packet(&mut self, now: Instant, header: usize, room: usize, flush: bool) -> Option<Outgoing> {
        let ack = self.acks.is_due(now) || flush && self.acks.is_pending();
        let fragments = self.sending.has_unsent() && self.congestion.may_send();
        let unreliable = !self.unreliable.is_empty() && (self.urgent || flush);
        if !ack && !fragments && !unreliable {
            return None;
        }
        let mut packet = Vec::with_capacity(header + room + 16);
        packet.resize(header, 0);
        let limit = header + room;
        if self.acks.is_pending() {
            self.acks.write(now, &mut packet);
        }
        while self.unreliable.front().is_some_and(|f| packet.len() + f.len() <= limit) {
            packet.extend(self.unreliable.pop_front().unwrap_or_default());
        }
        self.urgent &= !self.unreliable.is_empty();
        let (mut parts, mut class) = (Vec::new(), Class::Probe);
        if self.congestion.may_send() {
            while let Some((part, c)) = self.sending.write(limit, &mut packet) {
                class = class.max(c);
                parts.push(part);
            }
        }
        (packet.len() > header).then_some(Outgoing { packet, class, parts })
    }

    /// A packet left under this counter.
    pub(crate) fn sent(&mut self, now: Instant, counter: u64, bytes: usize, outgoing_parts: Outgoing) {
        if !outgoing_parts.parts.is_empty() {
            self.congestion.sent(bytes);
            self.recovery.sent(now, counter, bytes, outgoing_parts.parts);
        }
    }

    /// A packet arrived: called once per packet, after its frames. `eliciting`: it held fragments, all
    /// of which were taken.
    pub(crate) fn received(&mut self, now: Instant, counter: u64, eliciting: bool) {
        self.acks.received(now, counter, eliciting);
    }

    /// When pending acknowledgements or delayable frames must leave, if any wait.
    pub(crate) fn flush_at(&self, now: Instant) -> Option<Instant> {
        let frames = (!self.unreliable.is_empty()).then_some(now + acks::MAX_DELAY);
        self.acks.due_at().into_iter().chain(frames).min()
    }

    /// When a packet counts as lost, if any is in flight.
    pub(crate) fn recovery_at(&self) -> Option<Instant> {
        self.recovery.deadline()
    }

    /// The peer acknowledged packets.
    pub(crate) fn ack(&mut self, now: Instant, ack: &Ack<'_>) {
        let outcome = self.recovery.acked(now, ack);
        for sent in &outcome.acked {
            self.congestion.acked(sent.bytes, sent.at);
            sent.parts.iter().for_each(|p| self.sending.acked(p));
        }
        self.lost(now, &outcome.lost);
    }

    /// The recovery timer fired. `false`: the peer does not answer, the session is over.
    pub(crate) fn overdue(&mut self, now: Instant) -> bool {
        match self.recovery.overdue(now) {
            Overdue::Lost(lost) => self.lost(now, &lost),
            Overdue::Probe(sent) => {
                self.congestion.forget(sent.bytes);
                let needed = sent.parts.iter().filter(|p| self.sending.lost(p)).count();
                if needed > 0 {
                    self.congestion.allow_one();
                    return self.recovery.probed();
                }
            }
        }
        true
    }

    fn lost(&mut self, now: Instant, lost: &[recovery::Sent]) {
        for sent in lost {
            self.congestion.lost(now, sent.bytes, sent.at);
            sent.parts.iter().for_each(|p| {
                self.sending.lost(p);
            });
        }
    }

    /// A fragment arrived. Returns the message when it is whole.
    ///
    /// # Errors
    /// `Full`: no room to keep it; the packet must not be acknowledged.
    pub(crate) fn fragment(&mut self, f: &Fragment<'_>) -> Result<Option<Vec<u8>>, DropReason> {
        self.inbox.insert(f)
    }
}
