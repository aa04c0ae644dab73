//! Rounds of estimation: agents from the posterior, the posterior from the agents (spec 09, "Estimation from a
//! posterior").

use alloc::vec;
use alloc::vec::Vec;

use super::MAX_OPTIONS;
use super::fixed::{ONE, log2, log2_ratio, softmax};
use super::reading::{Evidence, Model, Report, WORST, heard, temper};

/// Equal parts of the window between which an agent can turn.
pub(super) const BLOCKS: usize = 8;
/// Bits by which two habits must explain an agent better than one.
const TURN: i64 = 9 * ONE;
/// Reports on both sides of a turn, at least.
const TURN_SIDE: i64 = 4;
/// An anchored report counts as this many.
pub(super) const ANCHORED: i64 = 2;
/// Probability of any report, at least: 2^-10.
const FLOOR: i64 = -10 * ONE;
/// Reports at the mean accuracy that an agent is assumed to have given.
const ASSUMED: i64 = 4;

/// Which agents changed their habit, and when.
#[derive(Clone, Debug)]
pub(super) struct Turns {
    /// By agent: the first block after its turn.
    turn: Vec<u8>,
    /// By agent: its unit after the turn, or its only one.
    after: Vec<u32>,
}

impl Turns {
    fn none(agents: usize) -> Self {
        Self { turn: vec![BLOCKS as u8; agents], after: (0..agents as u32).collect() }
    }

    /// Whether an agent turned within the window.
    pub(super) fn turned(&self, agent: u16) -> bool {
        usize::from(self.turn[usize::from(agent)]) < BLOCKS
    }

    /// An agent as it is now.
    pub(super) fn last(&self, agent: u16) -> usize {
        self.after[usize::from(agent)] as usize
    }

    /// Who gave a report: its agent before or after the turn.
    pub(super) fn unit(&self, r: &Report) -> usize {
        let agent = usize::from(r.agent);
        if r.block >= self.turn[agent] { self.after[agent] as usize } else { agent }
    }
}

/// What the rounds share.
pub(super) struct Work {
    model: Model,
    options: usize,
    pub(super) posterior: Vec<i32>,
    pub(super) bits: Vec<i64>,
    /// Right and all reports, by agent and block, and by agent before the window.
    habits: Vec<(i64, i64)>,
    memory: Vec<(i64, i64)>,
    pub(super) turns: Turns,
    /// Right and all reports, by unit.
    sums: Vec<(i64, i64)>,
    /// Counts by unit, label and truth.
    counts: Vec<i64>,
    pub(super) table: Vec<i32>,
    /// In the one-coin form, by unit, what a table would have on its diagonal and beside it.
    coins: Vec<(i64, i64)>,
    pub(super) informed: Vec<i32>,
    class: [i64; MAX_OPTIONS],
    pub(super) prior: [i64; MAX_OPTIONS],
    pub(super) mean: i64,
}

/// n · (entropy of c in n), in bits: the cost of telling which of n reports agreed. Negative.
fn likelihood(c: i64, n: i64) -> i64 {
    // Counts in parts per 256, so that the products stay small.
    let part = |x: i64| if x <= 0 { 0 } else { (x * log2(x as u64)) >> 8 };
    part(c) + part(n - c) - part(n)
}

impl Work {
    pub(super) fn new(e: &Evidence<'_>, posterior: Vec<i32>, model: Model) -> Self {
        let k = e.options;
        let mut memory = vec![(0, 0); e.agents];
        for ((right, all), counts) in memory.iter_mut().zip(e.before.chunks_exact(k * k)) {
            *right = counts.iter().step_by(k + 1).sum();
            *all = counts.iter().sum();
        }
        Self {
            model,
            options: k,
            bits: vec![0; posterior.len()],
            posterior,
            habits: vec![(0, 0); e.agents * BLOCKS],
            memory,
            turns: Turns::none(e.agents),
            sums: Vec::with_capacity(e.agents),
            counts: Vec::new(),
            table: Vec::new(),
            coins: Vec::new(),
            informed: Vec::new(),
            class: [0; MAX_OPTIONS],
            prior: [log2_ratio(1, k as i64); MAX_OPTIONS],
            mean: 0,
        }
    }

    /// One round, for `K` options; for any number of options if that is 0.
    pub(super) fn round<const K: usize>(&mut self, e: &Evidence<'_>) {
        let k = if K > 0 { K } else { self.options };
        self.habits(e, k);
        match self.model {
            Model::Table => {
                self.count(e, k);
                self.tables(k);
                self.judge(e, k);
            }
            Model::OneCoin => {
                self.coins(k);
                self.toss(e, k);
            }
        }
    }

    /// How often each agent is right, and where its habit turned, if it did.
    #[inline(always)]
    fn habits(&mut self, e: &Evidence<'_>, k: usize) {
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
        self.sums.clear();
        // Whoever is not heard says nothing about how good all are.
        let (mut right, mut all) = (7 * ONE, 10i64);
        let mut turned = Vec::new();
        for (agent, blocks) in self.habits.chunks_exact(BLOCKS).enumerate() {
            let (c, n) = blocks.iter().fold((0, 0), |s, b| (s.0 + b.0, s.1 + b.1));
            if e.heard[agent] {
                (right, all) = (right + c, all + n);
            }
            let (mut c1, mut n1) = (c, n);
            self.turns.turn[agent] = BLOCKS as u8;
            self.turns.after[agent] = agent as u32;
            if let Some((block, before)) = turn(blocks, c, n) {
                (c1, n1) = before;
                self.turns.turn[agent] = block;
                self.turns.after[agent] = (e.agents + turned.len()) as u32;
                turned.push((c - c1, (n - n1) * ONE));
            }
            let (c0, n0) = self.memory[agent];
            self.sums.push((c0 + c1, n0 + n1 * ONE));
        }
        self.sums.extend(turned);
        self.mean = (right / all).min(ONE * 85 / 100).max(ONE / k as i64 + ONE / 10);
    }

    #[inline(always)]
    fn count(&mut self, e: &Evidence<'_>, k: usize) {
        self.counts.clear();
        self.counts.extend_from_slice(e.before);
        self.counts.resize(self.sums.len() * k * k, 0);
        self.class = e.class;
        for (i, reports, anchor) in e.spans() {
            let weight = if anchor.is_some() { ANCHORED as i32 } else { 1 };
            let posterior = &self.posterior[i * k..][..k];
            for (c, p) in self.class.iter_mut().zip(posterior) {
                *c += i64::from(*p);
            }
            for r in reports {
                let counts = &mut self.counts[(self.turns.unit(r) * k + usize::from(r.label)) * k..][..k];
                for (c, p) in counts.iter_mut().zip(posterior) {
                    *c += i64::from(weight * *p);
                }
            }
        }
    }

    #[inline(always)]
    fn tables(&mut self, k: usize) {
        let all: i64 = self.class[..k].iter().sum::<i64>() + k as i64 * ONE;
        for (prior, class) in self.prior[..k].iter_mut().zip(self.class) {
            // A twentieth of all is spread evenly.
            *prior = log2_ratio(20 * k as i64 * (class + ONE) + all, 21 * k as i64 * all);
        }
        self.table.resize(self.counts.len(), 0);
        self.informed.clear();
        let units = self.counts.chunks_exact(k * k).zip(self.table.chunks_exact_mut(k * k));
        for ((counts, table), &sums) in units.zip(&self.sums) {
            let accuracy = accuracy(sums, self.mean);
            let wrong = k as i64 * assumed(accuracy, k, false);
            let right = k as i64 * assumed(accuracy, k, true);
            // Most places of a table hold no count: their logarithms are taken once.
            let (bare_wrong, bare_right) = (log2(wrong as u64), log2(right as u64));
            let mut rows = [k as i64 * ONE; MAX_OPTIONS];
            for label in counts.chunks_exact(k) {
                rows.iter_mut().zip(label).for_each(|(row, c)| *row += c);
            }
            let mut row_logs = [0; MAX_OPTIONS];
            row_logs[..k].iter_mut().zip(&rows).for_each(|(log, row)| *log = log2(*row as u64));
            let mut diagonal = 0;
            for (label, (counts, table)) in counts.chunks_exact(k).zip(table.chunks_exact_mut(k)).enumerate() {
                for (truth, (count, bits)) in counts.iter().zip(table).enumerate() {
                    let (assumed, bare) = if label == truth { (right, bare_right) } else { (wrong, bare_wrong) };
                    let log = if *count == 0 { bare } else { log2((count + assumed) as u64) };
                    *bits = (log - row_logs[truth]).max(FLOOR) as i32;
                    if label == truth {
                        diagonal += (count + right) * ONE / rows[truth];
                    }
                }
            }
            self.informed.push(informed(diagonal, k));
        }
    }

    #[inline(always)]
    fn judge(&mut self, e: &Evidence<'_>, k: usize) {
        for (i, reports, _) in e.spans() {
            let mut logs = [0i64; MAX_OPTIONS];
            for r in reports {
                let unit = self.turns.unit(r);
                // spec: TRUST-004 2e4e
                if self.informed[unit] > 0 {
                    let table = &self.table[(unit * k + usize::from(r.label)) * k..][..k];
                    for (l, t) in logs.iter_mut().zip(table) {
                        *l += i64::from(r.voice) * i64::from(*t);
                    }
                }
            }
            self.conclude(i, &mut logs, k);
        }
    }

    /// What is true of a question, from 256 times the bits of its options.
    #[inline(always)]
    fn conclude(&mut self, question: usize, logs: &mut [i64; MAX_OPTIONS], k: usize) {
        let bits = self.bits[question * k..][..k].iter_mut();
        for ((l, b), prior) in logs.iter_mut().zip(bits).zip(&self.prior) {
            *b = *l >> 8;
            *l = *b + prior;
        }
        softmax(&mut logs[..k]);
        for (p, l) in self.posterior[question * k..][..k].iter_mut().zip(logs) {
            *p = *l as i32;
        }
    }

    #[inline(always)]
    fn coins(&mut self, k: usize) {
        self.coins.clear();
        self.informed.clear();
        let row = log2((k as i64 * ONE) as u64);
        for &sums in &self.sums {
            let accuracy = accuracy(sums, self.mean);
            let [on, off] = [true, false].map(|right| {
                let assumed = k as i64 * assumed(accuracy, k, right);
                (log2(assumed as u64) - row).max(FLOOR)
            });
            self.coins.push((on, off));
            self.informed.push(informed(k as i64 * accuracy, k));
        }
    }

    #[inline(always)]
    fn toss(&mut self, e: &Evidence<'_>, k: usize) {
        for (i, reports, _) in e.spans() {
            let mut logs = [0i64; MAX_OPTIONS];
            let mut all = 0;
            for r in reports {
                let unit = self.turns.unit(r);
                // spec: TRUST-004 2e4e
                if self.informed[unit] > 0 {
                    let (on, off) = self.coins[unit];
                    all += i64::from(r.voice) * off;
                    logs[usize::from(r.label)] += i64::from(r.voice) * (on - off);
                }
            }
            logs[..k].iter_mut().for_each(|l| *l += all);
            self.conclude(i, &mut logs, k);
        }
    }

    /// Writes the coins out as tables.
    pub(super) fn write_out(&mut self) {
        let k = self.options;
        self.table = vec![0; self.coins.len() * k * k];
        for (table, (on, off)) in self.table.chunks_exact_mut(k * k).zip(&self.coins) {
            table.fill(*off as i32);
            table.iter_mut().step_by(k + 1).for_each(|bits| *bits = *on as i32);
        }
    }

    /// Bits of the anchored outcomes, tempered; each report judged without what its own anchor taught.
    pub(super) fn anchored(&self, e: &Evidence<'_>) -> i64 {
        let k = self.options;
        let mut sum = 0;
        for (_, reports, anchor) in e.spans() {
            let Some(truth) = anchor.map(usize::from) else { continue };
            let mut logs = [0i64; MAX_OPTIONS];
            for r in reports {
                let unit = self.turns.unit(r);
                if self.informed[unit] == 0 {
                    continue;
                }
                let label = usize::from(r.label);
                let (right, all) = self.sums[unit];
                let own = ANCHORED * ONE;
                let accuracy = accuracy((right - if label == truth { own } else { 0 }, all - own), self.mean);
                for (z, l) in logs[..k].iter_mut().enumerate() {
                    let assumed = assumed(accuracy, k, label == z);
                    let (mut count, mut row) = (0, 0);
                    if self.model == Model::Table {
                        let counts = &self.counts[unit * k * k..][..k * k];
                        let own = if z == truth { own } else { 0 };
                        count = (counts[label * k + z] - own).max(0);
                        row = ((0..k).map(|l| counts[l * k + z]).sum::<i64>() - own).max(0);
                    }
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

/// The first block after a turn, and right and all reports before it, if two habits explain `c` right of `n` reports
/// better than one.
#[inline(always)]
fn turn(blocks: &[(i64, i64)], c: i64, n: i64) -> Option<(u8, (i64, i64))> {
    if n < 2 * TURN_SIDE {
        return None;
    }
    let one = likelihood(c >> 8, n << 8);
    // Two habits explain at best all of it, rounding aside: most agents need no search.
    if -one + 2 * n + 2 <= TURN {
        return None;
    }
    let (mut before, mut best, mut found) = ((0, 0), TURN, None);
    for (b, block) in blocks.iter().enumerate().take(BLOCKS - 1) {
        before = (before.0 + block.0, before.1 + block.1);
        let (c1, n1) = before;
        if block.1 == 0 || n1 < TURN_SIDE || n - n1 < TURN_SIDE || !differ((c1, n1), (c, n)) {
            continue;
        }
        let gain = likelihood(c1 >> 8, n1 << 8) + likelihood((c - c1) >> 8, (n - n1) << 8) - one;
        if gain > best {
            (best, found) = (gain, Some((b as u8 + 1, before)));
        }
    }
    found
}

/// Whether two habits could explain enough: what they gain is at most d² n / (n1 n2 c (n - c) ln 2) bits with
/// d = c1 n - c n1, as a divergence is at most that by χ². Asked for 8 bits, so that rounding cannot hide a turn.
#[inline(always)]
fn differ((c1, n1): (i64, i64), (c, n): (i64, i64)) -> bool {
    let (c1, c, n1, n) = (i128::from(c1 >> 8), i128::from(c >> 8), i128::from(n1), i128::from(n));
    let d = c1 * n - c * n1;
    // 8 ln 2 is more than 11/2.
    2 * d * d * n >= 11 * n1 * (n - n1) * c * ((n << 8) - c)
}

/// A unit's accuracy: its right and all reports, and four at the mean of all.
fn accuracy((right, all): (i64, i64), mean: i64) -> i64 {
    ((right.max(0) + ASSUMED * mean) * ONE / (all.max(0) + ASSUMED * ONE)).min(ONE)
}

/// 0 at chance or below, `ONE` for who is always right, from the sum of a table's diagonal.
fn informed(diagonal: i64, k: usize) -> i32 {
    ((diagonal - ONE) / (k as i64 - 1)).clamp(0, ONE) as i32
}

/// Probability of a label that an accuracy alone gives.
pub(super) fn assumed(accuracy: i64, k: usize, right: bool) -> i64 {
    if right { accuracy } else { (ONE - accuracy) / (k as i64 - 1) }
}
