//! Cases of sessions after the handshake (spec 04): keys, sealed packets, cookies. Every case is decided by the
//! session machine of production, alone; what it must come to is stated by the generator, which seals packets and
//! derives keys on its own.

pub(crate) mod cookie;
pub(crate) mod keys;
mod scripted;
pub(crate) mod transport;

use serde_json::Value as Json;

/// What is wrong with a case or request, for people.
type Malformed = String;

fn bytes(json: &Json, key: &str) -> Result<Vec<u8>, Malformed> {
    let decoded = json[key].as_str().and_then(|text| data_encoding::HEXLOWER.decode(text.as_bytes()).ok());
    decoded.ok_or_else(|| format!("`{key}` is not lower-case hex"))
}

fn sized<const N: usize>(json: &Json, key: &str) -> Result<[u8; N], Malformed> {
    bytes(json, key)?.try_into().map_err(|_| format!("`{key}` is not {N} bytes"))
}

fn number<T: std::str::FromStr>(json: &Json, key: &str) -> Result<T, Malformed> {
    json[key].as_str().and_then(|s| s.parse().ok()).ok_or_else(|| format!("`{key}` is no number"))
}

fn steps(json: &Json) -> Result<&[Json], Malformed> {
    json["steps"].as_array().map(Vec::as_slice).ok_or_else(|| "`steps` is no list".to_owned())
}

/// Holds what a machine did at each step of a case against what the case says.
fn compare(case: &Json, made: &[Json]) -> Result<(), String> {
    for (i, (step, made)) in steps(case)?.iter().zip(made).enumerate() {
        if step["out"] != made["out"] {
            return Err(format!("step {i}: out is {}, expected {}", made["out"], step["out"]));
        }
    }
    Ok(())
}
