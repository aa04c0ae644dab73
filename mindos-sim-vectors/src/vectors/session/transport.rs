//! Sealed packets: what a session opens, refuses and seals.

mod opening;
mod story;
mod upgrade;

use mindos_core::session::lab::{Did, Finished, Table};
use mindos_core::session::noise::TransportKey;
use mindos_core::{Hybrid, Instant, PathId};
use mindos_wire::SUITE_HYBRID;
use serde_json::{Value as Json, json};

use super::scripted::{Draw, SCRIPTED, script};
use super::{Malformed, bytes, compare, number, sized, steps};
use crate::inspect::hex;
use crate::vectors::VectorError;
use crate::vectors::case::Numbers;
use crate::vectors::group::{Plain, PlainGroup};
use crate::vectors::handshake::beacon;
use story::Story;

/// The file.
pub(in crate::vectors) const FILE: &str = "transport_test.json";
/// Type of its groups.
pub(in crate::vectors) const PROCEDURE: &str = "Transport";
/// What a case gives, besides its steps.
pub(crate) const INPUTS: &[&str] = &["role", "suite", "index", "peer_index", "send", "receive", "kem"];

/// Most packets that one step may skip: the counters of two epochs.
const MAX_SKIP: u32 = 1 << 17;

/// The file.
pub(in crate::vectors) fn text(known: &Numbers) -> Result<String, VectorError> {
    let groups = [("opening", opening::opened()), ("sealing", opening::sealed()), ("upgrade", upgrade::stories())];
    let made = groups.into_iter().map(|(message, stories)| {
        let tests = stories.into_iter().map(Story::json).collect::<Vec<_>>();
        for case in &tests {
            decide(case).map_err(|what| VectorError::Wrong(format!("{}: {what}", case["id"])))?;
        }
        Ok(PlainGroup::about(PROCEDURE, message, tests))
    });
    let groups = made.collect::<Result<_, VectorError>>()?;
    let header = ["Sealed packets of one session, from the end of its handshake."];
    Plain { name: FILE, algorithm: "mindos-session", header: &header, groups }.text(known)
}

/// What a session does at each step of a case or request, by the code of production.
pub(crate) fn play(request: &Json) -> Result<Vec<Json>, Malformed> {
    let initiator = match request["role"].as_str() {
        Some("initiator") => true,
        Some("responder") => false,
        _ => return Err("`role` is neither initiator nor responder".to_owned()),
    };
    let suite = number(request, "suite")?;
    let kem = if suite == SUITE_HYBRID { bytes(request, "kem")? } else { Vec::new() };
    // A secret of the table first, then the seed of a key, or the randomness of a ciphertext.
    let mut draws = vec![Draw::Secret([0; 32])];
    for part in kem.chunks(32) {
        draws.push(Draw::Secret(part.try_into().map_err(|_| "`kem` is not of 32 or 64 bytes")?));
    }
    script([1; 32], &draws);
    let mut table = Table::new(&SCRIPTED, [2; 32], [3; 32], 0, Hybrid::Accept);
    let key = |name| sized(request, name).map(TransportKey::from_bytes);
    let session = number(request, "index")?;
    let finished = Finished {
        session,
        remote: number(request, "peer_index")?,
        suite,
        initiator,
        send: key("send")?,
        receive: key("receive")?,
        peer: &beacon(4, 5, 0),
    };
    table.adopt(Instant(0), finished).map_err(|e| format!("there is no session: {e:?}"))?;
    steps(request)?.iter().map(|s| step(&mut table, session, s)).collect()
}

fn step(table: &mut Table, session: u32, step: &Json) -> Result<Json, Malformed> {
    let (now, input) = (Instant(number(step, "at_us")?), &step["in"]);
    table.did();
    let refused = || json!({ "refused": "1" });
    let out = match input["type"].as_str() {
        Some("packet") => match table.datagram(now, PathId(0), &bytes(input, "bytes")?) {
            Ok(opened) => json!({ "opened": opened.map(|o| hex(&o.frames)).unwrap_or_default() }),
            Err(_) => refused(),
        },
        Some("seal") => {
            let counter = table.seal(now, session, &bytes(input, "frames")?);
            match (counter, table.did().pop()) {
                (Some(_), Some(Did::Sent(_, packet))) => json!({ "packet": hex(&packet) }),
                _ => refused(),
            }
        }
        Some("skip") => {
            table.skip(now, session, number::<u32>(input, "packets")?.min(MAX_SKIP));
            json!({})
        }
        _ => return Err("a step is neither packet, seal nor skip".to_owned()),
    };
    Ok(json!({ "out": out }))
}

/// Decides one case from what the file says alone.
pub(in crate::vectors) fn decide(case: &Json) -> Result<(), String> {
    let refusals = steps(case)?.iter().any(|s| s["out"].get("refused").is_some());
    if case["result"] != if refusals { "invalid" } else { "valid" } {
        return Err("result is not what the steps say".to_owned());
    }
    compare(case, &play(case)?)
}
