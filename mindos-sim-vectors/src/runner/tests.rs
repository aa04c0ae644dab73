use std::collections::BTreeSet;
use std::fs;

use serde_json::{Value as Json, json};

use super::hello::Hello;
use super::judge::judge;
use super::known::parse;
use super::selects;
use super::suite::{Expect, Suite};
use crate::testee::Operation;
use crate::vectors::directory;

fn suite() -> Suite {
    Suite::read(&directory()).unwrap()
}

fn members(json: &Json) -> serde_json::Map<String, Json> {
    json.as_object().unwrap().clone()
}

/// Path, expectation and finding of the first difference.
fn differs(expected: &Json, answer: &Json, optional: &[&str]) -> Option<[String; 3]> {
    let expect = Expect { status: "ok", members: members(expected) };
    judge(&expect, optional, answer).err().map(|d| [d.what, d.expected, d.got])
}

#[test]
fn an_answer_must_hold_what_is_expected_and_inside_nothing_else() {
    let expected = json!({ "value": { "a": "1", "list": [{ "b": "2" }, "c"] }, "again": "00" });
    let good = json!({ "id": "1", "status": "ok", "value": { "list": [{ "b": "2" }, "c"], "a": "1" }, "again": "00", "why": "" });
    assert_eq!(differs(&expected, &good, &[]), None);
    let changed = |path: &str, value: Json| {
        let mut answer = good.clone();
        *answer.pointer_mut(path).unwrap() = value;
        differs(&expected, &answer, &[]).unwrap().map(|s| s.replace('"', "'"))
    };
    assert_eq!(changed("/value/a", json!(1)), ["value.a", "'1'", "1"]);
    assert_eq!(changed("/value/list/0", json!({ "b": "3" })), ["value.list[0].b", "'2'", "'3'"]);
    assert_eq!(changed("/value/list/0", json!({})), ["value.list[0].b", "'2'", "nothing"]);
    assert_eq!(changed("/value/list/0", json!({ "b": "2", "d": "" })), ["value.list[0].d", "nothing", "''"]);
    assert_eq!(changed("/value/list", json!([{ "b": "2" }])), ["value.list[1]", "'c'", "nothing"]);
    assert_eq!(changed("/value/list", json!([{ "b": "2" }, "c", "d"])), ["value.list[2]", "nothing", "'d'"]);
    assert_eq!(changed("/again", json!("")), ["again", "'00'", "''"]);
    let refused = json!({ "status": "err", "error": "order", "at": "3" });
    let [what, expected, got] = differs(&expected, &refused, &[]).unwrap();
    assert_eq!((what.as_str(), got.as_str()), ("status", "err, error order, at 3"));
    assert!(expected.starts_with("ok, value {"), "{expected}");
}

#[test]
fn optional_members_may_be_missing_and_not_wrong() {
    let expected = json!({ "messages": [{ "payload": "", "h": "aa" }] });
    let answer = |message: Json| json!({ "status": "ok", "messages": [message] });
    assert_eq!(differs(&expected, &answer(json!({ "payload": "" })), &["h"]), None);
    assert!(differs(&expected, &answer(json!({ "payload": "" })), &[]).is_some());
    assert!(differs(&expected, &answer(json!({ "payload": "", "h": "ab" })), &["h"]).is_some());
    assert!(differs(&expected, &answer(json!({ "h": "aa" })), &["h"]).is_some());
}

#[test]
fn the_testee_is_told_inputs_only() {
    let suite = suite();
    for case in suite.cases() {
        for ask in &case.asks {
            let told: BTreeSet<&str> = ask.request.keys().map(String::as_str).collect();
            let inputs = match ask.request["op"].as_str().and_then(Operation::named).unwrap() {
                Operation::Minifloat => "op quantity",
                Operation::Handshake if ask.request.contains_key("remote_static") => {
                    "ephemeral messages op prologue protocol_name remote_static role static"
                }
                Operation::Handshake => "ephemeral messages op prologue protocol_name role static",
                Operation::VerifySignature => "key message op signature",
                Operation::NodeTrace => "node op steps",
                Operation::VerifyCost => "bits epoch network node nonce op segment unix_s",
                Operation::SessionKeys => "ck kem_random kem_seed op suite",
                Operation::Transport => "index kem op peer_index receive role send steps suite",
                Operation::Cookie => "beacon ephemeral index network op static steps suite",
                Operation::Truth | Operation::Forecasts => "op options steps",
                Operation::Questions => "network op steps",
                Operation::Incentives => "about checks identity issuers members network op roots steps unix_s",
                Operation::Ratings => "op roots steps",
                Operation::Succession => "network node op records",
                _ => "bytes op",
            };
            assert_eq!(told, inputs.split(' ').collect(), "{}", case.id);
        }
    }
}

#[test]
fn a_side_of_a_handshake_is_told_nothing_that_it_must_find_out() {
    let suite = suite();
    let of_handshakes = suite.groups.iter().filter(|group| group.operation == Operation::Handshake);
    let mut sides = 0;
    for ask in of_handshakes.flat_map(|group| &group.cases).flat_map(|case| &case.asks) {
        let (told, found) =
            (ask.request["messages"].as_array().unwrap(), ask.expect.members["messages"].as_array().unwrap());
        assert_eq!(told.len(), found.len());
        for (told, found) in told.iter().zip(found) {
            let told = members(told);
            assert_eq!(told.len(), 1);
            assert!(told.keys().all(|key| found.get(key).is_none()), "{found}");
            assert!(found.get("refused").is_none_or(|_| told.contains_key("ciphertext")));
        }
        sides += 1;
    }
    assert!(sides >= 29, "{sides}");
}

#[test]
fn every_step_of_a_trace_is_told_by_time_and_input_alone() {
    let suite = suite();
    let traces = suite.groups.iter().filter(|group| group.operation == Operation::NodeTrace);
    for step in traces.flat_map(|group| &group.cases).flat_map(|case| case.asks[0].request["steps"].as_array().unwrap())
    {
        assert_eq!(members(step).keys().collect::<Vec<_>>(), ["at_us", "in"]);
    }
}

#[test]
fn files_that_are_not_those_of_the_manifest_are_refused() {
    let dir = std::env::temp_dir().join(format!("mindos-suite-{}", std::process::id()));
    fs::create_dir_all(&dir).unwrap();
    for entry in fs::read_dir(directory()).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, dir.join(path.file_name().unwrap())).unwrap();
    }
    assert!(Suite::read(&dir).is_ok());
    let path = dir.join("wire_link_test.json");
    let good = fs::read_to_string(&path).unwrap();
    fs::write(&path, good.replacen("\"valid\"", "\"invalid\"", 1)).unwrap();
    assert!(Suite::read(&dir).err().unwrap().to_string().contains("wire_link_test.json has another hash than listed"));
    fs::remove_file(&path).unwrap();
    assert!(Suite::read(&dir).err().unwrap().to_string().contains("wire_link_test.json is listed and missing"));
    fs::remove_dir_all(&dir).unwrap();
}

#[test]
fn a_pattern_is_a_part_of_the_id() {
    for (pattern, id, yes) in [
        ("ping", "wire/ping/typical", true),
        ("", "wire/ping/typical", true),
        ("wire/*/typical", "wire/ping/typical", true),
        ("typical*wire", "wire/ping/typical", false),
        ("pong", "wire/ping/typical", false),
        ("p*p", "wire/ping/typical", true),
        ("g*g", "wire/ping/typical", false),
    ] {
        assert_eq!(selects(pattern, id), yes, "{pattern}");
    }
}

#[test]
fn a_list_of_known_failures_has_ids_and_comments() {
    let suite = suite();
    let known = parse("# all of it\n\n  wire/ping/typical # why\nhs/xx/no-payloads\n", &suite).unwrap();
    assert_eq!(known.into_iter().collect::<Vec<_>>(), ["hs/xx/no-payloads", "wire/ping/typical"]);
    let retired = parse("wire/unknown/odd-09", &suite).unwrap_err();
    assert!(retired.starts_with("line 1: wire/unknown/odd-09 is retired (0x09 became"), "{retired}");
    assert_eq!(parse("\nwire/ping", &suite).unwrap_err(), "line 2: no case is called \"wire/ping\"");
}

#[test]
fn hello_must_name_what_there_is() {
    let suite = suite();
    let hello = |operations: Json| {
        let answer = json!({ "status": "ok", "implementation": "x", "version": "1", "operations": operations });
        Hello::read(&answer, &suite)
    };
    let some = hello(json!([{ "op": "DecodeFrame", "messages": ["ping"] }, { "op": "Minifloat" }])).ok().unwrap();
    let declared: BTreeSet<&str> =
        suite.groups.iter().filter(|group| some.declares(group)).map(|group| group.message.as_str()).collect();
    assert_eq!(declared, ["ping", "minifloat"].into());
    for wrong in [json!({}), json!([{}]), json!(["DecodeFrame"]), json!([{ "op": "DecodeFrame", "messages": "ping" }])]
    {
        assert!(hello(wrong.clone()).is_err(), "{wrong}");
    }
    assert!(Hello::read(&json!({ "status": "ok", "operations": [] }), &suite).is_err());
}
