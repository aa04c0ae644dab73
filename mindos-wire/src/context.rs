//! Family *context*: content named by its hash (spec 07).

use crate::Bytes16;
use crate::message::message;

message! {
    /// Content, carried whole. Its name is the BLAKE3 of `bytes`.
    0x80 ContextData "context-data" {
        /// The content.
        bytes: Bytes16<'a>,
    }
}
