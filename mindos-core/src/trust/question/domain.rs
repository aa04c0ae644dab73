//! What a holder keeps of a domain: its closed questions in order, and the engine that has read them.

#[cfg(test)]
mod tests;

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use bytes::Bytes;

use super::hold::{Filed, Held};
use crate::identity::{NodeId, QuestionId};
use crate::trust::forecast::{Forecast, Forecasts};
use crate::trust::truth::{Admission, Belief, Report, Truth};
use crate::{Duration, Instant};

/// Bytes of records about questions that a node keeps; more are refused.
const MAX_BYTES: usize = 64 << 20;
/// Closed questions of a domain; at the cap the first half goes, at every holder alike.
const MAX_LOG: usize = 512;
/// An engine is made anew at most so often.
const ANEW: Duration = Duration::from_secs(1);

/// A domain: questions that are judged together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) number: u32,
    /// Of each question.
    pub(super) options: u8,
    /// Whether its reports are read as forecasts.
    pub(super) forecasts: bool,
}

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
    key: Key,
    engine: Engine,
    log: BTreeSet<Place>,
    /// The last one that was given up: none up to it is taken again.
    given_up: Option<Place>,
    /// The last one that the engine read.
    read: Option<Place>,
    /// What the engine has read changed since.
    stale: bool,
    made: Option<Instant>,
    /// Rises whenever gains may be others.
    version: u64,
}

impl Domain {
    pub(super) fn new(key: Key) -> Self {
        let engine = Engine::new(key);
        Self { key, engine, log: BTreeSet::new(), given_up: None, read: None, stale: false, made: None, version: 0 }
    }

    /// A question closed: those that are kept no longer.
    // spec: TRUST-021 f01e
    pub(super) fn close(&mut self, place: Place) -> Vec<QuestionId> {
        if self.gave_up(&place) {
            return Vec::from([place.1]);
        }
        self.log.insert(place);
        self.changed(&place);
        if self.log.len() < MAX_LOG {
            return Vec::new();
        }
        self.stale = true;
        let gone: Vec<Place> = self.log.iter().take(MAX_LOG / 2).copied().collect();
        self.log.retain(|p| !gone.contains(p));
        self.given_up = gone.last().copied();
        gone.into_iter().map(|p| p.1).collect()
    }

    /// Whether this domain gave up a question of this place: who tells of it again would have it judged twice.
    pub(super) fn gave_up(&self, place: &Place) -> bool {
        self.given_up.is_some_and(|last| *place <= last)
    }

    /// The evidence of a closed question is another one.
    pub(super) fn changed(&mut self, place: &Place) {
        self.stale |= self.read.is_some_and(|read| read >= *place);
    }

    /// Lets the engine read what it has not; from the beginning, if it must, but not again and again.
    pub(super) fn refresh(&mut self, now: Instant, held: &mut BTreeMap<QuestionId, Held>) {
        if self.stale {
            if self.made.is_some_and(|t| now.since(t) < ANEW) {
                return;
            }
            (self.made, self.stale, self.read) = (Some(now), false, None);
            self.engine = Engine::new(self.key);
            self.version += 1;
        }
        let settled = self.engine.settled();
        let unread = |p: &&Place| self.read.is_none_or(|read| **p > read);
        for place in self.log.iter().filter(unread).copied().collect::<Vec<_>>() {
            self.read = Some(place);
            if let Some(held) = held.get_mut(&place.1) {
                self.engine.read(held);
                self.version += u64::from(held.outcome().is_some());
            }
        }
        self.version += u64::from(settled != self.engine.settled());
    }

    /// Of the engine, if it has read all that there is.
    pub(super) fn version(&self) -> Option<u64> {
        (!self.stale && self.read >= self.log.last().copied()).then_some(self.version)
    }

    /// Closed questions whose outcome is known.
    pub(super) fn resolved<'a>(&'a self, held: &'a BTreeMap<QuestionId, Held>) -> impl Iterator<Item = Place> + 'a {
        self.log.iter().filter(|p| held.get(&p.1).is_some_and(|h| h.outcome().is_some())).copied()
    }

    /// What is believed of a question; as of its close, if no settlement came since. Nothing while the engine is behind.
    pub(super) fn weights(&self, held: &Held) -> Option<Vec<u16>> {
        let is_read = !self.stale && self.read.is_some_and(|read| read >= held.place());
        is_read.then(|| self.engine.weights(held))?
    }

    /// What each report on a question added, if its outcome is known and it is in the window.
    pub(super) fn gains(&self, held: &Held) -> Option<Vec<(NodeId, i32)>> {
        self.engine.gains(held)
    }
}

/// What reads the reports of a domain.
#[derive(Debug)]
enum Engine {
    Labels(Box<Truth>),
    Forecasts(Forecasts),
}

impl Engine {
    fn new(key: Key) -> Self {
        if key.forecasts {
            Self::Forecasts(Forecasts::new())
        } else {
            Self::Labels(Box::new(Truth::new(usize::from(key.options))))
        }
    }

    /// Another number after each settlement; pools need none.
    fn settled(&self) -> u64 {
        match self {
            Self::Labels(truth) => truth.visits(),
            Self::Forecasts(_) => 0,
        }
    }

    /// Takes in a closed question, with its outcome if that is known.
    fn read(&mut self, held: &mut Held) {
        match self {
            Self::Labels(truth) => {
                let reports = held.reports();
                for (agent, _, _) in &reports {
                    let admission = match held.parts(agent) {
                        0 => Admission::Unknown,
                        parts => Admission::Vouched(parts),
                    };
                    let _ = truth.admit(*agent, admission);
                }
                judge(truth, held, &reports);
            }
            Self::Forecasts(pool) => {
                let forecasts = held.forecasts();
                forecasts.iter().for_each(|f| pool.admit(f.agent, held.parts(&f.agent)));
                foresee(pool, held, &forecasts);
            }
        }
    }

    fn weights(&self, held: &Held) -> Option<Vec<u16>> {
        let settled = match self {
            Self::Labels(truth) => truth.belief(&held.question.id.0),
            Self::Forecasts(_) => None,
        };
        settled.map(|b| b.weights).or_else(|| held.at_close.clone())
    }

    fn gains(&self, held: &Held) -> Option<Vec<(NodeId, i32)>> {
        match self {
            Self::Labels(truth) => truth.gains(&held.question.id.0, held.outcome()?).ok(),
            Self::Forecasts(_) => held.gained.clone(),
        }
    }
}

fn judge(truth: &mut Truth, held: &mut Held, reports: &[Filed]) {
    let reports: Vec<Report<'_>> =
        reports.iter().map(|(agent, label, lineage)| Report { agent: *agent, label: *label, lineage }).collect();
    if let Ok(belief) = truth.close(held.question.reveals, held.question.id.0, &reports) {
        held.at_close = Some(belief.weights);
    }
    if let Some(option) = held.outcome() {
        // A question that left the window has nothing more to teach.
        let _ = truth.anchor(held.question.id.0, option);
    }
}

fn foresee(pool: &mut Forecasts, held: &mut Held, forecasts: &[Forecast]) {
    let options = usize::from(held.question.options);
    held.at_close = Some(Belief::of(&pool.pool(options, forecasts)).weights);
    held.gained = held.outcome().map(|option| pool.gains(options, forecasts, option));
    if let Some(option) = held.outcome() {
        pool.resolve(options, forecasts, option);
    }
}
