//! A node of the model: the production machine, its timers and its clock, and as little around them as `node` has.

use mindos_wire::{Frame, Packet, Ping, Tail, frames};

use super::super::super::*;
use super::scenario::Broken;
use crate::outbox::frame;

/// Where datagrams come from that answer nothing.
const INCOMING: PathId = PathId(100);

/// What does not change.
pub(super) struct Member {
    pub(super) identity: Identity,
    pub(super) beacon: Beacon,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Node {
    pub(super) sessions: Sessions,
    pub(super) timers: Timers,
    /// Every node has a clock of its own: how fast one runs tells nothing about the other.
    pub(super) now: Instant,
}

/// What one step of a node did.
#[derive(Default)]
pub(super) struct Step {
    pub(super) sent: Vec<Bytes>,
    /// Application frames that it took: who sent them by its account, their number, and whether they came under the
    /// keys of both exchanges.
    pub(super) taken: Vec<(NodeId, u32, bool)>,
    /// A datagram came before the session that it belongs to, which is as good as lost.
    pub(super) too_early: bool,
}

impl Node {
    /// `label`: of its randomness, another in every run.
    pub(super) fn new(member: &Member, config: Config, label: &'static str) -> Self {
        let entropy = Entropy::new(member.identity.crypto, &member.identity.id.0, label);
        let sessions = Sessions::new(config, &member.identity, entropy);
        Self { sessions, timers: Timers::default(), now: Instant(0) }
    }

    fn with<R>(&mut self, member: &Member, f: impl FnOnce(&mut Sessions, &mut Ctx<'_>) -> R) -> (R, Step) {
        let mut out = Effects::new();
        let mut ctx = Ctx {
            now: self.now,
            identity: &member.identity,
            beacon: &member.beacon,
            unix_s: None,
            members: &super::super::Known::default(),
            timers: &mut self.timers,
            out: &mut out,
        };
        let result = f(&mut self.sessions, &mut ctx);
        let sent = out.into_iter().filter_map(|e| match e {
            Effect::Transmit { bytes, .. } => Some(bytes),
            _ => None,
        });
        (result, Step { sent: sent.collect(), ..Step::default() })
    }

    /// The session to send to `peer` on.
    pub(super) fn usable(&self, peer: &NodeId) -> Option<u32> {
        self.sessions.route(self.now, peer).filter(|i| self.sessions.is_established(*i))
    }

    /// As `node` does when it has something to send and no session.
    pub(super) fn open(&mut self, member: &Member, expected: Option<NodeId>) -> Step {
        let path = PathId(self.sessions.next_path);
        let (ready, step) = self.with(member, |s, ctx| {
            s.connect(ctx, expected, Bytes::from_static(b"\x01x"));
            s.path_ready(ctx, path, 1_200)
        });
        ready.unwrap();
        step
    }

    /// One application frame to `peer`, and whether it leaves under the keys of both exchanges.
    pub(super) fn send(
        &mut self,
        member: &Member,
        peer: &NodeId,
        number: u32,
        broken: Option<Broken>,
    ) -> Option<(Step, bool)> {
        let session = self.usable(peer)?;
        let before = self.keys(session)?.send.clone();
        let mut packet = vec![0; SEALED_HEADER];
        packet.extend(frame(&Ping { nonce: number, view: 0, tail: Tail::default() }));
        let (counter, step) = self.with(member, |s, ctx| s.seal(ctx, session, packet, Class::Message));
        let hybrid = self.is_hybrid(session, counter?);
        if broken == Some(Broken::Counter) {
            self.keys(session)?.send = before;
        }
        Some((step, hybrid))
    }

    pub(super) fn take(&mut self, member: &Member, bytes: &[u8], broken: Option<Broken>) -> Step {
        let receiver = match Packet::decode(bytes) {
            Ok(Packet::Sealed(p)) => Some(p.receiver),
            _ => None,
        };
        let before = receiver.and_then(|i| self.keys(i).map(|k| (i, k.receive.clone())));
        let (result, mut step) = self.with(member, |s, ctx| s.datagram(ctx, INCOMING, bytes));
        step.too_early = result.as_ref().is_err_and(|reason| *reason == DropReason::UnknownSession);
        if broken == Some(Broken::Window)
            && let Some((index, receive)) = before
            && let Some(keys) = self.keys(index)
        {
            keys.receive = receive;
        }
        let Ok(Some(opened)) = result else { return step };
        for found in frames(&opened.frames) {
            match found.unwrap() {
                _ if !self.sessions.is_established(opened.session) => break,
                Frame::Close(_) => step.sent.extend(self.with(member, |s, ctx| s.remove(ctx, opened.session)).1.sent),
                Frame::Ping(p) => {
                    step.taken.push((opened.peer, p.nonce, self.is_hybrid(opened.session, opened.counter)));
                }
                _ => {}
            }
        }
        step
    }

    /// The next timer, at its time or, where the clock was set on beyond it, late.
    pub(super) fn fire(&mut self, member: &Member) -> Option<Step> {
        let (at, _) = self.timers.next()?;
        self.now = self.now.max(at);
        let Some(Timer::Session(index)) = self.timers.pop_due(self.now) else { return None };
        Some(self.with(member, |s, ctx| s.timer(ctx, index)).1)
    }

    /// Time passes in which no timer is due.
    pub(super) fn wait(&mut self, time: Duration) -> Option<()> {
        let then = self.now + time;
        self.timers.next().is_none_or(|(at, _)| then < at).then(|| self.now = then)
    }

    fn keys(&mut self, session: u32) -> Option<&mut link::Keys> {
        match &mut self.sessions.links.get_mut(&session)?.stage {
            Stage::Established(keys) => Some(keys),
            _ => None,
        }
    }

    fn is_hybrid(&self, session: u32, counter: u64) -> bool {
        self.sessions.links.get(&session).is_some_and(|l| l.suite == SUITE_HYBRID) && counter >= epoch::COUNTERS
    }
}

/// Whether what `link` of `from` seals next is opened by `other` of `to`. True if one of them has no keys.
pub(super) fn opens(member: &Member, (from, link): (&Node, &Link), (to, other): (&Node, &Link)) -> bool {
    let (Stage::Established(here), Stage::Established(there)) = (&link.stage, &other.stage) else { return true };
    let (crypto, mut send, mut receive) = (member.identity.crypto, here.send.clone(), there.receive.clone());
    let Some((counter, key)) = send.next(crypto, from.now, here.upgrade.holds()) else { return true };
    let tag = key.seal(crypto, counter, &[], &mut []);
    receive.open(crypto, to.now, counter, (&[], &mut [], &tag), there.upgrade.material()).is_ok()
}
