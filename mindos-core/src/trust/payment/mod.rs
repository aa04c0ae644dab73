//! Payment (spec 10): an issuer holds credit for a payer, who gives parts of it away by signature. Who gives one unit
//! to two has signed the proof of it.
//!
//! `pay` is the payer, `take` the payee, `issue` the issuer. What units are worth is the hosts' affair.

mod book;
mod issue;
mod pay;
mod take;
#[cfg(test)]
mod tests;

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use bytes::Bytes;
use mindos_wire::{Bytes16, DepositBody, Message, PaymentBody, Tail, TrustRecord};

use super::{Ctx, Refusal};
use crate::crypto::Crypto;
use crate::identity::{DepositId, NodeId};
use crate::outbox::{Effect, PersistKey, frame};
use crate::{DropReason, Instant};
use book::{Book, Deposit, Payment};

/// Longest deposit and longest payment, in bytes: either fits into a proof.
const MAX_RECORD: usize = 256;
/// Deposits that this node may spend.
const MAX_PURSE: usize = 64;
/// Deposits that this node was paid from, those of one issuer, and those of one payer.
const MAX_TILL: usize = 1_024;
const MAX_OF_ISSUER: usize = 256;
const MAX_OF_PAYER: usize = 8;
/// Deposits of this node.
const MAX_ISSUED: usize = 256;
/// Payments of one deposit that do not overlap: one has at least so small a part of its units.
const MAX_RANGES: u64 = 64;
/// Writes of one deposit that are not on stable storage: all its payments may come at once, with a new session.
const MAX_WRITES: usize = 64;
/// Workers that this node owes.
const MAX_DEBTS: usize = 4_096;
/// Clocks may differ by this, in seconds: so long after its expiry a deposit gives way to others.
const SKEW_S: u64 = 300;
/// A deposit ends within this, in seconds: 400 days.
const AHEAD_S: u64 = 400 * 86_400;

/// Whether a record is a deposit or a payment.
pub(crate) fn is_about(record: &[u8]) -> bool {
    record.first().is_some_and(|t| [DepositBody::TYPE, PaymentBody::TYPE].contains(t))
}

// spec: INC-044 35dc
/// Whether two records are a double spend. Their signatures are not looked at.
pub(crate) fn is_double_spend(a: &Bytes, b: &Bytes) -> bool {
    let is_payment = |r: &Bytes| r.first() == Some(&PaymentBody::TYPE);
    let both = || Some((Payment::decode(a).ok()?, Payment::decode(b).ok()?));
    is_payment(a) && is_payment(b) && both().is_some_and(|(a, b)| a.is_double(&b))
}

/// What this node may spend, was paid, and issued.
#[derive(Debug, Default)]
pub(crate) struct Payments {
    /// Issuers that the host named, beside the leaf's roots.
    issuers: BTreeSet<NodeId>,
    purse: BTreeMap<DepositId, Book>,
    till: BTreeMap<DepositId, Book>,
    issued: BTreeMap<DepositId, Book>,
    /// Issuers that are in service again, and when to tell them what they may have missed.
    returned: BTreeMap<NodeId, Instant>,
    /// What this node owes for results, less what it paid since, in milli-credits.
    debts: BTreeMap<NodeId, u64>,
    /// The deposit that came right before, of the same peer.
    before: Option<(NodeId, Bytes)>,
}

impl Payments {
    /// Takes up what an earlier run persisted about one deposit.
    pub(crate) fn restore(&mut self, crypto: &dyn Crypto, me: &NodeId, bytes: &Bytes) {
        let Some(book) = Book::from_bytes(crypto, bytes) else { return };
        let id = book.deposit.id;
        // What an earlier key of the same host paid or was paid is not this node's.
        if book.deposit.payer == *me {
            self.purse.insert(id, book);
        } else if book.paid.values().all(|p| p.payee == *me) {
            self.till.insert(id, book);
        }
    }

    /// The host trusts these issuers too.
    pub(crate) fn set_issuers(&mut self, issuers: Vec<NodeId>) {
        self.issuers = issuers.into_iter().collect();
    }

    /// A deposit or payment came. `counts`: its sender is not kept out.
    ///
    /// # Errors
    /// It is worth nothing here, or there is no room; nothing changes. What [`Refusal::may_prove`] says is not meant for
    /// this node as payee or issuer, and may be part of a proof.
    pub(crate) fn on_record(
        &mut self,
        ctx: &mut Ctx<'_>,
        from: &NodeId,
        bytes: &[u8],
        counts: bool,
    ) -> Result<(), DropReason> {
        let before = self.before.take().filter(|b| b.0 == *from).map(|b| b.1);
        // spec: INC-038 fd80
        if bytes.len() > MAX_RECORD {
            return Err(Refusal::Length.into());
        }
        let record = Bytes::copy_from_slice(bytes);
        if bytes.first() == Some(&DepositBody::TYPE) {
            self.before = Some((*from, record));
            return Ok(());
        }
        let deposit = Deposit::decode(ctx.identity.crypto, &before.ok_or(Refusal::Alone)?)?;
        let payment = Payment::decode(&record)?;
        let me = ctx.identity.id;
        // spec: INC-035 7391
        if payment.payer == *from && payment.payee == me {
            if counts { self.take(ctx, deposit, payment) } else { Err(Refusal::Payer.into()) }
        } else if payment.payee == *from && deposit.issuer == me {
            self.compare(ctx, deposit, payment)
        } else {
            Err(Refusal::Address.into())
        }
    }

    /// What was to be kept about a deposit is safe.
    pub(crate) fn persisted(&mut self, ctx: &mut Ctx<'_>, id: &DepositId) {
        let book = self.purse.get_mut(id).or_else(|| self.till.get_mut(id));
        let Some((payment, units)) = book.and_then(|b| b.writes.pop_front()).flatten() else { return };
        let deposit = self.purse.get(id).or_else(|| self.till.get(id)).map(|b| b.deposit.clone());
        let Some(deposit) = deposit else { return };
        match deposit.payer == ctx.identity.id {
            // spec: INC-032 a8a2
            true => ctx.out.push_back(Effect::message(payment.payee, together(&deposit, &payment))),
            // spec: INC-041 e7a9
            false => self.count(ctx, &deposit, &payment, units),
        }
    }
}

/// A payment can be one under a deposit, whose time is not over.
///
/// # Errors
/// It cannot.
fn fits(deposit: &Deposit, payment: &Payment, now_s: u64) -> Result<(), Refusal> {
    let belongs = deposit.id == payment.deposit && deposit.payer == payment.payer && deposit.payer != deposit.issuer;
    // spec: INC-036 7520, INC-037 708d, INC-052 6a77
    let rules = [
        (belongs, Refusal::Deposit),
        (payment.to <= deposit.units, Refusal::Units),
        (payment.width() >= deposit.least(), Refusal::Narrow),
        (payment.expires >= deposit.expires, Refusal::Outlives),
        (now_s <= deposit.expires, Refusal::Expired),
    ];
    rules.into_iter().find(|(holds, _)| !holds).map_or(Ok(()), |(_, refusal)| Err(refusal))
}

/// A payment behind its deposit, as one message.
// spec: INC-033 2b18
fn together(deposit: &Deposit, payment: &Payment) -> Vec<u8> {
    let carried = |record: &[u8]| frame(&TrustRecord { record: Bytes16(record), tail: Tail::default() });
    [carried(&deposit.record), carried(&payment.record)].concat()
}

/// Asks for a book to be kept, with what waits for that.
fn persist(ctx: &mut Ctx<'_>, book: &mut Book, then: Option<(Payment, u64)>) {
    book.writes.push_back(then);
    ctx.out.push_back(Effect::Persist { key: PersistKey::Deposit(book.deposit.id), bytes: book.to_bytes() });
}

/// Which deposit gives way to one more, if one has to: at the cap one that is over.
///
/// # Errors
/// None is over.
fn gives_way(books: &BTreeMap<DepositId, Book>, most: usize, now_s: u64) -> Result<Option<DepositId>, DropReason> {
    if books.len() < most {
        return Ok(None);
    }
    let over = books.values().map(|b| &b.deposit).filter(|d| d.is_over(now_s));
    over.min_by_key(|d| d.expires).map(|d| Some(d.id)).ok_or(DropReason::Full)
}

/// Removes what gives way, from stable storage as well.
fn forget(ctx: &mut Ctx<'_>, books: &mut BTreeMap<DepositId, Book>, id: Option<DepositId>) {
    if let Some(id) = id.filter(|id| books.remove(id).is_some()) {
        ctx.out.push_back(Effect::Persist { key: PersistKey::Deposit(id), bytes: Bytes::new() });
    }
}
