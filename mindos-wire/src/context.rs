//! Family *context*: content named by its hash (spec 07).

use crate::message::{item, message};
use crate::{Bytes16, List};

message! {
    /// Content, carried whole. Its name is the BLAKE3 of `bytes`.
    0x80 ContextData "context-data" {
        /// The content.
        bytes: Bytes16<'a>,
    }
}

// Draft: there are no machines for these yet.
item! {
    /// A hash on the way from a chunk to the root, in the order from the chunk upwards.
    Sibling [32, false] {
        /// The hash.
        value: [u8; 32],
    }
}

message! {
    /// Asks for chunks; the number asked for is the receiver's window.
    // spec: WIRE-040 0b4b
    0x82 ContextWant "context-want" where "chunks" |m| m.count >= 1 && m.first.checked_add(u32::from(m.count)).is_some(), Range; {
        /// BLAKE3 of the content.
        content: &'a [u8; 32],
        /// Index of the first chunk wanted.
        first: u32,
        /// How many chunks, at least 1.
        count: u16,
    }
    /// Says that content is held.
    0x84 ContextHave "context-have" {
        /// BLAKE3 of the content.
        content: &'a [u8; 32],
        /// Its size in bytes.
        size: u64,
    }
    /// A part of content that can be verified alone.
    // spec: WIRE-041 e0ff
    0x86 ContextChunk "context-chunk" where "chunk" |m| !m.data.0.is_empty(), Range; {
        /// BLAKE3 of the content.
        content: &'a [u8; 32],
        /// Index of the chunk.
        index: u32,
        /// Siblings from the chunk to the root.
        path: List<'a, Sibling>,
        /// The chunk, at least one byte.
        data: Bytes16<'a>,
    }
}
