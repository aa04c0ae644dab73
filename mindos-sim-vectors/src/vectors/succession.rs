//! Keys that are given up (spec 03): which records hold, and what comes of all of them. Records are written and signed
//! here from the chapters, byte by byte: nothing is taken from the code under test but the signature itself.

use mindos_core::crypto::DEFAULT;
use mindos_core::{NodeId, Retired, Succession};
use serde_json::{Value as Json, json};

use super::VectorError;
use super::case::Numbers;
use super::group::{Plain, PlainGroup};
use super::sign::{key, signed};
use crate::inspect::{hex, unhex};

/// The file.
pub(super) const FILE: &str = "id_succession_test.json";
/// Type of its groups.
pub(super) const PROCEDURE: &str = "Succession";
/// What a case gives, and what is asked.
pub(crate) const INPUTS: &[&str] = &["network", "node", "records"];
pub(crate) const OUTPUTS: &[&str] = &["holds", "outcome"];

const NETWORK: u32 = 7;
/// Seeds: of the key that is given up, of two that may follow it, and of a stranger.
const OLD: u8 = 0x51;
const ONE: u8 = 0x52;
const TWO: u8 = 0x53;
const OTHER: u8 = 0x54;
/// Longest record.
const LONGEST: usize = 512;

/// A record before it is signed.
#[derive(Clone)]
struct Draft {
    network: u32,
    sequence: u64,
    expires: u64,
    /// NodeId and signature of each successor.
    successors: Vec<([u8; 32], [u8; 64])>,
    tail: Vec<u8>,
}

/// A successor agrees, under this name, in this network, to follow this key.
fn agreed(by: u8, name: u8, network: u32, of: u8) -> ([u8; 32], [u8; 64]) {
    (key(name), signed(by, "mindos/succeed/1", network, &[&key(of), &key(name)]))
}

impl Draft {
    fn to(successor: u8) -> Self {
        let successors = vec![agreed(successor, successor, NETWORK, OLD)];
        Self { network: NETWORK, sequence: u64::MAX - 1, expires: u64::MAX, successors, tail: Vec::new() }
    }

    fn revocation() -> Self {
        Self { sequence: u64::MAX, successors: Vec::new(), ..Self::to(ONE) }
    }

    /// With an extension that may be ignored, so that the record has this length.
    fn filled(self, length: usize) -> Self {
        let bare = self.clone().bytes().len();
        let value = vec![0; length.saturating_sub(bare + 4)];
        let head = [0x7001_u16.to_le_bytes(), (value.len() as u16).to_le_bytes()].concat();
        Self { tail: [head, value].concat(), ..self }
    }

    fn bytes(self) -> Vec<u8> {
        self.by(OLD)
    }

    fn by(self, author: u8) -> Vec<u8> {
        let list = self.successors.iter().flat_map(|(name, signature)| [&name[..], &signature[..]].concat());
        let body: Vec<u8> = [self.successors.len() as u8].into_iter().chain(list).chain(self.tail).collect();
        let head = [&key(author)[..], &self.sequence.to_le_bytes(), &self.expires.to_le_bytes()].concat();
        let length = (head.len() + body.len() + 64) as u16;
        let mut record = [&[0x0e][..], &length.to_le_bytes(), &head, &body].concat();
        let signature = signed(author, "mindos/record/1", self.network, &[&record]);
        record.extend(signature);
        record
    }
}

struct Case {
    id: String,
    comment: &'static str,
    flag: &'static str,
    reqs: &'static [&'static str],
    /// Each with what it is.
    records: Vec<(Vec<u8>, bool)>,
    /// Of the seed that comes after it; `Some(None)`: nobody.
    outcome: Option<Option<u8>>,
}

const FORM: &[&str] = &["ID-025"];
const AGREED: &[&str] = &["ID-026"];
const SIGNED: &[&str] = &["ID-009"];
const OUTCOME: &[&str] = &["ID-027"];

/// Records alone: those that hold, and those that do not, each ahead of the genuine one.
fn single() -> Vec<Case> {
    let mut cases = Vec::new();
    let one = || Draft::to(ONE).bytes();
    let mut good = |id: &str, flag, reqs, record: Vec<u8>, to: Option<u8>, comment| {
        cases.push(Case { id: id.into(), comment, flag, reqs, records: vec![(record, true)], outcome: Some(to) });
    };
    good("successor", "Normal", AGREED, one(), Some(ONE), "a key is given up for another");
    good("revocation", "Normal", FORM, Draft::revocation().bytes(), None, "a key is given up for none");
    let filled = |length| Draft::to(ONE).filled(length).bytes();
    good("extension", "Extension", FORM, filled(220), Some(ONE), "an extension that may be ignored");
    good("longest", "Boundary", FORM, filled(LONGEST), Some(ONE), "512 bytes");

    let mut bad = |id: String, flag, reqs, records: Vec<Vec<u8>>, comment| {
        let mut records: Vec<(Vec<u8>, bool)> = records.into_iter().map(|r| (r, false)).collect();
        records.push((one(), true));
        cases.push(Case { id, comment, flag, reqs, records, outcome: Some(Some(ONE)) });
    };
    let mut put =
        |id: &str, flag, reqs, draft: Draft, comment| bad(id.into(), flag, reqs, vec![draft.bytes()], comment);
    let (to, revocation) = (|| Draft::to(ONE), Draft::revocation);
    put("too-long", "Boundary", FORM, to().filled(LONGEST + 1), "513 bytes");
    put("other-network", "BadSignature", SIGNED, Draft { network: 8, ..to() }, "signed for another network");
    let named = |successor| Draft { successors: vec![successor], ..to() };
    let elsewhere = named(agreed(ONE, ONE, 8, OLD));
    put("agreed-elsewhere", "BadSignature", AGREED, elsewhere, "the successor agreed in another network");
    put("agreed-by-other", "BadSignature", AGREED, named(agreed(OTHER, ONE, NETWORK, OLD)), "another key agreed");
    let to_other = named(agreed(ONE, ONE, NETWORK, OTHER));
    put("agreed-to-other", "BadSignature", AGREED, to_other, "the successor agreed to follow another key");
    let reused = named((key(ONE), signed(ONE, "mindos/record/1", NETWORK, &[&key(OLD), &key(ONE)])));
    put("agreed-otherwise", "BadSignature", AGREED, reused, "the successor's signature has the label of a record");
    put("itself", "Fields", AGREED, named(agreed(OLD, OLD, NETWORK, OLD)), "a key that follows itself");
    let two = Draft { successors: vec![agreed(ONE, ONE, NETWORK, OLD), agreed(TWO, TWO, NETWORK, OLD)], ..to() };
    put("two-successors", "Fields", &["WIRE-046"], two, "two successors in one record");
    for (id, draft, comment) in [
        ("sequence-revocation", Draft { sequence: u64::MAX, ..to() }, "a successor under the sequence of a revocation"),
        ("sequence-low", Draft { sequence: u64::MAX - 2, ..to() }, "a sequence one too low"),
        ("sequence-0", Draft { sequence: 0, ..to() }, "the sequence 0"),
        (
            "sequence-successor",
            Draft { sequence: u64::MAX - 1, ..revocation() },
            "a revocation under the other sequence",
        ),
        ("expires", Draft { expires: u64::MAX - 1, ..to() }, "it expires"),
        ("expires-0", Draft { expires: 0, ..revocation() }, "a revocation that has expired"),
    ] {
        put(id, "Fields", FORM, draft, comment);
    }
    let by_other = || Draft::to(ONE).by(OTHER);
    let mut claimed = by_other();
    claimed[3..35].copy_from_slice(&key(OLD));
    bad("signed-by-other".into(), "BadSignature", SIGNED, vec![claimed], "another key signed");
    let cuts =
        |record: Vec<u8>| -> Vec<Vec<u8>> { (0..record.len()).step_by(10).map(|n| record[..n].to_vec()).collect() };
    bad("cut".into(), "Cut", SIGNED, cuts(one()), "a record that ends after every tenth byte");
    bad("cut-revocation".into(), "Cut", SIGNED, cuts(revocation().bytes()), "the same of a revocation");
    let long = [&one()[..], &[0]].concat();
    bad("trailing".into(), "Trailing", SIGNED, vec![long], "a byte behind the record");
    for (field, at) in [
        ("type", 0),
        ("length", 1),
        ("author", 3),
        ("sequence", 35),
        ("expires", 43),
        ("count", 51),
        ("successor", 52),
        ("agreement-r", 84),
        ("agreement-s", 116),
        ("signature-r", 148),
        ("signature-s", 180),
    ] {
        let mut record = one();
        record[at] ^= 1;
        bad(format!("flipped/{field}"), "BadSignature", SIGNED, vec![record], "one bit of one field is another");
    }
    cases
}

/// Several records of one key.
fn sets() -> Vec<Case> {
    let (one, two, none) = (Draft::to(ONE).bytes(), Draft::to(TWO).bytes(), Draft::revocation().bytes());
    let again = Draft::to(ONE).filled(220).bytes();
    let mut cases = Vec::new();
    let mut put = |id: &str, flag, records: &[&[u8]], outcome, comment| {
        let records = records.iter().map(|r| (r.to_vec(), true)).collect();
        cases.push(Case { id: format!("set/{id}"), comment, flag, reqs: OUTCOME, records, outcome });
    };
    put("none", "Boundary", &[], None, "nothing is known");
    put("same-twice", "Normal", &[&one, &one], Some(Some(ONE)), "the same record twice");
    put("one-successor", "Normal", &[&one, &again], Some(Some(ONE)), "two records that name one successor");
    put("one-successor-turned", "Normal", &[&again, &one], Some(Some(ONE)), "the same in the other order");
    put("two", "Contradiction", &[&one, &two], Some(None), "two successors");
    put("two-turned", "Contradiction", &[&two, &one], Some(None), "two successors, in the other order");
    put("revoked-after", "Contradiction", &[&one, &none], Some(None), "a revocation after a successor");
    put("revoked-before", "Contradiction", &[&none, &one], Some(None), "a revocation before a successor");
    put("repeated", "Contradiction", &[&one, &two, &one, &one], Some(None), "the majority decides nothing");
    put("one-again", "Contradiction", &[&two, &one, &again], Some(None), "nor does the last");
    let three = [&one[..], &two, &none];
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let id = format!("three-{}{}{}", order[0], order[1], order[2]);
        let records = order.map(|i| three[i]);
        put(&id, "Contradiction", &records, Some(None), "two successors and a revocation, in every order");
    }
    let stranger = Draft { successors: vec![agreed(ONE, ONE, NETWORK, OTHER)], ..Draft::to(ONE) }.by(OTHER);
    put("other-key", "Normal", &[&stranger], None, "another key is given up");
    put("other-key-beside", "Normal", &[&one, &stranger], Some(Some(ONE)), "another key is given up, too");
    cases
}

impl Case {
    fn json(self) -> Json {
        let valid = self.records.iter().all(|r| r.1);
        let outcome = match self.outcome {
            None => String::new(),
            Some(None) => "nobody".to_owned(),
            Some(Some(seed)) => hex(&key(seed)),
        };
        json!({
            "id": format!("id/succession/{}", self.id), "comment": self.comment, "reqs": self.reqs,
            "flags": [self.flag], "result": if valid { "valid" } else { "invalid" },
            "network": NETWORK.to_string(), "node": hex(&key(OLD)), "outcome": outcome,
            "records": self.records.iter().map(|r| hex(&r.0)).collect::<Vec<_>>(),
            "holds": self.records.iter().map(|r| if r.1 { "1" } else { "0" }).collect::<Vec<_>>(),
        })
    }
}

/// The file.
pub(super) fn text(known: &Numbers) -> Result<String, VectorError> {
    let [records, outcomes] = [single(), sets()].map(|cases| cases.into_iter().map(Case::json).collect::<Vec<_>>());
    for case in records.iter().chain(&outcomes) {
        decide(case).map_err(|what| VectorError::Wrong(format!("{}: {what}", case["id"])))?;
    }
    let groups =
        vec![PlainGroup::about(PROCEDURE, "record", records), PlainGroup::about(PROCEDURE, "outcome", outcomes)];
    let header = ["Keys that are given up: which records hold, and what comes of them."];
    Plain { name: FILE, algorithm: "mindos-identity", header: &header, groups }.text(known)
}

/// Which records of a case or request hold, and what comes of those of the node: by the code of production.
pub(crate) fn play(request: &Json) -> Result<Json, String> {
    let network = request["network"].as_str().and_then(|n| n.parse().ok()).ok_or("`network` is no number")?;
    let node = request["node"].as_str().and_then(unhex).and_then(|b| b.try_into().ok());
    let node = NodeId(node.ok_or("`node` is not 32 bytes of hex")?);
    let (mut retired, mut holds): (Option<Retired>, Vec<&str>) = (None, Vec::new());
    for record in request["records"].as_array().ok_or("`records` is no list")? {
        let record = record.as_str().and_then(unhex).ok_or("a record is not hex")?;
        let verified = Succession::verify(&DEFAULT, network, &record);
        holds.push(if verified.is_ok() { "1" } else { "0" });
        let Some(next) = verified.ok().filter(|s| s.node() == node) else { continue };
        match &mut retired {
            None => retired = Some(Retired::by(&next)),
            Some(retired) => _ = retired.add(&next),
        }
    }
    let outcome = match retired.map(|r| r.successor()) {
        None => String::new(),
        Some(None) => "nobody".to_owned(),
        Some(Some(successor)) => hex(&successor.0),
    };
    Ok(json!({ "holds": holds, "outcome": outcome }))
}

/// Decides one case from what the file says alone.
pub(super) fn decide(case: &Json) -> Result<(), String> {
    let made = play(case)?;
    match OUTPUTS.iter().find(|member| made[**member] != case[**member]) {
        Some(member) => Err(format!("`{member}` is {}, expected {}", made[*member], case[*member])),
        None => Ok(()),
    }
}
