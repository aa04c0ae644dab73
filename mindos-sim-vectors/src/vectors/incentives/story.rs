//! A case in the making: who is there, what happens when, and what must come of it.

use serde_json::{Map, Value as Json, json};

use super::records::{NETWORK, NOW_S, domain, key, skill};
use super::{play, refuses};
use crate::inspect::hex;

/// A second and a millisecond in µs.
pub(super) const S: u64 = 1_000_000;
pub(super) const MS: u64 = 1_000;

#[derive(Clone)]
pub(super) struct Story {
    id: String,
    flag: &'static str,
    comment: &'static str,
    reqs: &'static [&'static str],
    given: Map<String, Json>,
    now: u64,
    steps: Vec<(Json, Json)>,
}

/// The name of a seed.
pub(super) fn name(seed: u8) -> String {
    hex(&key(seed))
}

/// The alias of a member under leaf epoch 0 (spec 05).
pub(super) fn alias(seed: u8) -> u32 {
    let hash = super::records::hash(&[&0u32.to_le_bytes(), &key(seed)]);
    hash.first_chunk::<4>().map_or(0, |b| u32::from_le_bytes(*b))
}

impl Story {
    /// A reader of this seed among members that are vouched for and load partners of it.
    pub(super) fn new(
        (folder, id): (&str, &str),
        flag: &'static str,
        reqs: &'static [&'static str],
        (reader, members): (u8, &[u8]),
        comment: &'static str,
    ) -> Self {
        let member = |seed: &u8| json!({ "node": name(*seed), "state": "alive", "vouched": "1", "partner": "1" });
        let given = json!({
            "identity": hex(&[reader; 32]), "network": NETWORK.to_string(), "unix_s": NOW_S.to_string(),
            "roots": [], "issuers": [], "checks": [], "about": [],
            "members": members.iter().map(member).collect::<Vec<_>>(),
        });
        let given = given.as_object().cloned().unwrap_or_default();
        Self { id: format!("{folder}/{id}"), flag, comment, reqs, given, now: 0, steps: Vec::new() }
    }

    pub(super) fn given(mut self, member: &str, value: Json) -> Self {
        self.given.insert(member.to_owned(), value);
        self
    }

    /// One member is otherwise.
    pub(super) fn but(mut self, seed: u8, member: &str, value: &str) -> Self {
        let members = self.given["members"].as_array_mut().into_iter().flatten();
        members.filter(|m| m["node"] == name(seed)).for_each(|m| m[member] = json!(value));
        self
    }

    /// Standing and warnings of these are told, in the capability of all stories here.
    pub(super) fn about(self, seeds: &[u8]) -> Self {
        let of = |seed: &u8| json!({ "node": name(*seed), "capability": hex(&skill()) });
        self.given("about", seeds.iter().map(of).collect())
    }

    /// What follows happens at this time, in µs.
    pub(super) fn at(self, now: u64) -> Self {
        Self { now, ..self }
    }

    /// Something happens, and of what comes of it these members are as told; nothing is refused that is not said.
    pub(super) fn step(mut self, input: Json, expect: Json) -> Self {
        self.steps.push((json!({ "at_us": self.now.to_string(), "in": input }), expect));
        self
    }

    /// Nothing happens, but time passes.
    pub(super) fn wait(self, until: u64, expect: Json) -> Self {
        self.at(until).step(json!({ "type": "time" }), expect)
    }

    /// Several things, one after another.
    pub(super) fn each<T>(self, of: impl IntoIterator<Item = T>, f: impl Fn(Self, T) -> Self) -> Self {
        of.into_iter().fold(self, f)
    }

    pub(super) fn digest(self, from: u8, entries: &[(u8, u16)], expect: Json) -> Self {
        let mut entries: Vec<(u32, u16)> = entries.iter().map(|e| (alias(e.0), e.1)).collect();
        entries.sort_unstable();
        self.raw_digest(from, domain(&skill()), &entries, expect)
    }

    pub(super) fn raw_digest(self, from: u8, domain: u32, entries: &[(u32, u16)], expect: Json) -> Self {
        let entry = |e: &(u32, u16)| json!({ "alias": e.0.to_string(), "standing": e.1.to_string() });
        let entries: Vec<Json> = entries.iter().map(entry).collect();
        let input = json!({ "type": "digest", "from": name(from), "domain": domain.to_string(), "entries": entries });
        self.step(input, expect)
    }

    pub(super) fn outcome(self, of: u8, kept: bool, expect: Json) -> Self {
        self.outcome_in(of, &skill(), kept, expect)
    }

    pub(super) fn outcome_in(self, of: u8, capability: &[u8; 32], kept: bool, expect: Json) -> Self {
        let kept = if kept { "1" } else { "0" };
        let input = json!({ "type": "outcome", "node": name(of), "capability": hex(capability), "kept": kept });
        self.step(input, expect)
    }

    pub(super) fn judge(self, of: u8, right: bool, expect: Json) -> Self {
        let right = if right { "1" } else { "0" };
        let input = json!({ "type": "judge", "node": name(of), "capability": hex(&skill()), "right": right });
        self.step(input, expect)
    }

    /// A message of contents and records.
    pub(super) fn message(self, from: u8, contents: &[Vec<u8>], records: &[Vec<u8>], expect: Json) -> Self {
        let all = |list: &[Vec<u8>]| list.iter().map(|b| hex(b)).collect::<Vec<_>>();
        let input = json!({
            "type": "message", "from": name(from), "contents": all(contents), "records": all(records),
        });
        self.step(input, expect)
    }

    pub(super) fn member(self, seed: u8, state: &str, expect: Json) -> Self {
        self.step(json!({ "type": "member", "node": name(seed), "state": state }), expect)
    }

    /// The case, with all that production makes of its steps.
    pub(super) fn case(self) -> Result<Json, String> {
        let id = self.id.clone();
        let wrong = |what: String| format!("{id}: {what}");
        let mut case = Json::Object(self.given);
        for (member, value) in [
            ("id", json!(self.id)),
            ("comment", json!(self.comment)),
            ("reqs", json!(self.reqs)),
            ("flags", json!([self.flag])),
            ("steps", self.steps.iter().map(|s| s.0.clone()).collect()),
        ] {
            case[member] = value;
        }
        let made = play(&case).map_err(&wrong)?;
        for (i, ((_, expect), made)) in self.steps.iter().zip(&made).enumerate() {
            let out = &made["out"];
            for (member, value) in expect.as_object().into_iter().flatten() {
                if out[member] != *value && !(out.get(member).is_none() && *value == json!([])) {
                    return Err(wrong(format!("step {i}: `{member}` is {}, expected {value}", out[member])));
                }
            }
            if out.get("refused").is_some() && expect.get("refused").is_none() {
                return Err(wrong(format!("step {i}: refused, as {}", out["refused"])));
            }
        }
        case["result"] = json!(if refuses(&made) { "invalid" } else { "valid" });
        for (step, made) in case["steps"].as_array_mut().into_iter().flatten().zip(made) {
            step["out"] = made["out"].clone();
        }
        Ok(case)
    }
}

/// Nothing is said of what comes of a step, but that nothing is refused.
pub(super) fn fine() -> Json {
    json!({})
}

pub(super) fn refused(word: &str) -> Json {
    json!({ "refused": word })
}
