//! Whom to believe (spec 06, 09, 10): machines write evidence, nobody writes reputation.
//!
//! Standing is this reader's own. It rests on leases that this node itself gave (`own`), after them on what others
//! warn of (`advice`), on what reports earned (`merits`), and on faults that come with a proof (`immune`).

mod advice;
mod budget;
pub mod forecast;
mod immune;
mod merits;
mod own;
pub(crate) mod payment;
pub(crate) mod question;
pub mod rating;
mod refusal;
#[cfg(test)]
mod tests;
pub mod truth;

#[cfg(feature = "lab")]
pub use question::lab as questions;

use crate::identity::Lines;
use crate::{Duration, Instant, NodeId};
use advice::Advice;
pub(crate) use immune::{Ctx, Immune, Refutation, showable};
use merits::Merits;
use own::Own;
pub use refusal::Refusal;

/// How a lease of this node ended. Only an accepted lease can be broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The worker.
    pub node: NodeId,
    /// BLAKE3 of the capability's name.
    pub capability: [u8; 32],
    /// Whether the result came within 25 % (and the slack) of what was accepted.
    pub kept: bool,
    /// What was accepted.
    pub promised: Duration,
    /// What it took, or had taken when the lease was given up.
    pub took: Duration,
}

/// What other machines read of trust.
pub trait Standing {
    /// Parts per 2^16; 32,768 is neutral.
    fn standing(&self, now: Instant, node: &NodeId, capability: &[u8; 32]) -> u16;

    /// Whether a node is kept out of work: it gets no leases, and those that it gives are declined.
    fn is_quarantined(&self, now: Instant, node: &NodeId) -> bool;

    /// Whether a node gets no leases for now: the own host found a result of it wrong or looks at one, or it is kept
    /// out of work.
    fn is_suspended(&self, now: Instant, node: &NodeId) -> bool;
}

/// What choices of workers rest on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reliance {
    /// Nothing: everybody stands as a stranger does, whatever it did.
    Nothing,
    /// Leases of this node.
    Own,
    /// These, advice, merit, and evidence that the own host checked.
    #[default]
    Everything,
}

/// What somebody unknown has.
pub const NEUTRAL: u16 = 1 << 15;

/// The domain of a capability: the head of its hash.
pub(crate) fn domain(capability: &[u8; 32]) -> u32 {
    capability.first_chunk::<4>().map_or(0, |b| u32::from_le_bytes(*b))
}

/// All that this node knows about others.
#[derive(Debug, Default)]
pub(crate) struct Trust {
    own: Own,
    merits: Merits,
    pub(crate) advice: Advice,
    pub(crate) immune: Immune,
    /// Whose evidence counts for whom besides.
    lines: Lines,
    reliance: Reliance,
}

impl Trust {
    pub(crate) fn new(reliance: Reliance) -> Self {
        Self { reliance, ..Self::default() }
    }

    /// A lease was kept or broken: when there is something to tell others, if there is.
    pub(crate) fn evidence(&mut self, now: Instant, o: &Outcome) -> Option<Instant> {
        self.own.outcome(now, o);
        self.learn(now, o.node, o.capability, o.kept)
    }

    /// A result was judged, or an accusation was false: the same.
    pub(crate) fn verdict(&mut self, now: Instant, node: NodeId, capability: [u8; 32], right: bool) -> Option<Instant> {
        self.own.verdict(now, node, capability, right);
        self.learn(now, node, capability, right)
    }

    /// Evidence of an accuser was false: that is worth a broken promise, and its word nothing.
    pub(crate) fn lied(&mut self, now: Instant, node: NodeId, capability: [u8; 32]) -> Option<Instant> {
        self.advice.forget(&node);
        let (promised, took) = (Duration(0), Duration(0));
        self.evidence(now, &Outcome { node, capability, kept: false, promised, took })
    }

    /// Whether what is learned goes to others.
    pub(crate) fn shares(&self) -> bool {
        self.reliance == Reliance::Everything
    }

    fn learn(&mut self, now: Instant, node: NodeId, capability: [u8; 32], good: bool) -> Option<Instant> {
        self.advice.experienced(now, node, domain(&capability), good);
        if !self.shares() {
            return None;
        }
        self.advice.changed(now, node, capability, self.own.doubt(now, node, &capability))
    }

    /// What reports on a domain earned, as a majority of its holders stated it.
    pub(crate) fn believe(&mut self, now: Instant, domain: u32, earned: alloc::vec::Vec<(NodeId, u32)>) {
        self.merits.believe(now, domain, earned);
    }

    /// What to tell partners now, as frames, and when to look again. `alias`: of a member.
    pub(crate) fn tell(
        &mut self,
        now: Instant,
        alias: impl Fn(&NodeId) -> Option<u32>,
    ) -> (alloc::vec::Vec<u8>, Option<Instant>) {
        let own = &self.own;
        self.advice.tell(now, alias, |node, capability| own.doubt(now, *node, capability))
    }

    /// How many accusers stand against a node and those whose place it takes.
    pub(crate) fn accusers(&self, node: &NodeId) -> usize {
        let line = core::iter::once(*node).chain(self.lines.predecessors(node));
        line.into_iter().map(|n| self.immune.accusers(&n)).sum()
    }

    /// A key, and all that take its place.
    // spec: INC-030 fc74
    pub(crate) fn line_from(&self, node: NodeId) -> alloc::vec::Vec<NodeId> {
        core::iter::once(node).chain(self.lines.successors(&node)).collect()
    }

    /// A key was given up: its evidence stays its own, and counts for its successor while it has one.
    pub(crate) fn succeed(&mut self, node: NodeId, successor: Option<NodeId>) {
        self.lines.set(node, successor);
    }
}

impl Standing for Trust {
    fn standing(&self, now: Instant, node: &NodeId, capability: &[u8; 32]) -> u16 {
        if self.reliance == Reliance::Nothing {
            return NEUTRAL;
        }
        let line = core::iter::once(*node).chain(self.lines.predecessors(node));
        let own = self.own.of(now, line.clone(), capability);
        if !self.shares() {
            return own.standing(0, 0);
        }
        // A start, and nothing else: who is vouched for is the mesh's to say.
        // spec: TRUST-024 7434
        let earned = self.merits.of(now, line, domain(capability));
        own.standing(self.advice.warned(now, node, domain(capability)), earned)
    }

    fn is_quarantined(&self, now: Instant, node: &NodeId) -> bool {
        let line = core::iter::once(*node).chain(self.lines.predecessors(node));
        // spec: INC-030 fc74
        self.shares() && line.into_iter().any(|n| self.immune.is_quarantined(now, &n))
    }

    fn is_suspended(&self, now: Instant, node: &NodeId) -> bool {
        let line = core::iter::once(*node).chain(self.lines.predecessors(node));
        // spec: INC-050 9c8a
        self.reliance != Reliance::Nothing && line.into_iter().any(|n| self.immune.is_suspended(now, &n))
    }
}
