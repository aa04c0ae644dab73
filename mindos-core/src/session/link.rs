//! One session: its stage and its keys.

use alloc::boxed::Box;
use bytes::Bytes;

use super::noise::{Blake3, Handshake, TransportKey};
use super::replay::ReplayWindow;
use crate::{Instant, NodeId, PathId};

/// A session from its first packet to its end.
pub(super) struct Link {
    pub(super) path: PathId,
    pub(super) peer: Option<NodeId>,
    pub(super) expected: Option<NodeId>,
    /// Made by locator alone, to find a way into the mesh.
    pub(super) joining: bool,
    /// The peer's run, as its beacon said in the handshake.
    pub(super) incarnation: u32,
    pub(super) last_received: Instant,
    /// Nobody answered while it was up: the peer may have dropped it.
    pub(super) doubted: bool,
    pub(super) stage: Stage,
}

pub(super) enum Stage {
    /// Waits for its path.
    Opening,
    /// Initiator: the first message left.
    HelloSent {
        handshake: Box<Handshake<Blake3>>,
        bytes: Bytes,
        tries: u32,
        sent: Instant,
    },
    /// Responder: the second message left.
    ReplySent {
        handshake: Box<Handshake<Blake3>>,
        bytes: Bytes,
        ephemeral: [u8; 32],
        remote: u32,
        sent: Instant,
    },
    Established(Keys),
}

pub(super) struct Keys {
    pub(super) send: TransportKey,
    pub(super) receive: TransportKey,
    pub(super) remote: u32,
    pub(super) counter: u64,
    pub(super) replay: ReplayWindow,
    /// Initiator: the last handshake message, until a sealed packet shows that it arrived.
    pub(super) finish: Option<Bytes>,
    pub(super) finish_tries: u32,
}

impl Link {
    pub(super) fn new(now: Instant, path: PathId, expected: Option<NodeId>, joining: bool) -> Self {
        Self {
            path,
            peer: None,
            expected,
            joining,
            incarnation: 0,
            last_received: now,
            doubted: false,
            stage: Stage::Opening,
        }
    }

    pub(super) fn is_established(&self) -> bool {
        matches!(self.stage, Stage::Established(_))
    }

    /// Whether this is the unfinished answer to that first packet.
    pub(super) fn answers(&self, hello: &[u8; 32]) -> bool {
        matches!(&self.stage, Stage::ReplySent { ephemeral, .. } if ephemeral == hello)
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
        let replay = ReplayWindow::new();
        self.stage = Stage::Established(Keys { send, receive, remote, counter: 0, replay, finish, finish_tries: 0 });
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
