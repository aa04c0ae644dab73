//! What befalls the traced node.

use bytes::Bytes;
use mindos_core::crypto::{Crypto, DEFAULT};
use mindos_core::wire::{Effect, Hello, Label, Packet, ResultStatus, SUITE, Stakes, VERSION};
use mindos_core::{Capability, Capacity, Command, Duration, Input, IntentRequest, PathId};
use serde_json::{Value as Json, json};

use super::hosts::{Due, Hosts, PEER, WORKER};
use super::node::Traced;
use crate::inspect::hex;

const MS: u64 = 1_000;
const S: u64 = 1_000 * MS;
const NETWORK: u32 = 0x4d49_4e44;
const PATH: PathId = PathId(0);

/// Configuration of a node as it stands in the file.
fn config(identity: u8, seed: u8, locator: &[u8], restored: &[(&str, u64)]) -> Json {
    let record = |(key, end): &(&str, u64)| json!({ "key": key, "bytes": hex(&end.to_le_bytes()) });
    json!({
        "identity": hex(&[identity; 32]),
        "seed": hex(&[seed; 32]),
        "network": NETWORK.to_string(),
        "locator": hex(locator),
        "tier": "home",
        "cell": "0",
        "probe_interval_us": S.to_string(),
        "max_members": "16",
        "max_events": "16",
        "start_us": "0",
        "restored": restored.iter().map(record).collect::<Vec<_>>(),
    })
}

fn capability() -> [u8; 32] {
    DEFAULT.hash(&[b"test.echo/1"])
}

fn capacity() -> Capacity {
    Capacity {
        slots: 1,
        context_rate: 2_000_000,
        generated_rate: 20_000,
        context_free: 1 << 20,
        stakes: Some(Stakes::Moderate),
        clearance: Some(Label::Household),
        capabilities: vec![Capability { name: capability(), competence: 200, price: 10 }],
        credit: u64::MAX,
    }
}

fn work() -> IntentRequest {
    IntentRequest {
        capability: capability(),
        context_tokens: 2_000,
        generated_tokens: 20,
        lifetime: Duration::from_secs(30),
        budget: 1_000,
        label: Label::Public,
        depth: 0,
        effect: Effect::Pure,
        stakes: Stakes::Low,
        contexts: vec![Bytes::from_static(b"what the worker must know")],
        payload: Bytes::from_static(b"olleh"),
    }
}

fn datagram(bytes: Vec<u8>) -> Due {
    Due::Input(Input::Datagram { path: PATH, bytes: Bytes::from(bytes) })
}

fn command(command: Command) -> Due {
    Due::Input(Input::Command(command))
}

/// A greeting of a stranger in another network.
fn foreign_hello() -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let (noise, cookie) = (&[0x5a; 32], &[0; 16]);
    let hello = Hello { version: VERSION, suite: SUITE, network: NETWORK ^ 1, sender: 9, noise, cookie };
    Packet::Hello(hello).encode(&mut bytes).map_err(|_| "a greeting does not fit".to_string())?;
    Ok(bytes)
}

/// The configuration of the node and its steps.
pub(super) fn tell() -> Result<(Json, Vec<Json>), String> {
    let restored = [("sequence", 2_049), ("incarnation", 1_025), ("epoch", 1_025)];
    let worker = Traced::restore(&config(0x61, 0x62, b"\xf0worker", &restored))?;
    let peer = Traced::restore(&config(0x71, 0x72, b"\xf0peer", &[]))?;
    let told = worker.config().clone();
    let mut hosts = Hosts::new([worker, peer]);
    let clock = || Due::Input(Input::WallClock { unix_s: 1_795_219_200 });
    hosts.at(0, WORKER, clock());
    hosts.at(0, PEER, clock());
    // Too early for both.
    hosts.at(100, WORKER, Due::Ping);
    hosts.at(200, WORKER, datagram(foreign_hello()?));
    // The peer is there already; then the worker joins through it.
    hosts.at(50 * MS, WORKER, Due::Input(Input::Persisted { token: 99 }));
    hosts.at(100 * MS, WORKER, command(Command::Join { locator: Bytes::from_static(b"\xf0peer") }));
    hosts.at(1_500 * MS, WORKER, command(Command::SetCapacity(capacity())));
    hosts.at(2_500 * MS, WORKER, Due::Ping);
    // Hostile bytes.
    hosts.at(3_305 * MS, WORKER, datagram(Vec::new()));
    hosts.at(3_310 * MS, WORKER, datagram(vec![0xee; 40]));
    hosts.at(3_315 * MS, WORKER, datagram(foreign_hello()?));
    hosts.at(3_320 * MS, WORKER, Due::Again(|_| {}));
    hosts.at(3_325 * MS, WORKER, Due::Again(|b| b.truncate(9)));
    // Another session: its index follows the kind.
    hosts.at(3_330 * MS, WORKER, Due::Again(|b| b.iter_mut().skip(1).take(4).for_each(|b| *b ^= 0x80)));
    // A counter of the future, under which the tag does not hold: the window stays where it is.
    hosts.at(3_335 * MS, WORKER, Due::Again(|b| b.iter_mut().skip(6).take(1).for_each(|b| *b ^= 0x80)));
    hosts.at(3_340 * MS, WORKER, Due::Ping);
    // Work.
    hosts.at(5_500 * MS, PEER, command(Command::Submit(work())));
    hosts.at(6_700 * MS, WORKER, Due::Work(|lease| Command::Progress { lease, done: 1 << 15 }));
    let finish = |lease| Command::Finish { lease, status: ResultStatus::Done, output: Bytes::from_static(b"hello") };
    hosts.at(7_600 * MS, WORKER, Due::Work(finish));
    hosts.at(7_700 * MS, WORKER, Due::Work(finish));
    // The end. The peer goes on probing for a while.
    hosts.at(8_500 * MS, WORKER, command(Command::Leave));
    hosts.at(8_600 * MS, WORKER, Due::Ping);
    hosts.at(8_600 * MS, PEER, Due::Ping);
    let steps = hosts.run(10 * S)?;
    complete(&steps)?;
    Ok((told, steps))
}

/// The story must hold what it promises; otherwise a change of the machines has emptied the trace.
fn complete(steps: &[Json]) -> Result<(), String> {
    let said =
        |name: &str| steps.iter().flat_map(|s| s["out"].as_array().into_iter().flatten()).any(|o| o["name"] == name);
    for event in ["ready", "connected", "member-up", "pong", "execute"] {
        if !said(event) {
            return Err(format!("the trace has no event {event}"));
        }
    }
    let drops =
        ["malformed", "other-network", "replayed", "unknown-session", "not-authentic", "api-misuse", "not-ready"];
    for drop in drops {
        if !steps.iter().any(|s| s["handled"] == drop) {
            return Err(format!("the trace has no input that is dropped as {drop}"));
        }
    }
    for input in ["finish", "leave"] {
        if !steps.iter().any(|s| s["in"]["type"] == input && s["handled"] == "accepted") {
            return Err(format!("the trace has no {input} that is accepted"));
        }
    }
    Ok(())
}
