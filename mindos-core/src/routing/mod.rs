//! Who shall do it (spec 06): load advertisements of a bounded sample, a shortlist, live probes, quotes,
//! a choice that is explained.

mod advert;
mod choice;
#[cfg(test)]
mod tests;

use alloc::collections::{BTreeMap, VecDeque};
use alloc::vec::Vec;
use mindos_wire::{Frame, Label, Seek, Tail};

use crate::entropy::Entropy;
use crate::identity::{IntentId, NodeId};
use crate::mesh::Mesh;
use crate::outbox::{Effect, Effects, frame};
use crate::timer::{Timer, Timers};
use crate::trust::{Outcome, Standing};
use crate::{DropReason, Duration, Instant};
use advert::Partner;
pub(crate) use advert::{Load, work_time};
pub use choice::{Candidate, Explanation, Quoted, choose};

/// Live probes per choice.
pub const PROBES: usize = 3;
/// Partners that this node chooses itself, at random.
const OWN_PARTNERS: usize = 14;
/// Partners that chose this node. Kept apart, so that a flood of them displaces no own choice.
const OTHER_PARTNERS: usize = 18;
/// A quote holds for this long.
const HOLD: Duration = Duration::from_secs(2);
/// Explanations kept.
const MAX_EXPLANATIONS: usize = 64;
const MAX_SEARCHES: usize = 1_024;
/// Below this standing a candidate is probed only if there is nobody else: 0.22.
const UNTRUSTED: u16 = 14_418;

/// What an intent needs of a worker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Need {
    pub(crate) capability: [u8; 32],
    pub(crate) context_tokens: u32,
    pub(crate) generated_tokens: u32,
    pub(crate) context_bytes: u32,
    pub(crate) label: Label,
    pub(crate) remaining: Duration,
    pub(crate) budget: u64,
}

/// A worker and its quote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Choice {
    pub(crate) worker: NodeId,
    pub(crate) nonce: u64,
    pub(crate) price: u64,
    /// From `at`, as the worker expects.
    pub(crate) finish_in: Duration,
    pub(crate) at: Instant,
}

/// A search for a worker.
#[derive(Debug)]
struct Search {
    number: u64,
    need: Need,
    candidates: Vec<Candidate>,
    /// Probed and not answered.
    open: Vec<NodeId>,
    quotes: Vec<Quoted>,
    /// Declined a lease. One new quote of each competes; a second decline ends its part in the search.
    declined: Vec<NodeId>,
    decided: bool,
}

/// What routing needs from the node.
pub(crate) struct Ctx<'a> {
    pub(crate) now: Instant,
    pub(crate) timers: &'a mut Timers,
    pub(crate) out: &'a mut Effects,
    /// Read only: who is alive and how far.
    pub(crate) mesh: &'a Mesh,
    pub(crate) trust: &'a dyn Standing,
}

/// The routing machine.
#[derive(Debug)]
pub(crate) struct Routing {
    entropy: Entropy,
    partners: BTreeMap<NodeId, Partner>,
    searches: BTreeMap<IntentId, Search>,
    numbers: BTreeMap<u64, IntentId>,
    next_number: u64,
    /// Learned ratio of what took to what was promised, in parts per 2^16, by peer and capability.
    synapses: BTreeMap<(NodeId, [u8; 32]), Synapse>,
    explanations: VecDeque<Explanation>,
    load: Load,
    advert_sequence: u32,
    load_changed: bool,
    next_delta: Instant,
    started: bool,
    probes: u64,
}

#[derive(Clone, Copy, Debug)]
struct Synapse {
    ratio: u32,
    at: Instant,
}

/// A synapse returns half-way to 1 in this time.
const SYNAPSE_HALF_LIFE: Duration = Duration::from_secs(600);
const MAX_SYNAPSES: usize = 4_096;

impl Routing {
    pub(crate) fn new(entropy: Entropy) -> Self {
        Self {
            entropy,
            partners: BTreeMap::new(),
            searches: BTreeMap::new(),
            numbers: BTreeMap::new(),
            next_number: 0,
            synapses: BTreeMap::new(),
            explanations: VecDeque::new(),
            load: Load::default(),
            advert_sequence: 0,
            load_changed: false,
            next_delta: Instant(0),
            started: false,
            probes: 0,
        }
    }

    /// Live probes sent since the start.
    pub(crate) fn probes(&self) -> u64 {
        self.probes
    }

    /// Nodes with which advertisements are exchanged.
    pub(crate) fn partners(&self) -> impl Iterator<Item = NodeId> + '_ {
        self.partners.iter().filter(|(_, p)| p.is_mutual()).map(|(n, _)| *n)
    }

    /// Whether advertisements are exchanged with a node.
    pub(crate) fn is_partner(&self, node: &NodeId) -> bool {
        self.partners.get(node).is_some_and(Partner::is_mutual)
    }

    /// Whether a node may get a lease: it is a partner, or asked to be one.
    pub(crate) fn may_lease(&self, node: &NodeId) -> bool {
        self.partners.contains_key(node)
    }

    /// Explanations of the latest choices, oldest first.
    pub(crate) fn explanations(&self) -> impl Iterator<Item = &Explanation> {
        self.explanations.iter()
    }

    /// Finds a worker: a shortlist out of the advertisements, then live probes.
    pub(crate) fn route(&mut self, ctx: &mut Ctx<'_>, intent: IntentId, need: Need) {
        self.settled(ctx.timers, &intent);
        let candidates = self.shortlist(ctx, &need);
        let probed: Vec<NodeId> = candidates.iter().filter(|c| c.probed).map(|c| c.node).collect();
        if probed.is_empty() || self.searches.len() >= MAX_SEARCHES {
            ctx.out.push_back(Effect::Routed { intent, choice: None });
            return;
        }
        let seek = frame(&Seek {
            intent: &intent.0,
            capability: &need.capability,
            context_tokens: need.context_tokens,
            generated_tokens: need.generated_tokens,
            context_bytes: need.context_bytes,
            label: need.label,
            remaining_us: need.remaining.0,
            tail: Tail::default(),
        });
        let slowest = probed.iter().filter_map(|n| ctx.mesh.rtt(n)).max().unwrap_or(Duration::from_millis(400));
        let wait = Duration((2 * slowest.0 + 150_000).clamp(300_000, 1_500_000));
        self.probes += probed.len() as u64;
        for to in &probed {
            ctx.out.push_back(Effect::message(*to, seek.clone()));
        }
        let number = self.next_number;
        self.next_number += 1;
        ctx.timers.set(Timer::Quotes(number), ctx.now + wait);
        self.numbers.insert(number, intent);
        self.searches.insert(
            intent,
            Search { number, need, candidates, open: probed, quotes: Vec::new(), declined: Vec::new(), decided: false },
        );
    }

    /// Partners that may serve, with the best few marked for a live probe.
    fn shortlist(&mut self, ctx: &Ctx<'_>, need: &Need) -> Vec<Candidate> {
        let mut candidates: Vec<Candidate> = Vec::new();
        // spec: INC-020 1816, INC-047 b5f2
        for (node, partner) in self.partners.iter().filter(|(n, _)| !ctx.trust.is_suspended(ctx.now, n)) {
            let Some(work) = partner.estimate(ctx.now, need) else { continue };
            let rtt = ctx.mesh.rtt(node).unwrap_or(Duration::from_millis(400));
            let standing = ctx.trust.standing(ctx.now, node, &need.capability);
            let synapse = self.synapse(ctx.now, node, &need.capability);
            let expected = work + rtt;
            let score = choice::score(expected, synapse, standing);
            candidates.push(Candidate {
                node: *node,
                advert_age: partner.age(ctx.now),
                expected,
                standing,
                synapse,
                score,
                probed: false,
            });
        }
        // The untrusted come last, and are asked only if there is nobody else.
        candidates.sort_by_key(|c| (c.standing < UNTRUSTED, c.score, c.node));
        let trusted = candidates.iter().filter(|c| c.standing >= UNTRUSTED).count();
        let pool = if trusted > 0 { trusted } else { candidates.len() };
        // spec: ROUTE-007 fc05
        candidates.iter_mut().take(PROBES.min(pool)).for_each(|c| c.probed = true);
        candidates
    }

    fn synapse(&self, now: Instant, node: &NodeId, capability: &[u8; 32]) -> u32 {
        let Some(s) = self.synapses.get(&(*node, *capability)) else { return 1 << 16 };
        // Half of the distance to 1 is left after a half-life; an eighth of it at a time.
        let steps = (now.since(s.at).0 / (SYNAPSE_HALF_LIFE.0 / 8)).min(128);
        let mut off = i64::from(s.ratio) - (1 << 16);
        for _ in 0..steps {
            off = off * 235 / 256;
        }
        ((1 << 16) + off) as u32
    }

    /// A lease ended: the synapse learns.
    pub(crate) fn outcome(&mut self, now: Instant, o: &Outcome) {
        let seen = (o.took.0.min(1 << 40) << 16) / o.promised.0.max(1);
        let seen = seen.clamp(1 << 15, 8 << 16) as u32;
        let old = self.synapse(now, &o.node, &o.capability);
        let key = (o.node, o.capability);
        if self.synapses.len() >= MAX_SYNAPSES && !self.synapses.contains_key(&key) {
            let oldest = self.synapses.iter().min_by_key(|(_, s)| s.at).map(|(k, _)| *k);
            oldest.and_then(|k| self.synapses.remove(&k));
        }
        self.synapses.insert(key, Synapse { ratio: (3 * (old / 4)) + seen / 4, at: now });
    }

    /// A quote, or a refusal to give one.
    pub(crate) fn frame(&mut self, ctx: &mut Ctx<'_>, from: &NodeId, f: &Frame<'_>) -> Result<(), DropReason> {
        match f {
            Frame::Quote(q) => {
                if let Some(partner) = self.partners.get_mut(from) {
                    partner.seen(ctx.now, Duration(q.start_us));
                }
                let quote = Choice {
                    worker: *from,
                    nonce: q.nonce,
                    price: q.price,
                    finish_in: Duration(q.finish_us),
                    at: ctx.now,
                };
                self.answer(ctx, &IntentId(*q.intent), from, Some(quote))
            }
            Frame::Decline(d) => self.answer(ctx, &IntentId(*d.intent), from, None),
            Frame::Subscribe(_) => self.on_subscribe(ctx, from),
            Frame::Subscribed(s) => self.on_subscribed(ctx, from, s.accepted.0),
            Frame::LoadAdvert(a) => self.on_advert(ctx.now, from, a),
            Frame::LoadDelta(d) => self.on_delta(ctx.now, from, d),
            _ => Err(DropReason::UnexpectedFrame),
        }
    }

    fn answer(
        &mut self,
        ctx: &mut Ctx<'_>,
        intent: &IntentId,
        from: &NodeId,
        quote: Option<Choice>,
    ) -> Result<(), DropReason> {
        let search =
            self.searches.get_mut(intent).filter(|s| s.open.contains(from)).ok_or(DropReason::UnexpectedFrame)?;
        search.open.retain(|n| n != from);
        let capability = search.need.capability;
        if let Some(quote) = quote {
            let quoted = self.weigh(ctx, quote, &capability);
            if let Some(search) = self.searches.get_mut(intent) {
                search.quotes.push(quoted);
            }
        }
        if self.searches.get(intent).is_some_and(|s| s.open.is_empty() && !s.decided) {
            self.decide(ctx, *intent);
        }
        Ok(())
    }

    fn weigh(&self, ctx: &Ctx<'_>, quote: Choice, capability: &[u8; 32]) -> Quoted {
        let node = quote.worker;
        let rtt = ctx.mesh.rtt(&node).unwrap_or(Duration::from_millis(400));
        let standing = ctx.trust.standing(ctx.now, &node, capability);
        let synapse = self.synapse(ctx.now, &node, capability);
        let score = choice::score(quote.finish_in + rtt, synapse, standing);
        Quoted {
            node,
            nonce: quote.nonce,
            price: quote.price,
            finish_in: quote.finish_in,
            at: quote.at,
            standing,
            synapse,
            score,
        }
    }

    /// Quotes that have not come do not count.
    pub(crate) fn quotes_due(&mut self, ctx: &mut Ctx<'_>, number: u64) {
        if let Some(intent) = self.numbers.get(&number).copied() {
            self.decide(ctx, intent);
        }
    }

    fn decide(&mut self, ctx: &mut Ctx<'_>, intent: IntentId) {
        let Some(search) = self.searches.get_mut(&intent) else { return };
        ctx.timers.cancel(Timer::Quotes(search.number));
        search.decided = true;
        // spec: ROUTE-008 82b9
        let affordable: Vec<Quoted> = search
            .quotes
            .iter()
            .filter(|q| q.price <= search.need.budget && ctx.now.since(q.at) <= HOLD)
            .filter(|q| !ctx.trust.is_suspended(ctx.now, &q.node))
            .copied()
            .collect();
        let chosen = choose(&affordable);
        let explanation = Explanation {
            intent,
            at: ctx.now,
            candidates: search.candidates.clone(),
            quotes: affordable.clone(),
            chosen: chosen.map(|q| q.node),
        };
        if self.explanations.len() == MAX_EXPLANATIONS {
            self.explanations.pop_front();
        }
        // spec: ROUTE-009 8001
        self.explanations.push_back(explanation);
        let choice =
            chosen.map(|q| Choice { worker: q.node, nonce: q.nonce, price: q.price, finish_in: q.finish_in, at: q.at });
        if choice.is_none() {
            self.settled(ctx.timers, &intent);
        }
        ctx.out.push_back(Effect::Routed { intent, choice });
    }

    /// The chosen worker declined: its new quote, if any, competes with the others.
    pub(crate) fn declined(&mut self, ctx: &mut Ctx<'_>, intent: IntentId, worker: NodeId, quote: Option<Choice>) {
        let Some(search) = self.searches.get_mut(&intent) else {
            ctx.out.push_back(Effect::Routed { intent, choice: None });
            return;
        };
        let capability = search.need.capability;
        search.quotes.retain(|q| q.node != worker);
        let again = search.declined.contains(&worker);
        search.declined.push(worker);
        if let Some(quote) = quote.filter(|_| !again) {
            let quoted = self.weigh(ctx, quote, &capability);
            if let Some(search) = self.searches.get_mut(&intent) {
                search.quotes.push(quoted);
            }
        }
        self.decide(ctx, intent);
    }

    /// The search is over.
    pub(crate) fn settled(&mut self, timers: &mut Timers, intent: &IntentId) {
        if let Some(search) = self.searches.remove(intent) {
            self.numbers.remove(&search.number);
            timers.cancel(Timer::Quotes(search.number));
        }
    }

    /// A member is gone, or a new run of it forgot us: it is no partner, and its quotes are void.
    pub(crate) fn gone(&mut self, ctx: &mut Ctx<'_>, node: &NodeId) {
        if self.partners.remove(node).is_some() {
            self.seek_partners(ctx);
        }
        let waiting: Vec<IntentId> =
            self.searches.iter().filter(|(_, s)| s.open.contains(node)).map(|(i, _)| *i).collect();
        for search in self.searches.values_mut() {
            search.quotes.retain(|q| q.node != *node);
        }
        for intent in waiting {
            let _ = self.answer(ctx, &intent, node, None);
        }
    }
}
