//! Starts the command.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use mindos_sim_vectors::vectors::directory;
use serde_json::Value as Json;

use super::FAULT;

/// What a run said.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// `mindos vectors run` with arguments, against a testee of this fault.
pub(crate) fn command(fault: &str, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mindos"));
    command.args(["vectors", "run"]).args(args).arg("--").arg(std::env::current_exe().unwrap());
    command.env(FAULT, fault).stdin(Stdio::null());
    command
}

/// Runs it with a report as JSON.
pub(crate) fn run(fault: &str, args: &[&str]) -> Ran {
    let json = [&["--json"], args].concat();
    ran(command(fault, &json).output().unwrap())
}

pub(crate) fn ran(output: Output) -> Ran {
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran { code: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
}

impl Ran {
    /// The report.
    pub(crate) fn report(&self) -> Json {
        serde_json::from_str(&self.out).unwrap_or_else(|_| panic!("no report: {} {}", self.out, self.err))
    }

    /// The ids of the cases that failed.
    pub(crate) fn failed(&self) -> BTreeSet<String> {
        let report = self.report();
        let failures = report["failures"].as_array().unwrap().iter().filter(|f| f["known"] == false);
        let ids: BTreeSet<String> = failures.map(|f| f["id"].as_str().unwrap().to_owned()).collect();
        assert_eq!(report["failed"], ids.len());
        ids
    }
}

/// The ids of the cases that a condition on group and case holds for.
pub(crate) fn cases(holds: impl Fn(&Json, &Json) -> bool) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for entry in std::fs::read_dir(directory()).unwrap() {
        let file: Json = serde_json::from_str(&std::fs::read_to_string(entry.unwrap().path()).unwrap()).unwrap();
        for group in file["testGroups"].as_array().into_iter().flatten() {
            let cases = group["tests"].as_array().unwrap().iter().filter(|case| holds(group, case));
            out.extend(cases.map(|case| case["id"].as_str().unwrap().to_owned()));
        }
        let runs = file["vectors"].as_array().into_iter().flatten().filter(|run| holds(&file, run));
        out.extend(runs.map(|run| run["name"].as_str().unwrap().to_owned()));
    }
    out
}

/// A file of this test alone.
pub(crate) fn file(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("mindos-runner-{}-{name}", std::process::id()))
}
