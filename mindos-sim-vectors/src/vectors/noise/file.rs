//! Files of vectors in the form of cacophony, which snow and others share.

use data_encoding::HEXLOWER_PERMISSIVE;
use serde::de::{Deserialize, Deserializer, Error};

/// Bytes in hex of either case.
#[derive(Default)]
pub(super) struct Hex(pub(super) Vec<u8>);

impl<'de> Deserialize<'de> for Hex {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = HEXLOWER_PERMISSIVE.decode(text.as_bytes());
        bytes.map(Self).map_err(|error| D::Error::custom(format_args!("expected bytes in hex: {error}")))
    }
}

/// A handshake and what followed. Members that are not listed, such as those for pre-shared keys, belong to protocols
/// that are skipped.
#[derive(serde::Deserialize)]
pub(super) struct Vector {
    pub(super) protocol_name: String,
    /// Whether the handshake is to fail; such vectors have other rules.
    #[serde(default)]
    pub(super) fail: bool,
    #[serde(default)]
    pub(super) fallback: bool,
    #[serde(default)]
    pub(super) init_prologue: Hex,
    pub(super) init_static: Option<Hex>,
    pub(super) init_ephemeral: Option<Hex>,
    pub(super) init_remote_static: Option<Hex>,
    #[serde(default)]
    pub(super) resp_prologue: Hex,
    pub(super) resp_static: Option<Hex>,
    pub(super) resp_ephemeral: Option<Hex>,
    /// Some files have none.
    pub(super) handshake_hash: Option<Hex>,
    pub(super) messages: Vec<Message>,
}

/// The sides take turns, the initiator first, through handshake and transport alike.
#[derive(serde::Deserialize)]
pub(super) struct Message {
    pub(super) payload: Hex,
    pub(super) ciphertext: Hex,
}

#[derive(serde::Deserialize)]
struct File {
    vectors: Vec<Vector>,
}

/// The vectors of a file: an object with the list `vectors`, or the list alone.
pub(super) fn read(text: &str) -> Result<Vec<Vector>, String> {
    // Decided beforehand: an untagged enum would lose line, column and reason.
    let list = text.trim_start().starts_with('[');
    let vectors = match list {
        true => serde_json::from_str(text),
        false => serde_json::from_str(text).map(|file: File| file.vectors),
    };
    let vectors: Vec<Vector> = vectors.map_err(|error| error.to_string())?;
    match vectors.is_empty() {
        true => Err("expected at least one vector, found none".to_owned()),
        false => Ok(vectors),
    }
}
