//! Succession (spec 03): a key is given up, for another one or for none.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use bytes::Bytes;
use mindos_wire::{Cosignature, ErrorClass, List, Record, RecordBody, SuccessionBody, Tail, WireError};

use super::{Identity, NodeId, Secret, Statement, sign_record};
use crate::DropReason;
use crate::crypto::Crypto;

#[cfg(test)]
mod tests;

/// Longest succession: 212 bytes, and room for extensions.
const MAX_SUCCESSION: usize = 512;
/// How far back predecessors count, and how many.
const LINKS: usize = 4;
const PREDECESSORS: usize = 8;

/// "I give up this key." Verified: nobody but the holder of the key made it, and its successor agreed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Succession {
    node: NodeId,
    successor: Option<NodeId>,
    record: Bytes,
}

impl Succession {
    /// Gives up the key of the seed `node`, for that of the seed `successor` or, without one, for good.
    pub fn sign(crypto: &'static dyn Crypto, network: u32, node: &Secret, successor: Option<&Secret>) -> Self {
        let identity = |seed: &Secret| Identity::new(crypto, *seed.expose(), network);
        let (node, successor) = (identity(node), successor.map(identity));
        let statement = |own: NodeId| Statement::Succeed { predecessor: node.id, own };
        let named = successor.as_ref().map(|s| Cosignature { member: s.id.0, signature: s.sign(&statement(s.id)) });
        let body = SuccessionBody { successor: List::new(named.as_slice()), tail: Tail::default() };
        // spec: ID-023 1272
        let record = sign_record(&node, sequence(named.is_some()), u64::MAX, &RecordBody::Succession(body));
        Self { node: node.id, successor: successor.map(|s| s.id), record: record.unwrap_or_default() }
    }

    /// Decodes and verifies.
    ///
    /// # Errors
    /// Malformed, another record, not of the form that a succession has, or a signature that does not hold.
    pub fn verify(crypto: &dyn Crypto, network: u32, bytes: &[u8]) -> Result<Self, DropReason> {
        // spec: ID-025 ffa0
        if bytes.len() > MAX_SUCCESSION {
            return Err(DropReason::UnexpectedRecord);
        }
        let record = Record::<SuccessionBody<'_>>::decode_as(bytes).map_err(DropReason::Malformed)?;
        let (head, named) = (record.head, record.body.successor.iter().next());
        let node = NodeId(*head.author);
        // spec: ID-025 ffa0
        if (head.sequence, head.expires) != (sequence(named.is_some()), u64::MAX) {
            let what = "succession";
            return Err(DropReason::Malformed(WireError { class: ErrorClass::Range, at: 35, what }));
        }
        let holds = |by: &NodeId, statement: Statement<'_>, signature: &[u8; 64]| {
            crypto.verify(&by.0, &statement.bytes(network), signature)
        };
        // spec: ID-026 5acf
        let agreed = named.is_none_or(|s| {
            let own = NodeId(s.member);
            own != node && holds(&own, Statement::Succeed { predecessor: node, own }, &s.signature)
        });
        // spec: ID-009 39dd
        if !agreed || !holds(&node, Statement::Record(record.signed), record.signature) {
            return Err(DropReason::BadSignature);
        }
        Ok(Self { node, successor: named.map(|s| NodeId(s.member)), record: Bytes::copy_from_slice(bytes) })
    }

    /// Whose key was given up.
    pub fn node(&self) -> NodeId {
        self.node
    }

    /// Who takes its place; `None` if this is a revocation.
    pub fn successor(&self) -> Option<NodeId> {
        self.successor
    }

    /// The record.
    pub fn record(&self) -> &Bytes {
        &self.record
    }
}

/// A revocation comes last, so that it supersedes.
const fn sequence(has_successor: bool) -> u64 {
    u64::MAX - has_successor as u64
}

/// What is known of a retired key: the records that suffice to show its outcome to others.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Retired {
    successor: Option<NodeId>,
    /// One, or two that contradict each other.
    records: Vec<Bytes>,
}

impl Retired {
    /// By one succession.
    pub fn by(first: &Succession) -> Self {
        Self { successor: first.successor, records: alloc::vec![first.record.clone()] }
    }

    /// Who takes the place of the key, if anybody.
    pub fn successor(&self) -> Option<NodeId> {
        self.successor
    }

    /// What shows it to others.
    pub fn records(&self) -> &[Bytes] {
        &self.records
    }

    /// One more succession of the same key: whether the outcome changed.
    pub fn add(&mut self, next: &Succession) -> bool {
        // spec: ID-027 dcec
        if self.successor.is_none() || self.successor == next.successor {
            return false;
        }
        if next.successor.is_none() {
            self.records.clear();
        }
        self.records.push(next.record.clone());
        self.successor = None;
        true
    }

    /// What views hold in place of an incarnation (spec 05).
    pub(crate) fn mark(&self) -> u32 {
        let head = |s: NodeId| s.0.first_chunk::<4>().map_or(0, |b| u32::from_le_bytes(*b));
        self.successor.map_or(u32::MAX, |s| head(s).min(u32::MAX - 1))
    }
}

/// Who came before whom. As large as the table of its owner.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Lines {
    successors: BTreeMap<NodeId, NodeId>,
    predecessors: BTreeMap<NodeId, BTreeSet<NodeId>>,
}

impl Lines {
    /// The successor of a key, from now on.
    pub(crate) fn set(&mut self, node: NodeId, successor: Option<NodeId>) {
        if let Some(before) = self.successors.remove(&node)
            && let Some(heirs) = self.predecessors.get_mut(&before)
        {
            heirs.remove(&node);
            if heirs.is_empty() {
                self.predecessors.remove(&before);
            }
        }
        if let Some(successor) = successor {
            self.successors.insert(node, successor);
            self.predecessors.entry(successor).or_default().insert(node);
        }
    }

    /// Whose place a node takes, the nearest first.
    pub(crate) fn predecessors(&self, node: &NodeId) -> Vec<NodeId> {
        let mut found: Vec<NodeId> = Vec::new();
        if !self.predecessors.contains_key(node) {
            return found;
        }
        let mut link = alloc::vec![*node];
        for _ in 0..LINKS {
            let before: BTreeSet<NodeId> =
                link.iter().filter_map(|n| self.predecessors.get(n)).flatten().copied().collect();
            // Keys can succeed each other in a circle: all of them are retired, and each counts once.
            link = before.into_iter().filter(|n| n != node && !found.contains(n)).collect();
            link.truncate(PREDECESSORS - found.len());
            found.extend(&link);
        }
        found
    }

    /// Whose standing and vouchers rest on a key: those who come after it, the nearest first.
    pub(crate) fn successors(&self, node: &NodeId) -> impl Iterator<Item = NodeId> + '_ {
        core::iter::successors(self.successors.get(node).copied(), |n| self.successors.get(n).copied()).take(LINKS)
    }
}
