//! What goes into a node and what comes out.

use bytes::Bytes;
use mindos_wire::WireError;

use super::{Command, Event};
pub use crate::outbox::{Class, PersistKey};
use crate::trust::Refusal;
use crate::{Instant, IntentId};

/// A way to a remote host, mapped by the host to its sockets.
///
/// Paths that the node opens have the high bit clear; a host that hears from an unknown remote address
/// invents a number with the high bit set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PathId(pub u32);

/// Everything that can happen to a node. `handle` does all the work that follows from it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Input {
    /// A datagram arrived.
    Datagram {
        /// The way it came, and the way to answer.
        path: PathId,
        /// Its payload.
        bytes: Bytes,
    },
    /// The deadline of [`Output::Idle`] has come.
    Timeout,
    /// An [`Output::OpenPath`] succeeded.
    PathReady {
        /// The path.
        path: PathId,
        /// Largest datagram in bytes; below 1,152 the path is unusable.
        mtu: u16,
    },
    /// A path cannot be opened, or broke.
    PathFailed {
        /// The path.
        path: PathId,
    },
    /// An [`Output::Persist`] is on stable storage.
    Persisted {
        /// Its token.
        token: u64,
    },
    /// The host's wall clock, for expiry dates and the times of questions. Once at the start, then every few minutes:
    /// sessions and intents hold dates against what was told last, and a node that is never told again makes beacons
    /// that peers refuse after an hour; questions, evidence and payments count on from it.
    WallClock {
        /// Seconds since 1970.
        unix_s: u64,
    },
    /// The host wants something.
    Command(Command),
}

/// One execution: an intent under one epoch of its origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LeaseId {
    /// The intent.
    pub intent: IntentId,
    /// The epoch.
    pub epoch: u64,
}

/// What `handle` made of an input. Either way the node is consistent and `poll` goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handled {
    /// It was used.
    Accepted,
    /// It was not; nothing changed but counters, and what is said with the reason.
    Dropped(DropReason),
}

/// Why an input was not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DropReason {
    /// Peer: bytes that do not decode (spec 02).
    #[error("malformed: {0}")]
    Malformed(WireError),
    /// Peer: another network, or no common suite.
    #[error("another network or suite")]
    OtherNetwork,
    /// Peer: no session has this index, or the session is not there yet.
    #[error("unknown session")]
    UnknownSession,
    /// Peer: the tag or a handshake message does not authenticate.
    #[error("not authentic")]
    NotAuthentic,
    /// Peer: the counter was seen before or is too old.
    #[error("replayed")]
    Replayed,
    /// Peer: the beacon does not belong to the handshake's key, or is not the expected node's.
    #[error("identity does not match")]
    WrongIdentity,
    /// Peer: a record's or statement's signature does not hold.
    #[error("bad signature")]
    BadSignature,
    /// Peer: a record of a type that has no place here.
    #[error("record of another type")]
    UnexpectedRecord,
    /// Peer: a node that no root vouches for, without a cost proof that counts.
    #[error("neither vouched for nor paid for")]
    NoCostProof,
    /// Limit: as many unvouched members are here as may be.
    #[error("too many unvouched members")]
    TooManyUnvouched,
    /// Peer: a beacon of a key that was given up.
    #[error("key was given up")]
    Retired,
    /// Peer: about a question that takes no such record now.
    #[error("outside the time of its question")]
    Untimely,
    /// Peer: advice, evidence, an appeal or a payment that does not count. Counted as a frame that was not used; the
    /// packet around it was.
    #[error("refused: {0}")]
    Refused(Refusal),
    /// Peer: a frame that has no place here; frames before it were used.
    #[error("unexpected frame")]
    UnexpectedFrame,
    /// Limit: a table is full and its rule of eviction found nothing to drop, numbers are not persisted yet,
    /// or the queue of events is too full for a command. Try again later.
    #[error("table full")]
    Full,
    /// Limit: the queue of events is full; the datagram was not looked at.
    #[error("host does not take its events")]
    Backpressure,
    /// Caller: the node waits for its first `Persisted`, or has left.
    #[error("not ready")]
    NotReady,
    /// Caller: an argument is outside its range, or names something unknown.
    #[error("misuse: {0}")]
    ApiMisuse(&'static str),
}

/// What a node wants from its host, one at a time, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Output<'b> {
    /// Send a datagram.
    Transmit {
        /// The way.
        path: PathId,
        /// The payload, in the buffer that `poll` was given.
        bytes: &'b [u8],
        /// How urgent it is.
        class: Class,
    },
    /// Find a way to a locator; answer with [`Input::PathReady`] or [`Input::PathFailed`].
    OpenPath {
        /// The number that the path will have.
        path: PathId,
        /// Where to.
        locator: Bytes,
    },
    /// Write a record to stable storage, replacing its predecessor; answer with [`Input::Persisted`].
    Persist {
        /// Which record.
        key: PersistKey,
        /// Its content.
        bytes: Bytes,
        /// To be returned.
        token: u64,
    },
    /// News.
    Event(Event),
    /// Nothing more. Call `handle` with the next input, or with [`Input::Timeout`] at the deadline.
    Idle {
        /// `None`: nothing will happen without an input.
        deadline: Option<Instant>,
        /// Name of the timer that the deadline belongs to; empty without one.
        reason: &'static str,
    },
}
