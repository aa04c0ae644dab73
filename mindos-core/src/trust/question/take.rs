//! What a holder takes, from whom and when.

use bytes::Bytes;
use mindos_wire::{CommitBody, Message, QuestionBody, RevealBody};

use super::hold::{Held, Next};
use super::late::Said;
use super::record::{Anchor, Commit, Question, Reveal, about, claimed_author, name};
use super::{Ctx, LATE, Questions, Work, carried, us};
use crate::DropReason;
use crate::identity::{NodeId, QuestionId};
use crate::trust::truth::{MAX_OPTIONS, MAX_REPORTS};

/// Questions that a node holds, open and closed, of all domains; more are refused.
const MAX_HELD: usize = 4_096;
/// Of one author: open ones; and all, when half of the room for questions is taken.
const MAX_OPEN: usize = 16;
const MAX_ASKED: usize = 64;
/// Of so many reports on a question one may be of nodes that nobody vouches for.
pub(super) const STRANGERS: usize = 4;
/// Longest question, commit and anchor; longest reveal.
const MAX_RECORD: usize = 512;
const MAX_REVEAL: usize = 4_096;
/// A question that was met late takes what fellows have for so many seconds.
pub(super) const LATE_FOR: u64 = 60;

/// When a question takes records: its last seconds, and when it was met, if it was met late.
#[derive(Clone, Copy, Debug)]
pub(super) struct Times {
    pub(super) closes: u64,
    pub(super) reveals: u64,
    pub(super) met_late: Option<u64>,
}

impl Times {
    /// Whether it takes a record of this type at `clock`, in µs of Unix time, from a fellow or from anybody.
    // spec: TRUST-014 479e
    pub(super) fn take(&self, kind: u8, clock: u64, is_fellow: bool) -> bool {
        let end = match kind {
            QuestionBody::TYPE | CommitBody::TYPE => self.closes,
            RevealBody::TYPE => self.reveals,
            _ => return true,
        };
        let lasts = || kind == QuestionBody::TYPE || self.is_late(clock) || clock <= us(end.saturating_add(LATE));
        let opens = kind != RevealBody::TYPE || clock > us(self.closes.saturating_add(LATE));
        opens && (clock <= us(end) || is_fellow && lasts())
    }

    /// Whether what fellows have is taken whenever it was said.
    pub(super) fn is_late(&self, clock: u64) -> bool {
        self.met_late.is_some_and(|t| clock <= t.saturating_add(us(LATE_FOR)))
    }

    /// The times of the same question, met in time.
    fn prompt(self) -> Self {
        Self { met_late: None, ..self }
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
        let author = claimed_author(bytes).ok_or(DropReason::UnexpectedRecord)?;
        let asked = || self.held.values().filter(|h| h.question.author == author);
        if self.held.len() >= MAX_HELD / 2 && asked().count() >= MAX_ASKED
            || asked().filter(|h| h.next != Next::Nothing).count() >= MAX_OPEN
            || self.held.len() >= MAX_HELD
            || self.evidence.is_full()
        {
            return Err(DropReason::Full);
        }
        let question = Question::verify(ctx.identity, bytes)?;
        // spec: TRUST-013 9660
        let is_mine = usize::from(question.options) <= MAX_OPTIONS
            && question.is_timely(clock / us(1))
            && ctx.mesh.is_vouched_at(&author, question.closes)
            && self.seats.may_hold(ctx, question.domain, &ctx.identity.id);
        if !is_mine {
            return Err(DropReason::UnexpectedRecord);
        }
        // spec: TRUST-026 a7a1
        if self.domains.get(&question.key()).is_some_and(|d| d.gave_up(&question.place())) {
            return Err(DropReason::Untimely);
        }
        let times = Times { closes: question.closes, reveals: question.reveals, met_late: None };
        let is_late = !times.take(QuestionBody::TYPE, clock, false);
        if is_late && !self.seats.may_hold(ctx, question.domain, from) {
            return Err(DropReason::Untimely);
        }
        let id = question.id;
        let number = self.number(Work::Hold(id));
        let next = if is_late { Next::Listen } else { Next::Commits };
        let held = Held::new(question, number, next, is_late.then_some(clock));
        ctx.wake(number, held.due().unwrap_or(clock));
        self.held.insert(id, held);
        if is_late {
            self.ask_for_names(ctx, from, &id);
        }
        Ok(())
    }

    /// Whether a record of this type may come from this sender now only because its question was met late. An error if
    /// it may not, or there is no room for it.
    fn in_time(&mut self, ctx: &Ctx<'_>, from: &NodeId, id: &QuestionId, kind: u8) -> Result<bool, DropReason> {
        let clock = ctx.clock()?;
        let held = self.held.get(id).ok_or(DropReason::UnexpectedRecord)?;
        let times = held.times();
        // Few come late, and only of these it matters who sends them.
        let in_time = times.take(kind, clock, false)
            || times.take(kind, clock, true) && self.seats.may_hold(ctx, held.question.domain, from);
        let is_late = !times.take(kind, clock, false) && !times.prompt().take(kind, clock, true);
        if !in_time {
            return Err(DropReason::Untimely);
        }
        if self.evidence.is_full() { Err(DropReason::Full) } else { Ok(is_late) }
    }

    pub(super) fn on_commit(&mut self, ctx: &mut Ctx<'_>, from: &NodeId, bytes: &[u8]) -> Result<(), DropReason> {
        let id = about(bytes).filter(|_| bytes.len() <= MAX_RECORD).ok_or(DropReason::UnexpectedRecord)?;
        let author = claimed_author(bytes).ok_or(DropReason::UnexpectedRecord)?;
        let held = self.held.get(&id).ok_or(DropReason::UnexpectedRecord)?;
        let name = name(ctx.identity.crypto, bytes);
        // Two prove already that their author says nothing.
        // spec: TRUST-015 246c
        let said = held.commits.get(&author);
        if held.names.contains(&name) || said.is_some_and(|c| c.len() >= 2) {
            return Ok(());
        }
        // spec: TRUST-005 74f3
        if said.is_none() && held.commits.len() >= MAX_REPORTS {
            return Err(DropReason::Full);
        }
        let is_new = said.is_none();
        if self.in_time(ctx, from, &id, CommitBody::TYPE)? {
            return self.hear(ctx, from, &id, (name, bytes), |c| Commit::verify(c.identity, bytes).map(Said::Commit));
        }
        let Some(held) = self.held.get_mut(&id) else { return Err(DropReason::UnexpectedRecord) };
        if held.met_late.is_none() && ctx.mesh.state(&author).is_none() {
            return Err(DropReason::UnexpectedRecord);
        }
        let is_stranger = |a: &NodeId| !ctx.mesh.is_vouched_at(a, held.question.reveals);
        if is_new && is_stranger(&author) {
            let strangers = held.commits.keys().filter(|a| is_stranger(a)).count();
            if strangers >= MAX_REPORTS / STRANGERS {
                return Err(DropReason::Full);
            }
        }
        let commit = Commit::verify(ctx.identity, bytes)?;
        if held.commit(commit, name) {
            self.evidence.insert(name, bytes);
            self.changed(ctx, &id);
        }
        Ok(())
    }

    pub(super) fn on_reveal(&mut self, ctx: &mut Ctx<'_>, from: &NodeId, bytes: &[u8]) -> Result<(), DropReason> {
        let id = about(bytes).filter(|_| bytes.len() <= MAX_REVEAL).ok_or(DropReason::UnexpectedRecord)?;
        let author = claimed_author(bytes).ok_or(DropReason::UnexpectedRecord)?;
        let held = self.held.get(&id).ok_or(DropReason::UnexpectedRecord)?;
        if held.has_fitting(&author) {
            return Ok(());
        }
        // A fellow's commits may come behind its reveals; whoever else reveals must have committed.
        if !held.commits.contains_key(&author) && !held.takes_ahead() {
            return Err(DropReason::UnexpectedRecord);
        }
        if self.in_time(ctx, from, &id, RevealBody::TYPE)? {
            let name = name(ctx.identity.crypto, bytes);
            return self.hear(ctx, from, &id, (name, bytes), |c| Reveal::verify(c.identity, bytes).map(Said::Reveal));
        }
        let reveal = Reveal::verify(ctx.identity, bytes)?;
        let Some(held) = self.held.get_mut(&id) else { return Err(DropReason::UnexpectedRecord) };
        let name = name(ctx.identity.crypto, bytes);
        if !held.reveal(reveal, name) {
            return Err(DropReason::UnexpectedRecord);
        }
        self.evidence.insert(name, bytes);
        self.changed(ctx, &id);
        Ok(())
    }

    pub(super) fn on_anchor(&mut self, ctx: &mut Ctx<'_>, from: &NodeId, bytes: &[u8]) -> Result<(), DropReason> {
        let id = about(bytes).filter(|_| bytes.len() <= MAX_RECORD).ok_or(DropReason::UnexpectedRecord)?;
        let author = claimed_author(bytes).ok_or(DropReason::UnexpectedRecord)?;
        let held = self.held.get(&id).ok_or(DropReason::UnexpectedRecord)?;
        let name = name(ctx.identity.crypto, bytes);
        if held.names.contains(&name) {
            return Ok(());
        }
        // spec: TRUST-018 e103
        if !ctx.mesh.is_root(&author) || self.evidence.is_full() {
            return Err(DropReason::UnexpectedRecord);
        }
        let anchor = Anchor::verify(ctx.identity, bytes)?;
        let Some(held) = self.held.get_mut(&id) else { return Err(DropReason::UnexpectedRecord) };
        if !held.anchor(&anchor, name) {
            return Ok(());
        }
        let domain = held.question.domain;
        self.evidence.insert(name, bytes);
        self.changed(ctx, &id);
        // It comes when nobody compares any more.
        for fellow in self.seats.holders(ctx, domain) {
            if fellow != *from && fellow != ctx.identity.id {
                ctx.send(fellow, carried(&Bytes::copy_from_slice(bytes)));
            }
        }
        Ok(())
    }

    /// The evidence of a question is another: if it is closed, what follows from it is, too.
    pub(super) fn changed(&mut self, ctx: &Ctx<'_>, id: &QuestionId) {
        if let Some(held) = self.held.get_mut(id).filter(|h| h.next == Next::Nothing)
            && let Some(domain) = self.domains.get_mut(&held.key())
        {
            held.admit(ctx.mesh);
            domain.changed(&held.place());
        }
    }
}
