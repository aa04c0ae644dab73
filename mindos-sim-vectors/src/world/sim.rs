//! Time passes: events out of the queue, inputs into nodes, outputs onto the network.

mod play;

use bytes::Bytes;
use mindos_core::wire::{Effect, Label, MAX_PACKET, ResultStatus, Stakes};
use mindos_core::{
    Capability, Capacity, Class, Command, Duration, Event, Input, Instant, IntentRequest, NodeId, Output,
};

use super::Memo;
use super::cast::{Cast, Kind};
use super::host::{Host, locator, resolve};
use super::liars::Watch;
use super::observe::Observer;
use super::queue::{Happening, Queue};
use crate::net::{NetConfig, Network};
use crate::rng::Stream;
use crate::scenario::EventKind;
use crate::service::{LIFETIME_US, Task, Workload};
use crate::setup::{Befall, Setup};

/// Bytes of IPv4 and UDP headers around a datagram.
const HEADERS: u64 = 28;
/// A liar says that it is this many times as fast as it is.
const LIE: u64 = 3;
/// Unix time at the start of every run.
pub(super) const EPOCH_S: u64 = 1_800_000_000;
/// The one capability of the trace.
const CAPABILITY: &[u8] = b"text.chat/1";

/// How the nodes of a run find each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Join {
    /// Between the starts of two nodes, in µs.
    pub every_us: u64,
}

/// What a simulation is made of.
#[derive(Clone, Debug)]
pub struct SimConfig {
    /// Seed of everything random.
    pub seed: u64,
    /// Starts.
    pub join: Join,
}

/// The world at a moment.
pub struct Sim {
    crypto: &'static Memo,
    config: SimConfig,
    workload: Workload,
    befalls: Vec<Befall>,
    network: Network,
    dice: Stream,
    queue: Queue,
    pub(super) hosts: Vec<Host>,
    pub(super) observer: Observer,
    pub(super) cast: Cast,
    /// What became of liars, where there are some of all kinds.
    pub(super) watch: Option<Watch>,
    luck: Stream,
    trace: blake3::Hasher,
    now: u64,
    events: u64,
    past_probes: u64,
    /// What nodes told about questions since somebody looked.
    pub(super) answers: Vec<(u32, Event)>,
    buf: [u8; MAX_PACKET],
}

impl std::fmt::Debug for Sim {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sim").field("now", &self.now).field("events", &self.events).finish_non_exhaustive()
    }
}

impl Sim {
    /// The world of a setup before anything happened. `quiet`: no requests, no events, no faults.
    pub fn new(setup: &Setup, quiet: bool) -> Self {
        Self::with_cast(setup, quiet, Cast::boasters(setup.geography.nodes(), &setup.liars))
    }

    /// The same with minds of other kinds.
    pub(super) fn with_cast(setup: &Setup, quiet: bool, cast: Cast) -> Self {
        let crypto = Memo::leak();
        let seed = setup.scenario.seed;
        let n = setup.geography.nodes();
        let config = SimConfig { seed, join: Join { every_us: join_every_us(setup) } };
        let mut workload = setup.workload.clone();
        let mut befalls = setup.events.clone();
        if quiet {
            workload.tasks.clear();
            befalls.clear();
        }
        let mut queue = Queue::default();
        (0..n).for_each(|host| queue.push(u64::from(host) * config.join.every_us, Happening::Start { host }));
        for (i, task) in workload.tasks.iter().enumerate() {
            queue.push(task.at_us, Happening::Submit { task: i as u32 });
        }
        for (i, befall) in befalls.iter().enumerate() {
            queue.push(befall.at_us, Happening::Befall { index: i as u32 });
        }
        queue.push(1_000_000, Happening::Second);
        let hosts: Vec<Host> = (0..n).map(|h| Host::new(crypto, seed, h)).collect();
        let ids: Vec<NodeId> = hosts.iter().map(|h| h.id).collect();
        Self {
            crypto,
            network: Network::new(setup.geography.clone(), NetConfig::of(&setup.scenario)),
            dice: Stream::new(seed, if quiet { "quiet network" } else { "network" }),
            observer: Observer::new(ids.clone(), &workload, &setup.liars),
            watch: cast.watched.then(|| Watch::new(&ids, &cast)),
            luck: Stream::new(seed, "checks"),
            cast,
            queue,
            hosts,
            workload,
            befalls,
            config,
            trace: blake3::Hasher::new(),
            now: 0,
            events: 0,
            past_probes: 0,
            answers: Vec::new(),
            buf: [0; MAX_PACKET],
        }
    }

    /// When the last node starts, in µs.
    pub fn joined_us(&self) -> u64 {
        (self.hosts.len() as u64 - 1) * self.config.join.every_us
    }

    /// Now, in µs from the start.
    pub fn now_us(&self) -> u64 {
        self.now
    }

    /// Events processed.
    pub fn events(&self) -> u64 {
        self.events
    }

    /// Live probes of routing, of all nodes and runs.
    pub fn probes(&self) -> u64 {
        self.past_probes + self.hosts.iter().filter_map(|h| h.node.as_ref()).map(|n| n.stats().probes).sum::<u64>()
    }

    /// Writes down how many sessions every node has, now.
    pub(super) fn count_sessions(&mut self) {
        self.observer.count_sessions(&self.hosts);
    }

    /// Writes down who knows what, now.
    pub(super) fn look(&mut self, holes_after_us: u64) {
        self.observer.look(self.now, &self.hosts, holes_after_us);
    }

    /// Hash over every datagram sent and every event told, in order.
    pub fn trace_hash(&self) -> String {
        self.trace.finalize().to_hex().to_string()
    }

    /// Lets everything happen up to and including `until_us`.
    pub fn run_until(&mut self, until_us: u64) {
        while self.queue.next_at().is_some_and(|at| at <= until_us) {
            let Some((at, what)) = self.queue.pop() else { break };
            self.now = at;
            self.events += 1;
            self.happen(what);
        }
        self.now = until_us;
    }

    fn happen(&mut self, what: Happening) {
        match what {
            Happening::Datagram { from, to, bytes } => self.datagram(from, to, bytes),
            Happening::Deadline { host } => {
                let now = self.now;
                let h = &mut self.hosts[host as usize];
                if h.alarm != Some(now) {
                    return; // An earlier alarm took its place.
                }
                h.alarm = None;
                match h.deadline {
                    // A frozen host's timers are late, which is how its node learns that it slept.
                    Some(at) if at <= now && !h.frozen => {
                        h.deadline = None;
                        self.input(host, Input::Timeout);
                    }
                    _ => self.arm(host),
                }
            }
            Happening::Start { host } => {
                self.power_on(host);
                if host > 0 {
                    let known = self.dice.below(u64::from(host)) as u32;
                    self.input(host, Input::Command(Command::Join { locator: locator(known) }));
                }
            }
            Happening::Submit { task } => self.submit(task),
            Happening::Done { host, run, lease } => {
                let h = &mut self.hosts[host as usize];
                let output = (h.run == run).then(|| h.executing.remove(&lease)).flatten();
                if let Some(output) = output {
                    self.observer.idle(host);
                    self.input(host, Input::Command(Command::Finish { lease, status: ResultStatus::Done, output }));
                }
            }
            Happening::Befall { index } => self.befall(index),
            Happening::Second => {
                self.queue.push(self.now + 1_000_000, Happening::Second);
                self.observer.second(self.now);
            }
            Happening::Slander { host } => self.slander(host),
            Happening::Whitewash { host, known_as } => self.whitewash(host, known_as),
            Happening::Looked { host, lease, verdict } => self.looked(host, lease, verdict),
            Happening::Checked { host, check, right } => {
                self.input(host, Input::Command(Command::Checked { check, right: Some(right) }));
            }
        }
    }

    fn datagram(&mut self, from: u32, to: u32, bytes: Bytes) {
        let h = &mut self.hosts[to as usize];
        if h.frozen {
            // What a socket's buffer holds is there on waking.
            if h.buffered.len() < 256 {
                h.buffered.push((from, bytes));
            }
            return;
        }
        if h.node.is_some() {
            let path = h.path_from(from);
            self.input(to, Input::Datagram { path, bytes });
        }
    }

    fn power_on(&mut self, host: u32) {
        let now = Instant(self.now);
        self.hosts[host as usize].start(self.crypto, self.config.seed, host, now, &self.cast);
        self.observer.started(host);
        self.input(host, Input::WallClock { unix_s: EPOCH_S + self.now / 1_000_000 });
        let capacity = self.capacity(host);
        self.input(host, Input::Command(Command::SetCapacity(capacity)));
        self.play(host);
    }

    fn capacity(&self, host: u32) -> Capacity {
        let speed = u64::from(self.workload.speeds_q16.get(host as usize).copied().unwrap_or(1 << 16));
        let claimed = if self.cast.kind(host) == Kind::Boaster { speed * LIE } else { speed };
        Capacity {
            slots: 1,
            context_rate: (2_000_000 * claimed) >> 16,
            generated_rate: (20_000 * claimed) >> 16,
            context_free: u64::from(u32::MAX),
            stakes: Some(Stakes::High),
            clearance: Some(Label::Private),
            capabilities: vec![Capability { name: capability(), competence: 200, price: self.cast.price }],
            credit: u64::MAX,
        }
    }

    fn submit(&mut self, index: u32) {
        let Some(task) = self.workload.tasks.get(index as usize).copied() else { return };
        let request = self.request(&task, index);
        let h = &mut self.hosts[task.origin as usize];
        let Some(node) = h.node.as_mut().filter(|_| !h.frozen) else { return };
        if let Ok(intent) = node.submit(Instant(self.now), request) {
            self.observer.submitted(index, intent);
        }
        self.drain(task.origin);
    }

    /// A request of the trace as an intent: its context is content of the right length that nobody else has.
    fn request(&self, task: &Task, index: u32) -> IntentRequest {
        let price = self.cast.price;
        let mut context = vec![0; self.context_bytes(index)];
        context.iter_mut().zip(index.to_le_bytes()).for_each(|(c, b)| *c = b);
        IntentRequest {
            capability: capability(),
            context_tokens: task.context_tokens,
            generated_tokens: task.generated_tokens,
            lifetime: Duration(LIFETIME_US),
            budget: if price == 0 { 0 } else { u64::MAX },
            label: Label::Public,
            depth: 0,
            effect: Effect::Idempotent,
            stakes: Stakes::Low,
            contexts: if context.is_empty() { Vec::new() } else { vec![Bytes::from(context)] },
            payload: Bytes::copy_from_slice(&index.to_le_bytes()),
        }
    }

    /// Bytes of context that a request sends: in a world of liars all or none.
    fn context_bytes(&self, index: u32) -> usize {
        let drawn = blake3::hash(&index.to_le_bytes()).as_bytes()[0];
        let sent = self.cast.price == 0 || drawn < self.cast.contexts;
        self.workload.tasks.get(index as usize).filter(|_| sent).map_or(0, |t| t.context_bytes as usize)
    }

    fn befall(&mut self, index: u32) {
        let Some(befall) = self.befalls.get(index as usize).cloned() else { return };
        self.observer.befall(self.now, &befall);
        match befall.kind {
            EventKind::KillCity | EventKind::Kill => {
                for &host in &befall.nodes {
                    let h = &mut self.hosts[host as usize];
                    self.past_probes += h.node.as_ref().map_or(0, |n| n.stats().probes);
                    h.stop();
                    self.observer.stopped(host);
                }
            }
            EventKind::ReturnCity | EventKind::Return => befall.nodes.iter().for_each(|h| self.power_on(*h)),
            EventKind::Partition => self.network.set_group(&befall.nodes, 1),
            EventKind::Heal => self.network.heal(),
            EventKind::Freeze => befall.nodes.iter().for_each(|h| self.hosts[*h as usize].frozen = true),
            EventKind::Wake => {
                for &host in &befall.nodes {
                    let h = &mut self.hosts[host as usize];
                    h.frozen = false;
                    let buffered = std::mem::take(&mut h.buffered);
                    h.deadline = None;
                    h.alarm = None;
                    self.input(host, Input::Timeout);
                    buffered.into_iter().for_each(|(from, bytes)| self.datagram(from, host, bytes));
                }
            }
        }
    }

    /// Time that work takes a host, in µs.
    fn takes(&self, host: u32, context_tokens: u32, generated_tokens: u32) -> u64 {
        let speed = self.workload.speeds_q16.get(host as usize).copied().unwrap_or(1 << 16);
        Task { at_us: 0, origin: 0, context_tokens, generated_tokens, context_bytes: 0 }.run_us(speed)
    }

    /// A command of a host.
    pub(super) fn command(&mut self, host: u32, command: Command) {
        self.input(host, Input::Command(command));
    }

    /// One input into a node, and everything that it asks for.
    fn input(&mut self, host: u32, input: Input) {
        if let Some(node) = &mut self.hosts[host as usize].node {
            node.handle(Instant(self.now), input);
            self.drain(host);
        }
    }

    fn drain(&mut self, host: u32) {
        let i = host as usize;
        loop {
            let Some(node) = &mut self.hosts[i].node else { return };
            match node.poll(&mut self.buf) {
                Output::Transmit { path, bytes, class } => {
                    let bytes = Bytes::copy_from_slice(bytes);
                    self.transmit(host, path, bytes, class);
                }
                Output::OpenPath { path, locator } => {
                    let ready = resolve(&locator).filter(|h| (*h as usize) < self.hosts.len());
                    let input = match ready {
                        Some(remote) => {
                            self.hosts[i].open(path, remote);
                            Input::PathReady { path, mtu: 1_500 }
                        }
                        None => Input::PathFailed { path },
                    };
                    self.again(host, input);
                }
                Output::Persist { key, bytes, token } => {
                    self.hosts[i].disk.insert(key, bytes);
                    self.again(host, Input::Persisted { token });
                }
                Output::Event(event) => self.event(host, event),
                Output::Idle { deadline, .. } => {
                    self.hosts[i].deadline = deadline.map(|d| d.0.max(self.now + 1));
                    return self.arm(host);
                }
                _ => {}
            }
        }
    }

    /// Sees to it that the queue wakes a host by its deadline. A deadline that moved back is looked at
    /// when the earlier alarm rings: moving it in the queue would cost more.
    fn arm(&mut self, host: u32) {
        let h = &mut self.hosts[host as usize];
        if let Some(at) = h.deadline.filter(|at| !h.frozen && h.alarm.is_none_or(|a| *at < a)) {
            h.alarm = Some(at);
            self.queue.push(at, Happening::Deadline { host });
        }
    }

    /// An answer to an output, while outputs are being taken.
    pub(super) fn again(&mut self, host: u32, input: Input) {
        if let Some(node) = &mut self.hosts[host as usize].node {
            node.handle(Instant(self.now), input);
        }
    }

    fn transmit(&mut self, host: u32, path: mindos_core::PathId, bytes: Bytes, class: Class) {
        let Some(to) = self.hosts[host as usize].remote(path) else { return };
        self.trace.update(&self.now.to_le_bytes());
        self.trace.update(&host.to_le_bytes());
        self.trace.update(&to.to_le_bytes());
        self.trace.update(&bytes);
        let size = bytes.len() as u64 + HEADERS;
        self.observer.sent(host, size, class);
        let deliveries = self.network.transmit(&mut self.dice, self.now, host, to, size as u32);
        for at in deliveries.times() {
            self.queue.push(*at, Happening::Datagram { from: host, to, bytes: bytes.clone() });
        }
    }

    fn event(&mut self, host: u32, event: Event) {
        self.trace.update(&self.now.to_le_bytes());
        self.trace.update(format!("{host} {event:?}").as_bytes());
        match &event {
            Event::Execute { lease, work, origin } => {
                let takes = self.takes(host, work.context_tokens, work.generated_tokens);
                let given = self.given(origin, work);
                let (output, takes) = self.cast.result(host, self.now, &work.payload, given, takes);
                self.watch.iter_mut().for_each(|w| w.works(host, takes));
                let h = &mut self.hosts[host as usize];
                h.executing.insert(*lease, output);
                let (run, lease) = (h.run, *lease);
                self.observer.busy(host);
                if self.cast.kind(host) != Kind::Breaker {
                    self.queue.push(self.now + takes, Happening::Done { host, run, lease });
                }
            }
            Event::Stop { lease } if self.hosts[host as usize].executing.remove(lease).is_some() => {
                self.observer.idle(host);
            }
            Event::Asked { .. } | Event::Believed(_) => self.answers.push((host, event.clone())),
            Event::Ready => {
                let h = &mut self.hosts[host as usize];
                h.incarnation = h.node.as_ref().map_or(0, |n| n.leaf().incarnation());
            }
            _ => {}
        }
        self.react(host, &event);
        let network = &self.network;
        self.observer.event(self.now, host, &event, &self.hosts, &|a, b| network.connected(a, b));
    }
}

/// Nodes start within the first third of the warm-up, at most 10 ms apart.
fn join_every_us(setup: &Setup) -> u64 {
    let third = u64::from(setup.scenario.warmup_s) * 1_000_000 / 3;
    (third / u64::from(setup.geography.nodes().max(1))).clamp(1, 10_000)
}

pub(super) fn capability() -> [u8; 32] {
    *blake3::hash(CAPABILITY).as_bytes()
}
