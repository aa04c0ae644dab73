//! The reader: asks the holders of a question, and takes what a majority of them computed alike.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::record::{Computed, Question, about, claimed_author};
use super::{Ctx, Questions, Work, wanted};
use crate::identity::{Identity, NodeId, QuestionId};
use crate::outbox::Effect;
use crate::timer::Timer;
use crate::{Believed, DropReason, Duration, Event};

/// Questions that are being asked for.
pub(super) const MAX_READINGS: usize = 256;
/// Holders answer within this, or are taken for silent.
pub(super) const PATIENCE: Duration = Duration::from_secs(3);

/// Holders that were asked for what they computed, and what they state.
#[derive(Debug)]
pub(super) struct Majority<T> {
    asked: Vec<NodeId>,
    pub(super) answers: BTreeMap<NodeId, T>,
}

impl<T: PartialEq> Majority<T> {
    pub(super) const fn new(asked: Vec<NodeId>) -> Self {
        Self { asked, answers: BTreeMap::new() }
    }

    /// Whether this node was asked and has not answered.
    pub(super) fn awaits(&self, from: &NodeId) -> bool {
        self.asked.contains(from) && !self.answers.contains_key(from)
    }

    pub(super) fn waits(&self) -> bool {
        self.answers.len() < self.asked.len()
    }

    /// What the most computed alike, and how many they are.
    fn most(&self) -> Option<(&T, usize)> {
        let count = |c: &T| self.answers.values().filter(|a| *a == c).count();
        self.answers.values().map(|c| (c, count(c))).max_by_key(|c| c.1)
    }

    /// What more than a half of the holders computed alike. Fewer than three decide nothing in a leaf of `members`,
    /// three or more: who knows no more holders may have been kept from them.
    pub(super) fn agreed(&self, members: usize) -> Option<&T> {
        let (stated, n) = self.most()?;
        (2 * n > self.asked.len() && self.asked.len() >= members.min(3)).then_some(stated)
    }
}

/// A question that this node wants to know about.
#[derive(Debug)]
pub(super) struct Reading {
    question: QuestionId,
    options: u8,
    number: u64,
    holders: Majority<Computed>,
}

impl Reading {
    /// These holders are asked for a question.
    pub(super) const fn new(question: QuestionId, options: u8, number: u64, asked: Vec<NodeId>) -> Self {
        Self { question, options, number, holders: Majority::new(asked) }
    }

    /// A holder's belief.
    ///
    /// # Errors
    /// Nobody asked this one, it has answered, or it is not its own word on this question; nothing changes.
    // spec: TRUST-020 e9b8
    pub(super) fn take(&mut self, identity: &Identity, from: &NodeId, bytes: &[u8]) -> Result<(), DropReason> {
        if claimed_author(bytes) != Some(*from) || !self.holders.awaits(from) {
            return Err(DropReason::UnexpectedRecord);
        }
        let (author, question, computed) = Computed::verify(identity, bytes)?;
        // Of each holder its own word, and one: whoever else carries it.
        if author != *from || question != self.question || computed.weights.len() != usize::from(self.options) {
            return Err(DropReason::UnexpectedRecord);
        }
        self.holders.answers.insert(*from, computed);
        Ok(())
    }

    /// What is believed in a leaf of `members`, once a majority agrees, everybody has answered, or the time is over.
    // spec: TRUST-020 e9b8
    pub(super) fn believed(&self, members: usize, over: bool) -> Option<Believed> {
        let agreed = self.holders.agreed(members);
        if agreed.is_none() && !over && self.holders.waits() {
            return None;
        }
        Some(Believed {
            question: self.question,
            weights: agreed.map(|c| c.weights.clone()).unwrap_or_default(),
            reports: agreed.map_or(0, |c| c.reports),
            evidence: agreed.map(|c| c.evidence),
            agreeing: self.holders.most().map_or(0, |m| m.1 as u8),
            answered: self.holders.answers.len() as u8,
            asked: self.holders.asked.len() as u8,
        })
    }
}

impl Questions {
    /// Asks what is believed of a question, whose record the host was given: [`Event::Believed`] follows. With it goes
    /// the question what reports on its domain earned.
    ///
    /// # Errors
    /// No such question, it is being asked for already, or too many are; nothing changes.
    pub(crate) fn believe(&mut self, ctx: &mut Ctx<'_>, bytes: &[u8]) -> Result<QuestionId, DropReason> {
        let question = Question::verify(ctx.identity, bytes)?;
        let id = question.id;
        if self.readings.contains_key(&id) || self.readings.len() >= MAX_READINGS {
            return Err(DropReason::Full);
        }
        // spec: TRUST-019 055e
        let asked = self.seats.holders(ctx, question.domain);
        let number = self.number(Work::Read(id));
        ctx.timers.set(Timer::Question(number), ctx.now + PATIENCE);
        for holder in asked.iter().filter(|h| **h != ctx.identity.id) {
            ctx.send(*holder, wanted(core::iter::once(id.0)));
        }
        let mine = asked.contains(&ctx.identity.id).then(|| self.computed(ctx, &id)).flatten();
        let mut reading = Reading::new(id, question.options, number, asked);
        reading.holders.answers.extend(mine.map(|c| (ctx.identity.id, c)));
        self.readings.insert(id, reading);
        self.conclude(ctx, id, false);
        // Too many others that are asked for are no reason not to believe.
        let _ = self.appraise(ctx, question.domain);
        Ok(id)
    }

    /// A holder's belief.
    pub(super) fn on_belief(&mut self, ctx: &mut Ctx<'_>, from: &NodeId, bytes: &[u8]) -> Result<(), DropReason> {
        let reading = about(bytes).and_then(|id| self.readings.get_mut(&id)).ok_or(DropReason::UnexpectedRecord)?;
        let id = reading.question;
        reading.take(ctx.identity, from, bytes)?;
        self.conclude(ctx, id, false);
        Ok(())
    }

    pub(super) fn read_due(&mut self, ctx: &mut Ctx<'_>, id: QuestionId) {
        self.conclude(ctx, id, true);
    }

    /// Tells the host, once a majority agrees, everybody has answered, or the time is over.
    fn conclude(&mut self, ctx: &mut Ctx<'_>, id: QuestionId, over: bool) {
        let Some(reading) = self.readings.get(&id) else { return };
        let Some(believed) = reading.believed(ctx.mesh.len(), over) else { return };
        let number = reading.number;
        self.readings.remove(&id);
        self.done(ctx.timers, number);
        ctx.out.push_back(Effect::Event(Event::Believed(believed)));
    }
}
