//! What a holder keeps of a domain: its closed questions in order, and the engine that has read them.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use bytes::Bytes;

use super::hold::Held;
use crate::identity::{NodeId, QuestionId};
use crate::mesh::Mesh;
use crate::trust::truth::{Admission, Report, Truth};
use crate::{Duration, Instant};

/// Bytes of records about questions that a node keeps; more are refused.
const MAX_BYTES: usize = 64 << 20;
/// Closed questions of a domain; at the cap the first half goes, at every holder alike.
const MAX_LOG: usize = 512;
/// An engine is made anew at most so often.
const ANEW: Duration = Duration::from_secs(1);

/// A domain: its number, and how many options its questions have.
pub(super) type Key = (u32, u8);

/// Place of a question in its domain: the end of its reveals, then its name.
pub(super) type Place = (u64, QuestionId);

/// Records by name.
#[derive(Debug, Default)]
pub(super) struct Evidence {
    records: BTreeMap<[u8; 32], Bytes>,
    bytes: usize,
}

impl Evidence {
    pub(super) fn is_full(&self) -> bool {
        self.bytes >= MAX_BYTES
    }

    pub(super) fn insert(&mut self, name: [u8; 32], record: &[u8]) {
        self.bytes += record.len();
        self.records.insert(name, Bytes::copy_from_slice(record));
    }

    pub(super) fn get(&self, name: &[u8; 32]) -> Option<&Bytes> {
        self.records.get(name)
    }

    pub(super) fn forget<'a>(&mut self, names: impl Iterator<Item = &'a [u8; 32]>) {
        for record in names.filter_map(|n| self.records.remove(n)) {
            self.bytes -= record.len();
        }
    }
}

/// A domain as a holder has it. The engine is a function of what stands in the log, in its order, with the outcomes
/// that are known: never of the order in which it came.
#[derive(Debug)]
pub(super) struct Domain {
    engine: Truth,
    log: BTreeSet<Place>,
    /// The last one that the engine read.
    read: Option<Place>,
    /// What the engine has read changed since.
    stale: bool,
    made: Option<Instant>,
}

impl Domain {
    pub(super) fn new(options: u8) -> Self {
        let engine = Truth::new(usize::from(options));
        Self { engine, log: BTreeSet::new(), read: None, stale: false, made: None }
    }

    /// A question closed: those that are kept no longer.
    // spec: TRUST-021 f01e
    pub(super) fn close(&mut self, place: Place) -> Vec<QuestionId> {
        self.log.insert(place);
        self.changed(&place);
        if self.log.len() < MAX_LOG {
            return Vec::new();
        }
        self.stale = true;
        let gone: Vec<Place> = self.log.iter().take(MAX_LOG / 2).copied().collect();
        self.log.retain(|p| !gone.contains(p));
        gone.into_iter().map(|p| p.1).collect()
    }

    /// The evidence of a closed question is another one.
    pub(super) fn changed(&mut self, place: &Place) {
        self.stale |= self.read.is_some_and(|read| read >= *place);
    }

    /// Lets the engine read what it has not; from the beginning, if it must, but not again and again.
    pub(super) fn refresh(&mut self, now: Instant, mesh: &Mesh, held: &mut BTreeMap<QuestionId, Held>) {
        if self.stale {
            if self.made.is_some_and(|t| now.since(t) < ANEW) {
                return;
            }
            (self.made, self.stale, self.read) = (Some(now), false, None);
            self.engine = Truth::new(self.engine.options());
        }
        let unread = |p: &&Place| self.read.is_none_or(|read| **p > read);
        for place in self.log.iter().filter(unread).copied().collect::<Vec<_>>() {
            self.read = Some(place);
            if let Some(held) = held.get_mut(&place.1) {
                feed(&mut self.engine, mesh, held);
            }
        }
    }

    /// What is believed of a question; as of its close, if no settlement came since. Nothing while the engine is behind.
    pub(super) fn weights(&self, held: &Held) -> Option<Vec<u16>> {
        let is_read = !self.stale && self.read.is_some_and(|read| read >= held.place());
        is_read.then(|| self.engine.belief(&held.question.id.0).map(|b| b.weights).or_else(|| held.at_close.clone()))?
    }

    /// What each report on a question added, if its outcome is known and it is in the window.
    pub(super) fn gains(&self, held: &Held) -> Option<Vec<(NodeId, i32)>> {
        self.engine.gains(&held.question.id.0, held.outcome()?).ok()
    }
}

fn feed(engine: &mut Truth, mesh: &Mesh, held: &mut Held) {
    let reports = held.reports();
    for (agent, _, _) in &reports {
        // A fact of the record and no view of the moment: or it would matter when the engine reads.
        // spec: TRUST-017 3a25
        let is_vouched = mesh.is_vouched_at(agent, held.question.reveals);
        let _ = engine.admit(*agent, if is_vouched { Admission::Vouched(256) } else { Admission::Unknown });
    }
    let reports: Vec<Report<'_>> =
        reports.iter().map(|(agent, label, lineage)| Report { agent: *agent, label: *label, lineage }).collect();
    if let Ok(belief) = engine.close(held.question.reveals, held.question.id.0, &reports) {
        held.at_close = Some(belief.weights);
    }
    if let Some(option) = held.outcome() {
        // A question that left the window has nothing more to teach.
        let _ = engine.anchor(held.question.id.0, option);
    }
}
