//! The Noise handshake (spec 04): XX to strangers, IK to a peer whose key is known.
//!
//! X25519 and ChaCha20-Poly1305 come from the crypto provider; the hash is a type parameter, so
//! that the same code is pinned to the public vectors of a standard suite and runs BLAKE3 in
//! production. Randomness is an input. A message that is refused leaves the handshake as it was: a
//! forger on the path cannot end it.

mod keys;
mod pattern;
mod symmetric;

use alloc::vec::Vec;
use core::fmt;

use zeroize::{Zeroize, Zeroizing};

use crate::crypto::Crypto;
use pattern::{IK, Pattern, Token, XX};
use symmetric::Symmetric;

use keys::Products;
pub use keys::{KeyPair, TransportKey};
pub use symmetric::{Blake3, Hash, split};

/// Length of an X25519 public key or secret, in bytes.
pub const KEY_LEN: usize = 32;
/// Length of an authentication tag, in bytes.
pub const TAG_LEN: usize = 16;
/// Longest handshake message that Noise allows, in bytes.
pub const MAX_MESSAGE: usize = 65_535;
/// Longest payload of a handshake message, in bytes: what fits beside an ephemeral key, a sealed
/// static key and a tag, in whichever message.
pub const MAX_PAYLOAD: usize = MAX_MESSAGE - 2 * (KEY_LEN + TAG_LEN);

/// Why a handshake did not take a step. The handshake is unchanged in every case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum NoiseError {
    /// Peer's fault: the message ends before its keys and tags do.
    #[error("the message is too short")]
    ShortMessage,
    /// A message over [`MAX_MESSAGE`] (peer's fault) or a payload over [`MAX_PAYLOAD`] bytes
    /// (caller's).
    #[error("the message or payload is too long")]
    TooLong,
    /// Peer's fault: a tag is wrong, because the message was forged, damaged, or is not for this
    /// handshake.
    #[error("authentication failed")]
    Decrypt,
    /// Peer's fault: a Diffie-Hellman result is all zero, its key is of low order.
    #[error("the peer's key is of low order")]
    LowOrder,
    /// Peer's fault: it has named too many static keys in messages that were refused.
    #[error("too many static keys in one handshake")]
    TooMany,
    /// Caller's fault: this side's next step is another one.
    #[error("not this step's turn")]
    WrongTurn,
}

/// The secrets of a handshake in progress, for comparison with test vectors **and nothing else**:
/// whoever holds them reads the session.
pub struct Intermediates {
    /// The handshake hash.
    pub h: [u8; 32],
    /// The chaining key.
    pub ck: [u8; 32],
    /// The handshake's cipher key, once there is one.
    pub k: Option<[u8; 32]>,
}

/// One side of a handshake, from its first message to [`split`](Self::split).
///
/// Holds secrets: they are wiped on drop, and `Debug` prints none.
#[cfg_attr(feature = "model", derive(Clone, PartialEq, Eq))]
pub struct Handshake<H: Hash> {
    crypto: &'static dyn Crypto,
    pattern: &'static Pattern,
    initiator: bool,
    /// Messages written and read so far.
    done: usize,
    local_static: KeyPair,
    ephemeral_secret: Zeroizing<[u8; KEY_LEN]>,
    /// Of the ephemeral secret and the peer's static keys: whoever repeats a message does not make this side multiply.
    products: Products,
    progress: Progress<H>,
}

/// What a message changes: replaced as a whole once the message turned out good.
#[cfg_attr(feature = "model", derive(PartialEq, Eq, Hash))]
struct Progress<H: Hash> {
    symmetric: Symmetric<H>,
    remote_static: Option<[u8; KEY_LEN]>,
    remote_ephemeral: Option<[u8; KEY_LEN]>,
}

// Not derived: that would ask `H: Clone` of a type that is never instantiated.
impl<H: Hash> Clone for Progress<H> {
    fn clone(&self) -> Self {
        Self { symmetric: self.symmetric.clone(), ..*self }
    }
}

impl<H: Hash> Handshake<H> {
    /// Starts XX as the side that writes first. See [`initiator_with`](Self::initiator_with), which
    /// saves the multiplication for the static public key.
    ///
    /// `prologue`: both sides must give the same bytes, as one concatenation. `ephemeral_secret`:
    /// 32 secret random bytes, never used before (an input: the core has no randomness of its own).
    pub fn initiator(
        crypto: &'static dyn Crypto,
        prologue: &[&[u8]],
        static_secret: [u8; KEY_LEN],
        ephemeral_secret: [u8; KEY_LEN],
    ) -> Self {
        Self::initiator_with(crypto, prologue, &KeyPair::new(crypto, static_secret), ephemeral_secret)
    }

    /// Starts XX as the side that reads first. Arguments as for [`initiator`](Self::initiator).
    pub fn responder(
        crypto: &'static dyn Crypto,
        prologue: &[&[u8]],
        static_secret: [u8; KEY_LEN],
        ephemeral_secret: [u8; KEY_LEN],
    ) -> Self {
        Self::responder_with(crypto, prologue, &KeyPair::new(crypto, static_secret), ephemeral_secret)
    }

    /// [`initiator`](Self::initiator) with a static key pair made once per node.
    pub fn initiator_with(
        crypto: &'static dyn Crypto,
        prologue: &[&[u8]],
        local_static: &KeyPair,
        ephemeral_secret: [u8; KEY_LEN],
    ) -> Self {
        Self::new(crypto, &XX, true, prologue, local_static, ephemeral_secret, None)
    }

    /// [`responder`](Self::responder) with a static key pair made once per node.
    pub fn responder_with(
        crypto: &'static dyn Crypto,
        prologue: &[&[u8]],
        local_static: &KeyPair,
        ephemeral_secret: [u8; KEY_LEN],
    ) -> Self {
        Self::new(crypto, &XX, false, prologue, local_static, ephemeral_secret, None)
    }

    /// Starts IK as the side that writes first and already knows the peer's static key.
    ///
    /// The payload of the first message can be replayed by whoever recorded it, and is readable to
    /// a thief of the responder's static key.
    pub fn ik_initiator(
        crypto: &'static dyn Crypto,
        prologue: &[&[u8]],
        local_static: &KeyPair,
        ephemeral_secret: [u8; KEY_LEN],
        remote_static: [u8; KEY_LEN],
    ) -> Self {
        Self::new(crypto, &IK, true, prologue, local_static, ephemeral_secret, Some(remote_static))
    }

    /// Starts IK as the side that reads first and whose static key the peer knows.
    pub fn ik_responder(
        crypto: &'static dyn Crypto,
        prologue: &[&[u8]],
        local_static: &KeyPair,
        ephemeral_secret: [u8; KEY_LEN],
    ) -> Self {
        Self::new(crypto, &IK, false, prologue, local_static, ephemeral_secret, None)
    }

    fn new(
        crypto: &'static dyn Crypto,
        pattern: &'static Pattern,
        initiator: bool,
        prologue: &[&[u8]],
        local_static: &KeyPair,
        mut ephemeral_secret: [u8; KEY_LEN],
        remote_static: Option<[u8; KEY_LEN]>,
    ) -> Self {
        let mut symmetric = Symmetric::new(crypto, pattern.name);
        symmetric.mix_prologue(crypto, prologue);
        if pattern.responder_known {
            let known = if initiator { remote_static } else { Some(local_static.public()) };
            symmetric.mix_hash(crypto, &known.unwrap_or_default());
        }
        let ephemeral = Zeroizing::new(ephemeral_secret);
        ephemeral_secret.zeroize();
        Self {
            crypto,
            pattern,
            initiator,
            done: 0,
            local_static: local_static.duplicate(),
            ephemeral_secret: ephemeral,
            products: Products::default(),
            progress: Progress { symmetric, remote_static, remote_ephemeral: None },
        }
    }

    /// Appends the next handshake message to `out`.
    ///
    /// # Errors
    /// [`NoiseError::WrongTurn`], [`NoiseError::TooLong`], or [`NoiseError::LowOrder`] by a key read
    /// before. Handshake and `out` are then unchanged.
    pub fn write(&mut self, payload: &[u8], out: &mut Vec<u8>) -> Result<(), NoiseError> {
        let tokens = self.turn(true)?;
        if payload.len() > MAX_PAYLOAD {
            return Err(NoiseError::TooLong);
        }
        let start = out.len();
        let mut next = self.progress.clone();
        match self.write_tokens(&mut next, tokens, out) {
            Ok(()) => {
                next.symmetric.encrypt_and_hash(self.crypto, payload, out);
                self.progress = next;
                self.done += 1;
                Ok(())
            }
            Err(error) => {
                out.truncate(start);
                Err(error)
            }
        }
    }

    /// Reads the peer's next message and returns its payload.
    ///
    /// The payload of a first XX message is neither secret nor authenticated.
    ///
    /// # Errors
    /// Any [`NoiseError`]. The handshake is then unchanged and still accepts the genuine message.
    pub fn read(&mut self, message: &[u8]) -> Result<Vec<u8>, NoiseError> {
        self.read_with(message, |_, payload| Ok(payload))
    }

    /// Like [`read`](Self::read), but the step is taken only if `verify` agrees; it is given the
    /// peer's static key, if known by now, and the payload.
    ///
    /// Noise proves that the peer holds *some* static key: in XX anybody on the path can answer a
    /// first message with a key of its own. Checked in here, such an answer costs nothing, and the
    /// genuine one that comes later is still read.
    ///
    /// # Errors
    /// Any [`NoiseError`], or that of `verify`. The handshake is then unchanged.
    pub fn read_with<T, E: From<NoiseError>>(
        &mut self,
        message: &[u8],
        verify: impl FnOnce(Option<[u8; KEY_LEN]>, Vec<u8>) -> Result<T, E>,
    ) -> Result<T, E> {
        let tokens = self.turn(false)?;
        if message.len() > MAX_MESSAGE {
            return Err(NoiseError::TooLong.into());
        }
        let mut next = self.progress.clone();
        let rest = self.read_tokens(&mut next, tokens, message)?;
        let payload = next.symmetric.decrypt_and_hash(self.crypto, rest)?;
        let verified = verify(next.remote_static, payload)?;
        self.progress = next;
        self.done += 1;
        Ok(verified)
    }

    /// Whether all messages were exchanged, so that [`split`](Self::split) gives the keys.
    pub fn is_finished(&self) -> bool {
        self.done == self.pattern.messages.len()
    }

    /// The peer's static public key, once a message has proved it (in IK the initiator gave it).
    pub fn remote_static(&self) -> Option<[u8; KEY_LEN]> {
        self.progress.remote_static
    }

    /// The hash of all that was exchanged; unique to the session once finished, and public.
    pub fn handshake_hash(&self) -> [u8; 32] {
        *self.progress.symmetric.h()
    }

    /// Ends the handshake in the transport keys of this side: (send, receive).
    ///
    /// # Errors
    /// [`NoiseError::WrongTurn`] if it is not finished; the handshake is lost then.
    pub fn split(self) -> Result<(TransportKey, TransportKey), NoiseError> {
        if !self.is_finished() {
            return Err(NoiseError::WrongTurn);
        }
        let (first, second) = self.progress.symmetric.split(self.crypto);
        Ok(if self.initiator { (first, second) } else { (second, first) })
    }

    /// **Leaks every secret of the session**: only for the comparison with test vectors.
    pub fn dangerous_intermediates(&self) -> Intermediates {
        let (h, ck, k) = self.progress.symmetric.secrets();
        Intermediates { h, ck, k }
    }

    /// The tokens of the next message, if it is this side's to write (or else to read).
    fn turn(&self, write: bool) -> Result<&'static [Token], NoiseError> {
        let initiators = self.done.is_multiple_of(2);
        let tokens = self.pattern.messages.get(self.done).copied();
        tokens.filter(|_| (initiators == self.initiator) == write).ok_or(NoiseError::WrongTurn)
    }

    fn write_tokens(&mut self, next: &mut Progress<H>, tokens: &[Token], out: &mut Vec<u8>) -> Result<(), NoiseError> {
        for token in tokens {
            match token {
                Token::E => {
                    let public = self.crypto.dh_public(&self.ephemeral_secret);
                    out.extend_from_slice(&public);
                    next.symmetric.mix_hash(self.crypto, &public);
                }
                Token::S => {
                    let public = self.local_static.public();
                    next.symmetric.encrypt_and_hash(self.crypto, &public, out);
                }
                dh => self.mix_dh(next, *dh)?,
            }
        }
        Ok(())
    }

    /// Returns what follows the tokens: the payload.
    fn read_tokens<'m>(
        &mut self,
        next: &mut Progress<H>,
        tokens: &[Token],
        message: &'m [u8],
    ) -> Result<&'m [u8], NoiseError> {
        let mut rest = message;
        for token in tokens {
            match token {
                Token::E => {
                    let public;
                    (public, rest) = rest.split_first_chunk().ok_or(NoiseError::ShortMessage)?;
                    next.symmetric.mix_hash(self.crypto, public);
                    next.remote_ephemeral = Some(*public);
                }
                Token::S => {
                    let len = KEY_LEN + next.symmetric.tag_len();
                    let sealed;
                    (sealed, rest) = rest.split_at_checked(len).ok_or(NoiseError::ShortMessage)?;
                    let public = next.symmetric.decrypt_and_hash(self.crypto, sealed)?;
                    next.remote_static = public.try_into().ok();
                }
                dh => self.mix_dh(next, *dh)?,
            }
        }
        Ok(rest)
    }

    fn mix_dh(&mut self, next: &mut Progress<H>, token: Token) -> Result<(), NoiseError> {
        // The first letter of a token names the initiator's key, the second the responder's.
        let (local_is_static, remote_is_static) = match (token, self.initiator) {
            (Token::Ss, _) => (true, true),
            (Token::Es, true) | (Token::Se, false) => (false, true),
            (Token::Es, false) | (Token::Se, true) => (true, false),
            (Token::Ee | Token::E | Token::S, _) => (false, false),
        };
        let local = if local_is_static { self.local_static.secret() } else { &*self.ephemeral_secret };
        let remote = if remote_is_static { next.remote_static } else { next.remote_ephemeral };
        // The tables name no key before the message that brings it, so that the key is there.
        let remote = remote.ok_or(NoiseError::WrongTurn)?;
        // spec: SES-038 dd35
        let shared = match token {
            // The one product that comes after a sealed key, in a message that anybody can repeat with another end.
            Token::Se if !self.initiator => self.products.get(self.crypto, local, &remote)?,
            _ => self.crypto.dh(local, &remote).ok_or(NoiseError::LowOrder)?,
        };
        next.symmetric.mix_key(self.crypto, Zeroizing::new(shared));
        Ok(())
    }
}

// Not derived: `Zeroizing` has no hash.
#[cfg(feature = "model")]
impl<H: Hash + core::hash::Hash> core::hash::Hash for Handshake<H> {
    fn hash<S: core::hash::Hasher>(&self, state: &mut S) {
        let Self { crypto, pattern, initiator, done, local_static, ephemeral_secret, products, progress } = self;
        (crypto, pattern, initiator, done, local_static, &**ephemeral_secret, products, progress).hash(state);
    }
}

impl<H: Hash> fmt::Debug for Handshake<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handshake")
            .field("pattern", &self.pattern.name)
            .field("hash", &H::NAME)
            .field("initiator", &self.initiator)
            .field("messages_done", &self.done)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Intermediates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Intermediates").finish_non_exhaustive()
    }
}

impl Drop for Intermediates {
    fn drop(&mut self) {
        self.ck.zeroize();
        self.k.zeroize();
    }
}

#[cfg(test)]
#[cfg(feature = "default-crypto")]
mod tests;
