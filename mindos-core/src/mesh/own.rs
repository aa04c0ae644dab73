//! This node as a member: its beacon, its way in, its goodbye (spec 03, 05).

use alloc::vec::Vec;
use bytes::Bytes;
use mindos_wire::{Bytes8, Bytes16, Leave, Member as MemberFrame, MemberState, Tail};

use super::table::{ME, Slot};
use super::{Ctx, Mesh};
use crate::identity::{Beacon, NodeId, Statement};
use crate::outbox::{Effect, PersistKey, frame};
use crate::timer::Timer;
use crate::{DropReason, Duration};

/// Contacts are persisted this often, if they changed.
const CONTACTS: Duration = Duration::from_secs(30);
/// A peer that was sent the digest of a newcomer answers within this, or another one is asked.
const INTRODUCTION: Duration = Duration::from_secs(2);
const MAX_CONTACTS: usize = 8;

impl Mesh {
    /// The incarnation of this run, once its block is persisted.
    pub(crate) fn first_incarnation(&mut self, ctx: &mut Ctx<'_>) -> Option<u32> {
        // spec: ID-004 720d
        self.incarnations.take(ctx.out).map(|i| i as u32)
    }

    /// A block of incarnations is safe.
    pub(crate) fn incarnations_persisted(&mut self, ctx: &mut Ctx<'_>, record: &[u8]) {
        self.incarnations.persisted(record);
        if self.refute_wanted {
            self.refute(ctx);
        }
    }

    /// Asks for the first block.
    pub(crate) fn reserve(&mut self, ctx: &mut Ctx<'_>) {
        self.incarnations.refill(ctx.out);
    }

    /// The own beacon, new or renewed.
    pub(crate) fn set_beacon(&mut self, ctx: &mut Ctx<'_>, beacon: Beacon, locator: Bytes) {
        match self.table.get_mut(ME) {
            Some(m) => m.beacon = beacon,
            None => {
                self.table.insert(beacon, locator);
                // A random phase: members do not probe in step.
                let phase = self.entropy.below(self.config.interval.0 as usize) as u64;
                ctx.timers.set(Timer::Tick, ctx.now + Duration(phase + 1));
                ctx.timers.set(Timer::Contacts, ctx.now + Duration::from_secs(5));
            }
        }
        self.admit_myself(ctx.identity);
        self.news(ctx, ME, true);
    }

    /// The own incarnation.
    pub(crate) fn incarnation(&self) -> u32 {
        self.table.get(ME).map_or(0, |m| m.incarnation)
    }

    /// The wall clock.
    pub(crate) fn set_wall_clock(&mut self, unix_s: u64) {
        self.unix_s = Some(unix_s);
    }

    /// Locators where a way in may be found, out of what was persisted.
    pub(crate) fn contacts(&self) -> impl Iterator<Item = &(NodeId, Bytes)> {
        self.contacts.iter()
    }

    /// Tells a peer that this node is here, and compares views with it.
    pub(super) fn introduce(&mut self, ctx: &mut Ctx<'_>, peer: NodeId) {
        let Some(me) = self.table.get(ME) else { return };
        // Ahead of the beacon, whose voucher may be for a predecessor.
        let mut frames = self.shown(&self.predecessors(&me.id));
        frames.extend(frame(&MemberFrame {
            locator: Bytes8(&me.locator),
            beacon: Bytes16(&me.beacon.record),
            tail: Tail::default(),
        }));
        ctx.out.push_back(Effect::message(peer, frames));
        // Of several ways in one is enough to learn the view.
        if self.introduced.is_none_or(|t| ctx.now.since(t) > INTRODUCTION) {
            self.introduced = Some(ctx.now);
            self.send_digest(ctx, peer);
        }
    }

    /// Someone proved a higher incarnation of this node than it knows: its storage lost some. Run on
    /// above it.
    pub(super) fn outrun(&mut self, ctx: &mut Ctx<'_>, incarnation: u32) {
        // spec: ID-005 8167
        if incarnation > self.incarnation() {
            self.exceed(ctx, incarnation);
        }
    }

    /// Runs on above this incarnation, as soon as that is persisted.
    pub(super) fn exceed(&mut self, ctx: &mut Ctx<'_>, incarnation: u32) {
        self.incarnations.raise(u64::from(incarnation) + 1, ctx.out);
        self.refute(ctx);
    }

    /// Says goodbye to the neighbours, who pass it on.
    ///
    /// # Errors
    /// Has left already, or was never in; nothing changes.
    pub(crate) fn leave(&mut self, ctx: &mut Ctx<'_>) -> Result<(), DropReason> {
        let Some(me) = self.table.get(ME).filter(|_| !self.left) else { return Err(DropReason::NotReady) };
        let (subject, incarnation) = (me.alias, me.incarnation);
        let statement = Statement::Leave { epoch: self.config.epoch, subject: ctx.identity.id, incarnation };
        let signature = ctx.identity.sign(&statement);
        let frames = frame(&Leave { subject, incarnation, signature: &signature, tail: Tail::default() });
        for slot in self.table.neighbours() {
            if let Some(m) = self.table.get(slot) {
                ctx.out.push_back(Effect::message(m.id, frames.clone()));
            }
        }
        if let Some(me) = self.table.get_mut(ME) {
            me.signature = Some(signature);
        }
        self.table.set(ME, MemberState::Left, incarnation);
        self.fall_silent(ctx);
        Ok(())
    }

    /// Nothing more is asked, answered or told by this member.
    pub(super) fn fall_silent(&mut self, ctx: &mut Ctx<'_>) {
        self.left = true;
        [Timer::Tick, Timer::Rumour, Timer::Pull, Timer::Contacts].into_iter().for_each(|t| ctx.timers.cancel(t));
        self.table.slots().for_each(|s| ctx.timers.cancel(Timer::Probe(s)));
    }

    /// A few live members, so that a restarted node finds its way back.
    pub(super) fn persist_contacts(&mut self, ctx: &mut Ctx<'_>) {
        ctx.timers.set(Timer::Contacts, ctx.now + CONTACTS);
        let known = |c: &(NodeId, Bytes)| self.table.slot(&c.0).is_some_and(|s| self.table.is_alive(s));
        if self.contacts.len() == MAX_CONTACTS && self.contacts.iter().all(known) {
            return;
        }
        let mut slots: Vec<Slot> = self.table.slots().skip(1).filter(|s| self.table.is_alive(*s)).collect();
        self.entropy.shuffle_front(&mut slots, MAX_CONTACTS);
        let members =
            slots.iter().take(MAX_CONTACTS).filter_map(|s| self.table.get(*s)).filter(|m| !m.locator.is_empty());
        let contacts: Vec<(NodeId, Bytes)> = members.map(|m| (m.id, m.locator.clone())).collect();
        if contacts.is_empty() {
            return;
        }
        let mut bytes = Vec::new();
        for (id, locator) in &contacts {
            bytes.extend(id.0);
            bytes.push(locator.len() as u8);
            bytes.extend(&locator[..locator.len().min(255)]);
        }
        self.contacts = contacts;
        ctx.out.push_back(Effect::Persist { key: PersistKey::Contacts, bytes: Bytes::from(bytes) });
    }
}

/// Reads persisted contacts; stops at the first that is cut short.
pub(crate) fn read_contacts(mut bytes: &[u8]) -> Vec<(NodeId, Bytes)> {
    let mut contacts = Vec::new();
    while let Some((id, rest)) = bytes.split_first_chunk::<32>() {
        let Some((len, rest)) = rest.split_first() else { break };
        let Some((locator, rest)) = rest.split_at_checked(usize::from(*len)) else { break };
        contacts.push((NodeId(*id), Bytes::copy_from_slice(locator)));
        bytes = rest;
    }
    contacts
}
