//! Two session machines that begin sessions with each other, and an attacker who owns the wire.

use std::collections::{BTreeMap, BTreeSet};

use mindos_core::session::lab::{Did, Table};
use mindos_core::wire::{Packet, SEALED_HEADER};
use mindos_core::{Duration, Hybrid, Instant, NodeId, PathId};

use crate::cheap::CHEAP;
use crate::script::Script;
use crate::wire::{Flying, Wire};

/// Steps of one story.
const STEPS: usize = 256;
/// Virtual time of one story, in ms.
const STORY_MS: u64 = 600_000;
/// Sessions that a machine keeps.
const MAX_SESSIONS: usize = 8;
/// A frame that every session may carry.
const PING: [u8; 11] = [2, 8, 0, 7, 0, 0, 0, 1, 0, 0, 0];

/// What the bytes let happen: packets dropped, doubled, held back, changed, spliced, kept for later and sent back;
/// bytes from strangers, new addresses, time.
///
/// # Panics
/// If a machine does; if it takes a step on a packet that its peer did not make as an answer to exactly what it sent;
/// if a session is up with anybody but the peer, or at all where the suites of the two do not meet; if a packet is
/// opened twice, or one that the peer did not seal; if, once the attacker is gone, the two cannot begin a session that
/// carries packets both ways.
pub fn handshake(data: &[u8]) {
    let mut script = Script(data);
    let mut story = Story::begin(script.byte().unwrap_or_default());
    for _ in 0..STEPS {
        let Some(step) = script.byte() else { break };
        story.step(step, &mut script);
    }
    story.peace();
}

/// One machine, and what it said.
struct Side {
    table: Table,
    hybrid: Hybrid,
    /// Where its packets come from.
    address: u32,
    /// Of its own first packets: the Noise message, by index.
    hellos: BTreeMap<u32, Vec<u8>>,
    /// Of its answers: the Noise message, with the suite, the index and the first message that it answered.
    replies: BTreeMap<Vec<u8>, (u16, u32, Vec<u8>)>,
    /// Of its last messages: the Noise message, with that of the reply to which it was made.
    finishes: BTreeMap<Vec<u8>, Vec<u8>>,
    /// Sealed packets that it sent, and those of the peer that it took.
    sealed: BTreeSet<Vec<u8>>,
    taken: BTreeSet<Vec<u8>>,
}

struct Story {
    sides: [Side; 2],
    wire: Wire,
    now: u64,
    left_ms: u64,
}

impl Side {
    fn new(number: u8, draw: u8) -> Self {
        let hybrid = [Hybrid::Accept, Hybrid::Require, Hybrid::Never][usize::from(draw) % 3];
        Self {
            table: Table::new(&CHEAP, [number; 32], [number; 32], 7, hybrid),
            hybrid,
            address: 1 << 31,
            hellos: BTreeMap::new(),
            replies: BTreeMap::new(),
            finishes: BTreeMap::new(),
            sealed: BTreeSet::new(),
            taken: BTreeSet::new(),
        }
    }

    /// Whether a session that this side begins can come about.
    fn reaches(&self, peer: &Side) -> bool {
        match self.hybrid {
            Hybrid::Require => peer.hybrid != Hybrid::Never,
            _ => peer.hybrid != Hybrid::Require,
        }
    }
}

impl Story {
    fn begin(draw: u8) -> Self {
        let sides = [Side::new(1, draw), Side::new(2, draw / 3)];
        let mut story = Self { sides, wire: Wire::default(), now: 0, left_ms: STORY_MS };
        story.connect(0, true);
        story
    }

    fn id(&self, side: usize) -> NodeId {
        self.sides[side].table.id()
    }

    fn step(&mut self, step: u8, script: &mut Script<'_>) {
        let side = usize::from(step >> 7);
        match step & 0x1f {
            0..=7 => self.arrive(),
            what @ 8..=15 => self.wire.harm(what, script),
            16 => self.connect(side, true),
            17 => self.connect(side, false),
            18 => self.wait(u64::from(script.short())),
            19 => self.wait(u64::from(script.byte().unwrap_or_default())),
            20 => self.sides[side].address = 1 << 31 | u32::from(script.byte().unwrap_or_default() % 8),
            21 => {
                let bytes = script.bytes().to_vec();
                self.deliver(&Flying { to: side, bytes });
            }
            22 => self.seal(side, usize::from(script.byte().unwrap_or_default())),
            _ => (0..8).for_each(|_| self.arrive()),
        }
    }

    fn connect(&mut self, side: usize, expected: bool) {
        let expected = expected.then(|| self.id(1 - side));
        self.sides[side].table.connect(Instant(self.now), expected);
        self.drain(side, None);
    }

    fn arrive(&mut self) {
        if let Some(packet) = self.wire.next() {
            self.deliver(&packet);
        }
    }

    /// A packet reaches a side, whoever made it.
    fn deliver(&mut self, packet: &Flying) {
        let Flying { to, bytes } = packet;
        let path = PathId(self.sides[1 - to].address);
        let peer = self.id(1 - to);
        let result = self.sides[*to].table.datagram(Instant(self.now), path, bytes);
        if let (Ok(opened), Ok(Packet::Sealed(sealed))) = (&result, Packet::decode(bytes)) {
            assert!(self.sides[1 - to].sealed.contains(bytes), "a packet is taken that the peer did not seal");
            assert!(self.sides[*to].taken.insert(bytes.clone()), "a packet is taken twice");
            if let Some(opened) = opened {
                assert_eq!((opened.session, opened.counter), (sealed.receiver, sealed.counter));
                assert_eq!(opened.peer, peer, "it is of the peer");
            }
        }
        self.drain(*to, Some(bytes));
        assert!(self.sides[*to].table.established().len() <= MAX_SESSIONS, "too many sessions");
    }

    /// Takes what a side did. `cause`: the packet that made it.
    fn drain(&mut self, side: usize, cause: Option<&[u8]>) {
        let cause = cause.and_then(|bytes| Packet::decode(bytes).ok());
        let peer = self.id(1 - side);
        for did in self.sides[side].table.did() {
            match did {
                Did::Up(_, with) => {
                    assert_eq!(with, peer, "a session is up with nobody else");
                    let [a, b] = &self.sides;
                    assert!(a.reaches(b) || b.reaches(a), "a session is up in a suite that one of them refuses");
                }
                Did::Sent(_, bytes) => {
                    self.sent(side, cause.as_ref(), &bytes);
                    self.wire.send(1 - side, &bytes);
                }
                Did::Lost(_) => {}
            }
        }
    }

    /// Writes down what a side sent, and holds every step of a handshake against what the peer said.
    fn sent(&mut self, side: usize, cause: Option<&Packet<'_>>, bytes: &[u8]) {
        let [first, second] = &mut self.sides;
        let (own, peer) = if side == 0 { (first, second) } else { (second, first) };
        match (Packet::decode(bytes), cause) {
            (Ok(Packet::Hello(hello)), _) => {
                own.hellos.insert(hello.sender, hello.noise.to_vec());
            }
            (Ok(Packet::Reply(reply)), Some(Packet::Hello(hello))) => {
                let answered = (hello.suite, hello.sender, hello.noise.to_vec());
                let before = own.replies.entry(reply.noise.to_vec()).or_insert_with(|| answered.clone());
                assert_eq!(*before, answered, "one reply answers one first message");
            }
            (Ok(Packet::Finish(finish)), Some(Packet::Reply(reply))) if !own.finishes.contains_key(finish.noise) => {
                let hello = own.hellos.get(&reply.receiver).cloned().unwrap_or_default();
                let suite = if own.hybrid == Hybrid::Require { 2 } else { 1 };
                assert_eq!(
                    peer.replies.get(reply.noise),
                    Some(&(suite, reply.receiver, hello)),
                    "the reply is to what was sent"
                );
                own.finishes.insert(finish.noise.to_vec(), reply.noise.to_vec());
            }
            (Ok(Packet::Sealed(_)), cause) => {
                if let Some(Packet::Finish(finish)) = cause {
                    let reply = peer.finishes.get(finish.noise);
                    let known = reply.is_some_and(|reply| own.replies.contains_key(reply));
                    assert!(known, "the last message is the peer's, and to an own reply");
                }
                assert!(own.sealed.insert(bytes.to_vec()), "no packet is sealed twice");
            }
            (Ok(_), _) => {}
            (Err(refused), _) => unreachable!("a side sent what is none: {refused}"),
        }
    }

    /// A packet on one of the sessions that can be used.
    fn seal(&mut self, side: usize, which: usize) {
        let sessions = self.sides[side].table.established();
        if let Some((session, _)) = sessions.get(which % sessions.len().max(1)) {
            let counter = self.sides[side].table.seal(Instant(self.now), *session, &PING);
            assert!(counter.is_some(), "a session that can be used seals");
        }
        self.drain(side, None);
    }

    /// Time passes, as long as the story has some; timers fire.
    fn wait(&mut self, ms: u64) {
        let ms = ms.min(self.left_ms);
        self.left_ms -= ms;
        self.pass(ms);
    }

    fn pass(&mut self, ms: u64) {
        let end = self.now + Duration::from_millis(ms).0;
        loop {
            let due = (0..2).filter_map(|side| Some((self.sides[side].table.next_timer()?, side))).min();
            let Some((at, side)) = due.filter(|(at, _)| at.0 <= end) else { break };
            self.now = self.now.max(at.0);
            self.sides[side].table.timeout(Instant(self.now));
            self.drain(side, None);
        }
        self.now = end;
    }

    /// The attacker is gone: a new session comes about where it can, and carries packets both ways.
    fn peace(&mut self) {
        for from in 0..2 {
            self.wire.clear();
            // Whatever is half done is given up.
            self.pass(10_000);
            self.wire.clear();
            self.connect(from, true);
            for _ in 0..100 {
                (0..64).for_each(|_| self.arrive());
                self.pass(100);
            }
            let [a, b] = &self.sides;
            let reaches = if from == 0 { a.reaches(b) } else { b.reaches(a) };
            if reaches {
                self.carries(from);
            }
        }
    }

    /// A packet from either side is opened by the other.
    fn carries(&mut self, from: usize) {
        for side in [from, 1 - from] {
            let route = self.sides[side].table.route(Instant(self.now), &self.id(1 - side));
            let Some(session) = route else { unreachable!("there is no session once the attacker is gone") };
            self.wire.clear();
            self.sides[side].table.seal(Instant(self.now), session, &PING);
            self.drain(side, None);
            let packet = self.wire.next().filter(|p| p.bytes.len() > SEALED_HEADER);
            let Some(packet) = packet else { unreachable!("nothing was sealed") };
            let path = PathId(self.sides[side].address);
            let opened = self.sides[packet.to].table.datagram(Instant(self.now), path, &packet.bytes);
            assert!(opened.is_ok_and(|o| o.is_some_and(|o| o.frames == PING)), "the newest session carries packets");
        }
    }
}

#[cfg(test)]
mod tests;
