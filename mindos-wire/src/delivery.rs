//! Family *delivery*: messages over packets (spec 04).

use crate::message::{item, message};

item! {
    /// Packets received without a gap.
    // spec: WIRE-019 f4ce
    AckRange [12, false] rising(|a, b| a.last() < b.first && b.first - a.last() > 1) {
        /// Lowest counter of the range.
        first: u64,
        /// How many more follow it without a gap.
        more: u32,
    }
}

impl AckRange {
    /// Highest counter of the range. Decoding refuses a range that ends above `u64::MAX`.
    pub const fn last(&self) -> u64 {
        self.first.saturating_add(self.more as u64)
    }
}

message! {
    /// Acknowledges received packets of this session by their counters.
    // spec: WIRE-020 5bf2
    0x10 Ack "ack" where "range above the last counter" |m| m.ranges.iter().all(|r| r.first.checked_add(u64::from(r.more)).is_some()), Range; {
        /// Time in µs between the arrival of the newest packet acknowledged here and this frame.
        delay_us: u32,
        /// Ranges, rising, with at least one missing counter between two.
        ranges: crate::List<'a, AckRange>,
    }
    /// A part of a message. All parts of a message state the same total.
    // spec: WIRE-021 ffc4
    0x12 Fragment "fragment" where "fragment bounds" |m| !m.data.0.is_empty() && usize::from(m.offset) + m.data.0.len() <= usize::from(m.total), Range; {
        /// Number of the message in this direction of the session, from 0.
        message: u32,
        /// Offset of `data` in the message.
        offset: u16,
        /// Length of the message in bytes, at least 1.
        total: u16,
        /// The part, at least one byte, within the message.
        data: crate::Bytes16<'a>,
    }
}
