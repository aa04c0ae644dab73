//! What one finding of the own host does.

use serde_json::json;

use super::super::records::NOW_S;
use super::super::story::{S, Story, fine, name, refused};
use super::{HEIR, HOUR, ONE, OTHER, Proof, TWO, WORKER, both, free, story, suspended, until};

pub(super) fn suspension() -> Vec<Story> {
    let proof = Proof::new(ONE, WORKER, 1);
    let wrong: &[&str] = &["INC-046", "INC-047", "INC-017"];
    let false_evidence: &[&str] = &["INC-018"];
    let of_other = Proof::new(ONE, OTHER, 2);
    let next = Proof::new(ONE, OTHER, 3).later(3_300);
    let fresh = Proof::new(ONE, OTHER, 5).later(3_300);
    let lied = |id, reqs, comment| story(id, "Silenced", reqs, comment).judged(&proof, "right", free());
    let heirs: &[&str] = &["INC-050"];
    vec![
        story("suspension/wrong", "Normal", wrong, "a result that the host finds wrong suspends for 600 s")
            .proof(&proof, fine())
            .at(S)
            .answer(&proof, "wrong", suspended(WORKER, 601 * S))
            .wait(601 * S - 1, suspended(WORKER, 601 * S))
            .wait(601 * S, free()),
        story("suspension/own", "Normal", &["INC-046"], "a result of an intent of its own")
            .judge(WORKER, true, free())
            .judge(WORKER, false, suspended(WORKER, 600 * S))
            .wait(600 * S - 1, suspended(WORKER, 600 * S))
            .wait(600 * S, free()),
        story("suspension/anew", "Normal", &["INC-046"], "a second finding begins anew")
            .judge(WORKER, false, suspended(WORKER, 600 * S))
            .at(500 * S)
            .judged(&proof, "wrong", suspended(WORKER, 1_100 * S)),
        story("suspension/unknown", "Normal", &["INC-028"], "a host that cannot tell")
            .about(&[WORKER, ONE])
            .judged(&proof, "unknown", json!({ "no_lease": [], "accusers": [], "about": ["0 32768", "0 32768"] }))
            .proof(&of_other, of_other.asked()),
        story("suspension/no-answer", "Boundary", &["INC-048", "INC-017"], "a host that does not answer in 600 s")
            .proof(&proof, fine())
            .wait(600 * S - 1, json!({ "no_lease": [name(WORKER)] }))
            .wait(600 * S, free()),
        lied("false/standing", false_evidence, "false evidence is a promise that its author broke")
            .about(&[WORKER, ONE])
            .wait(0, json!({ "about": ["0 32768", "0 10922"] })),
        lied("false/evidence", &["INC-018", "INC-016"], "nor is its author heard for an hour")
            .at(HOUR - S)
            .show(OTHER, &next.shown(), refused("unheard"))
            .at(HOUR)
            .proof(&fresh, fresh.asked()),
        story("false/advice", "Silenced", &["INC-018", "INC-006"], "nor its advice, given before or after")
            .about(&[OTHER])
            .digest(ONE, &[(OTHER, 0)], json!({ "about": ["32 26214"] }))
            .judged(&proof, "right", json!({ "about": ["0 32768"], "advisers": [] }))
            .at(HOUR - 1)
            .digest(ONE, &[(OTHER, 0)], refused("unheard"))
            .at(HOUR)
            .digest(ONE, &[(OTHER, 0)], json!({ "about": ["32 26214"] })),
        story("false/others", "Silenced", false_evidence, "what its author showed of others is dropped")
            .proof(&of_other, of_other.asked())
            .judged(&proof, "right", free())
            .have(OTHER, &Proof::new(TWO, OTHER, 4).shown().evidence, true),
        story("false/found", "Silenced", false_evidence, "but for what the host found true")
            .judged(&of_other, "wrong", suspended(OTHER, 600 * S))
            .judged(&proof, "right", json!({ "suspended": until(OTHER, 600 * S), "no_lease": [name(OTHER)] })),
        story("false/heir", "Line", &["INC-030"], "who takes its author's place is not heard either")
            .judged(&proof, "right", fine())
            .follows(ONE, HEIR)
            .proof(&Proof::new(HEIR, OTHER, 5), refused("unheard")),
        lied("false/again", &["INC-018"], "work that was found right is asked about no more").at(HOUR).show(
            WORKER,
            &Proof { expires: NOW_S + 7_000, ..proof.clone() }.shown(),
            refused("cleared"),
        ),
        story("heir/suspended", "Line", heirs, "who takes the place of a suspended key gets no lease")
            .judged(&proof, "wrong", suspended(WORKER, 600 * S))
            .follows(WORKER, HEIR)
            .wait(600 * S - 1, json!({ "suspended": until(WORKER, 600 * S), "no_lease": both() }))
            .wait(600 * S, free()),
        story("heir/asked", "Line", heirs, "nor while the host is asked about the key before it")
            .proof(&proof, json!({ "no_lease": [name(WORKER)] }))
            .follows(WORKER, HEIR)
            .wait(S, json!({ "no_lease": both() }))
            .answer(&proof, "unknown", free()),
    ]
}
