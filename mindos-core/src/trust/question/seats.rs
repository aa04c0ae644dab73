//! Who holds a domain: the members in service that come first by the hash of domain and name.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::{Ctx, HOLDERS};
use crate::identity::NodeId;

const HOLDER: &[u8; 16] = b"mindos/holder/1\0";
/// Views differ for a while: who is so much behind the last holder is taken for one, too.
const SPARE: usize = 2;
/// Domains whose holders are remembered; at the cap all are found anew.
const MAX_KNOWN: usize = 256;

/// The first of a domain, as they were found in a view.
type Found = ((u32, usize), Vec<NodeId>);

/// Finds holders, once for each view.
#[derive(Debug, Default)]
pub(super) struct Seats(BTreeMap<u32, Found>);

impl Seats {
    /// The holders of a domain and those next in order, as this node sees it.
    // spec: TRUST-010 c0a1
    fn find(&mut self, ctx: &Ctx<'_>, domain: u32) -> &[NodeId] {
        // A view hash says who serves; who is vouched for may change without it.
        let view = (ctx.mesh.view(), ctx.mesh.vouched_in_service().count());
        if self.0.len() >= MAX_KNOWN && !self.0.contains_key(&domain) {
            self.0.clear();
        }
        let found = self.0.entry(domain).or_default();
        if found.0 != view || found.1.is_empty() {
            let rank = |id: &NodeId| ctx.identity.crypto.hash(&[HOLDER, &domain.to_le_bytes(), &id.0]);
            let mut all: Vec<([u8; 32], NodeId)> = ctx.mesh.vouched_in_service().map(|id| (rank(&id), id)).collect();
            if all.len() > HOLDERS + SPARE {
                all.select_nth_unstable(HOLDERS + SPARE);
                all.truncate(HOLDERS + SPARE);
            }
            all.sort_unstable();
            *found = (view, all.into_iter().map(|r| r.1).collect());
        }
        &found.1
    }

    /// The holders of a domain.
    pub(super) fn holders(&mut self, ctx: &Ctx<'_>, domain: u32) -> Vec<NodeId> {
        self.find(ctx, domain).iter().take(HOLDERS).copied().collect()
    }

    /// Whether a node may hold a domain.
    pub(super) fn may_hold(&mut self, ctx: &Ctx<'_>, domain: u32, node: &NodeId) -> bool {
        self.find(ctx, domain).contains(node)
    }
}
