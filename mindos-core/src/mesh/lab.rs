//! Members as vectors name them.

use bytes::Bytes;
use mindos_wire::MemberState;

use super::table::Vouched;
use super::{Ctx, Mesh};
use crate::identity::{Beacon, NodeId};
use crate::outbox::Effect;

impl Mesh {
    /// A member is in this state, whether or not it was one before; nothing of it is verified.
    pub(crate) fn seat(&mut self, ctx: &mut Ctx<'_>, node: NodeId, state: MemberState, vouched: bool) {
        let slot = self.table.slot(&node).unwrap_or_else(|| {
            let beacon = Beacon {
                id: node,
                sequence: 1,
                expires: u64::MAX,
                x25519: [0; 32],
                incarnation: 1,
                roles: 0,
                cost: None,
                voucher: None,
                record: Bytes::new(),
            };
            self.table.insert(beacon, Bytes::new())
        });
        if let Some(m) = self.table.get_mut(slot) {
            m.vouched = vouched.then_some(Vouched { until: u64::MAX, name: node });
        }
        self.set_state(ctx, slot, state);
        if state == MemberState::Alive {
            ctx.out.push_back(Effect::MemberUp { node });
        }
    }
}
