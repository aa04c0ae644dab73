//! Questions without a node around them, for vectors: what a holder makes of records, and a reader of beliefs, by the
//! code of production. Hosts use [`Node`](crate::Node).

use alloc::vec::Vec;

use mindos_wire::{AnchorBody, CommitBody, MemberState, Message, RevealBody};

use super::hold::{Held, Next};
use super::read::Reading;
use super::record::{Anchor, Commit, Question, Reveal, name};
use super::{seats, take};
use crate::crypto::Crypto;
use crate::identity::{Identity, NodeId};
use crate::mesh::serves;
use crate::{Believed, QuestionId};

fn reader(crypto: &'static dyn Crypto, network: u32) -> Identity {
    Identity::new(crypto, [0; 32], network)
}

/// The commitment to a reveal. `None` if it is no reveal that holds.
pub fn commitment(crypto: &'static dyn Crypto, network: u32, reveal: &[u8]) -> Option<[u8; 32]> {
    Reveal::verify(&reader(crypto, network), reveal).ok().map(|r| r.commitment)
}

/// The holders of a domain and those next in order, seven at most, out of members with their states and whether
/// somebody vouches for them.
pub fn holders(crypto: &dyn Crypto, domain: u32, members: &[(NodeId, MemberState, bool)]) -> Vec<NodeId> {
    let serving = members.iter().filter(|(_, state, vouched)| *vouched && serves(*state)).map(|m| m.0);
    seats::first(crypto, domain, serving).into_iter().map(|f| f.1).collect()
}

/// Whether a question with these last seconds takes a record of the type `kind` at `unix_us`; `met_late_us` is when its
/// holder met it, if that was after it closed.
pub fn takes(kind: u8, (closes, reveals): (u64, u64), met_late_us: Option<u64>, unix_us: u64, fellow: bool) -> bool {
    take::Times { closes, reveals, met_late: met_late_us }.take(kind, unix_us, fellow)
}

/// What a holder has of one question, in time or not.
#[derive(Debug)]
pub struct Evidence {
    reader: Identity,
    roots: Vec<NodeId>,
    held: Held,
}

impl Evidence {
    /// Nothing yet, of the question that this record is; `late` if it was met after it closed. `None` if the record is
    /// no question that holds.
    pub fn new(
        crypto: &'static dyn Crypto,
        network: u32,
        roots: &[NodeId],
        question: &[u8],
        late: bool,
    ) -> Option<Self> {
        let reader = reader(crypto, network);
        let question = Question::verify(&reader, question).ok()?;
        Some(Self { reader, roots: roots.to_vec(), held: Held::new(question, 0, Next::Commits, late.then_some(0)) })
    }

    /// A commit, reveal or anchor; whether it changed what is known.
    pub fn take(&mut self, record: &[u8]) -> bool {
        let name = name(self.reader.crypto, record);
        if super::record::about(record) != Some(self.held.question.id) || self.held.names.contains(&name) {
            return false;
        }
        match record.first().copied() {
            Some(CommitBody::TYPE) => {
                Commit::verify(&self.reader, record).is_ok_and(|commit| self.held.commit(commit, name))
            }
            Some(RevealBody::TYPE) => {
                Reveal::verify(&self.reader, record).is_ok_and(|reveal| self.held.reveal(reveal, name))
            }
            Some(AnchorBody::TYPE) => Anchor::verify(&self.reader, record)
                .is_ok_and(|anchor| self.roots.contains(&anchor.author) && self.held.anchor(&anchor, name)),
            _ => false,
        }
    }

    /// All entries, rising.
    pub fn entries(&self) -> Vec<[u8; 65]> {
        self.held.entries()
    }

    /// The root of all entries.
    pub fn root(&mut self) -> [u8; 32] {
        self.held.root(self.reader.crypto)
    }

    /// What a belief says of its evidence: the root of the reports that it used, and their number.
    pub fn used(&self) -> ([u8; 32], u32) {
        self.held.used(self.reader.crypto)
    }

    /// Agent and label of each report that counts, by agent.
    pub fn reports(&self) -> Vec<(NodeId, u8)> {
        self.held.reports().into_iter().map(|(agent, label, _)| (agent, label)).collect()
    }

    /// What came true, if a root said so.
    pub fn outcome(&self) -> Option<u8> {
        self.held.outcome()
    }
}

/// A reader that asked these holders.
#[derive(Debug)]
pub struct Asked {
    reader: Identity,
    reading: Reading,
}

impl Asked {
    /// For the question of this name, which has so many options.
    pub fn new(
        crypto: &'static dyn Crypto,
        network: u32,
        (question, options): ([u8; 32], u8),
        holders: &[NodeId],
    ) -> Self {
        let reading = Reading::new(QuestionId(question), options, 0, holders.to_vec());
        Self { reader: reader(crypto, network), reading }
    }

    /// A record from a node; whether it counts as its belief.
    pub fn take(&mut self, from: &NodeId, record: &[u8]) -> bool {
        self.reading.take(&self.reader, from, record).is_ok()
    }

    /// What is believed in a leaf of `members`, `over` if the time is over. `None` while holders are waited for.
    pub fn believed(&self, members: usize, over: bool) -> Option<Believed> {
        self.reading.believed(members, over)
    }
}

/// The merit that follows from the gains on each resolved question, the last question last: how many questions count,
/// and what nodes earned, rising by node.
pub fn merit(gains: Vec<Vec<(NodeId, i32)>>) -> (u32, Vec<(NodeId, u32)>) {
    let merit = super::merit::Merit::of(gains.into_iter().rev());
    (merit.questions, merit.earned)
}
