//! What is written down of a flood while it passes.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use mindos_core::{IntentId, NodeId};

use super::machine::From;
use crate::flood::result::{FloodRun, Sample, Served};
use crate::flood::scenario::{Attack, Flood};
use crate::stats::{percent, percentile};

/// A probe that takes longer counts as not answered, in ns.
const PATIENCE: u64 = 1_000_000_000;
/// So does a piece of work.
const WORK_PATIENCE: u64 = 2_000_000_000;
/// A sample is of so many ns.
pub(super) const SAMPLE: u64 = 100_000_000;

/// Asked and answered: when, and after how long, in ns.
#[derive(Debug, Default)]
struct Tally {
    asked: u64,
    took: Vec<u64>,
}

impl Tally {
    fn served(&self) -> Served {
        let mut took = self.took.clone();
        took.sort_unstable();
        let at = |per_mille| percentile(&took, per_mille).map(|ns| ns as f64 / 1e6);
        Served {
            asked: self.asked,
            answered: took.len() as u64,
            served_pct: percent(took.len() as u64, self.asked),
            p50_ms: at(500),
            p99_ms: at(990),
        }
    }
}

/// The eyes of one run.
#[derive(Debug)]
pub(super) struct Observer {
    /// From and to, in ns.
    flood: (u64, u64),
    pings: Tally,
    intents: Tally,
    newcomers: Tally,
    /// By peer: when it asked and has no answer yet.
    probing: BTreeMap<u32, VecDeque<u64>>,
    working: BTreeMap<IntentId, u64>,
    coming: BTreeMap<u32, u64>,
    arrived: [u64; 2],
    lost: [u64; 2],
    unproven: (u64, u64),
    worst: f64,
    half_open_peak: u64,
    sessions_peak: u64,
    waiting_peak: u64,
    broken: BTreeSet<NodeId>,
    samples: Vec<Sample>,
    /// By sample: probes and answers.
    asked: BTreeMap<u64, (u32, u32)>,
    busy_before: u64,
}

impl Observer {
    pub(super) fn new(from: u64, to: u64) -> Self {
        Self {
            flood: (from, to),
            pings: Tally::default(),
            intents: Tally::default(),
            newcomers: Tally::default(),
            probing: BTreeMap::new(),
            working: BTreeMap::new(),
            coming: BTreeMap::new(),
            arrived: [0; 2],
            lost: [0; 2],
            unproven: (0, 0),
            worst: 0.0,
            half_open_peak: 0,
            sessions_peak: 0,
            waiting_peak: 0,
            broken: BTreeSet::new(),
            samples: Vec::new(),
            asked: BTreeMap::new(),
            busy_before: 0,
        }
    }

    fn counts(&self, at: u64) -> bool {
        (self.flood.0..self.flood.1).contains(&at)
    }

    pub(super) fn pinged(&mut self, now: u64, peer: u32) {
        self.pings.asked += u64::from(self.counts(now));
        self.asked.entry(now / SAMPLE).or_default().0 += 1;
        self.probing.entry(peer).or_default().push_back(now);
    }

    /// A peer has its answer, to all that it asked: probes that overlap are one.
    pub(super) fn ponged(&mut self, now: u64, peer: u32) {
        for asked in self.probing.remove(&peer).unwrap_or_default() {
            if now - asked <= PATIENCE {
                self.asked.entry(asked / SAMPLE).or_default().1 += 1;
                if self.counts(asked) {
                    self.pings.took.push(now - asked);
                }
            }
        }
    }

    pub(super) fn submitted(&mut self, now: u64, intent: Option<IntentId>) {
        if self.counts(now) {
            self.intents.asked += 1;
            intent.map(|i| self.working.insert(i, now));
        }
    }

    pub(super) fn completed(&mut self, now: u64, intent: IntentId) {
        if let Some(began) = self.working.remove(&intent).filter(|began| now - began <= WORK_PATIENCE) {
            self.intents.took.push(now - began);
        }
    }

    pub(super) fn came(&mut self, now: u64, newcomer: u32) {
        self.newcomers.asked += 1;
        self.coming.insert(newcomer, now);
    }

    pub(super) fn got_in(&mut self, now: u64, newcomer: u32) {
        if let Some(came) = self.coming.remove(&newcomer).filter(|_| self.counts(now)) {
            self.newcomers.took.push(now - came);
        }
    }

    /// The flooded node made a session anew, with a peer that had one.
    pub(super) fn broken(&mut self, peer: NodeId) {
        self.broken.insert(peer);
    }

    pub(super) fn arrived(&mut self, now: u64, from: &From, kept: bool) {
        if !self.counts(now) {
            return;
        }
        let kind = usize::from(matches!(from, From::Forged { .. }));
        self.arrived[kind] += 1;
        self.lost[kind] += u64::from(!kept);
    }

    /// A forged packet was answered with so many bytes, to its own address.
    pub(super) fn answered(&mut self, bytes_in: u64, bytes_out: u64) {
        self.unproven.0 += bytes_in;
        self.unproven.1 += bytes_out;
        self.worst = self.worst.max(bytes_out as f64 / bytes_in as f64);
    }

    pub(super) fn size(&mut self, half_open: u64, sessions: u64, waiting: u64) {
        self.half_open_peak = self.half_open_peak.max(half_open);
        self.sessions_peak = self.sessions_peak.max(sessions);
        self.waiting_peak = self.waiting_peak.max(waiting);
    }

    /// A tenth of a second ends.
    pub(super) fn sample(&mut self, now: u64, busy_ns: u64, half_open: u32, sessions: u32) {
        let busy = (busy_ns - self.busy_before) as f64 / SAMPLE as f64;
        self.busy_before = busy_ns;
        let at_ms = now as i64 / 1_000_000 - self.flood.0 as i64 / 1_000_000;
        if at_ms > -1_000 && now <= self.flood.1 {
            self.samples.push(Sample { at_ms, busy, half_open, sessions, ..Sample::default() });
        }
    }

    pub(super) fn into_run(mut self, flood: &Flood, attack: Attack, trace_hash: String) -> FloodRun {
        for sample in &mut self.samples {
            let began = (self.flood.0 as i64 / 1_000_000 + sample.at_ms) as u64 * 1_000_000 - SAMPLE;
            let (pings, answered) = self.asked.get(&(began / SAMPLE)).copied().unwrap_or_default();
            (sample.pings, sample.answered) = (pings, answered);
        }
        let during: Vec<f64> = self.samples.iter().filter(|s| s.at_ms > 0).map(|s| s.busy).collect();
        let machine = &flood.machine;
        FloodRun {
            attack,
            cpu_pct: 100.0 * during.iter().sum::<f64>() / during.len().max(1) as f64,
            pings: self.pings.served(),
            intents: self.intents.served(),
            session_datagrams: self.arrived[0],
            session_datagrams_lost: self.lost[0],
            sessions_lost: self.broken.len() as u32,
            newcomers: self.newcomers.served(),
            forged: self.arrived[1],
            forged_lost: self.lost[1],
            unproven_bytes_in: self.unproven.0,
            unproven_bytes_out: self.unproven.1,
            amplification_worst: self.worst,
            half_open_peak: self.half_open_peak,
            sessions_peak: self.sessions_peak,
            // A waiting datagram takes a page's quarter, header of the system included.
            state_bytes_peak: self.half_open_peak * machine.half_open_bytes
                + self.sessions_peak * machine.session_bytes
                + self.waiting_peak * 832,
            trace_hash,
            samples: self.samples,
        }
    }
}
