//! Packets.

use mindos_wire::{
    ErrorClass as C, Finish, HELLO_LEN, Hello, MAX_PACKET, Packet, Reply, Retry, SUITE, Sealed, VERSION,
};

use super::super::case::{Case, Group, Procedure};
use super::fill;
use crate::inspect::Kind;

pub(super) fn groups() -> Vec<Group> {
    let group = |message, cases| Group { procedure: Procedure::Decode(Kind::Packet), message, cases };
    vec![
        group("hello", hellos()),
        group("reply", replies()),
        group("finish", finishes()),
        group("sealed", sealed()),
        group("retry", retries()),
    ]
}

fn bytes(packet: &Packet<'_>) -> Vec<u8> {
    let mut buf = vec![0; 2 * MAX_PACKET];
    let mut sink = &mut buf[..];
    let _ = packet.encode(&mut sink);
    let left = sink.len();
    buf.truncate(2 * MAX_PACKET - left);
    buf
}

fn valid(id: &str, flag: &'static str, reqs: &[&'static str], packet: &Packet<'_>, why: &str) -> Case {
    Case::valid(format!("wire/{id}"), flag, reqs, bytes(packet), why)
}

fn bad(id: &str, flag: &'static str, class: C, reqs: &[&'static str], bytes: Vec<u8>, why: &str) -> Case {
    Case::invalid(format!("wire/{id}"), flag, class, reqs, bytes, why)
}

fn hellos() -> Vec<Case> {
    let hello = |suite, network, sender, noise, cookie| {
        Packet::Hello(Hello { version: VERSION, suite, network, sender, noise, cookie })
    };
    let (key, cookie) = (fill(0xe1), fill(0xe5));
    let good = bytes(&hello(SUITE, 0x4d49_4e44, 7, &key, &[0; 16]));
    let set = |at: usize, byte: u8| {
        let mut out = good.clone();
        out[at] = byte;
        out
    };
    let short = |n: usize| good[..n].to_vec();
    let basic = ["WIRE-001", "WIRE-030"];
    let version_and_short = set(1, 2)[..20].to_vec();
    let padded_and_long = [&set(191, 1)[..], &[0]].concat();
    vec![
        valid("hello/typical", "Normal", &basic, &hello(SUITE, 0x4d49_4e44, 7, &key, &[0; 16]), "ordinary values"),
        valid("hello/cookie", "Normal", &basic, &hello(SUITE, 0x4d49_4e44, 7, &key, &cookie), "after a retry"),
        valid(
            "hello/minimal",
            "Boundary",
            &basic,
            &hello(0, 0, 0, &fill(0), &[0; 16]),
            "an unknown suite is not refused here",
        ),
        valid(
            "hello/maximal",
            "Boundary",
            &basic,
            &hello(u16::MAX, u32::MAX, u32::MAX, &fill(0xff), &[0xff; 16]),
            "all ones",
        ),
        bad("hello/kind-only", "Cut", C::Truncated, &["WIRE-002"], short(1), "nothing but a kind"),
        bad("hello/cut-suite", "Cut", C::Truncated, &["WIRE-002"], short(3), "the suite is cut"),
        bad("hello/cut-network", "Cut", C::Truncated, &["WIRE-002"], short(7), "the network is cut"),
        bad("hello/cut-sender", "Cut", C::Truncated, &["WIRE-002"], short(11), "the index is cut"),
        bad("hello/cut-noise", "Cut", C::Truncated, &["WIRE-002"], short(43), "the key is cut"),
        bad("hello/no-padding", "Cut", C::Truncated, &["WIRE-033"], short(44), "no cookie and no padding"),
        bad("hello/cut-cookie", "Cut", C::Truncated, &["WIRE-002"], short(59), "the cookie is cut"),
        bad("hello/cookie-only", "Cut", C::Truncated, &["WIRE-033"], short(60), "no padding"),
        bad("hello/short", "Cut", C::Truncated, &["WIRE-033"], short(HELLO_LEN - 1), "one byte of padding is missing"),
        bad(
            "hello/long",
            "Trailing",
            C::Trailing,
            &["WIRE-032"],
            [&good[..], &[0]].concat(),
            "one byte of padding too many",
        ),
        bad("hello/padding-start", "Padding", C::Reserved, &["WIRE-031"], set(60, 1), "padding that is not zero"),
        bad("hello/padding-last", "Padding", C::Reserved, &["WIRE-031"], set(191, 0x80), "padding that is not zero"),
        bad("hello/version-0", "Critical", C::UnknownCritical, &["WIRE-029"], set(1, 0), "version 0"),
        bad("hello/version-2", "Critical", C::UnknownCritical, &["WIRE-029"], set(1, 2), "a later version"),
        bad(
            "hello/version-and-short",
            "ReadingOrder",
            C::UnknownCritical,
            &["WIRE-034"],
            version_and_short,
            "the version comes first",
        ),
        bad(
            "hello/padding-and-long",
            "ReadingOrder",
            C::Reserved,
            &["WIRE-034"],
            padded_and_long,
            "the padding comes first",
        ),
    ]
}

fn replies() -> Vec<Case> {
    let reply = |receiver, sender, noise| Packet::Reply(Reply { receiver, sender, noise });
    let noise = fill::<254>(0xe2);
    let least = bytes(&reply(7, 8, &noise[..96]));
    let most = vec![0x5a; MAX_PACKET - 9];
    let long = vec![0x5a; MAX_PACKET - 8];
    vec![
        valid("reply/typical", "Normal", &["WIRE-001"], &reply(7, 0x0102_0304, &noise), "the payload is a beacon"),
        valid("reply/least", "Boundary", &["WIRE-033"], &reply(0, 0, &noise[..96]), "no payload"),
        valid("reply/most", "Boundary", &["WIRE-027"], &reply(u32::MAX, u32::MAX, &most), "1,152 bytes"),
        bad("reply/cut-receiver", "Cut", C::Truncated, &["WIRE-002"], least[..4].to_vec(), "the index is cut"),
        bad("reply/cut-sender", "Cut", C::Truncated, &["WIRE-002"], least[..8].to_vec(), "the index is cut"),
        bad("reply/short", "Cut", C::Truncated, &["WIRE-033"], least[..104].to_vec(), "95 bytes of Noise"),
        bad("reply/long", "Trailing", C::Trailing, &["WIRE-027"], bytes(&reply(7, 8, &long)), "1,153 bytes"),
    ]
}

fn finishes() -> Vec<Case> {
    let finish = |receiver, noise| Packet::Finish(Finish { receiver, noise });
    let noise = fill::<222>(0xe3);
    let least = bytes(&finish(8, &noise[..64]));
    vec![
        valid("finish/typical", "Normal", &["WIRE-001"], &finish(8, &noise), "the payload is a beacon"),
        valid("finish/least", "Boundary", &["WIRE-033"], &finish(u32::MAX, &noise[..64]), "no payload"),
        bad("finish/cut-receiver", "Cut", C::Truncated, &["WIRE-002"], least[..4].to_vec(), "the index is cut"),
        bad("finish/short", "Cut", C::Truncated, &["WIRE-033"], least[..68].to_vec(), "63 bytes of Noise"),
    ]
}

fn retries() -> Vec<Case> {
    let retry = |receiver, cookie| Packet::Retry(Retry { receiver, cookie });
    let cookie = fill(0xe5);
    let good = bytes(&retry(7, &cookie));
    vec![
        valid("retry/typical", "Normal", &["WIRE-001"], &retry(7, &cookie), "ordinary values"),
        valid("retry/minimal", "Boundary", &["WIRE-001"], &retry(0, &[0; 16]), "all zeros"),
        valid("retry/maximal", "Boundary", &["WIRE-001"], &retry(u32::MAX, &[0xff; 16]), "all ones"),
        bad("retry/cut-receiver", "Cut", C::Truncated, &["WIRE-002"], good[..4].to_vec(), "the index is cut"),
        bad("retry/short", "Cut", C::Truncated, &["WIRE-033"], good[..20].to_vec(), "15 bytes of cookie"),
        bad("retry/long", "Trailing", C::Trailing, &["WIRE-045"], [&good[..], &[0]].concat(), "a byte behind it"),
    ]
}

fn sealed() -> Vec<Case> {
    let sealed = |receiver, counter, ciphertext| Packet::Sealed(Sealed { receiver, counter, ciphertext });
    let text = fill::<43>(0xe4);
    let least = bytes(&sealed(8, 0, &text[..16]));
    let most = vec![0x5a; MAX_PACKET - 13];
    let long = vec![0x5a; MAX_PACKET - 12];
    let mut kinds: Vec<Case> = [0, 6, 0x80, 0xff]
        .map(|kind: u8| {
            let why = "a kind that this version does not know";
            let bytes = [&[kind], &least[1..]].concat();
            bad(&format!("packet/kind-{kind}"), "Critical", C::UnknownCritical, &["WIRE-028"], bytes, why)
        })
        .into();
    let mut unknown_and_long = bytes(&sealed(8, 0, &long));
    unknown_and_long[0] = 9;
    kinds.extend([
        valid("sealed/typical", "Normal", &["WIRE-001"], &sealed(8, 0x0102_0304_0506_0708, &text), "a sealed ping-ack"),
        valid("sealed/least", "Boundary", &["WIRE-033"], &sealed(0, 0, &text[..16]), "no frames"),
        valid("sealed/most", "Boundary", &["WIRE-027"], &sealed(u32::MAX, u64::MAX, &most), "1,152 bytes"),
        bad("sealed/cut-receiver", "Cut", C::Truncated, &["WIRE-002"], least[..4].to_vec(), "the index is cut"),
        bad("sealed/cut-counter", "Cut", C::Truncated, &["WIRE-002"], least[..12].to_vec(), "the counter is cut"),
        bad("sealed/short", "Cut", C::Truncated, &["WIRE-033"], least[..28].to_vec(), "15 bytes of ciphertext"),
        bad("sealed/long", "Trailing", C::Trailing, &["WIRE-027"], bytes(&sealed(8, 0, &long)), "1,153 bytes"),
        bad("packet/empty", "Cut", C::Truncated, &["WIRE-002"], Vec::new(), "no byte at all"),
        bad(
            "packet/long-before-kind",
            "ReadingOrder",
            C::Trailing,
            &["WIRE-034"],
            unknown_and_long,
            "the size comes first",
        ),
    ]);
    kinds
}
