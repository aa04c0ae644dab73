//! The committed vectors are what the generator makes, and hold; `inspect` prints or refuses each of them.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use mindos_sim_vectors::inspect::{Kind, decode, render, to_json, unhex};
use mindos_sim_vectors::vectors::{check, directory};
use mindos_wire::{Frame, Packet, Record, frames};
use serde_json::Value as Json;

#[test]
fn the_committed_vectors_hold() {
    let report = check(&directory()).unwrap();
    assert!(report.problems.is_empty(), "{}", report.problems.join("\n"));
    assert!(report.invalid >= report.valid, "at least half of the cases are invalid");
}

/// Every case of a group that decodes, as (kind, case).
fn cases() -> Vec<(Kind, Json)> {
    let mut out = Vec::new();
    for entry in std::fs::read_dir(directory()).unwrap() {
        let json: Json = serde_json::from_str(&std::fs::read_to_string(entry.unwrap().path()).unwrap()).unwrap();
        for group in json["testGroups"].as_array().into_iter().flatten() {
            let kind = match group["type"].as_str().unwrap() {
                "DecodeFrame" => Kind::Frame,
                "DecodeFrames" => Kind::Frames,
                "DecodeRecord" => Kind::Record,
                "DecodePacket" => Kind::Packet,
                _ => continue,
            };
            out.extend(group["tests"].as_array().unwrap().iter().map(|c| (kind, c.clone())));
        }
    }
    out
}

#[test]
fn inspect_prints_every_valid_vector_and_refuses_every_invalid_one_with_its_class() {
    let cases = cases();
    assert!(cases.len() > 300, "{} cases", cases.len());
    for (kind, case) in cases {
        let bytes = unhex(case["bytes"].as_str().unwrap()).unwrap();
        let result = decode(kind, &bytes);
        let (text, json) = (render(&result), to_json(&result));
        if case["result"] == "valid" {
            assert_eq!(json["value"], case["value"], "{}", case["id"]);
            assert!(!text.contains("refused"), "{}: {text}", case["id"]);
        } else {
            assert_eq!(json["refused"]["class"], case["error"], "{}", case["id"]);
            let told = format!("refused: {} at byte {}", case["error"].as_str().unwrap(), case["at"].as_str().unwrap());
            assert!(text.contains(&told), "{}: {text}", case["id"]);
        }
    }
}

#[test]
fn the_fields_of_every_valid_vector_cover_its_bytes_without_gap_or_overlap() {
    for (kind, case) in cases().into_iter().filter(|(_, c)| c["result"] == "valid") {
        let bytes = unhex(case["bytes"].as_str().unwrap()).unwrap();
        let json = to_json(&decode(kind, &bytes));
        let mut fields: Vec<(u64, u64)> = json["fields"]
            .as_array()
            .unwrap()
            .iter()
            .map(|f| (f["offset"].as_u64().unwrap(), f["length"].as_u64().unwrap()))
            .collect();
        fields.sort_unstable();
        let end = fields.iter().fold(0, |end, (at, len)| {
            assert_eq!(*at, end, "{}: {json}", case["id"]);
            at + len
        });
        assert_eq!(end, bytes.len() as u64, "{}", case["id"]);
    }
}

/// Refused, or encoded again to itself.
fn canonical(kind: Kind, bytes: &[u8]) -> bool {
    let mut again = Vec::new();
    let decoded = match kind {
        Kind::Frame => Frame::decode(bytes).ok().filter(|(_, rest)| rest.is_empty()).map(|(f, _)| f.encode(&mut again)),
        Kind::Frames => frames(bytes)
            .collect::<Result<Vec<_>, _>>()
            .ok()
            .map(|all| all.iter().try_for_each(|f| f.encode(&mut again))),
        Kind::Record => Record::decode(bytes).ok().map(|r| r.encode(&mut again)),
        Kind::Packet => Packet::decode(bytes).ok().map(|p| p.encode(&mut again)),
    };
    decoded.is_none_or(|encoded| encoded.is_ok() && again == bytes)
}

#[test]
fn every_truncation_and_single_byte_change_of_a_valid_vector_is_refused_or_canonical() {
    for (kind, case) in cases().into_iter().filter(|(_, c)| c["result"] == "valid") {
        let good = unhex(case["bytes"].as_str().unwrap()).unwrap();
        for n in 0..good.len() {
            let cut = &good[..n];
            assert!(canonical(kind, cut), "{} cut to {n} bytes", case["id"]);
            let whole = matches!(kind, Kind::Frame | Kind::Record);
            assert!(!whole || decode(kind, cut).is_err(), "{} is accepted with {n} bytes", case["id"]);
        }
        let mut bytes = good.clone();
        for at in 0..good.len() {
            for delta in 1..=255 {
                bytes[at] = good[at].wrapping_add(delta);
                assert!(canonical(kind, &bytes), "{}: byte {at} set to {}", case["id"], bytes[at]);
            }
            bytes[at] = good[at];
        }
    }
}
