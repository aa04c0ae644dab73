//! The tables and diagrams of chapter 02 say what the declarations of `mindos-wire` say.
//!
//! `MINDOS_WRITE=1 cargo test -p mindos-sim-vectors --test tables` draws the diagrams anew, those of the
//! chapter and those of the documentation of `mindos-wire`, and writes appendix A. Tables are written by hand.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod diagram;
mod examples;

use std::path::PathBuf;

use diagram::{diagram, type_name};
use mindos_wire::{FieldShape, FrameType, RecordType, Shape};

const TAIL: FieldShape = FieldShape { name: "tail", shape: Shape::Tail };

/// A message as the chapter knows it.
struct Entry {
    heading: String,
    file: String,
    fields: &'static [FieldShape],
}

fn entries() -> Vec<Entry> {
    let entry = |code: u8, name: &str, fields| Entry {
        heading: format!("#### `{name}` ({code:#04x})"),
        file: format!("{code:#04x}-{name}.txt"),
        fields,
    };
    let frames = FrameType::ALL.iter().map(|t| entry(t.code, t.name, t.fields));
    frames.chain(RecordType::ALL.iter().map(|t| entry(t.code, t.name, t.fields))).collect()
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn chapter() -> String {
    std::fs::read_to_string(root().join("spec/02-wire.md")).unwrap()
}

fn writes() -> bool {
    std::env::var_os("MINDOS_WRITE").is_some()
}

/// Where the text of an entry begins and ends.
fn section(chapter: &str, heading: &str) -> std::ops::Range<usize> {
    let start = chapter.find(&format!("{heading}\n")).unwrap_or_else(|| panic!("chapter 02 lacks {heading}"));
    let rest = &chapter[start + 1..];
    let end = ["\n#### ", "\n### ", "\n## "].iter().filter_map(|h| rest.find(h)).min().unwrap_or(rest.len());
    start..start + 1 + end
}

/// Every text block of a section, without its fences.
fn blocks(section: &str) -> Vec<&str> {
    let inside = section.split("```").skip(1).step_by(2);
    inside.filter_map(|b| b.strip_prefix("text\n")).collect()
}

fn body(fields: &[FieldShape]) -> String {
    diagram(&[fields, &[TAIL]].concat())
}

#[test]
fn diagrams_are_those_of_the_declarations() {
    let mut text = chapter();
    for e in entries() {
        let range = section(&text, &e.heading);
        let mut wanted = vec![body(e.fields)];
        let described = &text[range.clone()];
        wanted.extend(e.fields.iter().filter_map(|f| match f.shape {
            // An item that another message has described is not drawn twice.
            Shape::List { fields, .. } if fields.len() > 1 && described.contains("\nItem *") => Some(diagram(fields)),
            _ => None,
        }));
        let found: Vec<String> = blocks(described).into_iter().map(String::from).collect();
        if writes() && found.len() == wanted.len() {
            let mut mended = described.to_string();
            for (old, new) in found.iter().zip(&wanted) {
                mended = mended.replacen(&format!("```text\n{old}```"), &format!("```text\n{new}```"), 1);
            }
            text.replace_range(range, &mended);
        } else {
            assert_eq!(found, wanted, "{}", e.heading);
        }
    }
    if writes() {
        std::fs::write(root().join("spec/02-wire.md"), text).unwrap();
    }
}

#[test]
fn documentation_shows_the_same_diagrams() {
    let dir = root().join("mindos-wire/diagrams");
    for e in entries() {
        let text = format!("```text\n{}```\n", body(e.fields));
        if writes() {
            std::fs::create_dir_all(&dir).unwrap();
            std::fs::write(dir.join(&e.file), text).unwrap();
        } else {
            assert_eq!(std::fs::read_to_string(dir.join(&e.file)).unwrap(), text, "{}", e.file);
        }
    }
    let files = std::fs::read_dir(&dir).unwrap().count();
    assert_eq!(files, entries().len(), "a diagram without a message");
}

/// Rows of the tables of a section: name and type, table by table.
fn tables(section: &str) -> Vec<Vec<(String, String)>> {
    let mut tables: Vec<Vec<(String, String)>> = Vec::new();
    for line in section.lines() {
        if line.starts_with("| field |") {
            tables.push(Vec::new());
        } else if let (Some(row), Some(table)) = (line.strip_prefix("| `"), tables.last_mut()) {
            let (name, rest) = row.split_once("` | ").unwrap_or_else(|| panic!("{line}"));
            let (ty, rest) = rest.split_once(" | ").unwrap_or_else(|| panic!("{line}"));
            let (meaning, range) = rest.split_once(" | ").unwrap_or_else(|| panic!("{line}"));
            assert!(!meaning.trim().is_empty() && range.trim().len() > 1, "no meaning or range: {line}");
            table.push((name.into(), ty.into()));
        }
    }
    tables
}

#[test]
fn tables_name_every_field_with_its_type_meaning_and_range() {
    let text = chapter();
    for e in entries() {
        let described = &text[section(&text, &e.heading)];
        let rows = |fields: &[FieldShape]| -> Vec<(String, String)> {
            fields.iter().map(|f| (f.name.to_string(), type_name(f.shape))).collect()
        };
        let mut wanted = vec![rows(e.fields)];
        wanted.extend(e.fields.iter().filter_map(|f| match f.shape {
            Shape::List { fields, .. } if fields.len() > 1 && described.contains("\nItem *") => Some(rows(fields)),
            _ => None,
        }));
        wanted.retain(|t| !t.is_empty());
        assert_eq!(tables(described), wanted, "{}", e.heading);
        assert!(!e.fields.is_empty() || described.contains("No fields; the body is the tail."), "{}", e.heading);
    }
}

#[test]
fn appendix_a_shows_the_typical_vectors() {
    let path = root().join("spec/appendix-a-examples.md");
    if writes() {
        std::fs::write(&path, examples::page()).unwrap();
    }
    assert!(std::fs::read_to_string(&path).unwrap() == examples::page(), "appendix A differs from the vectors");
}
