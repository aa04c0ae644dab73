//! A testee with one fault.

use std::io::{self, BufRead, Write};
use std::process::{Command, ExitCode, Stdio};
use std::time::Duration;

use mindos_sim_vectors::inspect::{hex, unhex};
use mindos_sim_vectors::testee::answer;
use serde_json::{Value as Json, json};

/// The request at which faults show that show once: the minifloat of this quantity.
const ONCE: &str = "2047";
/// More than half of the time that tests of the time give it.
const NEARLY: Duration = Duration::from_millis(1_200);

/// Answers until the input ends, or the fault does.
pub(crate) fn testee(fault: &str) -> ExitCode {
    if fault == "child" {
        // It outlives whoever started it, though not for long.
        std::thread::sleep(Duration::from_secs(60));
        return ExitCode::SUCCESS;
    }
    let mut out = io::stdout().lock();
    let mut last = String::new();
    for line in io::stdin().lock().lines() {
        let request: Json = serde_json::from_str(&line.unwrap()).unwrap();
        let answer = answer(request.to_string().as_bytes());
        let due = if fault.starts_with("hello-") { hello(&request) } else { request["quantity"] == ONCE };
        if fault == "stalls" && due {
            // Each well within the time of an answer.
            for _ in 0..2 {
                std::thread::sleep(NEARLY);
                let _ = writeln!(out, "{last}").and_then(|()| out.flush());
            }
        }
        last = answer.to_string();
        for line in said(fault, due, &request, answer) {
            if writeln!(out, "{line}").and_then(|()| out.flush()).is_err() {
                return ExitCode::SUCCESS;
            }
        }
    }
    match fault {
        "lingers" => sleep(),
        "lingers-in-words" => {
            for _ in 0..2 {
                std::thread::sleep(NEARLY);
                let _ = writeln!(out, "{last}").and_then(|()| out.flush());
            }
            ExitCode::SUCCESS
        }
        "ends-badly" => ExitCode::from(9),
        "chatters" | "chatters-long" => {
            let value = "goodbye".repeat(if fault == "chatters" { 1 } else { 10_000 });
            let _ = writeln!(out, "{}", json!({ "id": "0", "status": "ok", "value": value }));
            ExitCode::SUCCESS
        }
        _ => ExitCode::SUCCESS,
    }
}

fn sleep() -> ! {
    // The process id, by which the test looks whether anything is left.
    eprintln!("pid {}", std::process::id());
    loop {
        std::thread::park();
    }
}

/// What a testee of this fault says in place of the right answer.
fn said(fault: &str, due: bool, request: &Json, mut answer: Json) -> Vec<String> {
    let id = answer["id"].clone();
    match fault {
        "hangs" | "hello-hangs" if due => sleep(),
        "hangs-with-child" if due => {
            start_child(Stdio::inherit());
            sleep()
        }
        "exits-with-child" if due => {
            start_child(Stdio::null());
            std::process::exit(3)
        }
        "exits" | "hello-exits" if due => {
            eprintln!("something \u{1b}[31m\u{9b}31m\u{202e}terrible");
            std::process::exit(3)
        }
        "floods" if !hello(request) => answer = json!({ "id": id, "status": "ok", "code": "x".repeat(900_000) }),
        "floods-names" if due => {
            answer = json!({ "id": id, "status": FLOOD.repeat(90_000), "why": "w".repeat(90_000) })
        }
        "floods-garbage" if due => return vec![FLOOD.repeat(90_000)],
        "floods-members" if answer["value"].is_object() => answer["value"]["x".repeat(90_000)] = json!("y"),
        "floods-hello" if hello(request) => answer["implementation"] = json!("x".repeat(90_000)),
        "hello-floods" if due => answer = json!({ "id": id, "status": "no".repeat(90_000) }),
        "floods-ids" if due => answer["id"] = json!("x".repeat(90_000)),
        "paints" if due => answer["code"] = json!(PAINT),
        "paints-its-name" if hello(request) => answer["implementation"] = json!(PAINT),
        "hello-paints" if due => answer["status"] = json!(PAINT),
        "aborts" if due => std::process::abort(),
        "closes" if due => std::process::exit(0),
        "exits-always" if request["op"] != "hello" => std::process::exit(3),
        "wrong-id" if due => answer["id"] = json!("x"),
        "id-is-a-number" if due => answer["id"] = json!(id.as_str().unwrap().parse::<u64>().unwrap()),
        "no-id" if due => answer = json!({ "status": "ok" }),
        "garbage" if due => return vec!["Traceback (most recent call last):".to_owned()],
        "no-object" if due => return vec!["[]".to_owned()],
        "empty-line" if due => return vec![String::new(), answer.to_string()],
        "too-long" if due => return vec!["x".repeat(3 << 20)],
        "twice" if due => return vec![answer.to_string(); 2],
        "twice-always" | "hello-twice" if fault == "twice-always" || due => return vec![answer.to_string(); 2],
        "no-status" if due => answer = json!({ "id": id }),
        "skips" if request["op"] != "hello" => answer = json!({ "id": id, "status": "skip", "why": "too hard" }),
        "skips-once" if due => answer = json!({ "id": id, "status": "skip", "why": "too hard" }),
        "hello-refuses" if due => answer = json!({ "id": id, "status": "err", "error": "protocol", "why": "no" }),
        "hello-misspells" if due => answer["operations"] = json!([{ "op": "DecodeFrmae" }]),
        "hello-unknown-message" if due => answer["operations"] = json!([{ "op": "DecodeFrame", "messages": ["pong"] }]),
        "hello-nothing" if due => answer["operations"] = json!([]),
        "hello-partial" if due => {
            answer["operations"] = json!([
                { "op": "DecodeFrame", "messages": ["load-advert"] },
                { "op": "DecodeRecord", "messages": ["intent", "beacon"] },
            ]);
        }
        "accepts-trailing" => accept_trailing(request, &mut answer),
        "wrong-class" if answer["error"] == "order" => answer["error"] = json!("range"),
        "wrong-position" if answer["error"] == "range" => answer["at"] = json!(format!("{}0", text(&answer["at"]))),
        "refuses-all" if answer["status"] == "ok" && request.get("bytes").is_some() => {
            answer = json!({ "id": id, "status": "err", "error": "truncated", "at": "0" });
        }
        "wrong-value" if answer["value"]["nonce"] == "1" => answer["value"]["nonce"] = json!("2"),
        "numbers" if due => answer["code"] = json!(2047),
        "lost-extension" => {
            if let Some(value) = answer["value"].as_object_mut() {
                value.remove("tail");
            }
        }
        "wrong-again" if text(&answer["again"]).starts_with("02") => {
            answer["again"] = json!(format!("{}00", text(&answer["again"])));
        }
        "upper-case" if answer.get("again").is_some() => answer["again"] = json!(text(&answer["again"]).to_uppercase()),
        "takes-forgeries" => take_forgeries(&mut answer),
        "takes-signatures" if answer["holds"].is_string() => answer["holds"] = json!("1"),
        "takes-successions" => answer["holds"].as_array_mut().into_iter().flatten().for_each(|h| *h = json!("1")),
        "opens-twice" => {
            for step in answer["steps"].as_array_mut().into_iter().flatten().filter(|s| s["out"]["refused"] == "1") {
                step["out"] = json!({ "opened": "" });
            }
        }
        "hides-secrets" => hide(&mut answer),
        "forgets-an-output" => {
            if let Some(step) = answer["steps"].as_array_mut().and_then(|steps| steps.last_mut()) {
                step["next_timer_us"] = json!("1");
            }
        }
        _ => {}
    }
    vec![answer.to_string()]
}

/// A control that is written as several characters.
const FLOOD: &str = "\u{1}";
/// What a terminal may obey.
const PAINT: &str = "\u{1b}[2J\u{9b}31m\u{7f}\u{202a}\u{202e}\u{2066}\u{2069}";

fn hello(request: &Json) -> bool {
    request["op"] == "hello"
}

/// Starts a process that lives on, and tells its number.
fn start_child(output: Stdio) {
    let mut child = Command::new(std::env::current_exe().unwrap());
    eprintln!("child {}", child.env(super::FAULT, "child").stdout(output).spawn().unwrap().id());
}

fn text(json: &Json) -> &str {
    json.as_str().unwrap_or_default()
}

/// Takes a frame although bytes follow it: two encodings of one value.
fn accept_trailing(request: &Json, refusal: &mut Json) {
    if request["op"] != "DecodeFrame" || refusal["error"] != "trailing" {
        return;
    }
    let bytes = unhex(text(&request["bytes"])).unwrap();
    let end: usize = text(&refusal["at"]).parse().unwrap();
    let mut short = request.clone();
    short["bytes"] = json!(hex(&bytes[..end]));
    let accepted = answer(short.to_string().as_bytes());
    if accepted["status"] == "ok" {
        *refusal = accepted;
        refusal["again"] = request["bytes"].clone();
    }
}

/// Says of a forged message that it was read.
fn take_forgeries(answer: &mut Json) {
    for message in answer["messages"].as_array_mut().into_iter().flatten() {
        if message["refused"] == "1" {
            *message = json!({ "payload": "" });
        }
    }
}

/// Leaves out what may be left out.
fn hide(answer: &mut Json) {
    for key in ["messages", "steps"] {
        for part in answer[key].as_array_mut().into_iter().flatten().filter_map(Json::as_object_mut) {
            part.retain(|key, _| !["h", "ck", "k", "timer"].contains(&key.as_str()));
        }
    }
    // Indexing a missing member made it.
    if let Some(members) = answer.as_object_mut() {
        members.retain(|_, value| !value.is_null());
    }
}
