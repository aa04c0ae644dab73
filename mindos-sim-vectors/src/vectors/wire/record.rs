//! Records, those of chapters with machines; `draft.rs` has the others.

use mindos_wire::{
    BeaconBody, Bytes16, ContextRef, Cosignature, Effect, ErrorClass as C, IntentBody, Label, List, Record, RecordBody,
    RecordHead, Stakes, SuccessionBody, Tail, Tier,
};

use super::super::case::{Case, Group, Procedure};
use super::{derive, fill};
use crate::inspect::Kind;

pub(super) fn groups() -> Vec<Group> {
    let own = [group("beacon", &beacons(), Vec::new()), group("intent", &intents(), structure()), successions()];
    own.into_iter().chain(super::draft::groups()).collect()
}

pub(super) fn group(name: &'static str, samples: &[(&str, Vec<u8>)], more: Vec<Case>) -> Group {
    let reqs = ["WIRE-001", "WIRE-006", "WIRE-026"];
    let mut cases = Vec::new();
    for (sample, bytes) in samples {
        let (flag, why) = match *sample {
            "typical" => ("Normal", "ordinary values"),
            _ => ("Boundary", "see the id"),
        };
        cases.push(Case::valid(format!("wire/record-{name}/{sample}"), flag, &reqs, bytes.clone(), why));
    }
    if let Some((_, bytes)) = samples.first() {
        cases.extend(derive::record(&format!("record-{name}"), bytes));
    }
    cases.extend(more);
    Group { procedure: Procedure::Decode(Kind::Record), message: name, cases }
}

fn bytes(sequence: u64, expires: u64, filler: u8, body: RecordBody<'_>) -> Vec<u8> {
    let head = RecordHead { author: &fill(filler), sequence, expires };
    let mut buf = vec![0; 4_096];
    let mut sink = &mut buf[..];
    let _ = Record { head, body, signature: &fill(0x51), signed: &[] }.encode(&mut sink);
    let left = sink.len();
    buf.truncate(4_096 - left);
    buf
}

fn beacons() -> Vec<(&'static str, Vec<u8>)> {
    let beacon = |key, incarnation, cell, tier, roles| {
        RecordBody::Beacon(BeaconBody { x25519: key, incarnation, cell, tier, roles, tail: Tail::default() })
    };
    let (key, least, most) = (fill(0xb0), fill(0), fill(0xff));
    vec![
        ("typical", bytes(1_025, 1_800_000_000, 0xa0, beacon(&key, 1_024, 0x4a, Tier::Home, 1))),
        ("minimal", bytes(0, 0, 0, beacon(&least, 0, 0, Tier::Sensor, 0))),
        ("maximal", bytes(u64::MAX, u64::MAX, 0xff, beacon(&most, u32::MAX, u32::MAX, Tier::Datacentre, u16::MAX))),
    ]
}

fn intents() -> Vec<(&'static str, Vec<u8>)> {
    let refs = [ContextRef { hash: fill(1), length: 1_496 }, ContextRef { hash: fill(2), length: 0 }];
    let key = fill(0xca);
    let typical = IntentBody {
        capability: &key,
        context_tokens: 374,
        generated_tokens: 44,
        lifetime_us: 600_000_000,
        budget: 1_000,
        label: Label::Community,
        depth: 2,
        effect: Effect::Idempotent,
        stakes: Stakes::Low,
        contexts: List::new(&refs),
        payload: Bytes16(b"summarize"),
        tail: Tail::default(),
    };
    let minimal = IntentBody { contexts: List::new(&[]), payload: Bytes16(&[]), ..typical };
    let maximal = IntentBody {
        context_tokens: u32::MAX,
        generated_tokens: u32::MAX,
        lifetime_us: u64::MAX,
        budget: u64::MAX,
        depth: u8::MAX,
        ..typical
    };
    vec![
        ("typical", bytes(1_026, 1_800_000_000, 0xa0, RecordBody::Intent(typical))),
        ("no-context", bytes(1, 1, 1, RecordBody::Intent(minimal))),
        ("maximal", bytes(u64::MAX, u64::MAX, 0xff, RecordBody::Intent(maximal))),
    ]
}

fn successions() -> Group {
    let item = |byte| Cosignature { member: fill(byte), signature: fill(0x52) };
    let record = |successors: &[Cosignature]| {
        let body = SuccessionBody { successor: List::new(successors), tail: Tail::default() };
        bytes(u64::MAX - u64::from(!successors.is_empty()), u64::MAX, 0xa0, RecordBody::Succession(body))
    };
    let (one, two) = (item(0xa1), item(0xa2));
    let samples = [("typical", record(&[one])), ("revocation", record(&[]))];
    let bad = |case: &str, flag, class, req, items: &[Cosignature], why: &str| {
        Case::invalid(format!("wire/record-succession/{case}"), flag, class, &[req], record(items), why)
    };
    let more = vec![
        bad("two", "Fields", C::Range, "WIRE-046", &[one, two], "two successors"),
        bad("one-twice", "Unsorted", C::Order, "WIRE-009", &[one, one], "the same successor twice"),
    ];
    group("succession", &samples, more)
}

/// What can be wrong around a body.
fn structure() -> Vec<Case> {
    let Some((_, good)) = beacons().into_iter().next() else { return Vec::new() };
    let typed = |ty: u8| [&[ty], &good[1..]].concat();
    let lengthed = |length: u16, bytes: &[u8]| [&bytes[..1], &length.to_le_bytes()[..], &bytes[3..]].concat();
    let short = |n: usize| lengthed(u16::try_from(n - 3).unwrap_or(0), &good[..n]);
    let bad = |case: &str, flag, class, reqs: &[&'static str], bytes, why: &str| {
        Case::invalid(format!("wire/record/{case}"), flag, class, reqs, bytes, why)
    };
    let cut = ["WIRE-002"];
    vec![
        bad("empty", "Cut", C::Truncated, &cut, Vec::new(), "no byte at all"),
        bad("half-length", "Cut", C::Truncated, &cut, good[..2].to_vec(), "half a length"),
        bad("short", "Cut", C::Truncated, &cut, good[..good.len() - 1].to_vec(), "one byte is missing"),
        bad("no-signature", "Cut", C::Truncated, &["WIRE-002", "WIRE-026"], short(3 + 63), "no room for a signature"),
        bad("no-author", "Cut", C::Truncated, &cut, short(3 + 64 + 31), "31 bytes before the signature"),
        bad("no-sequence", "Cut", C::Truncated, &cut, short(3 + 64 + 39), "the sequence is cut"),
        bad("no-expiry", "Cut", C::Truncated, &cut, short(3 + 64 + 47), "the expiry is cut"),
        bad("trailing", "Trailing", C::Trailing, &["WIRE-024"], [&good[..], &[0]].concat(), "one byte follows"),
        bad("odd-type", "Critical", C::UnknownCritical, &["WIRE-025"], typed(0x03), "an odd type is refused too"),
        bad("even-type", "Critical", C::UnknownCritical, &["WIRE-025"], typed(0x06), "an even type"),
        bad("private-type", "Critical", C::UnknownCritical, &["WIRE-025"], typed(0xf1), "a type of private use"),
        bad(
            "trailing-before-type",
            "ReadingOrder",
            C::Trailing,
            &["WIRE-034"],
            [&typed(0x03)[..], &[0]].concat(),
            "unknown type and a byte too many: the length comes first",
        ),
        bad(
            "cut-before-type",
            "ReadingOrder",
            C::Truncated,
            &["WIRE-034"],
            lengthed(95, &typed(0x03)[..98]),
            "unknown type and no author: the head comes first",
        ),
    ]
}
