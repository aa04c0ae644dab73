//! Family delivery.

use mindos_wire::{Ack, AckRange, Bytes16, ErrorClass as C, Fragment, Frame, List, Tail};

use super::super::case::{Case, Group};
use super::{bytes, message};

pub(super) fn groups() -> Vec<Group> {
    vec![acks(), fragments()]
}

fn ack<'a>(delay_us: u32, ranges: &'a [AckRange]) -> Frame<'a> {
    Frame::Ack(Ack { delay_us, ranges: List::new(ranges), tail: Tail::default() })
}

const fn range(first: u64, more: u32) -> AckRange {
    AckRange { first, more }
}

fn acks() -> Group {
    let end = u64::MAX;
    let bad = |case: &str, flag, class, req, ranges: &[AckRange], why: &str| {
        Case::invalid(format!("wire/ack/{case}"), flag, class, &[req], bytes(&ack(9, ranges)), why)
    };
    let good = |case: &str, reqs: &[&'static str], ranges: &[AckRange], why: &str| {
        Case::valid(format!("wire/ack/{case}"), "Boundary", reqs, bytes(&ack(9, ranges)), why)
    };
    let full: Vec<AckRange> = (0..255).map(|i| range(2 * i, 0)).collect();
    message(
        "ack",
        &[
            ("typical", ack(250, &[range(3, 2), range(9, 0)])),
            ("minimal", ack(0, &[])),
            ("maximal", ack(u32::MAX, &[range(end - u64::from(u32::MAX), u32::MAX)])),
        ],
        vec![
            good("gap-of-one", &["WIRE-019"], &[range(0, 4), range(6, 0)], "one counter is missing between the ranges"),
            good("last-counter", &["WIRE-020"], &[range(end, 0)], "the last counter there is"),
            good("all-ranges", &["WIRE-001"], &full, "as many ranges as the count can state"),
            bad("touching", "Unsorted", C::Order, "WIRE-019", &[range(0, 4), range(5, 0)], "the ranges could be one"),
            bad("overlapping", "Unsorted", C::Order, "WIRE-019", &[range(0, 4), range(4, 9)], "counter 4 stands twice"),
            bad(
                "inside",
                "Unsorted",
                C::Order,
                "WIRE-019",
                &[range(0, 9), range(4, 0)],
                "the second is part of the first",
            ),
            bad("overflow", "Fields", C::Range, "WIRE-020", &[range(end, 1)], "the range ends above the last counter"),
            bad(
                "overflow-far",
                "Fields",
                C::Range,
                "WIRE-020",
                &[range(1, 0), range(end - 5, u32::MAX)],
                "as above, second range",
            ),
        ],
    )
}

fn fragment(offset: u16, total: u16, data: &[u8]) -> Vec<u8> {
    bytes(&Frame::Fragment(Fragment { message: 1, offset, total, data: Bytes16(data), tail: Tail::default() }))
}

fn fragments() -> Group {
    let tail = Tail::default();
    let typical = Fragment { message: 7, offset: 2, total: 9, data: Bytes16(b"hello"), tail };
    let least = Fragment { message: 0, offset: 0, total: 1, data: Bytes16(&[0]), tail };
    let most = Fragment { message: u32::MAX, offset: 65_534, total: u16::MAX, data: Bytes16(&[0xff]), tail };
    let good = |case: &str, bytes, why: &str| {
        Case::valid(format!("wire/fragment/{case}"), "Boundary", &["WIRE-021"], bytes, why)
    };
    let bad = |case: &str, bytes, why: &str| {
        Case::invalid(format!("wire/fragment/{case}"), "Fields", C::Range, &["WIRE-021"], bytes, why)
    };
    message(
        "fragment",
        &[
            ("typical", Frame::Fragment(typical)),
            ("minimal", Frame::Fragment(least)),
            ("maximal", Frame::Fragment(most)),
        ],
        vec![
            good("whole", fragment(0, 3, b"abc"), "the part is the message"),
            good("last", fragment(2, 3, b"c"), "the part ends where the message does"),
            bad("empty", fragment(0, 3, b""), "no data"),
            bad("empty-message", fragment(0, 0, b""), "no message"),
            bad("beyond", fragment(1, 3, b"abc"), "the part ends one byte beyond the message"),
            bad("beyond-far", fragment(u16::MAX, u16::MAX, b"a"), "offset and length exceed 65,535"),
        ],
    )
}
