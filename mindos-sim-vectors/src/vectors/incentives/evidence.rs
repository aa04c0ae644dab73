//! Evidence (section 6): what a reader takes, whom it suspends and keeps out, until when, and what an appeal ends.

mod appeal;
mod asking;
mod bounds;
mod parts;
mod quarantine;
mod suspension;

use serde_json::{Value as Json, json};

use super::Groups;
use super::records::{APPEAL, Draft, EVIDENCE, INTENT, NOW_S, RECEIPT, domain, hash, key, signed, skill, succession};
use super::story::{S, Story, fine, name};
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

/// The groups of the file.
pub(super) fn groups() -> Groups {
    let taken = [parts::parts(), bounds::bounds(), asking::asking()].concat();
    vec![
        ("evidence", taken),
        ("suspension", suspension::suspension()),
        ("quarantine", quarantine::quarantine()),
        ("appeal", appeal::appeal()),
    ]
}
