//! What a node tells its host.

use alloc::boxed::Box;
use alloc::vec::Vec;
use bytes::Bytes;
use mindos_wire::ResultStatus;

#[cfg(doc)]
use super::Command;
use super::{IntentRequest, LeaseId};
use crate::intent::WholeReceipt;
use crate::{DepositId, Duration, Instant, IntentId, NodeId, QuestionId};

/// News for the host.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// The node's numbers are persisted: it can join and submit.
    Ready,
    /// A session with a peer is up.
    Connected {
        /// The peer.
        node: NodeId,
    },
    /// An answer to [`Command::Ping`].
    Pong {
        /// The peer.
        node: NodeId,
        /// Round trip.
        rtt: Duration,
    },
    /// A member is in service, for the first time or again.
    MemberUp {
        /// The member.
        node: NodeId,
    },
    /// A member has two eligible accusers.
    MemberSuspect {
        /// The member.
        node: NodeId,
    },
    /// A member is down by quorum.
    MemberDown {
        /// The member.
        node: NodeId,
        /// The incarnation that is down.
        incarnation: u32,
    },
    /// A member said goodbye.
    MemberLeft {
        /// The member.
        node: NodeId,
    },
    /// The key of a member or root was given up, or the outcome changed; this node's own key is told too, and then
    /// the node has left.
    Retired {
        /// Whose key it was.
        node: NodeId,
        /// Who takes its place, if anybody.
        successor: Option<NodeId>,
    },
    /// This node was accused and said that it lives.
    Refuted {
        /// Its new incarnation.
        incarnation: u32,
    },
    /// Do this work, then call with [`Command::Finish`].
    Execute {
        /// The lease.
        lease: LeaseId,
        /// Who wants it.
        origin: NodeId,
        /// The work, as its origin stated it; `contexts` are verified.
        work: Box<IntentRequest>,
    },
    /// Stop this work: its result is of no use any more.
    Stop {
        /// The lease.
        lease: LeaseId,
    },
    /// An intent of this node was handed to a worker, which accepted it.
    Leased {
        /// The lease.
        lease: LeaseId,
        /// The worker.
        worker: NodeId,
        /// Expected finish from now.
        finish_in: Duration,
    },
    /// An intent of this node goes to another worker.
    Redispatched {
        /// The lease that ended, whether it was accepted or not.
        lease: LeaseId,
        /// The worker that had it.
        worker: NodeId,
    },
    /// An intent of this node has its result. Told once; without a `Leased` before it, if the result overtook
    /// the acceptance or comes from an earlier lease.
    Completed {
        /// The lease that brought it.
        lease: LeaseId,
        /// The worker.
        worker: NodeId,
        /// How it ended.
        status: ResultStatus,
        /// The output.
        output: Bytes,
    },
    /// An intent of this node ended without a result. Told once, and never after `Completed`.
    Ended {
        /// The intent.
        intent: IntentId,
        /// Why.
        reason: EndReason,
    },
    /// A receipt is whole: the origin owes this node so much. Told once a lease. The node forgets accounts when it
    /// restarts, what was paid ahead included; the host keeps what it wants to be paid for.
    Earned {
        /// The lease.
        lease: LeaseId,
        /// In milli-credits.
        price: u64,
        /// What shows the debt to others.
        receipt: Box<WholeReceipt>,
    },
    /// A deposit was signed.
    Issued {
        /// Its name.
        deposit: DepositId,
        /// The record, for the payer.
        record: Bytes,
    },
    /// A member paid this node: its account has fallen by so much. Told when the payment is on stable storage, where
    /// all of a deposit are until it gives way; the host keeps what it will redeem.
    Paid {
        /// Who paid.
        payer: NodeId,
        /// What is new, in milli-credits.
        units: u64,
        /// Record of the deposit.
        deposit: Bytes,
        /// Record of the payment. It replaces an earlier one that begins at the same unit.
        payment: Bytes,
    },
    /// Somebody shows a result of a node and says that it is wrong; told with each such evidence that is taken. While
    /// the host is asked about it the node gets no leases.
    Accused {
        /// The node.
        node: NodeId,
        /// Who says so.
        accuser: NodeId,
    },
    /// This host found a result of a node wrong, of its own intent or in evidence of somebody: the node gets no
    /// leases. Told anew when another one is found.
    Suspended {
        /// The node.
        node: NodeId,
        /// Until then, without another event.
        until: Instant,
    },
    /// Somebody accuses a load partner of a wrong result: do the work again if that is what it takes, and answer by
    /// [`Command::Checked`] within 600 s: an answer that comes later is refused. The partner
    /// gets no leases meanwhile.
    Check {
        /// Its number.
        check: u64,
        /// BLAKE3 of the capability's name: one of [`Command::SetChecks`].
        capability: [u8; 32],
        /// The work, as its origin stated it.
        work: Box<IntentRequest>,
        /// The result that is said to be wrong.
        output: Bytes,
    },
    /// A node is kept out: it gets no leases, those that it gives are declined, and what it says of others does not
    /// count.
    Quarantined {
        /// The node.
        node: NodeId,
        /// Until then.
        until: Instant,
    },
    /// A node is kept out no longer, or its appeal ended a suspension.
    Released {
        /// The node.
        node: NodeId,
    },
    /// A question of this node was asked.
    Asked {
        /// The question.
        question: QuestionId,
        /// Its record: who has it can report and believe.
        record: Bytes,
    },
    /// What is believed of a question.
    Believed(Believed),
    /// A lease of this node was kept or broken: evidence was written.
    Judged {
        /// The worker.
        worker: NodeId,
        /// Whether the quote was kept.
        kept: bool,
    },
}

/// Why an intent ended without a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EndReason {
    /// Its lifetime is over.
    Expired,
    /// The host cancelled it; the worker of its present lease, if there was one, confirmed or had finished.
    Cancelled,
    /// The host cancelled it; this worker did not confirm that it stopped.
    CancelUnconfirmed {
        /// The worker.
        worker: NodeId,
    },
}

/// What the holders of a question answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Believed {
    /// The question.
    pub question: QuestionId,
    /// Probability of each option in parts per 65,535, as more than half of the holders computed it alike; empty
    /// if no majority did.
    pub weights: Vec<u16>,
    /// Reports that they used.
    pub reports: u32,
    /// Root of the evidence that they used: BLAKE3 of the names of its reveals, rising.
    pub evidence: Option<[u8; 32]>,
    /// How many computed the same: of those who answered, the largest number.
    pub agreeing: u8,
    /// How many answered with a belief.
    pub answered: u8,
    /// How many hold the question.
    pub asked: u8,
}
