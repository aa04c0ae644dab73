//! Who holds a domain: the members in service that come first by the hash of domain and name.

use alloc::vec::Vec;

use super::Ctx;
use crate::identity::NodeId;

const HOLDER: &[u8; 16] = b"mindos/holder/1\0";
/// Views differ for a while: who is so much behind the last holder is taken for one, too.
const SPARE: usize = 2;

/// The first `n` of a domain, as this node sees it.
// spec: TRUST-020 c0a1
pub(super) fn first(ctx: &Ctx<'_>, domain: u32, n: usize) -> Vec<NodeId> {
    let rank = |id: &NodeId| ctx.identity.crypto.hash(&[HOLDER, &domain.to_le_bytes(), &id.0]);
    let mut all: Vec<([u8; 32], NodeId)> = ctx.mesh.vouched_in_service().map(|id| (rank(&id), id)).collect();
    if all.len() > n {
        all.select_nth_unstable(n);
        all.truncate(n);
    }
    all.sort_unstable();
    all.into_iter().map(|r| r.1).collect()
}

/// Whether a node may hold a domain.
pub(super) fn may_hold(ctx: &Ctx<'_>, domain: u32, node: &NodeId) -> bool {
    first(ctx, domain, super::HOLDERS + SPARE).contains(node)
}
