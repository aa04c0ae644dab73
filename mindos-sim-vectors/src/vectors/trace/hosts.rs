//! Two hosts and the path between them, on a virtual clock.

use std::collections::BTreeMap;

use bytes::Bytes;
use mindos_core::{Command, Event, Input, LeaseId, PathId};
use serde_json::Value as Json;

use super::node::{Out, Traced};

/// From one host to the other.
const DELAY_US: u64 = 10_000;
/// Until a record is on stable storage.
const DISK_US: u64 = 1_000;
/// The path on which the peer hears of the traced node.
const INBOUND: PathId = PathId(1 << 31);
/// A bound on the steps of both nodes.
const STEPS: usize = 20_000;

/// The traced node, by whose name one side of the pair goes.
pub(super) const WORKER: usize = 0;
/// Its peer.
pub(super) const PEER: usize = 1;

/// What a host does at a given time.
pub(super) enum Due {
    /// A fixed input.
    Input(Input),
    /// A datagram of the other node arrives.
    Arrives(Bytes),
    /// The other node is probed once.
    Ping,
    /// The last datagram of the other node arrives once more, changed.
    Again(fn(&mut Vec<u8>)),
    /// A command about the lease that the node was told to execute.
    Work(fn(LeaseId) -> Command),
}

/// Both hosts.
pub(super) struct Hosts {
    nodes: [Traced; 2],
    paths: [PathId; 2],
    now: u64,
    order: u64,
    queue: BTreeMap<(u64, u64), (usize, Due)>,
    last: Bytes,
    lease: Option<LeaseId>,
    steps: Vec<Json>,
}

impl Hosts {
    /// Both nodes at rest.
    pub(super) fn new(nodes: [Traced; 2]) -> Self {
        let mut hosts = Self {
            nodes,
            paths: [PathId(0), INBOUND],
            now: 0,
            order: 0,
            queue: BTreeMap::new(),
            last: Bytes::new(),
            lease: None,
            steps: Vec::new(),
        };
        for host in [WORKER, PEER] {
            if let Some(node) = hosts.nodes.get_mut(host) {
                let step = node.start(0);
                hosts.done(host, step);
            }
        }
        hosts
    }

    /// Plans something.
    pub(super) fn at(&mut self, at: u64, host: usize, due: Due) {
        self.order += 1;
        self.queue.insert((at, self.order), (host, due));
    }

    /// Runs until `end` and returns the steps of the traced node.
    pub(super) fn run(mut self, end: u64) -> Result<Vec<Json>, String> {
        for _ in 0..STEPS {
            let timer = [WORKER, PEER].into_iter().filter_map(|h| Some((self.nodes.get(h)?.deadline?, h))).min();
            let timer = timer.map(|(at, host)| (at.max(self.now), host));
            let next = self.queue.first_key_value().map(|(key, _)| *key);
            match (timer, next) {
                // What was planned goes first.
                (timer, Some((at, order))) if timer.is_none_or(|t| at <= t.0) && at <= end => {
                    self.now = at;
                    if let Some((host, due)) = self.queue.remove(&(at, order)) {
                        self.happen(host, due);
                    }
                }
                (Some((at, host)), _) if at <= end => {
                    self.now = at;
                    self.input(host, Input::Timeout);
                }
                _ => return Ok(self.steps),
            }
        }
        Err("the nodes do not come to rest".into())
    }

    fn happen(&mut self, host: usize, due: Due) {
        match due {
            Due::Input(input) => self.input(host, input),
            Due::Arrives(bytes) => {
                if host == WORKER {
                    self.last = bytes.clone();
                }
                self.input(host, Input::Datagram { path: self.path(host), bytes });
            }
            Due::Ping => {
                if let Some(node) = self.nodes.get(1 - host).map(Traced::id) {
                    self.input(host, Input::Command(Command::Ping { node }));
                }
            }
            Due::Again(change) => {
                let mut bytes = self.last.to_vec();
                change(&mut bytes);
                self.input(host, Input::Datagram { path: self.path(host), bytes: Bytes::from(bytes) });
            }
            Due::Work(command) => {
                if let Some(lease) = self.lease {
                    self.input(host, Input::Command(command(lease)));
                }
            }
        }
    }

    fn path(&self, host: usize) -> PathId {
        self.paths.get(host).copied().unwrap_or(INBOUND)
    }

    fn input(&mut self, host: usize, input: Input) {
        let now = self.now;
        if let Some(node) = self.nodes.get_mut(host) {
            let step = node.step(now, input);
            self.done(host, step);
        }
    }

    /// Does what the node wants.
    fn done(&mut self, host: usize, step: Json) {
        if host == WORKER {
            self.steps.push(step);
        }
        let out = self.nodes.get_mut(host).map(|n| std::mem::take(&mut n.out)).unwrap_or_default();
        for out in out {
            match out {
                Out::Transmit(bytes) => {
                    self.at(self.now + DELAY_US, 1 - host, Due::Arrives(bytes));
                }
                Out::OpenPath(path) => {
                    if let Some(known) = self.paths.get_mut(host) {
                        *known = path;
                    }
                    self.at(self.now + DISK_US, host, Due::Input(Input::PathReady { path, mtu: 1_200 }));
                }
                Out::Persist(token) => {
                    self.at(self.now + DISK_US, host, Due::Input(Input::Persisted { token }));
                }
                Out::Event(Event::Execute { lease, .. }) if host == WORKER => self.lease = Some(lease),
                Out::Event(_) => {}
            }
        }
    }
}
