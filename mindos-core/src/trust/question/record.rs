//! The records of a question, verified and owned.

use alloc::vec::Vec;
use bytes::Bytes;
use mindos_wire::{
    AnchorBody, BeliefBody, CommitBody, ForecastQuestionBody, Hash, List, Message, QuestionBody, RECORD_OVERHEAD,
    RecordBody, RevealBody, Tail, Weight,
};

use super::domain::{Key, Place};
use crate::crypto::Crypto;
use crate::identity::{Identity, NodeId, QuestionId, Reserve, sign_record, verify_record};
use crate::outbox::Effects;
use crate::{DropReason, QuestionRequest};

/// Where the body of a record starts: behind type, length, author, sequence and expiry.
const BODY: usize = RECORD_OVERHEAD - 64;
/// No question lasts longer than this from `closes` to `reveals`, or closes later from now, in seconds.
const LONGEST: u64 = 30 * 86_400;
const FARTHEST: u64 = 366 * 86_400;
/// Label of a commitment, so that its hash is no other hash.
const COMMIT: &[u8; 16] = b"mindos/commit/1\0";

/// The author that a record names, before its signature is checked.
pub(super) fn claimed_author(record: &[u8]) -> Option<NodeId> {
    record.get(3..35).and_then(|b| b.first_chunk::<32>()).map(|b| NodeId(*b))
}

/// The question that a commit, reveal, anchor or belief is about: its body starts with the name.
pub(super) fn about(record: &[u8]) -> Option<QuestionId> {
    record.get(BODY..BODY + 32).and_then(|b| b.first_chunk::<32>()).map(|b| QuestionId(*b))
}

/// One entry of evidence, as roots are made of them: what is said, whatever the record around it.
pub(super) fn entry(kind: u8, author: &NodeId, said: &[u8; 32]) -> [u8; 65] {
    let mut out = [0; 65];
    let bytes = core::iter::once(&kind).chain(&author.0).chain(said);
    out.iter_mut().zip(bytes).for_each(|(o, b)| *o = *b);
    out
}

/// Name of a record.
pub(super) fn name(crypto: &dyn Crypto, record: &[u8]) -> [u8; 32] {
    crypto.hash(&[record])
}

/// What hides a report until its question is closed: nobody else can commit to the same.
fn commitment(crypto: &dyn Crypto, author: &NodeId, signed: &[u8]) -> [u8; 32] {
    crypto.hash(&[COMMIT, &author.0, signed.get(BODY..).unwrap_or_default()])
}

/// A question, as its author signed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Question {
    pub(super) id: QuestionId,
    pub(super) author: NodeId,
    pub(super) domain: u32,
    pub(super) options: u8,
    /// Whether reports are read as forecasts.
    pub(super) forecasts: bool,
    /// Unix seconds until which commits, and reveals, are taken from their authors.
    pub(super) closes: u64,
    pub(super) reveals: u64,
    pub(super) record: Bytes,
}

impl Question {
    pub(super) fn verify(identity: &Identity, bytes: &[u8]) -> Result<Self, DropReason> {
        let forecasts = bytes.first() == Some(&ForecastQuestionBody::TYPE);
        let (author, domain, options, closes, reveals) = if forecasts {
            let r = verify_record::<ForecastQuestionBody<'_>>(identity, bytes)?;
            (*r.head.author, r.body.domain, r.body.options, r.body.closes, r.body.reveals)
        } else {
            let r = verify_record::<QuestionBody<'_>>(identity, bytes)?;
            (*r.head.author, r.body.domain, r.body.options, r.body.closes, r.body.reveals)
        };
        let (id, author) = (QuestionId(name(identity.crypto, bytes)), NodeId(author));
        Ok(Self { id, author, domain, options, forecasts, closes, reveals, record: Bytes::copy_from_slice(bytes) })
    }

    /// Its place in the order of closing.
    pub(super) fn place(&self) -> Place {
        (self.reveals, self.id)
    }

    /// Its domain.
    pub(super) fn key(&self) -> Key {
        Key { number: self.domain, options: self.options, forecasts: self.forecasts }
    }

    /// Whether its times are such as a holder takes on at `clock`, in Unix seconds.
    pub(super) fn is_timely(&self, clock: u64) -> bool {
        is_timely(self.closes, self.reveals, clock)
    }

    /// Signs a question of this node. `None` while no sequence is ready.
    pub(super) fn sign(me: &mut Author<'_>, q: &QuestionRequest) -> Option<Self> {
        let (domain, options, closes, reveals) = (domain(&q.domain), q.options, q.closes, q.reveals);
        let (statement, rule, tail) = (&q.statement, &q.rule, Tail::default());
        let body = if q.forecasts {
            let body = ForecastQuestionBody { domain, statement, options, closes, reveals, rule, tail };
            RecordBody::ForecastQuestion(body)
        } else {
            RecordBody::Question(QuestionBody { domain, statement, options, closes, reveals, rule, tail })
        };
        let record = me.sign(q.reveals, &body)?;
        Self::verify(me.identity, &record).ok()
    }
}

/// Whether reveals last 8 s to 30 days, and commits end within a year of `clock`.
pub(super) fn is_timely(closes: u64, reveals: u64, clock: u64) -> bool {
    (super::LEAST_REVEALS..=LONGEST).contains(&reveals.saturating_sub(closes))
        && closes <= clock.saturating_add(FARTHEST)
}

/// The number of a domain on the wire: the first 4 bytes of the BLAKE3 of its name.
pub(super) fn domain(name: &[u8; 32]) -> u32 {
    name.first_chunk::<4>().map_or(0, |b| u32::from_le_bytes(*b))
}

/// Who signs records, and with which numbers.
pub(super) struct Author<'a> {
    pub(super) identity: &'a Identity,
    pub(super) sequences: &'a mut Reserve,
    pub(super) out: &'a mut Effects,
}

impl Author<'_> {
    pub(super) fn sign(&mut self, expires: u64, body: &RecordBody<'_>) -> Option<Bytes> {
        let sequence = self.sequences.take(self.out)?;
        sign_record(self.identity, sequence, expires, body)
    }
}

/// A report whose content is still hidden.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Commit {
    pub(super) author: NodeId,
    pub(super) commitment: [u8; 32],
}

impl Commit {
    pub(super) fn verify(identity: &Identity, bytes: &[u8]) -> Result<Self, DropReason> {
        let r = verify_record::<CommitBody<'_>>(identity, bytes)?;
        Ok(Self { author: NodeId(*r.head.author), commitment: *r.body.commitment })
    }
}

/// A report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reveal {
    pub(super) author: NodeId,
    /// What its author must have committed to.
    pub(super) commitment: [u8; 32],
    pub(super) lineage: Vec<[u8; 32]>,
    /// Of each option that it knows.
    pub(super) weights: Vec<u16>,
}

impl Reveal {
    pub(super) fn verify(identity: &Identity, bytes: &[u8]) -> Result<Self, DropReason> {
        let r = verify_record::<RevealBody<'_>>(identity, bytes)?;
        let author = NodeId(*r.head.author);
        Ok(Self {
            author,
            commitment: commitment(identity.crypto, &author, r.signed),
            lineage: r.body.lineage.iter().map(|h| h.value).collect(),
            weights: r.body.weights.iter().map(|w| w.value).collect(),
        })
    }

    /// The option that it holds most likely: of equals the first.
    pub(super) fn label(&self) -> u8 {
        let best = self.weights.iter().enumerate().max_by_key(|&(i, w)| (w, core::cmp::Reverse(i)));
        best.map_or(0, |(i, _)| i as u8)
    }

    /// Signs a report of this node, and a commit to it: the records of both, commit first.
    pub(super) fn sign(
        me: &mut Author<'_>,
        q: &Question,
        salt: &[u8; 16],
        report: &Draft<'_>,
    ) -> Option<(Bytes, Bytes)> {
        let lineage: Vec<Hash> = report.lineage.iter().map(|value| Hash { value: *value }).collect();
        let weights: Vec<Weight> = report.weights.iter().map(|value| Weight { value: *value }).collect();
        let (lineage, weights) = (List::new(&lineage), List::new(&weights));
        let body = RevealBody { question: &q.id.0, salt, lineage, weights, tail: Tail::default() };
        let reveal = me.sign(q.reveals, &RecordBody::Reveal(body))?;
        let signed = reveal.get(..reveal.len().saturating_sub(64)).unwrap_or_default();
        let commitment = commitment(me.identity.crypto, &me.identity.id, signed);
        let body = CommitBody { question: &q.id.0, commitment: &commitment, tail: Tail::default() };
        Some((me.sign(q.reveals, &RecordBody::Commit(body))?, reveal))
    }
}

/// What a report says.
pub(super) struct Draft<'a> {
    pub(super) weights: &'a [u16],
    /// Rising.
    pub(super) lineage: &'a [[u8; 32]],
}

/// An outcome that its author stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Anchor {
    pub(super) author: NodeId,
    pub(super) option: u8,
}

impl Anchor {
    pub(super) fn verify(identity: &Identity, bytes: &[u8]) -> Result<Self, DropReason> {
        let r = verify_record::<AnchorBody<'_>>(identity, bytes)?;
        Ok(Self { author: NodeId(*r.head.author), option: r.body.option })
    }

    pub(super) fn sign(me: &mut Author<'_>, q: &Question, option: u8, source: &[u8; 32]) -> Option<Bytes> {
        let body = AnchorBody { question: &q.id.0, option, source, tail: Tail::default() };
        me.sign(u64::MAX, &RecordBody::Anchor(body))
    }
}

/// What a holder computed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Computed {
    /// BLAKE3 of the entries of the reveals that were used, rising.
    pub(crate) evidence: [u8; 32],
    pub(crate) reports: u32,
    pub(crate) weights: Vec<u16>,
}

impl Computed {
    /// A belief record: who computed what of which question.
    pub(super) fn verify(identity: &Identity, bytes: &[u8]) -> Result<(NodeId, QuestionId, Self), DropReason> {
        let r = verify_record::<BeliefBody<'_>>(identity, bytes)?;
        let computed = Self {
            evidence: *r.body.evidence,
            reports: r.body.reports,
            weights: r.body.weights.iter().map(|w| w.value).collect(),
        };
        Ok((NodeId(*r.head.author), QuestionId(*r.body.question), computed))
    }

    pub(super) fn sign(&self, me: &mut Author<'_>, q: &QuestionId) -> Option<Bytes> {
        let weights: Vec<Weight> = self.weights.iter().map(|value| Weight { value: *value }).collect();
        let body = BeliefBody {
            question: &q.0,
            evidence: &self.evidence,
            reports: self.reports,
            weights: List::new(&weights),
            tail: Tail::default(),
        };
        me.sign(u64::MAX, &RecordBody::Belief(body))
    }
}
