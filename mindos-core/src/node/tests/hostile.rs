//! Bytes and peers that mean harm: they are dropped and counted, and the node goes on.

use mindos_wire::{
    Accuse, Ack, AckRange, Alive, Bytes8, Bytes16, Cancel, CancelOutcome, Cancelled, CapabilityLoad, Certificate,
    Close, ContextData, Decline, DeclineReason, Deny, Endorsement, Established, Flag, Fragment, Have, Label, Lease,
    Leave, List, LoadAdvert, LoadDelta, Member as MemberFrame, Minifloat, Ping, PingAck, Progress, Quote, ResultFrame,
    ResultStatus, Seek, Subscribe, Subscribed, Tail, ViewDigest, ViewEntry, Want,
};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::super::*;
use super::net::{Link, MS, Net, Rng, S};
use super::{capacity, request};
use crate::outbox::frame;

fn settings(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, rng_seed: RngSeed::Fixed(0x6d65_7368), failure_persistence: None, ..Default::default() }
}

/// Two nodes, a session, and what they sent each other.
fn pair() -> Net {
    let mut net = Net::new(2, 21, Link::CLEAN);
    net.keep_wire = true;
    net.join_all();
    net.command(1, Command::SetCapacity(capacity(1)));
    net.run(5 * S);
    net
}

/// A ping of node 0 is answered: it serves.
fn serves(net: &mut Net) -> bool {
    let before = net.count(0, |e| matches!(e, Event::Pong { .. }));
    let node = net.hosts[1].id;
    net.command(0, Command::Ping { node });
    net.run(3 * S);
    net.count(0, |e| matches!(e, Event::Pong { .. })) > before
}

/// One datagram that node 0 did not ask for.
#[derive(Clone, Debug)]
enum Attack {
    Bytes(Vec<u8>),
    Changed { packet: usize, at: usize, bits: u8 },
    Cut { packet: usize, len: usize },
    Replayed { packet: usize },
    Unknown { path: u32, packet: usize },
}

fn attack() -> impl Strategy<Value = Attack> {
    let packet = any::<usize>();
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..200).prop_map(Attack::Bytes),
        (1u8..=4, prop::collection::vec(any::<u8>(), 0..1_200)).prop_map(|(kind, mut bytes)| {
            bytes.insert(0, kind);
            Attack::Bytes(bytes)
        }),
        (packet, any::<usize>(), 1u8..).prop_map(|(packet, at, bits)| Attack::Changed { packet, at, bits }),
        (any::<usize>(), any::<usize>()).prop_map(|(packet, len)| Attack::Cut { packet, len }),
        any::<usize>().prop_map(|packet| Attack::Replayed { packet }),
        (any::<u32>(), any::<usize>()).prop_map(|(path, packet)| Attack::Unknown { path, packet }),
    ]
}

proptest! {
    #![proptest_config(settings(48))]

    #[test]
    fn hostile_datagram_never_errs(attacks in prop::collection::vec(attack(), 1..40)) {
        let mut net = pair();
        let genuine: Vec<Bytes> = net.wire.iter().filter(|w| w.2 == 0 && w.0 + S < net.now).map(|w| w.3.clone()).collect();
        let pick = |i: usize| genuine[i % genuine.len()].clone();
        let path = PathId(1 << 31);
        for attack in attacks {
            let before = net.node(0).stats();
            let (path, bytes) = match &attack {
                Attack::Bytes(bytes) => (path, Bytes::from(bytes.clone())),
                Attack::Changed { packet, at, bits } => {
                    let mut bytes = pick(*packet).to_vec();
                    let at = at % bytes.len();
                    bytes[at] ^= bits;
                    (path, bytes.into())
                }
                Attack::Cut { packet, len } => (path, pick(*packet).slice(..len % pick(*packet).len())),
                Attack::Replayed { packet } => (path, pick(*packet)),
                Attack::Unknown { path, packet } => (PathId(*path), pick(*packet)),
            };
            let sealed = bytes.first() == Some(&4);
            let handled = net.input_checked(0, Input::Datagram { path, bytes }).unwrap();
            let after = net.node(0).stats();
            let dropped = matches!(handled, Handled::Dropped(_));
            prop_assert_eq!(after.dropped - before.dropped, u64::from(dropped), "the drop is counted");
            prop_assert_eq!(after.accepted - before.accepted, u64::from(!dropped));
            prop_assert!(dropped || !sealed, "a sealed packet was taken twice or changed: {:?}", attack);
        }
        prop_assert!(serves(&mut net));
        prop_assert_eq!(net.node(0).leaf().members(), 2);
        prop_assert_eq!(net.node(0).leaf().sessions().count(), 1);
    }
}

/// Frames of every kind out of one stream of numbers, which likes the edges.
struct Forge {
    rng: Rng,
    intents: Vec<[u8; 32]>,
    peers: Vec<NodeId>,
    aliases: Vec<u32>,
}

impl Forge {
    fn number(&mut self) -> u64 {
        const EDGES: [u64; 10] = [0, 1, 2, 3, 1 << 20, u32::MAX as u64, i64::MAX as u64, u64::MAX - 1, u64::MAX, 7];
        match self.rng.below(3) {
            0 => self.rng.next(),
            1 => self.rng.below(20),
            _ => EDGES[self.rng.below(10) as usize],
        }
    }

    fn alias(&mut self) -> u32 {
        match self.rng.below(4) {
            0 => self.number() as u32,
            n => self.aliases[n as usize % self.aliases.len()],
        }
    }

    fn name(&mut self) -> [u8; 32] {
        let i = self.rng.below(3) as usize;
        self.intents.get(i).copied().unwrap_or([self.rng.next() as u8; 32])
    }

    fn frames(&mut self) -> Vec<u8> {
        let tail = Tail::default();
        let (n, m, k, l) = (self.number(), self.number(), self.number(), self.number());
        let (small, alias, name) = (n as u32, self.alias(), self.name());
        let bytes: Vec<u8> = (0..self.rng.below(300)).map(|_| self.rng.next() as u8).collect();
        let signature = &[n as u8; 64];
        let state = [MemberState::Alive, MemberState::Suspect, MemberState::Down, MemberState::Left][m as usize % 4];
        let mut entries: Vec<_> =
            (0..m % 5).map(|_| ViewEntry { alias: self.alias(), incarnation: small, state }).collect();
        entries.sort_by_key(|e: &ViewEntry| (e.alias, e.incarnation, e.state));
        entries.dedup();
        let mut aliases: Vec<u32> = entries.iter().map(|e| e.alias).collect();
        aliases.dedup();
        let accusers = [
            Endorsement { accuser: alias.min(small), signature: *signature },
            Endorsement { accuser: alias.max(small), signature: [!(n as u8); 64] },
        ];
        let worker = self.peers[0].0;
        match self.rng.below(27) {
            0 => frame(&Ping { nonce: small, view: alias, tail }),
            1 => frame(&PingAck { nonce: small, view: alias, tail }),
            2 => frame(&Established { tail }),
            3 => frame(&Ack { delay_us: small, ranges: List::new(&[AckRange { first: n, more: 0 }]), tail }),
            4 => frame(&Fragment { message: small, offset: m as u16 / 2, total: u16::MAX, data: Bytes16(b"x"), tail }),
            5 => frame(&MemberFrame { locator: Bytes8(&bytes[..bytes.len().min(9)]), beacon: Bytes16(&bytes), tail }),
            6 => frame(&Accuse { subject: alias, incarnation: small, signature, tail }),
            7 => frame(&Certificate { subject: alias, incarnation: small, accusers: List::new(&accusers), tail }),
            8 => frame(&Alive { subject: alias, incarnation: small, signature, tail }),
            9 => frame(&Leave { subject: alias, incarnation: small, signature, tail }),
            10 => frame(&Deny { subject: alias, incarnation: small, tail }),
            11 => frame(&ViewDigest { entries: List::new(&entries), tail }),
            12 => frame(&Have { entries: List::new(&entries), tail }),
            13 => frame(&Want { aliases: List::new(&aliases), tail }),
            14 => frame(&Subscribe { tail }),
            15 => frame(&Subscribed { accepted: Flag(n % 2 == 0), tail }),
            16 => frame(&LoadAdvert {
                sequence: small,
                slots: Minifloat(n as u16),
                backlog_ms: Minifloat(m as u16),
                context_rate: Minifloat(k as u16),
                generated_rate: Minifloat(l as u16),
                context_free: Minifloat(u16::MAX),
                memory_kib: Minifloat(n as u16),
                link: Minifloat(n as u16),
                energy: Minifloat(n as u16),
                capabilities: List::new(&[CapabilityLoad { id: alias, competence: 1, price: 1 }]),
                tail,
            }),
            17 => {
                frame(&LoadDelta { sequence: small, slots: Minifloat(m as u16), backlog_ms: Minifloat(k as u16), tail })
            }
            18 => frame(&Seek {
                intent: &name,
                capability: &super::net::capability(),
                context_tokens: small,
                generated_tokens: m as u32,
                context_bytes: k as u32,
                label: Label::Public,
                remaining_us: l,
                tail,
            }),
            19 | 25 => {
                frame(&Quote { intent: &name, nonce: n, start_us: m, finish_us: k, price: l % 1_000, quality: 9, tail })
            }
            20 => frame(&Lease {
                worker: &worker,
                epoch: n,
                nonce: m,
                price_limit: k,
                finish_limit_us: l,
                signature,
                remaining_us: n,
                intent: Bytes16(&bytes),
                tail,
            }),
            21 | 26 => {
                frame(&Progress { intent: &name, epoch: n % 4, number: small, done: m as u16, finish_us: k, tail })
            }
            22 => frame(&ResultFrame {
                intent: &name,
                epoch: n % 8,
                status: ResultStatus::Failed,
                output: Bytes16(&bytes),
                tail,
            }),
            23 => frame(&Decline {
                intent: &name,
                epoch: n % 4,
                reason: DeclineReason::Load,
                nonce: m.max(1),
                start_us: k,
                finish_us: l,
                price: n % 1_000,
                tail,
            }),
            _ => match n % 4 {
                0 => frame(&Cancel { intent: &name, epoch: m, tail }),
                1 => frame(&Cancelled { intent: &name, epoch: m % 4, outcome: CancelOutcome::Stopped, tail }),
                2 => frame(&ContextData { bytes: Bytes16(&bytes), tail }),
                _ => bytes,
            },
        }
    }
}

proptest! {
    #![proptest_config(settings(64))]

    #[test]
    fn a_peer_that_says_anything_at_all_does_no_harm(seed in any::<u64>(), closes in any::<bool>()) {
        let mut net = pair();
        net.command(0, Command::SetCapacity(capacity(1)));
        net.run(2 * S);
        // The peer's own node does nothing any more; what it says is forged.
        net.freeze(1);
        let ids: Vec<IntentId> =
            (0..3).map(|_| net.submit(0, IntentRequest { budget: 1_000, ..request(b"bait") }).unwrap()).collect();
        let peers = vec![net.hosts[0].id, net.hosts[1].id];
        let aliases = peers.iter().map(super::alias).collect();
        let mut forge = Forge { rng: Rng(seed), intents: ids.iter().map(|i| i.0).collect(), peers, aliases };
        for _ in 0..60 {
            let frames = forge.frames();
            if !frames.is_empty() {
                net.send_raw(1, 0, frames);
            }
            net.run(20 * MS);
        }
        if closes {
            net.send_raw(1, 0, frame(&Close { tail: Tail::default() }));
            net.run(20 * MS);
        }
        net.run(200 * S);
        for intent in ids {
            let (results, ends) = net.ends(0, intent);
            prop_assert!(results + ends == 1, "an intent ended {results} + {ends} times");
        }
        prop_assert_eq!(net.node(0).leaf().incarnation() , net.state(0, 0).unwrap().1);
    }
}

#[test]
fn a_quote_of_forever_is_no_panic_and_expires_with_its_intent() {
    let mut net = pair();
    net.run(3 * S);
    net.freeze(1);
    let intent = net.submit(0, request(b"bait")).unwrap();
    net.run(100 * MS);
    let tail = Tail::default();
    net.send_raw(
        1,
        0,
        frame(&Quote { intent: &intent.0, nonce: 1, start_us: 0, finish_us: u64::MAX, price: 0, quality: 0, tail }),
    );
    net.run(S);
    net.send_raw(1, 0, frame(&Progress { intent: &intent.0, epoch: 1, number: 0, done: 0, finish_us: u64::MAX, tail }));
    net.run(150 * S);
    assert_eq!(net.ends(0, intent), (0, 1));
    assert_eq!(net.count(0, |e| matches!(e, Event::Leased { .. })), 1, "the bait was taken");
}

#[test]
fn a_session_closed_from_within_a_message_leaves_nothing_behind() {
    let mut net = pair();
    let mut frames = frame(&Close { tail: Tail::default() });
    frames.extend(frame(&Ping { nonce: 1, view: 0, tail: Tail::default() }));
    for _ in 0..5 {
        net.send_raw(1, 0, frames.clone());
        net.run(10 * S);
        let node = net.node(0);
        let live = node.leaf().sessions().count();
        assert!(node.deliveries.len() <= live.max(1), "{} deliveries of {live} sessions", node.deliveries.len());
    }
}

#[test]
fn a_host_that_takes_no_events_is_told_so_and_loses_nothing_that_it_wrote() {
    let mut net = Net::new(1, 22, Link::CLEAN);
    net.hosts[0].run = 1;
    let config = NodeConfig { max_events: 16, ..net.config(0) };
    let mut node = Node::new(config, Instant(0), &Restored::new());
    let mut buf = [0; 1152];
    let mut tokens = Vec::new();
    while let Output::Persist { token, .. } = node.poll(&mut buf) {
        tokens.push(token);
    }
    for _ in 0..16 {
        node.emit(Effect::Event(Event::Ready));
    }
    let datagram = Input::Datagram { path: PathId(1), bytes: Bytes::from_static(b"\x01") };
    assert_eq!(node.handle(Instant(1), datagram), Handled::Dropped(DropReason::Backpressure));
    assert_eq!(node.handle(Instant(1), Input::Command(Command::Leave)), Handled::Dropped(DropReason::Full));
    for token in tokens {
        assert_eq!(node.handle(Instant(1), Input::Persisted { token }), Handled::Accepted);
    }
    assert_eq!(node.handle(Instant(1), Input::Timeout), Handled::Accepted);
    assert!(node.leaf().incarnation() > 0, "the node began in spite of the full queue");
}

#[test]
fn acknowledgements_that_come_late_put_no_timer_into_the_past() {
    // Timers that are late look like sleep, and then all that a node believes of others is void.
    let mut net = pair();
    net.slow = Some((1, 0, 1_500 * MS));
    for _ in 0..5 {
        net.send_raw(0, 1, frame(&ContextData { bytes: Bytes16(&[1; 900]), tail: Tail::default() }));
    }
    net.run(4 * S);
    assert_eq!(net.hosts[0].worst_late_us, 0);
}
