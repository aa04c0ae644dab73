//! Evidence that came: whether it is taken, and what gives way to it.

use alloc::vec::Vec;
use bytes::Bytes;
use mindos_wire::{EvidenceBody, EvidenceKind, IntentBody, Label, ReceiptBody, Record};

use super::case::{self, Case, Piece, Verdict};
use super::equivocation::head;
use super::{
    Ctx, Immune, MAX_BYTES, MAX_CASES, MAX_EACH, MAX_EACH_BYTES, MAX_LIFE_S, MAX_PIECE, MAX_PIECES, MAX_RECORD,
    is_short, length,
};
use crate::identity::{NodeId, verify_record};
use crate::outbox::Effect;
use crate::trust::{Refusal, domain};
use crate::{DropReason, Event};

impl Immune {
    /// Evidence about one of `asked` with its receipt, whose contents came before it: verified, then put to the host.
    ///
    /// # Errors
    /// It does not hold together, its accuser does not count, or there is no room; nothing changes.
    pub(super) fn on_evidence(
        &mut self,
        ctx: &mut Ctx<'_>,
        asked: &[NodeId],
        (evidence, receipt): (&Bytes, &Bytes),
    ) -> Result<(), DropReason> {
        let crypto = ctx.identity.crypto;
        // What costs little comes first: signatures are verified of what could count.
        let e = Record::<EvidenceBody<'_>>::decode_as(evidence).map_err(DropReason::Malformed)?;
        let (subject, accuser) = (NodeId(*e.body.subject), NodeId(*e.head.author));
        // spec: INC-026 f8f2
        let asked = asked.contains(&subject) && ctx.mesh.state(&subject).is_some() && subject != ctx.identity.id;
        if !asked {
            return Err(Refusal::Subject.into());
        }
        if self.is_settled(&subject) {
            return Err(Refusal::Settled.into());
        }
        if evidence.len().max(receipt.len()) > MAX_RECORD {
            return Err(Refusal::Length.into());
        }
        // spec: INC-016 7729
        if ctx.mesh.retired(&accuser).is_some() {
            return Err(Refusal::Retired.into());
        }
        if !ctx.mesh.is_vouched_for(&accuser) {
            return Err(Refusal::Unvouched.into());
        }
        if self.is_unheard(ctx.now, ctx.mesh, &accuser) {
            return Err(Refusal::Unheard.into());
        }
        // spec: INC-027 8a26
        let now_s = ctx.unix_s.ok_or(Refusal::Clock)?;
        if e.head.expires < now_s {
            return Err(Refusal::Expired.into());
        }
        if e.head.expires > now_s.saturating_add(MAX_LIFE_S) {
            return Err(Refusal::Far.into());
        }
        // spec: INC-015 810a
        if e.body.kind != EvidenceKind::ResultRefuted || *e.body.proof != crypto.hash(&[receipt]) {
            return Err(Refusal::Parts.into());
        }
        verify_record::<EvidenceBody<'_>>(ctx.identity, evidence)?;
        let r = verify_record::<ReceiptBody<'_>>(ctx.identity, receipt)?;
        let (worker, signature) = (NodeId(*r.body.worker), r.body.worker_signature);
        if worker != subject || r.head.author != e.head.author || accuser == subject {
            return Err(Refusal::Parts.into());
        }
        if !ctx.identity.verify(&worker, &case::deal(&r), signature) {
            return Err(DropReason::BadSignature);
        }
        if self.cleared.contains_key(r.body.intent) {
            return Err(Refusal::Cleared.into());
        }
        let intent = (ctx.content)(r.body.intent).ok_or(Refusal::Missing)?;
        let output = (ctx.content)(r.body.output).ok_or(Refusal::Missing)?;
        let record = verify_record::<IntentBody<'_>>(ctx.identity, &intent)?;
        let (capability, label) = (*record.body.capability, record.body.label);
        let of_accuser = record.head.author == e.head.author && domain(&capability) == e.body.domain;
        if !of_accuser {
            return Err(Refusal::Parts.into());
        }
        // spec: INC-026 f8f2
        if label != Label::Public {
            return Err(Refusal::Label.into());
        }
        let contexts: Option<Vec<Bytes>> = record.body.contexts.iter().map(|c| (ctx.content)(&c.hash)).collect();
        let contexts = contexts.ok_or(Refusal::Missing)?;
        let fits = is_short(&intent, record.body.payload.0);
        if !fits || intent.len() + length(&contexts) + output.len() > MAX_PIECE {
            return Err(Refusal::Length.into());
        }
        // Who gets no leases anyway is checked when it becomes a partner.
        // spec: INC-049 8cb9
        let checkable =
            self.checks.contains(&capability) && Self::matters(ctx, &subject) && self.may_ask(ctx, accuser, subject);
        let verdict = if checkable { Verdict::Asked } else { Verdict::Unknown };
        let (expires, evidence, receipt) = (e.head.expires, evidence.clone(), receipt.clone());
        let piece = Piece { accuser, expires, capability, evidence, receipt, intent, contexts, output, verdict };
        let name = self.add(ctx, subject, piece)?;
        ctx.out.push_back(Effect::Event(Event::Accused { node: subject, accuser }));
        match checkable {
            true => self.ask(ctx, subject, name),
            // Others can check it.
            false => self.exchange.news(ctx, subject),
        }
        Ok(())
    }

    /// Puts evidence into its case.
    ///
    /// # Errors
    /// There is no room, this accuser is heard already, or the evidence convicted before; nothing changes.
    pub(super) fn add(&mut self, ctx: &mut Ctx<'_>, subject: NodeId, piece: Piece) -> Result<[u8; 32], DropReason> {
        self.expire(ctx);
        let name = ctx.identity.crypto.hash(&[&piece.evidence]);
        let open = self.cases.values().filter(|c| c.until.is_none()).flat_map(|c| c.pieces.values());
        let of_accuser = open.filter(|p| p.accuser == piece.accuser);
        let (pieces, bytes) = of_accuser.fold((1, piece.bytes()), |(n, b), p| (n + 1, b + p.bytes()));
        let own = piece.accuser == ctx.identity.id;
        // spec: INC-029 99d4
        if head(&piece.evidence).is_none_or(|h| self.spent.contains_key(&h)) {
            return Err(Refusal::Spent.into());
        }
        if !own && (pieces > MAX_EACH || bytes > MAX_EACH_BYTES) {
            return Err(DropReason::Full);
        }
        if let Some(case) = self.cases.get_mut(&subject) {
            let same = case.pieces.iter().find(|(_, p)| p.accuser == piece.accuser).map(|(n, _)| *n);
            let full = case.pieces.len() >= MAX_PIECES;
            // What this host cannot check gives way to what it can, that which expires first before others.
            let weak = |(n, p): (&[u8; 32], &Piece)| (p.verdict == Verdict::Unknown).then_some((p.expires, *n));
            let gives = match same {
                Some(same) => case.pieces.get_key_value(&same).and_then(weak),
                None => case.pieces.iter().filter_map(weak).min(),
            };
            match gives.filter(|_| piece.verdict != Verdict::Unknown) {
                Some((_, name)) if full || same.is_some() => drop(case.pieces.remove(&name)),
                _ if full || same.is_some() => return Err(DropReason::Full),
                _ => {}
            }
        }
        if !self.make_room(ctx, &subject, piece.bytes()) {
            return Err(DropReason::Full);
        }
        let case = self.cases.entry(subject).or_default();
        case.at = ctx.now;
        case.pieces.insert(name, piece);
        Ok(name)
    }

    fn bytes(&self) -> usize {
        self.cases.values().map(Case::bytes).sum()
    }

    /// Room for `bytes` about a node. Of the other cases convicted guests give way first, then of those that are not
    /// convicted the one that was heard of longest ago, those last of which the own host found something true.
    pub(super) fn make_room(&mut self, ctx: &Ctx<'_>, subject: &NodeId, bytes: usize) -> bool {
        let is_new = !self.cases.contains_key(subject);
        while is_new && self.cases.len() >= MAX_CASES || self.bytes() + bytes > MAX_BYTES {
            let order = |(n, c): (&NodeId, &Case)| {
                let open = c.until.is_none_or(|until| until <= ctx.now);
                let gives = n != subject && (open || !ctx.mesh.is_vouched_for(n));
                let found = c.pieces.values().any(|p| p.verdict.counts());
                gives.then_some((open, found, c.at, *n))
            };
            let Some((_, _, _, oldest)) = self.cases.iter().filter_map(order).min() else { return false };
            self.drop_case(&oldest);
        }
        true
    }

    pub(super) fn drop_case(&mut self, subject: &NodeId) {
        self.cases.remove(subject);
        self.asked.retain(|_, a| a.subject != *subject);
    }
}
