//! A host of the standard library around one node: a socket, a clock, a file. In two terminals:
//!
//! ```text
//! cargo run -p mindos-core --example std_udp -- listen 127.0.0.1:7001
//! cargo run -p mindos-core --example std_udp -- join 127.0.0.1:7002 127.0.0.1:7001
//! ```
//! The second finds the first, hands it a text of 24 kB and learns how many words it has.
#![allow(clippy::disallowed_types, clippy::disallowed_methods, reason = "a host has clocks; the node has none")]
use std::net::{SocketAddr, SocketAddrV4, UdpSocket};
use std::{collections::BTreeMap, error::Error, io::Read};

use mindos_core::wire::{Effect, Label, ResultStatus, Stakes};
use mindos_core::{Capability, Capacity, Command, Duration, Event, Input, Instant, IntentRequest, Node, NodeConfig};
use mindos_core::{Output, PathId, PersistKey, Restored, crypto, crypto::Crypto};

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let (words, file) = match &words[..] {
        [words @ .., "--state", file] => (words, Some(*file)),
        words => (words, None),
    };
    let parse = |a: &str| a.parse::<SocketAddrV4>().map_err(|_| format!("not an IPv4 address with a port: {a}"));
    let (address, peer) = match words {
        ["listen", address] => (parse(address)?, None),
        ["join", address, peer] => (parse(address)?, Some(parse(peer)?)),
        _ => return Err("usage: std_udp (listen ADDRESS | join ADDRESS PEER) [--state FILE]".into()),
    };
    let socket = UdpSocket::bind(address).map_err(|e| format!("cannot listen on {address}: {e}"))?;
    let mut seeds = [[0; 32]; 2];
    std::fs::File::open("/dev/urandom")?.read_exact(seeds.as_flattened_mut())?;
    // The state file: the identity, then each record: a byte for the length of its key, two for its own, and both.
    let saved = file.and_then(|f| std::fs::read(f).ok()).unwrap_or_else(|| seeds[0].to_vec());
    let (identity, mut rest) = saved.split_first_chunk().ok_or("the state file is cut short")?;
    let mut disk = Restored::new();
    while let [key, low, high, tail @ ..] = rest {
        let (key, tail) = tail.split_at_checked((*key).into()).ok_or("state is cut")?;
        let (record, tail) = tail.split_at_checked(u16::from_le_bytes([*low, *high]).into()).ok_or("state is cut")?;
        disk.insert(PersistKey::from_bytes(key).ok_or("state of another version")?, record.to_vec().into());
        rest = tail;
    }
    let (start, here) = (std::time::Instant::now(), parse(&socket.local_addr()?.to_string())?);
    let now = || Instant(start.elapsed().as_micros() as u64);
    let locator = |at: SocketAddrV4| [&[1], &at.ip().octets()[..], &at.port().to_le_bytes()].concat().into();
    let mut node = Node::new(NodeConfig::new(&crypto::DEFAULT, *identity, seeds[1], 7, locator(here)), now(), &disk);
    println!("{} listens on {here}", node.id());
    let capability = crypto::DEFAULT.hash(&[b"text.count-words/1"]);
    let command = peer.map(|peer| Command::Join { locator: locator(peer) });
    node.handle(now(), Input::Command(command.unwrap_or_else(|| Command::SetCapacity(capacity(capability)))));
    let (mut out, mut packet, mut paths) = ([0; 1152], [0; 2048], BTreeMap::<PathId, SocketAddr>::new());
    let (mut ends, mut failure) = (peer.map(|_| Instant(60_000_000)), Some("no result within a minute"));
    while ends.is_none_or(|at| now() < at) {
        let deadline = loop {
            match node.poll(&mut out) {
                Output::Transmit { path, bytes, .. } => _ = paths.get(&path).map(|to| socket.send_to(bytes, to)),
                Output::OpenPath { path, locator } => {
                    let [1, a, b, c, d, low, high] = locator[..] else { continue };
                    paths.insert(path, ([a, b, c, d], u16::from_le_bytes([low, high])).into());
                    node.handle(now(), Input::PathReady { path, mtu: 1_200 });
                }
                Output::Persist { key, bytes, token } => {
                    disk.insert(key, bytes);
                    disk.retain(|_, record| !record.is_empty());
                    let record = |key: &[u8], b: &[u8]| {
                        [&[key.len() as u8], &(b.len() as u16).to_le_bytes()[..], key, b].concat()
                    };
                    let records = disk.iter().flat_map(|(key, b)| record(&key.to_bytes(), b));
                    let state: Vec<u8> = identity.iter().copied().chain(records).collect();
                    file.map_or(Ok(()), |f| std::fs::write(f, state))?;
                    node.handle(now(), Input::Persisted { token });
                }
                Output::Event(Event::Execute { lease, work, .. }) => {
                    let words = work.contexts.iter().flat_map(|c| c.split(u8::is_ascii_whitespace));
                    let output = format!("{} words", words.filter(|w| !w.is_empty()).count()).into_bytes().into();
                    println!("{:>6} ms  counted {output:?}", now().0 / 1_000);
                    node.handle(now(), Input::Command(Command::Finish { lease, status: ResultStatus::Done, output }));
                }
                Output::Event(event) => {
                    println!("{:>6} ms  {event:?}", now().0 / 1_000);
                    match event {
                        Event::MemberUp { node: n } => {
                            _ = node.handle(now(), Input::Command(Command::Ping { node: n }))
                        }
                        Event::Pong { .. } if peer.is_some() => _ = node.submit(now(), errand(capability)),
                        Event::Completed { .. } => {
                            node.handle(now(), Input::Command(Command::Leave));
                            (ends, failure) = (Some(now() + Duration::from_secs(1)), None);
                        }
                        Event::MemberLeft { .. } => return Ok(()),
                        _ => {}
                    }
                }
                Output::Idle { deadline, .. } => break deadline,
                _ => {}
            }
        };
        let wait = deadline.map_or(1_000_000, |d| d.since(now()).0.clamp(1_000, 1_000_000));
        socket.set_read_timeout(Some(std::time::Duration::from_micros(wait)))?;
        if let Ok((n, from)) = socket.recv_from(&mut packet) {
            let known = paths.iter().find(|(_, a)| **a == from).map(|(p, _)| *p);
            let path = known.unwrap_or(PathId(1 << 31 | paths.len() as u32));
            paths.insert(path, from);
            node.handle(now(), Input::Datagram { path, bytes: packet[..n].to_vec().into() });
        }
        node.handle(now(), Input::Timeout);
    }
    failure.map_or(Ok(()), |why| Err(why.into()))
}

#[rustfmt::skip]
fn capacity(name: [u8; 32]) -> Capacity {
    Capacity { slots: 1, context_rate: 10_000_000, generated_rate: 100_000, context_free: 100_000, stakes: Some(Stakes::Low),
        clearance: Some(Label::Public), capabilities: vec![Capability { name, competence: 255, price: 1 }], credit: u64::MAX }
}

#[rustfmt::skip]
fn errand(capability: [u8; 32]) -> IntentRequest {
    IntentRequest { capability, context_tokens: 6_000, generated_tokens: 1, lifetime: Duration::from_secs(50), budget: 1_000,
        label: Label::Public, depth: 0, effect: Effect::Pure, stakes: Stakes::Low,
        contexts: vec!["many minds, one mesh ".repeat(1_143).into()], payload: "count".into() }
}
