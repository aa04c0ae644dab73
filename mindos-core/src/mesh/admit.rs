//! Who may be a member of a leaf with roots (spec 03): whoever a root vouches for, and beside them a few
//! who paid for the day.

use alloc::vec::Vec;
use mindos_wire::MemberState;

use super::table::{ME, Slot};
use super::{Ctx, Mesh};
use crate::DropReason;
use crate::cost;
use crate::identity::{Beacon, Identity, NodeId};

/// Of so many members one may be unvouched.
const SHARE: usize = 4;
/// Role bits that the registry names.
const ROLES: u16 = 1;

/// What a leaf asks of newcomers. Without roots nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Admission {
    /// Whose vouchers count.
    pub(crate) roots: Vec<NodeId>,
    /// Leading zero bits of the cost proof of an unvouched node.
    pub(crate) bits: u8,
}

impl Mesh {
    /// Sets what newcomers are asked for; before anybody is a member.
    pub(crate) fn ask(&mut self, admission: Admission) {
        self.admission = admission;
    }

    /// Until when a root vouches for the author of a beacon: for ever for a root, or where nobody asks.
    pub(super) fn vouched_until(&self, identity: &Identity, beacon: &Beacon) -> Option<u64> {
        if self.admission.roots.is_empty() || self.is_root(&beacon.id) {
            return Some(u64::MAX);
        }
        let voucher = beacon.voucher.filter(|v| self.is_root(&v.voucher))?;
        let holds = |subject| voucher.verify(identity.crypto, identity.network, subject);
        // spec: ID-018 0a83
        let any = holds(beacon.id) || self.predecessors(&beacon.id).into_iter().any(holds);
        any.then_some(voucher.expires)
    }

    /// Whether a voucher with this end counts now.
    fn counts(&self, until: Option<u64>) -> bool {
        // spec: ID-019 4e64
        until.is_some_and(|until| self.unix_s.is_none_or(|now| now <= until))
    }

    /// Whether a member is vouched for.
    pub(super) fn is_vouched(&self, slot: Slot) -> bool {
        self.table.get(slot).is_some_and(|m| self.counts(m.vouched_until))
    }

    /// Whether a beacon may stand in the table, as that of the member in `slot` or of a newcomer: until when its
    /// author is vouched for.
    ///
    /// # Errors
    /// Unvouched without a proof that counts, or one too many; nothing changes.
    pub(super) fn admit(&self, ctx: &Ctx<'_>, beacon: &Beacon, slot: Option<Slot>) -> Result<Option<u64>, DropReason> {
        let until = self.vouched_until(ctx.identity, beacon);
        if self.counts(until) {
            return Ok(until);
        }
        let (bits, present) = (self.admission.bits, self.unix_s.map(cost::epoch));
        let paid = |proof: cost::CostProof| {
            proof.verify(ctx.identity.crypto, ctx.identity.network, &beacon.id, bits, present).is_ok()
        };
        // spec: ID-020 028e
        if !beacon.cost.is_some_and(paid) {
            return Err(DropReason::NoCostProof);
        }
        // One who is counted already takes no further place.
        if slot.is_some_and(|s| !self.is_vouched(s)) {
            return Ok(until);
        }
        let unvouched = self.table.slots().filter(|s| !self.is_vouched(*s)).count();
        // Who gave its key up makes no room for guests: or each change of keys would.
        let retired = |s: &Slot| self.table.get(*s).is_some_and(|m| m.state == MemberState::Retired);
        let known = self.table.slots().filter(|s| !retired(s)).count() + usize::from(slot.is_none());
        // spec: ID-021 c646
        match unvouched < (known / SHARE).max(1) {
            true => Ok(until),
            false => Err(DropReason::TooManyUnvouched),
        }
    }

    /// The role bits of a member that count.
    pub(crate) fn roles(&self, node: &NodeId) -> Option<u16> {
        let slot = self.table.slot(node)?;
        // spec: ID-022 66bc
        let counted = if self.is_vouched(slot) { ROLES } else { 0 };
        self.table.get(slot).map(|m| m.beacon.roles & counted)
    }

    /// Whether the leaf's roots vouch for a member, this node included; everybody where nobody asks.
    pub(crate) fn is_vouched_for(&self, node: &NodeId) -> bool {
        self.table.slot(node).is_some_and(|s| self.is_vouched(s))
    }

    /// The own beacon is new.
    pub(super) fn admit_myself(&mut self, identity: &Identity) {
        let until = self.table.get(ME).and_then(|me| self.vouched_until(identity, &me.beacon));
        if let Some(me) = self.table.get_mut(ME) {
            me.vouched_until = until;
        }
    }
}
