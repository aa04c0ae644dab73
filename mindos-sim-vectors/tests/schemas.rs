//! Every file of vectors holds its schema, and a broken one does not.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::{fs, io};

use jsonschema::Validator;
use mindos_sim_vectors::vectors::directory;
use mindos_wire::ErrorClass;
use serde_json::{Value as Json, json};

fn files(folder: &Path) -> BTreeMap<String, Json> {
    let named = |entry: io::Result<fs::DirEntry>| {
        let path = entry.unwrap().path();
        let json = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        (path.file_name().unwrap().to_str().unwrap().to_owned(), json)
    };
    fs::read_dir(folder).unwrap().map(named).collect()
}

fn schemas() -> BTreeMap<String, Json> {
    let folder: PathBuf = directory().join("../schemas");
    files(&folder)
        .into_iter()
        .map(|(name, json)| (name.strip_suffix(".schema.json").unwrap().to_owned(), json))
        .collect()
}

fn validators() -> BTreeMap<String, Validator> {
    schemas().into_iter().map(|(name, schema)| (name, jsonschema::draft202012::new(&schema).unwrap())).collect()
}

/// The schema of a file, as the document assigns them.
fn schema_of(file: &str) -> &'static str {
    match file {
        "MANIFEST.json" => "manifest",
        "hs_ik_test.json" | "hs_xx_test.json" => "handshake-run",
        "hs_fail_test.json" => "handshake-refuse",
        "cookie_test.json" => "cookie",
        "truth_test.json" => "truth",
        "truth_ratings_test.json" => "ratings",
        "truth_forecasts_test.json" => "forecasts",
        "question_test.json" => "question",
        "advice_test.json" | "payment_test.json" | "evidence_test.json" => "incentives",
        "id_cost_test.json" => "identity-cost",
        "id_succession_test.json" => "identity-succession",
        "session_keys_test.json" => "session-keys",
        "transport_test.json" => "transport",
        "node_trace_test.json" => "node-trace",
        "sig_strict_test.json" => "signature",
        "wire_minifloat_test.json" => "minifloat",
        wire if wire.starts_with("wire_") => "wire",
        other => panic!("{other} has no schema"),
    }
}

fn document() -> String {
    fs::read_to_string(directory().join("../README.md")).unwrap()
}

#[test]
fn every_file_holds_its_schema() {
    let validators = validators();
    let mut used = BTreeSet::new();
    for (file, json) in files(&directory()) {
        let schema = schema_of(&file);
        used.insert(schema.to_owned());
        let problems: Vec<String> =
            validators[schema].iter_errors(&json).take(3).map(|e| format!("{}: {e}", e.instance_path())).collect();
        assert!(problems.is_empty(), "{file}: {problems:#?}");
    }
    assert_eq!(used, schemas().into_keys().collect());
}

#[test]
fn schemas_are_schemas_and_say_the_same_of_the_same() {
    let mut shared: BTreeMap<String, Json> = BTreeMap::new();
    for (name, schema) in schemas() {
        jsonschema::meta::validate(&schema).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
        for (key, definition) in schema["$defs"].as_object().unwrap() {
            // What a case or a name is depends on the file; the rest does not.
            if !["case", "id", "flag"].contains(&key.as_str()) {
                assert_eq!(
                    shared.entry(key.clone()).or_insert_with(|| definition.clone()),
                    definition,
                    "{name}: {key}"
                );
            }
            if key == "class" {
                assert_eq!(definition["enum"], json!(ErrorClass::ALL.map(|class| class.name())));
            }
        }
    }
}

/// Puts a value at a place of a file.
fn set(file: &Json, pointer: &str, value: &Json) -> Json {
    let mut changed = file.clone();
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    let parent = changed.pointer_mut(parent).unwrap_or_else(|| panic!("{pointer}"));
    match parent {
        Json::Array(items) => items[key.parse::<usize>().unwrap()] = value.clone(),
        _ => parent[key] = value.clone(),
    }
    changed
}

#[test]
fn a_broken_file_is_refused_by_its_schema() {
    let (validators, files) = (validators(), files(&directory()));
    let case = "/testGroups/0/tests/0";
    let anywhere = ["", "/testGroups/0", "/testGroups/0/source", case];
    for (file, json) in &files {
        let places = if json.get("testGroups").is_some() { &anywhere[..] } else { &anywhere[..1] };
        for place in places {
            let extra = set(json, &format!("{place}/extra"), &json!("1"));
            assert!(!validators[schema_of(file)].is_valid(&extra), "{file}: {place}/extra");
            let keys: Vec<String> = json.pointer(place).unwrap().as_object().unwrap().keys().cloned().collect();
            for key in keys {
                let mut fewer = json.clone();
                fewer.pointer_mut(place).unwrap().as_object_mut().unwrap().remove(&key);
                assert!(!validators[schema_of(file)].is_valid(&fewer), "{file}: {place} without {key}");
            }
        }
    }
    for (file, place, value) in [
        ("wire_link_test.json", "/testGroups/0/tests/0/bytes", json!("0208000700000001000000AB")),
        ("wire_link_test.json", "/testGroups/0/tests/0/bytes", json!("020")),
        ("wire_link_test.json", "/testGroups/0/tests/0/value/nonce", json!(7)),
        ("wire_link_test.json", "/testGroups/0/tests/0/value/nonce", Json::Null),
        ("wire_link_test.json", "/testGroups/0/tests/0/value/nonce", json!("A")),
        ("wire_link_test.json", "/testGroups/0/tests/0/value/Nonce", json!("1")),
        ("wire_link_test.json", "/testGroups/0/tests/0/result", json!("acceptable")),
        ("wire_link_test.json", "/testGroups/0/tests/0/result", json!("invalid")),
        ("wire_link_test.json", "/testGroups/0/tests/0/flags", json!(["Normally"])),
        ("wire_link_test.json", "/testGroups/0/tests/0/flags", json!([])),
        ("wire_link_test.json", "/testGroups/0/tests/0/flags", json!(["Normal", "Normal"])),
        ("wire_link_test.json", "/testGroups/0/tests/0/reqs", json!(["WIRE-1"])),
        ("wire_link_test.json", "/testGroups/0/tests/0/tcId", json!("1")),
        ("wire_link_test.json", "/testGroups/0/tests/0/id", json!("ping")),
        ("wire_link_test.json", "/testGroups/0/type", json!("Decode")),
        ("wire_link_test.json", "/notes/Normal/bugType", json!("BASICS")),
        ("wire_link_test.json", "/notes/Odd", json!({ "bugType": "BASIC", "effect": "x" })),
        ("wire_link_test.json", "/algorithm", json!("mindos-node")),
        ("wire_link_test.json", "/suite", json!("mindos-vectors/1")),
        ("wire_minifloat_test.json", "/testGroups/0/tests/0/code", json!("01")),
        ("wire_minifloat_test.json", "/testGroups/0/tests/0/quantity", json!("-1")),
        ("hs_xx_test.json", "/vectors/0/init_static", json!("11")),
        ("hs_xx_test.json", "/vectors/0/messages/0/k", json!("11")),
        ("hs_xx_test.json", "/vectors/0/messages", json!([])),
        ("hs_xx_test.json", "/vectors/0/messages/4/h", json!("")),
        ("hs_fail_test.json", "/testGroups/0/tests/0/message", json!("3")),
        ("hs_fail_test.json", "/testGroups/0/tests/0/result", json!("valid")),
        ("sig_strict_test.json", "/testGroups/0/tests/0/signature", json!("00")),
        ("sig_strict_test.json", "/testGroups/0/tests/0/breaks", json!(["1"])),
        ("sig_strict_test.json", "/testGroups/0/tests/0/breaks", json!(["5"])),
        ("sig_strict_test.json", "/testGroups/0/tests/0/result", json!("invalid")),
        ("sig_strict_test.json", "/testGroups/0/tests/0/id", json!("hs/alive")),
        ("id_cost_test.json", "/testGroups/0/tests/0/node", json!("31")),
        ("id_cost_test.json", "/testGroups/0/tests/0/nonce", json!("-1")),
        ("id_cost_test.json", "/testGroups/0/tests/0/result", json!("invalid")),
        ("id_cost_test.json", "/testGroups/0/tests/0/hash", json!("")),
        ("id_cost_test.json", "/testGroups/0/type", json!("CheckCost")),
        ("id_succession_test.json", "/testGroups/0/tests/0/node", json!("31")),
        ("id_succession_test.json", "/testGroups/0/tests/0/holds", json!(["2"])),
        ("id_succession_test.json", "/testGroups/0/tests/0/outcome", json!("none")),
        ("id_succession_test.json", "/testGroups/0/tests/0/result", json!("invalid")),
        ("node_trace_test.json", "/testGroups/0/tests/0/steps/0/in/type", json!("begin")),
        ("node_trace_test.json", "/testGroups/0/tests/0/steps/0/in/path", json!("0")),
        ("node_trace_test.json", "/testGroups/0/tests/0/steps/0/handled", json!("ignored")),
        ("node_trace_test.json", "/testGroups/0/tests/0/steps/0/error", json!("odd")),
        ("node_trace_test.json", "/testGroups/0/tests/0/steps/0/out/0/type", json!("print")),
        ("node_trace_test.json", "/testGroups/0/tests/0/steps/0/next_timer_us", json!(1)),
        ("node_trace_test.json", "/testGroups/0/tests/0/node/tier", json!("cloud")),
        ("session_keys_test.json", "/testGroups/0/tests/0/material", json!("00")),
        ("session_keys_test.json", "/testGroups/0/tests/0/initiator", json!([])),
        ("session_keys_test.json", "/testGroups/0/tests/1/suite", json!("1")),
        ("transport_test.json", "/testGroups/0/tests/0/steps/0/in/type", json!("seal")),
        ("transport_test.json", "/testGroups/0/tests/0/steps/0/out", json!({ "refused": "1" })),
        ("transport_test.json", "/testGroups/0/tests/0/steps/0/out/packet", json!("")),
        ("transport_test.json", "/testGroups/0/tests/0/result", json!("invalid")),
        ("transport_test.json", "/testGroups/0/tests/0/send", json!("")),
        ("cookie_test.json", "/testGroups/0/tests/0/steps/0/in/type", json!("again")),
        ("cookie_test.json", "/testGroups/0/tests/0/steps/1/out", json!({ "sent": [] })),
        ("truth_test.json", "/testGroups/0/tests/0/steps/0/in/type", json!("guess")),
        ("truth_test.json", "/testGroups/0/tests/0/result", json!("invalid")),
        ("truth_ratings_test.json", "/testGroups/0/tests/0/steps/0/in/rating", json!("11")),
        ("truth_ratings_test.json", "/testGroups/0/tests/0/result", json!("invalid")),
        ("truth_forecasts_test.json", "/testGroups/0/tests/0/steps/0/in/type", json!("guess")),
        ("truth_forecasts_test.json", "/testGroups/0/tests/0/steps/3/out/shares", json!(["1"])),
        ("cookie_test.json", "/testGroups/0/tests/0/result", json!("invalid")),
        ("advice_test.json", "/testGroups/0/tests/0/steps/0/in/type", json!("praise")),
        ("advice_test.json", "/testGroups/0/tests/0/steps/0/out/about", json!([])),
        ("payment_test.json", "/testGroups/0/tests/0/steps/0/in/records", json!("00")),
        ("payment_test.json", "/testGroups/0/tests/0/steps/0/out/refused", json!("because")),
        ("payment_test.json", "/testGroups/0/tests/0/unix_s", json!("-1")),
        ("MANIFEST.json", "/files/hs_xx_test.json/blake3", json!("00")),
        ("MANIFEST.json", "/retired/0/tcId", json!("7")),
        ("MANIFEST.json", "/retired/0/file", json!("wire_sequence")),
        ("MANIFEST.json", "/files/..~1secret.json", json!({ "blake3": "0".repeat(64) })),
    ] {
        let broken = set(&files[file], &place.replace("~1", "\u{1}"), &value);
        let broken: Json = serde_json::from_str(&broken.to_string().replace("\\u0001", "/")).unwrap();
        assert!(!validators[schema_of(file)].is_valid(&broken), "{file}: {place} = {value}");
    }
}

#[test]
fn a_schema_allows_the_flags_of_its_files_and_no_others() {
    let (schemas, mut used) = (schemas(), BTreeMap::<&str, BTreeSet<String>>::new());
    for (file, json) in files(&directory()).iter().filter(|(_, json)| json.get("notes").is_some()) {
        let flags = used.entry(schema_of(file)).or_default();
        flags.extend(json["notes"].as_object().unwrap().keys().cloned());
    }
    for (schema, flags) in used {
        let allowed = schemas[schema]["$defs"]["flag"]["enum"].as_array().unwrap().iter();
        assert_eq!(allowed.map(|flag| flag.as_str().unwrap().to_owned()).collect::<BTreeSet<_>>(), flags, "{schema}");
    }
}

#[test]
fn the_document_assigns_each_file_its_schema() {
    let document = document();
    for file in files(&directory()).keys() {
        let row = |name: &str| document.lines().find(|line| line.starts_with(&format!("| `{name}` |")));
        let row = row(file).or_else(|| row("wire_<family>_test.json")).unwrap();
        assert!(row.ends_with(&format!("| `{}.schema.json` |", schema_of(file))), "{row}");
    }
}
