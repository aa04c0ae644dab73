//! Writes the seed corpus from the wire vectors: `cargo run -p mindos-fuzz --example seeds`.
#![allow(clippy::unwrap_used, reason = "a tool for developers stops on the first surprise")]

use std::path::{Path, PathBuf};
use std::{env, fs};

use mindos_wire::{FrameType, RecordType};
use serde_json::Value;

/// Steps of a story (`mindos_fuzz::node`), with their arguments.
const WAIT: u8 = 0;
const HOSTILE: u8 = 7;
const MESSAGE: u8 = 8;
const NODE_1: u8 = 0x80;

/// Vectors that make a seed, by the last part of their id.
const TAKEN: [&str; 13] = [
    "typical",
    "minimal",
    "least",
    "most",
    "extension",
    "tail-order",
    "tail-even",
    "trailing",
    "short",
    "padding-last",
    "no-context",
    "two",
    "grease-between",
];

fn main() {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let mut vectors: Vec<PathBuf> =
        fs::read_dir(here.join("../mindos-sim-vectors/vectors/v1")).unwrap().map(|e| e.unwrap().path()).collect();
    vectors.sort();
    let out = here.join("corpus");
    for path in vectors {
        let file: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
        for group in file["testGroups"].as_array().into_iter().flatten() {
            let target = match group["type"].as_str() {
                Some("DecodePacket") => "packet",
                Some("DecodeFrame" | "DecodeFrames") => "frames",
                Some("DecodeRecord") => "record",
                _ => continue,
            };
            let message = group["message"].as_str().unwrap();
            for test in group["tests"].as_array().into_iter().flatten() {
                let name = test["id"].as_str().unwrap().rsplit('/').next().unwrap();
                let bytes = data_encoding::HEXLOWER.decode(test["bytes"].as_str().unwrap().as_bytes()).unwrap();
                // Of frames one of each and the refusals of one: they share their parts.
                let wanted =
                    target != "frames" || matches!(name, "typical" | "two" | "grease-between") || message == "ack";
                if TAKEN.contains(&name) && wanted && bytes.len() <= 1_152 {
                    write(&out, target, &format!("{message}-{name}"), &bytes);
                }
                let typed = matches!(target, "frames" | "record") && matches!(name, "typical" | "extension");
                if typed && test["result"] == "valid" && group["type"] != "DecodeFrames" {
                    let of_record = target == "record";
                    write(&out, "views", &format!("{target}-{message}-{name}"), &drawn(of_record, &bytes));
                    if name == "typical" {
                        let text = serde_json::to_vec(&test["value"]).unwrap();
                        write(&out, "views", &format!("{target}-{message}-text"), &text);
                    }
                }
                if target == "frames" && name == "typical" {
                    write(&out, "node", &format!("hostile-{message}"), &hostile(&bytes));
                }
            }
        }
    }
    for (name, script) in stories() {
        write(&out, "node", name, &script);
    }
    for (name, script) in handshakes() {
        write(&out, "handshake", name, &script);
    }
    for (name, script) in transports() {
        write(&out, "transport", name, &script);
    }
}

/// Storms over two session machines: first what suites they speak, then steps (`mindos_fuzz::handshake`).
fn handshakes() -> Vec<(&'static str, Vec<u8>)> {
    // Numbers of steps: of what befalls the next packet, and of the machines.
    let (drop, double, back, flip, cut, again, splice, home) = (8, 9, 10, 11, 12, 13, 14, 15);
    let (connect, wait, address, stray, seal, all) = (16, 18, 20, 21, 22, 23);
    let second = [wait, 0xe8, 0x03];
    let hybrid = 1 + 3;
    vec![
        ("accept", vec![0, all, all, seal, 0, NODE_1 | seal, 0, all]),
        ("hybrid", vec![hybrid, all, all, all, seal, 0, NODE_1 | seal, 0, all]),
        ("one-requires", vec![1, all, all, all, seal, 0, all]),
        ("never", vec![2, all, all, seal, 0, all]),
        ("lost-hello", [&[0, drop][..], &second, &[all, all]].concat()),
        ("lost-reply", [&[0, 0, drop][..], &second, &[all, all]].concat()),
        ("lost-finish", [&[0, 0, 0, drop][..], &second, &[all, all]].concat()),
        ("lost-upgrade", [&[hybrid, 0, 0, 0, drop, drop][..], &second, &[drop], &second, &[all, all, all]].concat()),
        ("doubled", vec![0, double, 0, 0, double, 0, double, 0, double, all, all]),
        ("crossed", vec![0, NODE_1 | connect, back, all, all, seal, 0, NODE_1 | seal, 1, all]),
        ("flipped", [&[0, flip, 40, 0, 1, 0, 0][..], &second, &[0, flip, 90, 0, 4, all], &second, &[all]].concat()),
        ("suite-raised", [&[0, flip, 2, 0, 3, 0, 0, 0][..], &second, &[all, all]].concat()),
        ("suite-stripped", [&[1, flip, 2, 0, 3, 0, 0, 0][..], &second, &[all, all, all]].concat()),
        ("index-changed", [&[0, flip, 8, 0, 1, 0, 0, 0][..], &second, &[all, all]].concat()),
        ("cut", [&[0, 0, cut, 90, 0, 0][..], &second, &[all, all]].concat()),
        ("replayed", vec![0, all, all, again, 0, again, 1, again, 2, again, 3, all]),
        ("spliced", [&[0, connect, 0, 0, splice, 1, 5, 0, 4, all][..], &second, &[all]].concat()),
        ("reflected", vec![0, home, 0, home, 0, home, all, all]),
        ("flood", [&[0][..], &[17; 12], &[all, all, address, 3, all], &second, &[all, all]].concat()),
        ("stray", [&[0, NODE_1 | stray, 21, 0, 5][..], &[0x5a; 20], &[all, all]].concat()),
        ("silence", [&[0, all, all][..], &[wait, 0xff, 0xff].repeat(3), &[seal, 0, all, connect, all, all]].concat()),
    ]
}

/// The same for packets of one session: first its suite (`mindos_fuzz::transport`).
fn transports() -> Vec<(&'static str, Vec<u8>)> {
    let (drop, double, back, flip, cut, again, splice, home) = (8, 9, 10, 11, 12, 13, 14, 15);
    let (wait, seconds, skip, few, stray, timer, all, seal) = (16, 17, 18, 19, 20, 21, 22, 23);
    let epoch = [skip, 0xff, 0xff, seal];
    vec![
        ("both-ways", vec![0, seal, NODE_1 | seal, seal, all]),
        ("upgrade", vec![1, all, all, all, seal, NODE_1 | seal, all]),
        ("upgrade-lost", vec![1, drop, drop, drop, seconds, 1, timer, NODE_1 | timer, all, all, seal, all]),
        ("upgrade-replayed", vec![1, all, again, 0, again, 1, again, 2, all, all, seal, all]),
        ("doubled", vec![0, seal, double, double, all]),
        ("overtaken", vec![0, seal, seal, seal, back, back, all, again, 0, all]),
        ("window", vec![0, seal, back, few, 255, few, 255, few, 255, few, 255, few, 3, seal, back, all]),
        ("flipped", vec![0, seal, seal, flip, 7, 0, 1, 0, flip, 20, 0, 128, all]),
        ("cut", vec![0, seal, cut, 28, 0, all]),
        ("spliced", vec![0, seal, seal, splice, 1, 5, 0, 8, all, again, 0, all]),
        ("reflected", vec![0, seal, home, all]),
        ("epochs", [&[0, seal][..], &epoch, &epoch, &epoch, &[all]].concat()),
        ("epochs-lost", [&[0, seal][..], &epoch, &epoch, &epoch, &[all, drop], &epoch, &[all]].concat()),
        ("time", vec![0, seal, seconds, 120, seal, seal, all, again, 0, all]),
        ("late", vec![0, seal, seal, back, seconds, 120, seal, back, all, wait, 0x10, 0x27, again, 1, all]),
        ("stray", [&[0, stray, 29, 0, 4, 1, 0, 0, 0][..], &[0; 24], &[seal, all]].concat()),
    ]
}

/// A body behind the byte that draws its type.
fn drawn(of_record: bool, bytes: &[u8]) -> Vec<u8> {
    let at = |code: Option<usize>| u8::try_from(code.unwrap_or(usize::from(bytes[0]))).unwrap();
    match of_record {
        true => {
            let draw = at(RecordType::ALL.iter().position(|t| t.code == bytes[0]));
            [&[draw], &bytes[51..bytes.len() - 64]].concat()
        }
        false => [&[at(FrameType::ALL.iter().position(|t| t.code == bytes[0]))], &bytes[3..]].concat(),
    }
}

fn write(out: &Path, target: &str, name: &str, bytes: &[u8]) {
    let dir = out.join(target);
    fs::create_dir_all(&dir).unwrap();
    fs::write(dir.join(name), bytes).unwrap();
}

/// A member sends the frame alone and as a message, to each node.
fn hostile(frame: &[u8]) -> Vec<u8> {
    let mut script = Vec::new();
    for step in [HOSTILE, MESSAGE] {
        script.push(step);
        script.extend((frame.len() as u16).to_le_bytes());
        script.extend(frame);
    }
    script.extend([WAIT, 0xe8, 0x03]);
    script
}

/// Picked by hand: what a node lives through.
fn stories() -> [(&'static str, Vec<u8>); 7] {
    let half_minute = [WAIT, 0x30, 0x75];
    let submit = [12, 200, 0, 0];
    let finish = [NODE_1 | 13, 0];
    let join = |steps: &[&[u8]]| steps.concat();
    [
        ("work", join(&[&half_minute, &submit, &[WAIT, 0xd0, 0x07], &finish, &[WAIT, 0xe8, 0x03]])),
        ("worker-restarts", join(&[&half_minute, &submit, &[WAIT, 0xd0, 0x07], &[NODE_1 | 11], &half_minute])),
        ("cancel", join(&[&half_minute, &submit, &[WAIT, 0xd0, 0x07], &[16, 0], &[WAIT, 0xe8, 0x03]])),
        ("sleep", join(&[&[WAIT, 0xd0, 0x07], &[10, 0x10, 0x27], &half_minute])),
        ("leave", join(&[&[WAIT, 0xd0, 0x07], &[NODE_1 | 17], &half_minute])),
        ("broken-wire", join(&[&[15, 2, NODE_1 | 15, 4, 20, 0, 1, 15, 5, 7, 0, 15, 3, NODE_1 | 3], &half_minute])),
        ("big-context", join(&[&half_minute, &[12, 0xff, 0x7f, 0], &[1, 20, 0, 2, 2, 2], &half_minute, &finish])),
    ]
}
