//! Advice (spec 10): load partners warn each other of workers that failed them, and take warnings back.
//!
//! A warning weighs what its author's earlier ones were worth against this reader's own later experience. Nobody can
//! praise: the best that advice says of a node is nothing.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use mindos_wire::{List, StandingDigest, StandingEntry, Tail};

use super::own::{HALF_LIFE, ONE, decayed};
use super::{NEUTRAL, domain};
use crate::outbox::frame;
use crate::{Duration, Instant, NodeId};

/// Between two tellings, but for a first fault.
const PERIOD: Duration = Duration::from_secs(10);
/// Entries of one telling.
const MAX_TOLD: usize = 16;
/// Standing that moved by less than this since it was told is not worth telling.
const NOTABLE: u16 = 1 << 13;
/// Nodes that this node warned of.
const MAX_WARNED: usize = 1_024;
/// Advisers known, warnings of all of them, and of one.
const MAX_ADVISERS: usize = 128;
const MAX_WARNINGS: usize = 4_096;
const MAX_WARNINGS_EACH: usize = 128;
/// Warnings together weigh at most as much as this many broken promises.
const MAX_WEIGHT: u64 = 4 * ONE;
/// Those of advisers that were never right weigh less together: a worker that they warn of stands above the threshold
/// of chapter 06, so that it gets leases and the warnings can be weighed.
const MAX_UNPROVEN: u64 = 160;
/// Kept advice that a new adviser is short of, in outcomes.
const START: u64 = 8;
/// Bad advice weighs as much as this many good ones.
const BAD: u64 = 4;

/// What an adviser's warnings were worth, in parts of 256 of a warning.
#[derive(Clone, Copy, Debug, Default)]
struct Adviser {
    good: u64,
    bad: u64,
    at: Instant,
}

impl Adviser {
    fn at(self, now: Instant) -> Self {
        let age = now.since(self.at);
        let steps = age.0 / (HALF_LIFE.0 / 8);
        let age = Duration(HALF_LIFE.0 / 8).times(steps);
        Self { good: decayed(self.good, age), bad: decayed(self.bad, age), at: self.at + age }
    }

    fn known(&self) -> u64 {
        (self.good + ONE) * ONE / (self.good + START * ONE)
    }

    fn honest(&self) -> u64 {
        (self.good + ONE) * ONE / (self.good + BAD * self.bad + ONE)
    }

    /// In parts of 256: an eighth at first, near one with much good advice, near nothing with bad; never below.
    fn weight(&self) -> u64 {
        self.known() * self.honest() / ONE
    }
}

#[derive(Clone, Copy, Debug)]
struct Warning {
    /// What it takes off neutral, in parts of 256.
    severity: u64,
    at: Instant,
    /// Own experience said whether it was good advice.
    weighed: bool,
}

/// What this node told, and what it was told.
#[derive(Debug, Default)]
pub(crate) struct Advice {
    advisers: BTreeMap<NodeId, Adviser>,
    /// By subject, domain and adviser.
    warnings: BTreeMap<(NodeId, u32, NodeId), Warning>,
    /// What was told last and when, of those that partners were warned of.
    told: BTreeMap<(NodeId, [u8; 32]), (u16, Instant)>,
    news: BTreeSet<(NodeId, [u8; 32])>,
    /// Nothing but a first fault is told before.
    next: Instant,
}

impl Advice {
    fn told(&self, now: Instant, node: NodeId, capability: [u8; 32]) -> u16 {
        // Readers have forgotten most of it by then.
        let fresh = self.told.get(&(node, capability)).filter(|t| now.since(t.1) < HALF_LIFE);
        fresh.map_or(NEUTRAL, |t| t.0)
    }

    /// Own experience gives this node so much standing, at most neutral: when to tell it, if it is worth that.
    pub(super) fn changed(&mut self, now: Instant, node: NodeId, capability: [u8; 32], doubt: u16) -> Option<Instant> {
        let told = self.told(now, node, capability);
        if told.abs_diff(doubt) < NOTABLE {
            return None;
        }
        self.news.insert((node, capability));
        // spec: INC-003 5eda, INC-004 ec0e
        Some(if told == NEUTRAL { now } else { self.next.max(now) })
    }

    /// Frames for partners, and when to look again.
    pub(super) fn tell(
        &mut self,
        now: Instant,
        alias: impl Fn(&NodeId) -> Option<u32>,
        doubt: impl Fn(&NodeId, &[u8; 32]) -> u16,
    ) -> (Vec<u8>, Option<Instant>) {
        let mut domains: BTreeMap<u32, BTreeMap<u32, u16>> = BTreeMap::new();
        let mut room = MAX_TOLD;
        for key in core::mem::take(&mut self.news) {
            let (node, capability) = key;
            let (told, doubt) = (self.told(now, node, capability), doubt(&node, &capability));
            if told.abs_diff(doubt) < NOTABLE {
                continue;
            }
            let late = told != NEUTRAL && now < self.next;
            if room == 0 || late {
                self.news.insert(key);
                continue;
            }
            let Some(alias) = alias(&node) else { continue };
            room -= 1;
            // Of two capabilities of one domain the worse is told.
            let entry = domains.entry(domain(&capability)).or_default().entry(alias).or_insert(doubt);
            *entry = doubt.min(*entry);
            self.remember(now, key, doubt);
        }
        let mut frames = Vec::new();
        for (domain, entries) in domains {
            let entries: Vec<StandingEntry> =
                entries.into_iter().map(|(alias, standing)| StandingEntry { alias, standing }).collect();
            frames.extend(frame(&StandingDigest { domain, entries: List::new(&entries), tail: Tail::default() }));
        }
        if !frames.is_empty() {
            self.next = now + PERIOD;
        }
        let next = (!self.news.is_empty()).then(|| self.next.max(now + Duration(1)));
        (frames, next)
    }

    fn remember(&mut self, now: Instant, key: (NodeId, [u8; 32]), doubt: u16) {
        if doubt == NEUTRAL {
            self.told.remove(&key);
            return;
        }
        if self.told.len() >= MAX_WARNED && !self.told.contains_key(&key) {
            let oldest = self.told.iter().min_by_key(|(_, t)| t.1).map(|(k, _)| *k);
            oldest.and_then(|k| self.told.remove(&k));
        }
        self.told.insert(key, (doubt, now));
    }

    /// A partner that is vouched for tells what it thinks of a node in a domain.
    pub(crate) fn on_advice(&mut self, now: Instant, adviser: NodeId, node: NodeId, domain: u32, standing: u16) {
        let key = (node, domain, adviser);
        let severity = u64::from(NEUTRAL - standing.min(NEUTRAL)) * ONE / u64::from(NEUTRAL);
        if severity == 0 {
            // What was weighed is remembered, or the same warning would be weighed again.
            if self.warnings.get(&key).is_some_and(|w| !w.weighed) {
                self.warnings.remove(&key);
            } else if let Some(warning) = self.warnings.get_mut(&key) {
                warning.severity = 0;
            }
            return;
        }
        if !self.advisers.contains_key(&adviser) {
            if self.advisers.len() >= MAX_ADVISERS {
                let oldest = self.advisers.iter().min_by_key(|(_, a)| a.at).map(|(n, _)| *n);
                oldest.into_iter().for_each(|n| self.forget(&n));
            }
            self.advisers.insert(adviser, Adviser { at: now, ..Adviser::default() });
        }
        if !self.warnings.contains_key(&key) {
            let of = |k: &&(NodeId, u32, NodeId)| k.2 == adviser;
            let full = self.warnings.len() >= MAX_WARNINGS;
            if full || self.warnings.keys().filter(of).count() >= MAX_WARNINGS_EACH {
                let old = self.warnings.iter().filter(|(k, _)| full || k.2 == adviser);
                let oldest = old.min_by_key(|(_, w)| w.at).map(|(k, _)| *k);
                oldest.and_then(|k| self.warnings.remove(&k));
            }
        }
        let weighed = self.warnings.get(&key).is_some_and(|w| w.weighed);
        self.warnings.insert(key, Warning { severity, at: now, weighed });
    }

    /// Nothing that this node says counts any more, nor what its word was worth.
    pub(crate) fn forget(&mut self, adviser: &NodeId) {
        self.advisers.remove(adviser);
        self.warnings.retain(|k, _| k.2 != *adviser);
    }

    fn about(&self, node: &NodeId, domain: u32) -> impl Iterator<Item = (&NodeId, &Warning)> {
        let (first, last) = ((*node, domain, NodeId([0; 32])), (*node, domain, NodeId([255; 32])));
        self.warnings.range(first..=last).map(|(k, w)| (&k.2, w))
    }

    /// Own experience with a node: each warning of it is weighed once.
    // spec: INC-007 e8a6
    pub(super) fn experienced(&mut self, now: Instant, node: NodeId, domain: u32, good: bool) {
        let (first, last) = ((node, domain, NodeId([0; 32])), (node, domain, NodeId([255; 32])));
        for (key, warning) in self.warnings.range_mut(first..=last).filter(|(_, w)| !w.weighed) {
            warning.weighed = true;
            if let Some(adviser) = self.advisers.get_mut(&key.2) {
                *adviser = adviser.at(now);
                if good {
                    adviser.bad += ONE;
                } else {
                    adviser.good += ONE;
                }
            }
        }
    }

    /// What an adviser's word was worth, and is: *good*, *bad*, *known*, *honest*, *weight*.
    #[cfg(feature = "lab")]
    pub(crate) fn worth(&self, now: Instant, adviser: &NodeId) -> Option<[u64; 5]> {
        let a = self.advisers.get(adviser)?.at(now);
        Some([a.good, a.bad, a.known(), a.honest(), a.weight()])
    }

    /// What warnings of a node weigh together, in parts of 256 of a broken promise.
    pub(crate) fn warned(&self, now: Instant, node: &NodeId, domain: u32) -> u64 {
        let (mut proven, mut unproven) = (0, 0);
        for (adviser, w) in self.about(node, domain) {
            let adviser = self.advisers.get(adviser).map(|a| a.at(now)).unwrap_or_default();
            let weighs = adviser.weight() * decayed(w.severity, now.since(w.at)) / ONE;
            *(if adviser.good > 0 { &mut proven } else { &mut unproven }) += weighs;
        }
        // spec: INC-007 e8a6
        (proven + unproven.min(MAX_UNPROVEN)).min(MAX_WEIGHT)
    }
}
