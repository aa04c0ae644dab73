//! Family load.

use mindos_wire::{
    CapabilityLoad, ErrorClass as C, Flag, Frame, List, LoadAdvert, LoadDelta, Minifloat, Subscribe, Subscribed, Tail,
};

use super::super::case::{Case, Group};
use super::{bytes, message};

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
