//! Hashes of the public vectors, which the core does not carry.

use blake2::Digest;
use mindos_core::crypto::Crypto;
use mindos_core::session::noise::Hash;

/// BLAKE2s with 32 bytes of output.
pub(super) enum Blake2s {}

impl Hash for Blake2s {
    const NAME: &'static str = "BLAKE2s";
    const BLOCK: usize = 64;

    fn hash(_: &dyn Crypto, parts: &[&[u8]]) -> [u8; 32] {
        digest::<blake2::Blake2s256>(parts)
    }
}

/// SHA-256.
pub(super) enum Sha256 {}

impl Hash for Sha256 {
    const NAME: &'static str = "SHA256";
    const BLOCK: usize = 64;

    fn hash(_: &dyn Crypto, parts: &[&[u8]]) -> [u8; 32] {
        digest::<sha2::Sha256>(parts)
    }
}

fn digest<D: Digest>(parts: &[&[u8]]) -> [u8; 32]
where
    [u8; 32]: From<blake2::digest::Output<D>>,
{
    parts.iter().fold(D::new(), |hasher, part| hasher.chain_update(part)).finalize().into()
}
