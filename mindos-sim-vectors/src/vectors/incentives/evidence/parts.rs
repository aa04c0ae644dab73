//! What belongs together in evidence, and what does not.

use serde_json::json;

use super::super::records::{Draft, domain, skill};
use super::super::story::{Story, name, refused};
use super::{ONE, OTHER, Proof, REFUTED, Shown, TWO, WORKER, story};

pub(super) fn parts() -> Vec<Story> {
    let reqs: &[&str] = &["INC-015"];
    let proof = Proof::new(ONE, WORKER, 1);
    let good = Proof::new(ONE, WORKER, 2);
    let bad = |id, flag, shown: &Shown, word, comment| {
        story(id, flag, reqs, comment).show(WORKER, shown, refused(word)).proof(&good, good.asked())
    };
    let same = |d: Draft| d;
    let by_two = |d: Draft| Draft { by: TWO, signer: TWO, ..d };
    let forged = |d: Draft| Draft { signer: TWO, ..d };
    let elsewhere = |d: Draft| Draft { network: 8, ..d };
    let intent = proof.intent().bytes();
    let with = |receipt: Draft| {
        let receipt = receipt.bytes();
        let evidence = proof.evidence(&receipt).bytes();
        Shown { contents: proof.contents(intent.clone()), receipt, evidence }
    };
    let stating = |domain: u32, kind: u8| {
        let receipt = proof.receipt(&intent).bytes();
        let evidence = proof.evidence_of(domain, kind, &receipt).bytes();
        Shown { contents: proof.contents(intent.clone()), receipt, evidence }
    };
    let other_receipt = Shown { receipt: good.shown().receipt, ..proof.shown() };
    let itself = Proof::new(WORKER, WORKER, 3);
    let without = |n: usize| {
        let mut shown = Proof { contexts: vec![b"first".to_vec(), b"second".to_vec()], ..proof.clone() }.shown();
        shown.contents.remove(n);
        shown
    };
    let missing = |id, n, comment| {
        let story = story(id, "Fields", &["INC-015", "INC-026"], comment);
        story.show(WORKER, &without(n), refused("missing"))
    };
    let with_contexts = Proof { contexts: vec![b"first".to_vec(), b"second".to_vec()], ..proof.clone() };
    vec![
        story("taken", "Normal", &["INC-015", "INC-048", "INC-049"], "evidence that was asked for is put to the host")
            .proof(&proof, json!({ "no_lease": [name(WORKER)], "suspended": [], "accusers": [] }))
            .have(WORKER, &proof.shown().evidence, false),
        story("contexts", "Normal", reqs, "with two contexts").proof(&with_contexts, with_contexts.asked()),
        story("unasked", "Fields", reqs, "nobody asked for it")
            .comes(&proof.shown(), refused("unasked"))
            .proof(&proof, proof.asked()),
        bad(
            "parts/receipt-author",
            "Fields",
            &proof.made(same, by_two, same),
            "parts",
            "another node wrote the receipt",
        ),
        bad("parts/other-receipt", "Fields", &other_receipt, "parts", "another receipt is the proof"),
        bad(
            "parts/worker",
            "Fields",
            &with(proof.receipt_by(OTHER, OTHER, &intent)),
            "parts",
            "the receipt is another worker's",
        ),
        story("parts/itself", "Fields", reqs, "a worker that accuses itself").proof(&itself, refused("parts")),
        bad("parts/domain", "Fields", &stating(1, REFUTED), "parts", "another domain than that of the intent"),
        bad("parts/kind", "Fields", &stating(domain(&skill()), 2), "parts", "another kind of evidence"),
        bad("parts/intent-author", "Fields", &proof.made(by_two, same, same), "parts", "another node wrote the intent"),
        missing("missing/intent", 0, "the intent did not come"),
        missing("missing/context", 1, "the first context did not come"),
        missing("missing/other-context", 2, "nor the second"),
        missing("missing/output", 3, "the output did not come"),
        bad(
            "signature/evidence",
            "BadSignature",
            &proof.made(same, same, forged),
            "signature",
            "another key signed it",
        ),
        bad("signature/receipt", "BadSignature", &proof.made(same, forged, same), "signature", "the receipt is forged"),
        bad("signature/intent", "BadSignature", &proof.made(forged, same, same), "signature", "the intent is forged"),
        bad(
            "signature/worker",
            "BadSignature",
            &with(proof.receipt_by(WORKER, TWO, &intent)),
            "signature",
            "the worker's half is forged",
        ),
        bad(
            "signature/network",
            "BadSignature",
            &proof.made(same, same, elsewhere),
            "signature",
            "signed for another network",
        ),
    ]
}
