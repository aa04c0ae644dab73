//! Questions to the host, whose answers alone make evidence count.

use alloc::boxed::Box;
use alloc::vec::Vec;
use mindos_wire::{AppealBody, List, Record, RecordBody, Tail};

use super::case::{Asked, Piece, Verdict};
use super::exchange::trust_record;
use super::{ANSWER, Ctx, Immune, MAX_CASES, MAX_CHECKS, MAX_EACH, MAX_HEARD, MAX_LIARS, MAX_SPENT, TERM};
use crate::identity::{NodeId, verify_record};
use crate::outbox::Effect;
use crate::timer::Timer;
use crate::trust::Refusal;
use crate::{DropReason, Event};

impl Immune {
    /// The host can check results of these capabilities from now on: it is asked about what it could not check before.
    pub(crate) fn set_checks(&mut self, ctx: &mut Ctx<'_>, capabilities: Vec<[u8; 32]>) {
        self.checks = capabilities.into_iter().collect();
        self.ask_on(ctx);
    }

    /// A node becomes a load partner, and may get leases: what is held against it and whose place it takes is checked.
    // spec: INC-049 8cb9
    pub(crate) fn partnered(&mut self, ctx: &mut Ctx<'_>, node: &NodeId) {
        Self::line(ctx, node).iter().for_each(|n| self.ask_all(ctx, n));
    }

    /// Whether a node, or one that takes its place, may get leases.
    pub(super) fn matters(ctx: &Ctx<'_>, node: &NodeId) -> bool {
        (ctx.partner)(node) || ctx.mesh.heirs(node).iter().any(|n| (ctx.partner)(n))
    }

    /// Puts what the host was not asked about a node.
    fn ask_all(&mut self, ctx: &mut Ctx<'_>, node: &NodeId) {
        if self.is_settled(node) {
            return;
        }
        let open = |p: &Piece| p.verdict == Verdict::Unknown && self.checks.contains(&p.capability);
        let pieces = self.cases.get(node).into_iter().flat_map(|c| &c.pieces);
        let all: Vec<[u8; 32]> = pieces.filter(|(_, p)| open(p)).map(|(name, _)| *name).collect();
        all.into_iter().for_each(|name| self.ask(ctx, *node, name));
    }

    /// Whether the host may be asked about evidence: once an hour for one accuser and subject, and 8 times for one
    /// accuser. As long as it is asked the subject gets no leases, so that asking must not be had for nothing.
    // spec: INC-056 8241
    pub(super) fn may_ask(&self, ctx: &Ctx<'_>, accuser: NodeId, subject: NodeId) -> bool {
        let of_accuser = self.heard.range((accuser, NodeId([0; 32]))..=(accuser, NodeId([255; 32])));
        let lately: Vec<NodeId> =
            of_accuser.filter(|(_, at)| ctx.now.since(**at) < TERM).map(|((_, about), _)| *about).collect();
        let room = self.heard.len() < MAX_HEARD && lately.len() < MAX_EACH;
        self.asked.len() < MAX_CHECKS && room && !lately.contains(&subject)
    }

    /// What waits for a free question is asked.
    fn ask_on(&mut self, ctx: &mut Ctx<'_>) {
        let subjects: Vec<NodeId> = self.cases.keys().filter(|n| Self::matters(ctx, n)).copied().collect();
        subjects.into_iter().for_each(|node| self.ask_all(ctx, &node));
    }

    /// Puts a piece of evidence to the host, if it may be asked.
    pub(super) fn ask(&mut self, ctx: &mut Ctx<'_>, subject: NodeId, name: [u8; 32]) {
        let Some(piece) = self.cases.get(&subject).and_then(|c| c.pieces.get(&name)) else { return };
        // An appeal is bounded by itself.
        let (accuser, again) = (piece.accuser, piece.verdict == Verdict::True);
        if self.asked.len() >= MAX_CHECKS || !again && !self.may_ask(ctx, accuser, subject) {
            return;
        }
        let Some(piece) = self.cases.get_mut(&subject).and_then(|c| c.pieces.get_mut(&name)) else { return };
        let Some(work) = piece.work(ctx.identity) else { return };
        if !again {
            self.heard.retain(|_, at| ctx.now.since(*at) < TERM);
            self.heard.insert((accuser, subject), ctx.now);
        }
        let (check, capability, output) = (self.next_check, piece.capability, piece.output.clone());
        // New evidence is put to the host as it comes.
        let was = if again { Verdict::True } else { Verdict::Unknown };
        piece.verdict = if again { Verdict::Again } else { Verdict::Asked };
        self.next_check += 1;
        self.asked.insert(check, Asked { subject, name, was, at: ctx.now });
        ctx.timers.set_no_later(Timer::Immune, ctx.now + ANSWER);
        ctx.out.push_back(Effect::Event(Event::Check { check, capability, work: Box::new(work), output }));
    }

    /// Questions that were not answered in time are as good as not asked.
    pub(super) fn give_up(&mut self, ctx: &mut Ctx<'_>) {
        let late = |a: &Asked| ctx.now.since(a.at) >= ANSWER;
        let over: Vec<u64> = self.asked.iter().filter(|(_, a)| late(a)).map(|(n, _)| *n).collect();
        for asked in over.into_iter().filter_map(|n| self.asked.remove(&n)).collect::<Vec<_>>() {
            self.unanswered(ctx, asked, asked.was);
        }
        self.ask_on(ctx);
        let next = self.asked.values().map(|a| a.at + ANSWER).min();
        next.into_iter().for_each(|at| ctx.timers.set_no_later(Timer::Immune, at));
    }

    /// What was held against a node that appealed does not hold: without other evidence, and without a finding of the
    /// own host that none shows, its suspension ends.
    // spec: INC-051 5a5a
    fn lift(&mut self, ctx: &mut Ctx<'_>, asked: &Asked) {
        let counts = self.cases.get(&asked.subject).is_some_and(|c| c.pieces.values().any(|p| p.verdict.counts()));
        let suspension = self.suspended.get(&asked.subject).copied();
        let stands = suspension.and_then(|s| s.unshown).is_some_and(|until| ctx.now < until);
        if asked.was == Verdict::True && !counts && !stands && self.suspended.remove(&asked.subject).is_some() {
            ctx.out.push_back(Effect::Event(Event::Released { node: asked.subject }));
        }
    }

    fn unanswered(&mut self, ctx: &mut Ctx<'_>, asked: Asked, verdict: Verdict) {
        let case = self.cases.get_mut(&asked.subject);
        let Some(piece) = case.and_then(|c| c.pieces.get_mut(&asked.name)) else { return };
        piece.verdict = verdict;
        self.lift(ctx, &asked);
        if !self.is_settled(&asked.subject) {
            // Others may know more.
            self.exchange.news(ctx, asked.subject);
        }
        self.review(ctx, asked.subject);
    }

    /// The host answers: right, wrong, or that it cannot tell.
    ///
    /// # Errors
    /// No such question is open; nothing changes.
    pub(crate) fn checked(&mut self, ctx: &mut Ctx<'_>, check: u64, right: Option<bool>) -> Result<(), DropReason> {
        let asked = self.asked.remove(&check).ok_or(DropReason::ApiMisuse("unknown check"))?;
        self.answered(ctx, asked, right);
        self.ask_on(ctx);
        Ok(())
    }

    fn answered(&mut self, ctx: &mut Ctx<'_>, asked: Asked, right: Option<bool>) {
        let Asked { subject, name, .. } = asked;
        let Some(right) = right else {
            // spec: INC-028 5ad8
            self.unanswered(ctx, asked, Verdict::Unknown);
            return;
        };
        let Some(case) = self.cases.get_mut(&subject) else { return };
        let Some(piece) = case.pieces.get_mut(&name) else { return };
        if !right {
            piece.verdict = Verdict::True;
            if asked.was != Verdict::True {
                // spec: INC-046 3b61
                self.suspend(ctx.now, ctx.out, subject);
                self.convict(ctx, subject);
            }
            self.review(ctx, subject);
            return;
        }
        let (accuser, capability) = (piece.accuser, piece.capability);
        if self.cleared.len() >= MAX_SPENT {
            let oldest = self.cleared.iter().min_by_key(|(_, at)| **at).map(|(r, _)| *r);
            oldest.and_then(|r| self.cleared.remove(&r));
        }
        self.cleared.insert(ctx.identity.crypto.hash(&[&piece.intent]), ctx.now);
        case.pieces.remove(&name);
        self.lift(ctx, &asked);
        // spec: INC-018 6989
        if accuser != ctx.identity.id {
            if self.liars.len() >= MAX_LIARS {
                let first = self.liars.iter().min_by_key(|(_, until)| **until).map(|(n, _)| *n);
                first.and_then(|n| self.liars.remove(&n));
            }
            self.liars.insert(accuser, ctx.now + TERM);
            self.unhear(&accuser);
            ctx.out.push_back(Effect::Lied { node: accuser, capability });
        }
        self.review(ctx, subject);
    }

    /// What an accuser that lied showed of others and no host here has checked is dropped.
    fn unhear(&mut self, accuser: &NodeId) {
        for case in self.cases.values_mut() {
            case.pieces.retain(|_, p| p.accuser != *accuser || p.verdict.counts());
        }
        self.cases.retain(|_, c| !c.pieces.is_empty() || c.equivocation.is_some() || c.until.is_some());
        let held = |a: &Asked| self.cases.get(&a.subject).is_some_and(|c| c.pieces.contains_key(&a.name));
        self.asked.retain(|_, a| held(a));
    }

    /// Asks a node that keeps this one out to look again.
    ///
    /// # Errors
    /// No number for the record is persisted; nothing changes.
    pub(crate) fn appeal(&mut self, ctx: &mut Ctx<'_>, to: NodeId) -> Result<(), DropReason> {
        let body = AppealBody { quarantine: &[0; 32], evidence: List::new(&[]), tail: Tail::default() };
        let record = self.sign(ctx, &RecordBody::Appeal(body)).ok_or(DropReason::Full)?;
        ctx.out.push_back(Effect::message(to, trust_record(&record)));
        Ok(())
    }

    /// A node that is suspended or kept out asks to look again.
    ///
    /// # Errors
    /// It is not its author that sends it, it is neither suspended nor kept out, it or one whose place it takes
    /// appealed within the hour, or the host has too many questions; nothing changes.
    pub(super) fn on_appeal(&mut self, ctx: &mut Ctx<'_>, from: &NodeId, bytes: &[u8]) -> Result<(), DropReason> {
        let appeal = Record::<AppealBody<'_>>::decode_as(bytes).map_err(DropReason::Malformed)?;
        let author = NodeId(*appeal.head.author);
        let lately = |n: &NodeId| self.appealed.get(n).is_some_and(|at| ctx.now.since(*at) < TERM);
        let before = Self::line(ctx, from).iter().any(lately);
        // spec: INC-023 5206, INC-024 4df9
        let suffers = |n: &NodeId| self.suspended.get(n).is_some_and(|s| ctx.now < s.until);
        let concerned = self.is_kept_out(ctx.now, ctx.mesh, from) || Self::line(ctx, from).iter().any(suffers);
        if author != *from {
            return Err(Refusal::Author.into());
        }
        if before {
            return Err(Refusal::Early.into());
        }
        if !concerned {
            return Err(Refusal::Unconcerned.into());
        }
        verify_record::<AppealBody<'_>>(ctx.identity, bytes)?;
        self.appealed.retain(|_, at| ctx.now.since(*at) < TERM);
        if self.appealed.len() >= MAX_CASES {
            return Err(DropReason::Full);
        }
        let again = |p: &Piece| self.checks.contains(&p.capability) && !p.verdict.is_open();
        let mut all: Vec<(NodeId, [u8; 32])> = Vec::new();
        for node in core::iter::once(author).chain(ctx.mesh.predecessors(&author)) {
            let pieces = self.cases.get(&node).into_iter().flat_map(|c| &c.pieces);
            all.extend(pieces.filter(|(_, p)| again(p)).map(|(name, _)| (node, *name)));
        }
        if self.asked.len() + all.len() > MAX_CHECKS {
            return Err(DropReason::Full);
        }
        self.appealed.insert(author, ctx.now);
        all.into_iter().for_each(|(node, name)| self.ask(ctx, node, name));
        Ok(())
    }
}
