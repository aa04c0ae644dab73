//! The payee: counts each unit once, and tells the issuer.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use mindos_wire::{DepositBody, PaymentBody};

use super::book::{Book, Deposit, Fit, Payment};
use super::{
    Ctx, MAX_OF_ISSUER, MAX_OF_PAYER, MAX_TILL, MAX_WRITES, Payments, fits, forget, gives_way, persist, together,
};
use crate::identity::{DepositId, NodeId, verify_record};
use crate::outbox::Effect;
use crate::timer::Timer;
use crate::trust::Refusal;
use crate::{DropReason, Duration, Event};

/// Which deposit gives way to a new one of a till.
///
/// # Errors
/// Its payer, its issuer or all together have as many as they may.
pub(super) fn place(
    till: &BTreeMap<DepositId, Book>,
    new: &Deposit,
    now_s: u64,
) -> Result<Option<DepositId>, DropReason> {
    let live = || till.values().map(|b| &b.deposit).filter(|d| !d.is_over(now_s));
    let of_payer = live().filter(|d| d.payer == new.payer).count();
    let of_issuer = live().filter(|d| d.issuer == new.issuer).count();
    if of_payer >= MAX_OF_PAYER || of_issuer >= MAX_OF_ISSUER {
        return Err(DropReason::Full);
    }
    gives_way(till, MAX_TILL, now_s)
}

/// An issuer that returned knows the members after this.
const SETTLED: Duration = Duration::from_secs(5);

impl Payments {
    /// Whether deposits of an issuer are worth something here.
    // spec: INC-034 a4aa
    fn honours(&self, ctx: &Ctx<'_>, issuer: &NodeId) -> bool {
        let named = *issuer == ctx.identity.id || self.issuers.contains(issuer);
        ctx.mesh.is_root(issuer) || named && ctx.mesh.retired(issuer).is_none()
    }

    /// Its author pays this node. It counts when it is on stable storage.
    ///
    /// # Errors
    /// It is worth nothing here, or there is no room; nothing changes.
    pub(super) fn take(&mut self, ctx: &mut Ctx<'_>, deposit: Deposit, payment: Payment) -> Result<(), DropReason> {
        // What costs little comes first.
        let now_s = ctx.unix_s.ok_or(Refusal::Clock)?;
        if !self.honours(ctx, &deposit.issuer) {
            return Err(Refusal::Issuer.into());
        }
        if ctx.mesh.state(&payment.payer).is_none() {
            return Err(Refusal::Member.into());
        }
        fits(&deposit, &payment, now_s)?;
        // spec: INC-054 c524
        if deposit.is_far(now_s) {
            return Err(Refusal::Far.into());
        }
        let known = self.till.get(&deposit.id);
        let is_new = known.is_none();
        let fit = known.map_or(Fit::New(payment.width()), |b| b.fit(&payment));
        let units = match fit {
            // spec: INC-040 2048
            Fit::Known => return Ok(()),
            // spec: INC-039 9ecf
            Fit::Overlaps(_) => return Err(Refusal::Overlap.into()),
            Fit::New(units) => units,
        };
        if known.is_some_and(|b| b.writes.len() >= MAX_WRITES) {
            return Err(DropReason::Full);
        }
        let old = if is_new { place(&self.till, &deposit, now_s)? } else { None };
        // spec: INC-038 fd80
        if is_new {
            verify_record::<DepositBody<'_>>(ctx.identity, &deposit.record)?;
        }
        verify_record::<PaymentBody<'_>>(ctx.identity, &payment.record)?;
        if deposit.issuer == ctx.identity.id {
            self.compare(ctx, deposit.clone(), payment.clone())?;
        }
        forget(ctx, &mut self.till, old);
        let book = self.till.entry(deposit.id).or_insert_with(|| Book::new(deposit));
        book.put(payment.clone());
        persist(ctx, book, Some((payment, units)));
        Ok(())
    }

    /// A payment is on stable storage.
    pub(super) fn count(&mut self, ctx: &mut Ctx<'_>, deposit: &Deposit, payment: &Payment, units: u64) {
        let payer = payment.payer;
        ctx.out.push_back(Effect::Paid { payer, units });
        let (issuer, records) = (deposit.issuer, (deposit.record.clone(), payment.record.clone()));
        ctx.out.push_back(Effect::Event(Event::Paid { payer, units, deposit: records.0, payment: records.1 }));
        // spec: INC-042 093c
        if issuer != ctx.identity.id && ctx.mesh.is_alive(&issuer) {
            ctx.out.push_back(Effect::message(issuer, together(deposit, payment)));
        }
    }

    /// A member is in service again: if it is an issuer, it hears what it may have missed, once it knows the members.
    pub(crate) fn member_up(&mut self, ctx: &mut Ctx<'_>, node: &NodeId) {
        if self.till.values().any(|b| b.deposit.issuer == *node) {
            self.returned.insert(*node, ctx.now + SETTLED);
            ctx.timers.set_no_later(Timer::Payments, ctx.now + SETTLED);
        }
    }

    /// Tells issuers that returned.
    pub(crate) fn due(&mut self, ctx: &mut Ctx<'_>) {
        let due = |node: &NodeId| self.returned.get(node).is_some_and(|at| *at <= ctx.now);
        let live = |b: &&Book| ctx.unix_s.is_some_and(|now| now <= b.deposit.expires);
        for book in self.till.values().filter(|b| due(&b.deposit.issuer)).filter(live) {
            // spec: INC-042 093c
            let frames: Vec<u8> = book.paid.values().flat_map(|p| together(&book.deposit, p)).collect();
            ctx.out.push_back(Effect::message(book.deposit.issuer, frames));
        }
        self.returned.retain(|_, at| *at > ctx.now);
        self.returned.values().min().into_iter().for_each(|at| ctx.timers.set_no_later(Timer::Payments, *at));
    }
}
