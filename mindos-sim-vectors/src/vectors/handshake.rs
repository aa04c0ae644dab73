//! Cases of the handshake (spec 04): whole runs under the field names of Noise's own vectors, with every
//! intermediate secret, and messages that must be refused.

use mindos_core::crypto::{Crypto, DEFAULT};
use mindos_core::session::noise::{Blake3, Handshake, KEY_LEN, NoiseError};
use mindos_wire::{BeaconBody, Record, RecordBody, RecordHead, SUITE, Tail, Tier, VERSION};
use serde_json::{Map, Value as Json, json};

use super::case::Numbers;
use super::{SUITE as VECTORS, VectorError};
use crate::inspect::{hex, unhex};

/// File of whole runs.
pub(super) const RUNS: &str = "hs_xx_test.json";
/// File of messages that must be refused.
pub(super) const REFUSALS: &str = "hs_fail_test.json";

/// The protocol of all runs.
pub(crate) const PROTOCOL: &str = "Noise_XX_25519_ChaChaPoly_BLAKE3";

/// The inputs of a run.
struct Run {
    id: &'static str,
    comment: &'static str,
    network: u32,
    /// Secrets: static and ephemeral of the initiator, then of the responder.
    secrets: [u8; 4],
    payloads: Vec<Vec<u8>>,
}

fn prologue(network: u32) -> Vec<u8> {
    [&b"MindOS"[..], &[VERSION], &SUITE.to_le_bytes(), &network.to_le_bytes()].concat()
}

/// A beacon as a node with these secrets would send it.
pub(super) fn beacon(signing: u8, static_secret: u8, network: u32) -> Vec<u8> {
    let seed = [signing; 32];
    let (author, x25519) = (DEFAULT.sign_public(&seed), DEFAULT.dh_public(&[static_secret; 32]));
    let body =
        BeaconBody { x25519: &x25519, incarnation: 1, cell: 0, tier: Tier::Home, roles: 0, tail: Tail::default() };
    let head = RecordHead { author: &author, sequence: 1, expires: 1_800_000_000 };
    let mut record = Vec::new();
    // A `Vec` takes every record of this size.
    let _ = Record::put_signed(&head, &RecordBody::Beacon(body), &mut record);
    let statement = [&b"mindos/record/1\0"[..], &network.to_le_bytes(), &record].concat();
    record.extend(DEFAULT.sign(&seed, &statement));
    record
}

fn runs() -> Vec<Run> {
    let network = 0x4d49_4e44;
    vec![
        Run {
            id: "hs/xx/empty",
            comment: "no payloads; network 0",
            network: 0,
            secrets: [0x11, 0x12, 0x21, 0x22],
            payloads: vec![Vec::new(); 5],
        },
        Run {
            id: "hs/xx/beacons",
            comment: "the second and third message carry the sender's beacon, as every MindOS handshake does",
            network,
            secrets: [0x31, 0x32, 0x41, 0x42],
            payloads: vec![
                Vec::new(),
                beacon(0x43, 0x41, network),
                beacon(0x33, 0x31, network),
                b"from the initiator".to_vec(),
                b"from the responder".to_vec(),
            ],
        },
        Run {
            id: "hs/xx/payloads",
            comment: "a payload in every message; Noise allows it",
            network: u32::MAX,
            secrets: [0x51, 0x52, 0x61, 0x62],
            payloads: vec![vec![1], vec![2; 2], vec![3; 3], vec![4; 64], vec![5; 65]],
        },
    ]
}

/// Both sides before the first message: initiator, responder.
fn sides(prologue: &[u8], [si, ei, sr, er]: [[u8; KEY_LEN]; 4]) -> [Handshake<Blake3>; 2] {
    [Handshake::initiator(&DEFAULT, &[prologue], si, ei), Handshake::responder(&DEFAULT, &[prologue], sr, er)]
}

fn wrong(id: &str) -> impl Fn(NoiseError) -> VectorError + '_ {
    move |e| VectorError::Wrong(format!("{id}: {e}"))
}

/// The messages of a run: three of the handshake with intermediates, then one sealed in each direction.
fn messages(
    id: &str,
    prologue: &[u8],
    secrets: [[u8; KEY_LEN]; 4],
    payloads: &[Vec<u8>],
) -> Result<(Vec<Json>, [u8; 32]), VectorError> {
    let mut sides = sides(prologue, secrets);
    let mut out = Vec::new();
    for (i, payload) in payloads.iter().take(3).enumerate() {
        let [a, b] = &mut sides;
        let (writer, reader) = if i % 2 == 0 { (a, b) } else { (b, a) };
        let mut ciphertext = Vec::new();
        writer.write(payload, &mut ciphertext).map_err(wrong(id))?;
        let got = reader.read(&ciphertext).map_err(wrong(id))?;
        if got != *payload {
            return Err(VectorError::Wrong(format!("{id}: message {i} reads another payload")));
        }
        let secrets = writer.dangerous_intermediates();
        let k = secrets.k.map(|k| hex(&k)).unwrap_or_default();
        out.push(json!({
            "payload": hex(payload),
            "ciphertext": hex(&ciphertext),
            "h": hex(&secrets.h),
            "ck": hex(&secrets.ck),
            "k": k,
        }));
    }
    let [initiator, responder] = sides;
    let hash = initiator.handshake_hash();
    let (send, _) = initiator.split().map_err(wrong(id))?;
    let (back, _) = responder.split().map_err(wrong(id))?;
    for (key, payload) in [send, back].iter().zip(payloads.iter().skip(3)) {
        let mut ciphertext = payload.clone();
        let tag = key.seal(&DEFAULT, 0, &[], &mut ciphertext);
        ciphertext.extend(tag);
        out.push(json!({ "payload": hex(payload), "ciphertext": hex(&ciphertext) }));
    }
    Ok((out, hash))
}

fn run_json(run: &Run) -> Result<Json, VectorError> {
    let prologue = prologue(run.network);
    let (messages, hash) = messages(run.id, &prologue, run.secrets.map(|b| [b; KEY_LEN]), &run.payloads)?;
    let [si, ei, sr, er] = run.secrets.map(|b| hex(&[b; KEY_LEN]));
    Ok(json!({
        "name": run.id,
        "comment": run.comment,
        "reqs": ["SES-001"],
        "protocol_name": PROTOCOL,
        "init_prologue": hex(&prologue),
        "init_static": si,
        "init_ephemeral": ei,
        "resp_prologue": hex(&prologue),
        "resp_static": sr,
        "resp_ephemeral": er,
        "handshake_hash": hex(&hash),
        "messages": messages,
    }))
}

/// A message of a run, changed.
struct Refusal {
    id: String,
    comment: &'static str,
    message: usize,
    ciphertext: Vec<u8>,
}

/// Every change of the messages of the run `hs/xx/beacons` that must be refused.
fn refusals(run: &Json) -> Vec<Refusal> {
    let ciphertext = |i: usize| run["messages"][i]["ciphertext"].as_str().and_then(unhex).unwrap_or_default();
    let mut out = Vec::new();
    let mut add = |id: String, comment, message, ciphertext| out.push(Refusal { id, comment, message, ciphertext });
    // Where the fields of each message start: ephemeral key, sealed static key, its tag, payload, its tag.
    let fields = |i: usize, len: usize| match i {
        1 => vec![("ephemeral", 0), ("static", 32), ("static-tag", 64), ("payload", 80), ("payload-tag", len - 16)],
        _ => vec![("static", 0), ("static-tag", 32), ("payload", 48), ("payload-tag", len - 16)],
    };
    for i in [1, 2] {
        let good = ciphertext(i);
        for (field, at) in fields(i, good.len()) {
            let mut bad = good.clone();
            bad[at] ^= 1;
            add(format!("hs/fail/message-{i}-{field}"), "one bit of this field is flipped", i, bad);
        }
        for (name, len) in [("empty", 0), ("cut-key", 31), ("cut-static", 48), ("cut-last", good.len() - 1)] {
            add(format!("hs/fail/message-{i}-{name}"), "the message ends early", i, good[..len].to_vec());
        }
        let long = [&good[..], &[0]].concat();
        add(format!("hs/fail/message-{i}-long"), "one byte follows the message", i, long);
    }
    add("hs/fail/message-0-cut".into(), "31 bytes of ephemeral key", 0, ciphertext(0)[..31].to_vec());
    for (name, point) in [("zero", [0; 32]), ("one", one())] {
        let low = [&point[..], &ciphertext(1)[32..]].concat();
        add(format!("hs/fail/message-1-low-order-{name}"), "the ephemeral key is of low order", 1, low);
    }
    add("hs/fail/message-2-replayed-1".into(), "the second message again instead of the third", 2, ciphertext(1));
    out
}

fn one() -> [u8; 32] {
    let mut point = [0; 32];
    point[0] = 1;
    point
}

/// Both files. Numbers of published refusals are kept.
pub(super) fn texts(known: &Numbers) -> Result<[(&'static str, String); 2], VectorError> {
    let vectors = runs().iter().map(run_json).collect::<Result<Vec<_>, _>>()?;
    let Some(base) = vectors.iter().find(|v| v["name"] == "hs/xx/beacons") else {
        return Err(VectorError::Wrong("hs/xx/beacons is missing".into()));
    };
    let mut next = known.values().max().copied().unwrap_or(0);
    let mut tests = Vec::new();
    for refusal in refusals(base) {
        refused(base, refusal.message, &refusal.ciphertext)
            .map_err(|e| VectorError::Wrong(format!("{}: {e}", refusal.id)))?;
        let number = known.get(&refusal.id).copied().unwrap_or_else(|| {
            next += 1;
            next
        });
        tests.push(json!({
            "tcId": number,
            "id": refusal.id,
            "comment": refusal.comment,
            "reqs": ["SES-006"],
            "flags": ["Forged"],
            "message": refusal.message.to_string(),
            "ciphertext": hex(&refusal.ciphertext),
            "result": "invalid",
        }));
    }
    let ids = |id: &String| tests.iter().any(|t| t["id"] == id.as_str());
    if let Some(lost) = known.keys().find(|id| !ids(id)) {
        return Err(VectorError::Wrong(format!("{lost}: a published case is permanent, and the generator lost it")));
    }
    let count = tests.len();
    let mut group: Map<String, Json> = Map::new();
    for key in [
        "protocol_name",
        "init_prologue",
        "init_static",
        "init_ephemeral",
        "resp_prologue",
        "resp_static",
        "resp_ephemeral",
        "messages",
    ] {
        group.insert(key.into(), base[key].clone());
    }
    group.insert("type".into(), json!("HandshakeRefuse"));
    group.insert("source".into(), json!({ "name": "mindos vectors generate", "version": env!("CARGO_PKG_VERSION") }));
    group.insert("tests".into(), Json::Array(tests));
    let forged = json!({ "bugType": "AUTHENTICATION", "effect": "Takes a step that nobody authenticated, or lets a forger end a handshake." });
    let runs = json!({ "suite": VECTORS, "algorithm": "mindos-handshake", "header": ["Whole handshakes."], "numberOfTests": vectors.len(), "vectors": vectors });
    let fails = json!({
        "suite": VECTORS,
        "algorithm": "mindos-handshake",
        "header": ["Messages that must be refused; the genuine one must still be accepted after each."],
        "numberOfTests": count,
        "notes": { "Forged": forged },
        "testGroups": [group],
    });
    Ok([(RUNS, format!("{runs:#}\n")), (REFUSALS, format!("{fails:#}\n"))])
}

/// A field of a run as bytes.
fn field(run: &Json, name: &str) -> Result<Vec<u8>, String> {
    run[name].as_str().and_then(unhex).ok_or_else(|| format!("{name} is not hex"))
}

fn secret(run: &Json, name: &str) -> Result<[u8; KEY_LEN], String> {
    field(run, name)?.try_into().map_err(|_| format!("{name} is not 32 bytes"))
}

fn started(run: &Json) -> Result<[Handshake<Blake3>; 2], String> {
    if run["protocol_name"] != PROTOCOL {
        return Err(format!("protocol_name is not {PROTOCOL}"));
    }
    let (i, r) = (field(run, "init_prologue")?, field(run, "resp_prologue")?);
    Ok([
        Handshake::initiator(&DEFAULT, &[&i], secret(run, "init_static")?, secret(run, "init_ephemeral")?),
        Handshake::responder(&DEFAULT, &[&r], secret(run, "resp_static")?, secret(run, "resp_ephemeral")?),
    ])
}

/// Decides one run from what the file says alone.
pub(super) fn decide_run(run: &Json) -> Result<(), String> {
    let mut sides = started(run)?;
    let list = run["messages"].as_array().ok_or("no messages")?;
    let [a, b] = &mut sides;
    for (i, m) in list.iter().take(3).enumerate() {
        let (writer, reader) = if i % 2 == 0 { (&mut *a, &mut *b) } else { (&mut *b, &mut *a) };
        let (payload, expected) = (field(m, "payload")?, field(m, "ciphertext")?);
        let mut written = Vec::new();
        writer.write(&payload, &mut written).map_err(|e| format!("message {i}: {e}"))?;
        if written != expected {
            return Err(format!("message {i} is {}", hex(&written)));
        }
        if reader.read(&expected).map_err(|e| format!("message {i}: {e}"))? != payload {
            return Err(format!("message {i} reads another payload"));
        }
        for side in [&*writer, &*reader] {
            let s = side.dangerous_intermediates();
            let k = s.k.map(|k| hex(&k)).unwrap_or_default();
            if m["h"] != hex(&s.h) || m["ck"] != hex(&s.ck) || m["k"] != k {
                return Err(format!("intermediates after message {i} differ"));
            }
        }
    }
    let [initiator, responder] = sides;
    if run["handshake_hash"] != hex(&initiator.handshake_hash()) {
        return Err("handshake_hash differs".into());
    }
    let (send, receive) = initiator.split().map_err(|e| e.to_string())?;
    let (back, forth) = responder.split().map_err(|e| e.to_string())?;
    for (m, (seals, opens)) in list.iter().skip(3).zip([(send, forth), (back, receive)]) {
        let payload = field(m, "payload")?;
        let mut text = payload.clone();
        let tag = seals.seal(&DEFAULT, 0, &[], &mut text);
        if [&text[..], &tag].concat() != field(m, "ciphertext")?
            || !opens.open(&DEFAULT, 0, &[], &mut text, &tag)
            || text != payload
        {
            return Err("a transport message differs".into());
        }
    }
    Ok(())
}

/// Whether the reader of a message refuses `ciphertext` in its place, and takes the genuine one after it.
fn refused(run: &Json, message: usize, ciphertext: &[u8]) -> Result<(), String> {
    let mut sides = started(run)?;
    let [a, b] = &mut sides;
    for i in 0..=message {
        let (writer, reader) = if i % 2 == 0 { (&mut *a, &mut *b) } else { (&mut *b, &mut *a) };
        let genuine = field(&run["messages"][i], "ciphertext")?;
        if i == message && reader.read(ciphertext).is_ok() {
            return Err("was accepted".into());
        }
        let payload = field(&run["messages"][i], "payload")?;
        writer.write(&payload, &mut Vec::new()).map_err(|e| e.to_string())?;
        reader.read(&genuine).map_err(|e| format!("the genuine message {i} is refused: {e}"))?;
    }
    Ok(())
}

/// Decides one refusal from what its group and case say alone.
pub(super) fn decide_refusal(group: &Json, case: &Json) -> Result<(), String> {
    let message = case["message"].as_str().and_then(|s| s.parse().ok()).ok_or("message is no number")?;
    if message > 2 || case["result"] != "invalid" {
        return Err("not a refusal of a handshake message".into());
    }
    refused(group, message, &field(case, "ciphertext")?)
}
