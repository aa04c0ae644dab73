//! Whole nodes on a small network in memory.

mod hostile;
mod net;
mod properties;

use crate::NodeId;
use crate::crypto::{Crypto, DEFAULT};
use net::{capacity, request};

/// The alias of a node in leaf epoch 0.
fn alias(node: &NodeId) -> u32 {
    let digest = DEFAULT.hash(&[&0u32.to_le_bytes(), &node.0]);
    u32::from_le_bytes(*digest.first_chunk().unwrap())
}
