//! Which units a payment gives.

use serde_json::json;

use super::super::records::Draft;
use super::super::story::{Story, refused};
use super::{ENDS, ME, ROOT, deposit, deposit_of, nothing, payment_of, story, written};

pub(super) fn ranges() -> Vec<Story> {
    let ends: &[&str] = &["INC-036"];
    let narrow: &[&str] = &["INC-052"];
    let new: &[&str] = &["INC-039", "INC-040"];
    let small = |units: u64, from: u64, to: u64| {
        let deposit = deposit_of(ROOT, units, ENDS);
        let payment = payment_of(&deposit.bytes(), ME, from, to);
        (deposit, payment)
    };
    let least = |id, units, width: u64, comment| {
        let ((d, p), (_, less)) = (small(units, 0, width), small(units, 0, width - 1));
        story(id, "Boundary", narrow, comment).pays(&d, &less, refused("narrow")).pays(&d, &p, written())
    };
    let ((one, all), (tall, top)) = (small(1, 0, 1), small(u64::MAX, u64::MAX - (1 << 58), u64::MAX));
    vec![
        story("range/last", "Boundary", ends, "the last unit of the deposit").range(900, 1_000, written()),
        story("range/above", "Boundary", ends, "one unit above it").range(900, 1_001, refused("units")),
        story("range/whole", "Boundary", ends, "all units").range(0, 1_000, written()).stored(&[1_000], 1_000),
        least("range/64th", 1_000, 16, "a 64th of 1,000, rounded up, and one less"),
        least("range/64th-65", 65, 2, "a 64th of 65"),
        story("range/64th-64", "Boundary", narrow, "a 64th of 64").pays(
            &small(64, 63, 64).0,
            &small(64, 63, 64).1,
            written(),
        ),
        story("range/one", "Boundary", narrow, "the only unit").pays(&one, &all, written()).stored(&[1], 1),
        story("range/most", "Boundary", narrow, "a 64th of 2^64 - 1").pays(&tall, &top, written()),
        story("range/grows", "Normal", new, "a later payment counts what is new, however little")
            .range(0, 100, written())
            .stored(&[100], 100)
            .range(0, 101, written())
            .stored(&[1], 101)
            .range(0, 500, written())
            .stored(&[399], 500),
        story("range/grows-unstored", "Normal", new, "the same before the first is on stable storage")
            .range(0, 100, written())
            .range(0, 150, written())
            .stored(&[100, 50], 150),
        story("range/again", "Twice", new, "what is known changes nothing")
            .range(0, 100, written())
            .stored(&[100], 100)
            .range(0, 100, nothing())
            .range(0, 50, nothing())
            .step(json!({ "type": "stored" }), json!({ "paid": [] })),
        story("range/beside", "Normal", new, "ranges beside each other")
            .range(100, 200, written())
            .range(200, 300, written())
            .range(0, 100, written())
            .stored(&[100, 100, 100], 300),
        story("range/inside", "Twice", new, "a part of what is held, from another unit on")
            .range(100, 200, written())
            .range(120, 180, refused("overlap"))
            .range(120, 220, refused("overlap"))
            .stored(&[100], 100),
        story("range/first-unit", "Boundary", new, "the first unit of what is held, and none of it")
            .range(100, 200, written())
            .range(50, 101, refused("overlap"))
            .range(50, 100, written())
            .stored(&[100, 50], 150),
        story("range/last-unit", "Boundary", new, "the last unit of what is held, and none of it")
            .range(100, 200, written())
            .range(199, 300, refused("overlap"))
            .range(200, 300, written())
            .stored(&[100, 100], 200),
        story("range/into-next", "Boundary", new, "a payment that grows into the next one")
            .range(0, 100, written())
            .range(200, 300, written())
            .range(0, 201, refused("overlap"))
            .range(0, 200, written())
            .stored(&[100, 100, 100], 300),
        story("range/other-deposit", "Normal", new, "the same units of another deposit")
            .range(0, 100, written())
            .pays(
                &Draft { sequence: 6, ..deposit() },
                &payment_of(&Draft { sequence: 6, ..deposit() }.bytes(), ME, 0, 100),
                written(),
            )
            .stored(&[100, 100], 200),
    ]
}
