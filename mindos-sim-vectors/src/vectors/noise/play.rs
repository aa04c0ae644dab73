//! Decides one vector: both sides, message by message.

use mindos_core::crypto::DEFAULT;
use mindos_core::session::noise::{Handshake, Hash, KEY_LEN, KeyPair, TransportKey};

use super::file::{Hex, Vector};
use super::hashes::{Blake2s, Sha256};
use crate::inspect::hex;

/// What held of a vector.
pub(super) struct Held {
    pub(super) handshake_messages: usize,
    pub(super) transport_messages: usize,
    /// Whether the vector has one.
    pub(super) handshake_hash: bool,
}

/// Why a vector did not pass.
pub(super) enum Trouble {
    /// It is about something that the core does not do.
    Skipped(String),
    /// It lacks what it needs, or that has a wrong length.
    Malformed(String),
    /// It and the core differ.
    Wrong(Wrong),
}

/// In what they differ.
pub(super) struct Wrong {
    pub(super) message: Option<usize>,
    pub(super) what: &'static str,
    pub(super) at: Option<usize>,
    pub(super) expected: String,
    pub(super) got: String,
}

#[derive(Clone, Copy)]
enum Pattern {
    Xx,
    Ik,
}

/// Plays a vector by its protocol.
pub(super) fn play(vector: &Vector) -> Result<Held, Trouble> {
    let (pattern, hash) = protocol(&vector.protocol_name).map_err(Trouble::Skipped)?;
    match (vector.fail, vector.fallback, hash) {
        (true, _, _) => Err(Trouble::Skipped("is to fail".to_owned())),
        (_, true, _) => Err(Trouble::Skipped("fallback".to_owned())),
        (_, _, "SHA256") => played::<Sha256>(vector, pattern),
        _ => played::<Blake2s>(vector, pattern),
    }
}

/// The pattern and the hash of a protocol name, or why it is skipped.
fn protocol(name: &str) -> Result<(Pattern, &str), String> {
    let parts: Vec<&str> = name.split('_').collect();
    let &["Noise", pattern, dh, cipher, hash] = parts.as_slice() else {
        return Err("not a name of the form Noise_pattern_DH_cipher_hash".to_owned());
    };
    // A pattern is in capitals and digits, and modifiers follow in small letters.
    let base = pattern.find(|c: char| c.is_ascii_lowercase()).unwrap_or(pattern.len());
    let (base, modifiers) = pattern.split_at(base);
    let pattern = match base {
        "XX" => Pattern::Xx,
        "IK" => Pattern::Ik,
        other => return Err(format!("pattern {other}")),
    };
    match (modifiers, dh, cipher, hash) {
        ("", "25519", "ChaChaPoly", "BLAKE2s" | "SHA256") => Ok((pattern, hash)),
        ("", "25519", "ChaChaPoly", other) => Err(format!("hash {other}")),
        ("", "25519", other, _) => Err(format!("cipher {other}")),
        ("", other, _, _) => Err(format!("DH {other}")),
        (modifiers, _, _, _) => Err(format!("modifier {modifiers}")),
    }
}

fn played<H: Hash>(vector: &Vector, pattern: Pattern) -> Result<Held, Trouble> {
    let mut sides: [Handshake<H>; 2] = sides(vector, pattern)?;
    let handshake_messages = match pattern {
        Pattern::Xx => 3,
        Pattern::Ik => 2,
    };
    if vector.messages.len() < handshake_messages {
        let found = vector.messages.len();
        return Err(Trouble::Malformed(format!("messages: expected at least {handshake_messages}, found {found}")));
    }
    for (i, message) in vector.messages.iter().enumerate().take(handshake_messages) {
        let [initiator, responder] = &mut sides;
        let (writer, reader) = if i % 2 == 0 { (initiator, responder) } else { (responder, initiator) };
        let mut written = Vec::new();
        let refusal = writer.write(&message.payload.0, &mut written).err().map(|error| error.to_string());
        equal(Some(i), "ciphertext", &message.ciphertext, refusal.map_or(Ok(&written), Err))?;
        let read = reader.read(&message.ciphertext.0).map_err(|error| error.to_string());
        equal(Some(i), "payload", &message.payload, read)?;
    }
    if let Some(hash) = &vector.handshake_hash {
        for side in &sides {
            equal(None, "handshake_hash", hash, Ok(side.handshake_hash()))?;
        }
    }
    // Each side's keys: to send and to receive with.
    let [initiator, responder] = sides;
    let keys = match (initiator.split(), responder.split()) {
        (Ok(initiator), Ok(responder)) => [initiator, responder],
        (Err(error), _) | (_, Err(error)) => return Err(Trouble::Malformed(error.to_string())),
    };
    let mut counters = [0; 2];
    for (i, message) in vector.messages.iter().enumerate().skip(handshake_messages) {
        let [initiator, responder] = &keys;
        let (send, receive) = if i % 2 == 0 { (&initiator.0, &responder.1) } else { (&responder.0, &initiator.1) };
        let [initiators, responders] = &mut counters;
        let counter = if i % 2 == 0 { initiators } else { responders };
        equal(Some(i), "ciphertext", &message.ciphertext, Ok(seal(send, *counter, &message.payload.0)))?;
        let opened = open(receive, *counter, &message.ciphertext.0).ok_or("authentication failed".to_owned());
        equal(Some(i), "payload", &message.payload, opened)?;
        *counter += 1;
    }
    let transport_messages = vector.messages.len() - handshake_messages;
    Ok(Held { handshake_messages, transport_messages, handshake_hash: vector.handshake_hash.is_some() })
}

/// Initiator and responder before the first message.
fn sides<H: Hash>(vector: &Vector, pattern: Pattern) -> Result<[Handshake<H>; 2], Trouble> {
    let ours = KeyPair::new(&DEFAULT, key("init_static", &vector.init_static)?);
    let theirs = KeyPair::new(&DEFAULT, key("resp_static", &vector.resp_static)?);
    let (e, f) = (key("init_ephemeral", &vector.init_ephemeral)?, key("resp_ephemeral", &vector.resp_ephemeral)?);
    let (here, there) = ([vector.init_prologue.0.as_slice()], [vector.resp_prologue.0.as_slice()]);
    Ok(match pattern {
        Pattern::Xx => [
            Handshake::initiator_with(&DEFAULT, &here, &ours, e),
            Handshake::responder_with(&DEFAULT, &there, &theirs, f),
        ],
        Pattern::Ik => {
            let known = key("init_remote_static", &vector.init_remote_static)?;
            [
                Handshake::ik_initiator(&DEFAULT, &here, &ours, e, known),
                Handshake::ik_responder(&DEFAULT, &there, &theirs, f),
            ]
        }
    })
}

fn key(name: &str, hex: &Option<Hex>) -> Result<[u8; KEY_LEN], Trouble> {
    let wrong = |found: String| Trouble::Malformed(format!("{name}: expected {KEY_LEN} bytes, found {found}"));
    let bytes = &hex.as_ref().ok_or_else(|| wrong("nothing".to_owned()))?.0;
    bytes.as_slice().try_into().map_err(|_| wrong(bytes.len().to_string()))
}

/// Holds bytes, or the reason why there are none, against what the file says.
fn equal(
    message: Option<usize>,
    what: &'static str,
    expected: &Hex,
    got: Result<impl AsRef<[u8]>, String>,
) -> Result<(), Trouble> {
    let expected = expected.0.as_slice();
    let (at, got) = match got {
        Ok(got) if got.as_ref() == expected => return Ok(()),
        Ok(got) => {
            let same = expected.iter().zip(got.as_ref()).take_while(|(a, b)| a == b).count();
            (Some(same), hex(got.as_ref()))
        }
        Err(refusal) => (None, refusal),
    };
    Err(Trouble::Wrong(Wrong { message, what, at, expected: hex(expected), got }))
}

fn seal(key: &TransportKey, counter: u64, payload: &[u8]) -> Vec<u8> {
    let mut sealed = payload.to_vec();
    let tag = key.seal(&DEFAULT, counter, &[], &mut sealed);
    sealed.extend(tag);
    sealed
}

fn open(key: &TransportKey, counter: u64, sealed: &[u8]) -> Option<Vec<u8>> {
    let (text, tag) = sealed.split_last_chunk()?;
    let mut text = text.to_vec();
    key.open(&DEFAULT, counter, &[], &mut text, tag).then_some(text)
}
