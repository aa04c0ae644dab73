//! Family link; its short messages also carry every case of tails.

use mindos_wire::{Close, ErrorClass as C, Established, Frame, Ping, PingAck, Tail};
use serde_json::json;

use super::super::case::{Case, Group};
use super::{bytes, filler, message, plain};

pub(super) fn groups() -> Vec<Group> {
    let tail = Tail::default();
    let ping = |nonce, view| Frame::Ping(Ping { nonce, view, tail });
    let ack = |nonce, view| Frame::PingAck(PingAck { nonce, view, tail });
    let max = u32::MAX;
    vec![
        message(
            "ping",
            &[("typical", ping(0x0102_0304, 0xa0b0_c0d0)), ("minimal", ping(0, 0)), ("maximal", ping(max, max))],
            tails(),
        ),
        message(
            "ping-ack",
            &[("typical", ack(0x0102_0304, 0xa0b0_c0d0)), ("minimal", ack(0, 0)), ("maximal", ack(max, max))],
            Vec::new(),
        ),
        plain("padding", json!({ "type": "1", "bytes": filler(0x00, 20) })),
        plain("kem-key", json!({ "type": "5", "second": "1", "bytes": filler(0x11, 592) })),
        plain("kem-ciphertext", json!({ "type": "7", "second": "0", "bytes": filler(0x22, 544) })),
        message("established", &[("typical", Frame::Established(Established { tail }))], Vec::new()),
        message("close", &[("typical", Frame::Close(Close { tail }))], Vec::new()),
        plain("observed-address", json!({ "type": "9", "locator": "01c00002071f90" })),
        plain("relay", json!({ "type": "10", "peer": filler(0xa0, 32), "packet": filler(0x04, 40) })),
        plain(
            "punch",
            json!({ "type": "11", "peer": filler(0xa0, 32), "locator": "01c00002071f90", "delay_us": "250000" }),
        ),
        plain("path-challenge", json!({ "type": "12", "nonce": "72623859790382856" })),
        plain("path-response", json!({ "type": "14", "nonce": "72623859790382856" })),
    ]
}

/// A ping with this tail.
fn with(tail: &[u8]) -> Vec<u8> {
    let ping = bytes(&Frame::Ping(Ping { nonce: 1, view: 2, tail: Tail::default() }));
    let mut out = [&ping[..], tail].concat();
    let length = u16::try_from(out.len() - 3).unwrap_or(u16::MAX).to_le_bytes();
    out[1..3].copy_from_slice(&length);
    out
}

fn tails() -> Vec<Case> {
    let id = |case: &str| format!("wire/tail/{case}");
    let valid = |case: &str, tail: &[u8], why: &str| {
        Case::valid(id(case), "Extension", &["WIRE-006", "WIRE-015", "WIRE-018"], with(tail), why)
    };
    let bad = |case: &str, flag, class, reqs: &[&'static str], tail: &[u8], why: &str| {
        Case::invalid(id(case), flag, class, reqs, with(tail), why)
    };
    let order = ["WIRE-016", "WIRE-006"];
    let cut = ["WIRE-002", "WIRE-015"];
    vec![
        valid("three", &[1, 0, 0, 0, 3, 0, 1, 0, 9, 1, 1, 0, 0], "tags 1, 3 and 257"),
        valid("grease", &[0x0f, 0x0f, 3, 0, 1, 2, 3, 0x4f, 0x4f, 0, 0, 0x8f, 0x8f, 1, 0, 0], "every GREASE tag"),
        bad("double", "Unsorted", C::Order, &order, &[5, 0, 0, 0, 5, 0, 0, 0], "one tag twice"),
        bad(
            "falling-high-byte",
            "Unsorted",
            C::Order,
            &order,
            &[1, 1, 0, 0, 3, 0, 0, 0],
            "tags compare as integers: 257, 3",
        ),
        bad(
            "second-even",
            "Critical",
            C::UnknownCritical,
            &["WIRE-017"],
            &[1, 0, 0, 0, 2, 0, 0, 0],
            "the second is even",
        ),
        bad("zero", "Critical", C::UnknownCritical, &["WIRE-017"], &[0, 0, 0, 0], "tag 0 is even"),
        bad(
            "order-before-even",
            "ReadingOrder",
            C::Order,
            &["WIRE-034"],
            &[3, 0, 0, 0, 2, 0, 0, 0],
            "even and too low: order first",
        ),
        bad(
            "cut-before-even",
            "ReadingOrder",
            C::Truncated,
            &["WIRE-034"],
            &[2, 0, 1, 0],
            "even and cut: the extension is read first",
        ),
        bad("cut-length", "Cut", C::Truncated, &cut, &[1, 0, 0], "half a length"),
        bad("cut-value", "Cut", C::Truncated, &cut, &[1, 0, 3, 0, 1, 2], "the value is one byte short"),
        bad("cut-second", "Cut", C::Truncated, &cut, &[1, 0, 0, 0, 3, 0, 9, 0], "the second value is missing"),
    ]
}
