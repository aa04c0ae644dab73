//! The strict rule (spec 03, section 1.3) on the signatures on which implementations disagree.

use alloc::vec::Vec;

use curve25519_dalek::edwards::{CompressedEdwardsY, EdwardsPoint};
use curve25519_dalek::scalar::Scalar;
use serde_json::Value;
use sha2::{Digest, Sha512};

use super::super::super::Crypto;
use super::super::{DEFAULT, is_reduced};
use super::bytes;

/// For each published case the rules that it breaks, by their numbers in the spec: the first decides. What follows says
/// of A and R whether they are of small order, of mixed order, or in the prime-order group.
const BROKEN: [(&[u8], &str); 15] = [
    (&[3, 4], "A and R small; holds with the cofactor only"),
    (&[3], "A and R small"),
    (&[3, 4], "A small, R mixed; holds with the cofactor only"),
    (&[3], "A small, R mixed"),
    (&[3, 4], "A mixed, R small; holds with the cofactor only"),
    (&[3], "A mixed, R small"),
    (&[], "A and R mixed: accepted, the equation holds without the cofactor"),
    (&[4], "A and R mixed; holds with the cofactor only"),
    (&[4], "A mixed, R of prime order; holds with the cofactor only"),
    (&[2], "S + L in place of S"),
    (&[2], "S far above L, whose upper bits a lax reader drops"),
    // From here y is p - 1 and the sign bit is set though x is zero. The rule on encodings looks at y alone; the
    // point, (0, -1), has order two.
    (&[3, 4], "A mixed, R small; holds if R is encoded anew before it is hashed"),
    (&[3], "A mixed, R small"),
    (&[3, 4], "A small, R mixed; holds if A is encoded anew before it is hashed"),
    (&[3], "A small, R mixed"),
];

/// The point that the bytes state, y reduced if need be.
fn point(encoded: &[u8; 32]) -> Option<EdwardsPoint> {
    CompressedEdwardsY(*encoded).decompress()
}

/// The rules that a signature breaks, each decided by itself on the curve, without the verifier.
fn broken(public: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> Vec<u8> {
    let (r, s): ([u8; 32], [u8; 32]) = (signature[..32].try_into().unwrap(), signature[32..].try_into().unwrap());
    let (a, big_r) = (point(public).unwrap(), point(&r).unwrap());
    let hash = Sha512::new().chain_update(r).chain_update(public).chain_update(message).finalize();
    let k = Scalar::from_bytes_mod_order_wide(&hash.into());
    let right = big_r + k * a;
    let rules = [
        is_reduced(public) && is_reduced(&r),
        bool::from(Scalar::from_canonical_bytes(s).is_some()),
        !a.is_small_order() && !big_r.is_small_order(),
        EdwardsPoint::mul_base(&Scalar::from_bytes_mod_order(s)) == right,
    ];
    (1..).zip(rules).filter(|(_, kept)| !kept).map(|(number, _)| number).collect()
}

// spec: ID-008 2c94
#[test]
fn each_published_edge_case_is_decided_by_the_rule_that_the_table_states() {
    let file = include_str!("../../../../tests/data/ed25519_edge_cases.json");
    let cases: Vec<Value> = serde_json::from_str(file).unwrap();
    assert_eq!(cases.len(), BROKEN.len());
    for (number, (case, (rules, what))) in cases.iter().zip(BROKEN).enumerate() {
        let field = |name: &str| bytes(case[name].as_str().unwrap());
        let public = field("pub_key").try_into().unwrap();
        let signature = field("signature").try_into().unwrap();
        assert_eq!(broken(&public, &field("message"), &signature), rules, "{number}: {what}");
        let accepted = DEFAULT.verify(&public, &field("message"), &signature);
        assert_eq!(accepted, rules.is_empty(), "{number}: {what}");
    }
}
