//! Cookies: what an initiator does that is asked for one. How a cookie is made is the responder's own matter, so that
//! none is checked here.

use mindos_core::crypto::{Crypto, DEFAULT};
use mindos_core::session::lab::{Did, Table};
use mindos_core::{Hybrid, Instant, PathId};
use mindos_wire::{Finish, Hello, Packet, Reply, Retry, SUITE, SUITE_HYBRID, VERSION};
use serde_json::{Value as Json, json};

use super::scripted::{Draw, SCRIPTED, script};
use super::{Malformed, bytes, compare, number, sized, steps};
use crate::inspect::hex;
use crate::vectors::VectorError;
use crate::vectors::case::Numbers;
use crate::vectors::group::{Plain, PlainGroup};
use crate::vectors::handshake::{Pattern, Side, beacon, prologue};

/// The file.
pub(in crate::vectors) const FILE: &str = "cookie_test.json";
/// Type of its groups.
pub(in crate::vectors) const PROCEDURE: &str = "Cookie";
/// What a case gives, besides its steps.
pub(crate) const INPUTS: &[&str] = &["suite", "network", "index", "static", "ephemeral", "beacon"];

const NETWORK: u32 = 0x4d49_4e44;
const INDEX: u32 = 0x0102_0304;
const PEER_INDEX: u32 = 0xa1a2_a3a4;
/// Secrets: static and ephemeral of the initiator, then of the responder.
const SECRETS: [u8; 4] = [0x15, 0x16, 0x25, 0x26];
const FIRST: [u8; 16] = [0xc1; 16];
const SECOND: [u8; 16] = [0xc2; 16];
const THIRD: [u8; 16] = [0xc3; 16];
/// Names of the two, which sign their beacons.
const SEEDS: [u8; 2] = [0x17, 0x27];

/// A case in the making.
struct Story {
    id: &'static str,
    comment: &'static str,
    flag: &'static str,
    reqs: &'static [&'static str],
    suite: u16,
    steps: Vec<Json>,
}

fn packet(packet: &Packet<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    // A `Vec` takes every packet.
    let _ = packet.encode(&mut out);
    out
}

fn retry(receiver: u32, cookie: &[u8; 16]) -> Vec<u8> {
    packet(&Packet::Retry(Retry { receiver, cookie }))
}

impl Story {
    fn new(id: &'static str, flag: &'static str, comment: &'static str) -> Self {
        Self { id, comment, flag, reqs: &["SES-025"], suite: SUITE, steps: Vec::new() }
    }

    fn hello(&self, cookie: &[u8; 16]) -> Vec<u8> {
        let noise = &DEFAULT.dh_public(&[SECRETS[1]; 32]);
        let hello = Hello { version: VERSION, suite: self.suite, network: NETWORK, sender: INDEX, noise, cookie };
        packet(&Packet::Hello(hello))
    }

    fn step(mut self, input: Json, out: Json) -> Self {
        self.steps.push(json!({ "in": input, "out": out }));
        self
    }

    /// The first `hello`.
    fn sends(self) -> Self {
        let hello = hex(&self.hello(&[0; 16]));
        self.step(json!({ "type": "send" }), json!({ "sent": [hello] }))
    }

    /// The same again; with which cookie is left open.
    fn sends_again(self) -> Self {
        self.step(json!({ "type": "send-again" }), json!({}))
    }

    fn answers(self, bytes: &[u8], with: &[Vec<u8>]) -> Self {
        let sent: Vec<String> = with.iter().map(|p| hex(p)).collect();
        self.step(json!({ "type": "packet", "bytes": hex(bytes) }), json!({ "sent": sent }))
    }

    /// A `retry` that is answered.
    fn takes(self, cookie: &[u8; 16]) -> Self {
        let again = self.hello(cookie);
        self.answers(&retry(INDEX, cookie), &[again])
    }

    /// A packet that is answered with nothing.
    fn ignores(self, bytes: &[u8]) -> Self {
        self.answers(bytes, &[])
    }

    fn json(self) -> Json {
        let silent = |s: &Json| s["out"]["sent"].as_array().is_some_and(Vec::is_empty);
        json!({
            "id": format!("cookie/{}", self.id),
            "comment": self.comment,
            "reqs": self.reqs,
            "flags": [self.flag],
            "result": if self.steps.iter().any(silent) { "invalid" } else { "valid" },
            "suite": self.suite.to_string(),
            "network": NETWORK.to_string(),
            "index": INDEX.to_string(),
            "static": hex(&[SECRETS[0]; 32]),
            "ephemeral": hex(&[SECRETS[1]; 32]),
            "beacon": hex(&beacon(SEEDS[0], SECRETS[0], NETWORK)),
            "steps": self.steps,
        })
    }
}

/// The genuine `reply`, and the `finish` to it.
fn answer() -> Result<[Vec<u8>; 2], String> {
    let prologue = prologue(SUITE, NETWORK);
    let [si, ei, sr, er] = SECRETS.map(|s| [s; 32]);
    let side = |initiator, own, ephemeral| Side { crypto: &DEFAULT, initiator, prologue: &prologue, own, ephemeral };
    let mut initiator = Pattern::Xx.start(&side(true, si, ei), None)?;
    let mut responder = Pattern::Xx.start(&side(false, sr, er), None)?;
    let (mut hello, mut reply, mut finish) = (Vec::new(), Vec::new(), Vec::new());
    let mut exchange = || {
        initiator.write(&[], &mut hello)?;
        responder.read(&hello)?;
        responder.write(&beacon(SEEDS[1], SECRETS[2], NETWORK), &mut reply)?;
        initiator.read(&reply)?;
        initiator.write(&beacon(SEEDS[0], SECRETS[0], NETWORK), &mut finish)
    };
    exchange().map_err(|e| e.to_string())?;
    Ok([
        packet(&Packet::Reply(Reply { receiver: INDEX, sender: PEER_INDEX, noise: &reply })),
        packet(&Packet::Finish(Finish { receiver: PEER_INDEX, noise: &finish })),
    ])
}

fn stories() -> Result<Vec<Story>, String> {
    let [reply, finish] = answer()?;
    let mut forged = reply.clone();
    forged[60] ^= 1;
    let story = Story::new;
    let ones = [0xff; 16];
    let genuine = retry(INDEX, &FIRST);
    let mut cut = story("cut", "Cut", "a `retry` that ends after each of its bytes, and one that is too long").sends();
    for len in 0..genuine.len() {
        cut = cut.ignores(&genuine[..len]);
    }
    Ok(vec![
        story("answered", "Normal", "the same `hello` again, with the cookie in it").sends().takes(&FIRST),
        story("ones", "Boundary", "a cookie of ones").sends().takes(&ones),
        Story { suite: SUITE_HYBRID, ..story("suite-2", "Normal", "the same in suite 2") }.sends().takes(&FIRST),
        story("late", "Normal", "after the `hello` has left twice").sends().sends_again().takes(&FIRST),
        story("same-twice", "Flood", "the same `retry` twice: one answer")
            .sends()
            .takes(&FIRST)
            .ignores(&retry(INDEX, &FIRST)),
        Story { reqs: &["SES-044"], ..story("same-later", "Flood", "a cookie that the `hello` carries already") }
            .sends()
            .takes(&FIRST)
            .sends_again()
            .ignores(&retry(INDEX, &FIRST))
            .takes(&SECOND)
            .sends_again()
            .ignores(&retry(INDEX, &SECOND)),
        story("other-at-once", "Flood", "another cookie at once: no second answer")
            .sends()
            .takes(&FIRST)
            .ignores(&retry(INDEX, &SECOND)),
        story("other-later", "Normal", "another cookie after the `hello` left again of its own accord")
            .sends()
            .takes(&FIRST)
            .sends_again()
            .takes(&SECOND),
        story("bounded", "Flood", "one answer for each time that the `hello` left of its own accord")
            .sends()
            .takes(&FIRST)
            .ignores(&retry(INDEX, &SECOND))
            .ignores(&retry(INDEX, &ones))
            .sends_again()
            .takes(&THIRD)
            .ignores(&retry(INDEX, &SECOND)),
        story("other-session", "Forged", "a `retry` for an index that is not this side's")
            .sends()
            .ignores(&retry(INDEX ^ 1, &FIRST))
            .ignores(&retry(0, &FIRST))
            .takes(&FIRST),
        story("then-reply", "Normal", "the reply to the `hello` with the cookie")
            .sends()
            .takes(&FIRST)
            .answers(&reply, std::slice::from_ref(&finish)),
        story("after-reply", "Forged", "a `retry` for a `hello` that was answered")
            .sends()
            .answers(&reply, std::slice::from_ref(&finish))
            .ignores(&retry(INDEX, &FIRST)),
        story("after-forged-reply", "Forged", "a `reply` that is not genuine does not answer the `hello`")
            .sends()
            .ignores(&forged)
            .takes(&FIRST)
            .answers(&reply, &[finish]),
        cut.ignores(&[&genuine[..], &[0]].concat()).takes(&FIRST),
    ])
}

/// The file.
pub(in crate::vectors) fn text(known: &Numbers) -> Result<String, VectorError> {
    let stories = stories().map_err(VectorError::Wrong)?;
    let tests: Vec<Json> = stories.into_iter().map(Story::json).collect();
    for case in &tests {
        decide(case).map_err(|what| VectorError::Wrong(format!("{}: {what}", case["id"])))?;
    }
    let header = ["An initiator that is asked for a cookie."];
    let groups = vec![PlainGroup::about(PROCEDURE, "initiator", tests)];
    Plain { name: FILE, algorithm: "mindos-session", header: &header, groups }.text(known)
}

/// What an initiator does at each step of a case or request, by the code of production.
pub(crate) fn play(request: &Json) -> Result<Vec<Json>, Malformed> {
    let ephemeral = Draw::Secret(sized(request, "ephemeral")?);
    // A secret of the table first.
    let draws = [Draw::Secret([0; 32]), Draw::Index(number(request, "index")?), ephemeral];
    script(sized(request, "static")?, &draws);
    let suite: u16 = number(request, "suite")?;
    let hybrid = if suite == SUITE_HYBRID { Hybrid::Require } else { Hybrid::Accept };
    let mut table = Table::new(&SCRIPTED, [2; 32], [3; 32], number(request, "network")?, hybrid);
    table.carry(&bytes(request, "beacon")?).map_err(|e| format!("`beacon` is none: {e:?}"))?;
    let mut now = Instant(0);
    let step = |step: &Json| {
        let input = &step["in"];
        table.did();
        match input["type"].as_str() {
            Some("send") => {
                table.connect(now, None);
            }
            Some("send-again") => {
                now = table.next_timer().unwrap_or(now);
                table.timeout(now);
                return Ok(json!({ "out": {} }));
            }
            // A refusal is silent.
            Some("packet") => drop(table.datagram(now, PathId(0), &bytes(input, "bytes")?)),
            _ => return Err("a step is neither send, send-again nor packet".to_owned()),
        }
        let sent = table.did().into_iter().filter_map(|did| match did {
            Did::Sent(_, packet) => Some(hex(&packet)),
            _ => None,
        });
        Ok(json!({ "out": { "sent": sent.collect::<Vec<_>>() } }))
    };
    steps(request)?.iter().map(step).collect()
}

/// Decides one case from what the file says alone.
pub(in crate::vectors) fn decide(case: &Json) -> Result<(), String> {
    compare(case, &play(case)?)
}
