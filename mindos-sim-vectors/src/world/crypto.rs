//! The production primitives, with signature verification remembered.
//!
//! In a mesh of n nodes on n machines every node verifies a certificate once; here one machine would do
//! it n times. The answer is a pure function of key, message and signature, so remembering it changes no
//! outcome, only the time that the simulation takes.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use mindos_core::crypto::{Crypto, DEFAULT};

/// Answers kept; at the cap all are forgotten.
const MAX: usize = 1 << 20;

/// The default provider with a memory for verifications.
#[derive(Default)]
pub struct Memo {
    known: Mutex<BTreeMap<[u8; 32], bool>>,
}

impl Memo {
    /// A provider for one run. It lives as long as the process: nodes hold it by static reference.
    pub fn leak() -> &'static Self {
        Box::leak(Box::default())
    }
}

impl Crypto for Memo {
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
        let question = DEFAULT.hash(&[public, signature, message]);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(answer) = known.get(&question) {
            return *answer;
        }
        let answer = DEFAULT.verify(public, message, signature);
        if known.len() >= MAX {
            known.clear();
        }
        known.insert(question, answer);
        answer
    }
}
