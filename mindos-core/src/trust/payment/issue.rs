//! The issuer: signs deposits, and sees who gives one unit to two.

use mindos_wire::{DepositBody, PaymentBody, RecordBody, Tail};

use super::book::{Book, Deposit, Fit, Payment};
use super::{Ctx, MAX_ISSUED, MAX_WIDE, Payments, SKEW_S, fits};
use crate::identity::{DepositId, NodeId, sign_record, verify_record};
use crate::outbox::Effect;
use crate::{DropReason, Event};

impl Payments {
    /// Signs a deposit for a payer.
    ///
    /// # Errors
    /// It would be empty or this node's own, or numbers are not persisted yet; nothing changes.
    pub(crate) fn issue(
        &mut self,
        ctx: &mut Ctx<'_>,
        payer: NodeId,
        units: u64,
        expires: u64,
    ) -> Result<(), DropReason> {
        if units == 0 || payer == ctx.identity.id {
            return Err(DropReason::ApiMisuse("a deposit of nothing, or for its issuer"));
        }
        let sequence = ctx.sequences.take(ctx.out).ok_or(DropReason::Full)?;
        let body = RecordBody::Deposit(DepositBody { payer: &payer.0, units, tail: Tail::default() });
        let record = sign_record(ctx.identity, sequence, expires, &body).ok_or(DropReason::Full)?;
        let deposit = DepositId(ctx.identity.crypto.hash(&[&record]));
        ctx.out.push_back(Effect::Event(Event::Issued { deposit, record }));
        Ok(())
    }

    /// A payee shows what it was paid from a deposit of this node.
    ///
    /// # Errors
    /// It does not hold, or is half of a double spend, which goes on as a proof; what is held does not change.
    // spec: INC-043 af3e
    pub(super) fn compare(&mut self, ctx: &mut Ctx<'_>, deposit: Deposit, payment: Payment) -> Result<(), DropReason> {
        let refused = DropReason::UnexpectedRecord;
        let now_s = ctx.unix_s.ok_or(refused)?.saturating_sub(SKEW_S);
        let members = [&payment.payer, &payment.payee].iter().all(|n| ctx.mesh.state(n).is_some());
        if !members || !fits(&deposit, &payment, now_s) {
            return Err(refused);
        }
        let known = self.issued.get(&deposit.id);
        let clash = match known.map(|b| b.fit(&payment)) {
            Some(Fit::Known) => return Ok(()),
            Some(Fit::Overlaps(held)) if !held.is_double(&payment) => return Err(refused),
            Some(Fit::Overlaps(held)) => Some(held.record.clone()),
            Some(Fit::New(_)) | None => None,
        };
        if known.is_none() {
            verify_record::<DepositBody<'_>>(ctx.identity, &deposit.record)?;
        }
        verify_record::<PaymentBody<'_>>(ctx.identity, &payment.record)?;
        if let Some(held) = clash {
            // spec: INC-044 35dc
            ctx.out.push_back(Effect::DoubleSpend { records: [held, payment.record] });
            return Err(refused);
        }
        if known.is_none() && self.issued.len() >= MAX_ISSUED {
            // Those that are over first, then the one heard of longest ago.
            let order = |b: &&Book| (b.deposit.expires >= now_s, b.at, b.deposit.id);
            let oldest = self.issued.values().min_by_key(order).map(|b| b.deposit.id);
            oldest.and_then(|id| self.issued.remove(&id));
        }
        let book = self.issued.entry(deposit.id).or_insert_with(|| Book::new(deposit, ctx.now));
        book.at = ctx.now;
        book.put_wide(payment, MAX_WIDE);
        Ok(())
    }
}
