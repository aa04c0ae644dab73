//! Records of chapter 10, written and signed from the chapters byte by byte.

pub(super) use super::super::sign::{hash, key, signed};

pub(super) const NETWORK: u32 = 7;
/// Unix time at time 0 of a case, in seconds.
pub(super) const NOW_S: u64 = 1_800_000_000;

pub(super) const INTENT: u8 = 0x04;
pub(super) const RECEIPT: u8 = 0x0c;
pub(super) const SUCCESSION: u8 = 0x0e;
pub(super) const EVIDENCE: u8 = 0x1a;
pub(super) const APPEAL: u8 = 0x1e;
pub(super) const DEPOSIT: u8 = 0x20;
pub(super) const PAYMENT: u8 = 0x22;

/// The capability of all work here.
pub(super) fn skill() -> [u8; 32] {
    hash(&[b"text.summarize/1"])
}

pub(super) fn domain(capability: &[u8; 32]) -> u32 {
    capability.first_chunk::<4>().map_or(0, |b| u32::from_le_bytes(*b))
}

/// A record before it is signed.
#[derive(Clone)]
pub(super) struct Draft {
    pub(super) kind: u8,
    pub(super) by: u8,
    /// Whose key signs.
    pub(super) signer: u8,
    pub(super) network: u32,
    pub(super) sequence: u64,
    pub(super) expires: u64,
    pub(super) body: Vec<u8>,
}

impl Draft {
    pub(super) fn new(kind: u8, by: u8, sequence: u64, expires: u64, body: Vec<u8>) -> Self {
        Self { kind, by, signer: by, network: NETWORK, sequence, expires, body }
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        let head = [&key(self.by)[..], &self.sequence.to_le_bytes(), &self.expires.to_le_bytes()].concat();
        let length = (head.len() + self.body.len() + 64) as u16;
        let mut record = [&[self.kind][..], &length.to_le_bytes(), &head, &self.body].concat();
        record.extend(signed(self.signer, "mindos/record/1", self.network, &[&record]));
        record
    }

    /// With an extension that may be ignored, so that the record has this length.
    pub(super) fn filled(&self, length: usize) -> Self {
        let value = vec![0; length.saturating_sub(self.bytes().len() + 4)];
        let tail = [&0x7001_u16.to_le_bytes()[..], &(value.len() as u16).to_le_bytes(), &value].concat();
        Self { body: [&self.body[..], &tail].concat(), ..self.clone() }
    }
}

/// A key is given up for another.
pub(super) fn succession(old: u8, new: Option<u8>) -> Vec<u8> {
    let agreed = |new: u8| {
        let signature = signed(new, "mindos/succeed/1", NETWORK, &[&key(old), &key(new)]);
        [&[1][..], &key(new), &signature].concat()
    };
    let sequence = if new.is_some() { u64::MAX - 1 } else { u64::MAX };
    Draft::new(SUCCESSION, old, sequence, u64::MAX, new.map_or(vec![0], agreed)).bytes()
}

/// Two receipts of one author under one sequence.
pub(super) fn equivocation(by: u8, sequence: u64) -> [Vec<u8>; 2] {
    [1, 2].map(|n| Draft::new(RECEIPT, by, sequence, NOW_S, vec![n; 176]).bytes())
}
