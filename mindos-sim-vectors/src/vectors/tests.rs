use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use super::cli::{VectorsAction, VectorsArgs, VectorsDir, vectors};
use super::{VectorError, check, files, generate, wire};

/// A folder of this test alone.
fn folder(name: &str) -> PathBuf {
    let dir = std::env::temp_dir().join(format!("mindos-vectors-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&dir);
    dir
}

#[test]
fn what_is_generated_passes_the_check_and_generating_again_changes_nothing() {
    let dir = folder("again");
    let names = generate(&dir).unwrap();
    let report = check(&dir).unwrap();
    assert_eq!(report.problems, Vec::<String>::new());
    assert!(report.invalid >= report.valid, "{} of {} are invalid", report.invalid, report.valid + report.invalid);
    assert_eq!(report.files, names.len());
    let before = files::make(&dir).unwrap();
    generate(&dir).unwrap();
    assert!(before == files::make(&dir).unwrap());
    fs::remove_dir_all(&dir).unwrap();
}

#[test]
fn every_kind_of_tampering_is_found() {
    let dir = folder("tampered");
    generate(&dir).unwrap();
    let path = dir.join("wire_link_test.json");
    let good = fs::read_to_string(&path).unwrap();
    for (from, to, said) in [
        ("\"result\": \"invalid\"", "\"result\": \"valid\"", "was refused"),
        ("\"error\": \"truncated\"", "\"error\": \"order\"", "expected a refusal as"),
        ("\"nonce\": \"16909060\"", "\"nonce\": \"1\"", "decodes to"),
        ("\"at\": \"3\"", "\"at\": \"4\"", "expected the refusal at byte"),
        ("\"numberOfTests\": ", "\"numberOfTests\": 1", "numberOfTests"),
        ("ordinary values", "odd values", "differs"),
    ] {
        assert!(good.contains(from), "{from}");
        fs::write(&path, good.replacen(from, to, 1)).unwrap();
        let problems = check(&dir).unwrap().problems;
        assert!(problems.iter().any(|p| p.contains(said)), "{from}: {problems:?}");
        assert!(problems.iter().any(|p| p.contains("differs")));
    }
    fs::write(&path, &good).unwrap();
    fs::write(dir.join("stray.json"), "{}").unwrap();
    assert!(matches!(&check(&dir).unwrap().problems[..], [p] if p.contains("stray.json")));
    fs::remove_file(&path).unwrap();
    assert!(check(&dir).unwrap().problems.iter().any(|p| p.contains("missing")));
    fs::remove_dir_all(&dir).unwrap();
}

#[test]
fn a_published_case_keeps_its_number_and_cannot_vanish() {
    let dir = folder("permanent");
    generate(&dir).unwrap();
    let path = dir.join("wire_context_test.json");
    let good = fs::read_to_string(&path).unwrap();
    fs::write(&path, good.replace("\"tcId\": 2,", "\"tcId\": 977,")).unwrap();
    generate(&dir).unwrap();
    assert!(fs::read_to_string(&path).unwrap().contains("\"tcId\": 977,"));
    fs::write(&path, good.replace("wire/context-data/typical", "wire/context-data/old")).unwrap();
    let error = generate(&dir).unwrap_err();
    assert!(matches!(&error, VectorError::Wrong(w) if w.contains("wire/context-data/old")), "{error}");
    fs::remove_dir_all(&dir).unwrap();
}

#[test]
fn a_trace_is_replayed_from_its_file_alone() {
    let dir = folder("trace");
    generate(&dir).unwrap();
    let path = dir.join("node_trace_test.json");
    let good = fs::read_to_string(&path).unwrap();
    assert!(good.len() < 300_000, "{} bytes", good.len());
    for (from, to, said) in [
        ("\"seed\": \"62", "\"seed\": \"63", "step"),
        ("\"handled\": \"replayed\"", "\"handled\": \"accepted\"", "handled is"),
        ("\"timer\": \"tick\"", "\"timer\": \"probe\"", "timer is"),
        ("\"type\": \"leave\"", "\"type\": \"stay\"", "unknown input"),
    ] {
        assert!(good.contains(from), "{from}");
        fs::write(&path, good.replacen(from, to, 1)).unwrap();
        let problems = check(&dir).unwrap().problems;
        assert!(problems.iter().any(|p| p.contains("node/trace/worker") && p.contains(said)), "{from}: {problems:?}");
    }
    fs::remove_dir_all(&dir).unwrap();
}

#[test]
fn a_signature_is_decided_from_its_file_alone() {
    let dir = folder("signature");
    generate(&dir).unwrap();
    let path = dir.join("sig_strict_test.json");
    let good = fs::read_to_string(&path).unwrap();
    let start = good.find("\"id\": \"sig/speccheck/06\"").unwrap();
    for (from, to, said) in [
        ("\"result\": \"valid\"", "\"result\": \"invalid\"", "the verifier says true"),
        ("\"message\": \"9b", "\"message\": \"9c", "the rules that it breaks are [4]"),
        ("\"signature\": \"90", "\"signature\": \"", "signature is not 64 bytes"),
    ] {
        let (before, after) = good.split_at(start);
        assert!(after.contains(from), "{from}");
        fs::write(&path, format!("{before}{}", after.replacen(from, to, 1))).unwrap();
        let problems = check(&dir).unwrap().problems;
        assert!(problems.iter().any(|p| p.contains("sig/speccheck/06") && p.contains(said)), "{from}: {problems:?}");
    }
    fs::write(&path, good.replace("sig/speccheck/06", "sig/speccheck/old")).unwrap();
    let error = generate(&dir).unwrap_err();
    assert!(matches!(&error, VectorError::Wrong(w) if w.contains("sig/speccheck/old")), "{error}");
    fs::remove_dir_all(&dir).unwrap();
}

#[test]
fn ids_are_unique_across_files() {
    let mut seen = BTreeSet::new();
    for file in wire::files() {
        for case in file.groups.iter().flat_map(|g| &g.cases) {
            assert!(seen.insert(case.id.clone()), "{}", case.id);
        }
    }
}

#[test]
fn the_subcommand_writes_checks_and_tells() {
    let dir = folder("cli");
    let at = || VectorsDir { dir: Some(dir.clone()) };
    let run = |action| {
        let mut out = Vec::new();
        let ok = vectors(&VectorsArgs { action }, &mut out, false).unwrap();
        (ok, String::from_utf8(out).unwrap())
    };
    assert!(run(VectorsAction::Generate(at())).1.contains("wrote MANIFEST.json"));
    let (ok, text) = run(VectorsAction::Check(at()));
    assert!(ok && text.contains(" 0 problems"), "{text}");
    fs::write(dir.join("MANIFEST.json"), "{}").unwrap();
    let (ok, text) = run(VectorsAction::Check(at()));
    assert!(!ok && text.contains("MANIFEST.json:1: differs"), "{text}");
    fs::remove_dir_all(&dir).unwrap();
}
