//! Watching the world without touching it: who knows what when, what became of every intent.

use std::collections::{BTreeMap, BTreeSet};

use mindos_core::{Class, Event, IntentId, LeaseId, NodeId};

use super::host::Host;
use crate::outcome::Outcome;
use crate::scenario::EventKind;
use crate::service::Workload;
use crate::setup::Befall;
use crate::story::{Redispatch, Sample, Spread};

/// What is written down while time passes.
#[derive(Debug)]
pub(super) struct Observer {
    by_id: BTreeMap<NodeId, u32>,
    running: Vec<bool>,
    executing: Vec<bool>,
    liars: BTreeSet<u32>,
    pub(super) outcomes: Vec<Outcome>,
    by_intent: BTreeMap<IntentId, u32>,
    pub(super) duplicates: u64,
    /// Accepted leases of liars, by time.
    pub(super) liar_leases: Vec<u64>,
    pub(super) judged: (u64, u64),
    pub(super) redispatches: Vec<Redispatch>,
    redispatched: BTreeMap<IntentId, usize>,
    pub(super) bytes: u64,
    pub(super) bytes_by_node: Vec<u64>,
    pub(super) false_downs: BTreeSet<(u32, u32, u32)>,
    pub(super) blackout: Option<Blackout>,
    pub(super) samples: Vec<Sample>,
    now: Sample,
    pub(super) sessions: Vec<u32>,
}

/// A city, or others, without power: who knows it.
#[derive(Debug)]
pub(super) struct Blackout {
    pub(super) cut_us: u64,
    pub(super) dead: BTreeSet<u32>,
    pub(super) return_us: Option<u64>,
    pub(super) healed_us: Option<u64>,
    /// (survivor, dead) known, and when.
    pub(super) known: BTreeMap<(u32, u32), u64>,
    pub(super) all_known_us: Option<u64>,
    pub(super) first_down_us: Option<u64>,
    pub(super) holes: Option<u64>,
    counts: Vec<u32>,
    pub(super) spread: Vec<Spread>,
}

impl Blackout {
    fn learn(&mut self, now: u64, observer: u32, subject: u32) {
        if self.return_us.is_some() || !self.dead.contains(&subject) || self.dead.contains(&observer) {
            return;
        }
        if self.known.insert((observer, subject), now).is_none()
            && let Some(count) = self.counts.get_mut(observer as usize)
        {
            *count += 1;
        }
        let pairs = (self.counts.len() - self.dead.len()) * self.dead.len();
        if self.known.len() == pairs && self.all_known_us.is_none() {
            self.all_known_us = Some(now);
        }
    }

    fn missing(&self) -> u64 {
        ((self.counts.len() - self.dead.len()) * self.dead.len() - self.known.len()) as u64
    }

    /// Dead known by the median and by the least informed survivor.
    fn informed(&self) -> (u32, u32) {
        let survivors = self.counts.iter().enumerate().filter(|(i, _)| !self.dead.contains(&(*i as u32)));
        let mut counts: Vec<u32> = survivors.map(|(_, c)| *c).collect();
        counts.sort_unstable();
        (counts.get(counts.len() / 2).copied().unwrap_or(0), counts.first().copied().unwrap_or(0))
    }
}

impl Observer {
    pub(super) fn new(ids: Vec<NodeId>, workload: &Workload, liars: &[u32]) -> Self {
        let n = ids.len();
        let open = |t: &crate::service::Task| Outcome {
            origin: t.origin,
            submitted_us: t.at_us,
            completed_us: None,
            redispatched: false,
        };
        Self {
            by_id: ids.into_iter().zip(0..).collect(),
            running: vec![false; n],
            executing: vec![false; n],
            liars: liars.iter().copied().collect(),
            outcomes: workload.tasks.iter().map(open).collect(),
            by_intent: BTreeMap::new(),
            duplicates: 0,
            liar_leases: Vec::new(),
            judged: (0, 0),
            redispatches: Vec::new(),
            redispatched: BTreeMap::new(),
            bytes: 0,
            bytes_by_node: vec![0; n],
            false_downs: BTreeSet::new(),
            blackout: None,
            samples: Vec::new(),
            now: Sample::default(),
            sessions: Vec::new(),
        }
    }

    /// A host took another key.
    pub(super) fn renamed(&mut self, host: u32, id: NodeId) {
        self.by_id.insert(id, host);
    }

    /// The request that an intent stands for.
    pub(super) fn task(&self, intent: &IntentId) -> Option<u32> {
        self.by_intent.get(intent).copied()
    }

    pub(super) fn started(&mut self, host: u32) {
        self.running[host as usize] = true;
    }

    pub(super) fn stopped(&mut self, host: u32) {
        self.running[host as usize] = false;
        self.executing[host as usize] = false;
    }

    pub(super) fn busy(&mut self, host: u32) {
        self.executing[host as usize] = true;
    }

    pub(super) fn idle(&mut self, host: u32) {
        self.executing[host as usize] = false;
    }

    pub(super) fn sent(&mut self, host: u32, size: u64, class: Class) {
        self.bytes += size;
        self.bytes_by_node[host as usize] += size;
        if class == Class::Probe {
            self.now.control_bytes += size;
        }
    }

    pub(super) fn submitted(&mut self, task: u32, intent: IntentId) {
        self.by_intent.insert(intent, task);
        self.now.submitted += 1;
    }

    pub(super) fn befall(&mut self, now: u64, befall: &Befall) {
        match befall.kind {
            EventKind::KillCity | EventKind::Kill if self.blackout.is_none() => {
                self.blackout = Some(Blackout {
                    cut_us: now,
                    dead: befall.nodes.iter().copied().collect(),
                    return_us: None,
                    healed_us: None,
                    known: BTreeMap::new(),
                    all_known_us: None,
                    first_down_us: None,
                    holes: None,
                    counts: vec![0; self.running.len()],
                    spread: Vec::new(),
                });
            }
            EventKind::ReturnCity | EventKind::Return => {
                if let Some(b) = self.blackout.as_mut().filter(|b| b.return_us.is_none()) {
                    b.holes.get_or_insert(b.missing());
                    b.return_us = Some(now);
                }
            }
            _ => {}
        }
    }

    /// Called often after a cut and after a return: the spread of the news, and whether views agree.
    pub(super) fn look(&mut self, now: u64, hosts: &[Host], holes_after_us: u64) {
        let Some(b) = &mut self.blackout else { return };
        if b.return_us.is_none() {
            let (known_by_median, known_by_last) = b.informed();
            b.spread.push(Spread { after_us: now - b.cut_us, known_by_median, known_by_last });
            if now >= b.cut_us + holes_after_us && b.holes.is_none() {
                b.holes = Some(b.missing());
            }
        } else if b.healed_us.is_none() {
            let mut views = hosts.iter().filter_map(|h| h.node.as_ref()).map(|n| (n.leaf().view(), n.leaf().members()));
            let first = views.next();
            if views.all(|v| Some(v) == first) && hosts.iter().all(|h| h.incarnation > 0) {
                b.healed_us = Some(now);
            }
        }
    }

    pub(super) fn second(&mut self, now: u64) {
        let powered = self.running.iter().filter(|r| **r).count().max(1);
        let busy = self.executing.iter().filter(|e| **e).count();
        let mut sample = std::mem::take(&mut self.now);
        sample.second = (now / 1_000_000).saturating_sub(1) as u32;
        sample.busy = busy as f32 / powered as f32;
        if let Some(b) = self.blackout.as_ref().filter(|b| b.return_us.is_none()) {
            (sample.known_by_median, sample.known_by_last) = b.informed();
        }
        self.samples.push(sample);
    }

    pub(super) fn event(
        &mut self,
        now: u64,
        host: u32,
        event: &Event,
        hosts: &[Host],
        connected: &dyn Fn(u32, u32) -> bool,
    ) {
        match event {
            Event::MemberDown { node, incarnation } => {
                let Some(&subject) = self.by_id.get(node) else { return };
                let s = &hosts[subject as usize];
                let runs = s.node.is_some() && !s.frozen && *incarnation >= s.incarnation && connected(host, subject);
                if runs {
                    self.false_downs.insert((host, subject, *incarnation));
                }
                if let Some(b) = &mut self.blackout {
                    if b.dead.contains(&subject) {
                        b.first_down_us.get_or_insert(now);
                    }
                    b.learn(now, host, subject);
                }
            }
            Event::Leased { lease, worker, .. } => {
                let worker = self.by_id.get(worker).copied().unwrap_or(u32::MAX);
                if self.liars.contains(&worker) {
                    self.liar_leases.push(now);
                }
                if let Some(i) = self.redispatched.get(&lease.intent)
                    && let Some(r) = self.redispatches.get_mut(*i)
                {
                    r.next = worker;
                }
            }
            Event::Redispatched { lease, worker } => self.redispatch(now, host, lease, worker),
            Event::Completed { lease, .. } => self.completed(now, lease),
            Event::Judged { kept, .. } => {
                if *kept {
                    self.judged.0 += 1
                } else {
                    self.judged.1 += 1
                }
            }
            _ => {}
        }
    }

    fn redispatch(&mut self, now: u64, origin: u32, lease: &LeaseId, worker: &NodeId) {
        let lost = self.by_id.get(worker).copied().unwrap_or(u32::MAX);
        if let Some(o) = self.by_intent.get(&lease.intent).and_then(|i| self.outcomes.get_mut(*i as usize)) {
            o.redispatched = true;
        }
        self.redispatched.insert(lease.intent, self.redispatches.len());
        self.redispatches.push(Redispatch { at_us: now, origin, lost, next: lost, latency_us: None });
    }

    fn completed(&mut self, now: u64, lease: &LeaseId) {
        let Some(outcome) = self.by_intent.get(&lease.intent).and_then(|i| self.outcomes.get_mut(*i as usize)) else {
            return;
        };
        if outcome.completed_us.is_some() {
            self.duplicates += 1;
            return;
        }
        outcome.completed_us = Some(now);
        self.now.completed += 1;
        let latency = now.saturating_sub(outcome.submitted_us);
        if let Some(i) = self.redispatched.get(&lease.intent)
            && let Some(r) = self.redispatches.get_mut(*i)
        {
            r.latency_us = Some(latency);
        }
    }

    /// Counts the sessions of every running node.
    pub(super) fn count_sessions(&mut self, hosts: &[Host]) {
        self.sessions =
            hosts.iter().filter_map(|h| h.node.as_ref()).map(|n| n.leaf().sessions().count() as u32).collect();
    }

    /// Intents submitted and not answered, of origins that never lost their memory of them.
    pub(super) fn open(&self) -> usize {
        let forgot = |origin: u32| self.blackout.as_ref().is_some_and(|b| b.dead.contains(&origin));
        let submitted = self.by_intent.values().filter_map(|i| self.outcomes.get(*i as usize));
        submitted.filter(|o| o.completed_us.is_none() && !forgot(o.origin)).count()
    }
}
