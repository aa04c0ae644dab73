//! The document of the vectors is true: its flags, its files, its exchange.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use mindos_sim_vectors::testee::answer;
use mindos_sim_vectors::vectors::directory;
use serde_json::{Value as Json, json};

fn document() -> String {
    fs::read_to_string(directory().join("../README.md")).unwrap()
}

/// Every file of the suite by name.
fn files() -> BTreeMap<String, Json> {
    let named = |entry: std::io::Result<fs::DirEntry>| {
        let path = entry.unwrap().path();
        let json = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        (path.file_name().unwrap().to_str().unwrap().to_owned(), json)
    };
    fs::read_dir(directory()).unwrap().map(named).collect()
}

#[test]
fn the_document_lists_every_flag_as_the_files_explain_it() {
    let mut told = BTreeSet::new();
    for (flag, note) in files().values().flat_map(|file| file["notes"].as_object().into_iter().flatten()) {
        let text = |key: &str| note[key].as_str().unwrap();
        told.insert(format!("| `{flag}` | `{}` | {} |", text("bugType"), text("effect")));
    }
    let document = document();
    let section = document.split("\n## ").find(|section| section.starts_with("4. Flags")).unwrap();
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    assert_eq!(rows.map(str::to_owned).collect::<BTreeSet<_>>(), told);
}

#[test]
fn the_document_lists_every_file_and_its_members() {
    let document = document();
    for (name, file) in files() {
        let family = name.starts_with("wire_").then_some("wire_<family>_test.json");
        let listed = |name: &str| document.lines().any(|line| line.starts_with(&format!("| `{name}` |")));
        assert!(listed(&name) || family.is_some_and(listed), "{name}");
        for key in file.as_object().unwrap().keys() {
            assert!(document.contains(&format!("`{key}`")), "{name}: {key}");
        }
    }
}

#[test]
fn the_exchange_of_the_document_is_what_the_reference_says() {
    let document = document();
    let mut lines =
        document.lines().filter_map(|line| line.split_once(' ')).filter(|(arrow, _)| ["→", "←"].contains(arrow));
    let mut exchanged = 0;
    while let Some((arrow, request)) = lines.next() {
        let (back, told) = lines.next().unwrap();
        assert_eq!((arrow, back), ("→", "←"), "{request}");
        let mut told: Json = serde_json::from_str(told).unwrap();
        if told.get("implementation").is_some() {
            // The only thing that differs from version to version.
            told["version"] = json!(env!("CARGO_PKG_VERSION"));
        }
        assert_eq!(answer(request.as_bytes()), told, "{request}");
        exchanged += 1;
    }
    assert!(exchanged >= 10, "{exchanged}");
}
