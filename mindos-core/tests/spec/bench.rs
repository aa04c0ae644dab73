//! One node on a bench: its host answers at once, and its peers are [`Peer`]s at no distance.

use std::collections::{BTreeMap, VecDeque};

use bytes::Bytes;
use mindos_core::crypto::DEFAULT;
use mindos_core::wire::{Bytes8, Bytes16, Frame, Member, Tail};
use mindos_core::{
    Capability, Capacity, Command, Duration, Event, Handled, Input, Instant, Node, NodeConfig, NodeId, Output, PathId,
    PersistKey, Restored,
};

use crate::peer::{Deal, NETWORK, Peer, frame, result};

/// Seed of the node's identity.
pub(crate) const NODE: [u8; 32] = [1; 32];

/// The locator of peer `i`.
pub(crate) fn locator(i: usize) -> Vec<u8> {
    [&[0xf0][..], &u32::try_from(i).unwrap().to_le_bytes()].concat()
}

/// The path on which peer `i` comes to the node.
pub(crate) fn way(i: usize) -> PathId {
    PathId(0x8000_0000 | u32::try_from(i).unwrap())
}

pub(crate) struct Bench {
    pub(crate) node: Node,
    pub(crate) now: Instant,
    pub(crate) peers: Vec<Peer>,
    pub(crate) events: Vec<Event>,
    /// Everything ever persisted, in order.
    pub(crate) persisted: Vec<(PersistKey, Bytes)>,
    /// The host answers requests to persist.
    pub(crate) stores: bool,
    /// Paths that the node opened, with the peer behind each.
    paths: BTreeMap<PathId, usize>,
    /// Every datagram that left, with its path.
    pub(crate) sent: Vec<(PathId, Vec<u8>)>,
    inputs: VecDeque<(PathId, Vec<u8>)>,
    pub(crate) last: Handled,
    deadline: Option<Instant>,
}

impl Bench {
    /// A node that was never here before, and `n` peers.
    pub(crate) fn new(n: u32) -> Self {
        Self::restored(n, &Restored::new(), true)
    }

    pub(crate) fn restored(n: u32, restored: &Restored, stores: bool) -> Self {
        Self::with(n, restored, stores, 1_024)
    }

    pub(crate) fn with(n: u32, restored: &Restored, stores: bool, max_members: usize) -> Self {
        Self::configured(n, restored, stores, |config| config.max_members = max_members)
    }

    /// A node whose configuration is changed first.
    pub(crate) fn configured(n: u32, restored: &Restored, stores: bool, change: impl FnOnce(&mut NodeConfig)) -> Self {
        let mut config = NodeConfig::new(&DEFAULT, NODE, [2; 32], NETWORK, Bytes::from_static(b"\xf0node"));
        change(&mut config);
        let node = Node::new(config, Instant(0), restored);
        let mut bench = Self {
            node,
            now: Instant(0),
            peers: (0..n).map(Peer::new).collect(),
            events: Vec::new(),
            persisted: Vec::new(),
            stores,
            paths: BTreeMap::new(),
            sent: Vec::new(),
            inputs: VecDeque::new(),
            last: Handled::Accepted,
            deadline: None,
        };
        bench.pump();
        bench
    }

    /// One input, and all that follows from it at this moment.
    pub(crate) fn input(&mut self, input: Input) -> Handled {
        let handled = self.node.handle(self.now, input);
        self.last = handled;
        self.pump();
        handled
    }

    /// A datagram on the path of peer `i`.
    pub(crate) fn datagram(&mut self, i: usize, bytes: &[u8]) -> Handled {
        self.input(Input::Datagram { path: way(i), bytes: Bytes::copy_from_slice(bytes) })
    }

    pub(crate) fn command(&mut self, command: Command) -> Handled {
        self.input(Input::Command(command))
    }

    fn pump(&mut self) {
        let mut buf = [0; 1_152];
        loop {
            match self.node.poll(&mut buf) {
                Output::Transmit { path, bytes, .. } => {
                    self.sent.push((path, bytes.to_vec()));
                    let i = self.paths.get(&path).copied().unwrap_or((path.0 & 0x7fff_ffff) as usize);
                    if let Some(peer) = self.peers.get_mut(i) {
                        self.inputs.extend(peer.receive(bytes).into_iter().map(|b| (path, b)));
                    }
                }
                Output::OpenPath { path, locator } => {
                    let i = u32::from_le_bytes(*locator[1..].first_chunk().unwrap()) as usize;
                    self.paths.insert(path, i);
                    self.node.handle(self.now, Input::PathReady { path, mtu: 1_152 });
                }
                Output::Persist { key, bytes, token } => {
                    self.persisted.push((key, bytes));
                    if self.stores {
                        self.node.handle(self.now, Input::Persisted { token });
                    }
                }
                Output::Event(event) => self.events.push(event),
                Output::Idle { deadline, .. } => {
                    self.deadline = deadline;
                    let Some((path, bytes)) = self.inputs.pop_front() else { return };
                    self.node.handle(self.now, Input::Datagram { path, bytes: bytes.into() });
                }
                _ => panic!("an output that these tests do not know"),
            }
        }
    }

    /// Lets time pass, timer by timer.
    pub(crate) fn run(&mut self, span: Duration) {
        let end = self.now + span;
        while let Some(at) = self.deadline.filter(|d| *d <= end) {
            self.now = self.now.max(at);
            self.input(Input::Timeout);
        }
        self.now = end;
    }

    pub(crate) fn run_ms(&mut self, ms: u64) {
        self.run(Duration::from_millis(ms));
    }

    /// Peer `i` makes a session with the node.
    pub(crate) fn connect(&mut self, i: usize) {
        // Peers bring no cookie: the node begins no more than 8 such handshakes within 62,500 µs.
        self.run_ms(8);
        let hello = self.peers[i].hello();
        self.datagram(i, &hello);
        assert!(self.peers[i].is_up(), "peer {i} is not up");
    }

    /// Peer `i` says frames in a packet.
    pub(crate) fn say(&mut self, i: usize, frames: &[u8]) -> Handled {
        let packet = self.peers[i].seal(frames);
        self.datagram(i, &packet)
    }

    /// Peer `i` sends frames as a message.
    pub(crate) fn tell(&mut self, i: usize, frames: &[u8]) -> Handled {
        for packet in self.peers[i].message(frames) {
            self.datagram(i, &packet);
        }
        self.last
    }

    /// The `member` frame of peer `i`.
    pub(crate) fn member(&self, i: usize) -> Vec<u8> {
        let (locator, beacon) = (locator(i), self.peers[i].beacon());
        frame(&Member { locator: Bytes8(&locator), beacon: Bytes16(&beacon), tail: Tail::default() })
    }

    /// Peer 0 connects and brings everybody in; the node's first news pass.
    pub(crate) fn gather(&mut self) {
        self.gather_first(self.peers.len());
    }

    /// Peer 0 connects and brings in the first `n` peers.
    pub(crate) fn gather_first(&mut self, n: usize) {
        self.connect(0);
        for i in 0..n {
            let member = self.member(i);
            self.tell(0, &member);
        }
        self.run_ms(400);
    }

    /// A bench whose node and peers are one leaf.
    pub(crate) fn leaf(n: u32) -> Self {
        let mut bench = Self::new(n);
        bench.gather();
        bench
    }

    pub(crate) fn id(&self, i: usize) -> NodeId {
        self.peers[i].id()
    }

    /// State code of peer `i` in the node's eyes.
    pub(crate) fn state(&self, i: usize) -> Option<u8> {
        self.node.leaf().state(&self.id(i)).map(|(s, _)| s as u8)
    }

    pub(crate) fn clear(&mut self) {
        self.peers.iter_mut().for_each(|p| {
            p.log.clear();
            p.packets.clear();
        });
        self.events.clear();
        self.sent.clear();
    }

    /// Frames that peer `i` was told and `is` says yes to.
    pub(crate) fn count(&self, i: usize, is: impl Fn(&Frame<'_>) -> bool) -> usize {
        self.peers[i].count(is)
    }

    /// The node serves one capability at the reference speed.
    pub(crate) fn serve(&mut self, capability: [u8; 32]) {
        self.serve_on_credit(capability, u64::MAX);
    }

    /// The same, lending each origin so much.
    pub(crate) fn serve_on_credit(&mut self, capability: [u8; 32], credit: u64) {
        let capacity = Capacity {
            slots: 1,
            context_rate: 2_000_000,
            generated_rate: 20_000,
            context_free: 100_000,
            stakes: Some(mindos_core::wire::Stakes::Moderate),
            clearance: Some(mindos_core::wire::Label::Community),
            capabilities: vec![Capability { name: capability, competence: 200, price: 1_000 }],
            credit,
        };
        self.command(Command::SetCapacity(capacity));
    }
}

/// BLAKE3 of the name of a capability that these tests trade in.
pub(crate) fn skill() -> [u8; 32] {
    crate::peer::hash(&[b"test.echo/1"])
}

/// The host's request for one second of work, on easy terms.
pub(crate) fn request() -> mindos_core::IntentRequest {
    use mindos_core::wire::{Effect, Label, Stakes};
    mindos_core::IntentRequest {
        capability: skill(),
        context_tokens: 0,
        generated_tokens: 20,
        lifetime: Duration::from_secs(60),
        budget: 1_000,
        label: Label::Public,
        depth: 0,
        effect: Effect::Pure,
        stakes: Stakes::Low,
        contexts: Vec::new(),
        payload: Bytes::from_static(b"please"),
    }
}

impl Bench {
    /// A leaf in which the first `workers` peers serve the skill with the given backlogs and are partners.
    pub(crate) fn market(n: u32, backlogs_ms: &[u64]) -> Self {
        let mut b = Self::new(n);
        for (peer, backlog_ms) in b.peers.iter_mut().zip(backlogs_ms) {
            peer.service = Some(crate::peer::Service { capability: skill(), backlog_ms: *backlog_ms });
        }
        b.gather();
        b.run_ms(12_000);
        b.clear();
        b
    }

    /// The host submits a request.
    pub(crate) fn submit(&mut self, request: mindos_core::IntentRequest) -> mindos_core::IntentId {
        let id = self.node.submit(self.now, request).unwrap();
        self.input(Input::Timeout);
        id
    }

    /// Peers that were asked for a quote of this intent.
    pub(crate) fn sought(&self, intent: mindos_core::IntentId) -> Vec<usize> {
        let asked = |i: &usize| self.count(*i, |f| matches!(f, Frame::Seek(s) if *s.intent == intent.0)) > 0;
        (0..self.peers.len()).filter(asked).collect()
    }

    /// Peer `i` quotes.
    pub(crate) fn quote(&mut self, i: usize, intent: mindos_core::IntentId, finish_us: u64, price: u64) {
        let nonce = 100 + i as u64;
        let tail = Tail::default();
        let quote =
            mindos_core::wire::Quote { intent: &intent.0, nonce, start_us: 0, finish_us, price, quality: 9, tail };
        self.tell(i, &frame(&quote));
    }

    /// The epoch of the lease that peer `i` holds, if it was given one.
    pub(crate) fn leased(&self, i: usize) -> Option<u64> {
        self.peers[i].last(|f| match f {
            Frame::Lease(l) => Some(l.epoch),
            _ => None,
        })
    }

    /// Peer `i` accepts its lease.
    pub(crate) fn accept(&mut self, i: usize, intent: mindos_core::IntentId, finish_us: u64) {
        let epoch = self.leased(i).unwrap();
        let tail = Tail::default();
        let progress = mindos_core::wire::Progress { intent: &intent.0, epoch, number: 0, done: 0, finish_us, tail };
        self.tell(i, &frame(&progress));
    }

    /// Peer `i` returns a result under an epoch, for a price of 1.
    pub(crate) fn result(&mut self, i: usize, intent: mindos_core::IntentId, epoch: u64) {
        let deal = Deal { intent: intent.0, origin: self.node.id(), worker: self.id(i), epoch, price: 1 };
        let both = [self.peers[i].receipt(&deal, b"done"), result(&deal, b"done")].concat();
        self.tell(i, &both);
    }
}
