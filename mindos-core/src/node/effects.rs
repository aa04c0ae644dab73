//! Effects of the machines, carried to where they belong.

use super::ctx::{intent_ctx, mesh_ctx, question_ctx, routing_ctx, session_ctx, trust_ctx};
use super::{Event, MAX_OUTBOX, Node};
use crate::outbox::{Class, Effect, How};
use crate::timer::Timer;
use crate::trust::Standing;
#[cfg(test)]
use crate::trust::question;
use crate::{Instant, NodeId};

impl Node {
    /// Carries effects until none are left. What is for the host goes to the outbox, in order.
    pub(super) fn conduct(&mut self, now: Instant) {
        while let Some(effect) = self.effects.pop_front() {
            self.carry(now, effect);
        }
    }

    /// Carries one effect; others may follow from it.
    pub(super) fn carry(&mut self, now: Instant, effect: Effect) {
        match effect {
            Effect::Send { to, how, frames } => self.send(now, to, how, frames),
            // spec: ID-029 87f3
            Effect::SessionUp { peer, .. } if self.mesh.retired(&peer).is_some() => self.dismiss(now, &peer),
            Effect::SessionUp { session, peer, beacon, rtt, joined } => {
                if let Some(rtt) = rtt {
                    self.deliveries.entry(session).or_default().measured(rtt);
                }
                self.dirty.insert(session);
                self.mesh.heard(now, &peer);
                self.mesh.on_session(&mut mesh_ctx!(self, now), (*beacon).into_inner(), rtt, joined);
                self.payments.connected(&mut trust_ctx!(self, now), &peer);
                self.effects.push_back(Effect::Event(Event::Connected { node: peer }));
            }
            Effect::SessionLost { peer, session } => {
                self.deliveries.remove(&session);
                self.dirty.remove(&session);
                self.timers.cancel(Timer::Flush(session));
                self.timers.cancel(Timer::Recovery(session));
                if let Some(peer) = peer.filter(|p| self.sessions.route(now, p).is_none()) {
                    self.mesh.on_session_lost(&peer);
                    self.intents.origin.unreachable(&mut intent_ctx!(self, now), &peer);
                }
            }
            Effect::Retired { node, successor } => {
                self.trust.succeed(node, successor);
                // spec: INC-030 fc74
                if let Some(heir) = successor.filter(|s| self.trust.is_quarantined(now, s)) {
                    self.keep_out(now, heir);
                }
                if node == self.identity.id {
                    self.stop();
                }
            }
            Effect::Isolated => self.sessions.doubt_all(),
            Effect::MemberUp { node } => {
                self.questions.member_up(&mut question_ctx!(self, now), &node);
                self.trust.immune.joined(&mut trust_ctx!(self, now), node);
                self.payments.member_up(&mut trust_ctx!(self, now), &node);
                self.effects.push_back(Effect::Event(Event::MemberUp { node }));
            }
            Effect::MemberGone { node } => {
                self.dismiss(now, &node);
                self.intents.worker.lost(&mut intent_ctx!(self, now), &node);
                self.questions.member_gone(&mut question_ctx!(self, now), &node);
            }
            Effect::MemberRestarted { node, incarnation } => {
                self.forget(now, &node, incarnation);
                self.trust.immune.joined(&mut trust_ctx!(self, now), node);
                self.payments.member_up(&mut trust_ctx!(self, now), &node);
                self.intents.worker.lost(&mut intent_ctx!(self, now), &node);
                self.questions.member_up(&mut question_ctx!(self, now), &node);
            }
            Effect::Route { intent, need } => self.routing.route(&mut routing_ctx!(self, now), intent, *need),
            Effect::Routed { intent, choice } => {
                self.intents.origin.routed(&mut intent_ctx!(self, now), intent, choice)
            }
            Effect::Declined { intent, worker, quote } => {
                self.routing.declined(&mut routing_ctx!(self, now), intent, worker, quote);
            }
            Effect::Settled { intent } => self.routing.settled(&mut self.timers, &intent),
            Effect::Outcome(outcome) => {
                let tell = self.trust.evidence(now, &outcome);
                self.advise(tell);
                self.routing.outcome(now, &outcome);
                self.effects.push_back(Effect::Event(Event::Judged { worker: outcome.node, kept: outcome.kept }));
            }
            Effect::Partner { node } => self.trust.immune.partnered(&mut trust_ctx!(self, now), &node),
            Effect::Verdict { node, capability, right } => {
                if !right {
                    self.trust.immune.suspend(now, &mut self.effects, node);
                }
                let tell = self.trust.verdict(now, node, capability, right);
                self.advise(tell);
            }
            Effect::Lied { node, capability } => {
                let tell = self.trust.lied(now, node, capability);
                self.advise(tell);
            }
            Effect::Refuted(_) if !self.trust.shares() => {}
            Effect::Refuted(refutation) => self.trust.immune.accuse(&mut trust_ctx!(self, now), *refutation),
            Effect::Owes { worker, price } => self.payments.owes(worker, price),
            Effect::Paid { payer, units } => self.intents.worker.settled(&payer, units),
            Effect::DoubleSpend { records: [a, b] } => {
                self.trust.immune.on_equivocation(&mut trust_ctx!(self, now), &a, &b);
            }
            Effect::Quarantined { node } => self.keep_out(now, node),
            Effect::Merit { domain, earned } => self.trust.believe(now, domain, earned),
            Effect::LoadChanged => {
                let load = self.intents.worker.load(now);
                self.routing.set_load(&mut routing_ctx!(self, now), load);
            }
            effect => self.emit(effect),
        }
    }

    /// There is something to tell partners by then.
    /// Nothing more of a node, and of who takes its place, is asked, taken or heard.
    fn keep_out(&mut self, now: Instant, node: NodeId) {
        for node in self.trust.line_from(node) {
            self.trust.advice.forget(&node);
            self.routing.gone(&mut routing_ctx!(self, now), &node);
            self.intents.origin.kept_out(&mut intent_ctx!(self, now), &node);
            self.intents.worker.lost(&mut intent_ctx!(self, now), &node);
        }
    }

    fn advise(&mut self, tell: Option<Instant>) {
        tell.into_iter().for_each(|at| self.timers.set_no_later(Timer::Advice, at));
    }

    pub(super) fn tell_advice(&mut self, now: Instant) {
        let (frames, next) = self.trust.tell(now, |node| self.mesh.alias(node));
        self.advise(next);
        if !frames.is_empty() {
            let partners = self.routing.partners().count();
            self.stats.trust_bytes += (frames.len() * partners) as u64;
            let heard = self.routing.partners().filter(|p| !self.trust.is_quarantined(now, p));
            self.effects.extend(heard.map(|to| Effect::message(to, frames.clone())));
        }
    }

    /// A worker or partner is gone. One whose key is retired is told so once, on the session that ends.
    fn dismiss(&mut self, now: Instant, node: &NodeId) {
        let told = self.mesh.notice(node);
        let session = self.sessions.route(now, node).filter(|s| self.sessions.is_established(*s));
        if let Some((session, told)) = session.zip(told) {
            self.deliveries.entry(session).or_default().queue(How::Now, told);
            // Sealing takes what it asks for off the queue: what waits there is not its.
            let waiting = core::mem::take(&mut self.effects);
            self.flush_session(now, session, true);
            self.effects = waiting;
        }
        self.forget(now, node, 0);
    }

    /// A worker or partner is gone, or forgot us.
    fn forget(&mut self, now: Instant, node: &NodeId, incarnation: u32) {
        if let Some(beacon) = &self.beacon {
            self.sessions.drop_peer(&mut session_ctx!(self, beacon, now), node, incarnation);
        }
        self.routing.gone(&mut routing_ctx!(self, now), node);
        self.intents.origin.lost(&mut intent_ctx!(self, now), node);
    }

    /// Frames for a peer: onto its session, or onto one that is made for them.
    fn send(&mut self, now: Instant, to: NodeId, how: How, frames: alloc::vec::Vec<u8>) {
        let session = self.sessions.route(now, &to).or_else(|| {
            let (beacon, locator) = (self.beacon.as_ref()?, self.mesh.locator(&to)?);
            Some(self.sessions.connect(&mut session_ctx!(self, beacon, now), Some(to), locator))
        });
        let Some(session) = session else { return };
        let queued = self.deliveries.entry(session).or_default().queue(how, frames);
        self.stats.messages_refused += u64::from(!queued);
        self.dirty.insert(session);
    }

    /// Something for the host. At the cap bulk is shed first, then messages; delivery sends them again.
    pub(super) fn emit(&mut self, effect: Effect) {
        if let Effect::Transmit { class, .. } = &effect
            && self.outbox.len() >= MAX_OUTBOX
            && *class != Class::Probe
        {
            let worst = |e: &Effect| matches!(e, Effect::Transmit { class: Class::Bulk, .. });
            self.stats.shed += 1;
            match self.outbox.iter().rposition(worst).filter(|_| *class != Class::Bulk) {
                Some(i) => self.outbox.remove(i),
                None => return,
            };
        }
        self.events += usize::from(matches!(effect, Effect::Event(_)));
        self.outbox.push_back(effect);
    }

    /// What this node computed of a question that it holds: reports, evidence, weights.
    #[cfg(test)]
    pub(super) fn computes(&mut self, now: Instant, id: crate::QuestionId) -> Option<question::Computed> {
        self.questions.computed(&question_ctx!(self, now), &id)
    }

    /// What this node states as the merit of a domain.
    #[cfg(test)]
    pub(super) fn states_merit(&mut self, now: Instant, domain: u32) -> Option<question::Merit> {
        self.questions.states_merit(&question_ctx!(self, now), domain)
    }
}
