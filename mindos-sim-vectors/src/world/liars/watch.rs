//! Watching liars: who got what, whose wrong results were found, and who knows of it.

use std::collections::{BTreeMap, BTreeSet};

use mindos_core::{Event, NodeId};

use super::super::cast::Cast;
use crate::liars::result::Sample;
use crate::outcome::Outcome;
use crate::stats::percentile;
use crate::story::StoryLine;
use crate::world::Kind;

/// Length of a sample, in µs.
const SAMPLE_US: u64 = 10_000_000;

/// What is known of a key.
#[derive(Debug, Default)]
struct Found {
    /// Wrong results that honest hosts found: when, and who.
    faults: Vec<(u64, u32)>,
    /// Honest hosts that keep it out, and since when.
    known: BTreeMap<u32, u64>,
}

/// What is written down while time passes.
#[derive(Debug)]
pub(in crate::world) struct Watch {
    kinds: Vec<Kind>,
    hosts: BTreeMap<NodeId, u32>,
    found: BTreeMap<NodeId, Found>,
    /// Leases and earnings by host.
    pub(super) leases: Vec<u64>,
    pub(super) earned: Vec<u64>,
    /// What honest hosts checked: results of their own intents, and evidence of others.
    pub(super) own_checks: u64,
    pub(super) evidence_checks: u64,
    /// Intents by task that were served right.
    right: BTreeSet<u32>,
    pub(super) samples: Vec<Sample>,
    story: Vec<StoryLine>,
    honest: usize,
}

impl Watch {
    pub(in crate::world) fn new(ids: &[NodeId], cast: &Cast) -> Self {
        Self {
            kinds: cast.kinds().to_vec(),
            hosts: ids.iter().copied().zip(0..).collect(),
            found: BTreeMap::new(),
            leases: vec![0; ids.len()],
            earned: vec![0; ids.len()],
            own_checks: 0,
            evidence_checks: 0,
            right: BTreeSet::new(),
            samples: Vec::new(),
            story: Vec::new(),
            honest: cast.kinds().iter().filter(|k| **k == Kind::Honest).count(),
        }
    }

    fn is_honest(&self, host: u32) -> bool {
        self.kinds.get(host as usize) == Some(&Kind::Honest)
    }

    /// The host behind a key, past ones included.
    pub(in crate::world) fn host(&self, node: &NodeId) -> Option<u32> {
        self.hosts.get(node).copied()
    }

    pub(in crate::world) fn renamed(&mut self, host: u32, id: NodeId) {
        self.hosts.insert(id, host);
    }

    fn sample(&mut self, now: u64) -> &mut Sample {
        let index = (now / SAMPLE_US) as usize;
        while self.samples.len() <= index {
            let at_s = (self.samples.len() as u64 * SAMPLE_US / 1_000_000) as u32;
            self.samples.push(Sample { at_s, leases: vec![0; Kind::ALL.len()], ..Sample::default() });
        }
        &mut self.samples[index]
    }

    fn say(&mut self, at_us: u64, text: String) {
        self.story.push(StoryLine { at_us, text });
    }

    pub(super) fn story(&self) -> &[StoryLine] {
        &self.story
    }

    pub(in crate::world) fn event(&mut self, now: u64, host: u32, event: &Event) {
        match event {
            Event::Leased { worker, .. } => {
                let Some(worker) = self.host(worker) else { return };
                self.leases[worker as usize] += 1;
                let kind = self.kinds[worker as usize];
                let place = Kind::ALL.iter().position(|k| *k == kind).unwrap_or(0);
                self.sample(now).leases[place] += 1;
            }
            Event::Check { .. } if self.is_honest(host) => self.evidence_checks += 1,
            Event::Earned { price, .. } => self.earned[host as usize] += price,
            Event::Quarantined { node, .. } if self.is_honest(host) => {
                let all = self.honest;
                let found = self.found.entry(*node).or_default();
                found.known.entry(host).or_insert(now);
                if found.known.len() == all {
                    let kind = self.host(node).map_or("somebody", |h| self.kinds[h as usize].words());
                    self.say(now, format!("Every honest mind keeps one of the {kind} out."));
                }
            }
            _ => {}
        }
    }

    /// An intent of a host has its result.
    pub(in crate::world) fn completed(&mut self, now: u64, host: u32, task: u32, right: bool) {
        if right {
            self.right.insert(task);
        }
        if self.is_honest(host) {
            let sample = self.sample(now);
            sample.ended += 1;
            sample.right += u32::from(right);
        }
    }

    /// A host checks the result of an intent of its own.
    pub(in crate::world) fn looked(&mut self, host: u32) {
        self.own_checks += u64::from(self.is_honest(host));
    }

    /// An honest host found a wrong result.
    pub(in crate::world) fn fault(&mut self, now: u64, host: u32, worker: NodeId) {
        if self.found.values().all(|f| f.faults.is_empty()) {
            self.say(now, "A host finds the first wrong result, signed by its worker.".to_owned());
        }
        self.found.entry(worker).or_default().faults.push((now, host));
    }

    /// The host of a key that half of the honest keep out just now.
    pub(in crate::world) fn found_out(&self, node: NodeId) -> Option<u32> {
        let found = self.found.get(&node)?;
        (found.known.len() == self.honest / 2).then(|| self.host(&node)).flatten()
    }

    /// Intents of honest origins served right: all, and those submitted from `last` on.
    pub(super) fn right(&self, last: u64, outcomes: &[Outcome]) -> (u64, u64) {
        let right = self.right.iter().filter_map(|t| outcomes.get(*t as usize)).filter(|o| self.is_honest(o.origin));
        right.fold((0, 0), |(all, late), o| (all + 1, late + u64::from(o.submitted_us >= last)))
    }

    /// Pairs of honest hosts of which one kept the other out.
    pub(super) fn false_pairs(&self) -> usize {
        let honest = |n: &NodeId| self.host(n).is_some_and(|h| self.is_honest(h));
        self.found.iter().filter(|(n, _)| honest(n)).map(|(_, f)| f.known.len()).sum()
    }

    pub(super) fn provable(&self) -> usize {
        self.found.values().filter(|f| !f.faults.is_empty()).count()
    }

    /// Of each key that all honest hosts keep out: the time from the first fault found, and from the second, of
    /// another host, if there was one before.
    pub(super) fn convictions(&self, honest: usize) -> Vec<(u64, Option<u64>)> {
        let one = |f: &Found| {
            let (first, by) = *f.faults.first()?;
            let last = f.known.values().max().filter(|_| f.known.len() >= honest)?;
            let second = f.faults.iter().find(|(_, other)| *other != by).map(|(at, _)| last.saturating_sub(*at));
            Some((last.saturating_sub(first), second))
        };
        self.found.values().filter_map(one).collect()
    }

    /// Share in percent of honest hosts that keep a key out so long after its first fault; median over those that all
    /// keep out in the end.
    pub(super) fn known_after(&self, after: u64, honest: usize) -> Option<f64> {
        let one = |f: &Found| {
            let first = f.faults.first().filter(|_| f.known.len() >= honest)?.0;
            Some(f.known.values().filter(|at| **at <= first + after).count() as u64)
        };
        let mut known: Vec<u64> = self.found.values().filter_map(one).collect();
        known.sort_unstable();
        percentile(&known, 500).map(|n| n as f64 * 100.0 / honest as f64)
    }
}
