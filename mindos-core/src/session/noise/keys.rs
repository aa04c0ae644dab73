//! Key types of a session: wiped on drop, never printed, neither compared nor copied by callers.

use core::fmt;

use zeroize::Zeroize;

use super::{KEY_LEN, NoiseError, TAG_LEN};
use crate::crypto::Crypto;

/// An X25519 key pair.
#[cfg_attr(feature = "model", derive(Clone, PartialEq, Eq, Hash))]
pub struct KeyPair {
    secret: [u8; KEY_LEN],
    public: [u8; KEY_LEN],
}

impl KeyPair {
    /// The pair of 32 secret bytes. Costs one multiplication: make the pair of a static key once
    /// and lend it to each handshake.
    pub fn new(crypto: &dyn Crypto, secret: [u8; KEY_LEN]) -> Self {
        Self { public: crypto.dh_public(&secret), secret }
    }

    /// The public key.
    pub fn public(&self) -> [u8; KEY_LEN] {
        self.public
    }

    pub(super) fn secret(&self) -> &[u8; KEY_LEN] {
        &self.secret
    }

    /// A copy for one handshake. Not `Clone`: copies outside a handshake would be a leak in waiting.
    pub(super) fn duplicate(&self) -> Self {
        Self { ..*self }
    }
}

impl Drop for KeyPair {
    fn drop(&mut self) {
        self.secret.zeroize();
    }
}

impl fmt::Debug for KeyPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyPair").field("public", &self.public).finish_non_exhaustive()
    }
}

/// Products with static keys that the peer named, most of them in messages that were refused.
#[derive(Default)]
#[cfg_attr(feature = "model", derive(Clone, PartialEq, Eq, Hash))]
pub(super) struct Products {
    /// The last key and what came of it.
    last: Option<([u8; KEY_LEN], Option<[u8; KEY_LEN]>)>,
    count: u8,
}

impl Products {
    /// Multiplications of one handshake.
    const MAX: u8 = 4;

    /// X25519 of a secret, always the same one, and a key that the peer named. The last key again costs nothing.
    ///
    /// # Errors
    /// The key is of low order, or is one too many.
    pub(super) fn get(
        &mut self,
        crypto: &dyn Crypto,
        secret: &[u8; KEY_LEN],
        public: &[u8; KEY_LEN],
    ) -> Result<[u8; KEY_LEN], NoiseError> {
        let product = match &self.last {
            // spec: SES-047 59e5
            Some((key, product)) if key == public => *product,
            // spec: SES-042 c552
            _ if self.count == Self::MAX => return Err(NoiseError::TooMany),
            _ => {
                let product = crypto.dh(secret, public);
                self.wipe();
                (self.last, self.count) = (Some((*public, product)), self.count + 1);
                product
            }
        };
        product.ok_or(NoiseError::LowOrder)
    }

    fn wipe(&mut self) {
        if let Some((_, Some(product))) = &mut self.last {
            product.zeroize();
        }
    }
}

impl Drop for Products {
    fn drop(&mut self) {
        self.wipe();
    }
}

/// The key of one direction of a session.
///
/// It counts nothing itself: packets may be lost and reordered, so that the counter travels with
/// each packet and its owner keeps it rising.
#[cfg_attr(feature = "model", derive(Clone, PartialEq, Eq, Hash))]
pub struct TransportKey([u8; KEY_LEN]);

impl TransportKey {
    /// A key of 32 secret bytes.
    pub fn from_bytes(key: [u8; KEY_LEN]) -> Self {
        Self(key)
    }

    /// **Leaks the key**: only for the comparison with test vectors.
    pub fn dangerous_bytes(&self) -> &[u8; KEY_LEN] {
        &self.0
    }

    /// Seals `buf` in place under `ad` and returns the tag.
    ///
    /// `counter` must never repeat under one key; Noise reserves `u64::MAX`.
    pub fn seal(&self, crypto: &dyn Crypto, counter: u64, ad: &[u8], buf: &mut [u8]) -> [u8; TAG_LEN] {
        crypto.seal(&self.0, counter, ad, buf)
    }

    /// Opens `buf` in place. `false` if the tag is wrong; `buf` then holds no plaintext.
    pub fn open(&self, crypto: &dyn Crypto, counter: u64, ad: &[u8], buf: &mut [u8], tag: &[u8; TAG_LEN]) -> bool {
        crypto.open(&self.0, counter, ad, buf, tag)
    }

    /// The next key: BLAKE3 in `derive_key` mode over this key and `material` (empty for a rekey,
    /// the KEM's shared secret for the hybrid upgrade). One way: the next key does not tell this one.
    pub fn derive(&self, crypto: &dyn Crypto, context: &'static str, material: &[u8]) -> TransportKey {
        Self(crypto.derive(context, &[&self.0, material]))
    }
}

impl Drop for TransportKey {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for TransportKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TransportKey").finish_non_exhaustive()
    }
}
