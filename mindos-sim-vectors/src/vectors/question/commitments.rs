//! What hides a report: the commitment to a reveal.

use serde_json::{Value as Json, json};

use super::Case;
use super::records::{COMMIT, Draft, NETWORK, REVEAL, commit_body, commitment, key, question, reveal_body};
use crate::inspect::hex;

const ONE: u8 = 0x41;
const TWO: u8 = 0x42;

pub(super) fn cases() -> Vec<Case> {
    let (_, name) = question();
    let (plain, mut cases) = (reveal_body(&name, 0x5a, &[], &[60_000, 5_535, 0]), Vec::new());
    let mut good = |id, flag, by: u8, draft: Draft, comment| {
        let out = json!({ "commitment": hex(&commitment(by, &draft.body)) });
        cases.push(case(id, flag, &draft.bytes(), out, comment));
    };
    let reveal = |by, body: &[u8]| Draft::new(REVEAL, by, body);
    good("plain", "Normal", ONE, reveal(ONE, &plain), "three options");
    good(
        "other-author",
        "Copies",
        TWO,
        reveal(TWO, &plain),
        "the same body by another author hides behind another hash",
    );
    let salted = reveal_body(&name, 0x5b, &[], &[60_000, 5_535, 0]);
    good("other-salt", "Normal", ONE, reveal(ONE, &salted), "another salt");
    let again = Draft { sequence: 10, ..reveal(ONE, &plain) };
    good("signed-anew", "Copies", ONE, again, "another sequence and signature, and the same commitment");
    let sources: Vec<[u8; 32]> = (0..=254).map(|n| [n; 32]).collect();
    let sourced = reveal_body(&name, 0x5a, &sources, &[65_535, 0, 0]);
    good("lineage", "Boundary", ONE, reveal(ONE, &sourced), "255 sources");
    let extended = [&plain[..], &[1, 0x70, 1, 0, 9]].concat();
    good("extension", "Extension", ONE, reveal(ONE, &extended), "an extension belongs to the body");

    let mut bad =
        |id, flag, record: &[u8], comment| cases.push(case(id, flag, record, json!({ "refused": "1" }), comment));
    bad("signed-by-other", "BadSignature", &reveal(ONE, &plain).signed_by(TWO), "another key signed");
    let mut claimed = reveal(TWO, &plain).bytes();
    claimed[3..35].copy_from_slice(&key(ONE));
    bad("claimed", "BadSignature", &claimed, "a copy under another name");
    let elsewhere = Draft { network: NETWORK + 1, ..reveal(ONE, &plain) };
    bad("other-network", "BadSignature", &elsewhere.bytes(), "signed for another network");
    let whole = reveal(ONE, &plain).bytes();
    bad("cut", "Cut", &whole[..whole.len() - 1], "the last byte is missing");
    bad("trailing", "Trailing", &[&whole[..], &[0]].concat(), "a byte behind the record");
    let short = reveal_body(&name, 0x5a, &[], &[60_000, 5_534, 0]);
    bad("short-sum", "Fields", &reveal(ONE, &short).bytes(), "weights that do not add up");
    let commit = Draft::new(COMMIT, ONE, &commit_body(&name, &[9; 32])).bytes();
    bad("commit", "Fields", &commit, "a commit is no reveal");
    cases
}

fn case(id: &'static str, flag: &'static str, reveal: &[u8], out: Json, comment: &'static str) -> Case {
    let invalid = out.get("refused").is_some();
    let input = json!({ "type": "commitment", "reveal": hex(reveal) });
    Case { id: format!("commitment/{id}"), comment, flag, reqs: &["TRUST-015"], invalid, steps: vec![(input, out)] }
}
