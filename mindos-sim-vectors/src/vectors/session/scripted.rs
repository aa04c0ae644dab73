//! Randomness that a case states. A provider is the door to it: a node draws from one seed, in an order of its own.

use std::cell::RefCell;
use std::collections::VecDeque;

use mindos_core::crypto::{Crypto, DEFAULT, KEM_CIPHERTEXT, KEM_PUBLIC};

/// The default provider, but for what the machine draws.
pub(super) struct Scripted;

pub(super) static SCRIPTED: Scripted = Scripted;

thread_local! {
    static BLOCKS: RefCell<VecDeque<[u8; 64]>> = const { RefCell::new(VecDeque::new()) };
    static STATIC: RefCell<[u8; 32]> = const { RefCell::new([0; 32]) };
}

/// A draw.
pub(super) enum Draw {
    /// Of 32 secret bytes: the stream takes its next key from the other half of the block.
    Secret([u8; 32]),
    /// Of an index: the low half of the first number of a block.
    Index(u32),
}

/// What is drawn next, in order, and the static secret of the node that is made next. Past the end come zeros.
pub(super) fn script(own: [u8; 32], draws: &[Draw]) {
    STATIC.set(own);
    BLOCKS.set(draws.iter().map(Draw::block).collect());
}

impl Draw {
    fn block(&self) -> [u8; 64] {
        let mut block = [0; 64];
        match self {
            Self::Secret(secret) => block[32..].copy_from_slice(secret),
            Self::Index(index) => block[..4].copy_from_slice(&index.to_le_bytes()),
        }
        block
    }
}

impl Crypto for Scripted {
    fn hash(&self, parts: &[&[u8]]) -> [u8; 32] {
        DEFAULT.hash(parts)
    }

    fn derive(&self, context: &'static str, material: &[&[u8]]) -> [u8; 32] {
        match context {
            "mindos 2026 x25519 static key" => STATIC.with_borrow(|own| *own),
            _ => DEFAULT.derive(context, material),
        }
    }

    fn expand(&self, _: &[u8; 32], _: u64, out: &mut [u8]) {
        let block = BLOCKS.with_borrow_mut(VecDeque::pop_front).unwrap_or([0; 64]);
        out.iter_mut().zip(block).for_each(|(o, b)| *o = b);
    }

    fn dh_public(&self, secret: &[u8; 32]) -> [u8; 32] {
        DEFAULT.dh_public(secret)
    }

    fn dh(&self, secret: &[u8; 32], public: &[u8; 32]) -> Option<[u8; 32]> {
        DEFAULT.dh(secret, public)
    }

    fn seal(&self, key: &[u8; 32], nonce: u64, ad: &[u8], buf: &mut [u8]) -> [u8; 16] {
        DEFAULT.seal(key, nonce, ad, buf)
    }

    fn open(&self, key: &[u8; 32], nonce: u64, ad: &[u8], buf: &mut [u8], tag: &[u8; 16]) -> bool {
        DEFAULT.open(key, nonce, ad, buf, tag)
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
