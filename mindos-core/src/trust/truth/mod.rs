//! The truth engine (spec 09): from the reports on questions of one domain, what is true and who knows.
//!
//! Feed it closed questions and known outcomes; it settles by itself, in integers, so that everybody who
//! holds the same evidence computes the same bits.

mod blocs;
pub(super) mod fixed;
mod pairs;
mod reading;
mod rounds;
pub(super) mod strangers;
#[cfg(test)]
mod tests;

use alloc::collections::{BTreeMap, VecDeque};
use alloc::vec;
use alloc::vec::Vec;

use crate::NodeId;
use blocs::{ALONE, blocs};
use fixed::{ONE, log2_ratio, softmax};
use pairs::Pairs;
use reading::{Evidence, Model, Reading, heard, temper};
use rounds::{BLOCKS, assumed};
use strangers::Trial;

/// Options of a question, at most.
pub const MAX_OPTIONS: usize = 16;
/// Reports on one question, at most.
pub const MAX_REPORTS: usize = 1_024;
/// Reports that are weighed again at every settlement, besides those of strangers.
pub const WINDOW: usize = 16_384;
/// Reports before the first settlement, and between two at least.
const FIRST: usize = 64;
/// Agents without a report in the window that are remembered.
const MAX_IDLE: usize = 4_096;
/// Agents that are known, the window's among them.
const MAX_AGENTS: usize = 32_768;
/// Reports of an agent that its memory counts, and of all that the memory of the options counts.
const MEMORY: u32 = 40 * 256;
const CLASS_MEMORY: i64 = 2_000 * ONE;
/// Rounds of the first estimation, of one that starts again, and how often it starts again.
const ROUNDS: u32 = 5;
const RESTART_ROUNDS: u32 = 3;
const RESTARTS: u32 = 2;
/// A reading replaces another if its score is higher by this many bits.
const MARGIN: i64 = 2 * ONE;
/// What being heard weighs against anchors.
const HEARD: i64 = 3;
/// What tables must explain of all there is for each bit of *heard* that they cost: one part in so many.
const TABLES: i64 = 2;
/// Anchors from which they decide between tables and the one-coin model.
const ONE_COIN: usize = 10;

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

    /// What each report on a question in the window added, if `outcome` is what came true: the quadratic score
    /// (2 p - sum of squares, in parts per 2^16) of the estimate with a newcomer's word for the same, less that of the
    /// estimate without it. All stake the same: what somebody is trusted for already is not what it adds. A report
    /// that says what would be believed without it adds nothing, and a copy adds nothing; a lie takes away.
    ///
    /// # Errors
    /// A question that is not in the window, or an option that the domain has not.
    pub fn gains(&self, question: &[u8; 32], outcome: u8) -> Result<Vec<(NodeId, i32)>, Refused> {
        if usize::from(outcome) >= self.options {
            return Err(Refused::Option);
        }
        let place = self.place(question).ok_or(Refused::Gone)?;
        let start: usize = self.questions.range(..place).map(|q| q.reports as usize).sum();
        let filed: Vec<Filed> =
            self.filed.range(start..).take(self.questions[place].reports as usize).copied().collect();
        let circles = self.circles(&filed);
        let heard = circles.caps.iter().filter(|c| **c > 0).count();
        let score =
            |shares: &[i64]| 2 * shares[usize::from(outcome)] - shares.iter().map(|p| (p * p) >> 16).sum::<i64>();
        let gain = |(i, r): (usize, &Filed)| {
            let mut bits = [0i64; MAX_OPTIONS];
            // A copy takes from those that it copies what it has: together they say no more than before.
            let mut added = i64::from(circles.voice(i, 0));
            for (j, other) in filed.iter().enumerate().filter(|&(j, _)| j != i) {
                let own = if circles.related(&filed, i, j) { circles.caps[i] } else { 0 };
                let voice = circles.voice(j, own);
                added -= i64::from(voice) - i64::from(circles.voice(j, 0));
                self.hear(other, voice, &mut bits);
            }
            let without = self.estimate(&bits, heard);
            let likeliest = first_highest(without.iter().copied());
            self.assume(r.label, added.max(0), &mut bits);
            let with = self.estimate(&bits, heard);
            let added = if likeliest == usize::from(r.label) { 0 } else { score(&with) - score(&without) };
            (self.agents[usize::from(r.agent)].id, added as i32)
        };
        Ok(filed.iter().enumerate().map(gain).collect())
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

    /// Compares what agents said before they had a voice with what others said, as soon as they have one: copies
    /// must not be heard as many even once.
    fn meet(&mut self) {
        let new: Vec<bool> =
            self.agents.iter().enumerate().map(|(i, a)| !a.met && a.last > 0 && self.cap(i as u16) > 0).collect();
        if !new.contains(&true) {
            return;
        }
        let mut start = 0;
        for q in &self.questions {
            let reports = self.filed.range(start..).take(q.reports as usize);
            start += q.reports as usize;
            let heard: Vec<(u16, u8)> = reports.filter(|r| self.cap(r.agent) > 0).map(|r| (r.agent, r.label)).collect();
            self.pairs.compare(&heard, |agent| new[usize::from(agent)]);
        }
        for (agent, new) in self.agents.iter_mut().zip(new) {
            agent.met |= new;
        }
    }

    /// Reports in the window that had a voice when they were put there.
    fn voiced(&self) -> usize {
        self.filed.iter().filter(|r| !r.stranger).count()
    }

    /// Moves the pending questions into the window, in the order of time, then name.
    fn file(&mut self) {
        let mut pending: Vec<([u8; 32], Pending)> = core::mem::take(&mut self.pending).into_iter().collect();
        self.waiting = 0;
        pending.sort_by_key(|(id, p)| (p.at, *id));
        for (id, p) in pending {
            let mut compared = Vec::with_capacity(p.reports.len());
            let mut reports = 0;
            for &Told { agent, index, label, lineage } in &p.reports {
                let Some(agent) = index.or_else(|| self.agent(agent)) else { continue };
                reports += 1;
                self.came += 1;
                let stranger = self.cap(agent) == 0;
                self.filed.push_back(Filed { agent, label, stranger, lineage });
                let state = &mut self.agents[usize::from(agent)];
                state.last = self.came;
                if !stranger {
                    state.met = true;
                    compared.push((agent, label));
                }
            }
            self.pairs.compare(&compared, |_| true);
            self.numbers.insert(id, self.left + self.questions.len() as u64);
            self.questions.push_back(Question { id, reports, anchor: p.anchor });
            self.held.extend(core::iter::repeat_n((ONE / self.options as i64) as i32, self.options));
            self.published.extend(core::iter::repeat_n((ONE / self.options as i64) as i32, self.options));
        }
    }

    /// Drops the oldest reports of strangers beyond their part of the window.
    fn thin(&mut self) {
        let mut excess = (self.filed.len() - self.voiced()).saturating_sub(strangers::WINDOW);
        if excess == 0 {
            return;
        }
        let mut old = core::mem::take(&mut self.filed).into_iter();
        for q in &mut self.questions {
            for r in old.by_ref().take(q.reports as usize) {
                if r.stranger && excess > 0 {
                    excess -= 1;
                    q.reports -= 1;
                } else {
                    self.filed.push_back(r);
                }
            }
        }
    }

    /// Takes the oldest questions out of the window and into memory.
    fn slide(&mut self) {
        let k = self.options;
        let mut moved = false;
        let mut voiced = self.voiced();
        while voiced > WINDOW || self.questions.len() > WINDOW {
            let Some(q) = self.questions.pop_front() else { break };
            self.numbers.remove(&q.id);
            self.left += 1;
            let truth: Vec<i32> = self.held.drain(..k).collect();
            self.published.drain(..k);
            for r in self.filed.drain(..q.reports as usize) {
                voiced -= usize::from(!r.stranger);
                let counts = &mut self.memory[usize::from(r.agent) * k * k..][..k * k];
                for (c, t) in counts[usize::from(r.label) * k..].iter_mut().zip(&truth) {
                    *c = c.saturating_add((*t >> 8) as u16);
                }
                // At the cap, what is old fades.
                let sum: u32 = counts.iter().map(|c| u32::from(*c)).sum();
                if sum > MEMORY {
                    for c in counts {
                        *c = (u32::from(*c) * MEMORY / sum) as u16;
                    }
                }
            }
            for (c, t) in self.class.iter_mut().zip(&truth) {
                *c += i64::from(*t);
            }
            moved = true;
        }
        let sum: i64 = self.class.iter().sum();
        if moved && sum > CLASS_MEMORY {
            for c in &mut self.class {
                *c = *c * CLASS_MEMORY / sum;
            }
        }
    }

    /// Forgets agents that have no report in the window, beyond [`MAX_IDLE`]: those without a voice first, then the
    /// longest silent.
    fn forget(&mut self) {
        let mut present = vec![false; self.agents.len()];
        self.filed.iter().for_each(|r| present[usize::from(r.agent)] = true);
        let mut idle: Vec<(bool, u64, u16)> = (0..self.agents.len() as u16)
            .filter(|&i| !present[usize::from(i)])
            .map(|i| (self.cap(i) > 0, self.agents[usize::from(i)].last, i))
            .collect();
        let Some(more) = idle.len().checked_sub(MAX_IDLE).filter(|&more| more > 0) else { return };
        idle.sort_unstable();
        let mut names = vec![None; self.agents.len()];
        let gone: alloc::collections::BTreeSet<u16> = idle.iter().take(more).map(|i| i.2).collect();
        let mut next = 0;
        for (i, name) in names.iter_mut().enumerate() {
            if !gone.contains(&(i as u16)) {
                *name = Some(next);
                next += 1;
            }
        }
        let k = self.options * self.options;
        keep(&mut self.agents, 1, &names);
        keep(&mut self.memory, k, &names);
        keep(&mut self.tables, k, &names);
        self.pairs.rename(&names);
        self.names = self.agents.iter().enumerate().map(|(i, a)| (a.id, i as u16)).collect();
        for r in &mut self.filed {
            r.agent = names[usize::from(r.agent)].unwrap_or_default();
        }
    }

    /// What the voices say before a settlement, by the last one's estimates.
    fn at_once(&self, reports: &[Told]) -> Belief {
        let k = self.options;
        let filed: Vec<Filed> = reports
            .iter()
            .filter_map(|&Told { index, label, lineage, .. }| {
                let agent = index.filter(|&i| self.cap(i) > 0)?;
                Some(Filed { agent, label, stranger: false, lineage })
            })
            .collect();
        let mut bits = [0i64; MAX_OPTIONS];
        let mut votes = [0i64; MAX_OPTIONS];
        self.voices(&filed, |i, voice| {
            votes[usize::from(filed[i].label)] += i64::from(voice);
            self.hear(&filed[i], voice, &mut bits);
        });
        bits.iter_mut().for_each(|b| *b >>= 8);
        let mut held = [0; MAX_OPTIONS];
        for (h, (b, p)) in held.iter_mut().zip(bits.iter().zip(self.prior)) {
            *h = (b + p) as i32;
        }
        let held = (self.visits > 0).then_some(&held[..k]);
        Belief::of(&self.publish(&bits[..k], held, &votes[..k], filed.len())[..k])
    }

    /// Adds what a report says with so many parts per 256 of a voice, by the last settlement's estimates.
    fn hear(&self, r: &Filed, voice: u32, bits: &mut [i64; MAX_OPTIONS]) {
        let (k, voice) = (self.options, i64::from(voice));
        match self.agents[usize::from(r.agent)].competence {
            // Never heard before: as good as all are.
            None => self.assume(r.label, voice, bits),
            Some(c) if c.informed > 0 => {
                let table = &self.tables[(usize::from(r.agent) * k + usize::from(r.label)) * k..][..k];
                bits.iter_mut().zip(table).for_each(|(b, t)| *b += voice * i64::from(*t));
            }
            Some(_) => {}
        }
    }

    /// Adds what somebody says of whom nothing is known but how good all are.
    fn assume(&self, label: u8, voice: i64, bits: &mut [i64; MAX_OPTIONS]) {
        for (z, b) in bits.iter_mut().enumerate().take(self.options) {
            *b += voice * log2_ratio(assumed(self.mean, self.options, z == usize::from(label)), ONE);
        }
    }

    /// The tempered estimate from what was heard.
    fn estimate(&self, heard: &[i64; MAX_OPTIONS], reports: usize) -> Vec<i64> {
        let mut logs: Vec<i64> = heard.iter().take(self.options).map(|b| b >> 8).collect();
        temper(&mut logs, reports, &self.prior);
        softmax(&mut logs);
        logs
    }

    /// Gives the place and the share of a voice of each report on one question, in parts per 256.
    fn voices(&self, reports: &[Filed], mut each: impl FnMut(usize, u32)) {
        let alone = |r: &Filed| r.lineage == 0 && self.agents[usize::from(r.agent)].bloc == ALONE;
        if reports.iter().all(alone) {
            reports.iter().enumerate().for_each(|(i, r)| each(i, self.cap(r.agent)));
        } else {
            let circles = self.circles(reports);
            (0..reports.len()).for_each(|i| each(i, circles.voice(i, 0)));
        }
    }

    fn circles(&self, reports: &[Filed]) -> Circles {
        let caps: Vec<u32> = reports.iter().map(|r| self.cap(r.agent)).collect();
        let blocs: Vec<u8> = reports.iter().map(|r| self.agents[usize::from(r.agent)].bloc).collect();
        let mut circles = Circles { together: caps.clone(), caps, blocs };
        let some: Vec<usize> =
            (0..reports.len()).filter(|&i| circles.blocs[i] != ALONE || reports[i].lineage != 0).collect();
        for (n, &i) in some.iter().enumerate() {
            for &j in &some[..n] {
                if circles.related(reports, i, j) {
                    circles.together[i] += circles.caps[j];
                    circles.together[j] += circles.caps[i];
                }
            }
        }
        circles
    }

    fn weigh(&mut self) {
        let k = self.options;
        // Agents of the window, numbered anew.
        let mut local = vec![u16::MAX; self.agents.len()];
        let mut present = Vec::new();
        self.filed.make_contiguous();
        let filed: &[Filed] = self.filed.as_slices().0;
        let caps: Vec<bool> = (0..self.agents.len() as u16).map(|a| self.cap(a) > 0).collect();
        let all = filed.iter().filter(|r| caps[usize::from(r.agent)]).count();
        let (mut reports, mut i) = (Vec::with_capacity(filed.len()), 0);
        for r in filed {
            let name = &mut local[usize::from(r.agent)];
            if *name == u16::MAX {
                *name = present.len() as u16;
                present.push(r.agent);
            }
            // Only voices move the ends of the blocks.
            let block = (i * BLOCKS / all.max(1)).min(BLOCKS - 1) as u8;
            i += usize::from(caps[usize::from(r.agent)]);
            reports.push(reading::Report { agent: *name, label: r.label, block, voice: 0 });
        }
        let mut ends = Vec::with_capacity(self.questions.len());
        let mut end = 0;
        let mut trials = vec![Trial::default(); self.agents.len()];
        for q in &self.questions {
            let span = &filed[end..end + q.reports as usize];
            self.voices(span, |i, voice| reports[end + i].voice = voice as u16);
            if let Some(outcome) = q.anchor {
                span.iter().for_each(|r| trials[usize::from(r.agent)].add(r.label, outcome));
            }
            end += q.reports as usize;
            ends.push(end as u32);
        }
        let anchors: Vec<Option<u8>> = self.questions.iter().map(|q| q.anchor).collect();
        let before: Vec<i64> = present
            .iter()
            .flat_map(|&a| self.memory[usize::from(a) * k * k..][..k * k].iter().map(|&c| i64::from(c) << 8))
            .collect();
        let evidence = Evidence {
            options: k,
            ends: &ends,
            anchors: &anchors,
            reports: &reports,
            agents: present.len(),
            heard: &present.iter().map(|&a| caps[usize::from(a)]).collect::<Vec<_>>(),
            before: &before,
            class: self.class,
        };
        let (reading, rounds) = best(&evidence);
        self.visits += u64::from(rounds) * reports.len() as u64;
        self.take(&reading, &reports, &ends, &present, &trials);
    }

    /// Makes a reading the estimate of this domain.
    fn take(
        &mut self,
        reading: &Reading,
        reports: &[reading::Report],
        ends: &[u32],
        present: &[u16],
        trials: &[Trial],
    ) {
        let k = self.options;
        self.prior = reading.prior;
        let mut start = 0;
        let mut published = Vec::with_capacity(ends.len() * k);
        for (i, &end) in ends.iter().enumerate() {
            let span = &reports[start as usize..end as usize];
            let mut votes = [0i64; MAX_OPTIONS];
            for r in span {
                votes[usize::from(r.label)] += i64::from(r.voice);
            }
            let held = &reading.posterior[i * k..][..k];
            let bits = &reading.bits[i * k..][..k];
            let shares = self.publish(bits, Some(held), &votes[..k], heard(span));
            published.extend(shares[..k].iter().map(|&p| p as i32));
            start = end;
        }
        self.published = published.into();
        self.held = reading.posterior.iter().copied().collect();
        self.mean = reading.mean;
        for (agent, trial) in self.agents.iter_mut().zip(trials) {
            if let Some(c) = &mut agent.competence {
                c.reports = 0;
            }
            agent.earned = strangers::voice(trial.bits(k as u32));
        }
        let mut spoken = vec![0; present.len()];
        for r in reports {
            spoken[usize::from(r.agent)] += 1;
        }
        for (i, &agent) in present.iter().enumerate() {
            let (turned, unit) = (reading.turns.turned(i as u16), reading.turns.last(i as u16));
            let agent_state = &mut self.agents[usize::from(agent)];
            agent_state.competence =
                Some(Competence { informed: reading.informed[unit] as u32, turned, reports: spoken[i] });
            self.tables[usize::from(agent) * k * k..][..k * k].copy_from_slice(&reading.table[unit * k * k..][..k * k]);
        }
    }

    /// Half the tempered estimate, half what the voices say, with the label on top.
    fn publish(&self, bits: &[i64], held: Option<&[i32]>, votes: &[i64], reports: usize) -> [i64; MAX_OPTIONS] {
        let k = self.options;
        let mut shares = [0; MAX_OPTIONS];
        let logs = &mut shares[..k];
        logs.copy_from_slice(bits);
        temper(logs, reports, &self.prior);
        softmax(logs);
        let voices: i64 = votes.iter().sum();
        for (p, v) in logs.iter_mut().zip(votes) {
            *p = (*p + (v * ONE + 256 * ONE / k as i64) / (voices + 256)) / 2;
        }
        let top = first_highest(logs.iter().copied());
        let label = held.map_or(top, |held| first_highest(held.iter().map(|&p| i64::from(p))));
        if top != label {
            // The label is what the estimate holds; nothing is published as likelier than it.
            let half = (logs[top] + logs[label]) / 2;
            (logs[top], logs[label]) = (half - 1, half + 1);
        }
        shares
    }
}

/// Tries the readings in the order of the spec. Also returns the rounds that it took.
fn best(evidence: &Evidence<'_>) -> (Reading, u32) {
    let score = |r: &Reading| r.anchored + HEARD * r.heard;
    let start = evidence.start();
    let mut best = evidence.read(start.clone(), ROUNDS, Model::Table);
    let mut rounds = ROUNDS;
    let mut last = None;
    for _ in 0..RESTARTS {
        let Some(posterior) = evidence.restart(last.as_ref().unwrap_or(&best)) else { break };
        let other = evidence.read(posterior, RESTART_ROUNDS, Model::Table);
        rounds += RESTART_ROUNDS;
        if score(&other) > score(&best) + MARGIN {
            best = other.clone();
        }
        last = Some(other);
    }
    let coin = evidence.read(start, ROUNDS, Model::OneCoin);
    rounds += ROUNDS + 2;
    let (fit, simple) = (evidence.fit(&best), evidence.fit(&coin));
    // What tables explain better, in parts of all there is to explain, against the voices that they do not hear.
    let dearer = (coin.heard - best.heard) * -simple > TABLES * (fit - simple) * ONE;
    let anchors = evidence.anchors.iter().flatten().count();
    if dearer || anchors >= ONE_COIN && coin.anchored > best.anchored {
        best = coin;
    }
    (best, rounds)
}

/// Reports on one question, and with whom each shares its voice.
struct Circles {
    /// Parts per 256 of a voice that each could have, and that it and those related to it could.
    caps: Vec<u32>,
    together: Vec<u32>,
    blocs: Vec<u8>,
}

impl Circles {
    /// Two reports with the same label, from one bloc or with a source in common.
    fn related(&self, reports: &[Filed], i: usize, j: usize) -> bool {
        let (Some(x), Some(y)) = (reports.get(i), reports.get(j)) else { return false };
        let bloc = self.blocs[i] != ALONE && self.blocs[i] == self.blocs[j];
        x.label == y.label && (bloc || x.lineage & y.lineage != 0)
    }

    /// Share of a voice that report `i` has, in parts per 256, if those related to it could have so much less.
    fn voice(&self, i: usize, less: u32) -> u32 {
        self.caps[i] * 256 / (self.together[i] - less).max(256)
    }
}

impl Belief {
    /// Shares that add up to nearly `ONE`; rounding goes to the label.
    fn of(shares: &[i64]) -> Self {
        // spec: TRUST-002 c4be
        let label = first_highest(shares.iter().copied());
        let sum: i64 = shares.iter().sum::<i64>().max(1);
        let mut weights: Vec<u16> = shares.iter().map(|s| (s * 65_535 / sum) as u16).collect();
        let rest = 65_535 - weights.iter().map(|w| u32::from(*w)).sum::<u32>();
        weights[label] += rest as u16;
        Self { label: label as u8, weights }
    }
}

fn first_highest(shares: impl Iterator<Item = i64>) -> usize {
    shares.enumerate().max_by_key(|&(i, s)| (s, core::cmp::Reverse(i))).map_or(0, |(i, _)| i)
}

/// Keeps the rows of `width` that have a new name.
fn keep<T: Clone>(rows: &mut Vec<T>, width: usize, names: &[Option<u16>]) {
    *rows = rows
        .chunks_exact(width)
        .zip(names)
        .filter(|(_, name)| name.is_some())
        .flat_map(|(row, _)| row.iter().cloned())
        .collect();
}
