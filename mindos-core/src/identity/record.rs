//! Records: from bytes to `Verified`, and from values to signed bytes.

use alloc::vec::Vec;
use bytes::Bytes;
use mindos_wire::{
    BeaconBody, ErrorClass, Record, RecordBody, RecordHead, RecordMessage, RecordType, TAG_COST, TAG_VOUCHER, Tail,
    Tier, WireError,
};

use super::cost::CostProof;
use super::{Identity, NodeId, Statement, Voucher};
use crate::DropReason;

/// Longest beacon.
const MAX_BEACON: usize = 512;

/// A value whose signature was checked. Only such values enter a machine.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Verified<T>(T);

impl<T> Verified<T> {
    /// The value.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> core::ops::Deref for Verified<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

/// What a beacon says, with the record itself for passing on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Beacon {
    pub(crate) id: NodeId,
    pub(crate) sequence: u64,
    pub(crate) expires: u64,
    pub(crate) x25519: [u8; 32],
    /// First incarnation of that run of the node.
    pub(crate) incarnation: u32,
    /// Role bits, those without a name included.
    pub(crate) roles: u16,
    /// What was spent on it; not verified.
    pub(crate) cost: Option<CostProof>,
    /// Who vouches for it; not verified.
    pub(crate) voucher: Option<Voucher>,
    pub(crate) record: Bytes,
}

/// Why others should take a node in: extensions of its beacon.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Credentials {
    pub(crate) cost: Option<CostProof>,
    pub(crate) voucher: Option<Voucher>,
}

impl Credentials {
    /// Out of the tail of a beacon. The error says what is too long or too short.
    fn read(tail: &Tail<'_>) -> Result<Self, &'static str> {
        let mut found = Self::default();
        for (tag, value) in tail.iter() {
            match tag {
                // spec: ID-016 afad
                TAG_COST => found.cost = Some(CostProof::from_bytes(value.try_into().map_err(|_| "cost")?)),
                // spec: ID-017 6525
                TAG_VOUCHER => found.voucher = Some(Voucher::from_bytes(value).ok_or("voucher")?),
                _ => {}
            }
        }
        Ok(found)
    }

    /// The tail that says them.
    fn tail(&self) -> Vec<u8> {
        let mut tail = Vec::new();
        let mut put = |tag: u16, value: &[u8]| {
            tail.extend(tag.to_le_bytes());
            tail.extend((value.len() as u16).to_le_bytes());
            tail.extend(value);
        };
        if let Some(cost) = self.cost {
            put(TAG_COST, &cost.to_bytes());
        }
        if let Some(voucher) = self.voucher {
            put(TAG_VOUCHER, &voucher.to_bytes());
        }
        tail
    }
}

impl Beacon {
    /// Decodes and verifies.
    ///
    /// # Errors
    /// Malformed, another record type, or a signature that does not hold. No state is involved.
    pub(crate) fn verify(identity: &Identity, bytes: &[u8]) -> Result<Verified<Self>, DropReason> {
        // A beacon travels in a handshake packet and to everybody: it stays short, extensions included.
        if bytes.len() > MAX_BEACON {
            return Err(DropReason::UnexpectedRecord);
        }
        let record = verify_record::<BeaconBody<'_>>(identity, bytes)?;
        let end = record.signed.len();
        let refused = |what| DropReason::Malformed(WireError { class: ErrorClass::Range, at: end, what });
        let Credentials { cost, voucher } = Credentials::read(&record.body.tail).map_err(refused)?;
        Ok(Verified(Self {
            id: NodeId(*record.head.author),
            sequence: record.head.sequence,
            expires: record.head.expires,
            x25519: *record.body.x25519,
            incarnation: record.body.incarnation,
            roles: record.body.roles,
            cost,
            voucher,
            record: Bytes::copy_from_slice(bytes),
        }))
    }

    /// Signs a beacon without credentials.
    #[cfg(test)]
    pub(crate) fn sign(
        identity: &Identity,
        sequence: u64,
        expires: u64,
        incarnation: u32,
        tier: Tier,
        cell: u32,
    ) -> Verified<Self> {
        Self::sign_with(identity, sequence, expires, incarnation, tier, cell, Credentials::default())
    }

    /// Signs the node's own beacon.
    pub(crate) fn sign_with(
        identity: &Identity,
        sequence: u64,
        expires: u64,
        incarnation: u32,
        tier: Tier,
        cell: u32,
        credentials: Credentials,
    ) -> Verified<Self> {
        let raw = credentials.tail();
        let tail = Tail::new(&raw).unwrap_or_default();
        let x25519 = identity.x25519_public;
        // spec: ID-006 ba30, ID-007 d9b4
        let body = BeaconBody { x25519: &x25519, incarnation, cell, tier, roles: 0, tail };
        let record = sign_record(identity, sequence, expires, &RecordBody::Beacon(body));
        Verified(Self {
            id: identity.id,
            sequence,
            expires,
            x25519,
            incarnation,
            roles: 0,
            cost: credentials.cost,
            voucher: credentials.voucher,
            record: record.unwrap_or_default(),
        })
    }
}

/// Decodes a record of the type that is expected, and checks its signature.
///
/// # Errors
/// Malformed, another record type, or a signature that does not hold.
pub(crate) fn verify_record<'a, B: RecordMessage<'a>>(
    identity: &Identity,
    bytes: &'a [u8],
) -> Result<Record<'a, B>, DropReason> {
    let another = |code: &&u8| **code != B::TYPE && RecordType::ALL.iter().any(|t| t.code == **code);
    if bytes.first().filter(another).is_some() {
        return Err(DropReason::UnexpectedRecord);
    }
    let record = Record::<B>::decode_as(bytes).map_err(DropReason::Malformed)?;
    // spec: ID-009 39dd
    if !identity.verify(&NodeId(*record.head.author), &Statement::Record(record.signed), record.signature) {
        return Err(DropReason::BadSignature);
    }
    Ok(record)
}

/// Encodes and signs a record of this node. `None` if it is longer than 65,538 bytes.
pub(crate) fn sign_record(identity: &Identity, sequence: u64, expires: u64, body: &RecordBody<'_>) -> Option<Bytes> {
    let head = RecordHead { author: &identity.id.0, sequence, expires };
    let mut bytes = Vec::new();
    Record::put_signed(&head, body, &mut bytes).ok()?;
    let signature = identity.sign(&Statement::Record(&bytes));
    bytes.extend(signature);
    Some(Bytes::from(bytes))
}
