//! What a run amounts to.

mod text;

use std::collections::BTreeSet;
use std::ffi::OsString;

use serde::Serialize;
use serde_json::Value as Json;

use super::drive::{Failure, Outcome, Verdict};
use super::suite::{Group, Suite};
use crate::testee::PROTOCOL;

pub(super) use text::print;

/// Everything about a run, as `--json` and `--report` write it.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    pub(super) suite: String,
    pub(super) protocol: &'static str,
    pub(super) implementation: String,
    pub(super) version: String,
    pub(super) command: Vec<String>,
    /// Whether all is well: nothing failed that is not known to fail.
    pub(super) ok: bool,
    #[serde(flatten)]
    pub(super) all: Counts,
    pub(super) groups: Vec<Row>,
    pub(super) failures: Vec<Failed>,
    /// What went wrong outside of all cases.
    pub(super) faults: Vec<String>,
    pub(super) restarts: u32,
    pub(super) requirements: Requirements,
}

/// Cases by verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Counts {
    pub(super) passed: usize,
    /// Failed, or passed and listed as a known failure.
    pub(super) failed: usize,
    /// Failed, as listed.
    pub(super) known: usize,
    pub(super) skipped: usize,
}

/// One group.
#[derive(Debug, Serialize)]
pub(super) struct Row {
    pub(super) file: String,
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) message: String,
    #[serde(flatten)]
    pub(super) counts: Counts,
}

/// One case that did not turn out as it should.
#[derive(Debug, Serialize)]
pub(super) struct Failed {
    pub(super) id: String,
    /// Whether it is listed as a known failure and failed.
    pub(super) known: bool,
    /// Path of what differs in the answer.
    pub(super) what: String,
    pub(super) expected: String,
    pub(super) got: String,
    /// What was asked, without its id.
    pub(super) request: Json,
    pub(super) stderr: String,
}

/// Requirements that the vectors exercise, by whether a case that passed exercised them.
#[derive(Debug, Serialize)]
pub(super) struct Requirements {
    pub(super) exercised: BTreeSet<String>,
    pub(super) not_exercised: BTreeSet<String>,
}

impl Report {
    /// Sums up.
    pub(super) fn new(suite: &Suite, command: &[OsString], outcome: Outcome, known: &BTreeSet<String>) -> Self {
        let mut all = Counts::default();
        let (mut groups, mut failures) = (Vec::new(), Vec::new());
        let mut exercised = BTreeSet::new();
        for (group, verdicts) in suite.groups.iter().zip(outcome.verdicts) {
            let mut counts = Counts::default();
            let mut asked = false;
            for (case, verdict) in group.cases.iter().zip(verdicts) {
                asked |= !matches!(verdict, Verdict::Unselected);
                let listed = known.contains(&case.id);
                match verdict {
                    Verdict::Unselected => {}
                    Verdict::Skipped => counts.skipped += 1,
                    Verdict::Passed if listed => {
                        counts.failed += 1;
                        failures.push(unexpected(&case.id));
                    }
                    Verdict::Passed => {
                        counts.passed += 1;
                        exercised.extend(case.reqs.iter().cloned());
                    }
                    Verdict::Failed(failure) => {
                        *(if listed { &mut counts.known } else { &mut counts.failed }) += 1;
                        failures.push(told(&case.id, listed, *failure));
                    }
                }
            }
            all.add(counts);
            if asked {
                groups.push(row(group, counts));
            }
        }
        let every: BTreeSet<String> = suite.cases().flat_map(|case| case.reqs.iter().cloned()).collect();
        Self {
            suite: suite.name.clone(),
            protocol: PROTOCOL,
            implementation: outcome.hello.implementation,
            version: outcome.hello.version,
            command: command.iter().map(|arg| arg.to_string_lossy().into_owned()).collect(),
            ok: all.failed == 0 && outcome.faults.is_empty(),
            all,
            groups,
            failures,
            faults: outcome.faults,
            restarts: outcome.restarts,
            requirements: Requirements { not_exercised: &every - &exercised, exercised },
        }
    }
}

impl Counts {
    fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.known += other.known;
        self.skipped += other.skipped;
    }
}

fn row(group: &Group, counts: Counts) -> Row {
    let file = group.file.trim_end_matches("_test.json").to_owned();
    Row { file, kind: group.kind.clone(), message: group.message.clone(), counts }
}

fn told(id: &str, known: bool, failure: Failure) -> Failed {
    let Failure { difference, request, stderr } = failure;
    let (what, expected, got) = (difference.what, difference.expected, difference.got);
    Failed { id: id.to_owned(), known, what, expected, got, request, stderr }
}

fn unexpected(id: &str) -> Failed {
    Failed {
        id: id.to_owned(),
        known: false,
        what: "verdict".to_owned(),
        expected: "a failure, as it is on the list of known failures".to_owned(),
        got: "it passed: take it off the list".to_owned(),
        request: Json::Null,
        stderr: String::new(),
    }
}
