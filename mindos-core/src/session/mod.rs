//! Sessions (spec 04): a Noise handshake, then sealed packets. No retransmission of data, no
//! congestion control: that is `delivery`.

mod answers;
mod cookie;
mod epoch;
mod handshake;
#[cfg(feature = "lab")]
pub mod lab;
mod link;
pub mod noise;
pub mod replay;
#[cfg(test)]
mod tests;
mod upgrade;

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use bytes::Bytes;
use mindos_wire::{Hello, MAX_PACKET, Packet, SEALED_HEADER, SEALED_OVERHEAD, SUITE, SUITE_HYBRID, Sealed, VERSION};

use crate::entropy::Entropy;
use crate::identity::{Beacon, Identity, NodeId};
use crate::outbox::{Class, Effect, Effects};
use crate::timer::{Timer, Timers};
use crate::{DropReason, Duration, Instant, PathId};
use answers::Answers;
use cookie::Cookies;
use link::{Link, Stage};
use noise::{Blake3, Handshake, KeyPair};
use upgrade::Upgrade;

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

/// Whether sessions take ML-KEM-768 in beside X25519 (suite 2, spec 04).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Hybrid {
    /// Suite 1 only.
    Never,
    /// Begins in suite 1, and answers both.
    #[default]
    Accept,
    /// Suite 2 only: nodes without it are not reached, and nobody can talk this node out of it.
    Require,
}

impl Hybrid {
    const fn begins(self) -> u16 {
        match self {
            Self::Never | Self::Accept => SUITE,
            Self::Require => SUITE_HYBRID,
        }
    }

    fn answers(self, suite: u16) -> bool {
        match self {
            Self::Never => suite == SUITE,
            Self::Accept => suite == SUITE || suite == SUITE_HYBRID,
            Self::Require => suite == SUITE_HYBRID,
        }
    }
}

/// Ranges: `max_sessions` ≥ 2, `max_half_open` ≥ 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Config {
    /// Established sessions; at the cap one that a stranger began gives way first, then one that a member began, then
    /// one of this side's own, and of equals the one unheard for longest.
    pub(crate) max_sessions: usize,
    /// Handshakes in progress that others began; at the cap the oldest of these gives way, never a session.
    pub(crate) max_half_open: usize,
    pub(crate) hybrid: Hybrid,
}

/// What is known above of who is who.
pub(crate) trait Members {
    /// Whether a node is a member in service.
    fn is_member(&self, node: &NodeId) -> bool;
}

/// What a session needs from the node.
pub(crate) struct Ctx<'a> {
    pub(crate) now: Instant,
    pub(crate) identity: &'a Identity,
    pub(crate) beacon: &'a Beacon,
    /// For expiry dates, if the host gave it.
    pub(crate) unix_s: Option<u64>,
    pub(crate) members: &'a dyn Members,
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
#[cfg_attr(feature = "model", derive(Clone, PartialEq, Eq, Hash))]
pub(crate) struct Sessions {
    config: Config,
    keys: KeyPair,
    network: u32,
    entropy: Entropy,
    cookies: Cookies,
    links: BTreeMap<u32, Link>,
    answers: Answers,
    /// The session to send on: the newest established one, or the one being made.
    peers: BTreeMap<NodeId, u32>,
    paths: BTreeMap<PathId, u32>,
    next_path: u32,
}

impl Sessions {
    pub(crate) fn new(config: Config, identity: &Identity, mut entropy: Entropy) -> Self {
        let cookies = Cookies::new(entropy.secret());
        let can_upgrade = identity.crypto.kem_public(&[0; 64]).is_some();
        let hybrid = if config.hybrid == Hybrid::Accept && !can_upgrade { Hybrid::Never } else { config.hybrid };
        let config = Config { hybrid, ..config };
        Self {
            config,
            keys: KeyPair::new(identity.crypto, identity.x25519_secret()),
            network: identity.network,
            entropy,
            cookies,
            links: BTreeMap::new(),
            answers: Answers::default(),
            peers: BTreeMap::new(),
            paths: BTreeMap::new(),
            next_path: 0,
        }
    }

    /// What both sides bind the handshake to.
    fn prologue(&self, suite: u16) -> [u8; 13] {
        // spec: SES-001 887f
        let mut prologue = *b"MindOS\0\0\0\0\0\0\0";
        let fields = [VERSION].into_iter().chain(suite.to_le_bytes()).chain(self.network.to_le_bytes());
        prologue.iter_mut().skip(6).zip(fields).for_each(|(p, f)| *p = f);
        prologue
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

    /// Handshakes in progress that others began.
    pub(crate) fn half_open(&self) -> usize {
        self.answers.len()
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
        let suite = self.config.hybrid.begins();
        self.links.insert(index, Link::new(ctx.now, path, suite, expected, expected.is_none()));
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
        let suite = self.config.hybrid.begins();
        let prologue = self.prologue(suite);
        let link = self.links.get_mut(&index).ok_or(DropReason::UnknownSession)?;
        if !matches!(link.stage, Stage::Opening) {
            return Err(DropReason::ApiMisuse("path is open"));
        }
        let mut handshake =
            Handshake::<Blake3>::initiator_with(ctx.identity.crypto, &[&prologue], &self.keys, ephemeral);
        let mut message = Vec::new();
        handshake.write(&[], &mut message)?;
        let noise = message.first_chunk().ok_or(DropReason::NotAuthentic)?;
        let (network, cookie) = (ctx.identity.network, &[0; 16]);
        let hello = Hello { version: VERSION, suite, network, sender: index, noise, cookie };
        let bytes = handshake::encode(Packet::Hello(hello));
        link.stage = Stage::HelloSent {
            handshake: alloc::boxed::Box::new(handshake),
            bytes: bytes.clone(),
            tries: 1,
            asked: false,
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
            Packet::Sealed(p) => self.open(ctx, path, &p, bytes),
            Packet::Hello(p) => self.hello(ctx, path, &p).map(|()| None),
            Packet::Reply(p) => self.reply(ctx, &p).map(|()| None),
            Packet::Finish(p) => self.finish(ctx, path, &p).map(|()| None),
            Packet::Retry(p) => self.retry(ctx, &p).map(|()| None),
        }
    }

    fn open(
        &mut self,
        ctx: &mut Ctx<'_>,
        path: PathId,
        p: &Sealed<'_>,
        bytes: &[u8],
    ) -> Result<Option<Opened>, DropReason> {
        let link = self.links.get_mut(&p.receiver).ok_or(DropReason::UnknownSession)?;
        let (Some(peer), Stage::Established(keys)) = (link.peer, &mut link.stage) else {
            return Err(DropReason::UnknownSession);
        };
        let (body, tag) = p.ciphertext.split_last_chunk::<16>().ok_or(DropReason::NotAuthentic)?;
        let mut frames = body.to_vec();
        let header = bytes.get(..SEALED_HEADER).unwrap_or_default();
        let packet = (header, &mut frames[..], tag);
        let epoch = keys.receive.epoch();
        keys.receive.open(ctx.identity.crypto, ctx.now, p.counter, packet, keys.upgrade.material())?;
        if keys.receive.epoch() != epoch
            && let Some(at) = keys.receive.expire(ctx.now)
        {
            ctx.timers.set_no_later(Timer::Session(p.receiver), at);
        }
        keys.finish = None;
        let is_highest = keys.receive.is_highest(p.counter);
        link.last_received = ctx.now;
        link.doubted = false;
        // The peer may have moved: answers follow the newest authentic packet, not one that was delayed.
        // spec: SES-016 324d
        if is_highest {
            link.path = path;
        }
        if !self.upgraded(ctx, p.receiver, p.counter, &frames)? {
            return Ok(None);
        }
        // The session lives: no need to wait for one that is being made in its place.
        if !self.peers.get(&peer).is_some_and(|i| self.is_established(*i)) {
            self.peers.insert(peer, p.receiver);
        }
        Ok(Some(Opened { session: p.receiver, peer, counter: p.counter, frames }))
    }

    /// Seals `packet`, whose first 13 bytes are room for the header, and sends it. Returns its counter.
    pub(crate) fn seal(&mut self, ctx: &mut Ctx<'_>, session: u32, mut packet: Vec<u8>, class: Class) -> Option<u64> {
        let link = self.links.get_mut(&session)?;
        let Stage::Established(keys) = &mut link.stage else { return None };
        let (counter, key) = keys.send.next(ctx.identity.crypto, ctx.now, keys.upgrade.holds())?;
        let (header, body) = packet.split_first_chunk_mut::<SEALED_HEADER>()?;
        let fields = [4].into_iter().chain(keys.remote.to_le_bytes()).chain(counter.to_le_bytes());
        header.iter_mut().zip(fields).for_each(|(h, f)| *h = f);
        // spec: SES-012 1813
        let tag = key.seal(ctx.identity.crypto, counter, &header[..], body);
        packet.extend(tag);
        ctx.out.push_back(Effect::Transmit { path: link.path, bytes: Bytes::from(packet), class });
        Some(counter)
    }

    /// Seals one frame in a packet of its own.
    fn seal_frame(&mut self, ctx: &mut Ctx<'_>, session: u32, frame: &[u8]) {
        let mut packet = alloc::vec![0; SEALED_HEADER];
        packet.extend(frame);
        self.seal(ctx, session, packet, Class::Probe);
    }

    /// Room for frames in one sealed packet.
    pub(crate) const ROOM: usize = MAX_PACKET - SEALED_OVERHEAD;

    /// A session's timer: retry a handshake, or forget what is idle.
    pub(crate) fn timer(&mut self, ctx: &mut Ctx<'_>, index: u32) {
        let Some(link) = self.links.get_mut(&index) else { return };
        let path = link.path;
        let (resend, again) = match &mut link.stage {
            Stage::HelloSent { bytes, tries, asked, .. } if *tries < TRIES => {
                *tries += 1;
                *asked = false;
                (Some(bytes.clone()), Some(ctx.now + Duration(RETRY.0 << (*tries - 1))))
            }
            Stage::Established(keys) => {
                let forget = keys.receive.expire(ctx.now);
                let waits = keys.finish.is_some()
                    || matches!(keys.upgrade, Upgrade::Offered { .. } | Upgrade::Confirming { .. });
                let idle = link.last_received + IDLE;
                if waits && keys.tries < TRIES {
                    keys.tries += 1;
                    let again = ctx.now + Duration(RETRY.0 << keys.tries);
                    if let Some(bytes) = keys.finish.clone() {
                        ctx.out.push_back(Effect::Transmit { path, bytes, class: Class::Probe });
                    }
                    self.repeat_upgrade(ctx, index);
                    (None, Some(again))
                } else if waits && keys.upgrade.is_ready() {
                    // The peer may hold the session good: it is told, in case that only answers are lost.
                    return self.close(ctx, index);
                } else if waits || !keys.upgrade.is_ready() || idle <= ctx.now {
                    (None, None)
                } else {
                    (None, Some(forget.map_or(idle, |f| f.min(idle))))
                }
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
        if let Some(hello) = link.hello {
            self.answers.remove(&hello);
        }
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

    fn fresh_index(&mut self) -> u32 {
        loop {
            let index = self.entropy.next_u64() as u32;
            if !self.links.contains_key(&index) {
                return index;
            }
        }
    }
}

/// A key that can be copied or compared gets where it should not. This does not compile if one of these types
/// learns to outside of the model: each would then have two of the implementations below.
#[cfg(not(feature = "model"))]
const _: () = {
    trait Only<Ability> {
        const CHECKED: () = ();
    }
    impl<T: ?Sized> Only<()> for T {}
    impl<T: Clone> Only<[(); 1]> for T {}
    impl<T: PartialEq> Only<[(); 2]> for T {}
    impl<T: core::hash::Hash> Only<[(); 3]> for T {}

    let _ = [
        <crate::identity::Secret as Only<_>>::CHECKED,
        <Entropy as Only<_>>::CHECKED,
        <Cookies as Only<_>>::CHECKED,
        <KeyPair as Only<_>>::CHECKED,
        <noise::TransportKey as Only<_>>::CHECKED,
        <Handshake<Blake3> as Only<_>>::CHECKED,
        <epoch::Sender as Only<_>>::CHECKED,
        <epoch::Receiver as Only<_>>::CHECKED,
        <Upgrade as Only<_>>::CHECKED,
        <link::Keys as Only<_>>::CHECKED,
        <Link as Only<_>>::CHECKED,
        <Sessions as Only<_>>::CHECKED,
    ];
};
