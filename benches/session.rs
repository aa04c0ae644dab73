//! Sealed packets and handshakes: what the session adds to the primitives that it cannot do without.
//!
//! Criterion records each on its own; the ratios at the end come from rounds in which the sides take
//! turns, so that a change of clock frequency meets all of them alike.
#![allow(missing_docs, clippy::disallowed_types, clippy::disallowed_methods)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a bench stops on the first surprise")]

#[path = "session/tunnel.rs"]
mod tunnel;

use std::hint::black_box;
use std::time::{Duration, Instant};

use bytes::Bytes;
use chacha20poly1305::aead::AeadInOut;
use chacha20poly1305::{ChaCha20Poly1305, KeyInit, Nonce, Tag};
use criterion::Criterion;
use mindos_core::crypto::{Crypto, DEFAULT, RING};
use mindos_core::session::noise::{Blake3, Handshake, KeyPair, TransportKey};
use mindos_core::wire::{Hello, Packet};
use mindos_core::{Input, Node, NodeConfig, Output, PathId};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, UnboundKey};
use tunnel::Tunnel;

const KEY: [u8; 32] = [7; 32];
const SIZES: [usize; 2] = [64, 1024];
/// A packet's header, as associated data.
const HEADER: [u8; 16] = [1; 16];
const SNOW_XX: &str = "Noise_XX_25519_ChaChaPoly_BLAKE2s";
const SNOW_IK: &str = "Noise_IK_25519_ChaChaPoly_BLAKE2s";

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    packets(&mut criterion);
    handshakes(&mut criterion);
    criterion.final_summary();
    // Under `cargo test` the targets only have to run.
    if std::env::args().any(|arg| arg == "--bench") {
        ratios();
    }
}

fn nonce(counter: u64) -> Nonce {
    let mut nonce = Nonce::default();
    nonce[4..].copy_from_slice(&counter.to_le_bytes());
    nonce
}

fn raw_seal(counter: u64, buf: &mut [u8]) -> [u8; 16] {
    let cipher = ChaCha20Poly1305::new(black_box(&KEY).into());
    cipher.encrypt_inout_detached(&nonce(counter), &HEADER, buf.into()).unwrap().into()
}

fn raw_open(counter: u64, buf: &mut [u8], tag: &Tag) -> bool {
    let cipher = ChaCha20Poly1305::new(black_box(&KEY).into());
    cipher.decrypt_inout_detached(&nonce(counter), &HEADER, buf.into(), tag).is_ok()
}

/// Seals a payload in place and opens it again: the two ends of a packet's way.
fn round_trip(crypto: &dyn Crypto, key: &TransportKey, counter: u64, buf: &mut [u8]) {
    let tag = key.seal(black_box(crypto), counter, &HEADER, buf);
    assert!(key.open(black_box(crypto), counter, &HEADER, buf, black_box(&tag)));
}

/// The same on ring alone. Its key is made per packet, as the provider does: it keeps none.
fn ring_round_trip(counter: u64, buf: &mut [u8]) {
    let key = || LessSafeKey::new(UnboundKey::new(&CHACHA20_POLY1305, black_box(&KEY)).unwrap());
    let nonce = || {
        let mut nonce = [0; 12];
        nonce[4..].copy_from_slice(&counter.to_le_bytes());
        ring::aead::Nonce::assume_unique_for_key(nonce)
    };
    let tag = key().seal_in_place_separate_tag(nonce(), Aad::from(&HEADER), buf).unwrap();
    key().open_in_place_separate_tag(nonce(), Aad::from(&HEADER), black_box(tag), buf, 0..).unwrap();
}

/// ring alone with both keys kept and nothing but the payload under the tag: what boringtun asks of it.
fn kept_round_trip(keys: &[LessSafeKey; 2], counter: u64, buf: &mut [u8]) {
    let nonce = || {
        let mut nonce = [0; 12];
        nonce[4..].copy_from_slice(&counter.to_le_bytes());
        ring::aead::Nonce::assume_unique_for_key(nonce)
    };
    let [send, receive] = black_box(keys);
    let tag = send.seal_in_place_separate_tag(nonce(), Aad::empty(), buf).unwrap();
    receive.open_in_place_separate_tag(nonce(), Aad::empty(), black_box(tag), buf, 0..).unwrap();
}

fn kept_keys() -> [LessSafeKey; 2] {
    [(); 2].map(|()| LessSafeKey::new(UnboundKey::new(&CHACHA20_POLY1305, &KEY).unwrap()))
}

/// snow's transport on the same bytes: it copies, where the others work in place.
struct Snow {
    initiator: snow::StatelessTransportState,
    responder: snow::StatelessTransportState,
    sealed: Vec<u8>,
}

impl Snow {
    fn new(size: usize) -> Self {
        let (initiator, responder) = snow_xx(&[1; 32], &[2; 32]);
        Self { initiator, responder, sealed: vec![0; size + 16] }
    }

    fn round_trip(&mut self, counter: u64, buf: &mut [u8]) {
        let len = self.initiator.write_message(counter, buf, &mut self.sealed).unwrap();
        let opened = self.responder.read_message(counter, black_box(&self.sealed[..len]), buf).unwrap();
        assert_eq!(opened, buf.len());
    }
}

fn raw_round_trip(counter: u64, buf: &mut [u8]) {
    let tag = raw_seal(counter, buf);
    assert!(raw_open(counter, buf, black_box(&tag).into()));
}

/// XX between two nodes with their static keys ready, to the transport keys of both.
fn xx(ours: &KeyPair, theirs: &KeyPair) {
    let prologue: &[&[u8]] = &[b"prologue"];
    let mut initiator: Handshake<Blake3> = Handshake::initiator_with(&DEFAULT, prologue, ours, [3; 32]);
    let mut responder: Handshake<Blake3> = Handshake::responder_with(&DEFAULT, prologue, theirs, [4; 32]);
    let mut message = Vec::with_capacity(256);
    initiator.write(&[], &mut message).unwrap();
    responder.read(&message).unwrap();
    message.clear();
    responder.write(&[], &mut message).unwrap();
    initiator.read(&message).unwrap();
    message.clear();
    initiator.write(&[], &mut message).unwrap();
    responder.read(&message).unwrap();
    black_box((initiator.split().unwrap(), responder.split().unwrap()));
}

/// What a handshake cannot do without: two ephemeral keys, and so many multiplications a side.
fn primitives(multiplications: usize, peer: &[u8; 32]) {
    for secret in [[3; 32], [4; 32]] {
        black_box(DEFAULT.dh_public(black_box(&secret)));
        for _ in 0..multiplications {
            black_box(DEFAULT.dh(black_box(&secret), black_box(peer)));
        }
    }
}

/// IK between two nodes, of which the first knows the second.
fn ik(ours: &KeyPair, theirs: &KeyPair) {
    let prologue: &[&[u8]] = &[b"prologue"];
    let mut initiator: Handshake<Blake3> = Handshake::ik_initiator(&DEFAULT, prologue, ours, [3; 32], theirs.public());
    let mut responder: Handshake<Blake3> = Handshake::ik_responder(&DEFAULT, prologue, theirs, [4; 32]);
    let mut message = Vec::with_capacity(256);
    initiator.write(&[], &mut message).unwrap();
    responder.read(&message).unwrap();
    message.clear();
    responder.write(&[], &mut message).unwrap();
    initiator.read(&message).unwrap();
    black_box((initiator.split().unwrap(), responder.split().unwrap()));
}

fn snow_ik(ours: &[u8; 32], theirs: &[u8; 32], their_public: &[u8; 32]) {
    let build = || snow::Builder::new(SNOW_IK.parse().unwrap()).prologue(b"prologue").unwrap();
    let known = build().local_private_key(ours).unwrap().remote_public_key(their_public).unwrap();
    let mut initiator = known.build_initiator().unwrap();
    let mut responder = build().local_private_key(theirs).unwrap().build_responder().unwrap();
    let (mut message, mut payload) = ([0; 256], [0; 256]);
    let len = initiator.write_message(&[], &mut message).unwrap();
    responder.read_message(&message[..len], &mut payload).unwrap();
    let len = responder.write_message(&[], &mut message).unwrap();
    initiator.read_message(&message[..len], &mut payload).unwrap();
    black_box((initiator.into_stateless_transport_mode().unwrap(), responder.into_stateless_transport_mode().unwrap()));
}

/// The KEM operations of the hybrid upgrade, and what the session adds: the hash of key and ciphertext, and the
/// next keys of both directions on both sides.
fn upgrade(key: &TransportKey) {
    let (public, ciphertext, secret) = kem();
    for _side in 0..2 {
        let hash = DEFAULT.hash(&[&public[..], &ciphertext[..]]);
        let material = [&secret[..], &hash].concat();
        for _direction in 0..2 {
            black_box(key.derive(&DEFAULT, "bench", &material));
        }
    }
}

type Kem = (Box<[u8; 1_184]>, Box<[u8; 1_088]>, [u8; 32]);

fn kem() -> Kem {
    let public = DEFAULT.kem_public(black_box(&[5; 64])).unwrap();
    let (ciphertext, _) = DEFAULT.kem_encapsulate(&public, black_box(&[6; 32])).unwrap();
    let secret = DEFAULT.kem_decapsulate(black_box(&[5; 64]), &ciphertext).unwrap();
    (public, ciphertext, secret)
}

/// A node in service that holds as many unfinished handshakes as it takes to ask for cookies.
struct Flooded {
    node: Node,
    hello: Vec<u8>,
    path: u32,
    sent: u32,
    buf: [u8; 1_152],
}

impl Flooded {
    /// Below the room from which all are asked: only the one address is.
    fn nearly(network: u32) -> Self {
        let mut flooded = Self::with(network, 60);
        (0..8).for_each(|_| flooded.forged_from_there());
        flooded
    }

    fn new(network: u32) -> Self {
        Self::with(network, 200)
    }

    fn with(network: u32, forged: u32) -> Self {
        let config = NodeConfig::new(&DEFAULT, [1; 32], [2; 32], 7, Bytes::from_static(b"\x01a"));
        let node = Node::new(config, at(0), &Default::default());
        let mut hello = Vec::new();
        let (noise, cookie) = (&[9; 32], &[0; 16]);
        Packet::Hello(Hello { version: 1, suite: 1, network, sender: 1, noise, cookie }).encode(&mut hello).unwrap();
        let mut flooded = Self { node, hello, path: 0, sent: 0, buf: [0; 1_152] };
        flooded.drain();
        (0..forged).for_each(|_| flooded.forged());
        flooded
    }

    /// Takes what the node has to say; numbers are stored at once.
    fn drain(&mut self) {
        loop {
            let token = match self.node.poll(&mut self.buf) {
                Output::Persist { token, .. } => token,
                Output::Idle { .. } => return,
                _ => continue,
            };
            self.node.handle(at(0), Input::Persisted { token });
        }
    }

    /// A first packet from another address, under another key.
    fn forged(&mut self) {
        self.path += 1;
        self.forged_from_there();
    }

    /// The same from the last address again.
    fn forged_from_there(&mut self) {
        self.sent += 1;
        self.hello[12..16].copy_from_slice(&self.sent.to_le_bytes());
        let bytes = Bytes::copy_from_slice(&self.hello);
        black_box(self.node.handle(at(0), Input::Datagram { path: PathId(0x8000_0000 | self.path), bytes }));
        self.drain();
    }
}

const fn at(us: u64) -> mindos_core::Instant {
    mindos_core::Instant(us)
}

fn snow_xx(ours: &[u8; 32], theirs: &[u8; 32]) -> (snow::StatelessTransportState, snow::StatelessTransportState) {
    let build = || snow::Builder::new(SNOW_XX.parse().unwrap()).prologue(b"prologue").unwrap();
    let mut initiator = build().local_private_key(ours).unwrap().build_initiator().unwrap();
    let mut responder = build().local_private_key(theirs).unwrap().build_responder().unwrap();
    let (mut message, mut payload) = ([0; 256], [0; 256]);
    let len = initiator.write_message(&[], &mut message).unwrap();
    responder.read_message(&message[..len], &mut payload).unwrap();
    let len = responder.write_message(&[], &mut message).unwrap();
    initiator.read_message(&message[..len], &mut payload).unwrap();
    let len = initiator.write_message(&[], &mut message).unwrap();
    responder.read_message(&message[..len], &mut payload).unwrap();
    (initiator.into_stateless_transport_mode().unwrap(), responder.into_stateless_transport_mode().unwrap())
}

fn static_keys() -> (KeyPair, KeyPair) {
    (KeyPair::new(&DEFAULT, [1; 32]), KeyPair::new(&DEFAULT, [2; 32]))
}

fn packets(criterion: &mut Criterion) {
    let key = TransportKey::from_bytes(KEY);
    for size in SIZES {
        let mut group = criterion.benchmark_group(format!("packet/{size}"));
        let (mut buf, mut counter) = (vec![0x55; size], 0);
        group.bench_function("seal+open", |bencher| {
            bencher.iter(|| {
                counter += 1;
                round_trip(&DEFAULT, &key, counter, &mut buf);
            })
        });
        group.bench_function("raw seal+open", |bencher| {
            bencher.iter(|| {
                counter += 1;
                raw_round_trip(counter, &mut buf);
            })
        });
        group.finish();
    }
}

fn handshakes(criterion: &mut Criterion) {
    let (ours, theirs) = static_keys();
    let mut group = criterion.benchmark_group("handshake");
    group.bench_function("XX, both sides", |bencher| bencher.iter(|| xx(&ours, &theirs)));
    group.bench_function("its 6 DH + 2 keys", |bencher| bencher.iter(|| primitives(3, &theirs.public())));
    group
        .bench_function("snow XX, both sides", |bencher| bencher.iter(|| drop(black_box(snow_xx(&[1; 32], &[2; 32])))));
    group.finish();
}

/// One thing to time under its name.
type Side<'a> = (&'a str, &'a mut dyn FnMut(u64));

fn ratios() {
    let key = TransportKey::from_bytes(KEY);
    println!("\nRatios of medians; the sides take turns in every round.");
    for size in SIZES {
        let [mut a, mut b, mut c, mut d, mut e] = [0; 5].map(|_: i32| vec![0x55; size]);
        let mut snow = Snow::new(size);
        table(
            &format!("packet of {size} B, seal + open, default provider"),
            2_000,
            200,
            &mut [
                ("raw AEAD", &mut |counter| raw_round_trip(counter, &mut a)),
                ("MindOS", &mut |counter| round_trip(&DEFAULT, &key, counter, &mut b)),
                ("snow", &mut |counter| snow.round_trip(counter, &mut e)),
            ],
        );
        table(
            &format!("packet of {size} B, seal + open, provider on ring"),
            2_000,
            200,
            &mut [
                ("raw AEAD", &mut |counter| ring_round_trip(counter, &mut c)),
                ("MindOS", &mut |counter| round_trip(&RING, &key, counter, &mut d)),
            ],
        );
        let (keys, mut f, mut tunnel) = (kept_keys(), vec![0x55; size], Tunnel::new(size));
        table(
            &format!("packet of {size} B, seal + open, ring with its keys kept"),
            2_000,
            200,
            &mut [
                ("raw AEAD", &mut |counter| kept_round_trip(&keys, counter, &mut f)),
                ("boringtun, the whole tunnel", &mut |_| tunnel.round_trip()),
            ],
        );
    }
    let (ours, theirs) = static_keys();
    table(
        "XX handshake, both sides",
        400,
        2,
        &mut [
            ("6 DH + 2 keys", &mut |_| primitives(3, &theirs.public())),
            ("MindOS", &mut |_| xx(&ours, &theirs)),
            ("snow", &mut |_| drop(black_box(snow_xx(&[1; 32], &[2; 32])))),
        ],
    );
    table(
        "IK handshake, both sides",
        400,
        2,
        &mut [
            ("8 DH + 2 keys", &mut |_| primitives(4, &theirs.public())),
            ("MindOS", &mut |_| ik(&ours, &theirs)),
            ("snow", &mut |_| snow_ik(&[1; 32], &[2; 32], &theirs.public())),
        ],
    );
    table(
        "hybrid upgrade, both sides",
        400,
        2,
        &mut [("3 KEM operations", &mut |_| drop(black_box(kem()))), ("MindOS", &mut |_| upgrade(&key))],
    );
    let (mut foreign, mut busy, mut one) = (Flooded::new(8), Flooded::new(7), Flooded::nearly(7));
    table(
        "a forged first packet",
        2_000,
        20,
        &mut [
            ("one DH", &mut |_| {
                black_box(DEFAULT.dh(black_box(&[3; 32]), &theirs.public()));
            }),
            ("of another network, whole node", &mut |_| foreign.forged()),
            ("asked for a cookie, whole node", &mut |_| busy.forged()),
            ("the same, all from one address", &mut |_| one.forged_from_there()),
        ],
    );
    let signature = DEFAULT.sign(&[5; 32], &[6; 200]);
    let (signer, dh_key) = (DEFAULT.sign_public(&[5; 32]), theirs.public());
    table(
        "what the lab charges a flooded node",
        2_000,
        20,
        &mut [
            ("one DH", &mut |_| {
                black_box(DEFAULT.dh(black_box(&[3; 32]), &dh_key));
            }),
            ("a DH key", &mut |_| {
                black_box(DEFAULT.dh_public(black_box(&[3; 32])));
            }),
            ("a signature of 200 B", &mut |_| {
                black_box(DEFAULT.sign(black_box(&[5; 32]), &[6; 200]));
            }),
            ("its verification", &mut |_| assert!(DEFAULT.verify(black_box(&signer), &[6; 200], &signature))),
            ("64 B hashed", &mut |_| {
                black_box(DEFAULT.hash(&[black_box(&[7; 64])]));
            }),
            ("1 KiB hashed", &mut |_| {
                black_box(DEFAULT.hash(&[black_box(&[7; 1_024])]));
            }),
        ],
    );
}

/// Times `rounds` rounds of `calls` calls of each side and prints medians, beside the first side's.
fn table(name: &str, rounds: usize, calls: u32, sides: &mut [Side<'_>]) {
    let mut times = vec![Vec::with_capacity(rounds); sides.len()];
    let mut counter = 0;
    for round in 0..rounds {
        for turn in 0..sides.len() {
            // The order rotates: no side always runs on the caches of the same predecessor.
            let at = (round + turn) % sides.len();
            let start = Instant::now();
            for _ in 0..calls {
                counter += 1;
                (sides[at].1)(counter);
            }
            times[at].push(start.elapsed());
        }
    }
    let medians: Vec<Duration> = times.iter_mut().map(|side| median(side) / calls).collect();
    for ((side, _), time) in sides.iter().zip(&medians) {
        let ratio = time.as_secs_f64() / medians[0].as_secs_f64();
        println!("{name}: {side} {:.3} us, {ratio:.3}x", time.as_secs_f64() * 1e6);
    }
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}
