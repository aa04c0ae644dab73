//! One side of a handshake: it writes its own messages and reads its peer's.

use mindos_core::crypto::DEFAULT;
use mindos_core::session::noise::{Blake3, Handshake, NoiseError, TransportKey};
use serde_json::{Value as Json, json};

use super::{Malformed, bytes, list, sized};
use crate::inspect::hex;
use crate::vectors::NOISE_XX;

/// Messages of the handshake itself; the sealed ones follow.
const HANDSHAKE: usize = 3;
/// All messages: one is sealed by each side.
const MESSAGES: usize = HANDSHAKE + 2;

/// Plays one side as told.
pub(super) fn play(request: &Json) -> Result<Json, Malformed> {
    if request["protocol_name"] != NOISE_XX {
        return Ok(json!({ "status": "skip", "why": format!("only {NOISE_XX} is known here") }));
    }
    let mut side = Side::new(request)?;
    let messages = list(request, "messages")?.iter().map(|message| side.message(message));
    Ok(json!({ "status": "ok", "messages": messages.collect::<Result<Vec<_>, _>>()? }))
}

/// Where a side stands.
enum State {
    Handshake(Box<Handshake<Blake3>>),
    /// Keys to send and to receive with.
    Sealed(TransportKey, TransportKey),
    /// Between the two.
    Lost,
}

struct Side {
    initiator: bool,
    done: usize,
    state: State,
}

impl Side {
    fn new(request: &Json) -> Result<Self, Malformed> {
        let prologue = bytes(request, "prologue")?;
        let (own, ephemeral) = (sized(request, "static")?, sized(request, "ephemeral")?);
        let initiator = match request["role"].as_str() {
            Some("initiator") => true,
            Some("responder") => false,
            _ => return Err("`role` is neither initiator nor responder".to_owned()),
        };
        let start = if initiator { Handshake::initiator } else { Handshake::responder };
        let state = State::Handshake(Box::new(start(&DEFAULT, &[&prologue], own, ephemeral)));
        Ok(Self { initiator, done: 0, state })
    }

    /// Writes a `payload`, or reads a `ciphertext`. A refused message leaves everything as it was.
    fn message(&mut self, message: &Json) -> Result<Json, Malformed> {
        let writes = message.get("payload").is_some();
        // The initiator writes messages 0, 2 and 3, the responder 1 and 4.
        if writes != (self.initiator == matches!(self.done, 0 | 2 | 3)) || self.done >= MESSAGES {
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
            State::Sealed(send, _) => {
                out.extend_from_slice(payload);
                let tag = send.seal(&DEFAULT, 0, &[], &mut out);
                out.extend(tag);
            }
            State::Lost => return None,
        }
        Some(out)
    }

    fn read(&mut self, ciphertext: &[u8]) -> Option<Vec<u8>> {
        match &mut self.state {
            State::Handshake(handshake) => handshake.read(ciphertext).ok(),
            State::Sealed(_, receive) => {
                let (text, tag) = ciphertext.split_last_chunk()?;
                let mut text = text.to_vec();
                receive.open(&DEFAULT, 0, &[], &mut text, tag).then_some(text)
            }
            State::Lost => None,
        }
    }

    fn advance(&mut self) -> Result<(), NoiseError> {
        self.done += 1;
        if self.done == HANDSHAKE
            && let State::Handshake(handshake) = std::mem::replace(&mut self.state, State::Lost)
        {
            let (send, receive) = handshake.split()?;
            self.state = State::Sealed(send, receive);
        }
        Ok(())
    }
}
