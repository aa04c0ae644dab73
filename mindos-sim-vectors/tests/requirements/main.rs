//! Every requirement of `spec/` is met by a code line and exercised by a test or a vector.
//!
//! A requirement is a sentence of `spec/*.md` that ends in an id: `A receiver MUST … . [WIRE-001]`. A code
//! line cites it with a comment, `// spec: WIRE-001 3f2a`, where the four digits are the first of the BLAKE3
//! of the sentence, so that a changed sentence sends somebody back to the code. The same comment in a test,
//! or the id in the `reqs` of a vector, exercises it. `spec/coverage.md` holds the account; after a wanted
//! change, `MINDOS_WRITE=1 cargo test -p mindos-sim-vectors --test requirements` writes it anew. The digits
//! in citations are never written by a tool: whoever changes them has read both sides.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod check;
mod cite;
mod coverage;
mod selftest;
mod sentences;

use std::fs;
use std::path::{Path, PathBuf};

use check::{Corpus, check};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

#[test]
fn every_requirement_is_met_and_exercised() {
    let root = root();
    let corpus = Corpus::load(&root);
    let mut problems = check(&corpus);
    let path = root.join("spec/coverage.md");
    let rendered = coverage::render(&corpus);
    if std::env::var_os("MINDOS_WRITE").is_some() {
        fs::write(&path, &rendered).unwrap();
    } else {
        let committed = fs::read_to_string(&path).unwrap_or_default();
        problems.extend(coverage::difference(&committed, &rendered));
    }
    assert!(problems.is_empty(), "{} problems\n\n{}\n", problems.len(), problems.join("\n"));
}
