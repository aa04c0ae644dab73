//! Cases of others.

use data_encoding::HEXLOWER;

use super::{Case, Signed};
use crate::vectors::VectorError;

/// RFC 8032, section 7.1: seed and message.
const RFC8032: [(&str, &str); 3] = [
    ("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", ""),
    ("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb", "72"),
    ("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7", "af82"),
];

pub(super) fn rfc8032() -> Vec<Case> {
    let case = |(number, (seed, message)): (usize, (&str, &str))| {
        let seed = bytes(seed).and_then(|seed| seed.try_into().ok()).unwrap_or_default();
        let message = bytes(message).unwrap_or_default();
        let comment = format!("RFC 8032, section 7.1, test {number}");
        Case::new(format!("sig/rfc8032/{number}"), "Normal", &[], Signed::by_seed(&seed, &message), comment)
    };
    (1..).zip(RFC8032).map(case).collect()
}

/// Flag, the rules that a case breaks, and what it is. The number in its id is its index.
type Edge = (&'static str, &'static [u8], &'static str);

const EDGES: [Edge; 15] = [
    ("SmallOrder", &[3, 4], "A and R small; holds with the cofactor only"),
    ("SmallOrder", &[3], "A and R small; holds"),
    ("SmallOrder", &[3, 4], "A small, R mixed; holds with the cofactor only"),
    ("SmallOrder", &[3], "A small, R mixed; holds"),
    ("SmallOrder", &[3, 4], "A mixed, R small; holds with the cofactor only"),
    ("SmallOrder", &[3], "A mixed, R small; holds"),
    ("MixedOrder", &[], "A and R mixed; holds"),
    ("MixedOrder", &[4], "A and R mixed; holds with the cofactor only"),
    ("MixedOrder", &[4], "A mixed, R of prime order; holds with the cofactor only"),
    ("Malleable", &[2], "S is above L"),
    ("Malleable", &[2], "S is far above L"),
    ("SmallOrder", &[3, 4], "R has y = p - 1 and the sign bit though x is 0; holds if R is encoded anew for the hash"),
    ("SmallOrder", &[3], "R has y = p - 1 and the sign bit though x is 0; holds if R is hashed as it came"),
    ("SmallOrder", &[3, 4], "A has y = p - 1 and the sign bit though x is 0; holds if A is encoded anew for the hash"),
    ("SmallOrder", &[3], "A has y = p - 1 and the sign bit though x is 0; holds if A is hashed as it came"),
];

/// The published file, of which the core's tests have the one copy.
const FILE: &str = include_str!("../../../../mindos-core/tests/data/ed25519_edge_cases.json");

#[derive(serde::Deserialize)]
struct Published {
    message: String,
    pub_key: String,
    signature: String,
}

pub(super) fn cases() -> Result<Vec<Case>, VectorError> {
    let wrong = |what: String| VectorError::Wrong(format!("ed25519_edge_cases.json: {what}"));
    let published: Vec<Published> = serde_json::from_str(FILE).map_err(|error| wrong(error.to_string()))?;
    if published.len() != EDGES.len() {
        return Err(wrong(format!("{} cases instead of {}", published.len(), EDGES.len())));
    }
    let case = |(number, (case, (flag, breaks, comment))): (usize, (Published, Edge))| {
        let signed = || {
            Some(Signed {
                key: bytes(&case.pub_key)?.try_into().ok()?,
                message: bytes(&case.message)?,
                signature: bytes(&case.signature)?.try_into().ok()?,
            })
        };
        let signed = signed().ok_or_else(|| wrong(format!("case {number} is not of the lengths of Ed25519")))?;
        Ok(Case::new(format!("sig/speccheck/{number:02}"), flag, breaks, signed, comment))
    };
    published.into_iter().zip(EDGES).enumerate().map(case).collect()
}

fn bytes(hex: &str) -> Option<Vec<u8>> {
    HEXLOWER.decode(hex.as_bytes()).ok()
}
