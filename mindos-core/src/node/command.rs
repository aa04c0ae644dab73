//! What a host can ask of its node.

use alloc::vec::Vec;
use bytes::Bytes;
use mindos_wire::{Effect, Label, ResultStatus, Stakes};

use super::LeaseId;
#[cfg(doc)]
use super::{DropReason, Event};
use crate::cost::CostProof;
use crate::{DepositId, Duration, IntentId, NodeId, Voucher};

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
    /// The host answers an [`Event::Check`]. [`DropReason::ApiMisuse`] if that is open no more: it was answered, is
    /// 600 s old, or what it was about gave way; then nothing is to be done.
    Checked {
        /// Its number.
        check: u64,
        /// Whether the result is right, and the accusation therefore false. `None`: the host cannot tell, and the
        /// evidence counts for neither side.
        right: Option<bool>,
    },
    /// Ask a member that suspends this node or keeps it out to check the evidence again; it does so once an hour.
    /// [`DropReason::Full`] while numbers are not persisted yet.
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
    /// Ask what is believed of a question: [`Event::Believed`] follows, within 3 s. Asks for the merit of its domain,
    /// too.
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
