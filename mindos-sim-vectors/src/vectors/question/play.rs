//! What production makes of the steps of a case or request.

use mindos_core::NodeId;
use mindos_core::crypto::DEFAULT;
use mindos_core::trust::questions::{Asked, Evidence, commitment, holders, merit, takes};
use mindos_wire::MemberState;
use serde_json::{Value as Json, json};

use super::super::read::{bytes, list, named, number};
use super::super::truth::name;
use super::records::{ANCHOR, COMMIT, QUESTION, REVEAL};
use crate::inspect::hex;

fn nodes(json: &Json, key: &str) -> Result<Vec<NodeId>, String> {
    list(json, key)?.iter().map(|n| named(n).map(NodeId)).collect()
}

fn is(json: &Json) -> Result<bool, String> {
    match json.as_str() {
        Some("1") => Ok(true),
        Some("0") => Ok(false),
        _ => Err(format!("{json} is neither 0 nor 1")),
    }
}

fn flag(yes: bool) -> &'static str {
    if yes { "1" } else { "0" }
}

/// What is said at each step.
pub(crate) fn play(request: &Json) -> Result<Vec<Json>, String> {
    let network = number(request, "network")?;
    let step = |step: &Json| {
        let input = &step["in"];
        let out = match input["type"].as_str().unwrap_or_default() {
            "commitment" => match commitment(&DEFAULT, network, &bytes(&input["reveal"])?) {
                Some(commitment) => json!({ "commitment": hex(&commitment) }),
                None => json!({ "refused": "1" }),
            },
            "holders" => seats(input)?,
            "times" => times(input)?,
            "evidence" => evidence(network, input)?,
            "belief" => belief(network, input)?,
            "merit" => earned(input)?,
            other => return Err(format!("no step is of type {other:?}")),
        };
        Ok(json!({ "out": out }))
    };
    list(request, "steps")?.iter().map(step).collect()
}

fn seats(input: &Json) -> Result<Json, String> {
    let member = |m: &Json| {
        let state = MemberState::ALL.iter().find(|s| m["state"] == s.name());
        let state = *state.ok_or_else(|| format!("{} is no state", m["state"]))?;
        Ok((NodeId(named(&m["node"])?), state, is(&m["vouched"])?))
    };
    let members = list(input, "members")?.iter().map(member).collect::<Result<Vec<_>, String>>()?;
    let first = holders(&DEFAULT, number(input, "domain")?, &members);
    let (holders, next) = first.split_at(first.len().min(5));
    let names = |nodes: &[NodeId]| nodes.iter().map(|n| hex(&n.0)).collect::<Vec<_>>();
    Ok(json!({ "holders": names(holders), "next": names(next) }))
}

fn times(input: &Json) -> Result<Json, String> {
    let ends = (number(input, "closes")?, number(input, "reveals")?);
    let met = match input["met_us"].as_str() {
        Some("") => None,
        _ => Some(number(input, "met_us")?),
    };
    let taken = |r: &Json| {
        let kind = match r["kind"].as_str().unwrap_or_default() {
            "question" => QUESTION,
            "commit" => COMMIT,
            "reveal" => REVEAL,
            "anchor" => ANCHOR,
            other => return Err(format!("no record is a {other:?}")),
        };
        let fellow = match r["from"].as_str() {
            Some("fellow") => true,
            Some("author") => false,
            _ => return Err("`from` is neither author nor fellow".to_owned()),
        };
        Ok(flag(takes(kind, ends, met, number(r, "at_us")?, fellow)))
    };
    Ok(json!({ "taken": list(input, "records")?.iter().map(taken).collect::<Result<Vec<_>, String>>()? }))
}

fn evidence(network: u32, input: &Json) -> Result<Json, String> {
    let question = bytes(&input["question"])?;
    let held = Evidence::new(&DEFAULT, network, &nodes(input, "roots")?, &question, is(&input["late"])?);
    let mut held = held.ok_or("`question` is none")?;
    let mut take = |r: &Json| Ok(flag(held.take(&bytes(r)?)));
    let taken = list(input, "records")?.iter().map(&mut take).collect::<Result<Vec<_>, String>>()?;
    let report = |(agent, label): (NodeId, u8)| format!("{} {label}", hex(&agent.0));
    Ok(json!({
        "taken": taken, "entries": held.entries().iter().map(|e| hex(e)).collect::<Vec<_>>(),
        "root": hex(&held.root()), "evidence": hex(&held.used().0),
        "reports": held.reports().into_iter().map(report).collect::<Vec<_>>(),
        "outcome": held.outcome().map(|o| o.to_string()).unwrap_or_default(),
    }))
}

fn belief(network: u32, input: &Json) -> Result<Json, String> {
    let question = (named(&input["question"])?, number(input, "options")?);
    let mut reader = Asked::new(&DEFAULT, network, question, &nodes(input, "holders")?);
    let mut take = |r: &Json| Ok(flag(reader.take(&NodeId(named(&r["from"])?), &bytes(&r["record"])?)));
    let taken = list(input, "records")?.iter().map(&mut take).collect::<Result<Vec<_>, String>>()?;
    let Some(b) = reader.believed(number(input, "members")?, is(&input["over"])?) else {
        return Ok(json!({ "taken": taken, "waits": "1" }));
    };
    let mut out = json!({
        "taken": taken, "agreeing": b.agreeing.to_string(),
        "weights": b.weights.iter().map(u16::to_string).collect::<Vec<_>>(),
    });
    if let Some(evidence) = b.evidence {
        out["evidence"] = json!(hex(&evidence));
        out["reports"] = json!(b.reports.to_string());
    }
    Ok(out)
}

fn earned(input: &Json) -> Result<Json, String> {
    let gain = |text: &Json| {
        let parts = text.as_str().and_then(|t| t.split_once(' '));
        let parts = parts.and_then(|(node, gain)| Some((NodeId(name(node.parse().ok()?)), gain.parse().ok()?)));
        parts.ok_or_else(|| format!("{text} is no gain"))
    };
    let question = |q: &Json| q.as_array().ok_or("a question is no list")?.iter().map(gain).collect();
    let gains = list(input, "gains")?.iter().map(question).collect::<Result<Vec<Vec<_>>, String>>()?;
    let (questions, earned) = merit(gains);
    // Names begin with the node's number.
    let number = |node: NodeId| node.0.first_chunk::<4>().map_or(0, |b| u32::from_be_bytes(*b));
    let earned: Vec<String> = earned.into_iter().map(|(node, earned)| format!("{} {earned}", number(node))).collect();
    Ok(json!({ "questions": questions.to_string(), "earned": earned }))
}
