//! Records of a question, written and signed from the chapters byte by byte, and the hashes that are made of them: a
//! second time, beside production.

use mindos_core::crypto::{Crypto, DEFAULT};

pub(super) use super::super::sign::{hash, key};

pub(super) const NETWORK: u32 = 7;
/// Last second of the commits of a question here, and of its reveals.
pub(super) const CLOSES: u64 = 1_800_000_000;
pub(super) const REVEALS: u64 = CLOSES + 60;
/// Seed of who asks.
pub(super) const ASKER: u8 = 0x31;

pub(super) const QUESTION: u8 = 0x10;
pub(super) const COMMIT: u8 = 0x12;
pub(super) const REVEAL: u8 = 0x14;
pub(super) const ANCHOR: u8 = 0x16;
pub(super) const BELIEF: u8 = 0x18;

/// A record before it is signed.
#[derive(Clone)]
pub(super) struct Draft {
    pub(super) kind: u8,
    pub(super) by: u8,
    pub(super) network: u32,
    pub(super) sequence: u64,
    pub(super) body: Vec<u8>,
}

impl Draft {
    pub(super) fn new(kind: u8, by: u8, body: &[u8]) -> Self {
        Self { kind, by, network: NETWORK, sequence: 9, body: body.to_vec() }
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        self.signed_by(self.by)
    }

    /// With the author's name and this one's signature.
    pub(super) fn signed_by(&self, signer: u8) -> Vec<u8> {
        let head = [&key(self.by)[..], &self.sequence.to_le_bytes(), &u64::MAX.to_le_bytes()].concat();
        let length = (head.len() + self.body.len() + 64) as u16;
        let mut record = [&[self.kind][..], &length.to_le_bytes(), &head, &self.body].concat();
        let statement = [&b"mindos/record/1\0"[..], &self.network.to_le_bytes(), &record].concat();
        record.extend(DEFAULT.sign(&[signer; 32], &statement));
        record
    }
}

fn weights_of(weights: &[u16]) -> Vec<u8> {
    let list = weights.iter().flat_map(|w| w.to_le_bytes());
    [weights.len() as u8].into_iter().chain(list).collect()
}

/// A question of three options, and its name.
pub(super) fn question() -> (Vec<u8>, [u8; 32]) {
    let domain = 7u32.to_le_bytes();
    let times = [CLOSES.to_le_bytes(), REVEALS.to_le_bytes()].concat();
    let body = [&domain[..], &[0x57; 32], &[3], &times, &[0x40; 32]].concat();
    let record = Draft::new(QUESTION, ASKER, &body).bytes();
    let name = hash(&[&record]);
    (record, name)
}

pub(super) fn commit_body(question: &[u8; 32], commitment: &[u8; 32]) -> Vec<u8> {
    [&question[..], commitment].concat()
}

pub(super) fn reveal_body(question: &[u8; 32], salt: u8, lineage: &[[u8; 32]], weights: &[u16]) -> Vec<u8> {
    [&question[..], &[salt; 16], &[lineage.len() as u8], lineage.as_flattened(), &weights_of(weights)].concat()
}

pub(super) fn anchor_body(question: &[u8; 32], option: u8) -> Vec<u8> {
    [&question[..], &[option], &[0x5c; 32]].concat()
}

pub(super) fn belief_body(question: &[u8; 32], evidence: u8, reports: u32, weights: &[u16]) -> Vec<u8> {
    [&question[..], &[evidence; 32], &reports.to_le_bytes(), &weights_of(weights)].concat()
}

/// The commitment to a reveal of this author with this body.
pub(super) fn commitment(by: u8, body: &[u8]) -> [u8; 32] {
    hash(&[b"mindos/commit/1\0", &key(by), body])
}

/// An entry of evidence.
pub(super) fn entry(kind: u8, by: u8, said: &[u8; 32]) -> Vec<u8> {
    [&[kind][..], &key(by), said].concat()
}
