//! Family *link*: probes and the life of a session (spec 04, 05). Sent in packets, never relayed.

use crate::message::message;

message! {
    /// Asks a peer to answer at once. Part of failure detection, so it is never delayed or padded.
    0x02 Ping "ping" {
        /// Chosen by the sender; the answer carries it.
        nonce: u32,
        /// The sender's view hash (spec 05).
        view: u32,
    }
    /// Answers a [`Ping`].
    0x04 PingAck "ping-ack" {
        /// The nonce of the ping.
        nonce: u32,
        /// The sender's view hash (spec 05).
        view: u32,
    }
    /// First sealed packet of a responder: the handshake's last message has arrived.
    0x06 Established "established" {}
    /// The sender forgets this session. Nothing that was in flight on it will be answered.
    0x08 Close "close" {}
}
