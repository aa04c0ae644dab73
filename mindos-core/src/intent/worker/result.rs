//! Results: kept until the origin's half of the receipt is here and longer, and sent again to who asks.

use alloc::vec::Vec;
use bytes::Bytes;
use mindos_wire::{Bytes16, MAX_MESSAGE, Receipt, ResultFrame, ResultStatus, Tail};

use super::Worker;
use crate::identity::NodeId;
use crate::intent::Ctx;
use crate::intent::ledger::{Account, WholeReceipt};
use crate::intent::receipt::{Deal, lease_of};
use crate::outbox::{Effect, frame};
use crate::{DropReason, Event, LeaseId};

/// Results kept, to be sent again when asked.
const MAX_FINISHED: usize = 256;

#[derive(Debug)]
pub(super) struct Finished {
    pub(super) deal: Deal,
    /// The frames of this side's half and of the result, as they go into one message.
    pub(super) message: Vec<u8>,
    /// The origin's half is here too.
    whole: bool,
}

impl Worker {
    /// The host finished.
    ///
    /// # Errors
    /// No such lease runs, or the output is too long; nothing changes.
    pub(crate) fn finish(
        &mut self,
        ctx: &mut Ctx<'_>,
        lease: LeaseId,
        status: ResultStatus,
        output: Bytes,
    ) -> Result<(), DropReason> {
        if output.len() > MAX_MESSAGE - 5_000 {
            return Err(DropReason::ApiMisuse("output above 60,000 bytes"));
        }
        let task =
            self.tasks.get(&lease).filter(|t| t.started.is_some()).ok_or(DropReason::ApiMisuse("unknown lease"))?;
        // A failure costs nothing.
        let price = if status == ResultStatus::Done { task.price } else { 0 };
        let deal = Deal {
            lease,
            origin: task.origin,
            worker: ctx.identity.id,
            price,
            output: ctx.identity.crypto.hash(&[&output]),
        };
        self.drop_task(ctx, &lease, false);
        self.ledger.lend(deal.origin, price);
        if self.finished_order.len() == MAX_FINISHED
            && let Some(oldest) = self.finished_order.pop_front()
        {
            self.finished.remove(&oldest);
        }
        self.finished_order.push_back(lease);
        // spec: INT-022 4cc1, INT-026 fee9
        let mut message = if status == ResultStatus::Done { deal.half(ctx.identity) } else { Vec::new() };
        message.extend(frame(&ResultFrame {
            intent: &lease.intent.0,
            epoch: lease.epoch,
            status,
            output: Bytes16(&output),
            tail: Tail::default(),
        }));
        self.finished.insert(lease, Finished { deal, message, whole: price == 0 });
        self.repeat(ctx, &lease);
        Ok(())
    }

    /// The origin's half of a receipt.
    ///
    /// # Errors
    /// It is not the other half of a receipt of this node, or is here already; nothing changes.
    pub(in crate::intent) fn on_receipt(
        &mut self,
        ctx: &mut Ctx<'_>,
        from: &NodeId,
        r: &Receipt<'_>,
    ) -> Result<(), DropReason> {
        let lease = lease_of(r);
        let finished = self.finished.get_mut(&lease).filter(|f| f.deal.origin == *from && !f.whole);
        let finished = finished.ok_or(DropReason::UnexpectedFrame)?;
        let deal = finished.deal;
        // spec: INC-002 c7bc
        if (r.price, r.output) != (deal.price, &deal.output) || !deal.holds(ctx.identity, from, r.signature) {
            return Err(DropReason::BadSignature);
        }
        finished.whole = true;
        self.ledger.earn(from, deal.price);
        ctx.out.push_back(Effect::Event(Event::Earned {
            lease,
            price: deal.price,
            receipt: alloc::boxed::Box::new(WholeReceipt {
                origin: *from,
                output: deal.output,
                worker_half: deal.sign(ctx.identity),
                origin_half: *r.signature,
            }),
        }));
        Ok(())
    }

    /// What each origin owes.
    pub(crate) fn accounts(&self) -> impl Iterator<Item = (&NodeId, &Account)> {
        self.ledger.iter()
    }

    /// An origin made up for what it owes.
    pub(crate) fn settled(&mut self, origin: &NodeId, amount: u64) {
        self.ledger.settle(origin, amount);
    }
}
