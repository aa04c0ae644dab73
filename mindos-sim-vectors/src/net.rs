//! The network between minds: when a packet arrives, if at all, and how often.
//!
//! A pure function of the packet and a seeded stream. A packet takes half of the measured round trip, plus a jitter
//! that is exponential with a mean given as a share of that time, plus the time its bytes take on the sender's uplink
//! if a rate is set. It may be lost, arrive twice (the copy with a jitter of its own), or be held back by up to one
//! extra round trip so that later packets overtake it. Nothing passes between groups of a partition.

use crate::{geography::Geography, rng::Stream, scenario::Scenario};

/// What the network does to packets.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NetConfig {
    /// Mean extra delay as a share of the one-way delay.
    pub jitter: f64,
    /// Share of packets lost, 0 to 1. A copy is lost or not on its own.
    pub loss: f64,
    /// Share of packets that arrive twice, 0 to 1.
    pub duplicate: f64,
    /// Share of packets held back, 0 to 1.
    pub reorder: f64,
    /// Rate of every uplink in bytes/s; 0 means that bytes take no time. There is no queue before the link.
    pub uplink_bytes_per_s: u64,
}

impl NetConfig {
    /// What a scenario asks for; uplinks take no time.
    pub fn of(scenario: &Scenario) -> Self {
        Self {
            jitter: scenario.jitter,
            loss: scenario.loss,
            duplicate: scenario.duplicate,
            reorder: scenario.reorder,
            uplink_bytes_per_s: 0,
        }
    }
}

/// Arrival times of one packet, in µs: none, one or two, in no order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Deliveries {
    at_us: [u64; 2],
    count: usize,
}

impl Deliveries {
    /// The arrival times.
    pub fn times(&self) -> &[u64] {
        &self.at_us[..self.count]
    }

    fn push(&mut self, at_us: u64) {
        self.at_us[self.count] = at_us;
        self.count += 1;
    }
}

/// The network: distances, behaviour and the partition in force.
#[derive(Clone, Debug)]
pub struct Network {
    geography: Geography,
    config: NetConfig,
    group: Vec<u8>,
}

impl Network {
    /// A network without a partition.
    pub fn new(geography: Geography, config: NetConfig) -> Self {
        let group = vec![0; geography.nodes() as usize];
        Self { geography, config, group }
    }

    /// Where the minds are.
    pub fn geography(&self) -> &Geography {
        &self.geography
    }

    /// Puts minds into a group; packets pass only within a group. All start in group 0. Minds out of range are passed
    /// over.
    pub fn set_group(&mut self, nodes: &[u32], group: u8) {
        for &node in nodes {
            if let Some(slot) = self.group.get_mut(node as usize) {
                *slot = group;
            }
        }
    }

    /// Ends every partition.
    pub fn heal(&mut self) {
        self.group.fill(0);
    }

    /// Whether packets pass between two minds at all, now.
    ///
    /// # Panics
    /// If a mind is out of range, as indexing does.
    pub fn connected(&self, from: u32, to: u32) -> bool {
        self.group[from as usize] == self.group[to as usize]
    }

    /// When a packet of `bytes` that leaves at `now_us` arrives.
    ///
    /// # Panics
    /// If a mind is out of range, as indexing does.
    pub fn transmit(&self, stream: &mut Stream, now_us: u64, from: u32, to: u32, bytes: u32) -> Deliveries {
        let mut deliveries = Deliveries::default();
        if !self.connected(from, to) {
            return deliveries;
        }
        let copies = 1 + usize::from(stream.happens(self.config.duplicate));
        for _ in 0..copies {
            if !stream.happens(self.config.loss) {
                deliveries.push(now_us + self.delay_us(stream, from, to, bytes));
            }
        }
        deliveries
    }

    fn delay_us(&self, stream: &mut Stream, from: u32, to: u32, bytes: u32) -> u64 {
        let one_way = u64::from(self.geography.one_way_us(from, to));
        let mut delay = one_way;
        if self.config.jitter > 0.0 {
            delay += (one_way as f64 * self.config.jitter * stream.exponential()) as u64;
        }
        if stream.happens(self.config.reorder) {
            delay += stream.below(2 * one_way + 1);
        }
        let link = u64::from(bytes) * 1_000_000;
        delay + link.checked_div(self.config.uplink_bytes_per_s).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests;
