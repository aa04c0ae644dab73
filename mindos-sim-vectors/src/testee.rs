//! The testee: an implementation under test, as `mindos vectors run` sees it.
//!
//! One JSON object a line in, one a line out. The protocol is specified in `vectors/README.md`; this module is its
//! reference: [`answer`] is all of it, and [`serve`] puts it on a pair of streams.

pub mod cli;
mod handshake;
pub(crate) mod line;
mod operation;

#[cfg(test)]
mod tests;

use std::io::{self, BufRead, Write};

use mindos_core::crypto::{Crypto, DEFAULT};
use mindos_wire::Minifloat;
use serde_json::{Map, Value as Json, json};

pub use operation::Operation;

use crate::inspect::{Kind, decode, hex};
use crate::vectors::{
    cookie, forecasts, incentives, keys, question, ratings, replay, succession, transport, truth, verify_cost,
};
use line::{Line, read_line};

/// Version of the protocol.
pub const PROTOCOL: &str = "1";
/// Most bytes of a line, without its end, in either direction.
pub const MAX_LINE: usize = 1 << 20;
/// The latest time of a trace, in µs. Sums of times stay below the end of the clock: there they would stand still, and
/// a timer that is set to later would be due at once, for ever.
const MAX_AT_US: u64 = 1 << 60;

/// What is wrong with a request, for people.
type Malformed = String;

/// Answers one request, whatever it is.
pub fn answer(request: &[u8]) -> Json {
    let parsed: Result<Json, _> = serde_json::from_slice(request);
    let (id, outcome) = match &parsed {
        Ok(request) => match request["id"].as_str() {
            Some(id) => (id, perform(request)),
            None => ("", Err("the request has no `id`, which is a string".to_owned())),
        },
        Err(error) => ("", Err(format!("the request is not JSON: {error}"))),
    };
    let answer = with_id(id, outcome.unwrap_or_else(malformed));
    if fits(&answer) {
        return answer;
    }
    let long = || malformed(format!("the answer would be longer than {MAX_LINE} bytes"));
    // Even an id may be as long as a line.
    Some(with_id(id, long())).filter(fits).unwrap_or_else(|| with_id("", long()))
}

fn with_id(id: &str, mut members: Map<String, Json>) -> Json {
    members.insert("id".to_owned(), json!(id));
    Json::Object(members)
}

/// Whether an answer is no longer than a line may be.
fn fits(answer: &Json) -> bool {
    answer.to_string().len() <= MAX_LINE
}

/// The members of an answer, but the id.
fn perform(request: &Json) -> Result<Map<String, Json>, Malformed> {
    let name = request["op"].as_str().ok_or("the request has no `op`, which is a string")?;
    let answer = match (name, Operation::named(name)) {
        ("hello", _) => hello(request)?,
        (_, None) => json!({ "status": "skip", "why": format!("no operation is called {name:?} here") }),
        (_, Some(Operation::DecodeFrame)) => decoded(Kind::Frame, request)?,
        (_, Some(Operation::DecodeFrames)) => decoded(Kind::Frames, request)?,
        (_, Some(Operation::DecodeRecord)) => decoded(Kind::Record, request)?,
        (_, Some(Operation::DecodePacket)) => decoded(Kind::Packet, request)?,
        (_, Some(Operation::Minifloat)) => minifloat(request)?,
        (_, Some(Operation::Handshake)) => handshake::play(request)?,
        (_, Some(Operation::VerifySignature)) => signature(request)?,
        (_, Some(Operation::NodeTrace)) => trace(request)?,
        (_, Some(Operation::VerifyCost)) => cost(request)?,
        (_, Some(Operation::SessionKeys)) => session_keys(request)?,
        (_, Some(Operation::Transport)) => json!({ "status": "ok", "steps": transport::play(request)? }),
        (_, Some(Operation::Cookie)) => json!({ "status": "ok", "steps": cookie::play(request)? }),
        (_, Some(Operation::Succession)) => succession(request)?,
        (_, Some(Operation::Truth)) => json!({ "status": "ok", "steps": truth::play(request)? }),
        (_, Some(Operation::Ratings)) => json!({ "status": "ok", "steps": ratings::play(request)? }),
        (_, Some(Operation::Forecasts)) => json!({ "status": "ok", "steps": forecasts::play(request)? }),
        (_, Some(Operation::Questions)) => json!({ "status": "ok", "steps": question::play(request)? }),
        (_, Some(Operation::Incentives)) => json!({ "status": "ok", "steps": incentives::play(request)? }),
    };
    match answer {
        Json::Object(members) => Ok(members),
        _ => Err("there is no answer".to_owned()),
    }
}

fn malformed(why: Malformed) -> Map<String, Json> {
    ["status", "error", "why"]
        .map(str::to_owned)
        .into_iter()
        .zip(["err".into(), "protocol".into(), why.into()])
        .collect()
}

fn hello(request: &Json) -> Result<Json, Malformed> {
    if request["protocol"] != PROTOCOL {
        return Err(format!("this testee speaks protocol {PROTOCOL}"));
    }
    Ok(json!({
        "status": "ok",
        "implementation": "mindos-core",
        "version": env!("CARGO_PKG_VERSION"),
        "operations": Operation::ALL.map(|op| json!({ "op": op.name() })),
    }))
}

fn decoded(kind: Kind, request: &Json) -> Result<Json, Malformed> {
    Ok(match decode(kind, &bytes(request, "bytes")?) {
        Ok(decoded) => json!({ "status": "ok", "value": decoded.json(), "again": hex(&decoded.again) }),
        Err(refused) => json!({
            "status": "err",
            "error": refused.error.class.name(),
            "at": refused.error.at.to_string(),
        }),
    })
}

fn minifloat(request: &Json) -> Result<Json, Malformed> {
    let quantity = request["quantity"].as_str().and_then(|s| s.parse().ok()).ok_or("`quantity` is no number")?;
    let code = Minifloat::floor(quantity);
    Ok(json!({ "status": "ok", "code": code.0.to_string(), "reads": code.quantity().to_string() }))
}

fn signature(request: &Json) -> Result<Json, Malformed> {
    let holds = DEFAULT.verify(&sized(request, "key")?, &bytes(request, "message")?, &sized(request, "signature")?);
    Ok(json!({ "status": "ok", "holds": if holds { "1" } else { "0" } }))
}

fn trace(request: &Json) -> Result<Json, Malformed> {
    let (node, steps) = (&request["node"], list(request, "steps")?);
    for (json, key) in std::iter::once((node, "start_us")).chain(steps.iter().map(|step| (step, "at_us"))) {
        // What is no number is refused where it is read.
        if json[key].as_str().and_then(|at| at.parse().ok()).is_some_and(|at: u64| at > MAX_AT_US) {
            return Err(format!("`{key}` is later than {MAX_AT_US}"));
        }
    }
    let mut steps = replay(node, steps)?;
    for step in steps.iter_mut().filter_map(Json::as_object_mut) {
        // The runner knows what it asked.
        step.retain(|key, _| key != "at_us" && key != "in");
    }
    Ok(json!({ "status": "ok", "steps": steps }))
}

fn cost(request: &Json) -> Result<Json, Malformed> {
    Ok(match verify_cost(request)? {
        Ok(hash) => json!({ "status": "ok", "hash": hash }),
        Err(rule) => json!({ "status": "err", "error": rule }),
    })
}

fn succession(request: &Json) -> Result<Json, Malformed> {
    let mut answer = succession::play(request)?;
    answer["status"] = "ok".into();
    Ok(answer)
}

fn session_keys(request: &Json) -> Result<Json, Malformed> {
    let mut answer = keys::play(request)?;
    answer["status"] = "ok".into();
    Ok(answer)
}

/// A member that is bytes in lower-case hex.
fn bytes(json: &Json, key: &str) -> Result<Vec<u8>, Malformed> {
    let decoded = json[key].as_str().and_then(|text| data_encoding::HEXLOWER.decode(text.as_bytes()).ok());
    decoded.ok_or_else(|| format!("`{key}` is not lower-case hex"))
}

/// A member that is so many bytes.
fn sized<const N: usize>(json: &Json, key: &str) -> Result<[u8; N], Malformed> {
    bytes(json, key)?.try_into().map_err(|_| format!("`{key}` is not {N} bytes"))
}

/// A member that is a list.
fn list<'a>(json: &'a Json, key: &str) -> Result<&'a [Json], Malformed> {
    json[key].as_array().map(Vec::as_slice).ok_or_else(|| format!("`{key}` is no list"))
}

/// Answers every line of `input` until it ends.
///
/// # Errors
/// As reading and writing do. Whatever is in a line is answered.
pub fn serve(input: &mut dyn BufRead, out: &mut dyn Write) -> io::Result<()> {
    let mut serve_one = |answer: Json| {
        writeln!(out, "{answer}")?;
        out.flush()
    };
    loop {
        match read_line(input, MAX_LINE)? {
            Line::Whole(request) => serve_one(answer(&request))?,
            Line::TooLong => {
                serve_one(with_id("", malformed(format!("the request is longer than {MAX_LINE} bytes"))))?;
            }
            Line::End => return Ok(()),
        }
    }
}
