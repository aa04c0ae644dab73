//! Who forges first packets, and from where.

use std::collections::BTreeMap;

use bytes::Bytes;
use mindos_core::PathId;
use mindos_core::wire::{COOKIE_LEN, Hello, Packet, SUITE, VERSION};

use super::machine::From;
use crate::flood::scenario::{Attack, Flood};
use crate::rng::Stream;
use crate::world::host::NETWORK;

/// The host's numbers for paths of addresses that it never heard of before.
const FIRST_PATH: u32 = 0xc000_0000;
/// Addresses that the attacker can write into a packet.
const ADDRESSES: u32 = 1 << 29;

/// The path that the host gives to an address of the attacker.
pub(super) fn path(address: u32) -> PathId {
    PathId(FIRST_PATH | address)
}

/// The attacker's address of a path, if it is one.
pub(super) fn address(path: PathId) -> Option<u32> {
    path.0.checked_sub(FIRST_PATH)
}

/// Sends at random moments, so many a second on average.
pub(super) struct Attacker {
    attack: Attack,
    dice: Stream,
    mean_ns: f64,
    next_at: u64,
    until: u64,
    addresses: u32,
    /// By address: what the node gave it.
    cookies: BTreeMap<u32, [u8; COOKIE_LEN]>,
    /// First packets of the node's peers.
    recorded: Vec<Bytes>,
}

impl Attacker {
    pub(super) fn new(flood: &Flood, attack: Attack, from_ns: u64, until: u64) -> Self {
        let addresses = match attack {
            Attack::OnePath | Attack::ProvenPath => 1,
            Attack::ProvenPaths => flood.proven_paths,
            _ => ADDRESSES,
        };
        Self {
            attack,
            dice: Stream::new(flood.seed, "attacker"),
            mean_ns: 1e9 / f64::from(flood.rate),
            next_at: if attack == Attack::Calm { u64::MAX } else { from_ns },
            until,
            addresses,
            cookies: BTreeMap::new(),
            recorded: Vec::new(),
        }
    }

    /// When the next forged packet reaches the node.
    pub(super) fn next_at(&self) -> Option<u64> {
        (self.next_at < self.until).then_some(self.next_at)
    }

    /// Sees a packet on its way to the node.
    pub(super) fn overhear(&mut self, bytes: &Bytes) {
        if self.attack == Attack::Replayed && matches!(Packet::decode(bytes), Ok(Packet::Hello(_))) {
            self.recorded.push(bytes.clone());
        }
    }

    /// Hears an answer, if it is at that address.
    pub(super) fn hear(&mut self, address: u32, bytes: &[u8]) {
        let hears = matches!(self.attack, Attack::ProvenPath | Attack::ProvenPaths);
        if hears && let Ok(Packet::Retry(retry)) = Packet::decode(bytes) {
            self.cookies.insert(address, *retry.cookie);
        }
    }

    /// The next forged packet.
    pub(super) fn forge(&mut self) -> (From, Bytes) {
        self.next_at += (self.mean_ns * self.dice.exponential()).max(1.0) as u64;
        let address = self.dice.below(u64::from(self.addresses)) as u32;
        if self.attack == Attack::Replayed
            && let Some(bytes) = self.recorded.get(self.dice.index(self.recorded.len()))
        {
            return (From::Forged { address, proven: false }, bytes.clone());
        }
        let mut noise = [0; 32];
        if self.attack != Attack::LowOrder {
            noise.chunks_mut(8).for_each(|c| c.copy_from_slice(&self.dice.next_u64().to_le_bytes()));
        }
        let cookie = self.cookies.get(&address).copied();
        let hello = Hello {
            version: VERSION,
            suite: SUITE,
            network: if self.attack == Attack::OtherNetwork { !NETWORK } else { NETWORK },
            sender: self.dice.next_u64() as u32,
            noise: &noise,
            cookie: &cookie.unwrap_or_default(),
        };
        let mut bytes = Vec::with_capacity(192);
        // A vector takes every packet.
        let _ = Packet::Hello(hello).encode(&mut bytes);
        (From::Forged { address, proven: cookie.is_some() }, Bytes::from(bytes))
    }
}
