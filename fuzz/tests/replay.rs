//! Corpus, past crashes and all wire vectors through the fuzz bodies, on stable Rust.
#![allow(clippy::unwrap_used, reason = "a test stops on the first surprise")]

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

type Body = fn(&[u8]);

const TARGETS: [(&str, Body); 7] = [
    ("packet", mindos_fuzz::packet),
    ("frames", mindos_fuzz::frames),
    ("record", mindos_fuzz::record),
    ("views", mindos_fuzz::views),
    ("node", |data| {
        mindos_fuzz::node(data);
    }),
    ("handshake", mindos_fuzz::handshake),
    ("transport", mindos_fuzz::transport),
];

fn here() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every file of a folder, in order; none if there is no such folder.
fn files(dir: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let entries = fs::read_dir(dir).into_iter().flatten().map(|e| e.unwrap().path());
    let mut files: Vec<_> = entries.map(|p| (p.clone(), fs::read(p).unwrap())).collect();
    files.sort();
    files
}

#[test]
fn corpus_holds() {
    for (target, body) in TARGETS {
        let seeds = files(&here().join("corpus").join(target));
        assert!(seeds.len() >= 10, "{target} has {} seeds", seeds.len());
        for (path, bytes) in seeds {
            println!("{}", path.display());
            body(&bytes);
        }
    }
}

#[test]
fn past_crashes_hold() {
    for (target, body) in TARGETS {
        for (path, bytes) in files(&here().join("crashes").join(target)) {
            println!("{}", path.display());
            body(&bytes);
        }
    }
}

#[test]
fn every_wire_vector_holds_in_every_codec_target() {
    let mut replayed = 0;
    for (_, json) in files(&here().join("../mindos-sim-vectors/vectors/v1")) {
        let file: Value = serde_json::from_slice(&json).unwrap();
        for group in file["testGroups"].as_array().into_iter().flatten() {
            for test in group["tests"].as_array().into_iter().flatten() {
                let Some(hex) = test["bytes"].as_str() else { continue };
                let bytes = data_encoding::HEXLOWER.decode(hex.as_bytes()).unwrap();
                TARGETS[..4].iter().for_each(|(_, body)| body(&bytes));
                replayed += 1;
            }
        }
    }
    assert!(replayed > 500, "only {replayed} vectors");
}

/// Every cut and every changed byte of every seed: what a fuzzer would try first.
#[test]
fn neighbours_of_the_corpus_hold() {
    for (target, body) in &TARGETS[..4] {
        for (_, bytes) in files(&here().join("corpus").join(target)) {
            for at in 0..bytes.len() {
                body(&bytes[..at]);
                let mut changed = bytes.clone();
                for mask in [0x01, 0x80, 0xff] {
                    changed[at] = bytes[at] ^ mask;
                    body(&changed);
                }
            }
        }
    }
}
