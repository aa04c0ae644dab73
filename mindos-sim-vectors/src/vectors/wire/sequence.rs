//! Sequences of frames, and frames that this version does not know.

use mindos_wire::{ErrorClass as C, Established, Frame, Ping, Tail};

use super::super::case::{Case, Group, Procedure};
use super::bytes;
use crate::inspect::Kind;

/// Frame types kept free on purpose (`registry/frames.toml`).
const GREASE: [u8; 5] = [0x0f, 0x2f, 0x4f, 0x6f, 0x8f];
/// Even types of later families and of private use.
const UNKNOWN: [u8; 8] = [0x00, 0x32, 0x40, 0x46, 0x72, 0xa0, 0xe0, 0xfe];

pub(super) fn groups() -> Vec<Group> {
    vec![
        Group { procedure: Procedure::Decode(Kind::Frame), message: "unknown", cases: unknown() },
        Group { procedure: Procedure::Decode(Kind::Frames), message: "sequence", cases: sequences() },
    ]
}

fn unknown() -> Vec<Case> {
    let mut out = Vec::new();
    for ty in GREASE {
        let id = format!("wire/unknown/grease-{ty:02x}");
        out.push(Case::valid(id, "Grease", &["WIRE-013"], vec![ty, 3, 0, 1, 2, 3], "a GREASE frame with a body"));
    }
    for ty in [0x03, 0xd1, 0xff] {
        let id = format!("wire/unknown/odd-{ty:02x}");
        out.push(Case::valid(id, "Grease", &["WIRE-013"], vec![ty, 0, 0], "an odd type that nobody knows, empty"));
    }
    for ty in UNKNOWN {
        let id = format!("wire/unknown/even-{ty:02x}");
        let why = "an even type that this version does not know";
        out.push(Case::invalid(id, "Critical", C::UnknownCritical, &["WIRE-012"], vec![ty, 1, 0, 0], why));
    }
    let id = |case: &str| format!("wire/unknown/{case}");
    let cut = ["WIRE-002", "WIRE-011"];
    let why = "even and cut: head and body are read before the type";
    out.push(Case::invalid(id("even-and-cut"), "ReadingOrder", C::Truncated, &["WIRE-034"], vec![0xe0, 2, 0, 0], why));
    out.push(Case::invalid(
        id("odd-and-cut"),
        "Cut",
        C::Truncated,
        &cut,
        vec![0x0f, 2, 0, 0],
        "an unknown body is cut",
    ));
    let bytes = vec![0x52, 1, 0, 2, 0];
    let why = "a flag of 2, and a byte behind the frame: the frame is read first";
    out.push(Case::invalid(id("fault-and-trailing"), "ReadingOrder", C::Range, &["WIRE-034"], bytes, why));
    out.push(Case::invalid(id("no-length"), "Cut", C::Truncated, &cut, vec![0x0f], "no length"));
    out.push(Case::invalid(id("half-length"), "Cut", C::Truncated, &cut, vec![0x02, 8], "half a length"));
    out.push(Case::invalid(id("empty"), "Cut", C::Truncated, &cut, Vec::new(), "no byte at all"));
    out
}

fn sequences() -> Vec<Case> {
    let tail = Tail::default();
    let ping = bytes(&Frame::Ping(Ping { nonce: 1, view: 2, tail }));
    let established = bytes(&Frame::Established(Established { tail }));
    let grease = vec![0x4f, 2, 0, 0xee, 0xee];
    let even = vec![0xe0, 0, 0];
    let join = |parts: &[&[u8]]| parts.concat();
    let id = |case: &str| format!("wire/sequence/{case}");
    let valid =
        |case: &str, flag, reqs: &[&'static str], bytes, why: &str| Case::valid(id(case), flag, reqs, bytes, why);
    let bad = |case: &str, flag, class, reqs: &[&'static str], bytes, why: &str| {
        Case::invalid(id(case), flag, class, reqs, bytes, why)
    };
    vec![
        valid("none", "Boundary", &["WIRE-011"], Vec::new(), "the empty sequence"),
        valid("two", "Normal", &["WIRE-011"], join(&[&established, &ping]), "two frames"),
        valid(
            "grease-between",
            "Grease",
            &["WIRE-011", "WIRE-013"],
            join(&[&ping, &grease, &ping]),
            "the second is ignored",
        ),
        valid("grease-last", "Grease", &["WIRE-011", "WIRE-013"], join(&[&ping, &grease]), "the last is ignored"),
        bad(
            "even-between",
            "Critical",
            C::UnknownCritical,
            &["WIRE-012", "WIRE-014"],
            join(&[&ping, &even, &ping]),
            "the second ends it",
        ),
        bad(
            "cut-last",
            "Cut",
            C::Truncated,
            &["WIRE-002", "WIRE-014"],
            join(&[&ping, &ping[..6]]),
            "the second is cut",
        ),
        bad(
            "cut-head",
            "Cut",
            C::Truncated,
            &["WIRE-002", "WIRE-014"],
            join(&[&ping, &[2]]),
            "one byte follows the first",
        ),
        bad(
            "zeros-behind",
            "Critical",
            C::UnknownCritical,
            &["WIRE-012", "WIRE-014"],
            join(&[&ping, &[0, 0, 0]]),
            "zeros are not padding",
        ),
    ]
}
