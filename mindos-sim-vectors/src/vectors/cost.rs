//! Cost proofs (spec 03). What is hashed, and where bits are counted, is written here a second time: nothing is
//! taken from the code under test.

use std::collections::BTreeSet;

use mindos_core::crypto::DEFAULT;
use mindos_core::{NodeId, cost};
use serde_json::{Map, Value as Json, json};

use super::case::{NOTES, Numbers};
use super::{SUITE, VectorError};
use crate::inspect::{hex, unhex};

/// The file.
pub(super) const FILE: &str = "id_cost_test.json";
/// Type of its groups.
pub(crate) const PROCEDURE: &str = "VerifyCost";

const DAY: u64 = 86_400;
/// 21 November 2026.
const TODAY: u32 = 20_778;
const NETWORK: u32 = 7;
/// Bits that no proof has by accident: the cases are always the same ones.
const BITS: u8 = 12;

/// A proof and what its verifier knows.
#[derive(Clone)]
struct Claim {
    network: u32,
    node: [u8; 32],
    unix_s: u64,
    bits: u8,
    epoch: u32,
    segment: u64,
    nonce: u64,
}

impl Claim {
    /// Of one node today, nothing proved yet.
    fn today() -> Self {
        let unix_s = u64::from(TODAY) * DAY + 4_321;
        Self { network: NETWORK, node: [0x31; 32], unix_s, bits: BITS, epoch: TODAY, segment: 0, nonce: 0 }
    }

    /// The first field of what is hashed is the label.
    fn fields(&self) -> [Vec<u8>; 6] {
        [
            b"mindos/cost/1\0\0\0".to_vec(),
            self.network.to_le_bytes().to_vec(),
            self.node.to_vec(),
            self.epoch.to_le_bytes().to_vec(),
            self.segment.to_le_bytes().to_vec(),
            self.nonce.to_le_bytes().to_vec(),
        ]
    }

    fn hash(&self) -> [u8; 32] {
        blake3::hash(&self.fields().concat()).into()
    }

    /// The first nonce at or after its own for which `is` says yes.
    fn find(mut self, is: impl Fn(&Self) -> bool) -> Self {
        while !is(&self) {
            self.nonce = self.nonce.wrapping_add(1);
        }
        self
    }

    fn proved(self) -> Self {
        self.find(|c| bits(&c.hash()) >= u32::from(c.bits))
    }
}

/// Leading zero bits, one after another.
fn bits(hash: &[u8; 32]) -> u32 {
    let all = hash.iter().flat_map(|byte| (0..8).rev().map(move |i| byte >> i & 1));
    all.take_while(|bit| *bit == 0).count() as u32
}

struct Case {
    id: &'static str,
    comment: &'static str,
    flag: &'static str,
    reqs: &'static [&'static str],
    claim: Claim,
    /// `None`: it counts.
    error: Option<&'static str>,
}

const EPOCH: &[&str] = &["ID-012"];
const SEGMENT: &[&str] = &["ID-013"];
const HASH: &[&str] = &["ID-014"];

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut put = |id, flag, reqs, claim, error, comment| {
        cases.push(Case { id, comment, flag, reqs, claim, error });
    };
    let today = Claim::today;
    let moment = |unix_s| Claim { unix_s, ..today().proved() };
    let noon = u64::from(TODAY) * DAY;
    put("typical", "Normal", &["ID-012", "ID-013", "ID-014"][..], today().proved(), None, "a proof of today");
    put("first-second", "Boundary", EPOCH, moment(noon), None, "the first second of its day");
    put("last-second", "Boundary", EPOCH, moment(noon + DAY - 1), None, "the last second of its day");
    put("next-day", "Boundary", EPOCH, moment(noon + 2 * DAY - 1), None, "the last second of the day after");
    let beginning = Claim { unix_s: 0, epoch: 0, ..today() }.proved();
    put("epoch-0", "Boundary", EPOCH, beginning.clone(), None, "the first day of all");
    let free = Claim { bits: 0, ..today() }.find(|c| bits(&c.hash()) == 0);
    put("no-bits", "Boundary", HASH, free, None, "nothing is asked for, and the hash begins with a one");
    let exact = Claim { bits: 9, ..today() }.find(|c| bits(&c.hash()) == 9);
    put("exact", "Boundary", HASH, exact.clone(), None, "as many bits as asked for, not whole bytes");
    put("more", "Normal", HASH, Claim { bits: 7, ..exact.clone() }, None, "more bits than asked for");
    let high = Claim { nonce: u64::MAX - 100_000, ..today() }.proved();
    put("high-nonce", "Boundary", HASH, high, None, "a nonce of all 64 bits");

    put("two-days-old", "Epoch", EPOCH, moment(noon + 2 * DAY), Some("epoch"), "the first second of the second day");
    put("tomorrow", "Epoch", EPOCH, moment(noon - 1), Some("epoch"), "the second before its day");
    let last = Claim { epoch: u32::MAX, ..beginning }.proved();
    put("before-epoch-0", "Epoch", EPOCH, last, Some("epoch"), "no day is before the first");
    let elsewhere = Claim { segment: 1, ..today() }.proved();
    put("other-segment", "Unbound", SEGMENT, elsewhere.clone(), Some("segment"), "a proof of another segment");
    let restated = |claim: Claim, now: &dyn Fn(&mut Claim)| {
        let mut claim = claim.proved();
        now(&mut claim);
        claim
    };
    let moved = Claim { segment: 0, ..elsewhere };
    put("segment-restated", "Unbound", HASH, moved, Some("bits"), "the same proof, its segment stated as 0");
    let other = restated(Claim { network: 8, ..today() }, &|c| c.network = NETWORK);
    put("other-network", "Unbound", HASH, other, Some("bits"), "a proof of another network");
    let other = restated(Claim { node: [0x32; 32], ..today() }, &|c| c.node = [0x31; 32]);
    put("other-node", "Unbound", HASH, other, Some("bits"), "a proof of another node");
    let other = restated(Claim { epoch: TODAY - 2, ..today() }, &|c| c.epoch = TODAY);
    put("epoch-restated", "Unbound", HASH, other, Some("bits"), "an old proof, its epoch stated as today's");
    let bare = |c: &Claim| -> [u8; 32] { blake3::hash(&c.fields()[1..].concat()).into() };
    let unlabelled = today().find(|c| bits(&bare(c)) >= u32::from(c.bits));
    put("no-label", "Unbound", HASH, unlabelled, Some("bits"), "holds if the label is left out");
    let short = Claim { bits: 10, ..exact };
    put("one-bit-short", "Weak", HASH, short, Some("bits"), "one bit fewer than asked for");
    let low = Claim { bits: 4, ..today() }.find(|c| c.hash()[0] & 0x0f == 0 && c.hash()[0] >> 4 != 0);
    put("lowest-bits", "Weak", HASH, low, Some("bits"), "zeros in the lowest bits of the first byte");
    let end = Claim { bits: 8, ..today() }.find(|c| c.hash()[31] == 0 && c.hash()[0] != 0);
    put("last-byte", "Weak", HASH, end, Some("bits"), "the zeros end the hash");
    let big = |c: &Claim| -> [u8; 32] {
        let nonce = c.nonce.to_be_bytes().to_vec();
        blake3::hash(&[&c.fields()[..5].concat()[..], &nonce].concat()).into()
    };
    let turned = today().find(|c| bits(&big(c)) >= u32::from(c.bits));
    put("big-endian", "Normal", HASH, turned, Some("bits"), "holds if the nonce is written big-endian");
    let all = Claim { epoch: TODAY + 1, segment: 1, ..today() };
    put("epoch-first", "ReadingOrder", EPOCH, all, Some("epoch"), "epoch, segment and bits are wrong");
    let two = Claim { segment: 1, ..today() };
    put("segment-second", "ReadingOrder", SEGMENT, two, Some("segment"), "segment and bits are wrong");
    cases
}

impl Case {
    fn json(&self, number: u64) -> Json {
        let c = &self.claim;
        let mut out = json!({
            "tcId": number, "id": format!("id/cost/{}", self.id), "comment": self.comment, "reqs": self.reqs,
            "flags": [self.flag], "network": c.network.to_string(), "node": hex(&c.node),
            "unix_s": c.unix_s.to_string(), "bits": c.bits.to_string(), "epoch": c.epoch.to_string(),
            "segment": c.segment.to_string(), "nonce": c.nonce.to_string(),
        });
        match self.error {
            None => (out["result"], out["hash"]) = (json!("valid"), json!(hex(&c.hash()))),
            Some(error) => (out["result"], out["error"]) = (json!("invalid"), json!(error)),
        }
        out
    }
}

/// The file. A case keeps the number that `known` has for it.
pub(super) fn text(known: &Numbers) -> Result<String, VectorError> {
    let mut next = known.values().copied().max().unwrap_or(0);
    let mut tests = Vec::new();
    for case in cases() {
        let number = known.get(&format!("id/cost/{}", case.id)).copied().unwrap_or_else(|| {
            next += 1;
            next
        });
        let json = case.json(number);
        decide(&json).map_err(|what| VectorError::Wrong(format!("id/cost/{}: {what}", case.id)))?;
        tests.push(json);
    }
    let ids: BTreeSet<&str> = tests.iter().filter_map(|t| t["id"].as_str()).collect();
    if let Some(lost) = known.keys().find(|id| !ids.contains(id.as_str())) {
        return Err(VectorError::Wrong(format!("{lost}: a published case is permanent, and the generator lost it")));
    }
    let used: BTreeSet<&str> = tests.iter().filter_map(|t| t["flags"][0].as_str()).collect();
    let notes: Map<String, Json> = NOTES
        .iter()
        .filter(|n| used.contains(n.0))
        .map(|(f, bug, effect)| (f.to_string(), json!({ "bugType": bug, "effect": effect })))
        .collect();
    let file = json!({
        "suite": SUITE,
        "algorithm": "mindos-identity",
        "header": ["Cost proofs, and which of them count."],
        "numberOfTests": tests.len(),
        "notes": notes,
        "testGroups": [{
            "type": PROCEDURE,
            "message": "cost",
            "source": { "name": "mindos vectors generate", "version": env!("CARGO_PKG_VERSION") },
            "tests": tests,
        }],
    });
    Ok(format!("{file:#}\n"))
}

/// Verifies the proof of a case or request: its hash, or the rule that it breaks.
pub(crate) fn verify(claim: &Json) -> Result<Result<String, &'static str>, String> {
    fn number<T: std::str::FromStr>(claim: &Json, key: &str) -> Result<T, String> {
        claim[key].as_str().and_then(|s| s.parse().ok()).ok_or(format!("`{key}` is no number"))
    }
    let node = claim["node"].as_str().and_then(unhex).and_then(|b| b.try_into().ok());
    let node = NodeId(node.ok_or("`node` is not 32 bytes of hex")?);
    let proof = cost::CostProof {
        epoch: number(claim, "epoch")?,
        segment: number(claim, "segment")?,
        nonce: number(claim, "nonce")?,
    };
    let (network, bits) = (number(claim, "network")?, number(claim, "bits")?);
    let present = cost::epoch(number(claim, "unix_s")?);
    let verified = proof.verify(&DEFAULT, network, &node, bits, Some(present));
    let hash = || hex(&proof.puzzle(network, &node).hash(&DEFAULT, proof.nonce));
    Ok(verified.map(|()| hash()).map_err(cost::CostError::name))
}

/// Decides one case from what the file says alone.
pub(super) fn decide(case: &Json) -> Result<(), String> {
    match (case["result"].as_str(), verify(case)?) {
        (Some("valid"), Ok(hash)) if case["hash"] == hash => Ok(()),
        (Some("invalid"), Err(rule)) if case["error"] == rule => Ok(()),
        (_, Ok(hash)) => Err(format!("counts, with the hash {hash}")),
        (_, Err(rule)) => Err(format!("does not count: {rule}")),
    }
}
