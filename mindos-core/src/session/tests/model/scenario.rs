//! Who meets whom, how it begins, and what a run may spend.

use super::super::super::*;
use super::node::{Member, Node};
use super::symbolic::Symbolic;

pub(super) static SYMBOLIC: Symbolic = Symbolic { flaw: None };

/// What a run may spend, of each node or in all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Budget {
    pub(super) opens: [u8; 2],
    pub(super) frames: [u8; 2],
    pub(super) timers: [u8; 2],
    /// Minutes in which a node's timers are silent.
    pub(super) waits: u8,
    /// Packets that arrive and stay under way, to arrive again.
    pub(super) copies: u8,
    /// Packets that arrive where they came from.
    pub(super) reflected: u8,
    /// First packets of which another appears, with the other suite or from another index.
    pub(super) rewritten: u8,
    /// First packets that the network answers with a cookie of its own.
    pub(super) false_retries: u8,
}

pub(super) const NOTHING: Budget = Budget {
    opens: [0; 2],
    frames: [0; 2],
    timers: [0; 2],
    waits: 0,
    copies: 0,
    reflected: 0,
    rewritten: 0,
    false_retries: 0,
};

/// How it begins.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Start {
    Strangers,
    /// The second node has so many unfinished handshakes that it asks for cookies.
    Busy,
    /// The first has begun a session, and each side has used so many counters of its epoch.
    Session(u64),
}

/// A machine that is broken on purpose, around the production code.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Broken {
    /// What was accepted is forgotten.
    Window,
    /// The counter does not rise with application frames.
    Counter,
    /// A node is set up to accept what its policy refuses.
    Policy,
}

#[derive(Clone, Copy)]
pub(super) struct Scenario {
    /// The policies of the two.
    pub(super) hybrid: [Hybrid; 2],
    /// The first one looks for anybody, not for the second.
    pub(super) joins: bool,
    pub(super) start: Start,
    pub(super) budget: Budget,
    pub(super) broken: Option<Broken>,
    pub(super) crypto: &'static Symbolic,
}

pub(super) const PLAIN: Scenario = Scenario {
    hybrid: [Hybrid::Accept; 2],
    joins: false,
    start: Start::Strangers,
    budget: NOTHING,
    broken: None,
    crypto: &SYMBOLIC,
};

impl Scenario {
    fn node(&self, members: &[Member; 2], i: usize) -> Node {
        let hybrid = match self.broken {
            Some(Broken::Policy) => Hybrid::Accept,
            _ => self.hybrid[i],
        };
        Node::new(&members[i], Config { max_sessions: 8, max_half_open: 2, hybrid }, "model")
    }

    /// Whether the second takes what the first begins with.
    pub(super) fn meets(&self) -> bool {
        self.hybrid[1].answers(self.hybrid[0].begins())
    }

    /// The two before the first step.
    pub(super) fn begin(&self, members: &[Member; 2]) -> [Node; 2] {
        let mut nodes = [self.node(members, 0), self.node(members, 1)];
        match self.start {
            Start::Strangers => {}
            Start::Busy => {
                // Another run of the first: to the second somebody else.
                let mut other = Node::new(&members[0], nodes[0].sessions.config, "another run");
                let hello = other.open(&members[0], None).sent.remove(0);
                nodes[1].take(&members[1], &hello, None);
            }
            Start::Session(used) => {
                let mut flying = vec![(1, nodes[0].open(&members[0], None).sent.remove(0))];
                while !flying.is_empty() {
                    let (to, bytes) = flying.remove(0);
                    let sent = nodes[to].take(&members[to], &bytes, None).sent;
                    flying.extend(sent.into_iter().map(|bytes| (1 - to, bytes)));
                }
                for i in 0..2 {
                    let peer = members[1 - i].identity.id;
                    (0..used).for_each(|_| assert!(nodes[i].send(&members[i], &peer, 0, None).is_some()));
                }
            }
        }
        nodes
    }
}
