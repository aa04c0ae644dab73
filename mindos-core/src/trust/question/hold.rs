//! A question as its holder has it: what was said, when it closes, and what follows.
//!
//! `take.rs` takes records in their time, `compare.rs` exchanges them with fellow holders and gives them to whoever asks.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use bytes::Bytes;
use mindos_wire::{AnchorBody, CommitBody, Message, RevealBody};

use super::domain::{Domain, Place};
use super::late::Heard;
use super::record::{Anchor, Commit, Computed, Question, Reveal, entry};
use super::take::{LATE_FOR, Times};
use super::{Ctx, LATE, Questions, us};
use crate::Instant;
use crate::crypto::Crypto;
use crate::identity::{NodeId, QuestionId};
use crate::mesh::Mesh;
use crate::trust::forecast::Forecast;
use crate::trust::truth::MAX_REPORTS;

/// Roots whose outcomes of a question are kept: those of the lowest names.
const MAX_ANCHORS: usize = 8;

/// What happens next to a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// It was met late: what fellows have is listened to.
    Listen,
    /// The commits are compared with the fellow holders'.
    Commits,
    /// The reveals are.
    Reveals,
    Close,
    /// It is closed.
    Nothing,
}

/// A report in the form in which the engine takes it: agent, label, sources.
pub(super) type Filed = (NodeId, u8, Vec<[u8; 32]>);

/// A question that this node holds.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) question: Question,
    pub(super) number: u64,
    pub(super) next: Next,
    /// First met after its commits ended, in µs of Unix time: what fellow holders have is taken whenever it was said,
    /// for a while. `None` for a question that was met in time.
    pub(super) met_late: Option<u64>,
    /// Commitments by author. Who commits twice says nothing.
    pub(super) commits: BTreeMap<NodeId, Vec<[u8; 32]>>,
    pub(super) reveals: BTreeMap<NodeId, Reveal>,
    /// Outcomes by root. Of one that states several the lowest option counts.
    pub(super) anchors: BTreeMap<NodeId, u8>,
    /// Names of all records that stand behind these.
    pub(super) names: BTreeSet<[u8; 32]>,
    /// Whom this node told all names, when, and how often.
    pub(super) told: BTreeMap<NodeId, (Instant, u8)>,
    pub(super) root: Option<[u8; 32]>,
    /// What fellows told of it, if it was met late, for as long as that is taken.
    pub(super) heard: Option<Heard>,
    /// Whether somebody vouched for an author when this node closed the question, or heard of it later.
    pub(super) vouched: BTreeMap<NodeId, bool>,
    /// What was believed when it closed.
    pub(super) at_close: Option<Vec<u16>>,
    /// What its forecasts added, if its outcome is known.
    pub(super) gained: Option<Vec<(NodeId, i32)>>,
    /// The belief that was signed last.
    signed: Option<(Computed, Bytes)>,
}

impl Held {
    pub(super) fn new(question: Question, number: u64, next: Next, met_late: Option<u64>) -> Self {
        Self {
            question,
            number,
            next,
            met_late,
            commits: BTreeMap::new(),
            reveals: BTreeMap::new(),
            anchors: BTreeMap::new(),
            names: BTreeSet::new(),
            told: BTreeMap::new(),
            root: None,
            heard: met_late.map(|_| Heard::default()),
            vouched: BTreeMap::new(),
            at_close: None,
            gained: None,
            signed: None,
        }
    }

    /// Its place in the order of closing.
    pub(super) fn place(&self) -> Place {
        self.question.place()
    }

    /// When it takes what.
    pub(super) fn times(&self) -> Times {
        Times { closes: self.question.closes, reveals: self.question.reveals, met_late: self.met_late }
    }

    /// Its domain.
    pub(super) fn key(&self) -> super::domain::Key {
        self.question.key()
    }

    /// When something happens to it, in µs of Unix time.
    pub(super) fn due(&self) -> Option<u64> {
        self.step_due().into_iter().chain(self.deaf_from()).min()
    }

    /// From when on nothing that comes late is taken, if something still is.
    fn deaf_from(&self) -> Option<u64> {
        self.heard.as_ref()?;
        Some(self.met_late?.saturating_add(us(LATE_FOR)))
    }

    /// When its next step is.
    fn step_due(&self) -> Option<u64> {
        let q = &self.question;
        match self.next {
            // Fellows need the time to tell what they have.
            Next::Listen => Some(self.met_late.unwrap_or(0).saturating_add(us(2 * LATE))),
            Next::Commits => Some(us(q.closes).saturating_add(us(LATE) / 2)),
            Next::Reveals => Some(us(q.reveals).saturating_add(us(LATE) / 2)),
            Next::Close => Some(us(q.reveals).max(self.met_late.unwrap_or(0)).saturating_add(us(2 * LATE))),
            Next::Nothing => None,
        }
    }

    /// A commit; whether it says something new. Two prove that their author says nothing.
    pub(super) fn commit(&mut self, commit: Commit, name: [u8; 32]) -> bool {
        // spec: TRUST-015 246c
        let said = self.commits.entry(commit.author).or_default();
        if said.len() >= 2 || said.contains(&commit.commitment) {
            return false;
        }
        said.push(commit.commitment);
        said.sort_unstable();
        self.said(name);
        true
    }

    /// A reveal; whether it fits a commit of its author. Of a question that was met late, commits may come behind.
    pub(super) fn reveal(&mut self, reveal: Reveal, name: [u8; 32]) -> bool {
        if reveal.weights.len() != usize::from(self.question.options) || self.has_fitting(&reveal.author) {
            return false;
        }
        // spec: TRUST-015 246c
        let fits = match self.commits.get(&reveal.author) {
            Some(said) => said.contains(&reveal.commitment),
            None => self.takes_ahead() && !self.reveals.contains_key(&reveal.author),
        };
        if fits {
            self.reveals.insert(reveal.author, reveal);
            self.said(name);
        }
        fits
    }

    /// Whether nothing counts yet of what fellows told, and nothing is told to them.
    pub(super) fn is_listening(&self) -> bool {
        self.next == Next::Listen
    }

    /// Whether reveals are taken ahead of their commits.
    pub(super) fn takes_ahead(&self) -> bool {
        self.met_late.is_some() && self.reveals.len() < MAX_REPORTS
    }

    /// Whether an author's reveal is here that no other can take the place of.
    pub(super) fn has_fitting(&self, author: &NodeId) -> bool {
        let said = self.commits.get(author);
        self.reveals.get(author).is_some_and(|r| said.is_some_and(|c| c.contains(&r.commitment)))
    }

    /// An outcome that a root stands for; whether it counts.
    pub(super) fn anchor(&mut self, anchor: &Anchor, name: [u8; 32]) -> bool {
        let known = self.anchors.get(&anchor.author).copied();
        let is_low = self.anchors.len() < MAX_ANCHORS
            || self.anchors.keys().next_back().is_some_and(|last| anchor.author < *last);
        if anchor.option >= self.question.options
            || known.is_some_and(|option| option <= anchor.option)
            || known.is_none() && !is_low
        {
            return false;
        }
        self.anchors.insert(anchor.author, anchor.option);
        if self.anchors.len() > MAX_ANCHORS {
            self.anchors.pop_last();
        }
        self.said(name);
        true
    }

    /// Reveals that were committed to, once, by author.
    fn counted(&self) -> impl Iterator<Item = (&NodeId, &Reveal)> {
        // spec: TRUST-015 246c
        let holds = |a: &NodeId, r: &Reveal| self.commits.get(a).is_some_and(|c| c[..] == [r.commitment]);
        self.reveals.iter().filter(move |(a, r)| holds(a, r))
    }

    pub(super) fn reports(&self) -> Vec<Filed> {
        self.counted().map(|(a, r)| (*a, r.label(), r.lineage.clone())).collect()
    }

    pub(super) fn forecasts(&self) -> Vec<Forecast> {
        self.counted().map(|(a, r)| Forecast { agent: *a, weights: r.weights.clone() }).collect()
    }

    /// Fixes who of the authors speaks with a voice. Vouchers come and go: what was fixed stays, so that it does not
    /// matter when the engine reads, or how often.
    // spec: TRUST-017 3a25
    pub(super) fn admit(&mut self, mesh: &Mesh) {
        for author in self.reveals.keys() {
            let vouched = || mesh.is_vouched_at(author, self.question.reveals);
            self.vouched.entry(*author).or_insert_with(vouched);
        }
    }

    /// Whole parts of a voice that an author has.
    pub(super) fn parts(&self, author: &NodeId) -> u16 {
        if self.vouched.get(author) == Some(&true) { 256 } else { 0 }
    }

    /// What came true, by the root of the lowest name.
    pub(super) fn outcome(&self) -> Option<u8> {
        self.anchors.values().next().copied()
    }

    /// All that was said, rising.
    pub(super) fn entries(&self) -> Vec<[u8; 65]> {
        let once = |c: &Vec<[u8; 32]>| if let [one] = c[..] { one } else { [0; 32] };
        let mut entries: Vec<[u8; 65]> =
            self.commits.iter().map(|(a, c)| entry(CommitBody::TYPE, a, &once(c))).collect();
        entries.extend(self.counted().map(|(a, r)| entry(RevealBody::TYPE, a, &r.commitment)));
        let outcome = |option: u8| core::array::from_fn(|i| if i == 0 { option } else { 0 });
        entries.extend(self.anchors.iter().map(|(a, o)| entry(AnchorBody::TYPE, a, &outcome(*o))));
        entries.sort_unstable();
        entries
    }

    /// BLAKE3 of the entries of all that was said: the same at holders that know the same, whichever of an author's
    /// signatures brought it.
    pub(super) fn root(&mut self, crypto: &dyn Crypto) -> [u8; 32] {
        match self.root {
            Some(root) => root,
            None => *self.root.insert(crypto.hash(&[self.entries().as_flattened()])),
        }
    }

    /// BLAKE3 of the entries of the reveals that count, and how many these are.
    pub(super) fn used(&self, crypto: &dyn Crypto) -> ([u8; 32], u32) {
        let used: Vec<[u8; 65]> = self.counted().map(|(a, r)| entry(RevealBody::TYPE, a, &r.commitment)).collect();
        (crypto.hash(&[used.as_flattened()]), used.len() as u32)
    }

    /// Something more was said.
    pub(super) fn said(&mut self, name: [u8; 32]) {
        self.names.insert(name);
        self.root = None;
    }
}

impl Questions {
    /// A moment of a question that this node holds.
    pub(super) fn hold_due(&mut self, ctx: &mut Ctx<'_>, id: QuestionId) {
        let over = |due: Option<u64>| due.is_some_and(|due| ctx.unix_us.is_some_and(|t| due <= t));
        if self.held.get(&id).is_some_and(|h| over(h.deaf_from())) {
            self.unhear(&id);
        }
        let Some(held) = self.held.get_mut(&id) else { return };
        if !over(held.step_due()) {
            // That was all, or the host set its clock back.
            let (number, due) = (held.number, held.due());
            return match due {
                Some(due) => ctx.wake(number, due),
                None => self.done(ctx.timers, number),
            };
        }
        let listened = held.next == Next::Listen;
        held.next = match held.next {
            Next::Listen if ctx.unix_us.is_some_and(|t| t >= us(held.question.reveals)) => Next::Close,
            Next::Listen => Next::Reveals,
            Next::Commits => Next::Reveals,
            Next::Reveals => Next::Close,
            Next::Close | Next::Nothing => Next::Nothing,
        };
        if listened {
            self.count_all(ctx, &id);
        }
        let Some(held) = self.held.get_mut(&id) else { return };
        if held.next == Next::Nothing {
            held.admit(ctx.mesh);
        }
        let (number, key, place) = (held.number, held.key(), held.place());
        let closed = held.next == Next::Nothing;
        match held.due() {
            Some(due) => ctx.wake(number, due),
            None => self.done(ctx.timers, number),
        }
        if closed {
            let gone = self.domains.entry(key).or_insert_with(|| Domain::new(key)).close(place);
            self.forget(ctx, &gone);
        }
        // Whoever closes a question that it met late may have been told too little of it.
        self.tell_root(ctx, &id);
    }

    /// Questions are kept no longer.
    fn forget(&mut self, ctx: &mut Ctx<'_>, gone: &[QuestionId]) {
        for id in gone {
            self.unhear(id);
            let Some(held) = self.held.remove(id) else { continue };
            self.done(ctx.timers, held.number);
            self.evidence.forget(held.names.iter());
        }
    }

    /// What this node computed of a question that it holds; `None` before its close.
    pub(crate) fn computed(&mut self, ctx: &Ctx<'_>, id: &QuestionId) -> Option<Computed> {
        let key = self.held.get(id).filter(|h| h.next == Next::Nothing)?.key();
        let domain = self.domains.get_mut(&key)?;
        domain.refresh(ctx.now, &mut self.held);
        let held = self.held.get(id)?;
        let (evidence, reports) = held.used(ctx.identity.crypto);
        Some(Computed { evidence, reports, weights: domain.weights(held)? })
    }

    /// The record of what this node computed; signed again only if it is another.
    pub(super) fn belief(&mut self, ctx: &mut Ctx<'_>, id: &QuestionId) -> Option<Bytes> {
        let computed = self.computed(ctx, id)?;
        let held = self.held.get_mut(id)?;
        if held.signed.as_ref().is_none_or(|s| s.0 != computed) {
            let record = computed.sign(&mut ctx.author(), id)?;
            held.signed = Some((computed, record));
        }
        held.signed.as_ref().map(|s| s.1.clone())
    }

    /// The outcome of a question that this node holds, as its roots know it.
    pub(crate) fn outcome(&self, id: &QuestionId) -> Option<u8> {
        self.held.get(id)?.outcome()
    }

    /// What each report on a question added (spec 09, "Gains"), if this node holds it and its outcome is known.
    pub(crate) fn gains(&self, id: &QuestionId) -> Option<Vec<(NodeId, i32)>> {
        let held = self.held.get(id)?;
        self.domains.get(&held.key())?.gains(held)
    }
}
