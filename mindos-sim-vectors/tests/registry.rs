//! `spec/registry/*.toml` and the constants of `mindos-wire` say the same, in both directions.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::fmt::Debug;

use mindos_wire::{
    COOKIE_LEN, CancelOutcome, DeclineReason, Effect, ErrorClass, EvidenceKind, FrameType, HELLO_LEN, Label,
    MAX_MESSAGE, MAX_PACKET, MIN_SEALED, MemberState, Minifloat, Packet, QuarantineScope, RECORD_OVERHEAD, RecordType,
    ResultStatus, SEALED_HEADER, SEALED_OVERHEAD, SUITE, SUITE_HYBRID, Stakes, Tier, VERSION,
};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Frames {
    family: Vec<Family>,
    frame: Vec<Frame>,
    grease: Vec<Grease>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Family {
    name: String,
    first: u8,
    last: u8,
    purpose: String,
    maturity: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Frame {
    code: u8,
    name: String,
    family: String,
    maturity: String,
    unknown: String,
    summary: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Grease {
    code: u8,
    family: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Range {
    first: u16,
    last: u16,
    purpose: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tags {
    tag: Vec<Tag>,
    range: Vec<Range>,
    grease: Vec<GreaseTag>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tag {
    tag: u16,
    name: String,
    of: String,
    summary: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GreaseTag {
    tag: u16,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Records {
    record: Vec<Record>,
    range: Vec<Range>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Record {
    code: u8,
    name: String,
    maturity: String,
    summary: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Errors {
    error: Vec<Named>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    name: String,
    summary: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Codes {
    r#enum: Vec<Enum>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Enum {
    name: String,
    summary: String,
    value: Vec<Code>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Code {
    code: u8,
    name: String,
    summary: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Limits {
    limit: Vec<Limit>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Limit {
    name: String,
    value: u64,
    unit: String,
    summary: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Packets {
    packet: Vec<Kind>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Kind {
    kind: u8,
    name: String,
    min: usize,
    max: usize,
    summary: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Suites {
    version: Vec<Version>,
    suite: Vec<Suite>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Version {
    code: u8,
    summary: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Suite {
    code: u16,
    name: String,
    summary: String,
}

fn load<T: for<'d> Deserialize<'d>>(name: &str) -> T {
    let path = format!("{}/../spec/registry/{name}.toml", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{path}: {e}"));
    toml::from_str(&text).unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// Fails on what only one side has.
fn same<T: Ord + Debug>(what: &str, registry: impl IntoIterator<Item = T>, code: impl IntoIterator<Item = T>) {
    let (registry, code): (BTreeSet<T>, BTreeSet<T>) = (registry.into_iter().collect(), code.into_iter().collect());
    assert!(
        registry == code,
        "{what}: only in the registry {:?}, only in the code {:?}",
        registry.difference(&code).collect::<Vec<_>>(),
        code.difference(&registry).collect::<Vec<_>>()
    );
}

fn rises<T: Ord>(items: &[T]) -> bool {
    items.windows(2).all(|w| matches!(w, [a, b] if a < b))
}

/// Whether chapter 02 marks the message so.
fn is_draft(chapter: &str, code: u8, name: &str) -> bool {
    let heading = format!("#### `{name}` ({code:#04x})\n\n");
    let at = chapter.find(&heading).unwrap_or_else(|| panic!("chapter 02 lacks {heading}"));
    chapter[at + heading.len()..].starts_with("*Draft.*")
}

#[test]
fn frames_equal_the_code() {
    let frames: Frames = load("frames");
    same(
        "frames",
        frames.frame.iter().map(|f| (f.code, f.name.as_str())),
        FrameType::ALL.iter().map(|t| (t.code, t.name)),
    );
    let chapter = include_str!("../../spec/02-wire.md");
    for f in &frames.frame {
        let draft = is_draft(chapter, f.code, &f.name);
        assert_eq!(f.maturity, if draft { "draft" } else { "implemented" }, "{}", f.name);
    }
}

#[test]
fn families_tile_the_code_points_and_every_point_is_in_its_family() {
    let frames: Frames = load("frames");
    let mut next = 0;
    for f in &frames.family {
        assert_eq!(usize::from(f.first), next, "family {} leaves a gap or overlaps", f.name);
        assert!(f.last >= f.first && !f.purpose.is_empty());
        let of = |maturity: &str| frames.frame.iter().any(|p| p.family == f.name && p.maturity == maturity);
        let (implemented, draft) = (of("implemented"), of("draft"));
        assert_eq!(f.maturity == "implemented", implemented, "maturity of family {}", f.name);
        assert_eq!(f.maturity == "draft", draft && !implemented, "maturity of family {}", f.name);
        next = usize::from(f.last) + 1;
    }
    assert_eq!(next, 256);
    let family =
        |code: u8| frames.family.iter().find(|f| (f.first..=f.last).contains(&code)).map(|f| f.name.as_str()).unwrap();
    for f in &frames.frame {
        assert_eq!(f.family, family(f.code), "family of {}", f.name);
        let unknown = if f.code % 2 == 1 { "ignore" } else { "refuse" };
        assert_eq!(f.unknown, unknown, "an odd type may be ignored, an even one not: {}", f.name);
        assert!(!f.summary.is_empty());
    }
    for g in &frames.grease {
        assert_eq!(g.family, family(g.code));
        assert_eq!(g.code % 2, 1, "a GREASE point must be ignorable");
    }
    let all = frames.frame.iter().map(|f| f.code).chain(frames.grease.iter().map(|g| g.code));
    let all: Vec<u8> = all.collect();
    assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len(), "a code point has two meanings");
    assert!(all.iter().all(|c| !["private-use", "unassigned"].contains(&family(*c))));
}

#[test]
fn grease_points_are_ignored() {
    let frames: Frames = load("frames");
    assert!(frames.grease.iter().map(|g| g.code).eq(mindos_wire::GREASE));
    for code in frames.grease.iter().map(|g| g.code) {
        let bytes = [code, 0, 0];
        match mindos_wire::Frame::decode(&bytes) {
            Ok((mindos_wire::Frame::Ignored { ty, .. }, _)) => assert_eq!(ty, code),
            other => panic!("{code:#x} decodes to {other:?}"),
        }
    }
}

#[test]
fn tags_have_ranges_and_odd_grease() {
    let tags: Tags = load("tags");
    assert!(tags.range.iter().all(|r| r.first <= r.last && !r.purpose.is_empty()));
    assert!(tags.grease.iter().all(|g| g.tag % 2 == 1 && g.tag < 0xf000));
    same(
        "tags",
        tags.tag.iter().map(|t| (t.tag, t.name.as_str())),
        [(mindos_wire::TAG_COST, "cost"), (mindos_wire::TAG_VOUCHER, "voucher")],
    );
    for t in &tags.tag {
        assert!(t.tag % 2 == 1 && t.tag < 0xf000 && tags.grease.iter().all(|g| g.tag != t.tag), "{}", t.name);
        assert!(t.of == "beacon" && !t.summary.is_empty(), "{}", t.name);
    }
    // This version must understand no tag: every even one is refused, every odd one kept.
    for tag in 0..=u16::MAX {
        let [lo, hi] = tag.to_le_bytes();
        assert_eq!(mindos_wire::Tail::new(&[lo, hi, 0, 0]).is_ok(), tag % 2 == 1, "tag {tag:#x}");
    }
}

#[test]
fn records_equal_the_code() {
    let records: Records = load("records");
    same(
        "records",
        records.record.iter().map(|r| (r.code, r.name.as_str())),
        RecordType::ALL.iter().map(|t| (t.code, t.name)),
    );
    let chapter = include_str!("../../spec/02-wire.md");
    for r in &records.record {
        let draft = is_draft(chapter, r.code, &r.name);
        assert_eq!(r.maturity, if draft { "draft" } else { "implemented" }, "{}", r.name);
        assert!(!r.summary.is_empty());
    }
    assert!(records.range.iter().all(|r| r.first <= r.last && r.last <= 0xff && !r.purpose.is_empty()));
}

#[test]
fn error_classes_equal_the_code_and_their_order() {
    let errors: Errors = load("errors");
    assert!(errors.error.iter().map(|e| e.name.as_str()).eq(ErrorClass::ALL.iter().map(|c| c.name())));
    assert!(errors.error.iter().all(|e| !e.summary.is_empty()));
}

#[test]
fn codes_equal_the_code() {
    let codes: Codes = load("codes");
    macro_rules! listed {
        ($($name:literal $ty:ty,)*) => {{
            let all = [$(($name, <$ty>::ALL.iter().map(|v| (*v as u8, v.name())).collect::<Vec<_>>()),)*];
            same("enums", codes.r#enum.iter().map(|e| e.name.as_str()), all.iter().map(|(n, _)| *n));
            for (name, values) in all {
                let e = codes.r#enum.iter().find(|e| e.name == name).unwrap();
                let registry: Vec<_> = e.value.iter().map(|v| (v.code, v.name.as_str())).collect();
                assert_eq!(registry, values, "enum {name}");
                assert!(rises(&registry) && !e.summary.is_empty());
                assert!(e.value.iter().all(|v| !v.summary.is_empty()));
            }
        }};
    }
    listed! {
        "effect" Effect,
        "evidence-kind" EvidenceKind,
        "quarantine-scope" QuarantineScope,
        "stakes" Stakes,
        "label" Label,
        "tier" Tier,
        "member-state" MemberState,
        "decline-reason" DeclineReason,
        "result-status" ResultStatus,
        "cancel-outcome" CancelOutcome,
    }
}

#[test]
fn limits_equal_the_code() {
    let limits: Limits = load("limits");
    let code = [
        ("max-packet", MAX_PACKET as u64),
        ("hello-length", HELLO_LEN as u64),
        ("cookie-length", COOKIE_LEN as u64),
        ("sealed-header", SEALED_HEADER as u64),
        ("sealed-overhead", SEALED_OVERHEAD as u64),
        ("min-sealed", MIN_SEALED as u64),
        ("max-message", MAX_MESSAGE as u64),
        ("record-overhead", RECORD_OVERHEAD as u64),
        ("minifloat-max", Minifloat::MAX),
    ];
    same("limits", limits.limit.iter().map(|l| (l.name.as_str(), l.value)), code);
    assert!(limits.limit.iter().all(|l| !l.unit.is_empty() && !l.summary.is_empty()));
}

#[test]
fn versions_and_suites_equal_the_code() {
    let suites: Suites = load("suites");
    same("versions", suites.version.iter().map(|v| v.code), [VERSION]);
    same("suites", suites.suite.iter().map(|s| s.code), [SUITE, SUITE_HYBRID]);
    assert!(suites.version.iter().all(|v| !v.summary.is_empty()));
    assert!(suites.suite.iter().all(|s| s.name.starts_with("Noise_") && !s.summary.is_empty()));
}

/// A datagram of `len` bytes of the given kind, zero but for what a Hello must state.
fn packet(kind: u8, len: usize) -> Vec<u8> {
    let mut bytes = vec![0; len];
    bytes[0] = kind;
    if kind == 1 && len > 1 {
        bytes[1] = VERSION;
    }
    bytes
}

#[test]
fn packet_kinds_and_their_sizes_equal_the_code() {
    let packets: Packets = load("packets");
    let known = |kind| !matches!(Packet::decode(&packet(kind, 64)), Err(e) if e.what == "packet kind");
    same("packet kinds", packets.packet.iter().map(|p| p.kind), (0..=u8::MAX).filter(|k| known(*k)));
    for p in &packets.packet {
        assert!(!p.name.is_empty() && !p.summary.is_empty());
        for (len, good) in [(p.min - 1, false), (p.min, true), (p.max, true), (p.max + 1, false)] {
            assert_eq!(Packet::decode(&packet(p.kind, len)).is_ok(), good, "{} of {len} bytes", p.name);
        }
    }
}
