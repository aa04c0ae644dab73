//! A node without sessions, for vectors: what members say comes in as messages, and what is for them is handed out as
//! messages. All that decides about advice, evidence and payments is production; mesh and routing rest, so that members
//! are who the vector says. Hosts use [`Node`].

use alloc::vec::Vec;
use mindos_wire::{MemberState, Subscribe, Tail, frames};

use super::ctx::mesh_ctx;
use super::{Input, Node, NodeConfig, Output, Restored};
use crate::outbox::{Effect, frame};
use crate::timer::Timer;
use crate::trust::{Outcome, Standing};
use crate::{DropReason, Instant, NodeId};

/// A node, its clock, and what it sent.
#[derive(Debug)]
pub struct Desk {
    node: Node,
    now: Instant,
    sent: Vec<(NodeId, Vec<u8>)>,
}

fn token(output: &Output<'_>) -> Option<u64> {
    match output {
        Output::Persist { token, .. } => Some(*token),
        _ => None,
    }
}

impl Desk {
    /// A node in service at time 0, alone, its numbers persisted.
    pub fn new(config: NodeConfig) -> Self {
        let node = Node::new(config, Instant(0), &Restored::new());
        let mut desk = Self { node, now: Instant(0), sent: Vec::new() };
        loop {
            let tokens: Vec<u64> = desk.outputs().iter().filter_map(token).collect();
            if tokens.is_empty() {
                return desk;
            }
            for token in tokens {
                // It was just handed out.
                let _ = desk.input(Input::Persisted { token });
            }
        }
    }

    /// The node, for reading.
    pub fn node(&self) -> &Node {
        &self.node
    }

    /// The time.
    pub fn now(&self) -> Instant {
        self.now
    }

    /// A member is in this state from now on; one that is new is taken in as it is, whoever vouches.
    pub fn seat(&mut self, node: NodeId, state: MemberState, vouched: bool) {
        self.node.mesh.seat(&mut mesh_ctx!(self.node, self.now), node, state, vouched);
        self.carry();
    }

    /// A member asks for a partnership; whether it has it.
    pub fn partner(&mut self, node: NodeId) -> bool {
        self.hear(node, &frame(&Subscribe { tail: Tail::default() })).is_ok() && self.node.routing.may_lease(&node)
    }

    /// Time passes. Only what becomes due about advice, evidence and payments is done.
    pub fn pass(&mut self, until: Instant) {
        while let Some((at, _)) = self.node.timers.next().filter(|(at, _)| *at <= until) {
            self.now = self.now.max(at);
            if let Some(timer @ (Timer::Advice | Timer::Immune | Timer::Payments)) = self.node.timers.pop_due(at) {
                self.node.timer(self.now, timer);
                self.carry();
            }
        }
        self.now = self.now.max(until);
    }

    /// A message of a member. What follows at once is done.
    ///
    /// # Errors
    /// Its last frame was not used. The error is that of the first frame that was not; behind one that is malformed
    /// nothing is read, else all were.
    pub fn hear(&mut self, from: NodeId, message: &[u8]) -> Result<(), DropReason> {
        let (mut first, mut last) = (Ok(()), Ok(()));
        for frame in frames(message) {
            let frame = frame.map_err(DropReason::Malformed)?;
            last = self.node.frame(self.now, 0, &from, &frame);
            first = first.and(last);
            self.carry();
        }
        self.pass(self.now);
        last.or(first)
    }

    /// Something from the host, but datagrams.
    ///
    /// # Errors
    /// As `handle` would drop it.
    pub fn input(&mut self, input: Input) -> Result<(), DropReason> {
        let outcome = self.node.input(self.now, input);
        self.carry();
        self.pass(self.now);
        outcome
    }

    /// A lease of this node ended.
    pub fn outcome(&mut self, outcome: Outcome) {
        self.follow(Effect::Outcome(outcome));
    }

    /// The host judged a result of a lease of this node, of work that no evidence can show.
    pub fn verdict(&mut self, node: NodeId, capability: [u8; 32], right: bool) {
        self.follow(Effect::Verdict { node, capability, right });
        if !right {
            self.node.trust.immune.unshown(&node);
        }
    }

    fn follow(&mut self, effect: Effect) {
        self.node.effects.push_back(effect);
        self.carry();
        self.pass(self.now);
    }

    /// As the conductor does, but that what is for members is kept.
    fn carry(&mut self) {
        while let Some(effect) = self.node.effects.pop_front() {
            match effect {
                Effect::Send { to, frames, .. } => self.sent.push((to, frames)),
                effect => self.node.carry(self.now, effect),
            }
        }
    }

    /// Messages since the last call, in order.
    pub fn sent(&mut self) -> Vec<(NodeId, Vec<u8>)> {
        core::mem::take(&mut self.sent)
    }

    /// What the host must do since the last call.
    pub fn outputs(&mut self) -> Vec<Output<'static>> {
        let mut all = Vec::new();
        loop {
            match self.node.poll(&mut []) {
                Output::Idle { .. } => return all,
                output => all.push(output),
            }
        }
    }

    /// The alias of a member.
    pub fn alias(&self, node: &NodeId) -> Option<u32> {
        self.node.mesh.alias(node)
    }

    /// Of an adviser: *good*, *bad*, *known*, *honest* and *weight*, in parts of 256. `None` if it never warned.
    pub fn adviser(&self, node: &NodeId) -> Option<[u64; 5]> {
        self.node.trust.advice.worth(self.now, node)
    }

    /// What warnings of a node weigh together, in parts of 256 of a broken promise.
    pub fn warned(&self, node: &NodeId, domain: u32) -> u64 {
        self.node.trust.advice.warned(self.now, node, domain)
    }

    /// Standing of a node, in parts of 2^16.
    pub fn standing(&self, node: &NodeId, capability: &[u8; 32]) -> u16 {
        self.node.trust.standing(self.now, node, capability)
    }

    /// Whether a node gets no lease, and whether it is kept out; those whose place it takes count.
    pub fn stands(&self, node: &NodeId) -> (bool, bool) {
        (self.node.trust.is_suspended(self.now, node), self.node.trust.is_quarantined(self.now, node))
    }
}
