//! Keys that were given up (spec 03): which are, what their members become, and who stands in their place.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use bytes::Bytes;
use mindos_wire::{Bytes16, MemberState, Succession as SuccessionFrame, Tail};

use super::table::{ME, Member, Slot, Vouched};
use super::{Ctx, Mesh};
use crate::identity::{Identity, Lines, NodeId, Retired, Succession};
use crate::outbox::{Effect, PersistKey, frame};
use crate::{DropReason, Event};

/// Retired keys of neither members nor roots.
const STRAYS: usize = 64;

#[derive(Debug)]
struct Held {
    retired: Retired,
    /// Of a member or root, of an earlier run too, or the host's wish: persisted and passed on.
    kept: bool,
    /// Order of arrival.
    number: u64,
}

/// All retired keys that this node knows.
#[derive(Debug, Default)]
pub(super) struct Successions {
    held: BTreeMap<NodeId, Held>,
    lines: Lines,
    arrived: u64,
}

impl Successions {
    pub(super) fn get(&self, node: &NodeId) -> Option<&Retired> {
        self.held.get(node).map(|h| &h.retired)
    }

    /// One more succession: whether it changed the outcome, or that it is kept. Lines follow.
    fn add(&mut self, s: &Succession, kept: bool) -> bool {
        self.arrived += 1;
        let first = || Held { retired: Retired::by(s), kept: false, number: self.arrived };
        let mut changed = !self.held.contains_key(&s.node());
        let held = self.held.entry(s.node()).or_insert_with(first);
        changed |= held.retired.add(s) || kept && !held.kept;
        held.kept |= kept;
        self.lines.set(s.node(), held.retired.successor());
        changed
    }

    /// All that shows the outcome of one key, as it is persisted.
    fn bytes(&self, node: &NodeId) -> Bytes {
        self.get(node).into_iter().flat_map(Retired::records).flatten().copied().collect()
    }
}

impl Mesh {
    /// What an earlier run persisted of one key. What does not verify, for storage fails, is left out.
    pub(crate) fn remember(&mut self, identity: &Identity, mut bytes: &[u8]) {
        while let Some(length) = bytes.get(1..3).and_then(|b| b.first_chunk::<2>()) {
            let length = 3 + usize::from(u16::from_le_bytes(*length));
            let Some((record, rest)) = bytes.split_at_checked(length) else { break };
            if let Ok(s) = Succession::verify(identity.crypto, identity.network, record)
                && self.successions.held.len() < self.max_kept() + STRAYS
            {
                self.successions.add(&s, true);
            }
            bytes = rest;
        }
    }

    /// Whether the key of a node was given up.
    pub(crate) fn retired(&self, node: &NodeId) -> Option<&Retired> {
        self.successions.get(node)
    }

    /// Everybody whose key was given up and will not be forgotten, with the successor.
    pub(crate) fn outcomes(&self) -> impl Iterator<Item = (NodeId, Option<NodeId>)> + '_ {
        self.successions.held.iter().filter(|(_, h)| h.kept).map(|(n, h)| (*n, h.retired.successor()))
    }

    /// Whose place a node takes.
    pub(crate) fn predecessors(&self, node: &NodeId) -> Vec<NodeId> {
        self.successions.lines.predecessors(node)
    }

    /// Who takes the place of a key, the nearest first.
    pub(crate) fn heirs(&self, node: &NodeId) -> Vec<NodeId> {
        self.successions.lines.successors(node).collect()
    }

    /// Whether vouchers of a node count.
    pub(crate) fn is_root(&self, node: &NodeId) -> bool {
        // spec: ID-030 c8db, ID-031 5e6b
        self.retired(node).is_none() && self.is_in_line(node)
    }

    /// A root by configuration, or in the place of one, retired or not.
    pub(super) fn is_in_line(&self, node: &NodeId) -> bool {
        let roots = &self.admission.roots;
        roots.contains(node) || !roots.is_empty() && self.predecessors(node).iter().any(|p| roots.contains(p))
    }

    fn max_kept(&self) -> usize {
        self.config.max_members + self.admission.roots.len()
    }

    /// The host has a succession, of this node or of another.
    ///
    /// # Errors
    /// It does not hold, or the table is full; nothing changes.
    pub(crate) fn succeed(&mut self, ctx: &mut Ctx<'_>, record: &[u8]) -> Result<(), DropReason> {
        let s = Succession::verify(ctx.identity.crypto, ctx.identity.network, record)?;
        self.take(ctx, &s, true)
    }

    /// A succession arrived.
    ///
    /// # Errors
    /// It does not hold, or the table is full; nothing changes.
    pub(super) fn on_succession(&mut self, ctx: &mut Ctx<'_>, f: &SuccessionFrame<'_>) -> Result<(), DropReason> {
        let bytes = f.record.0;
        // The same again, or one more of a key that has no successor anyway, costs no verification.
        let author = bytes.get(3..35).and_then(|b| b.first_chunk::<32>()).map(|b| NodeId(*b));
        let settled = |r: &Retired| r.successor().is_none() || r.records().iter().any(|known| known == bytes);
        if author.and_then(|a| self.retired(&a)).is_some_and(settled) {
            return Ok(());
        }
        let s = Succession::verify(ctx.identity.crypto, ctx.identity.network, bytes)?;
        self.take(ctx, &s, false)
    }

    fn take(&mut self, ctx: &mut Ctx<'_>, s: &Succession, wanted: bool) -> Result<(), DropReason> {
        let node = s.node();
        // spec: ID-032 be04
        let kept = wanted || self.table.slot(&node).is_some() || self.is_in_line(&node);
        if self.retired(&node).is_none() && !self.make_room(ctx, kept) {
            return Err(DropReason::Full);
        }
        let before: Vec<NodeId> = self.successions.lines.successors(&node).collect();
        if self.successions.add(s, kept) {
            self.follow(ctx, node, &before);
        }
        Ok(())
    }

    /// Room for one more: at the cap one gives way that is of neither a member nor a root, one without a member for
    /// successor first, and of equals the oldest.
    fn make_room(&mut self, ctx: &mut Ctx<'_>, kept: bool) -> bool {
        let all = || self.successions.held.iter().filter(|(_, h)| h.kept == kept);
        if all().count() < if kept { self.max_kept() } else { STRAYS } {
            return true;
        }
        let is_member = |n: &NodeId| self.table.slot(n).is_some();
        let first = all()
            .filter(|(n, _)| !is_member(n) && !self.is_in_line(n))
            .min_by_key(|(_, h)| (h.retired.successor().is_some_and(|s| is_member(&s)), h.number));
        let Some(first) = first.map(|(n, _)| *n) else { return false };
        let heirs: Vec<NodeId> = self.successions.lines.successors(&first).collect();
        self.successions.held.remove(&first);
        self.successions.lines.set(first, None);
        // What was vouched for through it is so no more.
        self.vouch_anew(ctx.identity, &first, &heirs);
        if kept {
            // The host may forget it.
            ctx.out.push_back(Effect::Persist { key: PersistKey::Succession(first), bytes: Bytes::new() });
        }
        ctx.out.push_back(Effect::Retired { node: first, successor: None });
        true
    }

    /// The outcome of a key changed: everything that rests on it is looked at again.
    fn follow(&mut self, ctx: &mut Ctx<'_>, node: NodeId, before: &[NodeId]) {
        let Some(held) = self.successions.held.get(&node) else { return };
        let (kept, successor) = (held.kept, held.retired.successor());
        self.vouch_anew(ctx.identity, &node, before);
        match self.table.slot(&node) {
            Some(slot) => self.retire(ctx, slot),
            // spec: ID-029 87f3
            None => ctx.out.push_back(Effect::MemberGone { node }),
        }
        if !kept {
            return;
        }
        // Ahead of the news, so that a host that writes as it is told has it before anybody hears of it. A record for
        // each key: many that change one after another cost no more to write than they have bytes.
        // spec: ID-032 be04
        let bytes = self.successions.bytes(&node);
        ctx.out.push_back(Effect::Persist { key: PersistKey::Succession(node), bytes });
        ctx.out.push_back(Effect::Retired { node, successor });
        ctx.out.push_back(Effect::Event(Event::Retired { node, successor }));
        match self.table.slot(&node) {
            Some(slot) if slot != ME => self.news(ctx, slot, false),
            // Nothing of a view hash tells of this node any more, nor of a root that was never a member.
            _ => {
                let frames = self.shown(&[node]);
                for slot in self.table.neighbours() {
                    if let Some(m) = self.table.get(slot) {
                        ctx.out.push_back(Effect::message(m.id, frames.clone()));
                    }
                }
            }
        }
    }

    /// A member's key is retired: what it signs does not count any more.
    fn retire(&mut self, ctx: &mut Ctx<'_>, slot: Slot) {
        let Some(m) = self.table.get(slot) else { return };
        let Some(mark) = self.successions.get(&m.id).map(Retired::mark) else { return };
        let state = m.state;
        // It keeps no guest's place when its voucher ends.
        let vouched = if state == MemberState::Retired {
            m.vouched
        } else {
            let before = m.vouched.filter(|_| self.is_vouched(slot));
            let vouched = self.vouched(ctx.identity, &m.beacon).or(before);
            vouched.map(|v| Vouched { until: u64::MAX, ..v })
        };
        let Some(m) = self.table.get_mut(slot) else { return };
        m.vouched = vouched;
        m.signature = None;
        m.accusers.clear();
        self.accused.remove(&slot);
        // spec: ID-028 f349
        if slot == ME {
            self.table.set(ME, MemberState::Retired, mark);
            // spec: ID-024 f987
            return self.fall_silent(ctx);
        }
        self.table.set(slot, state, mark);
        self.view_changed = ctx.now;
        self.set_state(ctx, slot, MemberState::Retired);
    }

    /// The beacon of a retired key came: it is a member that gave up its key, and never was another here.
    pub(super) fn met_retired(&mut self, ctx: &mut Ctx<'_>, slot: Slot, node: NodeId) {
        let Some(held) = self.successions.held.get_mut(&node) else { return };
        if core::mem::replace(&mut held.kept, true) {
            return self.retire(ctx, slot);
        }
        self.follow(ctx, node, &[]);
    }

    /// Who is vouched for by or as what `node` is, or was.
    fn vouch_anew(&mut self, identity: &Identity, node: &NodeId, before: &[NodeId]) {
        if self.admission.roots.is_empty() {
            return;
        }
        let slots: Vec<Slot> = if self.is_in_line(node) {
            self.table.slots().collect()
        } else {
            let after = self.successions.lines.successors(node);
            after.chain(before.iter().copied()).filter_map(|n| self.table.slot(&n)).collect()
        };
        for slot in slots {
            let Some(m) = self.table.get(slot).filter(|m| self.retired(&m.id).is_none()) else { continue };
            let vouched = self.vouched(identity, &m.beacon);
            if let Some(m) = self.table.get_mut(slot) {
                m.vouched = vouched;
            }
        }
    }

    /// The keys by whose successions a member is vouched for under the name of a predecessor; at most four.
    pub(super) fn vouched_through(&self, m: &Member) -> Vec<NodeId> {
        let Some(name) = m.vouched.map(|v| v.name).filter(|name| *name != m.id) else { return Vec::new() };
        let heirs = self.successions.lines.successors(&name).take_while(|heir| *heir != m.id);
        core::iter::once(name).chain(heirs).collect()
    }

    /// The frames that show what became of some keys; nothing for those that are not retired.
    pub(super) fn shown(&self, nodes: &[NodeId]) -> Vec<u8> {
        let records = nodes.iter().filter_map(|n| self.retired(n)).flat_map(Retired::records);
        let frames = records.flat_map(|r| frame(&SuccessionFrame { record: Bytes16(r), tail: Tail::default() }));
        frames.collect()
    }

    /// What a node is told whose key is retired.
    pub(crate) fn notice(&self, node: &NodeId) -> Option<Vec<u8>> {
        self.retired(node).map(|_| self.shown(core::slice::from_ref(node)))
    }

    /// The same of roots that are no members: views do not name them, so that they go along with every comparison.
    pub(super) fn shown_roots(&self) -> Vec<u8> {
        if self.admission.roots.is_empty() {
            return Vec::new();
        }
        let absent = |n: &NodeId| self.table.slot(n).is_none() && self.is_in_line(n);
        let nodes: Vec<NodeId> = self.successions.held.keys().copied().filter(absent).take(STRAYS).collect();
        self.shown(&nodes)
    }
}
