//! Family *intent*: handing work over (spec 07).

use crate::message::message;
use crate::{Bytes16, CancelOutcome, DeclineReason, Label, ResultStatus};

message! {
    /// Asks what an intent would cost here and when it would be done. Reserves nothing.
    0x60 Seek "seek" {
        /// The intent: BLAKE3 of its record.
        intent: &'a [u8; 32],
        /// BLAKE3 of the capability's name.
        capability: &'a [u8; 32],
        /// Complexity: context tokens.
        context_tokens: u32,
        /// Complexity: generated tokens.
        generated_tokens: u32,
        /// Bytes of context that would be sent along.
        context_bytes: u32,
        /// Privacy label.
        label: Label,
        /// What remains of the lifetime, in µs.
        remaining_us: u64,
    }
    /// Answers a [`Seek`]: an expectation that holds for 2 s while the queue does not change.
    0x62 Quote "quote" {
        /// The intent: BLAKE3 of its record.
        intent: &'a [u8; 32],
        /// To be returned in the lease.
        nonce: u64,
        /// Expected start in µs after the quote was sent.
        start_us: u64,
        /// Expected finish in µs after the quote was sent.
        finish_us: u64,
        /// Price in milli-credits.
        price: u64,
        /// Expected quality in parts per 255.
        quality: u8,
    }
    /// Hands an intent to a worker. Nothing executes without one.
    0x64 Lease "lease" {
        /// NodeId of the worker.
        worker: &'a [u8; 32],
        /// The origin's lease epoch: rises with every lease that the origin ever signs.
        epoch: u64,
        /// Nonce of the worker's quote.
        nonce: u64,
        /// The origin pays at most this, in milli-credits.
        price_limit: u64,
        /// The worker declines if it expects to finish later than this, in µs after the lease was sent.
        finish_limit_us: u64,
        /// The origin's signature over the lease (spec 07).
        signature: &'a [u8; 64],
        /// What remains of the lifetime, in µs: hop-local, not signed.
        remaining_us: u64,
        /// The intent record.
        intent: Bytes16<'a>,
    }
    /// How far a leased intent is. Number 0 is the acceptance.
    0x66 Progress "progress" {
        /// The intent: BLAKE3 of its record.
        intent: &'a [u8; 32],
        /// Epoch of the lease.
        epoch: u64,
        /// Rises from 0.
        number: u32,
        /// Share done in parts per 2^16.
        done: u16,
        /// Expected finish in µs after this was sent.
        finish_us: u64,
    }
    /// The outcome.
    0x68 ResultFrame "result" {
        /// The intent: BLAKE3 of its record.
        intent: &'a [u8; 32],
        /// Epoch of the lease.
        epoch: u64,
        /// How it ended.
        status: ResultStatus,
        /// Output, or the reason of a failure in words.
        output: Bytes16<'a>,
    }
    /// Refuses a [`Seek`] (epoch 0) or a [`Lease`].
    // spec: WIRE-023 4704
    0x6a Decline "decline" where "quote without a nonce" |m| m.nonce != 0 || (m.start_us | m.finish_us | m.price) == 0, Reserved; {
        /// The intent: BLAKE3 of its record.
        intent: &'a [u8; 32],
        /// Epoch of the lease; 0 answers a seek.
        epoch: u64,
        /// Why.
        reason: DeclineReason,
        /// Nonce of a new quote; 0 means that there is none and that the next three are 0.
        nonce: u64,
        /// Expected start in µs after this was sent.
        start_us: u64,
        /// Expected finish in µs after this was sent.
        finish_us: u64,
        /// Price in milli-credits.
        price: u64,
    }
    /// Ends a lease.
    0x6c Cancel "cancel" {
        /// The intent: BLAKE3 of its record.
        intent: &'a [u8; 32],
        /// Epoch of the lease.
        epoch: u64,
    }
    /// Answers a [`Cancel`].
    0x6e Cancelled "cancelled" {
        /// The intent: BLAKE3 of its record.
        intent: &'a [u8; 32],
        /// Epoch of the lease.
        epoch: u64,
        /// What the cancel met.
        outcome: CancelOutcome,
    }
}

message! {
    /// Half a receipt. The worker sends its half with the result, the origin answers with its own.
    0x70 Receipt "receipt" {
        /// The intent: BLAKE3 of its record.
        intent: &'a [u8; 32],
        /// Epoch of the lease.
        epoch: u64,
        /// What is owed, in milli-credits.
        price: u64,
        /// BLAKE3 of the output.
        output: &'a [u8; 32],
        /// The sender's signature over the receipt.
        signature: &'a [u8; 64],
    }
}

message! {
    /// Record: a whole receipt, its author the origin, for third parties.
    0x0c ReceiptBody "receipt" {
        /// The intent: BLAKE3 of its record.
        intent: &'a [u8; 32],
        /// NodeId of the worker.
        worker: &'a [u8; 32],
        /// Epoch of the lease.
        epoch: u64,
        /// What is owed, in milli-credits.
        price: u64,
        /// BLAKE3 of the output.
        output: &'a [u8; 32],
        /// The worker's signature over the receipt.
        worker_signature: &'a [u8; 64],
    }
}
