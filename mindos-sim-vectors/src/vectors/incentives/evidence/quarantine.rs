//! What two accusers do, and an equivocation.

use serde_json::json;

use super::super::records::{Draft, NOW_S, RECEIPT, equivocation, hash, succession};
use super::super::story::{MS, S, Story, fine, name, refused};
use super::{
    HEIR, HOUR, ONE, OTHER, Proof, RECORD, TELLER, TWO, WORKER, both, free, quarantined, story, suspended, until,
};
use crate::inspect::hex;

pub(super) fn equivocations() -> Vec<Story> {
    let reqs: &[&str] = &["INC-019", "INC-022"];
    let [one, other] = equivocation(WORKER, 1);
    let see = |id, flag, records: &[Vec<u8>], kept_out: bool, comment| {
        let expect = if kept_out { quarantined(WORKER, HOUR) } else { free() };
        story(id, flag, reqs, comment).message(TELLER, &[], records, expect)
    };
    let receipt = |n: u8| Draft::new(RECEIPT, WORKER, 1, NOW_S, vec![n; 176]);
    let filled = |length: usize| [receipt(1).filled(length).bytes(), receipt(2).bytes()];
    let stranger = equivocation(0x4f, 1);
    let [elsewhere, _] = equivocation(OTHER, 1);
    let mut names = [&one, &other].map(|r| hex(&hash(&[r])));
    names.sort();
    let both = [hex(&one), hex(&other)];
    let gives = json!({ "sent": [{ "to": name(TWO), "contents": [], "records": both }] });
    let fresh = equivocation(WORKER, 2);
    let successions = [succession(WORKER, Some(HEIR)), succession(WORKER, Some(OTHER))];
    vec![
        see("equivocation", "TwoFaced", &[one.clone(), other.clone()], true, "two records under one sequence")
            .wait(200 * MS, fine())
            .step(json!({ "type": "want", "from": name(TWO), "names": [names[1]] }), gives)
            .wait(HOUR - 1, quarantined(WORKER, HOUR))
            .wait(HOUR, free()),
        see("equivocation/turned", "TwoFaced", &[other.clone(), one.clone()], true, "in the other order"),
        see("equivocation/same", "TwoFaced", &[one.clone(), one.clone()], false, "one record twice"),
        see("equivocation/sequences", "TwoFaced", &[one.clone(), fresh[1].clone()], false, "two sequences"),
        see("equivocation/authors", "TwoFaced", &[one.clone(), elsewhere], false, "two authors"),
        see("equivocation/no-member", "Stranger", &stranger, false, "an author that is no member"),
        see(
            "equivocation/forged",
            "BadSignature",
            &[one.clone(), Draft { signer: TWO, ..receipt(2) }.bytes()],
            false,
            "the second is forged",
        ),
        see("equivocation/long", "Boundary", &filled(RECORD), true, "a record of 1,024 bytes"),
        see("equivocation/too-long", "Boundary", &filled(RECORD + 1), false, "one byte more"),
        see("equivocation/successions", "TwoFaced", &successions, false, "two successions"),
        see("equivocation/again", "Twice", &[one.clone(), other.clone()], true, "what convicted once convicts no more")
            .at(HOUR)
            .message(TELLER, &[], &[one, other], free())
            .message(TELLER, &[], &fresh, quarantined(WORKER, 2 * HOUR)),
    ]
}

pub(super) fn quarantine() -> Vec<Story> {
    let reqs: &[&str] = &["INC-019", "INC-020", "INC-022"];
    let line: &[&str] = &["INC-030", "INC-050"];
    let [a, b] = [Proof::new(ONE, WORKER, 1), Proof::new(TWO, WORKER, 2)];
    let heirs_proof = Proof::new(TWO, HEIR, 3);
    let of_line = Proof::new(HEIR, WORKER, 4);
    let hour = |p: &Proof| Proof { expires: NOW_S + 3_600, ..p.clone() };
    let (first, second) = (hour(&a), hour(&b));
    let two = |id, flag, reqs, comment| {
        story(id, flag, reqs, comment).judged(&a, "wrong", suspended(WORKER, 600 * S)).judged(
            &b,
            "wrong",
            quarantined(WORKER, HOUR),
        )
    };
    let mut all = vec![
        two("two-accusers", "Normal", reqs, "evidence of two accusers counts: an hour")
            .wait(HOUR - 1, quarantined(WORKER, HOUR))
            .wait(HOUR, free()),
        story(
            "one-unknown",
            "Normal",
            &["INC-019", "INC-017"],
            "of two accusers one whose evidence the host cannot check",
        )
        .judged(&a, "wrong", fine())
        .judged(&b, "unknown", suspended(WORKER, 600 * S))
        .wait(600 * S, free()),
        story("one-right", "Normal", &["INC-019", "INC-018"], "of two accusers one that is wrong")
            .judged(&a, "wrong", fine())
            .judged(&b, "right", suspended(WORKER, 600 * S)),
        story("later", "Normal", reqs, "the second accuser comes when the suspension is over")
            .judged(&a, "wrong", fine())
            .at(700 * S)
            .judged(&b, "wrong", quarantined(WORKER, 700 * S + HOUR)),
        story("lied", "Silenced", &["INC-019", "INC-018"], "an accuser whose other evidence was false counts no more")
            .judged(&a, "wrong", fine())
            .judged(&Proof::new(ONE, OTHER, 5), "right", suspended(WORKER, 600 * S))
            .judged(&b, "wrong", suspended(WORKER, 600 * S)),
        story("line-of-accusers", "Line", &["INC-019"], "two accusers of one line of succession are one")
            .judged(&a, "wrong", fine())
            .follows(ONE, HEIR)
            .judged(&of_line, "wrong", suspended(WORKER, 600 * S))
            .judged(&b, "wrong", quarantined(WORKER, HOUR)),
        two("heir/kept-out", "Line", line, "who takes the place of a key that is kept out is kept out")
            .follows(WORKER, HEIR)
            .wait(HOUR - 1, json!({ "kept_out": both(), "quarantined": until(WORKER, HOUR) }))
            .wait(HOUR, free()),
        story("heir/counts-together", "Line", line, "a wrong result under each of two keys of one line")
            .judged(&a, "wrong", fine())
            .follows(WORKER, HEIR)
            .judged(&heirs_proof, "wrong", quarantined(HEIR, HOUR)),
        story("spent", "Twice", &["INC-029"], "evidence on which a quarantine rested that ended")
            .judged(&first, "wrong", fine())
            .judged(&second, "wrong", quarantined(WORKER, HOUR))
            .at(HOUR)
            .proof(&first, refused("spent"))
            .proof(&second, refused("spent")),
    ];
    all.extend(equivocations());
    all
}
