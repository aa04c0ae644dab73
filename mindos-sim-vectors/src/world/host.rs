//! A machine: its node, its paths, its disk, and what it executes.

use std::collections::BTreeMap;

use bytes::Bytes;
use mindos_core::crypto::Crypto;
use mindos_core::{Instant, LeaseId, Node, NodeConfig, NodeId, PathId, Restored};

use super::cast::Cast;

/// Scheme byte of the lab's locators (spec `registry/locators.toml`).
const SCHEME: u8 = 0xf0;
/// The lab's network id.
pub(super) const NETWORK: u32 = 0x4c41_4231;

/// Where the node of a host is found.
pub(super) fn locator(host: u32) -> Bytes {
    let [a, b, c, d] = host.to_le_bytes();
    Bytes::copy_from_slice(&[SCHEME, a, b, c, d])
}

/// The host that a locator names.
pub(super) fn resolve(locator: &[u8]) -> Option<u32> {
    match locator {
        [SCHEME, rest @ ..] => Some(u32::from_le_bytes(rest.try_into().ok()?)),
        _ => None,
    }
}

/// A machine with at most one running node.
#[derive(Debug)]
pub(super) struct Host {
    pub(super) node: Option<Node>,
    pub(super) id: NodeId,
    /// Counts starts: what belongs to an earlier run is void.
    pub(super) run: u32,
    pub(super) frozen: bool,
    /// When the node wants to be woken.
    pub(super) deadline: Option<u64>,
    /// The earliest wake-up that the queue holds for it.
    pub(super) alarm: Option<u64>,
    pub(super) disk: Restored,
    /// What is being executed, with what will come of it.
    pub(super) executing: BTreeMap<LeaseId, Bytes>,
    /// Until when it checks results, one after another beside its work.
    pub(super) checking: u64,
    /// Counts keys: a liar may take a fresh one.
    pub(super) key: u32,
    /// First incarnation of the present run.
    pub(super) incarnation: u32,
    /// What came while it was frozen, as in a socket's buffer.
    pub(super) buffered: Vec<(u32, Bytes)>,
    remotes: BTreeMap<PathId, u32>,
    paths: BTreeMap<u32, PathId>,
    next_inbound: u32,
}

impl Host {
    pub(super) fn new(crypto: &'static dyn Crypto, seed: u64, host: u32) -> Self {
        let id = NodeId(crypto.sign_public(&secret(crypto, seed, host, 0)));
        Self {
            node: None,
            id,
            run: 0,
            frozen: false,
            deadline: None,
            alarm: None,
            disk: Restored::new(),
            executing: BTreeMap::new(),
            checking: 0,
            key: 0,
            incarnation: 0,
            buffered: Vec::new(),
            remotes: BTreeMap::new(),
            paths: BTreeMap::new(),
            next_inbound: 1 << 31,
        }
    }

    /// Power on: a node with nothing but its keys and its disk.
    pub(super) fn start(&mut self, crypto: &'static dyn Crypto, seed: u64, host: u32, now: Instant, cast: &Cast) {
        self.run += 1;
        let entropy = crypto
            .derive("mindos lab 2026 node seed", &[&seed.to_le_bytes(), &host.to_le_bytes(), &self.run.to_le_bytes()]);
        let key = secret(crypto, seed, host, self.key);
        let mut config = NodeConfig::new(crypto, key, entropy, NETWORK, locator(host));
        cast.configure(crypto, &mut config, self.id, host, self.key);
        self.node = Some(Node::new(config, now, &self.disk));
    }

    /// A fresh key on an empty disk: nobody knows it.
    pub(super) fn reborn(&mut self, crypto: &'static dyn Crypto, seed: u64, host: u32) {
        self.key += 1;
        self.id = NodeId(crypto.sign_public(&secret(crypto, seed, host, self.key)));
        self.disk = Restored::new();
    }

    /// Power off: memory is gone, the disk stays.
    pub(super) fn stop(&mut self) {
        self.node = None;
        self.deadline = None;
        self.alarm = None;
        self.executing.clear();
        self.buffered.clear();
        self.remotes.clear();
        self.paths.clear();
        self.next_inbound = 1 << 31;
    }

    /// The node opened a path.
    pub(super) fn open(&mut self, path: PathId, remote: u32) {
        self.remotes.insert(path, remote);
        self.paths.insert(remote, path);
    }

    /// Where a path leads.
    pub(super) fn remote(&self, path: PathId) -> Option<u32> {
        self.remotes.get(&path).copied()
    }

    /// The path to a host from which something came, invented if it is unknown.
    pub(super) fn path_from(&mut self, remote: u32) -> PathId {
        if let Some(path) = self.paths.get(&remote) {
            return *path;
        }
        let path = PathId(self.next_inbound);
        self.next_inbound += 1;
        self.open(path, remote);
        path
    }
}

/// The seed of a key of a host.
pub(super) fn secret(crypto: &'static dyn Crypto, seed: u64, host: u32, key: u32) -> [u8; 32] {
    let (seed, host, fresh) = (seed.to_le_bytes(), host.to_le_bytes(), key.to_le_bytes());
    let parts: &[&[u8]] = if key == 0 { &[&seed, &host] } else { &[&seed, &host, &fresh] };
    crypto.derive("mindos lab 2026 node identity", parts)
}
