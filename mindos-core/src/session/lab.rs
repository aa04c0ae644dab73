//! The session machine without a node around it: for vectors and fuzz targets, which decide by the code of
//! production what becomes of every single packet. Hosts use [`Node`](crate::Node).

use alloc::vec::Vec;
use core::fmt;

use bytes::Bytes;
use mindos_wire::{SEALED_HEADER, Tier};

use super::link::{Link, Stage};
use super::noise::TransportKey;
use super::{Config, Ctx, Hybrid, Members, Sessions, epoch, upgrade};
use crate::crypto::{Crypto, KEM_CIPHERTEXT, KEM_PUBLIC};
use crate::entropy::Entropy;
use crate::identity::{Beacon, Credentials, Identity, NodeId};
use crate::outbox::{Class, Effect, Effects};
use crate::timer::{Timer, Timers};
use crate::{DropReason, Instant, PathId};

/// Nobody is a member: there is no mesh here.
struct Strangers;

impl Members for Strangers {
    fn is_member(&self, _: &NodeId) -> bool {
        false
    }
}

/// Small, so that a few packets reach the caps.
const MAX_SESSIONS: usize = 8;
const MAX_HALF_OPEN: usize = 4;

/// What a table did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Did {
    /// A datagram left.
    Sent(PathId, Bytes),
    /// A session can be used.
    Up(u32, NodeId),
    /// A session is forgotten.
    Lost(u32),
}

/// What came out of a sealed packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// This side's index of the session.
    pub session: u32,
    /// Who sealed it.
    pub peer: NodeId,
    /// Its counter.
    pub counter: u64,
    /// All of its frames, as bytes that were not looked at yet.
    pub frames: Vec<u8>,
}

/// What a finished handshake leaves to one side.
#[derive(Debug)]
pub struct Finished<'a> {
    /// This side's index.
    pub session: u32,
    /// The peer's.
    pub remote: u32,
    /// Cipher suite: in 2 the upgrade follows.
    pub suite: u16,
    /// Whether this side wrote the first message.
    pub initiator: bool,
    /// Key of epoch 0 to seal with.
    pub send: TransportKey,
    /// Key of epoch 0 to open with.
    pub receive: TransportKey,
    /// The peer's beacon.
    pub peer: &'a [u8],
}

/// All sessions of one node, at most eight and four that are unfinished.
pub struct Table {
    identity: Identity,
    beacon: Beacon,
    sessions: Sessions,
    timers: Timers,
    out: Effects,
}

impl Table {
    /// No sessions yet. `seed` is that of the node's name, `entropy` that of all randomness.
    pub fn new(crypto: &'static dyn Crypto, seed: [u8; 32], entropy: [u8; 32], network: u32, hybrid: Hybrid) -> Self {
        let identity = Identity::new(crypto, seed, network);
        let beacon = Beacon::sign_with(&identity, 1, u64::MAX, 1, Tier::Home, 0, Credentials::default()).into_inner();
        let config = Config { max_sessions: MAX_SESSIONS, max_half_open: MAX_HALF_OPEN, hybrid };
        let sessions = Sessions::new(config, &identity, Entropy::new(crypto, &entropy, "session"));
        Self { identity, beacon, sessions, timers: Timers::default(), out: Effects::new() }
    }

    /// Sends this beacon from now on, whoever signed it.
    ///
    /// # Errors
    /// It is none, or its signature does not hold.
    pub fn carry(&mut self, beacon: &[u8]) -> Result<(), DropReason> {
        self.beacon = Beacon::verify(&self.identity, beacon)?.into_inner();
        Ok(())
    }

    /// The node's name.
    pub fn id(&self) -> NodeId {
        self.identity.id
    }

    /// The beacon that it sends.
    pub fn beacon(&self) -> &[u8] {
        &self.beacon.record
    }

    /// Begins a session, on a path that opens at once. Returns this side's index.
    pub fn connect(&mut self, now: Instant, expected: Option<NodeId>) -> u32 {
        let index = self.with(now, |s, ctx| s.connect(ctx, expected, Bytes::from_static(b"\x01x")));
        let path = self.sessions.links.get(&index).map(|l| l.path);
        if let Some(path) = path {
            // What was just begun waits for its path.
            let _ = self.with(now, |s, ctx| s.path_ready(ctx, path, u16::MAX));
        }
        index
    }

    /// Takes a session as a handshake leaves it.
    ///
    /// # Errors
    /// The peer's beacon is none.
    pub fn adopt(&mut self, now: Instant, finished: Finished<'_>) -> Result<(), DropReason> {
        let Finished { session, remote, suite, initiator, send, receive, peer } = finished;
        let beacon = Beacon::verify(&self.identity, peer)?;
        let mut link = Link::new(now, PathId(0), suite, None, false);
        link.establish(now, beacon.id, send, receive, remote, None);
        if let Stage::Established(keys) = &mut link.stage
            && !initiator
        {
            keys.finished = Some([0; 32]);
        }
        self.sessions.links.insert(session, link);
        self.with(now, |s, ctx| s.proved(ctx, session, beacon, None, initiator));
        Ok(())
    }

    /// A datagram arrived.
    ///
    /// # Errors
    /// As of the machine: nothing changed, but for a session that a peer ended.
    pub fn datagram(&mut self, now: Instant, path: PathId, bytes: &[u8]) -> Result<Option<Opened>, DropReason> {
        let opened = self.with(now, |s, ctx| s.datagram(ctx, path, bytes))?;
        Ok(opened.map(|o| Opened { session: o.session, peer: o.peer, counter: o.counter, frames: o.frames }))
    }

    /// Seals frames. `None`: the session is not there, or cannot carry them yet.
    pub fn seal(&mut self, now: Instant, session: u32, frames: &[u8]) -> Option<u64> {
        if !self.sessions.is_established(session) {
            return None;
        }
        let packet = [&[0; SEALED_HEADER][..], frames].concat();
        self.with(now, |s, ctx| s.seal(ctx, session, packet, Class::Message))
    }

    /// Uses up counters, as if packets were sealed and lost.
    pub fn skip(&mut self, now: Instant, session: u32, packets: u32) {
        let crypto = self.identity.crypto;
        let Some(Stage::Established(keys)) = self.sessions.links.get_mut(&session).map(|l| &mut l.stage) else {
            return;
        };
        for _ in 0..packets {
            if keys.send.next(crypto, now, keys.upgrade.holds()).is_none() {
                return;
            }
        }
    }

    /// The session that frames for a peer would be sent on.
    pub fn route(&self, now: Instant, peer: &NodeId) -> Option<u32> {
        self.sessions.route(now, peer)
    }

    /// When a timer is due next.
    pub fn next_timer(&self) -> Option<Instant> {
        self.timers.next().map(|(at, _)| at)
    }

    /// Fires what is due.
    pub fn timeout(&mut self, now: Instant) {
        while let Some(timer) = self.timers.pop_due(now) {
            if let Timer::Session(index) = timer {
                self.with(now, |s, ctx| s.timer(ctx, index));
            }
        }
    }

    /// Sessions that can be used, with their peers.
    pub fn established(&self) -> Vec<(u32, NodeId)> {
        let established = self.sessions.links.iter().filter(|(_, l)| l.is_established());
        established.filter_map(|(i, l)| Some((*i, l.peer?))).collect()
    }

    /// All sessions that it remembers, whatever became of them.
    pub fn len(&self) -> usize {
        self.sessions.links.len()
    }

    /// Whether it remembers none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What it did since it was asked last.
    pub fn did(&mut self) -> Vec<Did> {
        let did = |effect| match effect {
            Effect::Transmit { path, bytes, .. } => Some(Did::Sent(path, bytes)),
            Effect::SessionUp { session, peer, .. } => Some(Did::Up(session, peer)),
            Effect::SessionLost { session, .. } => Some(Did::Lost(session)),
            _ => None,
        };
        self.out.drain(..).filter_map(did).collect()
    }

    fn with<R>(&mut self, now: Instant, f: impl FnOnce(&mut Sessions, &mut Ctx<'_>) -> R) -> R {
        let Self { identity, beacon, sessions, timers, out } = self;
        f(sessions, &mut Ctx { now, identity, beacon, unix_s: None, members: &Strangers, timers, out })
    }
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Table").field("id", &self.id()).field("sessions", &self.len()).finish_non_exhaustive()
    }
}

/// The key of the next epoch. `material` is empty, but for epoch 1 of suite 2.
pub fn next_key(crypto: &dyn Crypto, key: &TransportKey, material: &[u8]) -> TransportKey {
    epoch::next_key(crypto, key, material)
}

/// What epoch 1 of suite 2 takes in.
pub fn material(
    crypto: &dyn Crypto,
    shared_secret: [u8; 32],
    key: &[u8; KEM_PUBLIC],
    ciphertext: &[u8; KEM_CIPHERTEXT],
) -> [u8; 64] {
    *upgrade::material(crypto, shared_secret, key, ciphertext)
}
