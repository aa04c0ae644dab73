//! Whole nodes on a small network in memory.

mod crash;
mod evidence;
mod forecasts;
mod hostile;
mod leaf;
mod merit;
mod net;
mod payment;
mod properties;
mod questions;
mod sessions;
mod succession;
mod work;

use crate::NodeId;
use crate::crypto::{Crypto, DEFAULT};
use net::{Net, capacity, request};

/// The alias of a node in leaf epoch 0.
fn alias(node: &NodeId) -> u32 {
    let digest = DEFAULT.hash(&[&0u32.to_le_bytes(), &node.0]);
    u32::from_le_bytes(*digest.first_chunk().unwrap())
}

/// The holders of a node's seats while everybody lives, by spec 05: its successors on the rings.
fn monitors(net: &Net, subject: usize) -> Vec<usize> {
    let mut found = Vec::new();
    for ring in 0..8u8 {
        let place = |node: &NodeId| {
            let digest = DEFAULT.hash(&[&0u32.to_le_bytes(), &[ring], &node.0]);
            u64::from_le_bytes(*digest.first_chunk().unwrap())
        };
        let here = place(&net.hosts[subject].id);
        let mut others: Vec<(u64, usize)> =
            (0..net.hosts.len()).filter(|h| *h != subject).map(|h| (place(&net.hosts[h].id), h)).collect();
        others.sort_unstable();
        let next = others.iter().find(|o| o.0 > here).or(others.first()).unwrap().1;
        if !found.contains(&next) {
            found.push(next);
        }
    }
    found
}

// spec: SES-036 8c37
#[test]
fn padded_packets_have_one_of_five_sizes_or_are_too_near_to_the_largest() {
    use mindos_wire::{Frame, MAX_PACKET, SEALED_HEADER, frames};
    let mut sizes = alloc::collections::BTreeSet::new();
    for len in SEALED_HEADER..=MAX_PACKET - 16 {
        let mut packet = alloc::vec![0; len];
        super::flush::pad(&mut packet);
        let whole = packet.len() + 16;
        if len + 16 > MAX_PACKET - 5 && len + 16 < MAX_PACKET {
            assert_eq!(packet.len(), len);
        } else {
            sizes.insert(whole);
        }
        let added = &packet[len..];
        assert!(frames(added).all(|f| matches!(f, Ok(Frame::Padding(p)) if p.bytes.0.iter().all(|b| *b == 0))));
        assert!(frames(added).count() <= 1);
    }
    assert_eq!(sizes.into_iter().collect::<alloc::vec::Vec<_>>(), [128, 256, 512, 1_024, 1_152]);
}
