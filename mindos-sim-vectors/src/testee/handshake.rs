//! One side of a handshake: it writes its own messages and reads its peer's.

use mindos_core::crypto::DEFAULT;
use mindos_core::session::noise::{Blake3, Handshake, NoiseError, TransportKey};
use serde_json::{Value as Json, json};

use super::{Malformed, bytes, list, sized};
use crate::inspect::hex;
use crate::vectors::{NoisePattern, NoiseSide};

/// Plays one side as told.
pub(super) fn play(request: &Json) -> Result<Json, Malformed> {
    let Some(pattern) = NoisePattern::named(&request["protocol_name"]) else {
        return Ok(json!({ "status": "skip", "why": "this protocol is not known here" }));
    };
    let mut side = Side::new(pattern, request)?;
    let messages = list(request, "messages")?.iter().map(|message| side.message(message));
    Ok(json!({ "status": "ok", "messages": messages.collect::<Result<Vec<_>, _>>()? }))
}

/// Where a side stands.
enum State {
    Handshake(Box<Handshake<Blake3>>),
    Sealed(Sealed),
    /// Between the two.
    Lost,
}

/// Keys to send and to receive with, and what was sent and received.
struct Sealed {
    send: TransportKey,
    receive: TransportKey,
    sent: u64,
    received: u64,
}

struct Side {
    pattern: NoisePattern,
    initiator: bool,
    done: usize,
    state: State,
}

impl Side {
    fn new(pattern: NoisePattern, request: &Json) -> Result<Self, Malformed> {
        let prologue = bytes(request, "prologue")?;
        let (own, ephemeral) = (sized(request, "static")?, sized(request, "ephemeral")?);
        let initiator = match request["role"].as_str() {
            Some("initiator") => true,
            Some("responder") => false,
            _ => return Err("`role` is neither initiator nor responder".to_owned()),
        };
        let known = request.get("remote_static").map(|_| sized(request, "remote_static")).transpose()?;
        let side = NoiseSide { crypto: &DEFAULT, initiator, prologue: &prologue, own, ephemeral };
        let state = State::Handshake(Box::new(pattern.start(&side, known)?));
        Ok(Self { pattern, initiator, done: 0, state })
    }

    /// Writes a `payload`, or reads a `ciphertext`. A refused message leaves everything as it was.
    fn message(&mut self, message: &Json) -> Result<Json, Malformed> {
        let writes = message.get("payload").is_some();
        if writes != (self.initiator == self.done.is_multiple_of(2)) {
            return Err(format!("message {} is not to be {}", self.done, if writes { "written" } else { "read" }));
        }
        let (key, made) = match writes {
            true => ("ciphertext", self.write(&bytes(message, "payload")?)),
            false => ("payload", self.read(&bytes(message, "ciphertext")?)),
        };
        let Some(made) = made else { return Ok(json!({ "refused": "1" })) };
        let mut told = json!({ key: hex(&made) });
        if let State::Handshake(handshake) = &self.state {
            let secrets = handshake.dangerous_intermediates();
            told["h"] = hex(&secrets.h).into();
            told["ck"] = hex(&secrets.ck).into();
            told["k"] = secrets.k.map(|k| hex(&k)).unwrap_or_default().into();
        }
        self.advance().map_err(|error| error.to_string())?;
        Ok(told)
    }

    fn write(&mut self, payload: &[u8]) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        match &mut self.state {
            State::Handshake(handshake) => handshake.write(payload, &mut out).ok()?,
            State::Sealed(sealed) => {
                out.extend_from_slice(payload);
                let tag = sealed.send.seal(&DEFAULT, sealed.sent, &[], &mut out);
                sealed.sent += 1;
                out.extend(tag);
            }
            State::Lost => return None,
        }
        Some(out)
    }

    fn read(&mut self, ciphertext: &[u8]) -> Option<Vec<u8>> {
        match &mut self.state {
            State::Handshake(handshake) => handshake.read(ciphertext).ok(),
            State::Sealed(sealed) => {
                let (text, tag) = ciphertext.split_last_chunk()?;
                let mut text = text.to_vec();
                let good = sealed.receive.open(&DEFAULT, sealed.received, &[], &mut text, tag);
                sealed.received += u64::from(good);
                good.then_some(text)
            }
            State::Lost => None,
        }
    }

    fn advance(&mut self) -> Result<(), NoiseError> {
        self.done += 1;
        if self.done == self.pattern.messages()
            && let State::Handshake(handshake) = std::mem::replace(&mut self.state, State::Lost)
        {
            let (send, receive) = handshake.split()?;
            self.state = State::Sealed(Sealed { send, receive, sent: 0, received: 0 });
        }
        Ok(())
    }
}
