//! No secret is in what `{:?}` prints: logs and panics of a host print whatever it holds.
#![cfg(feature = "default-crypto")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::fmt::Debug;

use bytes::Bytes;
use mindos_core::crypto::{Crypto, DEFAULT};
use mindos_core::session::noise::{Blake3, Handshake, KeyPair, TransportKey};
use mindos_core::{
    Command, Event, Input, Instant, Node, NodeConfig, Output, PathId, PublicKeys, Restored, Secret, Voucher,
};

/// A secret whose bytes occur nowhere else.
fn secret(name: &str) -> [u8; 32] {
    DEFAULT.hash(&[b"secret of a test", name.as_bytes()])
}

/// Every run of this many bytes counts as a leak.
const RUN: usize = 6;

/// How `text` shows a part of `secret`, if it does.
fn leak(text: &str, secret: &[u8]) -> Option<String> {
    // `{:#?}` breaks lists into lines, `{:02x?}` leaves commas between hex digits.
    let dense: String = text.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_lowercase();
    secret.windows(RUN).find_map(|run| {
        let join = |separator: &str, show: &dyn Fn(&u8) -> String| -> String {
            run.iter().map(show).collect::<Vec<_>>().join(separator)
        };
        let forms = [
            join("", &|b| format!("{b:02x}")),
            join(",", &|b| b.to_string()),
            join(",", &|b| format!("{b:x}")),
            join(",", &|b| format!("{b:02x}")),
            join(",", &|b| format!("0x{b:x}")),
            join(",", &|b| format!("0x{b:02x}")),
            join("", &|b| std::ascii::escape_default(*b).to_string().trim().to_lowercase()),
            join("", &|b| format!("\\x{b:02x}")),
        ];
        let raw = text.as_bytes().windows(RUN).any(|w| w == run).then(|| "raw".to_owned());
        forms.into_iter().find(|form| dense.contains(form)).or(raw)
    })
}

fn check(what: &str, value: &dyn Debug, secrets: &[(&str, Vec<u8>)]) {
    for text in [format!("{value:?}"), format!("{value:#?}"), format!("{value:02x?}"), format!("{value:#x?}")] {
        for (name, secret) in secrets {
            assert_eq!(leak(&text, secret), None, "{what} shows {name}: {text}");
        }
    }
}

#[test]
fn the_search_finds_what_it_looks_for() {
    let bytes = secret("shown");
    let hex: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
    let shown: [&dyn Debug; 4] = [&bytes, &hex, &&bytes[20..], &Bytes::copy_from_slice(&bytes)];
    for value in shown {
        for text in [format!("{value:?}"), format!("{value:#?}"), format!("{value:02X?}"), format!("{value:#x?}")] {
            assert!(leak(&text, &bytes).is_some(), "{text}");
        }
    }
    assert!(leak("nothing of the kind", &bytes).is_none());
}

fn keys(name: &str) -> Vec<(&'static str, Vec<u8>)> {
    let identity = secret(name);
    let x25519 = DEFAULT.derive("mindos 2026 x25519 static key", &[&identity]);
    vec![
        ("the identity", identity.to_vec()),
        ("the seed of randomness", secret(&format!("{name}, seed")).to_vec()),
        ("the X25519 secret", x25519.to_vec()),
    ]
}

fn config(name: &str, locator: &'static [u8]) -> NodeConfig {
    let (identity, seed) = (secret(name), secret(&format!("{name}, seed")));
    let mut config = NodeConfig::new(&DEFAULT, identity, seed, 7, Bytes::from_static(locator));
    let voucher = Voucher::sign(&DEFAULT, &secret("root"), 7, Node::new(config, Instant(0), &Restored::new()).id(), 9);
    config = NodeConfig::new(&DEFAULT, identity, seed, 7, Bytes::from_static(locator));
    config.voucher = Some(voucher);
    config
}

#[test]
fn configuration_and_keys_print_no_secret() {
    let mut secrets = keys("a");
    secrets.push(("the root's seed", secret("root").to_vec()));
    check("NodeConfig", &config("a", b"\x01a"), &secrets);
    check("its voucher", &config("a", b"\x01a").voucher, &secrets);
    let seed = Secret::from(secret("a"));
    check("Secret", &seed, &secrets);
    check("PublicKeys", &PublicKeys::of(&DEFAULT, &seed), &secrets);
    check("KeyPair", &KeyPair::new(&DEFAULT, secret("a")), &secrets);
    check("TransportKey", &TransportKey::from_bytes(secret("a")), &secrets);
    let derived = DEFAULT.derive("of a test", &[&secret("a"), b""]);
    let next = TransportKey::from_bytes(secret("a")).derive(&DEFAULT, "of a test", b"");
    check("the next TransportKey", &next, &[("the next key", derived.to_vec())]);
    check("the provider", &DEFAULT, &secrets);
    check("the provider of a config", &config("a", b"\x01a").crypto, &secrets);
}

#[test]
fn handshakes_print_no_secret_at_any_step() {
    let names = ["initiator static", "initiator ephemeral", "responder static", "responder ephemeral"];
    let [a, b, c, d] = names.map(secret);
    let mut sides = [
        Handshake::<Blake3>::initiator(&DEFAULT, &[b"test"], a, b),
        Handshake::<Blake3>::responder(&DEFAULT, &[b"test"], c, d),
    ];
    let mut secrets: Vec<(&str, Vec<u8>)> = names.iter().map(|n| (*n, secret(n).to_vec())).collect();
    for i in 0..4 {
        for side in &sides {
            let inside = side.dangerous_intermediates();
            let mut now = secrets.clone();
            now.push(("the chaining key", inside.ck.to_vec()));
            now.extend(inside.k.map(|k| ("the key", k.to_vec())));
            // Before a key is mixed in, with the second message, the chaining key is the protocol's public name.
            now.retain(|(name, _)| i > 1 || *name != "the chaining key");
            check("Handshake", side, &now);
            check("Intermediates", &inside, &now);
        }
        if i < 3 {
            let mut message = Vec::new();
            sides[i % 2].write(b"payload", &mut message).unwrap();
            sides[(i + 1) % 2].read(&message).unwrap();
        }
    }
    let [initiator, responder] = sides;
    for (side, split) in [("initiator", initiator.split()), ("responder", responder.split())] {
        secrets.truncate(names.len());
        check(side, &split.unwrap(), &secrets);
    }
}

/// Two nodes side by side; what one sends the other gets at once.
fn talk(nodes: &mut [Node; 2]) -> Vec<Event> {
    let (mut events, mut buf) = (Vec::new(), [0; 1_152]);
    let mut now = Instant(0);
    for _ in 0..200 {
        let mut quiet = true;
        for i in 0..2 {
            loop {
                match nodes[i].poll(&mut buf) {
                    Output::Transmit { bytes, .. } => {
                        let (path, bytes) = (PathId(0x8000_0000), Bytes::copy_from_slice(bytes));
                        nodes[1 - i].handle(now, Input::Datagram { path, bytes });
                        quiet = false;
                    }
                    Output::OpenPath { path, .. } => {
                        nodes[i].handle(now, Input::PathReady { path, mtu: 1_152 });
                    }
                    Output::Persist { token, .. } => {
                        nodes[i].handle(now, Input::Persisted { token });
                    }
                    Output::Event(event) => events.push(event),
                    _ => break,
                }
            }
        }
        if quiet {
            now = Instant(now.0 + 100_000);
            nodes.iter_mut().for_each(|n| {
                n.handle(now, Input::Timeout);
            });
        }
    }
    events
}

#[test]
fn a_node_and_its_leaf_print_no_secret_while_sessions_live() {
    let mut nodes = [("a", &b"\x01a"[..]), ("b", b"\x01b")]
        .map(|(name, locator)| Node::new(config(name, locator), Instant(0), &Restored::new()));
    let secrets = [keys("a"), keys("b")].concat();
    let check_all = |nodes: &[Node; 2], events: &[Event]| {
        for node in nodes {
            check("Node", node, &secrets);
            check("Leaf", &node.leaf(), &secrets);
        }
        check("Event", &events, &secrets);
    };
    check_all(&nodes, &[]);
    nodes[0].handle(Instant(0), Input::Command(Command::Join { locator: Bytes::from_static(b"\x01b") }));
    let events = talk(&mut nodes);
    assert!(nodes.iter().all(|n| n.leaf().sessions().count() == 1), "{events:?}");
    check_all(&nodes, &events);
}
