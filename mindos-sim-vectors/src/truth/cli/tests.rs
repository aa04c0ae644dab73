use std::{fs, io, path::PathBuf};

use crate::{
    cli::{EXIT_DONE, EXIT_FAILED, EXIT_REFUSED, Streams, run},
    world,
};

/// Exit code, output and errors of a command line.
fn mindos(line: &str) -> (u8, String, String) {
    let args = std::iter::once("mindos").chain(line.split_whitespace()).map(Into::into);
    let (mut out, mut err) = (anstream::StripStream::new(Vec::new()), anstream::StripStream::new(Vec::new()));
    let code = run(args, &mut Streams { out: &mut out, err: &mut err, progress: false }, world::run);
    let text = |stream: anstream::StripStream<Vec<u8>>| String::from_utf8(stream.into_inner()).unwrap();
    (code, text(out), text(err))
}

/// A folder of this test's own with the sets `one` and `two`, and one that is none.
fn folder(test: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("mindos-truth-{test}-{}", std::process::id()));
    for set in ["two", "one"] {
        let mut reports = "task,worker,label\n".to_owned();
        let mut truth = "task,label\n".to_owned();
        for q in 0..12 {
            truth += &format!("q{q},{}\n", q % 2);
            for agent in 0..5 {
                reports += &format!("q{q},w{agent},{}\n", if agent < 4 { q % 2 } else { 0 });
            }
        }
        fs::create_dir_all(folder.join(set)).unwrap();
        fs::write(folder.join(set).join("reports.csv"), reports).unwrap();
        fs::write(folder.join(set).join("truth.csv"), truth).unwrap();
    }
    fs::create_dir_all(folder.join("other")).unwrap();
    folder
}

#[test]
fn a_table_and_an_object_tell_the_same() {
    let folder = folder("table");
    let file = folder.join("one/reports.csv");
    let (code, out, err) = mindos(&format!("truth {}", file.display()));
    assert_eq!((code, err.as_str()), (EXIT_DONE, ""));
    assert!(out.starts_with("one: 12 questions, 5 agents, 60 reports, 2 options; seed 1\n"), "{out}");
    for part in
        ["MindOS, one pass", "100.0 %", "Dawid–Skene", "oracle: liars removed", "12 questions count; AUC 1.0000"]
    {
        assert!(out.contains(part), "{part}: {out}");
    }
    let (_, json, _) = mindos(&format!("truth {} --json --seed 3 --attack sybil --fraction 0.2", file.display()));
    assert_eq!(json.lines().count(), 1);
    let value: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&value["set"], &value["seed"], &value["liars"]), (&"one".into(), &3.into(), &1.into()));
    assert!(value["reports_per_s"].as_f64().unwrap() > 0.0);
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn the_digest_is_the_same_twice() {
    let digest = || {
        let (_, json, _) = mindos("truth --set bluebirds --attack spam --fraction 0.1 --anchors 5 --json");
        serde_json::from_str::<serde_json::Value>(&json).unwrap()["digest"].as_str().map(str::to_owned)
    };
    assert!(digest().is_some() && digest() == digest());
}

#[test]
fn ratings_show_roots_and_yardsticks() {
    let (code, out, _) = mindos("truth --ratings --roots 1,35 --sybils 20");
    assert_eq!(code, EXIT_DONE);
    assert!(out.contains("Roots: 1, 35") && out.contains("20 sybils") && out.contains("mean of all ratings"), "{out}");
}

#[test]
fn forecasts_and_gains_tell_the_same_in_both_forms() {
    let folder = folder("forecasts");
    let (file, outcomes) = (folder.join("forecasts.csv"), folder.join("outcomes.csv"));
    fs::write(&file, "time,question,forecaster,p_yes_permille\n1,a,x,900\n2,a,y,100\n3,b,x,800\n").unwrap();
    let (code, _, err) = mindos(&format!("truth --forecasts {}", file.display()));
    assert_eq!(code, EXIT_REFUSED);
    assert!(err.contains("expected --truth FILE"), "{err}");
    fs::write(&outcomes, "question,outcome,resolved\na,1,5\nb,1,2008-06-20 03:46:16\n").unwrap();
    let (code, out, err) = mindos(&format!("truth --forecasts {}", file.display()));
    assert_eq!((code, err.as_str()), (EXIT_DONE, ""));
    for part in ["2 questions, 2 forecasters, 3 forecasts", "all vouched for", "best single by past", "Exponent 1"] {
        assert!(out.contains(part), "{part}: {out}");
    }
    let (_, json, _) = mindos(&format!("truth --forecasts {} --json", file.display()));
    let value: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert!(out.contains(value["digest"].as_str().unwrap()) && value["baselines"]["mean"]["brier"].is_number());
    let (code, out, _) = mindos("truth --gains --seed 2");
    let (_, json, _) = mindos("truth --gains --seed 2 --json");
    let value: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(code, EXIT_DONE);
    assert!(out.contains(value["digest"].as_str().unwrap()) && value["kinds"]["always_lie"]["mean"].is_number());
    fs::remove_dir_all(folder).unwrap();
}

// The same in every build of every profile: only the engine's integers are in it.
#[test]
fn the_digest_of_a_shipped_set_is_pinned() {
    let (_, json, _) = mindos("truth --set rte --json");
    let value: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(value["digest"], "cb2bc648860517204f8a64f7a731b877970f06087a610ae00bf09052c7af65ce");
}

#[test]
fn a_sweep_takes_folders_and_files_and_draws() {
    let folder = folder("sweep");
    let report = folder.join("truth.html");
    let (code, out, err) =
        mindos(&format!("truth --sweep {} --seeds 2..2 --report {}", folder.display(), report.display()));
    assert_eq!((code, err.as_str()), (EXIT_DONE, ""));
    assert!(out.starts_with("Accuracy in %, means over one, two and seeds 2 to 2"), "{out}");
    assert!(out.contains("Report: "));
    assert!(fs::read_to_string(&report).unwrap().starts_with("<!DOCTYPE html>"));
    let (_, json, _) = mindos(&format!("truth --sweep {} --seeds 2 --json", folder.join("two/reports.csv").display()));
    let value: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(value["points"].as_array().unwrap().len(), 52);
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn refusals_name_what_is_wrong_and_exit_with_2() {
    let folder = folder("refusals");
    let alone = folder.join("alone.csv");
    let bad = folder.join("bad.csv");
    fs::write(&bad, "task,worker,label\n1,1,0\n1,2,x\n").unwrap();
    fs::create_dir_all(folder.join("three")).unwrap();
    let three = folder.join("three/reports.csv");
    fs::write(&three, "task,worker,label\n1,1,0\n").unwrap();
    fs::write(&alone, "src,dst,rating,time\n1,2,3,4\n").unwrap();
    let (bad, three, alone, other) =
        (bad.display().to_string(), three.display().to_string(), alone.display().to_string(), folder.join("other"));
    for (line, part) in [
        (format!("truth {bad}"), "bad.csv, line 3, column label: found \"x\"; expected an option, 0 to 15"),
        ("truth no/such.csv".to_owned(), "no/such.csv: cannot be read"),
        (format!("truth {three} --attack spam"), "expected --truth FILE"),
        (format!("truth {three} --anchors 2"), "expected --truth FILE"),
        (format!("truth {three} {bad}"), "bad.csv: expected one file"),
        (format!("truth --sweep {three}"), "three: a sweep needs to know what was true"),
        (format!("truth --sweep {}", other.display()), "has no folder with reports.csv and truth.csv"),
        ("truth --sweep --report no/such/page.html".to_owned(), "expected a file in an existing folder"),
        ("truth --sweep --seeds 3..1".to_owned(), "expected the first and the last seed"),
        (format!("truth --ratings {alone}"), "expected --truth FILE"),
        ("truth --ratings --roots nobody".to_owned(), "--roots: there is no node \"nobody\""),
        ("truth --attack bribe".to_owned(), "[possible values: spam, collude, collude80, sleeper, sybil]"),
        ("truth --fraction 0.4".to_owned(), "--attack <KIND>"),
        ("truth --attack spam --fraction 1.5".to_owned(), "expected a share from 0 to 1"),
        ("truth --anchors NaN".to_owned(), "expected per cent from 0 to 100"),
        ("truth --online --batch".to_owned(), "cannot be used with"),
        ("truth --seeds 1..2".to_owned(), "--sweep"),
        ("truth --forecasts".to_owned(), "<FILE>..."),
        ("truth --gains --anchors 2".to_owned(), "cannot be used with"),
        (format!("truth --forecasts {three} --truth {bad}"), "bad.csv, line 1: found \"task,worker,label\""),
    ] {
        let (code, out, err) = mindos(&line);
        assert_eq!((code, out.as_str()), (EXIT_REFUSED, ""), "{line}: {err}");
        assert!(err.starts_with("error: ") && err.contains(part), "{line}: {err}");
    }
    fs::remove_dir_all(folder).unwrap();
}

struct Broken(io::ErrorKind);

impl io::Write for Broken {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(self.0.into())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_closed_pipe_ends_quietly_and_a_full_disk_does_not() {
    for line in ["truth --set bluebirds", "truth --set bluebirds --json", "truth --ratings"] {
        for (kind, expected) in [(io::ErrorKind::BrokenPipe, EXIT_DONE), (io::ErrorKind::StorageFull, EXIT_FAILED)] {
            let args = std::iter::once("mindos").chain(line.split_whitespace()).map(Into::into);
            let mut err = Vec::new();
            let streams = &mut Streams { out: &mut Broken(kind), err: &mut err, progress: false };
            assert_eq!(run(args, streams, world::run), expected, "{line}");
            assert_eq!(err.is_empty(), expected == EXIT_DONE);
        }
    }
}
