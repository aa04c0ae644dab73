//! What is held against one node.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use bytes::Bytes;
use mindos_wire::{IntentBody, ReceiptBody, Record};

use super::length;
use crate::identity::{Identity, NodeId, Statement, verify_record};
use crate::{Duration, Instant, IntentRequest};

/// What the own host says of a piece of evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It was not asked, or cannot check such work.
    Unknown,
    /// It was asked.
    Asked,
    /// The result is wrong.
    True,
    /// It said so, and was asked again: what it found stands until it answers.
    Again,
}

impl Verdict {
    /// The host is asked.
    pub(super) const fn is_open(self) -> bool {
        matches!(self, Self::Asked | Self::Again)
    }

    /// The evidence counts.
    pub(super) const fn counts(self) -> bool {
        matches!(self, Self::True | Self::Again)
    }
}

/// No leases for a while: the own host found a result wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Suspension {
    pub(super) until: Instant,
    /// Until when a finding holds that no evidence shows.
    pub(super) unshown: Option<Instant>,
}

/// A question to the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) subject: NodeId,
    /// Of the evidence.
    pub(super) name: [u8; 32],
    /// What was known before: an answer that never comes changes nothing.
    pub(super) was: Verdict,
    pub(super) at: Instant,
}

/// Evidence of one accuser, with all that a check needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) accuser: NodeId,
    /// Of the evidence, in Unix seconds.
    pub(super) expires: u64,
    pub(super) capability: [u8; 32],
    pub(super) evidence: Bytes,
    pub(super) receipt: Bytes,
    /// Record of the intent.
    pub(super) intent: Bytes,
    /// As the intent lists them.
    pub(super) contexts: Vec<Bytes>,
    pub(super) output: Bytes,
    pub(super) verdict: Verdict,
}

impl Piece {
    pub(super) fn bytes(&self) -> usize {
        let records = self.evidence.len() + self.receipt.len();
        records + self.intent.len() + length(&self.contexts) + self.output.len()
    }

    /// The work as the accuser stated it.
    pub(super) fn work(&self, identity: &Identity) -> Option<IntentRequest> {
        let body = verify_record::<IntentBody<'_>>(identity, &self.intent).ok()?.body;
        Some(IntentRequest {
            capability: *body.capability,
            context_tokens: body.context_tokens,
            generated_tokens: body.generated_tokens,
            lifetime: Duration(body.lifetime_us),
            budget: body.budget,
            label: body.label,
            depth: body.depth,
            effect: body.effect,
            stakes: body.stakes,
            contexts: self.contexts.clone(),
            payload: Bytes::copy_from_slice(body.payload.0),
        })
    }
}

/// One node, and what is held against it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Case {
    /// By the name of the evidence.
    pub(super) pieces: BTreeMap<[u8; 32], Piece>,
    /// Two records of it that exclude each other, with their names: a proof by themselves.
    pub(super) equivocation: Option<[([u8; 32], Bytes); 2]>,
    /// Kept out until then.
    pub(super) until: Option<Instant>,
    /// When the last evidence came.
    pub(super) at: Instant,
}

impl Case {
    pub(super) fn bytes(&self) -> usize {
        let pair = self.equivocation.iter().flatten().map(|(_, r)| r.len()).sum::<usize>();
        self.pieces.values().map(Piece::bytes).sum::<usize>() + pair
    }
}

/// What the worker of a receipt signed.
pub(super) fn deal<'a>(r: &Record<'a, ReceiptBody<'a>>) -> Statement<'a> {
    let b = &r.body;
    Statement::Receipt {
        intent: b.intent,
        origin: NodeId(*r.head.author),
        worker: NodeId(*b.worker),
        epoch: b.epoch,
        price: b.price,
        output: b.output,
    }
}
