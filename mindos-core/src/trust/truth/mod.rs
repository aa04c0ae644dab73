//! The truth engine (spec 09): from the reports on questions of one domain, what is true and who knows.
//!
//! Feed it closed questions and known outcomes; it settles by itself, in integers, so that everybody who
//! holds the same evidence computes the same bits. A settlement, in the order of the spec: `window` · `blocs` (from
//! `pairs`) · `voices` · `weigh` (`reading` by `rounds`) · `strangers`; `belief` reads what it left.

mod belief;
mod blocs;
pub(super) mod fixed;
mod pairs;
mod reading;
mod rounds;
pub(super) mod strangers;
#[cfg(test)]
mod tests;
mod voices;
mod weigh;
mod window;

use alloc::collections::{BTreeMap, VecDeque};
use alloc::vec::Vec;

use crate::NodeId;
use blocs::{ALONE, blocs};
use fixed::ONE;
use pairs::Pairs;

/// Options of a question, at most.
pub const MAX_OPTIONS: usize = 16;
/// Reports on one question, at most.
pub const MAX_REPORTS: usize = 1_024;
/// Reports that are weighed again at every settlement, besides those of strangers.
pub const WINDOW: usize = 16_384;
/// Reports before the first settlement, and between two at least.
const FIRST: usize = 64;
/// Agents that are known, the window's among them.
const MAX_AGENTS: usize = 32_768;

/// What a reader knows of an agent before it reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Admission {
    /// Nobody vouches for it: its reports weigh exactly zero until anchors prove that it knows.
    #[default]
    Unknown,
    /// The reader's roots vouch for it, with so many parts per 256 of the domain's full stake; 256 at most.
    Vouched(u16),
}

/// One agent's report on one question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Report<'a> {
    /// Who says so. At most one report of an agent counts, the first.
    pub agent: NodeId,
    /// The option that it holds true, below the domain's options.
    pub label: u8,
    /// Names of the sources that the report rests on: reports that share one share a voice.
    pub lineage: &'a [[u8; 32]],
}

/// Why evidence was not taken. Nothing changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// A question is closed once.
    #[error("the question was closed before")]
    Closed,
    /// The question is not in the window: never closed, or too long ago.
    #[error("the question is not in the window")]
    Gone,
    /// A label or an outcome that the domain has not.
    #[error("the domain has no such option")]
    Option,
    /// More than [`MAX_REPORTS`].
    #[error("more than 1024 reports on one question")]
    TooMany,
    /// More agents than a domain can number.
    #[error("the domain has no room for another agent")]
    Full,
}

/// What is believed of a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Belief {
    /// The option held true.
    pub label: u8,
    /// Probability of each option in parts per 65,535; they add up to that.
    pub weights: Vec<u16>,
}

/// What the engine thinks of an agent in this domain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Competence {
    /// 0 at chance or below, 65,536 for who is always right.
    pub informed: u32,
    /// Reports in the window.
    pub reports: u32,
    /// Whether its habit turned within the window.
    pub turned: bool,
}

/// A question that waits for the next settlement.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Pending {
    at: u64,
    /// By agent, rising.
    reports: Vec<Told>,
    anchor: Option<u8>,
}

/// A report on a question that waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Told {
    agent: NodeId,
    /// The agent's index, if it had one when the question closed: nobody is forgotten before it is settled.
    index: Option<u16>,
    label: u8,
    lineage: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Question {
    id: [u8; 32],
    reports: u32,
    anchor: Option<u8>,
}

/// A report in the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Filed {
    agent: u16,
    label: u8,
    /// Whether it was put here without a voice.
    stranger: bool,
    /// Bits of the question's sources that it declares: two reports that share one share a voice.
    lineage: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Agent {
    id: NodeId,
    admission: Admission,
    bloc: u8,
    /// `None` before its first settlement.
    competence: Option<Competence>,
    /// Parts per 256 of a voice that its anchored reports in the window are worth.
    earned: u16,
    /// Whether it was compared with others: what it said before it had a voice was not.
    met: bool,
    /// Number of its last report, from 1 on; 0 before the first.
    last: u64,
}

/// The evidence of one domain and what follows from it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Truth {
    options: usize,
    agents: Vec<Agent>,
    names: BTreeMap<NodeId, u16>,
    pairs: Pairs,
    /// Reports that left the window, by agent, label and truth, in parts per 2^8.
    memory: Vec<u16>,
    /// What was true before the window, by option.
    class: [i64; MAX_OPTIONS],
    questions: VecDeque<Question>,
    /// Their reports, in the same order.
    filed: VecDeque<Filed>,
    /// By question: probability of each option, as held and as published.
    held: VecDeque<i32>,
    published: VecDeque<i32>,
    /// Number of a question since the beginning.
    numbers: BTreeMap<[u8; 32], u64>,
    /// Questions that left the window, and reports that were ever put there.
    left: u64,
    came: u64,
    pending: BTreeMap<[u8; 32], Pending>,
    /// Reports with a voice on the pending questions, and how many make a settlement due.
    waiting: usize,
    due: usize,
    /// The estimate of the last settlement: bits of each truth by agent and label, and before any report.
    tables: Vec<i32>,
    prior: [i64; MAX_OPTIONS],
    mean: i64,
    visits: u64,
}

impl Truth {
    /// A domain whose questions have `options` options: 2 to [`MAX_OPTIONS`], other numbers are taken as the
    /// nearest of these.
    pub fn new(options: usize) -> Self {
        Self {
            options: options.clamp(2, MAX_OPTIONS),
            agents: Vec::new(),
            names: BTreeMap::new(),
            pairs: Pairs::new(),
            memory: Vec::new(),
            class: [0; MAX_OPTIONS],
            questions: VecDeque::new(),
            filed: VecDeque::new(),
            held: VecDeque::new(),
            published: VecDeque::new(),
            numbers: BTreeMap::new(),
            left: 0,
            came: 0,
            pending: BTreeMap::new(),
            waiting: 0,
            due: FIRST,
            tables: Vec::new(),
            prior: [0; MAX_OPTIONS],
            mean: ONE * 7 / 10,
            visits: 0,
        }
    }

    /// How many options its questions have.
    pub const fn options(&self) -> usize {
        self.options
    }

    /// What the reader's roots say of an agent, until it is forgotten. Estimates follow at the next settlement;
    /// which reports of a question are kept follows from what was said before it closed.
    ///
    /// # Errors
    /// 32,768 agents are known; nothing changed then.
    pub fn admit(&mut self, agent: NodeId, admission: Admission) -> Result<(), Refused> {
        let i = self.agent(agent).ok_or(Refused::Full)?;
        self.agents[usize::from(i)].admission = admission;
        Ok(())
    }

    /// Takes in a question whose reports are all known, and which took no more from the time `at` on (Unix
    /// seconds of its record). Settles when enough have come; until then, the order of questions is nothing.
    ///
    /// Returns what is believed of it at once, by the estimates of the last settlement.
    ///
    /// # Errors
    /// A label that the domain has not, too many reports, or a question that was closed before; nothing
    /// changed then.
    pub fn close(&mut self, at: u64, question: [u8; 32], reports: &[Report<'_>]) -> Result<Belief, Refused> {
        // spec: TRUST-006 52b0
        if self.numbers.contains_key(&question) || self.pending.contains_key(&question) {
            return Err(Refused::Closed);
        }
        // spec: TRUST-005 74f3
        if reports.len() > MAX_REPORTS {
            return Err(Refused::TooMany);
        }
        if reports.iter().any(|r| usize::from(r.label) >= self.options) {
            return Err(Refused::Option);
        }
        let mut first: Vec<&Report<'_>> = reports.iter().collect();
        first.sort_by_key(|r| r.agent);
        first.dedup_by_key(|r| r.agent);
        let index = |r: &Report<'_>| self.names.get(&r.agent).copied();
        // Whoever has no voice names no sources either: or it could push those that others share out of the number.
        let voiced = first.iter().filter(|r| index(r).is_some_and(|i| self.cap(i) > 0));
        let mut sources: Vec<&[u8; 32]> = voiced.flat_map(|r| r.lineage).collect();
        sources.sort_unstable();
        sources.dedup();
        // A source that only one report names joins nothing, but finding that out costs more than a bit.
        let bit = |s: &[u8; 32]| sources.binary_search(&s).map_or(0, |i| 1u64.checked_shl(i as u32).unwrap_or(0));
        let told = |r: &&Report<'_>| Told {
            agent: r.agent,
            index: index(r),
            label: r.label,
            lineage: r.lineage.iter().map(bit).fold(0, |a, b| a | b),
        };
        let mut filed: Vec<Told> = first.iter().map(told).collect();
        // Strangers are cut before they could hurry a settlement or push others out of the window.
        let voices = strangers::seat(&question, &mut filed, |r| r.index.is_some_and(|i| self.cap(i) > 0));
        let belief = self.at_once(&filed);
        // A question that nobody answered counts, too: none may pile up.
        self.waiting += voices.max(1);
        self.pending.insert(question, Pending { at, reports: filed, anchor: None });
        if self.waiting >= self.due {
            self.settle();
        }
        Ok(belief)
    }

    /// An outcome that became known, from a source that the reader chose. It counts from the next settlement
    /// on, for as long as the question is in the window.
    ///
    /// # Errors
    /// A question that is not in the window, or an option that the domain has not; nothing changed then.
    pub fn anchor(&mut self, question: [u8; 32], outcome: u8) -> Result<(), Refused> {
        if usize::from(outcome) >= self.options {
            return Err(Refused::Option);
        }
        if let Some(p) = self.pending.get_mut(&question) {
            p.anchor = Some(outcome);
            return Ok(());
        }
        let place = self.place(&question).ok_or(Refused::Gone)?;
        self.questions[place].anchor = Some(outcome);
        Ok(())
    }

    /// What is believed of a question in the window, as of the last settlement.
    pub fn belief(&self, question: &[u8; 32]) -> Option<Belief> {
        let place = self.place(question)?;
        let shares: Vec<i64> =
            self.published.range(place * self.options..).take(self.options).map(|&p| i64::from(p)).collect();
        Some(Belief::of(&shares))
    }

    /// What the engine thinks of an agent, as of the last settlement; `None` for who never reported.
    pub fn competence(&self, agent: &NodeId) -> Option<Competence> {
        self.names.get(agent).and_then(|&i| self.agents[usize::from(i)].competence)
    }

    /// Reports that were looked at so far, once for each time.
    pub const fn visits(&self) -> u64 {
        self.visits
    }

    /// Bytes of state: by agent, and of the window with the table of pairs.
    pub fn bytes(&self) -> (usize, usize) {
        let k = self.options * self.options;
        let agents = self.agents.len() * (size_of::<Agent>() + k * 6 + size_of::<(NodeId, u16)>() * 3 / 2);
        let window = self.filed.len() * size_of::<Filed>()
            + self.questions.len() * (size_of::<Question>() + self.options * 8 + 60);
        (agents, window + self.pairs.bytes())
    }

    fn place(&self, question: &[u8; 32]) -> Option<usize> {
        self.numbers.get(question).map(|n| (n - self.left) as usize)
    }

    /// An agent's index; a new one while there is room.
    fn agent(&mut self, id: NodeId) -> Option<u16> {
        let next = self.agents.len() as u16;
        if self.agents.len() >= MAX_AGENTS && !self.names.contains_key(&id) {
            return None;
        }
        let i = *self.names.entry(id).or_insert(next);
        if i == next {
            self.agents.push(Agent {
                id,
                admission: Admission::Unknown,
                bloc: ALONE,
                competence: None,
                earned: 0,
                met: false,
                last: 0,
            });
            let k = self.options * self.options;
            self.memory.resize(self.memory.len() + k, 0);
            self.tables.resize(self.tables.len() + k, 0);
        }
        Some(i)
    }

    /// Parts per 256 of a voice that an agent can have.
    fn cap(&self, agent: u16) -> u32 {
        // spec: TRUST-003 732f
        let agent = &self.agents[usize::from(agent)];
        match agent.admission {
            Admission::Vouched(stake) => u32::from(stake.min(256)),
            Admission::Unknown => u32::from(agent.earned),
        }
    }

    /// Weighs everything in the window anew (spec 09, "Settlement").
    // spec: TRUST-001 39d9
    pub fn settle(&mut self) {
        self.meet();
        self.file();
        self.thin();
        self.slide();
        self.forget();
        for (agent, bloc) in self.agents.iter_mut().zip(blocs(&self.pairs, self.names.len())) {
            agent.bloc = bloc;
        }
        self.weigh();
        self.due = FIRST.max(self.voiced().min(WINDOW) / 3);
    }
}
