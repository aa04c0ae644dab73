//! Noise's symmetric state (sections 4.3 and 5.2): the hash with HMAC and HKDF on top, the chaining
//! key, and the cipher of the handshake.

use alloc::vec::Vec;
use core::marker::PhantomData;

use zeroize::{Zeroize, Zeroizing};

use super::{NoiseError, TAG_LEN, TransportKey};
use crate::crypto::Crypto;

/// Longest hash block that [`Hash::BLOCK`] may state, in bytes.
const MAX_BLOCK: usize = 64;

/// A hash function of 32 bytes of output, as Noise needs one. Implemented by a type without values.
pub trait Hash {
    /// Its name within the protocol name.
    const NAME: &'static str;
    /// The block length that HMAC pads to, in bytes: 32 to 64, checked when compiled.
    const BLOCK: usize;

    /// The hash of the concatenation of `parts`. May use the provider's or ignore it.
    fn hash(crypto: &dyn Crypto, parts: &[&[u8]]) -> [u8; 32];
}

/// The production hash: BLAKE3 of the crypto provider.
#[derive(Debug)]
#[cfg_attr(feature = "model", derive(Clone, PartialEq, Eq, Hash))]
pub enum Blake3 {}

impl Hash for Blake3 {
    const NAME: &'static str = "BLAKE3";
    const BLOCK: usize = 64;

    fn hash(crypto: &dyn Crypto, parts: &[&[u8]]) -> [u8; 32] {
        crypto.hash(parts)
    }
}

/// `h`, `ck`, and the cipher `k` with its nonce `n`. Wiped on drop.
#[cfg_attr(feature = "model", derive(PartialEq, Eq, Hash))]
pub(super) struct Symmetric<H: Hash> {
    h: [u8; 32],
    ck: [u8; 32],
    k: Option<[u8; 32]>,
    n: u64,
    hash: PhantomData<fn() -> H>,
}

impl<H: Hash> Clone for Symmetric<H> {
    fn clone(&self) -> Self {
        Self { ..*self }
    }
}

impl<H: Hash> Symmetric<H> {
    pub(super) fn new(crypto: &dyn Crypto, pattern: &str) -> Self {
        let name = ["Noise_", pattern, "_25519_ChaChaPoly_", H::NAME].map(str::as_bytes);
        let joined = name.concat();
        let mut h = [0; 32];
        match h.get_mut(..joined.len()) {
            Some(start) => start.copy_from_slice(&joined),
            None => h = H::hash(crypto, &[&joined]),
        }
        Self { h, ck: h, k: None, n: 0, hash: PhantomData }
    }

    pub(super) fn mix_prologue(&mut self, crypto: &dyn Crypto, prologue: &[&[u8]]) {
        self.mix_hash(crypto, &prologue.concat());
    }

    pub(super) fn mix_hash(&mut self, crypto: &dyn Crypto, data: &[u8]) {
        self.h = H::hash(crypto, &[&self.h, data]);
    }

    pub(super) fn mix_key(&mut self, crypto: &dyn Crypto, material: Zeroizing<[u8; 32]>) {
        let (ck, k) = hkdf::<H>(crypto, &self.ck, &*material);
        (self.ck, self.k, self.n) = (*ck, Some(*k), 0);
    }

    /// The length that sealing adds now: none before the first key.
    pub(super) fn tag_len(&self) -> usize {
        if self.k.is_some() { TAG_LEN } else { 0 }
    }

    /// Appends `plaintext` to `out`, sealed if there is a key.
    pub(super) fn encrypt_and_hash(&mut self, crypto: &dyn Crypto, plaintext: &[u8], out: &mut Vec<u8>) {
        let start = out.len();
        out.extend_from_slice(plaintext);
        if let Some(k) = &self.k {
            let tag = crypto.seal(k, self.n, &self.h, &mut out[start..]);
            out.extend_from_slice(&tag);
            self.n += 1;
        }
        self.mix_hash(crypto, &out[start..]);
    }

    /// Opens `sealed` if there is a key. On an error nothing has changed.
    pub(super) fn decrypt_and_hash(&mut self, crypto: &dyn Crypto, sealed: &[u8]) -> Result<Vec<u8>, NoiseError> {
        let plaintext = match &self.k {
            None => sealed.to_vec(),
            Some(k) => {
                let (body, tag) = sealed.split_last_chunk().ok_or(NoiseError::ShortMessage)?;
                let mut buf = body.to_vec();
                if !crypto.open(k, self.n, &self.h, &mut buf, tag) {
                    return Err(NoiseError::Decrypt);
                }
                self.n += 1;
                buf
            }
        };
        self.mix_hash(crypto, sealed);
        Ok(plaintext)
    }

    /// The keys of the initiator's and of the responder's packets.
    pub(super) fn split(&self, crypto: &dyn Crypto) -> (TransportKey, TransportKey) {
        split::<H>(crypto, &self.ck)
    }

    pub(super) fn h(&self) -> &[u8; 32] {
        &self.h
    }

    /// `(h, ck, k)`, for the vectors.
    pub(super) fn secrets(&self) -> ([u8; 32], [u8; 32], Option<[u8; 32]>) {
        (self.h, self.ck, self.k)
    }
}

impl<H: Hash> Drop for Symmetric<H> {
    fn drop(&mut self) {
        self.ck.zeroize();
        self.k.zeroize();
    }
}

/// The keys of the initiator's and of the responder's packets, out of the last chaining key.
pub fn split<H: Hash>(crypto: &dyn Crypto, ck: &[u8; 32]) -> (TransportKey, TransportKey) {
    let (first, second) = hkdf::<H>(crypto, ck, &[]);
    (TransportKey::from_bytes(*first), TransportKey::from_bytes(*second))
}

type Secret = Zeroizing<[u8; 32]>;

/// HKDF with two outputs (Noise, section 4.3).
fn hkdf<H: Hash>(crypto: &dyn Crypto, ck: &[u8; 32], material: &[u8]) -> (Secret, Secret) {
    let temp = hmac::<H>(crypto, ck, material, &[]);
    let first = hmac::<H>(crypto, &temp, &[], &[1]);
    let second = hmac::<H>(crypto, &temp, &*first, &[2]);
    (first, second)
}

/// HMAC (RFC 2104) of `a || b`. A key of 32 bytes never exceeds the block.
fn hmac<H: Hash>(crypto: &dyn Crypto, key: &[u8; 32], a: &[u8], b: &[u8]) -> Secret {
    const { assert!(H::BLOCK >= 32 && H::BLOCK <= MAX_BLOCK) };
    let mut pad = Zeroizing::new([0x36; MAX_BLOCK]);
    for (byte, key) in pad.iter_mut().zip(key) {
        *byte ^= key;
    }
    let inner = Zeroizing::new(H::hash(crypto, &[&pad[..H::BLOCK], a, b]));
    for byte in pad.iter_mut() {
        *byte ^= 0x36 ^ 0x5c;
    }
    Zeroizing::new(H::hash(crypto, &[&pad[..H::BLOCK], &*inner]))
}
