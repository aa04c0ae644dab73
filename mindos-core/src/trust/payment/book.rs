//! One deposit, and which of its units were paid to whom.

use alloc::collections::{BTreeMap, VecDeque};
use alloc::vec::Vec;
use bytes::Bytes;
use mindos_wire::{DepositBody, PaymentBody, Record};

use super::{AHEAD_S, MAX_RANGES, MAX_RECORD, SKEW_S};
use crate::DropReason;
use crate::crypto::Crypto;
use crate::identity::{DepositId, NodeId};

/// What a deposit says. Whoever decodes one has its signature checked before it counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Deposit {
    pub(super) id: DepositId,
    pub(super) issuer: NodeId,
    pub(super) payer: NodeId,
    pub(super) units: u64,
    /// In Unix seconds.
    pub(super) expires: u64,
    pub(super) record: Bytes,
}

impl Deposit {
    /// # Errors
    /// It is malformed, of another type, or too long.
    pub(super) fn decode(crypto: &dyn Crypto, record: &Bytes) -> Result<Self, DropReason> {
        if record.len() > MAX_RECORD {
            return Err(DropReason::UnexpectedRecord);
        }
        let r = Record::<DepositBody<'_>>::decode_as(record).map_err(DropReason::Malformed)?;
        Ok(Self {
            id: DepositId(crypto.hash(&[record])),
            issuer: NodeId(*r.head.author),
            payer: NodeId(*r.body.payer),
            units: r.body.units,
            expires: r.head.expires,
            record: record.clone(),
        })
    }

    /// The fewest units of one payment: so there are no more than `MAX_RANGES` that do not overlap.
    pub(super) fn least(&self) -> u64 {
        self.units.div_ceil(MAX_RANGES)
    }

    /// Whether no clock takes it for valid any more: it may give way.
    pub(super) fn is_over(&self, now_s: u64) -> bool {
        self.expires.saturating_add(SKEW_S) < now_s
    }

    /// Whether it would hold its place for too long.
    pub(super) fn is_far(&self, now_s: u64) -> bool {
        self.expires > now_s.saturating_add(AHEAD_S)
    }
}

/// What a payment says. As with deposits, decoding checks no signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Payment {
    pub(super) deposit: DepositId,
    pub(super) payer: NodeId,
    pub(super) payee: NodeId,
    pub(super) from: u64,
    /// Behind the last unit.
    pub(super) to: u64,
    /// In Unix seconds.
    pub(super) expires: u64,
    pub(super) record: Bytes,
}

impl Payment {
    /// # Errors
    /// It is malformed, of another type, or too long.
    pub(super) fn decode(record: &Bytes) -> Result<Self, DropReason> {
        // spec: INC-038 fd80
        if record.len() > MAX_RECORD {
            return Err(DropReason::UnexpectedRecord);
        }
        let r = Record::<PaymentBody<'_>>::decode_as(record).map_err(DropReason::Malformed)?;
        Ok(Self {
            deposit: DepositId(*r.body.deposit),
            payer: NodeId(*r.head.author),
            payee: NodeId(*r.body.payee),
            from: r.body.from,
            to: r.body.to,
            expires: r.head.expires,
            record: record.clone(),
        })
    }

    /// Whether both give away a unit of the same deposit.
    pub(super) fn overlaps(&self, other: &Self) -> bool {
        self.payer == other.payer && self.deposit == other.deposit && self.from < other.to && other.from < self.to
    }

    /// Whether one of two is a lie, whoever sees them: a unit has one owner.
    pub(super) fn is_double(&self, other: &Self) -> bool {
        self.payee != other.payee && self.overlaps(other)
    }

    pub(super) fn width(&self) -> u64 {
        self.to.saturating_sub(self.from)
    }
}

/// How a payment fits to those that are held.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fit<'a> {
    /// It gives so many units that were not given before.
    New(u64),
    /// All of it was given before.
    Known,
    /// It gives something that this one gave.
    Overlaps(&'a Payment),
}

/// A deposit and its payments, by their first unit; no two overlap, so there are at most `MAX_RANGES`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Book {
    pub(super) deposit: Deposit,
    pub(super) paid: BTreeMap<u64, Payment>,
    /// Writes that are not on stable storage yet, each with what waits for it, and the units that this one gives.
    pub(super) writes: VecDeque<Option<(Payment, u64)>>,
}

impl Book {
    pub(super) fn new(deposit: Deposit) -> Self {
        Self { deposit, paid: BTreeMap::new(), writes: VecDeque::new() }
    }

    /// Units below this are spent.
    pub(super) fn spent(&self) -> u64 {
        self.paid.last_key_value().map_or(0, |(_, p)| p.to)
    }

    // spec: INC-039 9ecf, INC-040 2048
    pub(super) fn fit(&self, p: &Payment) -> Fit<'_> {
        let replaced = self.paid.get(&p.from).filter(|held| held.payee == p.payee);
        if replaced.is_some_and(|held| p.to <= held.to) {
            return Fit::Known;
        }
        let others = || self.paid.values().filter(|held| Some(*held) != replaced && held.overlaps(p));
        // One that convicts comes first.
        if let Some(held) = others().find(|held| held.is_double(p)).or(others().next()) {
            return Fit::Overlaps(held);
        }
        Fit::New(p.width() - replaced.map_or(0, Payment::width))
    }

    /// Takes a payment that fits.
    pub(super) fn put(&mut self, p: Payment) {
        self.paid.insert(p.from, p);
    }

    /// Deposit and payments, one record behind the other, as they go to stable storage.
    pub(super) fn to_bytes(&self) -> Bytes {
        let records = core::iter::once(&self.deposit.record).chain(self.paid.values().map(|p| &p.record));
        records.flat_map(|r| r.iter().copied()).collect::<Vec<u8>>().into()
    }

    /// Reads what `to_bytes` wrote; this node's own storage is not held against signatures.
    pub(super) fn from_bytes(crypto: &dyn Crypto, bytes: &Bytes) -> Option<Self> {
        let mut records = split(bytes);
        let mut book = Self::new(Deposit::decode(crypto, &records.next()?).ok()?);
        book.paid.extend(records.filter_map(|r| Payment::decode(&r).ok()).map(|p| (p.from, p)));
        Some(book)
    }
}

/// Records that stand one behind the other.
fn split(bytes: &Bytes) -> impl Iterator<Item = Bytes> + '_ {
    let mut at = 0;
    core::iter::from_fn(move || {
        let length = bytes.get(at + 1..at + 3).and_then(|b| b.first_chunk::<2>())?;
        let end = at + 3 + usize::from(u16::from_le_bytes(*length));
        let record = bytes.get(at..end).map(|r| bytes.slice_ref(r))?;
        at = end;
        Some(record)
    })
}
