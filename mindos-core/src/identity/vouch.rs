//! Vouchers (spec 03): one node stands up for another, until a date.

use super::{NodeId, Statement};
use crate::crypto::Crypto;

/// Bytes of a voucher as the extension `voucher` of a beacon holds it.
pub(crate) const VOUCHER_LEN: usize = 104;

/// "I vouch for this node." For whom, and in which network, is said by the beacon that carries it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Voucher {
    /// Who vouches.
    pub voucher: NodeId,
    /// Unix seconds after which it is void.
    pub expires: u64,
    /// The voucher's signature.
    pub signature: [u8; 64],
}

impl Voucher {
    /// Vouches for `subject` with the Ed25519 seed of the voucher.
    pub fn sign(crypto: &dyn Crypto, seed: &[u8; 32], network: u32, subject: NodeId, expires: u64) -> Self {
        let signature = crypto.sign(seed, &Statement::Vouch { subject, expires }.bytes(network));
        Self { voucher: NodeId(crypto.sign_public(seed)), expires, signature }
    }

    /// Whether the voucher signed this for `subject`. Its date is not looked at.
    pub fn verify(&self, crypto: &dyn Crypto, network: u32, subject: NodeId) -> bool {
        let statement = Statement::Vouch { subject, expires: self.expires };
        crypto.verify(&self.voucher.0, &statement.bytes(network), &self.signature)
    }

    /// As the extension holds it.
    pub(super) fn to_bytes(self) -> [u8; VOUCHER_LEN] {
        let mut out = [0; VOUCHER_LEN];
        let fields = self.voucher.0.into_iter().chain(self.expires.to_le_bytes()).chain(self.signature);
        out.iter_mut().zip(fields).for_each(|(o, b)| *o = b);
        out
    }

    /// Reads what [`to_bytes`](Self::to_bytes) wrote; `None` if it has another length.
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (voucher, rest) = bytes.split_first_chunk::<32>()?;
        let (expires, rest) = rest.split_first_chunk::<8>()?;
        let signature = *<&[u8; 64]>::try_from(rest).ok()?;
        Some(Self { voucher: NodeId(*voucher), expires: u64::from_le_bytes(*expires), signature })
    }
}
