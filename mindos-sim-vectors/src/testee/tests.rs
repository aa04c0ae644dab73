use std::io::{BufReader, Read};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use serde_json::{Value as Json, json};

use super::line::{Line, read_line};
use super::{MAX_LINE, Operation, answer, serve};

fn ask(request: &Json) -> Json {
    answer(request.to_string().as_bytes())
}

#[test]
fn a_malformed_request_is_answered_as_such() {
    for (request, id, why) in [
        (r#"{"id":"1","op":"DecodeFrame","#, "", "not JSON"),
        ("", "", "not JSON"),
        ("[]", "", "no `id`"),
        (r#"{"id":1,"op":"DecodeFrame"}"#, "", "no `id`"),
        (r#"{"id":"1"}"#, "1", "no `op`"),
        (r#"{"id":"1","op":"DecodeFrame"}"#, "1", "`bytes` is not lower-case hex"),
        (r#"{"id":"1","op":"DecodeFrame","bytes":"0"}"#, "1", "`bytes` is not"),
        (r#"{"id":"1","op":"DecodeFrame","bytes":"AB"}"#, "1", "`bytes` is not"),
        (r#"{"id":"1","op":"Minifloat","quantity":1}"#, "1", "`quantity` is no number"),
        (r#"{"id":"1","op":"Minifloat","quantity":"18446744073709551616"}"#, "1", "`quantity` is no number"),
        (r#"{"id":"1","op":"VerifySignature","key":"00","message":"","signature":""}"#, "1", "`key` is not 32 bytes"),
        (r#"{"id":"1","op":"NodeTrace","node":{},"steps":[]}"#, "1", "locator is not hex"),
        (r#"{"id":"1","op":"NodeTrace"}"#, "1", "`steps` is no list"),
        (r#"{"id":"1","op":"hello","protocol":"2"}"#, "1", "speaks protocol 1"),
    ] {
        let answer = answer(request.as_bytes());
        assert_eq!(
            (&answer["id"], &answer["status"], &answer["error"]),
            (&json!(id), &json!("err"), &json!("protocol"))
        );
        assert!(answer["why"].as_str().unwrap().contains(why), "{request}: {answer}");
    }
    assert_eq!(answer(&[0xff, 0xfe])["error"], "protocol");
    assert_eq!(answer("[".repeat(100_000).as_bytes())["error"], "protocol");
    assert_eq!(ask(&json!({ "id": "1", "op": "Juggle" }))["status"], "skip");
}

#[test]
fn hello_declares_every_operation() {
    let answer = ask(&json!({ "id": "0", "op": "hello", "protocol": "1", "suite": "any" }));
    let declared: Vec<&str> =
        answer["operations"].as_array().unwrap().iter().map(|o| o["op"].as_str().unwrap()).collect();
    assert_eq!(declared, Operation::ALL.map(Operation::name));
}

/// A handshake of a responder that is told these messages.
fn responder(messages: &Json) -> Json {
    let key = |byte: u8| json!(crate::inspect::hex(&[byte; 32]));
    ask(&json!({
        "id": "1", "op": "Handshake", "protocol_name": crate::vectors::NoisePattern::Xx.protocol(), "role": "responder",
        "prologue": "", "static": key(1), "ephemeral": key(2), "messages": messages,
    }))
}

#[test]
fn a_refused_message_leaves_the_side_where_it_was() {
    let (short, first) = (json!({ "ciphertext": "aa" }), json!({ "ciphertext": "09".to_owned() + &"00".repeat(31) }));
    let answer = responder(&json!([short, first, { "payload": "" }, short]));
    let messages = answer["messages"].as_array().unwrap();
    assert_eq!((&messages[0], &messages[3]), (&json!({ "refused": "1" }), &json!({ "refused": "1" })));
    assert_eq!(messages[1]["payload"], "");
    assert_eq!(messages[2]["ciphertext"].as_str().unwrap().len(), 2 * (32 + 48 + 16));
}

#[test]
fn a_side_is_not_told_to_do_what_is_its_peers() {
    let answer = responder(&json!([{ "payload": "" }]));
    assert_eq!((&answer["error"], &answer["why"]), (&json!("protocol"), &json!("message 0 is not to be written")));
    let secret = ask(&json!({
        "id": "1", "op": "Handshake", "protocol_name": crate::vectors::NoisePattern::Xx.protocol(), "role": "responder",
        "prologue": "", "static": "00", "ephemeral": "00", "messages": [],
    }));
    assert_eq!(secret["why"], "`static` is not 32 bytes");
    let other = ask(&json!({ "id": "1", "op": "Handshake", "protocol_name": "Noise_NN_25519_ChaChaPoly_BLAKE3" }));
    assert_eq!(other["status"], "skip");
}

#[test]
fn lines_are_bounded_whatever_comes() {
    let mut input = BufReader::with_capacity(3, &b"ab\nabcdefgh\n\nabcd\nlast"[..]);
    let mut next = || read_line(&mut input, 4).unwrap();
    assert_eq!(next(), Line::Whole(b"ab".to_vec()));
    assert_eq!(next(), Line::TooLong);
    assert_eq!(next(), Line::Whole(Vec::new()));
    assert_eq!(next(), Line::Whole(b"abcd".to_vec()));
    assert_eq!(next(), Line::Whole(b"last".to_vec()));
    assert_eq!(next(), Line::End);
    assert_eq!(next(), Line::End);
}

#[test]
fn every_line_gets_one_answer_until_the_input_ends() {
    let long = std::io::repeat(b'x').take(MAX_LINE as u64 + 1);
    let rest = &b"\n{\"id\":\"7\",\"op\":\"DecodeFrame\",\"bytes\":\"060000\"}\nnonsense\n"[..];
    let mut out = Vec::new();
    serve(&mut BufReader::new(long.chain(rest)), &mut out).unwrap();
    let answers: Vec<Json> =
        String::from_utf8(out).unwrap().lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!(answers.len(), 3);
    assert!(answers[0]["why"].as_str().unwrap().contains("longer than 1048576 bytes"));
    assert_eq!(answers[1], json!({ "id": "7", "status": "ok", "value": { "type": "6" }, "again": "060000" }));
    assert_eq!(answers[2]["error"], "protocol");
}

/// A trace of a node that comes up and is woken, all at one time.
fn trace(start: u64, at: u64) -> Json {
    let key = crate::inspect::hex(&[1; 32]);
    let input = |input: Json| json!({ "at_us": at.to_string(), "in": input });
    let persisted = ["0", "1", "2"].map(|token| input(json!({ "type": "persisted", "token": token })));
    let steps = [input(json!({ "type": "start" }))].into_iter().chain(persisted);
    json!({
        "id": "1", "op": "NodeTrace",
        "node": {
            "identity": key, "seed": key, "network": "1", "locator": "f0", "tier": "home", "cell": "0",
            "probe_interval_us": "1000000", "max_members": "16", "max_events": "16", "start_us": start.to_string(),
            "restored": [],
        },
        "steps": steps.chain([input(json!({ "type": "timeout" }))]).collect::<Vec<_>>(),
    })
}

#[test]
fn a_trace_that_reaches_the_end_of_the_clock_is_refused() {
    let (told, answers) = channel();
    thread::spawn(move || {
        for (start, at) in [(0, u64::MAX), (u64::MAX, 0), (0, (1 << 60) + 1), (0, 1 << 60), (1 << 60, 1 << 60)] {
            told.send((at, ask(&trace(start, at)))).unwrap();
        }
    });
    // Without the bound a timer is due again and again.
    let next = || answers.recv_timeout(Duration::from_secs(60)).unwrap().1;
    for key in ["at_us", "start_us", "at_us"] {
        let answer = next();
        assert_eq!((&answer["id"], &answer["error"]), (&json!("1"), &json!("protocol")));
        assert_eq!(answer["why"], format!("`{key}` is later than 1152921504606846976"));
    }
    for _ in 0..2 {
        let answer = next();
        assert_eq!((&answer["status"], answer["steps"].as_array().unwrap().len()), (&json!("ok"), 5), "{answer}");
    }
}

#[test]
fn an_answer_is_no_longer_than_a_line() {
    let goodbyes = "060000".repeat(150_000);
    let too_long = "the answer would be longer than 1048576 bytes";
    for (id, request) in [
        ("1", json!({ "id": "1", "op": "DecodeFrames", "bytes": goodbyes })),
        ("1", json!({ "id": "1", "op": "\u{200b}".repeat(300_000) })),
        // The id alone fills the line.
        ("", json!({ "id": "x".repeat(MAX_LINE - 20), "": 1 })),
    ] {
        assert!(request.to_string().len() <= MAX_LINE);
        let answer = ask(&request);
        assert!(answer.to_string().len() <= MAX_LINE);
        assert_eq!((&answer["id"], &answer["error"]), (&json!(id), &json!("protocol")));
        assert_eq!(answer["why"], too_long);
    }
    let short = ask(&json!({ "id": "1", "op": "DecodeFrames", "bytes": "060000".repeat(50_000) }));
    assert_eq!((&short["status"], short["value"].as_array().unwrap().len()), (&json!("ok"), 50_000));
}
