//! Ordered effects: what machines ask for, and what the host takes.
//!
//! The vocabulary between the rooms: it names types of all of them and calls none.

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::vec::Vec;
use bytes::Bytes;
use mindos_wire::FrameMessage;

use crate::identity::{Beacon, DepositId, IntentId, NodeId, Verified};
use crate::routing::{Choice, Need};
use crate::trust::{Outcome, Refutation};
use crate::{Duration, Event, PathId};

/// How urgent a datagram is. At the cap of the outbox the last class is shed first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Failure detection, acknowledgements, handshakes: never shed.
    Probe,
    /// Messages.
    Message,
    /// Contexts.
    Bulk,
}

/// What a record on stable storage is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum PersistKey {
    /// End of the reserved block of record sequences.
    Sequence,
    /// End of the reserved block of incarnations.
    Incarnation,
    /// End of the reserved block of lease epochs.
    Epoch,
    /// Recent contacts: NodeIds and locators, so that a restarted node finds its way back.
    Contacts,
    /// A key that was given up: the records that say so, at most 1,024 bytes. Empty: it need not be kept any more.
    /// There are at most as many as members and roots.
    Succession(NodeId),
    /// What was paid from a deposit, to this node or by it, and the deposit itself: at most 16,640 bytes. Empty: it
    /// need not be kept any more. There are at most 1,088. A payer that loses one must not spend that deposit again.
    Deposit(DepositId),
}

impl PersistKey {
    /// The name under which a host may store the record: 1 or 33 bytes, the same in every version.
    pub fn to_bytes(self) -> Vec<u8> {
        match self {
            Self::Sequence => alloc::vec![0],
            Self::Incarnation => alloc::vec![1],
            Self::Epoch => alloc::vec![2],
            Self::Contacts => alloc::vec![3],
            Self::Succession(node) => [&[4], &node.0[..]].concat(),
            Self::Deposit(deposit) => [&[5], &deposit.0[..]].concat(),
        }
    }

    /// Reads what [`to_bytes`](Self::to_bytes) wrote; `None` for anything else.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0] => Some(Self::Sequence),
            [1] => Some(Self::Incarnation),
            [2] => Some(Self::Epoch),
            [3] => Some(Self::Contacts),
            [4, node @ ..] => Some(Self::Succession(NodeId(*<&[u8; 32]>::try_from(node).ok()?))),
            [5, deposit @ ..] => Some(Self::Deposit(DepositId(*<&[u8; 32]>::try_from(deposit).ok()?))),
            _ => None,
        }
    }
}

/// How frames travel to a peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    /// In the next packet, unreliably.
    Now,
    /// Within the flush interval, unreliably, so that small frames share a packet.
    Soon,
    /// As a message: retransmitted until acknowledged or until the session ends.
    Reliable(Class),
}

/// What one machine asks of another, or of the host. The conductor carries them in order.
#[derive(Debug)]
pub(crate) enum Effect {
    Send {
        to: NodeId,
        how: How,
        frames: Vec<u8>,
    },
    Event(Event),
    Persist {
        key: PersistKey,
        bytes: Bytes,
    },
    OpenPath {
        path: PathId,
        locator: Bytes,
    },
    Transmit {
        path: PathId,
        bytes: Bytes,
        class: Class,
    },
    /// session → mesh, delivery: a peer proved its identity.
    SessionUp {
        session: u32,
        peer: NodeId,
        beacon: Box<Verified<Beacon>>,
        rtt: Option<Duration>,
        joined: bool,
    },
    /// session → delivery, mesh, intent: nothing that was queued on this session will arrive.
    SessionLost {
        peer: Option<NodeId>,
        session: u32,
    },
    /// mesh → host: in service.
    MemberUp {
        node: NodeId,
    },
    /// mesh → session, routing, intent: out of service; what it held for us is lost.
    MemberGone {
        node: NodeId,
    },
    /// mesh → trust, node: a key was given up, or who takes its place changed.
    Retired {
        node: NodeId,
        successor: Option<NodeId>,
    },
    /// mesh → session: nobody answers. Peers may have dropped their sessions while this node slept.
    Isolated,
    /// mesh → session, routing, intent: a new run of a node that may never have been seen down.
    MemberRestarted {
        node: NodeId,
        incarnation: u32,
    },
    /// intent → routing: find a worker.
    Route {
        intent: IntentId,
        need: Box<Need>,
    },
    /// routing → intent: this one, or nobody for now.
    Routed {
        intent: IntentId,
        choice: Option<Choice>,
    },
    /// intent → routing: the chosen worker declined, perhaps with a new quote.
    Declined {
        intent: IntentId,
        worker: NodeId,
        quote: Option<Choice>,
    },
    /// intent → routing: the search is over.
    Settled {
        intent: IntentId,
    },
    /// intent → trust, routing: how a lease went.
    Outcome(Outcome),
    /// intent → trust: the host judged a result.
    Verdict {
        node: NodeId,
        capability: [u8; 32],
        right: bool,
    },
    /// intent → trust: a result was wrong, and its worker signed it.
    Refuted(Box<Refutation>),
    /// routing → trust: a node may get leases from now on.
    Partner {
        node: NodeId,
    },
    /// trust → trust: an accuser's evidence was false.
    Lied {
        node: NodeId,
        capability: [u8; 32],
    },
    /// intent → trust: this node's half of a receipt left.
    Owes {
        worker: NodeId,
        price: u64,
    },
    /// trust → intent: an origin paid.
    Paid {
        payer: NodeId,
        units: u64,
    },
    /// trust → trust: two payments give away the same.
    DoubleSpend {
        records: [Bytes; 2],
    },
    /// trust → routing, intent: a node is kept out of work.
    Quarantined {
        node: NodeId,
    },
    /// question → trust: what reports on a domain earned, as a majority of its holders states it.
    Merit {
        domain: u32,
        earned: Vec<(NodeId, u32)>,
    },
    /// intent → routing: the own queue changed.
    LoadChanged,
}

impl Effect {
    /// Frames for a peer as one message.
    pub(crate) fn message(to: NodeId, frames: Vec<u8>) -> Self {
        Self::Send { to, how: How::Reliable(Class::Message), frames }
    }
}

/// Effects in order.
pub(crate) type Effects = VecDeque<Effect>;

/// One frame as bytes; empty, which nothing sends, if a list or byte string in it is too long.
pub(crate) fn frame<'a>(message: &impl FrameMessage<'a>) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(3 + message.size());
    if mindos_wire::encode_frame(message, &mut bytes).is_err() {
        bytes.clear();
    }
    bytes
}
