//! The issuer: signs deposits, and sees who gives one unit to two.

use mindos_wire::{DepositBody, PaymentBody, RecordBody, Tail};

use super::book::{Book, Deposit, Fit, Payment};
use super::{AHEAD_S, Ctx, MAX_ISSUED, Payments, SKEW_S, fits, gives_way};
use crate::identity::{NodeId, sign_record, verify_record};
use crate::outbox::Effect;
use crate::trust::Refusal;
use crate::{DropReason, Event};

impl Payments {
    /// Signs a deposit for a payer.
    ///
    /// # Errors
    /// It would be empty, this node's own, over or for more than 400 days, the time is not known, as many are not over,
    /// or numbers are not persisted yet; nothing changes.
    pub(crate) fn issue(
        &mut self,
        ctx: &mut Ctx<'_>,
        payer: NodeId,
        units: u64,
        expires: u64,
    ) -> Result<(), DropReason> {
        let now_s = ctx.unix_s.ok_or(DropReason::NotReady)?;
        if units == 0 || payer == ctx.identity.id {
            return Err(DropReason::ApiMisuse("a deposit of nothing, or for its issuer"));
        }
        if expires < now_s || expires > now_s.saturating_add(AHEAD_S) {
            return Err(DropReason::ApiMisuse("a deposit that is over, or for more than 400 days"));
        }
        let old = gives_way(&self.issued, MAX_ISSUED, now_s)?;
        let sequence = ctx.sequences.take(ctx.out).ok_or(DropReason::Full)?;
        let body = RecordBody::Deposit(DepositBody { payer: &payer.0, units, tail: Tail::default() });
        let record = sign_record(ctx.identity, sequence, expires, &body).ok_or(DropReason::Full)?;
        let deposit = Deposit::decode(ctx.identity.crypto, &record)?;
        let id = deposit.id;
        old.and_then(|old| self.issued.remove(&old));
        self.issued.insert(id, Book::new(deposit));
        ctx.out.push_back(Effect::Event(Event::Issued { deposit: id, record }));
        Ok(())
    }

    /// A payee shows what it was paid from a deposit of this node.
    ///
    /// # Errors
    /// It does not hold, or is half of a double spend, which goes on as a proof; what is held does not change.
    // spec: INC-043 af3e
    pub(super) fn compare(&mut self, ctx: &mut Ctx<'_>, deposit: Deposit, payment: Payment) -> Result<(), DropReason> {
        let now_s = ctx.unix_s.ok_or(Refusal::Clock)?;
        let members = [&payment.payer, &payment.payee].iter().all(|n| ctx.mesh.state(n).is_some());
        if !members {
            return Err(Refusal::Member.into());
        }
        fits(&deposit, &payment, now_s.saturating_sub(SKEW_S))?;
        let known = self.issued.get(&deposit.id);
        let double = match known.map(|b| b.fit(&payment)) {
            Some(Fit::Known) => return Ok(()),
            Some(Fit::Overlaps(held)) if !held.is_double(&payment) => return Err(Refusal::Overlap.into()),
            Some(Fit::Overlaps(held)) => Some(held.record.clone()),
            Some(Fit::New(_)) | None => None,
        };
        // One that an earlier run issued may find no place: what is held does not give way to it.
        let old = if known.is_none() { gives_way(&self.issued, MAX_ISSUED, now_s)? } else { None };
        if known.is_none() {
            verify_record::<DepositBody<'_>>(ctx.identity, &deposit.record)?;
        }
        verify_record::<PaymentBody<'_>>(ctx.identity, &payment.record)?;
        if let Some(held) = double {
            // spec: INC-044 35dc
            ctx.out.push_back(Effect::DoubleSpend { records: [held, payment.record] });
            return Err(Refusal::Double.into());
        }
        old.and_then(|old| self.issued.remove(&old));
        let book = self.issued.entry(deposit.id).or_insert_with(|| Book::new(deposit));
        book.put(payment);
        Ok(())
    }
}
