//! From a failed probe to *down*: accusations, seats that move, certificates, refutation (spec 05).

use alloc::vec::Vec;
use mindos_wire::{Accuse, Alive, Certificate, Deny, Endorsement, Leave, List, MemberState, Tail};

use super::table::{Accusation, K, ME, Member, Slot, rank};
use super::{Ctx, Mesh};
use crate::identity::{NodeId, Statement};
use crate::outbox::{Effect, frame};
use crate::timer::Timer;
use crate::{DropReason, Duration, Event, Instant};

/// An accusation counts this long after its author sent it.
const ACCUSATION: Duration = Duration::from_secs(4);
/// Two eligible accusers become a *suspect* after this.
const SUSPECT_DELAY: Duration = Duration::from_millis(500);
/// Eligible accusers that make a suspect: it passes its seats on, no more.
pub(super) const SUSPECT_QUORUM: usize = 2;
/// Suspects that eligibility passes on one ring; certified members do not count.
const MAX_PASSED: usize = 2;
/// Accusers kept per member.
const MAX_ACCUSERS: usize = 16;
/// A subject that answered this long ago is denied at once.
const FRESH: Duration = Duration::from_millis(333);
/// Refutations older than this are forgiven.
const FLAP_MEMORY: Duration = Duration::from_secs(600);
/// A fellow monitor unheard for this long may be dead too, when many are.
const SILENT: Duration = Duration::from_secs(8);

impl Mesh {
    /// A probe and its retries failed.
    pub(super) fn failed(&mut self, ctx: &mut Ctx<'_>, slot: Slot) {
        let now = ctx.now;
        // spec: MESH-006 8075, MESH-007 7329
        if self.is_isolated(now) {
            ctx.out.push_back(Effect::Isolated);
            return;
        }
        if now < self.mute_until {
            return;
        }
        let full = self.table.get(slot).is_some_and(|m| m.certified() >= self.config.quorum);
        let monitor = self.table.is_monitor(slot);
        let hold = self.table.get(slot).map_or(Duration(0), |m| flap_hold(m, now));
        let Some(m) = self.table.get_mut(slot) else { return };
        if m.is_gone() {
            return;
        }
        // spec: MESH-010 1b7a
        if full {
            // Others certified it in seats that this node does not see; its own probe completes the proof.
            return self.set_state(ctx, slot, MemberState::Down);
        }
        if hold.0 > 0 && now.since(*m.held.get_or_insert(now)) < hold {
            return;
        }
        // spec: MESH-005 386d
        if !monitor {
            return;
        }
        let first = m.mine.is_none();
        m.mine.get_or_insert(now);
        let (subject, incarnation) = (m.id, m.incarnation);
        let statement = Statement::Accuse { epoch: self.config.epoch, subject, incarnation };
        let signature = match m.accusers.get(&ME) {
            Some(a) => a.signature,
            None => ctx.identity.sign(&statement),
        };
        m.accusers.insert(ME, Accusation { signature, at: Some(now) });
        self.accused.insert(slot);
        if first {
            let others = self.failing;
            self.failing += 1;
            self.note_bad(now);
            if others >= 1 {
                self.sweep_wanted = true;
                self.want_flush(ctx);
            }
        }
        self.evaluate(ctx, slot);
        if self.table.get(slot).is_some_and(|m| m.state != MemberState::Down) {
            self.tell_fellows(ctx, slot, &signature);
        }
        self.walk_back(ctx, slot);
    }

    /// The accusation goes to the holders of the subject's other seats, and to nobody else.
    fn tell_fellows(&mut self, ctx: &mut Ctx<'_>, slot: Slot, signature: &[u8; 64]) {
        let Some(subject) = self.table.get(slot) else { return };
        let accuse =
            Accuse { subject: subject.alias, incarnation: subject.incarnation, signature, tail: Tail::default() };
        let mass = self.is_mass(ctx.now);
        // spec: MESH-008 8dc2
        let mut fellows: Vec<Slot> = Vec::new();
        for ring in 0..K {
            let mut spare = 2;
            for s in self.table.around(slot, ring, true) {
                if s == ME {
                    break;
                }
                if self.table.is_passed(s) {
                    continue;
                }
                if !fellows.contains(&s) {
                    fellows.push(s);
                }
                // The holder may be dead and not known so: then the next one holds the seat.
                let silent = self.table.get(s).and_then(|m| m.last_heard).is_none_or(|h| ctx.now.since(h) > SILENT);
                if !(mass && silent && spare > 0) {
                    break;
                }
                spare -= 1;
            }
        }
        let frames = frame(&accuse);
        for fellow in fellows.iter().filter_map(|s| self.table.get(*s)) {
            ctx.out.push_back(Effect::message(fellow.id, frames.clone()));
        }
    }

    /// Looks at the members behind a failed one too, twice as far each time.
    fn walk_back(&mut self, ctx: &mut Ctx<'_>, slot: Slot) {
        let mut doubtful = Vec::new();
        for ring in 0..K {
            let (mut failing, mut in_run, mut taken) = (0, false, 0);
            for s in self.table.around(ME, ring, false) {
                in_run |= s == slot;
                let Some(m) = self.table.get(s) else { break };
                if self.table.is_passed(s) {
                    failing += usize::from(m.mine.is_some() && m.state == MemberState::Alive);
                    continue;
                }
                if !in_run {
                    break;
                }
                doubtful.push(s);
                taken += 1;
                if taken >= failing.min(8) {
                    break;
                }
            }
        }
        for s in doubtful {
            if self.is_unheard(ctx.now, s, Duration::from_millis(1_500)) {
                self.probe(ctx, s, false);
            }
        }
    }

    /// Whether a member did not answer a probe for `span`.
    pub(super) fn is_unheard(&self, now: Instant, slot: Slot, span: Duration) -> bool {
        self.table.get(slot).is_some_and(|m| m.last_ack.is_none_or(|a| now.since(a) > span))
    }

    /// A monitor accuses.
    ///
    /// # Errors
    /// Not a member, or the signature does not hold; nothing changes.
    pub(super) fn on_accuse(&mut self, ctx: &mut Ctx<'_>, from: &NodeId, a: &Accuse<'_>) -> Result<(), DropReason> {
        // spec: MESH-009 ea89
        let accuser = self.table.slot(from).filter(|s| self.table.is_alive(*s)).ok_or(DropReason::UnexpectedFrame)?;
        let subject = self.named_by(a.subject, |subject| {
            let statement = Statement::Accuse { epoch: self.config.epoch, subject, incarnation: a.incarnation };
            ctx.identity.verify(from, &statement, a.signature)
        });
        let slot = subject.filter(|s| *s != ME).ok_or(DropReason::BadSignature)?;
        let monitor = self.table.is_monitor(slot);
        self.drop_idle_accusers(ctx.now, slot);
        let Some(m) = self.table.get_mut(slot) else { return Ok(()) };
        if m.incarnation > a.incarnation || m.state != MemberState::Alive && m.state != MemberState::Suspect {
            // Old news: the accuser learns what is known.
            self.tell(ctx, slot, *from, false);
            return Ok(());
        }
        if m.incarnation < a.incarnation {
            return Ok(()); // The proof of that incarnation has not come yet.
        }
        let fresh = m.last_ack.is_some_and(|t| ctx.now.since(t) <= FRESH);
        if m.accusers.len() < MAX_ACCUSERS || m.accusers.contains_key(&accuser) {
            let kept = m.accusers.entry(accuser).or_insert(Accusation { signature: *a.signature, at: None });
            kept.at = Some(ctx.now);
            self.accused.insert(slot);
        }
        if monitor && self.table.get(slot).is_some_and(|m| m.mine.is_none()) {
            if fresh {
                self.deny(ctx, slot, *from);
            } else {
                if let Some(m) = self.table.get_mut(slot) {
                    m.asked.retain(|(s, t)| *s != accuser && ctx.now.since(*t) < ACCUSATION);
                    m.asked.push((accuser, ctx.now));
                }
                self.probe(ctx, slot, false);
            }
        }
        self.evaluate(ctx, slot);
        Ok(())
    }

    fn deny(&self, ctx: &mut Ctx<'_>, slot: Slot, to: NodeId) {
        if let Some(m) = self.table.get(slot) {
            let deny = Deny { subject: m.alias, incarnation: m.incarnation, tail: Tail::default() };
            ctx.out.push_back(Effect::message(to, frame(&deny)));
        }
    }

    /// The subject answered: those who asked learn it.
    pub(super) fn answer_fellows(&mut self, ctx: &mut Ctx<'_>, slot: Slot) {
        let Some(m) = self.table.get_mut(slot) else { return };
        let asked = core::mem::take(&mut m.asked);
        for (fellow, at) in asked {
            if let Some(id) = self.table.get(fellow).map(|f| f.id).filter(|_| ctx.now.since(at) < ACCUSATION) {
                self.deny(ctx, slot, id);
            }
        }
    }

    /// A fellow takes back what it said: its own accusation, no other.
    pub(super) fn on_deny(&mut self, from: &NodeId, d: &Deny<'_>) {
        let Some(fellow) = self.table.slot(from) else { return };
        for slot in self.table.named(d.subject).to_vec() {
            if let Some(m) =
                self.table.get_mut(slot).filter(|m| m.incarnation == d.incarnation && m.state == MemberState::Alive)
            {
                // spec: MESH-012 db34
                m.accusers.remove(&fellow);
            }
        }
    }

    /// This node's own failure is over.
    pub(super) fn withdraw(&mut self, ctx: &mut Ctx<'_>, slot: Slot) {
        let Some(m) = self.table.get_mut(slot) else { return };
        if m.mine.take().is_some() {
            self.failing = self.failing.saturating_sub(1);
        }
        if m.state == MemberState::Alive && m.accusers.remove(&ME).is_some() {
            ctx.timers.cancel(Timer::Suspect(slot));
        }
    }

    /// Accusers that count: on some ring, everyone between the subject and the accuser is certified
    /// down, has left, or is one of at most two suspects.
    fn eligible(&self, now: Instant, slot: Slot) -> Vec<Slot> {
        let Some(subject) = self.table.get(slot) else { return Vec::new() };
        // spec: MESH-011 00be
        let live = |a: &Accusation| a.at.is_none_or(|t| now.since(t) < ACCUSATION);
        let mut found = Vec::new();
        for ring in 0..K {
            let mut passed = 0;
            for s in self.table.around(slot, ring, true) {
                let state = self.table.get(s).map(|m| m.state);
                // One that is down or has left cannot be asked again, so its word does not count: else the
                // certificates of one half of a partition would stand in the other.
                let present = matches!(state, Some(MemberState::Alive | MemberState::Suspect));
                if present && subject.accusers.get(&s).is_some_and(live) && !found.contains(&s) {
                    found.push(s);
                }
                match state {
                    Some(MemberState::Down | MemberState::Left | MemberState::Retired) => {}
                    Some(MemberState::Suspect) if passed < MAX_PASSED => passed += 1,
                    _ => break,
                }
            }
        }
        found
    }

    /// Looks whether the accusers of a member suffice for another state.
    pub(super) fn evaluate(&mut self, ctx: &mut Ctx<'_>, slot: Slot) -> bool {
        let Some(m) = self.table.get(slot) else { return false };
        let (state, mine, certified) = (m.state, m.mine.is_some(), m.certified());
        if m.accusers.len() < SUSPECT_QUORUM || m.is_gone() {
            return false;
        }
        let eligible = self.eligible(ctx.now, slot);
        // spec: MESH-010 1b7a
        if eligible.len() >= self.config.quorum {
            self.certify(slot, &eligible);
            self.set_state(ctx, slot, MemberState::Down);
            return true;
        }
        if eligible.len() >= SUSPECT_QUORUM && state == MemberState::Alive {
            if certified >= SUSPECT_QUORUM {
                self.certify(slot, &eligible);
                self.set_state(ctx, slot, MemberState::Suspect);
                return true;
            }
            if mine && !ctx.timers.is_set(Timer::Suspect(slot)) {
                ctx.timers.set(Timer::Suspect(slot), ctx.now + SUSPECT_DELAY);
            }
        }
        false
    }

    /// Two accusers stood for a while, and this node's own probe failed too.
    pub(super) fn suspect_due(&mut self, ctx: &mut Ctx<'_>, slot: Slot) {
        let eligible = self.eligible(ctx.now, slot);
        let waits = self.table.get(slot).is_some_and(|m| m.state == MemberState::Alive && m.mine.is_some());
        if waits && eligible.len() >= SUSPECT_QUORUM {
            self.certify(slot, &eligible);
            self.set_state(ctx, slot, MemberState::Suspect);
        }
    }

    /// Keeps the accusations that made the state: they no longer expire.
    fn certify(&mut self, slot: Slot, eligible: &[Slot]) {
        let quorum = self.config.quorum;
        if let Some(m) = self.table.get_mut(slot) {
            // What was certified before may count once more seats have moved.
            m.accusers.retain(|s, a| eligible.contains(s) || eligible.len() < quorum && a.at.is_none());
            m.accusers.iter_mut().filter(|(s, _)| eligible.contains(s)).take(quorum).for_each(|(_, a)| a.at = None);
        }
    }

    /// At the cap, accusers that do not count make room for those that may.
    fn drop_idle_accusers(&mut self, now: Instant, slot: Slot) {
        if self.table.get(slot).is_none_or(|m| m.accusers.len() < MAX_ACCUSERS) {
            return;
        }
        let eligible = self.eligible(now, slot);
        if let Some(m) = self.table.get_mut(slot) {
            m.accusers.retain(|s, a| a.at.is_none() || *s == ME || eligible.contains(s));
        }
    }

    /// The certificate of a suspect or down member, if this node has one.
    pub(super) fn certificate(&self, m: &Member) -> Option<Vec<u8>> {
        let mut accusers: Vec<Endorsement> = Vec::new();
        for (slot, a) in m.accusers.iter().filter(|(_, a)| a.at.is_none()).take(self.config.quorum.max(SUSPECT_QUORUM))
        {
            accusers.push(Endorsement { accuser: self.table.get(*slot)?.alias, signature: a.signature });
        }
        accusers.sort_by_key(|e| (e.accuser, e.signature));
        let certificate = Certificate {
            subject: m.alias,
            incarnation: m.incarnation,
            accusers: List::new(&accusers),
            tail: Tail::default(),
        };
        (accusers.len() >= SUSPECT_QUORUM).then(|| frame(&certificate))
    }

    /// A member that answers is told what is held against it, so that it refutes.
    pub(super) fn tell_accused(&self, ctx: &mut Ctx<'_>, slot: Slot) {
        let Some(m) = self.table.get(slot) else { return };
        if let Some(frames) = self.certificate(m) {
            ctx.out.push_back(Effect::message(m.id, frames));
        }
    }

    /// A certificate arrived. Kept even if its accusers are not eligible yet: seats move.
    ///
    /// # Errors
    /// No accuser's signature holds for any member so named; nothing changes.
    pub(super) fn on_certificate(&mut self, ctx: &mut Ctx<'_>, c: &Certificate<'_>) -> Result<(), DropReason> {
        let mut any = false;
        for slot in self.table.named(c.subject).to_vec() {
            let Some(m) = self.table.get(slot) else { continue };
            if m.incarnation != c.incarnation || m.is_gone() {
                any = true; // Old news, or the proof of that incarnation is still on its way.
                continue;
            }
            let statement = Statement::Accuse { epoch: self.config.epoch, subject: m.id, incarnation: c.incarnation };
            let mut holds: Vec<(Slot, [u8; 64])> = Vec::new();
            for e in c.accusers.iter().take(2 * K) {
                let known = |s: &Slot| m.accusers.get(s).is_some_and(|a| a.at.is_none() && a.signature == e.signature);
                let verifies = |s: &Slot| {
                    self.table.get(*s).is_some_and(|a| known(s) || ctx.identity.verify(&a.id, &statement, &e.signature))
                };
                if let Some(s) = self.table.named(e.accuser).iter().copied().find(|s| *s != slot && verifies(s)) {
                    holds.push((s, e.signature));
                }
            }
            if slot == ME {
                // spec: MESH-015 480e
                if holds.len() >= SUSPECT_QUORUM {
                    self.refute(ctx);
                }
                any = true;
                continue;
            }
            let Some(m) = self.table.get_mut(slot) else { continue };
            any |= !holds.is_empty();
            for (s, signature) in holds {
                if m.accusers.len() < MAX_ACCUSERS || m.accusers.contains_key(&s) {
                    m.accusers.insert(s, Accusation { signature, at: None });
                }
            }
            self.accused.insert(slot);
            if self.evaluate(ctx, slot) {
                continue;
            }
            self.want_flush(ctx);
        }
        if any { Ok(()) } else { Err(DropReason::BadSignature) }
    }

    /// This node is accused by certificate: it says under a new incarnation that it lives, unless it has left.
    pub(super) fn refute(&mut self, ctx: &mut Ctx<'_>) {
        if self.left {
            return;
        }
        // A flood for every lie would be the liars' gain: at most one refutation an interval. Whoever still
        // holds this node down tells it at its next probe.
        if self.refuted.is_some_and(|t| ctx.now.since(t) < self.config.interval) {
            return;
        }
        let Some(incarnation) = self.incarnations.take(ctx.out) else {
            self.refute_wanted = true;
            return;
        };
        self.refute_wanted = false;
        self.refuted = Some(ctx.now);
        let incarnation = incarnation as u32;
        let statement = Statement::Alive { epoch: self.config.epoch, subject: ctx.identity.id, incarnation };
        let signature = ctx.identity.sign(&statement);
        if let Some(m) = self.table.get_mut(ME) {
            m.signature = Some(signature);
        }
        self.table.set(ME, MemberState::Alive, incarnation);
        self.view_changed = ctx.now;
        self.news(ctx, ME, false);
        ctx.out.push_back(Effect::Event(Event::Refuted { incarnation }));
    }

    /// A member refutes.
    ///
    /// # Errors
    /// The signature holds for no member so named; nothing changes.
    pub(super) fn on_alive(&mut self, ctx: &mut Ctx<'_>, a: &Alive<'_>) -> Result<(), DropReason> {
        // spec: ID-028 f349
        let known = |s: &Slot| self.table.get(*s).is_some_and(|m| m.rank() >= rank(a.incarnation, MemberState::Alive));
        let candidates = self.table.named(a.subject);
        if !candidates.is_empty() && candidates.iter().all(known) {
            return Ok(()); // Old news costs no verification.
        }
        let subject = self.named_by(a.subject, |subject| {
            // spec: MESH-013 38f1
            let statement = Statement::Alive { epoch: self.config.epoch, subject, incarnation: a.incarnation };
            ctx.identity.verify(&subject, &statement, a.signature)
        });
        let slot = subject.ok_or(DropReason::BadSignature)?;
        if slot == ME {
            self.outrun(ctx, a.incarnation);
            return Ok(());
        }
        if known(&slot) {
            return Ok(());
        }
        if let Some(m) = self.table.get_mut(slot) {
            m.signature = Some(*a.signature);
            if m.state == MemberState::Down {
                m.refutations.retain(|t| ctx.now.since(*t) < FLAP_MEMORY);
                m.refutations.push(ctx.now);
            }
        }
        self.revive(ctx, slot, a.incarnation);
        self.news(ctx, slot, false);
        Ok(())
    }

    /// A member leaves.
    ///
    /// # Errors
    /// The signature holds for no member so named; nothing changes.
    pub(super) fn on_leave(&mut self, ctx: &mut Ctx<'_>, l: &Leave<'_>) -> Result<(), DropReason> {
        let known = |s: &Slot| self.table.get(*s).is_some_and(|m| m.rank() >= rank(l.incarnation, MemberState::Left));
        let candidates = self.table.named(l.subject);
        if !candidates.is_empty() && candidates.iter().all(known) {
            return Ok(());
        }
        let subject = self.named_by(l.subject, |subject| {
            // spec: MESH-013 38f1
            let statement = Statement::Leave { epoch: self.config.epoch, subject, incarnation: l.incarnation };
            ctx.identity.verify(&subject, &statement, l.signature)
        });
        let slot = subject.ok_or(DropReason::BadSignature)?;
        if known(&slot) {
            return Ok(());
        }
        if slot == ME {
            // A goodbye of an earlier run that this one does not remember.
            if !self.left {
                self.exceed(ctx, l.incarnation);
            }
            return Ok(());
        }
        if let Some(m) = self.table.get_mut(slot) {
            m.signature = Some(*l.signature);
            let state = m.state;
            self.table.set(slot, state, l.incarnation);
        }
        self.set_state(ctx, slot, MemberState::Left);
        Ok(())
    }

    /// The member of this alias for whom `holds` says yes.
    fn named_by(&self, alias: u32, holds: impl Fn(NodeId) -> bool) -> Option<Slot> {
        // spec: MESH-016 b47a
        self.table.named(alias).iter().copied().find(|s| self.table.get(*s).is_some_and(|m| holds(m.id)))
    }

    /// Accusations that ran out.
    pub(super) fn expire_accusations(&mut self, now: Instant) {
        for slot in self.accused.iter().copied().collect::<Vec<_>>() {
            if let Some(m) = self.table.get_mut(slot) {
                m.accusers.retain(|_, a| a.at.is_none_or(|t| now.since(t) < ACCUSATION));
            }
        }
    }
}

/// How long a member that flaps must fail before it is accused: from its second refutation of a *down*.
fn flap_hold(m: &Member, now: Instant) -> Duration {
    let n = m.refutations.iter().filter(|t| now.since(**t) < FLAP_MEMORY).count();
    if n < 2 { Duration(0) } else { Duration((5_000_000 << (n - 2).min(4)).min(60_000_000)) }
}
