//! The worker's side: quotes, a queue, execution, results (spec 07).

mod quote;
mod result;

use alloc::collections::{BTreeMap, VecDeque};
use alloc::vec::Vec;
use bytes::Bytes;
use mindos_wire::{
    Cancel, CancelOutcome, Cancelled, Decline, DeclineReason, Effect as EffectClass, IntentBody, Lease, Progress, Tail,
};

use super::ledger::Ledger;
use super::{Ctx, send};
use crate::context::Store;
use crate::entropy::Entropy;
use crate::identity::{IntentId, NodeId, Statement, verify_record};
use crate::outbox::Effect;
use crate::routing::{Load, work_time};
use crate::timer::Timer;
use crate::{Capability, Capacity, DropReason, Duration, Event, Instant, IntentRequest, LeaseId};
use quote::{Issued, price};
use result::Finished;

/// Leases queued or running.
const MAX_TASKS: usize = 256;
/// Of one origin.
const MAX_TASKS_EACH: usize = 32;
/// Contexts of tasks, together: 16 MiB at most.
const MAX_CONTEXTS: usize = 256;
/// A lease whose context does not come is declined after this.
const CONTEXT: Duration = Duration::from_secs(30);
/// A queue that grew by less than this since the quote is the same queue.
const TOLERANCE: Duration = Duration::from_millis(50);

/// What work takes, and its price in milli-credits.
type Terms = (Duration, u64);

#[derive(Debug)]
struct Task {
    number: u64,
    origin: NodeId,
    work: IntentRequest,
    /// By name; kept here once it came, whatever the store forgets.
    contexts: Vec<([u8; 32], Option<Bytes>)>,
    takes: Duration,
    /// In milli-credits.
    price: u64,
    started: Option<Instant>,
    /// Number of the last progress told.
    told: u32,
    ends: Instant,
}

impl Task {
    fn is_whole(&self) -> bool {
        self.contexts.iter().all(|c| c.1.is_some())
    }
}

/// Work for others.
#[derive(Debug)]
pub(crate) struct Worker {
    entropy: Entropy,
    capacity: Capacity,
    issued: VecDeque<Issued>,
    tasks: BTreeMap<LeaseId, Task>,
    /// In the order of arrival, running ones included.
    queue: Vec<LeaseId>,
    numbers: BTreeMap<u64, LeaseId>,
    next_number: u64,
    finished: BTreeMap<LeaseId, Finished>,
    finished_order: VecDeque<LeaseId>,
    ledger: Ledger,
}

impl Worker {
    pub(super) fn new(entropy: Entropy) -> Self {
        Self {
            entropy,
            capacity: Capacity::default(),
            issued: VecDeque::new(),
            tasks: BTreeMap::new(),
            queue: Vec::new(),
            numbers: BTreeMap::new(),
            next_number: 0,
            finished: BTreeMap::new(),
            finished_order: VecDeque::new(),
            ledger: Ledger::default(),
        }
    }

    /// What the host can serve from now on; work in the queue stays.
    pub(crate) fn set_capacity(&mut self, ctx: &mut Ctx<'_>, capacity: Capacity) {
        self.capacity = capacity;
        ctx.out.push_back(Effect::LoadChanged);
    }

    /// For advertisements.
    pub(crate) fn load(&self, now: Instant) -> Load {
        Load { capacity: self.capacity.clone(), backlog: self.backlog(now, self.queue.len()) }
    }

    /// Until a slot is free behind the first `ahead` tasks of the queue.
    fn backlog(&self, now: Instant, ahead: usize) -> Duration {
        let left = |t: &Task| t.started.map_or(t.takes.0, |s| (s + t.takes).since(now).0);
        let mut free = alloc::vec![0u64; usize::from(self.capacity.slots.max(1))];
        for task in self.queue.iter().take(ahead).filter_map(|l| self.tasks.get(l)) {
            if let Some(slot) = free.iter_mut().min() {
                *slot = slot.saturating_add(left(task));
            }
        }
        Duration(free.into_iter().min().unwrap_or(0))
    }

    fn offers(&self, capability: &[u8; 32]) -> Option<&Capability> {
        self.capacity.capabilities.iter().find(|c| c.name == *capability)
    }

    /// A lease: verified, held against its quote, queued; or declined.
    pub(super) fn on_lease(
        &mut self,
        ctx: &mut Ctx<'_>,
        from: &NodeId,
        l: &Lease<'_>,
        store: &Store,
    ) -> Result<(), DropReason> {
        let record = verify_record::<IntentBody<'_>>(ctx.identity, l.intent.0)?;
        let body = record.body;
        let intent = IntentId(ctx.identity.crypto.hash(&[l.intent.0]));
        // spec: INT-009 b05b
        let statement = Statement::Lease {
            intent: &intent.0,
            worker: NodeId(*l.worker),
            epoch: l.epoch,
            nonce: l.nonce,
            price_limit: l.price_limit,
            finish_limit_us: l.finish_limit_us,
        };
        let origin = NodeId(*record.head.author);
        // spec: INT-010 b2e6
        if origin != *from
            || NodeId(*l.worker) != ctx.identity.id
            || !ctx.identity.verify(from, &statement, l.signature)
        {
            return Err(DropReason::BadSignature);
        }
        if ctx.unix_s.is_some_and(|now| record.head.expires < now) || l.remaining_us > body.lifetime_us {
            return Err(DropReason::UnexpectedRecord);
        }
        let lease = LeaseId { intent, epoch: l.epoch };
        // spec: INT-016 57c3
        if self.repeat(ctx, &lease) {
            return Ok(());
        }
        match self.admit(ctx, from, lease, l, &body) {
            Ok(takes) => self.enqueue(ctx, *from, lease, l, &body, takes, store),
            Err((reason, requote)) => {
                let start = self.backlog(ctx.now, self.queue.len());
                let quote = requote.map(|(takes, price)| {
                    (self.issue(ctx.now, *from, intent, start), start.0, (start + takes).0, price)
                });
                let (nonce, start_us, finish_us, price) = quote.unwrap_or_default();
                send(
                    ctx,
                    *from,
                    &Decline {
                        intent: &intent.0,
                        epoch: l.epoch,
                        reason,
                        nonce,
                        start_us,
                        finish_us,
                        price,
                        tail: Tail::default(),
                    },
                );
            }
        }
        Ok(())
    }

    /// The same lease again asks how it stands.
    fn repeat(&mut self, ctx: &mut Ctx<'_>, lease: &LeaseId) -> bool {
        if let Some(f) = self.finished.get(lease) {
            // spec: INT-022 4cc1
            ctx.out.push_back(Effect::message(f.deal.origin, f.message.clone()));
            return true;
        }
        if self.tasks.get(lease).is_some_and(Task::is_whole) {
            self.tell_progress(ctx, lease, 0);
        }
        self.tasks.contains_key(lease)
    }

    /// Checks a lease against policy, quote and queue. On refusal: the reason, and what a new quote rests on.
    fn admit(
        &mut self,
        ctx: &Ctx<'_>,
        from: &NodeId,
        lease: LeaseId,
        l: &Lease<'_>,
        body: &IntentBody<'_>,
    ) -> Result<Terms, (DeclineReason, Option<Terms>)> {
        let takes = work_time(
            body.context_tokens,
            body.generated_tokens,
            self.capacity.context_rate,
            self.capacity.generated_rate,
        );
        // spec: INC-021 934f
        if ctx.trust.is_quarantined(ctx.now, from) {
            return Err((DeclineReason::Trust, None));
        }
        // spec: INT-012 e252
        let (Some(c), Some(takes)) = (self.offers(body.capability).copied(), takes) else {
            return Err((DeclineReason::Policy, None));
        };
        // spec: INT-012 e252
        if body.effect == EffectClass::Fenced || self.capacity.stakes.is_none_or(|s| s < body.stakes) {
            return Err((DeclineReason::Policy, None));
        }
        // spec: INT-013 8fd7
        if self.capacity.clearance.is_none_or(|c| c < body.label) {
            return Err((DeclineReason::Label, None));
        }
        let price = price(&c, body.context_tokens, body.generated_tokens);
        // spec: INT-014 d7b4
        if price > l.price_limit || price > body.budget {
            return Err((DeclineReason::Budget, None));
        }
        // spec: INC-001 f913
        if !self.credits(from, price) {
            return Err((DeclineReason::Budget, None));
        }
        // spec: INT-017 0c0b
        let later = |k: &LeaseId| k.intent == lease.intent && k.epoch > lease.epoch;
        if self.tasks.keys().any(later) || self.finished.keys().any(later) {
            return Err((DeclineReason::Trust, None));
        }
        let held: usize = self.tasks.values().map(|t| t.contexts.len()).sum();
        let of_origin = self.tasks.values().filter(|t| t.origin == *from).count();
        if of_origin >= MAX_TASKS_EACH || u64::from(body.context_tokens) > self.capacity.context_free {
            return Err((DeclineReason::Load, None));
        }
        if self.capacity.slots == 0 || self.tasks.len() >= MAX_TASKS || held + body.contexts.len() > MAX_CONTEXTS {
            return Err((DeclineReason::Load, None));
        }
        self.issued.retain(|q| q.expires >= ctx.now);
        let quote = self.issued.iter().position(|q| q.nonce == l.nonce && q.to == *from && q.intent == lease.intent);
        let backlog = self.backlog(ctx.now, self.queue.len());
        let finish = backlog + takes;
        // spec: INT-015 3227
        if finish.0 > l.remaining_us {
            return Err((DeclineReason::Deadline, None));
        }
        // spec: INT-011 d785
        let Some(quote) = quote.and_then(|i| self.issued.remove(i)) else {
            // Expired, used, or never given: a new one harms nobody.
            return Err((DeclineReason::Load, Some((takes, price))));
        };
        // The way of the quote and of the lease is no growth: an idle worker begins when the lease comes.
        let grew = Duration(backlog.0.saturating_sub(quote.start.since(ctx.now).0));
        if grew > Duration(takes.0 / 10) + TOLERANCE || finish.0 > l.finish_limit_us {
            return Err((DeclineReason::Load, Some((takes, price))));
        }
        Ok((takes, price))
    }

    /// Whether an origin may owe so much more.
    fn credits(&self, origin: &NodeId, price: u64) -> bool {
        self.ledger.allows(origin, price, self.capacity.credit)
    }

    #[expect(clippy::too_many_arguments, reason = "a lease, its parts, and what was worked out of them")]
    fn enqueue(
        &mut self,
        ctx: &mut Ctx<'_>,
        origin: NodeId,
        lease: LeaseId,
        l: &Lease<'_>,
        body: &IntentBody<'_>,
        (takes, price): Terms,
        store: &Store,
    ) {
        // A later epoch of the same intent replaces an earlier one.
        // spec: INT-017 0c0b
        let older: Vec<LeaseId> = self.tasks.keys().filter(|k| k.intent == lease.intent).copied().collect();
        older.into_iter().for_each(|k| self.drop_task(ctx, &k, true));
        let contexts: Vec<([u8; 32], Option<Bytes>)> =
            body.contexts.iter().map(|c| (c.hash, store.get(&c.hash).cloned())).collect();
        let work = IntentRequest {
            capability: *body.capability,
            context_tokens: body.context_tokens,
            generated_tokens: body.generated_tokens,
            lifetime: Duration(l.remaining_us),
            budget: body.budget,
            label: body.label,
            depth: body.depth,
            effect: body.effect,
            stakes: body.stakes,
            contexts: Vec::new(),
            payload: Bytes::copy_from_slice(body.payload.0),
        };
        let number = self.next_number;
        self.next_number += 1;
        let ends = ctx.now + Duration(l.remaining_us);
        let task = Task { number, origin, work, contexts, takes, price, started: None, told: 0, ends };
        let waits = !task.is_whole();
        self.ledger.lend(origin, price);
        self.tasks.insert(lease, task);
        self.numbers.insert(number, lease);
        self.queue.push(lease);
        ctx.timers.set(Timer::Task(number), if waits { (ctx.now + CONTEXT).min(ends) } else { ends });
        // spec: INT-019 4f26
        if !waits {
            self.accept(ctx, &lease);
        }
        ctx.out.push_back(Effect::LoadChanged);
    }

    /// Everything is here: the lease is accepted, and runs when its turn comes.
    fn accept(&mut self, ctx: &mut Ctx<'_>, lease: &LeaseId) {
        let Some(task) = self.tasks.get_mut(lease) else { return };
        task.work.contexts = task.contexts.iter().filter_map(|c| c.1.clone()).collect();
        ctx.timers.set(Timer::Task(task.number), task.ends);
        self.tell_progress(ctx, lease, 0);
        self.start_ready(ctx);
    }

    fn tell_progress(&mut self, ctx: &mut Ctx<'_>, lease: &LeaseId, done: u16) {
        let ahead = self.queue.iter().position(|l| l == lease).unwrap_or(0);
        let wait = self.backlog(ctx.now, ahead);
        let Some(task) = self.tasks.get_mut(lease) else { return };
        let finish = task.started.map_or(wait + task.takes, |s| (s + task.takes).since(ctx.now).max(Duration(0)));
        let (number, origin) = (task.told, task.origin);
        task.told += 1;
        send(
            ctx,
            origin,
            &Progress {
                intent: &lease.intent.0,
                epoch: lease.epoch,
                number,
                done,
                finish_us: finish.0,
                tail: Tail::default(),
            },
        );
    }

    /// Starts what is ready, in order, while a slot is free.
    fn start_ready(&mut self, ctx: &mut Ctx<'_>) {
        let running = self.tasks.values().filter(|t| t.started.is_some()).count();
        let free = usize::from(self.capacity.slots).saturating_sub(running);
        let ready = |l: &&LeaseId| self.tasks.get(l).is_some_and(|t| t.started.is_none() && t.is_whole());
        let next: Vec<LeaseId> = self.queue.iter().filter(ready).take(free).copied().collect();
        for lease in next {
            if let Some(task) = self.tasks.get_mut(&lease) {
                task.started = Some(ctx.now);
                let (origin, work) = (task.origin, alloc::boxed::Box::new(task.work.clone()));
                ctx.out.push_back(Effect::Event(Event::Execute { lease, origin, work }));
            }
        }
    }

    /// Content arrived.
    pub(super) fn on_context(&mut self, ctx: &mut Ctx<'_>, name: &[u8; 32], content: &Bytes) {
        let mut whole = Vec::new();
        for lease in &self.queue {
            let Some(task) = self.tasks.get_mut(lease).filter(|t| !t.is_whole()) else { continue };
            task.contexts.iter_mut().filter(|c| c.0 == *name).for_each(|c| c.1 = Some(content.clone()));
            if task.is_whole() {
                whole.push(*lease);
            }
        }
        whole.into_iter().for_each(|lease| self.accept(ctx, &lease));
    }

    /// The host got on.
    ///
    /// # Errors
    /// No such lease runs; nothing changes.
    pub(crate) fn progress(&mut self, ctx: &mut Ctx<'_>, lease: LeaseId, done: u16) -> Result<(), DropReason> {
        self.tasks.get(&lease).filter(|t| t.started.is_some()).ok_or(DropReason::ApiMisuse("unknown lease"))?;
        self.tell_progress(ctx, &lease, done);
        Ok(())
    }

    /// The origin ends a lease.
    pub(super) fn on_cancel(&mut self, ctx: &mut Ctx<'_>, from: &NodeId, c: &Cancel<'_>) -> Result<(), DropReason> {
        let lease = LeaseId { intent: IntentId(*c.intent), epoch: c.epoch };
        if self.tasks.get(&lease).is_some_and(|t| t.origin != *from) {
            return Err(DropReason::UnexpectedFrame);
        }
        // spec: INT-020 9d4e
        let outcome = if self.finished.contains_key(&lease) { CancelOutcome::Finished } else { CancelOutcome::Stopped };
        self.drop_task(ctx, &lease, true);
        // The lease itself may still be on its way: without its quote it starts nothing.
        self.issued.retain(|q| q.to != *from || q.intent != lease.intent);
        send(ctx, *from, &Cancelled { intent: c.intent, epoch: c.epoch, outcome, tail: Tail::default() });
        Ok(())
    }

    /// An origin is gone or forgot everything: nobody waits for its work.
    pub(crate) fn lost(&mut self, ctx: &mut Ctx<'_>, node: &NodeId) {
        let of: Vec<LeaseId> = self.tasks.iter().filter(|(_, t)| t.origin == *node).map(|(l, _)| *l).collect();
        // spec: INT-021 baa5
        of.into_iter().for_each(|l| self.drop_task(ctx, &l, true));
        self.issued.retain(|q| q.to != *node);
    }

    /// A task's context did not come, or its lifetime is over.
    pub(crate) fn timer(&mut self, ctx: &mut Ctx<'_>, number: u64) {
        let Some(lease) = self.numbers.get(&number).copied() else { return };
        let Some(task) = self.tasks.get(&lease) else { return };
        let (origin, reason) =
            (task.origin, if task.is_whole() { DeclineReason::Deadline } else { DeclineReason::Load });
        self.drop_task(ctx, &lease, true);
        send(ctx, origin, &refusal(&lease.intent.0, lease.epoch, reason));
    }

    /// Takes a task out of the queue; `stop`: tells the host, if it runs.
    fn drop_task(&mut self, ctx: &mut Ctx<'_>, lease: &LeaseId, stop: bool) {
        let Some(task) = self.tasks.remove(lease) else { return };
        self.queue.retain(|l| l != lease);
        self.ledger.release(&task.origin, task.price);
        self.numbers.remove(&task.number);
        ctx.timers.cancel(Timer::Task(task.number));
        if stop && task.started.is_some() {
            ctx.out.push_back(Effect::Event(Event::Stop { lease: *lease }));
        }
        self.start_ready(ctx);
        ctx.out.push_back(Effect::LoadChanged);
    }
}

/// A decline without a new quote. `epoch` 0: of a seek.
fn refusal(intent: &[u8; 32], epoch: u64, reason: DeclineReason) -> Decline<'_> {
    Decline { intent, epoch, reason, nonce: 0, start_us: 0, finish_us: 0, price: 0, tail: Tail::default() }
}
