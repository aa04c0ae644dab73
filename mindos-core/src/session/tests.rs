//! Handshakes and sealed packets between two tables of sessions.

mod cookies;
mod epochs;
mod handshake;
mod meter;
#[cfg(feature = "model")]
mod model;
mod packets;
mod storm;
mod upgrade;

use mindos_wire::{Established, Tail, Tier, encode_frame};

use super::*;
use crate::crypto::{Crypto, DEFAULT};

const CONFIG: Config = Config { max_sessions: 8, max_half_open: 4, hybrid: Hybrid::Accept };
const HYBRID: Config = Config { hybrid: Hybrid::Require, ..CONFIG };
const LOCATOR: Bytes = Bytes::from_static(b"\x01x");

/// Whom a side takes for a member.
#[derive(Default)]
struct Known(Vec<NodeId>);

impl Members for Known {
    fn is_member(&self, node: &NodeId) -> bool {
        self.0.contains(node)
    }
}

/// A node's sessions with what they need.
struct Side {
    members: Known,
    identity: Identity,
    beacon: Beacon,
    sessions: Sessions,
    timers: Timers,
    out: Effects,
}

impl Side {
    fn new(number: u8, config: Config, network: u32) -> Self {
        Self::on(&DEFAULT, number, config, network)
    }

    fn on(crypto: &'static dyn Crypto, number: u8, config: Config, network: u32) -> Self {
        let identity = Identity::new(crypto, [number; 32], network);
        let beacon = Beacon::sign(&identity, 1, u64::MAX, 1, Tier::Home, 0).into_inner();
        let entropy = Entropy::new(&DEFAULT, &[number; 32], "test");
        let sessions = Sessions::new(config, &identity, entropy);
        Self { members: Known::default(), identity, beacon, sessions, timers: Timers::default(), out: Effects::new() }
    }

    fn with<R>(&mut self, now: u64, f: impl FnOnce(&mut Sessions, &mut Ctx<'_>) -> R) -> R {
        let mut ctx = Ctx {
            now: Instant(now),
            identity: &self.identity,
            beacon: &self.beacon,
            unix_s: None,
            members: &self.members,
            timers: &mut self.timers,
            out: &mut self.out,
        };
        f(&mut self.sessions, &mut ctx)
    }

    /// What it sent since.
    fn sent(&mut self) -> Vec<(PathId, Bytes)> {
        let sent = |e| match e {
            Effect::Transmit { path, bytes, .. } => Some((path, bytes)),
            _ => None,
        };
        self.out.drain(..).filter_map(sent).collect()
    }

    fn one(&mut self) -> Bytes {
        let mut sent = self.sent();
        assert_eq!(sent.len(), 1);
        sent.remove(0).1
    }

    /// Begins a session: the first packet.
    fn hello(&mut self, now: u64, expected: Option<NodeId>) -> Bytes {
        self.with(now, |s, ctx| s.connect(ctx, expected, LOCATOR));
        let path = PathId(self.sessions.next_path - 1);
        self.with(now, |s, ctx| s.path_ready(ctx, path, 1_200)).unwrap();
        self.one()
    }

    fn take(&mut self, now: u64, path: u32, bytes: &[u8]) -> Result<Option<Opened>, DropReason> {
        self.with(now, |s, ctx| s.datagram(ctx, PathId(path), bytes))
    }

    /// A sealed packet to the only peer, with one frame in it.
    fn packet(&mut self, now: u64, peer: &Side) -> Bytes {
        let session = self.sessions.route(Instant(now), &peer.identity.id).unwrap();
        let mut packet = vec![0; SEALED_HEADER];
        encode_frame(&Established { tail: Tail::default() }, &mut packet).unwrap();
        self.with(now, |s, ctx| s.seal(ctx, session, packet, Class::Probe)).unwrap();
        self.one()
    }

    fn is_connected(&self, peer: &Side) -> bool {
        self.sessions.peers().any(|p| *p == peer.identity.id)
    }

    /// Fires what is due.
    fn wait(&mut self, until: u64) {
        while let Some((at, _)) = self.timers.next().filter(|(at, _)| at.0 <= until) {
            if let Some(Timer::Session(index)) = self.timers.pop_due(at) {
                self.with(at.0, |s, ctx| s.timer(ctx, index));
            }
        }
    }
}

/// Two sides with a session, begun by the first.
fn pair() -> (Side, Side) {
    let (mut a, mut b) = (Side::new(1, CONFIG, 7), Side::new(2, CONFIG, 7));
    connect(&mut a, &mut b, 0);
    (a, b)
}

fn connect(a: &mut Side, b: &mut Side, now: u64) {
    let reply = cookies::begin(a, b, now, 100);
    a.take(now, 0, &reply).unwrap();
    let finish = a.one();
    b.take(now, 100, &finish).unwrap();
    // A session that gives way is told so behind it.
    let established = b.sent().remove(0).1;
    assert!(a.take(now, 0, &established).unwrap().is_some());
}

/// Carries packets between two sides until none are left; `lose` says which are lost, by number and direction.
fn exchange(a: &mut Side, b: &mut Side, now: u64, mut lose: impl FnMut(bool) -> bool) {
    loop {
        let (from_a, from_b) = (a.sent(), b.sent());
        if from_a.is_empty() && from_b.is_empty() {
            return;
        }
        for (_, bytes) in from_a {
            if !lose(true) {
                let _ = b.take(now, 100, &bytes);
            }
        }
        for (_, bytes) in from_b {
            if !lose(false) {
                let _ = a.take(now, 0, &bytes);
            }
        }
    }
}
