//! Questions (spec 09, "Questions in the mesh"): asked by anyone, reported on in secret, held by a few members
//! that its domain names, believed by whoever asks a majority of these.
//!
//! `report.rs` is the reporter's side, `take.rs`, `hold.rs` and `compare.rs` the holder's, `domain.rs` the evidence of a
//! domain with its engine, `late.rs` what is heard of questions met late, `read.rs` the reader's, `merit.rs` what reports earned on both sides.

mod compare;
mod domain;
mod hold;
#[cfg(feature = "lab")]
pub mod lab;
mod late;
mod merit;
mod read;
mod record;
mod report;
mod seats;
mod take;

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use bytes::Bytes;
use mindos_wire::{Bytes16, Frame, Hash, List, Message, Tail, TrustHave, TrustRecord, TrustWant};

use crate::entropy::Entropy;
use crate::identity::{Identity, NodeId, QuestionId, Reserve};
use crate::mesh::Mesh;
use crate::outbox::{Effect, Effects, frame};
use crate::timer::{Timer, Timers};
use crate::trust::budget::Budget;
use crate::{DropReason, Duration, Event, Instant, QuestionRequest, Report};
use domain::{Domain, Evidence};
use hold::Held;
#[cfg(test)]
pub(crate) use merit::Merit;
use merit::Merits;
use read::Reading;
#[cfg(test)]
pub(crate) use record::Computed;
use record::{Author, Question};
use report::Own;

/// Bytes of answers that one peer gets within a second; what is beyond is not answered.
const BUDGET: usize = 512 * 1024;
/// Members that hold a domain.
const HOLDERS: usize = 5;
/// Clocks may differ by so many seconds, and a message may take as long.
const LATE: u64 = 2;
/// From the end of the commits to the end of the reveals, at least, in seconds.
const LEAST_REVEALS: u64 = 4 * LATE;

/// What this machine needs from the node.
pub(crate) struct Ctx<'a> {
    pub(crate) now: Instant,
    pub(crate) identity: &'a Identity,
    pub(crate) timers: &'a mut Timers,
    pub(crate) out: &'a mut Effects,
    pub(crate) sequences: &'a mut Reserve,
    /// µs since 1970 at `now`, if the host ever told the time.
    pub(crate) unix_us: Option<u64>,
    /// Read only: who is in service, and for whom roots stand up.
    pub(crate) mesh: &'a Mesh,
}

impl Ctx<'_> {
    fn author(&mut self) -> Author<'_> {
        Author { identity: self.identity, sequences: self.sequences, out: self.out }
    }

    /// µs since 1970.
    fn clock(&self) -> Result<u64, DropReason> {
        self.unix_us.ok_or(DropReason::NotReady)
    }

    /// Wakes the work `number` at `unix_us`.
    fn wake(&mut self, number: u64, unix_us: u64) {
        let wait = unix_us.saturating_sub(self.unix_us.unwrap_or(unix_us));
        self.timers.set(Timer::Question(number), self.now + Duration(wait));
    }

    fn send(&mut self, to: NodeId, frames: Vec<u8>) {
        self.out.push_back(Effect::message(to, frames));
    }
}

/// Whole seconds of Unix time in µs.
const fn us(seconds: u64) -> u64 {
    seconds.saturating_mul(1_000_000)
}

/// What a timer's number stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Work {
    Hold(QuestionId),
    Reveal(QuestionId),
    Read(QuestionId),
    Appraise(u32),
}

/// All sides of questions at one node.
#[derive(Debug)]
pub(crate) struct Questions {
    entropy: Entropy,
    held: BTreeMap<QuestionId, Held>,
    domains: BTreeMap<domain::Key, Domain>,
    evidence: Evidence,
    own: BTreeMap<QuestionId, Own>,
    readings: BTreeMap<QuestionId, Reading>,
    merits: Merits,
    seats: seats::Seats,
    late: late::Names,
    works: BTreeMap<u64, Work>,
    /// Bytes of answers that peers had within a second.
    budget: Budget,
    next_number: u64,
}

impl Questions {
    pub(crate) fn new(entropy: Entropy) -> Self {
        Self {
            entropy,
            held: BTreeMap::new(),
            domains: BTreeMap::new(),
            evidence: Evidence::default(),
            own: BTreeMap::new(),
            readings: BTreeMap::new(),
            merits: Merits::default(),
            seats: seats::Seats::default(),
            late: late::Names::default(),
            works: BTreeMap::new(),
            budget: Budget::new(Duration::from_secs(1), BUDGET),
            next_number: 0,
        }
    }

    fn number(&mut self, work: Work) -> u64 {
        self.next_number += 1;
        self.works.insert(self.next_number, work);
        self.next_number
    }

    fn done(&mut self, timers: &mut Timers, number: u64) {
        self.works.remove(&number);
        timers.cancel(Timer::Question(number));
    }

    /// Asks a question.
    ///
    /// # Errors
    /// An argument out of range, the time is not known, or no number is ready; nothing changes.
    pub(crate) fn ask(&mut self, ctx: &mut Ctx<'_>, request: &QuestionRequest) -> Result<QuestionId, DropReason> {
        let clock = ctx.clock()?;
        if !(2..=super::truth::MAX_OPTIONS).contains(&usize::from(request.options)) {
            return Err(DropReason::ApiMisuse("2 to 16 options"));
        }
        if us(request.closes) <= clock || !record::is_timely(request.closes, request.reveals, clock / us(1)) {
            return Err(DropReason::ApiMisuse("a question closes within a year, and reveals last 8 s to 30 days"));
        }
        let question = Question::sign(&mut ctx.author(), request).ok_or(DropReason::Full)?;
        let id = question.id;
        ctx.out.push_back(Effect::Event(Event::Asked { question: id, record: question.record.clone() }));
        self.tell(ctx, &question, core::slice::from_ref(&question.record));
        Ok(id)
    }

    /// Stands for an outcome.
    ///
    /// # Errors
    /// The record is no question, the option is none of its, or no number is ready; nothing changes.
    pub(crate) fn anchor(
        &mut self,
        ctx: &mut Ctx<'_>,
        question: &[u8],
        option: u8,
        source: &[u8; 32],
    ) -> Result<(), DropReason> {
        let question = Question::verify(ctx.identity, question)?;
        if option >= question.options {
            return Err(DropReason::ApiMisuse("the question has no such option"));
        }
        let anchor = record::Anchor::sign(&mut ctx.author(), &question, option, source).ok_or(DropReason::Full)?;
        self.tell(ctx, &question, &[anchor]);
        Ok(())
    }

    /// Records about a question, to those that hold it; this node may be one.
    fn tell(&mut self, ctx: &mut Ctx<'_>, question: &Question, records: &[Bytes]) {
        let frames: Vec<u8> = records.iter().flat_map(carried).collect();
        for holder in self.seats.holders(ctx, question.domain) {
            if holder == ctx.identity.id {
                let me = ctx.identity.id;
                // What one cannot hold oneself, others may.
                for r in records {
                    let _ = self.record(ctx, &me, r);
                }
            } else {
                ctx.send(holder, frames.clone());
            }
        }
    }

    /// A frame about questions.
    ///
    /// # Errors
    /// The frame was not used; nothing changed.
    pub(crate) fn frame(&mut self, ctx: &mut Ctx<'_>, from: &NodeId, f: &Frame<'_>) -> Result<(), DropReason> {
        match f {
            Frame::TrustRecord(f) => self.record(ctx, from, f.record.0),
            Frame::TrustWant(f) => self.on_want(ctx, from, f),
            Frame::TrustHave(f) => self.on_have(ctx, from, f),
            _ => Err(DropReason::UnexpectedFrame),
        }
    }

    /// A record about a question.
    fn record(&mut self, ctx: &mut Ctx<'_>, from: &NodeId, bytes: &[u8]) -> Result<(), DropReason> {
        match bytes.first().copied() {
            Some(mindos_wire::QuestionBody::TYPE | mindos_wire::ForecastQuestionBody::TYPE) => {
                self.on_question(ctx, from, bytes)
            }
            Some(mindos_wire::CommitBody::TYPE) => self.on_commit(ctx, from, bytes),
            Some(mindos_wire::RevealBody::TYPE) => self.on_reveal(ctx, from, bytes),
            Some(mindos_wire::AnchorBody::TYPE) => self.on_anchor(ctx, from, bytes),
            Some(mindos_wire::BeliefBody::TYPE) => self.on_belief(ctx, from, bytes),
            Some(mindos_wire::MeritBody::TYPE) => self.on_merit(ctx, from, bytes),
            _ => Err(DropReason::UnexpectedRecord),
        }
    }

    /// The host told the time: what waits for a moment of it waits anew.
    pub(crate) fn clock_set(&mut self, ctx: &mut Ctx<'_>) {
        for (number, work) in &self.works {
            let due = match work {
                Work::Hold(id) => self.held.get(id).and_then(Held::due),
                Work::Reveal(id) => self.own.get(id).map(Own::due),
                Work::Read(_) | Work::Appraise(_) => None,
            };
            if let Some(due) = due {
                ctx.wake(*number, due);
            }
        }
    }

    /// The node takes no further part.
    pub(crate) fn stop(&mut self, timers: &mut Timers) {
        self.works.keys().for_each(|number| timers.cancel(Timer::Question(*number)));
        self.works.clear();
        (self.held, self.own, self.readings) = Default::default();
        (self.domains, self.evidence, self.merits, self.late) = Default::default();
    }

    /// A timer of this machine.
    pub(crate) fn timer(&mut self, ctx: &mut Ctx<'_>, number: u64) {
        match self.works.get(&number).copied() {
            Some(Work::Hold(question)) => self.hold_due(ctx, question),
            Some(Work::Reveal(question)) => self.reveal_due(ctx, question),
            Some(Work::Read(question)) => self.read_due(ctx, question),
            Some(Work::Appraise(domain)) => self.appraisal_due(ctx, domain),
            None => {}
        }
    }
}

/// Whether a record is one of this machine's, by its type.
pub(crate) fn is_about(record: &[u8]) -> bool {
    use mindos_wire::{AnchorBody, BeliefBody, CommitBody, ForecastQuestionBody, MeritBody, QuestionBody, RevealBody};
    let asked = [QuestionBody::TYPE, ForecastQuestionBody::TYPE];
    let said = [CommitBody::TYPE, RevealBody::TYPE, AnchorBody::TYPE, BeliefBody::TYPE, MeritBody::TYPE];
    record.first().is_some_and(|t| asked.contains(t) || said.contains(t))
}

/// A record in its frame.
fn carried(record: &Bytes) -> Vec<u8> {
    frame(&TrustRecord { record: Bytes16(record), tail: Tail::default() })
}

/// The frames that ask for records by name, so many as one frame names.
fn wanted(names: impl Iterator<Item = [u8; 32]>) -> Vec<u8> {
    let mut names: Vec<Hash> = names.map(|value| Hash { value }).collect();
    names.sort_by_key(|h| h.value);
    let pages = names.chunks(255).map(|page| frame(&TrustWant { records: List::new(page), tail: Tail::default() }));
    pages.flatten().collect()
}

/// The frame that names records about a question.
fn had(about: &QuestionId, root: &[u8; 32], names: &[[u8; 32]]) -> Vec<u8> {
    let names: Vec<Hash> = names.iter().map(|value| Hash { value: *value }).collect();
    frame(&TrustHave { about: &about.0, root, records: List::new(&names), tail: Tail::default() })
}

/// A report of this node's host.
pub(crate) type Reported<'a> = (&'a [u8], &'a Report);

#[cfg(test)]
impl Questions {
    pub(crate) fn states_merit(&mut self, ctx: &Ctx<'_>, domain: u32) -> Option<Merit> {
        self.merit(ctx, domain).map(|s| s.merit.clone())
    }

    pub(crate) fn holds(&self, id: &QuestionId) -> bool {
        self.held.contains_key(id)
    }

    /// Names that fellows told of questions that this node met late.
    pub(crate) fn late_names(&self) -> usize {
        self.late.all()
    }

    /// Reveals of a question that this node holds.
    pub(crate) fn revealed(&self, id: &QuestionId) -> usize {
        self.held.get(id).map_or(0, |h| h.reveals.len())
    }
}

/// The records of a commit and a reveal of this identity, for tests that send them when they should not.
#[cfg(test)]
pub(crate) fn sign(
    identity: &Identity,
    sequences: &mut Reserve,
    out: &mut Effects,
    question: &[u8],
    salt: &[u8; 16],
    weights: &[u16],
) -> Option<(Bytes, Bytes)> {
    let question = Question::verify(identity, question).ok()?;
    let draft = record::Draft { weights, lineage: &[] };
    record::Reveal::sign(&mut Author { identity, sequences, out }, &question, salt, &draft)
}
