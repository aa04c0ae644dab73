//! The payee: counts each unit once, and tells the issuer.

use alloc::vec::Vec;
use mindos_wire::{DepositBody, PaymentBody};

use super::book::{Book, Deposit, Fit, Payment};
use super::{Ctx, MAX_EACH, MAX_LAST, MAX_TILL, MAX_WRITES, Payments, fits, make_room, persist, together};
use crate::identity::{NodeId, verify_record};
use crate::outbox::Effect;
use crate::timer::Timer;
use crate::{DropReason, Duration, Event};

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
        let refused = DropReason::UnexpectedRecord;
        let now_s = ctx.unix_s.ok_or(refused)?;
        let counts = self.honours(ctx, &deposit.issuer) && ctx.mesh.state(&payment.payer).is_some();
        if !counts || !fits(&deposit, &payment, now_s) {
            return Err(refused);
        }
        let known = self.till.get(&deposit.id);
        let is_new = known.is_none();
        let fit = known.map_or(Fit::New(payment.to - payment.from), |b| b.fit(&payment));
        let units = match fit {
            // spec: INC-040 2048
            Fit::Known => return Ok(()),
            // spec: INC-039 9ecf
            Fit::Overlaps(_) => return Err(refused),
            Fit::New(units) => units,
        };
        // What gave way may have been counted.
        let lowest = |b: &Book| b.paid.first_key_value().filter(|_| b.paid.len() >= MAX_LAST).map(|(from, _)| *from);
        if known.and_then(lowest).is_some_and(|from| payment.from < from) {
            return Err(refused);
        }
        if known.is_some_and(|b| b.writes.len() >= MAX_WRITES) {
            return Err(DropReason::Full);
        }
        let of_payer = self.till.values().filter(|b| b.deposit.payer == deposit.payer);
        let live = of_payer.filter(|b| now_s <= b.deposit.expires).count();
        if is_new && (live >= MAX_EACH || !make_room(ctx, &mut self.till, MAX_TILL, now_s)) {
            return Err(DropReason::Full);
        }
        // spec: INC-038 fd80
        if is_new {
            verify_record::<DepositBody<'_>>(ctx.identity, &deposit.record)?;
        }
        verify_record::<PaymentBody<'_>>(ctx.identity, &payment.record)?;
        if deposit.issuer == ctx.identity.id {
            self.compare(ctx, deposit.clone(), payment.clone())?;
        }
        let book = self.till.entry(deposit.id).or_insert_with(|| Book::new(deposit, ctx.now));
        book.put_last(payment.clone(), MAX_LAST);
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
