//! Asks case by case, and outlives everything that a testee does.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::time::Duration;

use serde_json::{Map, Value as Json, json};

use super::RunError;
use super::hello::{self, Hello};
use super::judge::{Difference, judge};
use super::process::{Deadline, Process, Silence};
use super::quote::quote;
use super::suite::{Ask, Case, Suite};
use crate::testee::{MAX_LINE, Operation};

/// Restarts without a passed case between them, after which the runner gives up.
pub(super) const RESTARTS_IN_A_ROW: u32 = 10;
/// Restarts after which it gives up anyway: each may have cost a timeout.
pub(super) const RESTARTS: u32 = 100;
/// A program must start before it can answer its first request: it gets this many times as long.
const HELLO: u32 = 4;
/// Lines that are taken without having been asked for, before the runner no longer listens.
const UNASKED: usize = 8;

/// How to run.
pub(super) struct Options<'a> {
    pub(super) command: &'a [OsString],
    /// For each answer.
    pub(super) timeout: Duration,
    /// Whether a case is asked at all.
    pub(super) selected: &'a dyn Fn(&str) -> bool,
}

/// What became of a case.
#[derive(Debug)]
pub(super) enum Verdict {
    Passed,
    Failed(Box<Failure>),
    /// The testee said beforehand that it cannot.
    Skipped,
    /// Not asked, as the caller wished.
    Unselected,
}

/// Why a case failed.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) difference: Difference,
    /// What was asked; nothing if the case was not.
    pub(super) request: Json,
    /// The end of what the testee wrote to its standard error, if it broke off.
    pub(super) stderr: String,
}

/// Everything that a run brought.
pub(super) struct Outcome {
    pub(super) hello: Hello,
    /// By group and case.
    pub(super) verdicts: Vec<Vec<Verdict>>,
    pub(super) restarts: u32,
    /// What went wrong outside of all cases.
    pub(super) faults: Vec<String>,
}

/// Group and case.
type Place = (usize, usize);

/// A request that was answered; `hello` has no place.
struct Answered {
    place: Option<Place>,
    answer: Json,
}

struct Drive<'a> {
    suite: &'a Suite,
    options: &'a Options<'a>,
    process: Option<Process>,
    id: u64,
    last: Option<Answered>,
    /// Cases of which one request was answered twice.
    doubled: BTreeMap<Place, Json>,
    in_a_row: u32,
    restarts: u32,
    faults: Vec<String>,
}

/// Runs the selected cases; `progress` hears how many of how many are done.
pub(super) fn run(
    suite: &Suite,
    options: &Options<'_>,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Outcome, RunError> {
    let (mut drive, hello) = Drive::start(suite, options)?;
    let runs = |case: &Case| (options.selected)(&case.id);
    let declared = suite.groups.iter().filter(|group| hello.declares(group));
    let total = declared.flat_map(|group| &group.cases).filter(|case| runs(case)).count();
    if total == 0 {
        return Err(RunError::Refused(
            "nothing to run: no selected case is one that the testee says it can".to_owned(),
        ));
    }
    let mut done = 0;
    let mut verdicts = Vec::new();
    for (g, group) in suite.groups.iter().enumerate() {
        let declared = hello.declares(group);
        let mut row = Vec::new();
        for (c, case) in group.cases.iter().enumerate() {
            row.push(match (runs(case), declared) {
                (false, _) => Verdict::Unselected,
                (true, false) => Verdict::Skipped,
                (true, true) => {
                    progress(done, total);
                    done += 1;
                    drive.case((g, c), group.operation, case)
                }
            });
        }
        verdicts.push(row);
    }
    drive.finish();
    for ((g, c), request) in std::mem::take(&mut drive.doubled) {
        let verdict = verdicts.get_mut(g).and_then(|row| row.get_mut(c));
        if let Some(verdict @ Verdict::Passed) = verdict {
            *verdict = failed(Difference::new("answer", "one answer", "the same answer twice"), request);
        }
    }
    Ok(Outcome { hello, verdicts, restarts: drive.restarts, faults: drive.faults })
}

fn failed(difference: Difference, request: Json) -> Verdict {
    Verdict::Failed(Box::new(Failure { difference, request, stderr: String::new() }))
}

impl<'a> Drive<'a> {
    fn start(suite: &'a Suite, options: &'a Options<'a>) -> Result<(Self, Hello), RunError> {
        let mut drive = Self {
            suite,
            options,
            process: None,
            id: 0,
            last: None,
            doubled: BTreeMap::new(),
            in_a_row: 0,
            restarts: 0,
            faults: Vec::new(),
        };
        let hello = drive.greet()?;
        Ok((drive, hello))
    }

    /// Starts a process and says hello to it.
    fn greet(&mut self) -> Result<Hello, RunError> {
        let name = self.options.command.first().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        self.process = Some(Process::start(self.options.command).map_err(|error| RunError::Start(name, error))?);
        self.last = None;
        let timeout = self.options.timeout.saturating_mul(HELLO);
        let told = match self.exchange(None, &hello::request(&self.suite.name), timeout) {
            Ok(answer) => Hello::read(&answer, self.suite).map_err(quote),
            Err(difference) => {
                Err(format!("{}: expected {}, got {}", difference.what, difference.expected, difference.got))
            }
        };
        told.map_err(|what| {
            let stderr = self.stop();
            RunError::Hello(if stderr.is_empty() { what } else { format!("{what}\n{stderr}") })
        })
    }

    /// Decides one case.
    fn case(&mut self, place: Place, operation: Operation, case: &Case) -> Verdict {
        for ask in &case.asks {
            if let Err(verdict) = self.restarted().and_then(|()| self.ask(place, operation, ask)) {
                return verdict;
            }
        }
        self.in_a_row = 0;
        Verdict::Passed
    }

    fn ask(&mut self, place: Place, operation: Operation, ask: &Ask) -> Result<(), Verdict> {
        let (difference, stderr) = match self.exchange(Some(place), &ask.request, self.options.timeout) {
            Ok(answer) => match judge(&ask.expect, operation.optional(), &answer) {
                Ok(()) => return Ok(()),
                Err(difference) => (difference, String::new()),
            },
            // What it says now is out of step: only a new process can be trusted again.
            Err(difference) => (difference, self.stop()),
        };
        let request = Json::Object(ask.request.clone());
        Err(Verdict::Failed(Box::new(Failure { difference, request, stderr })))
    }

    /// A process that listens, unless the runner gave up.
    fn restarted(&mut self) -> Result<(), Verdict> {
        while self.process.is_none() {
            if self.in_a_row >= RESTARTS_IN_A_ROW || self.restarts >= RESTARTS {
                let got = match self.restarts >= RESTARTS {
                    true => format!("not asked: given up after {RESTARTS} restarts"),
                    false => format!("not asked: given up after {RESTARTS_IN_A_ROW} restarts without a passed case"),
                };
                return Err(failed(Difference::new("answer", "an answer", got), Json::Null));
            }
            self.in_a_row += 1;
            self.restarts += 1;
            // If it does not come up, the next round counts, too.
            let _ = self.greet();
        }
        Ok(())
    }

    /// Sends a request and gives its answer, or what came in its place. Whatever else comes, the time for it runs on.
    fn exchange(
        &mut self,
        place: Option<Place>,
        request: &Map<String, Json>,
        timeout: Duration,
    ) -> Result<Json, Difference> {
        let id = self.id.to_string();
        self.id += 1;
        let Some(process) = &mut self.process else {
            return Err(Difference::new("answer", "an answer", "there is no testee"));
        };
        let mut request = request.clone();
        request.insert("id".to_owned(), json!(id));
        let deadline = Deadline::after(timeout);
        process.tell(&Json::Object(request));
        for _ in 0..UNASKED {
            match process.hear(deadline) {
                Ok(answer) if answer["id"] == id.as_str() => {
                    self.last = Some(Answered { place, answer: answer.clone() });
                    return Ok(answer);
                }
                Ok(answer) => match self.last.as_ref().filter(|last| last.answer == answer) {
                    Some(last) => note_twice(last, &mut self.doubled, &mut self.faults),
                    None => return Err(Difference::new("id", json!(id), &answer["id"])),
                },
                Err(silence) => return Err(Difference::new("answer", "an answer", silence.told(timeout))),
            }
        }
        Err(Difference::new("answer", "an answer", "the answer before it, again and again"))
    }

    /// Ends the process and gives the end of what it wrote to its standard error.
    fn stop(&mut self) -> String {
        let Some(mut process) = self.process.take() else { return String::new() };
        process.kill();
        process.errors()
    }

    /// Says that nothing more comes, and looks how the testee takes it.
    fn finish(&mut self) {
        let timeout = self.options.timeout;
        let Some(process) = &mut self.process else { return };
        process.close();
        let deadline = Deadline::after(timeout);
        let fault = loop {
            match process.hear(deadline) {
                Ok(answer) => match self.last.take().filter(|last| last.answer == answer) {
                    Some(last) => note_twice(&last, &mut self.doubled, &mut self.faults),
                    None => break Some(quote(format_args!("it went on speaking after its last answer: {answer}"))),
                },
                Err(Silence::Ended(status)) if status.is_empty() => break None,
                Err(Silence::Late) => {
                    break Some(format!("it did not end within {} ms of its input", timeout.as_millis()));
                }
                Err(silence) => break Some(quote(format_args!("after its last answer: {}", silence.told(timeout)))),
            }
        };
        let stderr = self.stop();
        self.faults.extend(fault.map(|fault| if stderr.is_empty() { fault } else { format!("{fault}\n{stderr}") }));
    }
}

fn note_twice(last: &Answered, doubled: &mut BTreeMap<Place, Json>, faults: &mut Vec<String>) {
    match last.place {
        Some(place) => {
            doubled.insert(place, json!({ "id": last.answer["id"] }));
        }
        None => faults.push("hello was answered twice".to_owned()),
    }
}

impl Silence {
    fn told(&self, timeout: Duration) -> String {
        match self {
            Self::Ended(status) if status.is_empty() => "the testee ended".to_owned(),
            Self::Ended(status) => format!("the testee ended: {status}"),
            Self::Late => format!("nothing within {} ms", timeout.as_millis()),
            Self::TooLong => format!("a line of more than {MAX_LINE} bytes"),
            Self::NotJson(line) => format!("a line that is no JSON object: {line:?}"),
        }
    }
}
