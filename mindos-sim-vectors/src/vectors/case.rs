//! Files, groups and cases before they are written.

use std::collections::BTreeMap;

use mindos_wire::ErrorClass;
use serde_json::{Map, Value as Json, json};

use super::{SUITE, VectorError};
use crate::inspect::{Kind, decode, hex};

/// A file of groups.
pub(super) struct File {
    /// File name without `_test.json`.
    pub(super) name: &'static str,
    /// What the file is about, for people.
    pub(super) header: &'static str,
    /// In order.
    pub(super) groups: Vec<Group>,
}

/// Cases that one procedure decides.
pub(super) struct Group {
    /// Which procedure: the README lists them.
    pub(super) procedure: Procedure,
    /// Message, record, packet or topic of the group.
    pub(super) message: &'static str,
    /// In order.
    pub(super) cases: Vec<Case>,
}

/// How a case is decided.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Procedure {
    /// Decode `bytes` as this kind.
    Decode(Kind),
    /// Encode `quantity` as a minifloat, and read the code.
    Minifloat,
}

impl Procedure {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Decode(Kind::Frame) => "DecodeFrame",
            Self::Decode(Kind::Frames) => "DecodeFrames",
            Self::Decode(Kind::Record) => "DecodeRecord",
            Self::Decode(Kind::Packet) => "DecodePacket",
            Self::Minifloat => "Minifloat",
        }
    }

    pub(super) fn named(name: &str) -> Option<Self> {
        let decoders = [Kind::Frame, Kind::Frames, Kind::Record, Kind::Packet].map(Self::Decode);
        decoders.into_iter().chain([Self::Minifloat]).find(|p| p.name() == name)
    }
}

/// Why a case exists: `(flag, bug type, what an implementation that fails it does)`.
pub(super) const NOTES: &[(&str, &str, &str)] = &[
    ("Normal", "BASIC", "Reads or writes ordinary messages wrongly; if this fails, look at your harness first."),
    ("Boundary", "EDGE_CASE", "Fails at the ends of a range."),
    ("Code", "BASIC", "Maps a code point to the wrong name."),
    ("Extension", "FORWARD_COMPATIBILITY", "Refuses or loses an extension that may be ignored."),
    ("Grease", "FORWARD_COMPATIBILITY", "Refuses or loses a frame that may be ignored."),
    ("Cut", "TRUNCATION", "Accepts a value that ends early, or reads beyond its end."),
    ("Trailing", "CANONICAL", "Accepts bytes after the end: a second encoding of one value."),
    ("BadCode", "RANGE", "Accepts a code, flag or count that has no meaning."),
    ("Unsorted", "CANONICAL", "Accepts a list or tail out of order: a second encoding of one value."),
    ("Critical", "FORWARD_COMPATIBILITY", "Ignores what must be understood."),
    ("Fields", "RANGE", "Accepts fields that contradict each other."),
    ("Padding", "CANONICAL", "Accepts padding that carries data."),
    ("Count", "RESOURCE", "Trusts a count: reads or reserves beyond the input."),
    ("BadSignature", "AUTHENTICATION", "Accepts a signature over other bytes, under another key, or changed."),
    ("SmallOrder", "AUTHENTICATION", "Accepts a key or R of small order: one signature then fits many messages."),
    ("MixedOrder", "EDGE_CASE", "Multiplies by the cofactor, or refuses mixed order where the equation holds without."),
    (
        "Malleable",
        "CANONICAL",
        "Accepts an S that is not below the order of the group: a second form of one signature.",
    ),
    ("BadPoint", "CANONICAL", "Accepts an encoding of a key or R that is not canonical, or that states no point."),
    ("ReadingOrder", "DIAGNOSIS", "Reports another of several faults than the first in reading order."),
    (
        "Contradiction",
        "AUTHENTICATION",
        "Lets one of those who sign for a key decide alone who follows it: the first, the last, or the most.",
    ),
    ("Epoch", "AUTHENTICATION", "Counts work that was done for another day."),
    (
        "Unbound",
        "AUTHENTICATION",
        "Leaves something out of the hash, so that one proof serves many nodes, days or places.",
    ),
    ("Weak", "AUTHENTICATION", "Counts the bits of a hash wrongly, so that a proof costs less than was asked for."),
    ("Forged", "AUTHENTICATION", "Takes a step that nobody authenticated, or lets a forger end a handshake."),
    ("Replayed", "AUTHENTICATION", "Takes a packet twice or too late, or lets a forger move its window."),
    ("Tampered", "AUTHENTICATION", "Opens a packet that its peer did not seal so."),
    ("KeyEpoch", "AUTHENTICATION", "Uses a key for another epoch than that of the counter, or for too long."),
    ("Stripped", "AUTHENTICATION", "Leaves out the upgrade of suite 2, or a part of its material."),
    ("Flood", "RESOURCE", "Lets somebody who sees a `hello` make it send more than it does by itself."),
    ("Copies", "AUTHENTICATION", "Counts many voices that say one thing as many, or is led by who is always wrong."),
    ("Turned", "BASIC", "Judges an agent by what it was before it turned."),
    ("Stranger", "AUTHENTICATION", "Hears agents that nobody vouches for."),
    ("Refused", "RANGE", "Takes evidence that fits no question, or takes it twice."),
    ("Twice", "RANGE", "Counts a second time what counted before: a warning, a unit, evidence."),
    (
        "TwoFaced",
        "AUTHENTICATION",
        "Misses that an author contradicts itself or gives one unit to two, or sees it where it is not.",
    ),
    ("Silenced", "AUTHENTICATION", "Hears who is kept out, whose evidence was false, or whose key was given up."),
    ("Asking", "RESOURCE", "Asks others or its host for more evidence than it may."),
    ("Line", "AUTHENTICATION", "Forgets under a new key what was done under the old one."),
    ("LowOrder", "AUTHENTICATION", "Goes on with a result of X25519 that is zero: keys that everybody knows."),
    (
        "Prologue",
        "AUTHENTICATION",
        "Leaves version, suite, network or the responder's key out of the handshake's hash.",
    ),
];

/// Published cases that no longer hold: file, id, number and why. Neither id nor number is used again. A whole
/// handshake has no number: 0.
pub(super) const RETIRED: &[(&str, &str, u64, &str)] = &[
    ("wire_sequence", "wire/unknown/odd-09", 7, "0x09 became `observed-address`"),
    ("wire_sequence", "wire/unknown/even-0a", 11, "0x0a became `relay`"),
    ("wire_sequence", "wire/unknown/odd-01", 6, "0x01 became `padding`"),
    ("wire_packet", "wire/packet/kind-5", 30, "kind 5 became `retry`"),
    ("wire_packet", "wire/hello/padding-first", 12, "the cookie took the first bytes of the padding"),
    ("hs_xx", "hs/xx/empty", 0, "the fourth message became the responder's, as in Noise's public vectors"),
    ("hs_xx", "hs/xx/beacons", 0, "the fourth message became the responder's, as in Noise's public vectors"),
    ("hs_xx", "hs/xx/payloads", 0, "the fourth message became the responder's, as in Noise's public vectors"),
];

/// What must come of a case.
pub(super) enum Expect {
    /// Accepted.
    Valid,
    /// Refused with this class.
    Invalid(ErrorClass),
    /// A minifloat: quantity, code, and the quantity that the code states.
    Minifloat(u64, u16, u64),
}

/// One case.
pub(super) struct Case {
    /// Permanent name.
    pub(super) id: String,
    /// For people.
    pub(super) comment: String,
    /// Requirements that it exercises.
    pub(super) reqs: Vec<&'static str>,
    /// Out of [`NOTES`].
    pub(super) flag: &'static str,
    /// Input.
    pub(super) bytes: Vec<u8>,
    /// Outcome.
    pub(super) expect: Expect,
}

impl Case {
    /// A case that is accepted.
    pub(super) fn valid(id: String, flag: &'static str, reqs: &[&'static str], bytes: Vec<u8>, comment: &str) -> Self {
        Self { id, comment: comment.into(), reqs: reqs.to_vec(), flag, bytes, expect: Expect::Valid }
    }

    /// A case that is refused.
    pub(super) fn invalid(
        id: String,
        flag: &'static str,
        class: ErrorClass,
        reqs: &[&'static str],
        bytes: Vec<u8>,
        comment: &str,
    ) -> Self {
        Self { id, comment: comment.into(), reqs: reqs.to_vec(), flag, bytes, expect: Expect::Invalid(class) }
    }

    /// As written. Fails if the decoder does not do what the case states.
    fn json(&self, procedure: Procedure, number: u64) -> Result<Json, VectorError> {
        let mut reqs = self.reqs.clone();
        reqs.sort_unstable();
        reqs.dedup();
        let mut out = Map::new();
        let mut put = |key: &str, value: Json| {
            out.insert(key.to_string(), value);
        };
        put("tcId", json!(number));
        put("id", json!(self.id));
        put("comment", json!(self.comment));
        put("reqs", json!(reqs));
        put("flags", json!([self.flag]));
        let wrong = |what: String| Err(VectorError::Wrong(format!("{}: {what}", self.id)));
        match (procedure, &self.expect) {
            (Procedure::Minifloat, Expect::Minifloat(quantity, code, reads)) => {
                put("quantity", json!(quantity.to_string()));
                put("code", json!(code.to_string()));
                put("reads", json!(reads.to_string()));
                put("result", json!("valid"));
            }
            (Procedure::Decode(kind), expect) => {
                put("bytes", json!(hex(&self.bytes)));
                match (decode(kind, &self.bytes), expect) {
                    (Ok(d), Expect::Valid) => {
                        put("result", json!("valid"));
                        put("value", d.json());
                    }
                    (Err(r), Expect::Invalid(class)) if r.error.class == *class => {
                        put("result", json!("invalid"));
                        put("error", json!(class.name()));
                        put("at", json!(r.error.at.to_string()));
                    }
                    (Ok(_), _) => return wrong("the decoder accepts it".into()),
                    (Err(r), _) => return wrong(format!("the decoder refuses it: {}", r.error)),
                }
            }
            _ => return wrong("the case does not fit its group".into()),
        }
        Ok(Json::Object(out))
    }
}

/// Permanent numbers of the cases of one file, by id.
pub(super) type Numbers = BTreeMap<String, u64>;

impl File {
    /// The text of the file. A case keeps the number that `known` has for it; a new one gets the next.
    pub(super) fn text(&self, known: &Numbers) -> Result<String, VectorError> {
        let retired: Vec<_> = RETIRED.iter().filter(|r| r.0 == self.name).collect();
        let mut next = known.values().copied().chain(retired.iter().map(|r| r.2)).max().unwrap_or(0);
        let mut used = BTreeMap::new();
        let mut groups = Vec::new();
        for group in &self.groups {
            let mut tests = Vec::new();
            for case in &group.cases {
                let number = known.get(&case.id).copied().unwrap_or_else(|| {
                    next += 1;
                    next
                });
                if used.insert(case.id.as_str(), number).is_some() {
                    return Err(VectorError::Wrong(format!("{}: two cases of this id", case.id)));
                }
                tests.push(case.json(group.procedure, number)?);
            }
            groups.push(json!({
                "type": group.procedure.name(),
                "message": group.message,
                "source": { "name": "mindos vectors generate", "version": env!("CARGO_PKG_VERSION") },
                "tests": tests,
            }));
        }
        if let Some(back) = retired.iter().find(|r| used.contains_key(r.1)) {
            return Err(VectorError::Wrong(format!("{}: a retired case does not come back", back.1)));
        }
        let gone = |id: &str| !used.contains_key(id) && !retired.iter().any(|r| r.1 == id);
        if let Some(lost) = known.keys().find(|id| gone(id)) {
            return Err(VectorError::Wrong(format!(
                "{lost}: a published case is permanent, and the generator lost it"
            )));
        }
        let flags = self.groups.iter().flat_map(|g| g.cases.iter().map(|c| c.flag));
        let notes: Map<String, Json> = flags
            .filter_map(|f| NOTES.iter().find(|n| n.0 == f))
            .map(|(f, bug, effect)| (f.to_string(), json!({ "bugType": bug, "effect": effect })))
            .collect();
        let file = json!({
            "suite": SUITE,
            "algorithm": "mindos-wire",
            "header": [self.header],
            "numberOfTests": used.len(),
            "notes": notes,
            "testGroups": groups,
        });
        Ok(format!("{file:#}\n"))
    }
}
