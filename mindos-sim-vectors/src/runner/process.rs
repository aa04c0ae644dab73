//! The testee at the other end of its pipes. Threads read and write, so that nothing that it does or omits can
//! stop the runner; what they wait for ends with the process.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::io::{self, BufReader, Read, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use serde_json::Value as Json;

use super::quote;
use crate::testee::MAX_LINE;
use crate::testee::line::{Line, read_line};

/// Bytes of the standard error that are kept for a failure.
const KEPT: usize = 4_096;
/// Lines that may wait to be read; a testee that says more is held up.
const WAITING: usize = 4;
/// How long an ended testee may take to close its standard error, or to be gone after its output ended.
const GRACE: Duration = Duration::from_millis(250);
const GRACE_STEP: Duration = Duration::from_millis(5);

/// A running testee. It is killed when this is dropped, and with it what it started.
pub(super) struct Process {
    child: Child,
    /// Whether it ended and was waited for: its number may be another's by now.
    gone: bool,
    to: Option<Sender<Vec<u8>>>,
    from: Receiver<Line>,
    errors: Arc<Mutex<VecDeque<u8>>>,
    errors_end: Receiver<()>,
}

/// Until when something may take. What a testee says in between does not move it.
#[derive(Clone, Copy, Debug)]
#[allow(clippy::disallowed_types, reason = "how long another program takes, only the machine's own clock can tell")]
pub(super) struct Deadline {
    from: std::time::Instant,
    timeout: Duration,
}

#[allow(clippy::disallowed_types, clippy::disallowed_methods, reason = "as above")]
impl Deadline {
    /// So long after now.
    pub(super) fn after(timeout: Duration) -> Self {
        Self { from: std::time::Instant::now(), timeout }
    }

    /// What is left of it.
    fn left(self) -> Duration {
        self.timeout.saturating_sub(self.from.elapsed())
    }
}

/// Why there is no answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Silence {
    /// The output ended; how the program did.
    Ended(String),
    /// Nothing came in time.
    Late,
    /// The line is longer than allowed.
    TooLong,
    /// The line is not a JSON object.
    NotJson(String),
}

impl Process {
    /// Starts a command.
    pub(super) fn start(command: &[OsString]) -> io::Result<Self> {
        let (program, args) = command.split_first().ok_or(io::ErrorKind::InvalidInput)?;
        let mut command = Command::new(program);
        command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        group::lead(&mut command);
        let mut child = command.spawn()?;
        let (to, requests) = channel();
        let (lines, from) = sync_channel(WAITING);
        let (ended, errors_end) = channel();
        let errors = Arc::new(Mutex::new(VecDeque::new()));
        if let Some(mut input) = child.stdin.take() {
            thread::spawn(move || write(&requests, &mut input));
        }
        if let Some(output) = child.stdout.take() {
            thread::spawn(move || read(output, &lines));
        }
        if let Some(said) = child.stderr.take() {
            let kept = Arc::clone(&errors);
            thread::spawn(move || {
                keep(said, &kept);
                drop(ended);
            });
        }
        Ok(Self { child, gone: false, to: Some(to), from, errors, errors_end })
    }

    /// Sends a line. If nobody reads it any more, the next answer tells.
    pub(super) fn tell(&self, request: &Json) {
        if let Some(to) = &self.to {
            let _ = to.send(format!("{request}\n").into_bytes());
        }
    }

    /// The next line as JSON, if it comes in time.
    pub(super) fn hear(&mut self, deadline: Deadline) -> Result<Json, Silence> {
        match self.from.recv_timeout(deadline.left()) {
            Ok(Line::Whole(line)) => match serde_json::from_slice(&line) {
                Ok(json @ Json::Object(_)) => Ok(json),
                _ => Err(Silence::NotJson(String::from_utf8_lossy(&line).into_owned())),
            },
            Ok(Line::TooLong) => Err(Silence::TooLong),
            Ok(Line::End) | Err(RecvTimeoutError::Disconnected) => Err(Silence::Ended(self.end())),
            Err(RecvTimeoutError::Timeout) => Err(Silence::Late),
        }
    }

    /// Tells the testee that nothing more comes.
    pub(super) fn close(&mut self) {
        self.to = None;
    }

    /// Waits a little for the end, brings it about otherwise, and says how it was; nothing if all went well.
    pub(super) fn end(&mut self) -> String {
        let mut waited = Duration::ZERO;
        loop {
            match self.child.try_wait() {
                Ok(Some(status)) => {
                    // At once: while a member is left, nobody else has the number of the group.
                    group::kill(&self.child);
                    self.gone = true;
                    return told(status);
                }
                Ok(None) if waited < GRACE => {
                    thread::sleep(GRACE_STEP);
                    waited += GRACE_STEP;
                }
                Ok(None) => {
                    self.kill();
                    return "its output ended, and it did not".to_owned();
                }
                Err(error) => return error.to_string(),
            }
        }
    }

    /// Ends the testee and its group, and collects what is left of it.
    pub(super) fn kill(&mut self) {
        self.close();
        if self.gone {
            return;
        }
        group::kill(&self.child);
        // Neither can fail in a way that matters: it is gone before, or it is gone now.
        let _ = self.child.kill();
        let _ = self.child.wait();
        self.gone = true;
    }

    /// The last lines of the standard error.
    pub(super) fn errors(&self) -> String {
        let _ = self.errors_end.recv_timeout(GRACE);
        let mut kept = self.errors.lock().unwrap_or_else(PoisonError::into_inner);
        quote::lines(String::from_utf8_lossy(kept.make_contiguous()).trim())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A testee and what it starts are a group of processes, where the system has such.
#[cfg(unix)]
mod group {
    use std::os::unix::process::CommandExt;
    use std::process::{Child, Command};

    use rustix::process::{Pid, Signal, kill_process_group};

    /// Lets the program lead a group of its own.
    pub(super) fn lead(command: &mut Command) {
        command.process_group(0);
    }

    /// Ends all of the group, if any of it is left.
    pub(super) fn kill(leader: &Child) {
        let _ = kill_process_group(Pid::from_child(leader), Signal::KILL);
    }
}

#[cfg(not(unix))]
mod group {
    use std::process::{Child, Command};

    pub(super) fn lead(_: &mut Command) {}

    pub(super) fn kill(_: &Child) {}
}

fn told(status: ExitStatus) -> String {
    if status.success() { String::new() } else { status.to_string() }
}

fn write(requests: &Receiver<Vec<u8>>, input: &mut dyn Write) {
    for request in requests {
        if input.write_all(&request).and_then(|()| input.flush()).is_err() {
            return;
        }
    }
}

fn read(output: impl Read, lines: &SyncSender<Line>) {
    let mut output = BufReader::new(output);
    loop {
        let line = read_line(&mut output, MAX_LINE).unwrap_or(Line::End);
        let last = line == Line::End;
        if lines.send(line).is_err() || last {
            return;
        }
    }
}

fn keep(mut said: impl Read, kept: &Mutex<VecDeque<u8>>) {
    let mut chunk = [0; 1_024];
    while let Ok(n @ 1..) = said.read(&mut chunk) {
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.extend(chunk.iter().take(n));
        let over = kept.len().saturating_sub(KEPT);
        kept.drain(..over);
    }
}
