//! Records whose machines do not exist yet.

use mindos_wire::ErrorClass as C;
use serde_json::{Value as Json, json};

use super::super::case::{Case, Group};
use super::{filler, record, record_of, segment};

pub(super) fn groups() -> Vec<Group> {
    vec![
        digest(),
        leaf_epoch(),
        one(
            "receipt",
            "12",
            json!({
                "intent": filler(0x11, 32), "worker": filler(0xb0, 32), "epoch": "1027", "price": "12",
                "output": filler(0x0b, 32), "worker_signature": filler(0x52, 64),
            }),
            Vec::new(),
        ),
        question("question", "16"),
        one("commit", "18", json!({ "question": filler(0x10, 32), "commitment": filler(0xcc, 32) }), Vec::new()),
        reveal(),
        one(
            "anchor",
            "22",
            json!({ "question": filler(0x10, 32), "option": "1", "source": filler(0x5c, 32) }),
            Vec::new(),
        ),
        belief(),
        one(
            "evidence",
            "26",
            json!({
                "subject": filler(0xb0, 32), "domain": "7", "kind": "quote-broken", "proof": filler(0x70, 32),
            }),
            Vec::new(),
        ),
        quarantine(),
        one(
            "appeal",
            "30",
            json!({ "quarantine": filler(0x71, 32), "evidence": [filler(1, 32), filler(2, 32)] }),
            Vec::new(),
        ),
        one("deposit", "32", json!({ "payer": filler(0xb0, 32), "units": "100000" }), Vec::new()),
        payment(),
        one(
            "merit",
            "36",
            json!({ "domain": "7", "questions": "96", "earned": [
                { "node": filler(1, 32), "earned": "4096" }, { "node": filler(2, 32), "earned": "70" },
            ] }),
            Vec::new(),
        ),
        question("forecast-question", "38"),
    ]
}

/// The group of a record that is given by the fields of its body.
fn one(name: &'static str, code: &str, body: Json, more: Vec<Case>) -> Group {
    record::group(name, &[("typical", whole(code, body))], more)
}

/// A record with this body, its head and signature filler.
fn whole(code: &str, mut body: Json) -> Vec<u8> {
    body["type"] = json!(code);
    body["author"] = json!(filler(0xa0, 32));
    body["sequence"] = json!("1028");
    body["expires"] = json!("1800000000");
    body["signature"] = json!(filler(0x51, 64));
    record_of(body)
}

/// Where the body of a record starts.
const BODY: usize = 51;

/// A case whose body breaks a rule: `value` stands at offset `at` of the body of `good`.
fn broken(good: &[u8], id: &str, class: C, req: &'static str, at: usize, value: &[u8], why: &str) -> Case {
    let mut bytes = good.to_vec();
    bytes[BODY + at..BODY + at + value.len()].copy_from_slice(value);
    Case::invalid(format!("wire/{id}"), "Fields", class, &[req], bytes, why)
}

fn digest() -> Group {
    let load = |id: &str| json!({ "id": id, "free_slots": "12", "start_p50_ms": "40", "start_p90_ms": "900", "standing": "200" });
    let mut body = json!({ "epoch": "3", "population": "96", "capabilities": [load("255"), load("256")] });
    segment::name(&mut body, 0x4a30_0000, 3, 5, 0xa800_0000);
    let good = whole("8", body.clone());
    let more = vec![
        broken(&good, "record-digest/nine-steps", C::Range, "WIRE-035", 8, &[9], "a cell has 8 steps"),
        broken(&good, "record-digest/33-bits", C::Range, "WIRE-035", 10, &[33], "a prefix has 32 bits"),
        broken(&good, "record-digest/prefix-beyond", C::Reserved, "WIRE-036", 10, &[4], "a fifth bit of four"),
    ];
    one("digest", "8", body, more)
}

fn leaf_epoch() -> Group {
    let cosigned = |n: u8| json!({ "member": filler(n, 32), "signature": filler(0x50 + n, 64) });
    let mut body = json!({
        "epoch": "4", "begins": "1790000000", "seed": filler(0x5e, 32), "cosignatures": [cosigned(1), cosigned(2)],
    });
    segment::name(&mut body, 0x4a30_0000, 3, 5, 0xa800_0000);
    let good = whole("10", body.clone());
    let more = vec![
        broken(&good, "record-leaf-epoch/nine-steps", C::Range, "WIRE-035", 8, &[9], "a cell has 8 steps"),
        broken(&good, "record-leaf-epoch/33-bits", C::Range, "WIRE-035", 10, &[33], "a prefix has 32 bits"),
        broken(&good, "record-leaf-epoch/cell-beyond", C::Reserved, "WIRE-036", 8, &[2], "a third step of two"),
    ];
    one("leaf-epoch", "10", body, more)
}

fn question(name: &'static str, code: &str) -> Group {
    let body = json!({
        "domain": "7", "statement": filler(0x57, 32), "options": "2", "closes": "1790000000", "reveals": "1790003600",
        "rule": filler(0x40, 32),
    });
    let good = whole(code, body.clone());
    let broken = |case: &str, at, value: &[u8], why| {
        broken(&good, &format!("record-{name}/{case}"), C::Range, "WIRE-037", at, value, why)
    };
    let more = vec![
        broken("one-option", 36, &[1], "nothing to choose"),
        broken("no-option", 36, &[0], "nothing at all"),
        broken("reveals-first", 44, &[0xff], "closes after the reveals"),
    ];
    one(name, code, body, more)
}

fn reveal() -> Group {
    let body = |weights: &[&str]| {
        json!({
            "question": filler(0x10, 32), "salt": filler(0x5a, 16), "lineage": [filler(1, 32), filler(2, 32)],
            "weights": weights,
        })
    };
    let good = whole("20", body(&["65535", "0"]));
    let weights = 32 + 16 + 1 + 64 + 1;
    let more = vec![
        Case::valid(
            "wire/record-reveal/three".into(),
            "Normal",
            &["WIRE-038"],
            whole("20", body(&["21845", "21845", "21845"])),
            "equal weights stand side by side",
        ),
        Case::invalid(
            "wire/record-reveal/one-weight".into(),
            "Fields",
            C::Range,
            &["WIRE-038"],
            one_weight(&good, weights - 1),
            "one option is no question",
        ),
        broken(&good, "record-reveal/short-sum", C::Range, "WIRE-038", weights, &[0xfe], "one part is missing"),
        broken(&good, "record-reveal/long-sum", C::Range, "WIRE-038", weights + 2, &[1], "one part too many"),
    ];
    one("reveal", "20", body(&["40000", "25535"]), more)
}

fn belief() -> Group {
    let body = json!({
        "question": filler(0x10, 32), "evidence": filler(0xe0, 32), "reports": "12", "weights": ["60000", "5535"],
    });
    let good = whole("24", body.clone());
    let more = vec![
        broken(&good, "record-belief/short-sum", C::Range, "WIRE-038", 71, &[0], "some parts are missing"),
        Case::invalid(
            "wire/record-belief/one-weight".into(),
            "Fields",
            C::Range,
            &["WIRE-038"],
            one_weight(&good, 68),
            "one option is no question",
        ),
    ];
    one("belief", "24", body, more)
}

/// The record with one weight, which has all parts; the count of weights stands at offset `count` of the body.
fn one_weight(good: &[u8], count: usize) -> Vec<u8> {
    let body = [&good[BODY..BODY + count], &[1, 0xff, 0xff]].concat();
    let length = u16::try_from(BODY - 3 + body.len() + 64).unwrap_or(0).to_le_bytes();
    [&good[..1], &length, &good[3..BODY], &body, &[0x51; 64]].concat()
}

fn payment() -> Group {
    let body = |from: &str, to: &str| json!({ "deposit": filler(0xde, 32), "payee": filler(0xb0, 32), "from": from, "to": to });
    let good = whole("34", body("255", "256"));
    let last = u64::MAX.to_string();
    let valid = |case: &str, from, to, why: &str| {
        let id = format!("wire/record-payment/{case}");
        Case::valid(id, "Boundary", &["WIRE-047"], whole("34", body(from, to)), why)
    };
    let more = vec![
        valid("one-unit", "255", "256", "compared byte by byte, 255 would stand behind 256"),
        valid("all", "0", &last, "the largest range"),
        broken(&good, "record-payment/nothing", C::Range, "WIRE-047", 72, &[255, 0], "it ends where it begins"),
        broken(&good, "record-payment/reversed", C::Range, "WIRE-047", 72, &[254, 0], "it ends before it begins"),
        broken(&good, "record-payment/zeros", C::Range, "WIRE-047", 64, &[0; 16], "no unit at all"),
    ];
    one("payment", "34", body("1024", "1536"), more)
}

fn quarantine() -> Group {
    let cosigned = |n: u8| json!({ "member": filler(n, 32), "signature": filler(0x50 + n, 64) });
    let body = |evidence: u8, cosignatures: u8| {
        json!({
            "subject": filler(0xb0, 32), "scope": "work", "until": "1790086400",
            "evidence": (1..=evidence).map(|n| filler(n, 32)).collect::<Vec<_>>(),
            "cosignatures": (1..=cosignatures).map(cosigned).collect::<Vec<_>>(),
        })
    };
    let good = whole("28", body(2, 1));
    // One item less, and the count with it.
    let lessened = |count: usize, width: usize| {
        let body = [&good[BODY..BODY + count], &[good[BODY + count] - 1], &good[BODY + count + 1 + width..]].concat();
        let length = u16::try_from(BODY - 3 + body.len()).unwrap_or(0).to_le_bytes();
        [&good[..1], &length, &good[3..BODY], &body].concat()
    };
    let bad = |case: &str, bytes, why: &str| {
        Case::invalid(format!("wire/record-quarantine/{case}"), "Fields", C::Range, &["WIRE-039"], bytes, why)
    };
    let more = vec![
        bad("one-evidence", lessened(41, 32), "one piece of evidence"),
        bad("alone", lessened(41 + 1 + 64, 96), "nobody else agrees"),
    ];
    one("quarantine", "28", body(2, 2), more)
}
