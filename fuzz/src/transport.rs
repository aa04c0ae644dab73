//! Two ends of one session, and an attacker who owns the wire between them.

use std::collections::{BTreeMap, BTreeSet};

use mindos_core::session::lab::{Did, Finished, Table};
use mindos_core::session::noise::TransportKey;
use mindos_core::wire::{Packet, SUITE, SUITE_HYBRID};
use mindos_core::{Hybrid, Instant, PathId};

use crate::cheap::CHEAP;
use crate::script::Script;
use crate::wire::{Flying, Wire};

/// Steps of one story.
const STEPS: usize = 512;
/// Counters that a story may skip.
const SKIPS: u32 = 400_000;
/// Counters of an epoch, and of a window.
const EPOCH: u64 = 65_536;
const WINDOW: u64 = 1_024;
/// How long the key of an epoch outlives it, in µs.
const OVERLAP: u64 = 10_000_000;

/// What the bytes let happen to the packets of a session in either suite: lost, doubled, overtaken, changed, spliced,
/// kept for later, sent back; counters skipped, time passed.
///
/// # Panics
/// If a machine does; if what it opens is not what the peer sealed, byte for byte, or was opened before; in suite 1
/// also if a genuine packet is opened or refused otherwise than windows and epochs of chapter 04 say.
pub fn transport(data: &[u8]) {
    let mut script = Script(data);
    let mut story = Story::begin(script.byte().unwrap_or_default() & 1 == 1);
    for _ in 0..STEPS {
        let Some(step) = script.byte() else { break };
        story.step(step, &mut script);
    }
    while story.arrive() {}
}

struct Story {
    hybrid: bool,
    ends: [End; 2],
    wire: Wire,
    now: u64,
    skips: u32,
    /// Numbers what is sealed, so that no two packets hold the same.
    sealed: u32,
}

struct End {
    table: Table,
    /// Packets that it sealed, with their frames; `None` for those that it sent by itself.
    made: BTreeMap<Vec<u8>, Option<Vec<u8>>>,
    /// Packets that it took.
    taken: BTreeSet<Vec<u8>>,
    model: Model,
}

/// What chapter 04 says of windows and epochs, with sets.
#[derive(Default)]
struct Model {
    epoch: u64,
    seen: BTreeSet<u64>,
    /// The epoch before, its counters, and when its key is forgotten.
    before: Option<(u64, BTreeSet<u64>, u64)>,
}

impl Model {
    /// Whether a genuine packet is opened.
    fn takes(&mut self, now: u64, counter: u64) -> bool {
        self.before.take_if(|b| b.2 <= now);
        let epoch = counter / EPOCH;
        if epoch > self.epoch {
            if epoch - self.epoch > 2 {
                return false;
            }
            let seen = std::mem::take(&mut self.seen);
            self.before = Some((self.epoch, seen, now + OVERLAP));
            self.epoch = epoch;
        }
        let seen = match &mut self.before {
            _ if epoch == self.epoch => &mut self.seen,
            Some((number, seen, _)) if *number == epoch => seen,
            _ => return false,
        };
        let old = seen.last().is_some_and(|highest| *highest >= counter + WINDOW);
        !old && seen.insert(counter)
    }
}

impl Story {
    fn begin(hybrid: bool) -> Self {
        let end = |number: u8| End {
            table: Table::new(&CHEAP, [number; 32], [number; 32], 7, Hybrid::Accept),
            made: BTreeMap::new(),
            taken: BTreeSet::new(),
            model: Model::default(),
        };
        let (mut ends, suite) = ([end(1), end(2)], if hybrid { SUITE_HYBRID } else { SUITE });
        let beacons = [0, 1].map(|i: usize| ends[1 - i].table.beacon().to_vec());
        for (side, (end, peer)) in ends.iter_mut().zip(&beacons).enumerate() {
            let [send, receive] = [side, 1 - side].map(|s| TransportKey::from_bytes([s as u8 + 1; 32]));
            let [session, remote] = [side, 1 - side].map(|s| s as u32 + 1);
            let finished = Finished { session, remote, suite, initiator: side == 0, send, receive, peer };
            let adopted = end.table.adopt(Instant(0), finished);
            assert!(adopted.is_ok(), "{adopted:?}");
        }
        let mut story = Self { hybrid, ends, wire: Wire::default(), now: 0, skips: SKIPS, sealed: 0 };
        (0..2).for_each(|side| story.drain(side, None));
        story
    }

    fn step(&mut self, step: u8, script: &mut Script<'_>) {
        let side = usize::from(step >> 7);
        match step & 0x1f {
            0..=5 => {
                self.arrive();
            }
            what @ 8..=15 => self.wire.harm(what, script),
            16 => self.now += u64::from(script.short()) * 1_000,
            17 => self.now += u64::from(script.byte().unwrap_or_default()) * 1_000_000,
            18 => self.skip(side, u32::from(script.short())),
            19 => self.skip(side, u32::from(script.byte().unwrap_or_default())),
            20 => {
                let bytes = script.bytes().to_vec();
                self.deliver(&Flying { to: side, bytes });
            }
            21 if self.hybrid => {
                self.ends[side].table.timeout(Instant(self.now));
                self.drain(side, None);
            }
            22 => {
                for _ in 0..8 {
                    self.arrive();
                }
            }
            _ => self.seal(side),
        }
    }

    fn skip(&mut self, side: usize, packets: u32) {
        let packets = packets.min(self.skips);
        self.skips -= packets;
        self.ends[side].table.skip(Instant(self.now), side as u32 + 1, packets);
    }

    fn seal(&mut self, side: usize) {
        self.sealed += 1;
        // A ping that differs from all others.
        let frames = [&[2, 8, 0][..], &self.sealed.to_le_bytes(), &[0; 4]].concat();
        let counter = self.ends[side].table.seal(Instant(self.now), side as u32 + 1, &frames);
        assert!(self.hybrid || counter.is_some(), "a session of suite 1 seals");
        self.drain(side, counter.map(|_| frames));
    }

    /// Takes what a side sent; the last packet holds `frames`, if it sealed some.
    fn drain(&mut self, side: usize, mut frames: Option<Vec<u8>>) {
        for did in self.ends[side].table.did().into_iter().rev() {
            if let Did::Sent(_, bytes) = did {
                let made = self.ends[side].made.insert(bytes.to_vec(), frames.take());
                assert!(made.is_none(), "no packet is sealed twice");
                self.wire.send(1 - side, &bytes);
            }
        }
    }

    fn arrive(&mut self) -> bool {
        let packet = self.wire.next();
        packet.iter().for_each(|p| self.deliver(p));
        packet.is_some()
    }

    fn deliver(&mut self, packet: &Flying) {
        let Flying { to, bytes } = packet;
        let now = self.now;
        let made = self.ends[1 - to].made.get(bytes).cloned();
        let end = &mut self.ends[*to];
        let result = end.table.datagram(Instant(now), PathId(0), bytes);
        match (&result, &made) {
            (Ok(_), None) => unreachable!("a packet is taken that the peer did not seal"),
            (Ok(opened), Some(frames)) => {
                assert!(end.taken.insert(bytes.clone()), "a packet is taken twice");
                if let (Some(opened), Some(frames)) = (opened, frames) {
                    assert_eq!(opened.frames, *frames, "what is opened is what was sealed");
                }
                assert!(opened.is_some() || frames.is_none(), "what the application sealed is handed out");
            }
            (Err(_), _) => {}
        }
        if let (false, Some(_), Ok(Packet::Sealed(sealed))) = (self.hybrid, made, Packet::decode(bytes)) {
            assert_eq!(result.is_ok(), end.model.takes(now, sealed.counter), "{result:?} of {}", sealed.counter);
        }
        self.drain(*to, None);
    }
}

#[cfg(test)]
mod tests;
