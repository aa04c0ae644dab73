//! The default provider with ring's ChaCha20-Poly1305 (feature `ring`): most of what a node computes is sealing and
//! opening, and ring does both in assembly. Everything else is the default provider's.

use alloc::boxed::Box;

use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, Tag, UnboundKey};

use super::{Crypto, DEFAULT, KEM_CIPHERTEXT, KEM_PUBLIC};

/// The default provider with a faster cipher. Stateless. Needs a target that ring has.
#[derive(Clone, Copy, Debug, Default)]
pub struct RingCrypto;

/// The provider on ring, ready for `NodeConfig`.
pub static RING: RingCrypto = RingCrypto;

/// ring checks a length that is right here.
fn keyed(key: &[u8; 32]) -> Option<LessSafeKey> {
    UnboundKey::new(&CHACHA20_POLY1305, key).ok().map(LessSafeKey::new)
}

fn nonce(counter: u64) -> Nonce {
    let mut nonce = [0; 12];
    nonce[4..].copy_from_slice(&counter.to_le_bytes());
    Nonce::assume_unique_for_key(nonce)
}

impl Crypto for RingCrypto {
    fn seal(&self, key: &[u8; 32], counter: u64, ad: &[u8], buf: &mut [u8]) -> [u8; 16] {
        let sealed = keyed(key).and_then(|k| k.seal_in_place_separate_tag(nonce(counter), Aad::from(ad), buf).ok());
        match sealed.as_ref().and_then(|tag| tag.as_ref().first_chunk()) {
            Some(tag) => *tag,
            None => {
                buf.fill(0);
                [0; 16]
            }
        }
    }

    fn open(&self, key: &[u8; 32], counter: u64, ad: &[u8], buf: &mut [u8], tag: &[u8; 16]) -> bool {
        let tag = Tag::from(*tag);
        let open = |k: LessSafeKey| k.open_in_place_separate_tag(nonce(counter), Aad::from(ad), tag, buf, 0..).is_ok();
        keyed(key).is_some_and(open)
    }

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
        DEFAULT.dh(secret, public)
    }

    fn kem_public(&self, seed: &[u8; 64]) -> Option<Box<[u8; KEM_PUBLIC]>> {
        DEFAULT.kem_public(seed)
    }

    fn kem_encapsulate(
        &self,
        public: &[u8; KEM_PUBLIC],
        random: &[u8; 32],
    ) -> Option<(Box<[u8; KEM_CIPHERTEXT]>, [u8; 32])> {
        DEFAULT.kem_encapsulate(public, random)
    }

    fn kem_decapsulate(&self, seed: &[u8; 64], ciphertext: &[u8; KEM_CIPHERTEXT]) -> Option<[u8; 32]> {
        DEFAULT.kem_decapsulate(seed, ciphertext)
    }

    fn sign_public(&self, seed: &[u8; 32]) -> [u8; 32] {
        DEFAULT.sign_public(seed)
    }

    fn sign(&self, seed: &[u8; 32], message: &[u8]) -> [u8; 64] {
        DEFAULT.sign(seed, message)
    }

    fn verify(&self, public: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
        DEFAULT.verify(public, message, signature)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ciphers_make_the_same_bytes_and_open_each_others() {
        for len in [0, 1, 15, 16, 17, 63, 64, 65, 255, 1_123] {
            let (key, ad) = ([len as u8; 32], [7; 13]);
            let plain: alloc::vec::Vec<u8> = (0..len).map(|i| i as u8).collect();
            let (mut a, mut b) = (plain.clone(), plain.clone());
            let counter = 1 << 40 | len as u64;
            let tags = (RING.seal(&key, counter, &ad, &mut a), DEFAULT.seal(&key, counter, &ad, &mut b));
            assert_eq!((tags.0, &a), (tags.1, &b));
            assert!(
                RING.open(&key, counter, &ad, &mut b, &tags.1) && DEFAULT.open(&key, counter, &ad, &mut a, &tags.0)
            );
            assert!(a == plain && b == plain);
            let tag = RING.seal(&key, counter, &ad, &mut a);
            for (counter, ad, flip) in [(counter + 1, ad, 0), (counter, [8; 13], 0), (counter, ad, 1)] {
                let mut forged = tag;
                forged[15] ^= flip;
                assert!(!RING.open(&key, counter, &ad, &mut a.clone(), &forged));
            }
        }
    }
}
