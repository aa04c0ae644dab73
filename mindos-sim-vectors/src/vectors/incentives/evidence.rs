//! Evidence (section 6): what a reader takes, whom it suspends and keeps out, until when, and what an appeal ends.

use serde_json::{Value as Json, json};

use super::records::{
    APPEAL, Draft, EVIDENCE, INTENT, NOW_S, RECEIPT, clash, domain, hash, key, signed, skill, succession,
};
use super::story::{MS, S, Story, fine, name, refused};
use crate::inspect::hex;

const READER: u8 = 0x40;
/// Accusers; who tells of evidence; workers.
const ONE: u8 = 0x41;
const TWO: u8 = 0x42;
const TELLER: u8 = 0x47;
const WORKER: u8 = 0x48;
const OTHER: u8 = 0x49;
const HEIR: u8 = 0x4a;
const HOUR: u64 = 3_600 * S;
/// A result-refuted, by the registry.
const REFUTED: u8 = 3;
/// Bytes of contents, and of a record.
const CONTENTS: usize = 16_384;
const RECORD: usize = 1_024;

fn story(id: &str, flag: &'static str, reqs: &'static [&'static str], comment: &'static str) -> Story {
    let members = [ONE, TWO, TELLER, WORKER, OTHER, HEIR];
    Story::new(("evidence", id), flag, reqs, (READER, &members), comment).given("checks", json!([hex(&skill())]))
}

/// A wrong result, and who shows it.
#[derive(Clone)]
struct Proof {
    accuser: u8,
    worker: u8,
    /// Of what the accuser wrote: no two are the same.
    number: u64,
    expires: u64,
    label: u8,
    contexts: Vec<Vec<u8>>,
    output: Vec<u8>,
}

/// What goes in one message, and the name of the evidence in it.
#[derive(Clone)]
struct Shown {
    contents: Vec<Vec<u8>>,
    receipt: Vec<u8>,
    evidence: Vec<u8>,
}

impl Proof {
    fn new(accuser: u8, worker: u8, number: u8) -> Self {
        let output = format!("a wrong result, number {number} of {accuser} against {worker}").into_bytes();
        let number = u64::from(number) << 8;
        Self { accuser, worker, number, expires: NOW_S + 3_300, label: 0, contexts: Vec::new(), output }
    }

    /// Written so many seconds later.
    fn later(self, seconds: u64) -> Self {
        Self { expires: self.expires + seconds, ..self }
    }

    fn intent(&self) -> Draft {
        let mut contexts: Vec<Vec<u8>> = Vec::new();
        for c in &self.contexts {
            contexts.push([&hash(&[c])[..], &(c.len() as u32).to_le_bytes()].concat());
        }
        contexts.sort();
        let numbers = [&1u32.to_le_bytes()[..], &20u32.to_le_bytes(), &S.to_le_bytes(), &9u64.to_le_bytes()].concat();
        let payload = [&6u16.to_le_bytes()[..], b"please"].concat();
        let list = [&[contexts.len() as u8][..], &contexts.concat()].concat();
        let body = [&skill()[..], &numbers, &[self.label, 0, 0, 0], &list, &payload].concat();
        Draft::new(INTENT, self.accuser, self.number, u64::MAX, body)
    }

    fn receipt(&self, intent: &[u8]) -> Draft {
        self.receipt_by(self.worker, self.worker, intent)
    }

    /// Over a worker's name, whose half this key signed.
    fn receipt_by(&self, worker: u8, signer: u8, intent: &[u8]) -> Draft {
        let (intent, output) = (hash(&[intent]), hash(&[&self.output]));
        let numbers = [2u64.to_le_bytes(), 5u64.to_le_bytes()].concat();
        let fields = [&intent[..], &key(self.accuser), &key(worker), &numbers, &output];
        let half = signed(signer, "mindos/receipt/1", super::records::NETWORK, &fields);
        let body = [&intent[..], &key(worker), &numbers, &output, &half].concat();
        Draft::new(RECEIPT, self.accuser, self.number + 1, self.expires, body)
    }

    fn evidence(&self, receipt: &[u8]) -> Draft {
        self.evidence_of(domain(&skill()), REFUTED, receipt)
    }

    fn evidence_of(&self, domain: u32, kind: u8, receipt: &[u8]) -> Draft {
        let body = [&key(self.worker)[..], &domain.to_le_bytes(), &[kind], &hash(&[receipt])].concat();
        Draft::new(EVIDENCE, self.accuser, self.number + 2, self.expires, body)
    }

    fn contents(&self, intent: Vec<u8>) -> Vec<Vec<u8>> {
        let mut contexts = self.contexts.clone();
        contexts.sort_by_key(|c| hash(&[c]));
        [vec![intent], contexts, vec![self.output.clone()]].concat()
    }

    /// As it should be, but for the records that are made otherwise.
    fn made(
        &self,
        intent: impl Fn(Draft) -> Draft,
        receipt: impl Fn(Draft) -> Draft,
        evidence: impl Fn(Draft) -> Draft,
    ) -> Shown {
        let intent = intent(self.intent()).bytes();
        let receipt = receipt(self.receipt(&intent)).bytes();
        let evidence = evidence(self.evidence(&receipt)).bytes();
        Shown { contents: self.contents(intent), receipt, evidence }
    }

    fn shown(&self) -> Shown {
        self.made(|d| d, |d| d, |d| d)
    }

    fn output(&self) -> String {
        hex(&hash(&[&self.output]))
    }

    /// It is held, and the host is asked.
    fn asked(&self) -> Json {
        json!({ "held": [format!("{} {}", name(self.worker), name(self.accuser))], "asked": [self.output()] })
    }

    /// It is held, and nobody is asked.
    fn held(&self) -> Json {
        json!({ "held": [format!("{} {}", name(self.worker), name(self.accuser))], "asked": [] })
    }
}

impl Story {
    /// A member tells that it has something about a member.
    fn have(self, about: u8, evidence: &[u8], wanted: bool) -> Self {
        let record = hash(&[evidence]);
        let expect = if wanted { json!([{ "to": name(TELLER), "names": [hex(&record)] }]) } else { json!([]) };
        let input = json!({
            "type": "have", "from": name(TELLER), "about": name(about), "root": hex(&hash(&[&record])),
            "names": [hex(&record)],
        });
        self.step(input, json!({ "want": expect }))
    }

    /// What was asked for comes.
    fn comes(self, shown: &Shown, expect: Json) -> Self {
        self.message(TELLER, &shown.contents, &[shown.receipt.clone(), shown.evidence.clone()], expect)
    }

    /// Somebody tells of it, and it comes.
    fn show(self, about: u8, shown: &Shown, expect: Json) -> Self {
        self.have(about, &shown.evidence, true).comes(shown, expect)
    }

    fn proof(self, proof: &Proof, expect: Json) -> Self {
        self.show(proof.worker, &proof.shown(), expect)
    }

    fn answer(self, proof: &Proof, found: &str, expect: Json) -> Self {
        self.step(json!({ "type": "answer", "output": proof.output(), "found": found }), expect)
    }

    /// It comes, and the host looks at it.
    fn judged(self, proof: &Proof, found: &str, expect: Json) -> Self {
        self.proof(proof, proof.asked()).answer(proof, found, expect)
    }

    fn follows(self, old: u8, new: u8) -> Self {
        self.step(json!({ "type": "succession", "record": hex(&succession(old, Some(new))) }), fine())
    }

    fn appeal(self, from: u8, author: u8, number: u64, expect: Json) -> Self {
        let record = Draft::new(APPEAL, author, 9_000 + number, u64::MAX, vec![0; 33]).bytes();
        self.message(from, &[], &[record], expect)
    }
}

/// A key and the µs at which something about it ends.
fn until(seed: u8, at: u64) -> Json {
    json!([format!("{} {at}", name(seed))])
}

/// A worker and who takes its place, in the order of their names.
fn both() -> Json {
    let mut names = [WORKER, HEIR].map(name);
    names.sort();
    json!(names)
}

fn free() -> Json {
    json!({ "suspended": [], "quarantined": [], "no_lease": [], "kept_out": [] })
}

fn suspended(seed: u8, at: u64) -> Json {
    json!({ "suspended": until(seed, at), "quarantined": [], "no_lease": [name(seed)], "kept_out": [] })
}

fn quarantined(seed: u8, at: u64) -> Json {
    json!({ "quarantined": until(seed, at), "kept_out": [name(seed)] })
}

/// What belongs together, and what does not.
fn parts() -> Vec<Story> {
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

/// Whose evidence, about whom, how long, until when.
fn bounds() -> Vec<Story> {
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
            .message(TELLER, &[], &clash(ONE, 1), quarantined(ONE, HOUR))
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
            .message(TELLER, &[], &clash(WORKER, 1), quarantined(WORKER, HOUR))
            .have(WORKER, &proof.made(same, same, same).evidence, false)
            .at(HOUR)
            .proof(&proof.clone().later(3_600), proof.held()),
    ]
}

/// Whom the host is asked about, how often, and who hears of it.
fn asking() -> Vec<Story> {
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

/// What a reader takes.
pub(super) fn taken() -> Vec<Story> {
    [parts(), bounds(), asking()].concat()
}

/// What one finding of the own host does.
pub(super) fn suspension() -> Vec<Story> {
    let proof = Proof::new(ONE, WORKER, 1);
    let wrong: &[&str] = &["INC-046", "INC-047", "INC-017"];
    let false_evidence: &[&str] = &["INC-018"];
    let of_other = Proof::new(ONE, OTHER, 2);
    let next = Proof::new(ONE, OTHER, 3).later(3_300);
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
            .proof(&next, next.asked()),
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

fn equivocations() -> Vec<Story> {
    let reqs: &[&str] = &["INC-019", "INC-022"];
    let [one, other] = clash(WORKER, 1);
    let see = |id, flag, records: &[Vec<u8>], kept_out: bool, comment| {
        let expect = if kept_out { quarantined(WORKER, HOUR) } else { free() };
        story(id, flag, reqs, comment).message(TELLER, &[], records, expect)
    };
    let receipt = |n: u8| Draft::new(RECEIPT, WORKER, 1, NOW_S, vec![n; 176]);
    let filled = |length: usize| [receipt(1).filled(length).bytes(), receipt(2).bytes()];
    let stranger = clash(0x4f, 1);
    let [elsewhere, _] = clash(OTHER, 1);
    let mut names = [&one, &other].map(|r| hex(&hash(&[r])));
    names.sort();
    let both = [hex(&one), hex(&other)];
    let gives = json!({ "sent": [{ "to": name(TWO), "contents": [], "records": both }] });
    let fresh = clash(WORKER, 2);
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

/// What two accusers do, and an equivocation.
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

/// What an appeal ends.
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
            .message(TELLER, &[], &clash(WORKER, 1), quarantined(WORKER, HOUR))
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
