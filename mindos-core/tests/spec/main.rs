//! A node against peers that are written from the specification alone: they share the codec, the Noise
//! handshake and the primitives with it, and nothing else.
#![cfg(feature = "default-crypto")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod admission;
mod bench;
mod identity;
mod incentives;
mod intents;
mod mesh;
mod payment;
mod peer;
mod receipts;
mod routing;
mod session;
mod succession;
