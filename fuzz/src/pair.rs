//! Two nodes on a virtual wire, and the hostile peer beside them.

use std::collections::{BTreeMap, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};

use bytes::Bytes;
use mindos_core::crypto::DEFAULT;
use mindos_core::wire::MAX_PACKET;
use mindos_core::{Command, Event, Input, Instant, LeaseId, Node, NodeConfig, Output, PathId, Restored};

use crate::hostile::Hostile;

/// Network of all three.
pub(crate) const NETWORK: u32 = 0x7a7a;
/// Index of the hostile peer.
pub(crate) const HOSTILE: usize = 2;
/// One way on the wire, in µs.
const LATENCY_US: u64 = 5_000;
/// A node that wants more than this at one moment is going round in circles.
const PATIENCE: u32 = 10_000;

/// A datagram on its way.
pub(crate) struct InFlight {
    at: u64,
    from: usize,
    to: usize,
    pub(crate) bytes: Vec<u8>,
}

struct Host {
    node: Node,
    disk: Restored,
    /// Where the paths lead that the node opened.
    paths: BTreeMap<PathId, usize>,
    deadline: Option<u64>,
    runs: u8,
}

/// The world of a fuzz run.
pub(crate) struct Pair {
    hosts: [Host; 2],
    pub(crate) hostile: Hostile,
    pub(crate) wire: VecDeque<InFlight>,
    /// Work that a node wants done, by node.
    pub(crate) tasks: [VecDeque<LeaseId>; 2],
    /// Records of the questions that were asked.
    pub(crate) questions: Vec<Bytes>,
    now: u64,
    trace: DefaultHasher,
}

/// Where a host is found.
pub(crate) fn locator(host: usize) -> Bytes {
    Bytes::copy_from_slice(&[0xf0, host as u8, 0, 0, 0])
}

impl Pair {
    /// The second node knows the first; nothing happened yet.
    pub(crate) fn new() -> Self {
        let mut pair = Self {
            hosts: [Host::new(0), Host::new(1)],
            hostile: Hostile::new(),
            wire: VecDeque::new(),
            tasks: [VecDeque::new(), VecDeque::new()],
            questions: Vec::new(),
            now: 0,
            trace: DefaultHasher::new(),
        };
        pair.drain(0);
        pair.drain(1);
        pair.input(1, Input::Command(Command::Join { locator: locator(0) }));
        pair
    }

    /// One input into a node, and everything that it asks for.
    pub(crate) fn input(&mut self, host: usize, input: Input) {
        let now = Instant(self.now);
        let handled = self.hosts[host].node.handle(now, input);
        format!("{host} {handled:?}").hash(&mut self.trace);
        self.drain(host);
    }

    /// The node, for its facets; `drain` afterwards.
    pub(crate) fn node(&mut self, host: usize) -> (&mut Node, Instant) {
        (&mut self.hosts[host].node, Instant(self.now))
    }

    /// Takes what a node wants from its host.
    pub(crate) fn drain(&mut self, host: usize) {
        let mut buf = [0; MAX_PACKET];
        for _ in 0..PATIENCE {
            let now = Instant(self.now);
            let Host { node, disk, paths, deadline, .. } = &mut self.hosts[host];
            match node.poll(&mut buf) {
                Output::Transmit { path, bytes, .. } => {
                    assert!(!bytes.is_empty() && bytes.len() <= MAX_PACKET, "a datagram of {} bytes", bytes.len());
                    bytes.hash(&mut self.trace);
                    let inbound = (path.0 & !(1 << 31)) as usize;
                    let to = paths.get(&path).copied().or_else(|| (path.0 >> 31 == 1).then_some(inbound));
                    let bytes = bytes.to_vec();
                    if let Some(to) = to.filter(|to| *to <= HOSTILE) {
                        self.wire.push_back(InFlight { at: self.now + LATENCY_US, from: host, to, bytes });
                    }
                }
                Output::OpenPath { path, locator } => match locator[..] {
                    [0xf0, to @ 0..=2, 0, 0, 0] => {
                        paths.insert(path, usize::from(to));
                        node.handle(now, Input::PathReady { path, mtu: 1_500 });
                    }
                    _ => {
                        node.handle(now, Input::PathFailed { path });
                    }
                },
                Output::Persist { key, bytes, token } => {
                    disk.insert(key, bytes);
                    node.handle(now, Input::Persisted { token });
                }
                Output::Event(event) => {
                    format!("{event:?}").hash(&mut self.trace);
                    match event {
                        Event::Execute { lease, .. } => self.tasks[host].push_back(lease),
                        Event::Asked { record, .. } => self.questions.push(record),
                        _ => {}
                    }
                }
                Output::Idle { deadline: next, .. } => {
                    // What is due now waits a moment, as a real clock would make it.
                    *deadline = next.map(|d| d.0.max(self.now + 1));
                    return;
                }
                _ => {}
            }
        }
        unreachable!("the outputs of node {host} have no end");
    }

    /// Lets time pass, with all that is due in it.
    pub(crate) fn wait(&mut self, us: u64) {
        let end = self.now + us;
        let mut steps = 0;
        loop {
            let timer = (0..2).filter_map(|h| Some((self.hosts[h].deadline?, h))).min();
            let datagram = self.wire.iter().enumerate().map(|(i, d)| (d.at, i)).min();
            let due = timer.map(|t| t.0).into_iter().chain(datagram.map(|d| d.0)).min();
            let Some(at) = due.filter(|at| *at <= end) else { break };
            steps = if at > self.now { 0 } else { steps + 1 };
            assert!(steps < PATIENCE, "time stands still at {} us", self.now);
            self.now = at.max(self.now);
            match (timer, datagram) {
                (Some((t, host)), d) if d.is_none_or(|d| t <= d.0) => self.input(host, Input::Timeout),
                (_, Some((_, i))) => self.deliver(i),
                _ => break,
            }
        }
        self.now = end;
    }

    /// Time that the nodes sleep through: nothing arrives and no timer rings.
    pub(crate) fn sleep(&mut self, us: u64) {
        self.now += us;
    }

    fn deliver(&mut self, index: usize) {
        let Some(datagram) = self.wire.remove(index) else { return };
        let InFlight { from, to, bytes, .. } = datagram;
        if to == HOSTILE {
            if let Some(answer) = self.hostile.heard(from, &bytes) {
                self.throw(from, answer);
            }
        } else {
            self.arrive(from, to, bytes);
        }
    }

    /// Bytes reach a node from somebody.
    pub(crate) fn arrive(&mut self, from: usize, to: usize, bytes: Vec<u8>) {
        let opened = self.hosts[to].paths.iter().rfind(|(_, h)| **h == from).map(|(p, _)| *p);
        let path = opened.unwrap_or(PathId(1 << 31 | from as u32));
        self.input(to, Input::Datagram { path, bytes: Bytes::from(bytes) });
    }

    /// The hostile peer sends a datagram.
    pub(crate) fn throw(&mut self, to: usize, bytes: Vec<u8>) {
        self.wire.push_back(InFlight { at: self.now + LATENCY_US, from: HOSTILE, to, bytes });
    }

    /// A node loses its power and starts again from its disk.
    pub(crate) fn restart(&mut self, host: usize) {
        self.hosts[host].restart(host, Instant(self.now));
        self.tasks[host].clear();
        self.drain(host);
    }

    /// Hash over everything that the nodes did.
    pub(crate) fn trace(&self) -> u64 {
        self.trace.finish()
    }
}

impl Host {
    fn new(host: usize) -> Self {
        let disk = Restored::new();
        let node = start(host, 0, Instant(0), &disk);
        Self { node, disk, paths: BTreeMap::new(), deadline: None, runs: 1 }
    }

    fn restart(&mut self, host: usize, now: Instant) {
        self.node = start(host, self.runs, now, &self.disk);
        self.runs = self.runs.wrapping_add(1);
        self.paths.clear();
        self.deadline = None;
    }
}

fn start(host: usize, run: u8, now: Instant, disk: &Restored) -> Node {
    let mut seed = [run; 32];
    seed[0] = host as u8;
    let config = NodeConfig::new(&DEFAULT, [host as u8 + 1; 32], seed, NETWORK, locator(host));
    Node::new(config, now, disk)
}
