use mindos_wire::ErrorClass;

use super::cli::{InspectArgs, inspect};
use super::{Kind, decode, detect, render, to_json, unhex};

const PING: &str = "02 0c00 07000000 01000000";

fn bytes(hex: &str) -> Vec<u8> {
    unhex(hex).unwrap()
}

#[test]
fn a_frame_is_printed_field_by_field() {
    let ping = bytes("02 0e00 07000000 01000000 0500 0200 abcd");
    let result = decode(Kind::Frame, &ping);
    let text = render(&result);
    let expected = "\
frame
offset length  field
     0      1  type                     0x02 ping
     1      2  length                   14
     3      4  nonce                    7
     7      4  view                     1
    11      0  extension                
    11      2    tag                    5
    13      4    value                  abcd
";
    assert_eq!(text, expected);
    let json = to_json(&result);
    assert_eq!(json["value"]["tail"][0]["value"], "abcd");
    assert_eq!(json["fields"][2]["offset"], 3);
    assert_eq!(result.unwrap().again, ping);
}

#[test]
fn a_refusal_tells_class_position_and_expectation() {
    let result = decode(Kind::Frame, &bytes(PING));
    let text = render(&result);
    assert!(
        text.ends_with("refused: truncated at byte 3: expected all of `frame body`, and the input or body ends\n"),
        "{text}"
    );
    assert_eq!(to_json(&result)["refused"]["class"], "truncated");
    let trailing = decode(Kind::Frame, &bytes("06 0000 00"));
    assert_eq!(trailing.unwrap_err().error.class, ErrorClass::Trailing);
}

#[test]
fn the_kind_is_detected() {
    let hello = [vec![1, 1], vec![0; 190]].concat();
    assert_eq!(detect(&hello).unwrap().kind, Kind::Packet);
    let frames = detect(&bytes("06 0000 08 0000")).unwrap();
    assert_eq!((frames.kind, frames.traces.len()), (Kind::Frames, 2));
    // Looks like a sealed packet too.
    let frames = detect(&bytes(&"04 0800 07000000 01000000".repeat(3))).unwrap();
    assert_eq!((frames.kind, frames.traces.len()), (Kind::Frames, 3));
    assert_eq!(detect(&bytes(&"04".repeat(29))).unwrap().kind, Kind::Packet);
    assert!(detect(&[]).is_err());
    assert!(detect(&bytes("e0 0000")).is_err());
}

#[test]
fn the_subcommand_reads_hex_and_files_and_says_whether_all_was_well() {
    let run = |input: &str, json| {
        let mut out = Vec::new();
        let args = InspectArgs { input: input.into(), kind: Some(Kind::Frames), json };
        inspect(&args, &mut out).map(|ok| (ok, String::from_utf8(out).unwrap()))
    };
    assert!(run("060000", false).unwrap().0);
    assert!(!run("060100", true).unwrap().0);
    let path = std::env::temp_dir().join(format!("mindos-inspect-{}", std::process::id()));
    for content in [&b"06 00 00\n"[..], &[6, 0, 0][..]] {
        std::fs::write(&path, content).unwrap();
        assert!(run(path.to_str().unwrap(), false).unwrap().0);
    }
    std::fs::remove_file(&path).unwrap();
    assert!(run("no such file", false).unwrap_err().to_string().contains("neither hex"));
}
