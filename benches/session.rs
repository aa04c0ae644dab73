//! Sealed packets and handshakes: what the session adds to the primitives that it cannot do without.
//!
//! Criterion records each on its own; the ratios at the end come from rounds in which the sides take
//! turns, so that a change of clock frequency meets all of them alike.
#![allow(missing_docs, clippy::disallowed_types, clippy::disallowed_methods)]
#![allow(clippy::unwrap_used, reason = "a bench stops on the first surprise")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use chacha20poly1305::aead::AeadInOut;
use chacha20poly1305::{ChaCha20Poly1305, KeyInit, Nonce, Tag};
use criterion::Criterion;
use mindos_core::crypto::{Crypto, DEFAULT};
use mindos_core::session::noise::{Blake3, Handshake, KeyPair, TransportKey};

const KEY: [u8; 32] = [7; 32];
const SIZES: [usize; 2] = [64, 1024];
/// A packet's header, as associated data.
const HEADER: [u8; 16] = [1; 16];
const SNOW_XX: &str = "Noise_XX_25519_ChaChaPoly_BLAKE2s";

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
fn round_trip(key: &TransportKey, counter: u64, buf: &mut [u8]) {
    let tag = key.seal(black_box(&DEFAULT), counter, &HEADER, buf);
    assert!(key.open(black_box(&DEFAULT), counter, &HEADER, buf, black_box(&tag)));
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

/// What XX cannot do without: two ephemeral keys and three multiplications a side.
fn xx_primitives(peer: &[u8; 32]) {
    for secret in [[3; 32], [4; 32]] {
        black_box(DEFAULT.dh_public(black_box(&secret)));
        for _ in 0..3 {
            black_box(DEFAULT.dh(black_box(&secret), black_box(peer)));
        }
    }
}

fn snow_xx(ours: &[u8; 32], theirs: &[u8; 32]) {
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
    black_box((initiator.into_stateless_transport_mode().unwrap(), responder.into_stateless_transport_mode().unwrap()));
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
                round_trip(&key, counter, &mut buf);
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
    group.bench_function("its 6 DH + 2 keys", |bencher| bencher.iter(|| xx_primitives(&theirs.public())));
    group.bench_function("snow XX, both sides", |bencher| bencher.iter(|| snow_xx(&[1; 32], &[2; 32])));
    group.finish();
}

/// One thing to time under its name.
type Side<'a> = (&'a str, &'a mut dyn FnMut(u64));

fn ratios() {
    let key = TransportKey::from_bytes(KEY);
    println!("\nRatios of medians; the sides take turns in every round.");
    for size in SIZES {
        let (mut sealed, mut raw) = (vec![0x55; size], vec![0x55; size]);
        let name = format!("packet of {size} B, seal + open");
        table(
            &name,
            2_000,
            200,
            &mut [
                ("raw AEAD", &mut |counter| raw_round_trip(counter, &mut raw)),
                ("MindOS", &mut |counter| round_trip(&key, counter, &mut sealed)),
            ],
        );
    }
    let (ours, theirs) = static_keys();
    table(
        "XX handshake, both sides",
        400,
        2,
        &mut [
            ("6 DH + 2 keys", &mut |_| xx_primitives(&theirs.public())),
            ("MindOS", &mut |_| xx(&ours, &theirs)),
            ("snow", &mut |_| snow_xx(&[1; 32], &[2; 32])),
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
