//! What a holder hears of a question that it met late: no clock tells when it was said, so that only what most of those
//! have that tell of the question counts.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use mindos_wire::{CommitBody, Message, RevealBody};

use super::record::{Commit, Reveal};
use super::take::STRANGERS;
use super::{Ctx, Questions};
use crate::DropReason;
use crate::identity::{NodeId, QuestionId};
use crate::trust::truth::MAX_REPORTS;

/// Fellows that are listened to about one question; more are not.
const MAX_FELLOWS: usize = 8;
/// Names that one of them may tell of a question, one of all questions, and all of all; more are passed over.
const MAX_NAMES: usize = 4 * MAX_REPORTS;
const MAX_OF_FELLOW: usize = 1 << 16;
const MAX_OF_ALL: usize = 1 << 20;
/// Records of one type and author that one of them may send: two commits prove that their author says nothing.
const MAX_EACH: u8 = 2;

/// What a record says: its author, its type, the commitment.
type Entry = (NodeId, u8, [u8; 32]);

/// What waits to be counted.
#[derive(Debug)]
pub(super) enum Said {
    Commit(Commit),
    Reveal(Reveal),
}

impl Said {
    fn entry(&self) -> Entry {
        match self {
            Self::Commit(c) => (c.author, CommitBody::TYPE, c.commitment),
            Self::Reveal(r) => (r.author, RevealBody::TYPE, r.commitment),
        }
    }
}

/// What one fellow told.
#[derive(Debug, Default)]
struct Told {
    names: BTreeSet<[u8; 32]>,
    /// Records that it sent, by type and author.
    sent: BTreeMap<(u8, NodeId), u8>,
}

/// What was heard of a question.
#[derive(Debug, Default)]
pub(super) struct Heard {
    /// By fellows that named something.
    told: BTreeMap<NodeId, Told>,
    /// Not counted yet: what it is, and the name of its record that is kept.
    waiting: BTreeMap<Entry, (Said, [u8; 32])>,
    /// What the records say that were sent, and their names: one author may have signed the same for each holder.
    names: BTreeMap<Entry, BTreeSet<[u8; 32]>>,
    entries: BTreeMap<[u8; 32], Entry>,
}

/// How many names fellows told of all questions that were met late.
#[derive(Debug, Default)]
pub(super) struct Names {
    of: BTreeMap<NodeId, usize>,
    all: usize,
}

impl Names {
    fn room(&self, fellow: &NodeId) -> usize {
        let told = self.of.get(fellow).copied().unwrap_or(0);
        MAX_OF_FELLOW.saturating_sub(told).min(MAX_OF_ALL.saturating_sub(self.all))
    }

    fn add(&mut self, fellow: &NodeId, names: usize) {
        *self.of.entry(*fellow).or_default() += names;
        self.all += names;
    }

    fn remove(&mut self, heard: &Heard) {
        for (fellow, told) in &heard.told {
            if let Some(of) = self.of.get_mut(fellow) {
                *of -= told.names.len();
            }
            self.all -= told.names.len();
        }
        self.of.retain(|_, names| *names > 0);
    }
}

impl Heard {
    /// A fellow has these: the authors of those whose records are here.
    fn named(&mut self, from: &NodeId, names: &[[u8; 32]], total: &mut Names) -> BTreeSet<NodeId> {
        if !names.is_empty() && (self.told.len() < MAX_FELLOWS || self.told.contains_key(from)) {
            let told = self.told.entry(*from).or_default();
            let before = told.names.len();
            let room = MAX_NAMES.saturating_sub(before).min(total.room(from));
            told.names.extend(names.iter().take(room));
            total.add(from, told.names.len() - before);
        }
        names.iter().filter_map(|n| self.entries.get(n)).map(|e| e.0).collect()
    }

    /// Whether the record of this name was sent.
    pub(super) fn has(&self, name: &[u8; 32]) -> bool {
        self.entries.contains_key(name)
    }

    /// Of what waits.
    fn authors(&self) -> BTreeSet<NodeId> {
        self.waiting.keys().map(|e| e.0).collect()
    }

    /// Names of records that are kept and do not count.
    fn waiting(&self) -> impl Iterator<Item = &[u8; 32]> {
        self.waiting.values().map(|w| &w.1)
    }

    /// Whether a fellow named this record and may send one more of its type and author.
    fn may_send(
        &self,
        from: &NodeId,
        name: &[u8; 32],
        kind: u8,
        author: &NodeId,
        is_stranger: impl Fn(&NodeId) -> bool,
    ) -> bool {
        let Some(told) = self.told.get(from).filter(|t| t.names.contains(name)) else { return false };
        match told.sent.get(&(kind, *author)) {
            Some(times) => *times < MAX_EACH,
            None => {
                let others = || told.sent.keys().filter(|s| s.0 == kind).map(|s| &s.1);
                others().count() < MAX_REPORTS
                    && (!is_stranger(author) || others().filter(|a| is_stranger(a)).count() < MAX_REPORTS / STRANGERS)
            }
        }
    }

    /// A record that a fellow sent; whether it says what no other said.
    fn take(&mut self, from: &NodeId, name: [u8; 32], said: Said) -> bool {
        let entry = said.entry();
        if let Some(told) = self.told.get_mut(from) {
            *told.sent.entry((entry.1, entry.0)).or_default() += 1;
        }
        self.entries.insert(name, entry);
        let names = self.names.entry(entry).or_default();
        let is_first = names.is_empty();
        names.insert(name);
        if is_first {
            self.waiting.insert(entry, (said, name));
        }
        is_first
    }

    /// Whether more than half of those that told something told this, and so many at least.
    // spec: TRUST-025 dc2b
    fn counts(&self, entry: &Entry, least: usize) -> bool {
        let Some(names) = self.names.get(entry) else { return false };
        let has = |t: &&Told| names.iter().any(|n| t.names.contains(n));
        let tellers = self.told.values().filter(has).count();
        tellers >= least && 2 * tellers > self.told.len()
    }
}

impl Questions {
    /// A fellow names what it has of a question that this node met late.
    pub(super) fn on_named(&mut self, ctx: &mut Ctx<'_>, from: &NodeId, id: &QuestionId, names: &[[u8; 32]]) {
        let clock = ctx.unix_us.unwrap_or(u64::MAX);
        let Some(held) = self.held.get(id).filter(|h| h.times().is_late(clock)) else { return };
        if !self.seats.may_hold(ctx, held.question.domain, from) {
            return;
        }
        let heard = self.held.get_mut(id).and_then(|h| h.heard.as_mut());
        let authors = heard.map(|h| h.named(from, names, &mut self.late)).unwrap_or_default();
        for author in authors {
            self.count(ctx, id, &author);
        }
    }

    /// A record that is taken only because its question was met late.
    ///
    /// # Errors
    /// Its sender did not name it, or sends too much; nothing changes.
    pub(super) fn hear(
        &mut self,
        ctx: &mut Ctx<'_>,
        from: &NodeId,
        id: &QuestionId,
        (name, bytes): ([u8; 32], &[u8]),
        verify: impl FnOnce(&Ctx<'_>) -> Result<Said, DropReason>,
    ) -> Result<(), DropReason> {
        let held = self.held.get_mut(id).ok_or(DropReason::UnexpectedRecord)?;
        let reveals = held.question.reveals;
        let heard = held.heard.as_mut().ok_or(DropReason::Untimely)?;
        if heard.has(&name) {
            return Ok(());
        }
        let kind = bytes.first().copied().unwrap_or_default();
        let author = super::record::claimed_author(bytes).ok_or(DropReason::UnexpectedRecord)?;
        let is_stranger = |a: &NodeId| !ctx.mesh.is_vouched_at(a, reveals);
        if !heard.may_send(from, &name, kind, &author, is_stranger) {
            return Err(DropReason::UnexpectedRecord);
        }
        let said = verify(ctx)?;
        if heard.take(from, name, said) {
            self.evidence.insert(name, bytes);
        }
        self.count(ctx, id, &author);
        Ok(())
    }

    /// What waits of a question has been listened to for long enough.
    pub(super) fn count_all(&mut self, ctx: &mut Ctx<'_>, id: &QuestionId) {
        let authors: BTreeSet<NodeId> =
            self.held.get(id).and_then(|h| h.heard.as_ref()).map(Heard::authors).unwrap_or_default();
        for author in authors {
            self.count(ctx, id, &author);
        }
    }

    /// Counts what an author said, if enough fellows have it: its commits, and then the reveals that fit these.
    fn count(&mut self, ctx: &mut Ctx<'_>, id: &QuestionId, author: &NodeId) {
        let Some(held) = self.held.get(id).filter(|h| !h.is_listening()) else { return };
        let me = ctx.identity.id;
        let fellows = self.seats.holders(ctx, held.question.domain).into_iter().filter(|h| *h != me).count();
        let Some(held) = self.held.get_mut(id) else { return };
        // What is counted does not wait any more.
        let Some(mut heard) = held.heard.take() else { return };
        let of_author = (*author, 0, [0; 32])..=(*author, u8::MAX, [u8::MAX; 32]);
        let waiting = heard.waiting.range(of_author).map(|w| *w.0);
        let mut is_new = false;
        for entry in waiting.filter(|e| heard.counts(e, fellows.clamp(1, 2))).collect::<Vec<_>>() {
            let fits = entry.1 == CommitBody::TYPE || held.commits.get(author).is_some_and(|c| c.contains(&entry.2));
            let has_room = held.commits.len() < MAX_REPORTS || held.commits.contains_key(author);
            if !fits || !has_room {
                continue;
            }
            if let Some((said, name)) = heard.waiting.remove(&entry) {
                let counted = match said {
                    Said::Commit(commit) => held.commit(commit, name),
                    Said::Reveal(reveal) => held.reveal(reveal, name),
                };
                if !counted && !held.names.contains(&name) {
                    self.evidence.forget(core::iter::once(&name));
                }
                is_new |= counted;
            }
        }
        held.heard = Some(heard);
        if is_new {
            self.changed(ctx, id);
        }
    }

    /// Nothing that comes late is taken any more: what does not count by now never will.
    pub(super) fn unhear(&mut self, id: &QuestionId) {
        let Some(heard) = self.held.get_mut(id).and_then(|h| h.heard.take()) else { return };
        self.late.remove(&heard);
        self.evidence.forget(heard.waiting());
    }
}

#[cfg(test)]
impl Names {
    pub(super) const fn all(&self) -> usize {
        self.all
    }
}
