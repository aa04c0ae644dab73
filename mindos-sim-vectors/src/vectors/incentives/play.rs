//! What production makes of the steps of a case or request.

use std::collections::BTreeSet;

use mindos_core::crypto::DEFAULT;
use mindos_core::lab::Desk;
use mindos_core::trust::Outcome;
use mindos_core::{Command, DropReason, Duration, Event, Input, Instant, NodeConfig, NodeId, Output, PersistKey};
use mindos_wire::{
    Bytes16, ContextData, Frame, FrameMessage, Hash, List, MemberState, StandingDigest, StandingEntry, Tail, TrustHave,
    TrustRecord, TrustWant, encode_frame, frames,
};
use serde_json::{Map, Value as Json, json};

use super::super::read::{bytes, list, named, number};
use crate::inspect::hex;

fn is(json: &Json) -> Result<bool, String> {
    match json.as_str() {
        Some("1") => Ok(true),
        Some("0") => Ok(false),
        _ => Err(format!("{json} is neither 0 nor 1")),
    }
}

fn state(json: &Json) -> Result<MemberState, String> {
    MemberState::ALL.iter().copied().find(|s| *json == s.name()).ok_or_else(|| format!("{json} is no state"))
}

fn all<T>(json: &Json, key: &str, read: impl Fn(&Json) -> Result<T, String>) -> Result<Vec<T>, String> {
    list(json, key)?.iter().map(read).collect()
}

fn frame<'a>(message: &impl FrameMessage<'a>) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    encode_frame(message, &mut bytes).map_err(|e| e.to_string())?;
    Ok(bytes)
}

/// The word of a refusal.
fn word(reason: DropReason) -> &'static str {
    match reason {
        DropReason::Refused(refusal) => refusal.name(),
        DropReason::BadSignature => "signature",
        DropReason::Malformed(_) => "malformed",
        DropReason::Full => "full",
        _ => "other",
    }
}

/// A reader, and what it was asked for.
struct Reader {
    desk: Desk,
    members: Vec<NodeId>,
    about: Vec<(NodeId, [u8; 32])>,
    /// Questions to its host that are not answered, with the output that each is about.
    open: Vec<(u64, [u8; 32])>,
    /// Writes that are not on stable storage.
    writes: Vec<u64>,
}

impl Reader {
    fn new(request: &Json) -> Result<Self, String> {
        let secret = named(&request["identity"])?;
        let mut config =
            NodeConfig::new(&DEFAULT, secret, [0; 32], number(request, "network")?, b"\x01vector"[..].into());
        config.roots = all(request, "roots", |n| named(n).map(NodeId))?;
        let mut desk = Desk::new(config);
        if request["unix_s"] != "" {
            let unix_s = number(request, "unix_s")?;
            desk.input(Input::WallClock { unix_s }).map_err(|e| e.to_string())?;
        }
        let host = [
            Command::SetIssuers(all(request, "issuers", |n| named(n).map(NodeId))?),
            Command::SetChecks(all(request, "checks", named)?),
        ];
        for command in host {
            desk.input(Input::Command(command)).map_err(|e| e.to_string())?;
        }
        let mut members = Vec::new();
        for m in list(request, "members")? {
            let node = NodeId(named(&m["node"])?);
            desk.seat(node, state(&m["state"])?, is(&m["vouched"])?);
            if is(&m["partner"])? && !desk.partner(node) {
                return Err(format!("`{}` finds no place as a partner", hex(&node.0)));
            }
            members.push(node);
        }
        let about = all(request, "about", |a| Ok((NodeId(named(&a["node"])?), named(&a["capability"])?)))?;
        let mut reader = Self { desk, members, about, open: Vec::new(), writes: Vec::new() };
        // How it came to be so is not asked for.
        reader.out(Ok(()));
        Ok(reader)
    }

    /// What one input brings.
    fn take(&mut self, input: &Json) -> Result<Result<(), DropReason>, String> {
        let node = |key: &str| named(&input[key]).map(NodeId);
        let desk = &mut self.desk;
        let done = match input["type"].as_str().unwrap_or_default() {
            "time" => Ok(()),
            "digest" => {
                let entry =
                    |e: &Json| Ok(StandingEntry { alias: number(e, "alias")?, standing: number(e, "standing")? });
                let entries = all(input, "entries", entry)?;
                let domain = number(input, "domain")?;
                let digest = StandingDigest { domain, entries: List::new(&entries), tail: Tail::default() };
                desk.hear(node("from")?, &frame(&digest)?)
            }
            "outcome" => {
                let (node, capability, kept) = (node("node")?, named(&input["capability"])?, is(&input["kept"])?);
                // The synapse, which these say something of, is not asked for.
                let (promised, took) = (Duration(1), Duration(1));
                desk.outcome(Outcome { node, capability, kept, promised, took });
                Ok(())
            }
            "judge" => {
                desk.verdict(node("node")?, named(&input["capability"])?, is(&input["right"])?);
                Ok(())
            }
            "partner" => {
                desk.partner(node("node")?);
                Ok(())
            }
            "member" => {
                desk.seat(node("node")?, state(&input["state"])?, true);
                Ok(())
            }
            "clock" => desk.input(Input::WallClock { unix_s: number(input, "unix_s")? }),
            "succession" => {
                let record = bytes(&input["record"])?.into();
                desk.input(Input::Command(Command::Succeed { record }))
            }
            "have" => {
                let names = all(input, "names", |n| Ok(Hash { value: named(n)? }))?;
                let (about, root) = (named(&input["about"])?, named(&input["root"])?);
                let have = TrustHave { about: &about, root: &root, records: List::new(&names), tail: Tail::default() };
                desk.hear(node("from")?, &frame(&have)?)
            }
            "want" => {
                let names = all(input, "names", |n| Ok(Hash { value: named(n)? }))?;
                desk.hear(node("from")?, &frame(&TrustWant { records: List::new(&names), tail: Tail::default() })?)
            }
            "message" => {
                let mut message = Vec::new();
                for content in all(input, "contents", bytes)? {
                    message.extend(frame(&ContextData { bytes: Bytes16(&content), tail: Tail::default() })?);
                }
                for record in all(input, "records", bytes)? {
                    message.extend(frame(&TrustRecord { record: Bytes16(&record), tail: Tail::default() })?);
                }
                desk.hear(node("from")?, &message)
            }
            "answer" => {
                let output = named(&input["output"])?;
                let at = self.open.iter().position(|o| o.1 == output).ok_or("no such question is open")?;
                let (check, _) = self.open.remove(at);
                let right = match input["found"].as_str() {
                    Some("right") => Some(true),
                    Some("wrong") => Some(false),
                    Some("unknown") => None,
                    _ => return Err("`found` is neither right nor wrong nor unknown".to_owned()),
                };
                desk.input(Input::Command(Command::Checked { check, right }))
            }
            "stored" => {
                for token in std::mem::take(&mut self.writes) {
                    desk.input(Input::Persisted { token }).map_err(|e| e.to_string())?;
                }
                Ok(())
            }
            other => return Err(format!("no step is of type {other:?}")),
        };
        Ok(done)
    }

    /// What a step brought, and how things stand after it. Nothing is told of what is empty.
    fn out(&mut self, done: Result<(), DropReason>) -> Json {
        let mut out = Map::new();
        if let Err(reason) = done {
            out.insert("refused".to_owned(), json!(word(reason)));
        }
        let (mut accused, mut asked, mut paid, mut written) = (Vec::new(), Vec::new(), Vec::new(), false);
        for output in self.desk.outputs() {
            match output {
                Output::Persist { key, bytes, token } => {
                    written |= matches!(key, PersistKey::Deposit(_)) && !bytes.is_empty();
                    self.writes.push(token);
                }
                Output::Event(Event::Accused { node, accuser }) => {
                    accused.push(format!("{} {}", hex(&node.0), hex(&accuser.0)));
                }
                Output::Event(Event::Check { check, output, .. }) => {
                    let name = *blake3::hash(&output).as_bytes();
                    asked.push(hex(&name));
                    self.open.push((check, name));
                }
                Output::Event(Event::Paid { payer, units, .. }) => paid.push(format!("{} {units}", hex(&payer.0))),
                _ => {}
            }
        }
        asked.sort();
        let mut put = |key: &str, value: Json| {
            let empty = value.as_array().is_some_and(Vec::is_empty) || value.as_object().is_some_and(Map::is_empty);
            if !empty {
                out.insert(key.to_owned(), value);
            }
        };
        if written {
            put("writes", json!("1"));
        }
        put("held", json!(accused));
        put("asked", json!(asked));
        put("paid", json!(paid));
        for (key, messages) in sent(self.desk.sent()) {
            put(key, json!(messages));
        }
        self.stand(&mut put);
        Json::Object(out)
    }

    /// How things stand.
    fn stand(&self, put: &mut dyn FnMut(&str, Json)) {
        let (desk, now) = (&self.desk, self.desk.now());
        let until = |(node, until): (NodeId, Instant)| format!("{} {}", hex(&node.0), until.0);
        put("suspended", json!(desk.node().suspended(now).map(until).collect::<Vec<_>>()));
        put("quarantined", json!(desk.node().quarantined(now).map(until).collect::<Vec<_>>()));
        let known: BTreeSet<NodeId> = self.members.iter().copied().collect();
        let of = |f: &dyn Fn(&NodeId) -> bool| known.iter().filter(|n| f(n)).map(|n| hex(&n.0)).collect::<Vec<_>>();
        put("no_lease", json!(of(&|n| desk.stands(n).0)));
        put("kept_out", json!(of(&|n| desk.stands(n).1)));
        let accusers = known.iter().map(|n| (n, desk.node().accusers(n))).filter(|a| a.1 > 0);
        put("accusers", json!(accusers.map(|(n, a)| format!("{} {a}", hex(&n.0))).collect::<Vec<_>>()));
        let accounts = desk.node().accounts().map(|(n, a)| format!("{} {}", hex(&n.0), a.ahead));
        put("ahead", json!(accounts.collect::<Vec<_>>()));
        let worth = |n: &NodeId| {
            let [good, bad, known, honest, weight] = desk.adviser(n)?;
            Some(format!("{} {good} {bad} {known} {honest} {weight}", hex(&n.0)))
        };
        put("advisers", json!(known.iter().filter_map(worth).collect::<Vec<_>>()));
        let about = |(node, capability): &(NodeId, [u8; 32])| {
            let domain = capability.first_chunk::<4>().map_or(0, |b| u32::from_le_bytes(*b));
            format!("{} {}", desk.warned(node, domain), desk.standing(node, capability))
        };
        put("about", json!(self.about.iter().map(about).collect::<Vec<_>>()));
    }
}

/// What members get about advice, evidence and payments, by kind.
fn sent(messages: Vec<(NodeId, Vec<u8>)>) -> Vec<(&'static str, Vec<Json>)> {
    let (mut told, mut haves, mut wants, mut whole) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (to, message) in messages {
        let to = hex(&to.0);
        let (mut contents, mut records) = (Vec::new(), Vec::new());
        let names = |list: &List<'_, Hash>| list.iter().map(|h| hex(&h.value)).collect::<Vec<_>>();
        for frame in frames(&message).flatten() {
            match frame {
                Frame::StandingDigest(d) => {
                    let entry =
                        |e: StandingEntry| json!({ "alias": e.alias.to_string(), "standing": e.standing.to_string() });
                    let entries: Vec<Json> = d.entries.iter().map(entry).collect();
                    told.push(json!({ "to": to, "domain": d.domain.to_string(), "entries": entries }));
                }
                Frame::TrustHave(h) => haves.push(json!({
                    "to": to, "about": hex(h.about), "root": hex(h.root), "names": names(&h.records),
                })),
                Frame::TrustWant(w) => wants.push(json!({ "to": to, "names": names(&w.records) })),
                Frame::ContextData(c) => contents.push(hex(c.bytes.0)),
                Frame::TrustRecord(r) => records.push(hex(r.record.0)),
                _ => {}
            }
        }
        if !records.is_empty() {
            whole.push(json!({ "to": to, "contents": contents, "records": records }));
        }
    }
    // The order of those who get the same at once is nobody's business.
    [&mut told, &mut haves, &mut wants].into_iter().for_each(|list| list.sort_by_key(Json::to_string));
    vec![("told", told), ("have", haves), ("want", wants), ("sent", whole)]
}

/// What is said at each step.
pub(crate) fn play(request: &Json) -> Result<Vec<Json>, String> {
    let mut reader = Reader::new(request)?;
    let mut made = Vec::new();
    for step in list(request, "steps")? {
        let at: u64 = number(step, "at_us")?;
        if at > LATEST_US {
            return Err(format!("`at_us` is later than {LATEST_US}"));
        }
        reader.desk.pass(Instant(at));
        let done = reader.take(&step["in"])?;
        made.push(json!({ "out": reader.out(done) }));
    }
    Ok(made)
}

/// As of traces: sums of times stay below the end of the clock.
const LATEST_US: u64 = 1 << 60;
