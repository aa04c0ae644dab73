//! Family *membership*: who is in the leaf, and in which state (spec 05).
//!
//! Members are named by 4-byte *aliases*, the first bytes of BLAKE3 over leaf epoch and NodeId. An
//! alias may name several members; signed bytes always contain full ids, so the signature decides.

use crate::message::{item, message};

item! {
    /// One accuser's signature.
    Endorsement [68, false] rising(|a, b| (a.accuser, a.signature) < (b.accuser, b.signature)) {
        /// Alias of the accuser.
        accuser: u32,
        /// Its signature over the accusation (spec 05).
        signature: [u8; 64],
    }
    /// What the sender holds of one member.
    ViewEntry [9, true] rising(|a, b| (a.alias, a.incarnation, a.state) < (b.alias, b.incarnation, b.state)) {
        /// Alias of the member.
        alias: u32,
        /// Its incarnation.
        incarnation: u32,
        /// Its state.
        state: crate::MemberState,
    }
}

message! {
    /// A member's beacon and where to find it. Its locator travels only inside sessions.
    0x20 Member "member" {
        /// Scheme byte and address (`registry/locators.toml`); empty if unknown.
        locator: crate::Bytes8<'a>,
        /// The beacon record.
        beacon: crate::Bytes16<'a>,
    }
    /// The sender, a monitor of the subject, got no answer from it. Sent to fellow monitors only.
    0x22 Accuse "accuse" {
        /// Alias of the subject.
        subject: u32,
        /// The incarnation that did not answer.
        incarnation: u32,
        /// The sender's signature over the accusation.
        signature: &'a [u8; 64],
    }
    /// Two or more accusers of one subject, provable to anyone.
    // spec: WIRE-022 3df6
    0x24 Certificate "certificate" where "accusers" |m| m.accusers.len() >= 2, Range; {
        /// Alias of the subject.
        subject: u32,
        /// The incarnation that did not answer.
        incarnation: u32,
        /// The accusers, rising by alias.
        accusers: crate::List<'a, Endorsement>,
    }
    /// The subject lives, under a higher incarnation than it was accused of.
    0x26 Alive "alive" {
        /// Alias of the subject.
        subject: u32,
        /// Its incarnation from now on.
        incarnation: u32,
        /// Its signature.
        signature: &'a [u8; 64],
    }
    /// The subject leaves for good; a later return needs a higher incarnation.
    0x28 Leave "leave" {
        /// Alias of the subject.
        subject: u32,
        /// The incarnation that ends.
        incarnation: u32,
        /// Its signature.
        signature: &'a [u8; 64],
    }
    /// The sender probed the subject and got an answer: it does not join, or takes back, an accusation.
    0x2a Deny "deny" {
        /// Alias of the subject.
        subject: u32,
        /// The incarnation that answered.
        incarnation: u32,
    }
    /// The sender's whole view. The receiver answers with what the sender lacks, and wants what it lacks itself.
    0x2c ViewDigest "view-digest" {
        /// Every member, rising.
        entries: crate::List<'a, ViewEntry>,
    }
    /// News that the sender can give.
    0x2e Have "have" {
        /// Rising.
        entries: crate::List<'a, ViewEntry>,
    }
    /// Members of which the sender wants to know everything.
    0x30 Want "want" {
        /// Aliases, rising.
        aliases: crate::List<'a, u32>,
    }
    /// A key was given up. Its record holds against everything that the key signs.
    0x34 Succession "succession" {
        /// The succession record.
        record: crate::Bytes16<'a>,
    }
}
