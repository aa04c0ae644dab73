//! The default primitives, with a count of the dear ones.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use crate::crypto::{Crypto, DEFAULT};

#[derive(Default)]
pub(super) struct Meter {
    products: AtomicUsize,
    verified: AtomicUsize,
}

impl Meter {
    pub(super) fn new() -> &'static Self {
        Box::leak(Box::default())
    }

    /// Multiplications with keys of others so far.
    pub(super) fn products(&self) -> usize {
        self.products.load(Relaxed)
    }

    /// Signatures that were looked at so far.
    pub(super) fn verified(&self) -> usize {
        self.verified.load(Relaxed)
    }
}

impl Crypto for Meter {
    fn hash(&self, parts: &[&[u8]]) -> [u8; 32] {
        DEFAULT.hash(parts)
    }

    fn derive(&self, context: &'static str, material: &[&[u8]]) -> [u8; 32] {
        DEFAULT.derive(context, material)
    }

    fn expand(&self, key: &[u8; 32], counter: u64, out: &mut [u8]) {
        DEFAULT.expand(key, counter, out);
    }

    fn dh_public(&self, secret: &[u8; 32]) -> [u8; 32] {
        DEFAULT.dh_public(secret)
    }

    fn dh(&self, secret: &[u8; 32], public: &[u8; 32]) -> Option<[u8; 32]> {
        self.products.fetch_add(1, Relaxed);
        DEFAULT.dh(secret, public)
    }

    fn seal(&self, key: &[u8; 32], nonce: u64, ad: &[u8], buf: &mut [u8]) -> [u8; 16] {
        DEFAULT.seal(key, nonce, ad, buf)
    }

    fn open(&self, key: &[u8; 32], nonce: u64, ad: &[u8], buf: &mut [u8], tag: &[u8; 16]) -> bool {
        DEFAULT.open(key, nonce, ad, buf, tag)
    }

    fn sign_public(&self, seed: &[u8; 32]) -> [u8; 32] {
        DEFAULT.sign_public(seed)
    }

    fn sign(&self, seed: &[u8; 32], message: &[u8]) -> [u8; 64] {
        DEFAULT.sign(seed, message)
    }

    fn verify(&self, public: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
        self.verified.fetch_add(1, Relaxed);
        DEFAULT.verify(public, message, signature)
    }
}
