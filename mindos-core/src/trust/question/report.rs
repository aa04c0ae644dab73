//! The reporter: commits to what it says, and says it once nobody can copy it any more.

use alloc::vec::Vec;
use bytes::Bytes;

use super::record::{Draft, Question, Reveal};
use super::{Ctx, LATE, Questions, Reported, Work, us};
use crate::DropReason;
use crate::identity::QuestionId;

/// Reports that wait for their question to close.
const MAX_OWN: usize = 256;
/// Sources of a report.
const MAX_LINEAGE: usize = 64;

/// A report of this node that is still hidden.
#[derive(Debug)]
pub(super) struct Own {
    question: Question,
    reveal: Bytes,
    number: u64,
}

impl Own {
    /// When it is shown, in µs of Unix time.
    pub(super) fn due(&self) -> u64 {
        us(self.question.closes).saturating_add(us(2 * LATE))
    }
}

impl Questions {
    /// Reports on a question, whose record the host was given.
    ///
    /// # Errors
    /// No such question, one that is closed or reported on already, weights that are none, too many reports that
    /// wait, or no number is ready; nothing changes.
    pub(crate) fn report(
        &mut self,
        ctx: &mut Ctx<'_>,
        (bytes, report): Reported<'_>,
    ) -> Result<QuestionId, DropReason> {
        let clock = ctx.clock()?;
        let question = Question::verify(ctx.identity, bytes)?;
        let sum: u32 = report.weights.iter().map(|w| u32::from(*w)).sum();
        if report.weights.len() != usize::from(question.options) || sum != 65_535 {
            return Err(DropReason::ApiMisuse("a weight for each option, 65535 in all"));
        }
        if clock > us(question.closes) || !question.is_timely(clock / us(1)) {
            return Err(DropReason::ApiMisuse("the question is closed"));
        }
        if self.own.contains_key(&question.id) {
            return Err(DropReason::ApiMisuse("one report on a question"));
        }
        let mut lineage = report.lineage.clone();
        lineage.sort_unstable();
        lineage.dedup();
        if lineage.len() > MAX_LINEAGE {
            return Err(DropReason::ApiMisuse("more than 64 sources"));
        }
        if self.own.len() >= MAX_OWN {
            return Err(DropReason::Full);
        }
        // spec: TRUST-011 d627
        let secret = self.entropy.secret();
        let salt: &[u8; 16] = secret.first_chunk().ok_or(DropReason::Full)?;
        let draft = Draft { weights: &report.weights, lineage: &lineage };
        let (commit, reveal) = Reveal::sign(&mut ctx.author(), &question, salt, &draft).ok_or(DropReason::Full)?;
        let id = question.id;
        let number = self.number(Work::Reveal(id));
        self.tell(ctx, &question, &[question.record.clone(), commit]);
        let own = Own { question, reveal, number };
        ctx.wake(number, own.due());
        self.own.insert(id, own);
        Ok(id)
    }

    /// The commits are in: what was hidden is shown.
    pub(super) fn reveal_due(&mut self, ctx: &mut Ctx<'_>, id: QuestionId) {
        let Some(own) = self.own.remove(&id) else { return };
        let due = own.due();
        // spec: TRUST-012 a266
        if ctx.unix_us.is_none_or(|t| t < due) {
            // The host set its clock back.
            ctx.wake(own.number, due);
            self.own.insert(id, own);
            return;
        }
        self.done(ctx.timers, own.number);
        let records: Vec<Bytes> = alloc::vec![own.reveal];
        self.tell(ctx, &own.question, &records);
    }
}
