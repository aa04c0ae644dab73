//! Where the minds are: which measured host each stands on, and so how far each is from every other.

use crate::{input::LatencyMatrix, rng::Stream};

/// Shortest and longest access delay of a mind that shares its host's measurements, in µs of round trip.
pub const ACCESS_US: (u32, u32) = (1_000, 8_000);

/// Minds on hosts.
///
/// With as many minds as hosts, mind `i` stands on host `i` and round trips are the measured ones. Otherwise the hosts
/// are put into an order drawn by seed and dealt to the minds in turn (so no host has two minds before every host has
/// one), and each mind adds an access delay of its own, 1 to 8 ms of round trip.
#[derive(Clone, Debug)]
pub struct Geography {
    matrix: LatencyMatrix,
    host: Vec<u32>,
    access_us: Vec<u32>,
}

impl Geography {
    /// Places `nodes` minds on the hosts of a matrix.
    pub fn new(matrix: LatencyMatrix, nodes: u32, seed: u64) -> Self {
        let hosts = matrix.hosts() as u32;
        let mut order: Vec<u32> = (0..hosts).collect();
        if nodes == hosts {
            return Self { matrix, host: order, access_us: vec![0; nodes as usize] };
        }
        let mut stream = Stream::new(seed, "hosts");
        stream.shuffle(&mut order);
        let host = order.iter().copied().cycle().take(nodes as usize).collect();
        let mut stream = Stream::new(seed, "access delays");
        let span = u64::from(ACCESS_US.1 - ACCESS_US.0) + 1;
        let access_us = (0..nodes).map(|_| ACCESS_US.0 + stream.below(span) as u32).collect();
        Self { matrix, host, access_us }
    }

    /// Number of minds.
    pub fn nodes(&self) -> u32 {
        self.host.len() as u32
    }

    /// The measured hosts below.
    pub fn matrix(&self) -> &LatencyMatrix {
        &self.matrix
    }

    /// The host that a mind stands on.
    ///
    /// # Panics
    /// If the mind is out of range, as indexing does.
    pub fn host(&self, node: u32) -> u32 {
        self.host[node as usize]
    }

    /// Round trip between two minds in the direction that the first would measure, in µs; 0 to itself.
    ///
    /// # Panics
    /// If a mind is out of range, as indexing does.
    pub fn rtt_us(&self, from: u32, to: u32) -> u32 {
        if from == to {
            return 0;
        }
        let (from, to) = (from as usize, to as usize);
        let hosts = self.matrix.rtt_us(self.host[from] as usize, self.host[to] as usize);
        hosts + self.access_us[from] + self.access_us[to]
    }

    /// Time of a packet without jitter, in µs: half of the round trip, rounded up; 0 to itself.
    ///
    /// # Panics
    /// If a mind is out of range, as indexing does.
    pub fn one_way_us(&self, from: u32, to: u32) -> u32 {
        self.rtt_us(from, to).div_ceil(2)
    }
}

#[cfg(test)]
mod tests;
