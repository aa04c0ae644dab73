//! The keys of a session: from the last chaining key of the handshake to those of its epochs. HMAC, HKDF and the
//! chain of epochs are written here a second time.

use mindos_core::crypto::{Crypto, DEFAULT};
use mindos_core::session::lab::{material, next_key};
use mindos_core::session::noise::{Blake3, TransportKey, split};
use mindos_wire::{SUITE, SUITE_HYBRID};
use serde_json::{Value as Json, json};

use super::{Malformed, bytes, number, sized};
use crate::inspect::hex;
use crate::vectors::VectorError;
use crate::vectors::case::Numbers;
use crate::vectors::group::{Plain, PlainGroup};

/// The file.
pub(in crate::vectors) const FILE: &str = "session_keys_test.json";
/// Type of its groups.
pub(in crate::vectors) const PROCEDURE: &str = "SessionKeys";
/// What a case gives and what it asks for.
pub(crate) const INPUTS: &[&str] = &["suite", "ck", "kem_seed", "kem_random"];
pub(crate) const OUTPUTS: &[&str] =
    &["encapsulation_key", "ciphertext", "shared_secret", "material", "initiator", "responder"];

/// Epochs of a case, from 0.
const EPOCHS: usize = 4;

/// The public and common part of the upgrade; all empty in suite 1.
#[derive(Default)]
pub(super) struct Kem {
    pub(super) key: Vec<u8>,
    pub(super) ciphertext: Vec<u8>,
    secret: Vec<u8>,
    pub(super) material: Vec<u8>,
}

impl Kem {
    /// ML-KEM itself is the provider's; what is made of it is not.
    pub(super) fn of(seed: &[u8; 64], random: &[u8; 32]) -> Self {
        let key = DEFAULT.kem_public(seed).map(|k| k.to_vec()).unwrap_or_default();
        let made = key.as_slice().try_into().ok().and_then(|k| DEFAULT.kem_encapsulate(k, random));
        let (ciphertext, secret) = made.map(|(c, s)| (c.to_vec(), s.to_vec())).unwrap_or_default();
        let hash = blake3::hash(&[&key[..], &ciphertext].concat());
        let material = [&secret[..], hash.as_bytes()].concat();
        Self { key, ciphertext, secret, material }
    }
}

/// The key of the epoch after that of `key`.
pub(super) fn after(key: &[u8; 32], material: &[u8]) -> [u8; 32] {
    blake3::derive_key("mindos 2026 session epoch", &[&key[..], material].concat())
}

/// The keys of a direction for some epochs from 0.
pub(super) fn chain(first: [u8; 32], material: &[u8], epochs: usize) -> Vec<[u8; 32]> {
    let mut keys = vec![first];
    while let Some(last) = keys.last().filter(|_| keys.len() < epochs) {
        let next = after(last, if keys.len() == 1 { material } else { &[] });
        keys.push(next);
    }
    keys
}

/// HMAC (RFC 2104) over BLAKE3, block of 64 bytes.
fn hmac(key: &[u8; 32], data: &[u8]) -> [u8; 32] {
    let pad = |with: u8| [key.map(|b| b ^ with), [with; 32]].concat();
    let inner = blake3::hash(&[&pad(0x36)[..], data].concat());
    blake3::hash(&[&pad(0x5c)[..], inner.as_bytes()].concat()).into()
}

/// Noise's Split: the initiator's key and the responder's.
fn halves(ck: &[u8; 32]) -> [[u8; 32]; 2] {
    let secret = hmac(ck, &[]);
    let first = hmac(&secret, &[1]);
    [first, hmac(&secret, &[&first[..], &[2]].concat())]
}

fn case(id: &str, flag: &str, ck: [u8; 32], kem: Option<(u8, u8)>, comment: &str) -> Json {
    let (seed, random) = kem.map(|(s, r)| (seed(s), [r; 32])).unzip();
    let upgraded = seed.zip(random).map(|(s, r)| Kem::of(&s, &r)).unwrap_or_default();
    let suite = if kem.is_some() { SUITE_HYBRID } else { SUITE };
    let keys = |first| chain(first, &upgraded.material, EPOCHS).iter().map(|k| hex(k)).collect::<Vec<_>>();
    let [initiator, responder] = halves(&ck).map(keys);
    json!({
        "id": format!("session/keys/{id}"),
        "comment": comment,
        "reqs": if kem.is_some() { json!(["SES-026", "SES-034"]) } else { json!(["SES-026"]) },
        "flags": [flag],
        "result": "valid",
        "suite": suite.to_string(),
        "ck": hex(&ck),
        "kem_seed": seed.map(|s| hex(&s)).unwrap_or_default(),
        "kem_random": random.map(|r| hex(&r)).unwrap_or_default(),
        "encapsulation_key": hex(&upgraded.key),
        "ciphertext": hex(&upgraded.ciphertext),
        "shared_secret": hex(&upgraded.secret),
        "material": hex(&upgraded.material),
        "initiator": initiator,
        "responder": responder,
    })
}

/// A seed whose halves differ: d, then z.
pub(super) fn seed(byte: u8) -> [u8; 64] {
    let mut seed = [byte; 64];
    seed[32..].fill(!byte);
    seed
}

/// The last chaining key of a whole handshake of the vectors, so that the files are one chain.
fn last_ck(runs: &Json, name: &str) -> Result<[u8; 32], VectorError> {
    let run = runs["vectors"].as_array().into_iter().flatten().find(|r| r["name"] == name);
    let last = run.and_then(|r| r["messages"].as_array()?.iter().rfind(|m| m.get("ck").is_some()));
    let ck = last.and_then(|m| sized(m, "ck").ok());
    ck.ok_or_else(|| VectorError::Wrong(format!("{name} has no last chaining key")))
}

/// The file. `runs`: the whole handshakes, of which keys are made.
pub(in crate::vectors) fn text(known: &Numbers, runs: &Json) -> Result<String, VectorError> {
    let ordinary = "the keys of hs/xx/beacon-payloads";
    let hybrid = "the keys of hs/xx/suite-2, and an upgrade of fixed randomness";
    let tests = vec![
        case("suite-1", "Normal", last_ck(runs, "hs/xx/beacon-payloads")?, None, ordinary),
        case("suite-2", "Normal", last_ck(runs, "hs/xx/suite-2")?, Some((0x51, 0x52)), hybrid),
        case("zero", "Boundary", [0; 32], None, "a chaining key of zeros"),
        case("ones", "Boundary", [0xff; 32], Some((0xff, 0xff)), "a chaining key of ones, and randomness of ones"),
        case("same-kem", "Normal", [0x53; 32], Some((0x51, 0x52)), "the same upgrade after another handshake"),
        case("other-random", "Normal", [0x53; 32], Some((0x51, 0x54)), "another ciphertext for the same key"),
    ];
    for case in &tests {
        decide(case).map_err(|what| VectorError::Wrong(format!("{}: {what}", case["id"])))?;
    }
    let header = ["The keys of a session's epochs, from the last chaining key of its handshake."];
    let groups = vec![PlainGroup::about(PROCEDURE, "keys", tests)];
    Plain { name: FILE, algorithm: "mindos-session", header: &header, groups }.text(known)
}

/// All keys of a case or request, by the code of production.
pub(crate) fn play(request: &Json) -> Result<Json, Malformed> {
    let (suite, ck): (u16, [u8; 32]) = (number(request, "suite")?, sized(request, "ck")?);
    let mut out = json!({ "encapsulation_key": "", "ciphertext": "", "shared_secret": "", "material": "" });
    let mut taken = Vec::new();
    if suite == SUITE_HYBRID {
        let lacks = || "the provider has no ML-KEM".to_owned();
        let (seed, random) = (sized(request, "kem_seed")?, sized(request, "kem_random")?);
        let key = DEFAULT.kem_public(&seed).ok_or_else(lacks)?;
        let (ciphertext, secret) = DEFAULT.kem_encapsulate(&key, &random).ok_or_else(lacks)?;
        if DEFAULT.kem_decapsulate(&seed, &ciphertext) != Some(secret) {
            return Err("the initiator takes another secret out of the ciphertext".to_owned());
        }
        taken = material(&DEFAULT, secret, &key, &ciphertext).to_vec();
        let values = [hex(&key[..]), hex(&ciphertext[..]), hex(&secret), hex(&taken)];
        for (name, value) in OUTPUTS.iter().zip(values) {
            out[*name] = value.into();
        }
    } else if bytes(request, "kem_seed")?.len() + bytes(request, "kem_random")?.len() > 0 {
        return Err("suite 1 has no upgrade".to_owned());
    }
    let (initiator, responder) = split::<Blake3>(&DEFAULT, &ck);
    for (name, first) in [("initiator", initiator), ("responder", responder)] {
        out[name] = epochs(first, &taken).into();
    }
    Ok(out)
}

fn epochs(first: TransportKey, material: &[u8]) -> Vec<String> {
    let mut keys = vec![first];
    while let Some(last) = keys.last().filter(|_| keys.len() < EPOCHS) {
        let next = next_key(&DEFAULT, last, if keys.len() == 1 { material } else { &[] });
        keys.push(next);
    }
    keys.iter().map(|k| hex(k.dangerous_bytes())).collect()
}

/// Decides one case from what the file says alone.
pub(in crate::vectors) fn decide(case: &Json) -> Result<(), String> {
    let made = play(case)?;
    match OUTPUTS.iter().find(|name| made[**name] != case[**name]) {
        Some(name) => Err(format!("{name} is {}", made[*name])),
        None if case["result"] != "valid" => Err("is not valid".to_owned()),
        None => Ok(()),
    }
}
