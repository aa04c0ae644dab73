//! What a holder keeps of a domain: its closed questions in order, and the engine that has read them.

use alloc::collections::{BTreeMap, BTreeSet};
use bytes::Bytes;

use super::hold::Held;
use crate::identity::{NodeId, QuestionId};
use crate::mesh::Mesh;
use crate::trust::truth::{Admission, Report, Truth};
use crate::{Duration, Instant};

/// Records about questions that a node keeps: about 20 MB. At the cap the question that closed first goes.
const MAX_RECORDS: usize = 65_536;
/// An engine is made anew at most so often.
const ANEW: Duration = Duration::from_secs(1);

/// A domain: its number, and how many options its questions have.
pub(super) type Key = (u32, u8);

/// Records by name.
#[derive(Debug, Default)]
pub(super) struct Evidence(BTreeMap<[u8; 32], Bytes>);

impl Evidence {
    pub(super) fn is_full(&self) -> bool {
        self.0.len() >= MAX_RECORDS
    }

    pub(super) fn insert(&mut self, name: [u8; 32], record: &[u8]) {
        self.0.insert(name, Bytes::copy_from_slice(record));
    }

    pub(super) fn get(&self, name: &[u8; 32]) -> Option<&Bytes> {
        self.0.get(name)
    }

    pub(super) fn forget<'a>(&mut self, names: impl Iterator<Item = &'a [u8; 32]>) {
        names.for_each(|n| drop(self.0.remove(n)));
    }
}

/// A domain as a holder has it.
#[derive(Debug)]
pub(super) struct Domain {
    engine: Truth,
    /// Closed questions by the end of their reveals, then name.
    log: BTreeSet<(u64, QuestionId)>,
    /// The last one that the engine read.
    read: Option<(u64, QuestionId)>,
    /// Evidence came out of order: the engine has not read what stands in the log.
    stale: bool,
    made: Option<Instant>,
}

impl Domain {
    pub(super) fn new(options: u8) -> Self {
        let engine = Truth::new(usize::from(options));
        Self { engine, log: BTreeSet::new(), read: None, stale: false, made: None }
    }

    /// The question that closed first.
    pub(super) fn first(&self) -> Option<(u64, QuestionId)> {
        self.log.first().copied()
    }

    /// No longer kept; what the engine learned from it stays until it is made anew.
    pub(super) fn forget(&mut self, place: &(u64, QuestionId)) {
        self.log.remove(place);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.log.is_empty()
    }

    /// A question closed. In order, the engine reads it at once.
    // spec: TRUST-021 6567
    pub(super) fn close(&mut self, mesh: &Mesh, held: &mut Held) {
        let place = held.place();
        self.log.insert(place);
        self.stale |= self.read.is_some_and(|r| r > place);
        if !self.stale {
            self.feed(mesh, held);
        }
    }

    /// An outcome became known for a question that is closed.
    pub(super) fn anchor(&mut self, held: &Held) {
        if let Some(option) = held.outcome()
            && !self.stale
        {
            // A question that left the window has nothing more to teach.
            let _ = self.engine.anchor(held.question.id.0, option);
        }
    }

    /// Makes the engine anew from the log, if it must be and was not just now.
    pub(super) fn refresh(&mut self, now: Instant, mesh: &Mesh, held: &mut BTreeMap<QuestionId, Held>) {
        if !self.stale || self.made.is_some_and(|t| now.since(t) < ANEW) {
            return;
        }
        (self.made, self.stale, self.read) = (Some(now), false, None);
        self.engine = Truth::new(self.engine.options());
        for (_, id) in self.log.clone() {
            if let Some(held) = held.get_mut(&id) {
                self.feed(mesh, held);
            }
        }
    }

    fn feed(&mut self, mesh: &Mesh, held: &mut Held) {
        self.read = Some(held.place());
        let reports = held.reports();
        for (agent, _, _) in &reports {
            // spec: TRUST-017 d5e4
            let admission = if mesh.is_vouched_for(agent) { Admission::Vouched(256) } else { Admission::Unknown };
            let _ = self.engine.admit(*agent, admission);
        }
        let reports: alloc::vec::Vec<Report<'_>> =
            reports.iter().map(|(agent, label, lineage)| Report { agent: *agent, label: *label, lineage }).collect();
        if let Ok(belief) = self.engine.close(held.question.reveals, held.question.id.0, &reports) {
            held.first = Some(belief.weights);
        }
        self.anchor(held);
    }

    /// What is believed of a question now; as of its close, if no settlement came since.
    pub(super) fn weights(&self, held: &Held) -> Option<alloc::vec::Vec<u16>> {
        self.engine.belief(&held.question.id.0).map(|b| b.weights).or_else(|| held.first.clone())
    }

    /// What each report on a question added, if its outcome is known and it is in the window.
    pub(super) fn gains(&self, held: &Held) -> Option<alloc::vec::Vec<(NodeId, i32)>> {
        self.engine.gains(&held.question.id.0, held.outcome()?).ok()
    }
}
