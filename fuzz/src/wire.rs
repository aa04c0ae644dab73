//! A wire between two session machines, and everything that can happen on it.

use std::collections::VecDeque;

use crate::script::Script;

/// Most packets in flight, and most that are remembered.
const MOST: usize = 64;

/// A packet on its way.
#[derive(Clone)]
pub(crate) struct Flying {
    pub(crate) to: usize,
    pub(crate) bytes: Vec<u8>,
}

/// Packets in order, and those that an attacker has kept.
#[derive(Default)]
pub(crate) struct Wire {
    flying: VecDeque<Flying>,
    kept: VecDeque<Flying>,
}

impl Wire {
    /// A side sends.
    pub(crate) fn send(&mut self, to: usize, bytes: &[u8]) {
        for queue in [&mut self.flying, &mut self.kept] {
            if queue.len() == MOST {
                queue.pop_front();
            }
            queue.push_back(Flying { to, bytes: bytes.to_vec() });
        }
    }

    /// The next to arrive.
    pub(crate) fn next(&mut self) -> Option<Flying> {
        self.flying.pop_front()
    }

    pub(crate) fn clear(&mut self) {
        self.flying.clear();
    }

    /// Something befalls the packet that would arrive next. `what` is one of eight.
    pub(crate) fn harm(&mut self, what: u8, script: &mut Script<'_>) {
        match what & 7 {
            0 => drop(self.flying.pop_front()),
            1 => self.flying.extend(self.flying.front().cloned()),
            2 => self.flying.rotate_left(1.min(self.flying.len())),
            3 => {
                let (at, mask) = (usize::from(script.short()), script.byte().unwrap_or(1));
                if let Some(packet) = self.flying.front_mut() {
                    let at = at % packet.bytes.len().max(1);
                    packet.bytes.iter_mut().skip(at).take(1).for_each(|b| *b ^= mask);
                }
            }
            4 => {
                let len = usize::from(script.short());
                if let Some(packet) = self.flying.front_mut() {
                    packet.bytes.truncate(len % (packet.bytes.len() + 1));
                }
            }
            5 => {
                let which = usize::from(script.byte().unwrap_or_default());
                let again = self.kept.get(which % self.kept.len().max(1)).cloned();
                self.flying.extend(again);
            }
            // Part of one packet in another: an index, a key, a tag.
            6 => {
                let which = usize::from(script.byte().unwrap_or_default());
                let (at, len) = (usize::from(script.short()), usize::from(script.byte().unwrap_or_default()));
                let other = self.kept.get(which % self.kept.len().max(1)).map(|k| k.bytes.clone()).unwrap_or_default();
                if let Some(packet) = self.flying.front_mut() {
                    packet.bytes.iter_mut().zip(&other).skip(at).take(len).for_each(|(b, o)| *b = *o);
                }
            }
            // Back to where it came from.
            _ => {
                if let Some(packet) = self.flying.front_mut() {
                    packet.to = 1 - packet.to;
                }
            }
        }
    }
}
