//! Receipts (spec 07): what origin and worker sign about a finished lease, and results that the host may judge.

use alloc::collections::{BTreeMap, VecDeque};
use alloc::vec::Vec;
use bytes::Bytes;
use mindos_wire::{Label, Receipt, Tail};

use super::Ctx;
use crate::identity::{Identity, IntentId, NodeId, Statement};
use crate::outbox::{Effect, frame};
use crate::timer::Timer;
use crate::trust::Refutation;
use crate::{DropReason, Duration, Instant, LeaseId};

/// A result that nobody judged is paid for after this.
const PAY: Duration = Duration::from_secs(10);
/// A result can be judged for this long.
const JUDGE: Duration = Duration::from_secs(60);
/// Results kept to be judged.
const MAX_RESULTS: usize = 256;
/// Bytes of their records and outputs.
const MAX_BYTES: usize = 4 << 20;

/// What both sides sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Deal {
    pub(super) lease: LeaseId,
    pub(super) origin: NodeId,
    pub(super) worker: NodeId,
    /// In milli-credits.
    pub(super) price: u64,
    /// BLAKE3 of the output.
    pub(super) output: [u8; 32],
}

impl Deal {
    fn statement(&self) -> Statement<'_> {
        Statement::Receipt {
            intent: &self.lease.intent.0,
            origin: self.origin,
            worker: self.worker,
            epoch: self.lease.epoch,
            price: self.price,
            output: &self.output,
        }
    }

    pub(super) fn sign(&self, identity: &Identity) -> [u8; 64] {
        identity.sign(&self.statement())
    }

    /// The frame of this node's half.
    // spec: INT-022 4cc1
    pub(super) fn half(&self, identity: &Identity) -> Vec<u8> {
        frame(&Receipt {
            intent: &self.lease.intent.0,
            epoch: self.lease.epoch,
            price: self.price,
            output: &self.output,
            signature: &self.sign(identity),
            tail: Tail::default(),
        })
    }

    /// Whether `by` signed it.
    pub(super) fn holds(&self, identity: &Identity, by: &NodeId, signature: &[u8; 64]) -> bool {
        identity.verify(by, &self.statement(), signature)
    }
}

/// The worker's half, as it came: not verified before its result is there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Half {
    pub(super) worker: NodeId,
    pub(super) epoch: u64,
    pub(super) price: u64,
    pub(super) output: [u8; 32],
    pub(super) signature: [u8; 64],
}

impl Half {
    pub(super) fn of(from: &NodeId, r: &Receipt<'_>) -> Self {
        Self { worker: *from, epoch: r.epoch, price: r.price, output: *r.output, signature: *r.signature }
    }
}

/// A result that the host has.
#[derive(Debug)]
pub(super) struct Done {
    pub(super) deal: Deal,
    /// The worker's signature over the deal.
    pub(super) signature: [u8; 64],
    pub(super) capability: [u8; 32],
    pub(super) label: Label,
    pub(super) record: Bytes,
    /// Of the work; none if they are too long to be shown to others.
    pub(super) contexts: Vec<Bytes>,
    pub(super) output: Bytes,
    /// The lease was kept: its worker gets this side's half, unless the result is judged wrong before.
    pub(super) owed: bool,
    pub(super) at: Instant,
}

impl Done {
    fn bytes(&self) -> usize {
        self.record.len() + self.contexts.iter().map(Bytes::len).sum::<usize>() + self.output.len()
    }
}

/// Results that the host may judge, for a minute. At the cap the oldest gives way, and is paid for if it is owed.
#[derive(Debug, Default)]
pub(super) struct Results {
    held: BTreeMap<LeaseId, Done>,
    /// In the order of completion.
    order: VecDeque<LeaseId>,
    bytes: usize,
}

impl Results {
    /// A result was told to the host.
    pub(super) fn add(&mut self, ctx: &mut Ctx<'_>, done: Done) {
        let lease = done.deal.lease;
        self.bytes += done.bytes();
        self.held.insert(lease, done);
        self.order.push_back(lease);
        while self.order.len() > MAX_RESULTS || self.bytes > MAX_BYTES {
            let Some(oldest) = self.order.pop_front() else { break };
            self.remove(&oldest).into_iter().for_each(|mut d| settle_unjudged(ctx, &mut d));
        }
        self.due(ctx);
    }

    fn remove(&mut self, lease: &LeaseId) -> Option<Done> {
        let done = self.held.remove(lease)?;
        self.bytes -= done.bytes();
        Some(done)
    }

    /// The host checked a result.
    ///
    /// # Errors
    /// No result of this lease waits for a judgement; nothing changes.
    pub(super) fn judge(&mut self, ctx: &mut Ctx<'_>, lease: LeaseId, right: bool) -> Result<(), DropReason> {
        let mut done =
            self.remove(&lease).ok_or(DropReason::ApiMisuse("no result of this lease waits to be judged"))?;
        self.order.retain(|l| *l != lease);
        let (node, capability) = (done.deal.worker, done.capability);
        ctx.out.push_back(Effect::Verdict { node, capability, right });
        if right {
            settle(ctx, &mut done);
        } else {
            // spec: INT-025 2a45, INC-008 57cb
            ctx.out.push_back(Effect::Refuted(alloc::boxed::Box::new(Refutation {
                worker: node,
                lease,
                price: done.deal.price,
                signature: done.signature,
                capability,
                label: done.label,
                record: done.record,
                contexts: done.contexts,
                output: done.output,
            })));
        }
        self.due(ctx);
        Ok(())
    }

    /// Pays what nobody judged, and forgets what is too old to be judged.
    pub(super) fn due(&mut self, ctx: &mut Ctx<'_>) {
        while let Some(oldest) = self.order.front().copied() {
            if self.held.get(&oldest).is_some_and(|d| ctx.now.since(d.at) < JUDGE) {
                break;
            }
            self.order.pop_front();
            self.remove(&oldest);
        }
        let mut next = self.order.front().and_then(|l| self.held.get(l)).map(|d| d.at + JUDGE);
        for done in self.held.values_mut().filter(|d| d.owed) {
            if ctx.now.since(done.at) >= PAY {
                settle_unjudged(ctx, done);
            } else {
                next = next.map(|n| n.min(done.at + PAY));
            }
        }
        match next {
            Some(at) => ctx.timers.set(Timer::Receipts, at),
            None => ctx.timers.cancel(Timer::Receipts),
        }
    }
}

/// A result that the host did not judge is paid for, unless its worker is kept out.
fn settle_unjudged(ctx: &mut Ctx<'_>, done: &mut Done) {
    // spec: INT-027 868a
    if !ctx.trust.is_quarantined(ctx.now, &done.deal.worker) {
        settle(ctx, done);
    }
}

/// This side's half goes to the worker, once.
fn settle(ctx: &mut Ctx<'_>, done: &mut Done) {
    // spec: INT-024 f862
    if core::mem::take(&mut done.owed) {
        let Deal { worker, price, .. } = done.deal;
        ctx.out.push_back(Effect::message(worker, done.deal.half(ctx.identity)));
        ctx.out.push_back(Effect::Owes { worker, price });
    }
}

/// The intent of a receipt.
pub(super) fn lease_of(r: &Receipt<'_>) -> LeaseId {
    LeaseId { intent: IntentId(*r.intent), epoch: r.epoch }
}
