//! Inputs to JSON and back.

use bytes::Bytes;
use mindos_core::wire::{Effect, Label, ResultStatus, Stakes};
use mindos_core::{Capability, Capacity, Command, Duration, Input, IntentId, IntentRequest, LeaseId, NodeId, PathId};
use serde_json::{Value as Json, json};

use crate::inspect::{hex, unhex};

/// A number that is written as decimal digits.
pub(super) fn number(json: &Json, key: &str) -> Result<u64, String> {
    json[key].as_str().and_then(|s| s.parse().ok()).ok_or_else(|| format!("{key} is no number"))
}

fn small<T: TryFrom<u64>>(json: &Json, key: &str) -> Result<T, String> {
    T::try_from(number(json, key)?).map_err(|_| format!("{key} is too large"))
}

/// Bytes that are written as hex.
pub(super) fn hex_of(json: &Json, key: &str) -> Result<Vec<u8>, String> {
    json[key].as_str().and_then(unhex).ok_or_else(|| format!("{key} is not hex"))
}

/// Bytes of a fixed length.
pub(super) fn array(json: &Json, key: &str) -> Result<[u8; 32], String> {
    hex_of(json, key)?.try_into().map_err(|_| format!("{key} is not 32 bytes"))
}

/// A code point by its name.
pub(super) fn code<T: Copy>(json: &Json, key: &str, all: &[T], name: fn(T) -> &'static str) -> Result<T, String> {
    all.iter().copied().find(|c| json[key] == name(*c)).ok_or_else(|| format!("{key} is no name of a code"))
}

/// A lease as two members.
fn lease(json: &Json) -> Result<LeaseId, String> {
    Ok(LeaseId { intent: IntentId(array(json, "intent")?), epoch: number(json, "epoch")? })
}

/// An input as it stands in a step.
pub(super) fn write(input: &Input) -> Json {
    match input {
        Input::Datagram { path, bytes } => {
            json!({ "type": "datagram", "path": path.0.to_string(), "bytes": hex(bytes) })
        }
        Input::Timeout => json!({ "type": "timeout" }),
        Input::PathReady { path, mtu } => {
            json!({ "type": "path-ready", "path": path.0.to_string(), "mtu": mtu.to_string() })
        }
        Input::PathFailed { path } => json!({ "type": "path-failed", "path": path.0.to_string() }),
        Input::Persisted { token } => json!({ "type": "persisted", "token": token.to_string() }),
        Input::WallClock { unix_s } => json!({ "type": "wall-clock", "unix_s": unix_s.to_string() }),
        Input::Command(command) => write_command(command),
        other => json!({ "type": format!("{other:?}") }),
    }
}

fn write_command(command: &Command) -> Json {
    match command {
        Command::Join { locator } => json!({ "type": "join", "locator": hex(locator) }),
        Command::Leave => json!({ "type": "leave" }),
        Command::Ping { node } => json!({ "type": "ping", "node": hex(&node.0) }),
        Command::SetCapacity(c) => json!({
            "type": "set-capacity",
            "slots": c.slots.to_string(),
            "context_rate": c.context_rate.to_string(),
            "generated_rate": c.generated_rate.to_string(),
            "context_free": c.context_free.to_string(),
            "stakes": c.stakes.map_or("", Stakes::name),
            "clearance": c.clearance.map_or("", Label::name),
            "capabilities": c.capabilities.iter().map(|c| json!({
                "name": hex(&c.name),
                "competence": c.competence.to_string(),
                "price": c.price.to_string(),
            })).collect::<Vec<_>>(),
            "credit": c.credit.to_string(),
        }),
        Command::Submit(work) => json!({ "type": "submit", "work": write_work(work) }),
        Command::Cancel { intent } => json!({ "type": "cancel", "intent": hex(&intent.0) }),
        Command::Progress { lease, done } => json!({
            "type": "progress",
            "intent": hex(&lease.intent.0),
            "epoch": lease.epoch.to_string(),
            "done": done.to_string(),
        }),
        Command::Finish { lease, status, output } => json!({
            "type": "finish",
            "intent": hex(&lease.intent.0),
            "epoch": lease.epoch.to_string(),
            "status": status.name(),
            "output": hex(output),
        }),
        other => json!({ "type": format!("{other:?}") }),
    }
}

/// Work as its origin stated it.
pub(super) fn write_work(work: &IntentRequest) -> Json {
    json!({
        "capability": hex(&work.capability),
        "context_tokens": work.context_tokens.to_string(),
        "generated_tokens": work.generated_tokens.to_string(),
        "lifetime_us": work.lifetime.0.to_string(),
        "budget": work.budget.to_string(),
        "label": work.label.name(),
        "depth": work.depth.to_string(),
        "effect": work.effect.name(),
        "stakes": work.stakes.name(),
        "contexts": work.contexts.iter().map(|c| hex(c)).collect::<Vec<_>>(),
        "payload": hex(&work.payload),
    })
}

/// An input out of a step.
pub(super) fn read(json: &Json) -> Result<Input, String> {
    let path = || small(json, "path").map(PathId);
    Ok(match json["type"].as_str().unwrap_or_default() {
        "datagram" => Input::Datagram { path: path()?, bytes: Bytes::from(hex_of(json, "bytes")?) },
        "timeout" => Input::Timeout,
        "path-ready" => Input::PathReady { path: path()?, mtu: small(json, "mtu")? },
        "path-failed" => Input::PathFailed { path: path()? },
        "persisted" => Input::Persisted { token: number(json, "token")? },
        "wall-clock" => Input::WallClock { unix_s: number(json, "unix_s")? },
        kind => Input::Command(read_command(kind, json)?),
    })
}

fn read_command(kind: &str, json: &Json) -> Result<Command, String> {
    Ok(match kind {
        "join" => Command::Join { locator: Bytes::from(hex_of(json, "locator")?) },
        "leave" => Command::Leave,
        "ping" => Command::Ping { node: NodeId(array(json, "node")?) },
        "set-capacity" => Command::SetCapacity(read_capacity(json)?),
        "submit" => Command::Submit(read_work(&json["work"])?),
        "cancel" => Command::Cancel { intent: IntentId(array(json, "intent")?) },
        "progress" => Command::Progress { lease: lease(json)?, done: small(json, "done")? },
        "finish" => Command::Finish {
            lease: lease(json)?,
            status: code(json, "status", ResultStatus::ALL, ResultStatus::name)?,
            output: Bytes::from(hex_of(json, "output")?),
        },
        other => return Err(format!("unknown input {other:?}")),
    })
}

fn read_capacity(json: &Json) -> Result<Capacity, String> {
    let capabilities = json["capabilities"].as_array().into_iter().flatten().map(|c| {
        Ok(Capability { name: array(c, "name")?, competence: small(c, "competence")?, price: small(c, "price")? })
    });
    let none = |key: &str| json[key] == "";
    Ok(Capacity {
        slots: small(json, "slots")?,
        context_rate: number(json, "context_rate")?,
        generated_rate: number(json, "generated_rate")?,
        context_free: number(json, "context_free")?,
        stakes: if none("stakes") { None } else { Some(code(json, "stakes", Stakes::ALL, Stakes::name)?) },
        clearance: if none("clearance") { None } else { Some(code(json, "clearance", Label::ALL, Label::name)?) },
        capabilities: capabilities.collect::<Result<_, String>>()?,
        credit: number(json, "credit")?,
    })
}

fn read_work(json: &Json) -> Result<IntentRequest, String> {
    let contexts = json["contexts"].as_array().into_iter().flatten();
    let contexts = contexts.map(|c| c.as_str().and_then(unhex).map(Bytes::from).ok_or("a context is not hex"));
    Ok(IntentRequest {
        capability: array(json, "capability")?,
        context_tokens: small(json, "context_tokens")?,
        generated_tokens: small(json, "generated_tokens")?,
        lifetime: Duration(number(json, "lifetime_us")?),
        budget: number(json, "budget")?,
        label: code(json, "label", Label::ALL, Label::name)?,
        depth: small(json, "depth")?,
        effect: code(json, "effect", Effect::ALL, Effect::name)?,
        stakes: code(json, "stakes", Stakes::ALL, Stakes::name)?,
        contexts: contexts.collect::<Result<_, _>>()?,
        payload: Bytes::from(hex_of(json, "payload")?),
    })
}
