//! Handshakes: from a first packet to a session that carries frames (spec 04).

use alloc::vec::Vec;

use bytes::Bytes;
use mindos_wire::{Close, Established, Finish, Hello, Packet, Reply, Retry, Tail};

use super::answers::MAX_OF_PATH;
use super::link::{Link, Stage};
use super::noise::{self, Blake3, Handshake};
use super::{Ctx, HALF_OPEN, IDLE, RETRY, Sessions, TRIES};
use crate::identity::{Beacon, NodeId, Verified};
use crate::outbox::{Class, Effect, frame};
use crate::timer::Timer;
use crate::{DropReason, Duration, Instant, PathId};

/// Beacons of one handshake's `finish`es that are looked at, if they are refused.
const FALSE_FINISHES: u8 = 4;
/// Length of the shortest packet that is made here, and the one that must cost least.
const RETRY_LEN: usize = 21;

impl Sessions {
    pub(super) fn hello(&mut self, ctx: &mut Ctx<'_>, path: PathId, p: &Hello<'_>) -> Result<(), DropReason> {
        // spec: SES-002 f2ca
        if !self.config.hybrid.answers(p.suite) || p.network != ctx.identity.network {
            return Err(DropReason::OtherNetwork);
        }
        // Much to do: first the asker shows that it hears at its address. No key is touched before.
        // spec: SES-024 a4e1
        if self.answers.need_proof(ctx.now, path, self.config.max_half_open)
            && let Err(cookie) = &self.cookies.check(ctx.identity.crypto, ctx.now, path, p.cookie)
        {
            let bytes = encode(Packet::Retry(Retry { receiver: p.sender, cookie }));
            ctx.out.push_back(Effect::Transmit { path, bytes, class: Class::Probe });
            return Ok(());
        }
        // The same first packet again: its answer was lost.
        // spec: SES-008 cbfa
        let first = (*p.noise, p.suite, p.sender);
        if let Some(link) = self.answers.get(&first).and_then(|i| self.links.get(&i)) {
            if let Stage::ReplySent { bytes, .. } = &link.stage {
                ctx.out.push_back(Effect::Transmit { path, bytes: bytes.clone(), class: Class::Probe });
            }
            return Ok(());
        }
        // A cookie proves an address, not good will: what one who hears can make this side compute is bounded.
        // spec: SES-041 dce9
        if !self.answers.begin(ctx.now, path) {
            return Err(DropReason::Full);
        }
        let prologue = self.prologue(p.suite);
        let ephemeral = self.entropy.secret();
        let index = self.fresh_index();
        let mut handshake =
            Handshake::<Blake3>::responder_with(ctx.identity.crypto, &[&prologue], &self.keys, ephemeral);
        let mut noise = Vec::new();
        handshake.read(p.noise)?;
        // spec: SES-003 402c
        handshake.write(&ctx.beacon.record, &mut noise)?;
        self.make_room(ctx, path);
        let bytes = encode(Packet::Reply(Reply { receiver: p.sender, sender: index, noise: &noise }));
        let mut link = Link::new(ctx.now, path, p.suite, None, false);
        link.hello = Some(first);
        link.stage = Stage::ReplySent {
            handshake: alloc::boxed::Box::new(handshake),
            bytes: bytes.clone(),
            remote: p.sender,
            sent: ctx.now,
            refused: 0,
        };
        self.links.insert(index, link);
        self.answers.insert(path, first, index);
        ctx.timers.set(Timer::Session(index), ctx.now + HALF_OPEN);
        ctx.out.push_back(Effect::Transmit { path, bytes, class: Class::Probe });
        Ok(())
    }

    pub(super) fn reply(&mut self, ctx: &mut Ctx<'_>, p: &Reply<'_>) -> Result<(), DropReason> {
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
        let path = link.path;
        ctx.out.push_back(Effect::Transmit { path, bytes, class: Class::Probe });
        ctx.timers.set(Timer::Session(index), ctx.now + rtt.unwrap_or(RETRY).times(2).max(RETRY));
        self.proved(ctx, index, beacon, rtt, true);
        Ok(())
    }

    /// A responder has much to do: the same first packet leaves again, with the cookie that it gave.
    pub(super) fn retry(&mut self, ctx: &mut Ctx<'_>, p: &Retry<'_>) -> Result<(), DropReason> {
        let link = self.links.get_mut(&p.receiver).ok_or(DropReason::UnknownSession)?;
        let Stage::HelloSent { bytes, asked, .. } = &mut link.stage else {
            return Err(DropReason::UnknownSession);
        };
        let Packet::Hello(hello) = Packet::decode(bytes).map_err(DropReason::Malformed)? else {
            return Err(DropReason::UnknownSession);
        };
        // spec: SES-044 d66a
        if hello.cookie == p.cookie {
            return Err(DropReason::Replayed);
        }
        let again = encode(Packet::Hello(Hello { cookie: p.cookie, ..hello }));
        *bytes = again.clone();
        // Anybody who sees the first packet can answer so: what it makes this side send is bounded, and the genuine
        // cookie takes the place of a false one.
        // spec: SES-025 4fab
        if !core::mem::replace(asked, true) {
            ctx.out.push_back(Effect::Transmit { path: link.path, bytes: again, class: Class::Probe });
        }
        Ok(())
    }

    pub(super) fn finish(&mut self, ctx: &mut Ctx<'_>, path: PathId, p: &Finish<'_>) -> Result<(), DropReason> {
        let index = p.receiver;
        let link = self.links.get_mut(&index).ok_or(DropReason::UnknownSession)?;
        let hash = ctx.identity.crypto.hash(&[p.noise]);
        if let Stage::Established(keys) = &mut link.stage {
            // The peer did not hear from us yet. Anybody may repeat what it said: not for ever.
            if keys.finished != Some(hash) || keys.tries >= TRIES {
                return Err(DropReason::UnknownSession);
            }
            keys.tries += 1;
            // Where it came from is answered; where the session lives, a sealed packet says.
            let lives = core::mem::replace(&mut link.path, path);
            self.confirm(ctx, index);
            if let Some(link) = self.links.get_mut(&index) {
                link.path = lives;
            }
            return Ok(());
        }
        let Stage::ReplySent { handshake, sent, remote, refused, .. } = &mut link.stage else {
            return Err(DropReason::UnknownSession);
        };
        // Nobody but who began the handshake comes as far as to its beacon: that it costs a verification is bounded.
        // spec: SES-043 1cb9
        if *refused == FALSE_FINISHES {
            return Err(DropReason::Full);
        }
        let beacon = handshake.read_with(p.noise, |key, payload| {
            let beacon = peer_beacon(ctx, key, &payload, None);
            *refused += u8::from(beacon.is_err());
            beacon
        })?;
        let (rtt, remote) = (ctx.now.since(*sent), *remote);
        let Stage::ReplySent { handshake, .. } = core::mem::replace(&mut link.stage, Stage::Opening) else {
            return Err(DropReason::UnknownSession);
        };
        let (send, receive) = handshake.split()?;
        // The first packet may have come by another way, copied by whoever stands there.
        // spec: SES-040 833e
        link.path = path;
        link.establish(ctx.now, beacon.id, send, receive, remote, None);
        link.incarnation = beacon.incarnation;
        if let Stage::Established(keys) = &mut link.stage {
            keys.finished = Some(hash);
        }
        ctx.timers.set(Timer::Session(index), ctx.now + IDLE);
        // spec: SES-009 54d3
        self.confirm(ctx, index);
        self.proved(ctx, index, beacon, Some(rtt), false);
        Ok(())
    }

    /// Tells the initiator that its last message arrived.
    pub(super) fn confirm(&mut self, ctx: &mut Ctx<'_>, index: u32) {
        self.seal_frame(ctx, index, &frame(&Established { tail: Tail::default() }));
    }

    pub(super) fn up(
        &mut self,
        ctx: &mut Ctx<'_>,
        session: u32,
        beacon: Verified<Beacon>,
        rtt: Option<Duration>,
        joined: bool,
    ) {
        let peer = beacon.id;
        self.peers.insert(peer, session);
        if let Some(hello) = self.links.get_mut(&session).and_then(|l| l.hello.take()) {
            self.answers.remove(&hello);
        }
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
        same.into_iter().for_each(|(_, i)| self.close(ctx, i));
        let established = self.links.iter().filter(|(_, l)| l.is_established());
        if established.clone().count() > self.config.max_sessions {
            // Names cost nothing: whoever comes under many of them displaces strangers, and no member.
            let rank = |i: u32, l: &Link| {
                let is_member = l.peer.is_some_and(|p| ctx.members.is_member(&p));
                (l.expected.is_some(), is_member, l.last_received, i == session)
            };
            let last = established.min_by_key(|(i, l)| rank(**i, l)).map(|(i, _)| *i);
            if let Some(index) = last {
                self.close(ctx, index);
            }
            if last == Some(session) {
                return;
            }
        }
        ctx.out.push_back(Effect::SessionUp { session, peer, beacon: alloc::boxed::Box::new(beacon), rtt, joined });
    }

    /// Room for one more unfinished answer, of `path` and of all.
    fn make_room(&mut self, ctx: &mut Ctx<'_>, path: PathId) {
        // spec: SES-010 4255, SES-030 8be8
        for (limit, path) in [(MAX_OF_PATH, Some(path)), (self.config.max_half_open, None)] {
            let half_open = |l: &Link| l.is_half_open() && path.is_none_or(|p| l.path == p);
            if self.links.values().filter(|l| half_open(l)).count() >= limit {
                let oldest = self.links.iter().filter(|(_, l)| half_open(l)).min_by_key(|(_, l)| l.began);
                if let Some(index) = oldest.map(|(i, _)| *i) {
                    self.remove(ctx, index);
                }
            }
        }
    }

    /// Ends a session, and tells the peer, which does not have to find out.
    pub(super) fn close(&mut self, ctx: &mut Ctx<'_>, index: u32) {
        // spec: SES-035 3abd
        if self.is_established(index) {
            self.seal_frame(ctx, index, &frame(&Close { tail: Tail::default() }));
        }
        self.remove(ctx, index);
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

pub(super) fn encode(packet: Packet<'_>) -> Bytes {
    let mut bytes = Vec::with_capacity(RETRY_LEN);
    // A `Vec` takes every packet.
    let _ = packet.encode(&mut bytes);
    Bytes::from(bytes)
}
