//! Family *link*: probes and the life of a session (spec 04, 05). Sent in packets, never relayed.

use crate::codec::Flag;
use crate::message::message;
use crate::{Bytes8, Bytes16};

message! {
    /// Fills a packet up to a size that tells less. Its bytes are not looked into.
    0x01 Padding "padding" {
        /// Any bytes; the reference sends zeros.
        bytes: Bytes16<'a>,
    }
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
    /// Half of the initiator's key for the hybrid upgrade (spec 04).
    0x05 KemKey "kem-key" {
        /// Whether it is the second.
        second: Flag,
        /// Its bytes of the ML-KEM-768 encapsulation key.
        bytes: &'a [u8; 592],
    }
    /// Half of the responder's answer to it.
    0x07 KemCiphertext "kem-ciphertext" {
        /// Whether it is the second.
        second: Flag,
        /// Its bytes of the ML-KEM-768 ciphertext.
        bytes: &'a [u8; 544],
    }
    /// The sender forgets this session. Nothing that was in flight on it will be answered.
    0x08 Close "close" {}
}

// Draft: there are no machines for these yet.
message! {
    /// Tells a peer the address that its packets come from.
    0x09 ObservedAddress "observed-address" {
        /// The address as a locator.
        locator: Bytes8<'a>,
    }
    /// Carries a packet for a third node. To the relay it names the receiver, from the relay the sender.
    0x0a Relay "relay" {
        /// NodeId of the other end.
        peer: &'a [u8; 32],
        /// The packet, not looked into.
        packet: Bytes16<'a>,
    }
    /// Asks a peer to send a first packet to a third node at the moment at which that node does the same.
    0x0b Punch "punch" {
        /// NodeId of the third node.
        peer: &'a [u8; 32],
        /// Where to send.
        locator: Bytes8<'a>,
        /// When, in µs after this was received.
        delay_us: u32,
    }
    /// Asks for an echo over the path on which it came.
    0x0c PathChallenge "path-challenge" {
        /// Chosen at random by the sender.
        nonce: u64,
    }
    /// The echo, over the same path.
    0x0e PathResponse "path-response" {
        /// The nonce of the challenge.
        nonce: u64,
    }
}
