//! Cases of the strict rule for signatures (spec 03, section 1.3). Each states the rules that it breaks; the rules are
//! decided here one by one on the curve, and not by the verifier that the cases are for.

mod craft;
mod published;

use std::collections::BTreeSet;

use curve25519_dalek::edwards::{CompressedEdwardsY, EdwardsPoint};
use curve25519_dalek::scalar::Scalar;
use mindos_core::crypto::{Crypto, DEFAULT};
use serde_json::{Map, Value as Json, json};
use sha2::{Digest, Sha512};

use super::case::{NOTES, Numbers};
use super::{SUITE, VectorError};
use crate::inspect::{hex, unhex};

/// The file.
pub(super) const FILE: &str = "sig_strict_test.json";
/// Type of its groups.
pub(super) const PROCEDURE: &str = "VerifySignature";

/// What is verified.
struct Signed {
    key: [u8; 32],
    message: Vec<u8>,
    signature: [u8; 64],
}

impl Signed {
    fn by(seed: u8, message: &[u8]) -> Self {
        Self::by_seed(&[seed; 32], message)
    }

    fn by_seed(seed: &[u8; 32], message: &[u8]) -> Self {
        Self { key: DEFAULT.sign_public(seed), message: message.to_vec(), signature: DEFAULT.sign(seed, message) }
    }
}

/// A case.
struct Case {
    id: String,
    comment: String,
    /// Out of [`NOTES`].
    flag: &'static str,
    /// Numbers of the rules that it breaks, rising; none if it is valid.
    breaks: &'static [u8],
    signed: Signed,
}

impl Case {
    fn new(
        id: impl Into<String>,
        flag: &'static str,
        breaks: &'static [u8],
        signed: Signed,
        comment: impl Into<String>,
    ) -> Self {
        Self { id: id.into(), comment: comment.into(), flag, breaks, signed }
    }

    /// As written. Fails if the case breaks other rules than it states, or the verifier decides otherwise.
    fn json(&self, number: u64) -> Result<Json, VectorError> {
        let case = json!({
            "tcId": number,
            "id": self.id,
            "comment": self.comment,
            "reqs": ["ID-008"],
            "flags": [self.flag],
            "key": hex(&self.signed.key),
            "message": hex(&self.signed.message),
            "signature": hex(&self.signed.signature),
            "breaks": self.breaks.iter().map(u8::to_string).collect::<Vec<_>>(),
            "result": if self.breaks.is_empty() { "valid" } else { "invalid" },
        });
        decide(&case).map_err(|what| VectorError::Wrong(format!("{}: {what}", self.id)))?;
        Ok(case)
    }
}

/// The rules that a signature breaks, by number.
fn broken(signed: &Signed) -> Vec<u8> {
    // Two arrays of 32 bytes are all of 64: no remainder is lost.
    let (r, s) = signed.signature.split_at(32);
    let (r, s): ([u8; 32], [u8; 32]) = (r.try_into().unwrap_or_default(), s.try_into().unwrap_or_default());
    // This reads encodings that are not canonical, too.
    let [a, r_point] = [signed.key, r].map(|encoded| CompressedEdwardsY(encoded).decompress());
    let small = |point: &Option<EdwardsPoint>| point.as_ref().is_some_and(EdwardsPoint::is_small_order);
    let k = challenge(&r, &signed.key, &signed.message);
    let right = a.zip(r_point).map(|(a, r)| r + k * a);
    let kept = [
        below_p(&signed.key) && below_p(&r),
        Scalar::from_canonical_bytes(s).is_some().into(),
        !small(&a) && !small(&r_point),
        // What states no point satisfies no equation.
        right == Some(EdwardsPoint::mul_base(&Scalar::from_bytes_mod_order(s))),
    ];
    (1..).zip(kept).filter(|(_, kept)| !kept).map(|(number, _)| number).collect()
}

/// The hash that the equation multiplies the key by.
fn challenge(r: &[u8; 32], key: &[u8; 32], message: &[u8]) -> Scalar {
    let hash = Sha512::new().chain_update(r).chain_update(key).chain_update(message).finalize();
    Scalar::from_bytes_mod_order_wide(&hash.into())
}

/// Whether y, little-endian without the top bit, is below 2^255 - 19.
fn below_p(encoded: &[u8; 32]) -> bool {
    let mut y = *encoded;
    y[31] &= 0x7f;
    y.reverse();
    let mut p = [0xff; 32];
    (p[0], p[31]) = (0x7f, 0xed);
    y < p
}

/// Statements as nodes sign them, and what is no such statement.
fn statements() -> Vec<Case> {
    let (network, seed) = (0x4d49_4e44_u32, 0x71);
    let node = DEFAULT.sign_public(&[seed; 32]);
    let statement = |label: &[u8; 16], network: u32, fields: &[&[u8]]| {
        [&label[..], &network.to_le_bytes(), &fields.concat()].concat()
    };
    let life: &[&[u8]] = &[&7_u32.to_le_bytes(), &node, &3_u32.to_le_bytes()];
    let accused: &[&[u8]] = &[&7_u32.to_le_bytes(), &[0x72; 32], &3_u32.to_le_bytes()];
    let numbers = [1_u64, 5, 1_000, 2_000].map(u64::to_le_bytes).concat();
    let lease: &[&[u8]] = &[&[0x73; 32], &[0x74; 32], &numbers];
    let deal = [5_u64, 1_000].map(u64::to_le_bytes).concat();
    let receipt: &[&[u8]] = &[&[0x73; 32], &node, &[0x74; 32], &deal, &[0x79; 32]];
    let vouched: &[&[u8]] = &[&[0x77; 32], &2_000_000_000_u64.to_le_bytes()];
    let record = super::handshake::beacon(seed, 0x75, network);
    let record = record.split_last_chunk::<64>().map(|(body, _)| body).unwrap_or_default();
    let signed = |label, network, fields| Signed::by(seed, &statement(label, network, fields));
    let valid =
        |name: &str, signed, comment| Case::new(format!("sig/statement/{name}"), "Normal", &[], signed, comment);
    let alive = || signed(b"mindos/alive/1\0\0", network, life);
    let invalid = |name: &str, message, comment| {
        let signed = Signed { message, ..alive() };
        Case::new(format!("sig/statement/{name}"), "BadSignature", &[4], signed, comment)
    };
    vec![
        valid("record", signed(b"mindos/record/1\0", network, &[record]), "a beacon without its signature"),
        valid("accuse", signed(b"mindos/accuse/1\0", network, accused), "this incarnation did not answer me"),
        valid("alive", alive(), "I live, under this incarnation"),
        valid("leave", signed(b"mindos/leave/1\0\0", network, life), "I leave"),
        valid("lease", signed(b"mindos/lease/1\0\0", network, lease), "this worker may execute this intent"),
        valid(
            "receipt",
            signed(b"mindos/receipt/1", network, receipt),
            "for this output of this lease so much is owed",
        ),
        valid("vouch", signed(b"mindos/vouch/1\0\0", network, vouched), "I vouch for this node until then"),
        valid("succeed", signed(b"mindos/succeed/1", network, &[&[0x78; 32], &node]), "I take the place of this node"),
        invalid("other-network", statement(b"mindos/alive/1\0\0", 0, life), "`alive` of another network"),
        invalid("other-label", statement(b"mindos/leave/1\0\0", network, life), "`alive` in place of `leave`"),
        invalid("no-label", life.concat(), "the fields without label and network"),
    ]
}

/// Honest signatures, and changes of one.
fn ordinary() -> Vec<Case> {
    let good = || Signed::by(0x76, b"message");
    let mut out = published::rfc8032();
    let mut bad = |name: &str, change: &dyn Fn(&mut Signed), comment: &str| {
        let mut signed = good();
        change(&mut signed);
        out.push(Case::new(format!("sig/changed/{name}"), "BadSignature", &[4], signed, comment));
    };
    bad("message", &|s| s.message[0] ^= 1, "one bit of the message is flipped");
    bad("message-longer", &|s| s.message.push(0), "a zero byte follows the message");
    bad("message-empty", &|s| s.message.clear(), "the message is missing");
    bad("s", &|s| s.signature[32] ^= 1, "one bit of S is flipped");
    bad("s-zero", &|s| s.signature[32..].fill(0), "S is zero");
    bad("r-sign", &|s| s.signature[31] ^= 0x80, "the sign of R is flipped");
    bad("key-sign", &|s| s.key[31] ^= 0x80, "the sign of the key is flipped");
    bad("other-key", &|s| s.key = Signed::by(0x77, b"").key, "the key of somebody else");
    bad("other-message", &|s| s.signature = Signed::by(0x76, b"another").signature, "a signature over another message");
    for (times, comment) in [(1, "S + L"), (2, "S + 2 L"), (8, "S + 8 L, which sets the top bits"), (14, "S + 14 L")] {
        let mut signed = good();
        (0..times).for_each(|_| craft::add_order(&mut signed.signature));
        out.push(Case::new(format!("sig/malleable/s-plus-{times}-l"), "Malleable", &[2], signed, comment));
    }
    out
}

/// The file. Numbers of published cases are kept.
pub(super) fn text(known: &Numbers) -> Result<String, VectorError> {
    let groups = [
        ("statement", statements()),
        ("ordinary", ordinary()),
        ("crafted", craft::cases()?),
        ("published", published::cases()?),
    ];
    let mut next = known.values().max().copied().unwrap_or(0);
    let (mut used, mut flags, mut written) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
    for (message, cases) in &groups {
        let mut tests = Vec::new();
        for case in cases {
            let number = known.get(&case.id).copied().unwrap_or_else(|| {
                next += 1;
                next
            });
            if !used.insert(case.id.as_str()) {
                return Err(VectorError::Wrong(format!("{}: two cases of this id", case.id)));
            }
            flags.insert(case.flag);
            tests.push(case.json(number)?);
        }
        written.push(json!({
            "type": PROCEDURE,
            "message": message,
            "source": { "name": "mindos vectors generate", "version": env!("CARGO_PKG_VERSION") },
            "tests": tests,
        }));
    }
    if let Some(lost) = known.keys().find(|id| !used.contains(id.as_str())) {
        return Err(VectorError::Wrong(format!("{lost}: a published case is permanent, and the generator lost it")));
    }
    let notes: Map<String, Json> = (NOTES.iter().filter(|note| flags.contains(note.0)))
        .map(|(flag, bug, effect)| ((*flag).to_owned(), json!({ "bugType": bug, "effect": effect })))
        .collect();
    let file = json!({
        "suite": SUITE,
        "algorithm": "mindos-signature",
        "header": [
            "Signatures, by the strict rule of chapter 03.",
            "sig/rfc8032: test vectors of RFC 8032, section 7.1.",
            "sig/speccheck: cases.json of github.com/novifinancial/ed25519-speccheck (Apache-2.0), to Chalkias, Garillot, Nikolaenko, Taming the many EdDSAs, 2020.",
        ],
        "numberOfTests": used.len(),
        "notes": notes,
        "testGroups": written,
    });
    Ok(format!("{file:#}\n"))
}

/// Decides one case from what it says alone.
pub(super) fn decide(case: &Json) -> Result<(), String> {
    let field = |name: &str| case[name].as_str().and_then(unhex).ok_or_else(|| format!("{name} is not hex"));
    let key = field("key")?.try_into().map_err(|_| "key is not 32 bytes")?;
    let signature = field("signature")?.try_into().map_err(|_| "signature is not 64 bytes")?;
    let signed = Signed { key, message: field("message")?, signature };
    let breaks = broken(&signed);
    if case["breaks"] != json!(breaks.iter().map(u8::to_string).collect::<Vec<_>>()) {
        return Err(format!("breaks is {}, and the rules that it breaks are {breaks:?}", case["breaks"]));
    }
    let holds = DEFAULT.verify(&signed.key, &signed.message, &signed.signature);
    match (case["result"].as_str(), holds) {
        (Some("valid"), true) | (Some("invalid"), false) => Ok(()),
        (Some("valid" | "invalid"), _) => Err(format!("is {}, and the verifier says {holds}", case["result"])),
        _ => Err("result is neither valid nor invalid".to_owned()),
    }
}
