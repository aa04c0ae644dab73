//! Randomness: one 32-byte seed, expanded into labelled streams, one per machine.

use zeroize::{Zeroize, Zeroizing};

use crate::crypto::Crypto;

/// A deterministic stream of random numbers. Not `Clone`: two copies would repeat each other.
#[cfg_attr(feature = "model", derive(Clone, PartialEq, Eq, Hash))]
pub(crate) struct Entropy {
    crypto: &'static dyn Crypto,
    key: [u8; 32],
    counter: u64,
    block: [u8; 64],
    used: usize,
}

impl core::fmt::Debug for Entropy {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Entropy").field("counter", &self.counter).finish_non_exhaustive()
    }
}

impl Drop for Entropy {
    fn drop(&mut self) {
        self.key.zeroize();
        self.block.zeroize();
    }
}

impl Entropy {
    /// The stream `label` of `seed`.
    pub(crate) fn new(crypto: &'static dyn Crypto, seed: &[u8; 32], label: &'static str) -> Self {
        let key = crypto.derive("mindos 2026 entropy stream", &[seed, label.as_bytes()]);
        Self { crypto, key, counter: 0, block: [0; 64], used: 64 }
    }

    /// A uniform u64.
    pub(crate) fn next_u64(&mut self) -> u64 {
        if self.used == self.block.len() {
            self.crypto.expand(&self.key, self.counter, &mut self.block);
            self.counter += 1;
            self.used = 0;
        }
        let mut word = [0; 8];
        for (w, b) in word.iter_mut().zip(self.block.iter().skip(self.used)) {
            *w = *b;
        }
        self.used += 8;
        u64::from_le_bytes(word)
    }

    /// 32 uniform bytes, for a secret. The stream goes on under a new key: who reads this memory later does not
    /// find what was given before.
    pub(crate) fn secret(&mut self) -> [u8; 32] {
        let mut out = Zeroizing::new([0; 64]);
        self.crypto.expand(&self.key, self.counter, &mut out[..]);
        let (key, secret) = out.split_at(32);
        self.key.copy_from_slice(key);
        self.counter += 1;
        let mut given = [0; 32];
        given.copy_from_slice(secret);
        given
    }

    /// Uniform below `n`; 0 if `n` is 0. The bias is below n/2^64.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.next_u64()) * n as u128) >> 64) as usize
    }

    /// Moves `k` random elements of `v` to its front, in random order (partial Fisher–Yates).
    pub(crate) fn shuffle_front<T>(&mut self, v: &mut [T], k: usize) {
        for i in 0..k.min(v.len()) {
            let j = i + self.below(v.len() - i);
            v.swap(i, j);
        }
    }
}
