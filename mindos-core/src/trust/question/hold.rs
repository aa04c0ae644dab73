//! The holder: takes commits, then reveals, each in their time, compares with its fellows, and closes.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use bytes::Bytes;
use mindos_wire::{MAX_MESSAGE, TrustHave, TrustWant};

use super::domain::Domain;
use super::record::{Anchor, Commit, Computed, Question, Reveal, name};
use super::{Ctx, LATE, Questions, Work, carried, had, us, wanted};
use crate::identity::{NodeId, QuestionId};
use crate::trust::truth::MAX_REPORTS;
use crate::{DropReason, Duration, Instant};

/// Questions that a node holds, open and closed; at the cap the one that closed first goes.
const MAX_HELD: usize = 1_024;
/// Open questions of one author.
const MAX_ASKED: usize = 16;
/// Of so many reports on a question one may be of nodes that nobody vouches for.
const STRANGERS: usize = 4;
/// Outcomes of a question that are kept: one of each root.
const MAX_ANCHORS: usize = 8;
/// Longest question, commit and anchor; longest reveal.
const MAX_RECORD: usize = 512;
const MAX_REVEAL: usize = 4_096;
/// One peer is told all names of a question at most so often.
const TELL: Duration = Duration::from_millis(500);
const MAX_TOLD: usize = 64;

/// What happens next to a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    /// The commits are compared with the fellow holders'.
    Commits,
    /// The reveals are.
    Reveals,
    Close,
    /// It is closed.
    Nothing,
}

/// A report in the form in which the engine takes it: agent, label, sources.
pub(super) type Filed = (NodeId, u8, Vec<[u8; 32]>);

/// A question that this node holds.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) question: Question,
    number: u64,
    next: Next,
    /// First seen after its commits ended: what fellow holders have is taken whenever it comes.
    behind: bool,
    /// Commitments by author. Who commits twice says nothing.
    commits: BTreeMap<NodeId, Vec<[u8; 32]>>,
    reveals: BTreeMap<NodeId, ([u8; 32], Reveal)>,
    anchors: BTreeMap<NodeId, ([u8; 32], u8)>,
    names: BTreeSet<[u8; 32]>,
    told: BTreeMap<NodeId, Instant>,
    /// What was believed when it closed.
    pub(super) first: Option<Vec<u16>>,
    /// The belief that was signed last.
    signed: Option<(Computed, Bytes)>,
}

impl Held {
    /// Its place in the order of closing.
    pub(super) fn place(&self) -> (u64, QuestionId) {
        (self.question.reveals, self.question.id)
    }

    /// Reveals that were committed to, once, by author.
    fn counted(&self) -> impl Iterator<Item = (&NodeId, &([u8; 32], Reveal))> {
        self.reveals.iter().filter(|(a, _)| self.commits.get(a).is_some_and(|c| c.len() == 1))
    }

    pub(super) fn reports(&self) -> Vec<Filed> {
        self.counted().map(|(a, (_, r))| (*a, r.label(), r.lineage.clone())).collect()
    }

    /// What came true, by the root of the lowest name.
    pub(super) fn outcome(&self) -> Option<u8> {
        self.anchors.values().next().map(|a| a.1)
    }

    fn root(&self, ctx: &Ctx<'_>) -> [u8; 32] {
        let names: Vec<u8> = self.names.iter().flatten().copied().collect();
        ctx.identity.crypto.hash(&[&names])
    }
}

/// The question that a commit, reveal or anchor is about: where its body starts.
fn about(record: &[u8]) -> Option<QuestionId> {
    record.get(51..83).and_then(|b| b.first_chunk::<32>()).map(|b| QuestionId(*b))
}

/// Frames for a peer, in as many messages as they need.
fn send_paged(ctx: &mut Ctx<'_>, to: NodeId, frames: impl Iterator<Item = Vec<u8>>) {
    let mut page = Vec::new();
    for frame in frames {
        if page.len() + frame.len() > MAX_MESSAGE {
            ctx.send(to, core::mem::take(&mut page));
        }
        page.extend(frame);
    }
    if !page.is_empty() {
        ctx.send(to, page);
    }
}

impl Questions {
    /// Somebody asks.
    pub(super) fn on_question(&mut self, ctx: &mut Ctx<'_>, from: &NodeId, bytes: &[u8]) -> Result<(), DropReason> {
        if bytes.len() > MAX_RECORD {
            return Err(DropReason::UnexpectedRecord);
        }
        // Reporters send it along: mostly it is known.
        if self.held.contains_key(&QuestionId(name(ctx.identity.crypto, bytes))) {
            return Ok(());
        }
        let clock = ctx.clock()?;
        let question = Question::verify(ctx.identity, bytes)?;
        // spec: TRUST-013 c5d6
        let is_mine = usize::from(question.options) <= crate::trust::truth::MAX_OPTIONS
            && ctx.mesh.is_vouched_for(&question.author)
            && self.seats.may_hold(ctx, question.domain, &ctx.identity.id);
        if !is_mine {
            return Err(DropReason::UnexpectedRecord);
        }
        let behind = clock > us(question.closes);
        if behind && !self.seats.may_hold(ctx, question.domain, from) {
            return Err(DropReason::Untimely);
        }
        let open = self.held.values().filter(|h| h.next != Next::Nothing && h.question.author == question.author);
        if !behind && open.count() >= MAX_ASKED || self.held.len() >= MAX_HELD && !self.make_room(ctx) {
            return Err(DropReason::Full);
        }
        let id = question.id;
        let number = self.number(Work::Hold(id));
        let (next, at) = match behind {
            false => (Next::Commits, us(question.closes) + us(LATE) / 2),
            true => (Next::Close, us(question.reveals + 2 * LATE).max(clock + us(2 * LATE))),
        };
        ctx.wake(number, at);
        let held = Held {
            question,
            number,
            next,
            behind,
            commits: BTreeMap::new(),
            reveals: BTreeMap::new(),
            anchors: BTreeMap::new(),
            names: BTreeSet::new(),
            told: BTreeMap::new(),
            first: None,
            signed: None,
        };
        if behind {
            ctx.send(*from, had(&id, &held.root(ctx), &[]));
        }
        self.held.insert(id, held);
        Ok(())
    }

    /// The question that closed first gives way; open ones never do.
    fn make_room(&mut self, ctx: &mut Ctx<'_>) -> bool {
        let first = self.domains.iter().filter_map(|(key, d)| Some((d.first()?, *key))).min();
        let Some((place, key)) = first else { return false };
        if let Some(held) = self.held.remove(&place.1) {
            self.evidence.forget(held.names.iter());
            self.done(ctx.timers, held.number);
        }
        if let Some(domain) = self.domains.get_mut(&key) {
            domain.forget(&place);
            if domain.is_empty() {
                self.domains.remove(&key);
            }
        }
        true
    }

    /// Whether evidence of a question that ended at `end` may come from this sender now, and room for it.
    fn in_time(&mut self, ctx: &mut Ctx<'_>, from: &NodeId, id: &QuestionId, end: u64) -> Result<(), DropReason> {
        let clock = ctx.clock()?;
        let held = self.held.get(id).ok_or(DropReason::UnexpectedRecord)?;
        let is_fellow = clock > us(end) && self.seats.may_hold(ctx, held.question.domain, from);
        // spec: TRUST-014 479e
        let in_time =
            held.next != Next::Nothing && (clock <= us(end) || is_fellow && (held.behind || clock <= us(end + LATE)));
        if !in_time {
            return Err(DropReason::Untimely);
        }
        if self.evidence.is_full() && !self.make_room(ctx) {
            return Err(DropReason::Full);
        }
        Ok(())
    }

    pub(super) fn on_commit(&mut self, ctx: &mut Ctx<'_>, from: &NodeId, bytes: &[u8]) -> Result<(), DropReason> {
        let id = about(bytes).filter(|_| bytes.len() <= MAX_RECORD).ok_or(DropReason::UnexpectedRecord)?;
        let held = self.held.get(&id).ok_or(DropReason::UnexpectedRecord)?;
        let end = held.question.closes;
        if held.names.contains(&name(ctx.identity.crypto, bytes)) {
            return Ok(());
        }
        self.in_time(ctx, from, &id, end)?;
        let commit = Commit::verify(ctx.identity, bytes)?;
        let vouched = ctx.mesh.is_vouched_for(&commit.author);
        if ctx.mesh.state(&commit.author).is_none() || ctx.mesh.retired(&commit.author).is_some() {
            return Err(DropReason::UnexpectedRecord);
        }
        let Some(held) = self.held.get_mut(&id) else { return Err(DropReason::UnexpectedRecord) };
        let strangers = held.commits.keys().filter(|a| !ctx.mesh.is_vouched_for(a)).count();
        let is_new = !held.commits.contains_key(&commit.author);
        // spec: TRUST-005 74f3
        if is_new && (held.commits.len() >= MAX_REPORTS || !vouched && strangers >= MAX_REPORTS / STRANGERS) {
            return Err(DropReason::Full);
        }
        let said = held.commits.entry(commit.author).or_default();
        // Two prove already that it says nothing.
        // spec: TRUST-015 246c
        if said.len() >= 2 {
            return Err(DropReason::UnexpectedRecord);
        }
        let name = name(ctx.identity.crypto, bytes);
        said.push(commit.commitment);
        held.names.insert(name);
        self.evidence.insert(name, bytes);
        Ok(())
    }

    pub(super) fn on_reveal(&mut self, ctx: &mut Ctx<'_>, from: &NodeId, bytes: &[u8]) -> Result<(), DropReason> {
        let id = about(bytes).filter(|_| bytes.len() <= MAX_REVEAL).ok_or(DropReason::UnexpectedRecord)?;
        let held = self.held.get(&id).ok_or(DropReason::UnexpectedRecord)?;
        let (opens, end) = (us(held.question.closes + LATE), held.question.reveals);
        if held.names.contains(&name(ctx.identity.crypto, bytes)) {
            return Ok(());
        }
        // spec: TRUST-014 479e
        if ctx.clock()? <= opens {
            return Err(DropReason::Untimely);
        }
        self.in_time(ctx, from, &id, end)?;
        let reveal = Reveal::verify(ctx.identity, bytes)?;
        let Some(held) = self.held.get_mut(&id) else { return Err(DropReason::UnexpectedRecord) };
        let committed = held.commits.get(&reveal.author).is_some_and(|c| c.contains(&reveal.commitment));
        // spec: TRUST-015 246c
        if !committed || reveal.weights.len() != usize::from(held.question.options) {
            return Err(DropReason::UnexpectedRecord);
        }
        let name = name(ctx.identity.crypto, bytes);
        if held.reveals.contains_key(&reveal.author) {
            return Err(DropReason::UnexpectedRecord);
        }
        held.reveals.insert(reveal.author, (name, reveal));
        held.names.insert(name);
        self.evidence.insert(name, bytes);
        Ok(())
    }

    pub(super) fn on_anchor(&mut self, ctx: &mut Ctx<'_>, from: &NodeId, bytes: &[u8]) -> Result<(), DropReason> {
        let id = about(bytes).filter(|_| bytes.len() <= MAX_RECORD).ok_or(DropReason::UnexpectedRecord)?;
        let held = self.held.get(&id).ok_or(DropReason::UnexpectedRecord)?;
        if held.names.contains(&name(ctx.identity.crypto, bytes)) {
            return Ok(());
        }
        let anchor = Anchor::verify(ctx.identity, bytes)?;
        // spec: TRUST-018 e103
        let counts = ctx.mesh.is_root(&anchor.author)
            && anchor.option < held.question.options
            && !held.anchors.contains_key(&anchor.author)
            && held.anchors.len() < MAX_ANCHORS;
        if !counts || self.evidence.is_full() {
            return Err(DropReason::UnexpectedRecord);
        }
        let Some(held) = self.held.get_mut(&id) else { return Err(DropReason::UnexpectedRecord) };
        let name = name(ctx.identity.crypto, bytes);
        held.anchors.insert(anchor.author, (name, anchor.option));
        held.names.insert(name);
        self.evidence.insert(name, bytes);
        if held.next == Next::Nothing
            && let Some(domain) = self.domains.get_mut(&(held.question.domain, held.question.options))
        {
            domain.anchor(held);
        }
        // It comes when nobody compares any more.
        for fellow in self.seats.holders(ctx, held.question.domain) {
            if fellow != *from && fellow != ctx.identity.id {
                ctx.send(fellow, carried(&Bytes::copy_from_slice(bytes)));
            }
        }
        Ok(())
    }

    /// A moment of a question that this node holds.
    pub(super) fn hold_due(&mut self, ctx: &mut Ctx<'_>, id: QuestionId) {
        let Some(held) = self.held.get_mut(&id) else { return };
        let q = &held.question;
        let due = match held.next {
            Next::Commits => us(q.closes) + us(LATE) / 2,
            Next::Reveals => us(q.reveals) + us(LATE) / 2,
            Next::Close => us(q.reveals + 2 * LATE),
            Next::Nothing => return,
        };
        if ctx.unix_us.is_none_or(|t| t < due) {
            // The host set its clock back.
            return ctx.wake(held.number, due.max(ctx.unix_us.unwrap_or(0) + 1));
        }
        (held.next, _) = match held.next {
            Next::Commits => (Next::Reveals, ctx.wake(held.number, us(q.reveals) + us(LATE) / 2)),
            Next::Reveals => (Next::Close, ctx.wake(held.number, us(q.reveals + 2 * LATE))),
            Next::Close | Next::Nothing => return self.close(ctx, id),
        };
        // spec: TRUST-016 b5f3
        let (domain, root) = (held.question.domain, held.root(ctx));
        for fellow in self.seats.holders(ctx, domain) {
            if fellow != ctx.identity.id {
                ctx.send(fellow, had(&id, &root, &[]));
            }
        }
    }

    fn close(&mut self, ctx: &mut Ctx<'_>, id: QuestionId) {
        let Some(held) = self.held.get_mut(&id) else { return };
        held.next = Next::Nothing;
        let (number, key) = (held.number, (held.question.domain, held.question.options));
        self.domains.entry(key).or_insert_with(|| Domain::new(key.1)).close(ctx.mesh, held);
        self.done(ctx.timers, number);
    }

    /// What this node computed of a question that it holds; `None` before its close.
    pub(crate) fn computed(&mut self, ctx: &Ctx<'_>, id: &QuestionId) -> Option<Computed> {
        let held = self.held.get(id).filter(|h| h.next == Next::Nothing)?;
        let domain = self.domains.get_mut(&(held.question.domain, held.question.options))?;
        domain.refresh(ctx.now, ctx.mesh, &mut self.held);
        let held = self.held.get(id)?;
        let mut used: Vec<[u8; 32]> = held.counted().map(|(_, (name, _))| *name).collect();
        used.sort_unstable();
        Some(Computed {
            evidence: ctx.identity.crypto.hash(&[used.as_flattened()]),
            reports: used.len() as u32,
            weights: domain.weights(held)?,
        })
    }

    /// The record of what this node computed; signed again only if it is another.
    fn belief(&mut self, ctx: &mut Ctx<'_>, id: &QuestionId) -> Option<Bytes> {
        let computed = self.computed(ctx, id)?;
        let held = self.held.get_mut(id)?;
        if held.signed.as_ref().is_none_or(|s| s.0 != computed) {
            let record = computed.sign(&mut ctx.author(), id)?;
            held.signed = Some((computed, record));
        }
        held.signed.as_ref().map(|s| s.1.clone())
    }

    /// Somebody wants records: those of a question come with this node's belief.
    pub(super) fn on_want(&mut self, ctx: &mut Ctx<'_>, from: &NodeId, f: &TrustWant<'_>) -> Result<(), DropReason> {
        let mut found: Vec<Bytes> = Vec::new();
        for wanted in f.records.iter() {
            let question = QuestionId(wanted.value);
            if let Some(held) = self.held.get(&question) {
                found.push(held.question.record.clone());
                found.extend(self.belief(ctx, &question));
            } else {
                found.extend(self.evidence.get(&wanted.value).cloned());
            }
        }
        // Commits before the reveals that rest on them.
        found.sort_by_key(|r| r.first().copied());
        send_paged(ctx, *from, found.iter().map(carried));
        Ok(())
    }

    /// What somebody holds about a question.
    pub(super) fn on_have(&mut self, ctx: &mut Ctx<'_>, from: &NodeId, f: &TrustHave<'_>) -> Result<(), DropReason> {
        let id = QuestionId(*f.about);
        let Some(held) = self.held.get_mut(&id) else {
            // A seat that came to this node: its question first.
            ctx.send(*from, wanted(core::iter::once(id.0)));
            return Ok(());
        };
        if f.root == &held.root(ctx) {
            return Ok(());
        }
        let lacking: Vec<[u8; 32]> = f.records.iter().map(|h| h.value).filter(|n| !held.names.contains(n)).collect();
        if !lacking.is_empty() {
            ctx.send(*from, wanted(lacking.into_iter()));
            return Ok(());
        }
        if f.records.iter().next().is_some() {
            return Ok(());
        }
        // Only a root: who differs is told everything, but not again and again.
        if held.told.get(from).is_some_and(|t| ctx.now.since(*t) < TELL) {
            return Err(DropReason::Full);
        }
        if held.told.len() >= MAX_TOLD && !held.told.contains_key(from) {
            let oldest = held.told.iter().min_by_key(|t| t.1).map(|t| *t.0);
            oldest.and_then(|n| held.told.remove(&n));
        }
        held.told.insert(*from, ctx.now);
        let names: Vec<[u8; 32]> = held.names.iter().copied().collect();
        let root = held.root(ctx);
        for page in names.chunks(255) {
            ctx.send(*from, had(&id, &root, page));
        }
        Ok(())
    }

    /// A member came into service: if it holds a domain, it is told of its questions.
    pub(crate) fn member_up(&mut self, ctx: &mut Ctx<'_>, node: &NodeId) {
        for domain in self.held_domains() {
            if self.seats.may_hold(ctx, domain, node) {
                self.introduce(ctx, *node, domain);
            }
        }
    }

    /// A member went out of service: who has its seat now is told.
    pub(crate) fn member_gone(&mut self, ctx: &mut Ctx<'_>) {
        for domain in self.held_domains() {
            if let Some(last) = self.seats.holders(ctx, domain).last().copied() {
                self.introduce(ctx, last, domain);
            }
        }
    }

    fn held_domains(&self) -> BTreeSet<u32> {
        self.held.values().map(|h| h.question.domain).collect()
    }

    /// What this node holds of a domain, by root: whoever differs asks for more.
    fn introduce(&self, ctx: &mut Ctx<'_>, to: NodeId, domain: u32) {
        if to != ctx.identity.id {
            let held = self.held.values().filter(|h| h.question.domain == domain);
            let frames: Vec<Vec<u8>> = held.map(|h| had(&h.question.id, &h.root(ctx), &[])).collect();
            send_paged(ctx, to, frames.into_iter());
        }
    }

    /// The outcome of a question that this node holds, as its roots know it.
    pub(crate) fn outcome(&self, id: &QuestionId) -> Option<u8> {
        self.held.get(id)?.outcome()
    }

    /// What each report on a question added (spec 09, "Gains"), if this node holds it and its outcome is known.
    pub(crate) fn gains(&self, id: &QuestionId) -> Option<Vec<(NodeId, i32)>> {
        let held = self.held.get(id)?;
        self.domains.get(&(held.question.domain, held.question.options))?.gains(held)
    }
}
