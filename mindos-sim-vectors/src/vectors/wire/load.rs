//! Family load.

use mindos_wire::{
    CapabilityLoad, ErrorClass as C, Flag, Frame, List, LoadAdvert, LoadDelta, Minifloat, Subscribe, Subscribed, Tail,
};
use serde_json::json;

use super::super::case::{Case, Group};
use super::{bytes, filler, frame_of, group, message, plain, typed};

pub(super) fn groups() -> Vec<Group> {
    let tail = Tail::default();
    let subscribed = |accepted| Frame::Subscribed(Subscribed { accepted: Flag(accepted), tail });
    let flag = |code: u8| {
        let mut frame = bytes(&subscribed(true));
        frame[3] = code;
        let why = format!("a flag of {code}");
        Case::invalid(format!("wire/subscribed/flag-{code}"), "BadCode", C::Range, &["WIRE-004"], frame, &why)
    };
    let delta = |sequence, code| {
        let m = Minifloat(code);
        Frame::LoadDelta(LoadDelta { sequence, slots: m, backlog_ms: m, tail })
    };
    let refused = bytes(&subscribed(false));
    vec![
        message("subscribe", &[("typical", Frame::Subscribe(Subscribe { tail }))], Vec::new()),
        message(
            "subscribed",
            &[("typical", subscribed(true))],
            vec![
                Case::valid("wire/subscribed/refused".into(), "Code", &["WIRE-004"], refused, "not accepted"),
                flag(2),
                flag(255),
            ],
        ),
        advert(),
        message(
            "load-delta",
            &[("typical", delta(7, 3_000)), ("minimal", delta(0, 0)), ("maximal", delta(u32::MAX, u16::MAX))],
            Vec::new(),
        ),
        capability(),
        plain("capability-want", json!({ "type": "88", "ids": ["255", "256"] })),
    ]
}

fn advert() -> Group {
    let cap = |id, competence, price| CapabilityLoad { id, competence, price };
    let six: Vec<CapabilityLoad> = (1..7).map(|i| cap(i * 0x0101_0101, 200, 1_000)).collect();
    let two = [cap(255, 180, 12), cap(256, 90, 0)];
    let end = [cap(u32::MAX, 255, u16::MAX)];
    // Field by field: slots, backlog, both rates, context, memory, link, energy.
    let frame = |sequence, q: [u64; 8], capabilities| {
        let m = q.map(Minifloat::floor);
        Frame::LoadAdvert(LoadAdvert {
            sequence,
            slots: m[0],
            backlog_ms: m[1],
            context_rate: m[2],
            generated_rate: m[3],
            context_free: m[4],
            memory_kib: m[5],
            link: m[6],
            energy: m[7],
            capabilities: List::new(capabilities),
            tail: Tail::default(),
        })
    };
    let typical = [1, 12_345, 2_000_000, 20_000, 60_000, 1 << 20, 1_250_000, u64::MAX];
    let six = bytes(&frame(3, typical, &six));
    message(
        "load-advert",
        &[
            ("typical", frame(2, typical, &two)),
            ("minimal", frame(0, [0; 8], &[])),
            ("maximal", frame(u32::MAX, [u64::MAX; 8], &end)),
        ],
        vec![Case::valid(
            "wire/load-advert/six".into(),
            "Normal",
            &["WIRE-001", "WIRE-008"],
            six,
            "six capabilities: 66 bytes",
        )],
    )
}

fn capability() -> Group {
    let named = |name: &[u8]| typed(0x56, &[&[u8::try_from(name.len()).unwrap_or(255)][..], name, &[7; 64]].concat());
    let id = |case: &str| format!("wire/capability/{case}");
    let good = |case: &str, name: &str| {
        Case::valid(id(case), "Boundary", &["WIRE-042"], named(name.as_bytes()), &format!("`{name}` is a name"))
    };
    let bad = |case: &str, name: &str| {
        let why = format!("`{name}` is no name");
        Case::invalid(id(case), "BadCode", C::Range, &["WIRE-042"], named(name.as_bytes()), &why)
    };
    let long = "z".repeat(249) + "/65535";
    let not_text = Case::invalid(
        id("not-text"),
        "BadCode",
        C::Range,
        &["WIRE-042"],
        named(b"a\xffb/1"),
        "a byte that is no text stands in the name",
    );
    let more = vec![
        good("short-name", "a/1"),
        good("hyphen", "a-b.c-0/9"),
        good("digits", "0.1/10"),
        good("longest", &long),
        bad("no-version", "text.summarize"),
        bad("no-path", "/1"),
        bad("nothing", ""),
        bad("empty-version", "a/"),
        bad("version-0", "a/0"),
        bad("leading-zero", "a/01"),
        bad("sign", "a/+1"),
        bad("version-65536", "a/65536"),
        bad("two-versions", "a/1/1"),
        bad("upper-case", "Text/1"),
        bad("empty-label", "a..b/1"),
        bad("leading-dot", ".a/1"),
        bad("trailing-dot", "a./1"),
        bad("leading-hyphen", "-a/1"),
        bad("trailing-hyphen", "a.b-/1"),
        bad("space", "a b/1"),
        bad("underscore", "a_b/1"),
        bad("letter-beyond-ascii", "\u{e9}/1"),
        bad("digit-beyond-ascii", "a/\u{661}"),
        not_text,
    ];
    let view =
        json!({ "type": "86", "name": "text.summarize/1", "input": filler(0x1a, 32), "output": filler(0x0a, 32) });
    group("capability", &[("typical", frame_of(view))], more)
}
