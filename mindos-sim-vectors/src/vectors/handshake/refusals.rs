//! Messages that must be refused in the place of a genuine one.

use mindos_core::crypto::{Crypto, DEFAULT};
use mindos_wire::{SUITE, SUITE_HYBRID};
use serde_json::{Map, Value as Json, json};

use super::{PROCEDURE, Pattern, Side, crafted, decide_refusal, field, key, prologue};
use crate::inspect::hex;
use crate::vectors::VectorError;
use crate::vectors::group::PlainGroup;

/// What stands in the place of a message.
struct Refusal {
    id: String,
    comment: String,
    flag: &'static str,
    req: &'static str,
    message: usize,
    ciphertext: Vec<u8>,
}

/// The refusals of one run.
struct List<'a> {
    pattern: Pattern,
    run: &'a Json,
    all: Vec<Refusal>,
}

/// Groups of a pattern, whose whole runs are these.
pub(super) fn groups(pattern: Pattern, runs: &[Json]) -> Result<Vec<PlainGroup>, VectorError> {
    let named = |name: &str| {
        let id = format!("hs/{}/{name}", pattern.id());
        runs.iter().find(|r| r["name"] == id).ok_or_else(|| VectorError::Wrong(format!("{id} is missing")))
    };
    let mut changed = List { pattern, run: named("beacon-payloads")?, all: Vec::new() };
    changed.changes();
    changed.replays(named("all-payloads")?);
    let mut bare = List { pattern, run: named("no-payloads")?, all: Vec::new() };
    bare.cuts();
    bare.prologues().and_then(|()| bare.low_orders()).map_err(VectorError::Wrong)?;
    [changed, bare].into_iter().map(List::group).collect()
}

impl List<'_> {
    fn add(&mut self, name: &str, flag: &'static str, message: usize, ciphertext: Vec<u8>, comment: &str) {
        let req = match flag {
            "LowOrder" => "SES-038",
            "Prologue" => "SES-001",
            _ => "SES-006",
        };
        // The cases of XX were there before those of IK.
        let of = match self.pattern {
            Pattern::Xx => "hs/fail",
            Pattern::Ik => "hs/ik-fail",
        };
        let (id, comment) = (format!("{of}/message-{message}-{name}"), comment.to_owned());
        self.all.push(Refusal { id, comment, flag, req, message, ciphertext });
    }

    fn genuine(&self, i: usize) -> Vec<u8> {
        field(&self.run["messages"][i], "ciphertext").unwrap_or_default()
    }

    /// One bit of each field, and messages that end early or late.
    fn changes(&mut self) {
        // Message, and where its fields start. The tag of the payload ends it.
        let layouts: &[(usize, &[(&str, usize)])] = match self.pattern {
            Pattern::Xx => &[
                (1, &[("ephemeral", 0), ("static", 32), ("static-tag", 64), ("payload", 80)]),
                (2, &[("static", 0), ("static-tag", 32), ("payload", 48)]),
            ],
            Pattern::Ik => &[
                (0, &[("ephemeral", 0), ("static", 32), ("static-tag", 64), ("payload", 80)]),
                (1, &[("ephemeral", 0), ("payload", 32)]),
            ],
        };
        for (i, fields) in layouts {
            let good = self.genuine(*i);
            for (name, at) in fields.iter().copied().chain([("payload-tag", good.len() - 16)]) {
                let mut bad = good.clone();
                bad[at] ^= 1;
                self.add(name, "Forged", *i, bad, "one bit of this field is flipped");
            }
            for (name, len) in [("empty", 0), ("cut-key", 31), ("cut-static", 48), ("cut-last", good.len() - 1)] {
                self.add(name, "Forged", *i, good[..len].to_vec(), "the message ends early");
            }
            self.add("long", "Forged", *i, [&good[..], &[0]].concat(), "one byte follows the message");
        }
        if self.pattern == Pattern::Xx {
            self.add("cut", "Forged", 0, self.genuine(0)[..31].to_vec(), "31 bytes of ephemeral key");
            for (name, first) in [("low-order-zero", 0), ("low-order-one", 1)] {
                let mut point = [0; 32];
                point[0] = first;
                let low = [&point[..], &self.genuine(1)[32..]].concat();
                self.add(name, "Forged", 1, low, "the ephemeral key is of low order");
            }
        }
    }

    /// Genuine messages in a wrong place.
    fn replays(&mut self, other: &Json) {
        for i in 1..self.pattern.messages() {
            if (self.pattern, i) == (Pattern::Xx, 2) {
                let again = self.genuine(1);
                self.add("replayed-1", "Forged", 2, again, "the second message again instead of the third");
            }
            let first = self.genuine(0);
            self.add("replayed-0", "Forged", i, first, "the first message again instead of this one");
        }
        let first = if self.pattern == Pattern::Xx { 1 } else { 0 };
        for i in first..self.pattern.messages() {
            let foreign = field(&other["messages"][i], "ciphertext").unwrap_or_default();
            self.add("of-another-session", "Forged", i, foreign, "the same message of another session");
        }
    }

    /// Every length that is too short.
    fn cuts(&mut self) {
        for i in 0..self.pattern.messages() {
            let good = self.genuine(i);
            for len in 0..good.len() {
                self.add(&format!("cut-at-{len:03}"), "Cut", i, good[..len].to_vec(), "the message ends early");
            }
        }
    }

    /// What a peer writes whose prologue is another, or that knows another responder. In XX its first message tells
    /// nothing of it.
    fn prologues(&mut self) -> Result<(), String> {
        let right = prologue(SUITE, 0);
        let mut version = right.clone();
        version[6] ^= 3;
        let others = [
            ("other-version", version, "a peer of another version"),
            ("other-suite", prologue(SUITE_HYBRID, 0), "a peer in suite 2: the suite was changed on the way"),
            ("other-network", prologue(SUITE, 1), "a peer of another network"),
            ("prologue-empty", Vec::new(), "a peer without prologue"),
            ("prologue-longer", [&right[..], &[0]].concat(), "a peer with one byte more of prologue"),
        ];
        let at = usize::from(self.pattern == Pattern::Xx);
        for (name, prologue, comment) in others {
            let bad = self.written(at, &Peer { prologue: Some(&prologue), ..Peer::default() })?;
            self.add(name, "Prologue", at, bad, comment);
        }
        if self.pattern == Pattern::Xx {
            let first = self.genuine(0);
            let mut flipped = first.clone();
            flipped[0] ^= 1;
            let bad = self.written(1, &Peer { first: Some(flipped), ..Peer::default() })?;
            self.add("of-flipped-0", "Forged", 1, bad, "an answer to the first message with one bit flipped");
        } else {
            let bad = self.written(0, &Peer { known: Some(DEFAULT.dh_public(&[0x99; 32])), ..Peer::default() })?;
            self.add("other-responder", "Forged", 0, bad, "a message to the holder of another static key");
        }
        Ok(())
    }

    /// What a peer writes whose key is of small order, with the right tags of a session that everybody can read.
    fn low_orders(&mut self) -> Result<(), String> {
        let places: &[(usize, bool)] = match self.pattern {
            Pattern::Xx => &[(1, false), (1, true), (2, true)],
            Pattern::Ik => &[(0, false), (0, true), (1, false)],
        };
        for (i, of_static) in places {
            for crypto in &crafted::ALL {
                let secret = Some(crafted::SECRET);
                let (own, ephemeral) = if *of_static { (secret, None) } else { (None, secret) };
                let peer = Peer { crypto, own, ephemeral, ..Peer::default() };
                let bad = self.written(*i, &peer)?;
                let (what, name) = if *of_static { ("static", "low-static") } else { ("ephemeral", "low-ephemeral") };
                let comment = format!("the {what} key has small order; all tags are right");
                self.add(&format!("{name}-{}", crypto.name), "LowOrder", *i, bad, &comment);
            }
        }
        Ok(())
    }

    /// Message `i`, as the peer writes it.
    fn written(&self, i: usize, peer: &Peer<'_>) -> Result<Vec<u8>, String> {
        let initiator = i.is_multiple_of(2);
        let name = if initiator { "init" } else { "resp" };
        let right = field(self.run, &format!("{name}_prologue"))?;
        let side = Side {
            crypto: peer.crypto,
            initiator,
            prologue: peer.prologue.unwrap_or(&right),
            own: peer.own.map_or_else(|| key(self.run, &format!("{name}_static")), Ok)?,
            ephemeral: peer.ephemeral.map_or_else(|| key(self.run, &format!("{name}_ephemeral")), Ok)?,
        };
        let known = peer.known.unwrap_or(DEFAULT.dh_public(&key(self.run, "resp_static")?));
        let mut handshake = self.pattern.start(&side, Some(known))?;
        let mut message = Vec::new();
        for at in 0..=i {
            let genuine = peer.first.clone().filter(|_| at == 0).unwrap_or_else(|| self.genuine(at));
            message.clear();
            let step = match at.is_multiple_of(2) == initiator {
                true => handshake.write(&[], &mut message),
                false => handshake.read(&genuine).map(|_| ()),
            };
            step.map_err(|e| format!("message {at}: {e}"))?;
        }
        Ok(message)
    }

    fn group(self) -> Result<PlainGroup, VectorError> {
        let mut members = Map::new();
        for (key, value) in self.run.as_object().into_iter().flatten() {
            if key.starts_with("init_") || key.starts_with("resp_") || key == "protocol_name" || key == "messages" {
                members.insert(key.clone(), value.clone());
            }
        }
        let run = Json::Object(members.clone());
        let case = |r: Refusal| {
            let case = json!({
                "id": r.id,
                "comment": r.comment,
                "reqs": [r.req],
                "flags": [r.flag],
                "message": r.message.to_string(),
                "ciphertext": hex(&r.ciphertext),
                "result": "invalid",
            });
            decide_refusal(&run, &case).map_err(|e| VectorError::Wrong(format!("{}: {e}", r.id)))?;
            Ok(case)
        };
        let tests = self.all.into_iter().map(case).collect::<Result<_, _>>()?;
        Ok(PlainGroup { procedure: PROCEDURE, members, tests })
    }
}

/// In what a peer differs from the genuine one.
struct Peer<'a> {
    crypto: &'static dyn Crypto,
    prologue: Option<&'a [u8]>,
    own: Option<[u8; 32]>,
    ephemeral: Option<[u8; 32]>,
    /// The responder's static key that an initiator of IK knows.
    known: Option<[u8; 32]>,
    /// The first message that it reads.
    first: Option<Vec<u8>>,
}

impl Default for Peer<'_> {
    fn default() -> Self {
        Self { crypto: &DEFAULT, prologue: None, own: None, ephemeral: None, known: None, first: None }
    }
}
