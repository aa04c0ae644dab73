//! Messages of a side that plays with other cards: its public key is a point of small order, so that every result of
//! Diffie-Hellman with it is zero and everybody can compute the keys. Whoever does not look for zero takes them.

use mindos_core::crypto::{Crypto, DEFAULT};

/// The secret whose public key is the point.
pub(super) const SECRET: [u8; 32] = [0xee; 32];

/// A provider that has such a key, and takes a zero for a secret.
pub(super) struct Crafted {
    /// Its part of an id.
    pub(super) name: &'static str,
    point: [u8; 32],
}

const ORDER_8: [&[u8; 64]; 2] = [
    b"e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    b"5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
];

const fn digit(c: u8) -> u8 {
    if c < b'a' { c - b'0' } else { c - b'a' + 10 }
}

const fn bytes(text: &[u8; 64]) -> [u8; 32] {
    let (mut out, mut i) = ([0; 32], 0);
    while i < 32 {
        out[i] = digit(text[2 * i]) << 4 | digit(text[2 * i + 1]);
        i += 1;
    }
    out
}

/// `first`, 30 times `middle`, `last`: the little-endian bytes of a number.
const fn number(first: u8, middle: u8, last: u8) -> [u8; 32] {
    let mut out = [middle; 32];
    (out[0], out[31]) = (first, last);
    out
}

/// Every u of small order below 2^255, and one of them with the bit that X25519 ignores. p is 2^255 - 19.
pub(super) static ALL: [Crafted; 8] = [
    Crafted { name: "zero", point: number(0, 0, 0) },
    Crafted { name: "one", point: number(1, 0, 0) },
    Crafted { name: "order-8-a", point: bytes(ORDER_8[0]) },
    Crafted { name: "order-8-b", point: bytes(ORDER_8[1]) },
    Crafted { name: "p-minus-1", point: number(0xec, 0xff, 0x7f) },
    Crafted { name: "p", point: number(0xed, 0xff, 0x7f) },
    Crafted { name: "p-plus-1", point: number(0xee, 0xff, 0x7f) },
    Crafted { name: "zero-top-bit", point: number(0, 0, 0x80) },
];

impl Crypto for Crafted {
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
        if *secret == SECRET { self.point } else { DEFAULT.dh_public(secret) }
    }

    fn dh(&self, secret: &[u8; 32], public: &[u8; 32]) -> Option<[u8; 32]> {
        let zero = if *secret == SECRET { Some([0; 32]) } else { None };
        Some(zero.or_else(|| DEFAULT.dh(secret, public)).unwrap_or_default())
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
        DEFAULT.verify(public, message, signature)
    }
}
