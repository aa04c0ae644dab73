//! Watching liars: who got what, whose wrong results were found, and who knows of it.

use std::collections::{BTreeMap, BTreeSet};

use mindos_core::{Event, NodeId};

use super::super::cast::Cast;
use super::super::queue::Verdict;
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
    /// Wrong results that honest hosts found and can show: when, and who.
    faults: Vec<(u64, u32)>,
    /// Wrong results that nobody can show to others.
    unprovable: u32,
    /// Honest minds that give it no lease, and since when.
    known: BTreeMap<u32, u64>,
    /// Honest minds whose own host found a result of it wrong.
    suspended: BTreeMap<u32, u64>,
    /// Honest minds that quarantine it.
    quarantined: BTreeMap<u32, u64>,
}

impl Found {
    /// From the first fault found until as many minds as there are honest ones are in `by`, if they are.
    fn time(&self, by: &BTreeMap<u32, u64>, honest: usize) -> Option<u64> {
        let first = self.faults.first()?.0;
        by.values().max().filter(|_| by.len() >= honest).map(|last| last.saturating_sub(first))
    }
}

/// Checks of one kind by honest hosts.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Checks {
    pub(super) count: u64,
    pub(super) time_us: u64,
    /// Not begun, as they would have ended too late.
    pub(super) left: u64,
    /// Of evidence that is false: their number, and the longest time that a worker got no lease for one, in µs.
    pub(super) of_false: u64,
    pub(super) longest_us: u64,
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
    pub(super) own_checks: Checks,
    pub(super) evidence_checks: Checks,
    /// Time in which honest hosts worked, in µs.
    pub(super) work_us: u64,
    /// When every honest mind first kept a host out, under whatever key, and leases of honest minds to it since.
    out: Vec<Option<u64>>,
    pub(super) leases_after: Vec<u64>,
    /// Keys that half of the honest keep out, and nobody asked about.
    news: Vec<NodeId>,
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
            own_checks: Checks::default(),
            evidence_checks: Checks::default(),
            work_us: 0,
            out: vec![None; ids.len()],
            leases_after: vec![0; ids.len()],
            news: Vec::new(),
            right: BTreeSet::new(),
            samples: Vec::new(),
            story: Vec::new(),
            honest: cast.kinds().iter().filter(|k| **k == Kind::Honest).count(),
        }
    }

    /// Minds cast as honest.
    pub(super) const fn honest(&self) -> usize {
        self.honest
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
            Event::Leased { worker, .. } if self.is_honest(host) => {
                let Some(worker) = self.host(worker) else { return };
                let index = worker as usize;
                self.leases[index] += 1;
                self.leases_after[index] += u64::from(self.out[index].is_some());
                let place = Kind::ALL.iter().position(|k| *k == self.kinds[index]).unwrap_or(0);
                self.sample(now).leases[place] += 1;
            }
            Event::Earned { price, receipt, .. } if self.host(&receipt.origin).is_some_and(|h| self.is_honest(h)) => {
                self.earned[host as usize] += price;
            }
            // What liars show is false, and holds a worker off for one check at most.
            Event::Accused { node, accuser }
                if self.is_honest(host) && self.host(accuser).is_some_and(|h| self.is_honest(h)) =>
            {
                self.keeps_out(now, host, node);
            }
            Event::Suspended { node, .. } if self.is_honest(host) => {
                self.found.entry(*node).or_default().suspended.entry(host).or_insert(now);
                self.keeps_out(now, host, node);
            }
            Event::Quarantined { node, .. } if self.is_honest(host) => {
                self.found.entry(*node).or_default().quarantined.entry(host).or_insert(now);
                self.keeps_out(now, host, node);
            }
            _ => {}
        }
    }

    /// An honest mind gives a node no lease from now on.
    fn keeps_out(&mut self, now: u64, host: u32, node: &NodeId) {
        let (all, whose) = (self.honest, self.host(node));
        let found = self.found.entry(*node).or_default();
        if found.known.contains_key(&host) {
            return;
        }
        found.known.insert(host, now);
        let known = found.known.len();
        if known == all / 2 {
            self.news.push(*node);
        }
        if known == all {
            let whose = whose.and_then(|h| Some((self.out.get_mut(h as usize)?, self.kinds.get(h as usize)?)));
            let kind = whose.map_or("somebody", |(out, kind)| {
                out.get_or_insert(now);
                kind.words()
            });
            self.say(now, format!("Every honest mind keeps one of the {kind} out."));
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

    /// An honest host looks at false evidence, by which a worker gets no lease for so long.
    pub(in crate::world) fn checks_false(&mut self, holds: u64) {
        self.evidence_checks.of_false += 1;
        self.evidence_checks.longest_us = self.evidence_checks.longest_us.max(holds);
    }

    /// An honest host does work again, its own intent's or that of evidence, which takes so long; or it has no time.
    pub(in crate::world) fn check(&mut self, own: bool, takes: Option<u64>) {
        let checks = if own { &mut self.own_checks } else { &mut self.evidence_checks };
        checks.count += u64::from(takes.is_some());
        checks.time_us += takes.unwrap_or(0);
        checks.left += u64::from(takes.is_none());
    }

    /// A host works for so long.
    pub(in crate::world) fn works(&mut self, host: u32, takes: u64) {
        self.work_us += if self.is_honest(host) { takes } else { 0 };
    }

    /// An honest host found a wrong result.
    pub(in crate::world) fn fault(&mut self, now: u64, host: u32, verdict: Verdict) {
        if self.found.values().all(|f| f.faults.is_empty() && f.unprovable == 0) {
            self.say(now, "A host finds the first wrong result, signed by its worker.".to_owned());
        }
        let found = self.found.entry(verdict.worker).or_default();
        if verdict.provable {
            found.faults.push((now, host));
        } else {
            found.unprovable += 1;
        }
    }

    /// A key that half of the honest keep out by now, and its host; each is told once.
    pub(in crate::world) fn found_out(&mut self) -> Option<(u32, NodeId)> {
        let node = self.news.pop()?;
        Some((self.host(&node)?, node))
    }

    /// Intents of honest origins served right: all, and those submitted from `last` on.
    pub(super) fn right(&self, last: u64, outcomes: &[Outcome]) -> (u64, u64) {
        let right = self.right.iter().filter_map(|t| outcomes.get(*t as usize)).filter(|o| self.is_honest(o.origin));
        right.fold((0, 0), |(all, late), o| (all + 1, late + u64::from(o.submitted_us >= last)))
    }

    /// Pairs of honest hosts of which one found a result of the other wrong and gave it no lease for a while, and of
    /// which one kept the other in quarantine.
    pub(super) fn false_pairs(&self) -> (usize, usize) {
        let honest = |n: &NodeId| self.host(n).is_some_and(|h| self.is_honest(h));
        let of_honest = self.found.iter().filter(|(n, _)| honest(n)).map(|(_, f)| f);
        of_honest.fold((0, 0), |(found, kept), f| (found + f.suspended.len(), kept + f.quarantined.len()))
    }

    /// What is known of keys of liars.
    fn of_liars(&self) -> impl Iterator<Item = &Found> {
        let lies = |n: &NodeId| self.host(n).is_some_and(|h| !self.is_honest(h));
        self.found.iter().filter(move |(n, _)| lies(n)).map(|(_, f)| f)
    }

    /// Keys of liars with a wrong result that can be shown, and with none but such that cannot.
    pub(super) fn provable(&self) -> (usize, usize) {
        let shown = self.of_liars().filter(|f| !f.faults.is_empty()).count();
        let hidden = self.of_liars().filter(|f| f.faults.is_empty() && f.unprovable > 0).count();
        (shown, hidden)
    }

    /// Of each key that all honest minds give no lease, the time from the first fault found, with its kind.
    pub(super) fn convictions(&self) -> Vec<(Kind, u64)> {
        let kind = |n: &NodeId| self.host(n).and_then(|h| self.kinds.get(h as usize)).copied();
        self.found.iter().filter_map(|(n, f)| Some((kind(n)?, f.time(&f.known, self.honest)?))).collect()
    }

    /// Share of honest minds whose own host found a result of a key wrong, in percent; the mean over the same keys.
    pub(super) fn confirmed(&self) -> f64 {
        let all: Vec<usize> =
            self.of_liars().filter(|f| f.time(&f.known, self.honest).is_some()).map(|f| f.suspended.len()).collect();
        all.iter().sum::<usize>() as f64 * 100.0 / (self.honest * all.len()).max(1) as f64
    }

    /// The time to quarantine by all.
    pub(super) fn quarantines(&self) -> Vec<u64> {
        self.of_liars().filter_map(|f| f.time(&f.quarantined, self.honest)).collect()
    }

    /// Of the hosts of a kind: those with a wrong result that can be shown, those that all keep out.
    pub(super) fn of_kind(&self, kind: Kind) -> (u32, u32) {
        let is = |h: u32| self.kinds.get(h as usize) == Some(&kind);
        let shown = self.found.iter().filter(|(_, f)| !f.faults.is_empty());
        let found: BTreeSet<u32> = shown.filter_map(|(n, _)| self.host(n)).filter(|h| is(*h)).collect();
        let out = (0u32..).zip(&self.out).filter(|(h, out)| out.is_some() && is(*h)).count();
        (found.len() as u32, out as u32)
    }

    /// Share in percent of honest hosts that keep a key out so long after its first fault; median over those that all
    /// keep out in the end.
    pub(super) fn known_after(&self, after: u64) -> Option<f64> {
        let one = |f: &Found| {
            let first = f.faults.first().filter(|_| f.known.len() >= self.honest)?.0;
            Some(f.known.values().filter(|at| **at <= first + after).count() as u64)
        };
        let mut known: Vec<u64> = self.of_liars().filter_map(one).collect();
        known.sort_unstable();
        percentile(&known, 500).map(|n| n as f64 * 100.0 / self.honest as f64)
    }
}
