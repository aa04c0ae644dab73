//! Family *load*: how busy a mind is (spec 06). Never relayed.

use crate::message::{item, message};
use crate::{Minifloat, Name};

item! {
    /// How well and at what price a node serves one capability.
    CapabilityLoad [7, false] rising(|a, b| a.id < b.id) {
        /// Short form of the capability's name: the first 4 bytes of its BLAKE3.
        id: u32,
        /// Competence as the node claims it, in parts per 255.
        competence: u8,
        /// Price in milli-credits per second of reference work.
        price: u16,
    }
}

message! {
    /// Asks for an exchange of load advertisements in both directions.
    0x50 Subscribe "subscribe" {}
    /// Answers a [`Subscribe`]. If accepted, the full advertisement follows.
    0x52 Subscribed "subscribed" {
        /// Refused if the table of partners is full.
        accepted: crate::codec::Flag,
    }
    /// The full form.
    0x54 LoadAdvert "load-advert" {
        /// Rises with every change.
        sequence: u32,
        /// Execution slots.
        slots: Minifloat,
        /// Milliseconds until a new intent would start.
        backlog_ms: Minifloat,
        /// Speed in thousandths of context tokens per second.
        context_rate: Minifloat,
        /// Speed in thousandths of generated tokens per second.
        generated_rate: Minifloat,
        /// Context tokens that a new intent may bring.
        context_free: Minifloat,
        /// Free memory in KiB.
        memory_kib: Minifloat,
        /// Free link capacity in bytes per second.
        link: Minifloat,
        /// Energy left in joules; the largest code if unlimited.
        energy: Minifloat,
        /// Capabilities, rising by id.
        capabilities: crate::List<'a, CapabilityLoad>,
    }
    /// What changed since the full form.
    0x55 LoadDelta "load-delta" {
        /// The new sequence.
        sequence: u32,
        /// Execution slots.
        slots: Minifloat,
        /// Milliseconds until a new intent would start.
        backlog_ms: Minifloat,
    }
}

// Draft: there are no machines for these yet.
message! {
    /// What a capability is.
    0x56 Capability "capability" {
        /// Its name with its version. The BLAKE3 of the name is the capability, the first 4 bytes its short form.
        name: Name<'a>,
        /// BLAKE3 of the schema of its input.
        input: &'a [u8; 32],
        /// BLAKE3 of the schema of its output.
        output: &'a [u8; 32],
    }
    /// Asks what short forms stand for.
    0x58 CapabilityWant "capability-want" {
        /// Short forms, rising.
        ids: crate::List<'a, u32>,
    }
}
