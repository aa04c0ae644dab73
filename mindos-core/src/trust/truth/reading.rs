//! One reading of the evidence: how good every agent is, and what is true if that is so
//! (spec 09, "Readings").

use alloc::vec;
use alloc::vec::Vec;

use super::MAX_OPTIONS;
use super::fixed::{ONE, exp2_neg, log2_ratio};
use super::rounds::{ANCHORED, Turns, Work};

const STEADY: i64 = 2;
/// An anchored question costs a reading at most this many bits.
pub(super) const WORST: i64 = -6 * ONE;

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
    /// What agents reported before the window: counts by agent, label and truth; empty if there was nothing.
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

/// What some rounds make of a first posterior. Units are agents, by index, and behind them those that turned as they are
/// since.
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
    pub(super) turns: Turns,
    /// Accuracy of all, which newcomers are assumed to have.
    pub(super) mean: i64,
    /// Bits of the anchored outcomes, each without the reports' own share in the tables.
    pub(super) anchored: i64,
    /// log2 of: the share of voices that is heard, squared, times their informedness, times the share of those
    /// who did not turn, squared.
    pub(super) heard: i64,
}

impl Evidence<'_> {
    pub(super) fn spans(&self) -> impl Iterator<Item = (usize, &[Report], Option<u8>)> {
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
        let deaf = |r: &Report| reading.informed[reading.turns.unit(r)] == 0;
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
        if model == Model::OneCoin {
            work.write_out();
        }
        let anchored = work.anchored(self);
        let (mut said, mut heard, mut informed, mut steady) = (0, 0, 0, 0);
        for r in self.reports {
            let (voice, i) = (i64::from(r.voice), i64::from(work.informed[work.turns.unit(r)]));
            said += voice;
            heard += if i > 0 { voice } else { 0 };
            informed += (voice * i) >> 8;
            steady += if work.turns.turned(r.agent) { 0 } else { voice };
        }
        let share = |part: i64| log2_ratio(part.max(1), said.max(1));
        let heard = 2 * share(heard) + share(informed) - 8 * ONE + STEADY * share(steady);
        Reading {
            posterior: work.posterior,
            bits: work.bits,
            prior: work.prior,
            table: work.table,
            informed: work.informed,
            turns: work.turns,
            mean: work.mean,
            anchored,
            heard,
        }
    }

    /// Bits of all reports, those of units that are not heard included, if the reading is right.
    pub(super) fn fit(&self, reading: &Reading) -> i64 {
        let k = self.options;
        let mut sum = 0;
        for (_, reports, _) in self.spans() {
            let mut logs = [0i64; MAX_OPTIONS];
            for r in reports {
                let bits = &reading.table[(reading.turns.unit(r) * k + usize::from(r.label)) * k..][..k];
                logs.iter_mut().zip(bits).for_each(|(l, b)| *l += i64::from(r.voice) * i64::from(*b));
            }
            logs.iter_mut().zip(reading.prior).for_each(|(l, prior)| *l = (*l >> 8) + prior);
            let top = logs[..k].iter().copied().max().unwrap_or(0);
            let all: i64 = logs[..k].iter().map(|l| exp2_neg(top - l)).sum();
            sum += top + log2_ratio(all, ONE);
        }
        sum
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

/// Reports with a voice.
pub(super) fn heard(reports: &[Report]) -> usize {
    reports.iter().filter(|r| r.voice > 0).count()
}

/// Reports on one question err together: m of them weigh as m / (1 + 0.3 (m - 1)). Adds the prior.
pub(super) fn temper(logs: &mut [i64], reports: usize, prior: &[i64; MAX_OPTIONS]) {
    let more = 10 + 3 * (reports as i64).max(1) - 3;
    for (l, p) in logs.iter_mut().zip(prior) {
        *l = p + *l * 10 / more;
    }
}
