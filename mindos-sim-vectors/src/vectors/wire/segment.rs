//! Family segment.

use mindos_wire::ErrorClass as C;
use serde_json::{Value as Json, json};

use super::super::case::{Case, Group};
use super::{filler, frame_of, group, plain};

pub(super) fn groups() -> Vec<Group> {
    let want = |cell: u32, steps: u8, bits: u8, prefix: u32| {
        let mut view = json!({ "type": "66" });
        name(&mut view, cell, steps, bits, prefix);
        frame_of(view)
    };
    // What a view cannot state, because no decoder accepts it, is written into the bytes.
    let typical = want(0x4a30_0000, 3, 5, 0xa800_0000);
    let set = |at: usize, value: &[u8]| {
        let mut frame = typical.clone();
        frame[3 + at..3 + at + value.len()].copy_from_slice(value);
        frame
    };
    let bad = |case: &str, class, req, bytes, why: &str| {
        Case::invalid(format!("wire/segment-want/{case}"), "Fields", class, &[req], bytes, why)
    };
    let more = vec![
        bad("nine-steps", C::Range, "WIRE-035", set(8, &[9]), "a cell has 8 steps"),
        bad("33-bits", C::Range, "WIRE-035", set(10, &[33]), "a prefix has 32 bits"),
        bad(
            "33-bits-and-cell-beyond",
            C::Range,
            "WIRE-034",
            set(8, &[2, 2, 33]),
            "two rules are broken: the lower id decides, though both have one position",
        ),
        bad("cell-beyond", C::Reserved, "WIRE-036", set(4, &0x4a31_0000_u32.to_le_bytes()), "a bit of the fourth step"),
        bad("cell-without-steps", C::Reserved, "WIRE-036", set(8, &[0]), "a cell of which no step counts"),
        bad("prefix-beyond", C::Reserved, "WIRE-036", set(11, &0xac00_0000_u32.to_le_bytes()), "a sixth bit of five"),
        bad("prefix-without-bits", C::Reserved, "WIRE-036", set(10, &[0]), "a prefix of which no bit counts"),
    ];
    vec![
        group(
            "segment-want",
            &[
                ("typical", typical.clone()),
                ("minimal", want(0, 0, 0, 0)),
                ("maximal", want(u32::MAX, 8, 32, u32::MAX)),
            ],
            more,
        ),
        plain("segment-record", json!({ "type": "68", "record": filler(0x52, 120) })),
    ]
}

/// Adds the fields that name a segment.
pub(super) fn name(view: &mut Json, cell: u32, steps: u8, bits: u8, prefix: u32) {
    view["domain"] = json!(if steps == 0 { "0" } else { "3735928559" });
    view["cell"] = json!(cell.to_string());
    view["steps"] = json!(steps.to_string());
    view["tier"] = json!("home");
    view["bits"] = json!(bits.to_string());
    view["prefix"] = json!(prefix.to_string());
}
