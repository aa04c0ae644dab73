//! The end of a settlement: the best reading of the window becomes the estimate (spec 09, "Readings").

use alloc::vec;
use alloc::vec::Vec;

use super::fixed::ONE;
use super::reading::{self, Evidence, Model, Reading, heard};
use super::rounds::BLOCKS;
use super::strangers::{self, Trial};
use super::{Competence, Filed, MAX_OPTIONS, Truth};

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

impl Truth {
    pub(super) fn weigh(&mut self) {
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
        let remembered = if self.left > 0 { present.as_slice() } else { &[] };
        let counts = |&a: &u16| self.memory[usize::from(a) * k * k..][..k * k].iter().map(|&c| i64::from(c) << 8);
        let before: Vec<i64> = remembered.iter().flat_map(counts).collect();
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
