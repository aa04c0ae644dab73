//! Appendix A: the typical vector of every message, byte by byte.

use std::fmt::Write;

use mindos_sim_vectors::inspect::{Kind, decode, hex, to_json, unhex};
use mindos_sim_vectors::vectors::directory;
use mindos_wire::{FrameType, RecordType};
use serde_json::Value as Json;

const HEAD: &str = "\
# Appendix A: worked examples

One value of every message with its bytes, field by field. Keys, hashes and signatures are filler. `32 × a0` is 32 bytes of a0. \
The examples are the cases `…/typical` of the vectors; a test keeps this page equal to them.

An offset counts from the start of the frame or record, so a body starts at 3 in a frame and at 51 in a record.
";

/// The page as it should be.
pub(crate) fn page() -> String {
    let mut out = HEAD.to_string();
    let names = FrameType::ALL.iter().map(|t| (Kind::Frame, t.code, t.name, format!("wire/{}/typical", t.name)));
    let records =
        RecordType::ALL.iter().map(|t| (Kind::Record, t.code, t.name, format!("wire/record-{}/typical", t.name)));
    let bytes = typical();
    let mut title = "";
    for (kind, code, name, id) in names.chain(records) {
        let part = if kind == Kind::Frame { "Frames" } else { "Records" };
        if part != title {
            let _ = write!(out, "\n## {part}\n");
        }
        title = part;
        let input = bytes.iter().find(|(i, _)| *i == id).unwrap_or_else(|| panic!("no vector {id}"));
        let _ = write!(out, "\n### `{name}` ({code:#04x})\n\n```text\n{}```\n", rows(kind, &input.1));
    }
    out
}

/// Every typical case, by id.
fn typical() -> Vec<(String, Vec<u8>)> {
    let mut out = Vec::new();
    for entry in std::fs::read_dir(directory()).unwrap() {
        let json: Json = serde_json::from_str(&std::fs::read_to_string(entry.unwrap().path()).unwrap()).unwrap();
        let groups = json["testGroups"].as_array().into_iter().flatten();
        for case in groups.flat_map(|g| g["tests"].as_array().unwrap()) {
            // Cases without bytes are of no message.
            let (id, bytes) = (case["id"].as_str().unwrap(), case["bytes"].as_str());
            if let Some(bytes) = bytes.filter(|_| id.ends_with("/typical")) {
                out.push((id.into(), unhex(bytes).unwrap()));
            }
        }
    }
    out
}

/// Offset, bytes, name and value of every field.
fn rows(kind: Kind, bytes: &[u8]) -> String {
    let json = to_json(&decode(kind, bytes));
    let mut out = String::new();
    for field in json["fields"].as_array().unwrap() {
        let number = |key: &str| usize::try_from(field[key].as_u64().unwrap()).unwrap();
        let (at, length) = (number("offset"), number("length"));
        let all = &bytes[at..at + length];
        let (shown, told) = match &field["value"] {
            Json::String(value) if *value == hex(all) => (shorten(all), String::new()),
            Json::String(value) => match unhex(value).filter(|v| !v.is_empty() && all.ends_with(v)) {
                // A length, then the bytes.
                Some(v) if v.len() > 2 => {
                    (format!("{} {}", hex(&all[..length - v.len()]), shorten(&v)), format!(", {} bytes", v.len()))
                }
                _ => (hex(all), format!(" = {value}")),
            },
            _ => (hex(all), format!(": {} items", field["items"])),
        };
        let indent = "  ".repeat(number("depth").div_ceil(2));
        let line = format!("{at:>4}  {shown:<22}  {indent}{}{told}", field["name"].as_str().unwrap());
        let _ = writeln!(out, "{line}");
    }
    out
}

/// Filler as a product, everything else as hex.
fn shorten(bytes: &[u8]) -> String {
    match bytes {
        [first, ..] if bytes.len() > 8 && bytes.iter().all(|b| b == first) => format!("{} × {first:02x}", bytes.len()),
        _ => hex(bytes),
    }
}
