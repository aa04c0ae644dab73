//! One reading of the evidence: how good every agent is, and what is true if that is so
//! (spec 09, "Estimation").

use alloc::vec;
use alloc::vec::Vec;

use super::MAX_OPTIONS;
use super::fixed::{ONE, log2, log2_ratio, softmax};

/// Equal parts of the window between which an agent can turn.
pub(super) const BLOCKS: usize = 8;
/// Bits by which two habits must explain an agent better than one.
const TURN: i64 = 9 * ONE;
const STEADY: i64 = 2;
/// Reports on both sides of a turn, at least.
const TURN_SIDE: i64 = 4;
/// An anchored report counts as this many.
const ANCHORED: i64 = 2;
/// Probability of any report, at least: 2^-10.
const FLOOR: i64 = -10 * ONE;
/// An anchored question costs a reading at most this many bits.
const WORST: i64 = -6 * ONE;
/// Reports at the mean accuracy that an agent is assumed to have given, and reports at its own
/// accuracy for each row of its table.
const ASSUMED: i64 = 4;

/// The reports of the window, question by question.
pub(super) struct Evidence<'a> {
    /// Options of a question.
    pub(super) options: usize,
    /// Where the reports of each question end.
    pub(super) ends: &'a [u32],
    /// The outcome of each question where it is known.
    pub(super) anchors: &'a [Option<u8>],
    pub(super) reports: &'a [Report],
    pub(super) agents: usize,
    /// By agent: whether its reports have a voice.
    pub(super) heard: &'a [bool],
    /// What agents reported before the window: counts by agent, label and truth.
    pub(super) before: &'a [i64],
    /// What was true before the window: counts by option.
    pub(super) class: [i64; MAX_OPTIONS],
}

/// A report of the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Report {
    /// Index of the agent within the window.
    pub(super) agent: u16,
    pub(super) label: u8,
    pub(super) block: u8,
    /// Share of a voice that it has, in parts per 256.
    pub(super) voice: u16,
}

/// Which table a reading gives to an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Model {
    /// A probability of each label for each truth.
    Table,
    /// One accuracy; all errors and all truths equally likely.
    OneCoin,
}

/// Units are an agent before (2i) and after (2i + 1) its turn.
#[derive(Clone, Debug)]
pub(super) struct Reading {
    /// Probability of each option of each question.
    pub(super) posterior: Vec<i32>,
    /// Bits that the reports give to each option of each question.
    pub(super) bits: Vec<i64>,
    /// Bits of each option before any report.
    pub(super) prior: [i64; MAX_OPTIONS],
    /// Bits of each truth, by unit and label.
    pub(super) table: Vec<i32>,
    /// By unit: 0 at or below chance, `ONE` for who is always right.
    pub(super) informed: Vec<i32>,
    /// By agent: the first block after its turn.
    pub(super) turn: Vec<u8>,
    /// Accuracy of all, which newcomers are assumed to have.
    pub(super) mean: i64,
    /// Bits of the anchored outcomes, each without the reports' own share in the tables.
    pub(super) anchored: i64,
    /// log2 of: the share of voices that is heard, squared, times their informedness, times the share of those
    /// who did not turn, squared.
    pub(super) heard: i64,
}

impl Evidence<'_> {
    fn spans(&self) -> impl Iterator<Item = (usize, &[Report], Option<u8>)> {
        let mut start = 0;
        self.ends.iter().zip(self.anchors).enumerate().map(move |(i, (&end, &anchor))| {
            let reports = &self.reports[start as usize..end as usize];
            start = end;
            (i, reports, anchor)
        })
    }

    /// Where estimation starts: the voices, weighted by the bits that anchors show an agent to be worth.
    pub(super) fn start(&self) -> Vec<i32> {
        let k = self.options as i64;
        let mut anchored = vec![(0i64, 0i64); self.agents];
        for (_, reports, anchor) in self.spans() {
            let Some(truth) = anchor else { continue };
            for r in reports {
                let (right, all) = &mut anchored[usize::from(r.agent)];
                (*right, *all) = (*right + i64::from(r.label == truth) * ANCHORED, *all + ANCHORED);
            }
        }
        let known = self.anchors.iter().any(Option::is_some);
        // p = (right + 1.4) / (all + 2), worth log2(p (k - 1) / (1 - p)).
        let worth: Vec<i64> = anchored
            .iter()
            .map(|&(right, all)| {
                let (right, wrong) = (10 * right + 14, 10 * (all - right) + 6);
                if known { (log2_ratio(right * (k - 1), wrong) >> 8).max(0) } else { 1 }
            })
            .collect();
        let mut posterior = vec![0; self.ends.len() * self.options];
        for (i, reports, _) in self.spans() {
            let mut votes = [0; MAX_OPTIONS];
            for r in reports {
                votes[usize::from(r.label)] += i64::from(r.voice) * worth[usize::from(r.agent)];
            }
            self.share(&votes, &mut posterior[i * self.options..][..self.options]);
        }
        posterior
    }

    /// Starts again from those whom `reading` does not hear, or hears least, wherever they are a quarter of
    /// the voices. `None` if they are too few to matter.
    pub(super) fn restart(&self, reading: &Reading) -> Option<Vec<i32>> {
        let deaf = |r: &Report| reading.informed[reading.unit(r)] == 0;
        let all: i64 = self.reports.iter().map(|r| i64::from(r.voice)).sum();
        let out: i64 = self.reports.iter().filter(|r| deaf(r)).map(|r| i64::from(r.voice)).sum();
        if out * 100 < all * 15 {
            return None;
        }
        let mut posterior = reading.posterior.clone();
        for (i, reports, _) in self.spans() {
            let mut votes = [0; MAX_OPTIONS];
            let mut voices = 0;
            for r in reports {
                voices += i64::from(r.voice);
                votes[usize::from(r.label)] += if deaf(r) { i64::from(r.voice) } else { 0 };
            }
            if voices > 0 && 4 * votes.iter().sum::<i64>() >= voices {
                self.share(&votes, &mut posterior[i * self.options..][..self.options]);
            }
        }
        Some(posterior)
    }

    fn share(&self, votes: &[i64; MAX_OPTIONS], posterior: &mut [i32]) {
        let sum: i64 = votes.iter().sum();
        for (p, v) in posterior.iter_mut().zip(votes) {
            *p = if sum > 0 { v * ONE / sum } else { ONE / self.options as i64 } as i32;
        }
    }

    /// Estimates the agents from the posterior and the posterior from the agents, `rounds` times.
    pub(super) fn read(&self, posterior: Vec<i32>, rounds: u32, model: Model) -> Reading {
        let mut work = Work::new(self, posterior, model);
        for _ in 0..rounds {
            self.clamp(&mut work.posterior);
            // A known number of options makes the inner loops three times as fast.
            match self.options {
                2 => work.round::<2>(self),
                3 => work.round::<3>(self),
                4 => work.round::<4>(self),
                5 => work.round::<5>(self),
                _ => work.round::<0>(self),
            }
        }
        let anchored = work.anchored(self);
        let (mut said, mut heard, mut informed, mut steady) = (0, 0, 0, 0);
        for r in self.reports {
            let (voice, i) = (i64::from(r.voice), i64::from(work.informed[work.unit(r)]));
            said += voice;
            heard += if i > 0 { voice } else { 0 };
            informed += (voice * i) >> 8;
            steady += if usize::from(work.turn[usize::from(r.agent)]) == BLOCKS { voice } else { 0 };
        }
        let share = |part: i64| log2_ratio(part.max(1), said.max(1));
        let heard = 2 * share(heard) + share(informed) - 8 * ONE + STEADY * share(steady);
        Reading {
            posterior: work.posterior,
            bits: work.bits,
            prior: work.prior,
            table: work.table,
            informed: work.informed,
            turn: work.turn,
            mean: work.mean,
            anchored,
            heard,
        }
    }

    fn clamp(&self, posterior: &mut [i32]) {
        for (truth, p) in self.anchors.iter().zip(posterior.chunks_exact_mut(self.options)) {
            if let Some(truth) = truth {
                p.fill(0);
                p[usize::from(*truth)] = ONE as i32;
            }
        }
    }
}

impl Reading {
    /// Unit of a report.
    pub(super) fn unit(&self, r: &Report) -> usize {
        2 * usize::from(r.agent) + usize::from(r.block >= self.turn[usize::from(r.agent)])
    }
}

/// What the rounds share.
struct Work {
    model: Model,
    options: usize,
    posterior: Vec<i32>,
    bits: Vec<i64>,
    /// Reports that agreed with the posterior, and all, by agent and block.
    habits: Vec<(i64, i64)>,
    turn: Vec<u8>,
    /// Counts by unit, label and truth.
    counts: Vec<i64>,
    table: Vec<i32>,
    informed: Vec<i32>,
    class: [i64; MAX_OPTIONS],
    prior: [i64; MAX_OPTIONS],
    mean: i64,
}

/// n · (entropy of c in n), in bits: the cost of telling which of n reports agreed. Negative.
fn likelihood(c: i64, n: i64) -> i64 {
    // Counts in parts per 256, so that the products stay small.
    let part = |x: i64| if x <= 0 { 0 } else { (x * log2(x as u64)) >> 8 };
    part(c) + part(n - c) - part(n)
}

impl Work {
    fn new(e: &Evidence<'_>, posterior: Vec<i32>, model: Model) -> Self {
        let table = 2 * e.agents * e.options * e.options;
        Self {
            model,
            options: e.options,
            bits: vec![0; posterior.len()],
            posterior,
            habits: vec![(0, 0); e.agents * BLOCKS],
            turn: vec![BLOCKS as u8; e.agents],
            counts: vec![0; table],
            table: vec![0; table],
            informed: vec![0; 2 * e.agents],
            class: [0; MAX_OPTIONS],
            prior: [0; MAX_OPTIONS],
            mean: 0,
        }
    }

    fn unit(&self, r: &Report) -> usize {
        2 * usize::from(r.agent) + usize::from(r.block >= self.turn[usize::from(r.agent)])
    }

    /// One round, for `K` options; for any number of options if that is 0.
    fn round<const K: usize>(&mut self, e: &Evidence<'_>) {
        let k = if K > 0 { K } else { self.options };
        let mean = self.habits(e, k);
        self.count(e, k);
        self.tables(e, mean, k);
        self.judge(e, k);
    }

    /// Where each agent's habit turned, if it did. Returns the accuracy of all.
    #[inline(always)]
    fn habits(&mut self, e: &Evidence<'_>, k: usize) -> i64 {
        self.habits.fill((0, 0));
        for (i, reports, anchor) in e.spans() {
            let weight = if anchor.is_some() { ANCHORED } else { 1 };
            let posterior = &self.posterior[i * k..][..k];
            for r in reports {
                let h = &mut self.habits[usize::from(r.agent) * BLOCKS + usize::from(r.block)];
                h.0 += weight * i64::from(posterior[usize::from(r.label)]);
                h.1 += weight;
            }
        }
        // Whoever is not heard says nothing about how good all are.
        let (mut right, mut all) = (7 * ONE, 10i64);
        for ((blocks, turn), heard) in self.habits.chunks_exact(BLOCKS).zip(&mut self.turn).zip(e.heard) {
            let (c, n) = blocks.iter().fold((0, 0), |s, b| (s.0 + b.0, s.1 + b.1));
            if *heard {
                (right, all) = (right + c, all + n);
            }
            *turn = BLOCKS as u8;
            if n < 2 * TURN_SIDE {
                continue;
            }
            let one = likelihood(c >> 8, n << 8);
            // Two habits explain at best all of it, rounding aside: most agents need no search.
            if -one + 2 * n + 2 <= TURN {
                continue;
            }
            let (mut c1, mut n1, mut best) = (0, 0, TURN);
            for (b, block) in blocks.iter().enumerate().take(BLOCKS - 1) {
                (c1, n1) = (c1 + block.0, n1 + block.1);
                if block.1 == 0 || n1 < TURN_SIDE || n - n1 < TURN_SIDE {
                    continue;
                }
                let gain = likelihood(c1 >> 8, n1 << 8) + likelihood((c - c1) >> 8, (n - n1) << 8) - one;
                if gain > best {
                    best = gain;
                    *turn = b as u8 + 1;
                }
            }
        }
        (right / all).min(ONE * 85 / 100).max(ONE / k as i64 + ONE / 10)
    }

    #[inline(always)]
    fn count(&mut self, e: &Evidence<'_>, k: usize) {
        self.counts.fill(0);
        for (unit, before) in self.counts.chunks_exact_mut(k * k).step_by(2).zip(e.before.chunks_exact(k * k)) {
            unit.copy_from_slice(before);
        }
        self.class = e.class;
        for (i, reports, anchor) in e.spans() {
            let weight = if anchor.is_some() { ANCHORED as i32 } else { 1 };
            let posterior = &self.posterior[i * k..][..k];
            for (c, p) in self.class.iter_mut().zip(posterior) {
                *c += i64::from(*p);
            }
            for r in reports {
                let unit = 2 * usize::from(r.agent) + usize::from(r.block >= self.turn[usize::from(r.agent)]);
                let counts = &mut self.counts[(unit * k + usize::from(r.label)) * k..][..k];
                for (c, p) in counts.iter_mut().zip(posterior) {
                    *c += i64::from(weight * *p);
                }
            }
        }
    }

    #[inline(always)]
    fn tables(&mut self, e: &Evidence<'_>, mean: i64, k: usize) {
        self.mean = mean;
        let all: i64 = self.class[..k].iter().sum::<i64>() + k as i64 * ONE;
        for (prior, class) in self.prior[..k].iter_mut().zip(self.class) {
            // A twentieth of all is spread evenly.
            *prior = match self.model {
                Model::Table => log2_ratio(20 * k as i64 * (class + ONE) + all, 21 * k as i64 * all),
                Model::OneCoin => 0,
            };
        }
        for unit in 0..2 * e.agents {
            if unit % 2 == 1 && usize::from(self.turn[unit / 2]) == BLOCKS {
                continue;
            }
            let counts = &self.counts[unit * k * k..][..k * k];
            let table = &mut self.table[unit * k * k..][..k * k];
            let accuracy = accuracy(counts, k, mean, None);
            let wrong = k as i64 * assumed(accuracy, k, false);
            let right = k as i64 * assumed(accuracy, k, true);
            // Most places of a table hold no count: their logarithms are taken once.
            let (bare_wrong, bare_right) = (log2(wrong as u64), log2(right as u64));
            let mut rows = [k as i64 * ONE; MAX_OPTIONS];
            if self.model == Model::Table {
                for label in counts.chunks_exact(k) {
                    rows.iter_mut().zip(label).for_each(|(row, c)| *row += c);
                }
            }
            let mut row_logs = [0; MAX_OPTIONS];
            row_logs[..k].iter_mut().zip(&rows).for_each(|(log, row)| *log = log2(*row as u64));
            let mut diagonal = 0;
            for (label, (counts, table)) in counts.chunks_exact(k).zip(table.chunks_exact_mut(k)).enumerate() {
                for (truth, (count, bits)) in counts.iter().zip(table).enumerate() {
                    let count = if self.model == Model::Table { *count } else { 0 };
                    let (assumed, bare) = if label == truth { (right, bare_right) } else { (wrong, bare_wrong) };
                    let log = if count == 0 { bare } else { log2((count + assumed) as u64) };
                    *bits = (log - row_logs[truth]).max(FLOOR) as i32;
                    if label == truth {
                        diagonal += (count + right) * ONE / rows[truth];
                    }
                }
            }
            self.informed[unit] = ((diagonal - ONE) / (k as i64 - 1)).clamp(0, ONE) as i32;
        }
    }

    #[inline(always)]
    fn judge(&mut self, e: &Evidence<'_>, k: usize) {
        for (i, reports, _) in e.spans() {
            let mut logs = [0i64; MAX_OPTIONS];
            for r in reports {
                let unit = self.unit(r);
                // spec: TRUST-004 2e4e
                if self.informed[unit] > 0 {
                    let table = &self.table[(unit * k + usize::from(r.label)) * k..][..k];
                    for (l, t) in logs.iter_mut().zip(table) {
                        *l += i64::from(r.voice) * i64::from(*t);
                    }
                }
            }
            for (z, l) in logs[..k].iter_mut().enumerate() {
                *l >>= 8;
                self.bits[i * k + z] = *l;
                *l += self.prior[z];
            }
            softmax(&mut logs[..k]);
            for (p, l) in self.posterior[i * k..][..k].iter_mut().zip(logs) {
                *p = l as i32;
            }
        }
    }

    /// Bits of the anchored outcomes, tempered; each report judged without what its own anchor taught.
    fn anchored(&self, e: &Evidence<'_>) -> i64 {
        let k = self.options;
        let mut sum = 0;
        for (_, reports, anchor) in e.spans() {
            let Some(truth) = anchor.map(usize::from) else { continue };
            let mut logs = [0i64; MAX_OPTIONS];
            for r in reports {
                let unit = self.unit(r);
                if self.informed[unit] == 0 {
                    continue;
                }
                let label = usize::from(r.label);
                let counts = &self.counts[unit * k * k..][..k * k];
                let accuracy = accuracy(counts, k, self.mean, Some((label, truth)));
                for (z, l) in logs[..k].iter_mut().enumerate() {
                    let assumed = assumed(accuracy, k, label == z);
                    let own = if z == truth { ANCHORED * ONE } else { 0 };
                    let (count, row) = match self.model {
                        Model::Table => (
                            (counts[label * k + z] - own).max(0),
                            ((0..k).map(|l| counts[l * k + z]).sum::<i64>() - own).max(0),
                        ),
                        Model::OneCoin => (0, 0),
                    };
                    let bits = log2_ratio(count + k as i64 * assumed, row + k as i64 * ONE);
                    *l += i64::from(r.voice) * bits.max(FLOOR);
                }
            }
            logs.iter_mut().for_each(|l| *l >>= 8);
            temper(&mut logs[..k], heard(reports), &self.prior);
            softmax(&mut logs[..k]);
            sum += log2_ratio(logs[truth], ONE).max(WORST);
        }
        sum
    }
}

/// Reports with a voice.
pub(super) fn heard(reports: &[Report]) -> usize {
    reports.iter().filter(|r| r.voice > 0).count()
}

/// An agent's accuracy: its own, and four reports at the mean of all; without one anchored report if asked.
fn accuracy(counts: &[i64], k: usize, mean: i64, without: Option<(usize, usize)>) -> i64 {
    let mut right: i64 = (0..k).map(|z| counts[z * k + z]).sum();
    let mut all: i64 = counts.iter().sum();
    if let Some((label, truth)) = without {
        all -= ANCHORED * ONE;
        right -= if label == truth { ANCHORED * ONE } else { 0 };
    }
    ((right.max(0) + ASSUMED * mean) * ONE / (all.max(0) + ASSUMED * ONE)).min(ONE)
}

/// Probability of a label that an accuracy alone gives.
pub(super) fn assumed(accuracy: i64, k: usize, right: bool) -> i64 {
    if right { accuracy } else { (ONE - accuracy) / (k as i64 - 1) }
}

/// Reports on one question err together: m of them weigh as m / (1 + 0.3 (m - 1)). Adds the prior.
pub(super) fn temper(logs: &mut [i64], reports: usize, prior: &[i64; MAX_OPTIONS]) {
    let more = 10 + 3 * (reports as i64).max(1) - 3;
    for (l, p) in logs.iter_mut().zip(prior) {
        *l = p + *l * 10 / more;
    }
}
