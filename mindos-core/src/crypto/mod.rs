//! The crypto provider: the only door to cryptographic primitives (spec 03 and 04).
//!
//! A node holds a `&'static dyn Crypto`, so that a host can bring an accelerated or certified
//! implementation, and a model checker a symbolic one. Primitives are never our own code.

use alloc::boxed::Box;

#[cfg(feature = "default-crypto")]
mod provider;

#[cfg(feature = "ring")]
mod ring_provider;

#[cfg(feature = "ring")]
pub use ring_provider::{RING, RingCrypto};

#[cfg(feature = "default-crypto")]
pub use provider::{DEFAULT, DefaultCrypto};

/// Bytes of an ML-KEM-768 encapsulation key.
pub const KEM_PUBLIC: usize = 1_184;
/// Bytes of an ML-KEM-768 ciphertext.
pub const KEM_CIPHERTEXT: usize = 1_088;

/// The primitives of suites 1 and 2. Every method is a pure function of its arguments, none can panic.
///
/// Keys and secrets are borrowed: whoever owns them wipes them. An implementation keeps no copy
/// after it returns.
pub trait Crypto: Sync {
    /// BLAKE3 of the concatenation of `parts`.
    fn hash(&self, parts: &[&[u8]]) -> [u8; 32];

    /// BLAKE3 in `derive_key` mode over the concatenation of `material`: `context` is a globally
    /// unique, hard-coded label.
    fn derive(&self, context: &'static str, material: &[&[u8]]) -> [u8; 32];

    /// Fills `out` with the extendable output of BLAKE3 keyed with `key` over the 8 bytes of
    /// `counter`, little-endian.
    fn expand(&self, key: &[u8; 32], counter: u64, out: &mut [u8]);

    /// The X25519 public key of `secret` (clamped as RFC 7748 says).
    fn dh_public(&self, secret: &[u8; 32]) -> [u8; 32];

    /// X25519, `secret` clamped and the top bit of `public` ignored as RFC 7748 says. `None` if the
    /// result is all zero (a low-order `public`).
    fn dh(&self, secret: &[u8; 32], public: &[u8; 32]) -> Option<[u8; 32]>;

    /// ChaCha20-Poly1305 in place, nonce = 4 zero bytes and `nonce` little-endian. Returns the tag.
    ///
    /// A pair of `key` and `nonce` must never seal twice. A `buf` beyond what the cipher's counter
    /// covers (256 GiB) is zeroed instead, so that no plaintext leaves: its tag opens nothing.
    fn seal(&self, key: &[u8; 32], nonce: u64, ad: &[u8], buf: &mut [u8]) -> [u8; 16];

    /// Opens in place. `false` if the tag is wrong; `buf` then holds no plaintext.
    fn open(&self, key: &[u8; 32], nonce: u64, ad: &[u8], buf: &mut [u8], tag: &[u8; 16]) -> bool;

    /// The ML-KEM-768 (FIPS 203) encapsulation key of a seed (d, then z). `None`: the provider has no
    /// ML-KEM, and the node speaks suite 1 only; so it is without an implementation.
    fn kem_public(&self, seed: &[u8; 64]) -> Option<Box<[u8; KEM_PUBLIC]>> {
        let _ = seed;
        None
    }

    /// A ciphertext for `public` and the secret in it, made from 32 random bytes. `None` if `public` is no
    /// encapsulation key (FIPS 203, section 7.2).
    fn kem_encapsulate(
        &self,
        public: &[u8; KEM_PUBLIC],
        random: &[u8; 32],
    ) -> Option<(Box<[u8; KEM_CIPHERTEXT]>, [u8; 32])> {
        let _ = (public, random);
        None
    }

    /// The secret in a ciphertext; a ciphertext that was not made for this key gives another secret.
    fn kem_decapsulate(&self, seed: &[u8; 64], ciphertext: &[u8; KEM_CIPHERTEXT]) -> Option<[u8; 32]> {
        let _ = (seed, ciphertext);
        None
    }

    /// The Ed25519 public key of a 32-byte seed.
    fn sign_public(&self, seed: &[u8; 32]) -> [u8; 32];

    /// Ed25519 (RFC 8032, deterministic).
    fn sign(&self, seed: &[u8; 32], message: &[u8]) -> [u8; 64];

    /// Ed25519, strict: canonical encodings of key, R and S, no small-order key or R, cofactorless
    /// equation. A batch verifier may replace it only if it accepts exactly the same signatures.
    fn verify(&self, public: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool;
}

/// A provider is chosen once: it is no part of the states that are compared, so that all are equal.
#[cfg(feature = "model")]
impl PartialEq for dyn Crypto {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

#[cfg(feature = "model")]
impl Eq for dyn Crypto {}

#[cfg(feature = "model")]
impl core::hash::Hash for dyn Crypto {
    fn hash<H: core::hash::Hasher>(&self, _: &mut H) {}
}

impl core::fmt::Debug for dyn Crypto {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Crypto")
    }
}
