//! The MindOS protocol as state machines: no clock, no socket, no threads, no randomness of its own.
//!
//! A host drives a [`Node`] with one verb in, [`Node::handle`], and one verb out, [`Node::poll`]:
//!
//! ```
//! # #[cfg(feature = "default-crypto")] {
//! use mindos_core::{Input, Instant, Node, NodeConfig, Output, Restored, crypto};
//!
//! let config = NodeConfig::new(&crypto::DEFAULT, [1; 32], [2; 32], 7, b"\x01home".to_vec().into());
//! let mut node = Node::new(config, Instant(0), &Restored::new());
//! let mut buf = [0; 1152];
//! let deadline = loop {
//!     match node.poll(&mut buf) {
//!         Output::Transmit { path, bytes, .. } => { /* send `bytes` on the socket of `path` */ }
//!         Output::OpenPath { path, locator } => { /* resolve, then Input::PathReady */ }
//!         Output::Persist { token, .. } => {
//!             // Write it to disk first; then:
//!             node.handle(Instant(0), Input::Persisted { token });
//!         }
//!         Output::Event(event) => println!("{event:?}"),
//!         Output::Idle { deadline, .. } => break deadline,
//!         _ => {}
//!     }
//! };
//! // Sleep until the deadline or a datagram, then `handle` and poll again.
//! # assert!(deadline.is_some());
//! # }
//! ```
//!
//! `handle` does all the work and queues its consequences; `poll` only takes them. Hostile bytes never
//! make an error, a panic or unbounded memory: they make [`Handled::Dropped`] with a reason. The same
//! configuration, restored records and inputs lead to the same outputs, bit for bit.
//!
//! The rooms, from the ground up; each imports only from those before it: time, entropy, timers and the
//! outbox; [`crypto`]; identity; [`session`]; delivery; mesh; [`trust`]; [`routing`]; context; intent;
//! and the node, which carries effects between them. All share the types of this API, and the outbox
//! names types of every room.
#![cfg_attr(not(test), no_std)]
extern crate alloc;

pub mod crypto;
pub mod routing;
pub mod session;
pub mod trust;

mod context;
mod delivery;
mod entropy;
mod identity;
mod intent;
mod mesh;
mod node;
mod outbox;
mod time;
mod timer;

pub use identity::{
    DepositId, IntentId, NodeId, PublicKeys, QuestionId, Retired, Secret, Succession, Verified, Voucher, cost,
};
#[cfg(feature = "lab")]
pub use node::lab;
pub use node::{
    Account, Believed, Capability, Capacity, Class, Command, DropReason, EndReason, Event, Handled, Input,
    IntentRequest, Leaf, LeaseId, Node, NodeConfig, Output, PathId, PersistKey, QuestionRequest, Report, Restored,
    Stats, WholeReceipt,
};
pub use session::Hybrid;
pub use time::{Duration, Instant};

/// Types of the wire format that appear in this API.
pub use mindos_wire as wire;
