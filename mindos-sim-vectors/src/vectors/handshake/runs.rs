//! Whole handshakes, message by message.

use mindos_core::crypto::{Crypto, DEFAULT};
use mindos_core::session::noise::{KEY_LEN, NoiseError};
use mindos_wire::{SUITE, SUITE_HYBRID};
use serde_json::{Value as Json, json};

use super::{Pattern, Side, beacon, prologue};
use crate::inspect::hex;
use crate::vectors::VectorError;

/// The inputs of a run.
struct Run {
    name: &'static str,
    comment: &'static str,
    suite: u16,
    network: u32,
    /// Secrets: static and ephemeral of the initiator, then of the responder.
    secrets: [u8; 4],
    payloads: Vec<Vec<u8>>,
}

const NETWORK: u32 = 0x4d49_4e44;

fn runs(pattern: Pattern) -> Vec<Run> {
    // So that no two runs share a secret.
    let own = match pattern {
        Pattern::Xx => 0,
        Pattern::Ik => 0x80,
    };
    let secrets = |s: [u8; 4]| s.map(|b| own | b);
    let sealed = [b"sealed by one side".to_vec(), b"and by the other".to_vec()];
    let (initiators, responders) = (beacon(0x33, own | 0x31, NETWORK), beacon(0x43, own | 0x41, NETWORK));
    let (comment, beacons) = match pattern {
        Pattern::Xx => (
            "the second and third message carry the sender's beacon, as every MindOS handshake does",
            vec![Vec::new(), responders, initiators],
        ),
        Pattern::Ik => ("both messages carry the sender's beacon", vec![initiators, responders]),
    };
    let none = || vec![Vec::new(); pattern.messages() + 2];
    vec![
        Run {
            name: "no-payloads",
            comment: "no payloads; network 0",
            suite: SUITE,
            network: 0,
            secrets: secrets([0x11, 0x12, 0x21, 0x22]),
            payloads: none(),
        },
        Run {
            name: "beacon-payloads",
            comment,
            suite: SUITE,
            network: NETWORK,
            secrets: secrets([0x31, 0x32, 0x41, 0x42]),
            payloads: [beacons, sealed.to_vec()].concat(),
        },
        Run {
            name: "all-payloads",
            comment: "a payload in every message; Noise allows it",
            suite: SUITE,
            network: u32::MAX,
            secrets: secrets([0x51, 0x52, 0x61, 0x62]),
            payloads: [1, 2, 3, 64, 65]
                .iter()
                .take(pattern.messages() + 2)
                .map(|n| vec![*n; usize::from(*n)])
                .collect(),
        },
        Run {
            name: "suite-2",
            comment: "the prologue of suite 2; the rest is as in suite 1",
            suite: SUITE_HYBRID,
            network: NETWORK,
            secrets: secrets([0x71, 0x72, 0x73, 0x74]),
            payloads: none(),
        },
    ]
}

/// The runs of a pattern as they are written.
pub(super) fn of(pattern: Pattern) -> Result<Vec<Json>, VectorError> {
    runs(pattern).iter().map(|run| run_json(pattern, run).map_err(VectorError::Wrong)).collect()
}

fn run_json(pattern: Pattern, run: &Run) -> Result<Json, String> {
    let id = format!("hs/{}/{}", pattern.id(), run.name);
    let prologue = prologue(run.suite, run.network);
    let [si, ei, sr, er] = run.secrets.map(|b| [b; KEY_LEN]);
    let known = DEFAULT.dh_public(&sr);
    let side = |initiator, own, ephemeral| Side { crypto: &DEFAULT, initiator, prologue: &prologue, own, ephemeral };
    let mut sides = [pattern.start(&side(true, si, ei), Some(known))?, pattern.start(&side(false, sr, er), None)?];
    let wrong = |e: NoiseError| format!("{id}: {e}");
    let mut messages = Vec::new();
    for (i, payload) in run.payloads.iter().take(pattern.messages()).enumerate() {
        let [a, b] = &mut sides;
        let (writer, reader) = if i % 2 == 0 { (a, b) } else { (b, a) };
        let mut ciphertext = Vec::new();
        writer.write(payload, &mut ciphertext).map_err(wrong)?;
        if reader.read(&ciphertext).map_err(wrong)? != *payload {
            return Err(format!("{id}: message {i} reads another payload"));
        }
        let secrets = writer.dangerous_intermediates();
        messages.push(json!({
            "payload": hex(payload),
            "ciphertext": hex(&ciphertext),
            "h": hex(&secrets.h),
            "ck": hex(&secrets.ck),
            "k": secrets.k.map(|k| hex(&k)).unwrap_or_default(),
        }));
    }
    let [initiator, responder] = sides;
    let hash = initiator.handshake_hash();
    let (initiators, _) = initiator.split().map_err(wrong)?;
    let (responders, _) = responder.split().map_err(wrong)?;
    // The sides go on taking turns, as in the public vectors of Noise.
    for (i, payload) in run.payloads.iter().enumerate().skip(pattern.messages()) {
        let key = if i % 2 == 0 { &initiators } else { &responders };
        let mut ciphertext = payload.clone();
        let tag = key.seal(&DEFAULT, 0, &[], &mut ciphertext);
        ciphertext.extend(tag);
        messages.push(json!({ "payload": hex(payload), "ciphertext": hex(&ciphertext) }));
    }
    let mut json = json!({
        "name": id,
        "comment": run.comment,
        "reqs": ["SES-001"],
        "protocol_name": pattern.protocol(),
        "init_prologue": hex(&prologue),
        "init_static": hex(&si),
        "init_ephemeral": hex(&ei),
        "resp_prologue": hex(&prologue),
        "resp_static": hex(&sr),
        "resp_ephemeral": hex(&er),
        "handshake_hash": hex(&hash),
        "messages": messages,
    });
    if pattern == Pattern::Ik {
        json["init_remote_static"] = hex(&known).into();
    }
    Ok(json)
}
