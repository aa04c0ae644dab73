//! What an appeal ends.

use serde_json::json;

use super::super::records::{equivocation, hash};
use super::super::story::{S, Story, fine, name, refused};
use super::{HEIR, HOUR, ONE, Proof, TELLER, TWO, WORKER, free, quarantined, story, suspended};
use crate::inspect::hex;

pub(super) fn appeal() -> Vec<Story> {
    let ends: &[&str] = &["INC-051"];
    let reqs: &[&str] = &["INC-023"];
    let [a, b] = [Proof::new(ONE, WORKER, 1), Proof::new(TWO, WORKER, 2)];
    let held = |id, reqs, comment| story(id, "Normal", reqs, comment).judged(&a, "wrong", suspended(WORKER, 600 * S));
    let out = |id, comment| held(id, reqs, comment).judged(&b, "wrong", quarantined(WORKER, HOUR));
    let mut outputs = [a.output(), b.output()];
    outputs.sort();
    let again = |s: Story, number| s.appeal(WORKER, WORKER, number, json!({ "asked": outputs }));
    let none: [String; 0] = [];
    let shown = a.shown();
    let record = hex(&hash(&[&shown.evidence]));
    let contents: Vec<String> = shown.contents.iter().map(|c| hex(c)).collect();
    let records = [&shown.receipt, &shown.evidence].map(|r| hex(r));
    let sent = json!({ "to": name(TWO), "contents": contents, "records": records });
    vec![
        held("appeal/right", ends, "the host finds now that the result is right")
            .at(10 * S)
            .appeal(WORKER, WORKER, 1, json!({ "asked": [a.output()] }))
            .answer(&a, "right", free()),
        held("appeal/wrong", ends, "the host finds the same: nothing begins anew")
            .at(500 * S)
            .appeal(WORKER, WORKER, 1, json!({ "asked": [a.output()] }))
            .answer(&a, "wrong", suspended(WORKER, 600 * S))
            .wait(600 * S, free()),
        held("appeal/own-finding", ends, "another result was found wrong meanwhile, of which no evidence was written")
            .at(300 * S)
            .judge(WORKER, false, suspended(WORKER, 900 * S))
            .appeal(WORKER, WORKER, 1, json!({ "asked": [a.output()] }))
            .answer(&a, "right", suspended(WORKER, 900 * S)),
        held("appeal/told", &["INC-010", "INC-011"], "what was found is told of while the host looks again")
            .appeal(WORKER, WORKER, 1, json!({ "asked": [a.output()] }))
            .wait(S / 5, json!({ "no_lease": [name(WORKER)] }))
            .step(json!({ "type": "want", "from": name(TWO), "names": [record] }), json!({ "sent": [sent] }))
            .answer(&a, "wrong", suspended(WORKER, 600 * S)),
        held("appeal/second-key", &["INC-023"], "a new key buys no second appeal")
            .appeal(WORKER, WORKER, 1, json!({ "asked": [a.output()] }))
            .follows(WORKER, HEIR)
            .appeal(HEIR, HEIR, 1, refused("early")),
        held("appeal/unknown", &["INC-051", "INC-028"], "the host cannot tell any more")
            .appeal(WORKER, WORKER, 1, json!({ "asked": [a.output()] }))
            .answer(&a, "unknown", free()),
        again(out("appeal/no-answer", "questions that are not answered change nothing"), 1)
            .wait(600 * S, quarantined(WORKER, HOUR)),
        held("appeal/second-accuser", &["INC-023", "INC-019"], "an appeal keeps no second accuser out")
            .appeal(WORKER, WORKER, 1, json!({ "asked": [a.output()] }))
            .judged(&b, "wrong", quarantined(WORKER, HOUR))
            .answer(&a, "wrong", quarantined(WORKER, HOUR)),
        again(out("appeal/one-right", "of two results one is right: what is left does not convict"), 1)
            .answer(&a, "right", quarantined(WORKER, HOUR))
            .answer(&b, "wrong", suspended(WORKER, 600 * S)),
        again(out("appeal/one-right-turned", "the same in the other order"), 1)
            .answer(&b, "wrong", quarantined(WORKER, HOUR))
            .answer(&a, "right", suspended(WORKER, 600 * S)),
        again(out("appeal/both-wrong", "both are wrong still"), 1)
            .answer(&a, "wrong", quarantined(WORKER, HOUR))
            .answer(&b, "wrong", quarantined(WORKER, HOUR)),
        again(out("appeal/both-right", "both are right"), 1).answer(&b, "right", quarantined(WORKER, HOUR)).answer(
            &a,
            "right",
            free(),
        ),
        story("appeal/equivocation", "TwoFaced", reqs, "no check undoes an equivocation")
            .message(TELLER, &[], &equivocation(WORKER, 1), quarantined(WORKER, HOUR))
            .appeal(WORKER, WORKER, 1, json!({ "asked": none, "kept_out": [name(WORKER)] })),
        held("appeal/other-sender", &["INC-024"], "an appeal that another member sends")
            .appeal(TELLER, WORKER, 1, refused("author"))
            .appeal(WORKER, TELLER, 1, refused("author"))
            .appeal(WORKER, WORKER, 1, json!({ "asked": [a.output()] })),
        story("appeal/once-an-hour", "Boundary", reqs, "a second appeal within an hour, and after it")
            .judge(WORKER, false, fine())
            .appeal(WORKER, WORKER, 1, fine())
            .at(HOUR - 2)
            .judge(WORKER, false, fine())
            .at(HOUR - 1)
            .appeal(WORKER, WORKER, 2, refused("early"))
            .at(HOUR)
            .appeal(WORKER, WORKER, 3, fine()),
        story("appeal/unconcerned", "Boundary", reqs, "a member that is not suspended, is, and is no more")
            .appeal(WORKER, WORKER, 1, refused("unconcerned"))
            .judge(WORKER, false, fine())
            .at(600 * S)
            .appeal(WORKER, WORKER, 2, refused("unconcerned")),
        held("appeal/heir", &["INC-023", "INC-050"], "who takes the place of a suspended key appeals")
            .follows(WORKER, HEIR)
            .appeal(HEIR, HEIR, 1, json!({ "asked": [a.output()] }))
            .answer(&a, "right", free()),
    ]
}
