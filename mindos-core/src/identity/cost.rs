//! Cost proofs (spec 03): a puzzle whose solution says that somebody spent work on one identity, for one
//! day. A rate limit and no wall: a graphics card solves it far faster than a thermostat.

use core::ops::Range;

use super::NodeId;
use crate::crypto::Crypto;

/// Seconds of an epoch: a day.
pub const EPOCH_S: u64 = 86_400;
/// The segment of this version, which has one leaf.
pub const SEGMENT: u64 = 0;
/// Bytes of a proof as the extension `cost` of a beacon holds it.
pub const COST_LEN: usize = 20;
/// Bytes that are hashed: all but the nonce, which fill one block of BLAKE3.
const PREFIX: usize = 64;

/// The epoch of a moment in Unix seconds; the last one for moments that no u32 names.
pub fn epoch(unix_s: u64) -> u32 {
    u32::try_from(unix_s / EPOCH_S).unwrap_or(u32::MAX)
}

/// A solution. Whose it is, and of which network, is said by what carries it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CostProof {
    /// The day for which the work was done.
    pub epoch: u32,
    /// The place for which it was done; 0 in this version.
    pub segment: u64,
    /// What makes the hash begin with zeros.
    pub nonce: u64,
}

/// Why a proof does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CostError {
    /// Neither of the present epoch nor of the one before.
    #[error("a proof of another epoch")]
    Epoch,
    /// Of another segment than the verifier's.
    #[error("a proof of another segment")]
    Segment,
    /// Fewer leading zero bits than asked for.
    #[error("too few leading zero bits")]
    Bits,
}

impl CostError {
    /// The name that vectors and output use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Epoch => "epoch",
            Self::Segment => "segment",
            Self::Bits => "bits",
        }
    }
}

impl CostProof {
    /// As the extension `cost` holds it: the fields one after another, little-endian.
    pub fn to_bytes(self) -> [u8; COST_LEN] {
        let mut out = [0; COST_LEN];
        let fields = self.epoch.to_le_bytes().into_iter().chain(self.segment.to_le_bytes());
        out.iter_mut().zip(fields.chain(self.nonce.to_le_bytes())).for_each(|(o, b)| *o = b);
        out
    }

    /// Reads what [`to_bytes`](Self::to_bytes) wrote.
    pub fn from_bytes(bytes: &[u8; COST_LEN]) -> Self {
        let (epoch, rest) = bytes.split_first_chunk::<4>().unwrap_or((&[0; 4], &[]));
        let (segment, rest) = rest.split_first_chunk::<8>().unwrap_or((&[0; 8], &[]));
        let nonce = rest.first_chunk::<8>().unwrap_or(&[0; 8]);
        Self {
            epoch: u32::from_le_bytes(*epoch),
            segment: u64::from_le_bytes(*segment),
            nonce: u64::from_le_bytes(*nonce),
        }
    }

    /// The puzzle that this proof claims to solve.
    pub fn puzzle(&self, network: u32, node: &NodeId) -> Puzzle {
        Puzzle::new(network, node, self.epoch, self.segment)
    }

    /// Whether the proof counts for `node` at a verifier that asks for `bits` and holds [`SEGMENT`]. One hash at
    /// most. `present` is the verifier's epoch; without one, the epoch that the proof states is taken.
    ///
    /// # Errors
    /// Why it does not count: epoch, then segment, then bits.
    pub fn verify(
        &self,
        crypto: &dyn Crypto,
        network: u32,
        node: &NodeId,
        bits: u8,
        present: Option<u32>,
    ) -> Result<(), CostError> {
        // spec: ID-012 9be7
        if present.is_some_and(|now| self.epoch != now && Some(self.epoch) != now.checked_sub(1)) {
            return Err(CostError::Epoch);
        }
        // spec: ID-013 4a24
        if self.segment != SEGMENT {
            return Err(CostError::Segment);
        }
        // spec: ID-014 bd97
        match leading_zeros(&self.puzzle(network, node).hash(crypto, self.nonce)) >= u32::from(bits) {
            true => Ok(()),
            false => Err(CostError::Bits),
        }
    }
}

/// One puzzle: everything that is hashed but the nonce.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Puzzle {
    prefix: [u8; PREFIX],
    epoch: u32,
    segment: u64,
}

impl Puzzle {
    /// The puzzle of a node in a network, for an epoch and a segment.
    pub fn new(network: u32, node: &NodeId, epoch: u32, segment: u64) -> Self {
        let mut prefix = [0; PREFIX];
        let label = b"mindos/cost/1\0\0\0".iter().copied().chain(network.to_le_bytes());
        let fields = label.chain(node.0).chain(epoch.to_le_bytes()).chain(segment.to_le_bytes());
        prefix.iter_mut().zip(fields).for_each(|(p, b)| *p = b);
        Self { prefix, epoch, segment }
    }

    /// The hash of one nonce.
    pub fn hash(&self, crypto: &dyn Crypto, nonce: u64) -> [u8; 32] {
        crypto.hash(&[&self.prefix, &nonce.to_le_bytes()])
    }

    /// Looks for a proof among `nonces`, and at no other: the caller bounds the work of one call and goes on where
    /// it ended. Each nonce succeeds with a chance of 2^-`bits`.
    pub fn search(&self, crypto: &dyn Crypto, bits: u8, mut nonces: Range<u64>) -> Option<CostProof> {
        let nonce = nonces.find(|n| leading_zeros(&self.hash(crypto, *n)) >= u32::from(bits))?;
        Some(CostProof { epoch: self.epoch, segment: self.segment, nonce })
    }
}

/// Zero bits at the beginning of a hash, each byte from its highest bit.
pub fn leading_zeros(hash: &[u8; 32]) -> u32 {
    let zeros = hash.iter().take_while(|b| **b == 0).count();
    let next = hash.get(zeros).map_or(0, |b| b.leading_zeros());
    // At most 256.
    zeros as u32 * 8 + next
}
