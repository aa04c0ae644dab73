//! What is believed by the last settlement's estimate, and what a report added to that (spec 09, "Beliefs" and
//! "Gains").

use alloc::vec::Vec;

use super::fixed::{ONE, log2_ratio, softmax};
use super::reading::temper;
use super::rounds::assumed;
use super::{Belief, Filed, MAX_OPTIONS, Refused, Told, Truth};
use crate::NodeId;

impl Truth {
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
        let voice = |i, less| i64::from(circles.voice(i, less));
        let mut all = [0i64; MAX_OPTIONS];
        filed.iter().enumerate().for_each(|(i, r)| self.hear(r, voice(i, 0), &mut all));
        let gain = |(i, r): (usize, &Filed)| {
            let (mut bits, mut added) = (all, voice(i, 0));
            self.hear(r, -added, &mut bits);
            // A copy takes from those that it copies what it has: together they say no more than before.
            let shares = circles.together[i] > circles.caps[i];
            for (j, other) in filed.iter().enumerate().filter(|&(j, _)| shares && j != i) {
                if circles.related(&filed, i, j) {
                    let more = voice(j, circles.caps[i]) - voice(j, 0);
                    added -= more;
                    self.hear(other, more, &mut bits);
                }
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

    /// What the voices say before a settlement, by the last one's estimates.
    pub(super) fn at_once(&self, reports: &[Told]) -> Belief {
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
            self.hear(&filed[i], i64::from(voice), &mut bits);
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
    fn hear(&self, r: &Filed, voice: i64, bits: &mut [i64; MAX_OPTIONS]) {
        let k = self.options;
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

    /// Half the tempered estimate, half what the voices say, with the label on top.
    pub(super) fn publish(
        &self,
        bits: &[i64],
        held: Option<&[i32]>,
        votes: &[i64],
        reports: usize,
    ) -> [i64; MAX_OPTIONS] {
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

impl Belief {
    /// Shares that add up to nearly `ONE`; rounding goes to the label.
    pub(in crate::trust) fn of(shares: &[i64]) -> Self {
        // spec: TRUST-002 c4be
        let label = first_highest(shares.iter().copied());
        let sum: i64 = shares.iter().sum::<i64>().max(1);
        let mut weights: Vec<u16> = shares.iter().map(|s| (s * 65_535 / sum) as u16).collect();
        let rest = 65_535 - weights.iter().map(|w| u32::from(*w)).sum::<u32>();
        weights[label] += rest as u16;
        Self { label: label as u8, weights }
    }
}

pub(super) fn first_highest(shares: impl Iterator<Item = i64>) -> usize {
    shares.enumerate().max_by_key(|&(i, s)| (s, core::cmp::Reverse(i))).map_or(0, |(i, _)| i)
}
