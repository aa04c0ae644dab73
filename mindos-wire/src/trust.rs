//! Family *trust*: advice and evidence (spec 10), questions, reports and beliefs.
//!
//! What others must be able to check later is a record; frames only carry them.

use crate::message::{before, item, message};
use crate::{EvidenceKind, List, QuarantineScope, segment::Cosignature};

item! {
    /// Name of a record or of content: its BLAKE3.
    Hash [32, false] rising(|a, b| before(&a.value, &b.value)) {
        /// The hash.
        value: [u8; 32],
    }
    /// Probability of one option, in parts per 65,535. In the order of the options.
    Weight [2, false] {
        /// The probability.
        value: u16,
    }
    /// What a node's reports earned in one domain.
    Earned [36, false] rising(|a, b| before(&a.node, &b.node)) {
        /// NodeId of the node.
        node: [u8; 32],
        /// Sum of its gains, in parts per 2^16 of a score.
        earned: u32,
    }
    /// A member's standing as the sender sees it.
    StandingEntry [6, true] rising(|a, b| a.alias < b.alias) {
        /// Alias of the member.
        alias: u32,
        /// Standing in parts per 65,535.
        standing: u16,
    }
}

/// Two or more options whose probabilities add up to 65,535.
fn is_distribution(weights: &List<'_, Weight>) -> bool {
    weights.len() >= 2 && weights.iter().map(|w| u32::from(w.value)).sum::<u32>() == 65_535
}

message! {
    /// Carries a record of this family.
    0x90 TrustRecord "trust-record" {
        /// The record.
        record: crate::Bytes16<'a>,
    }
    /// Asks for records by name.
    0x92 TrustWant "trust-want" {
        /// Their names, rising.
        records: List<'a, Hash>,
    }
    /// What the sender thinks of members in one domain; advice, never evidence.
    0x94 StandingDigest "standing-digest" {
        /// Domain: the first 4 bytes of the BLAKE3 of its name.
        domain: u32,
        /// Members, rising by alias.
        entries: List<'a, StandingEntry>,
    }
    /// Names records that the sender holds about one question or node.
    0x96 TrustHave "trust-have" {
        /// Name of the question, or NodeId of the node.
        about: &'a [u8; 32],
        /// BLAKE3 of the names of all records that the sender holds about it, rising.
        root: &'a [u8; 32],
        /// Some of their names, rising; none where the root alone is told.
        records: List<'a, Hash>,
    }
}

message! {
    /// Record: a question that others may answer.
    // spec: WIRE-037 2b5b
    0x10 QuestionBody "question" where "question" |m| m.options >= 2 && m.closes <= m.reveals, Range; {
        /// Domain: the first 4 bytes of the BLAKE3 of its name.
        domain: u32,
        /// BLAKE3 of the statement.
        statement: &'a [u8; 32],
        /// How many options there are, at least 2.
        options: u8,
        /// Unix seconds until which commits count.
        closes: u64,
        /// Unix seconds until which reveals count; not before `closes`.
        reveals: u64,
        /// BLAKE3 of the rule of resolution.
        rule: &'a [u8; 32],
    }
    /// Record: binds its author to a report that it will reveal.
    0x12 CommitBody "commit" {
        /// Name of the question.
        question: &'a [u8; 32],
        /// Hash of the reveal's body under its salt.
        commitment: &'a [u8; 32],
    }
    /// Record: a report.
    // spec: WIRE-038 6445
    0x14 RevealBody "reveal" where "weights" |m| is_distribution(&m.weights), Range; {
        /// Name of the question.
        question: &'a [u8; 32],
        /// What hid the commitment.
        salt: &'a [u8; 16],
        /// Sources that the report rests on, rising.
        lineage: List<'a, Hash>,
        /// Probability of each option.
        weights: List<'a, Weight>,
    }
    /// Record: an outcome that its author vouches for.
    0x16 AnchorBody "anchor" {
        /// Name of the question.
        question: &'a [u8; 32],
        /// The option that came true, from 0.
        option: u8,
        /// BLAKE3 of where it is known from.
        source: &'a [u8; 32],
    }
    /// Record: what a holder of a question computed.
    0x18 BeliefBody "belief" where "weights" |m| is_distribution(&m.weights), Range; {
        /// Name of the question.
        question: &'a [u8; 32],
        /// Root over the evidence that was used, in order.
        evidence: &'a [u8; 32],
        /// Records of evidence that were used.
        reports: u32,
        /// Probability of each option.
        weights: List<'a, Weight>,
    }
    /// Record: something that a node did, with its proof.
    0x1a EvidenceBody "evidence" {
        /// NodeId of the node.
        subject: &'a [u8; 32],
        /// Domain: the first 4 bytes of the BLAKE3 of its name.
        domain: u32,
        /// What it did.
        kind: EvidenceKind,
        /// Name of the record that proves it.
        proof: &'a [u8; 32],
    }
    /// Record: a node is kept out of something until a time.
    // spec: WIRE-039 2ef7
    0x1c QuarantineBody "quarantine" where "evidence" |m| m.evidence.len() >= 2 && !m.cosignatures.is_empty(), Range; {
        /// NodeId of the node.
        subject: &'a [u8; 32],
        /// What it is kept out of.
        scope: QuarantineScope,
        /// Unix seconds at which it ends.
        until: u64,
        /// Names of the evidence, rising; at least 2.
        evidence: List<'a, Hash>,
        /// Others who agree, rising; at least 1.
        cosignatures: List<'a, Cosignature>,
    }
    /// Record: the quarantined node's answer.
    0x1e AppealBody "appeal" {
        /// Name of the quarantine.
        quarantine: &'a [u8; 32],
        /// Names of evidence for it, rising.
        evidence: List<'a, Hash>,
    }
    /// Record: its author, the issuer, holds credit for a payer.
    0x20 DepositBody "deposit" {
        /// NodeId of the payer.
        payer: &'a [u8; 32],
        /// How much, in milli-credits.
        units: u64,
    }
    /// Record: a part of a deposit is the payee's. A later one that begins alike replaces it.
    // spec: WIRE-047 0b0b
    0x22 PaymentBody "payment" where "units" |m| m.from < m.to, Range; {
        /// Name of the deposit.
        deposit: &'a [u8; 32],
        /// NodeId of the payee.
        payee: &'a [u8; 32],
        /// First unit of the deposit that is paid.
        from: u64,
        /// The unit behind the last one; above `from`.
        to: u64,
    }
    /// Record: what reports on the questions of a domain earned, as a holder computed it.
    0x24 MeritBody "merit" {
        /// Domain: the first 4 bytes of the BLAKE3 of its name.
        domain: u32,
        /// Resolved questions that it rests on.
        questions: u32,
        /// Nodes that earned most, rising.
        earned: List<'a, Earned>,
    }
    /// Record: a question whose reports are forecasts.
    // spec: WIRE-037 2b5b
    0x26 ForecastQuestionBody "forecast-question" where "question" |m| m.options >= 2 && m.closes <= m.reveals, Range; {
        /// Domain: the first 4 bytes of the BLAKE3 of its name.
        domain: u32,
        /// BLAKE3 of the statement.
        statement: &'a [u8; 32],
        /// How many options there are, at least 2.
        options: u8,
        /// Unix seconds until which commits count.
        closes: u64,
        /// Unix seconds until which reveals count; not before `closes`.
        reveals: u64,
        /// BLAKE3 of the rule of resolution.
        rule: &'a [u8; 32],
    }
}
