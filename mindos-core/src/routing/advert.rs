//! Load advertisements: told to a bounded random sample, used as a shortlist, never relayed (spec 06).

use alloc::vec::Vec;
use mindos_wire::{CapabilityLoad, Flag, List, LoadAdvert, LoadDelta, Minifloat, Subscribe, Subscribed, Tail};

use super::{Ctx, Need, OTHER_PARTNERS, OWN_PARTNERS, Routing};
use crate::identity::NodeId;
use crate::outbox::{Effect, How, frame};
use crate::timer::Timer;
use crate::{Capability, Capacity, DropReason, Duration, Instant};

/// Between two looks at partners.
const ROUND: Duration = Duration::from_secs(1);
/// Between two deltas.
const DELTA: Duration = Duration::from_secs(10);
/// New partners asked in a round.
const ASKED: usize = 4;
/// At this age an advertisement says as much of the queue as its usual length does.
const HALF_KNOWN: Duration = Duration::from_secs(5);
/// A partner that did not answer is asked again after this.
const PATIENCE: Duration = Duration::from_secs(10);

/// How busy this node is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Load {
    pub(crate) capacity: Capacity,
    /// Until a new intent would start.
    pub(crate) backlog: Duration,
}

/// A node with which advertisements are exchanged.
#[derive(Debug)]
pub(super) struct Partner {
    /// Chosen by this node.
    own: bool,
    /// Since when an answer to the subscription is awaited; `None`: it is a partner.
    asked: Option<Instant>,
    advert: Option<Advert>,
}

#[derive(Debug)]
struct Advert {
    sequence: u32,
    at: Instant,
    slots: u64,
    backlog: Duration,
    /// Mean of what was advertised so far: what to expect when the advertisement is old.
    typical: Duration,
    context_rate: u64,
    generated_rate: u64,
    context_free: u64,
    capabilities: Vec<u32>,
}

/// The u32 by which advertisements name a capability.
fn short(name: &[u8; 32]) -> u32 {
    name.first_chunk::<4>().map_or(0, |b| u32::from_le_bytes(*b))
}

/// Time for reference work at some speed, in thousandths of tokens per second. `None` at speed 0.
pub(crate) fn work_time(
    context_tokens: u32,
    generated_tokens: u32,
    context_rate: u64,
    generated_rate: u64,
) -> Option<Duration> {
    let part = |tokens: u32, rate: u64| match (tokens, rate) {
        (0, _) => Some(0),
        (_, 0) => None,
        (t, r) => Some((u128::from(t) * 1_000_000_000 / u128::from(r)).min(1 << 62) as u64),
    };
    Some(Duration(part(context_tokens, context_rate)? + part(generated_tokens, generated_rate)?))
}

impl Partner {
    /// Expected time to the result there, without the way. `None`: cannot serve.
    pub(super) fn estimate(&self, now: Instant, need: &Need) -> Option<Duration> {
        let a = self.advert.as_ref()?;
        let serves = a.slots > 0 && a.context_free >= u64::from(need.context_tokens);
        if !serves || a.capabilities.binary_search(&short(&need.capability)).is_err() {
            return None;
        }
        let work = work_time(need.context_tokens, need.generated_tokens, a.context_rate, a.generated_rate)?;
        // What was queued then has shrunk since, and others have come: the older the news, the more the
        // usual queue counts.
        let age = now.since(a.at).0.min(1 << 40);
        let left = u128::from(a.backlog.0.saturating_sub(age)) * u128::from(HALF_KNOWN.0);
        let usual = u128::from(a.typical.0) * u128::from(age);
        let expected = (left + usual) / u128::from(HALF_KNOWN.0 + age);
        Some(Duration(expected as u64) + work)
    }

    /// The queue as a quote tells it: fresher than any advertisement.
    pub(super) fn seen(&mut self, now: Instant, backlog: Duration) {
        if let Some(a) = &mut self.advert {
            (a.at, a.backlog) = (now, backlog);
        }
    }

    /// It accepted, or asked itself.
    pub(super) fn is_mutual(&self) -> bool {
        self.asked.is_none()
    }

    pub(super) fn age(&self, now: Instant) -> Duration {
        self.advert.as_ref().map_or(Duration(0), |a| now.since(a.at))
    }
}

impl Routing {
    /// Begins to look for partners.
    pub(crate) fn start(&mut self, ctx: &mut Ctx<'_>) {
        let phase = self.entropy.below(ROUND.0 as usize) as u64;
        ctx.timers.set(Timer::Routing, ctx.now + Duration(phase + 1));
        self.started = true;
        self.next_delta = ctx.now + Duration(self.entropy.below(DELTA.0 as usize) as u64);
    }

    /// What this node can serve has changed: everyone who listens gets the full form.
    pub(crate) fn set_load(&mut self, ctx: &mut Ctx<'_>, load: Load) {
        let full = load.capacity != self.load.capacity;
        self.load_changed |= load.backlog != self.load.backlog;
        self.load = load;
        if self.load_changed && self.started {
            ctx.timers.set_no_later(Timer::Routing, self.next_delta.max(ctx.now));
        }
        if full {
            self.advert_sequence += 1;
            let listeners: Vec<NodeId> =
                // spec: ROUTE-001 4b9f
                self.partners.iter().filter(|(_, p)| p.asked.is_none()).map(|(n, _)| *n).collect();
            listeners.into_iter().for_each(|n| self.send_advert(ctx, n));
        }
    }

    /// A round: enough own partners, and a delta if something changed.
    pub(crate) fn round(&mut self, ctx: &mut Ctx<'_>) {
        self.partners.retain(|_, p| p.asked.is_none_or(|t| ctx.now.since(t) < PATIENCE));
        let own = self.partners.values().filter(|p| p.own).count();
        // spec: ROUTE-002 b7b2
        if own < OWN_PARTNERS {
            let fit = |n: &NodeId| !self.partners.contains_key(n) && !ctx.trust.is_quarantined(ctx.now, n);
            let mut strangers: Vec<NodeId> = ctx.mesh.alive().filter(fit).collect();
            let asked = ASKED.min(OWN_PARTNERS - own);
            self.entropy.shuffle_front(&mut strangers, asked);
            for node in strangers.into_iter().take(asked) {
                self.partners.insert(node, Partner { own: true, asked: Some(ctx.now), advert: None });
                ctx.out.push_back(Effect::Partner { node });
                let frames = frame(&Subscribe { tail: Tail::default() });
                ctx.out.push_back(Effect::message(node, frames));
            }
        }
        // spec: ROUTE-004 a1d9
        if self.load_changed && ctx.now >= self.next_delta {
            self.load_changed = false;
            self.next_delta = ctx.now + DELTA;
            self.advert_sequence += 1;
            let frames = frame(&LoadDelta {
                sequence: self.advert_sequence,
                slots: Minifloat::floor(u64::from(self.load.capacity.slots)),
                backlog_ms: Minifloat::floor(self.load.backlog.0 / 1_000),
                tail: Tail::default(),
            });
            // spec: ROUTE-001 4b9f
            for node in self.partners.iter().filter(|(_, p)| p.asked.is_none()).map(|(n, _)| *n) {
                ctx.out.push_back(Effect::Send { to: node, how: How::Soon, frames: frames.clone() });
            }
        }
        // Nobody is woken for nothing: with enough partners and no news the machine rests.
        let lacking = self.partners.values().filter(|p| p.own && p.asked.is_none()).count() < OWN_PARTNERS;
        match (lacking, self.load_changed) {
            (true, _) => ctx.timers.set(Timer::Routing, ctx.now + ROUND),
            (false, true) => ctx.timers.set(Timer::Routing, self.next_delta),
            (false, false) => {}
        }
    }

    /// Looks for partners again, if there are too few.
    pub(super) fn seek_partners(&self, ctx: &mut Ctx<'_>) {
        if self.started {
            ctx.timers.set_no_later(Timer::Routing, ctx.now + ROUND);
        }
    }

    fn send_advert(&self, ctx: &mut Ctx<'_>, to: NodeId) {
        let c = &self.load.capacity;
        let mut served: Vec<&Capability> = c.capabilities.iter().collect();
        // spec: ROUTE-012 3b6d
        served.sort_by_key(|k| (short(&k.name), k.name));
        served.dedup_by_key(|k| short(&k.name));
        let load = |k: &&Capability| CapabilityLoad { id: short(&k.name), competence: k.competence, price: k.price };
        let capabilities: Vec<CapabilityLoad> = served.iter().map(load).collect();
        let frames = frame(&LoadAdvert {
            sequence: self.advert_sequence,
            slots: Minifloat::floor(u64::from(c.slots)),
            backlog_ms: Minifloat::floor(self.load.backlog.0 / 1_000),
            context_rate: Minifloat::floor(c.context_rate),
            generated_rate: Minifloat::floor(c.generated_rate),
            context_free: Minifloat::floor(c.context_free),
            memory_kib: Minifloat(0),
            link: Minifloat(0),
            energy: Minifloat(u16::MAX),
            capabilities: List::new(&capabilities),
            tail: Tail::default(),
        });
        ctx.out.push_back(Effect::message(to, frames));
    }

    /// Somebody chose this node as a partner.
    pub(super) fn on_subscribe(&mut self, ctx: &mut Ctx<'_>, from: &NodeId) -> Result<(), DropReason> {
        let others = self.partners.values().filter(|p| !p.own).count();
        let accepted = match self.partners.get_mut(from) {
            Some(p) => {
                p.asked = None;
                true
            }
            // spec: ROUTE-002 b7b2
            None if others < OTHER_PARTNERS && ctx.mesh.is_alive(from) && !ctx.trust.is_quarantined(ctx.now, from) => {
                self.partners.insert(*from, Partner { own: false, asked: None, advert: None });
                ctx.out.push_back(Effect::Partner { node: *from });
                true
            }
            None => false,
        };
        // spec: ROUTE-003 1d05
        let frames = frame(&Subscribed { accepted: Flag(accepted), tail: Tail::default() });
        ctx.out.push_back(Effect::message(*from, frames));
        if accepted {
            self.send_advert(ctx, *from);
        }
        Ok(())
    }

    /// The answer to a subscription.
    pub(super) fn on_subscribed(&mut self, ctx: &mut Ctx<'_>, from: &NodeId, accepted: bool) -> Result<(), DropReason> {
        let partner = self.partners.get_mut(from).ok_or(DropReason::UnexpectedFrame)?;
        if accepted {
            if partner.asked.take().is_some() {
                self.send_advert(ctx, *from);
            }
        } else if partner.asked.is_some() {
            self.partners.remove(from);
        }
        Ok(())
    }

    /// A full advertisement of a partner, or of one that accepted and whose answer is on its way.
    pub(super) fn on_advert(&mut self, now: Instant, from: &NodeId, a: &LoadAdvert<'_>) -> Result<(), DropReason> {
        // spec: ROUTE-005 613b
        let partner = self.partners.get_mut(from).ok_or(DropReason::UnexpectedFrame)?;
        if partner.advert.as_ref().is_some_and(|old| old.sequence > a.sequence) {
            return Ok(());
        }
        let backlog = Duration::from_millis(a.backlog_ms.quantity());
        let typical = partner.advert.as_ref().map_or(backlog, |old| old.typical);
        partner.advert = Some(Advert {
            sequence: a.sequence,
            at: now,
            slots: a.slots.quantity(),
            backlog,
            typical,
            context_rate: a.context_rate.quantity(),
            generated_rate: a.generated_rate.quantity(),
            context_free: a.context_free.quantity(),
            capabilities: a.capabilities.iter().map(|c| c.id).collect(),
        });
        Ok(())
    }

    /// What changed since.
    pub(super) fn on_delta(&mut self, now: Instant, from: &NodeId, d: &LoadDelta<'_>) -> Result<(), DropReason> {
        // spec: ROUTE-005 613b
        let partner = self.partners.get_mut(from).ok_or(DropReason::UnexpectedFrame)?;
        // spec: ROUTE-006 9622
        if let Some(a) = partner.advert.as_mut().filter(|a| d.sequence > a.sequence) {
            a.sequence = d.sequence;
            a.at = now;
            a.slots = d.slots.quantity();
            a.backlog = Duration::from_millis(d.backlog_ms.quantity());
            a.typical = Duration((3 * a.typical.0 + a.backlog.0) / 4);
        }
        Ok(())
    }
}
