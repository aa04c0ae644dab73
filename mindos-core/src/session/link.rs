//! One session: its stage and its keys.

use alloc::boxed::Box;
use bytes::Bytes;

use super::epoch::{Receiver, Sender};
use super::noise::{Blake3, Handshake, TransportKey};
use super::upgrade::Upgrade;
use crate::identity::{Beacon, Verified};
use crate::{Duration, Instant, NodeId, PathId};

/// What makes two first packets the same: ephemeral key, suite, and the index that the answer goes to.
// spec: SES-039 f13d
pub(super) type FirstPacket = ([u8; 32], u16, u32);

/// A session from its first packet to its end.
#[cfg_attr(feature = "model", derive(Clone, PartialEq, Eq, Hash))]
pub(super) struct Link {
    pub(super) path: PathId,
    pub(super) peer: Option<NodeId>,
    pub(super) expected: Option<NodeId>,
    /// Made by locator alone, to find a way into the mesh.
    pub(super) joining: bool,
    /// The peer's run, as its beacon said in the handshake.
    pub(super) incarnation: u32,
    pub(super) began: Instant,
    pub(super) last_received: Instant,
    /// Nobody answered while it was up: the peer may have dropped it.
    pub(super) doubted: bool,
    /// Cipher suite.
    pub(super) suite: u16,
    /// Responder: what the first packet said, until the session can be used.
    pub(super) hello: Option<FirstPacket>,
    pub(super) stage: Stage,
}

#[cfg_attr(feature = "model", derive(Clone, PartialEq, Eq, Hash))]
pub(super) enum Stage {
    /// Waits for its path.
    Opening,
    /// Initiator: the first message left.
    HelloSent {
        handshake: Box<Handshake<Blake3>>,
        bytes: Bytes,
        tries: u32,
        /// It left again with a cookie since the last try.
        asked: bool,
        sent: Instant,
    },
    /// Responder: the second message left.
    ReplySent {
        handshake: Box<Handshake<Blake3>>,
        bytes: Bytes,
        remote: u32,
        sent: Instant,
        /// Beacons that the initiator showed in vain.
        refused: u8,
    },
    Established(Box<Keys>),
}

#[cfg_attr(feature = "model", derive(Clone, PartialEq, Eq, Hash))]
pub(super) struct Keys {
    pub(super) send: Sender,
    pub(super) receive: Receiver,
    pub(super) remote: u32,
    /// Initiator: the last handshake message, until a sealed packet shows that it arrived.
    pub(super) finish: Option<Bytes>,
    /// Responder: the hash of that message. Only the same one is confirmed again.
    pub(super) finished: Option<[u8; 32]>,
    /// Of that message, or of a step of the upgrade.
    pub(super) tries: u32,
    pub(super) upgrade: Upgrade,
    /// Who it is, until the upgrade is done.
    pub(super) arrived: Option<Box<(Verified<Beacon>, Option<Duration>)>>,
}

impl Link {
    pub(super) fn new(now: Instant, path: PathId, suite: u16, expected: Option<NodeId>, joining: bool) -> Self {
        Self {
            path,
            peer: None,
            expected,
            joining,
            incarnation: 0,
            began: now,
            last_received: now,
            doubted: false,
            suite,
            hello: None,
            stage: Stage::Opening,
        }
    }

    /// Whether frames can be sent on it.
    pub(super) fn is_established(&self) -> bool {
        // spec: SES-037 329a
        matches!(&self.stage, Stage::Established(keys) if keys.upgrade.is_ready())
    }

    /// Whether a peer began it and it cannot be used yet.
    pub(super) fn is_half_open(&self) -> bool {
        match &self.stage {
            Stage::ReplySent { .. } => true,
            Stage::Established(keys) => matches!(keys.upgrade, Upgrade::Awaited { .. } | Upgrade::Answered { .. }),
            _ => false,
        }
    }

    pub(super) fn establish(
        &mut self,
        now: Instant,
        peer: NodeId,
        send: TransportKey,
        receive: TransportKey,
        remote: u32,
        finish: Option<Bytes>,
    ) {
        self.peer = Some(peer);
        self.last_received = now;
        self.doubted = false;
        self.stage = Stage::Established(Box::new(Keys {
            send: Sender::new(send),
            receive: Receiver::new(receive),
            remote,
            finish,
            finished: None,
            tries: 0,
            upgrade: Upgrade::None,
            arrived: None,
        }));
    }
}

impl core::fmt::Debug for Link {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let stage = match self.stage {
            Stage::Opening => "opening",
            Stage::HelloSent { .. } => "hello-sent",
            Stage::ReplySent { .. } => "reply-sent",
            Stage::Established(_) => "established",
        };
        f.debug_struct("Link")
            .field("path", &self.path)
            .field("peer", &self.peer)
            .field("stage", &stage)
            .finish_non_exhaustive()
    }
}
