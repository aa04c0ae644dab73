//! The members of the leaf, and the K rings that order them (spec 05).

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use bytes::Bytes;
use mindos_wire::{MemberState, ViewEntry};

use super::probe::Probe;
use crate::crypto::Crypto;
use crate::identity::{Beacon, NodeId};
use crate::{Duration, Instant};

/// Rings, and so monitors per member. Measured: see spec 05.
pub(crate) const K: usize = 8;

/// Place of a member in the table. Slot 0 is this node itself.
pub(crate) type Slot = u32;

/// This node.
pub(super) const ME: Slot = 0;

/// One accuser of a member, under the member's present incarnation.
#[derive(Clone, Debug)]
pub(super) struct Accusation {
    pub(super) signature: [u8; 64],
    /// When it came from the accuser itself; `None` if it came in, or went into, a certificate.
    pub(super) at: Option<Instant>,
}

/// A root vouches for a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Vouched {
    /// Until then, in Unix seconds.
    pub(super) until: u64,
    /// Under this name: its own, or that of a predecessor.
    pub(super) name: NodeId,
}

/// What this node knows of a member.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) id: NodeId,
    pub(super) alias: u32,
    pub(super) beacon: Beacon,
    /// A root vouches for it.
    pub(super) vouched: Option<Vouched>,
    pub(super) locator: Bytes,
    pub(super) incarnation: u32,
    pub(super) state: MemberState,
    /// Proof of an incarnation above the beacon's, or of leaving.
    pub(super) signature: Option<[u8; 64]>,
    pub(super) accusers: BTreeMap<Slot, Accusation>,
    /// Since when this node's own probes fail.
    pub(super) mine: Option<Instant>,
    /// Since when a flapping member fails, unaccused.
    pub(super) held: Option<Instant>,
    /// When this node saw it refute a *down*, newest last.
    pub(super) refutations: Vec<Instant>,
    pub(super) probe: Option<Probe>,
    /// The last probe that failed: its answer may yet come.
    pub(super) late: Option<Probe>,
    /// Fellow monitors that wait for the outcome of the open probe.
    pub(super) asked: Vec<(Slot, Instant)>,
    pub(super) srtt: Option<Duration>,
    pub(super) last_ack: Option<Instant>,
    pub(super) last_heard: Option<Instant>,
    /// A session with it is up.
    pub(super) session: bool,
    rings: [u64; K],
}

impl Member {
    /// Its name and state, as views and news list them.
    pub(super) fn entry(&self) -> ViewEntry {
        ViewEntry { alias: self.alias, incarnation: self.incarnation, state: self.state }
    }

    /// What it is held for: of two ranks the higher one holds.
    pub(super) fn rank(&self) -> Rank {
        rank(self.incarnation, self.state)
    }

    /// Out of service, and no accuser's business.
    pub(super) fn is_gone(&self) -> bool {
        matches!(self.state, MemberState::Down | MemberState::Left | MemberState::Retired)
    }

    /// How many of its accusers stand in certificates.
    pub(super) fn certified(&self) -> usize {
        self.accusers.values().filter(|a| a.at.is_none()).count()
    }
}

/// Whether the key is retired, incarnation, state.
pub(super) type Rank = (bool, u32, MemberState);

/// The rank of a state under an incarnation.
pub(super) fn rank(incarnation: u32, state: MemberState) -> Rank {
    (state == MemberState::Retired, incarnation, state)
}

/// Members by slot, id, alias and ring.
#[derive(Debug)]
pub(super) struct Table {
    crypto: &'static dyn Crypto,
    epoch: u32,
    members: Vec<Member>,
    by_id: BTreeMap<NodeId, Slot>,
    by_alias: BTreeMap<u32, Vec<Slot>>,
    rings: [Vec<(u64, Slot)>; K],
    view: u32,
}

impl Table {
    pub(super) fn new(crypto: &'static dyn Crypto, epoch: u32) -> Self {
        Self {
            crypto,
            epoch,
            members: Vec::new(),
            by_id: BTreeMap::new(),
            by_alias: BTreeMap::new(),
            rings: Default::default(),
            view: 0,
        }
    }

    /// Adds a member, alive at its beacon's incarnation. The first one added is this node.
    pub(super) fn insert(&mut self, beacon: Beacon, locator: Bytes) -> Slot {
        let slot = self.members.len() as Slot;
        let id = beacon.id;
        // spec: MESH-020 50d1
        let digest = self.crypto.hash(&[&self.epoch.to_le_bytes(), &id.0]);
        let alias = digest.first_chunk::<4>().map_or(0, |b| u32::from_le_bytes(*b));
        let mut rings = [0; K];
        for (r, place) in rings.iter_mut().enumerate() {
            // spec: MESH-020 50d1
            let h = self.crypto.hash(&[&self.epoch.to_le_bytes(), &[r as u8], &id.0]);
            *place = h.first_chunk::<8>().map_or(0, |b| u64::from_le_bytes(*b));
        }
        for (ring, place) in self.rings.iter_mut().zip(rings) {
            let at = ring.partition_point(|e| *e < (place, slot));
            ring.insert(at, (place, slot));
        }
        self.by_id.insert(id, slot);
        self.by_alias.entry(alias).or_default().push(slot);
        let incarnation = beacon.incarnation;
        self.members.push(Member {
            id,
            alias,
            beacon,
            vouched: None,
            locator,
            incarnation,
            state: MemberState::Alive,
            signature: None,
            accusers: BTreeMap::new(),
            mine: None,
            held: None,
            refutations: Vec::new(),
            probe: None,
            late: None,
            asked: Vec::new(),
            srtt: None,
            last_ack: None,
            last_heard: None,
            session: false,
            rings,
        });
        self.view ^= self.mark(slot);
        slot
    }

    pub(super) fn len(&self) -> usize {
        self.members.len()
    }

    pub(super) fn slots(&self) -> impl Iterator<Item = Slot> + use<> {
        0..self.members.len() as Slot
    }

    pub(super) fn get(&self, slot: Slot) -> Option<&Member> {
        self.members.get(slot as usize)
    }

    pub(super) fn get_mut(&mut self, slot: Slot) -> Option<&mut Member> {
        self.members.get_mut(slot as usize)
    }

    pub(super) fn slot(&self, id: &NodeId) -> Option<Slot> {
        self.by_id.get(id).copied()
    }

    /// The members that an alias may name.
    pub(super) fn named(&self, alias: u32) -> &[Slot] {
        self.by_alias.get(&alias).map_or(&[], |s| s)
    }

    pub(super) fn is_alive(&self, slot: Slot) -> bool {
        self.get(slot).is_some_and(|m| m.state == MemberState::Alive)
    }

    /// The only place where state or incarnation change: keeps the view hash.
    pub(super) fn set(&mut self, slot: Slot, state: MemberState, incarnation: u32) {
        let before = self.mark(slot);
        if let Some(m) = self.get_mut(slot) {
            m.state = state;
            m.incarnation = incarnation;
        }
        self.view ^= before ^ self.mark(slot);
    }

    /// XOR over all members of a hash of id, incarnation and state: equal views, equal hashes.
    pub(super) fn view(&self) -> u32 {
        self.view
    }

    fn mark(&self, slot: Slot) -> u32 {
        let Some(m) = self.get(slot) else { return 0 };
        // spec: MESH-020 50d1
        let digest = self.crypto.hash(&[&m.id.0, &m.incarnation.to_le_bytes(), &[m.state as u8]]);
        digest.first_chunk::<4>().map_or(0, |b| u32::from_le_bytes(*b))
    }

    /// The whole view, rising.
    pub(super) fn entries(&self) -> Vec<ViewEntry> {
        let mut entries: Vec<ViewEntry> = self.members.iter().map(Member::entry).collect();
        entries.sort_by_key(|e| (e.alias, e.incarnation, e.state));
        entries.dedup();
        entries
    }

    /// The others on a ring, starting behind `from`, forwards (successors) or backwards, once around.
    pub(super) fn around(&self, from: Slot, ring: usize, forwards: bool) -> impl Iterator<Item = Slot> + '_ {
        let empty = &[][..];
        let ring_members = self.rings.get(ring).map_or(empty, |r| &r[..]);
        let place = self.get(from).and_then(|m| m.rings.get(ring)).copied().unwrap_or(0);
        let at = ring_members.partition_point(|e| *e < (place, from));
        let n = ring_members.len();
        (1..n).filter_map(move |i| {
            let j = if forwards { (at + i) % n } else { (at + n - i) % n };
            ring_members.get(j).map(|e| e.1)
        })
    }

    /// Whether a seat moves past this member: suspect, down, left, or failing this node's own probes.
    pub(super) fn is_passed(&self, slot: Slot) -> bool {
        self.get(slot).is_none_or(|m| m.state != MemberState::Alive || m.mine.is_some())
    }

    /// The holder of a seat: the first member behind `from` that is not passed.
    pub(super) fn seat(&self, from: Slot, ring: usize, forwards: bool) -> Option<Slot> {
        self.around(from, ring, forwards).find(|s| !self.is_passed(*s))
    }

    /// Whether this node holds a seat of the subject.
    pub(super) fn is_monitor(&self, subject: Slot) -> bool {
        self.get(subject).is_some_and(|m| m.mine.is_some()) || (0..K).any(|r| self.seat(subject, r, true) == Some(ME))
    }

    /// Whom this node monitors: its predecessors on the rings.
    pub(super) fn subjects(&self) -> Vec<Option<Slot>> {
        (0..K).map(|r| self.seat(ME, r, false)).collect()
    }

    /// Successors and predecessors of this node on all rings, each once.
    pub(super) fn neighbours(&self) -> Vec<Slot> {
        let mut all: Vec<Slot> = Vec::with_capacity(2 * K);
        for ring in 0..K {
            for forwards in [true, false] {
                if let Some(s) = self.seat(ME, ring, forwards).filter(|s| !all.contains(s)) {
                    all.push(s);
                }
            }
        }
        all
    }
}
