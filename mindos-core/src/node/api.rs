//! What goes into a node and what comes out.

use alloc::boxed::Box;
use alloc::vec::Vec;
use bytes::Bytes;
use mindos_wire::{Effect, Label, ResultStatus, Stakes, WireError};

use crate::cost::CostProof;
use crate::intent::WholeReceipt;
pub use crate::outbox::{Class, PersistKey};
use crate::{DepositId, Duration, Instant, IntentId, NodeId, QuestionId, Voucher};

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
    /// dates are held against what was told last, and a node that is never told again makes beacons that peers refuse
    /// after an hour; questions count on from it.
    WallClock {
        /// Seconds since 1970.
        unix_s: u64,
    },
    /// The host wants something.
    Command(Command),
}

/// What a host can ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Command {
    /// Find a way into the mesh through the node at this locator.
    Join {
        /// Scheme byte and address (spec `registry/locators.toml`).
        locator: Bytes,
    },
    /// Tell everyone goodbye. From now on the node answers no probe and takes no command.
    ///
    /// Open intents are not ended: cancel or await them first. Members that hear the goodbye forget their
    /// sessions with this node and acknowledge nothing, so it is sent again for a while: go on polling for
    /// a few seconds.
    Leave,
    /// Probe a member once: an answer comes as [`Event::Pong`].
    Ping {
        /// A known member, in any state; a session alone does not suffice.
        node: NodeId,
    },
    /// What this node can serve from now on.
    SetCapacity(Capacity),
    /// Show this proof of cost from now on: the beacon is renewed with it. One that does not hold for this node,
    /// with the bits of its leaf and today as far as the node knows the time, is refused. Proofs end with the day
    /// after theirs.
    SetCost(CostProof),
    /// Show this voucher from now on: the beacon is renewed with it. One that was not signed for this node in its
    /// network is refused.
    SetVoucher(Voucher),
    /// Pass this succession on, and follow it: the record of [`Succession`](crate::Succession). Of this node's own
    /// key, it ends the node as [`Leave`](Self::Leave) does. A node that is the successor is given it before it joins.
    Succeed {
        /// The record.
        record: Bytes,
    },
    /// Hand out work. The id comes from the facet [`Node::submit`](crate::Node::submit).
    Submit(IntentRequest),
    /// Stop an intent of this node: [`Event::Ended`] follows, within 5 s. Only the worker of the present lease
    /// is told; one that had an earlier lease may go on, and its result is dropped.
    Cancel {
        /// The intent.
        intent: IntentId,
    },
    /// The host got on with an [`Event::Execute`].
    Progress {
        /// The lease.
        lease: LeaseId,
        /// Share done in parts per 2^16.
        done: u16,
    },
    /// The host finished an [`Event::Execute`].
    Finish {
        /// The lease.
        lease: LeaseId,
        /// How it ended.
        status: ResultStatus,
        /// Output, at most 60,000 bytes.
        output: Bytes,
    },
    /// The host checked the result of an [`Event::Completed`], within 60 s of it. One judged right is paid for at
    /// once; one judged wrong never: its worker gets no leases for a while ([`Event::Suspended`]), and its
    /// signature becomes evidence. What others find right costs this node its word, so look twice. Without a
    /// judgement it is paid for after 10 s. Of more than 256 results the oldest cannot be judged any more.
    Judge {
        /// The lease that brought it.
        lease: LeaseId,
        /// Whether it is right.
        right: bool,
    },
    /// Results of these capabilities the host can check for others, at most 255: it is asked by [`Event::Check`].
    SetChecks(Vec<[u8; 32]>),
    /// The host answers an [`Event::Check`].
    Checked {
        /// Its number.
        check: u64,
        /// Whether the result is right, and the accusation therefore false. `None`: the host cannot tell, and the
        /// evidence counts for neither side.
        right: Option<bool>,
    },
    /// Ask a member that keeps this node out to check the evidence again; it does so once an hour.
    Appeal {
        /// The member.
        to: NodeId,
    },
    /// Hold credit for a payer (spec 10, section 7.3): [`Event::Issued`] gives the deposit's record, which the host
    /// passes on to the payer's. This node keeps what payees show it of its deposits, and convicts whoever gives one
    /// unit to two. It keeps none of that over a restart: then it knows what payees show it again.
    ///
    /// [`DropReason::NotReady`] before the host told the time. [`DropReason::ApiMisuse`] if a value is outside its
    /// range. [`DropReason::Full`] while 256 deposits are held that were not over for five minutes, or numbers are
    /// not persisted yet. After each, nothing has changed.
    Issue {
        /// Who may spend it: another node.
        payer: NodeId,
        /// In milli-credits, above 0. What one is worth, and to whom, is this host's affair. One payment has at least
        /// a 64th of them, rounded up.
        units: u64,
        /// Unix seconds until which payees take payments from it: not past, and at most 400 days ahead. This host
        /// redeems for as long as it promised.
        expires: u64,
    },
    /// A deposit for this node to spend (spec 10, section 7.1): it is kept, on stable storage too, and is among
    /// [`Node::deposits`](crate::Node::deposits). Where [`Restored`](crate::Restored) knows it, the node goes on from
    /// what was spent; a host that lost that record must not deposit it again.
    ///
    /// [`DropReason::NotReady`] before the host told the time. [`DropReason::ApiMisuse`] if it is for another node, of
    /// this node's own issue, over, or ends more than 400 days ahead, or is known. [`DropReason::Malformed`],
    /// [`DropReason::UnexpectedRecord`] or [`DropReason::BadSignature`] if the record is none, has more than 256 bytes,
    /// or does not hold. [`DropReason::Full`] while there are 64 that were not over for five minutes. After each,
    /// nothing has changed.
    Deposit {
        /// Its record, as [`Event::Issued`] gave it to the issuer.
        record: Bytes,
    },
    /// Pay a member (spec 10, section 7.1): so many units more of a deposit are its own, for good, and what this node
    /// owes it falls by as many. The payment leaves when it is on stable storage, and again with each new session to
    /// the payee until the deposit is over. Nothing tells that the payee took it: it does if it honours the issuer. A
    /// payee that is lost, and does not return before the deposit is over, has the units all the same.
    ///
    /// [`DropReason::NotReady`] before the host told the time. [`DropReason::ApiMisuse`] if the deposit is unknown or
    /// over, the payee is this node or no member in service (state `alive`), or the amount is outside its range.
    /// [`DropReason::Full`] while 64 writes of the deposit are under way, or numbers are not persisted yet. After each,
    /// nothing has changed.
    Pay {
        /// A deposit of this node.
        deposit: DepositId,
        /// Who gets it.
        payee: NodeId,
        /// In milli-credits, above 0, at most what is left. With less than a 64th of the deposit, rounded up, it
        /// must be for the payee of the payment before, which grows; and it leaves nothing, or a 64th.
        amount: u64,
    },
    /// Take payments from deposits of these issuers, beside those of the leaf's roots and of this node (spec 10,
    /// section 7.2). The list replaces the one before, and is empty at first; what was counted stays counted.
    ///
    /// [`DropReason::ApiMisuse`] for more than 255; the list before stays.
    SetIssuers(Vec<NodeId>),
    /// An origin made up for what it owes, in whatever way (spec 10, section 2): its account falls by so much, whole
    /// receipts first, and what is above is paid ahead. An origin without an account gets one; of more than 4,096
    /// the one that owes least is forgotten, and those with something ahead after all others. No value is refused.
    Settle {
        /// The origin.
        node: NodeId,
        /// In milli-credits, any; a sum ahead stops at 2⁶⁴ − 1.
        amount: u64,
    },
    /// Ask a question (spec 09): [`Event::Asked`] gives its record, which the host passes on to whoever may know.
    /// Refused before the host told the time.
    Ask(QuestionRequest),
    /// Report on a question. What it says stays hidden until the question is closed, and is shown by itself then,
    /// if this run of the node lasts so long. Who reports twice, in two runs, says nothing.
    Report {
        /// The question's record, as [`Event::Asked`] gave it.
        question: Bytes,
        /// What is said.
        report: Report,
    },
    /// Stand for the outcome of a question. It counts where this node is a root.
    Anchor {
        /// The question's record.
        question: Bytes,
        /// The option that came true, from 0.
        option: u8,
        /// BLAKE3 of where it is known from.
        source: [u8; 32],
    },
    /// Ask what is believed of a question: [`Event::Believed`] follows, within 3 s. Asks for the merit of its domain, too.
    Believe {
        /// The question's record.
        question: Bytes,
    },
    /// Ask what reports on a domain earned: once a majority of its holders has answered, within 3 s, it counts in
    /// `Node::standing` of the capability of the domain's name, for an hour. Nothing is asked twice within 10 min.
    Appraise {
        /// BLAKE3 of the domain's name.
        domain: [u8; 32],
    },
}

/// A question to ask (spec 09).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuestionRequest {
    /// BLAKE3 of the domain's name. Its questions are held by the same members.
    pub domain: [u8; 32],
    /// BLAKE3 of the statement that says what each option means.
    pub statement: [u8; 32],
    /// How many options there are, 2 to 16. Questions of one domain with different numbers are judged apart.
    pub options: u8,
    /// Whether what is reported are forecasts, pooled by skill and resolved by outcomes, rather than labels, of which
    /// each report holds its likeliest option true. Questions of one domain that are read otherwise are judged apart.
    pub forecasts: bool,
    /// Unix seconds until which commits count.
    pub closes: u64,
    /// Unix seconds until which reveals count: at least 8 s later.
    pub reveals: u64,
    /// BLAKE3 of the rule by which an outcome is told.
    pub rule: [u8; 32],
}

/// What a node says to a question.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Probability of each option in parts per 65,535; they add up to that.
    pub weights: Vec<u16>,
    /// Names of the sources that it rests on, at most 64: reports that share one share a voice.
    pub lineage: Vec<[u8; 32]>,
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

/// What a node can serve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capacity {
    /// Intents executed at a time; 0 serves nothing.
    pub slots: u16,
    /// Speed in thousandths of context tokens per second.
    pub context_rate: u64,
    /// Speed in thousandths of generated tokens per second.
    pub generated_rate: u64,
    /// Context tokens that one intent may bring.
    pub context_free: u64,
    /// Highest stakes served without asking; `None` declines everything.
    pub stakes: Option<Stakes>,
    /// Highest label that this node may see.
    pub clearance: Option<Label>,
    /// What it can do, at most 255.
    pub capabilities: Vec<Capability>,
    /// What one origin may owe, leases in work included, in milli-credits: a lease beyond it is declined.
    pub credit: u64,
}

impl Default for Capacity {
    /// Serves nothing, and lends without limit.
    fn default() -> Self {
        Self {
            slots: 0,
            context_rate: 0,
            generated_rate: 0,
            context_free: 0,
            stakes: None,
            clearance: None,
            capabilities: Vec::new(),
            credit: u64::MAX,
        }
    }
}

/// One thing that a node can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capability {
    /// BLAKE3 of the name, such as `text.summarize/1`.
    pub name: [u8; 32],
    /// Claimed competence in parts per 255.
    pub competence: u8,
    /// Price in milli-credits per second of reference work.
    pub price: u16,
}

/// Work to hand out (spec 07).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IntentRequest {
    /// BLAKE3 of the capability's name.
    pub capability: [u8; 32],
    /// Reference work: context tokens.
    pub context_tokens: u32,
    /// Reference work: generated tokens.
    pub generated_tokens: u32,
    /// How long the result is of use: above 0, at most a day.
    pub lifetime: Duration,
    /// In milli-credits.
    pub budget: u64,
    /// Privacy label.
    pub label: Label,
    /// Delegation depth; signed and told, but nothing is delegated by this version.
    pub depth: u8,
    /// Effect class; `Fenced` is refused by this version.
    pub effect: Effect,
    /// Stakes class.
    pub stakes: Stakes,
    /// Contents that the worker needs: at most 16, each at most 60,000 bytes, no two alike.
    pub contexts: Vec<Bytes>,
    /// Input, at most 32,000 bytes.
    pub payload: Bytes,
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
    /// [`Command::Checked`] within 600 s: an answer that comes later is refused. The partner gets no leases
    /// meanwhile.
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
