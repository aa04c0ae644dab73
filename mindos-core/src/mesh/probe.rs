//! Probes: who is asked when, how often a failed one is repeated, and what an answer teaches (spec 05).

use mindos_wire::{MemberState, Ping, PingAck};

use super::table::{K, ME, Slot};
use super::{Ctx, Mesh};
use crate::identity::NodeId;
use crate::outbox::{Effect, How, frame};
use crate::timer::Timer;
use crate::{Duration, Event, Instant};

/// A pair that never measured its round trip waits this long for an answer.
const UNMEASURED: Duration = Duration::from_millis(800);
const MIN_TIMEOUT: Duration = Duration::from_millis(120);
/// An answer later than this teaches no round trip: the peer slept.
const LATE: Duration = Duration::from_secs(4);
/// Loss estimate, in parts per 2^32: start, floor, and the chance of a false failure that is accepted.
const LOSS_START: u64 = (1 << 32) / 10;
const LOSS_FLOOR: u64 = (1 << 32) / 50;
const FALSE_FAILURE: u64 = 6_442_451; // 0.0015
/// Rounds between two probes of somebody held down.
const DOWN_ROUNDS: u64 = 16;
/// This many members gone bad within `MASS_SPAN` are a mass failure.
pub(super) const MASS: usize = 3;
const MASS_SPAN: Duration = Duration::from_secs(6);

/// A probe on its way.
#[derive(Clone, Debug)]
pub(super) struct Probe {
    nonce: u32,
    tries: u32,
    sent: Instant,
    /// The session was up when it left, so the answer measures a round trip.
    measures: bool,
    /// The host asked for it.
    wanted: bool,
}

/// The share of answered probes that needed a retry: deaths do not raise it.
#[derive(Debug)]
pub(super) struct Loss(u64);

impl Default for Loss {
    fn default() -> Self {
        Self(LOSS_START)
    }
}

impl Loss {
    fn answered(&mut self, retried: bool) {
        let seen = if retried { 1 << 32 } else { 0 };
        self.0 = self.0 - self.0 / 64 + seen / 64;
    }

    /// The least n in 2..=6 with loss^n at most `FALSE_FAILURE`.
    fn tries(&self) -> u32 {
        let p = self.0.clamp(LOSS_FLOOR, 1 << 32);
        let mut power = p;
        // spec: MESH-004 5824
        for n in 2..6 {
            power = ((u128::from(power) * u128::from(p)) >> 32) as u64;
            if power <= FALSE_FAILURE {
                return n;
            }
        }
        6
    }
}

impl Mesh {
    /// Once per interval: the subject of the next ring, and what is still in doubt.
    pub(super) fn tick(&mut self, ctx: &mut Ctx<'_>) {
        ctx.timers.set(Timer::Tick, ctx.now + self.config.interval);
        if self.is_alone() {
            return;
        }
        self.rounds += 1;
        // spec: MESH-001 d01f
        let ring = (self.rounds % K as u64) as usize;
        if let Some(subject) = self.table.seat(ME, ring, false) {
            self.probe(ctx, subject, false);
        }
        self.accused.retain(|s| self.table.get(*s).is_some_and(|m| !m.accusers.is_empty() || m.mine.is_some()));
        let doubtful: alloc::vec::Vec<Slot> =
            self.accused.iter().copied().filter(|s| self.is_doubtful(*s)).take(16).collect();
        doubtful.into_iter().for_each(|s| self.probe(ctx, s, false));
        if self.rounds.is_multiple_of(DOWN_ROUNDS) {
            self.probe_one_down(ctx);
        }
        if self.is_isolated(ctx.now) {
            for _ in 0..4 {
                let slot = self.entropy.below(self.table.len()) as Slot;
                self.probe(ctx, slot, false);
            }
        }
        self.expire_accusations(ctx.now);
    }

    /// Asks one of those held down: after a partition somebody must ask first.
    fn probe_one_down(&mut self, ctx: &mut Ctx<'_>) {
        let down = |s: &Slot| self.table.get(*s).is_some_and(|m| m.state == MemberState::Down);
        let down: alloc::vec::Vec<Slot> = self.table.slots().filter(down).collect();
        if let Some(slot) = down.get(self.entropy.below(down.len())) {
            self.probe(ctx, *slot, false);
        }
    }

    /// Failing this node's probes, or under a certificate that cannot be verified yet.
    fn is_doubtful(&self, slot: Slot) -> bool {
        let Some(m) = self.table.get(slot) else { return false };
        !m.is_gone() && (m.mine.is_some() || m.certified() >= self.config.quorum)
    }

    /// Whether nobody was heard for two intervals: perhaps it is this node that is cut off.
    pub(super) fn is_isolated(&self, now: Instant) -> bool {
        now.since(self.last_heard) > self.config.interval.times(2)
    }

    /// Sends a probe, unless one is open.
    pub(super) fn probe(&mut self, ctx: &mut Ctx<'_>, slot: Slot, wanted: bool) {
        let nonce = self.entropy.next_u64() as u32;
        let Some(m) = self.table.get_mut(slot) else { return };
        if slot == ME || m.probe.is_some() {
            if let Some(p) = &mut m.probe {
                p.wanted |= wanted;
            }
            return;
        }
        m.probe = Some(Probe { nonce, tries: 1, sent: ctx.now, measures: m.session, wanted });
        self.ping(ctx, slot, nonce);
    }

    fn ping(&mut self, ctx: &mut Ctx<'_>, slot: Slot, nonce: u32) {
        let Some(m) = self.table.get(slot) else { return };
        let ping = frame(&Ping { nonce, view: self.table.view(), tail: Default::default() });
        ctx.out.push_back(Effect::Send { to: m.id, how: How::Now, frames: ping });
        ctx.timers.set(Timer::Probe(slot), ctx.now + timeout(m.srtt));
    }

    /// A peer asks.
    pub(super) fn on_ping(&mut self, ctx: &mut Ctx<'_>, from: &NodeId, ping: &Ping<'_>) {
        // spec: MESH-003 a188
        if self.left {
            return;
        }
        // spec: MESH-002 6b57
        let ack = frame(&PingAck { nonce: ping.nonce, view: self.table.view(), tail: Default::default() });
        ctx.out.push_back(Effect::Send { to: *from, how: How::Now, frames: ack });
        // One that is held suspect or down speaks: it is told, so that it refutes.
        if let Some(slot) = self.table.slot(from)
            && !self.table.is_alive(slot)
        {
            self.tell(ctx, slot, *from, false);
        }
    }

    /// A peer answers.
    pub(super) fn on_ack(&mut self, ctx: &mut Ctx<'_>, from: &NodeId, ack: &PingAck<'_>) {
        let Some(slot) = self.table.slot(from) else { return };
        let Some(m) = self.table.get_mut(slot) else { return };
        let now = ctx.now;
        if let Some(p) = m.late.take_if(|p| p.nonce == ack.nonce && now.since(p.sent) < LATE) {
            // Slow, not dead: wait longer from now on.
            let rtt = now.since(p.sent).min(Duration::from_secs(3));
            m.srtt = m.srtt.max(Some(rtt));
            m.last_ack = Some(now);
            self.withdraw(ctx, slot);
        }
        let Some(m) = self.table.get_mut(slot) else { return };
        if let Some(p) = m.probe.take_if(|p| p.nonce == ack.nonce) {
            ctx.timers.cancel(Timer::Probe(slot));
            let rtt = now.since(p.sent);
            if p.tries == 1 && p.measures {
                m.srtt = Some(m.srtt.map_or(rtt, |s| Duration((4 * s.0 + rtt.0) / 5)));
            }
            if p.measures {
                self.loss.answered(p.tries > 1);
            }
            m.last_ack = Some(now);
            m.held = None;
            if p.wanted {
                ctx.out.push_back(Effect::Event(Event::Pong { node: *from, rtt }));
            }
            self.withdraw(ctx, slot);
            self.answer_fellows(ctx, slot);
            self.tell_accused(ctx, slot);
            self.compare_views(ctx, from, ack.view);
        }
    }

    /// An answer is overdue: ask again, or the probe failed.
    pub(super) fn probe_overdue(&mut self, ctx: &mut Ctx<'_>, slot: Slot) {
        let mass = self.is_mass(ctx.now);
        let base = self.loss.tries();
        let Some(m) = self.table.get_mut(slot) else { return };
        let Some(p) = &mut m.probe else { return };
        let tries = match (m.srtt, mass) {
            (None, _) => base.max(3),
            (Some(_), true) => (base - 1).max(2),
            (Some(_), false) => base,
        };
        if p.tries < tries {
            p.tries += 1;
            let nonce = p.nonce;
            return self.ping(ctx, slot, nonce);
        }
        m.late = m.probe.take();
        self.failed(ctx, slot);
    }

    /// A session came up: what waits for an answer waits a round trip from now.
    pub(super) fn session_up(&mut self, ctx: &mut Ctx<'_>, slot: Slot, rtt: Option<Duration>) {
        let Some(m) = self.table.get_mut(slot) else { return };
        m.session = true;
        m.srtt = m.srtt.or(rtt);
        if m.probe.is_some() {
            ctx.timers.set(Timer::Probe(slot), ctx.now + timeout(m.srtt));
        }
    }

    /// Whether many went bad at once.
    pub(super) fn is_mass(&self, now: Instant) -> bool {
        self.bad.len() >= MASS && self.bad.front().is_some_and(|t| now.since(*t) < MASS_SPAN)
    }

    /// Someone went bad in this node's eyes.
    pub(super) fn note_bad(&mut self, now: Instant) {
        self.bad.push_back(now);
        if self.bad.len() > MASS {
            self.bad.pop_front();
        }
    }
}

/// How long to wait for an answer.
fn timeout(srtt: Option<Duration>) -> Duration {
    let Some(s) = srtt else { return UNMEASURED };
    Duration((2 * s.0 + 20_000).max(MIN_TIMEOUT.0))
}
