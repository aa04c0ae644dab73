//! Who a node is (spec 03): keys, signed statements, records, and numbers that are never used twice.

pub mod cost;
mod record;
mod reserve;
mod secret;
mod succession;
#[cfg(test)]
mod tests;
mod vouch;

use alloc::vec::Vec;
use core::fmt;

use zeroize::Zeroize;

use crate::crypto::Crypto;

pub use record::Verified;
pub(crate) use record::{Beacon, Credentials, sign_record, verify_record};
pub(crate) use reserve::Reserve;
pub use secret::{PublicKeys, Secret};
pub(crate) use succession::Lines;
pub use succession::{Retired, Succession};
pub use vouch::Voucher;

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; 32]);

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl fmt::Display for $name {
            /// The first four bytes in hex: enough to tell them apart in output, never to decide.
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().take(4).try_for_each(|b| write!(f, "{b:02x}"))
            }
        }
    )*};
}

names! {
    /// A node's name: its Ed25519 public key.
    NodeId
    /// An intent's name: the BLAKE3 of its record.
    IntentId
    /// A question's name: the BLAKE3 of its record.
    QuestionId
    /// A deposit's name: the BLAKE3 of its record.
    DepositId
}

/// What a signature says. The label keeps a signature for one purpose from being used for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Statement<'a> {
    /// "I sign this record."
    Record(&'a [u8]),
    /// "This incarnation of the subject did not answer me."
    Accuse { epoch: u32, subject: NodeId, incarnation: u32 },
    /// "I live, and this is my incarnation."
    Alive { epoch: u32, subject: NodeId, incarnation: u32 },
    /// "I leave."
    Leave { epoch: u32, subject: NodeId, incarnation: u32 },
    /// "I vouch for this node."
    Vouch { subject: NodeId, expires: u64 },
    /// "I take the place of this node."
    Succeed { predecessor: NodeId, own: NodeId },
    /// "This worker may execute this intent under this epoch."
    Lease { intent: &'a [u8; 32], worker: NodeId, epoch: u64, nonce: u64, price_limit: u64, finish_limit_us: u64 },
    /// "For this output of this lease so much is owed."
    Receipt { intent: &'a [u8; 32], origin: NodeId, worker: NodeId, epoch: u64, price: u64, output: &'a [u8; 32] },
}

impl Statement<'_> {
    /// The signed bytes: 16-byte label, network, fields (spec 03).
    // spec: ID-001 1df4
    fn bytes(&self, network: u32) -> Vec<u8> {
        let mut b = Vec::with_capacity(160);
        let member = |b: &mut Vec<u8>, label: &[u8; 16], epoch: u32, subject: &NodeId, incarnation: u32| {
            b.extend(label);
            b.extend(network.to_le_bytes());
            b.extend(epoch.to_le_bytes());
            b.extend(subject.0);
            b.extend(incarnation.to_le_bytes());
        };
        match self {
            Self::Record(signed) => {
                b.extend(b"mindos/record/1\0");
                b.extend(network.to_le_bytes());
                b.extend(*signed);
            }
            Self::Accuse { epoch, subject, incarnation } => {
                member(&mut b, b"mindos/accuse/1\0", *epoch, subject, *incarnation);
            }
            Self::Alive { epoch, subject, incarnation } => {
                member(&mut b, b"mindos/alive/1\0\0", *epoch, subject, *incarnation);
            }
            Self::Leave { epoch, subject, incarnation } => {
                member(&mut b, b"mindos/leave/1\0\0", *epoch, subject, *incarnation);
            }
            Self::Vouch { subject, expires } => {
                b.extend(b"mindos/vouch/1\0\0");
                b.extend(network.to_le_bytes());
                b.extend(subject.0);
                b.extend(expires.to_le_bytes());
            }
            Self::Succeed { predecessor, own } => {
                b.extend(b"mindos/succeed/1");
                b.extend(network.to_le_bytes());
                b.extend(predecessor.0);
                b.extend(own.0);
            }
            Self::Lease { intent, worker, epoch, nonce, price_limit, finish_limit_us } => {
                b.extend(b"mindos/lease/1\0\0");
                b.extend(network.to_le_bytes());
                b.extend(*intent);
                b.extend(worker.0);
                for n in [epoch, nonce, price_limit, finish_limit_us] {
                    b.extend(n.to_le_bytes());
                }
            }
            Self::Receipt { intent, origin, worker, epoch, price, output } => {
                b.extend(b"mindos/receipt/1");
                b.extend(network.to_le_bytes());
                b.extend(*intent);
                b.extend(origin.0);
                b.extend(worker.0);
                b.extend(epoch.to_le_bytes());
                b.extend(price.to_le_bytes());
                b.extend(*output);
            }
        }
        b
    }
}

/// A node's secret keys, and its network. Prints no secret, and wipes them when dropped.
pub(crate) struct Identity {
    pub(crate) crypto: &'static dyn Crypto,
    pub(crate) id: NodeId,
    pub(crate) network: u32,
    pub(crate) x25519_public: [u8; 32],
    seed: Secret,
    x25519_secret: Secret,
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity").field("id", &self.id).field("network", &self.network).finish_non_exhaustive()
    }
}

impl Identity {
    /// The identity of a 32-byte Ed25519 seed. The X25519 key is derived from it.
    pub(crate) fn new(crypto: &'static dyn Crypto, mut bytes: [u8; 32], network: u32) -> Self {
        let seed = Secret::from(bytes);
        bytes.zeroize();
        let x25519_secret = secret::x25519_secret(crypto, &seed);
        let PublicKeys { node, x25519 } = PublicKeys::of(crypto, &seed);
        Self { crypto, id: node, network, x25519_public: x25519, seed, x25519_secret }
    }

    /// For the handshake only.
    pub(crate) fn x25519_secret(&self) -> [u8; 32] {
        *self.x25519_secret.expose()
    }

    /// Signs a statement.
    pub(crate) fn sign(&self, statement: &Statement<'_>) -> [u8; 64] {
        self.crypto.sign(self.seed.expose(), &statement.bytes(self.network))
    }

    /// Whether `signer` made this statement in this network.
    pub(crate) fn verify(&self, signer: &NodeId, statement: &Statement<'_>, signature: &[u8; 64]) -> bool {
        self.crypto.verify(&signer.0, &statement.bytes(self.network), signature)
    }
}
