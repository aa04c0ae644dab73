//! The conductor: owns the machines, routes inputs to them and effects out. No protocol logic of its own.

mod api;
mod command;
mod conduct;
mod ctx;
mod effects;
mod event;
mod flush;
#[cfg(feature = "lab")]
pub mod lab;
#[cfg(test)]
mod tests;

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use alloc::vec::Vec;
use bytes::Bytes;
use mindos_wire::{MAX_MESSAGE, MemberState, Tier};

use crate::crypto::Crypto;
use crate::delivery::Delivery;
use crate::entropy::Entropy;
use crate::identity::{Beacon, Credentials, Identity, Reserve};
use crate::intent::Intents;
pub use crate::intent::{Account, WholeReceipt};
use crate::mesh::{self, Mesh};
use crate::outbox::{Effect, Effects};
use crate::routing::{Explanation, Routing};
use crate::session::{self, Hybrid, Sessions};
use crate::timer::Timers;
use crate::trust::payment::Payments;
use crate::trust::question::Questions;
use crate::trust::{Reliance, Trust};
use crate::{DepositId, Duration, Instant, IntentId, NodeId, QuestionId, Retired, Secret, Voucher};

pub use api::*;
pub use command::*;
pub use event::*;

/// What a node is made with. Everything random in it comes from `seed`: never use one twice.
///
/// A number outside its range counts as the nearest one inside.
pub struct NodeConfig {
    /// Primitives.
    pub crypto: &'static dyn Crypto,
    /// Ed25519 seed: the node's identity. Wiped when the node was made from it.
    pub identity: Secret,
    /// Seed of all randomness of this run: fresh for every start. Wiped when the node was made from it.
    pub seed: Secret,
    /// Nodes of different networks never meet.
    pub network: u32,
    /// Where others find this node: scheme byte and address, at most 255 bytes.
    pub locator: Bytes,
    /// Tier of complexity.
    pub tier: Tier,
    /// Geographic cell, 0 if not told.
    pub cell: u32,
    /// Between two probes; all members of a leaf use the same. At least 100 ms.
    pub probe_interval: Duration,
    /// Members of the leaf, 2 to 7,281: a view digest of all is one message.
    pub max_members: usize,
    /// Whether sessions take ML-KEM-768 in beside X25519.
    pub hybrid: Hybrid,
    /// Whether packets that carry messages are filled up to one of five sizes, so that sizes tell less. Costs a
    /// half of the bytes of small messages and little of contexts.
    pub padding: bool,
    /// Nodes whose vouchers count: the genesis key of a household or of a scenario. While it is empty, nobody asks
    /// newcomers for anything. The same for all members of a leaf.
    pub roots: Vec<NodeId>,
    /// With roots: leading zero bits of the cost proof that an unvouched node needs. The same for all members of a
    /// leaf.
    pub cost_bits: u8,
    /// Who vouches for this node. One that was not signed for it in its network counts as none.
    pub voucher: Option<Voucher>,
    /// What choices of workers rest on. Less than everything is for comparisons.
    pub reliance: Reliance,
    /// Whether to add a frame of a GREASE code point to one in 64 packets that carry messages.
    pub grease: bool,
    /// Events that the host has not taken: at this many, datagrams and commands are refused. At least 16.
    pub max_events: usize,
}

impl NodeConfig {
    /// A node with default limits.
    pub fn new(crypto: &'static dyn Crypto, identity: [u8; 32], seed: [u8; 32], network: u32, locator: Bytes) -> Self {
        Self {
            crypto,
            identity: identity.into(),
            seed: seed.into(),
            network,
            locator,
            tier: Tier::Home,
            cell: 0,
            probe_interval: Duration::from_secs(1),
            max_members: 1_024,
            hybrid: Hybrid::default(),
            padding: false,
            roots: Vec::new(),
            cost_bits: 20,
            voucher: None,
            reliance: Reliance::default(),
            grease: true,
            max_events: 1_024,
        }
    }
}

impl core::fmt::Debug for NodeConfig {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("NodeConfig")
            .field("network", &self.network)
            .field("locator", &self.locator)
            .finish_non_exhaustive()
    }
}

/// What was persisted by an earlier run, as handed out in [`Output::Persist`]. Empty for a new node.
pub type Restored = BTreeMap<PersistKey, Bytes>;

/// Numbers reserved at a time.
const BLOCK: u64 = 1 << 10;
/// Entries of a view digest, 9 bytes each, that one message holds.
const MAX_MEMBERS: usize = (MAX_MESSAGE - 5) / 9;
/// Datagrams and requests that wait for the host; at the cap bulk is shed, then messages.
const MAX_OUTBOX: usize = 8_192;
/// A beacon is valid for this long, and renewed well before.
const BEACON_LIFE_S: u64 = 3_600;
const BEACON_RENEWAL: Duration = Duration::from_secs(2_700);

/// A MindOS node. See the crate's documentation for the loop that drives it.
pub struct Node {
    identity: Identity,
    config: NodeConfig,
    timers: Timers,
    effects: Effects,
    /// What the host has not taken, in order.
    outbox: VecDeque<Effect>,
    events: usize,
    persist_tokens: BTreeMap<u64, (PersistKey, Bytes)>,
    next_token: u64,
    unix_s: Option<u64>,
    /// When the host told the time.
    told: Instant,
    /// Set once the first numbers are persisted.
    beacon: Option<Beacon>,
    /// What the beacon shows.
    credentials: Credentials,
    left: bool,
    joins: Vec<Bytes>,
    sequences: Reserve,
    sessions: Sessions,
    deliveries: BTreeMap<u32, Delivery>,
    /// Sessions with something to send since the last flush.
    dirty: BTreeSet<u32>,
    mesh: Mesh,
    trust: Trust,
    payments: Payments,
    questions: Questions,
    routing: Routing,
    intents: Intents,
    submitted: Option<IntentId>,
    grease: Entropy,
    stats: Stats,
    recorder: Option<Recorder>,
}

type Recorder = Box<dyn FnMut(Instant, &Input) + Send>;

/// Counters since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Inputs that were used.
    pub accepted: u64,
    /// Inputs that were not.
    pub dropped: u64,
    /// Frames inside authentic packets that were not used. Honest ones are among them: the first of two records that
    /// convict together, or evidence that came after another had brought it.
    pub frames_dropped: u64,
    /// Frames of types that this version does not know and may ignore.
    pub frames_ignored: u64,
    /// Messages to a peer that were not sent, because 1 MiB is waiting for it already.
    pub messages_refused: u64,
    /// Live probes that routing sent.
    pub probes: u64,
    /// Datagrams shed at the cap of the outbox.
    pub shed: u64,
    /// Bytes of advice and evidence that were queued for peers.
    pub trust_bytes: u64,
}

impl core::fmt::Debug for Node {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Node").field("id", &self.identity.id).field("stats", &self.stats).finish_non_exhaustive()
    }
}

impl Node {
    /// A node at rest. It first wants some numbers persisted; [`Event::Ready`] follows.
    pub fn new(config: NodeConfig, now: Instant, restored: &Restored) -> Self {
        let config = NodeConfig {
            probe_interval: config.probe_interval.max(Duration::from_millis(100)),
            max_members: config.max_members.clamp(2, MAX_MEMBERS),
            max_events: config.max_events.max(16),
            ..config
        };
        let crypto = config.crypto;
        let identity = Identity::new(crypto, *config.identity.expose(), config.network);
        let stream = |label| Entropy::new(crypto, config.seed.expose(), label);
        let reserve = |key| Reserve::new(key, BLOCK, restored.get(&key).map(|b| &b[..]));
        let contacts = restored.get(&PersistKey::Contacts).map(|b| mesh::read_contacts(b)).unwrap_or_default();
        let mesh_config = mesh::Config {
            epoch: 0,
            interval: config.probe_interval,
            quorum: mesh::QUORUM,
            max_members: config.max_members,
        };
        let credentials = Credentials::default();
        let trust = Trust::new(config.reliance);
        let admission = mesh::Admission { roots: config.roots.clone(), bits: config.cost_bits };
        let session_config = session::Config { max_sessions: 512, max_half_open: 128, hybrid: config.hybrid };
        let mut node = Self {
            sessions: Sessions::new(session_config, &identity, stream("session")),
            mesh: Mesh::new(mesh_config, now, &identity, stream("mesh"), reserve(PersistKey::Incarnation), contacts),
            questions: Questions::new(stream("questions")),
            routing: Routing::new(stream("routing")),
            intents: Intents::new(stream("intent"), reserve(PersistKey::Epoch)),
            sequences: reserve(PersistKey::Sequence),
            grease: stream("grease"),
            identity,
            config,
            timers: Timers::default(),
            effects: Effects::new(),
            outbox: VecDeque::new(),
            events: 0,
            persist_tokens: BTreeMap::new(),
            next_token: 0,
            unix_s: None,
            told: now,
            beacon: None,
            credentials,
            left: false,
            joins: Vec::new(),
            deliveries: BTreeMap::new(),
            dirty: BTreeSet::new(),
            trust,
            payments: Payments::default(),
            submitted: None,
            stats: Stats::default(),
            recorder: None,
        };
        // Every stream is made: the seed would give back each secret that they gave.
        (node.config.identity, node.config.seed) = ([0; 32].into(), [0; 32].into());
        node.mesh.ask(admission);
        for (_, bytes) in restored.iter().filter(|(key, _)| matches!(key, PersistKey::Succession(_))) {
            node.mesh.remember(&node.identity, bytes);
        }
        for (_, bytes) in restored.iter().filter(|(key, _)| matches!(key, PersistKey::Deposit(_))) {
            node.payments.restore(node.identity.crypto, &node.identity.id, bytes);
        }
        node.mesh.outcomes().for_each(|(retired, successor)| node.trust.succeed(retired, successor));
        // spec: ID-015 bbe7
        node.credentials.voucher = node.config.voucher.filter(|v| node.is_for_me(v));
        node.reserve(now);
        node
    }

    /// Whether a voucher was signed for this node, or for one whose place it takes.
    fn is_for_me(&self, voucher: &Voucher) -> bool {
        let holds = |subject| voucher.verify(self.identity.crypto, self.identity.network, subject);
        holds(self.identity.id) || self.mesh.predecessors(&self.identity.id).into_iter().any(holds)
    }

    /// Takes one input and does everything that follows from it. `now` never goes backwards.
    ///
    /// An error is not possible: what cannot be used is [`Handled::Dropped`], with the reason.
    pub fn handle(&mut self, now: Instant, input: Input) -> Handled {
        if let Some(recorder) = &mut self.recorder {
            recorder(now, &input);
        }
        self.wake(now);
        let full = self.events >= self.config.max_events;
        let outcome = match input {
            Input::Datagram { .. } if full => Err(DropReason::Backpressure),
            Input::Command(_) if full => Err(DropReason::Full),
            // Timers, paths and records are consequences of what was accepted before.
            input => self.input(now, input),
        };
        self.conduct(now);
        self.flush(now);
        match outcome {
            Ok(()) => {
                self.stats.accepted += 1;
                Handled::Accepted
            }
            Err(reason) => {
                self.stats.dropped += 1;
                Handled::Dropped(reason)
            }
        }
    }

    /// Takes the next thing that the host must do; a transmitted datagram is copied into `buf`, which
    /// must hold 1,152 bytes. Does no work of its own.
    pub fn poll<'b>(&mut self, buf: &'b mut [u8]) -> Output<'b> {
        match self.outbox.pop_front() {
            Some(Effect::Transmit { path, bytes, class }) => {
                let n = bytes.len().min(buf.len());
                let (bytes_out, _) = buf.split_at_mut(n);
                bytes_out.copy_from_slice(&bytes[..n]);
                Output::Transmit { path, bytes: bytes_out, class }
            }
            Some(Effect::OpenPath { path, locator }) => Output::OpenPath { path, locator },
            Some(Effect::Persist { key, bytes }) => {
                let token = self.next_token;
                self.next_token += 1;
                self.persist_tokens.insert(token, (key, bytes.clone()));
                Output::Persist { key, bytes, token }
            }
            Some(Effect::Event(event)) => {
                self.events -= 1;
                Output::Event(event)
            }
            // Nothing else enters the outbox.
            Some(_) | None => {
                let next = self.timers.next();
                Output::Idle { deadline: next.map(|n| n.0), reason: next.map_or("", |n| n.1.name()) }
            }
        }
    }

    /// Hands out work: sugar for [`Command::Submit`], with the id of the intent.
    ///
    /// # Errors
    /// As `handle` would drop it; nothing changes.
    pub fn submit(&mut self, now: Instant, request: IntentRequest) -> Result<IntentId, DropReason> {
        match self.handle(now, Input::Command(Command::Submit(request))) {
            Handled::Dropped(reason) => Err(reason),
            Handled::Accepted => self.submitted.take().ok_or(DropReason::NotReady),
        }
    }

    /// What each report on a question added to what is believed of it, in parts per 2^16 of the quadratic score, if
    /// this node holds the question and its outcome is known (spec 09, "Gains").
    pub fn gains(&self, question: &QuestionId) -> Option<Vec<(NodeId, i32)>> {
        self.questions.gains(question)
    }

    /// The outcome of a question that this node holds, if a root told it.
    pub fn knows_outcome(&self, question: &QuestionId) -> Option<u8> {
        self.questions.outcome(question)
    }

    /// Queues frames for a peer as one message, whatever they say: so that the lab can play nodes that lie.
    #[cfg(feature = "lab")]
    pub fn say(&mut self, now: Instant, to: NodeId, frames: &[u8]) {
        self.effects.push_back(Effect::message(to, frames.to_vec()));
        self.conduct(now);
        self.flush(now);
    }

    /// Tells `recorder` of every input before it is handled: fed to a node with the same configuration
    /// and restored records, they lead to the same outputs.
    pub fn record(&mut self, recorder: impl FnMut(Instant, &Input) + Send + 'static) {
        self.recorder = Some(Box::new(recorder));
    }

    /// This node's name.
    pub fn id(&self) -> NodeId {
        self.identity.id
    }

    /// Counters.
    pub fn stats(&self) -> Stats {
        let trust_bytes = self.stats.trust_bytes + self.trust.immune.told();
        Stats { probes: self.routing.probes(), trust_bytes, ..self.stats }
    }

    /// What this node holds of the leaf. Reading changes nothing.
    pub fn leaf(&self) -> Leaf<'_> {
        Leaf { mesh: &self.mesh, sessions: &self.sessions }
    }

    /// Why recent intents went where they went, oldest first.
    pub fn explanations(&self) -> impl Iterator<Item = &Explanation> {
        self.routing.explanations()
    }

    /// What each origin owes this node.
    pub fn accounts(&self) -> impl Iterator<Item = (&NodeId, &Account)> {
        self.intents.worker.accounts()
    }

    /// What this node owes each worker for results, by its own halves of receipts since it started, less what it paid
    /// by [`Command::Pay`]; in milli-credits.
    pub fn debts(&self) -> impl Iterator<Item = (NodeId, u64)> + '_ {
        self.payments.debts()
    }

    /// Deposits that this node may spend, and the units that are left.
    pub fn deposits(&self) -> impl Iterator<Item = (DepositId, u64)> + '_ {
        self.payments.deposits()
    }

    /// Every key that this node keeps out of work, and until when; their successors are kept out too.
    pub fn quarantined(&self, now: Instant) -> impl Iterator<Item = (NodeId, Instant)> + '_ {
        self.trust.immune.quarantined(now)
    }

    /// Every key whose wrong result this host found lately, and until when it and its successors get no leases. One
    /// about which the host is asked ([`Event::Check`]) gets none either.
    pub fn suspended(&self, now: Instant) -> impl Iterator<Item = (NodeId, Instant)> + '_ {
        self.trust.immune.suspended(now)
    }

    /// How many accusers stand against a node and those whose place it takes, with evidence that this host found true
    /// or wrote. A host does well to check every result of one whom somebody accuses.
    pub fn accusers(&self, node: &NodeId) -> usize {
        self.trust.accusers(node)
    }

    /// What this reader makes of a node, in parts per 2^16; 32,768 is neutral.
    pub fn standing(&self, now: Instant, node: &NodeId, capability: &[u8; 32]) -> u16 {
        crate::trust::Standing::standing(&self.trust, now, node, capability)
    }
}

/// A reading view of the leaf.
#[derive(Clone, Copy, Debug)]
pub struct Leaf<'a> {
    mesh: &'a Mesh,
    sessions: &'a Sessions,
}

impl<'a> Leaf<'a> {
    /// The view hash (spec 05): equal on nodes that hold the same of everybody.
    pub fn view(&self) -> u32 {
        self.mesh.view()
    }

    /// Members known in any state, this node included.
    pub fn members(&self) -> usize {
        self.mesh.len()
    }

    /// Members that are alive, this node excepted.
    pub fn alive(&self) -> impl Iterator<Item = NodeId> + use<'a> {
        self.mesh.alive()
    }

    /// State and incarnation of a member.
    pub fn state(&self, node: &NodeId) -> Option<(MemberState, u32)> {
        self.mesh.state(node)
    }

    /// What is known of a key that was given up; `None` if it was not.
    pub fn retired(&self, node: &NodeId) -> Option<&'a Retired> {
        self.mesh.retired(node)
    }

    /// Role bits of a member that count (spec 03): none of an unvouched one.
    pub fn roles(&self, node: &NodeId) -> Option<u16> {
        self.mesh.roles(node)
    }

    /// Whether a root vouches for a member; everybody counts as vouched for where there are no roots.
    pub fn is_vouched(&self, node: &NodeId) -> bool {
        self.mesh.is_vouched_for(node)
    }

    /// This node's incarnation; 0 before it is ready.
    pub fn incarnation(&self) -> u32 {
        self.mesh.incarnation()
    }

    /// Smoothed round trip to a member, if measured.
    pub fn rtt(&self, node: &NodeId) -> Option<Duration> {
        self.mesh.rtt(node)
    }

    /// Peers with an established session.
    pub fn sessions(&self) -> impl Iterator<Item = &'a NodeId> + use<'a> {
        self.sessions.peers()
    }

    /// Handshakes in progress that others began; at most 128 (spec 04).
    pub fn half_open(&self) -> usize {
        self.sessions.half_open()
    }
}
