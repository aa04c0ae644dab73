//! Whose evidence is taken, about whom, how long, until when.

use serde_json::json;

use super::super::records::{Draft, NOW_S, equivocation};
use super::super::story::{Story, fine, refused};
use super::{CONTENTS, HEIR, HOUR, ONE, OTHER, Proof, RECORD, TELLER, TWO, WORKER, quarantined, story};

pub(super) fn bounds() -> Vec<Story> {
    let proof = Proof::new(ONE, WORKER, 1);
    let other = Proof::new(TWO, WORKER, 2);
    let accuser: &[&str] = &["INC-016"];
    let form: &[&str] = &["INC-026"];
    let time: &[&str] = &["INC-027"];
    let same = |d: Draft| d;
    let contents = |length: usize| {
        let rest = proof.shown().contents.concat().len() - proof.output.len();
        Proof { output: vec![7; length - rest], ..proof.clone() }
    };
    let fill = |which: usize, length: usize| {
        let filled = move |n: usize| move |d: Draft| if n == which { d.filled(length) } else { d };
        proof.made(filled(0), filled(1), filled(2))
    };
    // An intent counts without its payload, of 6 bytes.
    let record = |id, which, length, word: Option<&str>, comment| {
        let expect = word.map_or_else(|| proof.asked(), refused);
        story(id, "Boundary", form, comment).show(WORKER, &fill(which, length), expect)
    };
    let expires = |expires| Proof { expires, ..proof.clone() };
    let timed = |id, proof: &Proof, word: Option<&str>, comment| {
        story(id, "Boundary", time, comment).proof(proof, word.map_or_else(|| proof.asked(), refused))
    };
    let label = |label| Proof { label, ..proof.clone() };
    vec![
        story("accuser/unvouched", "Stranger", accuser, "nobody vouches for the accuser")
            .but(ONE, "vouched", "0")
            .proof(&proof, refused("unvouched"))
            .proof(&other, other.asked()),
        story("accuser/no-member", "Stranger", accuser, "the accuser is no member")
            .proof(&Proof::new(0x4f, WORKER, 3), refused("unvouched")),
        story("accuser/retired", "Silenced", accuser, "the accuser's key was given up")
            .follows(ONE, HEIR)
            .proof(&proof, refused("retired"))
            .proof(&Proof::new(HEIR, WORKER, 3), Proof::new(HEIR, WORKER, 3).asked()),
        story("accuser/kept-out", "Silenced", accuser, "the accuser is kept out")
            .message(TELLER, &[], &equivocation(ONE, 1), quarantined(ONE, HOUR))
            .proof(&proof, refused("unheard"))
            .proof(&other, other.asked()),
        story("subject", "Fields", form, "it is about another member than the one asked about")
            .show(OTHER, &proof.shown(), refused("subject"))
            .proof(&proof, proof.asked()),
        story("label", "Boundary", form, "an intent that is not public")
            .proof(&label(1), refused("label"))
            .proof(&other, other.asked()),
        {
            let fits = contents(CONTENTS);
            story("length/contents", "Boundary", form, "contents of 16,384 bytes").proof(&fits, fits.asked())
        },
        story("length/contents-over", "Boundary", form, "one byte more")
            .proof(&contents(CONTENTS + 1), refused("length")),
        record("length/intent", 0, RECORD + 6, None, "an intent of 1,024 bytes beside its payload"),
        record("length/intent-over", 0, RECORD + 7, Some("length"), "one byte more"),
        record("length/receipt", 1, RECORD, None, "a receipt of 1,024 bytes"),
        record("length/receipt-over", 1, RECORD + 1, Some("length"), "one byte more"),
        record("length/evidence", 2, RECORD, None, "evidence of 1,024 bytes"),
        record("length/evidence-over", 2, RECORD + 1, Some("length"), "one byte more"),
        timed("time/last-second", &expires(NOW_S), None, "the last second of the evidence"),
        timed("time/expired", &expires(NOW_S - 1), Some("expired"), "the second after it"),
        timed("time/hour", &expires(NOW_S + 3_600), None, "evidence that expires an hour later"),
        timed("time/far", &expires(NOW_S + 3_601), Some("far"), "one second more"),
        story("time/no-clock", "Boundary", time, "a reader that does not know the time, and is told")
            .given("unix_s", json!(""))
            .proof(&proof, refused("clock"))
            .step(json!({ "type": "clock", "unix_s": NOW_S.to_string() }), fine())
            .proof(&proof, proof.asked()),
        story("settled", "Asking", &["INC-012"], "evidence about a member that is kept out is not asked for")
            .message(TELLER, &[], &equivocation(WORKER, 1), quarantined(WORKER, HOUR))
            .have(WORKER, &proof.made(same, same, same).evidence, false)
            .at(HOUR)
            .proof(&proof.clone().later(3_600), proof.held()),
    ]
}
