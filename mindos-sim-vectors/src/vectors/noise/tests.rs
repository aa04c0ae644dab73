use std::io::{self, Write};
use std::path::{Path, PathBuf};

use mindos_core::crypto::{Crypto, DEFAULT};
use serde_json::{Value as Json, json};

use super::noise_vectors;
use crate::cli::{EXIT_DONE, EXIT_FAILED, EXIT_REFUSED, Streams, run};
use crate::inspect::hex;

fn published() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../mindos-core/tests/data/noise_25519_chachapoly.json")
}

fn published_json() -> Json {
    serde_json::from_str(&std::fs::read_to_string(published()).unwrap()).unwrap()
}

/// Exit code, output and errors of `mindos vectors noise`.
fn command(args: &[&str]) -> (u8, String, String) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let code = into(args, &mut out, &mut err);
    (code, String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap())
}

fn into(args: &[&str], out: &mut dyn Write, err: &mut dyn Write) -> u8 {
    let args = ["mindos", "vectors", "noise"].iter().chain(args).map(|arg| (*arg).into());
    run(args, &mut Streams { out, err, progress: false }, crate::world::run)
}

/// A file of this test alone, and what the command says of it.
fn of_file(name: &str, text: &str, args: &[&str]) -> (u8, String, String) {
    let path = std::env::temp_dir().join(format!("mindos-noise-{}-{name}", std::process::id()));
    std::fs::write(&path, text).unwrap();
    let told = command(&[&[path.to_str().unwrap()], args].concat());
    std::fs::remove_file(&path).unwrap();
    told
}

/// What snow does when it plays both sides, in the form of cacophony.
fn by_snow(protocol: &str) -> Json {
    let secret = |n: u8| [n; 32];
    let public = DEFAULT.dh_public(&secret(3));
    let ik = protocol.contains("_IK_");
    let (s, e, t, f) = (secret(1), secret(2), secret(3), secret(4));
    let builder = |own, ephemeral| {
        let builder = snow::Builder::new(protocol.parse().unwrap()).prologue(b"prologue").unwrap();
        builder.local_private_key(own).unwrap().fixed_ephemeral_key_for_testing_only(ephemeral)
    };
    let initiator = builder(&s, &e);
    let initiator = if ik { initiator.remote_public_key(&public).unwrap() } else { initiator };
    let (mut initiator, mut responder) =
        (initiator.build_initiator().unwrap(), builder(&t, &f).build_responder().unwrap());
    let (mut messages, mut buf) = (Vec::new(), [0; 1_024]);
    let mut add = |payload: &[u8], ciphertext: &[u8]| {
        messages.push(json!({ "payload": hex(payload), "ciphertext": hex(ciphertext) }));
    };
    let mut index = 0;
    while !initiator.is_handshake_finished() {
        let payload = vec![index; usize::from(index) * 7];
        let (writer, reader) =
            if index % 2 == 0 { (&mut initiator, &mut responder) } else { (&mut responder, &mut initiator) };
        let len = writer.write_message(&payload, &mut buf).unwrap();
        add(&payload, &buf[..len]);
        reader.read_message(&buf[..len], &mut [0; 1_024]).unwrap();
        index += 1;
    }
    let hash = hex(initiator.get_handshake_hash());
    let (mut initiator, mut responder) =
        (initiator.into_transport_mode().unwrap(), responder.into_transport_mode().unwrap());
    for index in index..9 {
        let writer = if index % 2 == 0 { &mut initiator } else { &mut responder };
        let len = writer.write_message(&[index; 9], &mut buf).unwrap();
        add(&[index; 9], &buf[..len]);
    }
    let mut vector = json!({
        "protocol_name": protocol, "init_prologue": hex(b"prologue"), "resp_prologue": hex(b"prologue"),
        "init_static": hex(&s), "init_ephemeral": hex(&e), "resp_static": hex(&t), "resp_ephemeral": hex(&f),
        "handshake_hash": hash, "messages": messages,
    });
    if ik {
        vector["init_remote_static"] = json!(hex(&public));
    }
    vector
}

/// A file with one bit of a member's first byte flipped.
fn flipped(file: &Json, pointer: &str) -> Json {
    let mut changed = file.clone();
    let place = changed.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer}"));
    let text = place.as_str().unwrap();
    let first = u8::from_str_radix(&text[..2], 16).unwrap() ^ 1;
    *place = json!(format!("{first:02x}{}", &text[2..]));
    changed
}

#[test]
fn the_public_file_passes() {
    let path = published();
    let (code, out, err) = command(&[path.to_str().unwrap()]);
    assert_eq!((code, err.as_str()), (EXIT_DONE, ""), "{out}");
    assert!(out.ends_with("2 vectors: 2 passed, 0 failed, 0 skipped\n"), "{out}");
    let (code, out, _) = command(&["--json", path.to_str().unwrap()]);
    let report: Json = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &report["ok"], &report["passed"], &report["failures"]), (0, &json!(true), &json!(2), &json!([])));
    let messages: usize =
        published_json()["vectors"].as_array().unwrap().iter().map(|v| v["messages"].as_array().unwrap().len()).sum();
    assert_eq!((&report["handshake_messages"], &report["handshake_hashes"]), (&json!(5), &json!(2)));
    assert_eq!(report["transport_messages"], messages - 5);
}

#[test]
fn vectors_of_either_hash_made_by_snow_pass_in_either_form_of_file() {
    let protocols = ["XX", "IK"]
        .map(|pattern| ["SHA256", "BLAKE2s"].map(|hash| format!("Noise_{pattern}_25519_ChaChaPoly_{hash}")));
    let mut vectors: Vec<Json> = protocols.iter().flatten().map(|protocol| by_snow(protocol)).collect();
    // Files of snow have no hash.
    vectors[0].as_object_mut().unwrap().remove("handshake_hash");
    for file in [json!(vectors), json!({ "vectors": vectors })] {
        let report = noise_vectors("made", &file.to_string()).unwrap();
        assert!(report.ok, "{report:?}");
        assert_eq!((report.passed, report.handshake_messages, report.transport_messages), (4, 10, 26));
        assert_eq!(report.handshake_hashes, 3);
    }
}

#[test]
fn a_changed_byte_fails_and_is_named() {
    let sha = json!({ "vectors": [by_snow("Noise_IK_25519_ChaChaPoly_SHA256"), by_snow("Noise_XX_25519_ChaChaPoly_SHA256")] });
    for file in [published_json(), sha] {
        for (vector, read) in file["vectors"].as_array().unwrap().iter().enumerate() {
            for message in 0..read["messages"].as_array().unwrap().len() {
                let changed = flipped(&file, &format!("/vectors/{vector}/messages/{message}/ciphertext"));
                let (code, out, err) = of_file("changed.json", &changed.to_string(), &[]);
                assert_eq!((code, err.as_str()), (EXIT_FAILED, ""), "{out}");
                let name = read["protocol_name"].as_str().unwrap();
                let place =
                    format!("vectors[{vector}] ({name}), messages[{message}]: ciphertext from byte 0: expected ");
                assert!(out.starts_with(&place) && out.contains("1 passed, 1 failed"), "{out}");
            }
            for (member, said) in [
                ("handshake_hash", "): handshake_hash from byte 0: "),
                // Who notices it depends on the pattern.
                ("init_prologue", "expected "),
                ("messages/1/payload", ", messages[1]: ciphertext from byte "),
            ] {
                let changed = flipped(&file, &format!("/vectors/{vector}/{member}")).to_string();
                let (code, out, _) = of_file("member.json", &changed, &[]);
                assert!(code == EXIT_FAILED && out.contains(said), "{member}: {out}");
            }
        }
    }
    let changed = flipped(&published_json(), "/vectors/1/messages/4/ciphertext");
    let (code, out, _) = of_file("json.json", &changed.to_string(), &["--json"]);
    let report: Json = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &report["ok"], &report["failed"]), (EXIT_FAILED, &json!(false), &json!(1)));
    let failure = &report["failures"][0];
    assert_eq!((&failure["vector"], &failure["message"], &failure["at"]), (&json!(1), &json!(4), &json!(0)));
}

/// The payload alone is held against what was read, too: a writer that errs as the file does is still found.
#[test]
fn what_is_read_is_checked_apart_from_what_is_written() {
    let mut file = published_json();
    // Another prologue on the reading side: the writer's first message is as the file says.
    file["vectors"][0]["resp_prologue"] = json!("00");
    let report = noise_vectors("file", &file.to_string()).unwrap();
    let failure = &report.failures[0];
    assert_eq!((failure.what, failure.message, failure.got.as_str()), ("payload", Some(0), "authentication failed"));
}

#[test]
fn what_the_core_does_not_do_is_skipped_with_the_reason() {
    let mut file = published_json();
    let vectors = file["vectors"].as_array_mut().unwrap();
    let template = vectors[0].clone();
    for name in [
        "Noise_NN_25519_ChaChaPoly_BLAKE2s",
        "Noise_X1X_25519_ChaChaPoly_BLAKE2s",
        "Noise_XXpsk3_25519_ChaChaPoly_BLAKE2s",
        "Noise_XXfallback+psk0_25519_ChaChaPoly_BLAKE2s",
        "Noise_XX_448_ChaChaPoly_BLAKE2s",
        "Noise_IK_25519_AESGCM_SHA256",
        "Noise_IK_25519_ChaChaPoly_SHA512",
        "Noise_IK_25519_ChaChaPoly_BLAKE2b",
        "NoisePSK_XX_25519_ChaChaPoly_BLAKE2s",
        "Noise_XX",
        "",
    ] {
        let mut vector = template.clone();
        vector["protocol_name"] = json!(name);
        // Lengths are those of its own protocol.
        vector["init_static"] = json!("00");
        vectors.push(vector);
    }
    vectors.push(template.clone());
    vectors.last_mut().unwrap()["fail"] = json!(true);
    let (code, out, _) = of_file("skips.json", &file.to_string(), &[]);
    assert_eq!(code, EXIT_DONE, "{out}");
    for reason in [
        "pattern NN",
        "pattern X1X",
        "modifier psk3",
        "modifier fallback+psk0",
        "DH 448",
        "cipher AESGCM",
        "hash SHA512",
        "hash BLAKE2b",
        "is to fail",
    ] {
        assert!(out.contains(&format!("skipped 1: {reason}\n")), "{reason}: {out}");
    }
    assert!(
        out.contains("skipped 3: not a name of the form")
            && out.ends_with("14 vectors: 2 passed, 0 failed, 12 skipped\n"),
        "{out}"
    );

    file["vectors"].as_array_mut().unwrap().drain(..2);
    let (code, out, err) = of_file("nothing.json", &file.to_string(), &[]);
    assert_eq!((code, out.contains("0 passed")), (EXIT_REFUSED, true), "{out}");
    assert!(err.contains("nothing was checked"), "{err}");
}

#[test]
fn a_file_of_no_use_is_refused_with_what_where_and_what_was_expected() {
    let with = |pointer: &str, value: Json| {
        let mut file = published_json();
        *file.pointer_mut(pointer).unwrap() = value;
        file.to_string()
    };
    let mut lacking = published_json();
    lacking["vectors"][1].as_object_mut().unwrap().remove("resp_static");
    let first = "vectors[0] (Noise_IK_25519_ChaChaPoly_BLAKE2s): ";
    for (text, part) in [
        (String::new(), "EOF while parsing a value at line 1 column 0".to_owned()),
        ("{}".to_owned(), "missing field `vectors` at line 1 column 2".to_owned()),
        ("[]".to_owned(), "expected at least one vector, found none".to_owned()),
        ("[7]".to_owned(), "expected struct Vector at line 1 column 2".to_owned()),
        (with("/vectors/0/messages", json!([])), format!("{first}messages: expected at least 2, found 0")),
        (with("/vectors/0/init_static", json!("00")), format!("{first}init_static: expected 32 bytes, found 1")),
        (
            with("/vectors/0/init_remote_static", Json::Null),
            format!("{first}init_remote_static: expected 32 bytes, found nothing"),
        ),
        (lacking.to_string(), "resp_static: expected 32 bytes, found nothing".to_owned()),
        (
            with("/vectors/0/init_prologue", json!("0g")),
            "expected bytes in hex: invalid symbol at 1 at line 1 column ".to_owned(),
        ),
        (with("/vectors/0/messages/0/payload", json!(1)), "expected a string at line 1 column ".to_owned()),
    ] {
        let (code, out, err) = of_file("useless.json", &text, &[]);
        assert_eq!((code, out.as_str()), (EXIT_REFUSED, ""), "{err}");
        assert!(err.starts_with("error: ") && err.contains("useless.json: ") && err.contains(&part), "{part}: {err}");
    }
    let (code, _, err) = command(&["no/such/file.json"]);
    assert!(code == EXIT_REFUSED && err.starts_with("error: no/such/file.json: "), "{err}");
    assert_eq!(command(&[]).0, EXIT_REFUSED);
}

/// A pipe that nobody reads.
struct Closed;

impl Write for Closed {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::BrokenPipe.into())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_closed_pipe_ends_quietly() {
    let path = published();
    for args in [&[path.to_str().unwrap()][..], &["--json", path.to_str().unwrap()]] {
        let mut err = Vec::new();
        assert_eq!((into(args, &mut Closed, &mut err), err.len()), (EXIT_DONE, 0));
    }
}
