//! The wire format on the two messages that are written and read most: an intent and a load advertisement,
//! with a ping beside them as the smallest.
//!
//! *Decode and visit* validates the bytes and then touches every field: all scalars are added up, of byte
//! strings their length and both ends, of lists every item.
#![allow(missing_docs)]
#![allow(clippy::unwrap_used, reason = "a bench stops on the first surprise")]

use std::hint::black_box;

use criterion::{Criterion, Throughput};
use mindos_wire::{
    Bytes16, CapabilityLoad, ContextRef, Effect, Frame, IntentBody, Label, List, LoadAdvert, Minifloat, Ping, Record,
    RecordBody, RecordHead, Stakes, Tail, encode_frame,
};

const PAYLOAD: usize = 512;
const CONTEXTS: usize = 3;
const CAPABILITIES: usize = 6;

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    intent(&mut criterion);
    load_advert(&mut criterion);
    ping(&mut criterion);
    criterion.final_summary();
}

/// Encodes into a buffer on the stack and gives the length.
fn written(buf: &mut [u8], encode: impl FnOnce(&mut &mut [u8])) -> usize {
    let room = buf.len();
    let mut rest = buf;
    encode(&mut rest);
    room - rest.len()
}

fn ends(bytes: &[u8]) -> u64 {
    let end = |b: Option<&u8>| u64::from(b.copied().unwrap_or_default());
    bytes.len() as u64 + end(bytes.first()) + end(bytes.last())
}

fn visit_record(bytes: &[u8]) -> u64 {
    let record = Record::decode(bytes).unwrap();
    let head = record.head.sequence.wrapping_add(record.head.expires).wrapping_add(ends(record.head.author));
    let RecordBody::Intent(i) = record.body else { return head };
    let terms = i.lifetime_us.wrapping_add(i.budget).wrapping_add(u64::from(i.depth));
    let work = u64::from(i.context_tokens) + u64::from(i.generated_tokens);
    let codes = i.label as u64 + i.effect as u64 + i.stakes as u64;
    let contexts: u64 = i.contexts.iter().map(|c| u64::from(c.length) + ends(&c.hash)).sum();
    let bytes = ends(i.capability) + ends(i.payload.0) + ends(record.signature) + ends(i.tail.bytes());
    head.wrapping_add(terms).wrapping_add(work + codes + contexts + bytes)
}

fn visit_advert(bytes: &[u8]) -> u64 {
    let (Frame::LoadAdvert(a), rest) = Frame::decode(bytes).unwrap() else { return 0 };
    let resources =
        [a.slots, a.backlog_ms, a.context_rate, a.generated_rate, a.context_free, a.memory_kib, a.link, a.energy];
    let capabilities = a.capabilities.iter().map(|c| u64::from(c.id) + u64::from(c.competence) + u64::from(c.price));
    u64::from(a.sequence)
        + resources.iter().map(|r| u64::from(r.0)).sum::<u64>()
        + capabilities.sum::<u64>()
        + ends(a.tail.bytes())
        + rest.len() as u64
}

fn visit_ping(bytes: &[u8]) -> u64 {
    let (Frame::Ping(p), rest) = Frame::decode(bytes).unwrap() else { return 0 };
    u64::from(p.nonce) + u64::from(p.view) + ends(p.tail.bytes()) + rest.len() as u64
}

fn bench(criterion: &mut Criterion, name: &str, encode: impl Fn(&mut [u8]) -> usize, visit: impl Fn(&[u8]) -> u64) {
    let mut buf = [0; 2_048];
    let size = encode(&mut buf);
    let bytes = buf[..size].to_vec();
    println!("{name}: {size} B");
    let mut group = criterion.benchmark_group(name);
    group.throughput(Throughput::Bytes(size as u64));
    group.bench_function("encode", |b| b.iter(|| encode(black_box(&mut buf))));
    group.bench_function("decode+visit", |b| b.iter(|| visit(black_box(&bytes))));
    group.finish();
}

/// A whole intent record; signing and verifying are not the codec's.
fn intent(criterion: &mut Criterion) {
    let (author, capability, signature, payload) = ([1; 32], [2; 32], [3; 64], [4; PAYLOAD]);
    let contexts: [ContextRef; CONTEXTS] =
        std::array::from_fn(|i| ContextRef { hash: [5 + i as u8; 32], length: 9_000 + i as u32 });
    let record = Record {
        head: RecordHead { author: &author, sequence: 1_025, expires: 1_800_000_600 },
        body: RecordBody::Intent(IntentBody {
            capability: &capability,
            context_tokens: 2_000,
            generated_tokens: 300,
            lifetime_us: 600_000_000,
            budget: 25_000,
            label: Label::Community,
            depth: 2,
            effect: Effect::Idempotent,
            stakes: Stakes::Low,
            contexts: List::new(&contexts),
            payload: Bytes16(&payload),
            tail: Tail::default(),
        }),
        signature: &signature,
        signed: &[],
    };
    bench(criterion, "intent record", |buf| written(buf, |w| black_box(&record).encode(w).unwrap()), visit_record);
}

fn load_advert(criterion: &mut Criterion) {
    let capabilities: [CapabilityLoad; CAPABILITIES] =
        std::array::from_fn(|i| CapabilityLoad { id: 1_000 * (i as u32 + 1), competence: 200, price: 12 });
    let advert = LoadAdvert {
        sequence: 77,
        slots: Minifloat(4),
        backlog_ms: Minifloat(1_500),
        context_rate: Minifloat(20_000),
        generated_rate: Minifloat(9_000),
        context_free: Minifloat(12_000),
        memory_kib: Minifloat(30_000),
        link: Minifloat(25_000),
        energy: Minifloat(u16::MAX),
        capabilities: List::new(&capabilities),
        tail: Tail::default(),
    };
    bench(
        criterion,
        "load advert",
        |buf| {
            written(buf, |w| {
                encode_frame(black_box(&advert), w).unwrap();
            })
        },
        visit_advert,
    );
}

fn ping(criterion: &mut Criterion) {
    let ping = Ping { nonce: 7, view: 0x1234_5678, tail: Tail::default() };
    bench(
        criterion,
        "ping",
        |buf| {
            written(buf, |w| {
                encode_frame(black_box(&ping), w).unwrap();
            })
        },
        visit_ping,
    );
}
