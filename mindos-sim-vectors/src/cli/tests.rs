use std::io::{self, Write};

use super::{EXIT_DONE, EXIT_FAILED, EXIT_REFUSED, Streams, run};
use crate::{
    result::RunResult,
    setup::Setup,
    story::{Progress, RunStory, StoryLine},
};

/// A world in which nothing happens but one line of story.
fn still(setup: &Setup, progress: &mut dyn FnMut(Progress<'_>)) -> (RunResult, RunStory) {
    progress(Progress::Time { now_us: 1, end_us: 2 });
    progress(Progress::Story(&StoryLine { at_us: 1_500_000, text: "All is still.".to_owned() }));
    let nodes = setup.scenario.nodes;
    let result =
        RunResult { scenario: setup.scenario.name.clone(), seed: setup.scenario.seed, nodes, ..RunResult::default() };
    (result, RunStory::default())
}

/// Exit code, output and errors of a command line.
pub(super) fn mindos(line: &str) -> (u8, String, String) {
    let args = std::iter::once("mindos").chain(line.split_whitespace()).map(Into::into);
    let (mut out, mut err) = (anstream::StripStream::new(Vec::new()), anstream::StripStream::new(Vec::new()));
    let code = run(args, &mut Streams { out: &mut out, err: &mut err, progress: false }, still);
    let text = |stream: anstream::StripStream<Vec<u8>>| String::from_utf8(stream.into_inner()).unwrap();
    (code, text(out), text(err))
}

#[test]
fn help_has_examples_at_every_level() {
    let vectors = ["generate", "check", "run", "noise"].map(|action| format!("vectors {action} --help"));
    let lines = [
        "--help",
        "-h",
        "sim --help",
        "sim flood --help",
        "help sim",
        "inspect --help",
        "testee --help",
        "truth --help",
        "vectors --help",
    ];
    for line in lines.into_iter().chain(vectors.iter().map(String::as_str)) {
        let (code, out, err) = mindos(line);
        assert_eq!((code, err.as_str()), (EXIT_DONE, ""), "{line}");
        assert!(out.contains("Examples:\n  mindos"), "{line}: {out}");
    }
    let (_, help, _) = mindos("sim --help");
    for flag in
        "--nodes --seed --latency --latency-unit --tasks --load --loss --liars --json --report --quiet".split(' ')
    {
        assert!(help.contains(flag), "{flag}");
    }
    assert!(mindos("--version").1.starts_with("mindos 0."));
}

#[test]
fn a_run_tells_its_story_and_closes_with_a_table() {
    let (code, out, err) = mindos("sim --stretch 0.05 --nodes 20 --seed 9");
    assert_eq!((code, err.as_str()), (EXIT_DONE, ""));
    assert!(out.starts_with("  0:01.5  All is still.\n"), "{out}");
    assert!(out.contains("False downs") && out.contains("Peak memory") && out.contains('✓'));
    assert!(out.contains("20 minds stand on 490"), "{out}");
    let (_, quiet, _) = mindos("sim --stretch 0.05 --quiet");
    assert!(!quiet.contains("All is still") && quiet.contains("False downs"));
}

#[test]
fn json_is_one_object_and_nothing_else() {
    let (code, out, err) = mindos("sim city-blackout --json --stretch 0.05 --seed 18446744073709551615");
    assert_eq!((code, err.as_str(), out.lines().count()), (EXIT_DONE, "", 1));
    let value: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(value["scenario"], "city-blackout");
    assert_eq!(value["nodes"], 490);
    assert_eq!(value["seed"], u64::MAX);
    assert_eq!(value["detect_all_intervals"], serde_json::Value::Null);
    assert!(value["wall_s"].as_f64().unwrap() > 0.0);
}

#[test]
fn refusals_name_what_is_wrong_and_exit_with_2() {
    for (line, part) in [
        ("sim no-such", "no built-in scenario is called \"no-such\""),
        ("sim no/such.toml", "no/such.toml: cannot be read"),
        ("sim --load 3", "command line, --load: found 3; expected 0.01 to 2"),
        ("sim --load NaN", "--load: found NaN"),
        ("sim --loss 0.95", "--loss: found 0.95; expected a share from 0 to 0.9"),
        ("sim --loss=-0.1", "--loss: found -0.1"),
        ("sim --nodes 3", "--nodes: found 3; expected 4 to 1000000"),
        ("sim --nodes 20 --liars 11", "--liars: found 11; expected at most half"),
        ("sim --latency no/such.tsv", "no/such.tsv: cannot be read"),
        ("sim --tasks no/such.csv", "no/such.csv: cannot be read"),
        ("sim --report no/such/report.html", "--report no/such/report.html: expected a file in an existing folder"),
        ("sim --latency-unit h", "[possible values: ms, s]"),
        ("sim --seed x", "invalid value 'x'"),
        ("sim --seed=-1", "invalid value '-1'"),
        ("sims", "unrecognized subcommand 'sims'"),
        ("sim --lod 1", "unexpected argument '--lod'"),
    ] {
        let (code, out, err) = mindos(line);
        assert_eq!((code, out.as_str()), (EXIT_REFUSED, ""), "{line}: {err}");
        assert!(err.starts_with("error: ") && err.contains(part), "{line}: {err}");
    }
}

#[test]
fn a_malformed_file_is_refused_with_its_line() {
    let folder = std::env::temp_dir().join(format!("mindos-cli-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let (latency, tasks) = (folder.join("rtt.tsv"), folder.join("tasks.csv"));
    std::fs::write(&latency, "0\t1\nx\t0\n").unwrap();
    std::fs::write(&tasks, "TIMESTAMP,ContextTokens,GeneratedTokens\n1,2,-3\n").unwrap();
    let (code, _, err) = mindos(&format!("sim --latency {}", latency.display()));
    assert!(
        code == EXIT_REFUSED && err.contains("rtt.tsv, line 2, column 1: found \"x\"; expected a round-trip"),
        "{err}"
    );
    let (code, _, err) = mindos(&format!("sim --tasks {}", tasks.display()));
    assert!(code == EXIT_REFUSED && err.contains("tasks.csv, line 2, column GeneratedTokens: found \"-3\""), "{err}");

    let report = folder.join("report.html");
    let (code, out, _) = mindos(&format!("sim --stretch 0.05 --report {}", report.display()));
    assert!(code == EXIT_DONE && out.contains("Report: "));
    assert!(std::fs::read_to_string(&report).unwrap().starts_with("<!DOCTYPE html>"));
    std::fs::remove_dir_all(&folder).unwrap();
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
    for line in ["sim --json --stretch 0.05", "sim --quiet --stretch 0.05", "--help"] {
        let args = std::iter::once("mindos").chain(line.split_whitespace()).map(Into::into);
        let mut err = Vec::new();
        let code = run(args, &mut Streams { out: &mut Closed, err: &mut err, progress: false }, still);
        assert_eq!((code, err.len()), (EXIT_DONE, 0), "{line}");
    }
}

/// A disk that is full.
struct Full;

impl Write for Full {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::StorageFull.into())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_failed_write_exits_with_1() {
    let args = ["mindos", "sim", "--json", "--stretch", "0.05"].map(Into::into);
    let mut err = anstream::StripStream::new(Vec::new());
    let code = run(args, &mut Streams { out: &mut Full, err: &mut err, progress: false }, still);
    assert_eq!(code, EXIT_FAILED);
    assert!(err.into_inner().starts_with(b"error: "));
}

#[test]
fn inspect_and_vectors_answer_by_exit_code() {
    let (code, out, _) = mindos("inspect 060000");
    assert_eq!((code, out.contains("established")), (EXIT_DONE, true));
    let (code, out, _) = mindos("inspect 060100 --as frames");
    assert_eq!((code, out.contains("refused: truncated at byte 3")), (EXIT_FAILED, true));
    let (code, _, err) = mindos("inspect nothing-of-the-kind");
    assert_eq!((code, err.contains("neither hex")), (EXIT_REFUSED, true));
    let (code, out, _) = mindos("vectors check");
    assert_eq!((code, out.contains(" 0 problems")), (EXIT_DONE, true), "{out}");
}
