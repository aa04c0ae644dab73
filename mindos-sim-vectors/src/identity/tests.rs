use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;

use crate::cli::{EXIT_DONE, EXIT_FAILED, EXIT_REFUSED, Streams, run};

/// Exit code, output and errors of a command line.
fn mindos(line: &str) -> (u8, String, String) {
    let args = std::iter::once("mindos").chain(line.split_whitespace()).map(Into::into);
    let (mut out, mut err) = (anstream::StripStream::new(Vec::new()), anstream::StripStream::new(Vec::new()));
    let mut streams = Streams { out: &mut out, err: &mut err, progress: false };
    let code = run(args, &mut streams, |_, _| Default::default());
    let text = |stream: anstream::StripStream<Vec<u8>>| String::from_utf8(stream.into_inner()).unwrap();
    (code, text(out), text(err))
}

/// A folder of one test, gone in the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("mindos-identity-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str) -> String {
        self.0.join(name).display().to_string()
    }

    /// A key file of a seed.
    fn key(&self, name: &str, text: &str) -> String {
        let path = self.file(name);
        fs::write(&path, text).unwrap();
        mode(Path::new(&path), 0o600);
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn mode(path: &Path, mode: u32) {
    #[cfg(unix)]
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
    #[cfg(not(unix))]
    let _ = (path, mode);
}

fn seed() -> String {
    "61".repeat(32)
}

#[test]
fn help_has_examples_at_every_level() {
    for line in [
        "identity",
        "identity new",
        "identity show",
        "identity prove",
        "identity verify",
        "identity succeed",
        "identity revoke",
        "identity check",
    ] {
        let (code, out, err) = mindos(&format!("{line} --help"));
        assert_eq!((code, err.as_str()), (EXIT_DONE, ""), "{line}");
        assert!(out.contains("Examples:\n  mindos identity"), "{line}: {out}");
    }
}

#[test]
fn a_new_identity_is_secret_its_owners_alone_and_never_overwritten() {
    let folder = Folder::new("new");
    let path = folder.file("home.key");
    let (code, out, err) = mindos(&format!("identity new {path}"));
    assert_eq!((code, err.as_str()), (EXIT_DONE, ""));
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.starts_with("# MindOS identity, version 1. SECRET"), "{text}");
    let seed = text.lines().find_map(|l| l.strip_prefix("seed = ")).unwrap().to_owned();
    assert!(seed.len() == 64 && !out.contains(&seed), "{out}");
    #[cfg(unix)]
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&path).unwrap().permissions()) & 0o777, 0o600);

    let (code, shown, err) = mindos(&format!("identity show {path}"));
    assert_eq!((code, err.as_str(), shown.as_str()), (EXIT_DONE, "", out.as_str()));
    let (code, out, err) = mindos(&format!("identity new {path}"));
    assert_eq!((code, out.as_str()), (EXIT_REFUSED, ""));
    assert!(err.starts_with("error: ") && err.contains("home.key: exists"), "{err}");
    assert_eq!(fs::read_to_string(&path).unwrap(), text);

    let other = folder.file("other.key");
    mindos(&format!("identity new {other}"));
    assert!(!fs::read_to_string(&other).unwrap().contains(&seed), "another one");
}

#[test]
fn show_tells_the_names_of_the_reference_and_never_the_seed() {
    let folder = Folder::new("show");
    let path = folder.key("a.key", &format!("# a comment\n\n  seed={}  \n", seed()));
    let (code, out, err) = mindos(&format!("identity show {path} --json"));
    assert_eq!((code, err.as_str(), out.lines().count()), (EXIT_DONE, "", 1));
    let json: Json = serde_json::from_str(&out).unwrap();
    use mindos_core::crypto::{Crypto, DEFAULT};
    let hex = |bytes: &[u8]| Json::from(crate::inspect::hex(bytes));
    assert_eq!(json["node"], hex(&DEFAULT.sign_public(&[0x61; 32])));
    let secret = DEFAULT.derive("mindos 2026 x25519 static key", &[&[0x61; 32]]);
    assert_eq!(json["x25519"], hex(&DEFAULT.dh_public(&secret)));
    assert!(!out.contains(&seed()) && json.as_object().unwrap().len() == 3);
}

#[cfg(unix)]
#[test]
fn a_file_that_others_can_open_is_warned_of() {
    let folder = Folder::new("mode");
    let path = folder.key("a.key", &format!("seed = {}\n", seed()));
    for (bits, warned) in [(0o600, false), (0o400, false), (0o640, true), (0o604, true), (0o700, true)] {
        mode(Path::new(&path), bits);
        let (code, out, err) = mindos(&format!("identity show {path}"));
        assert_eq!((code, out.lines().count()), (EXIT_DONE, 3));
        assert_eq!(err.starts_with("warning: ") && err.contains(&format!("{bits:04o}")), warned, "{bits:o}: {err}");
    }
}

#[test]
fn what_is_no_key_file_is_refused_with_its_line_and_not_repeated() {
    let folder = Folder::new("broken");
    let good = seed();
    for (text, what) in [
        (String::new(), "in which there is no seed"),
        ("# nothing\n".to_owned(), "in which there is no seed"),
        (format!("# x\nseed = {}\n", &good[1..]), "line 2: a seed of 63 characters"),
        (format!("seed = {}G\n", &good[1..]), "line 1: a seed of 64 characters"),
        (format!("seed = {}\n", "AB".repeat(32)), "line 1: a seed of 64 characters"),
        (format!("seed = {good}\nseed = {good}\n"), "line 2: a second seed"),
        (format!("{good}\n"), "line 1: neither a comment nor a seed"),
        (format!("sed = {good}\n"), "line 1: neither a comment nor a seed"),
    ] {
        let path = folder.key("a.key", &text);
        let (code, out, err) = mindos(&format!("identity show {path}"));
        assert_eq!((code, out.as_str()), (EXIT_REFUSED, ""), "{text}");
        assert!(err.contains("a.key") && err.contains(what) && err.contains("expected comments"), "{err}");
        assert!(!err.contains(&good[1..]) && !err.contains("ABAB"), "{err}");
    }
    fs::write(folder.file("a.key"), [0xff, 0xfe]).unwrap();
    assert!(mindos(&format!("identity show {}", folder.file("a.key"))).2.contains("which is no text"));
    let (code, _, err) = mindos(&format!("identity show {}", folder.file("none.key")));
    assert!(code == EXIT_REFUSED && err.contains("none.key: "), "{err}");
    let (code, _, err) = mindos(&format!("identity new {}", folder.file("no/such/a.key")));
    assert!(code == EXIT_REFUSED && err.contains("a.key: "), "{err}");
}

#[test]
fn a_proof_that_is_found_holds_and_no_other_does() {
    let folder = Folder::new("prove");
    let path = folder.key("a.key", &format!("seed = {}\n", seed()));
    let (code, out, err) = mindos(&format!("identity prove {path} --network 7 --bits 10 --epoch 20778 --json"));
    assert_eq!((code, err.as_str()), (EXIT_DONE, ""));
    let proof: Json = serde_json::from_str(&out).unwrap();
    let text = |key: &str| proof[key].as_str().unwrap().to_owned();
    assert!(text("zeros").parse::<u32>().unwrap() >= 10 && text("hash").starts_with("00"), "{out}");
    let verify = |node: &str, network: u32, bits: u8, epoch: u32, nonce: &str| {
        mindos(&format!("identity verify {node} --network {network} --bits {bits} --epoch {epoch} --nonce {nonce}"))
    };
    let (node, nonce) = (text("node"), text("nonce"));
    let (code, out, err) = verify(&node, 7, 10, 20778, &nonce);
    assert_eq!((code, err.as_str()), (EXIT_DONE, ""));
    assert!(out.contains("holds     yes\n"), "{out}");
    for (network, bits, epoch) in [(8, 10, 20778), (7, 60, 20778), (7, 10, 20779)] {
        let (code, out, err) = verify(&node, network, bits, epoch, &nonce);
        assert_eq!((code, err.as_str()), (EXIT_FAILED, ""), "{network} {bits} {epoch}");
        assert!(out.contains("holds     no\n"), "{out}");
    }
    let (code, out, _) = mindos(&format!("identity prove {path} --network 7 --bits 0 --json"));
    let today: Json = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &today["nonce"]), (EXIT_DONE, &Json::from("0")));
    assert!(today["epoch"].as_str().unwrap().parse::<u32>().unwrap() > 20_000, "{out}");
}

#[test]
fn questions_that_make_no_sense_are_refused() {
    let node = "31".repeat(32);
    let rest = "--network 7 --bits 8 --epoch 1 --nonce 0";
    for (line, part) in [
        (format!("identity verify {} {rest}", &node[1..]), "found 63 characters; expected the 64 hex digits"),
        (format!("identity verify {}zz {rest}", &node[2..]), "expected the 64 hex digits"),
        (format!("identity verify {node} --network 7 --bits 256 --epoch 1 --nonce 0"), "256"),
        (format!("identity verify {node} --network 7 --bits 8 --epoch x --nonce 0"), "invalid value 'x'"),
        (format!("identity verify {node} --bits 8 --epoch 1 --nonce 0"), "--network"),
        ("identity prove a.key --network 7 --bits 49".to_owned(), "49"),
        ("identity".to_owned(), "Usage"),
        ("identity forget a.key".to_owned(), "unrecognized subcommand"),
    ] {
        let (code, out, err) = mindos(&line);
        assert_eq!((code, out.as_str()), (EXIT_REFUSED, ""), "{line}: {err}");
        assert!(err.contains(part), "{line}: {err}");
    }
}

#[test]
fn a_key_is_given_up_for_another_or_for_none_and_two_contradict() {
    let folder = Folder::new("succeed");
    let key = |name: &str, byte: &str| folder.key(name, &format!("seed = {}\n", byte.repeat(32)));
    let (old, new, other) = (key("old.key", "61"), key("new.key", "62"), key("other.key", "63"));
    let node = |path: &str| {
        let shown: Json = serde_json::from_str(&mindos(&format!("identity show {path} --json")).1).unwrap();
        shown["node"].as_str().unwrap().to_owned()
    };
    let make = |line: &str, out: &str| {
        let (code, _, err) = mindos(&format!("identity {line} --network 7 --out {}", folder.file(out)));
        assert_eq!((code, err.as_str()), (EXIT_DONE, ""));
        folder.file(out)
    };
    let one = make(&format!("succeed {old} {new}"), "one");
    let two = make(&format!("succeed {old} {other}"), "two");
    let none = make(&format!("revoke {old}"), "none");
    #[cfg(unix)]
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&none).unwrap().permissions()) & 0o777, 0o600);
    let foreign = make(&format!("revoke {new}"), "foreign");
    let check = |files: &[&str], network: u32| {
        let (code, out, err) = mindos(&format!("identity check {} --network {network} --json", files.join(" ")));
        assert_eq!(err, "");
        (code, serde_json::from_str::<Json>(&out).unwrap())
    };
    for (files, successor) in [
        (&[&one[..]][..], node(&new)),
        (&[&one, &one], node(&new)),
        (&[&two], node(&other)),
        (&[&none], "none".to_owned()),
        (&[&one, &two], "none".to_owned()),
        (&[&none, &one], "none".to_owned()),
    ] {
        let (code, told) = check(files, 7);
        assert_eq!((code, &told["holds"]), (EXIT_DONE, &Json::from(true)), "{told}");
        assert_eq!((told["node"].as_str(), told["successor"].as_str()), (Some(&node(&old)[..]), Some(&successor[..])));
    }
    assert_eq!(check(&[&one], 8).0, EXIT_FAILED, "another network");
    assert_eq!(check(&[&one, &foreign], 7).0, EXIT_FAILED, "of two keys");
    for (line, what) in [
        (format!("succeed {old} {old} --network 7 --out {}", folder.file("x")), "one key"),
        (format!("revoke {old} --network 7 --out {none}"), "exists"),
        (format!("check {old} --network 7"), "no record"),
        (format!("check {} --network 7", folder.file("x")), "x: "),
        (format!("revoke {old} --network 7"), "--out"),
    ] {
        let (code, out, err) = mindos(&format!("identity {line}"));
        assert_eq!((code, out.as_str()), (EXIT_REFUSED, ""), "{line}");
        assert!(err.contains(what), "{err}");
    }
}
