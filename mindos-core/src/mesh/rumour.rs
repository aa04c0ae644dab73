//! How news spreads: batched, in full to a few, by name to more, and compared by hash (spec 05).

use alloc::collections::BTreeSet;
use alloc::vec::Vec;
use mindos_wire::{
    Alive, Bytes8, Bytes16, Have, Leave, List, MAX_MESSAGE, Member as MemberFrame, MemberState, Tail, ViewDigest,
    ViewEntry, Want,
};

use super::table::{K, ME, Member, Slot, rank};
use super::{Ctx, Mesh};
use crate::identity::{Beacon, NodeId};
use crate::outbox::{Effect, How, frame};
use crate::timer::Timer;
use crate::{DropReason, Duration};

/// Urgent news wait this long for company.
const BATCH: Duration = Duration::from_millis(20);
/// Beacons wait longer: when many join, they travel together.
const PATIENT_BATCH: Duration = Duration::from_millis(200);
/// Neighbours that get urgent news in full, and news by name.
const FULL: usize = 3;
const NAMES: usize = 8;
/// News heard by name are pulled if they have not come by themselves.
const PULL: Duration = Duration::from_millis(150);
/// Views are compared once they were quiet for this long, and not more often.
const QUIET: Duration = Duration::from_millis(500);
/// A view that is never quiet, because a member flaps, is compared this often nevertheless.
const RESTLESS: Duration = Duration::from_secs(5);
/// Subjects are swept at most this often.
const SWEEP: Duration = Duration::from_secs(3);
/// A message of news ends before this many bytes.
const PAGE: usize = MAX_MESSAGE - 2_000;

impl Mesh {
    /// Something is new about a member. `beacon`: tell its beacon too.
    pub(super) fn news(&mut self, ctx: &mut Ctx<'_>, slot: Slot, beacon: bool) {
        // spec: MESH-017 659f
        *self.rumours.entry(slot).or_default() |= beacon;
        if beacon {
            ctx.timers.set_no_later(Timer::Rumour, ctx.now + PATIENT_BATCH);
        } else {
            self.want_flush(ctx);
        }
    }

    /// Looks at rumours and seats soon.
    pub(super) fn want_flush(&self, ctx: &mut Ctx<'_>) {
        ctx.timers.set_no_later(Timer::Rumour, ctx.now + BATCH);
    }

    /// The batch is over: certificates are looked at anew, new subjects are probed, news are told.
    pub(super) fn flush(&mut self, ctx: &mut Ctx<'_>) {
        // A state that changes moves seats, which may make other accusers eligible.
        loop {
            let accused: Vec<Slot> = self.accused.iter().copied().collect();
            if accused.into_iter().filter(|s| self.evaluate(ctx, *s)).count() == 0 {
                break;
            }
        }
        let subjects = self.table.subjects();
        let before = core::mem::replace(&mut self.subjects, subjects.clone());
        for (ring, subject) in subjects.iter().enumerate() {
            let moved = before.get(ring).is_some_and(|b| b != subject);
            if let Some(s) = subject.filter(|s| moved && self.is_unheard(ctx.now, *s, Duration::from_secs(2))) {
                self.probe(ctx, s, false);
            }
        }
        if core::mem::take(&mut self.sweep_wanted) && self.last_sweep.is_none_or(|t| ctx.now.since(t) > SWEEP) {
            self.last_sweep = Some(ctx.now);
            let mut doubtful: Vec<Slot> = subjects.into_iter().flatten().collect();
            if self.is_mass(ctx.now) {
                doubtful.extend(self.table.neighbours());
            }
            for s in doubtful {
                if self.is_unheard(ctx.now, s, self.config.interval) {
                    self.probe(ctx, s, false);
                }
            }
        }
        self.tell_neighbours(ctx);
    }

    fn tell_neighbours(&mut self, ctx: &mut Ctx<'_>) {
        let rumours = core::mem::take(&mut self.rumours);
        if rumours.is_empty() {
            return;
        }
        let mass = self.is_mass(ctx.now);
        let mut neighbours = self.table.neighbours();
        let n = neighbours.len();
        self.entropy.shuffle_front(&mut neighbours, n);
        let silent = |s: &Slot| {
            self.table
                .get(*s)
                .and_then(|m| m.last_heard)
                .is_none_or(|h| ctx.now.since(h) > self.config.interval.times(2))
        };
        let mut full = FULL;
        if mass {
            // Those who may be dead too come last.
            neighbours.sort_by_key(silent);
            if neighbours.iter().filter(|s| !silent(s)).count() < FULL {
                full *= 2;
            }
        }
        // Who is down or lives after all is urgent: three are told in full. A beacon is long and can wait
        // for those who ask: one is told in full.
        let all = self.pages(rumours.iter().map(|(s, beacon)| (*s, *beacon)));
        let urgent = self.pages(rumours.iter().filter(|r| !*r.1).map(|(s, _)| (*s, false)));
        let names = self.names(rumours.keys());
        let beacon_names = self.names(rumours.iter().filter(|r| *r.1).map(|r| r.0));
        for (i, slot) in neighbours.into_iter().take(full + NAMES).enumerate() {
            let Some(to) = self.table.get(slot).map(|m| m.id) else { continue };
            let (told, named) = match i {
                0 => (&all[..], None),
                i if i < full => (&urgent[..], beacon_names.as_ref()),
                _ => (&[][..], names.as_ref()),
            };
            for frames in told {
                ctx.out.push_back(Effect::message(to, frames.clone()));
            }
            if let Some(have) = named {
                // Names are hints: what is lost of them the view hash makes good.
                ctx.out.push_back(Effect::Send { to, how: How::Soon, frames: have.clone() });
            }
        }
    }

    /// The names of some members' states, if there are any.
    fn names<'s>(&self, slots: impl Iterator<Item = &'s Slot>) -> Option<Vec<u8>> {
        let mut entries: Vec<ViewEntry> = slots.filter_map(|s| self.table.get(*s)).map(Member::entry).collect();
        entries.sort_by_key(|e| (e.alias, e.incarnation, e.state));
        entries.dedup();
        (!entries.is_empty()).then(|| frame(&Have { entries: List::new(&entries), tail: Tail::default() }))
    }

    /// Everything about some members, in messages.
    fn pages(&self, members: impl Iterator<Item = (Slot, bool)>) -> Vec<Vec<u8>> {
        let mut pages: Vec<Vec<u8>> = Vec::new();
        for (slot, beacon) in members {
            let item = self.item(slot, beacon);
            match pages.last_mut().filter(|p| p.len() + item.len() <= PAGE) {
                Some(page) => page.extend(item),
                None if item.is_empty() => {}
                None => pages.push(item),
            }
        }
        pages
    }

    /// What proves the present state of a member: successions, beacon, incarnation, certificate or leave, in an
    /// order in which each can be verified.
    fn item(&self, slot: Slot, beacon: bool) -> Vec<u8> {
        let Some(m) = self.table.get(slot) else { return Vec::new() };
        let mut frames = self.shown(&[m.id]);
        if beacon {
            frames.extend(self.shown(&self.vouched_through(m)));
            frames.extend(frame(&MemberFrame {
                locator: Bytes8(&m.locator),
                beacon: Bytes16(&m.beacon.record),
                tail: Tail::default(),
            }));
        }
        let (subject, incarnation) = (m.alias, m.incarnation);
        match (&m.signature, m.state) {
            (Some(signature), MemberState::Left) => {
                frames.extend(frame(&Leave { subject, incarnation, signature, tail: Tail::default() }))
            }
            (Some(signature), _) => {
                frames.extend(frame(&Alive { subject, incarnation, signature, tail: Tail::default() }))
            }
            (None, _) => {}
        }
        if matches!(m.state, MemberState::Suspect | MemberState::Down) {
            frames.extend(self.certificate(m).unwrap_or_default());
        }
        frames
    }

    /// Tells one peer everything about one member.
    pub(super) fn tell(&self, ctx: &mut Ctx<'_>, slot: Slot, to: NodeId, beacon: bool) {
        let frames = self.item(slot, beacon);
        if !frames.is_empty() {
            ctx.out.push_back(Effect::message(to, frames));
        }
    }

    /// A ping or its answer brought another view hash.
    pub(super) fn compare_views(&mut self, ctx: &mut Ctx<'_>, with: &NodeId, view: u32) {
        let calm = ctx.now.since(self.view_changed) > QUIET && ctx.now.since(self.last_digest) > QUIET;
        if view != self.table.view() && (calm || ctx.now.since(self.last_digest) > RESTLESS) {
            self.send_digest(ctx, *with);
        }
    }

    /// Sends the whole view, to be compared.
    pub(super) fn send_digest(&mut self, ctx: &mut Ctx<'_>, to: NodeId) {
        self.last_digest = ctx.now;
        let entries = self.table.entries();
        // Pages of a large view would each look like a view with holes, so the leaf's size bounds it.
        let mut frames = self.shown_roots();
        frames.extend(frame(&ViewDigest { entries: List::new(&entries), tail: Tail::default() }));
        ctx.out.push_back(Effect::message(to, frames));
    }

    /// A view to compare: give what the peer lacks, want what it has.
    pub(super) fn on_digest(&mut self, ctx: &mut Ctx<'_>, from: NodeId, d: &ViewDigest<'_>) {
        // A digest is 5 bytes and its answer may be the whole view: one answer to each at a time.
        self.answered.retain(|_, t| ctx.now.since(*t).0 < QUIET.0 / 2);
        if d.entries.len() > 2 * self.config.max_members || self.answered.contains_key(&from) {
            return;
        }
        self.answered.insert(from, ctx.now);
        let theirs: Vec<ViewEntry> = d.entries.iter().collect();
        let best = |alias: u32| {
            let from = theirs.partition_point(|e| e.alias < alias);
            theirs.iter().skip(from).take_while(|e| e.alias == alias).map(|e| rank(e.incarnation, e.state)).max()
        };
        // spec: MESH-018 2e2f
        let give = self.table.slots().filter_map(|s| {
            let m = self.table.get(s)?;
            let known = best(m.alias);
            (known < Some(m.rank())).then(|| (s, known.is_none_or(|k| !k.0 && k.1 < m.beacon.incarnation)))
        });
        let roots = self.shown_roots();
        for frames in (!roots.is_empty()).then_some(roots).into_iter().chain(self.pages(give)) {
            ctx.out.push_back(Effect::message(from, frames));
        }
        let wanted = self.lacking(theirs.iter());
        self.want(ctx, from, &wanted);
    }

    /// Aliases of which the peer knows more.
    fn lacking<'e>(&self, entries: impl Iterator<Item = &'e ViewEntry>) -> Vec<u32> {
        let newer = |e: &&ViewEntry| {
            let named = self.table.named(e.alias);
            named.iter().filter_map(|s| self.table.get(*s)).all(|m| m.rank() < rank(e.incarnation, e.state))
        };
        let mut aliases: Vec<u32> = entries.filter(newer).map(|e| e.alias).collect();
        aliases.dedup();
        aliases
    }

    fn want(&self, ctx: &mut Ctx<'_>, from: NodeId, aliases: &[u32]) {
        if !aliases.is_empty() {
            let frames = frame(&Want { aliases: List::new(aliases), tail: Tail::default() });
            ctx.out.push_back(Effect::message(from, frames));
        }
    }

    /// News by name: pulled if they do not come by themselves.
    pub(super) fn on_have(&mut self, ctx: &mut Ctx<'_>, from: NodeId, have: &Have<'_>) {
        let others = self.pulls.iter().filter(|p| p.0 == from).count();
        if have.entries.len() > self.config.max_members || others >= 2 {
            return;
        }
        let entries: Vec<ViewEntry> = have.entries.iter().collect();
        if !self.lacking(entries.iter()).is_empty() && self.pulls.len() < 4 * K {
            self.pulls.push((from, entries));
            ctx.timers.set_no_later(Timer::Pull, ctx.now + PULL);
        }
    }

    /// The wait is over.
    pub(super) fn pull(&mut self, ctx: &mut Ctx<'_>) {
        let mut asked: BTreeSet<u32> = BTreeSet::new();
        for (from, entries) in core::mem::take(&mut self.pulls) {
            let mut aliases = self.lacking(entries.iter());
            aliases.retain(|a| !asked.contains(a) && !self.is_held(*a));
            asked.extend(aliases.iter().copied());
            self.want(ctx, from, &aliases);
        }
    }

    /// Whether a certificate of this member is here and only cannot be verified yet.
    fn is_held(&self, alias: u32) -> bool {
        self.table.named(alias).iter().filter_map(|s| self.table.get(*s)).any(|m| m.certified() >= self.config.quorum)
    }

    /// A peer wants to know everything about some members.
    pub(super) fn on_want(&mut self, ctx: &mut Ctx<'_>, from: NodeId, want: &Want<'_>) {
        let slots: Vec<(Slot, bool)> =
            // spec: MESH-019 6f40
            want.aliases.iter().flat_map(|a| self.table.named(a)).map(|s| (*s, true)).collect();
        for frames in self.pages(slots.into_iter()) {
            ctx.out.push_back(Effect::message(from, frames));
        }
    }

    /// A beacon arrived, from its author or by way of others.
    ///
    /// # Errors
    /// Malformed, badly signed, expired, not admitted, or the table is full; nothing changes.
    pub(super) fn on_member(
        &mut self,
        ctx: &mut Ctx<'_>,
        from: &NodeId,
        m: &MemberFrame<'_>,
    ) -> Result<(), DropReason> {
        // The same record again is the common case while news spread: it costs no verification.
        let author = m.beacon.0.get(3..35).and_then(|b| b.first_chunk::<32>()).map(|b| NodeId(*b));
        let known = author
            .and_then(|a| self.table.slot(&a))
            .filter(|s| self.table.get(*s).is_some_and(|k| k.beacon.record == m.beacon.0));
        if let Some(slot) = known {
            self.learn_locator(slot, m.locator.0, author == Some(*from));
            return Ok(());
        }
        let beacon = Beacon::verify(ctx.identity, m.beacon.0)?.into_inner();
        // spec: ID-010 2bf2
        let retired = self.retired(&beacon.id).is_some();
        if !retired && self.unix_s.is_some_and(|now| beacon.expires < now) {
            return Err(DropReason::UnexpectedRecord);
        }
        let by_author = *from == beacon.id;
        match self.table.slot(&beacon.id) {
            Some(ME) => self.outrun(ctx, beacon.incarnation),
            Some(slot) => return self.on_newer_beacon(ctx, slot, beacon, m.locator.0, by_author),
            // spec: MESH-021 79a6
            None if self.table.len() >= self.config.max_members => return Err(DropReason::Full),
            None => {
                let (id, vouched) = (beacon.id, self.admit(ctx, &beacon, None)?);
                let slot = self.table.insert(beacon, bytes::Bytes::copy_from_slice(m.locator.0));
                self.view_changed = ctx.now;
                if let Some(m) = self.table.get_mut(slot) {
                    m.vouched = vouched;
                    m.session |= by_author;
                }
                if retired {
                    // Views name it, so that it is here; it is not in service, however old its beacon is.
                    self.met_retired(ctx, slot, id);
                    return Ok(());
                }
                self.news(ctx, slot, true);
                ctx.out.push_back(Effect::MemberUp { node: id });
            }
        }
        Ok(())
    }

    /// A locator is hearsay unless its node itself tells it: then it replaces what others said.
    fn learn_locator(&mut self, slot: Slot, locator: &[u8], takes_over: bool) {
        let takes = |m: &&mut Member| m.locator.is_empty() || takes_over && !locator.is_empty();
        if let Some(m) = self.table.get_mut(slot).filter(takes) {
            m.locator = bytes::Bytes::copy_from_slice(locator);
        }
    }

    /// A beacon of a known member: renewed, or of a new run.
    ///
    /// # Errors
    /// It is not admitted; nothing changes.
    pub(super) fn on_newer_beacon(
        &mut self,
        ctx: &mut Ctx<'_>,
        slot: Slot,
        beacon: Beacon,
        locator: &[u8],
        by_author: bool,
    ) -> Result<(), DropReason> {
        let Some(m) = self.table.get(slot) else { return Ok(()) };
        // spec: ID-028 f349
        if self.retired(&m.id).is_some() {
            return Err(DropReason::Retired);
        }
        // spec: ID-011 7bea
        if beacon.sequence <= m.beacon.sequence {
            return Ok(());
        }
        let vouched = self.admit(ctx, &beacon, Some(slot))?;
        let incarnation = beacon.incarnation;
        let restarted = incarnation > m.incarnation;
        // A restart may bring another address, and nobody can make one up; a renewal brings none.
        self.learn_locator(slot, locator, by_author || restarted);
        let Some(m) = self.table.get_mut(slot) else { return Ok(()) };
        m.beacon = beacon;
        m.vouched = vouched;
        if restarted {
            m.signature = None;
            m.session = false;
            m.srtt = None;
            let node = m.id;
            ctx.out.push_back(Effect::MemberRestarted { node, incarnation });
            self.revive(ctx, slot, incarnation);
        }
        self.news(ctx, slot, true);
        Ok(())
    }
}
