//! Bytes that strangers and peers make a node keep, by a counting allocator: no times.
#![allow(missing_docs, clippy::unwrap_used, reason = "a bench stops on the first surprise")]

use std::collections::VecDeque;

use allocation_counter::measure;
use bytes::Bytes;
use mindos_core::crypto::DEFAULT;
use mindos_core::wire::{Hello, Packet};
use mindos_core::{Command, Input, Instant, Node, NodeConfig, Output, PathId};

/// Between two first packets: 128 of them fit into the 8 s that the first is kept.
const STEP_US: u64 = 62_500;
/// Unfinished handshakes that a node keeps.
const ROOM: u32 = 128;
const FORGED: u32 = 100_000;

/// A node whose allocations are counted.
struct Counted {
    node: Node,
    /// Bytes kept, and the most that one input took.
    kept: i64,
    most: u64,
    sent: VecDeque<(PathId, Vec<u8>)>,
}

impl Counted {
    fn new(number: u8) -> Self {
        let config = NodeConfig::new(&DEFAULT, [number; 32], [number + 100; 32], 7, Bytes::from(vec![1, number]));
        let node = Node::new(config, Instant(0), &Default::default());
        let mut counted = Self { node, kept: 0, most: 0, sent: VecDeque::new() };
        counted.drain(0);
        counted
    }

    fn input(&mut self, now: u64, input: Input) {
        let node = &mut self.node;
        let used = measure(|| {
            node.handle(Instant(now), input);
        });
        self.kept += used.bytes_current;
        self.most = self.most.max(used.bytes_max);
        self.drain(now);
    }

    fn drain(&mut self, now: u64) {
        let mut buf = [0; 1_152];
        loop {
            let (node, mut out) = (&mut self.node, None);
            // What is taken out of the node was counted when it went in.
            let used = measure(|| {
                out = Some(match node.poll(&mut buf) {
                    Output::Persist { token, .. } => Ok(Input::Persisted { token }),
                    Output::OpenPath { path, .. } => Ok(Input::PathReady { path, mtu: 1_500 }),
                    Output::Transmit { path, bytes, .. } => Err(Some((path, bytes.len()))),
                    Output::Idle { .. } => Err(None),
                    _ => Err(Some((PathId(u32::MAX), 0))),
                });
            });
            self.kept += used.bytes_current;
            match out.unwrap() {
                Ok(input) => {
                    let used = measure(|| {
                        node.handle(Instant(now), input);
                    });
                    self.kept += used.bytes_current;
                }
                Err(Some((path, len))) if len > 0 => self.sent.push_back((path, buf[..len].to_vec())),
                Err(Some(_)) => {}
                Err(None) => return,
            }
        }
    }

    fn datagram(&mut self, now: u64, path: u32, bytes: &[u8]) {
        // The copy is the host's until the node lets it go.
        let bytes = Bytes::copy_from_slice(bytes);
        let size = bytes.len() as i64;
        self.input(now, Input::Datagram { path: PathId(path), bytes });
        self.kept += size;
    }

    /// A first packet with a key and a path of its own; answers a retry.
    fn hello(&mut self, now: u64, number: u32, answers: bool) {
        let path = 0x8000_0000 | number;
        let mut noise = [9; 32];
        noise[..4].copy_from_slice(&number.to_le_bytes());
        let hello = |cookie: &[u8; 16]| {
            let mut bytes = Vec::new();
            Packet::Hello(Hello { version: 1, suite: 1, network: 7, sender: 1, noise: &noise, cookie })
                .encode(&mut bytes)
                .unwrap();
            bytes
        };
        self.datagram(now, path, &hello(&[0; 16]));
        if let Some((_, answer)) = self.sent.pop_front()
            && let Ok(Packet::Retry(retry)) = Packet::decode(&answer)
            && answers
        {
            self.datagram(now, path, &hello(retry.cookie));
        }
        self.sent.clear();
    }
}

fn main() {
    let mut flooded = Counted::new(1);
    flooded.sent.clear();
    let rest = flooded.kept;
    let room = if std::env::args().any(|arg| arg == "--bench") { ROOM } else { 8 };
    (0..room).for_each(|n| flooded.hello(u64::from(n) * STEP_US, n, true));
    let (open, full) = (flooded.node.leaf().half_open(), flooded.kept);
    println!("{open} unfinished handshakes: {} bytes, {} each", full - rest, (full - rest) / open as i64);

    let end = u64::from(room) * STEP_US;
    flooded.most = 0;
    (0..FORGED / (ROOM / room)).for_each(|n| flooded.hello(end, 1 << 20 | n, false));
    println!(
        "{FORGED} forged first packets more: {} bytes kept, {} at most for one",
        flooded.kept - full,
        flooded.most
    );

    let (mut near, mut far) = (Counted::new(2), Counted::new(3));
    let before = near.kept;
    far.input(0, Input::Command(Command::Join { locator: Bytes::from_static(&[1, 2]) }));
    // The far one's only path, and the number that the near one's host gives it.
    while !(near.sent.is_empty() && far.sent.is_empty()) {
        while let Some((_, bytes)) = far.sent.pop_front() {
            near.datagram(0, 0x8000_0001, &bytes);
        }
        while let Some((_, bytes)) = near.sent.pop_front() {
            far.datagram(0, 0, &bytes);
        }
    }
    println!("{} session, with its member: {} bytes", near.node.leaf().sessions().count(), near.kept - before);
}
