//! Names of what a node says.

use mindos_core::{Class, DropReason, EndReason, Event, Handled, LeaseId, PersistKey};
use serde_json::{Map, Value as Json, json};

use super::inputs::write_work;
use crate::inspect::hex;

/// What became of an input, and the error class of bytes that do not decode.
pub(super) fn handled(handled: Handled) -> (&'static str, &'static str) {
    let Handled::Dropped(reason) = handled else { return ("accepted", "") };
    let name = match reason {
        DropReason::Malformed(error) => return ("malformed", error.class.name()),
        DropReason::OtherNetwork => "other-network",
        DropReason::UnknownSession => "unknown-session",
        DropReason::NotAuthentic => "not-authentic",
        DropReason::Replayed => "replayed",
        DropReason::WrongIdentity => "wrong-identity",
        DropReason::BadSignature => "bad-signature",
        DropReason::UnexpectedRecord => "unexpected-record",
        DropReason::UnexpectedFrame => "unexpected-frame",
        DropReason::Full => "full",
        DropReason::Backpressure => "backpressure",
        DropReason::NotReady => "not-ready",
        DropReason::ApiMisuse(_) => "api-misuse",
        _ => "other",
    };
    (name, "")
}

/// Name of a class.
pub(super) const fn class(class: Class) -> &'static str {
    match class {
        Class::Probe => "probe",
        Class::Message => "message",
        Class::Bulk => "bulk",
    }
}

/// Name of a record on stable storage.
pub(super) const fn key(key: PersistKey) -> &'static str {
    match key {
        PersistKey::Sequence => "sequence",
        PersistKey::Incarnation => "incarnation",
        PersistKey::Epoch => "epoch",
        PersistKey::Contacts => "contacts",
        _ => "other",
    }
}

/// An event as it stands in a step.
pub(super) fn event(event: &Event) -> Json {
    let (name, fields) = match event {
        Event::Ready => ("ready", json!({})),
        Event::Connected { node } => ("connected", json!({ "node": hex(&node.0) })),
        Event::Pong { node, rtt } => ("pong", json!({ "node": hex(&node.0), "rtt_us": rtt.0.to_string() })),
        Event::MemberUp { node } => ("member-up", json!({ "node": hex(&node.0) })),
        Event::MemberSuspect { node } => ("member-suspect", json!({ "node": hex(&node.0) })),
        Event::MemberDown { node, incarnation } => {
            ("member-down", json!({ "node": hex(&node.0), "incarnation": incarnation.to_string() }))
        }
        Event::MemberLeft { node } => ("member-left", json!({ "node": hex(&node.0) })),
        Event::Refuted { incarnation } => ("refuted", json!({ "incarnation": incarnation.to_string() })),
        Event::Execute { lease, origin, work } => {
            ("execute", of(lease, json!({ "origin": hex(&origin.0), "work": write_work(work) })))
        }
        Event::Stop { lease } => ("stop", of(lease, json!({}))),
        Event::Leased { lease, worker, finish_in } => {
            ("leased", of(lease, json!({ "worker": hex(&worker.0), "finish_in_us": finish_in.0.to_string() })))
        }
        Event::Redispatched { lease, worker } => ("redispatched", of(lease, json!({ "worker": hex(&worker.0) }))),
        Event::Completed { lease, worker, status, output } => {
            let fields = json!({ "worker": hex(&worker.0), "status": status.name(), "output": hex(output) });
            ("completed", of(lease, fields))
        }
        Event::Ended { intent, reason } => ("ended", ended(&intent.0, *reason)),
        Event::Earned { lease, price, .. } => ("earned", of(lease, json!({ "price": price.to_string() }))),
        Event::Judged { worker, kept } => {
            ("judged", json!({ "worker": hex(&worker.0), "kept": if *kept { "1" } else { "0" } }))
        }
        other => ("other", json!({ "debug": format!("{other:?}") })),
    };
    let mut out = fields.as_object().cloned().unwrap_or_default();
    out.insert("type".into(), json!("event"));
    out.insert("name".into(), json!(name));
    Json::Object(out)
}

fn of(lease: &LeaseId, fields: Json) -> Json {
    let mut out: Map<String, Json> = fields.as_object().cloned().unwrap_or_default();
    out.insert("intent".into(), json!(hex(&lease.intent.0)));
    out.insert("epoch".into(), json!(lease.epoch.to_string()));
    Json::Object(out)
}

fn ended(intent: &[u8; 32], reason: EndReason) -> Json {
    let (reason, worker) = match reason {
        EndReason::Expired => ("expired", String::new()),
        EndReason::Cancelled => ("cancelled", String::new()),
        EndReason::CancelUnconfirmed { worker } => ("cancel-unconfirmed", hex(&worker.0)),
        _ => ("other", String::new()),
    };
    json!({ "intent": hex(intent), "reason": reason, "worker": worker })
}
