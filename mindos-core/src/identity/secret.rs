//! Secret bytes, and the public names that follow from them.

use core::fmt;

use zeroize::Zeroize;

use super::NodeId;
use crate::crypto::Crypto;

/// 32 secret bytes: wiped when dropped, never printed, neither compared nor copied by accident. An array that it was
/// made from is the caller's to wipe.
pub struct Secret([u8; 32]);

impl Secret {
    /// The bytes, for a primitive.
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }
}

impl From<[u8; 32]> for Secret {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// What others may know of an identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublicKeys {
    /// The name.
    pub node: NodeId,
    /// The key of its handshakes.
    pub x25519: [u8; 32],
}

impl PublicKeys {
    /// Those of a node with this Ed25519 seed, as [`Node`](crate::Node) derives them.
    pub fn of(crypto: &dyn Crypto, seed: &Secret) -> Self {
        Self {
            node: NodeId(crypto.sign_public(seed.expose())),
            x25519: crypto.dh_public(x25519_secret(crypto, seed).expose()),
        }
    }
}

/// The X25519 secret of an Ed25519 seed.
pub(super) fn x25519_secret(crypto: &dyn Crypto, seed: &Secret) -> Secret {
    Secret(crypto.derive("mindos 2026 x25519 static key", &[seed.expose()]))
}
