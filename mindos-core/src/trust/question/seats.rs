//! Who holds a domain: the members in service that come first by the hash of domain and name.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::{Ctx, HOLDERS};
use crate::crypto::Crypto;
use crate::identity::NodeId;

const HOLDER: &[u8; 16] = b"mindos/holder/1\0";
/// Views differ for a while: who is so much behind the last holder is taken for one, too.
const SPARE: usize = 2;
/// Domains whose holders are remembered; at the cap all are found anew.
const MAX_KNOWN: usize = 1_024;

/// The first of a domain in order, with their ranks, as they were found in a view.
#[derive(Debug, Default)]
struct Found {
    view: (u32, usize),
    first: Vec<([u8; 32], NodeId)>,
}

/// Finds holders, once for each view.
#[derive(Debug, Default)]
pub(super) struct Seats(BTreeMap<u32, Found>);

/// A member's place in the order of a domain, lowest first.
fn rank(crypto: &dyn Crypto, domain: u32, node: &NodeId) -> [u8; 32] {
    crypto.hash(&[HOLDER, &domain.to_le_bytes(), &node.0])
}

/// The holders of a domain among vouched members in service, and those next in order, with their ranks.
// spec: TRUST-010 c0a1
pub(super) fn first(
    crypto: &dyn Crypto,
    domain: u32,
    members: impl Iterator<Item = NodeId>,
) -> Vec<([u8; 32], NodeId)> {
    let mut all: Vec<_> = members.map(|id| (rank(crypto, domain, &id), id)).collect();
    if all.len() > HOLDERS + SPARE {
        all.select_nth_unstable(HOLDERS + SPARE);
        all.truncate(HOLDERS + SPARE);
    }
    all.sort_unstable();
    all
}

impl Seats {
    /// The holders of a domain and those next in order, as this node sees it.
    fn find(&mut self, ctx: &Ctx<'_>, domain: u32) -> &[([u8; 32], NodeId)] {
        // A view hash says who serves; who is vouched for may change without it.
        let view = (ctx.mesh.view(), ctx.mesh.vouched_in_service().count());
        if self.0.len() >= MAX_KNOWN && !self.0.contains_key(&domain) {
            self.0.clear();
        }
        let found = self.0.entry(domain).or_default();
        if found.view != view || found.first.is_empty() {
            *found = Found { view, first: first(ctx.identity.crypto, domain, ctx.mesh.vouched_in_service()) };
        }
        &found.first
    }

    /// The holders of a domain.
    pub(super) fn holders(&mut self, ctx: &Ctx<'_>, domain: u32) -> Vec<NodeId> {
        self.find(ctx, domain).iter().take(HOLDERS).map(|f| f.1).collect()
    }

    /// Whether a node may hold a domain.
    pub(super) fn may_hold(&mut self, ctx: &Ctx<'_>, domain: u32, node: &NodeId) -> bool {
        self.find(ctx, domain).iter().any(|f| f.1 == *node)
    }

    /// Whether a node may come among the first, by those found last: one hash, whatever the size of the leaf.
    pub(super) fn may_be_first(&self, ctx: &Ctx<'_>, domain: u32, node: &NodeId) -> bool {
        let first = self.0.get(&domain).map_or(&[][..], |f| &f.first);
        first.len() < HOLDERS + SPARE
            || first.last().is_some_and(|last| rank(ctx.identity.crypto, domain, node) <= last.0)
    }

    /// Whether a node was among the first that were found last.
    pub(super) fn was_first(&self, domain: u32, node: &NodeId) -> bool {
        self.0.get(&domain).is_none_or(|f| f.first.iter().any(|f| f.1 == *node))
    }
}
