//! The checker finds each kind of failure in a small example.

use super::check::{Corpus, check};
use super::cite::{self, Citations};
use super::coverage;

const GOOD: &str = "# Chapter\n\nA node MUST sing\nwell. [X-001] It is loud, and `MUST` is a word.\n\n- A node MAY rest. \n- A peer MUST NOT shout. [X-002]\n\n```text\nMUST MAY\n```\n";

/// Digits of the n-th requirement of a text.
fn hash(text: &str, n: usize) -> String {
    super::sentences::parse("c.md", text).requirements[n].hash()
}

fn corpus(spec: &str, files: &[(&str, &str)], vectors: &str) -> Corpus {
    let mut corpus = Corpus::default();
    corpus.chapter("c.md", spec);
    let mut citations = Citations::default();
    files.iter().for_each(|(file, text)| cite::scan(file, text, &mut citations));
    cite::vectors("v.json", vectors, &mut citations);
    corpus.cite(citations);
    corpus
}

/// The good example with one thing replaced.
fn problems(spec: &str, code: &str, test: &str, vectors: &str) -> Vec<String> {
    check(&corpus(spec, &[("mindos-core/src/a.rs", code), ("mindos-core/src/a/tests.rs", test)], vectors))
}

fn code() -> String {
    format!("fn f() {{\n    // spec: X-001 {}, X-002 {}\n}}\n", hash(GOOD, 0), hash(GOOD, 1))
}

fn test() -> String {
    format!("// spec: X-001 {}\n", hash(GOOD, 0))
}

const VECTORS: &str = r#"{"testGroups":[{"tests":[{"reqs":["X-002"]}]}]}"#;

#[track_caller]
fn only(problems: &[String], part: &str) {
    assert!(matches!(problems, [p] if p.contains(part)), "expected one problem with {part:?}, got {problems:#?}");
}

#[test]
fn a_sound_corpus_has_no_problems() {
    assert_eq!(problems(GOOD, &code(), &test(), VECTORS), Vec::<String>::new());
    let parsed = super::sentences::parse("c.md", GOOD).requirements;
    assert_eq!(parsed[0].sentence, "A node MUST sing well.");
    assert_eq!(parsed[1].sentence, "A peer MUST NOT shout.");
}

#[test]
fn a_keyword_without_an_id_is_found() {
    for keyword in ["MUST", "MUST NOT", "SHALL", "SHALL NOT"] {
        let spec = format!("{GOOD}\nA node {keyword} dance. It likes to.\n");
        only(&problems(&spec, &code(), &test(), VECTORS), &format!("{keyword} without an id"));
    }
    let spec = format!("{GOOD}\nA node MUST dance\n");
    only(&problems(&spec, &code(), &test(), VECTORS), "MUST without an id");
}

#[test]
fn two_keywords_in_a_sentence_are_found() {
    let spec = GOOD.replace("A node MAY rest.", "A node SHOULD rest and MAY sleep.");
    only(&problems(&spec, &code(), &test(), VECTORS), "2 keywords in one sentence (SHOULD, MAY)");
}

#[test]
fn a_keyword_in_a_table_or_heading_is_found() {
    only(&problems(&format!("{GOOD}\n| a | MUST |\n"), &code(), &test(), VECTORS), "keyword MUST in a table");
    only(&problems(&format!("{GOOD}\n## You MAY\n"), &code(), &test(), VECTORS), "keyword MAY in a heading");
}

#[test]
fn an_id_without_a_keyword_is_found() {
    let spec = GOOD.replace("A node MAY rest.", "A node MUST rest. [X-003] And more. [X-004]");
    assert!(problems(&spec, &code(), &test(), VECTORS).iter().any(|p| p.contains("[X-004] ends a sentence without")));
}

#[test]
fn a_duplicate_id_is_found() {
    let spec = format!("{GOOD}\nA peer MUST NOT shout. [X-002]\n");
    only(&problems(&spec, &code(), &test(), VECTORS), "[X-002] is taken already");
}

#[test]
fn a_gap_in_the_numbers_is_found_unless_withdrawn() {
    let spec = GOOD.replace("X-002", "X-003");
    let (code, vectors) = (code().replace("X-002", "X-003"), VECTORS.replace("X-002", "X-003"));
    only(&problems(&spec, &code, &test(), &vectors), "[X-002] is missing");
    let spec = format!("{spec}\n[X-002] withdrawn\n");
    assert!(problems(&spec, &code, &test(), &vectors).is_empty());
    let cited = VECTORS.replace("\"X-002\"", "\"X-002\",\"X-003\"");
    only(&problems(&spec, &code, &test(), &cited), "which is withdrawn");
}

#[test]
fn a_requirement_without_code_or_exercise_is_found() {
    let uncoded = format!("// spec: X-002 {}\n", hash(GOOD, 1));
    only(&problems(GOOD, &uncoded, &test(), VECTORS), "no code line cites [X-001]");
    only(&problems(GOOD, &code(), "", VECTORS), "no test cites [X-001] and no vector lists it");
    only(&problems(GOOD, &code(), &test(), "{}"), "no test cites [X-002] and no vector lists it");
}

#[test]
fn an_unknown_or_malformed_citation_is_found() {
    only(
        &problems(GOOD, &code(), &format!("{}// spec: X-009 0000\n", test()), VECTORS),
        "cites X-009, which no chapter has",
    );
    only(&problems(GOOD, &code(), &format!("{}// spec: X-1\n", test()), VECTORS), "malformed citation");
    only(&problems(GOOD, &code(), &format!("{}/{}", test(), test()), VECTORS), "not a doc comment");
    let unknown = VECTORS.replace("\"X-002\"", "\"X-002\",\"Y-001\"");
    only(&problems(GOOD, &code(), &test(), &unknown), "cites Y-001, which no chapter has");
}

#[test]
fn a_sentence_that_drifted_is_found_and_its_marks_do_not_count() {
    let spec = GOOD.replace("sing\nwell", "sing\nloudly");
    let found = problems(&spec, &code(), &test(), VECTORS);
    assert_eq!(found.len(), 2, "code and test: {found:#?}");
    assert!(found.iter().all(|p| p.contains("its sentence is") && p.contains("sing loudly")));
    let marked = GOOD.replace("sing\nwell", "*sing* `well`");
    assert!(problems(&marked, &code(), &test(), VECTORS).is_empty());
}

#[test]
fn a_citation_in_code_of_the_lab_is_refused_and_inline_test_modules_are_tests() {
    let good = code();
    let lab = corpus(GOOD, &[("mindos-core/src/a.rs", &good), ("mindos-sim-vectors/src/x.rs", &test())], VECTORS);
    assert!(check(&lab).iter().any(|p| p.contains("counts only in")));
    let inline = format!("{good}#[cfg(test)]\nmod tests {{\n{}}}\n", test());
    assert!(check(&corpus(GOOD, &[("mindos-wire/src/a.rs", &inline)], VECTORS)).is_empty());
}

#[test]
fn the_account_changes_with_every_citation() {
    let (code, test) = (code(), test());
    let files = [("mindos-core/src/a.rs", code.as_str()), ("mindos-core/src/a/tests.rs", test.as_str())];
    let whole = coverage::render(&corpus(GOOD, &files, VECTORS));
    assert_eq!(coverage::difference(&whole, &whole), None);
    let twice = format!("{test}{test}");
    for fewer in [
        coverage::render(&corpus(GOOD, &[files[0], ("mindos-core/src/a/tests.rs", &twice)], VECTORS)),
        coverage::render(&corpus(GOOD, &files[..1], VECTORS)),
        coverage::render(&corpus(GOOD, &files[1..], VECTORS)),
        coverage::render(&corpus(GOOD, &files, "{}")),
    ] {
        assert!(coverage::difference(&whole, &fewer).is_some_and(|d| d.contains("came or went")));
    }
}
