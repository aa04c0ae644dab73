//! The table of fields.

use std::fmt::Write;

use mindos_wire::{FrameType, RecordType};
use serde_json::{Value as Json, json};

use super::{Decoded, Event, Kind, Leaf, Refused, Trace};

/// One line of the table.
struct Row {
    at: usize,
    len: usize,
    depth: usize,
    name: String,
    value: String,
}

/// Long byte strings are cut to this many bytes on a terminal; `--json` has them whole.
const SHOWN: usize = 32;

/// The result in words: every field with offset, length, name and value, or the refusal after what was read.
pub fn render(result: &Result<Decoded, Refused>) -> String {
    let mut out = String::new();
    let (kind, traces) = match result {
        Ok(d) => (d.kind, &d.traces),
        Err(r) => (r.kind, &r.traces),
    };
    let _ = writeln!(out, "{}{}", kind.name(), if result.is_ok() { "" } else { ", refused" });
    let _ = writeln!(out, "{:>6} {:>6}  field", "offset", "length");
    for trace in traces {
        for row in rows(kind, trace) {
            let label = format!("{:indent$}{}", "", row.name, indent = 2 * row.depth);
            let _ = writeln!(out, "{:>6} {:>6}  {label:<24} {}", row.at, row.len, row.value);
        }
    }
    if let Err(r) = result {
        let _ = writeln!(out, "refused: {} at byte {}: {}", r.error.class, r.error.at, expected(r));
    }
    out
}

/// What stood, or should have stood, at the position.
fn expected(r: &Refused) -> String {
    use mindos_wire::ErrorClass as C;
    let what = r.error.what;
    match r.error.class {
        C::Truncated => format!("expected all of `{what}`, and the input or body ends"),
        C::Trailing => format!("expected the end of the {what}"),
        C::Range => format!("expected `{what}` within its range"),
        C::Order => format!("expected `{what}` to rise"),
        C::Reserved => format!("expected zero: `{what}`"),
        _ => format!("expected a known {what}"),
    }
}

fn rows(kind: Kind, trace: &Trace) -> Vec<Row> {
    let mut depth = 0;
    let mut out = Vec::new();
    for event in &trace.events {
        match event {
            Event::Leaf { name, span, value } => out.push(Row {
                at: span.start,
                len: span.len(),
                depth,
                name: (*name).to_string(),
                value: show(kind, depth, name, value),
            }),
            Event::List { name, span, count } => {
                let value = format!("{count} {}", if *count == 1 { "item" } else { "items" });
                out.push(Row { at: span.start, len: span.len(), depth, name: (*name).to_string(), value });
                depth += 1;
            }
            Event::Open { name, at } => {
                out.push(Row { at: *at, len: 0, depth, name: (*name).to_string(), value: String::new() });
                depth += 1;
            }
            Event::Close => depth = depth.saturating_sub(1),
        }
    }
    out
}

fn show(kind: Kind, depth: usize, name: &str, value: &Leaf) -> String {
    match value {
        Leaf::Uint(v) if depth == 0 && name == "type" => format!("0x{v:02x} {}", type_name(kind, *v)),
        Leaf::Uint(v) if depth == 0 && name == "kind" => format!("{v} {}", packet_name(*v)),
        Leaf::Uint(v) => v.to_string(),
        Leaf::Code(v, label) => format!("{v} {label}"),
        Leaf::Bytes(b) if b.len() > SHOWN => {
            format!("{}… ({} bytes)", super::hex(b.get(..SHOWN).unwrap_or_default()), b.len())
        }
        Leaf::Bytes(b) if b.is_empty() => "empty".to_string(),
        Leaf::Bytes(b) => super::hex(b),
        Leaf::Text(text) => text.clone(),
    }
}

fn type_name(kind: Kind, code: u64) -> &'static str {
    let found = match kind {
        Kind::Record => RecordType::ALL.iter().find(|t| u64::from(t.code) == code).map(|t| t.name),
        _ => FrameType::ALL.iter().find(|t| u64::from(t.code) == code).map(|t| t.name),
    };
    found.unwrap_or(if code % 2 == 1 { "unknown, may be ignored" } else { "unknown" })
}

fn packet_name(kind: u64) -> &'static str {
    match kind {
        1 => "hello",
        2 => "reply",
        3 => "finish",
        4 => "sealed",
        5 => "retry",
        _ => "unknown",
    }
}

/// All fields with their whole values.
pub(super) fn rows_json(traces: &[Trace]) -> Json {
    let mut out = Vec::new();
    for trace in traces {
        let mut depth = 0_usize;
        for event in &trace.events {
            match event {
                Event::Leaf { name, span, value } => out.push(
                    json!({ "offset": span.start, "length": span.len(), "depth": depth, "name": name, "value": value.text() }),
                ),
                Event::List { name, span, count } => {
                    out.push(json!({ "offset": span.start, "length": span.len(), "depth": depth, "name": name, "items": count }));
                    depth += 1;
                }
                Event::Open { .. } => depth += 1,
                Event::Close => depth = depth.saturating_sub(1),
            }
        }
    }
    Json::Array(out)
}
