//! Faults that carry a proof (spec 10): evidence spreads by name, each reader checks it for itself, and keeps out of
//! work whom it convicts.

mod case;
mod checks;
mod equivocation;
mod exchange;
mod hold;
#[cfg(test)]
mod tests;

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use bytes::Bytes;
use mindos_wire::{EvidenceBody, EvidenceKind, IntentBody, Label, ReceiptBody, Record, RecordBody, Tail};

use super::domain;
use crate::identity::{Identity, NodeId, Reserve, sign_record};
use crate::mesh::Mesh;
use crate::outbox::{Effect, Effects};
use crate::timer::{Timer, Timers};
use crate::{Duration, Event, Instant, LeaseId};
use case::{Asked, Case, Piece, Suspension, Verdict};
use equivocation::head;
use exchange::Exchange;

/// A quarantine ends after this, and a false accusation is forgotten.
const TERM: Duration = Duration::from_secs(3_600);
/// A suspension ends after this.
const SUSPENSION: Duration = Duration::from_secs(600);
/// Evidence is written for so long, in seconds: an hour, less what clocks may differ by.
const LIFE_S: u64 = 3_300;
/// Evidence that expires later than this, in seconds, is refused.
const MAX_LIFE_S: u64 = 3_600;
/// Different accusers that convict.
const ACCUSERS: usize = 2;
/// Subjects of evidence, and suspended nodes; evidence of one; bytes of all.
const MAX_CASES: usize = 1_024;
const MAX_PIECES: usize = 16;
const MAX_BYTES: usize = 4 << 20;
/// Record of the intent and output of one piece of evidence.
const MAX_PIECE: usize = 16_384;
/// A record of evidence, an intent beside its payload, or one of two that exclude each other.
const MAX_RECORD: usize = 1_024;
/// Pieces of one accuser against whoever is not convicted, and their bytes; own ones are not counted.
const MAX_EACH: usize = 8;
const MAX_EACH_BYTES: usize = MAX_PIECE + 2 * MAX_RECORD;
/// First questions about one accuser's evidence within an hour, and such questions remembered.
const MAX_HEARD: usize = 8_192;
/// Questions that the host has not answered, and for how long they wait.
const MAX_CHECKS: usize = 64;
const ANSWER: Duration = SUSPENSION;
/// Records of cases that are over: they convict nobody again.
const MAX_SPENT: usize = 1_024;
/// Accusers whose evidence was false.
const MAX_LIARS: usize = 1_024;
/// Between news and their telling, so that several share a message.
const BATCH: Duration = Duration::from_millis(200);

/// What the immune response needs from the node.
pub(crate) struct Ctx<'a> {
    pub(crate) now: Instant,
    pub(crate) identity: &'a Identity,
    pub(crate) timers: &'a mut Timers,
    pub(crate) out: &'a mut Effects,
    pub(crate) sequences: &'a mut Reserve,
    pub(crate) unix_s: Option<u64>,
    /// Read only: who is a member, and vouched for.
    pub(crate) mesh: &'a Mesh,
    /// Content by name, if it is here.
    pub(crate) content: &'a dyn Fn(&[u8; 32]) -> Option<Bytes>,
    /// Whether a node is a load partner, or asked to be one: others get no lease of this node.
    pub(crate) partner: &'a dyn Fn(&NodeId) -> bool,
}

/// A result that the own host judged wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refutation {
    pub(crate) worker: NodeId,
    pub(crate) lease: LeaseId,
    /// What the worker signed: price, and by `signature` the output.
    pub(crate) price: u64,
    pub(crate) signature: [u8; 64],
    pub(crate) capability: [u8; 32],
    pub(crate) label: Label,
    pub(crate) record: Bytes,
    /// As the intent lists them; none if they are too long.
    pub(crate) contexts: Vec<Bytes>,
    pub(crate) output: Bytes,
}

/// Evidence about others, and what follows from it.
#[derive(Debug, Default)]
pub(crate) struct Immune {
    /// Capabilities whose results the host can check.
    checks: BTreeSet<[u8; 32]>,
    cases: BTreeMap<NodeId, Case>,
    /// Questions to the host.
    asked: BTreeMap<u64, Asked>,
    next_check: u64,
    /// Whose wrong result the own host found, until then; at the cap that which ends first gives way.
    suspended: BTreeMap<NodeId, Suspension>,
    /// Accusers whose evidence was false, until then.
    liars: BTreeMap<NodeId, Instant>,
    /// Author and sequence of what quarantines rested on, and when they ended; the oldest gives way.
    spent: BTreeMap<(NodeId, u64), Instant>,
    /// When the host was asked first by accuser and subject, within the hour.
    heard: BTreeMap<(NodeId, NodeId), Instant>,
    /// Intents whose results the own host found right; the oldest gives way.
    cleared: BTreeMap<[u8; 32], Instant>,
    /// When this node's appeals were looked at last.
    appealed: BTreeMap<NodeId, Instant>,
    exchange: Exchange,
}

impl Immune {
    /// Whether a key is kept out; its successors are as well.
    pub(super) fn is_quarantined(&self, now: Instant, node: &NodeId) -> bool {
        self.cases.get(node).and_then(|c| c.until).is_some_and(|until| now < until)
    }

    /// Whether a key gets no lease: the own host found a result of it wrong, is asked about one, or it is kept out.
    /// Its successors get none either.
    // spec: INC-048 c4ff
    pub(super) fn is_suspended(&self, now: Instant, node: &NodeId) -> bool {
        let asked = |c: &Case| c.pieces.values().any(|p| p.verdict.is_open());
        self.suspended.get(node).is_some_and(|s| now < s.until)
            || self.cases.get(node).is_some_and(asked)
            || self.is_quarantined(now, node)
    }

    /// Everybody whose wrong result the own host found lately, and until when it gets no lease.
    pub(crate) fn suspended(&self, now: Instant) -> impl Iterator<Item = (NodeId, Instant)> + '_ {
        self.suspended.iter().map(|(n, s)| (*n, s.until)).filter(move |(_, until)| now < *until)
    }

    /// The own host found a result of a node wrong: it gets no lease for a while.
    // spec: INC-046 3b61
    pub(crate) fn suspend(&mut self, now: Instant, out: &mut Effects, node: NodeId) {
        self.suspended.retain(|_, s| now < s.until);
        if self.suspended.len() >= MAX_CASES && !self.suspended.contains_key(&node) {
            let first = self.suspended.iter().min_by_key(|(_, s)| s.until).map(|(n, _)| *n);
            first.and_then(|n| self.suspended.remove(&n));
        }
        let until = now + SUSPENSION;
        // One finding may come as a verdict and as evidence.
        let suspension = self.suspended.entry(node).or_default();
        if core::mem::replace(&mut suspension.until, until) != until {
            out.push_back(Effect::Event(Event::Suspended { node, until }));
        }
    }

    /// Everybody who is kept out, and until when.
    pub(crate) fn quarantined(&self, now: Instant) -> impl Iterator<Item = (NodeId, Instant)> + '_ {
        self.cases.iter().filter_map(|(n, c)| Some((*n, c.until?))).filter(move |(_, until)| now < *until)
    }

    /// How many accusers stand against a node whose evidence this host found true, or is its own.
    pub(crate) fn accusers(&self, node: &NodeId) -> usize {
        self.cases.get(node).map_or(0, |c| c.pieces.values().filter(|p| p.verdict.counts()).count())
    }

    /// Whether a node or one whose place it takes is kept out.
    // spec: INC-030 fc74
    fn is_kept_out(&self, now: Instant, mesh: &Mesh, node: &NodeId) -> bool {
        self.is_quarantined(now, node) || mesh.predecessors(node).iter().any(|n| self.is_quarantined(now, n))
    }

    /// Whether nothing that a node says counts: it or one whose place it takes is kept out or lied.
    // spec: INC-030 fc74
    pub(crate) fn is_unheard(&self, now: Instant, mesh: &Mesh, node: &NodeId) -> bool {
        let lied = |n: &NodeId| self.liars.get(n).is_some_and(|until| now < *until);
        self.is_kept_out(now, mesh, node) || lied(node) || mesh.predecessors(node).iter().any(lied)
    }

    /// The own host judged a result wrong: its worker's signature becomes evidence if it can. Else the finding stands by
    /// itself, and no evidence that proves false takes it back.
    pub(crate) fn accuse(&mut self, ctx: &mut Ctx<'_>, r: Refutation) {
        let worker = r.worker;
        if self.show(ctx, r).is_some() {
            self.convict(ctx, worker);
        } else {
            self.unshown(&worker);
        }
    }

    /// The finding for which a node was suspended last stands by itself.
    pub(crate) fn unshown(&mut self, node: &NodeId) {
        if let Some(suspension) = self.suspended.get_mut(node) {
            suspension.unshown = Some(suspension.until);
        }
    }

    /// Writes evidence, unless a sentence of the chapter forbids it or there is no room.
    fn show(&mut self, ctx: &mut Ctx<'_>, r: Refutation) -> Option<[u8; 32]> {
        let intent = Record::<IntentBody<'_>>::decode_as(&r.record).ok()?;
        // Others would have to see all of the work to check it, and without a clock nobody takes it.
        // spec: INC-009 9929, INC-025 a914
        let shown = r.label == Label::Public && r.contexts.len() == intent.body.contexts.len();
        let fits = is_short(&r.record, intent.body.payload.0)
            && r.record.len() + length(&r.contexts) + r.output.len() <= MAX_PIECE;
        let now_s = ctx.unix_s.filter(|_| shown && fits && !self.is_settled(&r.worker))?;
        let output = ctx.identity.crypto.hash(&[&r.output]);
        let receipt = RecordBody::Receipt(ReceiptBody {
            intent: &r.lease.intent.0,
            worker: &r.worker.0,
            epoch: r.lease.epoch,
            price: r.price,
            output: &output,
            worker_signature: &r.signature,
            tail: Tail::default(),
        });
        // spec: INC-008 57cb
        let receipt = self.sign(ctx, &receipt)?;
        let evidence = RecordBody::Evidence(EvidenceBody {
            subject: &r.worker.0,
            domain: domain(&r.capability),
            kind: EvidenceKind::ResultRefuted,
            proof: &ctx.identity.crypto.hash(&[&receipt]),
            tail: Tail::default(),
        });
        let evidence = self.sign(ctx, &evidence)?;
        let piece = Piece {
            accuser: ctx.identity.id,
            expires: now_s.saturating_add(LIFE_S),
            capability: r.capability,
            evidence,
            receipt,
            intent: r.record,
            contexts: r.contexts,
            output: r.output,
            verdict: Verdict::True,
        };
        self.add(ctx, r.worker, piece).ok()
    }

    fn sign(&self, ctx: &mut Ctx<'_>, body: &RecordBody<'_>) -> Option<Bytes> {
        let sequence = ctx.sequences.take(ctx.out)?;
        let expires = ctx.unix_s.map_or(u64::MAX, |s| s.saturating_add(LIFE_S));
        sign_record(ctx.identity, sequence, expires, body)
    }

    /// Whether nothing more about a node is wanted: it is quarantined.
    fn is_settled(&self, subject: &NodeId) -> bool {
        self.cases.get(subject).is_some_and(|c| c.until.is_some())
    }

    /// A node and those whose place it takes.
    fn line(ctx: &Ctx<'_>, node: &NodeId) -> Vec<NodeId> {
        core::iter::once(*node).chain(ctx.mesh.predecessors(node)).collect()
    }

    /// Different accusers of a node, or of one whose place it takes, that count: of one line of succession only one
    /// does.
    // spec: INC-050 9c8a
    fn count(&self, ctx: &Ctx<'_>, subject: &NodeId) -> usize {
        let line = Self::line(ctx, subject);
        // spec: INC-017 aa82
        let mut counted: Vec<NodeId> = Vec::new();
        let pieces = line.iter().filter_map(|n| self.cases.get(n)).flat_map(|c| c.pieces.values());
        for piece in pieces.filter(|p| p.verdict.counts()) {
            let before = ctx.mesh.predecessors(&piece.accuser);
            let same = |n: &NodeId| *n == piece.accuser || before.contains(n);
            let line = |n: &NodeId| same(n) || ctx.mesh.predecessors(n).iter().any(same);
            if !counted.iter().any(line) && !self.is_unheard(ctx.now, ctx.mesh, &piece.accuser) {
                counted.push(piece.accuser);
            }
        }
        counted.len()
    }

    /// There is something new that is true about a node.
    fn convict(&mut self, ctx: &mut Ctx<'_>, subject: NodeId) {
        if self.is_settled(&subject) {
            return;
        }
        self.exchange.news(ctx, subject);
        for node in core::iter::once(subject).chain(ctx.mesh.heirs(&subject)) {
            let equivocates = self.cases.get(&node).is_some_and(|c| c.equivocation.is_some());
            // spec: INC-019 5a24
            if equivocates || self.count(ctx, &node) >= ACCUSERS {
                self.quarantine(ctx, node);
            }
        }
    }

    fn quarantine(&mut self, ctx: &mut Ctx<'_>, node: NodeId) {
        let Some(case) = self.cases.get_mut(&node).filter(|c| c.until.is_none()) else { return };
        // spec: INC-022 483e
        let until = ctx.now + TERM;
        case.until = Some(until);
        self.exchange.forget(&node);
        ctx.timers.set_no_later(Timer::Immune, until);
        ctx.out.push_back(Effect::Quarantined { node });
        ctx.out.push_back(Effect::Event(Event::Quarantined { node, until }));
    }

    /// Evidence was looked at again: whoever is not convicted by what is left of it is released.
    fn review(&mut self, ctx: &mut Ctx<'_>, subject: NodeId) {
        for node in core::iter::once(subject).chain(ctx.mesh.heirs(&subject)) {
            let Some(case) = self.cases.get(&node) else { continue };
            if case.pieces.values().any(|p| p.verdict.is_open()) {
                continue;
            }
            if case.until.is_some() && case.equivocation.is_none() && self.count(ctx, &node) < ACCUSERS {
                // What still holds is kept: with that of one more accuser it convicts.
                self.cases.entry(node).and_modify(|c| c.until = None);
                ctx.out.push_back(Effect::Event(Event::Released { node }));
            }
        }
        if self.cases.get(&subject).is_some_and(|c| c.pieces.is_empty() && c.equivocation.is_none()) {
            self.drop_case(&subject);
        }
    }

    /// A quarantine is over, and what it rested on convicts nobody again.
    fn release(&mut self, ctx: &mut Ctx<'_>, subject: NodeId) {
        let Some(case) = self.cases.get(&subject) else { return };
        let pair = case.equivocation.iter().flatten().map(|(_, r)| r);
        // spec: INC-029 99d4
        for record in case.pieces.values().map(|p| &p.evidence).chain(pair).filter_map(head) {
            if self.spent.len() >= MAX_SPENT {
                let oldest = self.spent.iter().min_by_key(|(_, at)| **at).map(|(r, _)| *r);
                oldest.and_then(|r| self.spent.remove(&r));
            }
            self.spent.insert(record, ctx.now);
        }
        self.drop_case(&subject);
        ctx.out.push_back(Effect::Event(Event::Released { node: subject }));
    }

    /// Evidence that has expired is told of no longer, and takes no place.
    fn expire(&mut self, ctx: &Ctx<'_>) {
        let Some(now_s) = ctx.unix_s else { return };
        for case in self.cases.values_mut().filter(|c| c.until.is_none()) {
            case.pieces.retain(|_, p| now_s <= p.expires || p.verdict.is_open());
        }
        self.cases.retain(|_, c| !c.pieces.is_empty() || c.equivocation.is_some() || c.until.is_some());
    }

    /// News are due to be told, wants to be repeated, quarantines to end.
    pub(crate) fn due(&mut self, ctx: &mut Ctx<'_>) {
        let over = |c: &Case| c.until.is_some_and(|until| until <= ctx.now);
        let ended: Vec<NodeId> = self.cases.iter().filter(|(_, c)| over(c)).map(|(n, _)| *n).collect();
        // spec: INC-022 483e
        ended.into_iter().for_each(|node| self.release(ctx, node));
        self.give_up(ctx);
        self.expire(ctx);
        self.tell(ctx);
        let next = self.cases.values().filter_map(|c| c.until).min();
        next.into_iter().for_each(|at| ctx.timers.set_no_later(Timer::Immune, at));
    }
}

/// The contexts of work, if they could be shown to others; none if not.
pub(crate) fn showable(contexts: &[Bytes]) -> Vec<Bytes> {
    if length(contexts) <= MAX_PIECE { contexts.to_vec() } else { Vec::new() }
}

fn length(contents: &[Bytes]) -> usize {
    contents.iter().map(Bytes::len).sum()
}

/// Whether the record of an intent is short, but for its payload.
fn is_short(record: &[u8], payload: &[u8]) -> bool {
    record.len().saturating_sub(payload.len()) <= MAX_RECORD
}
