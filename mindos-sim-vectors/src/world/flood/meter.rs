//! Cryptography on a meter: the calls are those of the production provider, what they cost is simulated time.

use std::sync::atomic::{AtomicU64, Ordering};

use mindos_core::crypto::{Crypto, KEM_CIPHERTEXT, KEM_PUBLIC};

use crate::flood::scenario::Machine;
use crate::world::Memo;

/// A provider that counts what its calls would take on a machine.
pub(super) struct Meter {
    inner: &'static Memo,
    machine: Machine,
    ns: AtomicU64,
}

impl Meter {
    /// For one run; it lives as long as the process, as nodes hold it by static reference.
    pub(super) fn leak(inner: &'static Memo, machine: Machine) -> &'static Self {
        Box::leak(Box::new(Self { inner, machine, ns: AtomicU64::new(0) }))
    }

    /// What was spent since the last call, in ns.
    pub(super) fn take(&self) -> u64 {
        self.ns.swap(0, Ordering::Relaxed)
    }

    fn charge(&self, ns: u64) {
        self.ns.fetch_add(ns, Ordering::Relaxed);
    }

    fn charge_hash(&self, bytes: usize) {
        self.charge(self.machine.hash_ns * (bytes as u64).div_ceil(64).max(1));
    }

    fn charge_aead(&self, bytes: usize) {
        self.charge(self.machine.aead_ns + self.machine.aead_kib_ns * bytes as u64 / 1_024);
    }
}

fn len(parts: &[&[u8]]) -> usize {
    parts.iter().map(|p| p.len()).sum()
}

impl Crypto for Meter {
    fn hash(&self, parts: &[&[u8]]) -> [u8; 32] {
        self.charge_hash(len(parts));
        self.inner.hash(parts)
    }

    fn derive(&self, context: &'static str, material: &[&[u8]]) -> [u8; 32] {
        // The context is hashed first.
        self.charge_hash(context.len());
        self.charge_hash(len(material));
        self.inner.derive(context, material)
    }

    fn expand(&self, key: &[u8; 32], counter: u64, out: &mut [u8]) {
        self.charge_hash(out.len());
        self.inner.expand(key, counter, out);
    }

    fn dh_public(&self, secret: &[u8; 32]) -> [u8; 32] {
        self.charge(self.machine.key_ns);
        self.inner.dh_public(secret)
    }

    fn dh(&self, secret: &[u8; 32], public: &[u8; 32]) -> Option<[u8; 32]> {
        self.charge(self.machine.dh_ns);
        self.inner.dh(secret, public)
    }

    fn seal(&self, key: &[u8; 32], nonce: u64, ad: &[u8], buf: &mut [u8]) -> [u8; 16] {
        self.charge_aead(buf.len());
        self.inner.seal(key, nonce, ad, buf)
    }

    fn open(&self, key: &[u8; 32], nonce: u64, ad: &[u8], buf: &mut [u8], tag: &[u8; 16]) -> bool {
        self.charge_aead(buf.len());
        self.inner.open(key, nonce, ad, buf, tag)
    }

    fn kem_public(&self, seed: &[u8; 64]) -> Option<Box<[u8; KEM_PUBLIC]>> {
        self.charge(self.machine.kem_ns);
        self.inner.kem_public(seed)
    }

    fn kem_encapsulate(
        &self,
        public: &[u8; KEM_PUBLIC],
        random: &[u8; 32],
    ) -> Option<(Box<[u8; KEM_CIPHERTEXT]>, [u8; 32])> {
        self.charge(self.machine.kem_ns);
        self.inner.kem_encapsulate(public, random)
    }

    fn kem_decapsulate(&self, seed: &[u8; 64], ciphertext: &[u8; KEM_CIPHERTEXT]) -> Option<[u8; 32]> {
        self.charge(self.machine.kem_ns);
        self.inner.kem_decapsulate(seed, ciphertext)
    }

    fn sign_public(&self, seed: &[u8; 32]) -> [u8; 32] {
        self.charge(self.machine.sign_ns);
        self.inner.sign_public(seed)
    }

    fn sign(&self, seed: &[u8; 32], message: &[u8]) -> [u8; 64] {
        self.charge(self.machine.sign_ns);
        self.inner.sign(seed, message)
    }

    fn verify(&self, public: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
        self.charge(self.machine.verify_ns);
        self.inner.verify(public, message, signature)
    }
}
