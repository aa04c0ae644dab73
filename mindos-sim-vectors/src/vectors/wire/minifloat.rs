//! Minifloats. Expected codes come from the definition, by search over all codes, and not from the
//! encoder under test.

use super::super::case::{Case, Expect, Group, Procedure};

/// The quantity of a code, by the formula of the spec.
fn quantity(code: u16) -> u64 {
    let (e, m) = (code / 2048, u64::from(code % 2048));
    (0..e).fold(2048 + m, |q, _| q * 2) - 2048
}

/// The greatest code whose quantity is not above `q`.
fn greatest(q: u64) -> u16 {
    (0..=u16::MAX).rev().find(|c| quantity(*c) <= q).unwrap_or(0)
}

pub(super) fn groups() -> Vec<Group> {
    let mut quantities =
        vec![0, 1, 2_047, 2_048, 2_049, 2_050, 4_094, 4_095, 4_096, 6_143, 6_144, 6_145, 6_146, 6_147, 6_148];
    // The worst relative error, at 2049 · (2^e - 1).
    quantities.extend([8, 16, 31].map(|e: u32| 2049 * ((1 << e) - 1)));
    let last = quantity(u16::MAX);
    quantities.extend([1_000_000, 1_234_567_890, 1 << 32, (1 << 32) - 1, quantity(65_534), last - 1, last, last + 1]);
    quantities.extend([1 << 43, 1 << 63, u64::MAX]);
    let case = |q: u64| {
        let code = greatest(q);
        let (flag, comment) = match quantity(code) {
            exact if exact == q => ("Normal", "exact"),
            _ if q > last => ("Boundary", "above the largest quantity"),
            _ => ("Boundary", "rounded down"),
        };
        Case {
            id: format!("wire/minifloat/{q}"),
            comment: comment.into(),
            reqs: vec!["WIRE-007", "WIRE-008"],
            flag,
            bytes: Vec::new(),
            expect: Expect::Minifloat(q, code, quantity(code)),
        }
    };
    let cases = quantities.into_iter().map(case).collect();
    vec![Group { procedure: Procedure::Minifloat, message: "minifloat", cases }]
}
