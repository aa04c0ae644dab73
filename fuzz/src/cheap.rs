//! Primitives that keep nothing secret and cost little, so that a fuzzer sees thousands of handshakes in a second.
//! What is authentic stays as hard to guess as a hash; sealing and hashing are those of production.

use mindos_core::crypto::{Crypto, DEFAULT, KEM_CIPHERTEXT, KEM_PUBLIC};

/// 2^61 - 1, a prime.
const P: u128 = (1 << 61) - 1;

pub(crate) struct Cheap;

pub(crate) static CHEAP: Cheap = Cheap;

fn power(base: u128, mut exponent: u64) -> u128 {
    let (mut base, mut out) = (base % P, 1);
    while exponent > 0 {
        if exponent & 1 == 1 {
            out = out * base % P;
        }
        base = base * base % P;
        exponent >>= 1;
    }
    out
}

fn number(bytes: &[u8; 32]) -> u64 {
    bytes.first_chunk().map_or(0, |b| u64::from_le_bytes(*b))
}

fn encoded(number: u128) -> [u8; 32] {
    let mut out = [0; 32];
    out.iter_mut().zip(number.to_le_bytes()).for_each(|(o, b)| *o = b);
    out
}

impl Crypto for Cheap {
    fn hash(&self, parts: &[&[u8]]) -> [u8; 32] {
        DEFAULT.hash(parts)
    }

    fn derive(&self, context: &'static str, material: &[&[u8]]) -> [u8; 32] {
        DEFAULT.derive(context, material)
    }

    fn expand(&self, key: &[u8; 32], counter: u64, out: &mut [u8]) {
        DEFAULT.expand(key, counter, out);
    }

    /// Diffie-Hellman in a group that nobody should use.
    fn dh_public(&self, secret: &[u8; 32]) -> [u8; 32] {
        encoded(power(3, number(secret)))
    }

    fn dh(&self, secret: &[u8; 32], public: &[u8; 32]) -> Option<[u8; 32]> {
        let public = u128::from(number(public)) % P;
        (public > 1 && public < P - 1).then(|| encoded(power(public, number(secret))))
    }

    fn seal(&self, key: &[u8; 32], nonce: u64, ad: &[u8], buf: &mut [u8]) -> [u8; 16] {
        DEFAULT.seal(key, nonce, ad, buf)
    }

    fn open(&self, key: &[u8; 32], nonce: u64, ad: &[u8], buf: &mut [u8], tag: &[u8; 16]) -> bool {
        DEFAULT.open(key, nonce, ad, buf, tag)
    }

    fn kem_public(&self, seed: &[u8; 64]) -> Option<Box<[u8; KEM_PUBLIC]>> {
        let mut public = Box::new([0; KEM_PUBLIC]);
        DEFAULT.expand(&DEFAULT.hash(&[seed]), 0, &mut public[..]);
        Some(public)
    }

    fn kem_encapsulate(
        &self,
        public: &[u8; KEM_PUBLIC],
        random: &[u8; 32],
    ) -> Option<(Box<[u8; KEM_CIPHERTEXT]>, [u8; 32])> {
        let mut ciphertext = Box::new([0; KEM_CIPHERTEXT]);
        DEFAULT.expand(random, 0, &mut ciphertext[..]);
        let secret = DEFAULT.hash(&[public, &ciphertext[..]]);
        Some((ciphertext, secret))
    }

    fn kem_decapsulate(&self, seed: &[u8; 64], ciphertext: &[u8; KEM_CIPHERTEXT]) -> Option<[u8; 32]> {
        Some(DEFAULT.hash(&[&self.kem_public(seed)?[..], ciphertext]))
    }

    fn sign_public(&self, seed: &[u8; 32]) -> [u8; 32] {
        DEFAULT.hash(&[b"public", seed])
    }

    fn sign(&self, seed: &[u8; 32], message: &[u8]) -> [u8; 64] {
        let half = DEFAULT.hash(&[&self.sign_public(seed), message]);
        let mut signature = [0; 64];
        signature.iter_mut().zip(half.iter().cycle()).for_each(|(s, h)| *s = *h);
        signature
    }

    fn verify(&self, public: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
        let half = DEFAULT.hash(&[public, message]);
        signature.iter().zip(half.iter().cycle()).all(|(s, h)| s == h)
    }
}
