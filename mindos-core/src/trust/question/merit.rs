//! Merit (spec 09, section 8): what reports on a domain earned, as its holders state it, and as a reader believes it.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use bytes::Bytes;
use mindos_wire::{Earned, List, MeritBody, RecordBody, Tail};

use super::domain::{Domain, Key};
use super::hold::Held;
use super::read::{MAX_READINGS, Majority, PATIENCE};
use super::record::{Author, claimed_author};
use super::{Ctx, Questions, Work, wanted};
use crate::identity::{Identity, NodeId, verify_record};
use crate::outbox::Effect;
use crate::timer::Timer;
use crate::{DropReason, Duration, Instant};

/// Resolved questions that count, the last of a domain.
const MAX_RESOLVED: usize = 128;
/// Nodes that a record states.
const MAX_EARNERS: usize = 32;
/// What a merit's name begins with.
const NAME: &[u8; 16] = b"mindos/merit/1\0\0";
/// A domain is not asked for again before this, and at the cap of domains the one that was asked for first may be.
const AGAIN: Duration = Duration::from_secs(600);
const MAX_ASKED: usize = 256;

/// What reports on the questions of a domain earned.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Merit {
    /// Resolved questions that it rests on.
    pub(super) questions: u32,
    /// Sums in parts of 2^16 of a score, above 0, rising by node.
    pub(crate) earned: Vec<(NodeId, u32)>,
}

/// Under which name a domain's merit is asked for.
fn name(domain: u32) -> [u8; 32] {
    let bytes = NAME.iter().chain(&[0; 12]).copied().chain(domain.to_le_bytes());
    let mut name = [0; 32];
    name.iter_mut().zip(bytes).for_each(|(n, b)| *n = b);
    name
}

/// The domain whose merit goes by this name.
pub(super) fn named(wanted: &[u8; 32]) -> Option<u32> {
    let domain = wanted.last_chunk::<4>().map(|b| u32::from_le_bytes(*b))?;
    (*wanted == name(domain)).then_some(domain)
}

impl Merit {
    /// Of the gains on each resolved question, the last question first.
    // spec: TRUST-022 d2ff
    pub(super) fn of(latest: impl Iterator<Item = Vec<(NodeId, i32)>>) -> Self {
        let mut sums: BTreeMap<NodeId, i64> = BTreeMap::new();
        let mut questions = 0;
        for (gains, weight) in latest.zip((1..=MAX_RESOLVED as i64).rev()) {
            questions += 1;
            for (node, gain) in gains {
                *sums.entry(node).or_default() += i64::from(gain) * weight;
            }
        }
        let whole = |sum: i64| u32::try_from(sum / MAX_RESOLVED as i64).unwrap_or(if sum < 0 { 0 } else { u32::MAX });
        let mut earned: Vec<(NodeId, u32)> = sums.into_iter().map(|(node, sum)| (node, whole(sum))).collect();
        earned.retain(|e| e.1 > 0);
        earned.sort_by_key(|e| (core::cmp::Reverse(e.1), e.0));
        earned.truncate(MAX_EARNERS);
        earned.sort_unstable();
        Self { questions, earned }
    }

    fn sign(&self, me: &mut Author<'_>, domain: u32) -> Option<Bytes> {
        let earned: Vec<Earned> =
            self.earned.iter().map(|(node, earned)| Earned { node: node.0, earned: *earned }).collect();
        let (questions, earned) = (self.questions, List::new(&earned));
        me.sign(u64::MAX, &RecordBody::Merit(MeritBody { domain, questions, earned, tail: Tail::default() }))
    }

    /// A merit record: who states what of which domain.
    fn verify(identity: &Identity, bytes: &[u8]) -> Result<(NodeId, u32, Self), DropReason> {
        let r = verify_record::<MeritBody<'_>>(identity, bytes)?;
        let earned = r.body.earned.iter().map(|e| (NodeId(e.node), e.earned)).collect();
        Ok((NodeId(*r.head.author), r.body.domain, Self { questions: r.body.questions, earned }))
    }
}

/// What a holder stated last of a domain.
#[derive(Debug)]
pub(super) struct Stated {
    /// Versions of what it rests on.
    rests: Vec<(Key, u64)>,
    pub(super) merit: Merit,
    record: Option<Bytes>,
}

/// A domain whose merit this node wants to know, until its holders have answered.
#[derive(Debug)]
pub(super) struct Appraisal {
    number: u64,
    holders: Majority<Merit>,
}

/// The merits that this node asked for, and those that it states.
#[derive(Debug, Default)]
pub(super) struct Merits {
    stated: BTreeMap<u32, Stated>,
    open: BTreeMap<u32, Appraisal>,
    asked: BTreeMap<u32, Instant>,
}

impl Questions {
    /// What this node computed of the merit of a domain; `None` if it closed no question of it, or is behind.
    pub(super) fn merit(&mut self, ctx: &Ctx<'_>, number: u32) -> Option<&mut Stated> {
        let keys: Vec<Key> = self.domains.keys().filter(|k| k.number == number).copied().collect();
        for key in &keys {
            self.domains.get_mut(key)?.refresh(ctx.now, &mut self.held);
        }
        let rests: Vec<(Key, u64)> = keys.iter().filter_map(|k| Some((*k, self.domains.get(k)?.version()?))).collect();
        if keys.is_empty() || rests.len() < keys.len() {
            return None;
        }
        if self.merits.stated.get(&number).is_none_or(|s| s.rests != rests) {
            let (domains, held) = (&self.domains, &self.held);
            let merit = resolved(domains, held, &keys);
            self.merits.stated.insert(number, Stated { rests, merit, record: None });
        }
        self.merits.stated.get_mut(&number)
    }

    /// The record of what this node computed; signed again only if it is another.
    pub(super) fn merit_record(&mut self, ctx: &mut Ctx<'_>, domain: u32) -> Option<Bytes> {
        let stated = self.merit(ctx, domain)?;
        if stated.record.is_none() {
            stated.record = stated.merit.sign(&mut ctx.author(), domain);
        }
        stated.record.clone()
    }

    /// Asks the holders of a domain what reports on it earned: standing follows. Not again within ten minutes.
    ///
    /// # Errors
    /// Too many are being asked for; nothing changes.
    pub(crate) fn appraise(&mut self, ctx: &mut Ctx<'_>, domain: u32) -> Result<(), DropReason> {
        if self.merits.asked.get(&domain).is_some_and(|at| ctx.now.since(*at) < AGAIN) {
            return Ok(());
        }
        if self.merits.open.len() >= MAX_READINGS {
            return Err(DropReason::Full);
        }
        if self.merits.asked.len() >= MAX_ASKED {
            let oldest = self.merits.asked.iter().min_by_key(|a| (*a.1, *a.0)).map(|a| *a.0);
            oldest.and_then(|d| self.merits.asked.remove(&d));
        }
        self.merits.asked.insert(domain, ctx.now);
        let asked = self.seats.holders(ctx, domain);
        let number = self.number(Work::Appraise(domain));
        ctx.timers.set(Timer::Question(number), ctx.now + PATIENCE);
        for holder in asked.iter().filter(|h| **h != ctx.identity.id) {
            ctx.send(*holder, wanted(core::iter::once(name(domain))));
        }
        let me = ctx.identity.id;
        let mine = asked.contains(&me).then(|| self.merit(ctx, domain).map(|s| s.merit.clone())).flatten();
        let mut holders = Majority::new(asked);
        holders.answers.extend(mine.map(|m| (me, m)));
        self.merits.open.insert(domain, Appraisal { number, holders });
        self.appraised(ctx, domain, false);
        Ok(())
    }

    /// A holder's merit.
    pub(super) fn on_merit(&mut self, ctx: &mut Ctx<'_>, from: &NodeId, bytes: &[u8]) -> Result<(), DropReason> {
        if claimed_author(bytes) != Some(*from) || !self.merits.open.values().any(|a| a.holders.awaits(from)) {
            return Err(DropReason::UnexpectedRecord);
        }
        // Of each holder its own word, and one: whoever else carries it.
        // spec: TRUST-023 c497
        let (_, domain, merit) = Merit::verify(ctx.identity, bytes)?;
        let open = self.merits.open.get_mut(&domain).filter(|a| a.holders.awaits(from));
        open.ok_or(DropReason::UnexpectedRecord)?.holders.answers.insert(*from, merit);
        self.appraised(ctx, domain, false);
        Ok(())
    }

    pub(super) fn appraisal_due(&mut self, ctx: &mut Ctx<'_>, domain: u32) {
        self.appraised(ctx, domain, true);
    }

    /// Passes on what a majority computed alike, or nothing once everybody has answered or the time is over.
    fn appraised(&mut self, ctx: &mut Ctx<'_>, domain: u32, over: bool) {
        let Some(open) = self.merits.open.get(&domain) else { return };
        // spec: TRUST-023 c497
        let agreed = open.holders.agreed(ctx.mesh.len()).cloned();
        if agreed.is_none() && !over && open.holders.waits() {
            return;
        }
        let number = open.number;
        self.merits.open.remove(&domain);
        self.done(ctx.timers, number);
        match agreed {
            Some(merit) => ctx.out.push_back(Effect::Merit { domain, earned: merit.earned }),
            // It may be asked again.
            None => _ = self.merits.asked.remove(&domain),
        }
    }
}

/// The merit of a domain, whatever its questions look like.
fn resolved(domains: &BTreeMap<Key, Domain>, held: &BTreeMap<crate::QuestionId, Held>, keys: &[Key]) -> Merit {
    let of = |key: &Key| domains.get(key).map(|d| (d, d.resolved(held)));
    let mut all: Vec<_> = keys.iter().filter_map(of).flat_map(|(d, places)| places.map(move |p| (p, d))).collect();
    all.sort_unstable_by_key(|(place, _)| core::cmp::Reverse(*place));
    Merit::of(all.into_iter().filter_map(|(place, domain)| domain.gains(held.get(&place.1)?)))
}
