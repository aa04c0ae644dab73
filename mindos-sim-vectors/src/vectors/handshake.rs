//! Cases of the handshake (spec 04): whole runs under the field names of Noise's own vectors, with every
//! intermediate secret, and messages that must be refused.

mod crafted;
mod refusals;
mod runs;

use mindos_core::crypto::{Crypto, DEFAULT};
use mindos_core::session::noise::{Blake3, Handshake, KEY_LEN, KeyPair};
use mindos_wire::{BeaconBody, Record, RecordBody, RecordHead, Tail, Tier, VERSION};
use serde_json::{Value as Json, json};

use super::case::{Numbers, RETIRED};
use super::group::Plain;
use super::{SUITE as VECTORS, VectorError};
use crate::inspect::{hex, unhex};

/// File of messages that must be refused.
pub(super) const REFUSALS: &str = "hs_fail_test.json";
/// Type of its groups.
pub(super) const PROCEDURE: &str = "HandshakeRefuse";

/// Who knows what of the other before the first message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pattern {
    /// Nobody anything.
    Xx,
    /// The initiator the responder's static key.
    Ik,
}

impl Pattern {
    const ALL: [Self; 2] = [Self::Xx, Self::Ik];

    /// File of its whole runs.
    pub(super) const fn file(self) -> &'static str {
        match self {
            Self::Xx => "hs_xx_test.json",
            Self::Ik => "hs_ik_test.json",
        }
    }

    /// Its part of an id.
    const fn id(self) -> &'static str {
        match self {
            Self::Xx => "xx",
            Self::Ik => "ik",
        }
    }

    /// Name of the protocol.
    pub(crate) const fn protocol(self) -> &'static str {
        match self {
            Self::Xx => "Noise_XX_25519_ChaChaPoly_BLAKE3",
            Self::Ik => "Noise_IK_25519_ChaChaPoly_BLAKE3",
        }
    }

    /// The pattern of a protocol's name.
    pub(crate) fn named(protocol: &Json) -> Option<Self> {
        Self::ALL.into_iter().find(|p| protocol == p.protocol())
    }

    /// Messages of the handshake itself; sealed ones follow.
    pub(crate) const fn messages(self) -> usize {
        match self {
            Self::Xx => 3,
            Self::Ik => 2,
        }
    }

    /// One side before its first message. `known`: the responder's static key, for the initiator of IK.
    pub(crate) fn start(self, side: &Side<'_>, known: Option<[u8; KEY_LEN]>) -> Result<Handshake<Blake3>, String> {
        let Side { crypto, initiator, prologue, own, ephemeral } = side;
        let (own, prologue) = (KeyPair::new(*crypto, *own), [*prologue]);
        Ok(match (self, initiator) {
            (Self::Xx, true) => Handshake::initiator_with(*crypto, &prologue, &own, *ephemeral),
            (Self::Xx, false) => Handshake::responder_with(*crypto, &prologue, &own, *ephemeral),
            (Self::Ik, false) => Handshake::ik_responder(*crypto, &prologue, &own, *ephemeral),
            (Self::Ik, true) => {
                let known = known.ok_or("an initiator of IK has to know a key")?;
                Handshake::ik_initiator(*crypto, &prologue, &own, *ephemeral, known)
            }
        })
    }
}

/// What one side of a handshake is made of.
pub(crate) struct Side<'a> {
    pub(crate) crypto: &'static dyn Crypto,
    pub(crate) initiator: bool,
    pub(crate) prologue: &'a [u8],
    /// Static secret.
    pub(crate) own: [u8; KEY_LEN],
    pub(crate) ephemeral: [u8; KEY_LEN],
}

/// As chapter 04 says.
pub(super) fn prologue(suite: u16, network: u32) -> Vec<u8> {
    [&b"MindOS"[..], &[VERSION], &suite.to_le_bytes(), &network.to_le_bytes()].concat()
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

/// The files. Numbers of published refusals are kept.
pub(super) fn texts(known: &Numbers) -> Result<Vec<(&'static str, String)>, VectorError> {
    let (mut out, mut groups) = (Vec::new(), Vec::new());
    for pattern in Pattern::ALL {
        let vectors = runs::of(pattern)?;
        if let Some(back) = RETIRED.iter().find(|r| vectors.iter().any(|run| run["name"] == r.1)) {
            return Err(VectorError::Wrong(format!("{}: a retired run does not come back", back.1)));
        }
        groups.extend(refusals::groups(pattern, &vectors)?);
        let file = json!({
            "suite": VECTORS,
            "algorithm": "mindos-handshake",
            "header": ["Whole handshakes."],
            "numberOfTests": vectors.len(),
            "vectors": vectors,
        });
        out.push((pattern.file(), format!("{file:#}\n")));
    }
    let header = ["Messages that must be refused; the genuine one must still be accepted after each."];
    let refusals = Plain { name: REFUSALS, algorithm: "mindos-handshake", header: &header, groups };
    out.push((REFUSALS, refusals.text(known)?));
    Ok(out)
}

/// A field of a run as bytes.
fn field(run: &Json, name: &str) -> Result<Vec<u8>, String> {
    run[name].as_str().and_then(unhex).ok_or_else(|| format!("{name} is not hex"))
}

fn key(run: &Json, name: &str) -> Result<[u8; KEY_LEN], String> {
    field(run, name)?.try_into().map_err(|_| format!("{name} is not 32 bytes"))
}

/// Both sides of a run before the first message.
fn started(run: &Json) -> Result<(Pattern, [Handshake<Blake3>; 2]), String> {
    let pattern = Pattern::named(&run["protocol_name"]).ok_or("protocol_name is unknown")?;
    let known = run.get("init_remote_static").map(|_| key(run, "init_remote_static")).transpose()?;
    let side = |side: &str, initiator| {
        let prologue = field(run, &format!("{side}_prologue"))?;
        let (own, ephemeral) = (key(run, &format!("{side}_static"))?, key(run, &format!("{side}_ephemeral"))?);
        pattern.start(&Side { crypto: &DEFAULT, initiator, prologue: &prologue, own, ephemeral }, known)
    };
    Ok((pattern, [side("init", true)?, side("resp", false)?]))
}

/// Decides one run from what the file says alone.
pub(super) fn decide_run(run: &Json) -> Result<(), String> {
    let (pattern, mut sides) = started(run)?;
    let list = run["messages"].as_array().ok_or("no messages")?;
    let [a, b] = &mut sides;
    for (i, m) in list.iter().take(pattern.messages()).enumerate() {
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
    let (initiators, receive) = initiator.split().map_err(|e| e.to_string())?;
    let (responders, forth) = responder.split().map_err(|e| e.to_string())?;
    for (i, m) in list.iter().enumerate().skip(pattern.messages()) {
        let (seals, opens) = if i % 2 == 0 { (&initiators, &forth) } else { (&responders, &receive) };
        let payload = field(m, "payload")?;
        let mut text = payload.clone();
        let tag = seals.seal(&DEFAULT, 0, &[], &mut text);
        if [&text[..], &tag].concat() != field(m, "ciphertext")?
            || !opens.open(&DEFAULT, 0, &[], &mut text, &tag)
            || text != payload
        {
            return Err("a sealed message differs".into());
        }
    }
    Ok(())
}

/// Decides one refusal from what its group and case say alone.
pub(super) fn decide_refusal(group: &Json, case: &Json) -> Result<(), String> {
    let message: usize = case["message"].as_str().and_then(|s| s.parse().ok()).ok_or("message is no number")?;
    let (pattern, mut sides) = started(group)?;
    if message >= pattern.messages() || case["result"] != "invalid" {
        return Err("not a refusal of a handshake message".into());
    }
    let ciphertext = field(case, "ciphertext")?;
    let [a, b] = &mut sides;
    for i in 0..=message {
        let (writer, reader) = if i % 2 == 0 { (&mut *a, &mut *b) } else { (&mut *b, &mut *a) };
        let genuine = field(&group["messages"][i], "ciphertext")?;
        // The reader refuses the false one in its place, and takes the genuine one after it.
        if i == message && reader.read(&ciphertext).is_ok() {
            return Err("was accepted".into());
        }
        let payload = field(&group["messages"][i], "payload")?;
        writer.write(&payload, &mut Vec::new()).map_err(|e| e.to_string())?;
        reader.read(&genuine).map_err(|e| format!("the genuine message {i} is refused: {e}"))?;
    }
    Ok(())
}
