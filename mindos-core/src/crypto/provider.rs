//! The default provider, on the BLAKE3, dalek and RustCrypto crates.

use alloc::boxed::Box;

use blake3::Hasher;
use chacha20poly1305::aead::AeadInOut;
use chacha20poly1305::{ChaCha20Poly1305, KeyInit, Nonce};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use ml_kem::ml_kem_768::{DecapsulationKey, EncapsulationKey};
use ml_kem::{Decapsulate, KeyExport};
use x25519_dalek::{PublicKey, StaticSecret};
use zeroize::Zeroize;

use super::{Crypto, KEM_CIPHERTEXT, KEM_PUBLIC};

/// The default provider: stateless, portable, with SIMD where the CPU is found to have it.
#[derive(Clone, Copy, Debug, Default)]
pub struct DefaultCrypto;

/// The default provider, ready for `NodeConfig`.
pub static DEFAULT: DefaultCrypto = DefaultCrypto;

impl Crypto for DefaultCrypto {
    fn hash(&self, parts: &[&[u8]]) -> [u8; 32] {
        absorb(Hasher::new(), parts).finalize().into()
    }

    fn derive(&self, context: &'static str, material: &[&[u8]]) -> [u8; 32] {
        let mut hasher = absorb(Hasher::new_derive_key(context), material);
        let derived = hasher.finalize().into();
        hasher.zeroize();
        derived
    }

    fn expand(&self, key: &[u8; 32], counter: u64, out: &mut [u8]) {
        let mut hasher = absorb(Hasher::new_keyed(key), &[&counter.to_le_bytes()]);
        let mut reader = hasher.finalize_xof();
        reader.fill(out);
        reader.zeroize();
        hasher.zeroize();
    }

    fn dh_public(&self, secret: &[u8; 32]) -> [u8; 32] {
        PublicKey::from(&StaticSecret::from(*secret)).to_bytes()
    }

    fn dh(&self, secret: &[u8; 32], public: &[u8; 32]) -> Option<[u8; 32]> {
        let shared = StaticSecret::from(*secret).diffie_hellman(&PublicKey::from(*public));
        shared.was_contributory().then(|| shared.to_bytes())
    }

    fn seal(&self, key: &[u8; 32], nonce: u64, ad: &[u8], buf: &mut [u8]) -> [u8; 16] {
        seal_under(key, &noise_nonce(nonce), ad, buf)
    }

    fn open(&self, key: &[u8; 32], nonce: u64, ad: &[u8], buf: &mut [u8], tag: &[u8; 16]) -> bool {
        open_under(key, &noise_nonce(nonce), ad, buf, tag)
    }

    fn kem_public(&self, seed: &[u8; 64]) -> Option<Box<[u8; KEM_PUBLIC]>> {
        let key = DecapsulationKey::from_seed((*seed).into());
        Some(Box::new(key.encapsulation_key().to_bytes().into()))
    }

    fn kem_encapsulate(
        &self,
        public: &[u8; KEM_PUBLIC],
        random: &[u8; 32],
    ) -> Option<(Box<[u8; KEM_CIPHERTEXT]>, [u8; 32])> {
        let key = EncapsulationKey::new(public.into()).ok()?;
        let (ciphertext, secret) = key.encapsulate_deterministic(&(*random).into());
        Some((Box::new(ciphertext.into()), secret.into()))
    }

    fn kem_decapsulate(&self, seed: &[u8; 64], ciphertext: &[u8; KEM_CIPHERTEXT]) -> Option<[u8; 32]> {
        Some(DecapsulationKey::from_seed((*seed).into()).decapsulate(ciphertext.into()).into())
    }

    fn sign_public(&self, seed: &[u8; 32]) -> [u8; 32] {
        SigningKey::from_bytes(seed).verifying_key().to_bytes()
    }

    fn sign(&self, seed: &[u8; 32], message: &[u8]) -> [u8; 64] {
        SigningKey::from_bytes(seed).sign(message).to_bytes()
    }

    fn verify(&self, public: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
        // spec: ID-008 2c94
        is_reduced(public)
            && VerifyingKey::from_bytes(public)
                .and_then(|key| key.verify_strict(message, &Signature::from_bytes(signature)))
                .is_ok()
    }
}

fn absorb(mut hasher: Hasher, parts: &[&[u8]]) -> Hasher {
    for part in parts {
        hasher.update(part);
    }
    hasher
}

// Apart from the methods, so that public vectors under any nonce of 12 bytes decide the code that runs.
fn seal_under(key: &[u8; 32], nonce: &Nonce, ad: &[u8], buf: &mut [u8]) -> [u8; 16] {
    let cipher = ChaCha20Poly1305::new(key.into());
    match cipher.encrypt_inout_detached(nonce, ad, (&mut *buf).into()) {
        Ok(tag) => tag.into(),
        Err(_) => {
            buf.fill(0);
            [0; 16]
        }
    }
}

fn open_under(key: &[u8; 32], nonce: &Nonce, ad: &[u8], buf: &mut [u8], tag: &[u8; 16]) -> bool {
    // The crate compares the tag, in constant time, before it decrypts a byte.
    ChaCha20Poly1305::new(key.into()).decrypt_inout_detached(nonce, ad, buf.into(), tag.into()).is_ok()
}

fn noise_nonce(counter: u64) -> Nonce {
    let mut nonce = [0; 12];
    nonce[4..].copy_from_slice(&counter.to_le_bytes());
    nonce.into()
}

/// Whether the y coordinate in an encoded Edwards point is below p = 2^255 - 19.
///
/// `verify_strict` compares R as bytes, but it decompresses a public key whose y was not reduced:
/// two encodings of one key would be two node ids.
fn is_reduced(point: &[u8; 32]) -> bool {
    let [low, middle @ .., high] = point;
    *low < 0xed || high & 0x7f != 0x7f || middle.iter().any(|byte| *byte != 0xff)
}

#[cfg(test)]
mod tests;
