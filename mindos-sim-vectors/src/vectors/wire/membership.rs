//! Family membership.

use mindos_wire::{
    Accuse, Alive, Bytes8, Bytes16, Certificate, Deny, Endorsement, ErrorClass as C, Frame, Have, Leave, List, Member,
    MemberState, Succession, Tail, ViewDigest, ViewEntry, Want,
};

use super::super::case::{Case, Group};
use super::{bytes, fill, message};

const MAX: u32 = u32::MAX;

pub(super) fn groups() -> Vec<Group> {
    let mut out = vec![member()];
    out.extend(statements());
    out.push(certificate());
    out.extend(views());
    out.push(succession());
    out
}

fn succession() -> Group {
    let frame = |record| Frame::Succession(Succession { record: Bytes16(record), tail: Tail::default() });
    // The record is not decoded with the frame.
    message("succession", &[("typical", frame(&fill::<212>(0x53))), ("minimal", frame(&[]))], Vec::new())
}

fn member() -> Group {
    let tail = Tail::default();
    let frame = |locator, beacon| Frame::Member(Member { locator: Bytes8(locator), beacon: Bytes16(beacon), tail });
    // 127.0.0.1, port 4096; the beacon is not decoded with the frame.
    let (locator, beacon) = ([1, 127, 0, 0, 1, 0, 16], fill::<158>(0x42));
    message(
        "member",
        &[
            ("typical", frame(&locator, &beacon)),
            ("minimal", frame(&[], &[])),
            ("maximal", frame(&fill::<255>(7), &beacon)),
        ],
        Vec::new(),
    )
}

/// The messages that name a subject and an incarnation.
fn statements() -> Vec<Group> {
    let tail = Tail::default();
    let (one, least, most) = (fill(0x51), fill(0), fill(0xff));
    let accuse = |subject, incarnation, signature| Frame::Accuse(Accuse { subject, incarnation, signature, tail });
    let alive = |subject, incarnation, signature| Frame::Alive(Alive { subject, incarnation, signature, tail });
    let leave = |subject, incarnation, signature| Frame::Leave(Leave { subject, incarnation, signature, tail });
    let deny = |subject, incarnation| Frame::Deny(Deny { subject, incarnation, tail });
    let a = 0x0403_0201;
    vec![
        message(
            "accuse",
            &[
                ("typical", accuse(a, 1024, &one)),
                ("minimal", accuse(0, 0, &least)),
                ("maximal", accuse(MAX, MAX, &most)),
            ],
            Vec::new(),
        ),
        message(
            "alive",
            &[("typical", alive(a, 1025, &one)), ("minimal", alive(0, 0, &least)), ("maximal", alive(MAX, MAX, &most))],
            Vec::new(),
        ),
        message(
            "leave",
            &[("typical", leave(a, 1024, &one)), ("minimal", leave(0, 0, &least)), ("maximal", leave(MAX, MAX, &most))],
            Vec::new(),
        ),
        message(
            "deny",
            &[("typical", deny(a, 1024)), ("minimal", deny(0, 0)), ("maximal", deny(MAX, MAX))],
            Vec::new(),
        ),
    ]
}

fn certificate() -> Group {
    let frame = |subject, incarnation, accusers| {
        Frame::Certificate(Certificate { subject, incarnation, accusers: List::new(accusers), tail: Tail::default() })
    };
    let by = |accuser, byte| Endorsement { accuser, signature: fill(byte) };
    let four = [by(2, 0xa2), by(3, 0xa3), by(256, 0x0a), by(MAX, 0xaf)];
    let same_alias = [by(7, 1), by(7, 2)];
    let few = |case: &str, accusers, why: &str| {
        let id = format!("wire/certificate/{case}");
        Case::invalid(id, "Fields", C::Range, &["WIRE-022"], bytes(&frame(5, 6, accusers)), why)
    };
    let ambiguous = "two members share an alias: their signatures differ and rise";
    message(
        "certificate",
        &[
            ("typical", frame(0x0403_0201, 1024, &four)),
            ("minimal", frame(0, 0, &[by(0, 0), by(0, 1)])),
            ("maximal", frame(MAX, MAX, &[by(MAX - 1, 0xff), by(MAX, 0xff)])),
        ],
        vec![
            Case::valid(
                "wire/certificate/one-alias".into(),
                "Boundary",
                &["WIRE-022"],
                bytes(&frame(5, 6, &same_alias)),
                ambiguous,
            ),
            few("one-accuser", &four[..1], "one accuser is no certificate"),
            few("no-accuser", &[], "nobody accuses"),
        ],
    )
}

fn views() -> Vec<Group> {
    let tail = Tail::default();
    let entry = |alias, incarnation, state| ViewEntry { alias, incarnation, state };
    let typical =
        [entry(1, 1024, MemberState::Alive), entry(256, 1, MemberState::Down), entry(257, 0, MemberState::Left)];
    let most = [entry(MAX, MAX, MemberState::Down), entry(MAX, MAX, MemberState::Left)];
    let close = [entry(9, 1, MemberState::Left), entry(9, 2, MemberState::Alive), entry(9, 2, MemberState::Suspect)];
    let digest = |entries| Frame::ViewDigest(ViewDigest { entries: List::new(entries), tail });
    let have = |entries| Frame::Have(Have { entries: List::new(entries), tail });
    let want = |aliases| Frame::Want(Want { aliases: List::new(aliases), tail });
    let ties = "entries of one alias rise by incarnation, then by state";
    let many: Vec<u32> = (0..300).collect();
    let long =
        Case::valid("wire/want/long".into(), "Boundary", &["WIRE-001"], bytes(&want(&many)), "a count above 255");
    vec![
        message(
            "view-digest",
            &[("typical", digest(&typical)), ("minimal", digest(&[])), ("maximal", digest(&most))],
            vec![Case::valid("wire/view-digest/ties".into(), "Boundary", &["WIRE-009"], bytes(&digest(&close)), ties)],
        ),
        message("have", &[("typical", have(&typical)), ("minimal", have(&[])), ("maximal", have(&most))], Vec::new()),
        message(
            "want",
            &[("typical", want(&[3, 255, 256])), ("minimal", want(&[])), ("maximal", want(&[0, MAX]))],
            vec![long],
        ),
    ]
}
