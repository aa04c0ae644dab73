//! The symbolic provider: every result is a term, which is the hash of its operation and arguments.
//!
//! What it leaves out, and what a run with it therefore does not show:
//! - Two terms are equal if operation and arguments are, and never by chance.
//! - Nothing can be taken apart: there is no key of low order, no forged tag, no inverse. Nobody in the model computes
//!   a term from public values, though the functions here could.
//! - A sealed text stands readable beside its tag: who knows a key is modelled, who reads a text is not.
//!
//! Every function is pure. Besides, what a thread seals is noted, so that the model sees a nonce used twice.

use core::cell::RefCell;

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::crypto::{Crypto, DEFAULT, KEM_CIPHERTEXT, KEM_PUBLIC};

pub(super) struct Symbolic {
    pub(super) flaw: Option<Flaw>,
}

/// How a provider can be broken on purpose.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Flaw {
    /// The hash does not see the suite in a prologue, as if the handshake did not bind it.
    SuiteUnbound,
    /// What is taken out of a ciphertext is not what was put in.
    SecretsDiffer,
}

/// What was sealed: key and nonce, then associated data and text.
pub(super) type Seal = ([u8; 32], [u8; 32]);

std::thread_local! {
    static SEALED: RefCell<Vec<Seal>> = const { RefCell::new(Vec::new()) };
}

/// What `act` seals.
pub(super) fn sealed_by<R>(act: impl FnOnce() -> R) -> (R, Vec<Seal>) {
    SEALED.take();
    let result = act();
    (result, SEALED.take())
}

/// Parts of different lengths never run into each other.
fn term(operation: &[u8; 8], parts: &[&[u8]]) -> [u8; 32] {
    let lengths: Vec<[u8; 8]> = parts.iter().map(|p| (p.len() as u64).to_le_bytes()).collect();
    let mut all: Vec<&[u8]> = vec![operation];
    lengths.iter().zip(parts).for_each(|(length, part)| all.extend([&length[..], part]));
    DEFAULT.hash(&all)
}

/// A term as long as a real value, so that every packet has its size.
fn long<const N: usize>(term: [u8; 32]) -> Box<[u8; N]> {
    let mut bytes = Box::new([0; N]);
    bytes.iter_mut().zip(term.into_iter().cycle()).for_each(|(b, t)| *b = t);
    bytes
}

fn tag(key: &[u8; 32], nonce: u64, ad: &[u8], text: &[u8]) -> [u8; 16] {
    *term(b"aead tag", &[key, &nonce.to_le_bytes(), ad, text]).first_chunk().unwrap()
}

impl Crypto for Symbolic {
    fn hash(&self, parts: &[&[u8]]) -> [u8; 32] {
        match parts {
            [h, prologue]
                if self.flaw == Some(Flaw::SuiteUnbound) && prologue.starts_with(b"MindOS") && prologue.len() == 13 =>
            {
                DEFAULT.hash(&[h, &prologue[..7], &prologue[9..]])
            }
            _ => DEFAULT.hash(parts),
        }
    }

    fn derive(&self, context: &'static str, material: &[&[u8]]) -> [u8; 32] {
        DEFAULT.derive(context, material)
    }

    fn expand(&self, key: &[u8; 32], counter: u64, out: &mut [u8]) {
        DEFAULT.expand(key, counter, out);
    }

    fn dh_public(&self, secret: &[u8; 32]) -> [u8; 32] {
        term(b"dhpublic", &[secret])
    }

    fn dh(&self, secret: &[u8; 32], public: &[u8; 32]) -> Option<[u8; 32]> {
        let mut both = [self.dh_public(secret), *public];
        both.sort_unstable();
        Some(term(b"dhshared", &[&both[0], &both[1]]))
    }

    fn seal(&self, key: &[u8; 32], nonce: u64, ad: &[u8], buf: &mut [u8]) -> [u8; 16] {
        let seal = (term(b"aeadonce", &[key, &nonce.to_le_bytes()]), term(b"aeadtext", &[ad, buf]));
        SEALED.with_borrow_mut(|sealed| sealed.push(seal));
        tag(key, nonce, ad, buf)
    }

    fn open(&self, key: &[u8; 32], nonce: u64, ad: &[u8], buf: &mut [u8], found: &[u8; 16]) -> bool {
        tag(key, nonce, ad, buf) == *found
    }

    fn kem_public(&self, seed: &[u8; 64]) -> Option<Box<[u8; KEM_PUBLIC]>> {
        Some(long(term(b"kempubli", &[seed])))
    }

    fn kem_encapsulate(
        &self,
        public: &[u8; KEM_PUBLIC],
        random: &[u8; 32],
    ) -> Option<(Box<[u8; KEM_CIPHERTEXT]>, [u8; 32])> {
        let ciphertext = long(term(b"kemciphe", &[public, random]));
        let secret = term(b"kemsecre", &[public, &ciphertext[..]]);
        Some((ciphertext, secret))
    }

    fn kem_decapsulate(&self, seed: &[u8; 64], ciphertext: &[u8; KEM_CIPHERTEXT]) -> Option<[u8; 32]> {
        let label = if self.flaw == Some(Flaw::SecretsDiffer) { b"kemother" } else { b"kemsecre" };
        self.kem_public(seed).map(|public| term(label, &[&public[..], ciphertext]))
    }

    fn sign_public(&self, seed: &[u8; 32]) -> [u8; 32] {
        term(b"signpubl", &[seed])
    }

    fn sign(&self, seed: &[u8; 32], message: &[u8]) -> [u8; 64] {
        *long(term(b"signatur", &[&self.sign_public(seed), message]))
    }

    fn verify(&self, public: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
        *signature == *long(term(b"signatur", &[public, message]))
    }
}
