//! The payer: no unit leaves twice, whatever happens in between.

use alloc::vec::Vec;
use bytes::Bytes;
use mindos_wire::{DepositBody, PaymentBody, RecordBody, Tail};

use super::book::{Book, Deposit, Payment};
use super::{Ctx, MAX_DEBTS, MAX_PURSE, MAX_WRITES, Payments, forget, gives_way, persist, together};
use crate::DropReason;
use crate::identity::{DepositId, NodeId, sign_record, verify_record};
use crate::outbox::Effect;

impl Payments {
    /// The host has a deposit for this node.
    ///
    /// # Errors
    /// It does not hold, is for another node, is over, ends more than 400 days ahead or is known already, or there is no
    /// room; nothing changes.
    pub(crate) fn deposit(&mut self, ctx: &mut Ctx<'_>, record: &Bytes) -> Result<(), DropReason> {
        let now_s = ctx.unix_s.ok_or(DropReason::NotReady)?;
        let deposit = Deposit::decode(ctx.identity.crypto, record)?;
        if deposit.payer != ctx.identity.id || deposit.issuer == deposit.payer || deposit.expires < now_s {
            return Err(DropReason::ApiMisuse("a deposit for another node, or that is over"));
        }
        // spec: INC-055 4787
        if deposit.is_far(now_s) {
            return Err(DropReason::ApiMisuse("a deposit for more than 400 days"));
        }
        if self.purse.contains_key(&deposit.id) {
            return Err(DropReason::ApiMisuse("known deposit"));
        }
        let old = gives_way(&self.purse, MAX_PURSE, now_s)?;
        verify_record::<DepositBody<'_>>(ctx.identity, record)?;
        forget(ctx, &mut self.purse, old);
        let id = deposit.id;
        let book = self.purse.entry(id).or_insert_with(|| Book::new(deposit));
        persist(ctx, book, None);
        Ok(())
    }

    /// Deposits that this node may spend, with the units that are left.
    pub(crate) fn deposits(&self) -> impl Iterator<Item = (DepositId, u64)> + '_ {
        self.purse.iter().map(|(id, b)| (*id, b.deposit.units.saturating_sub(b.spent())))
    }

    /// Gives a member so many units more.
    ///
    /// # Errors
    /// The deposit is unknown or over or holds less, too little would be given or left, the payee is no other member
    /// in service, or numbers or writes are not safe yet; nothing changes.
    pub(crate) fn pay(
        &mut self,
        ctx: &mut Ctx<'_>,
        (id, payee): (DepositId, NodeId),
        amount: u64,
    ) -> Result<(), DropReason> {
        let now_s = ctx.unix_s.ok_or(DropReason::NotReady)?;
        let book = self.purse.get_mut(&id).ok_or(DropReason::ApiMisuse("unknown deposit"))?;
        if payee == ctx.identity.id || !ctx.mesh.is_alive(&payee) {
            return Err(DropReason::ApiMisuse("no other member in service"));
        }
        if book.deposit.expires < now_s {
            return Err(DropReason::ApiMisuse("the deposit is over"));
        }
        // spec: INC-031 21c9
        let (spent, units, least) = (book.spent(), book.deposit.units, book.deposit.least());
        let last = book.paid.last_key_value().map(|(_, p)| p).filter(|p| p.payee == payee);
        let from = last.map_or(spent, |p| p.from);
        let to = spent.checked_add(amount).filter(|to| amount > 0 && *to <= units);
        let to = to.ok_or(DropReason::ApiMisuse("nothing, or more than is left"))?;
        // spec: INC-053 9575
        if to - from < least || (1..least).contains(&(units - to)) {
            return Err(DropReason::ApiMisuse("less than a 64th of the deposit given or left"));
        }
        if book.writes.len() >= MAX_WRITES {
            return Err(DropReason::Full);
        }
        let sequence = ctx.sequences.take(ctx.out).ok_or(DropReason::Full)?;
        let body = PaymentBody { deposit: &id.0, payee: &payee.0, from, to, tail: Tail::default() };
        let record = sign_record(ctx.identity, sequence, book.deposit.expires, &RecordBody::Payment(body));
        let payment = Payment::decode(&record.ok_or(DropReason::Full)?)?;
        book.put(payment.clone());
        persist(ctx, book, Some((payment, amount)));
        if let Some(debt) = self.debts.get_mut(&payee) {
            *debt = debt.saturating_sub(amount);
        }
        self.debts.retain(|_, debt| *debt > 0);
        Ok(())
    }

    /// This node's half of a receipt left.
    pub(crate) fn owes(&mut self, worker: NodeId, price: u64) {
        if price == 0 {
            return;
        }
        if self.debts.len() >= MAX_DEBTS && !self.debts.contains_key(&worker) {
            let least = self.debts.iter().min_by_key(|(_, debt)| **debt).map(|(n, _)| *n);
            least.and_then(|n| self.debts.remove(&n));
        }
        let debt = self.debts.entry(worker).or_default();
        *debt = debt.saturating_add(price);
    }

    /// What this node owes, by worker.
    pub(crate) fn debts(&self) -> impl Iterator<Item = (NodeId, u64)> + '_ {
        self.debts.iter().map(|(n, debt)| (*n, *debt))
    }

    /// A session is up: what an earlier one may have lost goes again. Who has it already is done in no time.
    pub(crate) fn connected(&mut self, ctx: &mut Ctx<'_>, peer: &NodeId) {
        for book in self.purse.values().filter(|b| ctx.unix_s.is_none_or(|now| now <= b.deposit.expires)) {
            // spec: INC-032 a8a2
            let waits = |p: &Payment| book.writes.iter().flatten().any(|(w, _)| w == p);
            let again = book.paid.values().filter(|p| p.payee == *peer && !waits(p));
            let frames: Vec<u8> = again.flat_map(|p| together(&book.deposit, p)).collect();
            if !frames.is_empty() {
                ctx.out.push_back(Effect::message(*peer, frames));
            }
        }
    }
}
