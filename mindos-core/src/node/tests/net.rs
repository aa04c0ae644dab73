//! A network in memory: nodes with paths, a disk and a host each, a virtual clock, and links that delay,
//! lose, repeat and reorder by a seeded generator. It drives nodes by `handle`, `poll` and their deadlines.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use bytes::Bytes;

use super::super::*;
use crate::crypto::{Crypto, DEFAULT};
use mindos_wire::{Effect as EffectClass, Label, Stakes};

pub(super) const MS: u64 = 1_000;
pub(super) const S: u64 = 1_000_000;
const SCHEME: u8 = 0xf0;

/// SplitMix64.
pub(super) struct Rng(pub(super) u64);

impl Rng {
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(super) fn below(&mut self, n: u64) -> u64 {
        self.next() % n.max(1)
    }
}

/// How links treat packets.
#[derive(Clone, Copy)]
pub(super) struct Link {
    pub(super) delay_us: u64,
    /// Up to this much more, so that packets overtake each other.
    pub(super) jitter_us: u64,
    /// Chances in 1,000.
    pub(super) loss: u64,
    pub(super) duplication: u64,
}

impl Link {
    pub(super) const CLEAN: Self = Self { delay_us: 10 * MS, jitter_us: 0, loss: 0, duplication: 0 };
    pub(super) const ROUGH: Self = Self { delay_us: 10 * MS, jitter_us: 30 * MS, loss: 100, duplication: 100 };
}

#[derive(Debug)]
enum What {
    Datagram {
        from: usize,
        bytes: Bytes,
    },
    Deadline,
    Input {
        run: u32,
        input: Input,
    },
    /// A record reaches the disk, and then the node is told.
    Written {
        run: u32,
        key: PersistKey,
        bytes: Bytes,
        token: u64,
    },
}

/// Whether a datagram from one host to another is lost.
pub(super) type Filter = Box<dyn FnMut(usize, usize, &[u8]) -> bool>;

/// Inputs of a run, as its recorder heard them.
pub(super) type Recording = Arc<Mutex<Vec<(Instant, Input)>>>;

pub(super) struct Host {
    pub(super) node: Option<Node>,
    pub(super) id: NodeId,
    pub(super) disk: Restored,
    pub(super) run: u32,
    pub(super) frozen: bool,
    pub(super) events: Vec<(u64, Event)>,
    pub(super) recording: Recording,
    /// Everything that the node put out, idling excepted.
    pub(super) outputs: Vec<String>,
    pub(super) executed: Vec<LeaseId>,
    pub(super) stopped: Vec<LeaseId>,
    running: BTreeSet<LeaseId>,
    remotes: BTreeMap<PathId, usize>,
    paths: BTreeMap<usize, PathId>,
    inbound: u32,
    deadline: Option<u64>,
    buffered: Vec<(usize, Bytes)>,
    /// By how much a deadline ever lay in the past when it was told.
    pub(super) worst_late_us: u64,
}

pub(super) struct Net {
    pub(super) crypto: &'static dyn Crypto,
    pub(super) now: u64,
    pub(super) hosts: Vec<Host>,
    pub(super) link: Link,
    /// Directed pairs whose packets vanish.
    pub(super) cut: BTreeSet<(usize, usize)>,
    /// An execution takes this long; `None`: never ends.
    pub(super) work_us: Option<u64>,
    /// Hosts whose results are wrong.
    pub(super) wrong: BTreeSet<usize>,
    /// Hosts look at every result, and check those that others accuse.
    pub(super) judges: bool,
    payloads: BTreeMap<IntentId, Bytes>,
    /// A write takes this long.
    pub(super) disk_us: u64,
    /// Timeouts that nobody asked for, this far apart.
    pub(super) extra_timeouts_us: Option<u64>,
    /// Datagrams as they were sent: at, from, to, bytes.
    pub(super) wire: Vec<(u64, usize, usize, Bytes)>,
    pub(super) keep_wire: bool,
    /// Packets between these take this much longer.
    pub(super) slow: Option<(usize, usize, u64)>,
    /// What hosts change of a configuration.
    pub(super) configure: fn(&mut NodeConfig),
    /// Decides what is lost beyond chance; `true` drops.
    pub(super) filter: Option<Filter>,
    trace: [u8; 32],
    seed: u64,
    rng: Rng,
    queue: BTreeMap<(u64, u64), (usize, What)>,
    order: u64,
}

pub(super) fn locator(host: usize) -> Bytes {
    let mut bytes = vec![SCHEME];
    bytes.extend((host as u32).to_le_bytes());
    Bytes::from(bytes)
}

/// The BLAKE3 of the only capability in these tests.
pub(super) fn capability() -> [u8; 32] {
    DEFAULT.hash(&[b"test.echo/1"])
}

/// One slot, 2,000 context tokens and 20 generated tokens a second.
pub(super) fn capacity(slots: u16) -> Capacity {
    Capacity {
        slots,
        context_rate: 2_000_000,
        generated_rate: 20_000,
        context_free: 1 << 20,
        stakes: Some(Stakes::Moderate),
        clearance: Some(Label::Household),
        capabilities: vec![Capability { name: capability(), competence: 200, price: 10 }],
        credit: u64::MAX,
    }
}

/// Two seconds of reference work.
pub(super) fn request(payload: &'static [u8]) -> IntentRequest {
    IntentRequest {
        capability: capability(),
        context_tokens: 2_000,
        generated_tokens: 20,
        lifetime: Duration::from_secs(120),
        budget: 1_000,
        label: Label::Public,
        depth: 0,
        effect: EffectClass::Pure,
        stakes: Stakes::Low,
        contexts: Vec::new(),
        payload: Bytes::from_static(payload),
    }
}

/// What the one capability makes of its input.
fn reversed(payload: &Bytes) -> Bytes {
    payload.iter().rev().copied().collect()
}

impl Net {
    pub(super) fn new(nodes: usize, seed: u64, link: Link) -> Self {
        Self::with_crypto(nodes, seed, link, &DEFAULT)
    }

    pub(super) fn with_crypto(nodes: usize, seed: u64, link: Link, crypto: &'static dyn Crypto) -> Self {
        let mut net = Self {
            crypto,
            now: 0,
            hosts: Vec::new(),
            link,
            cut: BTreeSet::new(),
            work_us: Some(2 * S),
            wrong: BTreeSet::new(),
            judges: false,
            payloads: BTreeMap::new(),
            disk_us: MS,
            extra_timeouts_us: None,
            wire: Vec::new(),
            keep_wire: false,
            slow: None,
            configure: |_| {},
            filter: None,
            trace: [0; 32],
            seed,
            rng: Rng(seed),
            queue: BTreeMap::new(),
            order: 0,
        };
        for host in 0..nodes {
            let id = NodeId(crypto.sign_public(&net.secret(host)));
            net.hosts.push(Host {
                node: None,
                id,
                disk: Restored::new(),
                run: 0,
                frozen: false,
                events: Vec::new(),
                recording: Recording::default(),
                outputs: Vec::new(),
                executed: Vec::new(),
                stopped: Vec::new(),
                running: BTreeSet::new(),
                remotes: BTreeMap::new(),
                paths: BTreeMap::new(),
                inbound: 1 << 31,
                deadline: None,
                buffered: Vec::new(),
                worst_late_us: 0,
            });
        }
        net
    }

    /// All nodes, joined through the first, after `seconds`.
    pub(super) fn joined(nodes: usize, seed: u64, link: Link, seconds: u64) -> Self {
        let mut net = Self::new(nodes, seed, link);
        net.join_all();
        net.run(seconds * S);
        net
    }

    pub(super) fn join_all(&mut self) {
        for host in 0..self.hosts.len() {
            self.start(host);
            if host > 0 {
                self.join(host, 0);
            }
        }
    }

    pub(super) fn join(&mut self, host: usize, through: usize) {
        self.command(host, Command::Join { locator: locator(through) });
    }

    pub(super) fn secret(&self, host: usize) -> [u8; 32] {
        DEFAULT.derive("mindos test node identity", &[&self.seed.to_le_bytes(), &(host as u64).to_le_bytes()])
    }

    /// The configuration of a host's present run.
    pub(super) fn config(&self, host: usize) -> NodeConfig {
        let run = self.hosts[host].run;
        let fields = [&self.seed.to_le_bytes()[..], &(host as u64).to_le_bytes(), &run.to_le_bytes()];
        let seed = DEFAULT.derive("mindos test node seed", &fields);
        let mut config = NodeConfig::new(self.crypto, self.secret(host), seed, 7, locator(host));
        (self.configure)(&mut config);
        config
    }

    pub(super) fn start(&mut self, host: usize) {
        self.hosts[host].run += 1;
        let config = self.config(host);
        let mut node = Node::new(config, Instant(self.now), &self.hosts[host].disk);
        let recording = Recording::default();
        let to = Arc::clone(&recording);
        node.record(move |at, input| to.lock().unwrap().push((at, input.clone())));
        let h = &mut self.hosts[host];
        h.node = Some(node);
        h.recording = recording;
        h.outputs.clear();
        self.drain(host);
    }

    /// Power loss: what was being written is lost.
    pub(super) fn kill(&mut self, host: usize) {
        let h = &mut self.hosts[host];
        h.node = None;
        h.frozen = false;
        h.deadline = None;
        h.running.clear();
        h.remotes.clear();
        h.paths.clear();
        h.inbound = 1 << 31;
        h.buffered.clear();
    }

    /// Power loss in the middle of writes: the first `kept` of them reached the disk, the node never heard.
    pub(super) fn kill_while_writing(&mut self, host: usize, kept: usize) {
        let run = self.hosts[host].run;
        let writes = self.queue.values().filter_map(|(h, what)| match what {
            What::Written { run: r, key, bytes, .. } if *h == host && *r == run => Some((*key, bytes.clone())),
            _ => None,
        });
        let reached: Vec<(PersistKey, Bytes)> = writes.take(kept).collect();
        self.hosts[host].disk.extend(reached);
        self.kill(host);
    }

    /// The process stops, its memory and its socket's buffer stay.
    pub(super) fn freeze(&mut self, host: usize) {
        self.hosts[host].frozen = true;
    }

    pub(super) fn thaw(&mut self, host: usize) {
        self.hosts[host].frozen = false;
        for (from, bytes) in std::mem::take(&mut self.hosts[host].buffered) {
            self.deliver(host, from, bytes);
        }
        self.push(self.now, host, What::Deadline);
        self.hosts[host].deadline = Some(self.now);
    }

    /// No packet passes between the two sets, either way.
    pub(super) fn partition(&mut self, one: &[usize], other: &[usize]) {
        for a in one {
            for b in other {
                self.cut.insert((*a, *b));
                self.cut.insert((*b, *a));
            }
        }
    }

    fn push(&mut self, at: u64, host: usize, what: What) {
        self.order += 1;
        self.queue.insert((at, self.order), (host, what));
    }

    pub(super) fn run(&mut self, for_us: u64) {
        let end = self.now + for_us;
        self.run_until(end, |_| false);
    }

    /// Until `done` says so or `end` comes; returns whether it did.
    pub(super) fn run_until(&mut self, end: u64, mut done: impl FnMut(&Self) -> bool) -> bool {
        loop {
            if done(self) {
                return true;
            }
            let extra = self.extra_timeouts_us.map(|e| (self.now / e + 1) * e);
            let Some((&(at, order), _)) = self.queue.first_key_value().filter(|((at, _), _)| *at <= end) else {
                self.now = end;
                return done(self);
            };
            if let Some(extra) = extra.filter(|e| *e < at) {
                self.now = extra;
                (0..self.hosts.len()).for_each(|host| self.input(host, Input::Timeout));
                continue;
            }
            let Some((host, what)) = self.queue.remove(&(at, order)) else { return false };
            self.now = at;
            self.happen(host, what);
        }
    }

    fn happen(&mut self, host: usize, what: What) {
        match what {
            What::Datagram { from, bytes } if self.hosts[host].frozen => self.hosts[host].buffered.push((from, bytes)),
            What::Datagram { from, bytes } => {
                self.deliver(host, from, bytes);
            }
            What::Deadline => {
                if self.hosts[host].deadline == Some(self.now) && !self.hosts[host].frozen {
                    self.hosts[host].deadline = None;
                    self.input(host, Input::Timeout);
                }
            }
            What::Input { run, .. } | What::Written { run, .. } if run != self.hosts[host].run => {}
            What::Input { .. } | What::Written { .. } if self.hosts[host].node.is_none() => {}
            what if self.hosts[host].frozen => self.push(self.now + 100 * MS, host, what),
            What::Input { input, .. } => {
                let lease = match &input {
                    Input::Command(Command::Finish { lease, .. }) => Some(*lease),
                    _ => None,
                };
                if lease.is_none_or(|l| self.hosts[host].running.remove(&l)) {
                    self.input(host, input);
                }
            }
            What::Written { key, bytes, token, .. } => {
                self.hosts[host].disk.insert(key, bytes);
                self.input(host, Input::Persisted { token });
            }
        }
    }

    /// A datagram reaches a host, on the path that it knows or invents for its sender.
    pub(super) fn deliver(&mut self, host: usize, from: usize, bytes: Bytes) -> Option<Handled> {
        let h = &mut self.hosts[host];
        h.node.as_ref()?;
        let known = h.paths.get(&from).copied();
        let path = known.unwrap_or_else(|| {
            let path = PathId(h.inbound);
            h.inbound += 1;
            h.remotes.insert(path, from);
            h.paths.insert(from, path);
            path
        });
        self.input_checked(host, Input::Datagram { path, bytes })
    }

    pub(super) fn input(&mut self, host: usize, input: Input) {
        self.input_checked(host, input);
    }

    pub(super) fn input_checked(&mut self, host: usize, input: Input) -> Option<Handled> {
        let now = Instant(self.now);
        let handled = self.hosts[host].node.as_mut()?.handle(now, input);
        self.drain(host);
        Some(handled)
    }

    pub(super) fn command(&mut self, host: usize, command: Command) -> Handled {
        self.input_checked(host, Input::Command(command)).unwrap()
    }

    pub(super) fn submit(&mut self, host: usize, request: IntentRequest) -> Result<IntentId, DropReason> {
        let payload = request.payload.clone();
        let intent = self.hosts[host].node.as_mut().unwrap().submit(Instant(self.now), request);
        intent.iter().for_each(|i| drop(self.payloads.insert(*i, payload.clone())));
        self.drain(host);
        intent
    }

    /// A node that does not keep to the protocol: these frames leave on its genuine session.
    pub(super) fn send_raw(&mut self, host: usize, to: usize, frames: Vec<u8>) {
        let (now, to) = (Instant(self.now), self.hosts[to].id);
        let node = self.hosts[host].node.as_mut().unwrap();
        let how = crate::outbox::How::Reliable(Class::Message);
        node.effects.push_back(Effect::Send { to, how, frames });
        node.conduct(now);
        node.flush(now);
        self.drain(host);
    }

    /// Takes what the node puts out, and does it.
    pub(super) fn drain(&mut self, host: usize) {
        let mut buf = [0; mindos_wire::MAX_PACKET];
        loop {
            let Some(node) = self.hosts[host].node.as_mut() else { return };
            let output = node.poll(&mut buf);
            if let Output::Idle { deadline, .. } = output {
                let late = deadline.map_or(0, |d| self.now.saturating_sub(d.0));
                self.hosts[host].worst_late_us = self.hosts[host].worst_late_us.max(late);
                let at = deadline.map(|d| d.0.max(self.now));
                if self.hosts[host].deadline != at {
                    self.hosts[host].deadline = at;
                    if let Some(at) = at {
                        self.push(at, host, What::Deadline);
                    }
                }
                return;
            }
            let said = format!("{} {output:?}", self.now);
            self.trace = DEFAULT.hash(&[&self.trace, &(host as u64).to_le_bytes(), said.as_bytes()]);
            self.hosts[host].outputs.push(said);
            let run = self.hosts[host].run;
            match output {
                Output::Transmit { path, bytes, .. } => {
                    let bytes = Bytes::copy_from_slice(bytes);
                    self.transmit(host, path, bytes);
                }
                Output::OpenPath { path, locator } => {
                    let input = match locator.split_first_chunk::<1>() {
                        Some(([SCHEME], rest)) => {
                            let to = u32::from_le_bytes(rest.try_into().unwrap()) as usize;
                            self.hosts[host].remotes.insert(path, to);
                            self.hosts[host].paths.insert(to, path);
                            Input::PathReady { path, mtu: 1_200 }
                        }
                        _ => Input::PathFailed { path },
                    };
                    self.push(self.now, host, What::Input { run, input });
                }
                Output::Persist { key, bytes, token } => {
                    self.push(self.now + self.disk_us, host, What::Written { run, key, bytes, token });
                }
                Output::Event(event) => self.event(host, event),
                Output::Idle { .. } => unreachable!("handled above"),
            }
        }
    }

    fn event(&mut self, host: usize, event: Event) {
        let run = self.hosts[host].run;
        match &event {
            Event::Execute { lease, work, .. } => {
                self.hosts[host].executed.push(*lease);
                self.hosts[host].running.insert(*lease);
                if let Some(takes) = self.work_us {
                    let wrong = self.wrong.contains(&host);
                    let output = if wrong { Bytes::from_static(b"wrong") } else { reversed(&work.payload) };
                    let finish = Command::Finish { lease: *lease, status: mindos_wire::ResultStatus::Done, output };
                    self.push(self.now + takes, host, What::Input { run, input: Input::Command(finish) });
                }
            }
            Event::Completed { lease, output, .. } if self.judges => {
                let right = self.payloads.get(&lease.intent).is_some_and(|p| *output == reversed(p));
                let judge = Command::Judge { lease: *lease, right };
                self.push(self.now, host, What::Input { run, input: Input::Command(judge) });
            }
            Event::Check { check, work, output, .. } if self.judges => {
                let checked = Command::Checked { check: *check, right: Some(*output == reversed(&work.payload)) };
                self.push(self.now, host, What::Input { run, input: Input::Command(checked) });
            }
            Event::Stop { lease } => {
                self.hosts[host].running.remove(lease);
                self.hosts[host].stopped.push(*lease);
            }
            _ => {}
        }
        self.hosts[host].events.push((self.now, event));
    }

    fn transmit(&mut self, from: usize, path: PathId, bytes: Bytes) {
        let Some(to) = self.hosts[from].remotes.get(&path).copied() else { return };
        if self.keep_wire {
            self.wire.push((self.now, from, to, bytes.clone()));
        }
        let Link { delay_us, jitter_us, loss, duplication } = self.link;
        let copies = 1 + u64::from(self.rng.below(1_000) < duplication);
        for _ in 0..copies {
            let lost = self.rng.below(1_000) < loss;
            let slow = self.slow.filter(|s| (s.0, s.1) == (from, to)).map_or(0, |s| s.2);
            let jitter = self.rng.below(jitter_us + 1) + slow;
            let dropped = self.filter.as_mut().is_some_and(|f| f(from, to, &bytes));
            if !lost && !dropped && !self.cut.contains(&(from, to)) {
                self.push(self.now + delay_us + jitter, to, What::Datagram { from, bytes: bytes.clone() });
            }
        }
    }

    // What tests ask.

    /// BLAKE3 over everything that all nodes put out, with its time.
    pub(super) fn trace(&self) -> [u8; 32] {
        self.trace
    }

    pub(super) fn node(&self, host: usize) -> &Node {
        self.hosts[host].node.as_ref().unwrap()
    }

    pub(super) fn node_mut(&mut self, host: usize) -> &mut Node {
        self.hosts[host].node.as_mut().unwrap()
    }

    /// Hosts whose node runs.
    pub(super) fn up(&self) -> Vec<usize> {
        (0..self.hosts.len()).filter(|h| self.hosts[*h].node.is_some()).collect()
    }

    pub(super) fn state(&self, of: usize, at: usize) -> Option<(MemberState, u32)> {
        self.node(at).leaf().state(&self.hosts[of].id)
    }

    /// Whether all running nodes hold the same of everybody.
    pub(super) fn agree(&self) -> bool {
        let mut views = self.up().into_iter().map(|h| (self.node(h).leaf().view(), self.node(h).leaf().members()));
        let first = views.next();
        views.all(|v| Some(v) == first)
    }

    pub(super) fn count(&self, host: usize, wanted: impl Fn(&Event) -> bool) -> usize {
        self.hosts[host].events.iter().filter(|(_, e)| wanted(e)).count()
    }

    pub(super) fn is_connected(&self, a: usize, b: usize) -> bool {
        self.node(a).leaf().sessions().any(|n| *n == self.hosts[b].id)
    }

    /// How an intent of a host ended: results, other ends.
    pub(super) fn ends(&self, host: usize, intent: IntentId) -> (usize, usize) {
        let results = self.count(host, |e| matches!(e, Event::Completed { lease, .. } if lease.intent == intent));
        let ends = self.count(host, |e| matches!(e, Event::Ended { intent: i, .. } if *i == intent));
        (results, ends)
    }
}
