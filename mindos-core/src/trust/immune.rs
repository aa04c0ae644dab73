//! Faults that carry a proof (spec 10): evidence spreads by name, each reader checks it for itself, and keeps out of
//! work whom it convicts.

mod case;
mod exchange;

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use bytes::Bytes;
use mindos_wire::{AppealBody, EvidenceBody, EvidenceKind, IntentBody, Label, List, ReceiptBody, RecordBody, Tail};

use super::domain;
use crate::identity::{Identity, NodeId, Reserve, sign_record, verify_record};
use crate::mesh::Mesh;
use crate::outbox::{Effect, Effects};
use crate::timer::{Timer, Timers};
use crate::{DropReason, Duration, Event, Instant, LeaseId};
use case::{Case, Piece, Verdict};
use exchange::{Exchange, trust_record};

/// A quarantine ends after this, and a false accusation is forgotten.
const TERM: Duration = Duration::from_secs(3_600);
/// Different accusers that convict.
const ACCUSERS: usize = 2;
/// Subjects of evidence; evidence of one; bytes of all.
const MAX_CASES: usize = 1_024;
const MAX_PIECES: usize = 4;
const MAX_BYTES: usize = 4 << 20;
/// Record of the intent and output of one piece of evidence.
const MAX_PIECE: usize = 16_384;
/// Questions that the host has not answered.
const MAX_CHECKS: usize = 64;
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
    pub(crate) output: Bytes,
}

/// Evidence about others, and what follows from it.
#[derive(Debug, Default)]
pub(crate) struct Immune {
    /// Capabilities whose results the host can check.
    checks: BTreeSet<[u8; 32]>,
    cases: BTreeMap<NodeId, Case>,
    /// Questions to the host: the subject, and the name of the evidence.
    asked: BTreeMap<u64, (NodeId, [u8; 32])>,
    next_check: u64,
    /// Accusers whose evidence was false, until then.
    liars: BTreeMap<NodeId, Instant>,
    /// When this node's appeals were looked at last.
    appealed: BTreeMap<NodeId, Instant>,
    exchange: Exchange,
}

impl Immune {
    /// Whether a node is kept out.
    pub(super) fn is_quarantined(&self, now: Instant, node: &NodeId) -> bool {
        self.cases.get(node).and_then(|c| c.until).is_some_and(|until| now < until)
    }

    /// Everybody who is kept out, and until when.
    pub(crate) fn quarantined(&self, now: Instant) -> impl Iterator<Item = (NodeId, Instant)> + '_ {
        self.cases.iter().filter_map(|(n, c)| Some((*n, c.until?))).filter(move |(_, until)| now < *until)
    }

    /// How many accusers stand against a node whose evidence this host found true, or is its own.
    pub(crate) fn accusers(&self, node: &NodeId) -> usize {
        self.cases.get(node).map_or(0, |c| c.pieces.values().filter(|p| p.verdict == Verdict::True).count())
    }

    /// Whether nothing that a node says counts.
    pub(crate) fn is_unheard(&self, now: Instant, node: &NodeId) -> bool {
        self.is_quarantined(now, node) || self.liars.get(node).is_some_and(|until| now < *until)
    }

    /// The host can check results of these capabilities from now on: it is asked about what it could not check before.
    pub(crate) fn set_checks(&mut self, ctx: &mut Ctx<'_>, capabilities: Vec<[u8; 32]>) {
        self.checks = capabilities.into_iter().collect();
        let open = |p: &Piece| p.verdict == Verdict::Unknown && self.checks.contains(&p.capability);
        let of = |(node, case): (&NodeId, &Case)| -> Vec<(NodeId, [u8; 32])> {
            case.pieces.iter().filter(|(_, p)| open(p)).map(|(name, _)| (*node, *name)).collect()
        };
        let all: Vec<(NodeId, [u8; 32])> = self.cases.iter().flat_map(of).collect();
        for (node, name) in all.into_iter().take(MAX_CHECKS.saturating_sub(self.asked.len())) {
            self.ask(ctx, node, name);
        }
    }

    /// The own host judged a result wrong: its worker's signature becomes evidence.
    pub(crate) fn accuse(&mut self, ctx: &mut Ctx<'_>, r: Refutation) {
        // Others would have to see the work to check it.
        // spec: INC-009 9929
        if r.label != Label::Public || r.record.len() + r.output.len() > MAX_PIECE || self.is_settled(&r.worker) {
            return;
        }
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
        // spec: INC-008 4d13
        let Some(receipt) = self.sign(ctx, &receipt) else { return };
        let evidence = RecordBody::Evidence(EvidenceBody {
            subject: &r.worker.0,
            domain: domain(&r.capability),
            kind: EvidenceKind::ResultRefuted,
            proof: &ctx.identity.crypto.hash(&[&receipt]),
            tail: Tail::default(),
        });
        let Some(evidence) = self.sign(ctx, &evidence) else { return };
        let piece = Piece {
            accuser: ctx.identity.id,
            capability: r.capability,
            evidence,
            receipt,
            intent: r.record,
            output: r.output,
            verdict: Verdict::True,
        };
        if self.add(ctx, r.worker, piece).is_some() {
            self.convict(ctx, r.worker);
        }
    }

    fn sign(&self, ctx: &mut Ctx<'_>, body: &RecordBody<'_>) -> Option<Bytes> {
        let sequence = ctx.sequences.take(ctx.out)?;
        let expires = ctx.unix_s.map_or(u64::MAX, |s| s.saturating_add(TERM.0 / 1_000_000));
        sign_record(ctx.identity, sequence, expires, body)
    }

    /// Puts evidence into its case. `None`: there is no room, or this accuser is heard already.
    fn add(&mut self, ctx: &mut Ctx<'_>, subject: NodeId, piece: Piece) -> Option<[u8; 32]> {
        let name = ctx.identity.crypto.hash(&[&piece.evidence]);
        let case = self.cases.get(&subject);
        let known = |c: &Case| c.pieces.len() >= MAX_PIECES || c.pieces.values().any(|p| p.accuser == piece.accuser);
        if case.is_some_and(known) || case.is_none() && !self.make_room(ctx.now, piece.bytes()) {
            return None;
        }
        if self.bytes() + piece.bytes() > MAX_BYTES {
            return None;
        }
        let case = self.cases.entry(subject).or_default();
        case.at = ctx.now;
        case.pieces.insert(name, piece);
        Some(name)
    }

    fn bytes(&self) -> usize {
        self.cases.values().map(Case::bytes).sum()
    }

    /// Room for one more case: of those that are not convicted the one gives way that was heard of longest ago.
    fn make_room(&mut self, now: Instant, bytes: usize) -> bool {
        while self.cases.len() >= MAX_CASES || self.bytes() + bytes > MAX_BYTES {
            let open = |c: &Case| c.until.is_none_or(|until| until <= now);
            let oldest = self.cases.iter().filter(|(_, c)| open(c)).min_by_key(|(_, c)| c.at).map(|(n, _)| *n);
            let Some(oldest) = oldest else { return false };
            self.drop_case(&oldest);
        }
        true
    }

    fn drop_case(&mut self, subject: &NodeId) {
        self.cases.remove(subject);
        self.asked.retain(|_, a| a.0 != *subject);
    }

    /// Whether nothing more about a node is wanted: it is quarantined.
    fn is_settled(&self, subject: &NodeId) -> bool {
        self.cases.get(subject).is_some_and(|c| c.until.is_some())
    }

    /// Evidence with its receipt, whose contents came before it: verified, then put to the host.
    ///
    /// # Errors
    /// It does not hold together, its accuser does not count, or there is no room; nothing changes.
    fn on_evidence(&mut self, ctx: &mut Ctx<'_>, evidence: &Bytes, receipt: &Bytes) -> Result<(), DropReason> {
        let crypto = ctx.identity.crypto;
        let e = verify_record::<EvidenceBody<'_>>(ctx.identity, evidence)?;
        let r = verify_record::<ReceiptBody<'_>>(ctx.identity, receipt)?;
        let (subject, accuser) = (NodeId(*e.body.subject), NodeId(*e.head.author));
        // spec: INC-015 810a
        if e.body.kind != EvidenceKind::ResultRefuted || *e.body.proof != crypto.hash(&[receipt]) {
            return Err(DropReason::UnexpectedRecord);
        }
        let signed = case::deal(&r);
        let (worker, signature) = (NodeId(*r.body.worker), r.body.worker_signature);
        if worker != subject || r.head.author != e.head.author || accuser == subject {
            return Err(DropReason::UnexpectedRecord);
        }
        if !ctx.identity.verify(&worker, &signed, signature) {
            return Err(DropReason::BadSignature);
        }
        if ctx.unix_s.is_some_and(|now| e.head.expires < now) || subject == ctx.identity.id {
            return Err(DropReason::UnexpectedRecord);
        }
        // spec: INC-016 7729
        let counts = ctx.mesh.is_vouched_for(&accuser) && ctx.mesh.retired(&accuser).is_none();
        if !counts || self.is_unheard(ctx.now, &accuser) {
            return Err(DropReason::UnexpectedRecord);
        }
        let lacking = DropReason::UnexpectedRecord;
        let intent = (ctx.content)(r.body.intent).ok_or(lacking)?;
        let output = (ctx.content)(r.body.output).ok_or(lacking)?;
        let record = verify_record::<IntentBody<'_>>(ctx.identity, &intent)?;
        let (capability, label) = (*record.body.capability, record.body.label);
        let of_accuser = record.head.author == e.head.author && domain(&capability) == e.body.domain;
        if !of_accuser || label != Label::Public || intent.len() + output.len() > MAX_PIECE {
            return Err(DropReason::UnexpectedRecord);
        }
        let checkable = self.checks.contains(&capability);
        if checkable && self.asked.len() >= MAX_CHECKS {
            return Err(DropReason::Full);
        }
        let verdict = if checkable { Verdict::Asked } else { Verdict::Unknown };
        let (evidence, receipt) = (evidence.clone(), receipt.clone());
        let piece = Piece { accuser, capability, evidence, receipt, intent, output, verdict };
        let name = self.add(ctx, subject, piece).ok_or(DropReason::Full)?;
        match checkable {
            true => self.ask(ctx, subject, name),
            // Others can check it.
            false => self.exchange.news(ctx, subject),
        }
        Ok(())
    }

    /// Puts a piece of evidence to the host.
    fn ask(&mut self, ctx: &mut Ctx<'_>, subject: NodeId, name: [u8; 32]) {
        let Some(piece) = self.cases.get_mut(&subject).and_then(|c| c.pieces.get_mut(&name)) else { return };
        let Some(work) = piece.work(ctx.identity) else { return };
        let (check, capability, output) = (self.next_check, piece.capability, piece.output.clone());
        piece.verdict = Verdict::Asked;
        self.next_check += 1;
        self.asked.insert(check, (subject, name));
        ctx.out.push_back(Effect::Event(Event::Check { check, capability, work: Box::new(work), output }));
    }

    /// The host answers.
    ///
    /// # Errors
    /// No such question is open; nothing changes.
    pub(crate) fn checked(&mut self, ctx: &mut Ctx<'_>, check: u64, right: bool) -> Result<(), DropReason> {
        let (subject, name) = self.asked.remove(&check).ok_or(DropReason::ApiMisuse("unknown check"))?;
        let Some(case) = self.cases.get_mut(&subject) else { return Ok(()) };
        let Some(piece) = case.pieces.get_mut(&name) else { return Ok(()) };
        if !right {
            piece.verdict = Verdict::True;
            self.convict(ctx, subject);
            self.review(ctx, subject);
            return Ok(());
        }
        let (accuser, capability) = (piece.accuser, piece.capability);
        case.pieces.remove(&name);
        // spec: INC-018 6989
        if accuser != ctx.identity.id {
            if self.liars.len() >= MAX_LIARS {
                let first = self.liars.iter().min_by_key(|(_, until)| **until).map(|(n, _)| *n);
                first.and_then(|n| self.liars.remove(&n));
            }
            self.liars.insert(accuser, ctx.now + TERM);
            ctx.out.push_back(Effect::Lied { node: accuser, capability });
        }
        self.review(ctx, subject);
        Ok(())
    }

    /// Different accusers of a node that count: of one line of succession only one does.
    fn count(&self, ctx: &Ctx<'_>, subject: &NodeId) -> usize {
        let Some(case) = self.cases.get(subject) else { return 0 };
        // spec: INC-017 aa82
        let mut counted: Vec<NodeId> = Vec::new();
        for piece in case.pieces.values().filter(|p| p.verdict == Verdict::True) {
            let before = ctx.mesh.predecessors(&piece.accuser);
            let same = |n: &NodeId| *n == piece.accuser || before.contains(n);
            let line = |n: &NodeId| same(n) || ctx.mesh.predecessors(n).iter().any(same);
            if !counted.iter().any(line) && !self.is_unheard(ctx.now, &piece.accuser) {
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
        let convicted = self.cases.get(&subject).is_some_and(|c| c.clash.is_some());
        // spec: INC-019 5a24
        if !convicted && self.count(ctx, &subject) < ACCUSERS {
            return;
        }
        let Some(case) = self.cases.get_mut(&subject) else { return };
        // spec: INC-022 483e
        let until = ctx.now + TERM;
        case.until = Some(until);
        self.exchange.forget(&subject);
        ctx.timers.set_no_later(Timer::Immune, until);
        ctx.out.push_back(Effect::Quarantined { node: subject });
        ctx.out.push_back(Effect::Event(Event::Quarantined { node: subject, until }));
    }

    /// Evidence was looked at again: whoever is not convicted by what is left of it is released.
    fn review(&mut self, ctx: &mut Ctx<'_>, subject: NodeId) {
        let Some(case) = self.cases.get(&subject) else { return };
        if case.pieces.values().any(|p| p.verdict == Verdict::Asked) {
            return;
        }
        if case.until.is_some() && case.clash.is_none() && self.count(ctx, &subject) < ACCUSERS {
            self.release(ctx, subject);
        } else if case.pieces.is_empty() && case.clash.is_none() {
            self.drop_case(&subject);
        }
    }

    fn release(&mut self, ctx: &mut Ctx<'_>, subject: NodeId) {
        self.drop_case(&subject);
        ctx.out.push_back(Effect::Event(Event::Released { node: subject }));
    }

    /// Asks a node that keeps this one out to look again.
    ///
    /// # Errors
    /// No number for the record is persisted; nothing changes.
    pub(crate) fn appeal(&mut self, ctx: &mut Ctx<'_>, to: NodeId) -> Result<(), DropReason> {
        let body = AppealBody { quarantine: &[0; 32], evidence: List::new(&[]), tail: Tail::default() };
        let record = self.sign(ctx, &RecordBody::Appeal(body)).ok_or(DropReason::Full)?;
        ctx.out.push_back(Effect::message(to, trust_record(&record)));
        Ok(())
    }

    /// A node that is kept out asks to look again.
    ///
    /// # Errors
    /// It is not its author that sends it, it is not kept out, or it appealed within the hour; nothing changes.
    fn on_appeal(&mut self, ctx: &mut Ctx<'_>, from: &NodeId, bytes: &[u8]) -> Result<(), DropReason> {
        let author = NodeId(*verify_record::<AppealBody<'_>>(ctx.identity, bytes)?.head.author);
        let before = self.appealed.get(from).is_some_and(|at| ctx.now.since(*at) < TERM);
        // spec: INC-023 c03e, INC-024 4df9
        if author != *from || before || !self.is_quarantined(ctx.now, from) {
            return Err(DropReason::UnexpectedRecord);
        }
        self.appealed.retain(|_, at| ctx.now.since(*at) < TERM);
        if self.appealed.len() >= MAX_CASES {
            return Err(DropReason::Full);
        }
        self.appealed.insert(author, ctx.now);
        let Some(case) = self.cases.get(&author) else { return Ok(()) };
        let again = |p: &Piece| self.checks.contains(&p.capability) && p.verdict != Verdict::Asked;
        let names: Vec<[u8; 32]> = case.pieces.iter().filter(|(_, p)| again(p)).map(|(n, _)| *n).collect();
        names.into_iter().for_each(|name| self.ask(ctx, author, name));
        Ok(())
    }

    /// News are due to be told, wants to be repeated, quarantines to end.
    pub(crate) fn due(&mut self, ctx: &mut Ctx<'_>) {
        let over = |c: &Case| c.until.is_some_and(|until| until <= ctx.now);
        let ended: Vec<NodeId> = self.cases.iter().filter(|(_, c)| over(c)).map(|(n, _)| *n).collect();
        // spec: INC-022 483e
        ended.into_iter().for_each(|node| self.release(ctx, node));
        self.tell(ctx);
        let next = self.cases.values().filter_map(|c| c.until).min();
        next.into_iter().for_each(|at| ctx.timers.set_no_later(Timer::Immune, at));
    }
}
