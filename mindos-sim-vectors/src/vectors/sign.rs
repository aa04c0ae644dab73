//! Keys, hashes and signatures that vectors are made with.

use mindos_core::crypto::{Crypto, DEFAULT};

/// The public key of a seed.
pub(super) fn key(seed: u8) -> [u8; 32] {
    DEFAULT.sign_public(&[seed; 32])
}

pub(super) fn hash(parts: &[&[u8]]) -> [u8; 32] {
    DEFAULT.hash(parts)
}

/// A statement (chapter 03), signed by the key of a seed.
pub(super) fn signed(by: u8, label: &str, network: u32, fields: &[&[u8]]) -> [u8; 64] {
    let mut bytes = label.as_bytes().to_vec();
    bytes.resize(16, 0);
    bytes.extend(network.to_le_bytes());
    bytes.extend(fields.concat());
    DEFAULT.sign(&[by; 32], &bytes)
}
