//! The leaf (spec 05): who is in it, who is alive, and how everybody learns it.
//!
//! Members sit on K rings ordered by hash. The first live successors of a member are its *monitors*; each
//! interval a node probes one of the members it monitors. A failed probe becomes a signed accusation to
//! the fellow monitors; two make a *suspect*, whose seats move on, four make it *down*, provable to
//! anyone by the certificate of their signatures. The subject refutes with a higher incarnation.

mod accuse;
mod admit;
#[cfg(feature = "lab")]
mod lab;
mod own;
mod probe;
mod rumour;
mod succeed;
mod table;
#[cfg(test)]
mod tests;

use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use alloc::vec::Vec;
use bytes::Bytes;
use mindos_wire::{Frame, MemberState, ViewEntry};

use crate::entropy::Entropy;
use crate::identity::{Beacon, Identity, NodeId, Reserve};
use crate::outbox::{Effect, Effects};
use crate::session::Members;
use crate::timer::{Timer, Timers};
use crate::{DropReason, Duration, Event, Instant};
use probe::Loss;
use table::{ME, Slot, Table};

pub(crate) use admit::Admission;
pub(crate) use own::read_contacts;

/// Eligible accusers that make a member *down*: 4 of the 8 seats. Never lowered at run time. Measured: see
/// spec 05.
pub(crate) const QUORUM: usize = 4;

/// Settings of the leaf; all members of a leaf use the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Config {
    /// Leaf epoch: orders the rings.
    pub(crate) epoch: u32,
    /// Between two probes.
    pub(crate) interval: Duration,
    /// See [`QUORUM`].
    pub(crate) quorum: usize,
    /// Members, this node included. At the cap nobody new is taken in.
    pub(crate) max_members: usize,
}

/// What the mesh needs from the node.
pub(crate) struct Ctx<'a> {
    pub(crate) now: Instant,
    pub(crate) identity: &'a Identity,
    pub(crate) timers: &'a mut Timers,
    pub(crate) out: &'a mut Effects,
}

/// The leaf as one member sees it.
#[derive(Debug)]
pub(crate) struct Mesh {
    config: Config,
    admission: Admission,
    successions: succeed::Successions,
    table: Table,
    entropy: Entropy,
    incarnations: Reserve,
    /// A refutation waits for its incarnation to be persisted.
    refute_wanted: bool,
    /// When this node refuted last.
    refuted: Option<Instant>,
    unix_s: Option<u64>,
    left: bool,
    rounds: u64,
    last_heard: Instant,
    /// After waking, nobody is accused until then.
    mute_until: Instant,
    loss: Loss,
    bad: VecDeque<Instant>,
    /// Members that fail this node's probes.
    failing: usize,
    sweep_wanted: bool,
    last_sweep: Option<Instant>,
    subjects: Vec<Option<Slot>>,
    accused: BTreeSet<Slot>,
    rumours: BTreeMap<Slot, bool>,
    pulls: Vec<(NodeId, Vec<ViewEntry>)>,
    view_changed: Instant,
    last_digest: Instant,
    /// Whose digest was answered when.
    answered: BTreeMap<NodeId, Instant>,
    /// When the digest of a newcomer left last.
    introduced: Option<Instant>,
    contacts: Vec<(NodeId, Bytes)>,
}

/// Whether a member in this state may hold what its leaf keeps.
pub(crate) const fn serves(state: MemberState) -> bool {
    matches!(state, MemberState::Alive | MemberState::Suspect)
}

impl Mesh {
    pub(crate) fn new(
        config: Config,
        now: Instant,
        identity: &Identity,
        entropy: Entropy,
        incarnations: Reserve,
        contacts: Vec<(NodeId, Bytes)>,
    ) -> Self {
        Self {
            config,
            admission: Admission::default(),
            successions: succeed::Successions::default(),
            table: Table::new(identity.crypto, config.epoch),
            entropy,
            incarnations,
            refute_wanted: false,
            refuted: None,
            unix_s: None,
            left: false,
            rounds: 0,
            last_heard: now,
            mute_until: now,
            loss: Loss::default(),
            bad: VecDeque::new(),
            failing: 0,
            sweep_wanted: false,
            last_sweep: None,
            subjects: Vec::new(),
            accused: BTreeSet::new(),
            rumours: BTreeMap::new(),
            pulls: Vec::new(),
            view_changed: now,
            last_digest: now,
            answered: BTreeMap::new(),
            introduced: None,
            contacts,
        }
    }

    /// Whether nobody else is known to live.
    pub(crate) fn is_alone(&self) -> bool {
        !self.table.slots().skip(1).any(|s| self.table.is_alive(s))
    }

    /// A member's locator, if it is known.
    pub(crate) fn locator(&self, node: &NodeId) -> Option<Bytes> {
        let m = self.table.get(self.table.slot(node)?)?;
        (!m.locator.is_empty()).then(|| m.locator.clone())
    }

    /// Members that are alive, this node excepted.
    pub(crate) fn alive(&self) -> impl Iterator<Item = NodeId> + '_ {
        self.table.slots().skip(1).filter(|s| self.table.is_alive(*s)).filter_map(|s| self.table.get(s)).map(|m| m.id)
    }

    /// Members in service, suspects and this node included, for whom the leaf's roots stand up: facts that views
    /// agree on.
    pub(crate) fn vouched_in_service(&self) -> impl Iterator<Item = NodeId> + '_ {
        self.table
            .slots()
            .filter(|s| self.is_vouched(*s))
            .filter_map(|s| self.table.get(s))
            .filter(|m| serves(m.state))
            .map(|m| m.id)
    }

    /// Whether the leaf's roots stand up for a member, whatever its state, at a time in Unix seconds.
    pub(crate) fn is_vouched_at(&self, node: &NodeId, unix_s: u64) -> bool {
        let member = self.table.slot(node).and_then(|s| self.table.get(s));
        member.is_some_and(|m| m.vouched.is_some_and(|v| unix_s <= v.until))
    }

    /// Whether a member is alive.
    pub(crate) fn is_alive(&self, node: &NodeId) -> bool {
        self.table.slot(node).is_some_and(|s| self.table.is_alive(s))
    }

    /// What is held of a member: its state and incarnation.
    pub(crate) fn state(&self, node: &NodeId) -> Option<(MemberState, u32)> {
        let m = self.table.get(self.table.slot(node)?)?;
        Some((m.state, m.incarnation))
    }

    /// Who comes after this node on each ring, by ring: members that are alive, each once.
    pub(crate) fn successors(&self) -> Vec<NodeId> {
        let mut all: Vec<NodeId> = Vec::with_capacity(table::K);
        let seats = (0..table::K).filter_map(|ring| self.table.seat(ME, ring, true));
        for m in seats.filter(|s| self.table.is_alive(*s)).filter_map(|s| self.table.get(s)) {
            if !all.contains(&m.id) {
                all.push(m.id);
            }
        }
        all
    }

    /// The alias of a member.
    pub(crate) fn alias(&self, node: &NodeId) -> Option<u32> {
        self.table.get(self.table.slot(node)?).map(|m| m.alias)
    }

    /// The member of an alias, if it is of one only.
    pub(crate) fn named(&self, alias: u32) -> Option<NodeId> {
        match self.table.named(alias) {
            [slot] => self.table.get(*slot).map(|m| m.id),
            _ => None,
        }
    }

    /// Smoothed round trip to a member, if measured.
    pub(crate) fn rtt(&self, node: &NodeId) -> Option<Duration> {
        self.table.get(self.table.slot(node)?)?.srtt
    }

    /// The view hash (spec 05).
    pub(crate) fn view(&self) -> u32 {
        self.table.view()
    }

    /// Members known, in any state, this node included.
    pub(crate) fn len(&self) -> usize {
        self.table.len()
    }

    /// An authentic packet came from a peer.
    pub(crate) fn heard(&mut self, now: Instant, from: &NodeId) {
        self.last_heard = now;
        if let Some(m) = self.table.slot(from).and_then(|s| self.table.get_mut(s)) {
            m.last_heard = Some(now);
            // It may have become a member after its session came up.
            m.session = true;
        }
    }

    /// The node's own timers were late: it slept. What it believes about others is void.
    pub(crate) fn woke(&mut self, ctx: &mut Ctx<'_>) {
        self.mute_until = ctx.now + self.config.interval.times(2);
        self.last_heard = ctx.now;
        self.failing = 0;
        for slot in self.table.slots() {
            if let Some(m) = self.table.get_mut(slot) {
                m.probe = None;
                m.mine = None;
                m.asked.clear();
                if m.state == MemberState::Alive {
                    m.accusers.remove(&ME);
                }
                ctx.timers.cancel(Timer::Probe(slot));
            }
        }
    }

    /// A timer of this machine.
    pub(crate) fn timer(&mut self, ctx: &mut Ctx<'_>, timer: Timer) {
        match timer {
            Timer::Tick => self.tick(ctx),
            Timer::Probe(slot) => self.probe_overdue(ctx, slot),
            Timer::Suspect(slot) => self.suspect_due(ctx, slot),
            Timer::Rumour => self.flush(ctx),
            Timer::Pull => self.pull(ctx),
            Timer::Contacts => self.persist_contacts(ctx),
            _ => {}
        }
    }

    /// A frame of the membership family, or a probe, from a peer with a session.
    ///
    /// # Errors
    /// The frame was not used; nothing changed.
    pub(crate) fn frame(&mut self, ctx: &mut Ctx<'_>, from: &NodeId, frame: &Frame<'_>) -> Result<(), DropReason> {
        match frame {
            Frame::Ping(f) => self.on_ping(ctx, from, f),
            Frame::PingAck(f) => self.on_ack(ctx, from, f),
            Frame::Member(f) => return self.on_member(ctx, from, f),
            Frame::Accuse(f) => return self.on_accuse(ctx, from, f),
            Frame::Certificate(f) => return self.on_certificate(ctx, f),
            Frame::Alive(f) => return self.on_alive(ctx, f),
            Frame::Leave(f) => return self.on_leave(ctx, f),
            Frame::Succession(f) => return self.on_succession(ctx, f),
            Frame::Deny(f) => self.on_deny(from, f),
            Frame::ViewDigest(f) => self.on_digest(ctx, *from, f),
            Frame::Have(f) => self.on_have(ctx, *from, f),
            Frame::Want(f) => self.on_want(ctx, *from, f),
            _ => return Err(DropReason::UnexpectedFrame),
        }
        Ok(())
    }

    /// A peer proved its identity in a handshake.
    pub(crate) fn on_session(&mut self, ctx: &mut Ctx<'_>, beacon: Beacon, rtt: Option<Duration>, joined: bool) {
        let peer = beacon.id;
        if let Some(slot) = self.table.slot(&peer).filter(|s| *s != ME) {
            // A beacon that may not stand in the table changes nothing there; the session is good nevertheless.
            let _ = self.on_newer_beacon(ctx, slot, beacon, &[], true);
            self.session_up(ctx, slot, rtt);
        }
        if joined && !self.left {
            self.introduce(ctx, peer);
        }
    }

    /// The host wants a round trip to a peer.
    ///
    /// # Errors
    /// Not a member; nothing changes.
    pub(crate) fn ping_wanted(&mut self, ctx: &mut Ctx<'_>, node: &NodeId) -> Result<(), DropReason> {
        let slot = self.table.slot(node).filter(|s| *s != ME).ok_or(DropReason::ApiMisuse("not a member"))?;
        self.probe(ctx, slot, true);
        Ok(())
    }

    /// No session with this peer is left.
    pub(crate) fn on_session_lost(&mut self, peer: &NodeId) {
        if let Some(m) = self.table.slot(peer).and_then(|s| self.table.get_mut(s)) {
            m.session = false;
        }
    }

    /// Suspect, down, left or retired: seats move, everyone is told, other machines let go.
    fn set_state(&mut self, ctx: &mut Ctx<'_>, slot: Slot, state: MemberState) {
        let Some(m) = self.table.get_mut(slot) else { return };
        let (node, incarnation, before) = (m.id, m.incarnation, m.state);
        if before == state {
            return;
        }
        m.probe = None;
        m.asked.clear();
        if state != MemberState::Suspect && m.mine.take().is_some() {
            self.failing = self.failing.saturating_sub(1);
        }
        ctx.timers.cancel(Timer::Probe(slot));
        ctx.timers.cancel(Timer::Suspect(slot));
        let failed = matches!(state, MemberState::Suspect | MemberState::Down);
        if before == MemberState::Alive && failed {
            self.note_bad(ctx.now);
        }
        self.table.set(slot, state, incarnation);
        self.view_changed = ctx.now;
        self.sweep_wanted |= failed;
        self.news(ctx, slot, false);
        let event = match state {
            MemberState::Suspect => Event::MemberSuspect { node },
            MemberState::Down => Event::MemberDown { node, incarnation },
            MemberState::Left => Event::MemberLeft { node },
            // Who follows the succession tells it, with the successor.
            MemberState::Retired => return ctx.out.push_back(Effect::MemberGone { node }),
            MemberState::Alive => return,
        };
        ctx.out.push_back(Effect::Event(event));
        if state != MemberState::Suspect {
            ctx.out.push_back(Effect::MemberGone { node });
        }
    }

    /// A higher incarnation: whatever was said against the lower one is void.
    fn revive(&mut self, ctx: &mut Ctx<'_>, slot: Slot, incarnation: u32) {
        let Some(m) = self.table.get_mut(slot) else { return };
        let (node, before) = (m.id, m.state);
        // spec: MESH-014 2e30
        m.accusers.clear();
        m.probe = None;
        m.held = None;
        if m.mine.take().is_some() {
            self.failing = self.failing.saturating_sub(1);
        }
        ctx.timers.cancel(Timer::Probe(slot));
        ctx.timers.cancel(Timer::Suspect(slot));
        self.table.set(slot, MemberState::Alive, incarnation);
        self.view_changed = ctx.now;
        if matches!(before, MemberState::Down | MemberState::Left) {
            ctx.out.push_back(Effect::MemberUp { node });
        }
    }
}

impl Members for Mesh {
    fn is_member(&self, node: &NodeId) -> bool {
        self.table.slot(node).and_then(|s| self.table.get(s)).is_some_and(|m| !m.is_gone())
    }
}
