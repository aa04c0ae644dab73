//! The hybrid upgrade of suite 2 (spec 04, section 1.6): ML-KEM-768 inside the new session, mixed into the keys
//! of its epoch 1. Until then nothing else is sent on it.

use alloc::boxed::Box;

use mindos_wire::{KemCiphertext, KemKey, Tail, encode_frame};
use zeroize::Zeroizing;

use crate::crypto::{Crypto, KEM_CIPHERTEXT, KEM_PUBLIC};

const KEY_HALF: usize = KEM_PUBLIC / 2;
const CIPHERTEXT_HALF: usize = KEM_CIPHERTEXT / 2;

/// What epoch 1 takes in: the KEM's secret, and the hash of key and ciphertext.
pub(super) type Material = Zeroizing<[u8; 64]>;

/// Where the upgrade of a session stands.
pub(super) enum Upgrade {
    /// It is not part of the suite, or is done.
    None,
    /// Initiator: its key left.
    Offered { seed: Zeroizing<[u8; 64]>, public: Box<[u8; KEM_PUBLIC]>, ciphertext: Halves<CIPHERTEXT_HALF> },
    /// Initiator: sends in epoch 1, and has not heard the peer there.
    Confirming { material: Material },
    /// Responder: waits for the key.
    Awaited { key: Halves<KEY_HALF> },
    /// Responder: the ciphertext left.
    Answered { ciphertext: Box<[u8; KEM_CIPHERTEXT]>, material: Material },
}

/// Two halves of one value, in any order.
pub(super) struct Halves<const N: usize>([Option<Box<[u8; N]>>; 2]);

impl<const N: usize> Default for Halves<N> {
    fn default() -> Self {
        Self([None, None])
    }
}

impl<const N: usize> Halves<N> {
    /// Keeps a half; the first of its kind stays. Both together, once they are there.
    pub(super) fn take<const M: usize>(&mut self, second: bool, bytes: &[u8; N]) -> Option<Box<[u8; M]>> {
        let [first_half, second_half] = &mut self.0;
        let place = if second { &mut *second_half } else { &mut *first_half };
        place.get_or_insert_with(|| Box::new(*bytes));
        let (a, b) = (first_half.as_ref()?, second_half.as_ref()?);
        let mut whole = Box::new([0; M]);
        whole.iter_mut().zip(a.iter().chain(b.iter())).for_each(|(w, b)| *w = *b);
        Some(whole)
    }
}

impl Upgrade {
    /// Whether the session carries everything.
    pub(super) fn is_ready(&self) -> bool {
        matches!(self, Self::None | Self::Confirming { .. })
    }

    /// Whether this side's next epoch cannot begin yet.
    pub(super) fn holds(&self) -> bool {
        matches!(self, Self::Offered { .. } | Self::Awaited { .. } | Self::Answered { .. })
    }

    /// What the next epoch of the peer takes in; `None` if it cannot begin yet.
    pub(super) fn material(&self) -> Option<&[u8]> {
        match self {
            Self::None => Some(&[]),
            Self::Confirming { material } | Self::Answered { material, .. } => Some(&material[..]),
            Self::Offered { .. } | Self::Awaited { .. } => None,
        }
    }

    /// Frames that this side repeats until the peer goes on, a packet each.
    pub(super) fn frames(&self) -> [Option<alloc::vec::Vec<u8>>; 2] {
        let halves = |i: usize| {
            let mut frame = alloc::vec::Vec::new();
            let second = mindos_wire::Flag(i == 1);
            // A `Vec` takes every frame.
            let _ = match self {
                Self::Offered { public, .. } => {
                    let bytes = public.as_chunks::<KEY_HALF>().0.get(i)?;
                    encode_frame(&KemKey { second, bytes, tail: Tail::default() }, &mut frame)
                }
                Self::Answered { ciphertext, .. } => {
                    let bytes = ciphertext.as_chunks::<CIPHERTEXT_HALF>().0.get(i)?;
                    encode_frame(&KemCiphertext { second, bytes, tail: Tail::default() }, &mut frame)
                }
                _ => return None,
            };
            Some(frame)
        };
        [halves(0), halves(1)]
    }
}

/// What both sides mix in.
// spec: SES-034 3391
pub(super) fn material(
    crypto: &dyn Crypto,
    secret: [u8; 32],
    public: &[u8; KEM_PUBLIC],
    ciphertext: &[u8; KEM_CIPHERTEXT],
) -> Material {
    let mut material = Zeroizing::new([0; 64]);
    let secret = Zeroizing::new(secret);
    let hash = crypto.hash(&[public, ciphertext]);
    material.iter_mut().zip(secret.iter().chain(&hash)).for_each(|(m, b)| *m = *b);
    material
}
