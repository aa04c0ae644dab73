//! Whom the host is asked about, how often, and who hears of it.

use serde_json::json;

use super::super::records::{hash, skill};
use super::super::story::{MS, S, Story, fine, name, refused};
use super::{HEIR, HOUR, ONE, OTHER, Proof, READER, TELLER, TWO, WORKER, both, free, story};
use crate::inspect::hex;

pub(super) fn asking() -> Vec<Story> {
    let proof = Proof::new(ONE, WORKER, 1);
    let partner: &[&str] = &["INC-049", "INC-010", "INC-013"];
    let often: &[&str] = &["INC-056"];
    let ask = || json!({ "type": "partner", "node": name(WORKER) });
    let shown = proof.shown();
    let record = hex(&hash(&[&shown.evidence]));
    let records = [&shown.receipt, &shown.evidence].map(|r| hex(r));
    let contents: Vec<String> = shown.contents.iter().map(|c| hex(c)).collect();
    let gives = json!({ "sent": [{ "to": name(TWO), "contents": contents, "records": records }] });
    let wants = || json!({ "type": "want", "from": name(TWO), "names": [record] });
    let told_by_of = |from, about| {
        let root = hex(&hash(&[&hash(&[&shown.evidence])]));
        json!({ "type": "have", "from": name(from), "about": name(about), "root": root, "names": [record] })
    };
    let told_by = |from| told_by_of(from, WORKER);
    let workers: Vec<u8> = (0x50..0x59).collect();
    let members = [&workers[..], &[ONE, TWO, TELLER]].concat();
    let many = Story::new(
        ("evidence", "asked/eight"),
        "Asking",
        often,
        (READER, &members),
        "the host is asked about eight members by one accuser within an hour",
    );
    let many = many.given("checks", json!([hex(&skill())]));
    let many = workers[..8].iter().fold(many, |s, w| {
        let proof = Proof::new(ONE, *w, *w);
        s.judged(&proof, "unknown", fine())
    });
    let ninth = Proof::new(ONE, 0x58, 0x58).later(3_300);
    let of_two = Proof::new(TWO, 0x58, 1).later(3_300);
    let again = Proof::new(ONE, WORKER, 2).later(3_300);
    vec![
        story("asked/no-partner", "Normal", partner, "evidence about who gets no lease anyway is held and passed on")
            .but(WORKER, "partner", "0")
            .proof(&proof, proof.held())
            .wait(200 * MS - 1, json!({ "have": [] }))
            .wait(200 * MS, json!({ "no_lease": [] }))
            .step(wants(), gives.clone())
            .at(S)
            .step(ask(), json!({ "asked": [proof.output()], "no_lease": [name(WORKER)] }))
            .step(ask(), json!({ "asked": [] })),
        story("asked/heir-is-partner", "Normal", &["INC-049", "INC-050"], "its successor is a partner")
            .but(WORKER, "partner", "0")
            .follows(WORKER, HEIR)
            .proof(&proof, json!({ "asked": [proof.output()], "no_lease": both() })),
        story("asked/cannot-check", "Normal", &["INC-049", "INC-017"], "a host that cannot check such work")
            .given("checks", json!([]))
            .proof(&proof, proof.held())
            .wait(S, free()),
        story("asked/not-told", "Normal", &["INC-011"], "while the host is asked nobody is told")
            .proof(&proof, proof.asked())
            .wait(S, json!({ "have": [] }))
            .step(wants(), json!({ "sent": [] }))
            .answer(&proof, "unknown", fine())
            .wait(S + 200 * MS - 1, json!({ "have": [] }))
            .wait(S + 200 * MS, fine())
            .step(wants(), gives),
        story("asked/half", "Forged", &["INC-015", "INC-026"], "an answer without its receipt uses up no question")
            .have(WORKER, &shown.evidence, true)
            .step(told_by(TWO), json!({ "want": [] }))
            .message(ONE, &[], std::slice::from_ref(&shown.evidence), refused("unasked"))
            .message(TELLER, &shown.contents, std::slice::from_ref(&shown.evidence), refused("missing"))
            .wait(2 * S, json!({ "want": [{ "to": name(TWO), "names": [record] }] }))
            .comes(&shown, refused("unasked"))
            .message(TWO, &shown.contents, &[shown.receipt.clone(), shown.evidence.clone()], proof.asked()),
        story("asked/two-subjects", "Forged", &["INC-026"], "a name that one member says is about another")
            .step(told_by_of(TWO, OTHER), json!({ "want": [{ "to": name(TWO), "names": [record] }] }))
            .have(WORKER, &shown.evidence, true)
            .comes(&shown, proof.asked()),
        story("asked/refused", "Asking", &["INC-016"], "what was refused is asked for again after a minute")
            .judged(&Proof::new(ONE, OTHER, 7), "right", fine())
            .proof(&proof, refused("unheard"))
            .wait(60 * S - 1, fine())
            .have(WORKER, &shown.evidence, false)
            .at(60 * S)
            .have(WORKER, &shown.evidence, true),
        story("asked/once-an-hour", "Asking", often, "one accuser against one member, again within an hour")
            .judged(&proof, "unknown", free())
            .at(HOUR - S)
            .proof(&again, again.held())
            .wait(HOUR - 1, free()),
        story("asked/hour", "Asking", often, "and after an hour")
            .judged(&proof, "unknown", free())
            .at(HOUR)
            .proof(&again, again.asked()),
        many.at(HOUR - S).proof(&ninth, ninth.held()).proof(&of_two, of_two.asked()),
    ]
}
