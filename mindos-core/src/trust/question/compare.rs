//! Holders compare what they hold by its root, and tell each other what differs; whoever asks gets what is there.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;
use bytes::Bytes;
use mindos_wire::{ForecastQuestionBody, MAX_MESSAGE, Message, TrustHave, TrustWant};

use super::{Ctx, Questions, carried, had, merit, wanted};
use crate::identity::{NodeId, QuestionId};
use crate::{DropReason, Duration};

/// One peer is told all names of a question at most so often, and so many times in all.
const TELL: Duration = Duration::from_millis(500);
const TIMES: u8 = 8;
const MAX_TOLD: usize = 64;

/// Frames for a peer, in as many messages as they need.
fn send_paged(ctx: &mut Ctx<'_>, to: NodeId, frames: impl Iterator<Item = Vec<u8>>) {
    let mut page = Vec::new();
    for frame in frames {
        if page.len() + frame.len() > MAX_MESSAGE {
            ctx.send(to, core::mem::take(&mut page));
        }
        page.extend(frame);
    }
    if !page.is_empty() {
        ctx.send(to, page);
    }
}

impl Questions {
    /// The root of what this node holds of a question, to its fellows.
    pub(super) fn tell_root(&mut self, ctx: &mut Ctx<'_>, id: &QuestionId) {
        let Some(held) = self.held.get_mut(id) else { return };
        // spec: TRUST-016 b5f3
        let (domain, root) = (held.question.domain, held.root(ctx.identity.crypto));
        for fellow in self.seats.holders(ctx, domain) {
            if fellow != ctx.identity.id {
                ctx.send(fellow, had(id, &root, &[]));
            }
        }
    }

    /// Asks who told of a question, and all fellows, for the names of what they hold of it, whatever that is.
    pub(super) fn ask_for_names(&mut self, ctx: &mut Ctx<'_>, first: &NodeId, id: &QuestionId) {
        let Some(domain) = self.held.get(id).map(|h| h.question.domain) else { return };
        let fellows = self.seats.holders(ctx, domain).into_iter().filter(|f| f != first);
        for to in core::iter::once(*first).chain(fellows).filter(|f| *f != ctx.identity.id).collect::<Vec<_>>() {
            ctx.send(to, had(id, &[0; 32], &[]));
        }
    }

    /// Somebody wants records: that of a question comes with this node's belief.
    pub(super) fn on_want(&mut self, ctx: &mut Ctx<'_>, from: &NodeId, f: &TrustWant<'_>) -> Result<(), DropReason> {
        let mut found: Vec<Bytes> = Vec::new();
        for wanted in f.records.iter() {
            let question = QuestionId(wanted.value);
            let records = match self.held.get(&question).map(|h| h.question.record.clone()) {
                Some(record) => [Some(record), self.belief(ctx, &question)],
                None => match merit::named(&wanted.value) {
                    Some(domain) => [self.merit_record(ctx, domain), None],
                    None => [self.evidence.get(&wanted.value).cloned(), None],
                },
            };
            let records: Vec<Bytes> = records.into_iter().flatten().collect();
            let bytes = 64 + records.iter().map(Bytes::len).sum::<usize>();
            if !records.is_empty() && !self.budget.allows(ctx.now, from, bytes) {
                break;
            }
            found.extend(records);
        }
        // Questions first, and commits before the reveals that rest on them.
        found.sort_by_key(|r| r.first().copied().filter(|kind| *kind != ForecastQuestionBody::TYPE));
        send_paged(ctx, *from, found.iter().map(carried));
        Ok(())
    }

    /// What somebody holds about a question.
    pub(super) fn on_have(&mut self, ctx: &mut Ctx<'_>, from: &NodeId, f: &TrustHave<'_>) -> Result<(), DropReason> {
        let id = QuestionId(*f.about);
        let named: Vec<[u8; 32]> = f.records.iter().map(|h| h.value).collect();
        self.on_named(ctx, from, &id, &named);
        let Some(held) = self.held.get_mut(&id) else {
            // A seat that came to this node: its question first. Strangers have nothing to tell.
            ctx.mesh.state(from).ok_or(DropReason::UnexpectedFrame)?;
            ctx.send(*from, wanted(core::iter::once(id.0)));
            return Ok(());
        };
        if f.root == &held.root(ctx.identity.crypto) {
            return Ok(());
        }
        let lacking: Vec<[u8; 32]> = named
            .iter()
            .copied()
            .filter(|n| !held.names.contains(n) && !held.heard.as_ref().is_some_and(|h| h.has(n)))
            .collect();
        if !lacking.is_empty() {
            ctx.send(*from, wanted(lacking.into_iter()));
        }
        if held.is_listening() {
            // Who has heard half of it would be counted by others that listen.
            return Ok(());
        }
        let told = held.told.get(from).copied();
        if told.is_some_and(|(at, times)| ctx.now.since(at) < TELL || times >= TIMES) {
            return if f.records.iter().next().is_some() { Ok(()) } else { Err(DropReason::Full) };
        }
        // Who differs is told everything, and asked what it has besides: each may lack something.
        if held.told.len() >= MAX_TOLD && told.is_none() {
            let oldest = held.told.iter().min_by_key(|t| t.1.0).map(|t| *t.0);
            oldest.and_then(|n| held.told.remove(&n));
        }
        held.told.insert(*from, (ctx.now, told.map_or(1, |t| t.1 + 1)));
        let names: Vec<[u8; 32]> = held.names.iter().copied().collect();
        let root = held.root(ctx.identity.crypto);
        if !self.budget.allows(ctx.now, from, names.len() * 32) {
            return Err(DropReason::Full);
        }
        for page in names.chunks(255) {
            ctx.send(*from, had(&id, &root, page));
        }
        if names.is_empty() {
            ctx.send(*from, had(&id, &root, &[]));
        }
        Ok(())
    }

    /// A member came into service: if it holds a domain, it is told of its questions.
    pub(crate) fn member_up(&mut self, ctx: &mut Ctx<'_>, node: &NodeId) {
        for domain in self.held_domains() {
            if self.seats.may_be_first(ctx, domain, node) && self.seats.may_hold(ctx, domain, node) {
                self.introduce(ctx, *node, domain);
            }
        }
    }

    /// A member went out of service: who has its seats now is told.
    pub(crate) fn member_gone(&mut self, ctx: &mut Ctx<'_>, node: &NodeId) {
        for domain in self.held_domains() {
            if self.seats.was_first(domain, node)
                && let Some(last) = self.seats.holders(ctx, domain).last().copied()
            {
                self.introduce(ctx, last, domain);
            }
        }
    }

    fn held_domains(&self) -> BTreeSet<u32> {
        self.held.values().map(|h| h.question.domain).collect()
    }

    /// What this node holds of a domain, by root: whoever differs asks for more.
    fn introduce(&mut self, ctx: &mut Ctx<'_>, to: NodeId, domain: u32) {
        if to != ctx.identity.id {
            let crypto = ctx.identity.crypto;
            let held = self.held.values_mut().filter(|h| h.question.domain == domain);
            let roots = held.map(|h| (h.question.id, h.root(crypto)));
            let frames: Vec<Vec<u8>> = roots.map(|(id, root)| had(&id, &root, &[])).collect();
            send_paged(ctx, to, frames.into_iter());
        }
    }
}
