//! Time passes over a flooded node: what happens, in order.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};

use bytes::Bytes;
use mindos_core::wire::{Effect, Label, MAX_PACKET, ResultStatus, Stakes};
use mindos_core::{
    Capability, Capacity, Command, Duration, Event, Input, Instant, IntentRequest, LeaseId, NodeId, Output, PathId,
};

use super::attacker::{self, Attacker};
use super::machine::{Core, From, Job};
use super::meter::Meter;
use super::observe::{Observer, SAMPLE};
use crate::flood::result::FloodRun;
use crate::flood::scenario::{Attack, Flood};
use crate::rng::Stream;
use crate::world::Memo;
use crate::world::cast::Cast;
use crate::world::host::{Host, locator, resolve};

/// The flooded node's host; its peers follow, then newcomers.
const VICTIM: u32 = 0;
/// Work is of use for this long, in ns.
const LIFETIME: u64 = 10_000_000_000;
/// What is asked at the end of the flood has this long to be answered, in ns.
const GRACE: u64 = 2_000_000_000;
/// The flooded node works this long on a piece of work, beside its core, in ns.
const WORK: u64 = 1_000_000;
const SECOND: u64 = 1_000_000_000;
const EPOCH_S: u64 = 1_800_000_000;

#[derive(Debug)]
enum Happening {
    Arrive { from: u32, to: u32, bytes: Bytes },
    Deadline { host: u32 },
    Start { host: u32 },
    Ping { peer: u32 },
    Submit { peer: u32 },
    Done { lease: LeaseId },
    Sample,
}

/// By time, and at equal times in the order in which they were put in.
#[derive(Debug)]
struct Entry(Reverse<(u64, u64)>, Happening);

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl Eq for Entry {}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Entry {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}

/// One run at a moment. Times in ns from its start.
pub(super) struct Stage {
    flood: Flood,
    attack: Attack,
    crypto: &'static Memo,
    meter: &'static Meter,
    hosts: Vec<Host>,
    /// One-way delay between a host and the middle of the network.
    delays: Vec<u64>,
    core: Core,
    attacker: Attacker,
    observer: Observer,
    queue: BinaryHeap<Entry>,
    order: u64,
    now: u64,
    from: u64,
    to: u64,
    /// Peers with a session when the flood begins.
    peers: BTreeSet<NodeId>,
    /// What the first forged packet that was answered took in ns and in bytes.
    price: Option<(u64, u64)>,
    trace: blake3::Hasher,
    buf: [u8; MAX_PACKET],
}

impl Stage {
    pub(super) fn new(flood: &Flood, attack: Attack) -> Self {
        let crypto = Memo::leak();
        let meter = Meter::leak(crypto, flood.machine);
        let (from, to) = (u64::from(flood.settle_s) * SECOND, u64::from(flood.settle_s + flood.seconds) * SECOND);
        let newcomers = flood.newcomers_per_s * flood.seconds;
        let count = 1 + flood.peers + newcomers;
        let mut dice = Stream::new(flood.seed, "flood stage");
        let mut stage = Self {
            flood: flood.clone(),
            attack,
            crypto,
            meter,
            hosts: (0..count).map(|h| Host::new(crypto, flood.seed, h)).collect(),
            // 4 to 80 ms of round trip to the victim, which is well connected.
            delays: (0..count)
                .map(|h| if h == VICTIM { 500_000 } else { 1_500_000 + dice.below(38_000_000) })
                .collect(),
            core: Core::new(flood.machine.queue),
            attacker: Attacker::new(flood, attack, from, to),
            observer: Observer::new(from, to),
            queue: BinaryHeap::new(),
            order: 0,
            now: 0,
            from,
            to,
            peers: BTreeSet::new(),
            price: None,
            trace: blake3::Hasher::new(),
            buf: [0; MAX_PACKET],
        };
        let (ping, intent) = (u64::from(flood.ping_ms) * 1_000_000, u64::from(flood.intent_ms) * 1_000_000);
        (0..=flood.peers).for_each(|host| stage.push(u64::from(host) * 10_000_000, Happening::Start { host }));
        for peer in 1..=flood.peers {
            // From half of the settling on, each at its own beat.
            stage.push(from / 2 + dice.below(ping), Happening::Ping { peer });
            stage.push(from / 2 + dice.below(intent), Happening::Submit { peer });
        }
        for (host, number) in (1 + flood.peers..count).zip(0..) {
            // In the first four fifths of the flood, so that the last of them has time, too.
            let at = from + (2 * number + 1) * (to - from) / u64::from(2 * newcomers) * 4 / 5;
            stage.push(at, Happening::Start { host });
        }
        stage.push(SAMPLE, Happening::Sample);
        stage
    }

    pub(super) fn now_ns(&self) -> u64 {
        self.now
    }

    /// The end of the run, some time after that of the flood.
    pub(super) fn end_ns(&self) -> u64 {
        self.to + GRACE
    }

    pub(super) fn into_run(self) -> FloodRun {
        self.observer.into_run(&self.flood, self.attack, self.trace.finalize().to_hex().to_string())
    }

    fn push(&mut self, at: u64, what: Happening) {
        self.order += 1;
        self.queue.push(Entry(Reverse((at, self.order)), what));
    }

    /// Lets everything happen up to and including `until`.
    pub(super) fn run_until(&mut self, until: u64) {
        loop {
            let happening = self.queue.peek().map(|Entry(Reverse((at, _)), _)| *at);
            let (forged, job) = (self.attacker.next_at(), self.core.next_at(self.now));
            let Some(at) = [happening, forged, job].into_iter().flatten().min().filter(|at| *at <= until) else {
                break;
            };
            self.now = at;
            // What arrives at this moment waits behind what the core takes at it.
            if job == Some(at) {
                if let Some(job) = self.core.take() {
                    self.work(job);
                }
            } else if happening == Some(at) {
                if let Some(Entry(_, what)) = self.queue.pop() {
                    self.happen(what);
                }
            } else {
                let (from, bytes) = self.attacker.forge();
                self.arrive(from, bytes);
            }
        }
        self.now = until;
    }

    fn happen(&mut self, what: Happening) {
        match what {
            Happening::Arrive { from, to: VICTIM, bytes } => {
                self.attacker.overhear(&bytes);
                self.arrive(From::Host(from), bytes);
            }
            Happening::Arrive { from, to, bytes } => {
                let path = self.hosts[to as usize].path_from(from);
                self.input(to, Input::Datagram { path, bytes });
            }
            Happening::Deadline { host } => {
                let now = self.now;
                let h = &mut self.hosts[host as usize];
                if h.alarm != Some(now) {
                    return; // An earlier alarm took its place.
                }
                h.alarm = None;
                match h.deadline {
                    Some(at) if at * 1_000 <= now => {
                        h.deadline = None;
                        self.input(host, Input::Timeout);
                    }
                    _ => self.arm(host),
                }
            }
            Happening::Start { host } => self.start(host),
            Happening::Ping { peer } => {
                if self.now < self.to {
                    self.push(self.now + u64::from(self.flood.ping_ms) * 1_000_000, Happening::Ping { peer });
                    self.observer.pinged(self.now, peer);
                    let node = self.hosts[VICTIM as usize].id;
                    self.input(peer, Input::Command(Command::Ping { node }));
                }
            }
            Happening::Submit { peer } => self.submit(peer),
            Happening::Done { lease } => {
                let output = Bytes::copy_from_slice(&lease.intent.0);
                self.input(VICTIM, Input::Command(Command::Finish { lease, status: ResultStatus::Done, output }));
            }
            Happening::Sample => self.sample(),
        }
    }

    /// A datagram reaches the flooded machine.
    fn arrive(&mut self, from: From, bytes: Bytes) {
        let (now, kept) = (self.now, self.core.arrive(from.clone(), bytes));
        self.observer.arrived(now, &from, kept);
        if !kept {
            self.trace.update(&now.to_le_bytes());
        }
    }

    fn start(&mut self, host: u32) {
        let crypto: &'static dyn mindos_core::crypto::Crypto = if host == VICTIM { self.meter } else { self.crypto };
        let now = Instant(self.now / 1_000);
        self.hosts[host as usize].start(crypto, self.flood.seed, host, now, &Cast::boasters(0, &[]));
        self.input(host, Input::WallClock { unix_s: EPOCH_S + self.now / SECOND });
        if host == VICTIM {
            self.input(host, Input::Command(Command::SetCapacity(capacity())));
        } else {
            if host > self.flood.peers {
                self.observer.came(self.now, host);
            }
            self.input(host, Input::Command(Command::Join { locator: locator(VICTIM) }));
        }
    }

    fn submit(&mut self, peer: u32) {
        if self.now >= self.to {
            return;
        }
        self.push(self.now + u64::from(self.flood.intent_ms) * 1_000_000, Happening::Submit { peer });
        let now = Instant(self.now / 1_000);
        let Some(node) = &mut self.hosts[peer as usize].node else { return };
        let intent = node.submit(now, request(self.order)).ok();
        self.observer.submitted(self.now, intent);
        self.drain(peer, self.now);
    }

    /// An input of a host: at once, but into the flooded node only when its core is free.
    fn input(&mut self, host: u32, input: Input) {
        if host == VICTIM {
            self.core.want(input);
        } else if let Some(node) = &mut self.hosts[host as usize].node {
            node.handle(Instant(self.now / 1_000), input);
            self.drain(host, self.now);
        }
    }

    /// The core takes something.
    fn work(&mut self, job: Job) {
        let machine = self.flood.machine;
        let (input, forged, mut cost) = match job {
            Job::Own(input) => (input, None, 0),
            Job::Datagram(From::Host(from), bytes) => {
                let path = self.hosts[VICTIM as usize].path_from(from);
                (Input::Datagram { path, bytes }, None, machine.datagram_in_ns)
            }
            Job::Datagram(From::Forged { address, proven }, bytes) => {
                let len = bytes.len() as u64;
                let forged = Some((address, proven, len));
                (Input::Datagram { path: attacker::path(address), bytes }, forged, machine.datagram_in_ns)
            }
        };
        if let (Attack::NoCookies, Some((_, _, len)), Some((price, out))) = (self.attack, forged, self.price) {
            self.core.spend(self.now, price);
            return self.observer.answered(len, out);
        }
        self.meter.take();
        let Some(node) = &mut self.hosts[VICTIM as usize].node else { return };
        node.handle(Instant(self.now / 1_000), input);
        let (mut sent, mut to_forged) = (Vec::new(), 0);
        self.collect(&mut sent);
        for (path, bytes) in &sent {
            cost += machine.datagram_out_ns;
            if let Some(address) = attacker::address(*path) {
                to_forged += bytes.len() as u64;
                self.attacker.hear(address, bytes);
            }
        }
        cost += self.meter.take();
        if let Some((_, false, len)) = forged {
            self.observer.answered(len, to_forged);
            self.price.get_or_insert((cost, to_forged));
        }
        let done = self.core.spend(self.now, cost);
        for (path, bytes) in sent {
            self.transmit(VICTIM, done, path, bytes);
        }
        if let Some(node) = &self.hosts[VICTIM as usize].node {
            let leaf = node.leaf();
            // The count walks all sessions: only where it may have grown.
            if to_forged > 100 || forged.is_none() {
                let sessions = leaf.sessions().count() as u64;
                self.observer.size(leaf.half_open() as u64, sessions, self.core.waiting() as u64);
            }
        }
        self.arm(VICTIM);
    }

    /// Takes what the flooded node wants; datagrams are sent when the core has done the job.
    fn collect(&mut self, sent: &mut Vec<(PathId, Bytes)>) {
        let now = self.now;
        let i = VICTIM as usize;
        loop {
            let Some(node) = &mut self.hosts[i].node else { return };
            let input = match node.poll(&mut self.buf) {
                Output::Transmit { path, bytes, .. } => {
                    sent.push((path, Bytes::copy_from_slice(bytes)));
                    continue;
                }
                Output::OpenPath { path, locator } => self.open(VICTIM, path, &locator),
                Output::Persist { token, .. } => Input::Persisted { token },
                Output::Event(event) => {
                    self.event(VICTIM, &event);
                    continue;
                }
                Output::Idle { deadline, .. } => {
                    self.hosts[i].deadline = deadline.map(|d| d.0.max(now / 1_000 + 1));
                    return;
                }
                _ => continue,
            };
            if let Some(node) = &mut self.hosts[i].node {
                node.handle(Instant(now / 1_000), input);
            }
        }
    }

    /// Takes what another node wants, at once.
    fn drain(&mut self, host: u32, now: u64) {
        let i = host as usize;
        loop {
            let Some(node) = &mut self.hosts[i].node else { return };
            let input = match node.poll(&mut self.buf) {
                Output::Transmit { path, bytes, .. } => {
                    let bytes = Bytes::copy_from_slice(bytes);
                    self.transmit(host, now, path, bytes);
                    continue;
                }
                Output::OpenPath { path, locator } => self.open(host, path, &locator),
                Output::Persist { token, .. } => Input::Persisted { token },
                Output::Event(event) => {
                    self.event(host, &event);
                    continue;
                }
                Output::Idle { deadline, .. } => {
                    self.hosts[i].deadline = deadline.map(|d| d.0.max(now / 1_000 + 1));
                    return self.arm(host);
                }
                _ => continue,
            };
            if let Some(node) = &mut self.hosts[i].node {
                node.handle(Instant(now / 1_000), input);
            }
        }
    }

    fn open(&mut self, host: u32, path: PathId, locator: &[u8]) -> Input {
        match resolve(locator).filter(|h| (*h as usize) < self.hosts.len()) {
            Some(remote) => {
                self.hosts[host as usize].open(path, remote);
                Input::PathReady { path, mtu: 1_500 }
            }
            None => Input::PathFailed { path },
        }
    }

    /// Sees to it that the queue wakes a host by its deadline.
    fn arm(&mut self, host: u32) {
        let h = &mut self.hosts[host as usize];
        if let Some(at) = h.deadline.map(|us| us * 1_000).filter(|at| h.alarm.is_none_or(|a| *at < a)) {
            let at = at.max(self.now);
            h.alarm = Some(at);
            self.push(at, Happening::Deadline { host });
        }
    }

    fn transmit(&mut self, host: u32, at: u64, path: PathId, bytes: Bytes) {
        self.trace.update(&at.to_le_bytes());
        self.trace.update(&host.to_le_bytes());
        self.trace.update(&bytes);
        if let Some(to) = self.hosts[host as usize].remote(path) {
            let delay = self.delays[host as usize] + self.delays[to as usize];
            self.push(at + delay, Happening::Arrive { from: host, to, bytes });
        }
    }

    fn event(&mut self, host: u32, event: &Event) {
        self.trace.update(&self.now.to_le_bytes());
        self.trace.update(format!("{host} {event:?}").as_bytes());
        let victim = self.hosts[VICTIM as usize].id;
        match event {
            Event::Execute { lease, .. } => self.push(self.now + WORK, Happening::Done { lease: *lease }),
            Event::Connected { node } if host == VICTIM => {
                let anew = self.peers.contains(node) && (self.from..self.to).contains(&self.now);
                if anew {
                    self.observer.broken(*node);
                }
            }
            Event::Connected { node } if *node == victim => self.observer.got_in(self.now, host),
            Event::Pong { node, .. } if *node == victim => self.observer.ponged(self.now, host),
            Event::Completed { lease, .. } => self.observer.completed(self.now, lease.intent),
            _ => {}
        }
    }

    fn sample(&mut self) {
        self.push(self.now + SAMPLE, Happening::Sample);
        let Some(node) = &self.hosts[VICTIM as usize].node else { return };
        let sessions: BTreeSet<NodeId> = node.leaf().sessions().copied().collect();
        if self.now == self.from {
            let known = self.hosts.iter().skip(1).take(self.flood.peers as usize).map(|h| h.id);
            self.peers = known.filter(|p| sessions.contains(p)).collect();
        }
        if (self.from..=self.to).contains(&self.now) {
            self.peers.difference(&sessions).for_each(|gone| self.observer.broken(*gone));
        }
        let (half_open, alive) = (node.leaf().half_open(), self.peers.intersection(&sessions).count());
        self.observer.sample(self.now, self.core.busy_ns, half_open as u32, alive as u32);
    }
}

fn capacity() -> Capacity {
    Capacity {
        slots: 64,
        context_rate: 2_000_000,
        generated_rate: 1_000_000,
        context_free: u64::from(u32::MAX),
        stakes: Some(Stakes::High),
        clearance: Some(Label::Private),
        capabilities: vec![Capability { name: capability(), competence: 200, price: 0 }],
        credit: u64::MAX,
    }
}

fn capability() -> [u8; 32] {
    *blake3::hash(b"text.chat/1").as_bytes()
}

fn request(number: u64) -> IntentRequest {
    IntentRequest {
        capability: capability(),
        context_tokens: 1,
        generated_tokens: 1,
        lifetime: Duration(LIFETIME / 1_000),
        budget: 0,
        label: Label::Public,
        depth: 0,
        effect: Effect::Idempotent,
        stakes: Stakes::Low,
        contexts: Vec::new(),
        payload: Bytes::copy_from_slice(&number.to_le_bytes()),
    }
}
