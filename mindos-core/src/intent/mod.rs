//! The life of an intent (spec 07): seek, quote, lease, progress, result, receipt, cancel.

mod ledger;
mod origin;
mod receipt;
#[cfg(test)]
mod tests;
mod worker;

use crate::context::Store;
use crate::entropy::Entropy;
use crate::identity::{Identity, NodeId, Reserve};
use crate::outbox::{Effect, Effects, frame};
use crate::timer::Timers;
use crate::trust::Standing;
use crate::{DropReason, Instant};
use mindos_wire::Frame;

pub use ledger::{Account, WholeReceipt};
pub(crate) use origin::Origin;
pub(crate) use worker::Worker;

/// What the intent machines need from the node.
pub(crate) struct Ctx<'a> {
    pub(crate) now: Instant,
    pub(crate) identity: &'a Identity,
    pub(crate) timers: &'a mut Timers,
    pub(crate) out: &'a mut Effects,
    pub(crate) sequences: &'a mut Reserve,
    /// For expiry dates, if the host gave it.
    pub(crate) unix_s: Option<u64>,
    /// Read only: who is kept out of work.
    pub(crate) trust: &'a dyn Standing,
}

/// Both sides: intents of this node, and work for others.
#[derive(Debug)]
pub(crate) struct Intents {
    pub(crate) origin: Origin,
    pub(crate) worker: Worker,
    store: Store,
}

impl Intents {
    pub(crate) fn new(entropy: Entropy, epochs: Reserve) -> Self {
        Self { origin: Origin::new(epochs), worker: Worker::new(entropy), store: Store::default() }
    }

    /// Content that came, if it is still here.
    pub(crate) fn content(&self, name: &[u8; 32]) -> Option<bytes::Bytes> {
        self.store.get(name).cloned()
    }

    /// A frame of the intent or context family. Quotes, and declines of a seek, are routing's.
    ///
    /// # Errors
    /// The frame was not used; nothing changed.
    pub(crate) fn frame(&mut self, ctx: &mut Ctx<'_>, from: &NodeId, f: &Frame<'_>) -> Result<(), DropReason> {
        match f {
            Frame::Seek(f) => self.worker.on_seek(ctx, from, f),
            Frame::Lease(f) => self.worker.on_lease(ctx, from, f, &self.store),
            Frame::Cancel(f) => self.worker.on_cancel(ctx, from, f),
            Frame::ContextData(f) => {
                // spec: INT-018 8d50
                let name = ctx.identity.crypto.hash(&[f.bytes.0]);
                let content = bytes::Bytes::copy_from_slice(f.bytes.0);
                self.worker.on_context(ctx, &name, &content);
                self.store.insert(name, content);
                Ok(())
            }
            Frame::Progress(f) => self.origin.on_progress(ctx, from, f),
            Frame::Result(f) => self.origin.on_result(ctx, from, f),
            // A worker's half comes to the origin, and the other way round.
            Frame::Receipt(f) => match self.origin.on_receipt(from, f) {
                Ok(()) => Ok(()),
                Err(_) => self.worker.on_receipt(ctx, from, f),
            },
            Frame::Decline(f) => self.origin.on_decline(ctx, from, f),
            Frame::Cancelled(f) => self.origin.on_cancelled(ctx, from, f),
            _ => Err(DropReason::UnexpectedFrame),
        }
    }
}

/// Queues a message for a peer.
fn send<'a>(ctx: &mut Ctx<'_>, to: NodeId, message: &impl mindos_wire::FrameMessage<'a>) {
    ctx.out.push_back(Effect::message(to, frame(message)));
}
