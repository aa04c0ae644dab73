//! The origin's side: from a request to exactly one result (spec 07).

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use bytes::Bytes;
use mindos_wire::{
    Bytes16, Cancel, CancelOutcome, Cancelled, ContextData, ContextRef, Decline, IntentBody, Lease, List, Progress,
    Receipt, RecordBody, ResultFrame, ResultStatus, Tail,
};

use super::receipt::{Deal, Done, Half, Results};
use super::{Ctx, send};
use crate::identity::{IntentId, NodeId, Reserve, Statement, sign_record};
use crate::outbox::{Class, Effect, How, frame};
use crate::routing::{Choice, Need};
use crate::timer::Timer;
use crate::trust::{Outcome, showable};
use crate::{DropReason, Duration, EndReason, Event, Instant, IntentRequest, LeaseId};

/// Intents of this node that are not ended.
const MAX_OPEN: usize = 1_024;
/// Longest content and payload.
const MAX_CONTEXT: usize = 60_000;
const MAX_PAYLOAD: usize = 32_000;
const MAX_CONTEXTS: usize = 16;
/// Without a worker, the search begins anew after this.
const RETRY: Duration = Duration::from_secs(1);
/// A lease that nobody accepted or declined is given up after this.
const ACCEPTANCE: Duration = Duration::from_secs(15);
/// A cancel is answered within this, or the worker is named as unconfirmed.
const CANCEL: Duration = Duration::from_secs(5);
/// A broken lease that was asked for once more is given up after this.
const GRACE: Duration = Duration::from_secs(3);
/// Lateness that is nobody's fault: the way, and a retransmission on it.
const SLACK: Duration = Duration::from_secs(1);

#[derive(Debug)]
enum Phase {
    /// Routing looks for a worker.
    Seeking,
    /// Nobody could; the search begins anew when the timer fires.
    Waiting,
    /// A lease left; not accepted yet.
    Offered(Lent),
    /// Accepted, to be finished `promised` after `at`.
    Working { lent: Lent, at: Instant, promised: Duration, reminded: bool },
    /// The host cancelled; the worker has not confirmed.
    Cancelling(Lent),
}

#[derive(Clone, Copy, Debug)]
struct Lent {
    worker: NodeId,
    epoch: u64,
    /// Quote that the lease rests on.
    nonce: u64,
    price: u64,
    finish_limit: Duration,
}

#[derive(Clone, Copy, Debug)]
struct Given {
    worker: NodeId,
    epoch: u64,
    price_limit: u64,
    /// Overdue, or given back after it was accepted: its result may count, but is not paid for.
    broken: bool,
}

#[derive(Debug)]
struct Open {
    number: u64,
    record: Bytes,
    request: IntentRequest,
    ends: Instant,
    phase: Phase,
    /// Every lease ever signed: the first result of any of them counts.
    leases: Vec<Given>,
    /// The worker's half that came last; its result is right behind it.
    half: Option<Half>,
}

/// Intents of this node. One record each, so an intent never has two results.
#[derive(Debug)]
pub(crate) struct Origin {
    epochs: Reserve,
    open: BTreeMap<IntentId, Open>,
    numbers: BTreeMap<u64, IntentId>,
    next_number: u64,
    results: Results,
}

impl Origin {
    pub(super) fn new(epochs: Reserve) -> Self {
        let results = Results::default();
        Self { epochs, open: BTreeMap::new(), numbers: BTreeMap::new(), next_number: 0, results }
    }

    /// The reserve of lease epochs.
    pub(crate) fn epochs(&mut self) -> &mut Reserve {
        &mut self.epochs
    }

    /// Takes a request, signs it, and looks for a worker.
    ///
    /// # Errors
    /// An argument out of range, `Full`, or a number that is not persisted yet; nothing changes.
    pub(crate) fn submit(&mut self, ctx: &mut Ctx<'_>, request: IntentRequest) -> Result<IntentId, DropReason> {
        check(&request)?;
        if self.open.len() >= MAX_OPEN || self.epochs.peek().is_none() {
            return Err(DropReason::Full);
        }
        let mut refs: Vec<ContextRef> = Vec::new();
        for c in &request.contexts {
            refs.push(ContextRef { hash: ctx.identity.crypto.hash(&[c]), length: c.len() as u32 });
        }
        refs.sort_by_key(|r| r.hash);
        if refs.windows(2).any(|w| matches!(w, [a, b] if a.hash == b.hash)) {
            return Err(DropReason::ApiMisuse("a context is given twice"));
        }
        let sequence = ctx.sequences.take(ctx.out).ok_or(DropReason::Full)?;
        let expires = ctx.unix_s.map_or(u64::MAX, |s| s.saturating_add(request.lifetime.0.div_ceil(1_000_000)));
        let body = RecordBody::Intent(IntentBody {
            capability: &request.capability,
            context_tokens: request.context_tokens,
            generated_tokens: request.generated_tokens,
            lifetime_us: request.lifetime.0,
            budget: request.budget,
            label: request.label,
            depth: request.depth,
            effect: request.effect,
            stakes: request.stakes,
            contexts: List::new(&refs),
            payload: Bytes16(&request.payload),
            tail: Tail::default(),
        });
        let record = sign_record(ctx.identity, sequence, expires, &body).ok_or(DropReason::ApiMisuse("too long"))?;
        // spec: INT-001 ce2b
        let intent = IntentId(ctx.identity.crypto.hash(&[&record]));
        let number = self.next_number;
        self.next_number += 1;
        let ends = ctx.now + request.lifetime;
        let (phase, leases) = (Phase::Seeking, Vec::new());
        self.open.insert(intent, Open { number, record, request, ends, phase, leases, half: None });
        self.numbers.insert(number, intent);
        self.seek(ctx, intent);
        Ok(intent)
    }

    fn seek(&mut self, ctx: &mut Ctx<'_>, intent: IntentId) {
        let Some(open) = self.open.get_mut(&intent) else { return };
        open.phase = Phase::Seeking;
        let r = &open.request;
        let need = Need {
            capability: r.capability,
            context_tokens: r.context_tokens,
            generated_tokens: r.generated_tokens,
            context_bytes: r.contexts.iter().map(|c| c.len() as u32).sum(),
            label: r.label,
            // spec: INT-002 8c26
            remaining: open.ends.since(ctx.now),
            budget: r.budget,
        };
        ctx.timers.set(Timer::Intent(open.number), open.ends);
        ctx.out.push_back(Effect::Route { intent, need: alloc::boxed::Box::new(need) });
    }

    /// Routing chose a worker, or found nobody for now.
    pub(crate) fn routed(&mut self, ctx: &mut Ctx<'_>, intent: IntentId, choice: Option<Choice>) {
        let Some(open) = self.open.get_mut(&intent) else { return };
        // spec: INT-003 055d
        let epoch = choice.and_then(|_| self.epochs.take(ctx.out));
        let (Some(choice), Some(epoch)) = (choice, epoch) else {
            open.phase = Phase::Waiting;
            ctx.timers.set(Timer::Intent(open.number), (ctx.now + RETRY).min(open.ends));
            return;
        };
        // A quarter later than quoted is still welcome; later than that the worker had better decline.
        let finish_limit = broken_after(choice.finish_in);
        let lent = Lent { worker: choice.worker, epoch, nonce: choice.nonce, price: choice.price, finish_limit };
        open.leases.push(Given { worker: lent.worker, epoch, price_limit: lent.price, broken: false });
        open.phase = Phase::Offered(lent);
        ctx.timers.set(Timer::Intent(open.number), (ctx.now + ACCEPTANCE).min(open.ends));
        send_lease(ctx, &intent, open, &lent);
        for c in &open.request.contexts {
            let frames = frame(&ContextData { bytes: Bytes16(c), tail: Tail::default() });
            ctx.out.push_back(Effect::Send { to: lent.worker, how: How::Reliable(Class::Bulk), frames });
        }
    }

    /// Acceptance, and how far the work is.
    pub(super) fn on_progress(&mut self, ctx: &mut Ctx<'_>, from: &NodeId, p: &Progress<'_>) -> Result<(), DropReason> {
        let intent = IntentId(*p.intent);
        let open = self.open.get_mut(&intent).ok_or(DropReason::UnexpectedFrame)?;
        if let Phase::Offered(lent) = open.phase
            && lent.worker == *from
            && lent.epoch == p.epoch
        {
            // An acceptance promises what the lease allows, whatever it says.
            let promised = Duration(p.finish_us).min(lent.finish_limit);
            open.phase = Phase::Working { lent, at: ctx.now, promised, reminded: false };
            ctx.timers.set(Timer::Intent(open.number), (ctx.now + broken_after(promised)).min(open.ends));
            ctx.out.push_back(Effect::Settled { intent });
            let lease = LeaseId { intent, epoch: lent.epoch };
            ctx.out.push_back(Effect::Event(Event::Leased { lease, worker: *from, finish_in: promised }));
        }
        Ok(())
    }

    /// A worker's half of a receipt: kept until its result is there.
    ///
    /// # Errors
    /// No lease of this node that is open went to this worker under this epoch; nothing changes.
    pub(super) fn on_receipt(&mut self, from: &NodeId, r: &Receipt<'_>) -> Result<(), DropReason> {
        let open = self.open.get_mut(&IntentId(*r.intent)).ok_or(DropReason::UnexpectedFrame)?;
        if !open.leases.iter().any(|l| (l.worker, l.epoch) == (*from, r.epoch)) {
            return Err(DropReason::UnexpectedFrame);
        }
        open.half = Some(Half::of(from, r));
        Ok(())
    }

    /// A result: the first of any lease counts, every other one meets no open intent.
    pub(super) fn on_result(
        &mut self,
        ctx: &mut Ctx<'_>,
        from: &NodeId,
        r: &ResultFrame<'_>,
    ) -> Result<(), DropReason> {
        let intent = IntentId(*r.intent);
        // spec: INT-004 42a5
        let open = self.open.get(&intent).ok_or(DropReason::UnexpectedFrame)?;
        // spec: INT-005 ef39
        let given = open.leases.iter().find(|l| (l.worker, l.epoch) == (*from, r.epoch)).copied();
        let given = given.ok_or(DropReason::UnexpectedFrame)?;
        let lease = LeaseId { intent, epoch: r.epoch };
        let done = r.status == ResultStatus::Done;
        let answered = answered(ctx, open, &given, lease, r);
        // spec: INT-023 172b
        if done && answered.is_none() {
            return Err(DropReason::BadSignature);
        }
        let capability = open.request.capability;
        // spec: INT-025 2a45
        let mut owed = done && !given.broken;
        let lent = match open.phase {
            Phase::Working { lent, at, promised, .. } if lent.epoch == r.epoch => {
                let took = ctx.now.since(at);
                // spec: ROUTE-010 6be5
                let kept = took <= broken_after(promised) && done;
                owed &= kept;
                ctx.out.push_back(Effect::Outcome(Outcome { node: *from, capability, kept, promised, took }));
                None
            }
            Phase::Working { lent, .. } | Phase::Offered(lent) if lent.epoch != r.epoch => Some(lent),
            _ => None,
        };
        if let Some(other) = lent {
            send(ctx, other.worker, &Cancel { intent: &intent.0, epoch: other.epoch, tail: Tail::default() });
        }
        let output = Bytes::copy_from_slice(r.output.0);
        let cancelled = matches!(open.phase, Phase::Cancelling(_));
        let (label, record) = (open.request.label, open.record.clone());
        let contexts = showable(&open.request.contexts);
        self.close(ctx, &intent);
        if let Some((deal, signature)) = answered.filter(|_| done && !cancelled) {
            let (output, at) = (output.clone(), ctx.now);
            self.results.add(ctx, Done { deal, signature, capability, label, record, contexts, output, owed, at });
        }
        ctx.out.push_back(Effect::Event(match cancelled {
            true => Event::Ended { intent, reason: EndReason::Cancelled },
            false => Event::Completed { lease, worker: *from, status: r.status, output },
        }));
        Ok(())
    }

    /// The host checked a result.
    ///
    /// # Errors
    /// No result of this lease waits for a judgement; nothing changes.
    pub(crate) fn judge(&mut self, ctx: &mut Ctx<'_>, lease: LeaseId, right: bool) -> Result<(), DropReason> {
        self.results.judge(ctx, lease, right)
    }

    /// Results are due to be paid for, or to be forgotten.
    pub(crate) fn receipts_due(&mut self, ctx: &mut Ctx<'_>) {
        self.results.due(ctx);
    }

    /// The worker declines a lease: no fault of its.
    pub(super) fn on_decline(&mut self, ctx: &mut Ctx<'_>, from: &NodeId, d: &Decline<'_>) -> Result<(), DropReason> {
        let intent = IntentId(*d.intent);
        let open = self.open.get_mut(&intent).ok_or(DropReason::UnexpectedFrame)?;
        match open.phase {
            Phase::Offered(lent) if lent.worker == *from && lent.epoch == d.epoch => {
                open.phase = Phase::Seeking;
                ctx.timers.set(Timer::Intent(open.number), open.ends);
                let quote = (d.nonce != 0).then_some(Choice {
                    worker: *from,
                    nonce: d.nonce,
                    price: d.price,
                    finish_in: Duration(d.finish_us),
                    at: ctx.now,
                });
                ctx.out.push_back(Effect::Declined { intent, worker: *from, quote });
            }
            Phase::Working { lent, at, promised, .. } if lent.worker == *from && lent.epoch == d.epoch => {
                // It had accepted: that is a broken lease.
                let capability = open.request.capability;
                let took = ctx.now.since(at);
                break_lease(open, lent.epoch);
                ctx.out.push_back(Effect::Outcome(Outcome { node: *from, capability, kept: false, promised, took }));
                self.redispatch(ctx, intent);
            }
            _ => return Err(DropReason::UnexpectedFrame),
        }
        Ok(())
    }

    /// The worker confirms a cancel.
    pub(super) fn on_cancelled(
        &mut self,
        ctx: &mut Ctx<'_>,
        from: &NodeId,
        c: &Cancelled<'_>,
    ) -> Result<(), DropReason> {
        let intent = IntentId(*c.intent);
        let open = self.open.get(&intent).ok_or(DropReason::UnexpectedFrame)?;
        let waits = matches!(open.phase, Phase::Cancelling(l) if l.worker == *from && l.epoch == c.epoch);
        if waits && c.outcome == CancelOutcome::Stopped {
            self.close(ctx, &intent);
            ctx.out.push_back(Effect::Event(Event::Ended { intent, reason: EndReason::Cancelled }));
        }
        Ok(())
    }

    /// The host no longer wants it.
    ///
    /// # Errors
    /// No open intent of this node has this id; nothing changes.
    pub(crate) fn cancel(&mut self, ctx: &mut Ctx<'_>, intent: IntentId) -> Result<(), DropReason> {
        let open = self.open.get_mut(&intent).ok_or(DropReason::ApiMisuse("unknown intent"))?;
        ctx.out.push_back(Effect::Settled { intent });
        match open.phase {
            Phase::Offered(lent) | Phase::Working { lent, .. } => {
                open.phase = Phase::Cancelling(lent);
                ctx.timers.set(Timer::Intent(open.number), ctx.now + CANCEL);
                send(ctx, lent.worker, &Cancel { intent: &intent.0, epoch: lent.epoch, tail: Tail::default() });
            }
            Phase::Cancelling(_) => {}
            Phase::Seeking | Phase::Waiting => {
                self.close(ctx, &intent);
                ctx.out.push_back(Effect::Event(Event::Ended { intent, reason: EndReason::Cancelled }));
            }
        }
        Ok(())
    }

    /// A worker is gone, or forgot everything: what it had goes elsewhere under the next epoch.
    pub(crate) fn lost(&mut self, ctx: &mut Ctx<'_>, node: &NodeId) {
        let had = |o: &Open| matches!(o.phase, Phase::Offered(l) | Phase::Working { lent: l, .. } if l.worker == *node);
        let lost: Vec<IntentId> = self.open.iter().filter(|(_, o)| had(o)).map(|(i, _)| *i).collect();
        // spec: INT-006 9da7
        lost.into_iter().for_each(|i| self.redispatch(ctx, i));
    }

    /// A worker is kept out: its leases count as broken, and what it has goes elsewhere.
    pub(crate) fn kept_out(&mut self, ctx: &mut Ctx<'_>, node: &NodeId) {
        let leases = self.open.values_mut().flat_map(|o| &mut o.leases);
        // spec: INT-027 868a
        leases.filter(|l| l.worker == *node).for_each(|l| l.broken = true);
        self.lost(ctx, node);
    }

    /// Nothing queued for this peer arrives any more: offers to it are void.
    pub(crate) fn unreachable(&mut self, ctx: &mut Ctx<'_>, node: &NodeId) {
        let offered = |o: &Open| matches!(o.phase, Phase::Offered(l) if l.worker == *node);
        let lost: Vec<IntentId> = self.open.iter().filter(|(_, o)| offered(o)).map(|(i, _)| *i).collect();
        lost.into_iter().for_each(|i| self.redispatch(ctx, i));
    }

    fn redispatch(&mut self, ctx: &mut Ctx<'_>, intent: IntentId) {
        if let Some(Open { phase: Phase::Offered(lent) | Phase::Working { lent, .. }, .. }) = self.open.get(&intent) {
            let lease = LeaseId { intent, epoch: lent.epoch };
            ctx.out.push_back(Effect::Event(Event::Redispatched { lease, worker: lent.worker }));
        }
        self.seek(ctx, intent);
    }

    /// An intent's timer: its lifetime, its search, its offer or its lease is over.
    pub(crate) fn timer(&mut self, ctx: &mut Ctx<'_>, number: u64) {
        let Some(intent) = self.numbers.get(&number).copied() else { return };
        let Some(open) = self.open.get_mut(&intent) else { return };
        let ends = open.ends;
        match &mut open.phase {
            Phase::Cancelling(lent) => {
                let worker = lent.worker;
                self.close(ctx, &intent);
                ctx.out
                    // spec: INT-008 af17
                    .push_back(Effect::Event(Event::Ended { intent, reason: EndReason::CancelUnconfirmed { worker } }));
            }
            // spec: INT-007 5848
            _ if ctx.now >= ends => self.expire(ctx, intent),
            Phase::Seeking | Phase::Waiting => self.seek(ctx, intent),
            Phase::Offered(_) => self.redispatch(ctx, intent),
            Phase::Working { lent, reminded, .. } if !*reminded => {
                // The result may be lost with its session: the same lease again asks for it.
                *reminded = true;
                let lent = *lent;
                ctx.timers.set(Timer::Intent(number), (ctx.now + GRACE).min(ends));
                send_lease(ctx, &intent, open, &lent);
            }
            Phase::Working { lent, at, promised, .. } => {
                // spec: ROUTE-010 6be5
                let outcome = Outcome {
                    node: lent.worker,
                    capability: open.request.capability,
                    kept: false,
                    promised: *promised,
                    took: ctx.now.since(*at),
                };
                let lent = *lent;
                break_lease(open, lent.epoch);
                let cancel = Cancel { intent: &intent.0, epoch: lent.epoch, tail: Tail::default() };
                send(ctx, lent.worker, &cancel);
                ctx.out.push_back(Effect::Outcome(outcome));
                self.redispatch(ctx, intent);
            }
        }
    }

    fn expire(&mut self, ctx: &mut Ctx<'_>, intent: IntentId) {
        if let Some(Open { phase: Phase::Offered(l) | Phase::Working { lent: l, .. }, .. }) = self.open.get(&intent) {
            send(ctx, l.worker, &Cancel { intent: &intent.0, epoch: l.epoch, tail: Tail::default() });
        }
        self.close(ctx, &intent);
        ctx.out.push_back(Effect::Event(Event::Ended { intent, reason: EndReason::Expired }));
    }

    fn close(&mut self, ctx: &mut Ctx<'_>, intent: &IntentId) {
        if let Some(open) = self.open.remove(intent) {
            self.numbers.remove(&open.number);
            ctx.timers.cancel(Timer::Intent(open.number));
            ctx.out.push_back(Effect::Settled { intent: *intent });
        }
    }
}

/// When an accepted lease counts as broken.
fn broken_after(promised: Duration) -> Duration {
    promised + Duration(promised.0 / 4) + SLACK
}

/// What a lease that was broken brings is not paid for.
fn break_lease(open: &mut Open, epoch: u64) {
    open.leases.iter_mut().filter(|l| l.epoch == epoch).for_each(|l| l.broken = true);
}

/// What the worker signed about a result, if it holds and is within the lease.
fn answered(
    ctx: &Ctx<'_>,
    open: &Open,
    given: &Given,
    lease: LeaseId,
    r: &ResultFrame<'_>,
) -> Option<(Deal, [u8; 64])> {
    let half = open.half.filter(|h| (h.worker, h.epoch) == (given.worker, r.epoch))?;
    let output = ctx.identity.crypto.hash(&[r.output.0]);
    let deal = Deal { lease, origin: ctx.identity.id, worker: given.worker, price: half.price, output: half.output };
    let holds = half.output == output
        && half.price <= given.price_limit
        && deal.holds(ctx.identity, &given.worker, &half.signature);
    holds.then_some((deal, half.signature))
}

fn send_lease(ctx: &mut Ctx<'_>, intent: &IntentId, open: &Open, lent: &Lent) {
    let statement = Statement::Lease {
        intent: &intent.0,
        worker: lent.worker,
        epoch: lent.epoch,
        nonce: lent.nonce,
        price_limit: lent.price,
        finish_limit_us: lent.finish_limit.0,
    };
    let signature = ctx.identity.sign(&statement);
    let lease = Lease {
        worker: &lent.worker.0,
        epoch: lent.epoch,
        nonce: lent.nonce,
        price_limit: lent.price,
        finish_limit_us: lent.finish_limit.0,
        signature: &signature,
        // spec: INT-002 8c26
        remaining_us: open.ends.since(ctx.now).0,
        intent: Bytes16(&open.record),
        tail: Tail::default(),
    };
    send(ctx, lent.worker, &lease);
}

fn check(r: &IntentRequest) -> Result<(), DropReason> {
    let misuse = |what| Err(DropReason::ApiMisuse(what));
    if r.effect == mindos_wire::Effect::Fenced {
        return misuse("fenced effects need a commit, which this version does not have");
    }
    if r.lifetime.0 == 0 || r.lifetime > Duration::from_secs(86_400) {
        return misuse("lifetime is 0 or above a day");
    }
    if r.contexts.len() > MAX_CONTEXTS || r.contexts.iter().any(|c| c.len() > MAX_CONTEXT) {
        return misuse("more than 16 contexts, or one above 60,000 bytes");
    }
    if r.payload.len() > MAX_PAYLOAD {
        return misuse("payload above 32,000 bytes");
    }
    Ok(())
}
