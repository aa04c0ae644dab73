//! Sessions (spec 04): a Noise handshake, then sealed packets. No retransmission of data, no
//! congestion control: that is `delivery`.

mod link;
pub mod noise;
pub mod replay;
#[cfg(test)]
mod tests;

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use bytes::Bytes;
use mindos_wire::{Finish, Hello, MAX_PACKET, Packet, Reply, SEALED_HEADER, SEALED_OVERHEAD, SUITE, Sealed, VERSION};

use crate::entropy::Entropy;
use crate::identity::{Beacon, Identity, NodeId, Verified};
use crate::outbox::{Class, Effect, Effects};
use crate::timer::{Timer, Timers};
use crate::{DropReason, Duration, Instant, PathId};
use link::{Link, Stage};
use noise::{Blake3, Handshake, KeyPair};

/// First wait for an answer to a handshake message; doubles with every try.
const RETRY: Duration = Duration::from_millis(400);
/// Tries of a first packet.
const TRIES: u32 = 5;
/// A responder forgets an unfinished handshake after this.
const HALF_OPEN: Duration = Duration::from_secs(8);
/// After this long without a packet from the peer, a new session is made before anything is sent.
const STALE: Duration = Duration::from_secs(120);
/// After this long a session is forgotten. Longer than `STALE`, so that no packet of a peer that still
/// holds the session good meets nobody.
const IDLE: Duration = Duration::from_secs(180);

/// Ranges: `max_sessions` ≥ 2, `max_half_open` ≥ 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Config {
    /// Established sessions; at the cap the one unheard for longest gives way.
    pub(crate) max_sessions: usize,
    /// Handshakes in progress that others began; at the cap the oldest of these gives way, never a session.
    pub(crate) max_half_open: usize,
}

/// What a session needs from the node.
pub(crate) struct Ctx<'a> {
    pub(crate) now: Instant,
    pub(crate) identity: &'a Identity,
    pub(crate) beacon: &'a Beacon,
    /// For expiry dates, if the host gave it.
    pub(crate) unix_s: Option<u64>,
    pub(crate) timers: &'a mut Timers,
    pub(crate) out: &'a mut Effects,
}

/// Frames out of a sealed packet that proved authentic.
pub(crate) struct Opened {
    pub(crate) session: u32,
    pub(crate) peer: NodeId,
    pub(crate) counter: u64,
    pub(crate) frames: Vec<u8>,
}

/// All sessions of a node.
#[derive(Debug)]
pub(crate) struct Sessions {
    config: Config,
    keys: KeyPair,
    prologue: [u8; 13],
    entropy: Entropy,
    links: BTreeMap<u32, Link>,
    /// The session to send on: the newest established one, or the one being made.
    peers: BTreeMap<NodeId, u32>,
    paths: BTreeMap<PathId, u32>,
    next_path: u32,
}

impl Sessions {
    pub(crate) fn new(config: Config, identity: &Identity, entropy: Entropy) -> Self {
        // spec: SES-001 887f
        let mut prologue = *b"MindOS\0\0\0\0\0\0\0";
        let fields = [VERSION].into_iter().chain(SUITE.to_le_bytes()).chain(identity.network.to_le_bytes());
        prologue.iter_mut().skip(6).zip(fields).for_each(|(p, f)| *p = f);
        Self {
            config,
            keys: KeyPair::new(identity.crypto, identity.x25519_secret()),
            prologue,
            entropy,
            links: BTreeMap::new(),
            peers: BTreeMap::new(),
            paths: BTreeMap::new(),
            next_path: 0,
        }
    }

    /// The session to send to a peer on, established or being made.
    pub(crate) fn route(&self, now: Instant, peer: &NodeId) -> Option<u32> {
        let index = *self.peers.get(peer)?;
        let link = self.links.get(&index)?;
        let good = !link.doubted && now.since(link.last_received) < STALE;
        (!link.is_established() || good).then_some(index)
    }

    /// Peers with an established session.
    pub(crate) fn peers(&self) -> impl Iterator<Item = &NodeId> {
        self.peers.iter().filter(|(_, i)| self.is_established(**i)).map(|(p, _)| p)
    }

    /// Nothing more is sent on the present sessions until their peers are heard: new ones are made.
    pub(crate) fn doubt_all(&mut self) {
        self.links.values_mut().for_each(|l| l.doubted = true);
    }

    /// Sessions being made by locator alone.
    pub(crate) fn joining(&self) -> usize {
        self.links.values().filter(|l| l.joining && !l.is_established()).count()
    }

    /// Whether packets can be sealed on this session.
    pub(crate) fn is_established(&self, session: u32) -> bool {
        self.links.get(&session).is_some_and(Link::is_established)
    }

    /// Begins a session. `expected`: refuse anybody else. Opens a path first.
    pub(crate) fn connect(&mut self, ctx: &mut Ctx<'_>, expected: Option<NodeId>, locator: Bytes) -> u32 {
        let path = PathId(self.next_path);
        self.next_path = (self.next_path + 1) & 0x7fff_ffff;
        let index = self.fresh_index();
        self.links.insert(index, Link::new(ctx.now, path, expected, expected.is_none()));
        self.paths.insert(path, index);
        if let Some(peer) = expected {
            self.peers.insert(peer, index);
        }
        ctx.timers.set(Timer::Session(index), ctx.now + HALF_OPEN);
        ctx.out.push_back(Effect::OpenPath { path, locator });
        index
    }

    /// The path of a session being made is open: the first packet leaves.
    pub(crate) fn path_ready(&mut self, ctx: &mut Ctx<'_>, path: PathId, mtu: u16) -> Result<(), DropReason> {
        let index = *self.paths.get(&path).ok_or(DropReason::ApiMisuse("unknown path"))?;
        if usize::from(mtu) < MAX_PACKET {
            return self.path_failed(ctx, path);
        }
        let ephemeral = self.entropy.secret();
        let link = self.links.get_mut(&index).ok_or(DropReason::UnknownSession)?;
        if !matches!(link.stage, Stage::Opening) {
            return Err(DropReason::ApiMisuse("path is open"));
        }
        let mut handshake =
            Handshake::<Blake3>::initiator_with(ctx.identity.crypto, &[&self.prologue], &self.keys, ephemeral);
        let mut message = Vec::new();
        handshake.write(&[], &mut message)?;
        let noise = message.first_chunk().ok_or(DropReason::NotAuthentic)?;
        let hello = Hello {
            version: VERSION,
            suite: SUITE,
            network: ctx.identity.network,
            sender: index,
            noise,
            cookie: &[0; 16],
        };
        let bytes = encode(Packet::Hello(hello));
        link.stage = Stage::HelloSent {
            handshake: alloc::boxed::Box::new(handshake),
            bytes: bytes.clone(),
            tries: 1,
            sent: ctx.now,
        };
        ctx.timers.set(Timer::Session(index), ctx.now + RETRY);
        ctx.out.push_back(Effect::Transmit { path, bytes, class: Class::Probe });
        Ok(())
    }

    /// A path cannot be used: sessions on it end.
    pub(crate) fn path_failed(&mut self, ctx: &mut Ctx<'_>, path: PathId) -> Result<(), DropReason> {
        let on_path: Vec<u32> = self.links.iter().filter(|(_, l)| l.path == path).map(|(i, _)| *i).collect();
        on_path.into_iter().for_each(|i| self.remove(ctx, i));
        Ok(())
    }

    /// A datagram: handshake messages are answered here, frames of a sealed packet are returned.
    ///
    /// # Errors
    /// Nothing changed; in particular a forged packet ends no handshake and no session.
    pub(crate) fn datagram(
        &mut self,
        ctx: &mut Ctx<'_>,
        path: PathId,
        bytes: &[u8],
    ) -> Result<Option<Opened>, DropReason> {
        match Packet::decode(bytes).map_err(DropReason::Malformed)? {
            Packet::Sealed(p) => self.open(ctx, path, &p, bytes).map(Some),
            Packet::Hello(p) => self.hello(ctx, path, &p).map(|()| None),
            Packet::Reply(p) => self.reply(ctx, &p).map(|()| None),
            Packet::Finish(p) => self.finish(ctx, &p).map(|()| None),
            Packet::Retry(_) => Err(DropReason::UnknownSession),
        }
    }

    fn open(&mut self, ctx: &mut Ctx<'_>, path: PathId, p: &Sealed<'_>, bytes: &[u8]) -> Result<Opened, DropReason> {
        let link = self.links.get_mut(&p.receiver).ok_or(DropReason::UnknownSession)?;
        let (Some(peer), Stage::Established(keys)) = (link.peer, &mut link.stage) else {
            return Err(DropReason::UnknownSession);
        };
        // spec: SES-013 5809, SES-015 7593
        if p.counter == u64::MAX || !keys.replay.check(p.counter) {
            return Err(DropReason::Replayed);
        }
        let (body, tag) = p.ciphertext.split_last_chunk::<16>().ok_or(DropReason::NotAuthentic)?;
        let mut frames = body.to_vec();
        let header = bytes.get(..SEALED_HEADER).unwrap_or_default();
        if !keys.receive.open(ctx.identity.crypto, p.counter, header, &mut frames, tag) {
            return Err(DropReason::NotAuthentic);
        }
        // spec: SES-014 dd4e
        keys.replay.mark(p.counter);
        keys.finish = None;
        link.last_received = ctx.now;
        link.doubted = false;
        // The peer may have moved: answers follow the newest authentic packet, not one that was delayed.
        // spec: SES-016 324d
        if keys.replay.highest() == p.counter {
            link.path = path;
        }
        // The session lives: no need to wait for one that is being made in its place.
        if !self.peers.get(&peer).is_some_and(|i| self.is_established(*i)) {
            self.peers.insert(peer, p.receiver);
        }
        Ok(Opened { session: p.receiver, peer, counter: p.counter, frames })
    }

    /// Seals `packet`, whose first 13 bytes are room for the header, and sends it. Returns its counter.
    pub(crate) fn seal(&mut self, ctx: &mut Ctx<'_>, session: u32, mut packet: Vec<u8>, class: Class) -> Option<u64> {
        let link = self.links.get_mut(&session)?;
        let Stage::Established(keys) = &mut link.stage else { return None };
        let counter = keys.counter;
        // spec: SES-011 0a3a
        keys.counter += 1;
        let (header, body) = packet.split_first_chunk_mut::<SEALED_HEADER>()?;
        let fields = [4].into_iter().chain(keys.remote.to_le_bytes()).chain(counter.to_le_bytes());
        header.iter_mut().zip(fields).for_each(|(h, f)| *h = f);
        // spec: SES-012 1813
        let tag = keys.send.seal(ctx.identity.crypto, counter, &header[..], body);
        packet.extend(tag);
        ctx.out.push_back(Effect::Transmit { path: link.path, bytes: Bytes::from(packet), class });
        Some(counter)
    }

    /// Room for frames in one sealed packet.
    pub(crate) const ROOM: usize = MAX_PACKET - SEALED_OVERHEAD;

    fn hello(&mut self, ctx: &mut Ctx<'_>, path: PathId, p: &Hello<'_>) -> Result<(), DropReason> {
        // spec: SES-002 f2ca
        if p.suite != SUITE || p.network != ctx.identity.network {
            return Err(DropReason::OtherNetwork);
        }
        // The same first packet again: its answer was lost.
        // spec: SES-008 8d1a
        if let Some(link) = self.links.values().find(|l| l.answers(p.noise)) {
            if let Stage::ReplySent { bytes, .. } = &link.stage {
                ctx.out.push_back(Effect::Transmit { path, bytes: bytes.clone(), class: Class::Probe });
            }
            return Ok(());
        }
        let ephemeral = self.entropy.secret();
        let index = self.fresh_index();
        let mut handshake =
            Handshake::<Blake3>::responder_with(ctx.identity.crypto, &[&self.prologue], &self.keys, ephemeral);
        let mut noise = Vec::new();
        handshake.read(p.noise)?;
        // spec: SES-003 402c
        handshake.write(&ctx.beacon.record, &mut noise)?;
        self.make_room(ctx);
        let bytes = encode(Packet::Reply(Reply { receiver: p.sender, sender: index, noise: &noise }));
        let mut link = Link::new(ctx.now, path, None, false);
        link.stage = Stage::ReplySent {
            handshake: alloc::boxed::Box::new(handshake),
            bytes: bytes.clone(),
            ephemeral: *p.noise,
            remote: p.sender,
            sent: ctx.now,
        };
        self.links.insert(index, link);
        ctx.timers.set(Timer::Session(index), ctx.now + HALF_OPEN);
        ctx.out.push_back(Effect::Transmit { path, bytes, class: Class::Probe });
        Ok(())
    }

    fn reply(&mut self, ctx: &mut Ctx<'_>, p: &Reply<'_>) -> Result<(), DropReason> {
        let index = p.receiver;
        let link = self.links.get_mut(&index).ok_or(DropReason::UnknownSession)?;
        if let Stage::Established(keys) = &link.stage {
            // Our last message was lost: the responder answers the first one again.
            if let Some(bytes) = &keys.finish {
                ctx.out.push_back(Effect::Transmit { path: link.path, bytes: bytes.clone(), class: Class::Probe });
            }
            return Ok(());
        }
        let Stage::HelloSent { handshake, tries, sent, .. } = &mut link.stage else {
            return Err(DropReason::UnknownSession);
        };
        // Anybody who sees the first message can answer it: only the right beacon takes the step.
        let expected = link.expected;
        // spec: SES-006 c310
        let beacon = handshake.read_with(p.noise, |key, payload| peer_beacon(ctx, key, &payload, expected))?;
        let rtt = (*tries == 1).then(|| ctx.now.since(*sent));
        let mut noise = Vec::new();
        let Stage::HelloSent { handshake, .. } = core::mem::replace(&mut link.stage, Stage::Opening) else {
            return Err(DropReason::UnknownSession);
        };
        let mut handshake = *handshake;
        // spec: SES-003 402c
        handshake.write(&ctx.beacon.record, &mut noise)?;
        let bytes = encode(Packet::Finish(Finish { receiver: p.sender, noise: &noise }));
        let (send, receive) = handshake.split()?;
        link.establish(ctx.now, beacon.id, send, receive, p.sender, Some(bytes.clone()));
        link.incarnation = beacon.incarnation;
        let (path, joined) = (link.path, link.joining);
        ctx.out.push_back(Effect::Transmit { path, bytes, class: Class::Probe });
        ctx.timers.set(Timer::Session(index), ctx.now + rtt.unwrap_or(RETRY).times(2).max(RETRY));
        self.up(ctx, index, beacon, rtt, joined);
        Ok(())
    }

    fn finish(&mut self, ctx: &mut Ctx<'_>, p: &Finish<'_>) -> Result<(), DropReason> {
        let index = p.receiver;
        let link = self.links.get_mut(&index).ok_or(DropReason::UnknownSession)?;
        if link.is_established() {
            // The peer did not hear from us yet.
            self.confirm(ctx, index);
            return Ok(());
        }
        let Stage::ReplySent { handshake, sent, remote, .. } = &mut link.stage else {
            return Err(DropReason::UnknownSession);
        };
        let beacon = handshake.read_with(p.noise, |key, payload| peer_beacon(ctx, key, &payload, None))?;
        let (rtt, remote) = (ctx.now.since(*sent), *remote);
        let Stage::ReplySent { handshake, .. } = core::mem::replace(&mut link.stage, Stage::Opening) else {
            return Err(DropReason::UnknownSession);
        };
        let (send, receive) = handshake.split()?;
        link.establish(ctx.now, beacon.id, send, receive, remote, None);
        link.incarnation = beacon.incarnation;
        ctx.timers.set(Timer::Session(index), ctx.now + IDLE);
        // spec: SES-009 5693
        self.confirm(ctx, index);
        self.up(ctx, index, beacon, Some(rtt), false);
        Ok(())
    }

    /// Tells the initiator that its last message arrived.
    fn confirm(&mut self, ctx: &mut Ctx<'_>, index: u32) {
        let mut packet = alloc::vec![0; SEALED_HEADER];
        let frame = mindos_wire::Established { tail: Default::default() };
        if mindos_wire::encode_frame(&frame, &mut packet).is_ok() {
            self.seal(ctx, index, packet, Class::Probe);
        }
    }

    fn up(&mut self, ctx: &mut Ctx<'_>, session: u32, beacon: Verified<Beacon>, rtt: Option<Duration>, joined: bool) {
        let peer = beacon.id;
        self.peers.insert(peer, session);
        // One identity holds two sessions at most: many handshakes of one displace nobody else.
        let of_peer = |l: &Link| l.peer == Some(peer) && l.is_established();
        let mut same: Vec<(Instant, u32)> = self
            .links
            .iter()
            .filter(|(i, l)| **i != session && of_peer(l))
            .map(|(i, l)| (l.last_received, *i))
            .collect();
        same.sort_unstable();
        same.pop();
        same.into_iter().for_each(|(_, i)| self.remove(ctx, i));
        let established = self.links.values().filter(|l| l.is_established()).count();
        if established > self.config.max_sessions {
            let oldest = self
                .links
                .iter()
                .filter(|(i, l)| **i != session && l.is_established())
                .min_by_key(|(_, l)| (l.expected.is_some(), l.last_received));
            if let Some(index) = oldest.map(|(i, _)| *i) {
                self.remove(ctx, index);
            }
        }
        ctx.out.push_back(Effect::SessionUp { session, peer, beacon: alloc::boxed::Box::new(beacon), rtt, joined });
    }

    /// A session's timer: retry a handshake, or forget what is idle.
    pub(crate) fn timer(&mut self, ctx: &mut Ctx<'_>, index: u32) {
        let Some(link) = self.links.get_mut(&index) else { return };
        let path = link.path;
        let (resend, again) = match &mut link.stage {
            Stage::HelloSent { bytes, tries, .. } if *tries < TRIES => {
                *tries += 1;
                (Some(bytes.clone()), Some(ctx.now + Duration(RETRY.0 << (*tries - 1))))
            }
            Stage::Established(keys) if keys.finish.is_some() && keys.finish_tries < TRIES => {
                keys.finish_tries += 1;
                (keys.finish.clone(), Some(ctx.now + Duration(RETRY.0 << keys.finish_tries)))
            }
            Stage::Established(keys) if keys.finish.is_none() && ctx.now.since(link.last_received) < IDLE => {
                (None, Some(link.last_received + IDLE))
            }
            _ => (None, None),
        };
        if let Some(bytes) = resend {
            ctx.out.push_back(Effect::Transmit { path, bytes, class: Class::Probe });
        }
        match again {
            Some(at) => ctx.timers.set(Timer::Session(index), at),
            None => self.remove(ctx, index),
        }
    }

    /// Ends every session with a peer that is older than `incarnation` (0: all), unheard.
    pub(crate) fn drop_peer(&mut self, ctx: &mut Ctx<'_>, peer: &NodeId, incarnation: u32) {
        let old = |l: &Link| {
            l.peer.or(l.expected) == Some(*peer)
                && (incarnation == 0 || l.is_established() && l.incarnation < incarnation)
        };
        let gone: Vec<u32> = self.links.iter().filter(|(_, l)| old(l)).map(|(i, _)| *i).collect();
        gone.into_iter().for_each(|i| self.remove(ctx, i));
    }

    /// Forgets a session. What was queued on it is lost, and said so.
    pub(crate) fn remove(&mut self, ctx: &mut Ctx<'_>, index: u32) {
        let Some(link) = self.links.remove(&index) else { return };
        ctx.timers.cancel(Timer::Session(index));
        self.paths.retain(|_, i| *i != index);
        let peer = link.peer.or(link.expected);
        if let Some(peer) = peer.filter(|p| self.peers.get(p) == Some(&index)) {
            let other = self
                .links
                .iter()
                .filter(|(_, l)| l.peer == Some(peer) && l.is_established())
                .max_by_key(|(_, l)| l.last_received);
            match other {
                Some((i, _)) => self.peers.insert(peer, *i),
                None => self.peers.remove(&peer),
            };
        }
        ctx.out.push_back(Effect::SessionLost { peer, session: index });
    }

    fn make_room(&mut self, ctx: &mut Ctx<'_>) {
        // spec: SES-010 4255
        let half_open = |l: &Link| matches!(l.stage, Stage::ReplySent { .. });
        if self.links.values().filter(|l| half_open(l)).count() >= self.config.max_half_open {
            let oldest = self.links.iter().filter(|(_, l)| half_open(l)).min_by_key(|(_, l)| l.last_received);
            if let Some(index) = oldest.map(|(i, _)| *i) {
                self.remove(ctx, index);
            }
        }
    }

    fn fresh_index(&mut self) -> u32 {
        loop {
            let index = self.entropy.next_u64() as u32;
            if !self.links.contains_key(&index) {
                return index;
            }
        }
    }
}

/// The beacon in a handshake message: verified, and bound to the handshake's static key.
fn peer_beacon(
    ctx: &Ctx<'_>,
    remote_static: Option<[u8; 32]>,
    payload: &[u8],
    expected: Option<NodeId>,
) -> Result<Verified<Beacon>, DropReason> {
    let beacon = Beacon::verify(ctx.identity, payload)?;
    if ctx.unix_s.is_some_and(|now| beacon.expires < now) {
        return Err(DropReason::UnexpectedRecord);
    }
    // spec: SES-004 131c
    let bound = remote_static == Some(beacon.x25519);
    // spec: SES-005 cb6d, SES-007 265d
    if !bound || beacon.id == ctx.identity.id || expected.is_some_and(|e| e != beacon.id) {
        return Err(DropReason::WrongIdentity);
    }
    Ok(beacon)
}

impl From<noise::NoiseError> for DropReason {
    fn from(_: noise::NoiseError) -> Self {
        Self::NotAuthentic
    }
}

fn encode(packet: Packet<'_>) -> Bytes {
    let mut bytes = Vec::new();
    // A `Vec` takes every packet.
    let _ = packet.encode(&mut bytes);
    Bytes::from(bytes)
}
