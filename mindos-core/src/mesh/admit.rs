//! Who may be a member of a leaf with roots (spec 03): whoever a root vouches for, and beside them a few
//! who paid for the day.

use alloc::vec::Vec;
use mindos_wire::MemberState;

use super::table::{ME, Slot, Vouched};
use super::{Ctx, Mesh};
use crate::DropReason;
use crate::cost;
use crate::identity::{Beacon, Identity, NodeId};

/// Of so many members one may be unvouched, and of so many places one may go to a relic.
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

    /// Whether a root vouches for the author of a beacon: for ever for a root, or where nobody asks.
    ///
    /// A retired key is in no service that a stolen or expired voucher could open. That it was a member is all that
    /// is asked of it, and roots that are retired themselves still say so: or else who joins later would refuse
    /// members that everybody holds.
    pub(super) fn vouched(&self, identity: &Identity, beacon: &Beacon) -> Option<Vouched> {
        let retired = self.retired(&beacon.id).is_some();
        // spec: ID-030 c8db, ID-033 83d1
        let speaks = |node: &NodeId| if retired { self.is_in_line(node) } else { self.is_root(node) };
        if self.admission.roots.is_empty() {
            return Some(Vouched { until: u64::MAX, name: beacon.id });
        }
        let names = || core::iter::once(beacon.id).chain(self.predecessors(&beacon.id));
        if speaks(&beacon.id) {
            let root = names().find(|n| self.admission.roots.contains(n));
            return root.map(|name| Vouched { until: u64::MAX, name });
        }
        let voucher = beacon.voucher.filter(|v| speaks(&v.voucher))?;
        // spec: ID-018 0a83
        let name = names().find(|name| voucher.verify(identity.crypto, identity.network, *name))?;
        Some(Vouched { until: if retired { u64::MAX } else { voucher.expires }, name })
    }

    /// Whether a beacon is that of a retired key which none but a retired root vouches for. Who stole that root can
    /// make as many as it likes.
    fn is_relic(&self, beacon: &Beacon) -> bool {
        self.retired(&beacon.id).is_some()
            && !self.is_in_line(&beacon.id)
            && beacon.voucher.is_some_and(|v| self.retired(&v.voucher).is_some())
    }

    /// Whether the table holds as many relics as it may.
    fn is_full_of_relics(&self) -> bool {
        let all = self.table.slots().filter_map(|s| self.table.get(s)).filter(|m| self.is_relic(&m.beacon)).count();
        all >= (self.config.max_members / SHARE).max(1)
    }

    /// Whether a voucher counts now.
    fn counts(&self, vouched: Option<Vouched>) -> bool {
        // spec: ID-019 4e64
        vouched.is_some_and(|v| self.unix_s.is_none_or(|now| now <= v.until))
    }

    /// Whether a member is vouched for.
    pub(super) fn is_vouched(&self, slot: Slot) -> bool {
        self.table.get(slot).is_some_and(|m| self.counts(m.vouched))
    }

    /// Whether a beacon may stand in the table, as that of the member in `slot` or of a newcomer: how its author
    /// is vouched for.
    ///
    /// # Errors
    /// Unvouched without a proof that counts, one guest too many, or one relic too many; nothing changes.
    pub(super) fn admit(
        &self,
        ctx: &Ctx<'_>,
        beacon: &Beacon,
        slot: Option<Slot>,
    ) -> Result<Option<Vouched>, DropReason> {
        let vouched = self.vouched(ctx.identity, beacon);
        if self.counts(vouched) {
            // spec: ID-034 37b5
            let crowds = slot.is_none() && self.is_relic(beacon) && self.is_full_of_relics();
            return if crowds { Err(DropReason::Full) } else { Ok(vouched) };
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
            return Ok(vouched);
        }
        let unvouched = self.table.slots().filter(|s| !self.is_vouched(*s)).count();
        // Who gave its key up makes no room for guests: or each change of keys would.
        let retired = |s: &Slot| self.table.get(*s).is_some_and(|m| m.state == MemberState::Retired);
        let known = self.table.slots().filter(|s| !retired(s)).count() + usize::from(slot.is_none());
        // spec: ID-021 c646
        match unvouched < (known / SHARE).max(1) {
            true => Ok(vouched),
            false => Err(DropReason::TooManyUnvouched),
        }
    }

    /// The role bits of a member that count.
    pub(crate) fn roles(&self, node: &NodeId) -> Option<u16> {
        let slot = self.table.slot(node)?;
        // spec: ID-022 66bc, ID-035 1099
        let counted = if self.is_vouched(slot) && self.retired(node).is_none() { ROLES } else { 0 };
        self.table.get(slot).map(|m| m.beacon.roles & counted)
    }

    /// Whether the leaf's roots vouch for a member, this node included; everybody where nobody asks.
    pub(crate) fn is_vouched_for(&self, node: &NodeId) -> bool {
        self.table.slot(node).is_some_and(|s| self.is_vouched(s))
    }

    /// The own beacon is new.
    pub(super) fn admit_myself(&mut self, identity: &Identity) {
        let vouched = self.table.get(ME).and_then(|me| self.vouched(identity, &me.beacon));
        if let Some(me) = self.table.get_mut(ME) {
            me.vouched = vouched;
        }
    }
}
