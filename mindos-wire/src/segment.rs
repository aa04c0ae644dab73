//! Family *segment*: the tree above the leaf. Draft: there are no machines for it yet.
//!
//! A segment is named by domain, geographic cell, tier and leading bits of the NodeId, in this order.

use crate::message::{before, item, message};
use crate::{List, Minifloat, Tier};

/// No more than 8 steps of a cell and 32 bits of a NodeId, and nothing in the bits beyond.
const fn in_range(steps: u8, bits: u8) -> bool {
    steps <= 8 && bits <= 32
}

/// The bits of `value` beyond its `kept` highest are zero.
const fn only_highest(value: u32, kept: u32) -> bool {
    match value.checked_shl(kept) {
        Some(rest) => rest == 0,
        None => true,
    }
}

item! {
    /// What a segment can do of one capability.
    SegmentLoad [11, false] rising(|a, b| a.id < b.id) {
        /// Short form of the capability.
        id: u32,
        /// Free execution slots, summed over the members.
        free_slots: Minifloat,
        /// Median over the members of the time until a new intent would start, in ms.
        start_p50_ms: Minifloat,
        /// 90th percentile of the same.
        start_p90_ms: Minifloat,
        /// Median standing of the members for it, in parts per 255.
        standing: u8,
    }
    /// A member's signature under a statement that many sign.
    Cosignature [96, false] rising(|a, b| before(&a.member, &b.member)) {
        /// NodeId of the member.
        member: [u8; 32],
        /// Its signature.
        signature: [u8; 64],
    }
}

message! {
    /// Asks for what is known of a segment: its newest digest and leaf epoch.
    // spec: WIRE-035 3ce5, WIRE-036 25f4
    0x42 SegmentWant "segment-want"
    where "segment" |m| in_range(m.steps, m.bits), Range;
    where "segment" |m| only_highest(m.cell, 4 * u32::from(m.steps)) && only_highest(m.prefix, u32::from(m.bits)), Reserved;
    {
        /// Domain label: the first 4 bytes of the BLAKE3 of its name; 0 for the common domain.
        domain: u32,
        /// Geographic cell, 4 bits a step from the highest.
        cell: u32,
        /// How many steps of the cell count, at most 8.
        steps: u8,
        /// Tier.
        tier: Tier,
        /// How many bits of the prefix count, at most 32.
        bits: u8,
        /// Leading bits of the NodeId, from the highest.
        prefix: u32,
    }
    /// A record about a segment: a digest or a leaf epoch.
    0x44 SegmentRecord "segment-record" {
        /// The record.
        record: crate::Bytes16<'a>,
    }
}

message! {
    /// Record: what a gateway says of its segment.
    0x08 DigestBody "digest"
    where "segment" |m| in_range(m.steps, m.bits), Range;
    where "segment" |m| only_highest(m.cell, 4 * u32::from(m.steps)) && only_highest(m.prefix, u32::from(m.bits)), Reserved;
    {
        /// Domain label: the first 4 bytes of the BLAKE3 of its name; 0 for the common domain.
        domain: u32,
        /// Geographic cell, 4 bits a step from the highest.
        cell: u32,
        /// How many steps of the cell count, at most 8.
        steps: u8,
        /// Tier.
        tier: Tier,
        /// How many bits of the prefix count, at most 32.
        bits: u8,
        /// Leading bits of the NodeId, from the highest.
        prefix: u32,
        /// Leaf epoch to which it belongs.
        epoch: u32,
        /// Members that are alive.
        population: u32,
        /// What they can do, rising by id.
        capabilities: List<'a, SegmentLoad>,
    }
    /// Record: a new layout of a leaf, signed by a quorum of its members.
    0x0a LeafEpochBody "leaf-epoch"
    where "segment" |m| in_range(m.steps, m.bits), Range;
    where "segment" |m| only_highest(m.cell, 4 * u32::from(m.steps)) && only_highest(m.prefix, u32::from(m.bits)), Reserved;
    {
        /// Domain label: the first 4 bytes of the BLAKE3 of its name; 0 for the common domain.
        domain: u32,
        /// Geographic cell, 4 bits a step from the highest.
        cell: u32,
        /// How many steps of the cell count, at most 8.
        steps: u8,
        /// Tier.
        tier: Tier,
        /// How many bits of the prefix count, at most 32.
        bits: u8,
        /// Leading bits of the NodeId, from the highest.
        prefix: u32,
        /// The epoch that begins.
        epoch: u32,
        /// Unix seconds at which it begins.
        begins: u64,
        /// What aliases and places are computed with; nobody chooses it alone.
        seed: &'a [u8; 32],
        /// Members who agree, rising.
        cosignatures: List<'a, Cosignature>,
    }
}
