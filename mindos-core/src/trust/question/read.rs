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
const MAX_READINGS: usize = 256;
/// Holders answer within this, or are taken for silent.
const PATIENCE: Duration = Duration::from_secs(3);

/// A question that this node wants to know about.
#[derive(Debug)]
pub(super) struct Reading {
    question: QuestionId,
    options: u8,
    number: u64,
    asked: Vec<NodeId>,
    answers: BTreeMap<NodeId, Computed>,
}

impl Reading {
    /// These holders are asked for a question.
    pub(super) fn new(question: QuestionId, options: u8, number: u64, asked: Vec<NodeId>) -> Self {
        Self { question, options, number, asked, answers: BTreeMap::new() }
    }

    /// A holder's belief.
    ///
    /// # Errors
    /// Nobody asked this one, it has answered, or it is not its own word on this question; nothing changes.
    // spec: TRUST-020 e9b8
    pub(super) fn take(&mut self, identity: &Identity, from: &NodeId, bytes: &[u8]) -> Result<(), DropReason> {
        if claimed_author(bytes) != Some(*from) || !self.asked.contains(from) || self.answers.contains_key(from) {
            return Err(DropReason::UnexpectedRecord);
        }
        let (author, question, computed) = Computed::verify(identity, bytes)?;
        // Of each holder its own word, and one: whoever else carries it.
        if author != *from || question != self.question || computed.weights.len() != usize::from(self.options) {
            return Err(DropReason::UnexpectedRecord);
        }
        self.answers.insert(*from, computed);
        Ok(())
    }

    /// What is believed in a leaf of `members`, once a majority agrees, everybody has answered, or the time is over.
    // spec: TRUST-020 e9b8
    pub(super) fn believed(&self, members: usize, over: bool) -> Option<Believed> {
        let most = self.most();
        let agreed = most.filter(|m| self.is_majority(m.1, members));
        if agreed.is_none() && !over && self.answers.len() < self.asked.len() {
            return None;
        }
        Some(Believed {
            question: self.question,
            weights: agreed.map(|(c, _)| c.weights.clone()).unwrap_or_default(),
            reports: agreed.map_or(0, |(c, _)| c.reports),
            evidence: agreed.map(|(c, _)| c.evidence),
            agreeing: most.map_or(0, |m| m.1 as u8),
            answered: self.answers.len() as u8,
            asked: self.asked.len() as u8,
        })
    }

    /// What the most holders computed alike, and how many they are.
    fn most(&self) -> Option<(&Computed, usize)> {
        let count = |c: &Computed| self.answers.values().filter(|a| *a == c).count();
        self.answers.values().map(|c| (c, count(c))).max_by_key(|c| c.1)
    }

    /// Whether so many are more than a half of those that hold the question. Fewer than three decide nothing in a leaf
    /// of `members`, three or more: who knows no more holders may have been kept from them.
    fn is_majority(&self, n: usize, members: usize) -> bool {
        2 * n > self.asked.len() && self.asked.len() >= members.min(3)
    }
}

impl Questions {
    /// Asks what is believed of a question, whose record the host was given: [`Event::Believed`] follows.
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
        reading.answers.extend(mine.map(|c| (ctx.identity.id, c)));
        self.readings.insert(id, reading);
        self.conclude(ctx, id, false);
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
