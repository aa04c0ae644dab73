//! How evidence spreads: by name to neighbours, and whole to those who ask.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use bytes::Bytes;
use mindos_wire::{Bytes16, ContextData, Hash, List, Tail, TrustHave, TrustRecord, TrustWant};

use super::case::Verdict;
use super::{BATCH, Ctx, Immune, MAX_PIECES};
use crate::identity::NodeId;
use crate::outbox::{Effect, frame};
use crate::timer::Timer;
use crate::trust::Refusal;
use crate::trust::budget::Budget;
use crate::{DropReason, Duration, Instant};

/// A newcomer is told of evidence after this: by then it knows the members.
const SETTLED: Duration = Duration::from_secs(5);
const MAX_NEWCOMERS: usize = 16;
/// Members that one message tells of: each with 18 names at most, in 65,535 bytes.
const TOLD: usize = 64;
/// Successors that tell a newcomer: those whom it comes after on the first rings.
const NEXT: usize = 4;
/// What was asked for and did not come is asked of the next one that has it.
const PATIENCE: Duration = Duration::from_secs(2);
const MAX_WANTED: usize = 256;
/// Of these one teller's, and its about one member.
const MAX_TOLD: usize = 32;
const MAX_TOLD_OF: usize = 6;
/// Who told of what it did not give is not asked for so long.
const DEAF: Duration = Duration::from_secs(60);
/// Roots remembered; beyond, somebody is told what it knows.
const MAX_ROOTS: usize = 1_024;
/// Bytes of evidence that one member gets within a minute; what is beyond is not answered.
const BUDGET: usize = 1 << 20;
/// Nodes remembered that have one record.
const MAX_SOURCES: usize = 4;

/// Record types of this chapter.
const EVIDENCE: u8 = 0x1a;
const APPEAL: u8 = 0x1e;

#[derive(Debug)]
struct Wanted {
    /// Who told of it first.
    teller: NodeId,
    /// Who else has it.
    sources: Vec<NodeId>,
    asked: Instant,
}

/// News to tell, and records to get.
#[derive(Debug)]
pub(super) struct Exchange {
    news: BTreeSet<NodeId>,
    /// The root that a peer told of a node, until this node tells of it.
    roots: BTreeMap<(NodeId, NodeId), [u8; 32]>,
    /// By name, and by the member that a teller said it is about: nobody's false word stands for another's.
    wanted: BTreeMap<([u8; 32], NodeId), Wanted>,
    /// Names of what came and was refused: not asked for again so soon.
    refused: BTreeMap<[u8; 32], Instant>,
    /// Who told of what did not come, and when that was seen.
    empty: BTreeMap<NodeId, Instant>,
    newcomers: Vec<(Instant, NodeId)>,
    /// Bytes queued for peers.
    told: u64,
    budget: Budget,
    /// The record before this one, of the same peer: the receipt of evidence, or the other half of an equivocation.
    before: Option<(NodeId, Bytes)>,
}

impl Default for Exchange {
    fn default() -> Self {
        Self {
            news: BTreeSet::new(),
            roots: BTreeMap::new(),
            wanted: BTreeMap::new(),
            refused: BTreeMap::new(),
            empty: BTreeMap::new(),
            newcomers: Vec::new(),
            told: 0,
            budget: Budget::new(Duration::from_secs(60), BUDGET),
            before: None,
        }
    }
}

impl Exchange {
    /// There is something new about a node.
    pub(super) fn news(&mut self, ctx: &mut Ctx<'_>, subject: NodeId) {
        self.news.insert(subject);
        ctx.timers.set_no_later(Timer::Immune, ctx.now + BATCH);
    }

    pub(super) fn send(&mut self, ctx: &mut Ctx<'_>, to: NodeId, frames: Vec<u8>) {
        self.told += frames.len() as u64;
        ctx.out.push_back(Effect::message(to, frames));
    }

    /// Answers somebody who asked, as long as it had not too much.
    fn give(&mut self, ctx: &mut Ctx<'_>, to: &NodeId, frames: Vec<u8>) {
        if self.budget.allows(ctx.now, to, frames.len()) {
            self.send(ctx, *to, frames);
        }
    }

    fn want(&mut self, ctx: &mut Ctx<'_>, to: NodeId, names: &[Hash]) {
        self.send(ctx, to, frame(&TrustWant { records: List::new(names), tail: Tail::default() }));
    }

    /// About whom a record was asked of a peer, by its name.
    fn asked(&self, name: &[u8; 32], of: &NodeId) -> Vec<NodeId> {
        let all = self.wanted.range((*name, NodeId([0; 32]))..=(*name, NodeId([255; 32])));
        all.filter(|(_, w)| w.teller == *of).map(|((_, about), _)| *about).collect()
    }

    /// What was asked for came, and was taken or not. Where that may be the fault of who sent it, the next one that has
    /// it is asked in time; what is refused for its own sake is not asked for again so soon.
    fn came(&mut self, now: Instant, name: &[u8; 32], about: Vec<NodeId>, outcome: Result<(), DropReason>) {
        use DropReason::{BadSignature, Malformed, Refused};
        let of_sender =
            matches!(outcome, Err(BadSignature | Malformed(_) | Refused(Refusal::Missing | Refusal::Parts)));
        for about in about {
            let key = (*name, about);
            if !of_sender || self.wanted.get(&key).is_some_and(|w| w.sources.is_empty()) {
                self.wanted.remove(&key);
            }
        }
        // About whom it is, the teller said; and a host that tells the time changes all.
        let of_itself = !of_sender && !matches!(outcome, Ok(()) | Err(Refused(Refusal::Subject | Refusal::Clock)));
        if of_itself && self.refused.len() < MAX_ROOTS {
            self.refused.insert(*name, now);
        }
    }

    /// Nothing more about a node is wanted.
    pub(super) fn forget(&mut self, subject: &NodeId) {
        self.wanted.retain(|(_, about), _| about != subject);
    }
}

/// The frame of a record of trust.
pub(super) fn trust_record(record: &[u8]) -> Vec<u8> {
    frame(&TrustRecord { record: Bytes16(record), tail: Tail::default() })
}

fn content(bytes: &[u8]) -> Vec<u8> {
    frame(&ContextData { bytes: Bytes16(bytes), tail: Tail::default() })
}

impl Immune {
    /// Names of what may be told about a node, rising.
    fn names(&self, subject: &NodeId) -> Vec<Hash> {
        let Some(case) = self.cases.get(subject) else { return Vec::new() };
        // spec: INC-011 276f
        let told = case.pieces.iter().filter(|(_, p)| p.verdict != Verdict::Asked).map(|(n, _)| *n);
        let pair = case.equivocation.iter().flatten().map(|(name, _)| *name);
        let all: BTreeSet<[u8; 32]> = told.chain(pair).collect();
        all.into_iter().map(|value| Hash { value }).collect()
    }

    fn have(&self, ctx: &Ctx<'_>, subject: &NodeId) -> Vec<u8> {
        let names = self.names(subject);
        if names.is_empty() {
            return Vec::new();
        }
        frame(&TrustHave {
            about: &subject.0,
            root: &root(ctx, &names),
            records: List::new(&names),
            tail: Tail::default(),
        })
    }

    /// Tells neighbours what is new, newcomers what stands, and asks again for what did not come.
    pub(super) fn tell(&mut self, ctx: &mut Ctx<'_>) {
        let news = core::mem::take(&mut self.exchange.news);
        if !news.is_empty() {
            // spec: INC-010 2062
            let all: Vec<(NodeId, [u8; 32], Vec<u8>)> = news
                .iter()
                .map(|n| (*n, root(ctx, &self.names(n)), self.have(ctx, n)))
                .filter(|(_, _, frames)| !frames.is_empty())
                .collect();
            let heard: Vec<NodeId> =
                ctx.mesh.successors().into_iter().filter(|to| !self.is_kept_out(ctx.now, ctx.mesh, to)).collect();
            for (to, some) in heard.into_iter().flat_map(|to| all.chunks(TOLD).map(move |some| (to, some))) {
                let lacks = |n: &NodeId, root: &[u8; 32]| self.exchange.roots.get(&(to, *n)) != Some(root);
                let frames: Vec<u8> =
                    some.iter().filter(|(n, root, _)| lacks(n, root)).flat_map(|(_, _, f)| f.iter().copied()).collect();
                if !frames.is_empty() {
                    self.exchange.send(ctx, to, frames);
                }
            }
            self.exchange.roots.retain(|(_, about), _| !news.contains(about));
        }
        let (due, later): (Vec<_>, Vec<_>) = core::mem::take(&mut self.exchange.newcomers)
            .into_iter()
            .partition(|(at, _)| ctx.now.since(*at) >= SETTLED);
        self.exchange.newcomers = later;
        for (_, to) in due {
            let all: Vec<NodeId> = self.cases.keys().copied().collect();
            for some in all.chunks(TOLD) {
                let frames: Vec<u8> = some.iter().flat_map(|n| self.have(ctx, n)).collect();
                // spec: INC-014 6bd4
                self.exchange.send(ctx, to, frames);
            }
        }
        let mut again: Vec<(NodeId, [u8; 32])> = Vec::new();
        self.exchange.empty.retain(|_, at| ctx.now.since(*at) < DEAF);
        self.exchange.refused.retain(|_, at| ctx.now.since(*at) < DEAF);
        self.exchange.wanted.retain(|(name, _), w| {
            if ctx.now.since(w.asked) < PATIENCE {
                return true;
            }
            if self.exchange.empty.len() < MAX_ROOTS {
                self.exchange.empty.insert(w.teller, ctx.now);
            }
            let Some(source) = w.sources.pop() else { return false };
            w.teller = source;
            w.asked = ctx.now;
            again.push((source, *name));
            true
        });
        again.into_iter().for_each(|(to, name)| self.exchange.want(ctx, to, &[Hash { value: name }]));
        let wanted = self.exchange.wanted.values().map(|w| w.asked + PATIENCE);
        let newcomers = self.exchange.newcomers.iter().map(|n| n.0 + SETTLED);
        wanted.chain(newcomers).min().into_iter().for_each(|at| ctx.timers.set_no_later(Timer::Immune, at));
    }

    /// Bytes that were queued for peers.
    pub(crate) fn told(&self) -> u64 {
        self.exchange.told
    }

    /// A member is new, or restarted and forgot everything: those on the rings next to it tell it what stands.
    pub(crate) fn joined(&mut self, ctx: &mut Ctx<'_>, node: NodeId) {
        let tells = !self.cases.is_empty() && ctx.mesh.successors().iter().take(NEXT).any(|n| *n == node);
        if tells && self.exchange.newcomers.len() < MAX_NEWCOMERS {
            self.exchange.newcomers.push((ctx.now, node));
            ctx.timers.set_no_later(Timer::Immune, ctx.now + SETTLED);
        }
    }

    /// A peer has records about a member: those that are lacking are asked for.
    ///
    /// # Errors
    /// Not about a member, or nothing that the peer says counts; nothing changes.
    pub(crate) fn on_have(&mut self, ctx: &mut Ctx<'_>, from: &NodeId, have: &TrustHave<'_>) -> Result<(), DropReason> {
        let about = NodeId(*have.about);
        if ctx.mesh.state(&about).is_none() || about == ctx.identity.id {
            return Err(Refusal::Member.into());
        }
        if !ctx.mesh.is_vouched_for(from) {
            return Err(Refusal::Unvouched.into());
        }
        if self.is_unheard(ctx.now, ctx.mesh, from) {
            return Err(Refusal::Unheard.into());
        }
        // spec: INC-012 b447
        if self.is_kept_out(ctx.now, ctx.mesh, &about) {
            return Ok(());
        }
        if self.exchange.roots.len() < MAX_ROOTS {
            self.exchange.roots.insert((*from, about), *have.root);
        }
        let held = self.cases.get(&about).map_or(0, |c| c.pieces.len());
        let of_teller = self.exchange.wanted.iter().filter(|(_, w)| w.teller == *from);
        let (told, of_it) = of_teller.fold((0, 0), |(n, m), ((_, a), _)| (n + 1, m + usize::from(*a == about)));
        // One who names what is not there keeps nobody else's names out.
        let empty = self.exchange.empty.get(from).is_some_and(|at| ctx.now.since(*at) < DEAF);
        let mut room = if empty { 0 } else { MAX_TOLD_OF.saturating_sub(of_it).min(MAX_TOLD.saturating_sub(told)) };
        room = room.min((MAX_PIECES + 2).saturating_sub(held));
        let mut lacking: Vec<Hash> = Vec::new();
        for name in have.records.iter() {
            if self.cases.get(&about).is_some_and(|c| c.pieces.contains_key(&name.value)) {
                continue;
            }
            if self.exchange.refused.get(&name.value).is_some_and(|at| ctx.now.since(*at) < DEAF) {
                continue;
            }
            if let Some(wanted) = self.exchange.wanted.get_mut(&(name.value, about)) {
                if wanted.sources.len() < MAX_SOURCES && !wanted.sources.contains(from) {
                    wanted.sources.push(*from);
                }
            } else if room > 0 && self.exchange.wanted.len() < MAX_WANTED {
                room -= 1;
                self.exchange
                    .wanted
                    .insert((name.value, about), Wanted { teller: *from, sources: Vec::new(), asked: ctx.now });
                lacking.push(name);
            }
        }
        if !lacking.is_empty() {
            self.exchange.want(ctx, *from, &lacking);
            ctx.timers.set_no_later(Timer::Immune, ctx.now + PATIENCE);
        }
        Ok(())
    }

    /// A peer asks for records: each goes in one message with what a check of it needs.
    // spec: INC-013 7715
    pub(crate) fn on_want(&mut self, ctx: &mut Ctx<'_>, from: &NodeId, names: &[[u8; 32]]) {
        if ctx.mesh.state(from).is_none() {
            return;
        }
        for name in names.iter().take(MAX_PIECES + 2).collect::<BTreeSet<_>>() {
            for case in self.cases.values() {
                if let Some(p) = case.pieces.get(name).filter(|p| p.verdict != Verdict::Asked) {
                    // The evidence last: when it is read, the rest is there.
                    let contents = [&p.intent].into_iter().chain(&p.contexts).chain([&p.output]);
                    let mut frames: Vec<u8> = contents.flat_map(|c| content(c)).collect();
                    frames.extend(trust_record(&p.receipt));
                    frames.extend(trust_record(&p.evidence));
                    self.exchange.give(ctx, from, frames);
                }
                let Some(pair) = &case.equivocation else { continue };
                if pair.iter().any(|(n, _)| n == name) {
                    let frames: Vec<u8> = pair.iter().flat_map(|(_, r)| trust_record(r)).collect();
                    self.exchange.give(ctx, from, frames);
                }
            }
        }
    }

    /// A record of this chapter: whether it and one before it convict their author.
    ///
    /// # Errors
    /// Nobody asked for it, it does not hold, or there is no room; nothing changes but what was asked for.
    pub(crate) fn on_record(&mut self, ctx: &mut Ctx<'_>, from: &NodeId, bytes: &[u8]) -> Result<bool, DropReason> {
        if ctx.mesh.state(from).is_none() {
            return Err(Refusal::Member.into());
        }
        if bytes.first() == Some(&APPEAL) {
            return self.on_appeal(ctx, from, bytes).map(|()| false);
        }
        let record = Bytes::copy_from_slice(bytes);
        let before = self.exchange.before.replace((*from, record.clone())).filter(|b| b.0 == *from).map(|b| b.1);
        let name = ctx.identity.crypto.hash(&[bytes]);
        for other in before.iter().cloned().chain(self.twins(&record)) {
            if self.on_equivocation(ctx, &other, &record) {
                return Ok(true);
            }
        }
        let asked = self.exchange.asked(&name, from);
        let outcome = match (bytes.first(), before) {
            // spec: INC-015 810a
            (Some(&EVIDENCE), _) if asked.is_empty() => return Err(Refusal::Unasked.into()),
            (Some(&EVIDENCE), None) => Err(Refusal::Missing.into()),
            (Some(&EVIDENCE), Some(receipt)) => self.on_evidence(ctx, &asked, (&record, &receipt)),
            // A receipt, whose evidence is right behind it, or one of two that exclude each other.
            _ => Err(Refusal::Missing.into()),
        };
        self.exchange.came(ctx.now, &name, asked, outcome);
        if bytes.first() == Some(&EVIDENCE) { outcome.map(|()| false) } else { Ok(false) }
    }
}

/// The root over names.
fn root(ctx: &Ctx<'_>, names: &[Hash]) -> [u8; 32] {
    let parts: Vec<&[u8]> = names.iter().map(|n| &n.value[..]).collect();
    ctx.identity.crypto.hash(&parts)
}
