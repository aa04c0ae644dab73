//! JSON views become the bytes that they came from, and nothing else does.

use super::*;

fn frame_view(bytes: &[u8]) -> serde_json::Value {
    serde_json::to_value(FrameBuf::from_bytes(bytes.to_vec()).unwrap()).unwrap()
}

#[test]
fn every_view_becomes_the_bytes_it_came_from() {
    for bytes in samples() {
        let back: FrameBuf = serde_json::from_value(frame_view(&bytes)).unwrap();
        assert_eq!(back.as_bytes(), bytes);
    }
    for bytes in records() {
        let record = RecordBuf::from_bytes(bytes).unwrap();
        let back: RecordBuf = serde_json::from_str(&serde_json::to_string(&record).unwrap()).unwrap();
        assert_eq!(back, record);
    }
}

#[test]
fn a_view_reads_like_the_specs_table() {
    let bytes = [&[0x52, 5, 0, 1][..], &[1, 0, 0, 0]].concat();
    let view = serde_json::json!({ "type": "82", "accepted": "1", "tail": [{ "tag": "1", "value": "" }] });
    assert_eq!(frame_view(&bytes), view);
    let capability = [&[0x56, 68, 0, 3][..], b"a/1", &[7; 64]].concat();
    assert_eq!(frame_view(&capability)["name"], "a/1");
}

#[test]
fn a_view_that_is_no_value_is_refused_with_its_place() {
    let refusal = |view: serde_json::Value| serde_json::from_value::<FrameBuf>(view).unwrap_err().to_string();
    let ping = |nonce: &str| serde_json::json!({ "type": "2", "nonce": nonce, "view": "0" });
    assert!(serde_json::from_value::<FrameBuf>(ping("4294967295")).is_ok());
    for bad in ["4294967296", "01", "+1", "-1", "", "1.0", "0x1"] {
        assert!(refusal(ping(bad)).starts_with("nonce: expected a decimal integer"), "{bad}");
    }
    assert_eq!(refusal(serde_json::json!({ "type": "2", "nonce": "1" })), "view: expected a string");
    let more = serde_json::json!({ "type": "8", "more": "1" });
    assert_eq!(refusal(more), "more: expected no such field");
    let falling = serde_json::json!({ "type": "48", "aliases": ["2", "1"] });
    assert_eq!(refusal(falling), "the value is refused: order at byte 9: aliases");
    assert_eq!(
        refusal(serde_json::json!({ "type": "224", "body": "" })),
        "the value is refused: unknown-critical at byte 0: frame type"
    );
    let inexact = serde_json::json!({ "type": "85", "sequence": "1", "slots": "2049", "backlog_ms": "4097" });
    assert_eq!(refusal(inexact), "slots: expected a quantity that a minifloat states exactly");
    assert!(serde_json::from_str::<FrameBuf>(r#"{"type":"8","type":"8"}"#).is_err());
    let empty = serde_json::json!({ "type": "8", "tail": [] });
    assert_eq!(refusal(empty), "tail: expected no tail, or one with extensions");
    let many: serde_json::Map<_, _> = (0..65).map(|i| (format!("f{i}"), "".into())).collect();
    assert_eq!(refusal(many.into()), ": expected at most 64 fields");
}

#[test]
fn a_view_of_another_kind_of_json_is_refused() {
    let e = serde_json::from_str::<FrameBuf>("7").unwrap_err().to_string();
    assert!(e.contains("expected a string, an array or an object"), "{e}");
}
