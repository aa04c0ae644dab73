//! Messages on their way out: what of each was not sent yet, was lost, or is acknowledged.

use alloc::collections::{BTreeMap, VecDeque};
use alloc::vec::Vec;
use mindos_wire::{Bytes16, Fragment, MAX_MESSAGE, Tail, encode_frame};

use crate::outbox::Class;

/// Bytes of a fragment frame around its data.
const OVERHEAD: usize = 3 + 4 + 2 + 2 + 2;
/// A fragment with less data is not worth a place in a packet, unless it ends its message.
const WORTHWHILE: usize = 64;
/// Bytes of messages that one session queues.
const MAX_QUEUED: usize = 1 << 20;

/// A part of a message that is in a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part {
    message: u32,
    offset: u16,
    len: u16,
}

#[derive(Debug)]
struct Message {
    class: Class,
    bytes: Vec<u8>,
    /// Parts to send, in order; the first pass is one part.
    unsent: VecDeque<(u16, u16)>,
    /// Parts acknowledged, by offset, disjoint.
    acked: BTreeMap<u16, u16>,
}

/// Messages that are not wholly acknowledged.
#[derive(Debug, Default)]
pub(super) struct Sending {
    messages: BTreeMap<u32, Message>,
    next: u32,
    queued: usize,
    /// Messages with something unsent, by class and age.
    waiting: BTreeMap<(Class, u32), ()>,
}

impl Sending {
    pub(super) fn push(&mut self, class: Class, bytes: Vec<u8>) -> bool {
        let fits = bytes.len() <= MAX_MESSAGE && !bytes.is_empty() && self.queued + bytes.len() <= MAX_QUEUED;
        if fits {
            self.queued += bytes.len();
            let unsent = VecDeque::from([(0, bytes.len() as u16)]);
            self.waiting.insert((class, self.next), ());
            self.messages.insert(self.next, Message { class, bytes, unsent, acked: BTreeMap::new() });
            self.next = self.next.wrapping_add(1);
        }
        fits
    }

    pub(super) fn has_unsent(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Appends the next fragment, if it fits below `limit` bytes of packet.
    pub(super) fn write(&mut self, limit: usize, packet: &mut Vec<u8>) -> Option<(Part, Class)> {
        let (&(class, id), ()) = self.waiting.first_key_value()?;
        let message = self.messages.get_mut(&id)?;
        let room = limit.checked_sub(packet.len() + OVERHEAD)?;
        let (offset, len) = message.unsent.front_mut()?;
        let n = usize::from(*len).min(room);
        if n == 0 || n < usize::from(*len) && n < WORTHWHILE {
            return None;
        }
        let part = Part { message: id, offset: *offset, len: n as u16 };
        *offset += n as u16;
        *len -= n as u16;
        if *len == 0 {
            message.unsent.pop_front();
        }
        let start = usize::from(part.offset);
        let data = message.bytes.get(start..start + n)?;
        let total = message.bytes.len() as u16;
        encode_frame(
            &Fragment { message: id, offset: part.offset, total, data: Bytes16(data), tail: Tail::default() },
            packet,
        )
        .ok()?;
        if message.unsent.is_empty() {
            self.waiting.remove(&(class, id));
        }
        Some((part, class))
    }

    pub(super) fn acked(&mut self, part: &Part) {
        let Some(message) = self.messages.get_mut(&part.message) else { return };
        let mut next = part.offset;
        let end = u32::from(part.offset) + u32::from(part.len);
        // Parts are cut anew when they are sent again, so they may overlap: keep the union.
        let mut pieces = Vec::new();
        for (&o, &l) in message.acked.range(..end.min(65_535) as u16) {
            let piece_end = u32::from(o) + u32::from(l);
            if piece_end > u32::from(next) {
                if o > next {
                    pieces.push((next, o - next));
                }
                next = piece_end.min(65_535) as u16;
            }
        }
        if u32::from(next) < end {
            pieces.push((next, (end - u32::from(next)) as u16));
        }
        message.acked.extend(pieces);
        let total: usize = message.acked.values().map(|l| usize::from(*l)).sum();
        if total >= message.bytes.len() {
            self.queued -= message.bytes.len();
            self.waiting.remove(&(message.class, part.message));
            self.messages.remove(&part.message);
        }
    }

    /// Sends a part again. `false`: it was acknowledged meanwhile, in whole or by other packets.
    pub(super) fn lost(&mut self, part: &Part) -> bool {
        let Some(message) = self.messages.get_mut(&part.message) else { return false };
        let is_acked = message.acked.get(&part.offset).is_some_and(|l| *l >= part.len);
        if is_acked || message.unsent.contains(&(part.offset, part.len)) {
            return false;
        }
        // spec: SES-022 c373
        message.unsent.push_front((part.offset, part.len));
        self.waiting.insert((message.class, part.message), ());
        true
    }
}
