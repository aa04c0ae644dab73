//! Family context.

use mindos_wire::{Bytes16, ContextData, ErrorClass as C, Frame, Tail};
use serde_json::json;

use super::super::case::{Case, Group};
use super::{fill, filler, frame_of, group, message, plain};

pub(super) fn groups() -> Vec<Group> {
    let frame = |bytes| Frame::ContextData(ContextData { bytes: Bytes16(bytes), tail: Tail::default() });
    let (typical, kib) = (b"the city council met on Monday", fill::<1024>(0x63));
    vec![
        message(
            "context-data",
            &[("typical", frame(typical)), ("minimal", frame(&[])), ("kibibyte", frame(&kib))],
            Vec::new(),
        ),
        want(),
        plain("context-have", json!({ "type": "132", "content": filler(0xc0, 32), "size": "70000" })),
        chunk(),
    ]
}

fn want() -> Group {
    let want = |first: u32, count: u16| {
        let (first, count) = (first.to_string(), count.to_string());
        frame_of(json!({ "type": "130", "content": filler(0xc0, 32), "first": first, "count": count }))
    };
    let typical = want(16, 8);
    let set = |first: u32, count: u16| {
        let mut frame = typical.clone();
        frame[35..39].copy_from_slice(&first.to_le_bytes());
        frame[39..41].copy_from_slice(&count.to_le_bytes());
        frame
    };
    let bad = |case: &str, bytes, why: &str| {
        Case::invalid(format!("wire/context-want/{case}"), "Fields", C::Range, &["WIRE-040"], bytes, why)
    };
    let more = vec![
        bad("none", set(16, 0), "no chunk"),
        bad("beyond", set(u32::MAX, 1), "the range ends above the last index"),
        bad("beyond-far", set(u32::MAX - 9, u16::MAX), "as above"),
    ];
    let samples =
        [("typical", typical.clone()), ("minimal", want(0, 1)), ("maximal", want(u32::MAX - 65_535, u16::MAX))];
    group("context-want", &samples, more)
}

fn chunk() -> Group {
    let chunk = |index: u32, path: &[u8], data: &[u8]| {
        let path: Vec<String> = path.iter().map(|b| filler(*b, 32)).collect();
        let data = crate::inspect::hex(data);
        frame_of(json!({
            "type": "134", "content": filler(0xc0, 32), "index": index.to_string(), "path": path, "data": data,
        }))
    };
    let typical = chunk(5, &[9, 3], b"the city council met on Monday");
    let mut empty = chunk(5, &[9, 3], b"x");
    empty.truncate(empty.len() - 3);
    empty.extend([0, 0]);
    let length = u16::try_from(empty.len() - 3).unwrap_or(0).to_le_bytes();
    empty[1..3].copy_from_slice(&length);
    let id = |case: &str| format!("wire/context-chunk/{case}");
    let more = vec![
        Case::valid(id("equal-siblings"), "Boundary", &["WIRE-006"], chunk(1, &[7, 7], b"x"), "a path has no order"),
        Case::valid(id("kibibyte"), "Normal", &["WIRE-006"], chunk(0, &[1; 10], &[0x63; 1024]), "ten siblings"),
        Case::invalid(id("empty"), "Fields", C::Range, &["WIRE-041"], empty, "no data"),
    ];
    group("context-chunk", &[("typical", typical), ("minimal", chunk(0, &[], b"x"))], more)
}
