//! Signatures that nobody honest makes: points with a part of small order, and encodings that are not canonical.
//!
//! With T a point of order 8 let A = a·B + t·T and R = r·B + u·T, and S = r + k·a. The equation then holds if and only if
//! u + k·t is a multiple of 8, and with the cofactor always. k is a hash, so that a message is searched for which it is,
//! or is not.

use curve25519_dalek::constants::EIGHT_TORSION;
use curve25519_dalek::edwards::EdwardsPoint;
use curve25519_dalek::scalar::Scalar;

use super::{Case, Signed, challenge};
use crate::vectors::VectorError;

/// What is made.
struct Plan {
    /// Whether the key has a part of prime order; without, it is of small order.
    a: bool,
    t: u8,
    /// The same of R.
    r: bool,
    u: u8,
    /// Whether the equation holds.
    holds: bool,
    /// In place of the canonical encodings of A and R.
    key: Option<[u8; 32]>,
    commitment: Option<[u8; 32]>,
}

const PLAN: Plan = Plan { a: true, t: 0, r: true, u: 0, holds: true, key: None, commitment: None };

fn scalar(byte: u8, wanted: bool) -> Scalar {
    if wanted { Scalar::from_bytes_mod_order([byte; 32]) } else { Scalar::ZERO }
}

fn point(prime: &Scalar, small: u8) -> EdwardsPoint {
    EdwardsPoint::mul_base(prime) + EIGHT_TORSION[1] * Scalar::from(small)
}

fn craft(plan: &Plan) -> Result<Signed, VectorError> {
    let (a, r) = (scalar(0x81, plan.a), scalar(0x82, plan.r));
    let key = plan.key.unwrap_or_else(|| point(&a, plan.t).compress().to_bytes());
    let commitment = plan.commitment.unwrap_or_else(|| point(&r, plan.u).compress().to_bytes());
    // One message in eight is right, so that these always suffice if any does.
    for number in 0..1_000_u32 {
        let message = number.to_le_bytes().to_vec();
        let k = challenge(&commitment, &key, &message);
        let eighth = u32::from(k.as_bytes()[0]) * u32::from(plan.t) + u32::from(plan.u);
        if eighth.is_multiple_of(8) == plan.holds {
            let mut signature = [0; 64];
            signature[..32].copy_from_slice(&commitment);
            signature[32..].copy_from_slice((r + k * a).as_bytes());
            return Ok(Signed { key, message, signature });
        }
    }
    Err(VectorError::Wrong("no message makes such a signature".to_owned()))
}

/// Adds the order of the group to S.
pub(super) fn add_order(signature: &mut [u8; 64]) {
    // L - 1, which the library states as the scalar -1.
    let order = (-Scalar::ONE).to_bytes();
    let mut carry = 1;
    for (byte, add) in signature[32..].iter_mut().zip(order) {
        let sum = u16::from(*byte) + u16::from(add) + carry;
        [*byte, _] = sum.to_le_bytes();
        carry = sum >> 8;
    }
}

/// The order of j·T.
const fn order(j: u8) -> u8 {
    8 >> if j == 0 { 3 } else { j.trailing_zeros() }
}

/// 2^255 - 19 + y, with a sign bit.
fn unreduced(y: u8, sign: bool) -> [u8; 32] {
    let mut encoded = [0xff; 32];
    encoded[0] = 0xed + y;
    encoded[31] = if sign { 0xff } else { 0x7f };
    encoded
}

/// Name, bytes, which multiple of T they state, the rules that they break, and what they are.
type OddEncoding = (&'static str, [u8; 32], u8, &'static [u8], &'static str);

/// Encodings of points of small order that no reader should let pass.
fn odd_encodings() -> [OddEncoding; 6] {
    // The multiple of T of y = 0 with this sign bit: 2 or 6.
    let four = |sign: bool| {
        let two = EIGHT_TORSION[1] * Scalar::from(2_u8);
        if (two.compress().as_bytes()[31] & 0x80 != 0) == sign { 2 } else { 6 }
    };
    let mut one = [0; 32];
    (one[0], one[31]) = (1, 0x80);
    let mut minus_one = [0xff; 32];
    minus_one[0] = 0xec;
    [
        ("y-p", unreduced(0, false), four(false), &[1, 3], "y is p, which is 0 unreduced; order 4"),
        ("y-p-signed", unreduced(0, true), four(true), &[1, 3], "y is p with the sign bit; order 4"),
        ("y-p-plus-1", unreduced(1, false), 0, &[1, 3], "y is p + 1, which is 1 unreduced: the neutral element"),
        ("y-p-plus-1-signed", unreduced(1, true), 0, &[1, 3], "y is p + 1 with the sign bit though x is 0"),
        (
            "y-1-signed",
            one,
            0,
            &[3],
            "the neutral element with the sign bit though x is 0: y is canonical, the order small",
        ),
        (
            "y-minus-1-signed",
            minus_one,
            4,
            &[3],
            "the point of order 2 with the sign bit though x is 0: y is canonical",
        ),
    ]
}

/// An encoding whose y, although below p, is that of no point.
const NO_POINT: [u8; 32] = {
    let mut encoded = [0; 32];
    encoded[0] = 2;
    encoded
};

pub(super) fn cases() -> Result<Vec<Case>, VectorError> {
    let mut out = Vec::new();
    let mut add = |id: String, flag, breaks, plan: &Plan, comment: String| {
        let signed = craft(plan).map_err(|error| VectorError::Wrong(format!("{id}: {error}")))?;
        out.push(Case::new(id, flag, breaks, signed, comment));
        Ok::<_, VectorError>(())
    };
    add("sig/crafted/prime".into(), "Normal", &[], &PLAN, "both points of prime order, made as those below".into())?;
    for j in 0..8 {
        let (n, holds) = (order(j), "the equation holds");
        let comment = format!("the key has order {n}, R is of prime order; {holds}");
        let small_a = Plan { a: false, t: j, ..PLAN };
        add(format!("sig/small-order/key-{j}"), "SmallOrder", &[3], &small_a, comment)?;
        let comment = format!("R has order {n}, the key is of mixed order; {holds}");
        add(format!("sig/small-order/r-{j}"), "SmallOrder", &[3], &Plan { t: 1, r: false, u: j, ..PLAN }, comment)?;
    }
    let both = Plan { a: false, t: 1, r: false, u: 2, ..PLAN };
    add(
        "sig/small-order/both".into(),
        "SmallOrder",
        &[3],
        &both,
        "key and R have small order, S is 0; the equation holds".into(),
    )?;
    let both = Plan { holds: false, ..both };
    let comment = "key and R have small order; the equation holds with the cofactor only";
    add("sig/small-order/both-cofactor".into(), "SmallOrder", &[3, 4], &both, comment.into())?;

    let kinds: [(&str, &'static [u8], bool, &str); 2] =
        [("holds", &[], true, "the equation holds"), ("cofactor", &[4], false, "it holds with the cofactor only")];
    for (name, breaks, holds, comment) in kinds {
        for (n, t) in [(2, 4), (4, 2), (8, 1)] {
            let plan = Plan { t, holds, ..PLAN };
            let comment = format!("the key has a part of order {n}, R none; {comment}");
            add(format!("sig/mixed-order/key-{n}-{name}"), "MixedOrder", breaks, &plan, comment)?;
        }
        let plan = Plan { t: 1, u: 3, holds, ..PLAN };
        let comment = format!("key and R have a part of order 8; {comment}");
        add(format!("sig/mixed-order/both-{name}"), "MixedOrder", breaks, &plan, comment)?;
    }
    for (n, u) in [(2, 4), (4, 2), (8, 1)] {
        let plan = Plan { u, holds: false, ..PLAN };
        let comment = format!("R has a part of order {n}, the key none; the equation holds with the cofactor only");
        add(format!("sig/mixed-order/r-{n}-cofactor"), "MixedOrder", &[4], &plan, comment)?;
    }

    for (name, encoded, j, breaks, what) in odd_encodings() {
        let flag = if breaks.len() > 1 { "BadPoint" } else { "SmallOrder" };
        let plan = Plan { a: false, t: j, key: Some(encoded), ..PLAN };
        let comment = |whose: &str| format!("of {whose}: {what}; the equation holds");
        add(format!("sig/encoding/key-{name}"), flag, breaks, &plan, comment("the key"))?;
        let plan = Plan { t: 1, r: false, u: j, commitment: Some(encoded), ..PLAN };
        add(format!("sig/encoding/r-{name}"), flag, breaks, &plan, comment("R"))?;
    }
    let comment = "y is below p, and no point has it";
    let plan = Plan { key: Some(NO_POINT), ..PLAN };
    add("sig/encoding/key-no-point".into(), "BadPoint", &[4], &plan, format!("of the key: {comment}"))?;
    let plan = Plan { commitment: Some(NO_POINT), ..PLAN };
    add("sig/encoding/r-no-point".into(), "BadPoint", &[4], &plan, format!("of R: {comment}"))?;
    Ok(out)
}
