//! The production primitives, with signature verifications and key agreements remembered.
//!
//! In a mesh of n nodes on n machines every node verifies a certificate once; here one machine would do
//! it n times. And both ends of a handshake compute the same shared secrets, here on one machine. Both are
//! pure functions of their inputs, so remembering them changes no outcome, only the time that the
//! simulation takes.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use mindos_core::crypto::{Crypto, DEFAULT, KEM_CIPHERTEXT, KEM_PUBLIC};

/// Verifications kept; at the cap all are forgotten.
const MAX_VERIFIED: usize = 1 << 20;

/// Public keys and shared secrets kept, each; at the cap all are forgotten.
const MAX_AGREED: usize = 1 << 17;

/// The default provider with a memory for verifications and key agreements.
#[derive(Default)]
pub struct Memo {
    verified: Mutex<BTreeMap<[u8; 32], bool>>,
    agreements: Mutex<Agreements>,
}

/// What one end of a key agreement leaves for the other.
#[derive(Default)]
struct Agreements {
    /// The public key of every secret seen.
    public: BTreeMap<[u8; 32], [u8; 32]>,
    /// The secret that two public keys share, the lower key first, until the second end has asked.
    shared: BTreeMap<[[u8; 32]; 2], [u8; 32]>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Inserts, forgetting everything first at the cap.
fn keep<K: Ord, V>(map: &mut BTreeMap<K, V>, max: usize, key: K, value: V) {
    if map.len() >= max {
        map.clear();
    }
    map.insert(key, value);
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
        let public = DEFAULT.dh_public(secret);
        keep(&mut lock(&self.agreements).public, MAX_AGREED, *secret, public);
        public
    }

    fn dh(&self, secret: &[u8; 32], public: &[u8; 32]) -> Option<[u8; 32]> {
        let mut agreements = lock(&self.agreements);
        let pair = agreements.public.get(secret).map(|own| [*own.min(public), *own.max(public)]);
        if let Some(shared) = pair.and_then(|pair| agreements.shared.remove(&pair)) {
            return Some(shared);
        }
        let shared = DEFAULT.dh(secret, public)?;
        if let Some(pair) = pair {
            keep(&mut agreements.shared, MAX_AGREED, pair, shared);
        }
        Some(shared)
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
        let question = DEFAULT.hash(&[public, signature, message]);
        let mut verified = lock(&self.verified);
        if let Some(answer) = verified.get(&question) {
            return *answer;
        }
        let answer = DEFAULT.verify(public, message, signature);
        keep(&mut verified, MAX_VERIFIED, question, answer);
        answer
    }
}
