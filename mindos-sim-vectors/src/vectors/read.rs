//! Reading what a vector states.

use serde_json::Value as Json;

use crate::inspect::unhex;

/// A number, written as text.
pub(super) fn number<T: std::str::FromStr>(json: &Json, key: &str) -> Result<T, String> {
    json[key].as_str().and_then(|s| s.parse().ok()).ok_or_else(|| format!("`{key}` is no number"))
}

pub(super) fn bytes(json: &Json) -> Result<Vec<u8>, String> {
    json.as_str().and_then(unhex).ok_or_else(|| format!("{json} is not hex"))
}

/// A name of 32 bytes.
pub(super) fn named(json: &Json) -> Result<[u8; 32], String> {
    bytes(json)?.try_into().map_err(|_| format!("{json} is not 32 bytes"))
}

pub(super) fn list<'a>(json: &'a Json, key: &str) -> Result<&'a [Json], String> {
    json[key].as_array().map(Vec::as_slice).ok_or_else(|| format!("`{key}` is no list"))
}
